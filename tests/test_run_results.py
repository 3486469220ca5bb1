"""`make results` can be killed and goes on, and says how new numbers differ from published ones."""

import signal
import subprocess
import sys

import pandas as pd
import pytest

import radixnet as rx
from companion import experiments, retraining
from companion.places import ROOT
from companion.publication import FIGURE, read_runs, write_runs

TINY = (784, 30, 20, 10)


@pytest.fixture(scope="module")
def runs():
    specs = experiments.fig4(2, TINY, epochs=2, batch_size=5000)
    found = rx.sweep(specs)
    found.insert(0, FIGURE, "fig04")
    return found


def test_equal_runs_are_said_to_be_equal(runs):
    (line,) = retraining.differences(runs, runs)
    count = len(runs)
    assert line.startswith(
        f"fig04: {count} runs in both; {count} equal to the last bit; "
        "test accuracy differs by 0.0000 on average"
    )


def test_what_differs_is_said_with_the_run_that_differs_most(runs):
    other = runs.copy()
    other.loc[0, "test_accuracy"] += 0.25
    other["test_loss_curve"] = [(1.0, 2.0), *other["test_loss_curve"][1:]]
    (line,) = retraining.differences(other, runs)
    assert f"{len(runs) - 1} equal to the last bit" in line
    assert (
        f"{0.25 / len(runs):.4f} on average, 0.2500 at most "
        f"({runs['radix_lists'][0]}, seed 1000, 2 epochs)" in line
    )


def test_runs_that_are_published_with_fewer_digits_are_compared_with_so_many(runs, tmp_path):
    """As a curve that was rounded once and one that is rounded twice."""
    write_runs(runs, tmp_path / "rounded.csv.gz", 5)
    published = read_runs(tmp_path / "rounded.csv.gz")
    (line,) = retraining.differences(runs, published, 5)
    assert f"{len(runs)} equal to 5 decimals" in line
    moved = runs.assign(
        test_loss_curve=[(first + 1e-4, *rest) for first, *rest in runs["test_loss_curve"]]
    )
    (line,) = retraining.differences(moved, published, 5)
    assert " 0 equal to 5 decimals" in line


def test_runs_of_one_side_only_are_counted(runs):
    lines = retraining.differences(
        runs.iloc[1:], pd.concat([runs.iloc[:-2], runs.assign(figure="fig05")])
    )
    assert lines[0].startswith(
        f"fig04: {len(runs) - 3} runs in both, 2 only new, 1 only published; "
    )
    assert lines[1] == f"fig05: 0 runs in both, 0 only new, {len(runs)} only published"


PROGRAM = """
import os, signal, sys
import radixnet as rx
import run_results
from companion import experiments
from pathlib import Path

run_results.STORE = Path(sys.argv[1])
run_results.RESULTS = Path(sys.argv[2]).parent
tiny = (784, 30, 20, 10)
family = rx.fig8_family(11, 0.9, tiny)
experiments.fig4 = lambda original=experiments.fig4: original(2, tiny, epochs=4, batch_size=500)
experiments.fig5_topologies = lambda original=experiments.fig5_topologies: original(2, tiny, 1)
experiments.fig8 = lambda original=experiments.fig8: original(family[:3])
fig9 = experiments.fig9
experiments.fig9 = lambda: fig9(family[:1], [1000], epochs=1, engine="sparse")
if sys.argv[3:]:
    put = rx.RunStore.put

    def put_three(store, run):
        put(store, run)
        if len(store) == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    rx.RunStore.put = put_three
sys.argv = ["run_results.py", "--publish"]
sys.exit(run_results.main())
"""


@pytest.mark.deep  # test_sweep kills a sweep every day, at any moment
def test_killed_it_goes_on_where_it_was(tmp_path):
    store, published = tmp_path / "results.sqlite", tmp_path / "runs.csv.gz"
    command = [sys.executable, "-c", PROGRAM, str(store), str(published)]
    scripts = ROOT / "scripts"
    killed = subprocess.run(
        [*command, "after three"], cwd=scripts, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    kept = rx.RunStore(store).to_frame()
    assert len(kept) == 3
    assert not published.exists()
    done = subprocess.run(
        command, cwd=scripts, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    finished = rx.RunStore(store).to_frame()
    pd.testing.assert_frame_equal(finished.iloc[: len(kept)], kept)  # nothing was trained twice
    table = read_runs(published)
    assert set(table["identity"]) == set(finished["identity"])
    assert set(table[FIGURE]) == {"fig04", "fig05", "fig08", "fig09"}
