"""Who trains the runs of a sweep: threads of this process, processes beside it for Keras, or the workers of a Dask cluster.

Runs of the sparse engine share this process as threads: it lets go of Python's lock while it computes, so that threads are as quick
as processes, and the data and the compiled loops are in memory once. TensorFlow is neither quick nor safe with several models in
the threads of one process, so each thread hands a run of the Keras engine to a process of its own, which also means that a run that
brings its process down is the only one that fails.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from radixnet.datasets import Dataset, DatasetError, DatasetName, load_dataset
from radixnet.runs.records import StoredRun
from radixnet.training import ENGINE_VERSIONS, RunSpec, train

if TYPE_CHECKING:
    from distributed import Client

_REFUSALS_PER_RUN = 5
"""How often one run may meet a worker without the data before it counts as failed."""

_CORES_ASKED_EVERY = 5.0
"""Seconds between two looks at how many cores a cluster has."""

_FEWEST_SUBMITTED = 64
"""Runs that lie ready at a cluster at least, so that one that grows with its queue sees a reason to."""

_one_keras_run = threading.Lock()
_received: dict[str, Dataset] = {}


@dataclass(frozen=True)
class Job:
    """A run to train, and what its identity says that it is trained with."""

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
    """A Dask cluster closed, or cannot be reached any more, before all runs were trained."""


class Pool(Protocol):
    """Somewhere to train."""

    def room(self) -> int:
        """Return how many runs may be submitted and not yet finished: more than can be trained at once, and not many more."""

    def submit(self, job: Job) -> Future[Answer]:
        """Hand over a run."""

    def collect(self, job: Job, future: Future[Answer]) -> StoredRun | None:
        """Return what became of a run whose future is done; None when it has to be submitted again."""

    def close(self, drop: bool) -> None:
        """End: runs in flight are finished first, or dropped."""


def run(job: Job, dataset: Dataset | None = None) -> StoredRun:
    """Train, and return a record whatever happens."""
    version = ENGINE_VERSIONS[job.spec.engine]
    if version != job.engine_version:
        return job.failed(f"engine {version} on the worker, {job.engine_version} in the sweep; install the same radixnet on both")
    try:
        return StoredRun.from_result(job.identity, train(job.spec, dataset=dataset))
    except Exception as error:
        return job.failed(f"{type(error).__name__}: {error}")


class LocalPool:
    """Threads of this process, and processes beside them for the Keras engine."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="radixnet")
        self._own = threading.local()
        self._helpers: list[_Helper] = []

    def room(self) -> int:
        """Return twice the number of threads, so that none waits while a result is stored."""
        return 2 * self._workers

    def submit(self, job: Job) -> Future[Answer]:
        """Hand over a run."""
        return self._threads.submit(self._run, job)

    def collect(self, job: Job, future: Future[Answer]) -> StoredRun:  # noqa: ARG002 (as `Pool` says)
        """Return what became of a run."""
        return cast(StoredRun, future.result())

    def close(self, drop: bool) -> None:
        """End; a compiled loop cannot be dropped and goes on until its run ends, but nothing waits for it."""
        self._threads.shutdown(wait=not drop, cancel_futures=True)
        for helper in self._helpers:
            helper.close(drop)

    def _run(self, job: Job) -> Answer:
        """Train in this thread or in its helper."""
        if job.spec.engine == "sparse":
            return run(job)
        helper: _Helper | None = getattr(self._own, "helper", None)
        if helper is None or not helper.is_alive():
            helper = self._own.helper = _Helper()
            self._helpers.append(helper)
        return helper.run(job)


class _Helper:
    """A process that trains one run after the other; it talks in pickles over its standard input and output.

    A plain command and not `multiprocessing`, whose processes would execute the script that called `sweep` once more. It has a
    session of its own, so that Ctrl-C in a terminal reaches this process only.
    """

    def __init__(self) -> None:
        # TensorFlow says much that would run into the progress bar; the last line of it may say why a run failed.
        self._messages = tempfile.TemporaryFile()  # noqa: SIM115 (closed in `close`)
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from radixnet.runs.workers import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._messages,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )

    def is_alive(self) -> bool:
        """Say whether the process can take a run."""
        return self._process.poll() is None

    def run(self, job: Job) -> StoredRun:
        """Have a run trained; a process that ends meanwhile makes it a failed one."""
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018 (pipes, as asked for)
        try:
            pickle.dump(job, self._process.stdin)
            self._process.stdin.flush()
            return cast(StoredRun, pickle.load(self._process.stdout))  # noqa: S301 (from our own process)
        except (EOFError, OSError, pickle.UnpicklingError):
            code = self._process.wait()
            how = f"was killed by signal {-code}, perhaps for lack of memory" if code < 0 else f"ended with code {code}"
            self._messages.seek(0)
            last = self._messages.read().decode(errors="replace").strip().splitlines()[-1:]
            return job.failed(": ".join([f"the process that trained it {how}", *last]))

    def close(self, drop: bool) -> None:
        """End the process."""
        if drop:
            self._process.kill()
            self._process.wait()
            return
        with self._messages, suppress(BrokenPipeError), self._process:  # closing flushes what a dead process never read
            pass


def serve() -> None:
    """Train runs that come as pickles on standard input until it ends: the main function of a helper."""
    # What libraries print must not end up among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with suppress(EOFError, BrokenPipeError):
        while True:
            pickle.dump(run(pickle.load(sys.stdin.buffer)), answers)  # noqa: S301 (from the process that started us)
            answers.flush()


class ClusterPool:
    """The workers of a Dask cluster, wherever they are.

    A run that is on a worker when it dies is given to another one by Dask; one that has seen three workers die is called failed.
    Workers load the data themselves. One that has none says so, is sent the arrays, and keeps them.
    """

    def __init__(self, client: Client, datasets: Mapping[str, Dataset]) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        self._datasets = datasets
        self._refusals: Counter[str] = Counter()
        self._sent: set[str] = set()
        self._room = 0
        self._room_known_until = 0.0

    def room(self) -> int:
        """Return twice the number of cores that the cluster has now, which may grow and shrink, and at least 64."""
        if time.monotonic() > self._room_known_until:
            with _connected(self._client):
                cores: Mapping[str, int] = self._client.nthreads()  # type: ignore[no-untyped-call]
            self._room = max(_FEWEST_SUBMITTED, 2 * sum(cores.values()))
            self._room_known_until = time.monotonic() + _CORES_ASKED_EVERY
        return self._room

    def submit(self, job: Job) -> Future[Answer]:
        """Hand over a run."""
        with _connected(self._client):
            return cast("Future[Answer]", self._executor.submit(run_on_cluster, job))

    def collect(self, job: Job, future: Future[Answer]) -> StoredRun | None:
        """Return what became of a run, or None after sending the data to a worker that had none."""
        try:
            with _connected(self._client):
                answer = future.result()
        except ClusterGoneError:
            raise
        except Exception as error:  # of Dask: our own are in the record
            return job.failed(f"{type(error).__name__}: {error}")
        if isinstance(answer, StoredRun):
            return answer
        self._refusals[job.identity] += 1
        if self._refusals[job.identity] > _REFUSALS_PER_RUN:
            return job.failed(f"worker {answer.address} has no data and could not be sent any: {answer.reason}")
        # Several runs can have come back before the data was there; and a worker that has died in the meantime is no error.
        if answer.process not in self._sent:
            self._sent.add(answer.process)
            self._client.run(receive, self._datasets[job.spec.dataset], workers=[answer.address], on_error="ignore")
        return None

    def close(self, drop: bool) -> None:  # noqa: ARG002 (as `Pool` says)
        """End; runs in flight are dropped: on a cluster they can be many and long."""
        with suppress(ClusterGoneError), _connected(self._client):
            self._executor.shutdown(wait=False)


@contextmanager
def _connected(client: Client) -> Iterator[None]:
    """Turn whatever happens without a scheduler into one error that says so."""
    try:
        yield
    except Exception as error:
        if client.status == "running" and not isinstance(error, CancelledError | OSError):
            raise
        raise ClusterGoneError(
            "the Dask cluster is gone: its scheduler closed or cannot be reached. Runs that ended before are in the store, where "
            "there is one; start a cluster and call sweep again"
        ) from error


def run_on_cluster(job: Job) -> Answer:
    """Train in a worker of a Dask cluster."""
    dataset = _received.get(job.dataset_sha256)
    if dataset is None:
        try:
            dataset = load_dataset(cast(DatasetName, job.spec.dataset))
        except DatasetError as error:
            from distributed import get_worker

            worker = get_worker()
            return LacksData(worker.address, f"{worker.id} {job.dataset_sha256}", str(error))
    if dataset.sha256 != job.dataset_sha256:
        return job.failed(
            f"data {dataset.sha256} on the worker, {job.dataset_sha256} in the sweep; install the same radixnet on both"
        )
    limit: Any = nullcontext() if job.spec.engine == "sparse" else _one_keras_run
    with limit:
        return run(job, dataset)


def receive(dataset: Dataset) -> None:
    """Keep data that was sent to this worker."""
    _received[dataset.sha256] = dataset
