r"""RadiX-Net topologies: which neuron of a layer feeds which neuron of the next, and how many do.

A RadiX-Net is given by radix lists :math:`N_1, \dots, N_M`. With :math:`N' = \prod N_1`, a layer of
radix :math:`r` and place value :math:`v` (the product of the radices before it in its own list)
connects :math:`N'` nodes to :math:`N'` nodes by

.. math:: W = \sum_{j=0}^{r-1} P^{jv}

where :math:`P` is the cyclic shift, so node :math:`a` feeds node :math:`b` exactly when :math:`(a -
b) \bmod N'` is one of :math:`0, v, 2v, \dots, (r-1)v`. Dense widths :math:`D` repeat this pattern:
layer :math:`i` of the expanded network is :math:`\mathbf{1}_{D_{i-1} \times D_i} \otimes W_i`
(Kepner and Robinett, 2019). Fitting to given layer sizes :math:`n_i`, with :math:`D_i = \lceil n_i
/ N' \rceil`, keeps the first :math:`n_i` nodes of each layer, as the paper does, or merges node
:math:`k` into node :math:`k \bmod n_i` (`radixnet.topology.fitting`).

Whether a connection exists depends on :math:`b - a` alone, so a trimmed mask is a Toeplitz matrix:
one vector of length :math:`n_{i-1} + n_i - 1`, its *diagonals*, holds the whole layer. Masks,
fan-ins and densities are read from it, or from the list of connections where folding breaks the
pattern; no :math:`N' \times N'` matrix and no Kronecker product is ever formed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from radixnet.arguments import positive_integer
from radixnet.sentences import say
from radixnet.topology.fitting import FittedLayer, check_foldable, dense, folded, trimmed
from radixnet.topology.masks import MaskArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from radixnet.diagnostics import Diagnosis

LENET_300_100 = (784, 300, 100, 10)
"""Layer sizes of LeNet 300-100, the network of every figure in the paper."""

Fit = Literal["trim", "fold"]
"""How the expanded network becomes one of given layer sizes: see `radixnet.topology.fitting`."""


@dataclass(frozen=True)
class RadixTopology:
    """A RadiX-Net fitted to given layer sizes.

    Parameters
    ----------
    radix_lists
        Lists of positive integers, e.g. ``[[10, 10], [10]]``: one weight layer per radix. All lists
        but the last have the same product :math:`N'`; the last list's product divides it.
    layer_sizes
        Neurons in each layer, inputs first, e.g. ``(784, 300, 100, 10)``: one more than there are
        radices.
    fit
        How the expanded network becomes one of these sizes. ``"trim"``, the paper's way, keeps the
        first nodes of each layer; ``"fold"`` merges node k of each expanded layer, inputs and
        outputs included, into node k modulo the layer's size, and loses no path.
    dense_output
        Whether the last layer has all possible connections, whatever its radix, as in the networks
        of Alford et al. (2019). What is said of the expanded network, such as its sparsity, is
        about the radix lists alone.

    Raises
    ------
    ValueError
        For illegal radix lists or sizes, an unknown fit, or a product :math:`N'` so large that
        folding would take minutes; the message says what is wrong and what would be right.

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
    fit: Fit = "trim"
    dense_output: bool = False

    def __init__(
        self,
        radix_lists: Iterable[Iterable[int]],
        layer_sizes: Iterable[int],
        fit: Fit = "trim",
        dense_output: bool = False,
    ) -> None:
        lists = check_radix_lists(radix_lists)
        sizes = _check_layer_sizes(layer_sizes, lists)
        if fit not in get_args(Fit):
            raise ValueError(say("unknown_fit", fit=repr(fit)))
        if not isinstance(dense_output, bool | np.bool_):
            raise ValueError(say("unknown_dense_output", dense_output=repr(dense_output)))
        given = {"radix_lists": lists, "layer_sizes": sizes, "fit": fit}
        for name, value in {**given, "dense_output": bool(dense_output)}.items():
            object.__setattr__(self, name, value)
        if fit == "fold":
            for layer in self._patterned_layers():
                check_foldable(*layer)

    def __str__(self) -> str:
        sizes = "-".join(map(str, self.layer_sizes))
        folded = ", folded" if self.fit == "fold" else ""
        dense_output = ", dense output" if self.dense_output else ""
        return f"{format_radix_lists(self.radix_lists)} on {sizes}{folded}{dense_output}"

    def __getstate__(self) -> dict[str, Any]:
        """Leave masks and counts out of pickles and copies: they are large and quick to compute."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    # -- the expanded network, before fitting: closed forms --------------------------------------

    @property
    def radices(self) -> tuple[int, ...]:
        """The radix of each weight layer, all lists joined."""
        return tuple(radix for radix_list in self.radix_lists for radix in radix_list)

    @property
    def place_values(self) -> tuple[int, ...]:
        """Each weight layer's place value, the product of the radices before it in its list."""
        return tuple(
            math.prod(radix_list[:i])
            for radix_list in self.radix_lists
            for i in range(len(radix_list))
        )

    @property
    def modulus(self) -> int:
        """The product :math:`N'` of the first list; connections are counted modulo this number."""
        return math.prod(self.radix_lists[0])

    @property
    def dense_widths(self) -> tuple[int, ...]:
        r"""How often the pattern is repeated in each layer, :math:`\lceil n_i / N' \rceil`."""
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
        r"""Paths from any input to any output before fitting, equally many for every pair.

        :math:`\prod_i N_i \, / \, N' \cdot \prod D_i` over the hidden layers' :math:`D_i`; for
        :math:`M \ge 2` lists that is :math:`N'^{M-2} \prod N_M \prod D_i` (Kepner and Robinett,
        2019). Fitting breaks the equality.
        """
        return math.prod(self.radices) // self.modulus * math.prod(self.dense_widths[1:-1])

    # -- the fitted network ----------------------------------------------------------------------

    @cached_property
    def _layers(self) -> tuple[FittedLayer, ...]:
        """The connections of each layer in as little room as they allow."""
        fitted = {"trim": trimmed, "fold": folded}[self.fit]
        return tuple(fitted(*layer) for layer in self._patterned_layers()) + (
            (dense(*self.layer_sizes[-2:]),) if self.dense_output else ()
        )

    def _patterned_layers(self) -> list[tuple[int, int, int, int, int]]:
        """Return inputs, outputs, N', radix and place value of each layer but a dense output."""
        layers = [
            (inputs, outputs, self.modulus, radix, place_value)
            for (inputs, outputs), radix, place_value in zip(
                pairwise(self.layer_sizes), self.radices, self.place_values, strict=True
            )
        ]
        return layers[:-1] if self.dense_output else layers

    @cached_property
    def masks(self) -> tuple[MaskArray, ...]:
        """Connections of each layer, as read-only bool arrays of shape (inputs, outputs)."""
        masks = tuple(layer.mask() for layer in self._layers)
        for mask in masks:
            mask.flags.writeable = False
        return masks

    @property
    def sparse_masks(self) -> tuple[csr_array[Any, tuple[int, int]], ...]:
        """Each layer's connections as a CSR array; memory follows the connections."""
        return tuple(layer.sparse() for layer in self._layers)

    @cached_property
    def fan_ins(self) -> tuple[NDArray[np.int64], ...]:
        """For each layer, how many inputs feed each of its outputs; arrays of shape (outputs,)."""
        return tuple(layer.fan_in() for layer in self._layers)

    @cached_property
    def fan_outs(self) -> tuple[NDArray[np.int64], ...]:
        """For each layer, how many outputs each of its inputs feeds; arrays of shape (inputs,)."""
        return tuple(layer.fan_out() for layer in self._layers)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of sizes and connections, equal exactly for topologies with equal masks."""
        digest = hashlib.sha256(repr(self.layer_sizes).encode())
        for layer in self._layers:
            digest.update(layer.digest())
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

    def diagnose(self, positive_output: bool = False) -> Diagnosis:
        """Say what the fitted network can still learn and what to expect: see `radixnet.Diagnosis`.

        Parameters
        ----------
        positive_output
            Whether the weights of the last layer are to start positive.
        """
        from radixnet.diagnostics import diagnose

        return diagnose(self.masks, positive_output)


def format_radix_lists(radix_lists: Sequence[Sequence[int]]) -> str:
    """Return radix lists as the paper writes them, e.g. ``[[10, 10], [10]]``."""
    return str([list(radix_list) for radix_list in radix_lists])


def check_radix_lists(radix_lists: Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    """Return legal radix lists as tuples of integers.

    Raises
    ------
    ValueError
        If they are empty, hold anything but positive integers, or their products do not match.
    """
    wanted = say("radix_lists_wanted")
    given = _in_order(radix_lists)
    if given is None:
        raise ValueError(f"radix lists {radix_lists!r}: {wanted}")
    if not given:
        raise ValueError(say("no_list", wanted=wanted))
    lists = []
    for number, radix_list in enumerate(given, start=1):
        radices = _in_order(radix_list)
        if radices is None:
            found = f"item {number} is {radix_list!r}, not a list"
            raise ValueError(f"radix lists {given!r}: {found}; {wanted}")
        if not radices:
            raise ValueError(say("empty_list", lists=repr(given), number=number))
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
            values = {"number": number, "product": product, "first": products[0]}
            raise ValueError(say("unequal_products", lists=shown, **values))
    if products[0] % products[-1]:
        raise ValueError(say("last_product", lists=shown, product=products[-1], first=products[0]))


def _check_layer_sizes(
    layer_sizes: Iterable[int], lists: Sequence[tuple[int, ...]]
) -> tuple[int, ...]:
    """Return layer sizes as integers; raise ValueError for illegal ones or a wrong number."""
    given = _in_order(layer_sizes)
    if given is None:
        raise ValueError(f"layer sizes {layer_sizes!r}: {say('layer_sizes_wanted')}")
    sizes = tuple(positive_integer(size, f"layer sizes {given!r}: each size") for size in given)
    layers = sum(map(len, lists))
    if len(sizes) != layers + 1:
        counts = {"count": layers, "needed": layers + 1, "given": len(sizes)}
        shown = {"lists": format_radix_lists(lists), "sizes": repr(given)}
        raise ValueError(say("wrong_size_count", **counts, **shown))
    return sizes


def _in_order(values: object) -> list[Any] | None:
    """Return the items of an ordered collection; None for a text, a number, a set or a dict."""
    if isinstance(values, str | bytes | Set | Mapping) or not isinstance(values, Iterable):
        return None
    return None if isinstance(values, np.ndarray) and values.ndim == 0 else list(values)
