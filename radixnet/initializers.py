"""Starting weights, one source for every engine: the same seed gives the same numbers whatever trains the network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radixnet.topology import MaskArray

PAPER_STANDARD_DEVIATION = 0.05
"""Standard deviation of the paper's starting weights, drawn from a normal distribution with mean 0 (Keras' ``random_normal``)."""


def starting_weights(
    masks: Sequence[MaskArray],
    seed: int | None,
    standard_deviation: float = PAPER_STANDARD_DEVIATION,
) -> tuple[NDArray[np.float32], ...]:
    """Return one weight matrix per mask, normally distributed where the mask is True and exactly zero elsewhere.

    Every entry of a layer is drawn and the masked ones are dropped, as the paper's code does. So two topologies of the same layer
    sizes and seed share the weights of the connections that both have, and comparisons between them are paired.

    Parameters
    ----------
    masks
        Bool arrays of shapes (inputs, outputs), one per layer.
    seed
        Non-negative integer, or None for weights that no one can draw again.
    standard_deviation
        Of every weight, positive.

    Returns
    -------
    tuple of float32 arrays
        The shapes of the masks.

    Raises
    ------
    ValueError
        For a negative seed or a standard deviation that is not positive.
    """
    if seed is not None and seed < 0:
        raise ValueError(f"seed {seed} is negative; give an integer of at least 0")
    if not standard_deviation > 0:
        raise ValueError(f"standard deviation {standard_deviation} is not positive; the paper's is {PAPER_STANDARD_DEVIATION}")
    streams = np.random.SeedSequence(seed).spawn(len(masks))
    scale = np.float32(standard_deviation)
    return tuple(
        np.random.default_rng(stream).standard_normal(mask.shape, dtype=np.float32) * scale * mask
        for stream, mask in zip(streams, masks, strict=True)
    )
