"""Claims on Fig. 9: a normal and a strange model from ten seeds."""

from __future__ import annotations

import pandas as pd

from claim_measures.arithmetic import percent
from claim_measures.registry import measures
from claims import ClaimError, Measurement

FIGURE_9_NORMAL, FIGURE_9_STRANGE = "[[10, 10], [10]]", "[[10, 10], [1]]"
"""The two models of Fig. 9."""


def model_of_figure_9(runs: pd.DataFrame, lists: str) -> pd.DataFrame:
    """Return the runs of one of the two models, or raise ClaimError when there are none."""
    chosen = runs[runs["radix_lists"] == lists]
    if chosen.empty:
        raise ClaimError(f"Figure 9 has no runs of {lists}; it has {', '.join(sorted(set(runs['radix_lists'])))}")
    return chosen


@measures("fig9-normal-above-90", "fig09")
def normal_above_90(runs: pd.DataFrame) -> Measurement:
    """Find the worst seed of the normal model."""
    accuracy = model_of_figure_9(runs, FIGURE_9_NORMAL)["train_accuracy"]
    return Measurement(
        {"lowest_accuracy": accuracy.min()},
        f"{FIGURE_9_NORMAL} ends between {percent(accuracy.min())} and {percent(accuracy.max())} over {len(accuracy)} seeds, "
        f"median {percent(accuracy.median())}.",
    )


@measures("fig9-strange-below-60", "fig09")
def strange_below_60(runs: pd.DataFrame) -> Measurement:
    """Find the best epoch of any seed of the strange model, and how far the seeds lie apart."""
    model = model_of_figure_9(runs, FIGURE_9_STRANGE)
    highest = max(max(curve) for curve in model["train_accuracy_curve"])
    spread = model["train_accuracy"].max() - model["train_accuracy"].min()
    return Measurement(
        {"highest_accuracy": highest, "range_over_seeds": spread},
        f"{FIGURE_9_STRANGE} never exceeds {percent(highest)}; its {len(model)} seeds end between "
        f"{percent(model['train_accuracy'].min())} and {percent(model['train_accuracy'].max())}.",
    )


@measures("fig9-depends-on-radices", "fig09")
def depends_on_radices(runs: pd.DataFrame) -> Measurement:
    """Compare the ranges over seeds of the two models."""
    accuracies = [model_of_figure_9(runs, lists)["train_accuracy"] for lists in (FIGURE_9_STRANGE, FIGURE_9_NORMAL)]
    strange, normal = (accuracy.max() - accuracy.min() for accuracy in accuracies)
    return Measurement(
        {"ratio_of_ranges": strange / normal},
        f"The range over seeds is {percent(strange)} for {FIGURE_9_STRANGE} and {percent(normal)} for {FIGURE_9_NORMAL}, "
        f"{strange / normal:.1f} times as wide.",
    )
