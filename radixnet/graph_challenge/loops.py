"""The compiled loops that send rows of images through sparse layers.

Rows run along the vectors, as in the training kernels. A *panel* has for each neuron, one after
the other, its value in 128 rows. One weight times 16 rows is one instruction; what a panel's
layers read and write stays in the nearest caches while it goes through two layers, into a scratch
panel and back. Columns (outputs) with the same inputs go through in fours, so that a value loaded
once serves four of them: that is what the wiring gives whatever the weights are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from radixnet.training.compiled.kernels import made_for, without_lock
from radixnet.training.compiled.targets import AVX512
from radixnet.training.compiled.vector_code import VectorCode, kernel

LANES = AVX512.lanes
"""Rows per vector; where a register holds fewer, LLVM takes several registers. The narrow steps
below keep all sums in those of AVX2 and ARM too, so no width is needed but this one."""

PANEL = 128
"""Rows of a panel: 8 vectors for one column, or twice 4 for four columns, keep AVX-512 busy."""

MOST_TOGETHER = 6
"""Layers that a panel goes through, while hardly any rows die, before dead ones are dropped."""

WORD = 64
"""Rows of which an image word holds one pixel each."""

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Words = NDArray[np.uint64]


class Packed(NamedTuple):
    """Layers as `through_chunk` walks along them, one after the other.

    Attributes
    ----------
    bounds
        Shape (layers, 3): the layer's groups of four columns are numbers ``[layer, 0]`` up to
        ``[layer, 1]``, its single columns follow up to ``[layer, 2]``.
    counts, first_input, first_weight, first_output
        For each group: how many inputs it has, and where its part of `inputs`, `weights` and
        `outputs` starts.
    inputs, outputs
        Where the lines of neurons start in a panel, in floats.
    weights
        Input by input, one for each column of the group.
    """

    bounds: Integers
    counts: Integers
    first_input: Integers
    first_weight: Integers
    first_output: Integers
    inputs: NDArray[np.int32]
    outputs: NDArray[np.int32]
    weights: Floats


# -- rows through layers ---------------------------------------------------------------------------


def _through_group(
    code: VectorCode,
    columns: int,
    vectors: int,
    weights: Any,
    first_weight: Any,
    inputs: Any,
    first_input: Any,
    count: Any,
    source: Any,
    source_start: Any,
    target: Any,
    target_start: Any,
    outputs: Any,
    first_output: Any,
    bias: Any,
    cap: Any,
) -> None:
    r"""Write :math:`\min(c, \max(0, z + b))` of sums z that are not 0, for a group's columns."""
    build, zero = code.builder, code.constant(0)
    sums = [[code.variable() for _ in range(vectors)] for _ in range(columns)]
    for variable in (variable for row in sums for variable in row):
        build.store(zero, variable)
    with code.loop(count) as turn:
        line = build.add(source_start, code.load_integer(inputs, first_input, turn.index))
        place = build.add(first_weight, code.times(turn.index, columns))
        factors = [code.load_broadcast(weights, place, c) for c in range(columns)]
        for v in range(vectors):
            rows = code.load(source, line, v * code.lanes)
            for c in range(columns):
                total = code.multiply_add(rows, factors[c], build.load(sums[c][v]))
                build.store(total, sums[c][v])
    biases, caps = code.broadcast(bias), code.broadcast(cap)
    for c in range(columns):
        line = build.add(target_start, code.load_integer(outputs, first_output, c))
        for v in range(vectors):
            total = build.load(sums[c][v])
            value = build.fadd(total, biases)
            value = build.select(build.fcmp_ordered("==", total, zero), zero, value)
            value = build.select(build.fcmp_ordered(">", value, zero), value, zero)
            value = build.select(build.fcmp_ordered("<", value, caps), value, caps)
            code.store(value, target, line, v * code.lanes)


def _group_stepper(columns: int, vectors: int) -> Callable[..., int]:
    """Return a loop over the rows left for a group, as many whole steps of so many vectors."""
    through_group = kernel(AVX512, _through_group, columns, vectors)

    @without_lock
    @made_for(columns, vectors)
    def step(
        net: Packed,
        g: int,
        source: Floats,
        start: int,
        target: Floats,
        to: int,
        lane: int,
        lanes: int,
        rule: Floats,
    ) -> int:
        while lane + vectors * LANES <= lanes:
            through_group(
                net.weights, net.first_weight[g],
                net.inputs, net.first_input[g], net.counts[g], source, start + lane,
                target, to + lane, net.outputs, net.first_output[g], rule[0], rule[1],
            )  # fmt: skip
            lane += vectors * LANES
        return lane

    return step


_fours_wide, _fours, _ones_wide, _ones_half, _ones = (
    _group_stepper(columns, vectors)
    for columns, vectors in ((4, 4), (4, 1), (1, 8), (1, 4), (1, 1))
)


@without_lock
def _through_layer(
    net: Packed,
    layer: int,
    source: Floats,
    start: int,
    target: Floats,
    to: int,
    lanes: int,
    rule: Floats,
    wide: bool,
) -> None:
    """Send the first `lanes` rows of a panel through a layer; `wide` as in `through_chunk`."""
    for g in range(net.bounds[layer, 0], net.bounds[layer, 1]):
        lane = 0
        if wide:
            lane = _fours_wide(net, g, source, start, target, to, lane, lanes, rule)
        _fours(net, g, source, start, target, to, lane, lanes, rule)
    for g in range(net.bounds[layer, 1], net.bounds[layer, 2]):
        lane = 0
        if wide:
            lane = _ones_wide(net, g, source, start, target, to, lane, lanes, rule)
        lane = _ones_half(net, g, source, start, target, to, lane, lanes, rule)
        _ones(net, g, source, start, target, to, lane, lanes, rule)


@without_lock
def _drop_dead(state: Floats, stride: int, width: int, rows: Integers, count: int) -> int:
    """Move rows with a value above zero to the front of a chunk, in order; return how many."""
    places = np.empty(count, np.int64)
    kept = 0
    sums = np.empty(PANEL, np.float32)
    for panel in range((count + PANEL - 1) // PANEL):
        start = panel * stride
        sums[:] = 0
        for line in range(start, start + width * PANEL, PANEL):
            values = state[line : line + PANEL]
            for lane in range(PANEL):
                sums[lane] += values[lane]
        for lane in range(min(PANEL, count - panel * PANEL)):
            if sums[lane] > 0:
                rows[kept] = rows[panel * PANEL + lane]
                places[kept] = start + lane
                kept += 1
    if kept == count:
        return count
    moved = np.empty(PANEL, np.float32)
    for first in range(0, kept, PANEL):
        start = first // PANEL * stride
        sources = places[first : min(first + PANEL, kept)]
        # A row stays or moves to the front, so that what is overwritten was read before.
        for line in range(0, width * PANEL, PANEL):
            for lane in range(len(sources)):
                moved[lane] = state[sources[lane] + line]
            state[start + line : start + line + len(sources)] = moved[: len(sources)]
    return kept


@without_lock
def _load_panel(words: Words, first_row: int, target: Floats) -> None:
    """Write the pixels of a panel's rows, bits of words, as 0 and 1."""
    for half in range(PANEL // WORD):
        word = first_row // WORD + half
        for pixel in range(words.shape[1]):
            bits = words[word, pixel] if word < len(words) else np.uint64(0)
            start = pixel * PANEL + half * WORD
            for row in range(WORD):
                target[start + row] = np.float32((bits >> np.uint64(row)) & np.uint64(1))


def through_chunk(
    net: Packed,
    widths: Integers,
    words: Words,
    state: Floats,
    scratch: Floats,
    rows: Integers,
    count: int,
    carried: Integers,
    rule: Floats,
    wide: bool,
) -> int:
    r"""Send a chunk of rows through layers, and return how many of them are left.

    Parameters
    ----------
    net
        The layers.
    widths
        Neurons before each layer and after the last, shape (layers + 1,).
    words
        The images when the first of the layers reads them, for each 64 rows a word per pixel;
        otherwise of shape (0, 0).
    state
        Room for the panels of the chunk, one every ``state.size / panels`` floats; they hold the
        rows unless `words` does.
    scratch
        Room for two lines of the widest layer, pixels included.
    rows
        Numbers of the rows, in rising order. Those that are left come first in the end.
    count
        How many of `rows` there are.
    carried
        For each layer the rows that went through it are added.
    rule
        Bias and largest activation.
    wide
        Whether the processor has 32 registers of 16 numbers.
    """
    layers = len(widths) - 1
    stride = state.size // max(1, (len(rows) + PANEL - 1) // PANEL)
    layer = 0
    if len(words):
        carried[0] += count
        for panel in range((count + PANEL - 1) // PANEL):
            lanes = (min(PANEL, count - panel * PANEL) + LANES - 1) // LANES * LANES
            _load_panel(words, rows[0] + panel * PANEL, scratch)
            _through_layer(net, 0, scratch, 0, state, panel * stride, lanes, rule, wide)
        layer = 1
        count = _drop_dead(state, stride, widths[1], rows, count)
    together = 2
    while layer < layers and count:
        together = min(together, layers - layer)
        carried[layer : layer + together] += count
        for panel in range((count + PANEL - 1) // PANEL):
            lanes = (min(PANEL, count - panel * PANEL) + LANES - 1) // LANES * LANES
            start = panel * stride
            for each in range(layer, layer + together - 1, 2):
                _through_layer(net, each, state, start, scratch, 0, lanes, rule, wide)
                _through_layer(net, each + 1, scratch, 0, state, start, lanes, rule, wide)
            if together % 2:
                last = layer + together - 1
                _through_layer(net, last, state, start, scratch, 0, lanes, rule, wide)
                size = widths[last + 1] * PANEL
                state[start : start + size] = scratch[:size]
        layer += together
        before = count
        count = _drop_dead(state, stride, widths[layer], rows, count)
        # The fewer die, the longer a panel stays in the nearest caches.
        together = 2 if before - count > before // 16 else MOST_TOGETHER
    return count
