"""Fair comparisons between kinds of networks of different sizes.

What the others have that are about as large.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def matched_median(
    sizes: ArrayLike, other_sizes: ArrayLike, other_values: ArrayLike, tolerance: float
) -> NDArray[np.float64]:
    """Return for each size the median value of all others whose size is within a share of it.

    With the sizes of networks, or of all their layers, it pairs each with its equals.

    Parameters
    ----------
    sizes
        Positive numbers, such as numbers of parameters, shape (n,); or several for each, such as
        the connections of its layers, shape (n, layers).
    other_sizes, other_values
        Sizes of the others, shape (m,) or (m, layers), and their values, shape (m,).
    tolerance
        Largest difference between sizes that count as equal, as a share of the one in `sizes`; at
        least 0. Of several, all must be equal.

    Returns
    -------
    numpy.ndarray
        Shape (n,), NaN where no other is as large.

    Raises
    ------
    ValueError
        For a negative tolerance, sizes that are not positive, or not as many sizes as values.

    Examples
    --------
    >>> matched_median([100, 200], [99, 101, 110], [0.25, 0.75, 0.5], tolerance=0.02).tolist()
    [0.5, nan]
    """
    mine = np.asarray(sizes, dtype=np.float64)
    theirs, values = (
        np.asarray(other_sizes, dtype=np.float64),
        np.asarray(other_values, dtype=np.float64),
    )
    if not 0 <= tolerance < math.inf:
        raise ValueError(f"tolerance {tolerance!r}: give a share of at least 0, such as 0.02")
    if theirs.shape[:1] != values.shape or theirs.shape[1:] != mine.shape[1:]:
        raise ValueError(
            f"other_sizes has shape {theirs.shape} and other_values {values.shape}: "
            f"give one value for each, and sizes as those of shape {mine.shape}"
        )
    if not ((mine > 0).all() and (theirs > 0).all()):
        raise ValueError("sizes and other_sizes must be positive, such as numbers of connections")
    mine, theirs = (each if each.ndim > 1 else each[:, np.newaxis] for each in (mine, theirs))
    found = []
    for size in mine:
        equal = values[(np.abs(theirs - size) <= tolerance * size).all(axis=1)]
        found.append(np.median(equal) if len(equal) else np.nan)
    return np.array(found, dtype=np.float64)
