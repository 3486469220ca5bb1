"""The sparse engine: NumPy lays a network out, compiled loops train it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import llvmlite
import numba
import numpy as np
from numpy.typing import NDArray

from radixnet.datasets import Dataset
from radixnet.initializers import starting_weights
from radixnet.topology.masks import MaskArray
from radixnet.training.compiled import steps
from radixnet.training.compiled.code_cache import load_or_compile
from radixnet.training.compiled.kernels import CACHE_LINE, Floats
from radixnet.training.compiled.layout import NO_WEIGHT, StoredWeights, wire
from radixnet.training.compiled.targets import Target, host, processor
from radixnet.training.data_order import Rows, epoch_order, split
from radixnet.training.provenance import provenance
from radixnet.training.spec import CURVES, LEAKY_RELU_SLOPE, RunResult, RunSpec

SLOPES = {"relu": 0.0, "leaky_relu": LEAKY_RELU_SLOPE, "linear": 1.0}
"""Each hidden activation's slope below zero; above it is 1."""

PIXELS = 16
"""Images and the first layer's lines are padded to a multiple of this, the most lanes there are."""

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
        target: Target | None = None,
    ) -> None:
        self._target = target = target or host()
        self._loops = steps.loops(target)
        self.slope = np.float32(slope)
        self.batch_size = batch_size
        self.steps_taken = 0
        spare = [(0, -len(needed_inputs) % PIXELS), (0, 0)]
        self._inputs = len(needed_inputs)
        self._has_biases = biases is not None
        self._start = _with_bias_rows([np.pad(weights[0], spare), *weights[1:]], biases)
        # Tiles would stay mostly empty in batches of up to two vectors.
        narrow = batch_size <= 2 * target.lanes
        whole = target.lanes * (1 if narrow else math.lcm(*target.vectors))
        line = -(-min(batch_size, CHUNK_ROWS) // whole) * whole

        used = [np.pad(masks[0] & needed_inputs[:, None], spare), *masks[1:]]
        ones = [np.ones(mask.shape[1], bool) for mask in masks]
        connections = _with_bias_rows(used, ones if self._has_biases else None)
        lines = [used[0].shape[0], *(mask.shape[1] for mask in masks)]
        forward, self._stored = wire(connections, lines[:-1], line, target)
        backward, transposed = wire([mask.T for mask in masks[1:]], lines[2:], line, target)
        self._bounds = np.cumsum([0, *(stored.size for stored in self._stored)])
        total = int(self._bounds[-1])
        values = aligned_zeros(total + target.block)  # padding of the transposes reads the last, 0
        parts = zip(self._parts(values), self._stored, self._start, strict=True)
        for part, stored, matrix in parts:
            part[:] = stored.gather(matrix)
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
        self.workspace = _workspace(lines, line, narrow, used[0], target.lanes)

    def compile(self, data: steps.Data) -> None:
        """Load or compile the loops before time is measured."""
        none = np.zeros(0, np.int64)
        self._loop(self._loops.train_epoch, self._training(data, none, 0.0))
        self._loop(self._loops.evaluate, self._evaluation(data, none))

    def train_epoch(
        self, data: steps.Data, rows: Rows, learning_rate: float
    ) -> tuple[float, float]:
        """Train on rows, at least one, in the order given; return mean loss and accuracy."""
        arguments = self._training(data, rows, learning_rate)
        loss, accuracy = self._loop(self._loops.train_epoch, arguments)(*arguments)
        self.steps_taken += -(-len(rows) // self.batch_size)
        return loss, accuracy

    def evaluate(self, data: steps.Data, rows: Rows) -> tuple[float, float, int]:
        """Return mean loss, accuracy and number of different answers; NaN, NaN, 0 without rows."""
        if not len(rows):
            return np.nan, np.nan, 0
        arguments = self._evaluation(data, rows)
        loss, accuracy, classes = self._loop(self._loops.evaluate, arguments)(*arguments)
        return loss, accuracy, classes

    def weights(self) -> tuple[Floats, ...]:
        """Return the weights of each layer, shape (inputs, outputs), exactly zero off the mask."""
        first, *others = (matrix[:-1] if self._has_biases else matrix for matrix in self._now())
        return first[: self._inputs], *others

    def biases(self) -> tuple[Floats, ...] | None:
        """Return the biases of each layer, shape (outputs,), or None for a network without."""
        return tuple(matrix[-1] for matrix in self._now()) if self._has_biases else None

    def _now(self) -> list[Floats]:
        """Return each layer's weights, with a last row of biases if it has them.

        Weights that are left out are as they started.
        """
        matrices = [matrix.copy() for matrix in self._start]
        for part, stored, matrix in zip(
            self._parts(self.network.weights), self._stored, matrices, strict=True
        ):
            stored.scatter(part, matrix)
        return matrices

    def _parts(self, flat: Floats) -> list[Floats]:
        """Return each layer's part of an array of stored weights."""
        return [flat[start:stop] for start, stop in pairwise(self._bounds)]

    def _loop(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return a loop, compiled for this network's target."""
        return load_or_compile(function, arguments, self._target)

    def _training(self, data: steps.Data, rows: Rows, learning_rate: float) -> tuple[Any, ...]:
        """Return the arguments of `steps.train_epoch`."""
        rate = float(learning_rate)
        return (
            self.network,
            self.workspace,
            data,
            rows,
            self.batch_size,
            self.steps_taken,
            rate,
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
    network = SparseNetwork(
        masks, start, biases, SLOPES[spec.activation], spec.batch_size, needed_inputs
    )
    train_rows, validation_rows = split(spec.seed, len(train_data.labels), spec.validation_share)
    test_rows = np.arange(len(test_data.labels))
    started = time.perf_counter()
    curves = np.empty((spec.epochs, len(CURVES)))
    for epoch in range(spec.epochs):
        order = train_rows[epoch_order(spec.seed, epoch, len(train_rows))]
        curves[epoch] = (
            *network.train_epoch(train_data, order, spec.learning_rate),
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
    )


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


def aligned_zeros(count: int) -> Floats:
    """Return zeros that start with a cache line, so that no vector crosses two."""
    room = np.zeros(count * 4 + CACHE_LINE, np.uint8)
    start = -room.ctypes.data % CACHE_LINE
    return room[start : start + count * 4].view(np.float32)


def _data(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> steps.Data:
    """Return data as the loops take it: pixels padded to whole vectors, read-only.

    Images that need no padding are not copied.
    """
    if images.dtype != np.uint8 or labels.dtype != np.uint8:
        raise ValueError(
            f"images of {images.dtype} and labels of {labels.dtype}: this engine reads bytes; "
            "give uint8, or use engine='keras'"
        )
    pixels = images.shape[1]
    if pixels % PIXELS:
        images = np.pad(images, [(0, 0), (0, -pixels % PIXELS)])
    views = [np.ascontiguousarray(array).view() for array in (images, labels)]
    for view in views:
        view.flags.writeable = False
    return steps.Data(*views)


def _workspace(
    lines: Sequence[int], line: int, narrow: bool, first_mask: MaskArray, lanes: int
) -> steps.Workspace:
    """Return space for chunks of rows of a network whose layers have so many lines."""
    sizes = [(count + steps.EXTRA_LINES) * line for count in lines]
    layer_starts = np.cumsum([0, *sizes])
    activations = aligned_zeros(int(layer_starts[-1]))
    for start, count in zip(layer_starts[:-1], lines, strict=True):
        activations[start + count * line : start + (count + 1) * line] = 1
    return steps.Workspace(
        activations=activations,
        deltas=aligned_zeros(len(activations)),
        layer_starts=layer_starts,
        pixel_blocks=np.unique(np.flatnonzero(first_mask.any(axis=1)) // lanes) * lanes,
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
