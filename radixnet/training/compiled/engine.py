"""The sparse engine: NumPy lays a network out, compiled loops train it."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial
from itertools import pairwise
from typing import Any

import llvmlite
import numba
import numpy as np
from numpy.typing import NDArray

from radixnet.datasets import Dataset, Images, as_floats
from radixnet.initializers import starting_weights
from radixnet.topology.masks import MaskArray
from radixnet.training.compiled import steps
from radixnet.training.compiled.code_cache import load_or_compile
from radixnet.training.compiled.kernels import CACHE_LINE, Floats
from radixnet.training.compiled.layout import NO_WEIGHT, StoredWeights, wire
from radixnet.training.compiled.targets import Target, host, processor
from radixnet.training.data_order import Rows, epoch_order, rewiring_random, split
from radixnet.training.provenance import provenance
from radixnet.training.rewiring import Moment, dense_gradient, looks, rewired
from radixnet.training.spec import CURVES, LEAKY_RELU_SLOPE, Curve, RunResult, RunSpec

SLOPES = {"relu": 0.0, "leaky_relu": LEAKY_RELU_SLOPE, "linear": 1.0}
"""Each hidden activation's slope below zero; above it is 1."""

PIXELS = 16
"""Images and the first layer's lines are padded to a multiple of this, the most lanes there are."""

ADAM = steps.Optimizer(True, np.float32(0), 0.0)

CHUNK_ROWS = 112
"""Rows that pass through the network together, at least if there are as many; larger batches take
several turns, so that their numbers stay in the cache."""


class SparseNetwork:
    """A network laid out for the compiled loops, with its training state and working space.

    Parameters
    ----------
    masks
        One bool array of shape (inputs, outputs) per layer.
    weights
        Starting weights of the same shapes.
    biases
        Starting biases of shapes (outputs,), or None for a network without.
    slope
        Slope of the hidden activation below zero.
    batch_size
        Rows per training step.
    needed_inputs
        Bool array (inputs,): False for inputs that are zero in every row. Their weights have no
        effect and no gradient, so they are left out.
    optimizer
        How weights follow their gradients; Adam without weight decay if not given.
    target
        The processor that the loops are compiled for; this one if not given.
    """

    def __init__(
        self,
        masks: Sequence[MaskArray],
        weights: Sequence[Floats],
        biases: Sequence[Floats] | None,
        slope: float,
        batch_size: int,
        needed_inputs: MaskArray,
        optimizer: steps.Optimizer = ADAM,
        target: Target | None = None,
    ) -> None:
        self._target = target = target or host()
        self.slope = np.float32(slope)
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.steps_taken = 0
        self._left = 1.0  # of each weight without gradient, after weight decay
        self._needed_inputs = needed_inputs
        self._has_biases = biases is not None
        # Tiles would stay mostly empty in batches of up to two vectors.
        narrow = batch_size <= 2 * target.lanes
        whole = target.lanes * (1 if narrow else math.lcm(*target.vectors))
        line = -(-min(batch_size, CHUNK_ROWS) // whole) * whole
        inputs = len(needed_inputs) + -len(needed_inputs) % PIXELS
        self._lines = [inputs, *(mask.shape[1] for mask in masks)]
        self.workspace = _workspace(self._lines, line, narrow)
        self._lay_out(masks, self._complete(weights, biases))

    def _complete(
        self, matrices: Sequence[NDArray[Any]], bias_rows: Sequence[NDArray[Any]] | None
    ) -> list[NDArray[Any]]:
        """Return matrices of all layers with rows for the spare inputs and for biases."""
        padded = np.pad(matrices[0], [(0, -len(self._needed_inputs) % PIXELS), (0, 0)])
        return _with_bias_rows([padded, *matrices[1:]], bias_rows)

    def _connections(self, masks: Sequence[MaskArray]) -> list[MaskArray]:
        """Return masks as `_complete` does; biases are connected to every unit."""
        ones = [np.ones(mask.shape[1], bool) for mask in masks]
        return self._complete(masks, ones if self._has_biases else None)

    def _lay_out(self, masks: Sequence[MaskArray], start: Sequence[Floats]) -> None:
        """Lay out connections and their weights, with Adam's means and squares zero."""
        self._start, target = start, self._target
        lines, line = self._lines, self.workspace.line
        used = [masks[0] & self._needed_inputs[:, None], *masks[1:]]
        connections = self._connections(used)
        forward, self._stored = wire(connections, lines[:-1], line, target)
        backward, transposed = wire([mask.T for mask in masks[1:]], lines[2:], line, target)
        self._bounds = np.cumsum([0, *(stored.size for stored in self._stored)])
        total = int(self._bounds[-1])
        values = aligned_zeros(total + target.block)  # padding of the transposes reads the last, 0
        shapes = [mask.shape for mask in connections[1:]]
        sources = _places_of_transposed(
            self._stored[1:], transposed, self._bounds[1:], total, shapes
        )
        self.network = steps.Network(
            forward=forward,
            backward=backward,
            weights=values,
            means=aligned_zeros(len(values)),
            squares=aligned_zeros(len(values)),
            gradient=aligned_zeros(len(values)),
            backward_weights=aligned_zeros(len(sources)),
            backward_sources=sources,
            absent=np.concatenate(
                [
                    start + each.absent
                    for start, each in zip(self._bounds, self._stored, strict=False)
                ]
            ),
        )
        self._gather(start, values)
        read = np.flatnonzero(used[0].any(axis=1))
        self.workspace = self.workspace._replace(
            pixel_blocks=np.unique(read // target.lanes) * target.lanes
        )

    def rewired(self, masks: Sequence[MaskArray]) -> SparseNetwork:
        """Return the network with other connections, in the middle of its training.

        Connections that it has already keep their weight, and Adam's mean and square; new ones
        start with zeros. Both networks share the arrays that they work in.

        Parameters
        ----------
        masks
            One bool array per layer, of the same shapes as before.
        """
        new, old = copy.copy(self), self.network
        new._left = 1.0
        kept = zip(self._connections(masks), self._now(), strict=True)
        new._lay_out(masks, [np.where(mask, matrix, np.float32(0)) for mask, matrix in kept])
        for before, after in ((old.means, new.network.means), (old.squares, new.network.squares)):
            moved = [np.zeros_like(matrix) for matrix in new._start]
            self._scatter(before, moved)
            new._gather(moved, after)
        return new

    def compile(self, data: steps.Data) -> None:
        """Load or compile the loops before time is measured."""
        none = np.zeros(0, np.int64)
        loops = self._loops(data)
        self._loop(loops.train_epoch, self._training(data, none, np.zeros(0)))
        self._loop(loops.evaluate, self._evaluation(data, none))

    def train_epoch(
        self, data: steps.Data, rows: Rows, learning_rate: float | Curve
    ) -> tuple[float, float]:
        """Train on rows, at least one, in the order given; return mean loss and accuracy.

        The learning rate is one for all steps, or one for each.
        """
        rates = np.full(-(-len(rows) // self.batch_size), learning_rate, np.float64)
        arguments = self._training(data, rows, rates)
        loss, accuracy = self._loop(self._loops(data).train_epoch, arguments)(*arguments)
        self.steps_taken += len(rates)
        self._left *= float(np.prod(1 - self.optimizer.decay * rates))
        return loss, accuracy

    def evaluate(self, data: steps.Data, rows: Rows) -> tuple[float, float, int]:
        """Return mean loss, accuracy and number of different answers; NaN, NaN, 0 without rows."""
        if not len(rows):
            return np.nan, np.nan, 0
        arguments = self._evaluation(data, rows)
        loss, accuracy, classes = self._loop(self._loops(data).evaluate, arguments)(*arguments)
        return loss, accuracy, classes

    def weights(self) -> tuple[Floats, ...]:
        """Return the weights of each layer, shape (inputs, outputs), exactly zero off the mask."""
        first, *others = (matrix[:-1] if self._has_biases else matrix for matrix in self._now())
        return first[: len(self._needed_inputs)], *others

    def biases(self) -> tuple[Floats, ...] | None:
        """Return the biases of each layer, shape (outputs,), or None for a network without."""
        return tuple(matrix[-1] for matrix in self._now()) if self._has_biases else None

    def _now(self) -> list[Floats]:
        """Return each layer's weights, with a last row of biases if it has them.

        Weights that are left out are as they started, but for weight decay.
        """
        matrices = [matrix * np.float32(self._left) for matrix in self._start]
        self._scatter(self.network.weights, matrices)
        return matrices

    def _gather(self, matrices: Sequence[Floats], flat: Floats) -> None:
        """Bring one number per connection from each layer's matrix into an array of storage."""
        for part, stored, matrix in zip(self._parts(flat), self._stored, matrices, strict=True):
            part[:] = stored.gather(matrix)

    def _scatter(self, flat: Floats, matrices: Sequence[Floats]) -> None:
        """Bring one number per connection from an array of storage to its place in a matrix."""
        for part, stored, matrix in zip(self._parts(flat), self._stored, matrices, strict=True):
            stored.scatter(part, matrix)

    def _parts(self, flat: Floats) -> list[Floats]:
        """Return each layer's part of an array of stored weights."""
        return [flat[start:stop] for start, stop in pairwise(self._bounds)]

    def _loops(self, data: steps.Data) -> steps.Loops:
        """Return the loops for this network's target and such data."""
        return steps.loops(self._target, data.images.dtype.name)

    def _loop(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return a loop, compiled for this network's target."""
        return load_or_compile(function, arguments, self._target)

    def _training(self, data: steps.Data, rows: Rows, rates: Curve) -> tuple[Any, ...]:
        """Return the arguments of `steps.train_epoch`."""
        return (
            self.network,
            self.workspace,
            data,
            rows,
            self.batch_size,
            self.steps_taken,
            rates,
            self.optimizer,
            self.slope,
        )

    def _evaluation(self, data: steps.Data, rows: Rows) -> tuple[Any, ...]:
        """Return the arguments of `steps.evaluate`."""
        return self.network, self.workspace, data, rows, self.slope


@cache
def get_ready() -> None:
    """Load or compile the loops; one network stands for all, as no size is compiled in."""
    one = np.ones((1, 1), np.float32)
    data = _data(np.zeros((1, 1), np.uint8), np.zeros(1, np.uint8))
    SparseNetwork([one > 0], [one], None, 0.0, 1, np.ones(1, bool)).compile(data)


def run(spec: RunSpec, dataset: Dataset, keep_weights: bool) -> RunResult:
    """Train a network as the spec says: see `radixnet.training.train`."""
    train_data, test_data, needed_inputs = prepare(dataset)
    masks = spec.masks
    biases = [np.zeros(mask.shape[1], np.float32) for mask in masks] if spec.use_bias else None
    start = starting_weights(masks, spec.seed, spec.initializer, spec.positive_output)
    optimizer = steps.Optimizer(
        spec.optimizer == "adam", np.float32(spec.momentum), spec.weight_decay
    )
    slope = SLOPES[spec.activation]
    network = SparseNetwork(masks, start, biases, slope, spec.batch_size, needed_inputs, optimizer)
    train_rows, validation_rows = split(spec.seed, len(train_data.labels), spec.validation_share)
    steps_per_epoch = -(-len(train_rows) // spec.batch_size)
    rates = learning_rates(spec, steps_per_epoch)
    test_rows = np.arange(len(test_data.labels))
    network.compile(train_data)  # `get_ready` has done it for bytes
    started = time.perf_counter()
    curves = np.empty((spec.epochs, len(CURVES)))
    exchanges = looks(spec.rewiring, steps_per_epoch, spec.epochs)
    random = rewiring_random(spec.seed)
    for epoch in range(spec.epochs):
        order = train_rows[epoch_order(spec.seed, epoch, len(train_rows))]
        first, parts = network.steps_taken, []
        cuts = [step for step in range(1, steps_per_epoch) if first + step in exchanges]
        stretches = np.split(order, [step * spec.batch_size for step in cuts])
        for rows, stretch_rates in zip(stretches, np.split(rates[epoch], cuts), strict=True):
            if network.steps_taken in exchanges:
                now = Moment(
                    masks,
                    network.weights(),
                    network.steps_taken / (steps_per_epoch * spec.epochs),
                    partial(_dense_gradient, network, dataset, rows[: spec.batch_size]),
                    random,
                )
                masks = rewired(spec.rewiring, now)
                network = network.rewired(masks)
            parts.append((*network.train_epoch(train_data, rows, stretch_rates), len(rows)))
        curves[epoch] = (
            *_means(parts),
            *network.evaluate(train_data, validation_rows)[:2],
            *network.evaluate(test_data, test_rows),
        )
    return RunResult(
        spec,
        **dict(zip(CURVES, curves.T, strict=True)),
        seconds=time.perf_counter() - started,
        provenance=provenance(
            spec,
            dataset,
            numba=numba.__version__,
            llvmlite=llvmlite.__version__,
            compiled_for=processor()[0],
        ),
        weights=network.weights() if keep_weights else None,
        biases=network.biases() if keep_weights else None,
        masks=masks if keep_weights else None,
    )


def _dense_gradient(
    network: SparseNetwork, dataset: Dataset, rows: Rows
) -> list[NDArray[np.float32]]:
    """Return the gradient of some rows' mean loss for all connections, missing ones too."""
    images = as_floats(dataset.train_images[rows])
    labels = dataset.train_labels[rows]
    return dense_gradient(network.weights(), network.biases(), float(network.slope), images, labels)


def _means(parts: Sequence[tuple[float, float, int]]) -> tuple[float, float]:
    """Return mean loss and accuracy of the rows of all parts of an epoch."""
    if len(parts) == 1:
        return parts[0][:2]  # to the last bit
    losses, accuracies, rows = zip(*parts, strict=True)
    return np.average(losses, weights=rows), np.average(accuracies, weights=rows)


@lru_cache(maxsize=4)
def prepare(dataset: Dataset) -> tuple[steps.Data, steps.Data, MaskArray]:
    """Return training and test data, and which pixels are used by some row; kept between runs."""
    needed_inputs: MaskArray = np.logical_or(
        dataset.train_images.any(axis=0), dataset.test_images.any(axis=0)
    )
    return (
        _data(dataset.train_images, dataset.train_labels),
        _data(dataset.test_images, dataset.test_labels),
        needed_inputs,
    )


def learning_rates(spec: RunSpec, steps: int) -> NDArray[np.float64]:
    """Return the learning rate of each step, shape (epochs, steps of an epoch)."""
    done = np.arange(spec.epochs * steps) / (spec.epochs * steps)
    shares = {
        "constant": np.ones(len(done)),
        "cosine": (1 + np.cos(np.pi * done)) / 2,
        "steps": np.where(done < 1 / 2, 1, np.where(done < 3 / 4, 0.1, 0.01)),
    }
    return (spec.learning_rate * shares[spec.schedule]).reshape(spec.epochs, steps)


def aligned_zeros(count: int) -> Floats:
    """Return zeros that start with a cache line, so that no vector crosses two."""
    room = np.zeros(count * 4 + CACHE_LINE, np.uint8)
    start = -room.ctypes.data % CACHE_LINE
    return room[start : start + count * 4].view(np.float32)


def _data(images: Images, labels: NDArray[np.uint8]) -> steps.Data:
    """Return data as the loops take it: pixels padded to whole vectors, read-only.

    Images that need no padding are not copied.
    """
    pixels = images.shape[1]
    if pixels % PIXELS:
        images = np.pad(images, [(0, 0), (0, -pixels % PIXELS)])
    views = [np.ascontiguousarray(array).view() for array in (images, labels)]
    for view in views:
        view.flags.writeable = False
    return steps.Data(*views)


def _workspace(lines: Sequence[int], line: int, narrow: bool) -> steps.Workspace:
    """Return space for chunks of rows of a network whose layers have so many lines.

    Which pixels come into it is not known yet.
    """
    sizes = [(count + steps.EXTRA_LINES) * line for count in lines]
    layer_starts = np.cumsum([0, *sizes])
    activations = aligned_zeros(int(layer_starts[-1]))
    for start, count in zip(layer_starts[:-1], lines, strict=True):
        activations[start + count * line : start + (count + 1) * line] = 1
    return steps.Workspace(
        activations=activations,
        deltas=aligned_zeros(len(activations)),
        layer_starts=layer_starts,
        pixel_blocks=np.zeros(0, np.int64),
        line=line,
        narrow=narrow,
    )


def _with_bias_rows(
    matrices: Sequence[NDArray[Any]], rows: Sequence[NDArray[Any]] | None
) -> list[NDArray[Any]]:
    """Return matrices with one more row each, or as they are if there are no rows."""
    return (
        list(matrices)
        if rows is None
        else [np.vstack(both) for both in zip(matrices, rows, strict=True)]
    )


def _places_of_transposed(
    stored: Sequence[StoredWeights],
    transposed: Sequence[StoredWeights],
    starts: NDArray[np.int64],
    zero: int,
    shapes: Sequence[tuple[int, ...]],
) -> NDArray[np.int64]:
    """Return where each weight of the transposed layers is stored; `zero` for padding."""
    places = [np.zeros(0, np.int64)]
    for weights, there, start, shape in zip(stored, transposed, starts, shapes, strict=False):
        real = np.flatnonzero(weights.inputs != NO_WEIGHT)
        place_of = np.zeros(shape, np.int64)
        place_of[weights.inputs[real], weights.outputs[real]] = start + real
        places.append(
            np.where(there.inputs == NO_WEIGHT, zero, place_of[there.outputs, there.inputs])
        )
    return np.concatenate(places)
