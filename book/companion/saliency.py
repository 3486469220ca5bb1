r"""Saliency maps of a first layer (the paper's Fig. 7), and how radially symmetric they are.

The paper aggregates the "outgoing connection weights of input pixels": pixel :math:`p` has the
saliency :math:`\left|\sum_u w_{pu}\right|`, the absolute value of the sum over first-layer units
:math:`u`, not the sum of absolute values.

A map is radially symmetric when a pixel's value depends on its distance from the centre alone. How
nearly it is so is measured by the share of the map's variance that groups of pixels explain (the
correlation ratio :math:`\eta^2`; Fisher, 1925):

.. math:: \eta^2 = \frac{\sum_g n_g (\bar s_g - \bar s)^2}{\sum_p (s_p - \bar s)^2}

with rings of equal distance as groups :math:`g`: 1 for a perfectly radial map, and on average
:math:`(G - 1) / (N - 1)` for a map whose :math:`N` pixels are shuffled among :math:`G` groups. The
null distribution is that of shuffled pixels, which keeps every value and forgets where it was. With
pixels that turn into each other under quarter turns as groups, the same share measures symmetry
under rotation by 90 degrees, the least that radial symmetry implies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radixnet.arguments import positive_integer
from radixnet.topology.masks import MaskArray

MNIST_SHAPE = (28, 28)
"""Rows and columns of an image."""

MNIST_FRAME = 4
"""Pixels between the edge of an image and the box of 20 by 20 pixels into which every digit was
fitted (LeCun et al., 1998)."""

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]
"""For every pixel of a map, the number of its group."""


def saliency_map(weights: ArrayLike, shape: tuple[int, int] = MNIST_SHAPE) -> Floats:
    """Return the paper's saliency of each pixel.

    The absolute value of the sum of its outgoing first-layer weights.

    Parameters
    ----------
    weights
        The first layer's, shape (pixels, units); pixels row by row.
    shape
        Rows and columns of the image.

    Returns
    -------
    float64 array of the image's shape

    Raises
    ------
    ValueError
        When the weights are no matrix of finite numbers with a row for each pixel.
    """
    array = np.asarray(weights)
    pixels = shape[0] * shape[1]
    if array.dtype.kind not in "biuf" or array.ndim != 2 or len(array) != pixels:
        raise ValueError(
            f"weights of type {array.dtype} and shape {array.shape}; "
            f"an image of {shape[0]} by {shape[1]} pixels needs numbers "
            f"of shape ({pixels}, units)"
        )
    return _checked_map(np.abs(array.astype(np.float64).sum(axis=1)).reshape(shape))


def distances(shape: tuple[int, int] = MNIST_SHAPE) -> Floats:
    """Return the distance of each pixel's middle from the image's centre, in pixels."""
    rows, columns = (
        np.arange(positive_integer(size, "shape: each size")) - (size - 1) / 2 for size in shape
    )
    return np.asarray(np.hypot(rows[:, None], columns[None, :]))


def rings(shape: tuple[int, int] = MNIST_SHAPE) -> Groups:
    """Return for each pixel the ring that it lies in.

    Its distance from the centre, rounded down to whole pixels.
    """
    return np.floor(distances(shape)).astype(np.int64)


def quarter_turns(size: int = MNIST_SHAPE[0]) -> Groups:
    """Return which pixels each pixel of a square meets in turns by 90, 180 and 270 degrees.

    Groups are numbered from 0; each has four pixels, but for the one in the middle of an image of
    odd size.
    """
    numbers = np.arange(positive_integer(size, "size") ** 2).reshape(size, size)
    first = np.minimum.reduce([np.rot90(numbers, turn) for turn in range(4)])
    return np.unique(first, return_inverse=True)[1].reshape(size, size).astype(np.int64)


def edge_pixels(shape: tuple[int, int] = MNIST_SHAPE) -> MaskArray:
    """Return which pixels lie outside the box of the digits: within `MNIST_FRAME` of the edge."""
    edge: MaskArray = np.ones(shape, dtype=bool)
    edge[MNIST_FRAME:-MNIST_FRAME, MNIST_FRAME:-MNIST_FRAME] = False
    return edge


@dataclass(frozen=True, eq=False)
class SymmetryTest:
    """A measure of symmetry and what it would be without any.

    Attributes
    ----------
    observed
        Share of the variance that the groups explain, 0 to 1.
    null
        The same share for maps with their pixels shuffled, ascending, shape (permutations,).
    p_value
        Probability of a share as large as the observed one when pixels are shuffled, estimated as
        (1 + number of shuffled maps that reach it) / (1 + permutations), never 0 (Phipson and
        Smyth, 2010).
    """

    observed: float
    null: Floats
    p_value: float


def symmetry_test(
    saliency: ArrayLike, groups: ArrayLike, permutations: int = 9999, seed: int = 0
) -> SymmetryTest:
    """Compare the share of a map's variance that groups explain with that of shuffled maps.

    Parameters
    ----------
    saliency
        The map.
    groups
        Integers from 0 of the same shape: for each pixel its group, `rings` for radial symmetry.
    permutations
        Number of shuffled maps, at least 1.
    seed
        For the shuffling; the same seed gives the same result.

    Raises
    ------
    ValueError
        When the map has no variance, the groups do not suit it, or a number is out of range.
    """
    permutations = positive_integer(permutations, "permutations")
    checked = _checked_map(saliency)
    labels = _checked_groups(groups, checked)
    observed = float(_explained(checked.reshape(1, -1), labels)[0])
    shuffled = np.random.default_rng(seed).permuted(
        np.tile(checked.ravel(), (permutations, 1)), axis=1
    )
    null = np.sort(_explained(shuffled, labels))
    # Rounding must not decide between equal shares, such as those of a map that is zero but for one
    # pixel.
    reached = permutations - np.searchsorted(null, observed * (1 - 1e-9))
    return SymmetryTest(observed, null, float((1 + reached) / (1 + permutations)))


def _explained(maps: Floats, labels: Groups) -> Floats:
    """Return the explained share of each of several flattened maps, shape (maps, pixels).

    All maps have the same values.
    """
    counts = np.bincount(labels)
    members = (labels[:, None] == np.arange(len(counts))).astype(np.float64)
    centred = maps - maps[0].mean()
    total = float(centred[0] @ centred[0])
    if total <= 0:
        raise ValueError(
            f"every pixel of the map has the same value, {maps[0, 0]:.4g}; "
            "without variance there is none to explain"
        )
    shares: Floats = ((centred @ members) ** 2 / counts).sum(axis=1) / total
    return shares


def _checked_map(saliency: ArrayLike) -> Floats:
    """Return a map as float64 matrix, or raise ValueError when it is not one."""
    array = np.asarray(saliency)
    if array.dtype.kind not in "biuf" or array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"map of type {array.dtype} and shape {array.shape}; give a matrix of numbers, "
            "one for each pixel"
        )
    values = array.astype(np.float64)
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError(
            "the map holds negative, infinite or NaN values; "
            "a saliency is a finite number of at least 0"
        )
    return values


def _checked_groups(groups: ArrayLike, saliency: Floats) -> Groups:
    """Return groups as flat integers, or raise ValueError when they do not suit the map."""
    array = np.asarray(groups)
    if array.dtype.kind not in "iu" or array.shape != saliency.shape:
        raise ValueError(
            f"groups of type {array.dtype} and shape {array.shape}; "
            f"give an integer for each pixel, shape {saliency.shape}"
        )
    labels = array.ravel().astype(np.int64)
    if labels.min() < 0 or (np.bincount(labels) == 0).any():
        raise ValueError(
            "groups must be numbered 0, 1, 2, ... without gaps; "
            "give rings(shape) or quarter_turns(size)"
        )
    return labels
