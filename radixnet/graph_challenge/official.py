r"""The networks of the Sparse DNN Graph Challenge by formula (Kepner et al., 2019).

A network of :math:`n = 16 N'` neurons a layer, :math:`N' = 2^L`, repeats blocks of :math:`L`
layers with place values :math:`v = 1, 2, 4, \dots, N' / 2`: those of a RadiX-Net of radix list
:math:`(2, \dots, 2)` and dense width 16, in which neuron :math:`a` feeds neuron :math:`b` exactly
when :math:`(a - b) \bmod N'` is 0 or :math:`v`. From the second block on the *inputs* of all
layers of a block are permuted: neuron :math:`i` feeds what neuron :math:`\pi(i)` would, with
:math:`\pi` the inverse of MATLAB's ``randperm(n)``, one draw per block from the stream that MATLAB
starts with. So every neuron has 32 inputs and 32 outputs, and all weights are 1/16.

With 1,024 neurons this equals the 120 layers of the official files, entry by entry. That the wider
networks follow the same rule is a conjecture until somebody with the files has called ``python -m
radixnet.graph_challenge.check FOLDER``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from radixnet.topology.fitting import trimmed

if TYPE_CHECKING:
    from scipy.sparse import csr_array

COPIES = 16
"""The dense width: how often the pattern of a block is repeated to either side."""

FAN_IN = 2 * COPIES
"""Inputs, and outputs, of every neuron."""

WEIGHT = np.float32(1 / 16)
"""Every weight of an official network, and what a layer of bools stands for."""

CAP = np.float32(32)
"""No activation is larger."""

BIASES = {1024: -0.30, 4096: -0.35, 16384: -0.40, 65536: -0.45}
"""For each official width, in neurons a layer, the bias of every neuron."""

DEPTHS = (120, 480, 1920)
"""Layers of the official networks."""

PUBLISHED_CATEGORIES = {1024: 1812, 16384: 1918, 65536: 1994}
"""How many of the 60,000 official images are answers after 120 layers, where that is known here."""

PUBLISHED_PIXELS = {1024: 6_374_505, 4096: 25_019_051, 16384: 98_858_913, 65536: 392_191_985}
"""How many pixels of the 60,000 official images are 1."""

_MATLAB_SEED = 5489
"""The seed of the Mersenne Twister that MATLAB starts with."""


def layers(neurons: int = 1024, depth: int = 120) -> Layers:
    """Return the layers of an official network, made one by one as they are asked for.

    Parameters
    ----------
    neurons
        Neurons a layer: 1,024, 4,096, 16,384 or 65,536, or any other 16 times a power of 2 (from
        32 to 2^20), by the same rule.
    depth
        How many layers; the official networks have 120, 480 or 1,920.

    Returns
    -------
    Layers
        A sequence of ``scipy.sparse.csr_array`` of bool, shape (neurons, neurons), rows inputs.
        ``layers()[6]`` is the seventh layer alone, in the memory that one layer takes.

    Raises
    ------
    ValueError
        For a width or a depth that no such network has.

    Examples
    --------
    >>> network = layers(neurons=1024, depth=120)
    >>> sum(layer.nnz for layer in network)
    3932160
    """
    return Layers(neurons, depth)


@dataclass(frozen=True)
class Layers(Sequence["csr_array[Any, tuple[int, int]]"]):
    """A network by formula: see `layers`."""

    neurons: int = 1024
    depth: int = 120

    def __post_init__(self) -> None:
        for name, least, most in (("neurons", 2 * COPIES, 2**20), ("depth", 1, 2**31)):
            value = getattr(self, name)
            if (
                isinstance(value, bool)
                or not isinstance(value, int | np.integer)
                or not least <= value <= most
            ):
                raise ValueError(f"{name} {value!r}: give an integer from {least} to {most}")
        if self.neurons & (self.neurons - 1):
            widths = ", ".join(map(str, BIASES))
            raise ValueError(
                f"neurons {self.neurons}: give {widths}, or another 16 times a power of 2"
            )

    def __len__(self) -> int:
        return self.depth

    @property
    def modulus(self) -> int:
        """The product N' of a block's radices."""
        return self.neurons // COPIES

    @property
    def block(self) -> int:
        """Layers in a block, as many as N' has factors 2."""
        return self.modulus.bit_length() - 1

    @overload
    def __getitem__(self, number: int) -> csr_array[Any, tuple[int, int]]: ...
    @overload
    def __getitem__(self, number: slice) -> list[csr_array[Any, tuple[int, int]]]: ...
    def __getitem__(self, number: int | slice) -> Any:
        """Return one layer, counted from 0, or those of a slice as a list."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(self.depth))]
        block, place = divmod(range(self.depth)[number], self.block)
        layer = trimmed(self.neurons, self.neurons, self.modulus, 2, 2**place).sparse()
        return layer if block == 0 else layer[_stand_ins(self.neurons, block)]


@lru_cache(maxsize=2)
def _stand_ins(neurons: int, block: int) -> NDArray[np.int64]:
    """Return for each input of a block the input of the first block whose outputs it has."""
    stream = np.random.RandomState(_MATLAB_SEED)
    draw = np.empty(0)
    for _ in range(block):
        draw = stream.random_sample(neurons)
    stand_ins = np.empty(neurons, np.int64)
    stand_ins[np.argsort(draw, kind="stable")] = np.arange(neurons)
    return stand_ins
