"""Where the runs of a sweep are trained: threads, processes for Keras, or a Dask cluster.

Runs of the sparse engine are threads of this process. The engine releases Python's lock while it
computes, so threads are as fast as processes, and the data and the compiled loops are in memory
once. TensorFlow is neither fast nor safe with several models in the threads of one process, so each
thread passes a run of the Keras engine to a process of its own. A run that brings its process down
is then the only one that fails.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from loky import BrokenProcessPool, ProcessPoolExecutor

from radixnet.datasets import Dataset, DatasetError, DatasetName, load_dataset
from radixnet.runs.records import StoredRun
from radixnet.training import ENGINE_VERSIONS, RunSpec, train

if TYPE_CHECKING:
    from distributed import Client

_MOST_REFUSALS = 5
"""How often one run may meet a worker without the data before it counts as failed."""

_CORE_COUNT_VALID_SECONDS = 5.0
"""How long a cluster's number of cores is taken to stay the same."""

_FEWEST_SUBMITTED = 64
"""Runs queued at a cluster at least, so that one that grows with its queue has a reason to."""

_IDLE_SECONDS = 60
"""After so long without a run a process ends, also when this one was killed; the next run starts
another."""

_one_keras_run = threading.Lock()
_received: dict[str, Dataset] = {}


@dataclass(frozen=True)
class Job:
    """A run to train, and the data and engine version that its identity stands for."""

    identity: str
    spec: RunSpec
    dataset_sha256: str
    engine_version: str

    def failed(self, reason: str) -> StoredRun:
        """Return the record of this run as one that could not be trained."""
        return StoredRun.from_error(self.identity, self.spec, reason)


@dataclass(frozen=True)
class LacksData:
    """A worker's answer when it has no data for a run."""

    address: str
    process: str
    reason: str


Answer = StoredRun | LacksData


class ClusterGoneError(RuntimeError):
    """A Dask cluster closed, or could no longer be reached, before all runs were trained."""


class Pool(Protocol):
    """Somewhere to train."""

    def room(self) -> int:
        """Return how many runs may be in flight: somewhat more than can be trained at once."""

    def submit(self, job: Job) -> Future[Answer]:
        """Hand over a run."""

    def collect(self, job: Job, future: Future[Answer]) -> StoredRun | None:
        """Return the record of a run whose future is done; None if it must be submitted again."""

    def close(self, drop: bool) -> None:
        """End: runs in flight are finished first, or dropped."""


def train_job(job: Job, dataset: Dataset | None = None) -> StoredRun:
    """Train, and return a record whatever happens."""
    version = ENGINE_VERSIONS[job.spec.engine]
    if version != job.engine_version:
        return job.failed(
            f"engine {version} on the worker, {job.engine_version} in the sweep; "
            "install the same radixnet on both"
        )
    try:
        return StoredRun.from_result(job.identity, train(job.spec, dataset=dataset))
    except Exception as error:
        return job.failed(f"{type(error).__name__}: {error}")


class LocalPool:
    """Threads of this process, each with a process beside it for runs of the Keras engine."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="radixnet")
        self._of_this_thread = threading.local()
        self._processes: list[ProcessPoolExecutor] = []

    def room(self) -> int:
        """Return twice the number of threads, so that none waits while a result is stored."""
        return 2 * self._workers

    def submit(self, job: Job) -> Future[Answer]:
        """Hand over a run."""
        return self._threads.submit(self._run, job)

    def collect(self, job: Job, future: Future[Answer]) -> StoredRun:  # noqa: ARG002 (as `Pool` says)
        """Return the record of a run."""
        return cast(StoredRun, future.result())

    def close(self, drop: bool) -> None:
        """End. A compiled loop cannot be interrupted: it runs on, but nothing waits for it."""
        self._threads.shutdown(wait=not drop, cancel_futures=True)
        for process in self._processes:
            process.shutdown(wait=not drop, kill_workers=drop)

    def _run(self, job: Job) -> Answer:
        """Train in this thread or in the process beside it."""
        if job.spec.engine == "sparse":
            return train_job(job)
        process: ProcessPoolExecutor | None = getattr(self._of_this_thread, "process", None)
        if process is None:
            process = ProcessPoolExecutor(1, timeout=_IDLE_SECONDS, initializer=_begin_process)
            self._of_this_thread.process = process
            self._processes.append(process)
        try:
            return cast(StoredRun, process.submit(train_job, job).result())
        except BrokenProcessPool as error:
            self._of_this_thread.process = None
            return job.failed(f"its process was lost. {' '.join(str(error).split())}")


def _begin_process() -> None:
    """Leave Ctrl-C to the parent, and keep TensorFlow's messages out of its progress bar."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


class ClusterPool:
    """The workers of a Dask cluster, wherever they are.

    Dask gives the run of a worker that dies to another one; a run that has seen three workers die
    is called failed. Workers load the data themselves. One that has none says so, is sent the
    arrays, and keeps them.
    """

    def __init__(self, client: Client, datasets: Mapping[str, Dataset]) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        self._datasets = datasets
        self._refusals: Counter[str] = Counter()
        self._sent: set[str] = set()
        self._room = 0
        self._room_valid_until = 0.0

    def room(self) -> int:
        """Return twice the number of cores that the cluster has at the moment, at least 64."""
        if time.monotonic() > self._room_valid_until:
            with _connected(self._client):
                cores: Mapping[str, int] = self._client.nthreads()  # type: ignore[no-untyped-call]
            self._room = max(_FEWEST_SUBMITTED, 2 * sum(cores.values()))
            self._room_valid_until = time.monotonic() + _CORE_COUNT_VALID_SECONDS
        return self._room

    def submit(self, job: Job) -> Future[Answer]:
        """Hand over a run."""
        with _connected(self._client):
            return cast("Future[Answer]", self._executor.submit(train_on_cluster, job))

    def collect(self, job: Job, future: Future[Answer]) -> StoredRun | None:
        """Return the record of a run, or None after sending the data to a worker without it."""
        try:
            with _connected(self._client):
                answer = future.result()
        except ClusterGoneError:
            raise
        except Exception as error:  # Dask's: our own are in the record
            return job.failed(f"{type(error).__name__}: {error}")
        if isinstance(answer, StoredRun):
            return answer
        self._refusals[job.identity] += 1
        if self._refusals[job.identity] > _MOST_REFUSALS:
            return job.failed(
                f"worker {answer.address} has no data and could not be sent any: {answer.reason}"
            )
        # Several runs may come back before the data arrives; a worker may have died meanwhile.
        if answer.process not in self._sent:
            self._sent.add(answer.process)
            data, to = self._datasets[job.spec.dataset], [answer.address]
            self._client.run(receive, data, workers=to, on_error="ignore")
        return None

    def close(self, drop: bool) -> None:  # noqa: ARG002 (as `Pool` says)
        """End; runs in flight are dropped: on a cluster they can be many and long."""
        with suppress(ClusterGoneError), _connected(self._client):
            self._executor.shutdown(wait=False)


@contextmanager
def _connected(client: Client) -> Iterator[None]:
    """Turn every error that a missing scheduler causes into one that says so."""
    try:
        yield
    except Exception as error:
        if client.status == "running" and not isinstance(error, CancelledError | OSError):
            raise
        raise ClusterGoneError(
            "the Dask cluster is gone: its scheduler closed or cannot be reached. Runs that had "
            "ended are in the store, if there is one; start a cluster and call sweep again"
        ) from error


def train_on_cluster(job: Job) -> Answer:
    """Train in a worker of a Dask cluster."""
    dataset = _received.get(job.dataset_sha256)
    if dataset is None:
        try:
            dataset = load_dataset(cast(DatasetName, job.spec.dataset))
        except DatasetError as error:
            from distributed import get_worker

            worker = get_worker()
            process = f"{worker.id} {job.dataset_sha256}"
            return LacksData(worker.address, process, str(error))
    if dataset.sha256 != job.dataset_sha256:
        return job.failed(
            f"data {dataset.sha256} on the worker, {job.dataset_sha256} in the sweep; "
            "install the same radixnet on both"
        )
    one_at_a_time: Any = nullcontext() if job.spec.engine == "sparse" else _one_keras_run
    with one_at_a_time:
        return train_job(job, dataset)


def receive(dataset: Dataset) -> None:
    """Keep data that was sent to this worker."""
    _received[dataset.sha256] = dataset
