"""Published runs come back as written, open in one line of pandas, and are used first."""

import dataclasses
import gzip
import math
import os
import re
import subprocess
import sys
import warnings

import pandas as pd
import pytest

import radixnet as rx
from companion import publication, published, published_runs, working_store
from companion.publication import WorkingStore, read_runs, write_runs
from radixnet import training
from radixnet.training import CURVES

TOPOLOGY = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
SPECS = [rx.RunSpec(TOPOLOGY, seed=seed, epochs=1, batch_size=5000) for seed in range(3)]


@pytest.fixture(scope="module")
def runs():
    return rx.sweep(SPECS)


@pytest.fixture(scope="module")
def written(runs, tmp_path_factory):
    path = tmp_path_factory.mktemp("published") / "runs.csv.gz"
    write_runs(runs.assign(figure="fig99"), path)
    return path


@pytest.fixture
def untrainable(monkeypatch):
    """Make any training fail, so that a test that passes has trained nothing."""

    def refuse(*_, **__):
        raise AssertionError("something was trained")

    monkeypatch.setattr("radixnet.runs.workers.train", refuse)


def test_a_table_comes_back_with_every_bit(runs, written):
    pd.testing.assert_frame_equal(read_runs(written).drop(columns="figure"), runs)


def test_a_table_from_before_a_setting_existed_has_its_default(runs, tmp_path):
    """A network could only be trimmed, and weights only start as the paper's.

    Of other masks nothing is said.
    """
    older = runs.drop(columns=["dense_output", "initializer", "positive_output"])
    write_runs(older, tmp_path / "older.csv.gz")
    table = read_runs(tmp_path / "older.csv.gz")
    assert list(table.columns) == list(runs.columns)
    assert table[
        ["dense_output", "initializer", "positive_output"]
    ].drop_duplicates().to_numpy().tolist() == [[False, "normal", False]]
    masks = older.assign(radix_lists=None, fit=None)
    write_runs(masks, tmp_path / "masks.csv.gz")
    assert read_runs(tmp_path / "masks.csv.gz")["dense_output"].tolist() == [None] * len(runs)


def test_one_line_of_pandas_opens_it(runs, written):
    table = pd.read_csv(written)
    assert table["test_accuracy"].tolist() == pytest.approx(
        runs["test_accuracy"].tolist(), abs=0, rel=1e-15
    )
    for column in (
        "radix_lists",
        "engine",
        "seconds",
        "provenance_dataset_sha256",
        "provenance_machine",
        "provenance_radixnet",
    ):
        assert table[column].notna().all()


def test_the_same_table_gives_the_same_bytes(runs, written, tmp_path):
    write_runs(runs.assign(figure="fig99"), tmp_path / "other name.csv.gz")
    assert (tmp_path / "other name.csv.gz").read_bytes() == written.read_bytes()


def test_nothing_but_the_file_is_left_behind(written):
    assert [path.name for path in written.parent.iterdir()] == ["runs.csv.gz"]


def test_a_failed_run_keeps_its_reason_and_what_it_reached(runs, tmp_path):
    failed = runs.assign(status="failed", reason="diverged: train_loss is nan after epoch 1")
    failed["train_loss_curve"] = [(math.nan,), (math.inf,), (1.5,)]
    write_runs(failed, tmp_path / "runs.csv.gz")
    back = read_runs(tmp_path / "runs.csv.gz")
    assert back["reason"].tolist() == failed["reason"].tolist()
    assert math.isnan(back["train_loss_curve"][0][0])
    assert back["train_loss_curve"].tolist()[1:] == [(math.inf,), (1.5,)]


def test_a_file_that_holds_no_runs_is_refused(tmp_path):
    path = tmp_path / "other.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(
        ValueError,
        match=r"other\.csv\.gz is no table of runs: it lacks the columns identity, train_loss",
    ):
        read_runs(path)


@pytest.mark.usefixtures("untrainable")
def test_a_published_run_is_not_trained_again(runs, written, tmp_path):
    store = WorkingStore(tmp_path / "runs.sqlite", [written])
    pd.testing.assert_frame_equal(rx.sweep(SPECS, store=store), runs)
    assert len(store) == 0  # published runs are read, never copied


def test_only_what_is_not_published_is_trained(runs, written, tmp_path):
    store = WorkingStore(tmp_path / "runs.sqlite", [written])
    new = rx.RunSpec(TOPOLOGY, seed=77, epochs=1, batch_size=5000)
    found = rx.sweep([*SPECS, new], store=store)
    assert len(store) == 1
    pd.testing.assert_frame_equal(found.iloc[:3], runs)
    assert found["test_accuracy"].iloc[3] == training.train(new).test_accuracy[-1]


def test_a_run_that_an_earlier_version_kept_is_taken_from_the_published_ones(
    runs, written, tmp_path
):
    store = WorkingStore(tmp_path / "runs.sqlite", [written])
    before = store.get(runs["identity"])
    for run in before.values():
        store.put(dataclasses.replace(run, curves={name: run.curves[name] for name in CURVES[:-1]}))
    assert store.get(runs["identity"]) == before


def test_a_run_of_another_engine_version_is_trained_again(written, tmp_path, monkeypatch):
    monkeypatch.setitem(training.ENGINE_VERSIONS, "sparse", "sparse-next")
    store = WorkingStore(tmp_path / "runs.sqlite", [written])
    rx.sweep(SPECS[:1], store=store)
    assert len(store) == 1


def test_a_store_of_the_users_choice_knows_no_published_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("RADIXNET_STORE", str(tmp_path / "mine.sqlite"))
    store = working_store()
    assert store.path == tmp_path / "mine.sqlite"
    assert not isinstance(store, WorkingStore)


def test_without_the_repository_the_store_is_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setattr("companion.places.ROOT", tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("RADIXNET_STORE", raising=False)
    assert working_store().path == tmp_path / "cache" / "radixnet" / "runs.sqlite"


@pytest.fixture
def read_only_checkout(tmp_path, monkeypatch):
    """Make it a checkout in which nobody can write, not even root; return a folder of the user."""
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    checkout.mkdir()
    home.mkdir()
    (checkout / "_toc.yml").touch()
    (checkout / "_build").write_text("a file where a folder should be", encoding="utf-8")
    (checkout / "book").symlink_to(published(publication.RUNS).parents[1])
    monkeypatch.setattr("companion.places.ROOT", checkout)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.delenv("RADIXNET_STORE", raising=False)
    return home


def assert_finds_published_runs_and_keeps_new_ones(store):
    published = published_runs("fig04").head(2)
    assert len(store.get(published["identity"])) == 2
    new = rx.sweep(SPECS[:1], store=store)["identity"]
    assert len(working_store().get(new)) == 1


def test_in_a_checkout_that_may_only_be_read_runs_are_kept_by_the_user(read_only_checkout):
    store = working_store()
    assert store.path == read_only_checkout / "radixnet" / "runs.sqlite"
    assert_finds_published_runs_and_keeps_new_ones(store)


def test_a_store_of_the_checkout_that_may_only_be_read_is_left(read_only_checkout, monkeypatch):
    checkout = read_only_checkout.with_name("checkout")
    (checkout / "_build").unlink()
    store = working_store()
    assert store.path == checkout / "_build" / "runs.sqlite"
    monkeypatch.setattr("os.access", lambda path, _: path != store.path)
    assert working_store().path == read_only_checkout / "radixnet" / "runs.sqlite"


def test_where_nothing_can_be_written_a_warning_says_what_to_do(read_only_checkout, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(read_only_checkout / "file"))
    (read_only_checkout / "file").touch()
    advice = r"lost when Python ends.*XDG_CACHE_HOME.*RADIXNET_STORE"
    with pytest.warns(RuntimeWarning, match=advice) as caught:  # noqa: PT031 (at each call)
        store = working_store()
        assert_finds_published_runs_and_keeps_new_ones(store)
    assert caught[0].filename == __file__
    monkeypatch.setenv("XDG_CACHE_HOME", str(read_only_checkout / "another"))  # as it says
    with warnings.catch_warnings(action="error"):
        assert_finds_published_runs_and_keeps_new_ones(working_store())


def test_runs_that_cannot_be_kept_leave_no_file_behind(tmp_path):
    script = """
import os, pathlib, warnings
warnings.simplefilter("ignore")
from companion import places, working_store
places.ROOT = pathlib.Path(os.environ["XDG_CACHE_HOME"])
print(working_store().path)
"""
    (tmp_path / "file").touch()
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "file"), "TMPDIR": str(tmp_path)}
    environment.pop("RADIXNET_STORE", None)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout.startswith(str(tmp_path / "radixnet-"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_any_place_for_files_the_error_says_what_to_do(read_only_checkout, monkeypatch):
    def no_place(**_):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setenv("XDG_CACHE_HOME", str(read_only_checkout / "file"))
    (read_only_checkout / "file").touch()
    publication._temporary_folder.cache_clear()
    monkeypatch.setattr("tempfile.mkdtemp", no_place)
    with pytest.raises(rx.StoreError, match=r"No usable temporary.*XDG_CACHE_HOME.*RADIXNET_STORE"):
        working_store()


def test_a_damaged_store_of_notebooks_is_an_error_and_not_passed_over(read_only_checkout):
    path = read_only_checkout / "radixnet" / "runs.sqlite"
    path.parent.mkdir()
    path.write_text("no store", encoding="utf-8")
    with pytest.raises(rx.StoreError, match=re.escape(f"{path} is damaged")):
        working_store()


def test_a_result_that_is_not_published_names_those_that_are():
    those = r"'runs\.csv' is no published result; choose.*'runs\.csv\.gz'"
    with pytest.raises(FileNotFoundError, match=those):
        published("runs.csv")


def test_without_the_repository_published_results_say_how_to_have_them(tmp_path, monkeypatch):
    monkeypatch.setattr("companion.places.ROOT", tmp_path)
    with pytest.raises(FileNotFoundError, match="install radixnet from a checkout"):
        published_runs("fig04")


def test_an_unknown_figure_is_refused():
    with pytest.raises(
        ValueError,
        match=r"no published runs belong to figure 'fig02'; choose one of 'fig04', 'fig05'",
    ):
        published_runs("fig02")


def test_rounding_touches_what_was_measured_and_nothing_else(runs, tmp_path):
    write_runs(runs, tmp_path / "rounded.csv.gz", decimals=3)
    back = read_runs(tmp_path / "rounded.csv.gz")
    for name in CURVES:
        assert back[name].tolist() == runs[name].round(3).tolist()
        assert [curve[0] for curve in back[f"{name}_curve"]] == [
            round(curve[0], 3) for curve in runs[f"{name}_curve"]
        ]
    for name in ("sparsity", "learning_rate", "identity"):
        assert back[name].tolist() == runs[name].tolist()
