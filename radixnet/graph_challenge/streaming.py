"""Images through layers that are made or read as they are needed, a few at a time."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from radixnet.graph_challenge.columns import Columns, Layer, columns_of, merged, packed
from radixnet.graph_challenge.images import Images
from radixnet.graph_challenge.loops import PANEL, Integers
from radixnet.graph_challenge.running import (
    Answer,
    Network,
    Rows,
    answer_of,
    check_width,
    chunks_of,
    sender,
)
from radixnet.training.provenance import usable_cores

_AT_ONCE = 16
"""Layers that are in memory together, and after which a checkpoint is written."""


def stream(
    images: Images, layers: Sequence[Layer], bias: float, checkpoint: Path | None, progress: bool
) -> Answer:
    """Send images through layers a few at a time: see `infer`."""
    if not isinstance(layers, Sequence) or not layers:
        raise ValueError(
            f"layers of type {type(layers).__name__}: "
            "streaming takes a sequence of one or more, such as layers(1024, 120)"
        )
    stand = _start(images, layers, bias, checkpoint)
    images_identity = stand.identity[0]
    bar = tqdm(total=len(layers), initial=stand.layer, unit="layer", disable=not progress)
    with bar, ThreadPoolExecutor(usable_cores()) as threads:
        while stand.layer < len(layers):
            part = range(stand.layer, min(stand.layer + _AT_ONCE, len(layers)))
            given = list(threads.map(lambda each: columns_of(layers[each], each + 1), part))
            network = _narrow(given, stand)
            through = sender(network, None if stand.layer else images, bias)
            ends = list(threads.map(through, stand.chunks))
            stand.carried[part] = np.sum([carried for _, carried in ends], axis=0)
            stand.chunks = [rows for rows, _ in ends]
            stand.layer, stand.columns = part.stop, network.columns
            stand.identity = images_identity, _digest(given[-1])
            if checkpoint:
                stand.write(checkpoint)
            bar.update(len(part))
            left = sum(len(chunk.numbers) for chunk in stand.chunks)
            bar.set_postfix_str(f"{left:,} images left")
    return answer_of(stand.chunks, stand.columns, stand.carried)


def _narrow(given: list[Columns], stand: _Stand) -> Network:
    """Return the next layers with equal columns merged."""
    places, widths, ready = stand.columns, [int(stand.columns.max()) + 1], []
    for number, columns in enumerate(given, start=stand.layer + 1):
        check_width(columns.inputs, len(places), number)
        narrow, places = merged(columns, places, number)
        ready.append(narrow)
        widths.append(narrow.outputs)
    edges = np.array([len(columns.weights) for columns in given])
    return Network(tuple(widths), packed(ready), places, edges)


def _start(images: Images, layers: Sequence[Layer], bias: float, checkpoint: Path | None) -> _Stand:
    """Return the beginning, or what a checkpoint holds where there is one, or raise ValueError."""
    problem = hashlib.sha256(f"{images.count} {float(bias)} {len(layers)} ".encode())
    problem.update(np.ascontiguousarray(images.words).data)
    identity, places = problem.hexdigest(), np.arange(images.pixels)
    carried = np.zeros(len(layers), np.int64)
    if checkpoint is None or not checkpoint.exists():
        if checkpoint is not None and not checkpoint.parent.is_dir():
            raise ValueError(f"checkpoint {checkpoint}: there is no folder {checkpoint.parent}")
        return _Stand((identity, ""), 0, places, carried, chunks_of(images))
    stand = _Stand.read(checkpoint)
    if stand.identity[0] == identity:
        last = columns_of(layers[stand.layer - 1], stand.layer)
        if stand.identity[1] == _digest(last):
            return stand
    raise ValueError(
        f"checkpoint {checkpoint} is of other images, layers or bias; "
        "delete it, or name another file"
    )


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
    chunks: list[Rows]

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
                    Rows(some, panels)
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


def _digest(columns: Columns) -> str:
    """Return a sum over a layer."""
    digest = hashlib.sha256(str(columns.inputs).encode())
    for part in (columns.starts, columns.rows.astype(np.int32), columns.weights):
        digest.update(part.tobytes())
    return digest.hexdigest()
