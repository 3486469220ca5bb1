"""Every notebook executes at a small scale with an empty store.

Training works, not only the reading of what is published.
"""

import dataclasses

import pytest
from small_scale import SMALL, execute_all

import radixnet as rx
from companion.notebooks.sources import notebook_names

TRAINED = ("fig04", "fig05", "fig08", "fig09", "predict", "repair")
"""Notebooks that sweep, and so must leave runs in an empty store."""


NAMES = [name for name in notebook_names() if name != "evidence"]
"""That one trains nothing: the book executes it, and `make deep` with other parameters."""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Execute the notebooks; return what failed in each, and the folder of their stores."""
    folder = tmp_path_factory.mktemp("stores")
    return execute_all({name: (name, SMALL[name]) for name in NAMES}, folder), folder


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_trains_what_it_needs(executed, name):
    errors, folder = executed
    assert errors[name] == ""
    if name.startswith(TRAINED):
        runs = rx.RunStore(folder / f"{name}.sqlite").to_frame()
        assert len(runs) > 0
        assert (runs["status"] == "done").all()


def test_a_single_failed_run_stops_a_notebook_with_its_reason(executed, tmp_path):
    _, folder = executed
    jobs = {name: (name, SMALL[name]) for name in notebook_names() if name.startswith(TRAINED)}
    for name in jobs:
        known = rx.RunStore(folder / f"{name}.sqlite")
        first, *others = known.get(known.to_frame()["identity"]).values()
        spoiled = rx.RunStore(tmp_path / f"{name}.sqlite")
        for run in (
            dataclasses.replace(first, status="failed", reason="diverged on purpose"),
            *others,
        ):
            spoiled.put(run)
    ends = {
        name: error.strip().splitlines()[-2:] for name, error in execute_all(jobs, tmp_path).items()
    }
    assert {
        name
        for name, end in ends.items()
        if "1 of" not in str(end) or "diverged on purpose" not in str(end)
    } == set()
