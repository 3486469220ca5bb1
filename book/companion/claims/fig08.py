"""Claims that Fig. 8 decides: the strange models.

Measures of the first round take ``models``, a table with a row per model: its radix lists, sparsity
and training accuracy, and whether it is ``strange``. Those of the longer round take the curves of
the strange models. All but the number of models want models that have a seed each.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from companion.claims.arithmetic import (
    explained,
    jackknifed,
    percent,
    radices_of,
    ratio,
    resampled,
    spanning,
)
from companion.claims.measurement import Measurement, estimates
from companion.forecasts import share_interval

NORMAL = 0.85
"""Least training accuracy that the paper's "near 90 %" is taken to include."""
BESIDE = 0.0005
"""How far apart the sparsities of two models of "similar sparsity" may be."""
NEAR = (0.02, 0.01, 0.04)
"""How near its end a curve on a plateau stays; the paper leaves it open."""
CUTS = (0.02, 0.04)
"""Steps that part two groups; which of them should not matter."""
FINE_CUT = 0.01
"""A smaller step, which should part no group in two."""
AROUND = 0.01
"""What "around" adds to either end of the paper's ranges."""
PAPER_GROUPS = {
    "28 %": (0.265, 0.295),
    "35 to 40 %": (0.35, 0.40),
    "45 to 50 %": (0.45, 0.50),
    "55 to 57.5 %": (0.55, 0.575),
    "60 to 65 %": (0.60, 0.65),
    "70 to 80 %": (0.70, 0.80),
}
"""The paper's six ranges of accuracy; a single number stands for 1.5 points around it."""


def group_numbers(ends: ArrayLike, gap: float) -> NDArray[np.int64]:
    """Return each model's group, from 1: a new one begins where neighbours differ by over `gap`."""
    accuracies = np.asarray(ends, dtype=float)
    order = np.argsort(accuracies)
    numbers = np.empty(len(accuracies), dtype=np.int64)
    numbers[order] = np.cumsum(np.diff(accuracies[order], prepend=accuracies[order[:1]]) > gap) + 1
    return numbers


def strange_beside_normal(models: pd.DataFrame) -> Measurement:
    """Look for a model that trains well beside each strange one."""
    strange = models.loc[models["strange"], "sparsity"]
    normal = models.loc[models["train_accuracy"] >= NORMAL, "sparsity"]
    neighbours = [bool(((normal - each).abs().round(9) <= BESIDE).any()) for each in strange]
    share = float(np.mean(neighbours)) if neighbours else 0.0
    return Measurement(
        "abstract-strange-beside-normal",
        {"strange_models": len(strange), "share_with_a_normal_neighbour": share},
        f"{sum(neighbours)} of {len(strange)} strange models have a model of at least "
        f"{NORMAL:.2f} training accuracy within {100 * BESIDE:g} percentage points of sparsity.",
        {"share_with_a_normal_neighbour": share_interval(sum(neighbours), len(strange))},
    )


def number_of_models(models: pd.DataFrame) -> Measurement:
    """Count models, and those that are not sparse enough."""
    different = models.drop_duplicates("radix_lists")
    less = int((different["sparsity"] < 0.9).sum())
    return Measurement(
        "fig8-426-models",
        {"models": len(different), "models_below_90_percent": less},
        f"{len(different):,} models were trained; {less:,} of them are less than 90 % sparse "
        "once trimmed.",
    )


def most_train_well(models: pd.DataFrame) -> Measurement:
    """Measure which share of models trains well, and the median."""
    accuracy = models["train_accuracy"]
    well, median = accuracy >= NORMAL, accuracy.median()
    return estimates(
        "fig8-most-train-well",
        f"{percent(well.mean())} of the models reach a training accuracy of {NORMAL:.2f}; the "
        f"median is {percent(median)}.",
        share_at_least_85_percent_accurate=(well.mean(), share_interval(well.sum(), len(well))),
        median_accuracy=(median, resampled(np.median, accuracy)),
    )


def several_strange(models: pd.DataFrame) -> Measurement:
    """Count strange models and compare them with the others."""
    accuracy, strange = models["train_accuracy"], models["strange"]
    failed, others = accuracy[strange], accuracy[~strange]
    count, medians = len(failed), {True: failed.median(), False: others.median()}
    return Measurement(
        "fig8-several-strange",
        {
            "strange_models": count,
            "strange_share": count / len(models),
            "gap_of_medians": medians[False] - medians[True] if count else 0.0,
        },
        f"{count} of {len(models)} models are strange"
        + (
            f"; their median is {percent(medians[True])}, that of the others "
            f"{percent(medians[False])}."
            if count
            else "."
        ),
        {
            "strange_share": share_interval(count, len(models)),
            "gap_of_medians": resampled(
                lambda low, high: float(np.median(high) - np.median(low)), failed, others
            )
            if count
            else (0.0, 0.0),
        },
    )


def strange_stay_low(models: pd.DataFrame, epochs: int, curves: NDArray[np.float64]) -> Measurement:
    """Compare strange models at the end of `curves` with the others after so many `epochs`."""
    longer = _ends(curves)
    usual = models.loc[~models["strange"], "train_accuracy"].median()
    below = longer < usual
    spread = longer.max() - longer.min()
    return Measurement(
        "fig8-strange-stay-low",
        {"share_that_stays_below": below.mean(), "range_of_accuracies": spread},
        f"After {curves.shape[1]} epochs {below.sum()} of {len(longer)} strange models are below "
        f"{percent(usual)}, the others' median after {epochs}; they lie between "
        f"{percent(longer.min())} and "
        f"{percent(longer.max())}.",
        {"share_that_stays_below": share_interval(below.sum(), len(below))},
    )


def close_sparsities(models: pd.DataFrame) -> Measurement:
    """Find the two models of nearly equal sparsity that differ most."""
    sparsity, accuracy = models["sparsity"].to_numpy(), models["train_accuracy"].to_numpy()
    close = abs(sparsity[:, None] - sparsity[None, :]).round(9) <= 0.001
    difference = np.where(close, accuracy[:, None] - accuracy[None, :], 0.0)
    better, worse = np.unravel_index(difference.argmax(), difference.shape)
    names = models["radix_lists"].to_list()
    return Measurement(
        "fig8-close-sparsities",
        {"largest_difference": difference.max()},
        f"{names[better]} reaches {percent(accuracy[better])} and {names[worse]} "
        f"{percent(accuracy[worse])}, at sparsities of "
        f"{100 * sparsity[better]:.2f} % and {100 * sparsity[worse]:.2f} %.",
    )


def radices_over_sparsity(models: pd.DataFrame) -> Measurement:
    """Compare what equal radices explain of accuracy with what as many bins of sparsity do."""
    radices = [radices_of(lists) for lists in models["radix_lists"]]
    rows = np.column_stack([radices, models["sparsity"], models["train_accuracy"]])
    found = _explained_by(rows)
    best = max(found, key=lambda name: found[name][0] - found[name][1])
    return estimates(
        "fig8-radices-over-sparsity",
        f"The {best} radix explains {percent(found[best][0])} of the variance of training "
        f"accuracy, sparsity in as many groups {percent(found[best][1])}.",
        best_radix_less_sparsity=(
            found[best][0] - found[best][1],
            jackknifed(
                lambda some: max(one - other for one, other in _explained_by(some).values()), rows
            ),
        ),
    )


def _explained_by(rows: NDArray[np.float64]) -> dict[str, tuple[float, float]]:
    """Return what each radix explains of accuracy, and sparsity in as many groups.

    Rows are three radices, sparsity and accuracy.
    """
    sparsity, accuracy = rows[:, 3], rows[:, 4]
    rank = np.argsort(np.argsort(sparsity, kind="stable"), kind="stable")
    found = {}
    for name, radix in zip(("first", "second", "last"), rows[:, :3].T, strict=True):
        count = len(np.unique(radix))
        cuts = (len(rows) - 1) * np.arange(1, count) / count
        found[name] = (
            explained(accuracy, radix),
            explained(accuracy, np.searchsorted(cuts, rank, side="left")),
        )
    return found


def radix_of_10(models: pd.DataFrame) -> Measurement:
    """Count strange models without a large radix, and all models with one."""
    has_one = models["radix_lists"].map(lambda lists: max(radices_of(lists)) >= 10)
    without, share = int((models["strange"] & ~has_one).sum()), has_one.mean()
    return Measurement(
        "fig8-radix-of-10",
        {"strange_models_without_such_a_radix": without, "models_with_such_a_radix": share},
        f"{without} of {models['strange'].sum()} strange models have no radix of 10 or more; "
        f"{has_one.sum()} of all {len(models)} models have one.",
    )


def plateau(curves: NDArray[np.float64]) -> Measurement:
    """Find for each strange model the epoch from which on its accuracy stays near its last."""
    settled = {near: _settled(curves, near) for near in NEAR}
    medians = {near: each.median() for near, each in settled.items()}
    first, *others = NEAR
    return Measurement(
        "fig8-plateau",
        {"median_epoch": medians[first]},
        f"The median strange model stays within {100 * first:g} points of its last accuracy from "
        f"epoch {medians[first]:g} of {curves.shape[1]} on ("
        + ", ".join(f"within {100 * near:g} from {medians[near]:g}" for near in others)
        + f"); {(settled[first] <= 10).sum()} of {len(curves)} do from epoch 10.",
        {"median_epoch": spanning(*(resampled(np.median, each) for each in settled.values()))},
    )


def six_groups(curves: NDArray[np.float64], gap: float) -> Measurement:
    """Sort strange models into the paper's ranges, widened, and into groups `gap` apart."""
    ends = _ends(curves)
    inside = pd.DataFrame(
        [ends.between(low - AROUND, high + AROUND) for low, high in PAPER_GROUPS.values()]
    )
    held, count = int(inside.any(axis=1).sum()), int(inside.any().sum())
    groups = len(set(group_numbers(ends, gap)))
    return Measurement(
        "fig8-six-groups",
        {
            "ranges_with_a_model": held,
            "share_of_models_in_a_range": inside.any().mean(),
            "groups": groups,
        },
        f"{held} of the paper's {len(PAPER_GROUPS)} ranges hold a model; {count} of "
        f"{len(ends)} strange models end "
        f"in one. Where neighbours differ by more than {100 * gap:.0f} points a new group "
        f"begins: {groups} groups, {groups_in_span(ends, gap)} of them within the span of the "
        "paper's ranges.",
        {"share_of_models_in_a_range": share_interval(count, len(ends))},
    )


def groups_in_span(ends: ArrayLike, gap: float) -> int:
    """Count the groups that lie within the span of the paper's ranges, widened."""
    (lowest, _), *_, (_, highest) = PAPER_GROUPS.values()
    inside = pd.Series(ends, dtype=float).between(lowest - AROUND, highest + AROUND)
    return int(inside.groupby(group_numbers(ends, gap)).all().sum())


def separated(curves: NDArray[np.float64]) -> Measurement:
    """Compare the steps between groups with those within, wherever groups are cut."""
    ends = _ends(curves)
    apart = {cut: _apart(ends, cut) for cut in CUTS}
    groups = {cut: len(set(group_numbers(ends, cut))) for cut in (*CUTS, FINE_CUT)}
    return Measurement(
        "fig8-separated",
        {
            "step_between_groups_over_step_within": float(np.min(list(apart.values()))),
            "more_groups_when_cut_at_1_point": groups[FINE_CUT] - groups[CUTS[0]],
        },
        "The smallest step between groups is "
        + " and ".join(
            f"{each:.1f} times (cut at {100 * cut:g} points, {groups[cut]} groups)"
            for cut, each in apart.items()
        )
        + f" the largest within one. Cut at {100 * FINE_CUT:g} point, there are "
        f"{groups[FINE_CUT]} groups.",
    )


def _settled(curves: NDArray[np.float64], near: float) -> pd.Series[float]:
    """Return the epoch, from 1, from which on each curve stays so near its end."""
    away = abs(curves - curves[:, -1:]) > near
    return pd.Series([row.nonzero()[0].max() + 2 if row.any() else 1 for row in away], dtype=float)


def _apart(ends: pd.Series[float], cut: float) -> float:
    """Return the smallest step between groups over the largest within one; 0 for one group."""
    steps = np.diff(np.sort(ends))
    between = steps > cut
    if not between.any():
        return 0.0
    return ratio(float(steps[between].min()), float(steps[~between].max(initial=0)))


def _ends(curves: NDArray[np.float64]) -> pd.Series[float]:
    """Return what each curve ends at."""
    return pd.Series(curves[:, -1], dtype=float)
