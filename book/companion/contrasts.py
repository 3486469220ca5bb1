"""Differences between groups of networks with the words that a plan gives them.

Ahead, behind, equal or undecided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Word = Literal["ahead", "behind", "equal", "undecided"]

CONFIDENCE = 0.95
"""Confidence of the intervals that are shown."""


@dataclass(frozen=True)
class Difference:
    """A difference of means, as Student's or Welch's t test sees it.

    Attributes
    ----------
    mean, low, high
        The difference and its interval at `CONFIDENCE`.
    p
        Two-sided, of no difference.
    error, degrees
        Standard error, and degrees of freedom of the t distribution.
    """

    mean: float
    low: float
    high: float
    p: float
    error: float
    degrees: float

    @classmethod
    def paired(cls, first: ArrayLike, second: ArrayLike) -> Difference:
        """Return first minus second, one pair per network; shapes (n,), n at least 2.

        Raises
        ------
        ValueError
            For arrays of other shapes.
        """
        one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
        if one.shape != two.shape or one.ndim != 1 or len(one) < 2:
            raise ValueError(
                f"shapes {one.shape} and {two.shape}: "
                "give two numbers for each of at least 2 networks"
            )
        differences = one - two
        error = differences.std(ddof=1) / np.sqrt(len(differences))
        return cls._of(differences.mean(), error, len(differences) - 1)

    @classmethod
    def unpaired(cls, first: ArrayLike, second: ArrayLike) -> Difference:
        """Return the mean of one group minus that of another, variances apart (Welch).

        Shapes (n,) and (m,), at least 2 each.

        Raises
        ------
        ValueError
            For smaller groups.
        """
        groups = [np.asarray(group, dtype=float) for group in (first, second)]
        if any(group.ndim != 1 or len(group) < 2 for group in groups):
            raise ValueError(
                f"groups of shapes {[group.shape for group in groups]}: "
                "give at least 2 networks in each"
            )
        squares = np.array([group.var(ddof=1) / len(group) for group in groups])
        spread = sum(
            square**2 / (len(group) - 1) for square, group in zip(squares, groups, strict=True)
        )
        degrees = squares.sum() ** 2 / spread if spread else len(groups[0]) + len(groups[1]) - 2
        return cls._of(groups[0].mean() - groups[1].mean(), np.sqrt(squares.sum()), degrees)

    @classmethod
    def _of(cls, mean: float, error: float, degrees: float) -> Difference:
        """Return the difference with its interval and p-value."""
        half = stats.t.ppf((1 + CONFIDENCE) / 2, degrees) * error
        p = 2 * stats.t.sf(abs(mean) / error, degrees) if error else float(mean == 0)
        return cls(
            float(mean),
            float(mean - half),
            float(mean + half),
            float(p),
            float(error),
            float(degrees),
        )

    def p_of_equivalence(self, margin: float) -> float:
        """Return the larger p of two one-sided tests for equivalence within the margin (TOST).

        Small values say that the two are equal to within the margin (Schuirmann, 1987).
        """
        if not self.error:
            return float(abs(self.mean) >= margin)
        return float(stats.t.sf((margin - abs(self.mean)) / self.error, self.degrees))

    def word(self, corrected_p: float, margin: float, significance: float) -> Word:
        """Return what the difference is called, given a p-value corrected for the other tests."""
        if corrected_p < significance:
            return "ahead" if self.mean > 0 else "behind"
        return "equal" if self.p_of_equivalence(margin) < significance else "undecided"


def holm(p_values: ArrayLike, planned: int) -> NDArray[np.float64]:
    """Return p-values corrected by Holm's step-down procedure (1979), in order.

    Parameters
    ----------
    p_values
        One for each comparison that was run, shape (n,).
    planned
        How many were planned, at least n. Those that were not run count as p = 1, so what is
        significant now stays so, whatever they will give.

    Raises
    ------
    ValueError
        When more were run than planned.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03], planned=3).round(6).tolist()
    [0.03, 0.06, 0.06]
    >>> holm([0.01, 0.04, 0.03], planned=4).round(6).tolist()
    [0.04, 0.09, 0.09]
    """
    values = np.asarray(p_values, dtype=float)
    if len(values) > planned:
        raise ValueError(
            f"{len(values)} comparisons, of which {planned} were planned: give the number of all "
            "that the plan lays down"
        )
    order = np.argsort(values)
    stepped = np.maximum.accumulate(values[order] * (planned - np.arange(len(values))))
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(stepped, 1)
    return corrected


def verdict(words: Sequence[Word], deciding: int) -> Literal["holds", "refuted", "undecided"]:
    """Return the verdict on "the first is ahead" from the words of its cells.

    `deciding` of them decide when none speaks against.
    """
    if words.count("ahead") >= deciding and "behind" not in words:
        return "holds"
    if max(words.count("behind"), words.count("equal")) >= deciding and "ahead" not in words:
        return "refuted"
    return "undecided"
