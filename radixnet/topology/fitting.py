r"""How the expanded RadiX-Net becomes layers of given sizes, and one layer's connections in as little room as they allow.

A layer of radix :math:`r` and place value :math:`v` of the expanded network joins nodes :math:`a < D_{i-1} N'` to nodes
:math:`b < D_i N'`, and does so exactly when :math:`(a - b) \bmod N'` is one of :math:`0, v, \dots, (r-1)v`.

- *Trimming* keeps the first nodes of each layer: a connection depends on :math:`b - a` alone, and the mask is a Toeplitz matrix.
- *Folding* to :math:`m` inputs and :math:`n` outputs merges node :math:`a` into input :math:`a \bmod m` and node :math:`b` into
  output :math:`b \bmod n`. Merged nodes keep all their connections, and connections that come to coincide become one: the mask
  is True at :math:`(p, q)` exactly when some :math:`a \equiv p \pmod m` feeds some :math:`b \equiv q \pmod n`. Each path of the
  expanded network becomes a path, so that every input still reaches every output.

Keeping other nodes than the first ones, evenly spaced for instance, would not do instead of folding: whichever nodes are kept, none
has more connections than before, so that an output of few stays one.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radixnet.topology.masks import MaskArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_CELLS_AT_ONCE = 2**26
"""Masks up to this size, in bytes, are filled in whole while folding; connections of larger ones are sorted."""

_CONNECTIONS_AT_ONCE = 2**20
"""How many connections of the expanded network are folded together, which bounds the memory that it takes."""

_MOST_CONNECTIONS = 2**30
"""Folding follows connections of the expanded network one by one; more than this would take minutes."""


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
        connected = np.flatnonzero(self.diagonals).astype(np.int32)
        window_starts = np.arange(self.inputs - 1, -1, -1, dtype=np.int32)  # row a is the window that starts at inputs - 1 - a
        first = np.searchsorted(connected, window_starts)
        counts = np.searchsorted(connected, window_starts + np.int32(self.outputs)) - first
        pointers = np.concatenate([[0], np.cumsum(counts)])
        if pointers[-1] > np.iinfo(np.int32).max:
            raise ValueError(f"a layer of {pointers[-1]} connections is more than a SciPy matrix with 32-bit indices holds")
        pointers = pointers.astype(np.int32)
        positions = np.arange(pointers[-1], dtype=np.int32) - np.repeat((pointers[:-1] - first).astype(np.int32), counts)
        return _csr(pointers, connected[positions] - np.repeat(window_starts, counts), (self.inputs, self.outputs))

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
        pointers = np.concatenate([[0], np.cumsum(self.fan_out())]).astype(np.int32)
        return _csr(pointers, (self.cells % self.outputs).astype(np.int32), (self.inputs, self.outputs))

    def digest(self) -> bytes:
        """Return bytes that are equal exactly for equal masks of one shape, and differ from those of a `ToeplitzLayer`."""
        return b"listed" + hashlib.sha256(self.cells.astype("<i8").tobytes()).digest()


FittedLayer = ToeplitzLayer | ListedLayer
"""One layer after fitting; listed only when its mask is no Toeplitz matrix, so that equal masks are kept alike."""


def trimmed(inputs: int, outputs: int, modulus: int, radix: int, place_value: int) -> ToeplitzLayer:
    """Return the connections among the first nodes of an expanded layer."""
    # Python integers where a modulus of many radices no longer fits 64 bits.
    dtype = np.int64 if modulus < 2**62 else object
    shifts = np.arange(inputs - 1, -outputs, -1).astype(dtype) % modulus  # (a - b) mod N'
    connected = (shifts % place_value == 0) & (shifts // place_value < radix)
    return ToeplitzLayer(inputs, outputs, connected.astype(bool))


def folded(inputs: int, outputs: int, modulus: int, radix: int, place_value: int) -> FittedLayer:
    """Return the connections of an expanded layer whose node k is merged into node k modulo the layer size.

    Raises
    ------
    ValueError
        When the expanded layer has more connections than can be followed.
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
        before_wrapping = np.minimum(radix, residue // place_value + 1)  # of the outputs a, a - v, a - 2 v, ...
        b = np.concatenate([residue - j * place_value, residue - (before_wrapping + j) * place_value + modulus], axis=1)
        exists = np.concatenate([j < before_wrapping, before_wrapping + j < radix], axis=1)
        row = np.broadcast_to((a % inputs * outputs)[:, None], b.shape)[exists]
        cells = (row[:, None] + (b[exists][:, None] + copies) % outputs).ravel()
        if whole is not None:
            whole[cells] = True
        else:
            found.append(_distinct(cells))
    return _plainest(inputs, outputs, np.flatnonzero(whole) if whole is not None else _distinct(np.concatenate(found)))


def check_foldable(inputs: int, outputs: int, modulus: int, radix: int, place_value: int) -> int:
    """Return how many outputs to follow from each node of an expanded layer, or raise ValueError when that is too much work.

    From node a the outputs are a, a - v, a - 2 v, ... until they wrap around at zero, and so on from the upper end. Once merged
    to n outputs, either part repeats after n / gcd(v, n) of them.
    """
    steps = min(radix, outputs // math.gcd(place_value, outputs))
    followed = 2 * steps * math.prod(modulus * -(-size // modulus) for size in (inputs, outputs)) // modulus
    if followed > _MOST_CONNECTIONS and (inputs % modulus or outputs % modulus):
        raise ValueError(
            f"folding to a layer of {inputs} inputs and {outputs} outputs would follow {followed:,} connections of the expanded "
            f"one, which has radix {radix}, place value {place_value} and N' = {modulus:,}; that is more than "
            f"{_MOST_CONNECTIONS:,}: use smaller radices, or fit='trim'"
        )
    return steps


def dense(inputs: int, outputs: int) -> ToeplitzLayer:
    """Return a layer with all connections."""
    return ToeplitzLayer(inputs, outputs, np.ones(inputs + outputs - 1, dtype=bool))


def _plainest(inputs: int, outputs: int, cells: NDArray[np.int64]) -> FittedLayer:
    """Return a layer with these connections, as a Toeplitz matrix if it is one: each of its diagonals full or empty."""
    counts = np.bincount(cells % outputs - cells // outputs + inputs - 1, minlength=inputs + outputs - 1)
    differences = np.arange(1 - inputs, outputs)
    lengths = np.minimum(inputs, outputs - differences) - np.maximum(0, -differences)
    if ((counts == 0) | (counts == lengths)).all():
        return ToeplitzLayer(inputs, outputs, counts > 0)
    return ListedLayer(inputs, outputs, cells)


def _distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the distinct ones of integers in ascending order (``np.unique`` hashes them first, which takes ten times as long)."""
    ascending = np.sort(values)
    return ascending[np.diff(ascending, prepend=-1) > 0]


def _window_sums(diagonals: MaskArray, window: int) -> NDArray[np.int64]:
    """Return the sums of every run of `window` neighbours: row or column sums of the Toeplitz mask."""
    cumulative = np.concatenate([[0], np.cumsum(diagonals, dtype=np.int64)])
    sums: NDArray[np.int64] = cumulative[window:] - cumulative[:-window]
    return sums


def _csr(pointers: NDArray[np.int32], indices: NDArray[np.int32], shape: tuple[int, int]) -> csr_array[Any, tuple[int, int]]:
    """Return a SciPy array that is True at these columns of each row."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(indices), dtype=bool), indices, pointers), shape=shape)
