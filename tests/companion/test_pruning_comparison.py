"""Figure 7's networks: measured as stated, trained alike, the RadiX-Net chosen by its rule."""

from itertools import product

import numpy as np
import pytest

import radixnet as rx
from companion.notebooks.sources import published_parameters
from companion.pruning_comparison import AS_MANY, MODELS, compare_with_pruning
from companion.saliency import edge_pixels, quarter_turns, rings, saliency_map

SIZES = (784, 30, 20, 10)
SETTINGS = {"epochs": 1, "batch_size": 1000}
EQUAL = [f"{AS_MANY}{model}" for model in MODELS if model.startswith(("one-shot", "retrained"))]


@pytest.fixture(scope="module")
def topology():
    return rx.RadixTopology([[2, 5], [5]], SIZES)


@pytest.fixture(scope="module")
def comparison(topology):
    """Compare two RadiX-Nets, each with a seed of its own."""
    both = [rx.RadixTopology([[5, 2], [5]], SIZES), topology]
    return compare_with_pruning(both, 0.8, seeds=[3, 5], gradual_seeds=[3], **SETTINGS)


def test_every_kind_of_network_is_there_once_for_each_of_its_seeds(comparison):
    found = sorted(zip(comparison.networks["model"], comparison.networks["seed"], strict=True))
    expected = sorted([*product({*MODELS, *EQUAL} - {"gradual"}, [3, 5]), ("gradual", 3)])
    assert found == expected


def test_pruned_networks_are_as_sparse_as_asked_and_the_radix_net_as_its_topology(
    comparison, topology
):
    networks = comparison.networks.set_index("model")
    pruned = [model for model in MODELS if not model.startswith(("RadiX", "dense"))]
    np.testing.assert_allclose(networks.loc[pruned, "sparsity"], 0.8, atol=1e-4)
    radix = networks.loc["RadiX-Net"].set_index("seed")["connections"]
    assert radix[5] == sum(topology.connection_counts)
    assert radix[3] == sum(rx.RadixTopology([[5, 2], [5]], SIZES).connection_counts)
    assert (networks.loc["dense", "sparsity"] == 0).all()


def test_networks_pruned_to_as_many_connections_have_as_many_and_no_map(comparison):
    by_kind = comparison.networks.pivot_table("connections", "seed", "model")
    for kind in EQUAL:
        assert (by_kind[kind] - by_kind["RadiX-Net"]).abs().max() <= 2, kind
    assert set(comparison.maps["model"]) == set(MODELS)


def test_where_a_layer_would_keep_no_weight_none_is_pruned_to_as_many_in_each_layer():
    """Of the last layer's ten weights, one in a hundred is none."""
    topology = rx.RadixTopology([[1, 2, 50]], (784, 300, 1, 10))
    networks = compare_with_pruning(
        [topology], 0.5, seeds=[2], gradual_seeds=[], **SETTINGS
    ).networks
    equal = {f"{AS_MANY}{way}, whole network" for way in ("one-shot", "retrained")}
    assert set(networks["model"]) == {*MODELS, *equal} - {"gradual"}


def test_the_measures_are_those_of_the_maps(comparison):
    even = np.bincount(rings().ravel()) / 784
    for row in comparison.networks[comparison.networks["model"].isin(MODELS)].itertuples():
        saliency = comparison.saliency(row.model, row.seed)
        assert row.edge_saliency == pytest.approx(saliency[edge_pixels()].mean() / saliency.mean())
        for groups, share in ((rings(), row.ring_share), (quarter_turns(), row.turn_share)):
            means = np.array(
                [saliency[groups == group].mean() for group in range(groups.max() + 1)]
            )[groups]
            assert share == pytest.approx(means.var() / saliency.var())
        assert 1 / 1000 <= row.ring_p <= 1
    assert even.sum() == pytest.approx(1)


def test_the_radix_net_is_the_run_that_its_spec_describes(comparison, topology):
    result = rx.train(rx.RunSpec(topology, seed=5, **SETTINGS), keep_weights=True)
    networks = comparison.networks
    row = networks[(networks["model"] == "RadiX-Net") & (networks["seed"] == 5)]
    assert row["test_accuracy"].item() == result.test_accuracy[-1]
    np.testing.assert_array_equal(
        comparison.saliency("RadiX-Net", 5), saliency_map(result.weights[0])
    )


def test_weights_of_pixels_that_are_never_lit_do_not_move(comparison):
    dense = comparison.networks.set_index("model").loc["dense"]
    np.testing.assert_allclose(dense["dark_weights_kept"], 1, atol=1e-12)
    assert (dense["edge_weights_kept"] != 1).all()
    assert comparison.networks.set_index("model").drop("dense")["edge_weights_kept"].isna().all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sparsity": 1.5}, "sparsity must be a number"),
        ({"sparsity": 0.999}, "layer 3 has 200 weights and would keep none"),
        ({"topologies": [], "seeds": []}, "0 topologies and 0 seeds: give at least one"),
        ({"seeds": [1, 2]}, "1 topologies and 2 seeds: .* a seed for each"),
        ({"batch_size": 60_000}, "1 training steps are too few to prune gradually"),
        ({"topologies": [rx.RadixTopology([[2]], (10, 4))]}, "784"),
        ({"gradual_scope": "global"}, "scope 'global' is not known"),
    ],
)
def test_what_cannot_be_compared_says_why_before_it_trains(topology, changes, message, monkeypatch):
    monkeypatch.setattr("radixnet.training.compiled.run", lambda *_: pytest.fail("it trained"))
    settings = {
        "topologies": [topology],
        "sparsity": 0.8,
        "seeds": [1],
        "gradual_seeds": [1],
        **SETTINGS,
        **changes,
    }
    with pytest.raises(ValueError, match=message):
        compare_with_pruning(settings.pop("topologies"), settings.pop("sparsity"), **settings)


def test_a_network_that_lost_its_first_layer_has_no_measures_of_a_map():
    """Of the 9 weights that are left, none is among the 784 before a hidden layer of one unit."""
    dense = rx.RadixTopology([[1, 1, 1]], (784, 1, 1000, 10))
    networks = compare_with_pruning(
        [dense], 0.9992, seeds=[2], gradual_seeds=[], **SETTINGS
    ).networks.set_index("model")
    measures = networks[["edge_saliency", "ring_share", "ring_p", "turn_share", "turn_p"]]
    lost = networks["connected_pixels"] == 0
    assert lost["one-shot, whole network"]
    assert measures[lost].isna().all(axis=None)
    assert measures[~lost].notna().all(axis=None)


def test_a_map_that_is_not_there_says_which_are(comparison):
    with pytest.raises(
        ValueError, match=r"no map of 'RadixNet' with seed 3; there are maps of: .*RadiX-Net"
    ):
        comparison.saliency("RadixNet", 3)


def test_figure_7s_lists_are_the_closest_to_99_percent_that_join_every_pixel_and_class():
    """All legal lists of radices up to 100 whose N' is no larger than 783.

    Beyond, the last pixels feed no unit at all.
    """
    published = published_parameters("fig07_saliency")
    chosen = [rx.RadixTopology(lists, rx.LENET_300_100) for lists in published["radix_lists"]]
    assert len({topology.fingerprint for topology in chosen}) == len(published["seeds"]) == 10
    assert all(topology.diagnose().connected_pairs == 1 for topology in chosen)
    difference = max(abs(topology.sparsity - 0.99) for topology in chosen)
    closer = {}
    for lists in legal_lists():
        modulus = int(np.prod(lists[0]))
        if modulus > 299 + lists[0][0]:
            continue  # pixel 299 + r feeds units 300 to 299 + r modulo N', and there are 300
        # Whole periods of the first layer alone; the sparsity is less than that.
        if 784 // modulus * 300 * lists[0][0] > (0.01 + difference) * 266_200:
            continue
        topology = rx.RadixTopology(lists, rx.LENET_300_100)
        if abs(topology.sparsity - 0.99) < difference:
            closer[topology.fingerprint] = topology
    assert len(closer) > 100
    joined = {name for name, each in closer.items() if each.diagnose().connected_pairs == 1}
    assert joined < {topology.fingerprint for topology in chosen}
    assert len(joined) == 9


def legal_lists():
    """Yield all legal lists of three radices up to 100 with a first product of at most 783."""
    radices = range(1, 101)
    for a in radices:
        yield from ([[a], [a], [c]] for c in radices if a % c == 0)
        yield from (
            [[a], [b, c]] for b in radices if a % b == 0 for c in radices if a % (b * c) == 0
        )
        for b in range(1, min(100, 783 // a) + 1):
            yield from ([[a, b], [c]] for c in radices if a * b % c == 0)
            yield from ([[a, b, c]] for c in range(1, min(100, 783 // (a * b)) + 1))
