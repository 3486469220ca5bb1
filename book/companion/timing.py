"""How fast sparse training is, and compared with what: every competitor measured in one run.

All competitors are set up first and then take turns, round after round, so that a change of the
machine's speed meets all of them alike.
"""

from __future__ import annotations

import multiprocessing
import platform
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from itertools import pairwise
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

import radixnet as rx
from radixnet.topology import LENET_300_100
from radixnet.training import epoch_order, split
from radixnet.training.provenance import machine, usable_cores

NETWORKS: dict[str, list[list[int]] | None] = {
    "[[10, 10, 10]]": [[10, 10, 10]],
    "[[20, 20], [20]]": [[20, 20], [20]],
    "[[10, 10], [10]]": [[10, 10], [10]],
    "[[4, 5], [5]]": [[4, 5], [5]],
    "[[2, 2], [2]]": [[2, 2], [2]],
    "dense": [[1, 1], [1]],
    "random 10 %": None,
}
"""Radix lists on 784-300-100-10, sparsest first; None for a random mask of the same density as
[[10, 10], [10]]."""

TYPICAL = "[[10, 10], [10]]"


@dataclass(frozen=True)
class Competitor:
    """One way to train, and on how many processes at once.

    Attributes
    ----------
    name, function
        What it is called, and the function of `competitors` that sets it up.
    library
        What has to be installed.
    processes, threads
        Processes at the same time, and threads in each.
    networks
        The networks it is measured on. What multiplies dense matrices takes the same time for every
        mask; two are enough.
    """

    name: str
    function: str
    library: str
    processes: int
    threads: int
    networks: tuple[str, ...]


DENSE_WORK = (TYPICAL, "dense")
SPARSE_WORK = tuple(name for name in NETWORKS if name not in ("[[2, 2], [2]]", "dense"))
COMPETITORS = (
    Competitor("radixnet sparse", "radixnet_sparse", "numba", 1, 2, tuple(NETWORKS)),
    Competitor("Keras fit, the paper's way", "keras_fit", "tensorflow", 1, 2, DENSE_WORK),
    Competitor("one XLA program, 1 process", "xla_fused", "tensorflow", 1, 2, DENSE_WORK),
    Competitor("one XLA program, 2 processes", "xla_fused", "tensorflow", 2, 1, DENSE_WORK),
    Competitor("PyTorch masked, 1 process", "torch_masked", "torch", 1, 2, DENSE_WORK),
    Competitor("PyTorch masked, 2 processes", "torch_masked", "torch", 2, 1, DENSE_WORK),
    Competitor("PyTorch CSR, 1 process", "torch_csr", "torch", 1, 2, SPARSE_WORK),
    Competitor("PyTorch CSR, 2 processes", "torch_csr", "torch", 2, 1, SPARSE_WORK),
    Competitor(
        "PyTorch masked, bfloat16 (lower precision), 1 process",
        "torch_bfloat16",
        "torch",
        1,
        2,
        DENSE_WORK,
    ),
    Competitor(
        "PyTorch masked, bfloat16 (lower precision), 2 processes",
        "torch_bfloat16",
        "torch",
        2,
        1,
        DENSE_WORK,
    ),
)


@dataclass(frozen=True)
class Timing:
    """One competitor on one network: milliseconds per model and epoch of 54,000 rows."""

    competitor: str
    network: str
    density: float
    batch_size: int
    median_ms: float
    fastest_ms: float
    repetitions: int


def masks_of(network: str) -> tuple[NDArray[np.bool_], ...]:
    """Return the masks of one of the networks."""
    radix_lists = NETWORKS[network]
    if radix_lists is None:
        random = np.random.default_rng(0)
        return tuple(random.random(shape) < 0.1 for shape in pairwise(LENET_300_100))
    return rx.RadixTopology(radix_lists, LENET_300_100).masks


def density_of(network: str) -> float:
    """Return the share of connections that exist."""
    masks = masks_of(network)
    return float(sum(mask.sum() for mask in masks) / sum(mask.size for mask in masks))


def work(connection: Connection, competitor: Competitor) -> None:
    """Set up and train networks as told through a pipe: the life of a competitor's process."""
    from companion import competitors

    if competitor.library == "torch":
        import torch

        torch.set_num_threads(competitor.threads)
    if competitor.library == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(competitor.threads)
        tf.config.threading.set_inter_op_parallelism_threads(competitor.threads)
    epochs: dict[tuple[str, int], Any] = {}
    train_rows, _ = split(0, 60_000, 0.1)
    turn = 0
    while (message := connection.recv()) is not None:
        network, batch_size = message
        if message not in epochs:
            epochs[message] = getattr(competitors, competitor.function)(
                masks_of(network), batch_size
            )
        order = train_rows[epoch_order(0, turn, len(train_rows))]
        turn += 1
        connection.send("ready")
        connection.recv()
        connection.send(epochs[message](order))


class Team:
    """The processes of one competitor."""

    def __init__(self, competitor: Competitor) -> None:
        self.competitor = competitor
        context = multiprocessing.get_context("spawn")
        self.connections = []
        for _ in range(competitor.processes):
            ours, theirs = context.Pipe()
            context.Process(target=work, args=(theirs, competitor), daemon=True).start()
            self.connections.append(ours)

    def seconds_per_epoch(self, network: str, batch_size: int) -> float:
        """Train all the team's models for an epoch.

        Return the time for each model and 54,000 rows.
        """
        for connection in self.connections:
            connection.send((network, batch_size))
        for connection in self.connections:
            connection.recv()
        time.sleep(0.25)  # threads of the one before stop spinning
        started = time.perf_counter()
        for connection in self.connections:
            connection.send("go")
        rows = sum(connection.recv() for connection in self.connections)
        return float((time.perf_counter() - started) * 54_000 / rows)

    def dismiss(self) -> None:
        """End the processes."""
        for connection in self.connections:
            connection.send(None)


def peak_multiply_adds() -> float:
    """Return multiply-adds per second of both cores together when they do nothing else."""
    from numba import njit

    from radixnet.training.compiled import kernels
    from radixnet.training.compiled.targets import host
    from radixnet.training.compiled.vector_code import kernel

    target = host()
    multiply_add_chains = kernel(target, kernels.multiply_add_chains)

    def chains(turns: int, result: NDArray[np.float32]) -> None:
        multiply_add_chains(turns, result)

    turns = 20_000_000
    results = [np.full(target.lanes, 0.5, np.float32) for _ in range(2)]
    compiled = njit(nogil=True)(chains)
    compiled(1, results[0])
    threads = [threading.Thread(target=compiled, args=(turns, result)) for result in results]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    per_turn = kernels.chains(target) * target.lanes
    return 2 * turns * per_turn / (time.perf_counter() - started)


def useful_multiply_adds(network: str, rows: int = 54_000) -> int:
    """Return the multiply-adds that an epoch cannot do without.

    Outputs, gradients of weights, gradients of hidden units.
    """
    counts = [int(mask.sum()) for mask in masks_of(network)]
    return rows * (2 * sum(counts) + sum(counts[1:]))


def measure(
    competitors: list[Competitor], batch_sizes: list[int], networks: list[str], rounds: int
) -> tuple[list[Timing], list[float]]:
    """Let all competitors take turns.

    Return their timings, and the peak of the machine as it was in each round, ascending.
    """
    teams = [Team(competitor) for competitor in competitors]
    seconds: dict[tuple[str, str, int], list[float]] = {}
    peaks = []
    for turn in range(rounds + 1):  # the first round compiles and is not counted
        for batch_size in batch_sizes:
            peak = peak_multiply_adds()
            peaks += [peak] if turn else []
            for team in teams:
                for network in (name for name in networks if name in team.competitor.networks):
                    taken = team.seconds_per_epoch(network, batch_size)
                    if turn:
                        seconds.setdefault((team.competitor.name, network, batch_size), []).append(
                            taken
                        )
        print(f"round {turn} of {rounds} done", flush=True)
    for team in teams:
        team.dismiss()
    timings = [
        Timing(
            name,
            network,
            density_of(network),
            batch,
            1e3 * statistics.median(taken),
            1e3 * min(taken),
            len(taken),
        )
        for (name, network, batch), taken in seconds.items()
    ]
    return timings, sorted(peaks)


def report(timings: list[Timing], peak: float) -> list[dict[str, Any]]:
    """Print times and ratios to ours.

    Return for each network and batch our share of the machine's peak.
    """
    ours = {(t.network, t.batch_size): t for t in timings if t.competitor == COMPETITORS[0].name}
    shares = []
    for (network, batch_size), timing in ours.items():
        bound = 1e3 * useful_multiply_adds(network) / peak
        shares.append(
            {
                "network": network,
                "batch_size": batch_size,
                "bound_ms": bound,
                "times_bound": timing.median_ms / bound,
            }
        )
        print(
            f"\n{network}, density {timing.density:.1%}, batch {batch_size}: "
            "milliseconds per model and epoch"
        )
        print(
            f"  {timing.median_ms:8.1f}         {timing.competitor}   "
            f"({timing.median_ms / bound:.1f} x the peak of the machine)"
        )
        for other in timings:
            if (other.network, other.batch_size) == (network, batch_size) and other is not timing:
                print(
                    f"  {other.median_ms:8.1f}  {other.median_ms / timing.median_ms:5.1f} x "
                    f"{other.competitor}"
                )
    return shares


def measurement(
    timings: list[Timing],
    peaks: list[float],
    shares: list[dict[str, Any]],
    present: Sequence[Competitor],
) -> dict[str, Any]:
    """Return a measurement with what made it, as it is published."""
    libraries = sorted({competitor.library for competitor in present} | {"numpy", "keras"})
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "cores": usable_cores(),
        "system": platform.platform(),
        "versions": {name: metadata.version(name) for name in libraries},
        "not_measured": [
            competitor.name for competitor in COMPETITORS if competitor not in present
        ],
        "peak_multiply_adds_per_second": statistics.median(peaks),
        # Far apart: others were at work, and single numbers are not to be trusted.
        "peaks_of_all_rounds": peaks,
        "unit": "milliseconds per model and epoch of 54,000 rows, both cores busy",
        "timings": [asdict(timing) for timing in timings],
        "share_of_peak": shares,
    }
