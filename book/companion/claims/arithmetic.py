"""What several measures share: bins, ranks, intervals, and numbers in words."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from companion.claims.measurement import Interval
from companion.forecasts import share_interval

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
    """Return a mean with Student's 95 % interval: without end for one number, NaN for none."""
    numbers = np.asarray(differences, dtype=float)
    if len(numbers) == 1:
        return float(numbers[0]), (-math.inf, math.inf)
    if not len(numbers):
        return float("nan"), (float("nan"), float("nan"))
    half = stats.t.ppf(0.975, len(numbers) - 1) * numbers.std(ddof=1) / np.sqrt(len(numbers))
    return float(numbers.mean()), (float(numbers.mean() - half), float(numbers.mean() + half))


def weights_of_drawn(drawn: Sequence[Hashable], every: Sequence[Hashable]) -> pd.Series[float]:
    """Return for each different network drawn how many networks it stands for.

    That is one over its chance of being drawn (Horvitz and Thompson, 1952). Of N lists n are drawn
    without replacement, each as likely as any other. So a network with k lists is more likely than
    one with a single list: its chance is one less that of drawing all n among the other N - k.

    Parameters
    ----------
    drawn
        The network of each list that was drawn.
    every
        The network of each list that could have been.

    Returns
    -------
    pandas.Series
        The index says where in `drawn` each network stands first.
    """
    lists = Counter(every)
    first = pd.Series(list(drawn), dtype=object).drop_duplicates()
    none = stats.hypergeom.pmf(0, len(every), first.map(lists), len(drawn))
    return pd.Series(1 / (1 - none), first.index)


def weighted_share(holds: ArrayLike, weights: ArrayLike) -> tuple[float, Interval]:
    r"""Return the share of the weights that holds (Hájek, 1971), with its interval.

    The interval is Wilson's, for as many networks of equal weight as these are worth (Kish):
    :math:`(\sum w)^2 / \sum w^2`. NaN for no network.
    """
    each, yes = np.asarray(weights, dtype=float), np.asarray(holds, dtype=bool)
    if not len(each):
        return float("nan"), (float("nan"), float("nan"))
    share, worth = float((each * yes).sum() / each.sum()), float(each.sum() ** 2 / (each @ each))
    return share, share_interval(share * worth, worth)


def difference_of_shares(
    first: tuple[float, Interval], second: tuple[float, Interval]
) -> tuple[float, Interval]:
    """Return how much larger the second share is, with Newcombe's interval (1998, method 10).

    It is made of the intervals of both, so that a share of 0 is not taken for certain.
    """
    (one, (one_low, one_high)), (other, (other_low, other_high)) = first, second
    difference = other - one
    return difference, (
        difference - math.hypot(other - other_low, one_high - one),
        difference + math.hypot(other_high - other, one - one_low),
    )


def weighted_median(values: ArrayLike, weights: ArrayLike) -> float:
    """Return the smallest value up to which half of the weights lie; NaN for none."""
    numbers = np.asarray(values, dtype=float)
    if not len(numbers):
        return float("nan")
    return float(np.quantile(numbers, 0.5, weights=np.asarray(weights), method="inverted_cdf"))


def jackknifed(measure: Callable[[NDArray[np.float64]], float], rows: ArrayLike) -> Interval:
    """Return Student's interval of a measure, from its values without each of the rows.

    For shares of a variance. Samples drawn with replacement hold networks more than once, and so
    make groups of few networks look more alike than they are.

    Parameters
    ----------
    measure
        Takes such rows.
    rows
        One per network. Without two there is no interval.
    """
    every = np.asarray(rows, dtype=float)
    count = len(every)
    if count < 2:
        return float("nan"), float("nan")
    values = np.array([measure(np.delete(every, row, axis=0)) for row in range(count)])
    error = np.sqrt((count - 1) * values.var())
    middle, half = measure(every), stats.t.ppf(0.975, count - 1) * error
    return float(middle - half), float(middle + half)


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
