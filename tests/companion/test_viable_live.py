"""Whether evenness helps or only that no connection is lost: the runs are the plan's."""

import random

import numpy as np
import pytest

import radixnet as rx
from companion import published_runs
from companion.experiments import viable, viable_live
from radixnet import wirings
from radixnet.datasets import dataset_sha256
from radixnet.topology import RadixTopology
from radixnet.training.spec import ENGINE_VERSIONS


def on_paths(masks):
    """Return which connections lie on a path from an input to an output, by multiplying masks."""
    found = []
    for layer, mask in enumerate(masks):
        before, after = np.ones((1, len(masks[0]))), np.ones((masks[-1].shape[1], 1))
        for each in masks[:layer]:
            before = np.minimum(before @ each, 1)
        for each in reversed(masks[layer + 1 :]):
            after = np.minimum(each @ after, 1)
        found.append(mask & (before.T > 0) & (after.T > 0))
    return found


def test_living_random_connections_are_as_many_and_all_on_paths():
    """A network with many units that random connections leave bare, and a full output layer."""
    sizes, connections = (60, 40, 20, 5), (70, 45, 100)
    random = wirings.erdos_renyi(sizes, connections, 3)
    assert sum(map(np.sum, on_paths(random))) < sum(connections)
    made = viable_live.living_masks(sizes, connections, 3)
    assert tuple(int(mask.sum()) for mask in made) == connections
    assert all((mask == alive).all() for mask, alive in zip(made, on_paths(made), strict=True))
    assert sum((a & b).sum() for a, b in zip(made, random, strict=True)) > 0.6 * sum(connections)


def test_lost_connections_are_those_on_no_path():
    network = RadixTopology(
        viable.drawn_lists("fold", 0.99)[7], viable.plan()["layer_sizes"], fit="fold"
    )
    random = wirings.erdos_renyi(network.layer_sizes, network.connection_counts, 7)
    lost = 1 - sum(map(np.sum, on_paths(random))) / sum(network.connection_counts)
    shares = viable_live.lost_shares(0.99)
    assert lost > 0.01
    assert shares["Erdos-Renyi"][7] == pytest.approx(lost)
    assert max(shares["radix"]) == max(shares["even random"]) == 0


def test_the_plan_for_living_connections_is_made_for_every_network_and_start():
    """At 99 % some layers of 300 units have 300 connections, one for each."""
    runs = viable_live.live("mnist", 0.99)
    assert len(runs) == 40 * 2
    assert [run.spec.seed for run in runs] == list(range(80))
    for run in runs[::2]:
        network = RadixTopology(run.radix_lists, viable.plan()["layer_sizes"], fit="fold")
        alive = on_paths(run.spec.masks)
        assert tuple(int(mask.sum()) for mask in alive) == network.connection_counts


def test_published_living_runs_are_those_of_the_plan_and_train_to_the_same_accuracy():
    try:
        mine = published_runs(viable_live.LIVE)
    except ValueError:
        pytest.skip("not run yet")
    cells = set(zip(mine["dataset"], mine["wanted_sparsity"], strict=True))  # perhaps not all yet
    made = [
        run
        for _, runs in viable_live.stages()
        for run in runs
        if (run.spec.dataset, run.sparsity) in cells
    ]
    sums = {name: dataset_sha256(name) for name in set(mine["dataset"])}
    assert mine["identity"].tolist() == [
        run.spec.identity(sums[run.spec.dataset], ENGINE_VERSIONS["sparse"]) for run in made
    ]
    number = random.SystemRandom().randrange(len(made))
    again = rx.train(made[number].spec)
    assert again.test_accuracy[-1] == pytest.approx(mine["test_accuracy"].iloc[number], abs=0.02)
