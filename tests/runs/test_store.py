"""A store keeps runs whole, gives them back exactly, and says what is wrong with a file."""

import dataclasses
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import radixnet as rx
from radixnet.runs import records, store
from radixnet.runs.records import StoredRun
from radixnet.training import CURVES, RunResult

TOPOLOGY = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)


def spec_of(seed, **settings):
    return rx.RunSpec(TOPOLOGY, seed=seed, **settings)


def run_of(seed, **curves):
    """Return a good run of three epochs, with numbers that have many digits."""
    spec = spec_of(seed)
    random = np.random.default_rng(seed)
    result = RunResult(
        spec,
        **{name: random.random(3) for name in CURVES} | curves,
        seconds=0.25,
        provenance={"engine": "sparse", "machine": "a"},
    )
    return StoredRun.from_result(spec.identity("d" * 64, "sparse-1"), result)


def error_of(seed, reason="MemoryError: "):
    spec = spec_of(seed)
    return StoredRun.from_error(spec.identity("d" * 64, "sparse-1"), spec, reason)


@pytest.fixture
def full_store(tmp_path):
    kept = rx.RunStore(tmp_path / "runs.sqlite")
    for seed in range(20):
        kept.put(run_of(seed))
    return kept


def assert_refused(path, *parts):
    """Check that a store cannot be opened, that the error says why, and that no byte changes."""
    before = path.read_bytes()
    with pytest.raises(rx.StoreError) as caught:
        rx.RunStore(path)
    for part in (str(path), *parts):
        assert part in str(caught.value)
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == [path]


# -- what is kept --------------------------------------------------------------------------------


def test_runs_come_back_bit_for_bit(full_store):
    runs = [run_of(seed) for seed in range(20)]
    assert full_store.get([run.identity for run in runs]) == {run.identity: run for run in runs}
    assert len(full_store) == 20
    assert full_store.get(["unknown"]) == {}
    assert full_store.get(run.identity for run in [*runs] * 30) == full_store.get(
        [run.identity for run in runs]
    )


def test_numbers_that_json_does_not_have_come_back(tmp_path):
    kept = rx.RunStore(tmp_path / "runs.sqlite")
    run = run_of(1, train_loss=[0.5, np.inf, -np.inf], test_loss=[np.nan, 1e-320, 0.1 + 0.2])
    kept.put(run)
    curves = kept.get([run.identity])[run.identity].curves
    np.testing.assert_array_equal(curves["train_loss"], [0.5, np.inf, -np.inf])
    np.testing.assert_array_equal(curves["test_loss"], [np.nan, 1e-320, 0.1 + 0.2])


def test_a_diverged_run_says_where_and_is_final(tmp_path):
    kept = rx.RunStore(tmp_path / "runs.sqlite")
    run = run_of(1, train_loss=[0.5, np.nan, np.nan])
    assert (run.status, run.reason, run.is_final) == (
        "failed",
        "diverged: train_loss is nan after epoch 2",
        True,
    )
    kept.put(run)
    kept.put(run_of(1))
    assert kept.get([run.identity])[run.identity].status == "failed"


def test_only_a_run_that_raised_an_error_is_replaced(tmp_path):
    kept = rx.RunStore(tmp_path / "runs.sqlite")
    kept.put(error_of(1))
    kept.put(error_of(1, "KilledWorker"))
    good = run_of(1)
    assert kept.get([good.identity])[good.identity] == error_of(1, "KilledWorker")
    kept.put(good)
    kept.put(error_of(1))
    assert kept.get([good.identity])[good.identity] == good
    assert len(kept) == 1


def test_pandas_reads_the_file_in_one_line(full_store):
    with sqlite3.connect(full_store.path) as connection:
        frame = pd.read_sql("select * from runs", connection)
    connection.close()
    assert list(frame.seed) == list(range(20))
    assert set(frame.radix_lists) == {"[[10, 10], [10]]"}
    for run, text, final in zip(
        map(run_of, range(20)), frame.test_accuracy_curve, frame.test_accuracy, strict=True
    ):
        assert tuple(json.loads(text)) == run.curves["test_accuracy"]
        assert final == run.curves["test_accuracy"][-1]


def test_to_frame_has_a_row_per_run_in_the_order_of_storing(full_store):
    full_store.put(error_of(99, "MemoryError: no room"))
    frame = full_store.to_frame()
    assert list(frame.seed) == [*range(20), 99]
    assert frame.status.value_counts().to_dict() == {"done": 20, "failed": 1}
    assert frame.reason.iloc[-1] == "MemoryError: no room"
    assert frame.train_loss_curve[3] == run_of(3).curves["train_loss"]
    assert frame.use_bias.dtype == bool
    assert frame.provenance_machine[0] == "a"


def test_sparsity_and_connections_are_those_of_the_topology_and_of_masks_alike():
    by_lists, by_masks = (
        records.describe(rx.RunSpec(TOPOLOGY)),
        records.describe(rx.RunSpec(TOPOLOGY.masks)),
    )
    assert by_lists["connections"] == by_masks["connections"] == 26_620
    assert by_lists["sparsity"] == by_masks["sparsity"] == pytest.approx(0.9)
    assert (by_lists["radix_lists"], by_masks["radix_lists"]) == ("[[10, 10], [10]]", None)
    assert by_lists["layer_sizes"] == by_masks["layer_sizes"] == "784-300-100-10"


def test_a_setting_added_later_gets_a_column_with_its_default(full_store, monkeypatch):
    old, new = run_of(1), run_of(77)
    monkeypatch.setitem(records.SETTINGS, "warm_up", 5)
    monkeypatch.setitem(records.SETTINGS, "pruning", None)
    kept = rx.RunStore(full_store.path)
    kept.put(
        dataclasses.replace(new, description={**new.description, "warm_up": 9, "pruning": "low"})
    )
    found = kept.get([old.identity, new.identity])
    assert (
        found[old.identity].description["warm_up"],
        found[new.identity].description["warm_up"],
    ) == (5, 9)
    assert found[old.identity].curves == old.curves
    monkeypatch.undo()
    full_store.put(run_of(78))  # by a package that does not know the setting yet
    assert len(rx.RunStore(full_store.path)) == 22


def test_a_store_from_before_topologies_could_be_fitted_otherwise_is_read_with_the_defaults(
    tmp_path, monkeypatch
):
    """Its runs were trimmed, or of other masks, of which nothing of the kind can be said."""
    path, masks = tmp_path / "runs.sqlite", [np.ones((784, 10), dtype=bool)]
    specs = rx.RunSpec(TOPOLOGY), rx.RunSpec(masks)
    added = {"dense_output": False, "initializer": "normal", "positive_output": False}
    with monkeypatch.context() as before:
        for module in (
            records,
            store,
        ):  # as copies: a key that is taken out and put back would stand last from then on
            for group in ("FITTING", "SETTINGS"):
                known = {
                    name: default
                    for name, default in getattr(records, group).items()
                    if name not in added
                }
                before.setattr(module, group, known)
        older = rx.RunStore(path)
        for number, spec in enumerate(specs):
            older.put(dataclasses.replace(run_of(number), description=records.describe(spec)))
        assert not set(added) & set(older.to_frame().columns)
    table = rx.RunStore(path).to_frame()
    assert table[list(added)].astype(object).to_dict("records") == [
        added,
        added | {"dense_output": None},
    ]
    described = [records.describe(spec) for spec in specs]
    assert [{name: row[name] for name in added} for row in described] == [
        added,
        added | {"dense_output": None},
    ]


def test_how_a_network_was_fitted_and_trained_comes_back_from_the_store(tmp_path):
    store = rx.RunStore(tmp_path / "runs.sqlite")
    spec = rx.RunSpec(
        dataclasses.replace(TOPOLOGY, fit="fold", dense_output=True),
        initializer="fan_in",
        positive_output=True,
        optimizer="sgd",
        momentum=0.9,
        weight_decay=0.01,
        schedule="cosine",
    )
    store.put(dataclasses.replace(run_of(1), description=records.describe(spec)))
    (row,) = store.to_frame().to_dict("records")
    assert (row["fit"], row["initializer"]) == ("fold", "fan_in")
    assert row["dense_output"] is True
    assert row["positive_output"] is True
    assert row["connections"] == sum(spec.network.connection_counts)
    assert rx.spec_of(row) == spec


# -- files that cannot be used -------------------------------------------------------------------


def test_a_truncated_store_is_refused_at_every_length(full_store):
    path = full_store.path
    content = path.read_bytes()
    pages = range(4096, len(content), 4096)
    lengths = {1, 16, 100, 511, 512, 1000, len(content) - 1}
    lengths.update(page + offset for page in pages for offset in (-1, 0, 7))
    for length in sorted(lengths):
        path.write_bytes(content[:length])
        assert_refused(path, f"({length:,} bytes)", "estore a copy")
    path.write_bytes(content)
    assert len(rx.RunStore(path)) == 20


def test_a_store_with_an_overwritten_page_is_refused(full_store):
    path = full_store.path
    content = path.read_bytes()
    noise = np.random.default_rng(1).bytes(4096)
    for start in range(0, len(content), 4096):
        path.write_bytes(content[:start] + noise + content[start + 4096 :])
        try:
            rx.RunStore(path).to_frame()
        except rx.StoreError as error:
            assert str(path) in str(error)  # noqa: PT017 (a page that is free holds nothing that could be damaged)
        else:
            pytest.fail(f"page at byte {start} was overwritten and nobody noticed")
        assert path.read_bytes() == content[:start] + noise + content[start + 4096 :]


@pytest.mark.parametrize(
    "content", [b"some text", b"\0" * 8192, bytes(range(256)) * 40], ids=["text", "zeros", "noise"]
)
def test_garbage_is_refused(tmp_path, content):
    path = tmp_path / "runs.sqlite"
    path.write_bytes(content)
    assert_refused(path, "damaged or not a SQLite file")


def test_a_sqlite_file_of_another_program_is_refused(tmp_path):
    path = tmp_path / "runs.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (identity TEXT)")
    connection.close()
    assert_refused(path, "another program", "name another file")


def test_a_store_of_a_newer_version_is_refused(full_store):
    connection = sqlite3.connect(full_store.path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    assert_refused(full_store.path, "newer radixnet", "update radixnet")


def test_a_folder_and_a_missing_folder_are_refused(tmp_path):
    with pytest.raises(rx.StoreError, match=r"is a folder; name a file in it"):
        rx.RunStore(tmp_path)
    with pytest.raises(rx.StoreError, match=r"the folder .*nowhere does not exist; make it"):
        rx.RunStore(tmp_path / "nowhere" / "runs.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["", ":memory:", "file:a?mode=ro", "file::memory:?cache=shared", "sqlite:///a", "nul\0"],
)
@pytest.mark.parametrize("kind", [str, Path])
def test_what_only_sqlite_takes_for_a_path_is_refused(tmp_path, monkeypatch, name, kind):
    """Nothing would be kept, or in a file of that odd name."""
    monkeypatch.chdir(tmp_path)
    for path in (kind(name), tmp_path / ":memory:"):  # as `make figure` makes every path absolute
        with pytest.raises(
            rx.StoreError, match=r"is not the path of a file; give one.* store=None"
        ):
            rx.sweep([spec_of(1)], store=path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["two words", "q?mode=ro&cache=shared", "h#x", "p%41%2F", "ünï 漢字", "a'b\"c", "a\nb"],
)
def test_a_name_means_the_file_of_that_name(tmp_path, name):
    """Some characters mean something else in the addresses that SQLite reads."""
    kept = rx.RunStore(tmp_path / name)
    kept.put(run_of(1))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert len(rx.RunStore(str(tmp_path / name))) == 1


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert rx.RunStore("~/runs.sqlite").path == tmp_path / "runs.sqlite"
    with pytest.raises(rx.StoreError, match="without ~"):
        rx.RunStore("~no-such-user-anywhere/runs.sqlite")


def test_a_link_to_a_missing_folder_is_an_error_that_names_both_ends(tmp_path):
    link = tmp_path / "runs.sqlite"
    link.symlink_to(tmp_path / "gone" / "target.sqlite")
    both = rf"{re.escape(str(link))} is a link to .*target\.sqlite.*make it"
    with pytest.raises(rx.StoreError, match=both):
        rx.RunStore(link)
    (tmp_path / "gone").mkdir()  # as it says
    rx.RunStore(link).put(run_of(1))
    assert link.is_symlink()
    assert len(rx.RunStore(tmp_path / "gone" / "target.sqlite")) == 1
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(rx.StoreError, match=r"loop cannot be (used|opened)"):
        rx.RunStore(loop)


def test_a_device_is_refused():
    with pytest.raises(rx.StoreError, match="/dev/null is a device"):
        rx.RunStore("/dev/null")


def test_a_damaged_curve_names_the_run(full_store):
    connection = sqlite3.connect(full_store.path)
    with connection:
        connection.execute("UPDATE runs SET test_loss_curve = '[0.1, 0.' WHERE seed = 3")
    connection.close()
    with pytest.raises(rx.StoreError, match=run_of(3).identity):
        full_store.to_frame()


def test_a_store_that_is_gone_is_not_begun_anew_by_a_write(full_store):
    full_store.path.unlink()
    with pytest.raises(rx.StoreError, match=r"cannot be opened"):
        full_store.put(run_of(1))
    assert not full_store.path.exists()


# -- files that others use -----------------------------------------------------------------------


def test_a_locked_store_is_a_clear_error_and_goes_on_afterwards(full_store, monkeypatch):
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.1)
    before = full_store.path.read_bytes()
    other = sqlite3.connect(full_store.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for use in (
        lambda: full_store.put(run_of(50)),
        lambda: rx.RunStore(full_store.path),
        full_store.to_frame,
    ):
        with pytest.raises(
            rx.StoreError, match=r"runs.sqlite is locked: another program .* Close the program"
        ):
            use()
    other.execute("ROLLBACK")
    other.close()
    assert full_store.path.read_bytes() == before
    full_store.put(run_of(50))
    assert len(full_store) == 21


def test_a_write_waits_for_another_process_to_finish_its_own(full_store):
    script = f"""
import sqlite3, time
connection = sqlite3.connect({str(full_store.path)!r}, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(0.5)
connection.execute("COMMIT")
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as other:
        assert other.stdout.readline() == "locked\n"
        full_store.put(run_of(50))
    assert len(full_store) == 21


READ_ONLY_USE = """
import os, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
import pandas, sqlite3
import radixnet as rx
from test_store import run_of
import radixnet.runs.workers
kept_class, error_class, _ = rx.RunStore, rx.StoreError, run_of(0)
sweep, specs = rx.sweep, [rx.RunSpec(rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100))]
radixnet.runs.workers.train = lambda *_, **__: print("trained")
if os.geteuid() == 0:  # everything is imported; from here on an ordinary user
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
path = Path({path!r})
kept = rx.RunStore(path)
print(len(kept.to_frame()))
for use in (
    lambda: kept.put(run_of(50)),
    lambda: rx.RunStore(path.with_name("new.sqlite")),
    lambda: sweep(specs, store=path),
):
    try:
        use()
    except rx.StoreError as error:
        print(error)
"""


@pytest.mark.parametrize("mode", [0o444, 0o666], ids=["file and folder", "folder"])
def test_a_store_that_may_only_be_read_is_read_and_says_so_before_training(full_store, mode):
    """As an ordinary user, since root may write everywhere.

    A store whose folder may only be read cannot be written either: SQLite keeps a journal there.
    """
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "runs.sqlite"
        shutil.copy(full_store.path, path)
        path.chmod(mode)
        folder.chmod(0o555)
        before = path.read_bytes()
        script = READ_ONLY_USE.format(tests=str(Path(__file__).parent), path=str(path))
        environment = {**os.environ, "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        rows, when_written, when_begun, when_swept = done.stdout.splitlines()
        assert rows == "20"
        assert when_swept == when_written
        assert f"{path} cannot be opened for writing" in when_written
        assert "new.sqlite cannot be opened for writing" in when_begun
        assert path.read_bytes() == before
        assert list(folder.iterdir()) == [path]
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_store_of_an_earlier_version_that_may_only_be_read_is_read(full_store, monkeypatch):
    """Columns cannot be added, and need not be: its runs had their first defaults."""
    before = full_store.to_frame()
    with closing(sqlite3.connect(full_store.path)) as connection, connection:
        for name in ("positive_output", "dense_output", "test_classes", "test_classes_curve"):
            connection.execute(f"ALTER TABLE runs DROP COLUMN {name}")
    content = full_store.path.read_bytes()
    connect = sqlite3.connect

    def connect_to_read(address, **settings):
        return connect(re.sub("mode=rwc?", "mode=ro", address), **settings)

    monkeypatch.setattr(sqlite3, "connect", connect_to_read)
    older = rx.RunStore(full_store.path)
    lost = ["test_classes", "test_classes_curve"]
    pd.testing.assert_frame_equal(older.to_frame().drop(columns=lost), before.drop(columns=lost))
    assert older.to_frame()["test_classes"].isna().all()
    assert not older.get([run_of(0).identity])[run_of(0).identity].is_final
    with pytest.raises(rx.StoreError, match="cannot be opened for writing"):
        older.require_writable()
    assert full_store.path.read_bytes() == content
    monkeypatch.undo()
    newer = rx.RunStore(full_store.path)  # which may be written gets the columns
    newer.put(run_of(0))
    assert newer.get([run_of(0).identity])[run_of(0).identity] == run_of(0)


def fill_until_refused(kept):
    """Put runs until there is no room; return the error, how many are kept, and the file before."""
    for seed in range(10_000):
        content = kept.path.read_bytes()
        try:
            kept.put(run_of(seed))
        except rx.StoreError as error:
            return str(error), seed, content
    raise AssertionError("the store never filled up")


def test_a_full_disk_is_a_clear_error_and_costs_no_run(tmp_path, monkeypatch):
    connect = sqlite3.connect

    def connect_to_a_disk_of(pages):
        def connect_to_a_small_disk(*arguments, **settings):
            connection = connect(*arguments, **settings)
            connection.execute(f"PRAGMA max_page_count = {pages}")
            return connection

        return connect_to_a_small_disk

    kept = rx.RunStore(tmp_path / "runs.sqlite")
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect_to_a_disk_of(30))
        error, count, content = fill_until_refused(kept)
        patch.setattr(sqlite3, "connect", connect_to_a_disk_of(1))
        with pytest.raises(rx.StoreError, match=r"new.sqlite.* full"):
            rx.RunStore(tmp_path / "new.sqlite")
    assert "the disk is full" in error
    assert "Free some space" in error
    assert count > 10
    assert kept.path.read_bytes() == content
    assert len(kept) == count
    kept.put(run_of(count))
    assert len(kept) == count + 1
    assert len(rx.RunStore(tmp_path / "new.sqlite")) == 0


def test_processes_that_begin_the_same_store_at_once_share_it(tmp_path, begin):
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_store import run_of
import radixnet as rx
print("ready", flush=True)
sys.stdin.readline()
kept = rx.RunStore({str(tmp_path / "runs.sqlite")!r})
for seed in range(30): kept.put(run_of(100 * int(sys.argv[1]) + seed // 2))
"""
    talking = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    others = [begin([sys.executable, "-c", script, str(number)], **talking) for number in range(3)]
    assert [other.stdout.readline() for other in others] == ["ready\n"] * 3
    for other in others:
        other.stdin.write("go\n")
        other.stdin.flush()
    assert [other.wait() for other in others] == [0, 0, 0]
    assert sorted(rx.RunStore(tmp_path / "runs.sqlite").to_frame().seed) == [
        100 * n + seed for n in range(3) for seed in range(15)
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["runs.sqlite"]
