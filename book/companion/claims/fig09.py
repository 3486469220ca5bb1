"""Claims that Fig. 9 decides: a normal and a strange model from ten seeds.

Every measure takes a table with a row per run of one model: its radix lists and its training
accuracy, at the end and as a curve.
"""

from __future__ import annotations

import pandas as pd

from companion.claims.arithmetic import percent, ratio
from companion.claims.measurement import Measurement


def normal_above_90(normal: pd.DataFrame) -> Measurement:
    """Find the worst seed of the normal model."""
    accuracy = normal["train_accuracy"]
    return Measurement(
        "fig9-normal-above-90",
        {"lowest_accuracy": accuracy.min()},
        f"{_name(normal)} ends between {percent(accuracy.min())} and {percent(accuracy.max())} "
        f"over {len(accuracy)} seeds, "
        f"median {percent(accuracy.median())}.",
    )


def strange_below_60(strange: pd.DataFrame) -> Measurement:
    """Find the best epoch of any seed of the strange model, and how far the seeds lie apart."""
    accuracy = strange["train_accuracy"]
    highest = max(max(curve) for curve in strange["train_accuracy_curve"])
    return Measurement(
        "fig9-strange-below-60",
        {"highest_accuracy": highest, "range_over_seeds": accuracy.max() - accuracy.min()},
        f"{_name(strange)} never exceeds {percent(highest)}; its {len(strange)} seeds end between "
        f"{percent(accuracy.min())} and {percent(accuracy.max())}.",
    )


def depends_on_radices(normal: pd.DataFrame, strange: pd.DataFrame) -> Measurement:
    """Compare the ranges over seeds of the two models."""
    of_strange, of_normal = (
        model["train_accuracy"].max() - model["train_accuracy"].min() for model in (strange, normal)
    )
    wider = ratio(of_strange, of_normal)
    return Measurement(
        "fig9-depends-on-radices",
        {"ratio_of_ranges": wider},
        f"The range over seeds is {percent(of_strange)} for {_name(strange)} and "
        f"{percent(of_normal)} for {_name(normal)}, "
        f"{wider:.1f} times as wide.",
    )


def _name(model: pd.DataFrame) -> str:
    """Return a model's radix lists."""
    return str(model["radix_lists"].iloc[0])
