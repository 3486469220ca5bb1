"""One number per network for each thing that is said to tell whether it will train, so that they can be compared before training.

The rule's score is the chance that a class is lost to the signs of the starting weights (`radixnet.diagnostics.lost_classes`);
nothing in it is fitted. Beside it stand the smallest number of connections into a class, which is most of what that chance depends
on, and what else is blamed when a sparse network fails: its sparsity, a large radix (the paper's own clue), poor mixing of its
layers (the spectral gap), and unequal numbers of paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radixnet.diagnostics import spectral_gaps
from radixnet.topology import RadixTopology, format_radix_lists
from radixnet.topology.masks import MaskArray, check_masks

CHANCE = "chance of a lost class"
"""The rule's own score, 0 to 1."""

RIVALS = (
    "smallest output fan-in",
    "sparsity",
    "largest radix",
    "smallest spectral gap",
    "mean spectral gap",
    "path imbalance",
)
"""What competes with it, by the names of the columns of `score_table`."""


def score_table(topologies: Iterable[RadixTopology]) -> pd.DataFrame:
    """Return for each topology every score, the verdict, and what the chance of lost classes is made of.

    Parameters
    ----------
    topologies
        One or more.

    Returns
    -------
    pandas.DataFrame
        A row per topology, in the order given: ``radix_lists`` as text, ``verdict``, `CHANCE`, the columns of `RIVALS` (sparsity
        after fitting; the smallest and the mean spectral gap of the layers, each rounded to 6 decimals), ``chances`` (a tuple:
        entry k is the chance that exactly k classes are lost), ``classes_per_unit`` (`classes_per_unit`), ``input_coverage`` (the
        smallest share of inputs that reach a class), and ``last_mask`` (bytes, equal for equal last layers).

    Raises
    ------
    ValueError
        When there is no topology, or something is none.

    Examples
    --------
    >>> import radixnet as rx
    >>> table = score_table(rx.RadixTopology(lists, rx.LENET_300_100) for lists in ([[10, 10], [10]], [[10, 10], [1]]))
    >>> table["smallest output fan-in"].tolist(), table["chance of a lost class"].round(3).tolist()
    ([10, 1], [0.0, 0.989])
    """
    given = list(topologies)
    if not given or not all(isinstance(each, RadixTopology) for each in given):
        raise ValueError(f"topologies {given!r}: give one RadixTopology or more, such as those of fig8_family()")
    gaps: dict[tuple[tuple[int, ...], bytes], float] = {}
    return pd.DataFrame([_scores(each, gaps) for each in given])


def classes_per_unit(last_mask: MaskArray) -> int:
    """Return how many classes the unit with the most outgoing connections feeds: 1 when every class has units of its own.

    A unit that feeds one class only is pulled by that class only, and keeps the sign of its weight; one that several classes share
    is pulled by the others too.

    Parameters
    ----------
    last_mask
        Of the last layer, shape (units, classes), bool.

    Raises
    ------
    ValueError
        When it is no mask.
    """
    (mask,) = check_masks([last_mask])
    return int(mask.sum(axis=1).max())


def _scores(topology: RadixTopology, known_gaps: dict[tuple[tuple[int, ...], bytes], float]) -> dict[str, object]:
    """Return the row of a topology; gaps of layers met before are not worked out again."""
    diagnosis = topology.diagnose()
    gaps = _gaps(topology.masks, known_gaps)
    return {
        "radix_lists": format_radix_lists(topology.radix_lists),
        "verdict": diagnosis.verdict,
        CHANCE: float(1 - diagnosis.chances_of_lost_classes[0]),
        "smallest output fan-in": diagnosis.min_output_fan_in,
        "sparsity": topology.sparsity,
        "largest radix": max(topology.radices),
        "smallest spectral gap": float(gaps.min()),
        "mean spectral gap": float(gaps.mean()),
        "path imbalance": diagnosis.path_imbalance,
        "chances": diagnosis.chances_of_lost_classes,
        "classes_per_unit": classes_per_unit(topology.masks[-1]),
        "input_coverage": diagnosis.min_class_coverage,
        "last_mask": np.packbits(topology.masks[-1]).tobytes(),
    }


def _gaps(masks: Sequence[MaskArray], known: dict[tuple[tuple[int, ...], bytes], float]) -> NDArray[np.float64]:
    """Return the spectral gap of each layer; families share most of their layers, and a gap takes milliseconds."""
    found = []
    for mask in masks:
        key = mask.shape, np.packbits(mask).tobytes()
        if key not in known:
            # Rounded, as what differs by rounding errors must not be ranked by them.
            known[key] = round(spectral_gaps([mask])[0], 6)
        found.append(known[key])
    return np.array(found)
