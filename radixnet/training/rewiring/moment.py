"""What an algorithm sees when it looks, and the choices that algorithms share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radixnet.pruning.magnitude import largest
from radixnet.topology.masks import MaskArray

Matrix = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Moment:
    """A network in the middle of its training.

    Attributes
    ----------
    masks, weights
        For each layer its connections and their weights, zero elsewhere, shape (inputs, outputs).
    done
        Share of all training steps taken, 0 to 1.
    gradient
        Returns the gradient of the mean loss of the next batch, of missing connections too, shapes
        as of the weights.
    random
        Random numbers of the run.
    """

    masks: Sequence[MaskArray]
    weights: Sequence[Matrix]
    done: float
    gradient: Callable[[], Sequence[Matrix]]
    random: np.random.Generator


def falling(share: float, done: float) -> float:
    """Return a share that falls along half a cosine, to zero when `done` is 1 (Evci et al., 2020).

    Examples
    --------
    >>> [round(falling(0.3, done), 3) for done in (0, 0.5, 1)]
    [0.3, 0.15, 0.0]
    """
    return share / 2 * (1 + math.cos(math.pi * done))


def strongest(scores: Matrix, among: MaskArray, count: int) -> MaskArray:
    """Return where the `count` largest scores of some places are; of equals, the first.

    NaN, as in a run that diverges, is the smallest.
    """
    chosen, some = among.copy(), scores[among]
    chosen[among] = largest(np.where(np.isnan(some), -np.inf, some), count)
    return chosen


def drawn(scores: Matrix, among: MaskArray, count: int, random: np.random.Generator) -> MaskArray:
    """Return `count` of some places, drawn one after the other by chances in proportion to scores.

    Places with score zero come last. The largest of ``log(score) + noise``, with noise of Gumbel's
    distribution, are such a draw without replacement (Kool et al., 2019).
    """
    chances = np.log(np.maximum(scores, np.finfo(np.float64).tiny))
    return strongest(chances + random.gumbel(size=scores.shape), among, count)


def dense_gradient(
    weights: Sequence[Matrix],
    biases: Sequence[Matrix] | None,
    slope: float,
    images: Matrix,
    labels: NDArray[np.integer[Any]],
) -> list[Matrix]:
    """Return the gradient of the mean loss for every weight, as if all connections were there.

    Parameters
    ----------
    weights, biases
        One matrix (inputs, outputs) per layer, zero where there is no connection; its biases.
    slope
        Slope of the hidden activation below zero.
    images, labels
        Rows (rows, inputs) as numbers from 0 to 1, and their classes.
    """
    values, gates = [images], []
    for number, matrix in enumerate(weights):
        sums = values[-1] @ matrix + (0 if biases is None else biases[number])
        gates.append(np.where((sums > 0) | (number == len(weights) - 1), 1, slope))
        values.append(sums * gates[-1])
    shares = np.exp(values[-1] - values[-1].max(axis=1, keepdims=True))
    delta = shares / shares.sum(axis=1, keepdims=True)
    delta[np.arange(len(labels)), labels] -= 1
    delta /= len(labels)
    gradient = []
    for before, gate, matrix in zip(values[-2::-1], gates[::-1], weights[::-1], strict=True):
        delta = delta * gate.astype(matrix.dtype)
        gradient.append(before.T @ delta)
        delta = delta @ matrix.T
    return gradient[::-1]
