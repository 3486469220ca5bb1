"""Masks turned into the lists that the kernels follow: groups of units with the same inputs.

The layout itself is drawn in `radixnet.training.compiled.kernels`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from radixnet.training.compiled.targets import Target

if TYPE_CHECKING:
    from radixnet.topology.masks import MaskArray

Integers = NDArray[np.int64]

NO_WEIGHT = -1
"""In `StoredWeights`: this place of a block is padding."""


class Wiring(NamedTuple):
    """The groups of all layers, one layer after the other, groups of a layer ordered by size.

    Attributes
    ----------
    group_bounds
        Shape (layers, largest group + 1): the layer's groups of size g are numbers
        ``[layer, g - 1]`` up to ``[layer, g]``.
    blocks, steps
        For each group, how many blocks of weights it has, and how many turns `propagate_group`
        takes.
    first_weight, first_input, first_output
        For each group, where its part of the weights, of `inputs` and of `outputs` starts.
    inputs, outputs
        Where lines of features start, in floats from the start of a tile.
    """

    group_bounds: Integers
    blocks: Integers
    steps: Integers
    first_weight: Integers
    first_input: Integers
    first_output: Integers
    inputs: NDArray[np.int32]
    outputs: NDArray[np.int32]


@dataclass(frozen=True)
class StoredWeights:
    """The connection of each stored weight of a layer: equal shapes, `NO_WEIGHT` for none.

    Attributes
    ----------
    inputs, outputs
        The two ends of each connection.
    absent
        Places of weights that get a gradient though there is no such connection, because other
        units of their group have the input. They must be set to zero after each step.
    """

    inputs: Integers
    outputs: Integers
    absent: Integers

    @property
    def size(self) -> int:
        """Weights stored, padding counted."""
        return len(self.inputs)

    def gather(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a layer's matrix (inputs, outputs) in the order of storage, zero for padding."""
        return np.where(self.inputs != NO_WEIGHT, matrix[self.inputs, self.outputs], np.float32(0))

    def scatter(self, stored: NDArray[np.float32], matrix: NDArray[np.float32]) -> None:
        """Write stored weights to their places in a matrix (inputs, outputs)."""
        real = self.inputs != NO_WEIGHT
        matrix[self.inputs[real], self.outputs[real]] = stored[real]


def wire(
    masks: Sequence[MaskArray], lines: Sequence[int], line: int, target: Target
) -> tuple[Wiring, tuple[StoredWeights, ...]]:
    """Lay out layers, given by masks (inputs, outputs), for lines of `line` floats per feature.

    Parameters
    ----------
    masks
        One per layer; a row is an input's line in a tile, a column an output's.
    lines
        For each layer, how many lines its inputs have in a tile. The line of ones, which a mask
        with one more row names, comes right after them, and then the line of zeros that padding
        reads.
    line
        Length of a line in floats.
    target
        Says how large groups and blocks are.

    Returns
    -------
    Wiring
        What the kernels walk along.
    tuple of StoredWeights
        For each layer, which connection a stored weight belongs to. Layers' weights are stored one
        after the other.
    """
    layers = [
        _lay_out_layer(mask, count + 1, target) for mask, count in zip(masks, lines, strict=True)
    ]
    parts = [part for layer in layers for part in layer]
    per_layer = [np.array([len(part.blocks) for part in layer]) for layer in layers]
    before = np.cumsum([0, *(counts.sum() for counts in per_layer)])
    blocks = _joined([part.blocks for part in parts])
    sizes = _joined([np.full(len(part.blocks), part.size) for part in parts])
    return (
        Wiring(
            group_bounds=np.array(
                [
                    start + np.cumsum([0, *counts])
                    for start, counts in zip(before, per_layer, strict=False)
                ],
                dtype=np.int64,
            ).reshape(len(masks), target.largest_group + 1),
            blocks=blocks,
            steps=_joined([part.steps for part in parts]),
            first_weight=_starts(blocks * target.block),
            first_input=_starts(blocks * (target.block // sizes)),
            first_output=_starts(sizes),
            inputs=(_joined([part.inputs for part in parts]) * line).astype(np.int32),
            outputs=(_joined([part.outputs.ravel() for part in parts]) * line).astype(np.int32),
        ),
        tuple(
            StoredWeights(
                _joined([p.weights.inputs for p in layer]),
                _joined([p.weights.outputs for p in layer]),
                _joined(
                    [
                        part.weights.absent + sum(other.weights.size for other in layer[:number])
                        for number, part in enumerate(layer)
                    ]
                ),
            )
            for layer in layers
        ),
    )


@dataclass(frozen=True)
class _Groups:
    """The groups of one size in one layer."""

    size: int
    outputs: Integers  # shape (groups, size)
    blocks: Integers  # per group
    steps: Integers  # per group
    inputs: Integers  # lines, padded to whole blocks
    weights: StoredWeights


def _lay_out_layer(mask: MaskArray, zero_line: int, target: Target) -> list[_Groups]:
    """Return the groups of each size of one layer."""
    largest = target.largest_group
    chunks = _with_similar_units_joined(_chunks_of_equal_units(mask, largest), mask, largest)
    return [
        _lay_out_groups(
            mask,
            np.array([chunk for chunk in chunks if len(chunk) == size], np.int64).reshape(-1, size),
            zero_line,
            target,
        )
        for size in range(1, largest + 1)
    ]


def _chunks_of_equal_units(mask: MaskArray, largest: int) -> list[Integers]:
    """Return the units in chunks with the same inputs, ordered by the first input."""
    units: dict[bytes, list[int]] = {}
    for unit, support in enumerate(np.packbits(mask, axis=0).T.copy()):
        units.setdefault(support.tobytes(), []).append(unit)
    first_input = mask.argmax(axis=0)
    alike = sorted(units.values(), key=lambda members: (first_input[members[0]], members[0]))
    chunks = []
    for members in alike:
        count = -(-len(members) // largest)
        size, larger = divmod(len(members), count)
        bounds = [number * size + min(number, larger) for number in range(count + 1)]
        chunks += [np.array(members[start:stop]) for start, stop in pairwise(bounds)]
    return chunks


def _with_similar_units_joined(
    chunks: list[Integers], mask: MaskArray, largest: int
) -> list[Integers]:
    """Return chunks, single units joined where together they read few more inputs than each.

    The sparsest RadiX-Nets shift a short list of inputs from unit to unit. What the group computes
    for connections that are absent costs less than what it saves by loading inputs once, up to a
    third more connections than there are.
    """
    units = np.array([chunk[0] for chunk in chunks if len(chunk) == 1], np.int64)
    rows = np.pad(mask.T[units], [(0, 0), (0, -len(mask) % 64)])
    inputs = np.packbits(rows, axis=1).view(np.uint64)
    counts = rows.sum(axis=1)
    joined = [chunk for chunk in chunks if len(chunk) > 1]
    left = np.ones(len(units), bool)
    for first in np.arange(len(units)):
        if not left[first]:
            continue
        left[first] = False
        shared = np.bitwise_count(inputs & inputs[first]).sum(axis=1, dtype=np.int64)
        near = np.flatnonzero(left & (3 * shared >= counts + counts[first]))
        members = [first]
        for other in near[np.argsort(-shared[near], kind="stable")][: largest - 1]:
            more = [*members, other]
            if 3 * len(more) * rows[more].any(axis=0).sum() <= 4 * counts[more].sum():
                members = more
        left[members] = False
        joined.append(units[members])
    return joined


def _lay_out_groups(mask: MaskArray, outputs: Integers, zero_line: int, target: Target) -> _Groups:
    """Return the lists of all groups of one size; `outputs` has shape (groups, size)."""
    groups, size = outputs.shape
    per_block = target.block // size
    read = np.zeros((groups, len(mask)), bool)
    for units in outputs.T:
        read |= mask.T[units]
    group_of_input, support = np.nonzero(read)
    counts = np.bincount(group_of_input, minlength=groups)
    blocks = -(-counts // per_block)
    inputs = np.full(blocks.sum() * per_block, NO_WEIGHT, np.int64)
    place_in_group = np.arange(len(support)) - np.repeat(_starts(counts), counts)
    inputs[np.repeat(_starts(blocks) * per_block, counts) + place_in_group] = support

    shape = (blocks.sum(), target.block)
    weight_inputs, weight_outputs = (
        np.full(shape, NO_WEIGHT, np.int64),
        np.full(shape, NO_WEIGHT, np.int64),
    )
    used = per_block * size
    weight_inputs[:, :used] = np.repeat(inputs.reshape(-1, per_block), size, axis=1)
    weight_outputs[:, :used] = np.tile(np.repeat(outputs, blocks, axis=0), (1, per_block))
    padding = weight_inputs == NO_WEIGHT
    absent = ~padding & ~mask[weight_inputs, weight_outputs]
    weight_inputs[absent] = weight_outputs[padding | absent] = NO_WEIGHT
    return _Groups(
        size=size,
        outputs=outputs,
        blocks=blocks,
        steps=-(-counts // target.inputs_per_step[size - 1]),
        inputs=np.where(inputs == NO_WEIGHT, zero_line, inputs),
        weights=StoredWeights(
            weight_inputs.ravel(), weight_outputs.ravel(), np.flatnonzero(absent)
        ),
    )


def _joined(arrays: Sequence[Integers]) -> Integers:
    """Return arrays one after the other; none make an empty one."""
    return np.concatenate(arrays).astype(np.int64) if arrays else np.zeros(0, np.int64)


def _starts(lengths: Integers) -> Integers:
    """Return where each of several runs of given lengths starts when they follow each other."""
    return np.cumsum(lengths) - lengths
