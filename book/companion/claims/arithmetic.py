"""What several measures share: bins, ranks, intervals, and numbers in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from companion.claims.measurement import Interval

SAMPLES = 2000
"""How many samples an interval is made of that no formula gives."""


def percent(share: float) -> str:
    """Return a share in words, such as ``93.1 %``."""
    return f"{share:.1%}".replace("%", " %")


def points(difference: float) -> str:
    """Return a difference of shares in words, such as ``+1.23 points``; limits are tenths."""
    return f"{100 * difference:+.2f} points"


def ratio(part: float, whole: float) -> float:
    """Return a quotient, NaN where there is nothing to divide by."""
    return part / whole if whole else float("nan")


def bins(sparsity: pd.Series[float], count: int) -> pd.Series[int]:
    """Return in which of so many equal parts of 0 to 1 each sparsity lies; the last includes 1."""
    return (sparsity * count).round(9).floordiv(1).clip(upper=count - 1).astype(int)


def radices_of(lists: str) -> list[int]:
    """Return the radices in text such as ``[[10, 10], [5]]``."""
    return list(chain.from_iterable(json.loads(lists)))


def rank_correlation(first: pd.Series[Any], second: pd.Series[Any]) -> float:
    """Return Spearman's correlation: Pearson's, of the ranks."""
    return float(np.corrcoef(first.rank(), second.rank())[0, 1])


def explained(values: ArrayLike, groups: ArrayLike) -> float:
    """Return the share of the variance that lies between groups."""
    numbers = np.asarray(values, dtype=float)
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    means = np.bincount(group, weights=numbers) / np.bincount(group)
    return 1 - ratio(float(np.var(numbers - means[group])), float(np.var(numbers)))


def over_pairs(differences: ArrayLike) -> tuple[float, Interval]:
    """Return a mean with Student's 95 % interval; NaN where there are fewer than two numbers."""
    numbers = np.asarray(differences, dtype=float)
    if len(numbers) < 2:
        return float("nan"), (float("nan"), float("nan"))
    half = stats.t.ppf(0.975, len(numbers) - 1) * numbers.std(ddof=1) / np.sqrt(len(numbers))
    return float(numbers.mean()), (float(numbers.mean() - half), float(numbers.mean() + half))


def resampled(measure: Callable[..., float], *groups: ArrayLike) -> Interval:
    """Return the middle 95 % of a measure's values over samples drawn with replacement.

    Parameters
    ----------
    measure
        Takes as many arrays as there are groups.
    groups
        Each has a row per network, and is sampled on its own. Without rows there is no interval.
    """
    arrays = [np.asarray(group) for group in groups]
    if not all(map(len, arrays)):
        return float("nan"), float("nan")
    random = np.random.default_rng(0)
    values = [
        measure(*(array[random.integers(len(array), size=len(array))] for array in arrays))
        for _ in range(SAMPLES)
    ]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def spanning(*intervals: Interval) -> Interval:
    """Return the shortest interval that holds all of these."""
    lows, highs = zip(*intervals, strict=True)
    return min(lows), max(highs)
