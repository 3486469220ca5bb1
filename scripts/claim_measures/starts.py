"""Claims on Fig. 5: how much the starting weights matter."""

from __future__ import annotations

import pandas as pd

from claim_measures.arithmetic import percent
from claim_measures.registry import measures
from claim_measures.sources import STRANGE
from claims import Measurement


def over_seeds(runs: pd.DataFrame) -> pd.DataFrame:
    """Return for each topology its sparsity, the range and median of validation accuracy, and its lowest training accuracy."""
    by_topology = runs.groupby("radix_lists")
    validation = by_topology["validation_accuracy"]
    return pd.DataFrame(
        {
            "sparsity": by_topology["sparsity"].first(),
            "range": validation.max() - validation.min(),
            "median": validation.median(),
            "lowest_training": by_topology["train_accuracy"].min(),
        }
    )


@measures("fig5-dense-within-2", "fig05")
def dense_within_2(runs: pd.DataFrame) -> Measurement:
    """Measure the ranges of the denser topologies."""
    ranges = over_seeds(runs).query("sparsity <= 0.5")["range"]
    return Measurement(
        {"median_range": ranges.median(), "largest_range": ranges.max()},
        f"Over {len(ranges)} topologies of at most 50 % sparsity the median range over seeds is {percent(ranges.median())}, the "
        f"largest {percent(ranges.max())}.",
    )


@measures("fig5-fluctuation-above-50", "fig05")
def fluctuation_above_50(runs: pd.DataFrame) -> Measurement:
    """Compare ranges below and above 50 % sparsity."""
    topologies = over_seeds(runs)
    low = topologies.query("sparsity <= 0.5")["range"]
    middle = topologies.query("0.5 < sparsity < 0.9")["range"]
    medians, largest = middle.median() / low.median(), middle.max() / low.max()
    return Measurement(
        {"ratio_of_medians": medians, "ratio_of_largest": largest},
        f"From at most 50 % to 50-90 % sparsity the median range grows {medians:.2f}-fold, from {percent(low.median())} to "
        f"{percent(middle.median())}, and the largest {largest:.2f}-fold, from {percent(low.max())} to {percent(middle.max())}.",
    )


@measures("fig5-marked-above-90", "fig05")
def marked_above_90(runs: pd.DataFrame) -> Measurement:
    """Compare ranges below and above 90 % sparsity."""
    topologies = over_seeds(runs)
    middle = topologies.query("0.5 < sparsity < 0.9")["range"].median()
    high = topologies.query("sparsity >= 0.9")["range"].median()
    return Measurement(
        {"ratio_of_medians": high / middle},
        f"From 50-90 % to at least 90 % sparsity the median range grows {high / middle:.2f}-fold, from {percent(middle)} to "
        f"{percent(high)}.",
    )


@measures("fig5-median-stable", "fig05")
def median_stable(runs: pd.DataFrame) -> Measurement:
    """Measure how far the medians spread."""
    medians = over_seeds(runs)["median"]
    spread = medians.max() - medians.min()
    return Measurement(
        {"spread_of_medians": spread},
        f"The medians of {len(medians)} topologies lie between {percent(medians.min())} and {percent(medians.max())}, "
        f"{100 * spread:.1f} percentage points apart.",
    )


@measures("fig5-due-to-strange", "fig05")
def due_to_strange(runs: pd.DataFrame) -> Measurement:
    """Measure which part of all ranges belongs to topologies with a strange run."""
    sparse = over_seeds(runs).query("sparsity > 0.5")
    strange = sparse["lowest_training"] <= STRANGE
    share = sparse.loc[strange, "range"].sum() / sparse["range"].sum()
    return Measurement(
        {"share_of_ranges": share},
        f"{strange.sum()} of {len(sparse)} topologies above 50 % sparsity have a strange run; they make up {percent(share)} of "
        "the sum of all ranges.",
    )
