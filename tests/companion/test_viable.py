"""The experiment with controls.

Its runs are those of the plan, and its contrasts those of SciPy.
"""

import csv
import gzip
import random
from collections import defaultdict

import numpy as np
import pytest
from scipy import stats

import radixnet as rx
from companion import published, published_runs
from companion.experiments import viable
from companion.publication import VIABLE
from companion.viability import differences
from radixnet.datasets import dataset_sha256
from radixnet.training.spec import ENGINE_VERSIONS


@pytest.fixture(scope="module")
def runs():
    return published_runs("viable")


@pytest.fixture(scope="module")
def sample(runs):
    """Return the runs of one drawn network at random, published and made anew."""
    keys = ["dataset", "fitted", "wanted_sparsity", "network"]
    seed = random.SystemRandom().randrange(2**32)
    one = runs[keys].drop_duplicates().sample(1, random_state=seed).iloc[0]
    mine = runs[(runs[keys] == one).all(axis=1)]
    lists = viable.drawn_lists(one["fitted"], one["wanted_sparsity"])[one["network"]]
    return mine, viable.runs_of_network(*one.iloc[:3], int(one["network"]), lists)


def test_published_runs_are_those_of_the_plan(sample):
    mine, made = sample
    sha256, version = dataset_sha256(mine["dataset"].iloc[0]), ENGINE_VERSIONS["sparse"]
    assert mine["variant"].tolist() == [run.arm for run in made]
    assert mine["identity"].tolist() == [run.spec.identity(sha256, version) for run in made]
    assert set(mine["epochs"]) == {viable.plan()["epochs"]}


def test_arms_have_as_many_connections_in_every_layer(sample):
    _, made = sample
    counts = {run.arm: [int(mask.sum()) for mask in run.spec.masks] for run in made}
    counts.pop("recommended", None)  # a network of its own
    live = counts.pop("even random, live")
    assert len({tuple(each) for each in counts.values()}) == 1
    assert all(few <= many for few, many in zip(live, counts["radix"], strict=True))


def test_a_run_trains_to_the_same_accuracy(sample):
    mine, made = sample
    number = random.SystemRandom().randrange(len(made))
    again = rx.train(made[number].spec)
    assert again.test_accuracy[-1] == pytest.approx(mine["test_accuracy"].iloc[number], abs=0.02)


def test_contrasts_are_those_of_a_paired_test_on_the_published_file(runs):
    with gzip.open(published(VIABLE), "rt", encoding="utf-8") as text:
        accuracy = defaultdict(list)
        for row in csv.DictReader(text):
            cell = row["dataset"], row["fitted"], float(row["wanted_sparsity"])
            accuracy[*cell, int(row["network"]), row["variant"]].append(float(row["test_accuracy"]))
    judged = differences(runs, viable.plan())
    pairs = judged[judged["contrast"].isin(viable.plan()["paired"])]
    assert len(pairs)
    for row in pairs.itertuples():
        first, second = viable.plan()["paired"][row.contrast]
        cell = row.dataset, row.fitted, row.wanted_sparsity
        both = [
            [100 * np.mean(accuracy[*cell, network, arm]) for network in range(row.networks)]
            for arm in (first, second)
        ]
        assert row.mean == pytest.approx(np.mean(both[0]) - np.mean(both[1]), abs=1e-6)
        if row.mean:
            assert row.p == pytest.approx(stats.ttest_rel(*both).pvalue, rel=1e-4)


@pytest.mark.deep
@pytest.mark.parametrize("fit", viable.plan()["fits"])
def test_the_drawn_networks_are_what_drawing_finds(fit):
    for sparsity, lists in viable.draw(fit).items():
        assert lists == viable.drawn_lists(fit, sparsity)
