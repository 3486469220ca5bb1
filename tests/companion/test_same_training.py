"""A rival that trains in another way than we do is refused, in every piece of the benchmark."""

from functools import cache
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from companion import competitors, timing
from companion.competitors import WAYS

PIECES = list(product(competitors.NETWORKS, timing.BATCH_SIZES))
WRONG = {
    "no learning": {"rate": 0.0},
    "ten times the rate": {"rate": 1e-2},
    "PyTorch's epsilon": {"epsilon": 1e-8},
    "no correction of bias": {"corrected": False},
}


def trained_by_numpy(piece, rate=1e-3, epsilon=1e-7, corrected=True):
    """Return a team whose only member is NumPy, which multiplies whole matrices."""
    network, batch_size = piece
    images, labels = competitors.training_rows()
    masks, start = competitors.lit_part(competitors.masks_of(network))
    weights = [weight.copy() for weight in start]
    means, squares = ([np.zeros_like(weight) for weight in weights] for _ in range(2))
    step = 0

    def batch_loss(rows):
        nonlocal step
        step += 1
        values = [images[rows]]
        for weight in weights:
            values.append(
                np.maximum(values[-1] @ weight, 0) if len(values) < 3 else values[-1] @ weight
            )
        shifted = values[-1] - values[-1].max(axis=1, keepdims=True)
        powers = np.exp(shifted)
        sums = powers.sum(axis=1, keepdims=True)
        answers = np.arange(len(rows)), labels[rows]
        loss = float(np.mean(np.log(sums[:, 0]) - shifted[answers]))
        delta = powers / sums
        delta[answers] -= 1
        delta /= np.float32(len(rows))
        factor = np.sqrt(1 - 0.999**step) / (1 - 0.9**step) if corrected else 1.0
        for layer in (2, 1, 0):
            gradient = (values[layer].T @ delta) * masks[layer]
            delta = (delta @ weights[layer].T) * (values[layer] > 0) if layer else None
            means[layer] += np.float32(0.1) * (gradient - means[layer])
            squares[layer] += np.float32(0.001) * (gradient**2 - squares[layer])
            spread = np.sqrt(squares[layer]) + np.float32(epsilon)
            weights[layer] -= np.float32(rate * factor) * means[layer] / spread
        return loss

    def train(_, order):
        return 1.0, np.mean([batch_loss(rows) for rows in order.reshape(-1, batch_size)])

    return SimpleNamespace(way=SimpleNamespace(library="numpy"), train=train, share=1.0)


@cache
def our_losses(piece):
    """Return the losses of the package in its check."""
    train = WAYS[0].set_up(competitors.masks_of(piece[0]), piece[1])
    ours = SimpleNamespace(way=WAYS[0], train=lambda _, order: (1.0, train(order)[1]), share=1.0)
    return timing.warm_up(ours, piece)


@pytest.mark.parametrize("piece", PIECES, ids=str)
def test_numpy_with_the_same_steps_passes(piece):
    timing.warm_up(trained_by_numpy(piece), piece, our_losses(piece))


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("piece", PIECES, ids=str)
def test_another_training_is_refused(piece, wrong):
    with pytest.raises(ValueError, match="ours"):
        timing.warm_up(trained_by_numpy(piece, **WRONG[wrong]), piece, our_losses(piece))
