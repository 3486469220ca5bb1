"""How fast sparse training is, and compared with what: every way to train measured in one run.

    python -m companion.timing FOLDER [--quick]

measures, keeps every round in a folder as soon as it is there, and goes on where an earlier run
stopped. In a round all ways take turns, so that a change of the machine's speed meets them alike.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit

from companion import browser_speed, engine_profile, plain_loop
from companion.competitors import NETWORKS, NUMBA, OURS, WAYS, Order, Way, masks_of
from radixnet.training import compiled, epoch_order, split
from radixnet.training.compiled import kernels, targets
from radixnet.training.compiled.vector_code import kernel
from radixnet.training.provenance import machine, usable_cores

BATCH_SIZES = (100, 2048)
Piece = tuple[str, int]
"""A network and a batch size."""

ROUNDS = 5
ROWS = 54_000
"""Training rows of MNIST in an epoch."""

MOST_SECONDS = 6.0
"""What would take longer for an epoch trains on a tenth of one, and its time is scaled."""

TOLERANCE = 1e-3
"""How far, relatively, a way's loss after a tenth of an epoch may be from ours. All compute in
single precision but add up in other orders; dense networks have differed by 3e-4, sparse ones by
1e-6, and another meaning of Adam's epsilon makes 2e-3."""

KINDS = {(16, 32): "AVX-512", (8, 16): "AVX2", (4, 32): "NEON", (4, 16): "SSE"}
"""Names of instructions by numbers per vector and vectors that a processor holds."""


def kind() -> str:
    """Return the name of the vector instructions that this process compiles for."""
    target = targets.host()
    return KINDS[target.lanes, target.registers]


@cache
def orders() -> list[Order]:
    """Return the rows of an epoch in the orders of the first epochs; more rounds take them anew."""
    rows, _ = split(0, 60_000, 0.1)
    return [rows[epoch_order(0, epoch, ROWS)] for epoch in range(ROUNDS)]


def work(connection: Connection, way: Way) -> None:
    """Train epochs as told through a pipe: the life of a way's process."""
    os.environ["OMP_NUM_THREADS"] = str(way.threads)  # before the library asks for it
    if way.library == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(way.threads)
        tf.config.threading.set_inter_op_parallelism_threads(way.threads)
    known = None
    with suppress(EOFError):  # nobody asks any more
        while True:
            piece, order = connection.recv()
            if piece != known:
                network, batch_size = known = piece
                train = way.set_up(masks_of(network), batch_size)
            connection.send("ready")
            connection.recv()
            connection.send(train(order))


class Team:
    """The processes of one way to train, and the share of an epoch that they are measured on."""

    def __init__(self, way: Way) -> None:
        self.way, self.share = way, 1.0
        context = multiprocessing.get_context("spawn")
        self._connections = []
        for _ in range(way.processes):
            ours, theirs = context.Pipe()
            context.Process(target=work, args=(theirs, way), daemon=True).start()
            theirs.close()  # so that the end of the process is the end of the pipe
            self._connections.append(ours)

    def train(self, piece: Piece, order: Order) -> tuple[float, float]:
        """Train all models on rows; return seconds per model and epoch of 54,000, and the loss."""
        for connection in self._connections:
            connection.send((piece, order))
        for connection in self._connections:
            connection.recv()
        time.sleep(0.25)  # threads of the one before stop spinning
        started = time.perf_counter()
        for connection in self._connections:
            connection.send("go")
        told = [connection.recv() for connection in self._connections]
        rows = sum(rows for rows, _ in told)
        return (time.perf_counter() - started) * ROWS / rows, told[0][1]


def warm_up(team: Team, piece: Piece, loss: float | None) -> float:
    """Compile, choose the share of an epoch to measure, and return the loss after a tenth of one.

    Raises
    ------
    ValueError
        When the loss is not `loss`.
    """
    order, (_, batch_size) = orders()[0], piece
    tenth = ROWS // batch_size // 10 * batch_size
    team.train(piece, order[:tenth])
    seconds, found = team.train(piece, order[tenth : 2 * tenth])
    if loss is not None and not abs(found / loss - 1) < TOLERANCE:
        raise ValueError(f"its loss after a tenth of an epoch is {found:.6f}, ours {loss:.6f}")
    team.share = tenth / ROWS if seconds > MOST_SECONDS else 1.0
    if team.share == 1 and team.way.library == "tensorflow":  # compiles anew for whole epochs
        team.train(piece, order)
    return found


def limit() -> float:
    """Return the multiply-adds per second of two cores together when they do nothing else."""
    target = targets.host()
    multiply_add_chains = kernel(target, kernels.multiply_add_chains)

    def chains(turns: int, result: kernels.Floats) -> None:
        multiply_add_chains(turns, result)

    turns = 50_000_000
    results = [np.full(target.lanes, 0.5, np.float32) for _ in range(2)]
    compiled = njit(nogil=True)(chains)
    compiled(1, results[0])
    threads = [threading.Thread(target=compiled, args=(turns, result)) for result in results]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 2 * turns * kernels.chains(target) * target.lanes / (time.perf_counter() - started)


def useful_multiply_adds(network: str) -> int:
    """Return the multiply-adds that an epoch cannot do without.

    Outputs, gradients of weights, gradients of hidden units.
    """
    counts = [int(mask.sum()) for mask in masks_of(network)]
    return ROWS * (2 * sum(counts) + sum(counts[1:]))


def is_measured(way: Way, network: str) -> bool:
    """Say whether a way is measured on a network: see `Way.sparse`."""
    if way.name in (OURS, NUMBA):
        return True
    return network != "dense" if way.sparse else network in ("RadiX 10 %", "dense")


def measure_piece(teams: Sequence[Team], piece: Piece, path: Path, rounds: int) -> None:
    """Let all teams take turns on a network, until a file has so many rounds."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"rounds": []}
    if len(kept["rounds"]) >= rounds:
        return
    network, batch_size = piece
    present, loss = [], None
    kept["missing"] = {way.name: f"{way.library} is not installed" for way in WAYS} | {
        team.way.name: "" for team in teams
    }
    for team in teams:
        if not is_measured(team.way, network):
            continue
        try:
            found = warm_up(team, piece, loss)
        except (EOFError, OSError, ValueError) as error:
            kept["missing"][team.way.name] = str(error) or "its process ended"
            continue
        loss = loss or found
        present.append(team)
    kept["missing"] = {name: reason for name, reason in kept["missing"].items() if reason}
    kept["shares"] = {team.way.name: team.share for team in present}
    for number in range(len(kept["rounds"]), rounds):
        order = orders()[number % ROUNDS]
        taken = {"limit": limit()}
        for team in present:
            taken[team.way.name] = team.train(piece, order[: round(team.share * ROWS)])[0]
        kept["rounds"].append(taken)
        path.write_text(json.dumps(kept), encoding="utf-8")
        print(f"{network}, batch {batch_size}: round {number + 1} of {rounds}", flush=True)


def timings(network: str, batch_size: int, kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a line for each way in a piece: medians, and multiples of the limit's time."""
    masks = masks_of(network)
    density = sum(int(mask.sum()) for mask in masks) / sum(mask.size for mask in masks)
    bound = useful_multiply_adds(network) / statistics.median(r["limit"] for r in kept["rounds"])
    lines = []
    for way, share in kept["shares"].items():
        seconds = [taken[way] for taken in kept["rounds"] if way in taken]
        median = statistics.median(seconds)
        lines.append(
            {
                "way": way,
                "network": network,
                "density": round(density, 5),
                "batch_size": batch_size,
                "milliseconds": round(1e3 * median, 2),
                "fastest": round(1e3 * min(seconds), 2),
                "rounds": len(seconds),
                "share": round(share, 3),
                "times_limit": round(median / bound, 3),
            }
        )
    return lines


def report(lines: Sequence[dict[str, Any]]) -> None:
    """Print a piece."""
    first = lines[0]
    print(
        f"\n{first['network']}, batch {first['batch_size']}: milliseconds per model and epoch, "
        "times ours, times the multiply-add limit"
    )
    for line in lines:
        note = f", from {line['share']:.0%} of an epoch" if line["share"] < 1 else ""
        print(
            f"  {line['milliseconds']:9.1f} {line['milliseconds'] / first['milliseconds']:7.1f} "
            f"{line['times_limit']:8.1f}   {line['way']}{note}"
        )


def _lines_of(*files: str | None) -> int:
    return sum(len(Path(str(file)).read_text(encoding="utf-8").splitlines()) for file in files)


def what_made_it() -> dict[str, Any]:
    """Return what a reader must know of a measurement."""
    distributions = ("numpy", "numba", "tensorflow", "keras", "torch", "sparseprop", "sparselab")
    engine = Path(str(compiled.__file__)).parent.glob("*.py")
    return {
        "kind": kind(),
        "lanes": targets.host().lanes,
        "chosen": os.environ.get("NUMBA_CPU_NAME", ""),
        "compiled_for": targets.processor()[0],
        "machine": machine(),
        "cores": usable_cores(),
        "system": platform.platform(),
        "measured": datetime.now(UTC).date().isoformat(),
        "versions": {
            name: metadata.version(name) for name in distributions if find_spec(name) is not None
        },
        "same_for_every_mask": [way.name for way in WAYS if not way.sparse],
        "settings": {way.name: f"{way.settings} ({way.processes} x {way.threads})" for way in WAYS},
        "lines": {"engine": _lines_of(*map(str, engine)), "loop": _lines_of(plain_loop.__file__)},
    }


def measure(folder: Path, quick: bool) -> dict[str, Any]:
    """Measure what a folder lacks, print all, and return the measurement."""
    batch_sizes, networks = ((100,), ("RadiX 10 %", "dense")) if quick else (BATCH_SIZES, NETWORKS)
    measurement = what_made_it()
    print(
        f"{measurement['machine']}: {measurement['kind']}, {measurement['lanes']} numbers a vector,"
        f" compiled for {measurement['compiled_for']}"
    )
    measurement |= {"timings": [], "missing": {}, "limits": []}
    teams = [Team(way) for way in WAYS if find_spec(way.library)]
    for batch_size in batch_sizes:
        for network in networks:
            path = folder / f"{network} {batch_size}.json".replace(" %", "")
            measure_piece(teams, (network, batch_size), path, 2 if quick else ROUNDS)
            kept = json.loads(path.read_text(encoding="utf-8"))
            measurement["timings"] += timings(network, batch_size, kept)
            measurement["missing"] |= kept["missing"]
            measurement["limits"] += [round(taken["limit"] / 1e9, 1) for taken in kept["rounds"]]
            report(measurement["timings"][-len(kept["shares"]) :])
    for name, reason in measurement["missing"].items():
        print(f"not measured: {name}: {reason}")
    lowest, highest = min(measurement["limits"]), max(measurement["limits"])
    print(
        f"\nthe limit was {lowest} to {highest} billion multiply-adds a second: far apart, and "
        "others were at work"
    )
    for name, find in (("browser", browser_speed.measure), ("parts", parts)):
        path = folder / f"{name}.json"
        if not path.exists():
            path.write_text(json.dumps(find()), encoding="utf-8")
        measurement[name] = json.loads(path.read_text(encoding="utf-8"))
        print(f"{name}: {measurement[name]}")
    return measurement


def parts() -> dict[str, dict[str, float]]:
    """Return for each network the seconds of an epoch by part, on one core."""
    return {
        network: {
            part: round(seconds, 4)
            for part, seconds in engine_profile.seconds_by_part(masks_of(network), 100).items()
        }
        for network in NETWORKS
    }


def main() -> None:
    """Measure, and leave the measurement in the folder that the command line names."""
    folder = Path(sys.argv[1])
    measurement = measure(folder, quick="--quick" in sys.argv[2:])
    (folder / "measurement.json").write_text(json.dumps(measurement), encoding="utf-8")


if __name__ == "__main__":
    main()
