"""SET: the weakest connections give way to random ones after each epoch (Mocanu et al., 2018).

Of each sign, the weights nearest to zero go; those that are zero go too. Here new weights start at
zero, there at random.
"""

from __future__ import annotations

import numpy as np

from radixnet.topology.masks import MaskArray
from radixnet.training.rewiring.moment import Moment, strongest

SHARE = 0.3
"""Of the positive weights, and of the negative ones, that go: zeta in the paper."""

STEPS = None
"""An epoch."""

UNTIL = 1.0
"""After every epoch but the last."""


def rewired(now: Moment) -> tuple[MaskArray, ...]:
    """Return the connections to go on with."""
    masks = []
    for mask, weights in zip(now.masks, now.weights, strict=True):
        kept = np.zeros_like(mask)
        for side in (mask & (weights > 0), mask & (weights < 0)):
            count = int(side.sum())
            kept |= strongest(abs(weights), side, count - int(SHARE * count))
        missing = int(mask.sum()) - int(kept.sum())
        masks.append(kept | strongest(now.random.random(mask.shape), ~kept, missing))
    return tuple(masks)
