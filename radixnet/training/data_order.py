"""Which rows train, which validate, and in what order: the same for every engine.

As in the paper, the training rows are shuffled once; the first 90 % train and the last 10 %
validate. Every epoch then takes its training rows in an order of its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
"""Numbers of rows of a dataset."""

# Streams of random numbers under one seed, distinct from each other and from the starting weights'.
_SPLIT, _EPOCH, _REWIRING = 1, 2, 3


def split(seed: int, rows: int, validation_share: float) -> tuple[Rows, Rows]:
    """Return the rows that train and those that validate: front and back of one shuffle.

    Parameters
    ----------
    seed
        The run's seed, a non-negative integer.
    rows
        Number of rows to share out, at least 1.
    validation_share
        Share of the rows that validate, at least 0 and less than 1, rounded to whole rows.

    Raises
    ------
    ValueError
        If no row is left to train.
    """
    validating = round(rows * validation_share)
    if validating >= rows:
        raise ValueError(
            f"validation_share {validation_share} of {rows} rows leaves none to train; "
            "give a smaller share"
        )
    shuffled = _generator(seed, _SPLIT).permutation(rows)
    return shuffled[: rows - validating], shuffled[rows - validating :]


def epoch_order(seed: int, epoch: int, rows: int) -> Rows:
    """Return a permutation: the order of the training rows in an epoch, counted from 0."""
    return _generator(seed, _EPOCH, epoch).permutation(rows)


def rewiring_random(seed: int) -> np.random.Generator:
    """Return the random numbers by which connections are exchanged in a run."""
    return _generator(seed, _REWIRING)


def _generator(seed: int, *stream: int) -> np.random.Generator:
    """Return the generator of one stream of random numbers under a seed."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(2**32 - 1, *stream)))
