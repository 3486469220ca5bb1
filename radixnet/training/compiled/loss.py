"""The loss of a few rows and its gradient, in loops that LLVM turns into vector code."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radixnet.training.compiled.kernels import Floats, without_lock
from radixnet.training.compiled.layout import Integers


@without_lock
def exponential(x: np.float32) -> np.float32:
    """Return exp(x) of a float32 that is not positive, correct but for the last bit or two.

    With n the integer nearest to x / log(2), exp(x) = 2**n exp(r): a polynomial for the small rest
    r (Cephes' expf), and n written into the exponent of a float.
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
def loss_of_rows(
    logits: Floats,
    deltas: Floats,
    line: int,
    labels: NDArray[np.uint8],
    rows: Integers,
    share: np.float32,
    answers: Integers,
) -> tuple[float, int]:
    """Write the gradients of rows' losses; return their sum and the number of right answers.

    Loss is log(sum(exp(z))) - z[label]; its gradient, softmax(z) - [class is label], is written
    times `share`. An answer is the first largest logit. `logits` and `deltas` are lines of
    `line` floats, one class after the other; where a line has no row, the gradients are zero.
    `answers` has a number per class, which grows by one for every row that gets it for an answer.
    """
    classes = len(answers)
    largest, answer = logits[:line].copy(), np.zeros(line, np.int32)
    for c in range(1, classes):
        values = logits[c * line : (c + 1) * line]
        for i in range(line):
            answer[i] = c if values[i] > largest[i] else answer[i]
            largest[i] = values[i] if values[i] > largest[i] else largest[i]
    total = np.zeros(line, np.float32)
    for c in range(classes):
        values = logits[c * line : (c + 1) * line]
        results = deltas[c * line : (c + 1) * line]
        for i in range(line):
            power = exponential(values[i] - largest[i])
            results[i] = power
            total[i] += power
    loss, correct = 0.0, 0
    for i in range(len(rows)):
        label = np.int64(labels[rows[i]])
        loss += math.log(total[i]) + (np.float64(largest[i]) - np.float64(logits[label * line + i]))
        correct += answer[i] == label
        answers[answer[i]] += 1
        total[i] = share / total[i]
    for c in range(classes):
        results = deltas[c * line : (c + 1) * line]
        for i in range(len(rows)):
            results[i] *= total[i]
        results[len(rows) :] = 0
    for i in range(len(rows)):
        deltas[np.int64(labels[rows[i]]) * line + i] -= share
    return loss, correct
