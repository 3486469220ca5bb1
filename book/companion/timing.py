"""How fast sparse training is, and compared with what: every way to train measured in one run.

    python -m companion.timing FOLDER [--quick]

measures, keeps every round in a folder as soon as it is there, and goes on where an earlier run of
the same code stopped. In a round all ways take turns, so that a change of the machine's speed meets
them alike.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Mapping, Sequence
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

from companion import browser_speed, engine_profile, plain_loop, waits
from companion.competitors import NETWORKS, NUMBA, OURS, WAYS, Order, Way, lit_part, masks_of
from companion.notebooks.inputs import code_digests
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

FEWEST_STEPS = 25
"""Steps in each part of what a way is checked on."""

TOLERANCE = 1e-3
"""How far a way's mean loss in any part of its check may be from ours, as a share of how far ours
falls. Losses and gradients in single precision are right to about 1e-6, and Adam, which divides
small gradients by small gradients, and some hundred steps may make a hundred times as much of it:
ten times that is allowed."""

ROUNDING = 5e-6
"""How far they may differ besides, however little is learnt: single precision has steps of 2.4e-7
at a loss of 2.3, and adds up tens of batches."""

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


def tenth(batch_size: int) -> int:
    """Return the rows of the batches of about a tenth of an epoch."""
    return ROWS // batch_size // 10 * batch_size


def warm_up(team: Team, piece: Piece, ours: Sequence[float] = ()) -> list[float]:
    """Compile, see that a way trains as we do, and choose the share of an epoch to measure.

    Some rows are trained on, then others, then the first again. What their loss fell by in between
    was learnt, in `FEWEST_STEPS` steps at least.

    Parameters
    ----------
    team, piece
        Who trains, and on what.
    ours
        Our own mean losses; none for the first team.

    Returns
    -------
    list of float
        The mean loss of each part.

    Raises
    ------
    ValueError
        When a loss is not ours.
    """
    _, batch_size = piece
    count = max(tenth(batch_size), FEWEST_STEPS * batch_size)
    rows = np.concatenate(orders()[:2])
    losses: list[float] = []
    for first in (0, count, 0):
        seconds, loss = team.train(piece, rows[first : first + count])
        if ours:
            expected = ours[len(losses)]
            allowed = TOLERANCE * abs(ours[0] - ours[-1]) + ROUNDING
            if not abs(loss - expected) < allowed:
                raise ValueError(
                    f"its mean loss in part {len(losses) + 1} of the check is {loss:.6f}, ours "
                    f"{expected:.6f}, and they may differ by {allowed:.1g}"
                )
        losses.append(loss)
    team.share = tenth(batch_size) / ROWS if seconds > MOST_SECONDS else 1.0
    if team.share == 1 and team.way.library == "tensorflow":  # compiles anew for whole epochs
        team.train(piece, orders()[0])
    return losses


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

    Outputs, gradients of weights, gradients of hidden units; none for pixels that no image lights.
    """
    masks, _ = lit_part(masks_of(network))
    counts = [int(mask.sum()) for mask in masks]
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
    present: list[Team] = []
    ours: list[float] = []
    kept["missing"] = {way.name: f"{way.library} is not installed" for way in WAYS} | {
        team.way.name: "" for team in teams
    }
    for team in teams:
        if not is_measured(team.way, network):
            continue
        try:
            found = warm_up(team, piece, ours)
        except (EOFError, OSError, ValueError) as error:
            kept["missing"][team.way.name] = str(error) or "its process ended"
            continue
        ours = ours or found
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
    """Return a line for each way in a piece.

    Times are medians. So are multiples of our time and of the limit's, each of the same round, and
    the least and the most of them are kept.
    """
    masks = masks_of(network)
    density = sum(int(mask.sum()) for mask in masks) / sum(mask.size for mask in masks)
    useful = useful_multiply_adds(network)
    lines = []
    for way, share in kept["shares"].items():
        rounds = [taken for taken in kept["rounds"] if way in taken]
        seconds = [taken[way] for taken in rounds]
        line = {
            "way": way,
            "network": network,
            "density": round(density, 5),
            "batch_size": batch_size,
            "milliseconds": round(1e3 * statistics.median(seconds), 2),
            "fastest": round(1e3 * min(seconds), 2),
            "rounds": len(seconds),
            "share": round(share, 3),
        }
        ratios = {
            "times_ours": [taken[way] / taken[OURS] for taken in rounds if OURS in taken],
            "times_limit": [taken[way] * taken["limit"] / useful for taken in rounds],
        }
        for name, found in ratios.items():
            line[name] = round(statistics.median(found), 3)
            line[f"{name}_least"] = round(min(found), 3)
            line[f"{name}_most"] = round(max(found), 3)
        lines.append(line)
    return lines


def missing(network: str, batch_size: int, kept: dict[str, Any]) -> dict[str, str]:
    """Return why ways were not measured in a piece.

    By way where its library is not installed, else by way, network and batch size.
    """
    return {
        name if reason.endswith("is not installed") else f"{name}, {network}, batch {batch_size}": (
            reason
        )
        for name, reason in kept["missing"].items()
    }


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
            f"  {line['milliseconds']:9.1f} {line['times_ours']:7.1f} "
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


def key_of(made_it: Mapping[str, Any]) -> str:
    """Return a name for rounds that may stand together: of the same code, versions and machine."""
    lasting = {name: value for name, value in made_it.items() if name != "measured"}
    content = json.dumps([code_digests(), lasting], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def measure(folder: Path, quick: bool) -> dict[str, Any]:
    """Measure what a folder lacks, print all, and return the measurement."""
    batch_sizes, networks = ((100,), ("RadiX 10 %", "dense")) if quick else (BATCH_SIZES, NETWORKS)
    measurement = what_made_it()
    folder /= key_of(measurement)
    folder.mkdir(exist_ok=True)
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
            measurement["missing"] |= missing(network, batch_size, kept)
            measurement["limits"] += [round(taken["limit"] / 1e9, 1) for taken in kept["rounds"]]
            report(measurement["timings"][-len(kept["shares"]) :])
    for name, reason in measurement["missing"].items():
        print(f"not measured: {name}: {reason}")
    lowest, highest = min(measurement["limits"]), max(measurement["limits"])
    print(
        f"\nthe limit was {lowest} to {highest} billion multiply-adds a second: far apart, and "
        "others were at work"
    )
    found = {"browser": browser_speed.measure, "parts": parts, "waits": waits.measure}
    for name, find in found.items():
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
