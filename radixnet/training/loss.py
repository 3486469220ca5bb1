"""The loss of 16 rows at a time: softmax, cross-entropy and its gradient, in loops that become vector instructions."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radixnet.training.kernels import LANES, Floats, without_lock
from radixnet.training.layout import Integers


@without_lock
def exponential(x: np.float32) -> np.float32:
    """Return exp(x) of a float32 that is not positive, to the last bit or two; a loop over it becomes vector instructions.

    With n the integer nearest to x / log(2), exp(x) = 2**n exp(r): a polynomial for the small rest r (Cephes' expf), and n written
    into the exponent of a float.
    """
    x = np.float32(-87) if x < np.float32(-87) else x
    n = np.floor(x * np.float32(1.44269504) + np.float32(0.5))
    r = x - n * np.float32(0.693359375) + n * np.float32(2.12194440e-4)
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    power = np.int32((np.int32(n) + 127) << 23).view(np.float32)
    return np.float32((p * r * r + r + np.float32(1)) * power)


@without_lock
def loss_of_vector(
    logits: Floats,
    deltas: Floats,
    start: int,
    line: int,
    classes: int,
    labels: NDArray[np.uint8],
    rows: Integers,
    share: np.float32,
) -> tuple[float, int]:
    """Return summed loss and correct answers of up to 16 rows, and write the gradients of `share` times their losses.

    Loss is log(sum(exp(z))) - z[label], its gradient softmax(z) - [class is label]; an answer is the first largest logit.
    """
    largest = logits[start : start + LANES].copy()
    answer = np.zeros(LANES, np.int32)
    total = np.zeros(LANES, np.float32)
    for c in range(1, classes):
        values = logits[start + c * line : start + c * line + LANES]
        for lane in range(LANES):
            answer[lane] = c if values[lane] > largest[lane] else answer[lane]
            largest[lane] = values[lane] if values[lane] > largest[lane] else largest[lane]
    for c in range(classes):
        values = logits[start + c * line : start + c * line + LANES]
        results = deltas[start + c * line : start + c * line + LANES]
        for lane in range(LANES):
            results[lane] = exponential(values[lane] - largest[lane])
            total[lane] += results[lane]
    scale = np.zeros(LANES, np.float32)
    loss, correct = 0.0, 0
    for lane in range(len(rows)):
        label = np.int64(labels[rows[lane]])
        loss += math.log(total[lane]) + (np.float64(largest[lane]) - np.float64(logits[start + label * line + lane]))
        correct += answer[lane] == label
        scale[lane] = share / total[lane]
    for c in range(classes):
        results = deltas[start + c * line : start + c * line + LANES]
        for lane in range(LANES):
            results[lane] = results[lane] * scale[lane] if lane < len(rows) else np.float32(0)
    for lane in range(len(rows)):
        deltas[start + np.int64(labels[rows[lane]]) * line + lane] -= share
    return loss, correct
