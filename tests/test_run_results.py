"""`make results` publishes what it trains, and says how new numbers differ from published ones."""

from functools import partial

import pandas as pd
import pytest

import radixnet as rx
import run_results
from companion import experiments, retraining
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


def test_the_command_trains_every_figure_keeps_its_runs_and_publishes_them(tmp_path, monkeypatch):
    """Of small networks; that a sweep goes on after it was killed is `test_sweep`'s matter."""
    family = rx.fig8_family(11, 0.9, TINY)
    for name, small in {
        "fig4": partial(experiments.fig4, 2, TINY, epochs=1, batch_size=500),
        "fig5_topologies": partial(experiments.fig5_topologies, 2, TINY, 1),
        "fig5": partial(experiments.fig5, seeds=[0]),
        "fig8": partial(experiments.fig8, family[:2], epochs=1),
        "fig8_longer": partial(experiments.fig8_longer, epochs=2),
        "fig9": partial(experiments.fig9, family[:1], [1000], epochs=1, engine="sparse"),
    }.items():
        monkeypatch.setattr(experiments, name, small)
    monkeypatch.setattr(run_results, "STORE", tmp_path / "results.sqlite")
    monkeypatch.setattr(run_results, "RESULTS", tmp_path)
    monkeypatch.setattr("sys.argv", ["run_results.py", "--publish"])
    assert run_results.main() == 0
    table = read_runs(tmp_path / "runs.csv.gz")
    kept = rx.RunStore(tmp_path / "results.sqlite").to_frame()
    assert set(table["identity"]) == set(kept["identity"])
    assert set(table[FIGURE]) == {"fig04", "fig05", "fig08", "fig09"}
