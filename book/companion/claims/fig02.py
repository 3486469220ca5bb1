"""The claim that Fig. 2 decides: the symmetry of a RadiX-Net."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from companion.claims.arithmetic import percent
from companion.claims.measurement import Measurement
from radixnet.topology import RadixTopology


def share_with_copy(topology: RadixTopology) -> float:
    """Return the share of connections with a copy one unit on, around their blocks of N' units."""
    copies = 0
    for mask in topology.masks:
        here, there = (
            _next_in_block(size, topology.modulus)[units]
            for size, units in zip(mask.shape, mask.nonzero(), strict=True)
        )
        inside = (here < mask.shape[0]) & (there < mask.shape[1])
        copies += int(mask[here[inside], there[inside]].sum())
    return copies / sum(topology.connection_counts)


def symmetry(expanded: RadixTopology, fitted: RadixTopology) -> Measurement:
    """Measure which share of connections has its copy one unit on, before trimming and after."""
    before, after = share_with_copy(expanded), share_with_copy(fitted)
    return Measurement(
        "fig2-symmetry",
        {
            "connections_with_a_copy_before_trimming": before,
            "connections_with_a_copy_as_drawn": after,
        },
        f"{percent(before)} of the connections have a copy before trimming, {percent(after)} "
        "as drawn.",
    )


def _next_in_block(size: int, block: int) -> NDArray[np.int64]:
    """Return for each unit the next one in its block of N' units, the first after the last."""
    units = np.arange(size)
    return units - units % block + (units + 1) % block
