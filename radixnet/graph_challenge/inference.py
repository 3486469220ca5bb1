"""Which images are the answer: three ways behind one function.

- *Generic*, for any weights: every image that is still alive goes through every connection. All
  layers are in memory.
- *Structured*, where the weights of each layer are equal: through the exact narrow network of
  `columns.merged` instead.
- *Streamed*, the same, with layers made or read as they are needed: in memory are the images that
  are left, and a few layers. It says how far it is, and goes on where it was stopped.

An image is dead when all neurons of a layer are zero; it stays so, and is dropped.
"""

from __future__ import annotations

import hashlib
import math
import threading
import zipfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from tqdm import tqdm

from radixnet.graph_challenge.columns import Columns, Layer, columns_of, merged, packed
from radixnet.graph_challenge.images import Images, pack_images
from radixnet.graph_challenge.loops import PANEL, Floats, Integers, Packed, Words, through_chunk
from radixnet.graph_challenge.official import CAP
from radixnet.training.compilation import compiled, has_avx512
from radixnet.training.provenance import usable_cores

Way = Literal["generic", "structured", "streamed"]
"""How an answer is found; all three find the same."""

_CHUNK = 16 * PANEL
"""Images that go through the layers together, on one core."""

_AT_ONCE = 16
"""Layers between two looks at what is left, while streaming."""


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
        """Products that one image takes: the connections, once equal columns are merged."""
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
class _Rows:
    """Some images on their way: their numbers, and values of shape (panels, neurons, `PANEL`)."""

    numbers: Integers
    values: Floats


def infer(
    images: Any,
    layers: Iterable[Layer],
    bias: float,
    way: Way = "generic",
    checkpoint: str | Path | None = None,
    progress: bool = False,
) -> Answer:
    r"""Send images through layers and say which of them come out with anything above zero.

    Each layer makes :math:`y' = \min(32, \max(0, z + b))` of :math:`z = y W`, and 0 where z is 0.

    Parameters
    ----------
    images
        Zeros and ones: `Images`, or an array or a sparse array of shape (images, pixels).
    layers
        Sparse arrays of shape (neurons before, neurons after), of weights, or of bools where every
        weight is 1/16.
    bias
        What is added to every sum that is not 0.
    way
        ``"generic"``, ``"structured"`` or ``"streamed"``; the last needs a sequence, such as
        `layers` or `LayerFiles`.
    checkpoint
        A file in which streaming keeps what it has, every few layers. When it is there, streaming
        goes on from it.
    progress
        Whether streaming shows how far it is.

    Raises
    ------
    ValueError
        For images, layers or settings that do not go together; for layers whose weights differ,
        unless the way is generic; for a checkpoint of something else.

    Examples
    --------
    >>> from radixnet.graph_challenge import BIASES, infer, layers, mnist_images
    >>> images = mnist_images(1024, count=300)
    >>> answer = infer(images, layers(1024, 120), BIASES[1024], way="structured")
    >>> answer.values.shape[1], answer.rows.shape[1]
    (32, 1024)
    """
    if way not in get_args(Way):
        raise ValueError(
            f"way {way!r} is not known; choose one of {', '.join(map(repr, get_args(Way)))}"
        )
    if not isinstance(images, Images):
        images = pack_images(images)
    if way == "streamed":
        return _stream(
            images, layers, bias, None if checkpoint is None else Path(checkpoint), progress
        )
    if checkpoint is not None or progress:
        raise ValueError(
            f"way {way!r} keeps no checkpoint and shows no progress; "
            "leave both out, or infer with way='streamed'"
        )
    return run(prepare(layers, way), images, bias)


def prepare(layers: Iterable[Layer], way: Way = "generic") -> Network:
    """Make layers ready for `run`, which may then be called with several images and biases.

    Parameters
    ----------
    layers, way
        As for `infer`; equal columns are merged unless the way is generic.
    """
    edges: list[int] = []
    widths: list[int] = []
    places = np.empty(0, np.int64)

    def ready(number: int, layer: Layer) -> Columns:
        nonlocal places
        columns = columns_of(layer, number)
        _check_width(columns.inputs, len(places) if widths else columns.inputs, number)
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
    through = _ways_through(network, images, bias)
    with ThreadPoolExecutor(usable_cores()) as threads:
        ends = list(threads.map(through, _chunks(images)))
    carried = np.sum([carried for _, carried in ends], axis=0)
    return _answer([rows for rows, _ in ends], network.columns, carried)


def _check_width(inputs: int, before: int, number: int) -> None:
    """Raise ValueError when a layer does not follow on what is before it."""
    if inputs != before:
        what = (
            f"{before} neurons are before it" if number > 1 else f"the images have {before} pixels"
        )
        raise ValueError(
            f"layer {number} has {inputs} inputs, and {what}; give layers that follow each other"
        )


def _chunks(images: Images) -> list[_Rows]:
    """Return the images in parts, their values still to be read."""
    numbers = np.arange(images.count)
    return [
        _Rows(numbers[first : first + _CHUNK], np.empty((0, 0, PANEL), np.float32))
        for first in range(0, images.count, _CHUNK)
    ]


def _ways_through(
    network: Network, images: Images | None, bias: float
) -> Callable[[_Rows], tuple[_Rows, Integers]]:
    """Return a function that sends a chunk through a network, from the images when given.

    Each thread keeps its room from chunk to chunk, since memory that is new takes as long to get
    as a layer.
    """
    if not math.isfinite(bias):
        raise ValueError(f"bias {bias!r}: give a finite number, such as -0.3")
    if images is not None:
        _check_width(network.widths[0], images.pixels, 1)
    words: Words = np.zeros((0, 0), np.uint64) if images is None else images.words
    widths = np.array(network.widths)
    stride = PANEL * int(max(network.widths[images is not None :]))
    rule = np.array([bias, CAP], np.float32)
    room = threading.local()

    def through(chunk: _Rows) -> tuple[_Rows, Integers]:
        panels = -(-len(chunk.numbers) // PANEL)
        if not panels:
            return _Rows(chunk.numbers, np.empty((0, widths[-1], PANEL), np.float32)), np.zeros(
                len(widths) - 1, np.int64
            )
        if not hasattr(room, "state"):
            room.state = np.empty(_CHUNK // PANEL * stride, np.float32)
            room.scratch = np.empty(PANEL * max(network.widths), np.float32)
        state = room.state[: panels * stride]
        by_panels = state.reshape(panels, stride)
        if images is None:
            by_panels[:, : widths[0] * PANEL] = chunk.values.reshape(panels, -1)
        numbers, carried = chunk.numbers.copy(), np.zeros(len(widths) - 1, np.int64)
        arguments = (
            *(
                network.packed,
                widths,
                words,
                state,
                room.scratch,
                numbers,
                len(numbers),
                carried,
                rule,
            ),
            has_avx512(),
        )
        left = compiled(through_chunk, arguments)(*arguments)
        values = by_panels[: -(-left // PANEL), : widths[-1] * PANEL].reshape(-1, widths[-1], PANEL)
        return _Rows(numbers[:left], values.copy()), carried

    return through


def _answer(chunks: Sequence[_Rows], columns: Integers, carried: Integers) -> Answer:
    """Return what is left of the images, row by row."""
    rows = [
        chunk.values.transpose(0, 2, 1).reshape(-1, chunk.values.shape[1])[: len(chunk.numbers)]
        for chunk in chunks
    ]
    return Answer(
        np.concatenate([chunk.numbers for chunk in chunks]), np.concatenate(rows), columns, carried
    )


# -- streaming -------------------------------------------------------------------------------------


@dataclass
class _Stand:
    """How far streaming is: what a checkpoint holds.

    Attributes
    ----------
    identity
        A sum over the images, the bias and the number of layers; and one over the last layer that
        was gone through.
    layer
        How many layers are done.
    columns, carried
        As in an `Answer`; `carried` has a place for every layer.
    chunks
        The images that are left.
    """

    identity: tuple[str, str]
    layer: int
    columns: Integers
    carried: Integers
    chunks: list[_Rows]

    def write(self, path: Path) -> None:
        """Write a checkpoint that appears whole."""
        partial = path.with_name(f".{path.name}.partial")
        with partial.open("wb") as file:
            np.savez(
                file,
                identity=np.array(self.identity),
                layer=np.array(self.layer),
                columns=self.columns,
                carried=self.carried,
                sizes=np.array([len(chunk.numbers) for chunk in self.chunks]),
                numbers=np.concatenate([chunk.numbers for chunk in self.chunks]),
                values=np.concatenate([chunk.values for chunk in self.chunks]),
            )
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> _Stand:
        """Return what a checkpoint holds, or raise ValueError."""
        try:
            with path.open("rb") as file, np.load(file) as kept:
                sizes, numbers, values = kept["sizes"], kept["numbers"], kept["values"]
                chunks = [
                    _Rows(some, panels)
                    for some, panels in zip(
                        np.split(numbers, np.cumsum(sizes)[:-1]),
                        np.split(values, np.cumsum(-(-sizes // PANEL))[:-1]),
                        strict=True,
                    )
                ]
                first, second = map(str, kept["identity"])
                return cls(
                    (first, second), int(kept["layer"]), kept["columns"], kept["carried"], chunks
                )
        except (zipfile.BadZipFile, KeyError, EOFError, ValueError) as error:
            raise ValueError(
                f"checkpoint {path} cannot be read: {error}; delete it, or name another file"
            ) from error


def _stream(
    images: Images, layers: Any, bias: float, checkpoint: Path | None, progress: bool
) -> Answer:
    """Send images through layers a few at a time: see `infer`."""
    if not isinstance(layers, Sequence):
        raise ValueError(
            f"layers of type {type(layers).__name__}: "
            "streaming takes a sequence, such as layers(1024, 120)"
        )
    problem = f"{images.count} {images.pixels} {float(bias)} {len(layers)}".encode()
    identity = hashlib.sha256(problem + images.words.tobytes()).hexdigest()
    stand = _Stand(
        (identity, ""),
        0,
        np.arange(images.pixels),
        np.zeros(len(layers), np.int64),
        _chunks(images),
    )
    if checkpoint and checkpoint.exists():
        stand = _Stand.read(checkpoint)
        last = (
            _digest(columns_of(layers[stand.layer - 1], stand.layer))
            if stand.layer <= len(layers)
            else ""
        )
        if stand.identity != (identity, last):
            raise ValueError(
                f"checkpoint {checkpoint} is of other images, layers or bias; "
                "delete it, or name another file"
            )
    bar = tqdm(total=len(layers), initial=stand.layer, unit="layer", disable=not progress)
    with bar, ThreadPoolExecutor(usable_cores()) as threads:
        while stand.layer < len(layers):
            first, until = stand.layer, min(stand.layer + _AT_ONCE, len(layers))
            given = list(
                threads.map(
                    lambda number: columns_of(layers[number], number + 1), range(first, until)
                )
            )
            ready, places, widths = [], stand.columns, []
            for number, columns in enumerate(given, start=first + 1):
                _check_width(columns.inputs, len(places), number)
                widths.append(int(places.max()) + 1)
                narrow, places = merged(columns, places, number)
                ready.append(narrow)
            network = Network(
                (*widths, ready[-1].outputs), packed(ready), places, np.zeros(0, np.int64)
            )
            through = _ways_through(network, None if first else images, bias)
            ends = list(threads.map(through, stand.chunks))
            stand.chunks = [rows for rows, _ in ends]
            stand.carried[first:until] = np.sum([carried for _, carried in ends], axis=0)
            stand.layer, stand.columns, stand.identity = (
                until,
                places,
                (identity, _digest(given[-1])),
            )
            if checkpoint:
                stand.write(checkpoint)
            bar.update(until - first)
            bar.set_postfix_str(
                f"{sum(len(chunk.numbers) for chunk in stand.chunks):,} images left"
            )
    return _answer(stand.chunks, stand.columns, stand.carried)


def _digest(columns: Columns) -> str:
    """Return a sum over a layer."""
    digest = hashlib.sha256(str(columns.inputs).encode())
    for part in (columns.starts, columns.rows.astype(np.int32), columns.weights):
        digest.update(part.tobytes())
    return digest.hexdigest()
