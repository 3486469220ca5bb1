"""What users wait for besides epochs: the first compilation, the first training, a whole sweep."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import radixnet as rx
from radixnet.topology import LENET_300_100
from radixnet.training.compiled import SparseNetwork

ROUNDS = 5

FIRST = """
import radixnet as rx
topology = rx.RadixTopology([[10, 10], [10]], layer_sizes=(784, 300, 100, 10))
rx.train(rx.RunSpec(topology, seed=1000, epochs=1))
"""
"""A process that trains for an epoch and ends."""


def measure() -> dict[str, Any]:
    """Return seconds.

    Returns
    -------
    dict
        ``"first_training"``: a process that trains for an epoch, from its start to its end, with
        compiled loops on disk; the median of a few. ``"first_compilation"``: one that has to
        compile them. ``"sweep"``: see `sweep`.
    """
    with TemporaryDirectory() as empty:
        compiling = _seconds_of_a_process({"NUMBA_CACHE_DIR": empty})
    _seconds_of_a_process({})  # compiles if nothing has done it yet
    first = statistics.median(_seconds_of_a_process({}) for _ in range(ROUNDS))
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as process:
        swept = process.submit(sweep, runs=80, epochs=5).result()
    return {
        "first_compilation": round(compiling, 2),
        "first_training": round(first, 3),
        "sweep": swept,
    }


def _seconds_of_a_process(environment: dict[str, str]) -> float:
    started = time.perf_counter()
    call = [sys.executable, "-c", FIRST]
    subprocess.run(call, env=os.environ | environment, check=True)  # noqa: S603 (our own)
    return time.perf_counter() - started


def sweep(runs: int, epochs: int) -> dict[str, float]:
    """Sweep over seeds of a network with a new store, on two cores.

    Returns
    -------
    dict
        ``"runs"`` and ``"epochs"`` of each; seconds of the whole call, ``"seconds"``; of all runs
        together, ``"training"``, without the ``"evaluation"`` after each epoch.
    """
    evaluate, taken = SparseNetwork.evaluate, []

    def timed(*arguments: Any) -> tuple[float, float, int]:
        started = time.perf_counter()
        answer = evaluate(*arguments)
        taken.append(time.perf_counter() - started)
        return answer

    topology = rx.RadixTopology([[10, 10], [10]], LENET_300_100)
    specs = [rx.RunSpec(topology, seed=seed, epochs=epochs) for seed in range(runs)]
    SparseNetwork.evaluate = timed  # type: ignore[method-assign, assignment]
    try:
        with TemporaryDirectory() as folder:
            started = time.perf_counter()
            table = rx.sweep(specs, store=Path(folder) / "runs.sqlite", workers=2)
            seconds = time.perf_counter() - started
    finally:
        SparseNetwork.evaluate = evaluate  # type: ignore[method-assign]
    return {
        "runs": runs,
        "epochs": epochs,
        "seconds": round(seconds, 3),
        "training": round(float(table["seconds"].sum()) - sum(taken), 3),
        "evaluation": round(sum(taken), 3),
    }
