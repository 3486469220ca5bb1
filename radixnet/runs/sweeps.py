"""Many runs in one call: stored runs are not trained again, the others use every core or a cluster.

A sweep can be stopped at any time and goes on where it was.
"""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from itertools import pairwise
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import pandas as pd

from radixnet.arguments import one_of, positive_integer
from radixnet.datasets import DatasetName, dataset_sha256, load_dataset
from radixnet.runs.records import StoredRun, describe, table_of
from radixnet.runs.store import RunStore
from radixnet.runs.workers import Answer, ClusterPool, Job, LocalPool, Pool
from radixnet.training.provenance import usable_cores
from radixnet.training.spec import ENGINE_VERSIONS, RunSpec

if TYPE_CHECKING:
    from distributed import Client
    from tqdm import tqdm

_CTRL_C_NOTICED_WITHIN = 0.5
"""Seconds between two looks at whether Ctrl-C was pressed, while no run ends."""

_UNIT_COST = 15
"""Connections that take as long as the work done once per unit, timed at many densities."""

_LISTED_REASONS = 10

OnFailure = Literal["warn", "raise"]
"""What `sweep` does if runs failed."""


class RunsFailedError(RuntimeError):
    """Runs of a sweep failed and the caller cannot use failed runs; the message says which."""


def sweep(
    specs: Iterable[RunSpec],
    store: RunStore | str | os.PathLike[str] | None = None,
    *,
    workers: int | None = None,
    client: Client | None = None,
    on_failure: OnFailure = "warn",
) -> pd.DataFrame:
    """Train every run that is not stored yet, and return all of them as a table.

    A run is stored the moment it ends. A sweep that was stopped or killed goes on where it was if
    it is called again; at most the runs in flight are lost. Equal runs are trained once. Long runs
    start first, so that all cores are busy to the end.

    A run that diverges (its loss becomes infinite or NaN) or raises an error does not stop the
    others. It is in the table with status ``"failed"`` and the reason; at the end a warning lists
    all of them, or an error if `on_failure` says so. Diverged runs are stored like good ones and
    not repeated, since they would diverge again. Runs that raised an error are tried again by the
    next call: the cause may have been the machine.

    After Ctrl-C, no more runs start; those that are being trained are finished and stored, and
    KeyboardInterrupt is raised. A second Ctrl-C drops them and raises at once; Python, though, ends
    only when their threads do, or at a third. Runs on a cluster are dropped at the first. Without a
    store, finished runs are lost.

    Parameters
    ----------
    specs
        The runs.
    store
        A `RunStore` or the path of one, which is begun if it is missing; None keeps nothing after
        the call.
    workers
        Runs to train at a time on this machine; None means one per core that this process may use.
        Numbers do not depend on it.
    client
        A ``dask.distributed.Client``: the runs are then spread over its cluster, and only this
        process writes to the store.
    on_failure
        What to do if runs failed, after all others were trained and stored: ``"warn"``, or
        ``"raise"`` for callers that count or average, which a failed run would falsify.

    Returns
    -------
    pandas.DataFrame
        One row per spec, in the order given, with the columns of `radixnet.runs.records.table_of`.

    Raises
    ------
    TypeError, ValueError
        Before anything is trained, if `specs` is empty or holds anything but `RunSpec`, or another
        argument is wrong.
    DatasetError
        Before anything is trained, if this machine lacks the data of a run to train.
    StoreError
        If the store cannot be used; before anything is trained if it lacks runs and may only be
        read. Runs that it has are safe.
    ClusterGoneError
        If the client loses its cluster. Runs that had ended are stored.
    RunsFailedError
        If runs failed and `on_failure` is ``"raise"``; the message is that of the warning.
    KeyboardInterrupt
        After Ctrl-C.

    Examples
    --------
    >>> import radixnet as rx
    >>> topology = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
    >>> specs = [rx.RunSpec(topology, seed=seed) for seed in range(10)]
    >>> rx.sweep(specs, store="runs.sqlite").test_accuracy.mean()  # doctest: +SKIP
    """
    asked = _checked_specs(specs)
    one_of("on_failure", on_failure, get_args(OnFailure))
    count = _checked_workers(workers, client)
    kept = RunStore(store) if isinstance(store, str | os.PathLike) else store
    if not isinstance(kept, RunStore | None):
        raise TypeError(f"store of type {type(store).__name__}: give a RunStore, a path, or None")
    jobs = [_job(spec, dataset_sha256(spec.dataset)) for spec in asked]
    runs = {} if kept is None else kept.get({job.identity for job in jobs})
    missing = {
        job.identity: job
        for job in jobs
        if job.identity not in runs or not runs[job.identity].is_final
    }
    if missing:
        if kept is not None:
            kept.require_writable()
        names = dict.fromkeys(job.spec.dataset for job in missing.values())
        datasets = {name: load_dataset(cast(DatasetName, name)) for name in names}
        pool: Pool = LocalPool(count) if client is None else ClusterPool(client, datasets)
        rows = {name: len(data.train_labels) for name, data in datasets.items()}

        def keep(run: StoredRun) -> None:
            if kept is not None:
                kept.put(run)
            runs[run.identity] = run

        def found_meanwhile(job: Job) -> StoredRun | None:
            """Return the run if another process that shares the store has finished it since."""
            run = None if kept is None else kept.get([job.identity]).get(job.identity)
            return run if run is not None and run.is_final else None

        _train(pool, list(missing.values()), rows, keep, found_meanwhile)
    # Equal masks of different radix lists share a run; each row shows what was asked for.
    found = [
        dataclasses.replace(runs[job.identity], description=describe(job.spec)) for job in jobs
    ]
    if failures := _failures(found):
        if on_failure == "raise":
            raise RunsFailedError(failures)
        warnings.warn(failures, RuntimeWarning, stacklevel=2)
    return table_of(found)


def _train(
    pool: Pool,
    jobs: Sequence[Job],
    rows: dict[str, int],
    keep: Callable[[StoredRun], None],
    found_meanwhile: Callable[[Job], StoredRun | None],
) -> None:
    """Train under a progress bar and keep each run as it ends; always close the pool."""
    costs = {job.identity: _cost(job.spec, rows[job.spec.dataset]) for job in jobs}
    # Shuffled first, so that processes that share a store begin with different runs of equal cost.
    shuffled = random.sample(jobs, len(jobs))
    longest_first = sorted(shuffled, key=lambda job: -costs[job.identity])
    drop = True
    try:
        with _interrupts() as interrupted, _bar(len(jobs)) as bar:
            for run in _finished(pool, longest_first, interrupted, found_meanwhile):
                keep(run)
                if interrupted():
                    bar.set_postfix_str("stopping; Ctrl-C again drops what is being trained")
                bar.update()
            if interrupted():
                raise KeyboardInterrupt(
                    f"sweep stopped: {bar.n} of {len(jobs)} runs were trained; with a store, call "
                    "it again to go on"
                )
        drop = False
    except Exception:
        drop = False
        raise
    finally:
        pool.close(drop)


def _finished(
    pool: Pool,
    jobs: Iterable[Job],
    interrupted: Callable[[], bool],
    found_meanwhile: Callable[[Job], StoredRun | None],
) -> Iterator[StoredRun]:
    """Keep the pool busy and yield runs as they end; once interrupted, only those under way."""
    waiting = deque(jobs)
    running: dict[Future[Answer], Job] = {}
    while running or (waiting and not interrupted()):
        while waiting and not interrupted() and len(running) < pool.room():
            job = waiting.popleft()
            found = found_meanwhile(job)
            if found is None:
                running[pool.submit(job)] = job
            else:
                yield found
        if interrupted():
            running = {future: job for future, job in running.items() if not future.cancel()}
        done, _ = wait(running, timeout=_CTRL_C_NOTICED_WITHIN, return_when=FIRST_COMPLETED)
        for future in done:
            job = running.pop(future)
            run = pool.collect(job, future)
            if run is None:
                waiting.appendleft(job)
            else:
                yield run


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Note the first Ctrl-C instead of interrupting; the second interrupts as always.

    Yield the question whether it was pressed.
    """
    pressed: list[int] = []

    def note(number: int, where: FrameType | None) -> None:
        if pressed:
            signal.default_int_handler(number, where)
        pressed.append(number)

    # Only the main thread can have handlers, and one that somebody else has set stays.
    is_main = threading.current_thread() is threading.main_thread()
    ours = is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _bar(runs: int) -> tqdm[Any]:
    """Return a progress bar: runs, the time left and the rate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in a notebook without widgets the bar is text
        from tqdm.auto import tqdm
    return tqdm(total=runs, unit=" runs", smoothing=0.05, dynamic_ncols=True)


def _cost(spec: RunSpec, rows: int) -> float:
    """Estimate how long a run takes, in an arbitrary unit."""
    sizes = spec.layer_sizes
    dense = sum(before * after for before, after in pairwise(sizes))
    multiplied = describe(spec)["connections"] if spec.engine == "sparse" else dense
    return float((multiplied + _UNIT_COST * sum(sizes)) * spec.epochs * rows)


def _job(spec: RunSpec, dataset_sha256: str) -> Job:
    """Return a spec with its identity."""
    version = ENGINE_VERSIONS[spec.engine]
    return Job(spec.identity(dataset_sha256, version), spec, dataset_sha256, version)


def _checked_specs(specs: Any) -> list[RunSpec]:
    """Return the specs as a list, at least one."""
    if isinstance(specs, RunSpec) or not isinstance(specs, Iterable):
        kind = type(specs).__name__
        raise TypeError(
            f"specs of type {kind}: give a list of RunSpec, such as [RunSpec(topology)]"
        )
    asked = list(specs)
    if not asked:
        raise ValueError("specs is empty: there is nothing to train; give at least one RunSpec")
    for number, spec in enumerate(asked, start=1):
        if not isinstance(spec, RunSpec):
            kind = type(spec).__name__
            raise TypeError(f"item {number} of specs is of type {kind}; give RunSpec only")
    return asked


def _checked_workers(workers: object, client: object) -> int:
    """Return how many runs to train at a time on this machine; check the client too."""
    if client is not None:
        _check_client(client)
        if workers is not None:
            raise ValueError(
                "workers and client were both given; the cluster decides on its workers, "
                "so leave workers out"
            )
    return usable_cores() if workers is None else positive_integer(workers, "workers")


def _check_client(client: object) -> None:
    """Raise unless this is a Dask client that can be used from ordinary code."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError(
            "client was given, but Dask is not installed: pip install distributed"
        ) from error
    if not isinstance(client, Client):
        raise TypeError(
            f"client of type {type(client).__name__}: give a dask.distributed.Client; "
            "for a cluster, Client(cluster)"
        )
    if client.asynchronous:
        raise ValueError(
            "client is asynchronous, which sweep cannot wait for; "
            "give Client(..., asynchronous=False)"
        )
    if client.status != "running":
        raise ValueError(f"client is {client.status}, not running; connect it to a cluster first")


def _failures(runs: Sequence[StoredRun]) -> str:
    """Say how many runs failed and why, equal reasons together; nothing if none did."""
    failed: dict[str, dict[str, StoredRun]] = {}
    for run in runs:
        if run.status == "failed":
            failed.setdefault(str(run.reason), {})[run.identity] = run
    if not failed:
        return ""
    count, total = sum(map(len, failed.values())), len({run.identity for run in runs})
    lines = [f"{count} of {total} runs failed:"]
    for reason, alike in list(failed.items())[:_LISTED_REASONS]:
        what = next(iter(alike.values())).description
        network = f"{what['radix_lists'] or 'masks'} on {what['layer_sizes']}"
        others = f" and {len(alike) - 1} more" if len(alike) > 1 else ""
        lines.append(f"{network}, seed {what['seed']}{others}: {reason}")
    if len(failed) > _LISTED_REASONS:
        others = f"and {len(failed) - _LISTED_REASONS} other reasons: see the column 'reason'"
        lines.append(others)
    return "\n  ".join(lines)
