"""Claims on Fig. 8: the strange models."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from claim_measures.arithmetic import explained, percent, radices_of
from claim_measures.registry import measures
from claim_measures.sources import STRANGE, parameters_of
from claims import ClaimError, Measurement

NORMAL = 0.85
"""Least training accuracy that the paper's "near 90 %" is taken to include."""
SHORT, LONG = 3, 30
"""Epochs of the runs of Fig. 8: of all models, and of the strange ones once more."""
PAPER_GROUPS = ((0.28, 0.28), (0.35, 0.4), (0.45, 0.5), (0.55, 0.575), (0.6, 0.65), (0.7, 0.8))
"""The six ranges of accuracy in which the paper sees its strange models."""


def after(runs: pd.DataFrame, epochs: int) -> pd.DataFrame:
    """Return the runs of so many epochs, strange or not in a column, or raise ClaimError when there are none."""
    chosen = runs[runs["epochs"] == epochs]
    if chosen.empty:
        raise ClaimError(f"there are no runs of {epochs} epochs among the {len(runs)} published ones")
    return chosen.assign(strange=chosen["train_accuracy"] <= STRANGE)


@measures("abstract-strange-beside-normal", "fig08")
def strange_beside_normal(runs: pd.DataFrame) -> Measurement:
    """Look for a model that trains well beside each strange one."""
    models = after(runs, SHORT)
    strange = models.loc[models["strange"], "sparsity"]
    normal = models.loc[models["train_accuracy"] >= NORMAL, "sparsity"]
    neighbours = [bool(((normal - sparsity).abs().round(9) <= 0.005).any()) for sparsity in strange]
    share = float(np.mean(neighbours)) if neighbours else 0.0
    return Measurement(
        {"strange_models": len(strange), "share_with_a_normal_neighbour": share},
        f"{sum(neighbours)} of {len(strange)} strange models have a model of at least {NORMAL:.2f} training accuracy within half a "
        "percentage point of sparsity.",
    )


@measures("fig8-426-models", "fig08")
def number_of_models(runs: pd.DataFrame) -> Measurement:
    """Count models, and those that are not sparse enough."""
    models = after(runs, SHORT).drop_duplicates("radix_lists")
    less = int((models["sparsity"] < 0.9).sum())
    return Measurement(
        {"models": len(models), "models_below_90_percent": less},
        f"{len(models):,} models were trained; {less:,} of them are less than 90 % sparse once trimmed.",
    )


@measures("fig8-most-train-well", "fig08")
def most_train_well(runs: pd.DataFrame) -> Measurement:
    """Measure which share of models trains well, and the median."""
    accuracy = after(runs, SHORT)["train_accuracy"]
    share, median = (accuracy >= NORMAL).mean(), accuracy.median()
    return Measurement(
        {"share_at_least_85_percent_accurate": share, "median_accuracy": median},
        f"{percent(share)} of the models reach a training accuracy of {NORMAL:.2f}; the median is {percent(median)}.",
    )


@measures("fig8-several-strange", "fig08")
def several_strange(runs: pd.DataFrame) -> Measurement:
    """Count strange models and compare them with the others."""
    models = after(runs, SHORT)
    medians = models.groupby("strange")["train_accuracy"].median().reindex([False, True])
    count, gap = int(models["strange"].sum()), float(medians[False] - medians[True])
    return Measurement(
        {"strange_models": count, "strange_share": count / len(models), "gap_of_medians": gap if count else 0.0},
        f"{count} of {len(models)} models are strange"
        + (f"; their median is {percent(medians[True])}, that of the others {percent(medians[False])}." if count else "."),
    )


@measures("fig8-strange-stay-low", "fig08")
def strange_stay_low(runs: pd.DataFrame) -> Measurement:
    """Compare strange models after long training with the others after a short one."""
    models, longer = after(runs, SHORT), after(runs, LONG)["train_accuracy"]
    usual = models.loc[~models["strange"], "train_accuracy"].median()
    below = longer < usual
    spread = longer.max() - longer.min()
    return Measurement(
        {"share_that_stays_below": below.mean(), "range_of_accuracies": spread},
        f"After {LONG} epochs {below.sum()} of {len(longer)} strange models are below {percent(usual)}, the others' median after "
        f"{SHORT}; they lie between {percent(longer.min())} and {percent(longer.max())}.",
    )


@measures("fig8-close-sparsities", "fig08")
def close_sparsities(runs: pd.DataFrame) -> Measurement:
    """Find the two models of nearly equal sparsity that differ most."""
    models = after(runs, SHORT)
    sparsity, accuracy = models["sparsity"].to_numpy(), models["train_accuracy"].to_numpy()
    close = abs(sparsity[:, None] - sparsity[None, :]).round(9) <= 0.001
    difference = np.where(close, accuracy[:, None] - accuracy[None, :], 0.0)
    better, worse = np.unravel_index(difference.argmax(), difference.shape)
    names = models["radix_lists"].to_list()
    return Measurement(
        {"largest_difference": difference.max()},
        f"{names[better]} reaches {percent(accuracy[better])} and {names[worse]} {percent(accuracy[worse])}, at sparsities of "
        f"{100 * sparsity[better]:.2f} % and {100 * sparsity[worse]:.2f} %.",
    )


@measures("fig8-radices-over-sparsity", "fig08")
def radices_over_sparsity(runs: pd.DataFrame) -> Measurement:
    """Compare what groups of equal radix explain of accuracy with what groups of similar sparsity explain, as many of them."""
    models = after(runs, SHORT)
    radices = pd.DataFrame([radices_of(lists) for lists in models["radix_lists"]], index=models.index)
    accuracy, advantages, found = models["train_accuracy"], {}, {}
    for position, name in enumerate(("first", "second", "last")):
        radix = radices[position]
        by_sparsity = pd.qcut(models["sparsity"].rank(method="first"), radix.nunique(), labels=False)
        found[name] = explained(accuracy, radix), explained(accuracy, by_sparsity)
        advantages[name] = found[name][0] - found[name][1]
    best = max(advantages, key=lambda name: advantages[name])
    return Measurement(
        {"best_radix_less_sparsity": advantages[best]},
        f"The {best} radix explains {percent(found[best][0])} of the variance of training accuracy, sparsity in as many groups "
        f"{percent(found[best][1])}.",
    )


@measures("fig8-radix-of-10", "fig08")
def radix_of_10(runs: pd.DataFrame) -> Measurement:
    """Count strange models without a large radix, and all models with one."""
    models = after(runs, SHORT)
    has_one = models["radix_lists"].map(lambda lists: max(radices_of(lists)) >= 10)
    without, share = int((models["strange"] & ~has_one).sum()), has_one.mean()
    return Measurement(
        {"strange_models_without_such_a_radix": without, "models_with_such_a_radix": share},
        f"{without} of {models['strange'].sum()} strange models have no radix of 10 or more; {has_one.sum()} of all {len(models)} "
        "models have one.",
    )


@measures("fig8-plateau", "fig08")
def plateau(runs: pd.DataFrame) -> Measurement:
    """Find for each strange model the epoch from which on its accuracy stays near its last."""
    curves = np.stack(after(runs, LONG)["train_accuracy_curve"].map(np.asarray).to_list())
    away = abs(curves - curves[:, -1:]) > 0.02
    # The epoch after the last one that is away, counted from 1; the first when none is.
    settled = np.array([row.nonzero()[0].max() + 2 if row.any() else 1 for row in away])
    return Measurement(
        {"median_epoch": float(np.median(settled))},
        f"The median strange model stays within 2 points of its last accuracy from epoch {np.median(settled):g} of "
        f"{curves.shape[1]} on; {(settled <= 10).sum()} of {len(settled)} do from epoch 10.",
    )


@measures("fig8-six-groups", "fig08")
def six_groups(runs: pd.DataFrame) -> Measurement:
    """Sort strange models into the paper's ranges, each a little widened."""
    ends = after(runs, LONG)["train_accuracy"]
    widened = [(low - 0.025, high + 0.025) if low == high else (low - 0.01, high + 0.01) for low, high in PAPER_GROUPS]
    inside = pd.DataFrame([ends.between(low, high) for low, high in widened])
    held = int(inside.any(axis=1).sum())
    gap = parameters_of("fig08")["gap"]
    groups = 1 + int((ends.sort_values().diff() > gap).sum())
    return Measurement(
        {"ranges_with_a_model": held, "share_of_models_in_a_range": inside.any().mean(), "groups": groups},
        f"{held} of the paper's {len(PAPER_GROUPS)} ranges hold a model; {inside.any().sum()} of {len(ends)} strange models end "
        f"in one. Where neighbours differ by more than {100 * gap:.0f} points a new group begins: {groups} groups.",
    )


@measures("fig8-separated", "fig08")
def separated(runs: pd.DataFrame) -> Measurement:
    """Compare how many strange models end between the paper's ranges with how wide the gaps are."""
    ranges = [(low - 0.025, high + 0.025) if low == high else (low, high) for low, high in PAPER_GROUPS]
    first, last = ranges[0][0], ranges[-1][1]
    ends = after(runs, LONG)["train_accuracy"]
    ends = ends[ends.between(first, last)]
    gaps = [(before[1], behind[0]) for before, behind in pairwise(ranges)]
    width = sum(high - low for low, high in gaps) / (last - first)
    between = sum(int(((ends > low) & (ends < high)).sum()) for low, high in gaps)
    share = between / len(ends) if len(ends) else float("nan")
    return Measurement(
        {"crowding_of_the_gaps": share / width},
        f"Of the {len(ends)} strange models that end between {percent(first)} and {percent(last)}, {between} are in the gaps "
        f"between the paper's ranges, {percent(share)}; the gaps take up "
        f"{percent(width)} of the span.",
    )
