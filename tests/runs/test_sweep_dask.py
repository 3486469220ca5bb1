"""A sweep over a Dask cluster: the same numbers, and nothing lost if workers die or lack data."""

import dataclasses
import os
import signal
from pathlib import Path

import dask
import numpy as np
import pytest
from distributed import Client, LocalCluster
from test_sweep import MISFIT, same, specs_of

import radixnet as rx
from radixnet.datasets import DatasetError
from radixnet.runs import sweeps, workers

# Dask's own way of ending connections to workers that were killed.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def patience():
    """Have Dask wait for a busy machine: it gives up a killed worker after 15 seconds."""
    timeouts = {
        "deploy.lost-worker-timeout": "1 hour",
        "comm.timeouts.connect": "1 hour",
        "comm.timeouts.tcp": "1 hour",
    }
    with dask.config.set({f"distributed.{name}": time for name, time in timeouts.items()}):
        yield


@pytest.fixture(scope="module")
def client(patience):  # noqa: ARG001 (used by its name)
    """Two workers, a process each."""
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    )
    with cluster, Client(cluster) as connected:
        yield connected


def after_the_second_run(act):
    """Return a `put` for stores that acts when the second run is kept, in the middle of others."""
    put = rx.RunStore.put

    def put_and_act(self, run):
        put(self, run)
        if len(self) == 2:
            act()

    return put_and_act


def test_a_cluster_gives_the_same_table_and_the_store_is_written_here(
    client, tmp_path, monkeypatch
):
    writers = []
    put = rx.RunStore.put
    monkeypatch.setattr(
        rx.RunStore, "put", lambda self, run: (writers.append(os.getpid()), put(self, run))
    )
    specs = [*specs_of(8), specs_of(1)[0]]
    there = rx.sweep(specs, store=tmp_path / "runs.sqlite", client=client)
    same(there, rx.sweep(specs))
    assert writers == [os.getpid()] * 8
    assert set(client.run(os.getpid).values()).isdisjoint(writers)
    monkeypatch.setattr(sweeps, "ClusterPool", None)
    same(rx.sweep(specs, store=tmp_path / "runs.sqlite", client=client), there)


def test_failures_on_a_cluster_are_recorded_and_stop_nothing(client):
    with pytest.warns(RuntimeWarning, match=r"1 of 3 runs failed:\n.*700 inputs"):
        runs = rx.sweep([MISFIT, *specs_of(2)], client=client)
    assert list(runs.status) == ["failed", "done", "done"]


def test_a_worker_killed_in_mid_run_loses_nothing(client, tmp_path, monkeypatch):
    specs = specs_of(8, epochs=10)
    kept = rx.RunStore(tmp_path / "runs.sqlite")
    victim = next(iter(client.run(os.getpid).values()))
    monkeypatch.setattr(
        rx.RunStore, "put", after_the_second_run(lambda: os.kill(victim, signal.SIGKILL))
    )
    runs = rx.sweep(specs, store=kept, client=client)
    assert victim not in client.run(os.getpid).values()
    assert list(runs.status) == ["done"] * 8
    assert list(runs.seed) == list(range(8))
    same(runs[:2], rx.sweep(specs[:2]))
    assert len(kept) == 8


def test_a_run_that_kills_every_worker_fails_alone(client, monkeypatch):
    monkeypatch.setattr(workers, "train_on_cluster", die_with_seed_1)
    # One after the other: Dask calls runs that wait on a worker when it dies as guilty as the one
    # that it trains.
    monkeypatch.setattr(workers.ClusterPool, "room", lambda _: 1)
    with pytest.warns(RuntimeWarning, match=r"1 of 3 runs failed:\n.*KilledWorker"):
        runs = rx.sweep(specs_of(3), client=client)
    assert list(runs.status) == ["done", "failed", "done"]


def die_with_seed_1(job):
    """Stand in for a run that needs more memory than any worker has."""
    if job.spec.seed == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    from radixnet.runs.workers import train_job

    return train_job(job)


def test_a_worker_without_the_data_is_sent_it(client, monkeypatch, tmp_path):
    """Take workers that lack Fashion-MNIST; here it is MNIST under that name, with its own sum."""
    data = dataclasses.replace(rx.load_dataset("mnist"), name="fashion-mnist", sha256="f" * 64)
    datasets = {"fashion-mnist": data, "mnist": rx.load_dataset("mnist")}
    monkeypatch.setattr(sweeps, "load_dataset", datasets.get)
    monkeypatch.setattr(sweeps, "dataset_sha256", lambda name: datasets[name].sha256)
    sends = []
    run = client.run
    monkeypatch.setattr(
        client,
        "run",
        lambda function, *rest, **how: sends.append(how) or run(function, *rest, **how),
    )
    client.wait_for_workers(2)  # an earlier test killed some
    run(have_no_fashion_mnist, str(tmp_path))
    runs = rx.sweep(specs_of(6, dataset="fashion-mnist"), client=client)
    assert list(runs.status) == ["done"] * 6, list(runs.reason)
    assert 1 <= len(sends) <= 2  # once for each worker
    expected = rx.sweep(specs_of(6))
    np.testing.assert_array_equal(runs.test_loss, expected.test_loss)


def have_no_fashion_mnist(empty_folder):
    """Make a worker one of a machine that has no Fashion-MNIST and no way to fetch it."""
    import radixnet.datasets

    rx.train(specs_of(1)[0])  # loads the compiled loops, which lie in the same folder
    radixnet.datasets.FASHION_MNIST_SYSTEM_FOLDER = Path(empty_folder) / "missing"
    os.environ.update(XDG_CACHE_HOME=empty_folder, http_proxy="http://127.0.0.1:9")


def test_without_data_on_this_machine_nothing_is_trained(client, monkeypatch):
    def missing(name):
        raise DatasetError(f"{name} is missing")

    monkeypatch.setattr(sweeps, "load_dataset", missing)
    with pytest.raises(DatasetError, match="fashion-mnist is missing"):
        rx.sweep(specs_of(1, dataset="fashion-mnist"), client=client)


def test_another_version_on_the_worker_is_said_and_not_stored_as_ours(client, monkeypatch):
    monkeypatch.setitem(rx.training.ENGINE_VERSIONS, "sparse", "sparse-next")
    with pytest.warns(
        RuntimeWarning, match=r"on the worker, sparse-next in the sweep; install the same radixnet"
    ):
        runs = rx.sweep(specs_of(1), client=client)
    assert list(runs.status) == ["failed"]


def test_thousands_of_specs_do_not_flood_the_scheduler(client, monkeypatch):
    pending = []
    submit = workers.ClusterPool.submit

    def submit_and_look(self, job):
        future = submit(self, job)
        pending.append(sum(not one.done() for one in self._executor._futures))
        return future

    monkeypatch.setattr(workers.ClusterPool, "submit", submit_and_look)
    assert len(rx.sweep(specs_of(100), client=client)) == 100
    assert len(pending) == 100
    assert max(pending) <= 65


def test_clients_that_cannot_be_used_are_refused(client):
    with pytest.raises(TypeError, match=r"for a cluster, Client\(cluster\)"):
        rx.sweep(specs_of(1), client=client.cluster)
    with pytest.raises(ValueError, match=r"workers and client were both given"):
        rx.sweep(specs_of(1), client=client, workers=2)
    other = Client(client.scheduler.address)
    other.close()
    with pytest.raises(ValueError, match=r"client is closed, not running"):
        rx.sweep(specs_of(1), client=other)


def test_a_cluster_that_goes_away_ends_the_sweep_and_keeps_what_is_done(tmp_path, monkeypatch):
    kept = rx.RunStore(tmp_path / "runs.sqlite")
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0"
    )
    monkeypatch.setattr(rx.RunStore, "put", after_the_second_run(cluster.close))
    with (
        cluster,
        Client(cluster) as connected,
        pytest.raises(workers.ClusterGoneError, match=r"the Dask cluster is gone"),
    ):
        rx.sweep(specs_of(40, epochs=10), store=kept, client=connected)
    assert 2 <= len(kept) < 40
    assert set(kept.to_frame().status) == {"done"}
