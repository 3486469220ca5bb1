"""The loops of sparse training, compiled by Numba: an epoch of steps, and evaluation.

All sizes (layers, units, batch, connections) are arguments, so one compilation serves every
network. Only what the kernels are written for, the `Target`, and the type of the images are
compiled in: `loops` makes the loops of both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from radixnet.training.compiled import kernels
from radixnet.training.compiled.kernels import (
    BETA_1,
    BETA_2,
    CACHE_LINE,
    FLUSH_DENORMALS,
    Floats,
    made_for,
    without_lock,
)
from radixnet.training.compiled.layout import Integers, Wiring
from radixnet.training.compiled.loss import loss_of_rows
from radixnet.training.compiled.targets import Target
from radixnet.training.compiled.vector_code import kernel

EXTRA_LINES = 2
"""Lines after a layer's units: ones, the input of biases, and zeros, the input of padding."""


class Network(NamedTuple):
    """A network as the loops see it; all arrays of numbers are flat.

    Attributes
    ----------
    forward, backward
        The wiring of all layers, and of the transposes of all but the first, as gradients of pixels
        are not needed.
    weights, means, squares, gradient
        All layers' stored weights, Adam's two running means (SGD's momentum is in the first), and
        space for gradients.
    backward_weights, backward_sources
        Space for the weights in the order of `backward`, and the place of each in `weights`.
    absent
        Places of weights that are zero again after each step: see `layout.StoredWeights`.
    """

    forward: Wiring
    backward: Wiring
    weights: Floats
    means: Floats
    squares: Floats
    gradient: Floats
    backward_weights: Floats
    backward_sources: Integers
    absent: Integers


class Workspace(NamedTuple):
    """Space for the numbers of one chunk of rows, and how it is divided.

    Attributes
    ----------
    activations, deltas
        For each layer of units, inputs first, its lines: values in the forward pass, gradients of
        the loss in the backward pass.
    layer_starts
        Where each layer's lines start in both, and where the last's end, shape (layers + 2,).
    pixel_blocks
        First pixels of the squares with an input that some weight reads and some row of the data
        needs; the others stay zero.
    line
        Rows per chunk.
    narrow
        Whether rows go through a layer vector by vector, not in the target's tiles.
    """

    activations: Floats
    deltas: Floats
    layer_starts: Integers
    pixel_blocks: Integers
    line: int
    narrow: bool


class Data(NamedTuple):
    """Images (rows, pixels), pixels a multiple of lanes, and labels; both may be read-only."""

    images: NDArray[np.uint8] | Floats
    labels: NDArray[np.uint8]


class Optimizer(NamedTuple):
    """How weights follow their gradients.

    Attributes
    ----------
    adam
        Whether by Adam; if not, by SGD with momentum.
    momentum
        SGD's.
    decay
        Share of every weight that a step takes away, per unit of learning rate.
    """

    adam: bool
    momentum: np.float32
    decay: float


class Step(NamedTuple):
    """How the weights change after one batch.

    Attributes
    ----------
    adam, momentum
        As in `Optimizer`.
    rate, decay
        The kernels' rate, and the share of every weight that weight decay takes.
    """

    adam: bool
    momentum: np.float32
    rate: np.float32
    decay: np.float32


class Pass(NamedTuple):
    """What `Passes.update` needs to know about one chunk.

    Attributes
    ----------
    rows
        Rows in use.
    add, update
        Whether gradients add to those of the batch's earlier chunks; whether the chunk is a whole
        batch, so that weights change.
    step
        The batch's step.
    """

    rows: int
    add: bool
    update: bool
    step: Step


class Passes(NamedTuple):
    """The loops that send a chunk through all layers: values, gradients of values, of weights."""

    forward: Callable[..., None]
    back: Callable[..., None]
    update: Callable[..., None]


class Loops(NamedTuple):
    """The loops for one target, for `load_or_compile`."""

    train_epoch: Callable[..., tuple[float, float]]
    evaluate: Callable[..., tuple[float, float, int]]


def _for_each_size(loop_of: Callable[..., Callable[..., None]], *facts: Any) -> Callable[..., None]:
    """Return a loop that calls what `loop_of` makes for each group size, smallest first.

    The first of the facts is the target.
    """

    def up_to(size: int) -> Callable[..., None]:
        last = loop_of(*facts, size)
        if size == 1:
            return last
        others = up_to(size - 1)

        @without_lock
        @made_for(loop_of.__name__, *facts, size)
        def through(*arguments: object) -> None:
            others(*arguments)
            last(*arguments)

        return through

    return up_to(facts[0].largest_group)


def _propagation(target: Target, narrow: bool, units: int) -> Callable[..., None]:
    """Return a loop that sends a chunk's rows, tile by tile, through a layer's groups of a size."""
    vectors = 1 if narrow else target.vectors[units - 1]
    propagate_group = kernel(target, kernels.propagate_group, units, vectors)
    tile = vectors * target.lanes

    @without_lock
    @made_for(target, narrow, units)
    def through_groups(
        wiring: Wiring,
        layer: int,
        weights: Floats,
        values: Floats,
        source_start: int,
        target_start: int,
        gate: Floats,
        forward: bool,
        slope: np.float32,
        rows: int,
    ) -> None:
        bounds = wiring.group_bounds[layer]
        for row in range(0, rows, tile):
            for group in range(bounds[units - 1], bounds[units]):
                # fmt: off
                propagate_group(
                    weights, wiring.first_weight[group],
                    wiring.inputs, wiring.first_input[group], wiring.steps[group],
                    values, source_start + row, values, target_start + row,
                    wiring.outputs, wiring.first_output[group],
                    gate, forward, slope,
                )
                # fmt: on

    return through_groups


def _updating(target: Target, units: int) -> Callable[..., None]:
    """Return a loop over a layer's groups of one size that finds gradients.

    When the batch is complete, it updates the weights too.
    """
    group_gradient = kernel(target, kernels.group_gradient, units)
    take_step = kernel(target, kernels.take_step)
    lanes, vectors_per_block = target.lanes, target.block // target.lanes

    @without_lock
    @made_for(target, units)
    def update_groups(network: Network, workspace: Workspace, layer: int, this: Pass) -> None:
        wiring, starts = network.forward, workspace.layer_starts
        bounds, vectors = wiring.group_bounds[layer], -(-this.rows // lanes)
        step = this.step
        for group in range(bounds[units - 1], bounds[units]):
            first_weight, blocks = wiring.first_weight[group], wiring.blocks[group]
            # An update that follows at once needs its gradient only for a moment: the front of the
            # room stays in the nearest cache.
            place = 0 if this.update else first_weight
            # fmt: off
            group_gradient(
                network.gradient, place, this.add,
                wiring.inputs, wiring.first_input[group], blocks,
                workspace.activations, starts[layer], workspace.deltas, starts[layer + 1],
                vectors, wiring.outputs, wiring.first_output[group],
            )
            if this.update:
                take_step(
                    network.weights, network.means, network.squares, first_weight,
                    network.gradient, place, blocks * vectors_per_block,
                    step.adam, step.rate, step.decay, step.momentum,
                )
            # fmt: on

    return update_groups


@cache
def passes(target: Target) -> Passes:
    """Return the loops that send a chunk through all layers."""
    by_vectors, by_tiles = (
        _for_each_size(_propagation, target, narrow) for narrow in (True, False)
    )
    update_layer = _for_each_size(_updating, target)

    @without_lock
    @made_for(target)
    def propagate(
        wiring: Wiring,
        layer: int,
        weights: Floats,
        values: Floats,
        from_: int,
        to: int,
        slope: np.float32,
        workspace: Workspace,
        rows: int,
    ) -> None:
        """Send a chunk through a layer, from one layer of units to another."""
        starts, gate = workspace.layer_starts, workspace.activations
        forward = to > from_  # not an argument: Numba would compile a version for each constant
        source, target = starts[from_], starts[to]
        arguments = (wiring, layer, weights, values, source, target, gate, forward, slope, rows)
        if workspace.narrow:
            by_vectors(*arguments)
        else:
            by_tiles(*arguments)

    @without_lock
    @made_for(target)
    def forward(network: Network, workspace: Workspace, rows: int, slope: np.float32) -> None:
        """Compute all activations of a chunk from its pixels; the last layer's are the logits."""
        wiring, values = network.forward, workspace.activations
        layers = len(workspace.layer_starts) - 2
        for layer in range(layers):
            # fmt: off
            propagate(
                wiring, layer, network.weights, values, layer, layer + 1,
                slope if layer < layers - 1 else np.float32(1), workspace, rows,
            )
            # fmt: on

    @without_lock
    @made_for(target)
    def back(network: Network, workspace: Workspace, rows: int, slope: np.float32) -> None:
        """Compute the gradients of a chunk's activations from those of its logits."""
        wiring, values = network.backward, workspace.deltas
        for layer in range(len(workspace.layer_starts) - 3, 0, -1):
            # fmt: off
            propagate(
                wiring, layer - 1, network.backward_weights, values, layer + 1, layer,
                slope, workspace, rows,
            )
            # fmt: on

    @without_lock
    @made_for(target)
    def update(network: Network, workspace: Workspace, this: Pass) -> None:
        """Write or add a chunk's gradients of all weights, or update the weights."""
        for layer in range(len(workspace.layer_starts) - 2):
            update_layer(network, workspace, layer, this)

    return Passes(forward, back, update)


def loading(target: Target, images: str) -> Callable[..., None]:
    """Return the loop that brings the pixels of a chunk into the first layer's lines."""
    load_pixels, prefetch = kernel(target, kernels.load_pixels), kernel(target, kernels.prefetch)
    lanes = target.lanes

    @without_lock
    @made_for(target, images)
    def load_chunk(data: Data, rows: Integers, next_rows: Integers, workspace: Workspace) -> None:
        """Copy the pixels of some rows, bytes as 0 to 1; prefetch the next rows.

        The last row fills up the last vector.
        """
        row_starts = np.empty(lanes, np.int64)
        pixels, line = data.images.shape[1], workspace.line
        per_line = CACHE_LINE // data.images.itemsize
        for first in range(0, len(rows), lanes):
            for lane in range(lanes):
                row_starts[lane] = rows[min(first + lane, len(rows) - 1)] * pixels
            for pixel in workspace.pixel_blocks:
                place = pixel * line + first
                load_pixels(data.images, row_starts, pixel, workspace.activations, place, line)
        for row in next_rows:
            for number in range(row * pixels, (row + 1) * pixels, per_line):
                prefetch(data.images, number)

    return load_chunk


@without_lock
def copy_backward_weights(network: Network) -> None:
    """Bring the weights of all layers but the first into the order of the transposed layers."""
    for place in range(len(network.backward_sources)):
        network.backward_weights[place] = network.weights[network.backward_sources[place]]


@without_lock
def clear_absent_weights(network: Network) -> None:
    """Set the weights of connections that are absent to zero."""
    for place in network.absent:
        network.weights[place] = 0


@without_lock
def no_answers(workspace: Workspace) -> Integers:
    """Return a zero for each class; the last layer has a line for each, and `EXTRA_LINES`."""
    starts = workspace.layer_starts
    return np.zeros((starts[-1] - starts[-2]) // workspace.line - EXTRA_LINES, np.int64)


@cache
def loops(target: Target, images: str) -> Loops:
    """Return the loops for a target and images of a type, such as uint8, not compiled yet."""
    load_chunk = loading(target, images)
    forward, back, update = passes(target)
    take_step = kernel(target, kernels.take_step)
    exchange_float_mode = kernel(target, kernels.exchange_float_mode)
    lanes = target.lanes

    @without_lock
    @made_for(target, images)
    def answer(
        network: Network,
        workspace: Workspace,
        data: Data,
        rows: Integers,
        next_rows: Integers,
        slope: np.float32,
        share: np.float32,
        answers: Integers,
    ) -> tuple[float, int]:
        """Send a chunk forward; return its summed loss and right answers."""
        load_chunk(data, rows, next_rows, workspace)
        forward(network, workspace, len(rows), slope)
        logits = workspace.layer_starts[-2]
        # fmt: off
        return loss_of_rows(
            workspace.activations[logits:], workspace.deltas[logits:], workspace.line,
            data.labels, rows, share, answers,
        )
        # fmt: on

    @made_for(target, images)
    def train_epoch(
        network: Network,
        workspace: Workspace,
        data: Data,
        order: Integers,
        batch_size: int,
        steps_before: int,
        learning_rates: NDArray[np.float64],
        optimizer: Optimizer,
        slope: np.float32,
    ) -> tuple[float, float]:
        """Take a step per batch of the rows in `order`; return mean loss and accuracy.

        Batches larger than the workspace are taken in chunks whose gradients add up. `steps_before`
        counts the steps of earlier epochs, `learning_rates` are those of this one's steps, `slope`
        is the hidden activation's below zero.
        """
        float_mode = np.array([FLUSH_DENORMALS], np.uint32)
        exchange_float_mode(float_mode)
        chunk_rows = workspace.line
        answers = no_answers(workspace)
        loss, correct = 0.0, 0
        for number, first in enumerate(range(0, len(order), batch_size)):
            batch = order[first : first + batch_size]
            share = np.float32(1 / len(batch))
            rate = learning_rates[number]
            decay = np.float32(optimizer.decay * rate)
            if optimizer.adam:
                t = steps_before + number + 1
                rate = rate * math.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
            step = Step(optimizer.adam, optimizer.momentum, np.float32(rate), decay)
            one_chunk = len(batch) <= chunk_rows
            copy_backward_weights(network)
            for chunk_first in range(0, len(batch), chunk_rows):
                rows = batch[chunk_first : chunk_first + chunk_rows]
                after = first + chunk_first + len(rows)
                next_rows = order[after : after + chunk_rows]
                chunk_loss, chunk_correct = answer(
                    network, workspace, data, rows, next_rows, slope, share, answers
                )
                this = Pass(len(rows), chunk_first > 0, one_chunk, step)
                back(network, workspace, len(rows), slope)
                update(network, workspace, this)
                loss += chunk_loss
                correct += chunk_correct
            if not one_chunk:
                # fmt: off
                take_step(
                    network.weights, network.means, network.squares, 0,
                    network.gradient, 0, len(network.weights) // lanes,
                    step.adam, step.rate, step.decay, step.momentum,
                )
                # fmt: on
            clear_absent_weights(network)
        exchange_float_mode(float_mode)
        return loss / len(order), correct / len(order)

    @made_for(target, images)
    def evaluate(
        network: Network, workspace: Workspace, data: Data, rows: Integers, slope: np.float32
    ) -> tuple[float, float, int]:
        """Return mean loss, accuracy and number of different answers of rows, at least one."""
        chunk_rows = workspace.line
        answers = no_answers(workspace)
        loss, correct = 0.0, 0
        for first in range(0, len(rows), chunk_rows):
            chunk = rows[first : first + chunk_rows]
            next_rows = rows[first + chunk_rows : first + 2 * chunk_rows]
            chunk_loss, chunk_correct = answer(
                network, workspace, data, chunk, next_rows, slope, np.float32(0), answers
            )
            loss += chunk_loss
            correct += chunk_correct
        # Not by NumPy's sum: with it, every process would load Numba's version of it, and SciPy's
        # BLAS.
        classes = 0
        for count in answers:
            classes += count > 0
        return loss / len(rows), correct / len(rows), classes

    return Loops(train_epoch, evaluate)
