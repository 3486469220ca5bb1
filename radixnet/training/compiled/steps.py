"""The loops of sparse training, compiled by Numba: an epoch of steps, and evaluation.

All sizes (layers, units, batch, connections) are arguments, so one compilation serves every
network.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radixnet.training.compiled.kernels import (
    BETA_1,
    BETA_2,
    BLOCK,
    CACHE_LINE,
    FLUSH_DENORMALS,
    NARROW,
    WIDE,
    Floats,
    adam,
    exchange_float_mode,
    group_gradient,
    load_pixels,
    prefetch,
    propagate_group,
    without_lock,
)
from radixnet.training.compiled.layout import Integers, Wiring
from radixnet.training.compiled.loss import loss_of_tile
from radixnet.training.compiled.vector_code import LANES

ByteArray = NDArray[np.uint8]


class Network(NamedTuple):
    """A network as the loops see it; all arrays of numbers are flat.

    Attributes
    ----------
    forward, backward
        The wiring of all layers, and of the transposes of all but the first, as gradients of pixels
        are not needed.
    weights, means, squares, gradient
        All layers' stored weights, Adam's two running means, and space for gradients.
    backward_weights, backward_sources
        Space for the weights in the order of `backward`, and the place of each in `weights`.
    """

    forward: Wiring
    backward: Wiring
    weights: Floats
    means: Floats
    squares: Floats
    gradient: Floats
    backward_weights: Floats
    backward_sources: Integers


class Workspace(NamedTuple):
    """Space for the numbers of one chunk of rows, and how it is divided.

    Attributes
    ----------
    activations, deltas
        For each layer of units, inputs first, its tiles: values in the forward pass, gradients of
        the loss in the backward pass.
    layer_starts
        Where each layer's tiles start in both, shape (layers + 1,).
    tile_sizes
        Floats in one tile of each layer, shape (layers + 1,).
    pixel_blocks
        First pixels of the blocks of 16 that some row of the data needs; the others stay zero.
    vectors, tiles
        Vectors per tile, `WIDE` or `NARROW`, and tiles per chunk.
    """

    activations: Floats
    deltas: Floats
    layer_starts: Integers
    tile_sizes: Integers
    pixel_blocks: Integers
    vectors: int
    tiles: int


class Data(NamedTuple):
    """Images (rows, pixels), pixels a multiple of 16, and labels; the arrays may be read-only."""

    images: ByteArray
    labels: ByteArray


class Pass(NamedTuple):
    """What the backward pass needs to know about one chunk.

    Attributes
    ----------
    tiles, vectors
        Tiles in use, and vectors in each.
    add, update
        Whether gradients add to those of the batch's earlier chunks; whether the chunk is a whole
        batch, so that weights change.
    rate
        Adam's rate for this step.
    """

    tiles: int
    vectors: int
    add: bool
    update: bool
    rate: np.float32


def _layer_propagator(vectors: int) -> Callable[..., None]:
    """Return a loop over all groups of a layer for tiles of so many vectors."""

    def through_groups(units: int) -> Callable[..., None]:
        @without_lock
        def through_groups_of_size(
            wiring: Wiring,
            layer: int,
            weights: Floats,
            source: Floats,
            source_start: int,
            target: Floats,
            target_start: int,
            gate: Floats,
            forward: bool,
            slope: np.float32,
        ) -> None:
            bounds = wiring.group_bounds[layer]
            for group in range(bounds[units - 1], bounds[units]):
                # fmt: off
                propagate_group(
                    units, vectors, weights, wiring.first_weight[group],
                    wiring.inputs, wiring.first_input[group], wiring.steps[group],
                    source, source_start, target, target_start,
                    wiring.outputs, wiring.first_output[group],
                    gate, forward, slope,
                )
                # fmt: on

        return through_groups_of_size

    ones, twos, threes, fours = (through_groups(units) for units in (1, 2, 3, 4))

    @without_lock
    def through_layer(
        wiring: Wiring,
        layer: int,
        weights: Floats,
        source: Floats,
        source_start: int,
        target: Floats,
        target_start: int,
        gate: Floats,
        forward: bool,
        slope: np.float32,
    ) -> None:
        ones(
            wiring, layer, weights, source, source_start, target, target_start, gate, forward, slope
        )
        twos(
            wiring, layer, weights, source, source_start, target, target_start, gate, forward, slope
        )
        threes(
            wiring, layer, weights, source, source_start, target, target_start, gate, forward, slope
        )
        fours(
            wiring, layer, weights, source, source_start, target, target_start, gate, forward, slope
        )

    return through_layer


_through_layer_wide = _layer_propagator(WIDE)
_through_layer_narrow = _layer_propagator(NARROW)


@without_lock
def _propagate(
    wiring: Wiring,
    layer: int,
    weights: Floats,
    source: Floats,
    from_: int,
    target: Floats,
    to: int,
    gate: Floats,
    forward: bool,
    slope: np.float32,
    workspace: Workspace,
    tiles: int,
) -> None:
    """Send all tiles of a chunk through a layer, from one layer of units to another."""
    starts, sizes = workspace.layer_starts, workspace.tile_sizes
    for tile in range(tiles):
        source_start = starts[from_] + tile * sizes[from_]
        target_start = starts[to] + tile * sizes[to]
        if workspace.vectors == WIDE:
            _through_layer_wide(
                wiring,
                layer,
                weights,
                source,
                source_start,
                target,
                target_start,
                gate,
                forward,
                slope,
            )
        else:
            _through_layer_narrow(
                wiring,
                layer,
                weights,
                source,
                source_start,
                target,
                target_start,
                gate,
                forward,
                slope,
            )


@without_lock
def _forward(network: Network, workspace: Workspace, tiles: int, slope: np.float32) -> None:
    """Compute all activations of a chunk from its pixels; the last layer's are the logits."""
    values = workspace.activations
    layers = len(workspace.tile_sizes) - 1
    for layer in range(layers):
        layer_slope = slope if layer < layers - 1 else np.float32(1)
        _propagate(
            network.forward,
            layer,
            network.weights,
            values,
            layer,
            values,
            layer + 1,
            values,
            True,
            layer_slope,
            workspace,
            tiles,
        )


def _group_updater(units: int) -> Callable[..., None]:
    """Return a loop over a layer's groups of one size that finds gradients.

    When the batch is complete, it updates the weights too.
    """

    @without_lock
    def update_groups(network: Network, workspace: Workspace, layer: int, this: Pass) -> None:
        wiring, starts, sizes = network.forward, workspace.layer_starts, workspace.tile_sizes
        bounds = wiring.group_bounds[layer]
        for group in range(bounds[units - 1], bounds[units]):
            first_weight, blocks = wiring.first_weight[group], wiring.blocks[group]
            # An update that follows at once needs its gradient only for a moment: the front of the
            # room stays in the nearest cache.
            place = 0 if this.update else first_weight
            # fmt: off
            group_gradient(
                units, network.gradient, place, this.add,
                wiring.inputs, wiring.first_input[group], blocks,
                workspace.activations, starts[layer], sizes[layer],
                workspace.deltas, starts[layer + 1], sizes[layer + 1],
                this.tiles, this.vectors, wiring.outputs, wiring.first_output[group],
            )
            if this.update:
                adam(
                    network.weights, network.means, network.squares, first_weight,
                    network.gradient, place, blocks, this.rate,
                )
            # fmt: on

    return update_groups


_update_ones, _update_twos, _update_threes, _update_fours = (
    _group_updater(units) for units in (1, 2, 3, 4)
)


@without_lock
def _backward(network: Network, workspace: Workspace, this: Pass, slope: np.float32) -> None:
    """Send a chunk's gradients back; write or add gradients of weights, or update the weights."""
    deltas, values = workspace.deltas, workspace.activations
    for layer in range(len(workspace.tile_sizes) - 2, -1, -1):
        if layer > 0:  # before the layer's weights change
            weights = network.backward_weights
            _propagate(
                network.backward,
                layer - 1,
                weights,
                deltas,
                layer + 1,
                deltas,
                layer,
                values,
                False,
                slope,
                workspace,
                this.tiles,
            )
        _update_ones(network, workspace, layer, this)
        _update_twos(network, workspace, layer, this)
        _update_threes(network, workspace, layer, this)
        _update_fours(network, workspace, layer, this)


@without_lock
def _load_chunk(data: Data, rows: Integers, next_rows: Integers, workspace: Workspace) -> None:
    """Copy the pixels of some rows, 0 to 1, into the first layer's tiles; prefetch the next rows.

    The last row fills up the last vector.
    """
    row_starts = np.empty(LANES, np.int64)
    pixels, line = data.images.shape[1], workspace.vectors * LANES
    for first in range(0, len(rows), LANES):
        for lane in range(LANES):
            row_starts[lane] = rows[min(first + lane, len(rows) - 1)] * pixels
        tile_start = (
            workspace.layer_starts[0] + first // line * workspace.tile_sizes[0] + first % line
        )
        for first_pixel in workspace.pixel_blocks:
            load_pixels(
                data.images,
                row_starts,
                first_pixel,
                workspace.activations,
                tile_start + first_pixel * line,
                line,
            )
    for row in next_rows:
        for start in range(row * pixels, (row + 1) * pixels, CACHE_LINE):
            prefetch(data.images, start)


@without_lock
def _loss(
    workspace: Workspace,
    tiles: int,
    labels: ByteArray,
    rows: Integers,
    share: np.float32,
    answers: Integers,
) -> tuple[float, int]:
    """Write the gradients of a chunk's logits, count answers; return summed loss and right answers.

    The gradients are zero where the last tile is empty.
    """
    line, size = workspace.vectors * LANES, workspace.tile_sizes[-1]
    loss, correct = 0.0, 0
    for tile in range(tiles):
        start = workspace.layer_starts[-1] + tile * size
        logits, deltas = (
            workspace.activations[start : start + size],
            workspace.deltas[start : start + size],
        )
        in_tile = rows[tile * line : (tile + 1) * line]
        tile_loss, tile_correct = loss_of_tile(
            logits, deltas, line, len(answers), labels, in_tile, share, answers
        )
        loss += tile_loss
        correct += tile_correct
    return loss, correct


@without_lock
def _copy_backward_weights(network: Network) -> None:
    """Bring the weights of all layers but the first into the order of the transposed layers."""
    for place in range(len(network.backward_sources)):
        network.backward_weights[place] = network.weights[network.backward_sources[place]]


def train_epoch(
    network: Network,
    workspace: Workspace,
    data: Data,
    order: Integers,
    batch_size: int,
    steps_before: int,
    learning_rate: float,
    slope: np.float32,
) -> tuple[float, float]:
    """Take a step of Adam per batch of the rows in `order`; return mean loss and accuracy.

    Batches larger than the workspace are taken in chunks whose gradients add up. `steps_before`
    counts the steps of earlier epochs, `slope` is the hidden activation's below zero.
    """
    float_mode = np.array([FLUSH_DENORMALS], np.uint32)
    exchange_float_mode(float_mode)
    line = workspace.vectors * LANES
    chunk_rows = workspace.tiles * line
    answers = np.zeros(workspace.tile_sizes[-1] // line - 2, np.int64)
    step, loss, correct = steps_before, 0.0, 0
    for first in range(0, len(order), batch_size):
        batch = order[first : first + batch_size]
        share = np.float32(1 / len(batch))
        step += 1
        rate = np.float32(learning_rate * math.sqrt(1 - BETA_2**step) / (1 - BETA_1**step))
        one_chunk = len(batch) <= chunk_rows
        _copy_backward_weights(network)
        for chunk_first in range(0, len(batch), chunk_rows):
            rows = batch[chunk_first : chunk_first + chunk_rows]
            tiles = -(-len(rows) // line)
            vectors = workspace.vectors if tiles > 1 else -(-len(rows) // LANES)
            after = first + chunk_first + len(rows)
            _load_chunk(data, rows, order[after : after + chunk_rows], workspace)
            _forward(network, workspace, tiles, slope)
            chunk_loss, chunk_correct = _loss(workspace, tiles, data.labels, rows, share, answers)
            _backward(
                network, workspace, Pass(tiles, vectors, chunk_first > 0, one_chunk, rate), slope
            )
            loss += chunk_loss
            correct += chunk_correct
        if not one_chunk:
            blocks = len(network.weights) // BLOCK
            adam(
                network.weights,
                network.means,
                network.squares,
                0,
                network.gradient,
                0,
                blocks,
                rate,
            )
    exchange_float_mode(float_mode)
    return loss / len(order), correct / len(order)


def evaluate(
    network: Network, workspace: Workspace, data: Data, rows: Integers, slope: np.float32
) -> tuple[float, float, int]:
    """Return mean loss, accuracy and number of different answers of rows, at least one."""
    line = workspace.vectors * LANES
    chunk_rows = workspace.tiles * line
    answers = np.zeros(workspace.tile_sizes[-1] // line - 2, np.int64)
    loss, correct = 0.0, 0
    for first in range(0, len(rows), chunk_rows):
        chunk = rows[first : first + chunk_rows]
        tiles = -(-len(chunk) // line)
        _load_chunk(data, chunk, rows[first + chunk_rows : first + 2 * chunk_rows], workspace)
        _forward(network, workspace, tiles, slope)
        chunk_loss, chunk_correct = _loss(
            workspace, tiles, data.labels, chunk, np.float32(0), answers
        )
        loss += chunk_loss
        correct += chunk_correct
    # Not by NumPy's sum: with it, every process would load Numba's version of it, and SciPy's BLAS.
    classes = 0
    for count in answers:
        classes += count > 0
    return loss / len(rows), correct / len(rows), classes
