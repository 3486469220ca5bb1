"""What the loss looks like around a trained network.

Measured on random, filter-normalised slices through the space of its weights.

A network's loss is a function of all its weights w. Two directions d1 and d2 in that space span a
plane, and on it the loss

    f(a, b) = L(w + a d1 + b d2)

can be drawn (Goodfellow, Vinyals and Saxe, 2015). How far a network feels a step depends on how
large its weights are, so Li, Xu, Taylor, Studer and Goldstein, "Visualizing the Loss Landscape of
Neural Nets" (2018), sec. 4, scale random directions filter by filter to the norm of the weights. In
a fully-connected network a filter is what comes into one unit: column j of a layer's d gets

    d_j <- d_j * norm(w_j) / norm(d_j).

Two networks that are compared at the same distance are then compared at the same relative change of
every unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radixnet.topology.masks import MaskArray, check_masks
from radixnet.training.compiled import SLOPES
from radixnet.training.spec import RunResult

Matrices = tuple[NDArray[np.float32], ...]
"""One array per layer, shape (inputs, outputs): a point or a direction in the space of weights."""

# For a layer of 300 units 600 kB, so that what is read for every position stays in the cache.
_BLOCK_ROWS = 512


@dataclass(frozen=True, eq=False)
class LossLandscape:
    """Loss and accuracy at positions of a plane through the space of weights: read-only arrays.

    Attributes
    ----------
    positions
        Shape (..., 2): how many times the first and the second direction are added to the weights.
    loss
        Shape (...): mean sparse categorical cross-entropy of the rows, in nats.
    accuracy
        Shape (...): share of the rows whose first largest logit is the label's, 0 to 1.
    """

    positions: NDArray[np.float64]
    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    def __post_init__(self) -> None:
        for array in (self.positions, self.loss, self.accuracy):
            array.flags.writeable = False


def random_directions(
    weights: Sequence[ArrayLike], masks: Sequence[MaskArray], seed: int
) -> tuple[Matrices, Matrices]:
    """Return two random directions, normalised filter by filter to the norms of the weights.

    Every entry of a layer is drawn, then the masked ones are dropped, then each unit's column is
    scaled. So networks of the same layer sizes share the draw, and differ in what their masks leave
    of it and in their norms.

    Biases have no entry here: they stay as they are, as in the experiments of Li et al. (2018).

    Parameters
    ----------
    weights
        One array of shape (inputs, outputs) per layer.
    masks
        Bool arrays of the same shapes; connections that do not exist stay zero.
    seed
        Non-negative integer.

    Returns
    -------
    two tuples of float32 arrays
        With the shapes of the weights. A unit whose weights are all zero, or that has none, has
        zeros.

    Raises
    ------
    ValueError
        For a seed that is no integer of at least 0, masks that form no network, or weights of other
        shapes.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"direction seed {seed!r}: give an integer of at least 0")
    checked, points = check_masks(masks), [np.asarray(matrix) for matrix in weights]
    shapes, expected = [matrix.shape for matrix in points], [mask.shape for mask in checked]
    if shapes != expected:
        raise ValueError(
            f"weights of shapes {shapes} for masks of shapes {expected}: "
            "give one matrix for every mask, of its shape"
        )
    # A stream for each direction and layer, apart from those of starting weights and of the order
    # of rows.
    streams = np.random.SeedSequence(seed, spawn_key=(2**32 - 2,)).spawn(2)
    first, second = (
        tuple(
            _normalised(np.random.default_rng(layer).standard_normal(mask.shape) * mask, matrix)
            for layer, mask, matrix in zip(stream.spawn(len(checked)), checked, points, strict=True)
        )
        for stream in streams
    )
    return first, second


def loss_landscape(
    run: RunResult,
    directions: tuple[Sequence[ArrayLike], Sequence[ArrayLike]],
    positions: ArrayLike,
    images: NDArray[np.uint8],
    labels: NDArray[np.uint8],
) -> LossLandscape:
    """Measure a trained network's loss and accuracy on the plane that two directions span.

    Parameters
    ----------
    run
        What ``train(spec, keep_weights=True)`` returned; its weights are the position (0, 0).
    directions
        Two directions, each one array per layer, shape (inputs, outputs): `random_directions`, or a
        difference of two networks.
    positions
        Shape (..., 2), finite; ``np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1)`` for
        a grid.
    images
        The rows to measure on, at least one: grey levels 0 to 255, shape (rows, pixels).
    labels
        Their classes, shape (rows,).

    Raises
    ------
    ValueError
        When the run kept no weights or diverged, or when directions, positions or rows do not fit.

    Notes
    -----
    Computed in float32, summed over rows in float64. The first layer is linear in the position, ``x
    (w + a d1 + b d2) = x w + a x d1 + b x d2``, so its three products are formed only once for each
    block of rows; units from which no path leads to an output are left out, since they change
    nothing.
    """
    if run.weights is None:
        raise ValueError("this run kept no weights; train it with train(spec, keep_weights=True)")
    if not all(np.isfinite(matrix).all() for matrix in run.weights):
        raise ValueError(
            "this run's weights are not all finite: its training diverged; "
            "use a smaller learning rate"
        )
    points = np.array(positions, dtype=np.float64)
    if points.ndim < 1 or points.shape[-1] != 2 or not np.isfinite(points).all():
        raise ValueError(
            f"positions of shape {points.shape}: give finite numbers in an array of shape (..., 2)"
        )
    _check_rows(images, labels, run.spec.layer_sizes)
    layers = _live_layers(run, directions)
    slope, pairs = np.float32(SLOPES[run.spec.activation]), points.reshape(-1, 2).astype(np.float32)
    loss, correct = np.zeros(len(pairs)), np.zeros(len(pairs), np.int64)
    for start in range(0, len(labels), _BLOCK_ROWS):
        block, classes = (
            images[start : start + _BLOCK_ROWS],
            labels[start : start + _BLOCK_ROWS].astype(np.intp),
        )
        for position, logits in enumerate(_logits(layers, pairs, block, slope)):
            loss[position] += _summed_loss(logits, classes)
            correct[position] += np.count_nonzero(logits.argmax(axis=0) == classes)
    shape = points.shape[:-1]
    return LossLandscape(
        points, (loss / len(labels)).reshape(shape), (correct / len(labels)).reshape(shape)
    )


def convex_share(loss: ArrayLike, step: float) -> float:
    """Return the share of a grid's inner points where the slice curves upwards every way.

    The Hessian of the slice comes from central differences; it is positive definite where its
    smallest eigenvalue is above zero. This is the curvature of the slice, not of the network: the
    loss may curve down in directions that no slice shows.

    Parameters
    ----------
    loss
        Shape (rows, columns), at least (3, 3), finite.
    step
        Distance of neighbouring points in both directions, positive.

    Raises
    ------
    ValueError
        For a grid that is too small or not finite, or a step that is not positive.
    """
    f = np.asarray(loss, dtype=np.float64)
    if f.ndim != 2 or min(f.shape) < 3 or not np.isfinite(f).all():
        raise ValueError(
            f"losses of shape {f.shape}: curvature needs a grid of at least 3 by 3 finite numbers"
        )
    if not 0 < step < np.inf:
        raise ValueError(f"step {step!r}: give the positive distance of neighbouring points")
    inner = f[1:-1, 1:-1]
    along_rows = (f[2:, 1:-1] - 2 * inner + f[:-2, 1:-1]) / step**2
    along_columns = (f[1:-1, 2:] - 2 * inner + f[1:-1, :-2]) / step**2
    mixed = (f[2:, 2:] - f[2:, :-2] - f[:-2, 2:] + f[:-2, :-2]) / (4 * step**2)
    hessians = np.stack(
        [np.stack([along_rows, mixed], -1), np.stack([mixed, along_columns], -1)], -1
    )
    return float((np.linalg.eigvalsh(hessians)[..., 0] > 0).mean())


@dataclass(frozen=True, eq=False)
class _Layer:
    """A layer's weights, directions and biases, transposed.

    Weights and directions have shape (outputs, inputs), biases (outputs, 1), perhaps zero.
    """

    weights: NDArray[np.float32]
    first: NDArray[np.float32]
    second: NDArray[np.float32]
    biases: NDArray[np.float32]


def _normalised(drawn: NDArray[np.float64], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a drawn direction, each column scaled to the norm of that column of the weights."""
    norms = np.linalg.norm(drawn, axis=0)
    wanted = np.linalg.norm(weights.astype(np.float64), axis=0)
    factors = np.divide(wanted, norms, out=np.zeros_like(norms), where=norms > 0)
    direction: NDArray[np.float32] = (drawn * factors).astype(np.float32)
    return direction


def _check_rows(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], layer_sizes: Sequence[int]
) -> None:
    """Raise ValueError for rows that are no images and labels of a network of these layer sizes."""
    inputs, outputs = layer_sizes[0], layer_sizes[-1]
    if images.dtype != np.uint8:
        raise ValueError(
            f"images of {images.dtype}: give grey levels 0 to 255 as uint8, as a Dataset has them"
        )
    if (
        images.ndim != 2
        or images.shape[1] != inputs
        or labels.shape != images.shape[:1]
        or not len(labels)
    ):
        raise ValueError(
            f"images of shape {images.shape} and labels of shape {labels.shape} for a network of "
            f"{inputs} inputs: "
            f"give (rows, {inputs}) and (rows,), at least one row"
        )
    if not 0 <= labels.min() <= labels.max() < outputs:
        raise ValueError(
            f"labels from {labels.min()} to {labels.max()} for a network of {outputs} outputs: "
            f"give 0 to {outputs - 1}"
        )


def _live_layers(
    run: RunResult, directions: tuple[Sequence[ArrayLike], Sequence[ArrayLike]]
) -> list[_Layer]:
    """Return the layers of a network less the hidden units that no path connects with an output."""
    assert run.weights is not None  # noqa: S101 (for the type checker)
    steps = [
        [np.asarray(matrix, dtype=np.float32) for matrix in direction] for direction in directions
    ]
    expected = [matrix.shape for matrix in run.weights]
    for number, direction in enumerate(steps, start=1):
        shapes = [matrix.shape for matrix in direction]
        if shapes != expected:
            raise ValueError(
                f"direction {number} has shapes {shapes}, the network's weights {expected}; "
                "they must be the same"
            )
    biases = run.biases or [np.zeros(matrix.shape[1], np.float32) for matrix in run.weights]
    layers: list[_Layer] = []
    kept = np.ones(run.weights[-1].shape[1], dtype=bool)
    for weights, first, second, bias in list(zip(run.weights, *steps, biases, strict=True))[::-1]:
        connected = ((weights != 0) | (first != 0) | (second != 0))[:, kept].any(axis=1)
        # Inputs all stay: they are the images' pixels.
        inputs = connected if len(layers) < len(run.weights) - 1 else np.ones_like(connected)
        there, along, across = (
            np.ascontiguousarray(matrix[inputs][:, kept].T) for matrix in (weights, first, second)
        )
        layers.append(_Layer(there, along, across, bias[kept, None]))
        kept = inputs
    return layers[::-1]


def _logits(
    layers: Sequence[_Layer],
    positions: NDArray[np.float32],
    images: NDArray[np.uint8],
    slope: np.float32,
) -> Iterator[NDArray[np.float32]]:
    """Yield the logits of a block of images, shape (classes, rows), position by position."""
    pixels = np.ascontiguousarray((images.astype(np.float32) / np.float32(255)).T)
    first, *others = layers
    centre, along_first, along_second = (
        matrix @ pixels for matrix in (first.weights, first.first, first.second)
    )
    centre += first.biases
    values, room = np.empty_like(centre), np.empty_like(centre)
    for a, b in positions:
        np.multiply(along_first, a, out=values)
        np.multiply(along_second, b, out=room)
        values += room
        values += centre
        sums = values
        for layer in others:
            active = np.maximum(sums, slope * sums if slope else np.float32(0))
            sums = (layer.weights + a * layer.first + b * layer.second) @ active + layer.biases
        yield sums


def _summed_loss(logits: NDArray[np.float32], labels: NDArray[np.intp]) -> float:
    """Return the cross-entropies, log(sum(exp(z))) - z[label], summed in float64.

    Logits of shape (classes, rows).
    """
    largest = logits.max(axis=0)
    powers = np.exp(logits - largest).sum(axis=0, dtype=np.float64)
    return float((np.log(powers) + largest - logits[labels, np.arange(len(labels))]).sum())
