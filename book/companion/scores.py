"""One number per network for each thing that is said to tell whether it will train.

The rule's score is the chance that a class is lost to the signs of the starting weights
(`radixnet.diagnostics.lost_classes`); nothing in it is fitted. Beside it stand the smallest number
of connections into a class, which is most of what that chance depends on, and what else is blamed
when a sparse network fails: its sparsity, a large radix (the paper's own clue), poor mixing of its
layers (the spectral gap), and unequal numbers of paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from companion.experiments import is_strange
from companion.forecasts import average_precision, resampled_average_precisions
from companion.publication import published_runs
from radixnet.datasets import Dataset
from radixnet.diagnostics import spectral_gaps
from radixnet.diagnostics.lost_classes import lost_by_signs
from radixnet.initializers import starting_weights
from radixnet.runs.records import spec_of
from radixnet.topology import RadixTopology, format_radix_lists
from radixnet.topology.masks import MaskArray, check_masks
from radixnet.training import RunSpec, split, train

CHANCE = "chance of a lost class"
"""The rule's own score, 0 to 1."""

NEW_FAMILIES = ("radices to 20", "784-512-256-10", "784-128-64-32-10")
"""The families that hold no network which the rule was made with; Fashion-MNIST, and the others,
are known networks with other images or other starts."""

RISKY = ("at risk", "cannot learn every class")
"""The verdicts of the rule that was committed before the runs that try it; what is only in doubt
was not called risky then."""

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
    """Return each topology's scores, its verdict, and what its chance of lost classes consists of.

    Parameters
    ----------
    topologies
        One or more.

    Returns
    -------
    pandas.DataFrame
        A row per topology, in the order given: ``radix_lists`` as text, ``verdict``, `CHANCE`, the
        columns of `RIVALS` (sparsity after fitting; the smallest and the mean spectral gap of the
        layers, each rounded to 6 decimals), ``chances`` (a tuple: entry k is the chance that
        exactly k classes are lost), ``classes_per_unit`` (`classes_per_unit`), ``input_coverage``
        (the smallest share of inputs that reach a class), and ``last_mask`` (bytes, equal for equal
        last layers).

    Raises
    ------
    ValueError
        If topologies is empty or holds anything but RadixTopology.

    Examples
    --------
    >>> import radixnet as rx
    >>> both = [[10, 10], [10]], [[10, 10], [1]]
    >>> table = score_table(rx.RadixTopology(lists, rx.LENET_300_100) for lists in both)
    >>> table["smallest output fan-in"].tolist(), table["chance of a lost class"].round(3).tolist()
    ([10, 1], [0.0, 0.989])
    """
    given = list(topologies)
    if not given or not all(isinstance(each, RadixTopology) for each in given):
        raise ValueError(
            f"topologies {given!r}: give one RadixTopology or more, such as those of fig8_family()"
        )
    gaps: dict[tuple[tuple[int, ...], bytes], float] = {}
    return pd.DataFrame([_scores(each, gaps) for each in given])


def told_by(spec: RunSpec, data: Dataset) -> dict[str, Any]:
    """Train a network and say what tells exactly which classes it loses.

    A class is lost if it is the answer to no test image; a unit is dead if it is off for every
    validation image.

    Parameters
    ----------
    spec
        A network without biases, with ReLU or linear hidden units.
    data
        What it learns.

    Returns
    -------
    dict
        Whether the rule of `radixnet.diagnostics.lost_classes` names just the lost classes, by
        ``the starting signs``, ``the signs after training`` and ``the signs after training and the
        units that died``; ``lost`` (number of classes), ``answered elsewhere`` (classes answered
        for a validation image), ``train_accuracy``, ``test_accuracy``, and ``ties at random`` (the
        test accuracy expected if ties were broken at random).
    """
    run = train(spec, keep_weights=True, dataset=data)
    assert run.weights is not None  # noqa: S101 (they were asked for)
    *hidden, last = run.weights

    def before_last(images: NDArray[np.uint8]) -> NDArray[np.floating[Any]]:
        values: NDArray[np.floating[Any]] = images / np.float32(255)
        for weights in hidden:
            values = values @ weights
            values = values if spec.activation == "linear" else np.maximum(values, 0)
        return values

    _, held_out = split(spec.seed, len(data.train_labels), spec.validation_share)
    others = before_last(data.train_images[held_out])
    logits, labels = before_last(data.test_images) @ last, data.test_labels
    classes, answers = np.arange(last.shape[1]), logits.argmax(axis=1)
    lost = ~np.isin(classes, answers)
    alive = (others > 0).any(axis=0, keepdims=True)
    highest = logits.max(axis=1)
    among = (logits == highest[:, np.newaxis]).sum(axis=1)
    rules = {
        "the starting signs": starting_weights(spec.masks, spec.seed, spec.initializer),
        "the signs after training": run.weights,
        "the signs after training and the units that died": [*hidden, last * alive.T],
    }
    return {
        **{name: bool((lost_by_signs(each) == lost).all()) for name, each in rules.items()},
        "lost": int(lost.sum()),
        "answered elsewhere": len(np.unique((others @ last).argmax(axis=1))),
        "train_accuracy": float(run.train_accuracy[-1]),
        "test_accuracy": float((answers == labels).mean()),
        "ties at random": float(np.mean((logits[range(len(labels)), labels] == highest) / among)),
    }


def fashion_limit(strange_accuracy: float) -> float:
    """Return the training accuracy on Fashion-MNIST up to which a model is strange.

    Even good models have a lower one there: it is `strange_accuracy`, the limit on MNIST, times the
    ratio of the median accuracies of the same 426 wirings on both data sets.
    """
    medians = published_runs("predict").groupby("variant")["train_accuracy"].median()
    return float(strange_accuracy * medians["Fashion-MNIST"] / medians["the 426"])


def judged(runs: pd.DataFrame, strange_accuracy: float) -> pd.DataFrame:
    """Return published runs with every score of their networks, and how each run fared.

    Parameters
    ----------
    runs
        Published runs of networks with 10 classes.
    strange_accuracy
        Training accuracy on MNIST up to which a model is strange.

    Returns
    -------
    pandas.DataFrame
        The runs with the columns of `score_table`, and ``strange``, ``lost a class`` and ``risky``
        (bool; the verdict is one of `RISKY`), ``lost`` (number of classes) and
        ``fan_in`` (the smallest output fan-in).
    """
    network = ["radix_lists", "layer_sizes"]
    distinct = runs.drop_duplicates(network)
    rows = cast("list[dict[str, Any]]", distinct.to_dict("records"))
    scores = score_table(cast("Iterable[RadixTopology]", [spec_of(row).topology for row in rows]))
    scores["layer_sizes"] = distinct["layer_sizes"].to_numpy()
    found = runs.merge(scores.drop(columns="sparsity"), on=network, how="left")
    limit = np.full(len(found), strange_accuracy)
    fashion = (found["dataset"] == "fashion-mnist").to_numpy()
    if fashion.any():
        limit[fashion] = fashion_limit(strange_accuracy)
    found["strange"] = is_strange(found, limit)
    found["lost"] = 10 - found["test_classes"].astype(int)
    found["lost a class"] = found["lost"] > 0
    found["risky"] = found["verdict"].isin(RISKY)
    found["fan_in"] = found["smallest output fan-in"]
    return found


def in_favour(runs: pd.DataFrame, column: str, failure: str) -> NDArray[np.float64]:
    """Return a score of judged runs; a rival's is turned the way that serves it better."""
    score = runs[column].to_numpy(dtype=float)
    if column == CHANCE:
        return score
    return max(score, -score, key=lambda each: average_precision(each, runs[failure]))


def lead_over_rivals(
    runs: pd.DataFrame, failure: str, random: np.random.Generator, samples: int = 400
) -> dict[str, float | str]:
    """Return how well each score tells which of some judged runs fail, and the lead of `CHANCE`.

    Parameters
    ----------
    runs
        As `judged` returns them; one at least failed.
    failure
        A column of the runs: ``"strange"`` or ``"lost a class"``.
    random
        Draws the samples.
    samples
        How many samples of the runs the interval is made of.

    Returns
    -------
    dict
        ``failed`` (share of the runs), the average precision of `CHANCE` and of each of `RIVALS`,
        ``best rival``, ``ahead by``, and the ends of its 95 % interval, ``from`` and ``to``.
    """
    columns = (CHANCE, *RIVALS)
    turned = np.array([in_favour(runs, column, failure) for column in columns])
    areas = np.array([average_precision(score, runs[failure]) for score in turned])
    best = 1 + int(areas[1:].argmax())
    resampled = resampled_average_precisions(turned[[0, best]], runs[failure], random, samples)
    low, high = np.quantile(resampled[0] - resampled[1], [0.025, 0.975])
    return {
        "failed": float(runs[failure].mean()),
        **dict(zip(columns, areas.tolist(), strict=True)),
        "best rival": columns[best],
        "ahead by": float(areas[0] - areas[best]),
        "from": float(low),
        "to": float(high),
    }


def classes_per_unit(last_mask: MaskArray) -> int:
    """Return how many classes the unit of largest fan-out feeds: 1 when none shares a unit.

    A unit that feeds one class only is pulled by that class only, and keeps the sign of its weight;
    one that several classes share is pulled by the others too.

    Parameters
    ----------
    last_mask
        The last layer's, shape (units, classes), bool.

    Raises
    ------
    ValueError
        When it is no mask.
    """
    (mask,) = check_masks([last_mask])
    return int(mask.sum(axis=1).max())


def _scores(
    topology: RadixTopology, known_gaps: dict[tuple[tuple[int, ...], bytes], float]
) -> dict[str, object]:
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


def _gaps(
    masks: Sequence[MaskArray], known: dict[tuple[tuple[int, ...], bytes], float]
) -> NDArray[np.float64]:
    """Return the spectral gap of each layer.

    Families share most of their layers, and a gap takes milliseconds.
    """
    found = []
    for mask in masks:
        key = mask.shape, np.packbits(mask).tobytes()
        if key not in known:
            # Rounded, as what differs by rounding errors must not be ranked by them.
            known[key] = round(spectral_gaps([mask])[0], 6)
        found.append(known[key])
    return np.array(found)
