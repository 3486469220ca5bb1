"""Every way to train that the benchmark compares takes the steps that the package takes."""

from importlib.util import find_spec

import numpy as np
import pytest

import radixnet as rx
from companion.competitors import WAYS

MASKS = rx.RadixTopology([[2, 2], [2]], (784, 12, 8, 10)).masks
OURS, OTHERS = WAYS[0], [way for way in {w.set_up: w for w in WAYS}.values() if way != WAYS[0]]
ORDER = np.random.default_rng(0).permutation(60_000)[:2_000]


def losses(way):
    """Return the mean losses of steps 1 to 10, and 11 to 20."""
    train = way.set_up(MASKS, 100)
    return [train(ORDER[:1_000])[1], train(ORDER[1_000:])[1]]


@pytest.mark.parametrize("way", OTHERS, ids=lambda way: way.name)
def test_every_way_takes_the_steps_of_adam_that_the_package_takes(way):
    if not find_spec(way.library):
        pytest.skip(f"{way.library} is not installed; make benchmark installs it")
    assert losses(way) == pytest.approx(losses(OURS), rel=1e-4)
