"""Claims that Fig. 5 decides: how much the starting weights matter.

Every measure takes a table with a row per network: ``sparsity``; ``range`` and ``median``, of the
validation accuracy over its seeds; and ``strange``, whether any of its runs is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from companion.claims.arithmetic import percent, ratio, resampled
from companion.claims.measurement import Interval, Measurement, estimates


def ranges_by_band(networks: pd.DataFrame) -> dict[str, pd.Series[float]]:
    """Return the networks' ranges in the paper's three bands of sparsity, from dense to sparse."""
    sparsity = networks["sparsity"]
    return {
        "up to 50 %": networks.loc[sparsity <= 0.5, "range"],
        "50 to 90 %": networks.loc[(sparsity > 0.5) & (sparsity < 0.9), "range"],
        "90 % and more": networks.loc[sparsity >= 0.9, "range"],
    }


def dense_within_2(networks: pd.DataFrame) -> Measurement:
    """Measure the ranges of the denser topologies."""
    ranges, _, _ = ranges_by_band(networks).values()
    return Measurement(
        "fig5-dense-within-2",
        {"median_range": ranges.median(), "largest_range": ranges.max()},
        f"Over {len(ranges)} topologies of at most 50 % sparsity the median range over seeds is "
        f"{percent(ranges.median())}, the "
        f"largest {percent(ranges.max())}.",
        {"median_range": resampled(np.median, ranges)},
    )


def _growth_of_medians(before: pd.Series[float], after: pd.Series[float]) -> tuple[float, Interval]:
    """Return how many times as large the median range is in one band as in another."""
    return ratio(after.median(), before.median()), resampled(
        lambda low, high: float(np.median(high) / np.median(low)), before, after
    )


def fluctuation_above_50(networks: pd.DataFrame) -> Measurement:
    """Compare ranges below and above 50 % sparsity."""
    low, middle, _ = ranges_by_band(networks).values()
    medians, largest = _growth_of_medians(low, middle), ratio(middle.max(), low.max())
    return Measurement(
        "fig5-fluctuation-above-50",
        {"ratio_of_medians": medians[0], "ratio_of_largest": largest},
        f"From at most 50 % to 50-90 % sparsity the median range grows {medians[0]:.2f}-fold, from "
        f"{percent(low.median())} to "
        f"{percent(middle.median())}, and the largest {largest:.2f}-fold, from "
        f"{percent(low.max())} to {percent(middle.max())}.",
        {"ratio_of_medians": medians[1]},
    )


def marked_above_90(networks: pd.DataFrame) -> Measurement:
    """Compare ranges below and above 90 % sparsity."""
    _, middle, high = ranges_by_band(networks).values()
    growth = _growth_of_medians(middle, high)
    return estimates(
        "fig5-marked-above-90",
        f"From 50-90 % to at least 90 % sparsity the median range grows {growth[0]:.2f}-fold, from "
        f"{percent(middle.median())} to {percent(high.median())}.",
        ratio_of_medians=growth,
    )


def median_stable(networks: pd.DataFrame) -> Measurement:
    """Measure how far the medians spread."""
    medians = networks["median"]
    spread = medians.max() - medians.min()
    return Measurement(
        "fig5-median-stable",
        {"spread_of_medians": spread},
        f"The medians of {len(medians)} topologies lie between {percent(medians.min())} and "
        f"{percent(medians.max())}, "
        f"{100 * spread:.1f} percentage points apart.",
    )


def due_to_strange(networks: pd.DataFrame) -> Measurement:
    """Measure which part of all ranges belongs to topologies with a strange run."""
    sparse = networks.query("sparsity > 0.5")
    rows = sparse[["range", "strange"]].to_numpy(dtype=float)
    share = _part_of_strange(rows)
    return estimates(
        "fig5-due-to-strange",
        f"{sparse['strange'].sum()} of {len(sparse)} topologies above 50 % sparsity have a "
        "strange run; "
        f"they make up {percent(share)} of the sum of all ranges.",
        share_of_ranges=(share, resampled(_part_of_strange, rows)),
    )


def _part_of_strange(rows: NDArray[np.float64]) -> float:
    """Return the part of all ranges that is of strange topologies, from rows of range, strange."""
    return ratio(float(rows[:, 0] @ rows[:, 1]), float(rows[:, 0].sum()))
