r"""How the expanded RadiX-Net becomes layers of given sizes, and a compact form of a layer.

A layer of radix :math:`r` and place value :math:`v` of the expanded network joins nodes
:math:`a < D_{i-1} N'` to nodes :math:`b < D_i N'` exactly when :math:`(a - b) \bmod N'` is one of
:math:`0, v, \dots, (r-1)v`.

- *Trimming* keeps the first nodes of each layer. A connection depends on :math:`b - a` alone, so
  the mask is a Toeplitz matrix.
- *Folding* to :math:`m` inputs and :math:`n` outputs merges node :math:`a` into input
  :math:`a \bmod m` and node :math:`b` into output :math:`b \bmod n`. The mask is True at
  :math:`(p, q)` exactly when some :math:`a \equiv p \pmod m` feeds some
  :math:`b \equiv q \pmod n`. Merged nodes keep all their connections, of which some may coincide.
  Each path of the expanded network becomes a path, so every input still reaches every output.

Keeping nodes other than the first, evenly spaced for instance, cannot replace folding: whichever
nodes are kept, none gains a connection, so an output with few connections still has few.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radixnet.sentences import say
from radixnet.topology.masks import MaskArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_CELLS_AT_ONCE = 2**26
"""Masks of up to so many bytes are filled in whole while folding; for larger ones, connections are
sorted."""

_CONNECTIONS_AT_ONCE = 2**20
"""Connections of the expanded network that are folded together; this bounds the memory used."""

_MOST_CONNECTIONS = 2**30
"""Folding follows the connections of the expanded network; more than this would take minutes."""


@dataclass(frozen=True, eq=False)
class ToeplitzLayer:
    """Connections that depend on the difference of output and input alone.

    Attributes
    ----------
    inputs, outputs
        Nodes on either side.
    diagonals
        Bool array u of length inputs + outputs - 1 with mask[a, b] = u[(b - a) + inputs - 1].
    """

    inputs: int
    outputs: int
    diagonals: MaskArray

    def mask(self) -> MaskArray:
        """Return the connections as a new bool array of shape (inputs, outputs)."""
        # Row a is the window that starts at inputs - 1 - a.
        shape, last = (self.inputs, self.outputs), self.inputs - 1
        return np.ndarray(shape, bool, self.diagonals, offset=last, strides=(-1, 1)).copy()

    def fan_in(self) -> NDArray[np.int64]:
        """Return how many inputs feed each output."""
        return _window_sums(self.diagonals, self.inputs)

    def fan_out(self) -> NDArray[np.int64]:
        """Return how many outputs each input feeds."""
        return _window_sums(self.diagonals, self.outputs)[::-1]

    def sparse(self) -> csr_array[Any, tuple[int, int]]:
        """Return the connections as a SciPy array in CSR form."""
        from scipy.sparse import csr_array, dia_array

        offsets = np.flatnonzero(self.diagonals) - (self.inputs - 1)
        data = np.ones((len(offsets), self.outputs), dtype=bool)
        return csr_array(dia_array((data, offsets), shape=(self.inputs, self.outputs)))

    def digest(self) -> bytes:
        """Return bytes that are equal exactly for equal masks of one shape."""
        return np.packbits(self.diagonals).tobytes()


@dataclass(frozen=True, eq=False)
class ListedLayer:
    """Connections without such a pattern, one by one.

    Attributes
    ----------
    inputs, outputs
        Nodes on either side.
    cells
        Ascending int64 array of ``a * outputs + b`` for every connection from a to b.
    """

    inputs: int
    outputs: int
    cells: NDArray[np.int64]

    def mask(self) -> MaskArray:
        """Return the connections as a new bool array of shape (inputs, outputs)."""
        mask = np.zeros(self.inputs * self.outputs, dtype=bool)
        mask[self.cells] = True
        return mask.reshape(self.inputs, self.outputs)

    def fan_in(self) -> NDArray[np.int64]:
        """Return how many inputs feed each output."""
        return np.bincount(self.cells % self.outputs, minlength=self.outputs)

    def fan_out(self) -> NDArray[np.int64]:
        """Return how many outputs each input feeds."""
        return np.bincount(self.cells // self.outputs, minlength=self.inputs)

    def sparse(self) -> csr_array[Any, tuple[int, int]]:
        """Return the connections as a SciPy array in CSR form."""
        from scipy.sparse import csr_array

        ends = np.divmod(self.cells, self.outputs)
        data = np.ones(len(self.cells), dtype=bool)
        return csr_array((data, ends), shape=(self.inputs, self.outputs))

    def digest(self) -> bytes:
        """Return bytes equal exactly for equal masks of one shape; never those of a Toeplitz."""
        return b"listed" + hashlib.sha256(self.cells.astype("<i8").tobytes()).digest()


FittedLayer = ToeplitzLayer | ListedLayer
"""One layer after fitting; listed only if it is not Toeplitz, so equal masks are stored alike."""


def trimmed(inputs: int, outputs: int, modulus: int, radix: int, place_value: int) -> ToeplitzLayer:
    """Return the connections among the first nodes of an expanded layer."""
    # Python integers where a modulus of many radices no longer fits 64 bits.
    dtype = np.int64 if modulus < 2**62 else object
    shifts = np.arange(inputs - 1, -outputs, -1).astype(dtype) % modulus  # (a - b) mod N'
    connected = (shifts % place_value == 0) & (shifts // place_value < radix)
    return ToeplitzLayer(inputs, outputs, connected.astype(bool))


def folded(inputs: int, outputs: int, modulus: int, radix: int, place_value: int) -> FittedLayer:
    """Return the connections of an expanded layer after merging node k into node k modulo the size.

    Raises
    ------
    ValueError
        If the expanded layer has more connections than can be followed.
    """
    if inputs % modulus == 0 == outputs % modulus:
        return trimmed(inputs, outputs, modulus, radix, place_value)  # nothing to merge
    steps = check_foldable(inputs, outputs, modulus, radix, place_value)
    nodes = modulus * -(-inputs // modulus)
    copies = modulus * np.arange(-(-outputs // modulus))
    j = np.arange(steps)
    size = inputs * outputs
    whole = np.zeros(size, dtype=bool) if size <= _CELLS_AT_ONCE else None
    found = [np.zeros(0, np.int64)]
    chunk = max(1, _CONNECTIONS_AT_ONCE // (2 * steps * len(copies)))
    for start in range(0, nodes, chunk):
        a = np.arange(start, min(start + chunk, nodes))
        residue = (a % modulus)[:, None]
        # Of the outputs a, a - v, a - 2 v, ..., those before wrapping around, then the others.
        before = np.minimum(radix, residue // place_value + 1)
        wrapped = residue - (before + j) * place_value + modulus
        b = np.concatenate([residue - j * place_value, wrapped], axis=1)
        exists = np.concatenate([j < before, before + j < radix], axis=1)
        row = np.broadcast_to((a % inputs * outputs)[:, None], b.shape)[exists]
        cells = (row[:, None] + (b[exists][:, None] + copies) % outputs).ravel()
        if whole is not None:
            whole[cells] = True
        else:
            found.append(_distinct(cells))
    cells = np.flatnonzero(whole) if whole is not None else _distinct(np.concatenate(found))
    return _plainest(inputs, outputs, cells)


def check_foldable(inputs: int, outputs: int, modulus: int, radix: int, place_value: int) -> int:
    """Return how many outputs to follow from each node of a layer; raise ValueError if too many.

    From node a the outputs are a, a - v, a - 2 v, ... until they wrap around at zero, and so on
    from the upper end. Once merged to n outputs, either part repeats after n / gcd(v, n) of them.
    """
    steps = min(radix, outputs // math.gcd(place_value, outputs))
    nodes, copies = modulus * -(-inputs // modulus), -(-outputs // modulus)
    followed = 2 * steps * nodes * copies
    if followed > _MOST_CONNECTIONS and (inputs % modulus or outputs % modulus):
        sizes = {"inputs": inputs, "outputs": outputs, "most": _MOST_CONNECTIONS}
        layer = {"radix": radix, "place_value": place_value, "modulus": modulus}
        raise ValueError(say("too_much_folding", **sizes, **layer))
    return steps


def dense(inputs: int, outputs: int) -> ToeplitzLayer:
    """Return a layer with all connections."""
    return ToeplitzLayer(inputs, outputs, np.ones(inputs + outputs - 1, dtype=bool))


def _plainest(inputs: int, outputs: int, cells: NDArray[np.int64]) -> FittedLayer:
    """Return a layer with these connections: Toeplitz if each diagonal is full or empty."""
    places = cells % outputs - cells // outputs + inputs - 1
    counts = np.bincount(places, minlength=inputs + outputs - 1)
    differences = np.arange(1 - inputs, outputs)
    lengths = np.minimum(inputs, outputs - differences) - np.maximum(0, -differences)
    if ((counts == 0) | (counts == lengths)).all():
        return ToeplitzLayer(inputs, outputs, counts > 0)
    return ListedLayer(inputs, outputs, cells)


def _distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return distinct integers, ascending (ten times as fast as ``np.unique``, which hashes)."""
    ascending = np.sort(values)
    return ascending[np.diff(ascending, prepend=-1) > 0]


def _window_sums(diagonals: MaskArray, window: int) -> NDArray[np.int64]:
    """Return the sums of all runs of `window` neighbours: row or column sums of the mask."""
    cumulative = np.concatenate([[0], np.cumsum(diagonals, dtype=np.int64)])
    sums: NDArray[np.int64] = cumulative[window:] - cumulative[:-window]
    return sums
