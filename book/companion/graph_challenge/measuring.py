"""Measurements of the challenge, each in a process of its own and kept as soon as it is made.

    python -m companion.graph_challenge.measuring SYSTEM NEURONS LAYERS IMAGES [CATEGORIES]

measures one piece and prints it as JSON.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from companion.graph_challenge.systems import SYSTEMS
from radixnet.graph_challenge import layers, mnist_images, read_categories
from radixnet.graph_challenge.official import FAN_IN
from radixnet.training.provenance import machine, usable_cores

Piece = tuple[str, int, int, int]
"""A system, neurons a layer, layers, images."""

OURS, LIBRARIES = ("generic", "structured", "streamed"), ("SciPy CSR", "PyTorch CSR", "GraphBLAS")

QUICK: list[Piece] = [(system, 1024, 120, 3000) for system in (*OURS, *LIBRARIES)]
"""What shows in a minute that everything works."""

PIECES: list[Piece] = [
    *((system, 1024, 120, 60_000) for system in (*OURS, *LIBRARIES)),
    *((system, 1024, depth, 60_000) for depth in (480, 1920) for system in OURS),
    *((system, 4096, 120, 60_000) for system in (*OURS, *LIBRARIES)),
    *((system, neurons, 120, 60_000) for neurons in (16384, 65536) for system in OURS),
    ("streamed", 65536, 1920, 60_000),
]
"""What the page shows."""

_PATIENT = {"OMP_WAIT_POLICY": "passive"}
"""Threads of libraries that wait by spinning take twenty times as long where others are at work."""

_ENOUGH_SECONDS, _MOST_RUNS = 30, 7
"""A piece is run for so many seconds or runs; a first run that is shorter is not counted."""


@dataclass(frozen=True)
class Measurement:
    """What was measured: a line of the published file.

    Attributes
    ----------
    system, version
        Who found the answer.
    neurons, layers, images
        The size of the task.
    prepare_seconds
        To make layers and whatever the system makes of them; streaming does that as it goes.
    seconds, runs
        The median time to find the answer, of so many runs.
    edges, carried_edges
        Connections times images: all of them, and those of images that were still carried, -1
        where unknown.
    categories, answer
        How many images are the answer, and a sum over their numbers: equal for systems that agree.
    peak_gigabytes
        The most memory that the process had.
    official, common
        How many images are the official answer, and how many of these were found; -1 where no
        list was given.
    machine, cores, measured
        Where, and on which day.
    """

    system: str
    version: str
    neurons: int
    layers: int
    images: int
    prepare_seconds: float
    seconds: float
    runs: int
    edges: int
    carried_edges: int
    categories: int
    answer: str
    peak_gigabytes: float
    official: int
    common: int
    machine: str
    cores: int
    measured: str

    @property
    def piece(self) -> Piece:
        """What this is a measurement of."""
        return self.system, self.neurons, self.layers, self.images


def measure(piece: Piece, categories: Path | None = None) -> Measurement:
    """Measure a piece in this process."""
    name, neurons, depth, count = piece
    network, images = layers(neurons, depth), mnist_images(neurons, count)
    started = time.perf_counter()
    find = SYSTEMS[name].ready(network, images)
    prepared = time.perf_counter() - started
    seconds: list[float] = []
    first = True
    while not seconds or (sum(seconds) < _ENOUGH_SECONDS and len(seconds) < _MOST_RUNS):
        started = time.perf_counter()
        found, carried = find()
        seconds.append(time.perf_counter() - started)
        if first and seconds[0] < _ENOUGH_SECONDS:
            seconds.clear()  # it compiled, or warmed up
        first = False
    per_layer = FAN_IN * neurons
    official = None if categories is None else read_categories(categories)
    return Measurement(
        *(name, SYSTEMS[name].version, neurons, depth, count),
        prepare_seconds=round(prepared, 3),
        seconds=round(statistics.median(seconds), 4),
        runs=len(seconds),
        edges=count * depth * per_layer,
        carried_edges=-1 if carried is None else int(carried.sum()) * per_layer,
        categories=len(found),
        answer=hashlib.sha256(np.sort(found).astype("<i8").tobytes()).hexdigest()[:12],
        peak_gigabytes=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        official=-1 if official is None else int((official < count).sum()),
        common=-1 if official is None else len(np.intersect1d(official, found)),
        machine=machine(),
        cores=usable_cores(),
        measured=datetime.now(UTC).date().isoformat(),
    )


def read(path: Path) -> list[Measurement]:
    """Return the measurements of a published file, none where it is not there."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        kinds = {"int": int, "float": float, "str": str}
        types = {item.name: kinds[str(item.type)] for item in fields(Measurement)}
        rows = list(csv.DictReader(file))
    return [Measurement(**{name: kind(row[name]) for name, kind in types.items()}) for row in rows]


def append(path: Path, measurement: Measurement) -> None:
    """Add a line to a published file, which is made with its heading where it is not there."""
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        names = [item.name for item in fields(Measurement)]
        writer = csv.DictWriter(file, names, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(asdict(measurement))


def measure_all(pieces: Iterable[Piece], path: Path, python: Path, categories: Path | None) -> None:
    """Measure what a published file lacks, each piece by another Python, and say what was found."""
    done = {each.piece: each for each in read(path)}
    for piece in pieces:
        measured = done.get(piece)
        if measured is None:
            command = [str(python), "-m", __name__, *map(str, piece)]
            command += [str(categories)] if categories and piece[1:3] == (1024, 120) else []
            told = subprocess.run(  # noqa: S603 (this module)
                command,
                env=os.environ | _PATIENT,
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
            )
            if told.returncode:
                last = (told.stderr.strip().splitlines() or ["no word"])[-1]
                print(f"{_named(piece)}: not measured: {last}", flush=True)
                continue
            measured = Measurement(**json.loads(told.stdout.splitlines()[-1]))
            append(path, measured)
        print(_said(measured), flush=True)


def _named(piece: Piece) -> str:
    """Return a piece in words."""
    name, neurons, depth, images = piece
    return f"{name:12} {neurons:>6,} x {depth:>5,}, {images:,} images"


def _said(measured: Measurement) -> str:
    """Return a measurement in words."""
    rate = measured.edges / measured.seconds / 1e9
    carried = measured.carried_edges / measured.seconds / 1e9
    without = f" ({carried:,.0f} without dead images)" if measured.carried_edges >= 0 else ""
    return (
        f"{_named(measured.piece)}: {measured.seconds:9.3f} s, {rate:9,.1f} G edges/s{without}, "
        f"{measured.categories:,} categories {measured.answer}, {measured.peak_gigabytes:.1f} GB"
    )


def main() -> None:
    """Measure the piece that the command line names, and print it."""
    name, *sizes = sys.argv[1:5]
    neurons, depth, images = map(int, sizes)
    categories = Path(sys.argv[5]) if len(sys.argv) > 5 else None
    print(json.dumps(asdict(measure((name, neurons, depth, images), categories))))


if __name__ == "__main__":
    main()
