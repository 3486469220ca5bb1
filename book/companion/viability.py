"""The experiment "Are RadiX-Nets viable?" judged by its own plan.

A table of differences, and a verdict on each statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from companion.contrasts import Difference, holm, verdict

CELL = ["dataset", "fitted", "wanted_sparsity"]
"""What a difference belongs to."""

DECIDING_FIT = "fold"
"""Statements are judged over networks that were fitted so."""


def accuracies(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the accuracy of each network and arm in percent, the mean of its starts.

    Parameters
    ----------
    runs
        One row per run, with the columns of `CELL`, ``network``, ``variant`` (the arm) and
        ``test_accuracy`` (0 to 1).

    Returns
    -------
    pandas.DataFrame
        A row for each data set, fit, sparsity and network, a column for each arm.
    """
    return (
        runs.pivot_table(
            "test_accuracy", index=[*CELL, "network"], columns="variant", aggfunc="mean"
        )
        * 100
    )


def with_rivals(runs: pd.DataFrame, methods: pd.DataFrame) -> pd.DataFrame:
    """Return the runs of methods with those of the drawn networks that have them, in one table."""
    have = (runs["fitted"] == DECIDING_FIT) & runs["network"].isin(methods["network"])
    return pd.concat([runs[have], methods])


def differences(runs: pd.DataFrame, plan: Mapping[str, Any]) -> pd.DataFrame:
    """Return every contrast of the plan in every cell, and what it is called.

    Returns
    -------
    pandas.DataFrame
        A row per contrast and cell: ``contrast``, the columns of `CELL`, the numbers of a
        `Difference` in percentage points, ``networks`` (in each group), ``corrected_p``,
        ``p_of_equivalence`` and ``word``. Contrasts between the two fits stand under
        `DECIDING_FIT`.
    """
    found = [
        {"contrast": contrast, **cell, "networks": networks, "difference": difference}
        for contrast, cell, networks, difference in _differences(accuracies(runs), plan)
    ]
    corrected = holm([row["difference"].p for row in found])
    rows = []
    for row, p in zip(found, corrected.tolist(), strict=True):
        difference: Difference = row.pop("difference")
        margin = plan["margin"][row["dataset"]]
        word = difference.word(p, margin, plan["significance"])
        equal = difference.p_of_equivalence(margin)
        rows.append(
            row | asdict(difference) | {"corrected_p": p, "p_of_equivalence": equal, "word": word}
        )
    return pd.DataFrame(rows)


def statements(judged: pd.DataFrame, plan: Mapping[str, Any]) -> pd.DataFrame:
    """Return each statement of the plan with the words of its cells counted, and its verdict.

    Parameters
    ----------
    judged
        As `differences` returns it.
    plan
        The same.
    """
    rows = []
    for statement, rule in plan["statements"].items():
        chosen = judged[
            (judged["contrast"] == rule["contrast"]) & (judged["fitted"] == DECIDING_FIT)
        ]
        words = chosen["word"].tolist()
        counts = {word: words.count(word) for word in ("ahead", "equal", "undecided", "behind")}
        rows.append(
            {
                "statement": statement,
                "contrast": rule["contrast"],
                **counts,
                "verdict": verdict(words, plan["deciding_cells"]) if words else "not run yet",
            }
        )
    return pd.DataFrame(rows)


def _differences(
    accuracy: pd.DataFrame, plan: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any], int, Difference]]:
    """Yield contrast, cell, number of networks and difference."""
    for values, networks in accuracy.groupby(level=CELL, sort=False):
        cell = dict(zip(CELL, values, strict=True))
        for contrast, sides in plan["paired"].items():
            both = networks.reindex(columns=sides).dropna()  # of those that were run
            if len(both) > 1:
                first, second = (both[side] for side in sides)
                yield contrast, cell, len(both), Difference.paired(first, second)
    for values, both in accuracy.groupby(level=["dataset", "wanted_sparsity"], sort=False):
        cell = dict(zip(("dataset", "wanted_sparsity"), values, strict=True)) | {
            "fitted": DECIDING_FIT
        }
        for contrast, sides in plan["unpaired"].items():
            first, second = (_networks(both, fit, arm) for fit, arm in sides)
            if len(first) and len(second):  # else one of them was not run yet
                smaller = min(len(first), len(second))
                yield contrast, cell, smaller, Difference.unpaired(first, second)


def _networks(accuracy: pd.DataFrame, fit: str, arm: str) -> NDArray[np.float64]:
    """Return the accuracies of an arm of one fit, of those networks that have it; perhaps none."""
    if fit not in accuracy.index.unique("fitted") or arm not in accuracy:
        return np.array([])
    return accuracy.xs(fit, level="fitted")[arm].dropna().to_numpy()
