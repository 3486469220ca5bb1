r"""How good a forecast of failures was.

Precision and recall with intervals, curves of a score, and the fit of stated chances.

- *Precision* is the share of the networks called risky that failed, *recall* the share of those
  that failed that had been called risky. Their intervals are Wilson's (1927), which stay within 0
  and 1 and do not shrink to nothing at either end: for a share p of n trials and the normal
  quantile z, :math:`\bigl(p + z^2/2n \pm z\sqrt{p(1-p)/n + z^2/4n^2}\bigr) / (1 + z^2/n)`.
- Trials that were decided together, as the networks of one seed with equal last masks are, count
  for less. With groups of :math:`m_g` trials, n becomes Kish's effective number :math:`(\sum_g
  m_g)^2 / \sum_g m_g^2`, which is right when each group is decided as one, and otherwise too
  cautious.
- The curve of a score has one point per value of it, so that networks of equal score are called
  risky together. Its area is the *average precision* :math:`\sum_i (R_i - R_{i-1}) P_i`: no
  straight lines are drawn between points, which would flatter.
- Stated chances fit when outcomes drawn from them lie as far from what they lead one to expect as
  the outcomes observed do.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

LEVEL = 0.95
"""Confidence of all intervals."""


@dataclass(frozen=True)
class Quality:
    """How a yes-or-no forecast fared.

    Attributes
    ----------
    runs, flagged, failed, hits
        Numbers of runs: all; those called risky; those that failed; those that were called risky
        and failed.
    precision, recall
        Hits over those flagged, and over those that failed; NaN where there are none.
    precision_interval, recall_interval
        Their 95 % intervals; NaN where there are none.
    """

    runs: int
    flagged: int
    failed: int
    hits: int
    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]


@dataclass(frozen=True)
class ChancesFit:
    """How well stated chances of k agree with what was counted.

    Attributes
    ----------
    counted
        For each k, how many runs had it, shape (n,).
    expected
        For each k, the sum of its chances, shape (n,).
    low, high
        For each k, the middle 95 % of counts drawn from the chances, shape (n,).
    distance
        Half the sum of the absolute differences between counted and expected, over the number of
        runs: the share of runs that would have to have another k, 0 to 1.
    distance_by_chance
        Its mean over outcomes drawn from the chances.
    p_value
        Share of the outcomes drawn from the chances that lie as far from what is expected as the
        counted ones, or farther; the counted ones are one of them, so it is never 0.
    """

    counted: NDArray[np.int64]
    expected: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    distance: float
    distance_by_chance: float
    p_value: float


def share_interval(
    count: float, total: float, groups: Sequence[Hashable] | None = None
) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share.

    Parameters
    ----------
    count, total
        Number of trials with a property, and of all trials; ``0 <= count <= total``.
    groups
        For each trial, which others it was decided with; None when all were decided separately.

    Returns
    -------
    low, high : float
        NaN when there is no trial.

    Raises
    ------
    ValueError
        For counts out of range, or another number of groups than of trials.

    Examples
    --------
    >>> [round(end, 3) for end in share_interval(10, 10)]
    [0.722, 1.0]
    >>> [round(end, 3) for end in share_interval(10, 10, groups=["a"] * 10)]
    [0.207, 1.0]
    """
    if not 0 <= count <= total:
        raise ValueError(f"count {count} of {total}: give a count from 0 to the total")
    if groups is not None and len(groups) != total:
        raise ValueError(f"{len(groups)} groups for {total} trials: give one for each")
    if total == 0:
        return math.nan, math.nan
    trials = total if groups is None else effective_number(groups)
    share, z = count / total, float(norm.ppf((1 + LEVEL) / 2))
    middle = share + z**2 / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    return max(0.0, (middle - half) / (1 + z**2 / trials)), min(
        1.0, (middle + half) / (1 + z**2 / trials)
    )


def effective_number(groups: Sequence[Hashable]) -> float:
    """Return how many independent trials these are worth when each group is decided as one (Kish).

    Parameters
    ----------
    groups
        For each trial, its group; one trial or more.

    Raises
    ------
    ValueError
        When there is no trial.

    Examples
    --------
    >>> effective_number(["a", "a", "b", "b"]), effective_number(["a", "b", "c", "d"])
    (2.0, 4.0)
    """
    if len(groups) == 0:
        raise ValueError("groups: give one for each trial, and one trial at least")
    sizes: dict[Hashable, int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    return len(groups) ** 2 / sum(size**2 for size in sizes.values())


def forecast_quality(
    flagged: ArrayLike, failed: ArrayLike, groups: Sequence[Hashable] | None = None
) -> Quality:
    """Return precision and recall of a forecast, with intervals.

    Parameters
    ----------
    flagged
        For each run, whether it was called risky.
    failed
        For each run, whether it failed.
    groups
        For each run, which others it was decided with; None when all were decided separately.

    Raises
    ------
    ValueError
        When the lengths differ, or something is not yes or no.

    Examples
    --------
    >>> quality = forecast_quality([True, True, False, False], [True, False, True, False])
    >>> quality.precision, quality.recall
    (0.5, 0.5)
    """
    risky, bad = _yes_or_no(flagged, "flagged"), _yes_or_no(failed, "failed")
    if len(risky) != len(bad) or (groups is not None and len(groups) != len(bad)):
        raise ValueError(
            f"{len(risky)} forecasts, {len(bad)} outcomes, groups {groups and len(groups)}: "
            "give one of each per run"
        )
    hits = int((risky & bad).sum())

    def share_of(chosen: NDArray[np.bool_]) -> tuple[float, tuple[float, float]]:
        total = int(chosen.sum())
        mine = (
            None if groups is None else [groups[place] for place in np.flatnonzero(chosen).tolist()]
        )
        return hits / total if total else math.nan, share_interval(hits, total, mine)

    return Quality(
        len(bad), int(risky.sum()), int(bad.sum()), hits, *share_of(risky), *share_of(bad)
    )


def precision_recall_curve(
    score: ArrayLike, failed: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return recall and precision for every threshold of a score, the highest first.

    All networks from the threshold on are called risky.

    Parameters
    ----------
    score
        For each run, a finite number, higher when failure is expected.
    failed
        For each run, whether it failed; one at least did.

    Returns
    -------
    recall, precision : numpy.ndarray
        Shape (distinct scores,); recall ascends to 1.

    Raises
    ------
    ValueError
        When the lengths differ, a score is not finite, or no run failed.

    Examples
    --------
    >>> recall, precision = precision_recall_curve([3, 2, 2, 1], [True, True, False, False])
    >>> recall.tolist(), [round(float(share), 2) for share in precision]
    ([0.5, 1.0, 1.0], [1.0, 0.67, 0.5])
    """
    numbers, bad = _scored(score, failed)
    _, level = np.unique(-numbers, return_inverse=True)
    hits = np.cumsum(np.bincount(level, weights=bad))
    flagged = np.cumsum(np.bincount(level))
    return hits / hits[-1], hits / flagged


def average_precision(score: ArrayLike, failed: ArrayLike) -> float:
    """Return the area under the precision-recall curve.

    It is 1 at best, and about the share of failures for a score that says nothing.

    Parameters
    ----------
    score, failed
        As of `precision_recall_curve`.

    Raises
    ------
    ValueError
        As of `precision_recall_curve`.
    """
    recall, precision = precision_recall_curve(score, failed)
    return float(np.diff(recall, prepend=0) @ precision)


def resampled_average_precisions(
    scores: ArrayLike, failed: ArrayLike, random: np.random.Generator, samples: int = 500
) -> NDArray[np.float64]:
    """Return average precisions over samples of the runs drawn with replacement.

    Every score is given the same runs.

    Parameters
    ----------
    scores
        Shape (scores, runs), finite.
    failed
        For each run, whether it failed; one at least did.
    random
        Draws the samples.
    samples
        How many.

    Returns
    -------
    numpy.ndarray
        Shape (scores, samples). The spread of a difference between two rows shows how sure that
        difference is.

    Raises
    ------
    ValueError
        As of `precision_recall_curve`.
    """
    rows = [_scored(row, failed) for row in np.atleast_2d(np.asarray(scores, dtype=float))]
    levels = [np.unique(-numbers, return_inverse=True)[1] for numbers, _ in rows]
    bad = rows[0][1]
    areas = np.empty((len(rows), samples))
    for sample in range(samples):
        weights = np.zeros(len(bad))
        while not weights @ bad:  # a sample without any failure has no curve
            weights = np.bincount(
                random.integers(len(bad), size=len(bad)), minlength=len(bad)
            ).astype(float)
        for row, level in enumerate(levels):
            hits = np.cumsum(np.bincount(level, weights=weights * bad))
            flagged = np.cumsum(np.bincount(level, weights=weights))
            precision = np.divide(hits, flagged, out=np.zeros_like(hits), where=flagged > 0)
            areas[row, sample] = np.diff(hits / hits[-1], prepend=0) @ precision
    return areas


def fit_of_chances(
    chances: ArrayLike, outcomes: ArrayLike, random: np.random.Generator, samples: int = 2000
) -> ChancesFit:
    """Return how counted outcomes compare with their stated chances, when runs are independent.

    Parameters
    ----------
    chances
        Shape (runs, n): for each run the chance of each outcome k from 0 to n - 1, every row
        summing to 1.
    outcomes
        For each run, its k, a whole number.
    random
        Draws outcomes from the chances.
    samples
        How many outcomes of all runs are drawn.

    Raises
    ------
    ValueError
        When shapes differ, there is no run, rows are no chances, or an outcome is not one of 0 to
        n - 1.
    """
    stated, seen = np.asarray(chances, dtype=float), np.asarray(outcomes)
    if stated.ndim != 2 or stated.shape[:1] != seen.shape or not len(seen):
        raise ValueError(
            f"chances of shape {stated.shape} for outcomes of shape {seen.shape}: "
            "give a row for each run, one at least"
        )
    if not (np.all(stated >= 0) and np.allclose(stated.sum(axis=1), 1)):
        raise ValueError("chances: each row must hold numbers of at least 0 that sum to 1")
    kinds = stated.shape[1]
    if not np.all(np.isin(seen, np.arange(kinds))):
        raise ValueError(
            f"outcomes {np.unique(seen).tolist()}: give whole numbers from 0 to {kinds - 1}, "
            "for which chances are stated"
        )

    expected = stated.sum(axis=0)
    counted = np.bincount(seen.astype(int), minlength=kinds)
    bounds = np.cumsum(stated, axis=1)[:, :-1]
    drawn = np.empty((samples, kinds))
    for sample in range(samples):
        outcome = (random.random((len(seen), 1)) > bounds).sum(axis=1)
        drawn[sample] = np.bincount(outcome, minlength=kinds)
    distance = _distance(counted, expected)
    by_chance = _distance(drawn, expected)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    as_far = by_chance >= distance - 1e-12  # equal ones differ by rounding
    return ChancesFit(
        counted=counted,
        expected=expected,
        low=low,
        high=high,
        distance=float(distance),
        distance_by_chance=float(by_chance.mean()),
        p_value=float((1 + as_far.sum()) / (1 + samples)),
    )


def _distance(counts: NDArray[np.generic], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of runs that would have to have another outcome, over the last axis."""
    share: NDArray[np.float64] = np.abs(np.asarray(counts, dtype=float) - expected).sum(axis=-1) / (
        2 * expected.sum()
    )
    return share


def _yes_or_no(values: ArrayLike, what: str) -> NDArray[np.bool_]:
    """Return values as bools, refusing anything else."""
    given = np.asarray(values)
    if given.ndim != 1 or (given.size and given.dtype != bool):
        raise ValueError(
            f"{what} of type {given.dtype} and shape {given.shape}: give True or False for each run"
        )
    return given.astype(bool)


def _scored(score: ArrayLike, failed: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return scores and outcomes, checked."""
    numbers, bad = np.asarray(score, dtype=float), _yes_or_no(failed, "failed")
    if numbers.shape != bad.shape:
        raise ValueError(
            f"scores of shape {numbers.shape} for {len(bad)} outcomes: give one for each run"
        )
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"{(~np.isfinite(numbers)).sum()} of {len(numbers)} scores are not finite; "
            "leave these runs out"
        )
    if not bad.any():
        raise ValueError(
            "no run failed, so there is no recall; give runs of which one failed at least"
        )
    return numbers, bad
