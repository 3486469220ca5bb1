r"""RadiX-Net topologies: which neuron of a layer feeds which neuron of the next, and how many do.

A RadiX-Net is given by radix lists :math:`N_1, \dots, N_M`. With :math:`N' = \prod N_1`, a layer of radix :math:`r` and place
value :math:`v` (the product of the radices before it in its own list) connects :math:`N'` nodes to :math:`N'` nodes by

.. math:: W = \sum_{j=0}^{r-1} P^{jv}

where :math:`P` is the cyclic shift, so node :math:`a` feeds node :math:`b` exactly when :math:`(a - b) \bmod N'` is one of
:math:`0, v, 2v, \dots, (r-1)v`. Dense widths :math:`D` repeat this pattern: layer :math:`i` of the expanded network is
:math:`\mathbf{1}_{D_{i-1} \times D_i} \otimes W_i` (Kepner and Robinett, 2019). Fitting to given layer sizes keeps the first
:math:`n_i` nodes of each layer, as the paper does, with :math:`D_i = \lceil n_i / N' \rceil`.

Whether a connection exists depends on :math:`b - a` alone, so every fitted mask is a Toeplitz matrix: one vector of length
:math:`n_{i-1} + n_i - 1`, its *diagonals*, holds the whole layer. Masks, fan-ins and densities are read from it; no
:math:`N' \times N'` matrix and no Kronecker product is ever formed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from radixnet.diagnostics import Diagnosis

LENET_300_100 = (784, 300, 100, 10)
"""Layer sizes of LeNet 300-100, the network of every figure in the paper: 784 pixels, two hidden layers, 10 classes."""

MaskArray = NDArray[np.bool_]
"""One layer's connections, shape (inputs, outputs): True where a weight exists."""


@dataclass(frozen=True)
class RadixTopology:
    """A RadiX-Net fitted to given layer sizes.

    Parameters
    ----------
    radix_lists
        Lists of positive integers, e.g. ``[[10, 10], [10]]``: one weight layer per radix. All lists but the last have the
        same product :math:`N'`; the last list's product divides it.
    layer_sizes
        Neurons in each layer, inputs first, e.g. ``(784, 300, 100, 10)``: one more than there are radices.
    fit
        How the expanded network becomes one of these sizes. ``"trim"``, the paper's way, keeps the first nodes of each layer.

    Raises
    ------
    ValueError
        For radix lists or sizes that are not legal; the message says what is wrong and what would be right.

    Examples
    --------
    >>> topology = RadixTopology([[10, 10], [10]], layer_sizes=(784, 300, 100, 10))
    >>> topology.sparsity
    0.9
    >>> [mask.shape for mask in topology.masks]
    [(784, 300), (300, 100), (100, 10)]
    """

    radix_lists: tuple[tuple[int, ...], ...]
    layer_sizes: tuple[int, ...]
    fit: Literal["trim"] = "trim"

    def __init__(
        self,
        radix_lists: Iterable[Iterable[int]],
        layer_sizes: Iterable[int],
        fit: Literal["trim"] = "trim",
    ) -> None:
        lists = check_radix_lists(radix_lists)
        sizes = _check_layer_sizes(layer_sizes, lists)
        if fit != "trim":
            raise ValueError(f"fit {fit!r} is not known; use fit='trim', which keeps the first nodes of each layer")
        object.__setattr__(self, "radix_lists", lists)
        object.__setattr__(self, "layer_sizes", sizes)
        object.__setattr__(self, "fit", fit)

    def __str__(self) -> str:
        return f"{format_radix_lists(self.radix_lists)} on {'-'.join(map(str, self.layer_sizes))}"

    def __getstate__(self) -> dict[str, Any]:
        """Leave masks and counts that were worked out behind when pickled or copied: they are large, and quick to make again."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    # -- the expanded network, before fitting: closed forms ------------------------------------------------------------

    @property
    def radices(self) -> tuple[int, ...]:
        """The radix of each weight layer, all lists joined."""
        return tuple(radix for radix_list in self.radix_lists for radix in radix_list)

    @property
    def place_values(self) -> tuple[int, ...]:
        """The place value of each weight layer, that is the product of the radices before it in its own list."""
        return tuple(math.prod(radix_list[:i]) for radix_list in self.radix_lists for i in range(len(radix_list)))

    @property
    def modulus(self) -> int:
        """The product :math:`N'` of the first list; all connections are counted modulo this number."""
        return math.prod(self.radix_lists[0])

    @property
    def dense_widths(self) -> tuple[int, ...]:
        r"""How often the pattern is repeated to reach the size of each layer, :math:`D_i = \lceil n_i / N' \rceil`."""
        return tuple(-(-size // self.modulus) for size in self.layer_sizes)

    @property
    def expanded_layer_sizes(self) -> tuple[int, ...]:
        """Neurons in each layer before fitting, :math:`D_i N'`."""
        return tuple(width * self.modulus for width in self.dense_widths)

    @property
    def expanded_density(self) -> Fraction:
        r"""Connections over possible connections before fitting, exactly.

        :math:`\sum_i N_i D_{i-1} D_i / (N' \sum_i D_{i-1} D_i)` (Kepner and Robinett, 2019).
        """
        widths = self.dense_widths
        blocks = [before * after for before, after in pairwise(widths)]
        connections = sum(radix * block for radix, block in zip(self.radices, blocks, strict=True))
        return Fraction(connections, self.modulus * sum(blocks))

    @property
    def expanded_sparsity(self) -> float:
        """One minus the expanded density, which is the sparsity that the paper reports."""
        return float(1 - self.expanded_density)

    @property
    def expanded_path_count(self) -> int:
        r"""Paths from any input to any output before fitting, the same number for every pair.

        :math:`\prod_i N_i \, / \, N' \cdot \prod D_i` over the hidden layers' :math:`D_i`; for :math:`M \ge 2` lists that is
        :math:`N'^{M-2} \prod N_M \prod D_i` (Kepner and Robinett, 2019). Fitting breaks the equality.
        """
        return math.prod(self.radices) // self.modulus * math.prod(self.dense_widths[1:-1])

    # -- the fitted network ----------------------------------------------------------------------------------------------

    @cached_property
    def _diagonals(self) -> tuple[MaskArray, ...]:
        """For each layer the vector u with mask[a, b] = u[(b - a) + inputs - 1]."""
        sizes = pairwise(self.layer_sizes)
        return tuple(
            _toeplitz_diagonals(inputs, outputs, self.modulus, radix, place_value)
            for (inputs, outputs), radix, place_value in zip(sizes, self.radices, self.place_values, strict=True)
        )

    @cached_property
    def masks(self) -> tuple[MaskArray, ...]:
        """Connections of each layer, as read-only bool arrays of shape (inputs, outputs)."""
        masks = []
        for diagonals, outputs in zip(self._diagonals, self.layer_sizes[1:], strict=True):
            mask = np.ascontiguousarray(sliding_window_view(diagonals, outputs)[::-1])
            mask.flags.writeable = False
            masks.append(mask)
        return tuple(masks)

    @property
    def sparse_masks(self) -> tuple[csr_array[Any, tuple[int, int]], ...]:
        """Connections of each layer as SciPy arrays in CSR form; memory follows the connections, not the layer sizes."""
        from scipy.sparse import csr_array

        return tuple(
            csr_array((np.ones(len(indices), dtype=bool), indices, pointers), shape=(inputs, outputs))
            for inputs, outputs, (pointers, indices) in zip(
                self.layer_sizes,
                self.layer_sizes[1:],
                map(_csr_indices, self._diagonals, self.layer_sizes[1:]),
                strict=False,
            )
        )

    @cached_property
    def fan_ins(self) -> tuple[NDArray[np.int64], ...]:
        """For each layer, how many inputs feed each of its outputs; arrays of shape (outputs,)."""
        return tuple(_window_sums(diagonals, inputs) for diagonals, inputs in zip(self._diagonals, self.layer_sizes, strict=False))

    @cached_property
    def fan_outs(self) -> tuple[NDArray[np.int64], ...]:
        """For each layer, how many outputs each of its inputs feeds; arrays of shape (inputs,)."""
        return tuple(
            _window_sums(diagonals, outputs)[::-1] for diagonals, outputs in zip(self._diagonals, self.layer_sizes[1:], strict=True)
        )

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the layer sizes and all connections, equal exactly for topologies with equal masks."""
        digest = hashlib.sha256(repr(self.layer_sizes).encode())
        for diagonals in self._diagonals:
            digest.update(np.packbits(diagonals).tobytes())
        return digest.digest()

    @property
    def connection_counts(self) -> tuple[int, ...]:
        """Connections in each layer after fitting."""
        return tuple(int(fan_in.sum()) for fan_in in self.fan_ins)

    @property
    def density(self) -> float:
        """Connections over possible connections, after fitting."""
        sizes = self.layer_sizes
        possible = sum(before * after for before, after in pairwise(sizes))
        return sum(self.connection_counts) / possible

    @property
    def sparsity(self) -> float:
        """One minus the density, after fitting."""
        return 1 - self.density

    def diagnose(self) -> Diagnosis:
        """Say what the fitted network can still learn: output fan-in, live units, input coverage, path counts."""
        from radixnet.diagnostics import diagnose

        return diagnose(self.masks)


def format_radix_lists(radix_lists: Sequence[Sequence[int]]) -> str:
    """Return radix lists as the paper writes them, e.g. ``[[10, 10], [10]]``."""
    return str([list(radix_list) for radix_list in radix_lists])


def check_radix_lists(radix_lists: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    """Return legal radix lists as tuples of integers.

    Raises
    ------
    ValueError
        When they are not legal: empty, not positive integers, or with products that do not fit together.
    """
    advice = "give lists of positive integers, such as [[10, 10], [10]]"
    given = _in_order(radix_lists)
    if given is None:
        raise ValueError(f"radix lists {radix_lists!r}: {advice}")
    if not given:
        raise ValueError(f"radix lists []: there is no list; {advice}")
    lists = []
    for number, radix_list in enumerate(given, start=1):
        radices = _in_order(radix_list)
        if radices is None:
            raise ValueError(f"radix lists {given!r}: item {number} is {radix_list!r}, not a list; {advice}")
        if not radices:
            raise ValueError(f"radix lists {given!r}: list {number} is empty; give it at least one radix, or leave it out")
        what = f"radix lists {given!r}: each radix"
        lists.append(tuple(positive_integer(radix, what) for radix in radices))
    _check_products(lists)
    return tuple(lists)


def _check_products(lists: Sequence[tuple[int, ...]]) -> None:
    """Raise ValueError unless all products but the last are equal and the last divides them."""
    products = [math.prod(radix_list) for radix_list in lists]
    shown = format_radix_lists(lists)
    for number, product in enumerate(products[:-1], start=1):
        if product != products[0]:
            raise ValueError(
                f"radix lists {shown}: the product of list {number} is {product}, but every list except the last "
                f"must have the product of the first, {products[0]}"
            )
    if products[0] % products[-1]:
        raise ValueError(
            f"radix lists {shown}: the last list's product {products[-1]} must divide {products[0]}, the product of the first"
        )


def _check_layer_sizes(layer_sizes: Iterable[int], lists: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return layer sizes as integers, or raise ValueError when they are not sizes or not as many as the lists need."""
    given = _in_order(layer_sizes)
    if given is None:
        raise ValueError(f"layer sizes {layer_sizes!r}: give positive integers, inputs first, such as (784, 300, 100, 10)")
    sizes = tuple(positive_integer(size, f"layer sizes {given!r}: each size") for size in given)
    layers = sum(map(len, lists))
    if len(sizes) != layers + 1:
        raise ValueError(
            f"radix lists {format_radix_lists(lists)} make {layers} weight layers, which need {layers + 1} layer sizes; "
            f"{len(sizes)} were given: {given!r}"
        )
    return sizes


def _in_order(values: object) -> list[Any] | None:
    """Return the items of a collection that has an order, or None: a text, a number, a set or a dict is no list."""
    if isinstance(values, str | bytes | Set | Mapping) or not isinstance(values, Iterable):
        return None
    return None if isinstance(values, np.ndarray) and values.ndim == 0 else list(values)


def positive_integer(value: object, what: str) -> int:
    """Return an integer of at least 1; raise ValueError for bools, floats and everything else."""
    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_integer or value < 1:  # type: ignore[operator]
        raise ValueError(f"{what} must be a positive integer, and {value!r} ({type(value).__name__}) is not")
    return int(value)  # type: ignore[call-overload,no-any-return]


def _toeplitz_diagonals(inputs: int, outputs: int, modulus: int, radix: int, place_value: int) -> MaskArray:
    """Return the vector u of length inputs + outputs - 1 with u[(b - a) + inputs - 1] = "node a feeds node b"."""
    # Python integers where a modulus of many radices no longer fits 64 bits.
    dtype = np.int64 if modulus < 2**62 else object
    shifts = np.arange(inputs - 1, -outputs, -1).astype(dtype) % modulus  # (a - b) mod N'
    connected = (shifts % place_value == 0) & (shifts // place_value < radix)
    diagonals: MaskArray = connected.astype(bool)
    return diagonals


def _window_sums(diagonals: MaskArray, window: int) -> NDArray[np.int64]:
    """Return the sums of every run of `window` neighbours: row or column sums of the Toeplitz mask."""
    cumulative = np.concatenate([[0], np.cumsum(diagonals, dtype=np.int64)])
    sums: NDArray[np.int64] = cumulative[window:] - cumulative[:-window]
    return sums


def _csr_indices(diagonals: MaskArray, outputs: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return row pointers and column indices of a Toeplitz mask; row a is the window that starts at inputs - 1 - a."""
    inputs = len(diagonals) - outputs + 1
    connected = np.flatnonzero(diagonals).astype(np.int32)
    window_starts = np.arange(inputs - 1, -1, -1, dtype=np.int32)
    first = np.searchsorted(connected, window_starts)
    counts = np.searchsorted(connected, window_starts + np.int32(outputs)) - first
    pointers = np.concatenate([[0], np.cumsum(counts)])
    if pointers[-1] > np.iinfo(np.int32).max:
        raise ValueError(f"a layer of {pointers[-1]} connections is more than a SciPy matrix with 32-bit indices holds")
    pointers = pointers.astype(np.int32)
    positions = np.arange(pointers[-1], dtype=np.int32) - np.repeat((pointers[:-1] - first).astype(np.int32), counts)
    return pointers, connected[positions] - np.repeat(window_starts, counts)
