"""A sweep trains what is missing, once, and loses nothing when it is stopped, killed or fails in part."""

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

import radixnet as rx
from radixnet.datasets import DatasetError
from radixnet.runs import store, sweeps, workers
from radixnet.runs.records import StoredRun
from radixnet.training import CURVES, ENGINE_VERSIONS, RunResult

SMALL = (784, 30, 10)
TOPOLOGY = rx.RadixTopology([[5, 2]], SMALL)
CURVE_COLUMNS = [f"{name}_curve" for name in CURVES]


def specs_of(count, **settings):
    return [rx.RunSpec(TOPOLOGY, seed=seed, **{"epochs": 1, **settings}) for seed in range(count)]


def same(first, second):
    """Compare the numbers of two tables, bit for bit."""
    pd.testing.assert_frame_equal(first[[*CURVES, *CURVE_COLUMNS]], second[[*CURVES, *CURVE_COLUMNS]], check_exact=True)


def refuse_to_train(spec, **_):
    raise AssertionError(f"{spec} was trained again")


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
    """Wait until a store has so many runs, which a process is to train."""
    while not path.exists() or len(rx.RunStore(path)) < count:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)


# -- the table -------------------------------------------------------------------------------------------------------------------


def test_rows_come_in_the_order_asked_and_hold_what_training_gives():
    specs = [rx.RunSpec(TOPOLOGY, seed=3, epochs=2), rx.RunSpec(rx.RadixTopology([[2, 2]], SMALL), epochs=1)]
    runs = rx.sweep(specs)
    assert list(runs.radix_lists) == ["[[5, 2]]", "[[2, 2]]"]
    assert list(runs.epochs) == [2, 1]
    assert list(runs.seed) == [3, 0]
    assert list(runs.status) == ["done", "done"]
    for (_, row), spec in zip(runs.iterrows(), specs, strict=True):
        result = rx.train(spec)
        for name in CURVES:
            assert row[f"{name}_curve"] == tuple(getattr(result, name))
            assert row[name] == getattr(result, name)[-1]
        assert row.identity == spec.identity(rx.load_dataset("mnist").sha256, ENGINE_VERSIONS["sparse"])
        assert row.provenance_engine_version == ENGINE_VERSIONS["sparse"]
        assert row.sparsity == spec.network.sparsity


def test_equal_runs_are_trained_once_and_each_row_shows_what_was_asked_for(monkeypatch):
    trained = []

    def count(spec, dataset=None):
        trained.append(spec)
        return rx.train(spec, dataset=dataset)

    monkeypatch.setattr(workers, "train", count)
    other = rx.RadixTopology([[5, 2, 1]], (784, 30, 10, 10))
    spec = specs_of(1)[0]
    runs = rx.sweep([spec, rx.RunSpec(TOPOLOGY.masks, epochs=1), rx.RunSpec(other, epochs=1), spec])
    assert len(trained) == 2
    assert list(runs.radix_lists.fillna("masks")) == ["[[5, 2]]", "masks", "[[5, 2, 1]]", "[[5, 2]]"]
    assert runs.identity.nunique() == 2
    assert runs.test_loss_curve[0] == runs.test_loss_curve[1] == runs.test_loss_curve[3]


def test_numbers_do_not_depend_on_the_number_of_workers():
    specs = specs_of(6)
    one, two, four = (rx.sweep(specs, workers=count) for count in (1, 2, 4))
    same(one, two)
    same(one, four)


def test_stored_runs_are_not_trained_again(tmp_path, monkeypatch):
    path = tmp_path / "runs.sqlite"
    first = rx.sweep(specs_of(3), store=path)
    monkeypatch.setattr(workers, "train", refuse_to_train)
    same(rx.sweep(specs_of(3)[::-1], store=rx.RunStore(path)), first[::-1].reset_index(drop=True))
    same(rx.RunStore(path).to_frame().sort_values("seed", ignore_index=True), first)


def test_a_new_engine_version_or_setting_is_another_run(tmp_path, monkeypatch):
    path = tmp_path / "runs.sqlite"
    rx.sweep(specs_of(1), store=path)
    rx.sweep(specs_of(1, batch_size=500), store=path)
    monkeypatch.setitem(ENGINE_VERSIONS, "sparse", "sparse-next")
    rx.sweep(specs_of(1), store=path)
    assert len(rx.RunStore(path)) == 3


def test_long_runs_start_first(monkeypatch):
    started = []

    def note(spec, **_):
        started.append((spec.epochs, spec.layer_sizes[1]))
        return RunResult(spec, **{name: np.zeros(spec.epochs) for name in CURVES}, seconds=0.0)

    monkeypatch.setattr(workers, "train", note)
    wide = rx.RadixTopology([[5, 2]], (784, 90, 10))
    rx.sweep([rx.RunSpec(topology, epochs=epochs) for epochs in (1, 9, 3) for topology in (TOPOLOGY, wide)], workers=1)
    assert started == [(9, 90), (9, 30), (3, 90), (3, 30), (1, 90), (1, 30)]


def test_one_progress_bar_shows_runs_rate_and_time_left_and_none_when_all_is_stored(tmp_path, capsys):
    rx.sweep(specs_of(3), store=tmp_path / "runs.sqlite")
    last = capsys.readouterr().err.strip().split("\r")[-1]
    assert last.startswith("3/3 runs, ")
    assert "/s" in last
    assert "100%" in last
    assert last.endswith("left")
    rx.sweep(specs_of(3), store=tmp_path / "runs.sqlite")
    assert capsys.readouterr().err == ""


# -- failures --------------------------------------------------------------------------------------------------------------------


def test_a_caller_that_cannot_use_failed_runs_gets_the_reasons_and_the_other_runs_are_stored(tmp_path):
    misfit = rx.RunSpec(rx.RadixTopology([[5, 2]], (700, 30, 10)), epochs=1)
    with pytest.raises(rx.RunsFailedError, match=r"(?s)^1 of 3 runs failed:.* on 700-30-10, seed 0: .*use 784 inputs"):
        rx.sweep([misfit, *specs_of(2)], tmp_path / "runs.sqlite", on_failure="raise")
    stored = rx.RunStore(tmp_path / "runs.sqlite").to_frame()
    assert sorted(stored["status"]) == ["done", "done", "failed"]
    with pytest.raises(ValueError, match="on_failure 'stop' is not known"):
        rx.sweep(specs_of(1), on_failure="stop")


def test_a_failed_and_a_diverged_run_are_recorded_reported_and_stop_nothing(tmp_path, monkeypatch):
    path = tmp_path / "runs.sqlite"
    misfit = rx.RunSpec(rx.RadixTopology([[5, 2]], (700, 30, 10)), epochs=1)
    wild = rx.RunSpec(TOPOLOGY, learning_rate=1e30, epochs=2)
    specs = [misfit, wild, *specs_of(2)]
    with pytest.warns(RuntimeWarning, match=r"2 of 4 runs failed") as caught:
        runs = rx.sweep(specs, store=path)
    text = str(caught[0].message)
    assert "[[5, 2]] on 784-30-10, seed 0: diverged: train_loss is nan after epoch 1" in text
    assert "700 inputs" in text
    assert caught[0].filename == __file__
    assert list(runs.status) == ["failed", "failed", "done", "done"]
    assert runs.reason[0].startswith("ValueError: the network has 700 inputs")
    assert runs.train_loss_curve[0] is None
    assert len(runs.train_loss_curve[1]) == 2
    assert runs.reason[2:].isna().all()

    trained = []
    monkeypatch.setattr(workers, "train", lambda spec, dataset=None: trained.append(spec) or rx.train(spec, dataset=dataset))
    with pytest.warns(RuntimeWarning, match=r"2 of 4 runs failed"):
        rx.sweep(specs, store=path)
    assert trained == [misfit]  # diverged again it would; an error may have been the machine's


def test_many_failures_are_one_short_warning(monkeypatch):
    def fail(spec, **_):
        raise MemoryError(f"{spec.seed % 15}")

    monkeypatch.setattr(workers, "train", fail)
    with pytest.warns(RuntimeWarning, match=r"40 of 40 runs failed") as caught:
        rx.sweep(specs_of(40))
    assert "seed 0 and 2 more: MemoryError: 0" in str(caught[0].message)
    assert "and 5 other reasons" in str(caught[0].message)


def test_bad_input_is_refused_before_anything_trains(monkeypatch, tmp_path):
    monkeypatch.setattr(workers, "train", refuse_to_train)
    good = specs_of(1)
    with pytest.raises(ValueError, match=r"specs is empty"):
        rx.sweep([])
    with pytest.raises(TypeError, match=r"specs of type RunSpec: give a list"):
        rx.sweep(good[0])
    with pytest.raises(TypeError, match=r"item 2 of specs is of type RadixTopology; give RunSpec only"):
        rx.sweep([*good, TOPOLOGY])
    with pytest.raises(TypeError, match=r"client of type str: give a dask.distributed.Client"):
        rx.sweep(good, client="tcp://127.0.0.1:8786")
    for count in (0, -1, 1.5, True, "2"):
        with pytest.raises(ValueError, match=r"workers must be an integer of at least 1"):
            rx.sweep(good, workers=count)
    with pytest.raises(TypeError, match=r"store of type int"):
        rx.sweep(good, store=3)
    (tmp_path / "runs.sqlite").write_text("no store", encoding="utf-8")
    with pytest.raises(rx.StoreError, match=r"damaged or no SQLite file"):
        rx.sweep(good, store=tmp_path / "runs.sqlite")


@pytest.mark.usefixtures("ctrl_c")
def test_a_store_that_fails_in_the_middle_ends_the_sweep_and_keeps_what_it_has(tmp_path, monkeypatch):
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


# -- stopped, killed, shared -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_finishes_what_is_being_trained_and_the_next_call_goes_on(tmp_path, start):
    path = tmp_path / "runs.sqlite"
    process = start(path, count=400, epochs=5)  # more than any machine trains before the signal arrives
    wait_for_runs(path, 3, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode not in (0, None)
    assert "all" not in out
    assert err.count("Traceback") == 1
    assert "KeyboardInterrupt: sweep stopped: " in err
    told = int(err.rsplit("sweep stopped: ", 1)[1].split()[0])
    assert 3 <= told == len(rx.RunStore(path)) < 400
    stored = rx.RunStore(path).to_frame()
    assert set(stored.status) == {"done"}
    again = rx.sweep(specs_of(3, epochs=5), store=path)
    same(again, rx.sweep(specs_of(3, epochs=5)))


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
rx.sweep([rx.RunSpec(topology, seed=seed, epochs=1) for seed in (0, 1)], store={path!r}, workers=2)
"""


@pytest.mark.usefixtures("ctrl_c")
def test_a_second_ctrl_c_drops_what_is_being_trained(tmp_path, begin):
    path, go = tmp_path / "runs.sqlite", tmp_path / "go"
    script = WITHOUT_END.format(path=str(path), go=str(go))
    process = begin([sys.executable, "-c", script], **TALKING)

    def press():
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "pressed\n"

    assert [process.stdout.readline() for _ in range(2)] == ["training\n"] * 2, process.stderr.read()
    press()
    go.touch()
    wait_for_runs(path, 1, process)  # after the first, what is being trained still ends and is stored
    press()
    assert "KeyboardInterrupt\n" in process.stderr  # up to here; then Python waits for its threads
    process.send_signal(signal.SIGINT)
    process.wait()
    assert len(rx.RunStore(path)) == 1


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None], ids=["ignored", "of the caller"])
def test_where_ctrl_c_means_something_else_a_sweep_leaves_it_so_and_goes_on(monkeypatch, handler):
    """As under nohup and in the background of a script, where it is ignored."""

    def press_and_train(spec, dataset=None):
        os.kill(os.getpid(), signal.SIGINT)
        return rx.train(spec, dataset=dataset)

    monkeypatch.setattr(workers, "train", press_and_train)
    signal.signal(signal.SIGINT, handler)
    try:
        runs = rx.sweep(specs_of(4))
    except KeyboardInterrupt:  # which would end all tests
        pytest.fail("the sweep has let itself be interrupted")
    assert list(runs.status) == ["done"] * 4
    assert signal.getsignal(signal.SIGINT) is handler


def test_kill_9_at_any_moment_loses_at_most_the_runs_in_flight(tmp_path, start):
    path = tmp_path / "runs.sqlite"
    random = np.random.default_rng()
    stored = 0
    for _ in range(4):
        seen = stored + random.integers(4)
        process = start(path, count=400, epochs=4)  # more than any machine trains in the meantime
        wait_for_runs(path, seen, process)
        time.sleep(random.uniform(0, 0.1))  # some moment or other, perhaps in the middle of a write
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
    leftovers = [p.name for p in tmp_path.iterdir() if p != path and not p.name.startswith(".runs.sqlite.")]
    assert leftovers == []


def test_two_processes_share_one_store(tmp_path, start):
    path = tmp_path / "runs.sqlite"
    processes = [start(path, count=30) for _ in range(2)]
    answers = [process.communicate() for process in processes]
    assert [out for out, _ in answers] == ["all 30 {'done'}\n"] * 2, answers
    stored = rx.RunStore(path).to_frame()
    assert sorted(stored.seed) == list(range(30))


def test_a_sweep_runs_in_a_thread_that_is_not_the_main_one():
    with ThreadPoolExecutor(1) as pool:
        assert set(pool.submit(rx.sweep, specs_of(2)).result().status) == {"done"}


# -- many ------------------------------------------------------------------------------------------------------------------------


def test_a_thousand_stored_specs_are_looked_up_in_a_few_statements(tmp_path, monkeypatch):
    kept = rx.RunStore(tmp_path / "runs.sqlite")
    lists = rx.legal_radix_lists(range(1, 11), layers=3)[:100]
    specs = [rx.RunSpec(rx.RadixTopology(radix_lists, rx.LENET_300_100), seed=seed) for radix_lists in lists for seed in range(10)]
    sha256 = rx.load_dataset("mnist").sha256
    rows = []
    for spec in specs:
        result = RunResult(spec, **{name: np.full(3, spec.seed / 7) for name in CURVES}, seconds=0.1, provenance={"engine": "x"})
        rows.append(store._to_row(StoredRun.from_result(spec.identity(sha256, ENGINE_VERSIONS["sparse"]), result)))
    with (
        closing(sqlite3.connect(kept.path)) as connection,
        connection,
    ):  # at once: storing waits for the disk at every run, by design
        marks = ", ".join(f":{name}" for name in rows[0])
        statement = f"INSERT INTO runs ({', '.join(rows[0])}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
        connection.executemany(statement, rows)
    statements = []
    connect = sqlite3.connect

    def connect_and_listen(*arguments, **settings):
        connection = connect(*arguments, **settings)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_and_listen)
    monkeypatch.setattr(workers, "train", refuse_to_train)
    runs = rx.sweep(specs, store=kept.path)
    assert list(runs.test_loss) == [spec.seed / 7 for spec in specs]
    assert 0 < len(statements) < 50


def test_a_spec_travels_small_even_after_its_masks_were_asked_for():
    spec = rx.RunSpec(rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100))
    assert spec.network.masks[0].nbytes > 200_000
    assert spec.network.diagnose()
    sent = pickle.dumps(spec)
    assert len(sent) < 1000
    assert pickle.loads(sent) == spec  # noqa: S301 (own bytes)


def test_the_function_is_not_hidden_by_its_module():
    script = (
        "import radixnet, radixnet.runs.sweeps, radixnet.runs.store; print(callable(radixnet.sweep), radixnet.RunStore.__name__)"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, encoding="utf-8").stdout
        == "True RunStore\n"
    )


# -- the Keras engine ------------------------------------------------------------------------------------------------------------


def test_keras_runs_train_in_processes_of_their_own_beside_sparse_ones(tmp_path):
    script = f"""
import sys, radixnet as rx
topology = rx.RadixTopology([[5, 2]], (784, 30, 10))
settings = {{"epochs": 1, "batch_size": 2000}}
specs = [rx.RunSpec(topology, seed=seed, engine=engine, **settings) for seed in (0, 1) for engine in ("keras", "sparse")]
runs = rx.sweep(specs, store={str(tmp_path / "runs.sqlite")!r})
print(*runs.status, *runs.engine, "tensorflow" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.stdout.split() == ["done"] * 4 + ["keras", "sparse"] * 2 + ["False"], done.stderr
    assert "tensorflow" not in done.stderr.lower()
    stored = rx.RunStore(tmp_path / "runs.sqlite").to_frame().set_index(["engine", "seed"]).test_loss
    for seed in (0, 1):
        assert stored["keras", seed] == pytest.approx(stored["sparse", seed], rel=0.02)


def test_a_process_that_is_killed_fails_its_own_run_only():
    (spec,) = specs_of(1, engine="keras", epochs=500)
    pool = workers.LocalPool(1)
    job = sweeps._job(spec, rx.load_dataset("mnist").sha256)
    future = pool.submit(job)
    while not pool._helpers:
        time.sleep(0.05)
    os.kill(pool._helpers[0]._process.pid, signal.SIGKILL)
    failed = pool.collect(job, future)
    assert (failed.status, failed.is_final) == ("failed", False)
    assert "was killed by signal 9" in failed.reason
    short = sweeps._job(specs_of(1, engine="keras", batch_size=5000)[0], job.dataset_sha256)
    assert pool.collect(short, pool.submit(short)).status == "done"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pool.close(drop=False)


def test_stored_runs_are_found_without_their_data(tmp_path, monkeypatch):
    trained = rx.sweep(specs_of(2), store=tmp_path / "runs.sqlite")

    def missing(name):
        raise DatasetError(f"{name} is missing")

    monkeypatch.setattr(sweeps, "load_dataset", missing)
    same(rx.sweep(specs_of(2), store=tmp_path / "runs.sqlite"), trained)
    with pytest.raises(DatasetError, match="mnist is missing"):
        rx.sweep(specs_of(3), store=tmp_path / "runs.sqlite")
