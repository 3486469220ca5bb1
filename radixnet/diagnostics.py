r"""What a network with given masks can still learn, read from its connections before any training.

Every statement is about paths. With masks :math:`M_1, \dots, M_L` the number of paths from each input to each output is the
matrix product :math:`M_1 M_2 \cdots M_L`; an input that no path leaves cannot influence the result, a hidden unit off every path
cannot learn, and an output with few incoming connections hangs on the sign of few weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radixnet.topology import MaskArray


@dataclass(frozen=True)
class Diagnosis:
    """What the connections of a network allow, whatever its weights.

    Attributes
    ----------
    min_output_fan_in
        Fewest connections into any output unit.
    live_units
        For each layer, inputs first, the number of units on some path from an input to an output.
    layer_sizes
        For each layer, the number of all units.
    input_coverage
        Share of inputs from which some output can be reached, 0 to 1.
    connected_pairs
        Share of (input, output) pairs with at least one path, 0 to 1.
    min_paths, max_paths
        Fewest and most paths between any input and any output. Exact below 2**53, rounded to double precision above.
    mean_paths
        Mean number of paths over all pairs.
    """

    min_output_fan_in: int
    live_units: tuple[int, ...]
    layer_sizes: tuple[int, ...]
    input_coverage: float
    connected_pairs: float
    min_paths: int
    max_paths: int
    mean_paths: float


def diagnose(masks: Sequence[MaskArray]) -> Diagnosis:
    """Diagnose a network by its masks, RadiX-Net or not.

    Parameters
    ----------
    masks
        One bool array per layer, of shapes (n0, n1), (n1, n2), ...

    Raises
    ------
    ValueError
        When there is no mask or the shapes do not chain.
    """
    checked = check_masks(masks)
    paths = path_counts(checked)
    live = live_units(checked)
    return Diagnosis(
        min_output_fan_in=int(checked[-1].sum(axis=0).min()),
        live_units=tuple(int(units.sum()) for units in live),
        layer_sizes=tuple(len(units) for units in live),
        input_coverage=float(live[0].mean()),
        connected_pairs=float((paths > 0).mean()),
        min_paths=int(paths.min()),
        max_paths=int(paths.max()),
        mean_paths=float(paths.mean()),
    )


def path_counts(masks: Sequence[MaskArray]) -> NDArray[np.float64]:
    """Return the number of paths from each input to each output, shape (inputs, outputs).

    The product of all masks, formed from the outputs backwards because that end is the narrow one. Counts are exact below 2**53.
    """
    checked = check_masks(masks)
    paths = checked[-1].astype(np.float64)
    for mask in reversed(checked[:-1]):
        paths = mask.astype(np.float64) @ paths
    return paths


def live_units(masks: Sequence[MaskArray]) -> tuple[MaskArray, ...]:
    """Return for each layer, inputs first, which units lie on some path from an input to an output."""
    checked = check_masks(masks)
    reached: list[MaskArray] = [np.ones(len(checked[0]), dtype=bool)]
    for mask in checked:
        reached.append(np.any(mask[reached[-1]], axis=0))
    reaching: list[MaskArray] = [np.ones(checked[-1].shape[1], dtype=bool)]
    for mask in reversed(checked):
        reaching.append(np.any(mask[:, reaching[-1]], axis=1))
    return tuple(forward & backward for forward, backward in zip(reached, reversed(reaching), strict=True))


def check_masks(masks: Sequence[ArrayLike]) -> list[MaskArray]:
    """Return the masks as bool matrices, or raise ValueError when they do not form a network."""
    if not isinstance(masks, Iterable) or isinstance(masks, str | bytes):
        raise ValueError(f"masks {masks!r} form no network; expected one matrix per layer, of shapes (n0, n1), (n1, n2), ...")
    matrices = [connections(mask, f"mask {number}") for number, mask in enumerate(masks, start=1)]
    shapes = [matrix.shape for matrix in matrices]
    chain = all(len(shape) == 2 and min(shape) > 0 for shape in shapes) and all(
        before[1] == after[0] for before, after in pairwise(shapes)
    )
    if not matrices or not chain:
        raise ValueError(f"masks of shapes {shapes} form no network; expected matrices (n0, n1), (n1, n2), ...")
    return matrices


def connections(values: ArrayLike, what: str) -> MaskArray:
    """Return an array of numbers or bools as a bool array, True where it is not zero; raise ValueError for anything else."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{what}: give an array of 0 and 1, or of bools; this is none, its rows differ in length") from error
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{what} has type {array.dtype} and shape {array.shape}; give an array of 0 and 1, or of bools")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError(f"{what} of shape {array.shape} holds NaN; give an array of 0 and 1, or of bools")
    return np.asarray(array != 0) if array.dtype != bool else array
