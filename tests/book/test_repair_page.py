"""*Repair* agrees with the published runs, counted one by one, and with wiring by hand."""

import re
from itertools import pairwise
from statistics import mean, median

import nbformat
import numpy as np
import pytest

import radixnet as rx
from companion import published_runs
from companion.notebooks.execution import EXECUTED
from reference import expanded_adjacency


@pytest.fixture(scope="module")
def said():
    notebook = nbformat.read(EXECUTED / "repair.ipynb", as_version=4)
    (cell,) = [
        cell for cell in notebook.cells if "nbval-check-output" in cell.metadata.get("tags", [])
    ]
    text = "".join(output.text for output in cell.outputs)
    return dict(line.split(": ", 1) for line in text.splitlines())


@pytest.fixture(scope="module")
def runs():
    """Return the published runs as plain tuples by repair.

    Radix lists, seed, parameters, training and test accuracy, classes.
    """
    table = published_runs("repair")
    units = 300 + 100 + 10
    found = {}
    for row in table.itertuples():
        parameters = row.connections + units * bool(row.use_bias)
        entry = (
            row.radix_lists,
            row.seed,
            parameters,
            row.train_accuracy,
            row.test_accuracy,
            row.test_classes,
        )
        found.setdefault(row.variant, []).append(entry)
    return found


def normal_models(runs):
    lists = {entry[0] for entry in runs["as in the paper"]}
    return lists - {entry[0] for entry in runs["as in the paper"] if entry[3] <= 0.75}


def test_strange_runs_and_lost_classes_are_those_of_the_published_runs(said, runs):
    for name, mine in runs.items():
        strange = sum(entry[3] <= 0.75 for entry in mine)
        lost = sum(entry[5] < 10 for entry in mine)
        worst = min(entry[4] for entry in mine)
        assert said[name] == (
            f"strange runs {strange} of 2,130, "
            f"with a lost class {lost}, worst test accuracy {worst:.1%}"
        )
    assert said["normal models"] == f"{len(normal_models(runs))} of 426"


@pytest.mark.parametrize(
    "repair", ["as in the paper", "dense output layer", "folded", "leaky ReLU", "bias"]
)
def test_margins_at_equal_size_are_those_of_every_pair_looked_at_in_turn(said, runs, repair):
    normal = normal_models(runs)
    margins = []
    for seed in range(5):
        others = [(entry[2], entry[4]) for entry in runs[repair] if entry[1] == seed]
        sizes, accuracies = (np.array(part) for part in zip(*others, strict=True))
        found = []
        for lists, start, parameters, _, accuracy, _ in runs["as in the paper"]:
            equal = accuracies[
                100 * np.abs(sizes - parameters) <= 2 * parameters
            ]  # in whole numbers: 2 %
            if start == seed and lists in normal and len(equal):
                found.append(100 * (median(equal) - accuracy))
        margins.append(median(found))
    shown = re.match(
        r"([+-]\d+\.\d\d) .*, (\d+) compared$", said[f"{repair}, points ahead at equal parameters"]
    )
    assert float(shown[1]) == pytest.approx(mean(margins), abs=0.006)
    assert int(shown[2]) == len(found)


def test_the_page_names_the_single_changes_that_leave_nothing_strange(said, runs):
    clean = {
        name
        for name, mine in runs.items()
        if all(entry[3] > 0.75 and entry[5] == 10 for entry in mine)
    }
    several_changes = {
        "all starts and units",
        "dense output layer, start by fan-in",
        "folded, start by fan-in",
    }
    named = said["single changes that leave no strange run and no lost class"].split(", ")
    assert set(named) == clean - several_changes


def test_classes_on_one_connection_are_counted_on_the_expanded_network(said):
    """Node by node: the first ones, evenly spaced ones, and all of them merged into as many."""
    counts = dict.fromkeys(("first nodes, as in the paper", "evenly spaced nodes", "folded"), 0)
    for topology in rx.fig8_family():
        last = expanded_adjacency(topology.radix_lists, topology.layer_sizes)[-1] > 0
        (inputs, outputs), full = list(pairwise(topology.layer_sizes))[-1], last.shape
        evenly = [
            np.arange(size) * whole // size
            for size, whole in zip((inputs, outputs), full, strict=True)
        ]
        folded = np.zeros((inputs, outputs), dtype=bool)
        for a, b in np.argwhere(last):
            folded[a % inputs, b % outputs] = True
        kept = (last[:inputs, :outputs], last[np.ix_(*evenly)], folded)
        for name, mask in zip(counts, kept, strict=True):
            counts[name] += int(mask.sum(axis=0).min() == 1)
    for name, count in counts.items():
        assert said[f"way to fit, {name}"].startswith(
            f"{count} of 426 models have a class on one connection"
        )
