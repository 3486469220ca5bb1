r"""Starting weights from one source: the same seed gives the same numbers whatever trains.

There are three ways to choose the spread of a weight:

- ``"normal"``, the paper's: standard deviation 0.05 everywhere (Keras' ``random_normal``).
- ``"fan_in"``: :math:`\sqrt{2 / f}` into a hidden unit, :math:`\sqrt{1 / f}` into an output, with
  :math:`f` the number of inputs of this very unit. He et al. (2015) derive the factor 2 for dense
  layers before a ReLU, which passes half of a symmetric signal's square; the softmax layer has no
  ReLU, so its factor is 1. Evci et al. (2020) count only the connections that a unit has, since
  sparse layers that start with the spread of dense ones pass on too little. The factor stays 2 for
  other hidden activations (exactly, 1.92 for a leaky ReLU of slope 0.2 and 1 for none), so that
  runs which differ in their activation start alike.
- ``"as_dense"``: the same with :math:`f` the number of units before the layer, connected or not. It
  does not depend on the mask, so what is kept of a dense network keeps its weights: methods that
  choose connections by their starting weights (SNIP, GraSP, SynFlow, lottery tickets) train the
  weights that they chose. A dense network starts alike with ``"fan_in"`` and ``"as_dense"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from radixnet.arguments import boolean, integer, one_of
from radixnet.topology.masks import MaskArray, check_masks

PAPER_STANDARD_DEVIATION = 0.05
"""Standard deviation of the paper's starting weights (Keras' ``random_normal``)."""

Initializer = Literal["normal", "fan_in", "as_dense"]
"""How the spread of starting weights is chosen: as in the paper, by each unit's fan-in, or as in a
dense network."""


def starting_weights(
    masks: Sequence[MaskArray],
    seed: int | None,
    initializer: Initializer = "normal",
    positive_output: bool = False,
) -> tuple[NDArray[np.float32], ...]:
    """Return one matrix per mask: normal with mean 0 where the mask is True, zero elsewhere.

    Every entry of a layer is drawn and the masked ones are dropped, as in the paper's code. So two
    topologies of the same layer sizes and seed share the weights of the connections that both have
    (up to scale with ``"fan_in"``, up to sign with a positive output), and comparisons are paired.

    Parameters
    ----------
    masks
        Bool arrays of shapes (inputs, outputs), one per layer.
    seed
        Non-negative integer, or None for weights that cannot be reproduced.
    initializer
        ``"normal"``: standard deviation 0.05. ``"fan_in"``: the square root of 2 over the unit's
        fan-in, in the last layer of 1 over it. ``"as_dense"``: the same with the units before the
        layer in place of the fan-in.
    positive_output
        Whether weights of the last layer are replaced by their absolute values. Their mean square,
        by which signals grow or fade, stays the same.

    Returns
    -------
    tuple of float32 arrays
        With the masks' shapes.

    Raises
    ------
    ValueError
        For a seed that is not an integer of at least 0, an unknown initializer, a `positive_output`
        that is not a bool, or masks that do not form a network.
    """
    if seed is not None:
        seed = integer("seed", seed)
    one_of("initializer", initializer, get_args(Initializer))
    boolean("positive_output", positive_output)
    checked = check_masks(masks)
    streams = np.random.SeedSequence(seed).spawn(len(checked))
    weights = [
        np.random.default_rng(stream).standard_normal(mask.shape, dtype=np.float32)
        * _standard_deviations(mask, initializer, is_output=number == len(checked))
        * mask
        for number, (stream, mask) in enumerate(zip(streams, checked, strict=True), start=1)
    ]
    if positive_output:
        weights[-1] = np.abs(weights[-1])
    return tuple(weights)


def _standard_deviations(
    mask: MaskArray, initializer: Initializer, is_output: bool
) -> NDArray[np.float32]:
    """Return the standard deviation of the weights into each unit, shape (outputs,)."""
    if initializer == "normal":
        return np.full(mask.shape[1], PAPER_STANDARD_DEVIATION, dtype=np.float32)
    inputs, outputs = mask.shape
    if initializer == "as_dense":
        fan_in = np.full(outputs, inputs)
    else:
        fan_in = np.maximum(np.count_nonzero(mask, axis=0), 1)
    return np.asarray(np.sqrt((1 if is_output else 2) / fan_in), dtype=np.float32)
