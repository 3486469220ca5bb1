"""RigL: the weakest connections give way to those with the largest gradient (Evci et al., 2020).

The gradient of all connections, missing ones too, is that of the batch which is trained on next;
the authors' code looks at a batch and does not train on it.
"""

from __future__ import annotations

from radixnet.topology.masks import MaskArray
from radixnet.training.rewiring.moment import Moment, falling, strongest

SHARE = 0.3
"""Of a layer's connections, how many go at the start: alpha in the paper."""

STEPS = 100
"""Delta T in the paper."""

UNTIL = 0.75
"""T_end in the paper, as a share of training."""


def rewired(now: Moment) -> tuple[MaskArray, ...]:
    """Return the connections to go on with."""
    share, masks = falling(SHARE, now.done / UNTIL), []
    for mask, weights, slopes in zip(now.masks, now.weights, now.gradient(), strict=True):
        count = int(mask.sum())
        going = int(share * count)
        kept = strongest(abs(weights), mask, count - going)
        masks.append(kept | strongest(abs(slopes), ~kept, going))
    return tuple(masks)
