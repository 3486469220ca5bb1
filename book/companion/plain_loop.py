"""A sparse network as one would write it with Numba alone, to compare the package's engine with.

Rows of a batch lie side by side, so that Numba makes vector instructions of the innermost loops;
large batches come in chunks that stay in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numba
import numpy as np

from companion.competitors import Masks
from radixnet.training.compiled.kernels import Floats, Function

CHUNK_ROWS = 128
"""Rows that pass through the network together."""


def compiled(function: Function) -> Function:
    """Compile a function for threads that run side by side, with sums in any order."""
    return cast(Function, numba.njit(nogil=True, fastmath=True)(function))


class PlainNetwork:
    """A network without biases, with ReLU and softmax, trained by Adam."""

    def __init__(self, masks: Masks, weights: Sequence[Floats], batch_size: int) -> None:
        units = [masks[0].shape[0], *(mask.shape[1] for mask in masks)]
        self.batch_size, self.steps = batch_size, 0
        self.starts = tuple(np.cumsum([0, *mask.sum(axis=0)]) for mask in masks)
        self.inputs = tuple(np.nonzero(mask.T)[1] for mask in masks)
        self.weights = tuple(w.T[m.T] for w, m in zip(weights, masks, strict=True))
        self.means, self.squares, self.gradients = (
            tuple(np.zeros_like(weight) for weight in self.weights) for _ in range(3)
        )
        line = min(batch_size, CHUNK_ROWS)
        self.values, self.deltas = (
            tuple(np.zeros((count, line), np.float32) for count in units) for _ in range(2)
        )

    def train_epoch(self, data: Any, order: Any, rate: float) -> float:
        """Train on rows of images and labels in an order, and return their mean loss."""
        loss = 0.0
        for first in range(0, len(order), self.batch_size):
            batch = order[first : first + self.batch_size]
            self.steps += 1
            corrected = rate * np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
            loss += _step(
                (self.starts, self.inputs, self.weights, self.gradients, self.values, self.deltas),
                *(self.means, self.squares, data, batch, np.float32(corrected)),
            )
        return loss / len(order)


@compiled
def _step(network: Any, means: Any, squares: Any, data: Any, batch: Any, rate: Any) -> Any:
    """Take a step of Adam; return the summed loss."""
    starts, inputs, weights, gradients, values, deltas = network
    loss, layers, (images, labels) = 0.0, len(weights), data
    for first in range(0, len(batch), CHUNK_ROWS):
        rows = batch[first : first + CHUNK_ROWS]
        count = len(rows)
        for row in range(count):
            image = images[rows[row]]
            for pixel in range(len(image)):
                values[0][pixel, row] = image[pixel] * np.float32(1 / 255)
        for layer in range(layers):
            _forward(
                starts[layer], inputs[layer], weights[layer],
                values[layer], values[layer + 1], count, layer < layers - 1,
            )  # fmt: skip
        loss += _losses(values[layers], deltas[layers], labels, rows, np.float32(1 / len(batch)))
        for layer in range(layers - 1, -1, -1):
            _back(
                starts[layer], inputs[layer], weights[layer], gradients[layer],
                values[layer], deltas[layer], deltas[layer + 1], count, layer > 0,
            )  # fmt: skip
    for layer in range(layers):
        _adam(weights[layer], means[layer], squares[layer], gradients[layer], rate)
    return loss


@compiled
def _forward(
    starts: Any, inputs: Any, weights: Any, source: Any, target: Any, count: int, hidden: bool
) -> None:
    """Sum up what reaches each unit, and cut it off below zero in hidden layers."""
    for unit in range(len(starts) - 1):
        line = target[unit, :count]
        line[:] = 0
        for place in range(starts[unit], starts[unit + 1]):
            weight, values = weights[place], source[inputs[place], :count]
            for row in range(count):
                line[row] += weight * values[row]
        if hidden:
            line *= line > 0


@compiled
def _back(
    starts: Any, inputs: Any, weights: Any, gradients: Any, source: Any, before: Any, deltas: Any,
    count: int, has_before: bool,
) -> None:  # fmt: skip
    """Add up gradients of weights and, except for pixels, of the layer before."""
    if has_before:
        before[:] = 0
    for unit in range(len(starts) - 1):
        delta = deltas[unit, :count]
        for place in range(starts[unit], starts[unit + 1]):
            values, total = source[inputs[place], :count], np.float32(0)
            for row in range(count):
                total += values[row] * delta[row]
            gradients[place] += total
            if has_before:
                weight, line = weights[place], before[inputs[place], :count]
                for row in range(count):
                    line[row] += weight * delta[row]
    if has_before:
        before *= source > 0


@compiled
def _losses(logits: Any, deltas: Any, labels: Any, rows: Any, share: Any) -> Any:
    """Return the summed cross-entropy, and write its gradients."""
    loss = 0.0
    for row in range(len(rows)):
        label, most = labels[rows[row]], logits[:, row].max()
        total = np.float32(0)
        for unit in range(len(logits)):
            deltas[unit, row] = np.exp(logits[unit, row] - most)
            total += deltas[unit, row]
        loss += np.log(total) - (logits[label, row] - most)
        for unit in range(len(logits)):
            deltas[unit, row] *= share / total
        deltas[label, row] -= share
    return loss


@compiled
def _adam(weights: Any, means: Any, squares: Any, gradients: Any, rate: Any) -> None:
    """Take Adam's step, and forget the gradients."""
    for place in range(len(weights)):
        gradient, gradients[place] = gradients[place], np.float32(0)
        means[place] += np.float32(0.1) * (gradient - means[place])
        squares[place] += np.float32(0.001) * (gradient * gradient - squares[place])
        weights[place] -= rate * means[place] / (np.sqrt(squares[place]) + np.float32(1e-7))
