r"""The challenge's files, read and written a block at a time.

A layer, ``n1024-l7.tsv``, and the images, ``sparse-images-1024.tsv``, are lines of row, column and
value, tabs between them, rows and columns counted from 1; an answer,
``neuron1024-l120-categories.tsv``, is the number of an image a line. Names that end in ``.gz`` are
compressed. Whatever is not such a line is refused with the file and the number of the line.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from scipy.io import mmwrite
from scipy.sparse import coo_array

from radixnet.datasets import DatasetError
from radixnet.graph_challenge.columns import Layer
from radixnet.graph_challenge.images import Images
from radixnet.graph_challenge.lines import Bytes, Indices, format_triples, parse_triples
from radixnet.graph_challenge.loops import WORD, Floats, Integers
from radixnet.graph_challenge.official import WEIGHT
from radixnet.training.compiled.code_cache import load_or_compile

_BLOCK = 2**22
"""Bytes that are read or written together."""

_LONGEST_VALUE = 16
"""Bytes of a value and its newline at most, as they are written here."""

Triples = tuple[Indices, Indices, Floats]
"""Rows and columns, counted from 0, and values."""


def read_layer(path: str | Path, neurons: int, outputs: int | None = None) -> Layer:
    """Return a layer's weights as a ``scipy.sparse.csr_array`` of float32, rows inputs.

    Parameters
    ----------
    path
        Where the file is.
    neurons, outputs
        Neurons before the layer and after it, as many if not said.

    Raises
    ------
    DatasetError
        Where the file is missing or damaged; the message names the line.
    """
    shape = (neurons, neurons if outputs is None else outputs)
    blocks = list(_triples(Path(path), shape))
    rows, columns, values = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    layer = coo_array((values, (rows, columns)), shape=shape).tocsr()
    if layer.nnz < len(values):
        order = np.argsort(rows.astype(np.int64) * shape[1] + columns, kind="stable")
        again = (np.diff(rows[order]) == 0) & (np.diff(columns[order]) == 0)
        line = int(order[1:][again].min())
        what = f"row {rows[line] + 1}, column {columns[line] + 1} a second time"
        raise DatasetError(f"{path}, line {line + 1}: {what}; expected each connection once")
    return layer


def write_layer(path: str | Path, layer: Layer) -> None:
    """Write a layer, column by column as the official files are; bools are weights of 1/16."""
    triples = layer.tocsc().tocoo()
    values = triples.data
    values = np.full(len(values), WEIGHT) if values.dtype == bool else values.astype(np.float32)
    with _written(Path(path)) as file:
        _write_triples(file, triples.row, triples.col, values)


def write_matrix_market(path: str | Path, layer: Layer) -> None:
    """Write a layer as a coordinate matrix in Matrix Market's format; bools are weights of 1/16."""
    whole = layer.astype(np.float32)
    with _written(Path(path)) as file:
        mmwrite(file, coo_array(whole * WEIGHT if layer.dtype == bool else whole))


@dataclass(frozen=True)
class LayerFiles(Sequence[Layer]):
    """A network in a folder of files, ``n1024-l1.tsv`` or ``.gz`` and so on, read as asked for.

    Attributes
    ----------
    folder
        Where they lie.
    neurons, depth
        Neurons a layer, and how many layers there are.
    """

    folder: Path
    neurons: int
    depth: int

    def __len__(self) -> int:
        return self.depth

    def __getitem__(self, number: Any) -> Any:
        """Return one layer, counted from 0, or those of a slice as a list."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(self.depth))]
        return read_layer(self.path(range(self.depth)[number]), self.neurons)

    def path(self, number: int) -> Path:
        """Return the file of a layer, counted from 0, or raise DatasetError."""
        path = Path(self.folder) / f"n{self.neurons}-l{number + 1}.tsv"
        packed = path.with_name(f"{path.name}.gz")
        if not path.exists() and not packed.exists():
            raise DatasetError(
                f"no {path.name} and no {packed.name} in {self.folder}; "
                "give the folder of the layers' files"
            )
        return path if path.exists() else packed


def read_images(path: str | Path, neurons: int, count: int = 60_000) -> Images:
    """Return a file's images.

    Parameters
    ----------
    path
        Where the file is.
    neurons
        Pixels of an image.
    count
        How many images there are; those without a line are black.

    Raises
    ------
    DatasetError
        As for `read_layer`; and for a value other than 1.
    """
    words = np.zeros((-(-count // WORD), neurons), np.uint64)
    line = 0
    for rows, columns, values in _triples(Path(path), (count, neurons)):
        wrong = np.flatnonzero(values != 1)
        if len(wrong):
            number = line + int(wrong[0]) + 1
            raise DatasetError(
                f"{path}, line {number}: value {values[wrong[0]]:g}; "
                "expected 1, as for every pixel that is there"
            )
        np.bitwise_or.at(
            words, (rows // WORD, columns), np.uint64(1) << (rows % WORD).astype(np.uint64)
        )
        line += len(rows)
    return Images(words, count)


def write_images(path: str | Path, images: Images) -> None:
    """Write images, one after the other."""
    with _written(Path(path)) as file:
        for number, block in enumerate(images.blocks()):
            rows, columns = np.nonzero(block)
            _write_triples(file, rows + number * WORD, columns, np.ones(len(rows), np.float32))


def read_categories(path: str | Path, count: int = 60_000) -> Integers:
    """Return the numbers of the images that are the answer, counted from 0.

    Raises
    ------
    DatasetError
        Where the file is missing or damaged; the message names the line.
    """
    numbers: list[int] = []
    lines = b"".join(_blocks(Path(path))).splitlines()
    for line, text in enumerate(lines, start=1):
        last = numbers[-1] + 1 if numbers else 0
        if not text.isdigit() or not last < int(text) <= count:
            expected = (
                f"the number of an image from {last + 1} to {count}, larger than the one before"
            )
            raise DatasetError(f"{path}, line {line}: {_shown(text)}; expected {expected}")
        numbers.append(int(text) - 1)
    return np.array(numbers, np.int64)


def write_categories(path: str | Path, categories: Integers) -> None:
    """Write the numbers of images, counted from 1."""
    with _written(Path(path)) as file:
        file.write("".join(f"{number + 1}\n" for number in categories).encode())


# -- blocks of lines -------------------------------------------------------------------------------


def _triples(path: Path, shape: tuple[int, int]) -> Iterator[Triples]:
    """Yield the triples of a file, some at a time."""
    line = 0
    for block in _blocks(path):
        text = np.frombuffer(block, np.uint8)
        count = block.count(b"\n")
        triples = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.float32)
        arguments = (text, *shape, *triples)
        found = load_or_compile(parse_triples, arguments)(*arguments)
        if found < 0:
            given = block.split(b"\n", -found)[-1 - found]
            expected = (
                f"row, tab, column, tab, value: row from 1 to {shape[0]}, "
                f"column from 1 to {shape[1]}, value a number other than 0"
            )
            raise DatasetError(f"{path}, line {line - found}: {_shown(given)}; expected {expected}")
        line += found
        yield triples


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield whole lines of a file, some at a time."""
    rest, lines = b"", 0
    try:
        with cast(BinaryIO, gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as file:
            while piece := file.read(_BLOCK):
                whole, newline, after = piece.rpartition(b"\n")
                if newline:
                    yield rest + whole + newline
                    lines += rest.count(b"\n") + whole.count(b"\n") + 1
                    rest = after
                else:
                    rest += piece
    except FileNotFoundError as error:
        raise DatasetError(
            f"{path} is not there; give the path of a file of the challenge"
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(
            f"{path} cannot be read to its end: {error}; get it once more"
        ) from error
    if rest or not lines:
        what = (
            f"{_shown(rest)}, and the file ends; expected a newline after it"
            if rest
            else "the file is empty"
        )
        raise DatasetError(f"{path}, line {lines + 1}: {what}; get it once more")


def _shown(line: bytes) -> str:
    """Return a line as it is shown where it is refused."""
    return repr(line[:60].decode("utf-8", "backslashreplace")) + "..." * (len(line) > 60)


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write that appears whole or not at all; equal content gives equal bytes."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(
                    filename="", mode="wb", fileobj=raw, compresslevel=1, mtime=0
                ) as file:
                    yield cast(BinaryIO, file)
            else:
                yield raw
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write_triples(
    file: BinaryIO, rows: NDArray[Any], columns: NDArray[Any], values: Floats
) -> None:
    """Write triples, values as in the official files, or with more digits where needed."""
    if not len(values):
        return
    alike = values.min() == values.max()
    different, kinds = (
        (values[:1], np.zeros(len(values), np.int64))
        if alike
        else np.unique(values, return_inverse=True)
    )
    texts = [f"{_value_text(value)}\n".encode() for value in different]
    starts = np.cumsum([0, *map(len, texts)])
    text: Bytes = np.frombuffer(b"".join(texts), np.uint8)
    lines = _BLOCK // (2 * 11 + _LONGEST_VALUE)
    room = np.empty(_BLOCK, np.uint8)
    for first in range(0, len(values), lines):
        part = slice(first, first + lines)
        arguments = (
            *(rows[part].astype(np.int32), columns[part].astype(np.int32), kinds[part]),
            *(text, starts, room),
        )
        size = load_or_compile(format_triples, arguments)(*arguments)
        file.write(room[:size].data)


def _value_text(value: np.float32) -> str:
    """Return 1 as images have it, and a weight as ``6.250000e-02``, or with two digits more."""
    if value == 1:
        return "1"
    short = f"{value:.6e}"
    return short if np.float32(short) == value else f"{value:.8e}"
