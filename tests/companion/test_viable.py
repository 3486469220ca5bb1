"""The experiment with controls.

Its runs are those of the plan, and its contrasts those of SciPy.
"""

import csv
import dataclasses
import gzip
import random
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

import radixnet as rx
from companion import published, published_runs
from companion.experiments import viable, viable_methods
from companion.publication import VIABLE
from companion.viability import comparisons, differences, with_rivals
from radixnet.datasets import dataset_sha256
from radixnet.initializers import starting_weights
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


def test_exposure_is_that_of_every_connection_in_turn():
    topology = rx.RadixTopology([[1, 1, 96]], (784, 300, 100, 10), fit="fold")
    variance = rx.load_dataset("mnist").test_images[:200].var(axis=0)
    pixels, _ = np.nonzero(topology.masks[0])
    expected = variance[pixels].mean() / variance.mean()
    assert viable.exposure(topology, variance) == pytest.approx(expected)
    assert expected < 0.99  # its doubled connections see the blank first rows


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
    judged = differences(runs, viable.plan(), comparisons(viable.plan(), viable.stages()))
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


@pytest.fixture(scope="module")
def rivals():
    return published_runs("viable_methods")


def test_published_rivals_are_those_of_the_plan_and_train_to_the_same_accuracy(rivals):
    """One drawn network's rivals at random; those that need trained networks are left out."""
    keys = ["dataset", "wanted_sparsity", "network"]
    untrained = rivals[rivals["variant"] == "ERK"]
    one = untrained[keys].drop_duplicates().sample(1).iloc[0]
    made = viable_methods.methods(one["dataset"], one["wanted_sparsity"], int(one["network"]))
    arms = {run.arm for run in made}
    mine = rivals[(rivals[keys] == one).all(axis=1) & rivals["variant"].isin(arms)]
    sha256, version = dataset_sha256(one["dataset"]), ENGINE_VERSIONS["sparse"]
    assert mine["variant"].tolist() == [run.arm for run in made]
    assert mine["identity"].tolist() == [run.spec.identity(sha256, version) for run in made]
    number = random.SystemRandom().randrange(len(made))
    again = rx.train(made[number].spec)
    assert again.test_accuracy[-1] == pytest.approx(mine["test_accuracy"].iloc[number], abs=0.02)


CHOSEN_BY_WEIGHT = ("dense", "SNIP", "GraSP", "SynFlow", "one-shot", "lottery ticket")


def test_rivals_chosen_by_weight_start_with_the_weights_of_the_dense_network(monkeypatch, tmp_path):
    """Scaled anew, what is trained would not be what was scored, and no ticket is rewound."""
    left = [np.random.default_rng(3).random(shape) < 0.1 for shape in pairwise((784, 300, 100, 10))]
    monkeypatch.setattr(viable_methods, "_left_after_training", lambda *_: left)
    store = rx.RunStore(tmp_path / "runs.sqlite")
    made = viable_methods.methods("mnist", 0.99, 4) + viable_methods.pruned("mnist", 4, store)
    seen = set()
    for run in made:
        if run.arm in CHOSEN_BY_WEIGHT:
            seen.add(run.arm)
            spec, dense = run.spec, [np.ones(mask.shape, bool) for mask in run.spec.masks]
            whole = starting_weights(dense, spec.seed, "fan_in")
            own = starting_weights(spec.masks, spec.seed, spec.initializer)
            for mask, all_of_them, kept in zip(spec.masks, whole, own, strict=True):
                np.testing.assert_array_equal(kept, np.where(mask, all_of_them, 0))
        else:
            assert run.spec.initializer == "fan_in", run.arm
    assert seen == set(CHOSEN_BY_WEIGHT)


def test_rescaled_rivals_differ_from_those_of_their_name_in_the_start_alone():
    made = {run.arm: run.spec for run in viable_methods.methods("mnist", 0.95, 2)}
    for arm in viable.plan()["methods"]["rescaled"]["arms"]:
        own, rescaled = made[arm], made[f"{arm}, rescaled"]
        assert dataclasses.replace(own, initializer="fan_in") == rescaled != own


def test_published_rivals_start_as_the_plan_says(rivals):
    for arm, starts in rivals.groupby("variant")["initializer"].unique().items():
        assert list(starts) == ["as_dense" if arm in CHOSEN_BY_WEIGHT else "fan_in"], arm


def test_rivals_have_as_many_connections_in_all_as_their_radix_net(rivals, runs):
    keys = ["dataset", "fitted", "wanted_sparsity", "network"]
    own = runs[runs["variant"] == "radix"].drop_duplicates(keys).set_index(keys)["connections"]
    for row in rivals[rivals["variant"] != "dense"].itertuples():
        wanted = own[row.dataset, row.fitted, row.wanted_sparsity, row.network]
        assert abs(row.connections - wanted) <= 2, row.variant


def test_contrasts_with_rivals_pair_the_networks_of_both_tables(rivals, runs):
    plan = viable.plan()
    both = with_rivals(runs, rivals)
    judged = differences(both, plan | plan["methods"], 130)
    row = judged[judged["contrast"] == "RigL"].sample(1).iloc[0]
    cell = ["dataset", "fitted", "wanted_sparsity"]
    means = []
    for table, arm in ((runs, "radix"), (rivals, "RigL")):
        mine = table[(table["variant"] == arm) & (table[cell] == row[cell]).all(axis=1)]
        mine = mine[mine["network"] < plan["methods"]["networks"]]
        means.append(100 * mine.groupby("network")["test_accuracy"].mean().sort_index())
    test = stats.ttest_rel(*means)
    assert row["networks"] == plan["methods"]["networks"]
    assert row["mean"] == pytest.approx(means[0].mean() - means[1].mean(), abs=1e-6)
    assert row["p"] == pytest.approx(test.pvalue, rel=1e-4)


@pytest.mark.deep
def test_a_published_one_shot_network_is_pruned_and_rewound(rivals):
    """Trained here and pruned by other code; another processor may keep a few others."""
    row = rivals[rivals["variant"] == "one-shot"].sample(1).iloc[0]
    settings = {"dataset": row["dataset"], "seed": row["seed"], **viable.settings()}
    dense = rx.RunSpec(
        [np.ones(shape, bool) for shape in pairwise((784, 300, 100, 10))], **settings
    )
    sizes = [np.abs(weights) for weights in rx.train(dense, keep_weights=True).weights]
    bound = np.sort(np.concatenate([each.ravel() for each in sizes]))[-row["connections"]]
    kept = [each >= bound for each in sizes]
    again = rx.train(dataclasses.replace(dense, topology=kept, initializer="as_dense"))
    assert again.test_accuracy[-1] == pytest.approx(row["test_accuracy"], abs=0.01)


def test_published_public_runs_are_those_of_the_plan(monkeypatch, tmp_path):
    monkeypatch.setattr(viable_methods, "_left_after_training", lambda spec, *_: spec.masks)
    made = viable_methods.public(rx.RunStore(tmp_path / "runs.sqlite"))
    found = published_runs("viable_public")
    assert found["variant"].tolist() == [run.arm for run in made]
    sha256, version = dataset_sha256("mnist"), ENGINE_VERSIONS["sparse"]
    for run, identity in zip(made, found["identity"], strict=True):
        if run.arm != "lottery ticket":  # whose masks come out of training
            assert identity == run.spec.identity(sha256, version), run.arm


def test_tickets_are_the_largest_weights_of_ever_smaller_networks(tmp_path, monkeypatch):
    """Each is a part of the one before, pruned after training from the same start; kept on disk."""
    store = rx.RunStore(tmp_path / "runs.sqlite")
    dense = rx.RunSpec([np.ones((784, 12), bool), np.ones((12, 10), bool)], seed=5, epochs=1)
    possible = 784 * 12 + 120
    tickets = list(viable_methods._tickets(dense, [900, 200], store))
    counts = [possible // 2, possible // 4, 900, 200]
    masks = dense.masks
    for count, found in zip(counts, [None, None, *tickets], strict=True):
        spec = dataclasses.replace(dense, topology=masks)
        sizes = [np.abs(weights) for weights in rx.train(spec, keep_weights=True).weights]
        bound = np.sort(np.concatenate([each.ravel() for each in sizes]))[-count]
        masks = [each >= bound for each in sizes]
        if found is not None:
            assert all((a == b).all() for a, b in zip(found, masks, strict=True))
    assert len(store) == 4
    monkeypatch.setattr(viable_methods, "train", lambda *_, **__: pytest.fail("trained again"))
    again = list(viable_methods._tickets(dense, [900, 200], store))
    assert all((a == b).all() for a, b in zip(again[1], tickets[1], strict=True))
