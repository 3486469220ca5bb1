"""Claims that Fig. 9 decides: normal and strange models from ten seeds.

Every measure takes the runs of the figure's own model, and the runs of the models drawn: for each
batch size a table. A run has radix lists and its training accuracy, at the end and as a curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from companion.claims.arithmetic import percent, ratio, resampled, spanning
from companion.claims.fig04 import less_dense
from companion.claims.measurement import Interval, Measurement, estimates
from companion.forecasts import share_interval

Drawn = Mapping[int, pd.DataFrame]
"""Runs of the models drawn, by batch size."""


def normal_above_90(normal: pd.DataFrame, drawn: Drawn) -> Measurement:
    """Count normal models that end above 90 % from every seed."""
    accuracy = normal["train_accuracy"]
    above = {batch: _by_model(runs, "min") > 0.9 for batch, runs in drawn.items()}
    share, interval = _share(above)
    return Measurement(
        "fig9-normal-above-90",
        {"share_of_normal_models": share, "lowest_accuracy": accuracy.min()},
        f"{_counts(above)} normal models end above 90 % from every seed. The figure's, "
        f"{_name(normal)} in batches of 2,048, ends between {percent(accuracy.min())} and "
        f"{percent(accuracy.max())} over {len(accuracy)} seeds.",
        {"share_of_normal_models": interval},
    )


def strange_below_60(strange: pd.DataFrame, drawn: Drawn) -> Measurement:
    """Count strange models that never exceed 60 % from any seed, and those whose seeds part."""
    highest = max(max(curve) for curve in strange["train_accuracy_curve"])
    below = {batch: _highest(runs) < 0.6 for batch, runs in drawn.items()}
    apart = {batch: _ranges(runs) >= 0.1 for batch, runs in drawn.items()}
    (share_below, below_interval), (share_apart, apart_interval) = _share(below), _share(apart)
    return Measurement(
        "fig9-strange-below-60",
        {
            "share_below_60_percent": share_below,
            "share_separated": share_apart,
            "highest_accuracy": highest,
        },
        f"{_counts(below)} strange models never exceed 60 % from any seed; the seeds of "
        f"{_counts(apart)} end 10 points apart or more. The figure's, {_name(strange)}, never "
        f"exceeds {percent(highest)}.",
        {"share_below_60_percent": below_interval, "share_separated": apart_interval},
    )


def depends_on_radices(normal: Drawn, strange: Drawn) -> Measurement:
    """Compare the ranges over seeds of strange and of normal models."""

    def wider(of_normal: pd.Series[float], of_strange: pd.Series[float]) -> float:
        return ratio(float(np.median(of_strange)), float(np.median(of_normal)))

    pairs = {batch: (_ranges(normal[batch]), _ranges(strange[batch])) for batch in normal}
    ratios = {batch: wider(*pair) for batch, pair in pairs.items()}
    first, *_ = ratios.values()
    return estimates(
        "fig9-depends-on-radices",
        "The median range over seeds of strange models is "
        + " and ".join(f"{each:.1f} times (batches of {batch:,})" for batch, each in ratios.items())
        + " that of normal ones.",
        ratio_of_ranges=(first, spanning(*(resampled(wider, *pair) for pair in pairs.values()))),
    )


def winning_tickets(runs: pd.DataFrame) -> Measurement:
    """Compare the best normal model with the dense network that it is a part of.

    Parameters
    ----------
    runs
        Those of both, from the same fresh seeds.
    """
    found = less_dense(runs, "test_accuracy")
    model, dense = (runs.loc[part, "test_accuracy"].mean() for part in _parts(runs))
    return estimates(
        "fig9-winning-tickets",
        f"The best normal model, {_name(runs)}, reaches {percent(model)} of the test images, the "
        f"dense network {percent(dense)}, means over {len(runs) // 2} seeds.",
        best_normal_less_dense=found,
    )


def _parts(runs: pd.DataFrame) -> tuple[pd.Series[bool], pd.Series[bool]]:
    """Say which runs are of the sparse network, and which of the dense one."""
    return runs["sparsity"] > 0, runs["sparsity"] == 0


def _by_model(runs: pd.DataFrame, which: Literal["min", "max"]) -> pd.Series[float]:
    """Return the lowest or the highest training accuracy at the end over each model's seeds."""
    return runs.groupby("radix_lists")["train_accuracy"].agg(which)


def _ranges(runs: pd.DataFrame) -> pd.Series[float]:
    """Return each model's range over its seeds."""
    return _by_model(runs, "max") - _by_model(runs, "min")


def _highest(runs: pd.DataFrame) -> pd.Series[float]:
    """Return each model's highest training accuracy at any epoch from any seed."""
    best = pd.Series([max(curve) for curve in runs["train_accuracy_curve"]], runs.index)
    return best.groupby(runs["radix_lists"]).max()


def _share(holds: Mapping[int, pd.Series[bool]]) -> tuple[float, Interval]:
    """Return the share at the first batch size, and the interval that spans all."""
    first, *_ = holds.values()
    return float(first.mean()), spanning(
        *(share_interval(int(each.sum()), len(each)) for each in holds.values())
    )


def _counts(holds: Mapping[int, pd.Series[bool]]) -> str:
    """Return in words of how many models something holds, by batch size."""
    return " and ".join(
        f"{each.sum()} of {len(each)} (batches of {batch:,})" for batch, each in holds.items()
    )


def _name(model: pd.DataFrame) -> str:
    """Return the radix lists of the first run."""
    return str(model["radix_lists"].iloc[0])
