r"""Which connections an untrained network keeps, by its starting weights: SNIP, GraSP, SynFlow.

Each gives every weight a score and keeps the best ones of the whole network; they differ in the
score alone. With loss L, weights :math:`\theta`, gradient :math:`g` and Hessian :math:`H`:

- SNIP keeps the largest :math:`|\theta \odot g|` (Lee, Ajanthan and Torr, 2019, eq. 6), the weights
  that the loss feels most;
- GraSP removes the largest :math:`-\theta \odot H g` (Wang, Zhang and Grosse, 2020, eq. 8), and
  keeps what lets gradients flow;
- SynFlow keeps the largest :math:`|\theta| \odot \partial R / \partial |\theta|`, where :math:`R`
  is the sum over all paths of the product of their :math:`|\theta|` (Tanaka et al., 2020, alg. 1),
  in many small rounds, and needs no data.

Networks here are those of this package: no biases, ReLU between layers, softmax and cross-entropy
at the end. To go on with the weights that were scored, train with ``initializer="as_dense"``:
scaled by the fan-in of what is left, they would be another network's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radixnet.arguments import share
from radixnet.pruning.magnitude import magnitude_masks
from radixnet.topology.masks import MaskArray

SYNFLOW_ROUNDS = 100
"""Rounds in which SynFlow comes to its sparsity, as in the paper."""

GRASP_TEMPERATURE = 200.0
"""What GraSP divides logits by, as in the authors' code, so that the softmax of an untrained
network is soft."""

Matrices = list[NDArray[np.float64]]


def snip_masks(
    weights: Sequence[ArrayLike], images: ArrayLike, labels: ArrayLike, sparsity: float
) -> tuple[MaskArray, ...]:
    """Return the connections that SNIP keeps.

    Parameters
    ----------
    weights
        Starting weights of a dense network, one array of shape (inputs, outputs) per layer.
    images
        A batch of rows, shape (rows, inputs), in the range in which the network is trained (0 to
        1).
    labels
        Their classes, shape (rows,).
    sparsity
        Share of all weights to remove, at least 0 and less than 1.

    Raises
    ------
    ValueError
        For a sparsity out of range, or arrays whose shapes do not fit.
    """
    matrices, rows, classes = _checked(weights, images, labels)
    gradient, _ = gradient_and_change(
        matrices, rows, classes, [np.zeros_like(matrix) for matrix in matrices]
    )
    scores = [abs(matrix * slope) for matrix, slope in zip(matrices, gradient, strict=True)]
    return _best(scores, sparsity)


def grasp_masks(
    weights: Sequence[ArrayLike], images: ArrayLike, labels: ArrayLike, sparsity: float
) -> tuple[MaskArray, ...]:
    """Return the connections that GraSP keeps; parameters and errors as of `snip_masks`."""
    matrices, rows, classes = _checked(weights, images, labels)
    nothing = [np.zeros_like(matrix) for matrix in matrices]
    gradient, _ = gradient_and_change(matrices, rows, classes, nothing, GRASP_TEMPERATURE)
    _, change = gradient_and_change(matrices, rows, classes, gradient, GRASP_TEMPERATURE)
    scores = [matrix * product for matrix, product in zip(matrices, change, strict=True)]
    return _best(scores, sparsity)


def synflow_masks(weights: Sequence[ArrayLike], sparsity: float) -> tuple[MaskArray, ...]:
    """Return the connections that SynFlow keeps, of weights and sparsity as of `snip_masks`."""
    sizes = [np.abs(np.asarray(matrix, dtype=np.float64)) for matrix in weights]
    density = 1 - share("sparsity", sparsity)
    for number in range(1, SYNFLOW_ROUNDS + 1):
        masks = magnitude_masks(
            _flows(sizes), 1 - density ** (number / SYNFLOW_ROUNDS), "network", leave_sparser=True
        )
        sizes = [matrix * mask for matrix, mask in zip(sizes, masks, strict=True)]
    return masks


def gradient_and_change(
    weights: Matrices,
    images: NDArray[np.float64],
    labels: NDArray[np.int64],
    direction: Matrices,
    temperature: float = 1.0,
) -> tuple[Matrices, Matrices]:
    """Return the gradient of the mean loss, and the Hessian times a direction.

    Derivatives along the direction are carried through the forward and the backward pass
    (Pearlmutter, 1994). ReLU is taken as linear on either side of zero.

    Parameters
    ----------
    weights, direction
        One array of shape (inputs, outputs) per layer.
    images, labels
        Rows of shape (rows, inputs) and their classes.
    temperature
        What logits are divided by.
    """
    values, changes, gates = [images], [np.zeros_like(images)], []
    for number, (matrix, along) in enumerate(zip(weights, direction, strict=True), start=1):
        sums, sums_change = values[-1] @ matrix, changes[-1] @ matrix + values[-1] @ along
        gates.append(sums > 0 if number < len(weights) else np.ones(sums.shape, dtype=bool))
        values.append(sums * gates[-1])
        changes.append(sums_change * gates[-1])
    logits, logits_change = values[-1] / temperature, changes[-1] / temperature
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    scale = len(images) * temperature
    delta = (shares - np.eye(shares.shape[1])[labels]) / scale
    delta_change = (
        shares * (logits_change - (shares * logits_change).sum(axis=1, keepdims=True)) / scale
    )
    gradient, change = [], []
    for layer in range(len(weights) - 1, -1, -1):
        delta, delta_change = delta * gates[layer], delta_change * gates[layer]
        gradient.append(values[layer].T @ delta)
        change.append(changes[layer].T @ delta + values[layer].T @ delta_change)
        delta_change = delta_change @ weights[layer].T + delta @ direction[layer].T
        delta = delta @ weights[layer].T
    return gradient[::-1], change[::-1]


def _flows(sizes: Sequence[NDArray[np.float64]]) -> Matrices:
    """Return for each weight the sum of products along all paths through it."""
    arriving = [np.ones(len(sizes[0]))]
    for matrix in sizes[:-1]:
        arriving.append(arriving[-1] @ matrix)
    leaving = [np.ones(sizes[-1].shape[1])]
    for matrix in sizes[:0:-1]:
        leaving.append(matrix @ leaving[-1])
    return [
        before[:, None] * matrix * after
        for before, matrix, after in zip(arriving, sizes, reversed(leaving), strict=True)
    ]


def _best(scores: Matrices, sparsity: float) -> tuple[MaskArray, ...]:
    """Return where the largest scores of a network are, of any sign; of equal ones, the first."""
    together = np.concatenate([score.ravel() for score in scores])
    # Ranks, since `magnitude_masks` keeps what is far from zero and takes zeros for removed.
    ranks = np.empty(len(together))
    ranks[np.argsort(-together, kind="stable")] = np.arange(len(together), 0, -1)
    parts = np.split(ranks, np.cumsum([score.size for score in scores])[:-1])
    return magnitude_masks(
        [part.reshape(score.shape) for part, score in zip(parts, scores, strict=True)],
        sparsity,
        "network",
    )


def _checked(
    weights: Sequence[ArrayLike], images: ArrayLike, labels: ArrayLike
) -> tuple[Matrices, NDArray[np.float64], NDArray[np.int64]]:
    """Return the arrays in double precision, or raise ValueError when their shapes do not fit."""
    matrices = [np.asarray(matrix, dtype=np.float64) for matrix in weights]
    rows, classes = np.asarray(images, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    shapes = [matrix.shape for matrix in matrices]
    if (
        not shapes
        or rows.ndim != 2
        or classes.shape != rows.shape[:1]
        or rows.shape[1] != shapes[0][0]
        or any(before[1] != after[0] for before, after in pairwise(shapes))
    ):
        raise ValueError(
            f"weights of shapes {shapes}, images of shape {rows.shape} and labels of shape "
            f"{classes.shape} do not go together; "
            "give matrices (inputs, outputs), images (rows, inputs) and one label per row"
        )
    outputs = shapes[-1][1]
    if not ((classes >= 0) & (classes < outputs)).all():
        raise ValueError(
            f"labels lie between {classes.min()} and {classes.max()}, but the last layer has "
            f"{outputs} outputs; give classes from 0 to {outputs - 1}"
        )
    return matrices, rows, classes
