r"""A layer by columns: which are equal, what they merge into, and how the loops want them.

**Equal columns.** Let two neurons of a layer have the same inputs and the same weights. Then they
have the same value for every image, and whatever reads both may read one of them with the sum of
both weights. With equal weights in a layer, columns with equal inputs are such neurons, and a sum
of weights is their number times the weight. So a network of n neurons a layer *is* one of as many
neurons as there are different columns; nothing is approximated. Merging inputs can make columns
equal that were not, so layers are taken in their order, the inputs of the first one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from radixnet.graph_challenge.loops import PANEL, Floats, Integers, Packed
from radixnet.graph_challenge.official import WEIGHT

Layer = csr_array[Any, tuple[int, int]]
"""Connections, rows inputs: weights, or bools where every weight is 1/16."""


@dataclass(frozen=True)
class Columns:
    """The weights of a layer by columns.

    Attributes
    ----------
    inputs
        How many neurons there are before the layer.
    starts, rows, weights
        Column c has the inputs ``rows[starts[c] : starts[c + 1]]`` and their weights.
    """

    inputs: int
    starts: Integers
    rows: NDArray[np.int32]
    weights: Floats

    @property
    def outputs(self) -> int:
        """How many columns there are."""
        return len(self.starts) - 1


def columns_of(layer: Layer, number: int) -> Columns:
    """Return a layer by columns, zeros left out; errors name it by its number, from 1.

    Raises
    ------
    ValueError
        For anything but a sparse matrix of finite weights or bools.
    """
    if getattr(layer, "format", None) is None or layer.ndim != 2:
        raise ValueError(
            f"layer {number} is {type(layer).__name__}: give a scipy.sparse.csr_array, rows inputs"
        )
    if layer.dtype.kind not in "biuf":
        raise ValueError(
            f"layer {number} has weights of type {layer.dtype}; "
            "give real numbers, or bools where all are 1/16"
        )
    by_columns = layer.tocsc(copy=True)
    by_columns.sum_duplicates()
    by_columns.eliminate_zeros()
    weights = by_columns.data
    weights = np.full(len(weights), WEIGHT) if weights.dtype == bool else weights.astype(np.float32)
    if not np.isfinite(weights).all():
        raise ValueError(f"layer {number} has weights that are not finite numbers in float32")
    return Columns(layer.shape[0], by_columns.indptr.astype(np.int64), by_columns.indices, weights)


def merged(columns: Columns, inputs: Integers, number: int) -> tuple[Columns, Integers]:
    """Return a layer of equal weights with equal columns as one, and the new place of each.

    Parameters
    ----------
    columns
        A layer as it is.
    inputs
        For each of its inputs the number of what it was merged into.
    number
        The layer's number, counted from 1.

    Raises
    ------
    ValueError
        Where the weights of the layer differ.

    Notes ----- Columns are told apart by sums of random integers modulo 2^64, one for each input:
    that two different ones are taken for equal has a chance of 2^-64 for each pair.
    """
    weights = columns.weights
    if len(weights) and weights.min() != weights.max():
        raise ValueError(
            f"layer {number} has weights from {weights.min():g} to {weights.max():g}: columns with "
            "equal inputs are equal only where all weights of a layer are; infer with way='generic'"
        )
    rows = inputs[columns.rows]
    _, first, classes = np.unique(
        _sums(rows, columns.starts, len(inputs)), return_index=True, return_inverse=True
    )
    order = np.argsort(first)  # what comes first in the layer comes first here
    kept = first[order]
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    counts = (columns.starts[1:] - columns.starts[:-1])[kept]
    there = _spread(columns.starts[kept], counts)
    # Matrices of scipy.sparse add up what comes twice.
    narrow = csr_array(
        (weights[there], rows[there], np.concatenate([[0], np.cumsum(counts)])),
        shape=(len(kept), int(inputs.max()) + 1),
    )
    narrow.sum_duplicates()
    starts = narrow.indptr.astype(np.int64)
    return Columns(narrow.shape[1], starts, narrow.indices.astype(np.int32), narrow.data), place[
        classes
    ]


def packed(layers: Iterable[Columns]) -> Packed:
    """Return layers as the loops walk along them."""
    parts = [_packed_layer(columns) for columns in layers]
    if not parts:
        raise ValueError("there are no layers; give one or more, such as layers(1024, 120)")
    groups = [len(part[0]) for part in parts]
    fours = [int((part[1] == 4).sum()) for part in parts]
    before = np.cumsum([0, *groups])
    counts, sizes, inputs, outputs, weights = (
        np.concatenate(arrays) for arrays in zip(*parts, strict=True)
    )
    return Packed(
        bounds=np.stack([before[:-1], before[:-1] + fours, before[1:]], axis=1),
        counts=counts,
        first_input=_starts(counts)[:-1],
        first_weight=_starts(counts * sizes)[:-1],
        first_output=_starts(sizes)[:-1],
        inputs=inputs,
        outputs=outputs,
        weights=weights,
    )


def _packed_layer(
    columns: Columns,
) -> tuple[Integers, Integers, NDArray[np.int32], NDArray[np.int32], Floats]:
    """Return counts of inputs and of columns, group by group, and lines of both, and weights."""
    sums = _sums(columns.rows, columns.starts, columns.inputs)
    order = np.argsort(sums, kind="stable")
    begins = np.flatnonzero(np.diff(sums[order], prepend=~sums[order[:1]]))
    lengths = np.diff(begins, append=len(order))
    in_run = np.arange(len(order)) - np.repeat(begins, lengths)
    in_four = in_run < np.repeat(lengths // 4 * 4, lengths)
    fours = order[in_four].reshape(-1, 4)
    fours = fours[np.argsort(fours[:, 0])]
    ones = np.sort(order[~in_four])
    all_counts = np.diff(columns.starts)
    of_fours, of_ones = all_counts[fours[:, 0]], all_counts[ones]
    places = [_spread(columns.starts[column], of_fours) for column in fours.T]
    alone = _spread(columns.starts[ones], of_ones)
    weights = np.stack([columns.weights[place] for place in places], axis=1)
    return (
        np.concatenate([of_fours, of_ones]),
        np.repeat([4, 1], [len(fours), len(ones)]),
        (columns.rows[np.concatenate([places[0], alone])] * np.int32(PANEL)).astype(np.int32),
        (np.concatenate([fours.ravel(), ones]) * PANEL).astype(np.int32),
        np.concatenate([weights.ravel(), columns.weights[alone]]),
    )


def _sums(rows: NDArray[Any], starts: Integers, inputs: int) -> NDArray[np.uint64]:
    """Return the sum of each column's inputs' random integers, by which equal ones are found."""
    cumulative = np.zeros(len(rows) + 1, np.uint64)
    np.cumsum(_random(inputs)[rows], out=cumulative[1:])
    sums: NDArray[np.uint64] = cumulative[starts[1:]] - cumulative[starts[:-1]]
    return sums


@lru_cache(maxsize=2)
def _random(size: int) -> NDArray[np.uint64]:
    """Return the same random integers at every call."""
    return np.random.default_rng(0).integers(0, 2**64, size, np.uint64)


def _spread(starts: Integers, counts: Integers) -> Integers:
    """Return the places ``start, start + 1, ...`` of parts that start there, part by part."""
    return np.repeat(starts - _starts(counts)[:-1], counts) + np.arange(counts.sum())


def _starts(counts: Integers) -> Integers:
    """Return where parts of these lengths start, one after the other, and where the last ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
