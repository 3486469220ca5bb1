"""The experiment "Are RadiX-Nets viable?" judged by its own plan.

A table of differences, and a verdict on each statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from companion.contrasts import Difference, holm, verdict

CELL = ["dataset", "fitted", "wanted_sparsity"]
"""What a difference belongs to."""

DECIDING_FIT = "fold"
"""Statements are judged over networks that were fitted so."""

WANTED_AHEAD = (0.8, 0.9, 0.95, 0.98)
"""Sparsities at which lists that `recommend` ranks first were wanted clearly ahead of random folded
ones, on both data sets."""


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


def comparisons(plan: Mapping[str, Any], cells: Collection[tuple[str, str, float]]) -> int:
    """Return how many comparisons a plan lays down.

    Parameters
    ----------
    plan
        With its ``paired`` contrasts, one in each cell, and ``unpaired`` ones, between fits.
    cells
        Data set, fit and sparsity of each cell, in the order of `CELL`.
    """
    both_fits = {(dataset, sparsity) for dataset, _, sparsity in cells}
    return len(cells) * len(plan["paired"]) + len(both_fits) * len(plan["unpaired"])


def differences(runs: pd.DataFrame, plan: Mapping[str, Any], planned: int) -> pd.DataFrame:
    """Return every contrast of the plan in every cell that was run, and what it is called.

    Parameters
    ----------
    runs
        As `accuracies` takes them.
    plan
        With its contrasts, ``margin`` and ``significance``.
    planned
        How many comparisons it lays down, run or not: all are corrected for.

    Returns
    -------
    pandas.DataFrame
        A row per contrast and cell: ``contrast``, the columns of `CELL`, the numbers of a
        `Difference` in percentage points, ``networks`` (in each group), ``corrected_p``,
        ``p_of_equivalence``, ``corrected_p_of_equivalence`` (on which no word rests) and ``word``.
        Contrasts between the two fits stand under `DECIDING_FIT`.
    """
    found = [
        {"contrast": contrast, **cell, "networks": networks, "difference": difference}
        for contrast, cell, networks, difference in _differences(accuracies(runs), plan)
    ]
    corrected = holm([row["difference"].p for row in found], planned)
    rows = []
    for row, p in zip(found, corrected.tolist(), strict=True):
        difference: Difference = row.pop("difference")
        margin = plan["margin"][row["dataset"]]
        word = difference.word(p, margin, plan["significance"])
        equal = difference.p_of_equivalence(margin)
        rows.append(
            row | asdict(difference) | {"corrected_p": p, "p_of_equivalence": equal, "word": word}
        )
    numbers = [field.name for field in fields(Difference)]
    known = ["contrast", *CELL, "networks", *numbers, "corrected_p", "p_of_equivalence", "word"]
    judged = pd.DataFrame(rows, columns=known)  # perhaps nothing was run yet
    equal_p = holm(judged["p_of_equivalence"], planned)
    judged.insert(len(known) - 1, "corrected_p_of_equivalence", equal_p)
    return judged


def statements(judged: pd.DataFrame, plan: Mapping[str, Any], cells: int) -> pd.DataFrame:
    """Return each statement of the plan with the words of its cells counted, and its verdict.

    Parameters
    ----------
    judged
        As `differences` returns it.
    plan
        The same.
    cells
        How many cells are planned for each statement; those not run decide nothing.

    Returns
    -------
    pandas.DataFrame
        A row per statement: ``statement``, its ``contrast``, how many cells are called by each
        word, ``not run``, ``verdict``, and how many would be ``equal if corrected`` for the number
        of tests too.
    """
    rows = []
    for statement, rule in plan["statements"].items():
        chosen = judged[
            (judged["contrast"] == rule["contrast"]) & (judged["fitted"] == DECIDING_FIT)
        ]
        words = chosen["word"].tolist()
        counts = {word: words.count(word) for word in ("ahead", "equal", "undecided", "behind")}
        equal = chosen[chosen["word"] == "equal"]["corrected_p_of_equivalence"]
        rows.append(
            {
                "statement": statement,
                "contrast": rule["contrast"],
                **counts,
                "not run": cells - len(words),
                "verdict": verdict(words, plan["deciding_cells"]) if words else "not run yet",
                "equal if corrected": int((equal < plan["significance"]).sum()),
            }
        )
    return pd.DataFrame(rows)


def in_words(row: Any) -> str:
    """Return a row of `differences` as text: the mean, its interval, what it is called."""
    return f"{row.mean:+.2f} ({row.low:+.2f} to {row.high:+.2f}), {row.word}"


def leads(judged: pd.DataFrame, contrast: str) -> pd.DataFrame:
    """Return a contrast in words, a row for each data set and a column for each sparsity."""
    mine = judged[(judged["contrast"] == contrast) & (judged["fitted"] == DECIDING_FIT)]
    mine = mine.assign(text=[in_words(row) for row in mine.itertuples()])
    table = mine.pivot_table("text", "dataset", "wanted_sparsity", "first")
    table = table.sort_index(ascending=False).rename(columns="{:.0%}".format)
    return table.rename_axis(index=None, columns=None)


def what_was_wanted(judged: pd.DataFrame) -> list[str]:
    """Return in words whether recommended lists beat random folded ones, where wanted and beyond.

    By their intervals, which are not corrected for the number of tests.
    """
    choosing = judged[judged["contrast"] == "choosing"]
    wanted = choosing["wanted_sparsity"].isin(WANTED_AHEAD)
    above = choosing["low"] > 0
    count, planned = int((above & wanted).sum()), int(wanted.sum())
    lines = [
        f"wanted: intervals above 0 at {min(WANTED_AHEAD):.0%} to {max(WANTED_AHEAD):.0%} on both "
        f"data sets; found: in {count} of {planned}; {'met' if count == planned else 'not met'}"
    ]
    beyond: Iterator[Any] = choosing[~wanted].itertuples()
    for row in beyond:
        lead = "a lead" if row.low > 0 else "a lag" if row.high < 0 else "no lead to be seen"
        lines.append(f"at {row.wanted_sparsity:.0%}, {row.dataset}: {in_words(row)}; {lead}")
    return lines


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
