"""A sweep trains what is missing, once; stopped, killed or failed in part, it loses nothing."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import radixnet as rx
from radixnet.datasets import DatasetError
from radixnet.runs import sweeps, workers
from radixnet.training import CURVES, ENGINE_VERSIONS, RunResult

SMALL = (784, 30, 10)
TOPOLOGY = rx.RadixTopology([[5, 2]], SMALL)
MISFIT = rx.RunSpec(rx.RadixTopology([[5, 2]], (700, 30, 10)), epochs=1)


def specs_of(count, **settings):
    return [rx.RunSpec(TOPOLOGY, seed=seed, **{"epochs": 1, **settings}) for seed in range(count)]


def same(first, second):
    """Compare the numbers of two tables, bit for bit."""
    columns = [*CURVES, *(f"{name}_curve" for name in CURVES)]
    pd.testing.assert_frame_equal(first[columns], second[columns], check_exact=True)


@pytest.fixture
def trained(monkeypatch):
    """Return the list of specs that are trained in this process from now on."""
    specs = []

    def note(spec, dataset=None):
        specs.append(spec)
        return rx.train(spec, dataset=dataset)

    monkeypatch.setattr(workers, "train", note)
    return specs


TALKING = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
SCRIPT = """
import radixnet as rx
topology = rx.RadixTopology([[5, 2]], (784, 30, 10))
specs = [rx.RunSpec(topology, seed=seed, epochs={epochs}) for seed in range({count})]
runs = rx.sweep(specs, store={path!r}, workers=2)
print("all", len(runs), set(runs.status))
"""


@pytest.fixture
def start(begin):
    """Return a function that starts a sweep in a process of its own."""

    def start_one(path, count, epochs=1):
        script = SCRIPT.format(path=str(path), count=count, epochs=epochs)
        return begin([sys.executable, "-c", script], **TALKING)

    return start_one


def wait_for_runs(path, count, process):
    """Wait until a process has stored so many runs."""
    while not path.exists() or len(rx.RunStore(path)) < count:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)


# -- the table -----------------------------------------------------------------------------------


def test_rows_come_in_the_order_asked_and_hold_what_training_gives():
    other = rx.RadixTopology([[2, 2]], SMALL)
    specs = [rx.RunSpec(TOPOLOGY, seed=3, epochs=2), rx.RunSpec(other, epochs=1)]
    runs = rx.sweep(specs)
    assert list(runs.radix_lists) == ["[[5, 2]]", "[[2, 2]]"]
    assert list(runs.epochs) == [2, 1]
    assert list(runs.seed) == [3, 0]
    assert list(runs.status) == ["done", "done"]
    version = ENGINE_VERSIONS["sparse"]
    for (_, row), spec in zip(runs.iterrows(), specs, strict=True):
        result = rx.train(spec)
        for name in CURVES:
            assert row[f"{name}_curve"] == tuple(getattr(result, name))
            assert row[name] == getattr(result, name)[-1]
        assert row.identity == spec.identity(rx.load_dataset("mnist").sha256, version)
        assert row.provenance_engine_version == version
        assert row.sparsity == spec.network.sparsity


def test_equal_runs_are_trained_once_and_each_row_shows_what_was_asked_for(trained):
    other = rx.RadixTopology([[5, 2, 1]], (784, 30, 10, 10))
    spec = specs_of(1)[0]
    asked = [spec, rx.RunSpec(TOPOLOGY.masks, epochs=1), rx.RunSpec(other, epochs=1), spec]
    runs = rx.sweep(asked)
    assert len(trained) == 2
    lists = ["[[5, 2]]", "masks", "[[5, 2, 1]]", "[[5, 2]]"]
    assert list(runs.radix_lists.fillna("masks")) == lists
    assert runs.test_loss_curve[0] == runs.test_loss_curve[1] == runs.test_loss_curve[3]


def test_numbers_do_not_depend_on_the_number_of_workers():
    same(rx.sweep(specs_of(6), workers=1), rx.sweep(specs_of(6), workers=4))


def test_stored_runs_are_looked_up_at_once_and_not_trained_again(tmp_path, trained, monkeypatch):
    path = tmp_path / "runs.sqlite"
    first = rx.sweep(specs_of(3), store=path)
    asked = []
    get = rx.RunStore.get
    monkeypatch.setattr(rx.RunStore, "get", lambda self, ids: asked.append(ids) or get(self, ids))
    again = rx.sweep(specs_of(3)[::-1], store=rx.RunStore(path))
    same(again, first[::-1].reset_index(drop=True))
    assert len(trained) == 3
    assert len(asked) == 1
    same(rx.RunStore(path).to_frame().sort_values("seed", ignore_index=True), first)


def test_stored_runs_are_found_without_their_data(tmp_path, monkeypatch):
    done = rx.sweep(specs_of(2), store=tmp_path / "runs.sqlite")

    def missing(name):
        raise DatasetError(f"{name} is missing")

    monkeypatch.setattr(sweeps, "load_dataset", missing)
    same(rx.sweep(specs_of(2), store=tmp_path / "runs.sqlite"), done)
    with pytest.raises(DatasetError, match="mnist is missing"):
        rx.sweep(specs_of(3), store=tmp_path / "runs.sqlite")


def test_long_runs_start_first(monkeypatch):
    started = []

    def note(spec, **_):
        started.append((spec.epochs, spec.layer_sizes[1]))
        curves = {name: np.zeros(spec.epochs) for name in CURVES}
        return RunResult(spec, **curves, seconds=0.0)

    monkeypatch.setattr(workers, "train", note)
    wide = rx.RadixTopology([[5, 2]], (784, 90, 10))
    asked = [(topology, epochs) for epochs in (1, 9, 3) for topology in (TOPOLOGY, wide)]
    rx.sweep([rx.RunSpec(topology, epochs=epochs) for topology, epochs in asked], workers=1)
    assert started == [(9, 90), (9, 30), (3, 90), (3, 30), (1, 90), (1, 30)]


def test_a_progress_bar_shows_runs_rate_and_time_left_but_not_when_all_is_stored(tmp_path, capsys):
    rx.sweep(specs_of(3), store=tmp_path / "runs.sqlite")
    last = capsys.readouterr().err.strip().split("\r")[-1]
    assert re.search(r"100%.* 3/3 \[\d+:\d+<\d+:\d+, +[\d.]+( runs/s|s/ runs)\]", last)
    rx.sweep(specs_of(3), store=tmp_path / "runs.sqlite")
    assert capsys.readouterr().err == ""


# -- failures ------------------------------------------------------------------------------------


def test_failed_runs_can_be_an_error_after_the_others_are_stored(tmp_path):
    reason = r"(?s)^1 of 3 runs failed:.* on 700-30-10, seed 0: .*use 784 inputs"
    with pytest.raises(rx.RunsFailedError, match=reason):
        rx.sweep([MISFIT, *specs_of(2)], tmp_path / "runs.sqlite", on_failure="raise")
    stored = rx.RunStore(tmp_path / "runs.sqlite").to_frame()
    assert sorted(stored["status"]) == ["done", "done", "failed"]


def test_failed_and_diverged_runs_are_recorded_and_reported_and_stop_nothing(tmp_path, trained):
    wild = rx.RunSpec(TOPOLOGY, learning_rate=1e30, epochs=2)
    specs = [MISFIT, wild, *specs_of(2)]
    with pytest.warns(RuntimeWarning, match=r"2 of 4 runs failed") as caught:
        runs = rx.sweep(specs, store=tmp_path / "runs.sqlite")
    text = str(caught[0].message)
    assert "[[5, 2]] on 784-30-10, seed 0: diverged: train_loss is nan after epoch 1" in text
    assert "700 inputs" in text
    assert caught[0].filename == __file__
    assert list(runs.status) == ["failed", "failed", "done", "done"]
    assert runs.reason[0].startswith("ValueError: the network has 700 inputs")
    assert runs.train_loss_curve[0] is None
    assert len(runs.train_loss_curve[1]) == 2
    assert runs.reason[2:].isna().all()
    trained.clear()
    with pytest.warns(RuntimeWarning, match=r"2 of 4 runs failed"):
        rx.sweep(specs, store=tmp_path / "runs.sqlite")
    assert trained == [MISFIT]  # an error may be the machine's; a diverged run would diverge again


def test_many_failures_are_one_short_warning(monkeypatch):
    def fail(spec, **_):
        raise MemoryError(f"{spec.seed % 15}")

    monkeypatch.setattr(workers, "train", fail)
    with pytest.warns(RuntimeWarning, match=r"40 of 40 runs failed") as caught:
        rx.sweep(specs_of(40))
    assert "seed 0 and 2 more: MemoryError: 0" in str(caught[0].message)
    assert "and 5 other reasons" in str(caught[0].message)


@pytest.mark.parametrize(
    ("specs", "options", "error", "message"),
    [
        ([], {}, ValueError, "specs is empty"),
        (specs_of(1)[0], {}, TypeError, "specs of type RunSpec: give a list"),
        ([*specs_of(1), TOPOLOGY], {}, TypeError, "item 2 of specs is of type RadixTopology"),
        (
            specs_of(1),
            {"client": "tcp://127.0.0.1:1"},
            TypeError,
            "client of type str: give a dask",
        ),
        (specs_of(1), {"store": 3}, TypeError, "store of type int"),
        (specs_of(1), {"on_failure": "stop"}, ValueError, "on_failure 'stop' is not known"),
        *((specs_of(1), {"workers": n}, ValueError, "workers must be") for n in (0, 1.5, True)),
    ],
)
def test_bad_input_is_refused_before_anything_trains(trained, specs, options, error, message):
    with pytest.raises(error, match=message):
        rx.sweep(specs, **options)
    assert trained == []


@pytest.mark.usefixtures("ctrl_c")
def test_a_store_that_fails_midway_ends_the_sweep_and_keeps_what_it_has(tmp_path, monkeypatch):
    kept = rx.RunStore(tmp_path / "runs.sqlite")
    put = rx.RunStore.put

    def put_twice(self, run):
        if len(self) == 2:
            raise rx.StoreError("the disk is full")
        put(self, run)

    with monkeypatch.context() as patch:
        patch.setattr(rx.RunStore, "put", put_twice)
        with pytest.raises(rx.StoreError, match="the disk is full"):
            rx.sweep(specs_of(6), store=kept)
    assert len(kept) == 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("radixnet")]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert set(rx.sweep(specs_of(6), store=kept).status) == {"done"}


# -- stopped, killed, shared ---------------------------------------------------------------------


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_finishes_what_is_being_trained_and_the_next_call_goes_on(tmp_path, start):
    path = tmp_path / "runs.sqlite"
    process = start(path, count=400, epochs=5)  # more than are trained before the signal arrives
    wait_for_runs(path, 3, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode not in (0, None)
    assert "all" not in out
    assert err.count("Traceback") == 1
    assert "KeyboardInterrupt: sweep stopped: " in err
    told = int(err.rsplit("sweep stopped: ", 1)[1].split()[0])
    stored = rx.RunStore(path).to_frame()
    assert 3 <= told == len(stored) < 400
    assert set(stored.status) == {"done"}
    same(rx.sweep(specs_of(3, epochs=5), store=path), rx.sweep(specs_of(3, epochs=5)))


WITHOUT_END = """
import os, signal, time
from pathlib import Path
import radixnet as rx
from radixnet.runs import workers

def train(spec, dataset=None, trained=workers.train):
    os.write(1, b"training\\n")
    while spec.seed or not Path({go!r}).exists():  # seed 0 until it may end, seed 1 for ever
        result = trained(spec, dataset=dataset)
    return result

def telling(handler):
    def tell(*arguments):
        try:
            handler(*arguments)
        finally:
            os.write(1, b"pressed\\n")
    return tell

workers.train = train
set_handler = signal.signal
signal.signal = lambda number, handler: set_handler(number, telling(handler))
topology = rx.RadixTopology([[5, 2]], (784, 30, 10))
specs = [rx.RunSpec(topology, seed=seed, epochs=1) for seed in (0, 1)]
rx.sweep(specs, store={path!r}, workers=2)
"""


@pytest.mark.usefixtures("ctrl_c")
def test_a_second_ctrl_c_drops_what_is_being_trained(tmp_path, begin):
    path, go = tmp_path / "runs.sqlite", tmp_path / "go"
    script = WITHOUT_END.format(path=str(path), go=str(go))
    process = begin([sys.executable, "-c", script], **TALKING)

    def press():
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "pressed\n"

    said = [process.stdout.readline() for _ in range(2)]
    assert said == ["training\n"] * 2, process.stderr.read()
    press()
    go.touch()
    wait_for_runs(path, 1, process)  # after the first, what is being trained is finished and stored
    press()
    assert "KeyboardInterrupt\n" in process.stderr  # up to here; then Python waits for its threads
    process.send_signal(signal.SIGINT)
    process.wait()
    assert len(rx.RunStore(path)) == 1


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None], ids=["ignored", "caller's"])
def test_a_sweep_leaves_handlers_of_ctrl_c_alone_and_goes_on(monkeypatch, handler):
    """As under nohup, and in the background of a script, where it is ignored."""

    def press_and_train(spec, dataset=None):
        os.kill(os.getpid(), signal.SIGINT)
        return rx.train(spec, dataset=dataset)

    monkeypatch.setattr(workers, "train", press_and_train)
    signal.signal(signal.SIGINT, handler)
    try:
        runs = rx.sweep(specs_of(4))
    except KeyboardInterrupt:  # which would end all tests
        pytest.fail("the sweep was interrupted")
    assert list(runs.status) == ["done"] * 4
    assert signal.getsignal(signal.SIGINT) is handler


def test_kill_9_at_any_moment_loses_at_most_the_runs_in_flight(tmp_path, start):
    path = tmp_path / "runs.sqlite"
    random = np.random.default_rng()
    stored = 0
    for _ in range(3):
        seen = stored + random.integers(4)
        process = start(path, count=400, epochs=4)  # more than are trained in the meantime
        wait_for_runs(path, seen, process)
        time.sleep(random.uniform(0, 0.1))  # some moment, perhaps in the middle of a write
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        stored = len(rx.RunStore(path))
        assert stored >= seen
    kept = rx.RunStore(path).to_frame()
    assert set(kept.status) == {"done"}
    assert kept.seed.is_unique
    specs = specs_of(400, epochs=4)
    same(kept[:4], rx.sweep([specs[seed] for seed in kept.seed[:4]]))
    rx.sweep(specs_of(1), store=path)  # SQLite leaves a journal to whoever writes next
    assert list(tmp_path.iterdir()) == [path]


def test_a_sweep_runs_in_a_thread_that_is_not_the_main_one():
    with ThreadPoolExecutor(1) as pool:
        assert set(pool.submit(rx.sweep, specs_of(2)).result().status) == {"done"}


# -- the Keras engine ----------------------------------------------------------------------------


def test_keras_runs_train_in_processes_of_their_own_beside_sparse_ones(tmp_path):
    """From a script as users write it: one that executed itself again would print twice."""
    (tmp_path / "script.py").write_text(
        f"""
import sys, radixnet as rx
topology = rx.RadixTopology([[5, 2]], (784, 30, 10))
both = [(seed, engine) for seed in (0, 1) for engine in ("keras", "sparse")]
settings = {{"epochs": 1, "batch_size": 2000}}
specs = [rx.RunSpec(topology, seed=seed, engine=engine, **settings) for seed, engine in both]
runs = rx.sweep(specs, store={str(tmp_path / "runs.sqlite")!r})
print(*runs.status, *runs.engine, "tensorflow" in sys.modules)
""",
        encoding="utf-8",
    )
    command = [sys.executable, str(tmp_path / "script.py")]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
    engines = ["keras", "sparse"] * 2
    assert done.stdout.split() == ["done"] * 4 + engines + ["False"], done.stderr
    assert "tensorflow" not in done.stderr.lower()
    stored = rx.RunStore(tmp_path / "runs.sqlite").to_frame()
    losses = stored.set_index(["engine", "seed"]).test_loss
    for seed in (0, 1):
        assert losses["keras", seed] == pytest.approx(losses["sparse", seed], rel=0.02)


def test_a_process_that_is_killed_fails_its_own_run_only_and_none_is_left():
    def job_of(**settings):
        (spec,) = specs_of(1, engine="keras", **settings)
        return sweeps._job(spec, rx.load_dataset("mnist").sha256)

    def processes():
        return [pid for process in pool._processes for pid in process._processes or ()]

    pool = workers.LocalPool(1)
    long, short = job_of(epochs=500), job_of(batch_size=5000)
    future = pool.submit(long)
    while not processes():
        time.sleep(0.05)
    os.kill(processes()[0], signal.SIGKILL)
    failed = pool.collect(long, future)
    assert (failed.status, failed.is_final) == ("failed", False)
    assert "SIGKILL" in failed.reason
    assert pool.collect(short, pool.submit(short)).status == "done"
    used = processes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pool.close(drop=False)
    assert used
    for pid in used:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
