"""Starting weights, one source for every engine: the same seed gives the same numbers whatever trains the network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from radixnet.diagnostics import check_masks
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
        For a seed that is no integer of at least 0, a standard deviation that is not positive, or masks that form no network.
    """
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0):
        raise ValueError(f"seed {seed!r}: give an integer of at least 0, or None")
    is_number = isinstance(standard_deviation, Real) and not isinstance(standard_deviation, bool)
    if not is_number or not 0 < standard_deviation < math.inf:
        raise ValueError(
            f"standard deviation {standard_deviation!r}: give a positive, finite number; the paper's is {PAPER_STANDARD_DEVIATION}"
        )
    checked = check_masks(masks)
    streams = np.random.SeedSequence(seed).spawn(len(checked))
    scale = np.float32(standard_deviation)
    return tuple(
        np.random.default_rng(stream).standard_normal(mask.shape, dtype=np.float32) * scale * mask
        for stream, mask in zip(streams, checked, strict=True)
    )
