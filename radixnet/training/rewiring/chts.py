r"""CHTs: connections come where the shape of a layer predicts them (Zhang et al., 2025).

The Cannistraci-Hebb soft rule, node-based (CH2-L3n): after an epoch, some connections are kept,
drawn in proportion to a power of their absolute weight; units that have lost all their inputs, or
all their outputs, lose the other side too; and as many are drawn anew, in proportion to a score.
For an input u and an output v that are not connected, the score is a sum over the middles z of all
paths of length three between them, on either side:

.. math:: \sum_z \frac{1 + i_z}{1 + e_z}

with :math:`i_z` connections of z into the neighbours of u (or v) and :math:`e_z` elsewhere, not
counting the one to v (or u) itself.

Of the paper, not here: the path-based score CH3-L3p, relative importance instead of weight (which
the authors prefer on Fashion-MNIST), a first wiring by correlation of inputs or by receptive
fields, a last layer that stays dense, and densities that fall as training goes on (CHTss).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radixnet.topology.masks import MaskArray
from radixnet.training.rewiring.moment import Moment, drawn, falling

SHARE = 0.3
"""Of a layer's connections, how many go at the start: zeta in the paper's Table 4."""

STEPS = None
"""An epoch, as in Table 4."""

UNTIL = 0.75
"""Share of training after which connections stay, where the share that goes falls along a cosine,
as in the authors' code."""

POWERS = 1.0, 3.0
"""Of the absolute weight in the chance to be kept, at the start and at the end: delta / (1 - delta)
for the paper's delta from 0.5 to 0.75."""


def rewired(now: Moment) -> tuple[MaskArray, ...]:
    """Return the connections to go on with."""
    done = now.done / UNTIL
    share, power = falling(SHARE, done), POWERS[0] + (POWERS[1] - POWERS[0]) * done
    counts = [int(mask.sum()) for mask in now.masks]
    kept = [
        drawn(abs(weights) ** power, mask, count - int(share * count), now.random)
        for mask, weights, count in zip(now.masks, now.weights, counts, strict=True)
    ]
    kept = without_dead_ends(kept)
    return tuple(
        mask | drawn(scores(mask), ~mask, count - int(mask.sum()), now.random)
        for mask, count in zip(kept, counts, strict=True)
    )


def without_dead_ends(masks: Sequence[MaskArray]) -> list[MaskArray]:
    """Return connections without those of hidden units that lack inputs or outputs."""
    left = list(masks)
    for layer in range(len(left) - 2, -1, -1):
        left[layer] = left[layer] & left[layer + 1].any(axis=1)
    for layer in range(1, len(left)):
        left[layer] = left[layer] & left[layer - 1].any(axis=0).reshape(-1, 1)
    return left


def scores(mask: MaskArray) -> NDArray[np.float32]:
    """Return the CH2-L3n score of each missing connection, shape (inputs, outputs)."""
    connected = mask.astype(np.float32)
    return np.where(mask, 0, _from_one_side(connected) + _from_one_side(connected.T).T)


def _from_one_side(connected: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the part of the scores whose middles z are inputs."""
    shared = connected @ connected.T  # of unit u and middle z
    elsewhere = connected.sum(axis=1) - shared  # e + 1: it has the connection to v, and u has not
    ratio = np.where(shared > 0, (1 + shared) / np.maximum(elsewhere, 1), 0)
    return np.asarray(ratio @ connected)
