"""A network trained in float64 with dense NumPy: slow, short and obviously right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


class Reference:
    """Masked dense layers, a softmax at the end, Adam or SGD as Keras 3 defines it.

    With a `momentum` it is SGD; `decay` is Keras' weight decay. `cancelled` says whether rows have
    cancelled in some gradient until nothing but rounding was left. Adam makes a full step of that.
    """

    def __init__(
        self,
        masks: Sequence[NDArray[np.bool_]],
        weights: Sequence[NDArray[Any]],
        biases: Sequence[NDArray[Any]] | None,
        slope: float,
        momentum: float | None = None,
        decay: float = 0.0,
    ) -> None:
        self.masks, self.slope, self.step = masks, slope, 0
        self.momentum, self.decay = momentum, decay
        self.cancelled = False
        self.weights: list[Matrix] = [weight.astype(np.float64) for weight in weights]
        self.biases: list[Matrix] = [bias.astype(np.float64) for bias in biases or []]
        parameters = self.weights + self.biases
        self.means, self.squares = (
            [np.zeros_like(p) for p in parameters],
            [np.zeros_like(p) for p in parameters],
        )

    def activations(self, images: NDArray[Any]) -> list[Matrix]:
        """Return the values of every layer; the last are the logits."""
        values = [images / 255.0 if images.dtype == np.uint8 else images.astype(np.float64)]
        for layer, weight in enumerate(self.weights):
            sums = values[-1] @ weight
            if self.biases:
                sums = sums + self.biases[layer]
            hidden = layer < len(self.weights) - 1
            values.append(np.where(sums > 0, sums, self.slope * sums) if hidden else sums)
        return values

    def losses(self, logits: Matrix, labels: NDArray[np.uint8]) -> Matrix:
        """Return each row's cross-entropy."""
        largest = logits.max(axis=1, keepdims=True)
        normaliser = np.log(np.exp(logits - largest).sum(axis=1)) + largest[:, 0]
        losses: Matrix = normaliser - logits[np.arange(len(labels)), labels]
        return losses

    def evaluate(self, images: NDArray[Any], labels: NDArray[np.uint8]) -> tuple[float, float, int]:
        """Return mean loss, accuracy, and number of different answers, the first largest logits."""
        logits = self.activations(images)[-1]
        answers = logits.argmax(axis=1)
        return (
            float(self.losses(logits, labels).mean()),
            float((answers == labels).mean()),
            len(set(answers.tolist())),
        )

    def train_batch(
        self, images: NDArray[Any], labels: NDArray[np.uint8], rate: float
    ) -> tuple[float, float]:
        """Take a step; return mean loss and accuracy before it."""
        values = self.activations(images)
        before = self.evaluate(images, labels)[:2]
        exponentials = np.exp(values[-1] - values[-1].max(axis=1, keepdims=True))
        delta = exponentials / exponentials.sum(axis=1, keepdims=True)
        delta[np.arange(len(labels)), labels] -= 1
        delta /= len(labels)
        weight_gradients: list[Matrix] = []
        bias_gradients: list[Matrix] = []
        for layer in range(len(self.weights) - 1, -1, -1):
            weight_gradients.insert(0, values[layer].T @ delta * self.masks[layer])
            bias_gradients.insert(0, delta.sum(axis=0))
            added = np.abs(values[layer]).T @ np.abs(delta) * self.masks[layer]
            self._note_cancelled(weight_gradients[0], added)
            self._note_cancelled(bias_gradients[0], np.abs(delta).sum(axis=0))
            if layer:
                delta = delta @ self.weights[layer].T * np.where(values[layer] > 0, 1.0, self.slope)
        self._step(weight_gradients + (bias_gradients if self.biases else []), rate)
        return before

    def _note_cancelled(self, gradient: Matrix, added: Matrix) -> None:
        self.cancelled |= bool(((added > 0) & (np.abs(gradient) < 1e-6 * added)).any())

    def _step(self, gradients: Sequence[Matrix], rate: float) -> None:
        self.step += 1
        step_rate = rate * np.sqrt(1 - 0.999**self.step) / (1 - 0.9**self.step)
        for parameter, mean, square, gradient in zip(
            self.weights + self.biases, self.means, self.squares, gradients, strict=True
        ):
            parameter -= parameter * self.decay * rate
            if self.momentum is not None:
                mean *= self.momentum
                mean -= rate * gradient
                parameter += mean
                continue
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            parameter -= step_rate * mean / (np.sqrt(square) + 1e-7)
