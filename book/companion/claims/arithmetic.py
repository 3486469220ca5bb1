"""What several measures share: bins, ranks, shares of variance, and numbers in words."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd


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


def explained(values: pd.Series[Any], groups: pd.Series[Any]) -> float:
    """Return the share of the variance that lies between groups."""
    residuals = values - values.groupby(groups).transform("mean")
    return float(1 - residuals.var(ddof=0) / values.var(ddof=0))
