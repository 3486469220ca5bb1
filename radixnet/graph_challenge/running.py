"""Images through a network that is in memory: what is made ready, what runs, what comes out."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from radixnet.graph_challenge.columns import Columns, Layer, columns_of, merged, packed
from radixnet.graph_challenge.images import Images
from radixnet.graph_challenge.loops import PANEL, Floats, Integers, Packed, Words, through_chunk
from radixnet.graph_challenge.official import CAP
from radixnet.training.compiled.code_cache import load_or_compile
from radixnet.training.compiled.targets import AVX512, host
from radixnet.training.provenance import usable_cores

CHUNK = 16 * PANEL
"""Images that go through the layers together, on one core."""


@dataclass(frozen=True, eq=False)
class Network:
    """Layers made ready to go through: see `prepare`.

    Attributes
    ----------
    widths
        Neurons before each layer and after the last, once equal ones are merged.
    packed
        The layers.
    columns
        For each neuron of the last layer the one that it was merged into.
    edges
        Connections of each layer as it was given.
    """

    widths: tuple[int, ...]
    packed: Packed
    columns: Integers
    edges: Integers

    @property
    def terms(self) -> int:
        """Products that one image takes, once equal columns are merged."""
        return len(self.packed.weights)


@dataclass(frozen=True, eq=False)
class Answer:
    """What an inference found.

    Attributes
    ----------
    categories
        Numbers of the images whose last row has a positive sum, counted from 0 (files count from
        1), in rising order.
    values
        Their last rows: float32 of shape (categories, different columns).
    columns
        For each neuron of the last layer its column of `values`.
    carried
        For each layer how many images went through it; one that dies is dropped after the same
        layer or the next.
    """

    categories: Integers
    values: Floats
    columns: Integers
    carried: Integers

    @property
    def rows(self) -> Floats:
        """The last rows in full, shape (categories, neurons)."""
        return self.values[:, self.columns]


@dataclass(frozen=True, eq=False)
class Rows:
    """Some images on their way: their numbers, and values of shape (panels, neurons, `PANEL`)."""

    numbers: Integers
    values: Floats


def prepare(layers: Iterable[Layer], way: str = "generic") -> Network:
    """Make layers ready for `run`, which may then be called with several images and biases.

    Parameters
    ----------
    layers, way
        As for `infer`, ``"generic"`` or ``"structured"``.

    Raises
    ------
    ValueError
        As for `infer`.
    """
    if way not in ("generic", "structured"):
        raise ValueError(f"way {way!r}: give 'generic' or 'structured'; streaming is for infer")
    edges: list[int] = []
    widths: list[int] = []
    places = np.empty(0, np.int64)

    def ready(number: int, layer: Layer) -> Columns:
        nonlocal places
        columns = columns_of(layer, number)
        check_width(columns.inputs, len(places) if widths else columns.inputs, number)
        edges.append(len(columns.weights))
        if not widths:
            widths.append(columns.inputs)
            places = np.arange(columns.inputs)
        if way == "generic":
            places = np.arange(columns.outputs)
        else:
            columns, places = merged(columns, places, number)
        widths.append(columns.outputs)
        return columns

    packed_layers = packed(ready(number, layer) for number, layer in enumerate(layers, start=1))
    return Network(tuple(widths), packed_layers, places, np.array(edges))


def run(network: Network, images: Images, bias: float) -> Answer:
    """Send images through a network: see `infer`."""
    through = sender(network, images, bias)
    with ThreadPoolExecutor(usable_cores()) as threads:
        ends = list(threads.map(through, chunks_of(images)))
    carried = np.sum([carried for _, carried in ends], axis=0)
    return answer_of([rows for rows, _ in ends], network.columns, carried)


def check_width(inputs: int, before: int, number: int) -> None:
    """Raise ValueError when a layer does not follow on what is before it."""
    if inputs != before:
        what = (
            f"{before} neurons are before it" if number > 1 else f"the images have {before} pixels"
        )
        raise ValueError(
            f"layer {number} has {inputs} inputs, and {what}; give layers that follow each other"
        )


def chunks_of(images: Images) -> list[Rows]:
    """Return the images in parts, their values still to be read."""
    numbers = np.arange(images.count)
    return [
        Rows(numbers[first : first + CHUNK], np.empty((0, 0, PANEL), np.float32))
        for first in range(0, images.count, CHUNK)
    ]


def sender(
    network: Network, images: Images | None, bias: float
) -> Callable[[Rows], tuple[Rows, Integers]]:
    """Return a function that sends a chunk through a network, from the images when given.

    Each thread keeps its room from chunk to chunk, since memory that is new takes as long to get
    as a layer.
    """
    if not math.isfinite(bias):
        raise ValueError(f"bias {bias!r}: give a finite number, such as -0.3")
    if images is not None:
        check_width(network.widths[0], images.pixels, 1)
    words: Words = np.zeros((0, 0), np.uint64) if images is None else images.words
    widths = np.array(network.widths)
    stride = PANEL * int(max(network.widths[images is not None :]))
    rule = np.array([bias, CAP], np.float32)
    wide = host() == AVX512
    room = threading.local()

    def through(chunk: Rows) -> tuple[Rows, Integers]:
        panels = -(-len(chunk.numbers) // PANEL)
        carried = np.zeros(len(widths) - 1, np.int64)
        if not panels:
            return Rows(chunk.numbers, np.empty((0, widths[-1], PANEL), np.float32)), carried
        if not hasattr(room, "state"):
            room.state = np.empty(CHUNK // PANEL * stride, np.float32)
            room.scratch = np.empty(PANEL * max(network.widths), np.float32)
        state = room.state[: panels * stride]
        by_panels = state.reshape(panels, stride)
        if images is None:
            by_panels[:, : widths[0] * PANEL] = chunk.values.reshape(panels, -1)
        numbers = chunk.numbers.copy()
        given = (network.packed, widths, words, state, room.scratch)
        arguments = (*given, numbers, len(numbers), carried, rule, wide)
        left = load_or_compile(through_chunk, arguments)(*arguments)
        values = by_panels[: -(-left // PANEL), : widths[-1] * PANEL].reshape(-1, widths[-1], PANEL)
        return Rows(numbers[:left], values.copy()), carried

    return through


def answer_of(chunks: Sequence[Rows], columns: Integers, carried: Integers) -> Answer:
    """Return what is left of the images, row by row."""
    rows = [
        chunk.values.transpose(0, 2, 1).reshape(-1, chunk.values.shape[1])[: len(chunk.numbers)]
        for chunk in chunks
    ]
    return Answer(
        np.concatenate([chunk.numbers for chunk in chunks]), np.concatenate(rows), columns, carried
    )
