"""The paper's training runs are as many and as set up as the paper and its authors' code say."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import radixnet as rx
from companion import experiments, published_runs
from radixnet.datasets import dataset_sha256
from radixnet.training.spec import ENGINE_VERSIONS
from reference import trimmed_masks

SMALL = (48, 24, 12, 10)


def exact_sparsity(topology):
    """Return the sparsity as a fraction, counted on masks made by brute force."""
    masks = trimmed_masks(topology.radix_lists, topology.layer_sizes)
    return 1 - Fraction(sum(int(mask.sum()) for mask in masks), sum(mask.size for mask in masks))


def test_figure_4_trains_every_legal_radix_list_once():
    specs = experiments.fig4()
    lists = [spec.topology.radix_lists for spec in specs]
    assert len(lists) == len(set(lists)) == 1517
    assert {
        (spec.epochs, spec.batch_size, spec.dataset, spec.use_bias, spec.activation)
        for spec in specs
    } == {(3, 100, "mnist", False, "relu")}
    assert len({spec.seed for spec in specs}) == 1


def test_figure_5_chooses_from_every_decile_that_has_networks():
    chosen = experiments.fig5_topologies(largest_radix=6, layer_sizes=SMALL, per_decile=3)
    everything = [rx.RadixTopology(lists, SMALL) for lists in rx.legal_radix_lists(range(1, 7), 3)]
    in_decile = {decile: set() for decile in range(10)}
    for topology in everything:
        in_decile[int(10 * exact_sparsity(topology))].add(topology.fingerprint)
    assert list(chosen) == list(range(10))
    for decile, topologies in chosen.items():
        assert len(topologies) == min(3, len(in_decile[decile]))
        fingerprints = [topology.fingerprint for topology in topologies]
        assert len(set(fingerprints)) == len(fingerprints)
        assert set(fingerprints) <= in_decile[decile]


def test_the_choice_of_figure_5_is_decided_by_its_seed():
    first, again, other = (
        experiments.fig5_topologies(8, SMALL, choice_seed=seed) for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_the_published_choice_of_figure_5_leaves_two_deciles_empty():
    # Counted by brute force over the 1,517 lists: no sparsity from 20 to 40 %, four networks from
    # 40 to 50 %.
    counts = {
        decile: len(topologies) for decile, topologies in experiments.fig5_topologies().items()
    }
    assert counts == {0: 5, 1: 5, 2: 0, 3: 0, 4: 4, 5: 5, 6: 5, 7: 5, 8: 5, 9: 5}


def test_a_sparsity_on_the_edge_belongs_to_the_decile_above():
    # [[2, 2], [2]] on sizes that 4 divides keeps exactly half of the connections.
    chosen = experiments.fig5_topologies(2, (8, 8, 8, 8), per_decile=100)
    (decile,) = [
        decile
        for decile, topologies in chosen.items()
        if any(t.radix_lists == ((2, 2), (2,)) for t in topologies)
    ]
    assert decile == 5


def test_figure_5_has_every_seed_of_every_topology():
    topologies = [rx.RadixTopology([[2, 2], [k]], SMALL) for k in (1, 2)]
    specs = experiments.fig5(topologies, range(16))
    assert [(spec.topology, spec.seed) for spec in specs] == [
        (topology, seed) for topology in topologies for seed in range(16)
    ]


def test_figure_8_trains_the_426_and_the_strange_ones_again_for_longer():
    specs = experiments.fig8()
    assert len(specs) == 426
    assert {(spec.epochs, spec.batch_size) for spec in specs} == {(3, 100)}
    accuracy = np.full(426, 0.9)
    accuracy[[3, 5]] = 0.75, 0.2  # the limit itself is strange
    longer = experiments.fig8_longer(specs, pd.DataFrame({"train_accuracy": accuracy}))
    assert [(spec.topology, spec.seed, spec.epochs, spec.batch_size) for spec in longer] == [
        (specs[number].topology, specs[number].seed, 30, 512) for number in (3, 5)
    ]


def test_the_strange_ones_need_a_run_for_every_spec():
    with pytest.raises(ValueError, match=r"2 specs and 1 runs: give the table that sweep returned"):
        experiments.fig8_longer(experiments.fig8()[:2], pd.DataFrame({"train_accuracy": [0.5]}))


def test_figure_9_trains_two_models_from_the_papers_ten_seeds():
    specs = experiments.fig9()
    assert [spec.seed for spec in specs] == [*range(1000, 10001, 1000)] * 2
    assert {(spec.epochs, spec.batch_size, spec.engine) for spec in specs} == {(10, 2048, "keras")}
    fan_ins = [
        trimmed_masks(spec.topology.radix_lists, rx.LENET_300_100)[-1].sum(axis=0).min()
        for spec in specs[::10]
    ]
    assert fan_ins == [10, 1]


def test_claims_in_general_rest_on_drawn_models_of_either_kind_and_on_the_best_networks():
    """The best of Fig. 8 here is strange, and not the best normal one."""
    own = pd.DataFrame({"train_accuracy": np.where(np.arange(426) % 10 == 0, 0.5, 0.9)})
    fig4, fig8 = (
        published_runs(name).assign(validation_accuracy=0.0) for name in ("fig04", "fig08")
    )
    fig8 = fig8[fig8["epochs"] == 3].assign(train_accuracy=0.9).reset_index(drop=True)
    denser, half, tenth = (
        fig4.index[(fig4["sparsity"] >= low) & (fig4["sparsity"] < high)][3]
        for low, high in ((0.1, 0.5), (0.5, 0.9), (0.9, 1))
    )
    fig4.loc[fig4["sparsity"] < 0.1, "validation_accuracy"] = 1.0
    fig4.loc[[denser, half, tenth], "validation_accuracy"] = 0.95, 0.9, 0.8
    fig8.loc[[7, 8], ["validation_accuracy", "train_accuracy"]] = [[0.9, 0.75], [0.8, 0.9]]
    runs = experiments.for_claims(fig4, fig8, own)
    family = [each.radix_lists for each in rx.fig8_family()]
    assert [spec.seed for spec in runs["Fig. 8, longer"]] == [*range(10_000, 10_426, 10)]
    for kind, is_strange in {"normal": False, "strange": True}.items():
        small, large = (runs[f"Fig. 9, {kind}, {batch}"] for batch in (100, 2048))
        models = list(dict.fromkeys(spec.topology.radix_lists for spec in small))
        assert len(models) == 8
        assert {family.index(lists) % 10 == 0 for lists in models} == {is_strange}
        assert [spec.topology for spec in small] == [spec.topology for spec in large]
        assert {spec.batch_size for spec in large} == {2048}
    for name, row in {
        "Fig. 4, best of 10 %": fig4.loc[denser],
        "Fig. 4, best of 50 %": fig4.loc[half],
        "Fig. 4, best of 90 %": fig4.loc[tenth],
        "Fig. 8, best normal": fig8.loc[8],
    }.items():
        best, dense = runs[name][:10], runs[name][10:]
        assert {rx.format_radix_lists(spec.topology.radix_lists) for spec in best} == {
            row["radix_lists"]
        }
        assert {spec.topology.sparsity for spec in dense} == {0}
        assert [spec.seed for spec in best] == [spec.seed for spec in dense] == [*range(10)]
        assert row["seed"] not in range(10)  # which chose it


@pytest.mark.parametrize("bad", [0, -1, 2.5, True, "3"])
def test_numbers_that_are_no_positive_integers_are_refused(bad):
    with pytest.raises(ValueError, match="largest_radix must be a positive integer"):
        experiments.fig4(largest_radix=bad)
    with pytest.raises(ValueError, match="largest_radix must be a positive integer"):
        experiments.fig5_topologies(largest_radix=bad)
    with pytest.raises(ValueError, match="per_decile must be a positive integer"):
        experiments.fig5_topologies(2, (4, 4, 4), per_decile=bad)


@pytest.mark.parametrize("repair", experiments.REPAIRS)
def test_a_repair_changes_what_it_names_and_nothing_else(repair):
    family = rx.fig8_family()[:2]
    specs = experiments.repaired(repair, family, seeds=[1, 2], epochs=2)
    paper = experiments.repaired("as in the paper", family, seeds=[1, 2], epochs=2)
    assert [(spec.topology.radix_lists, spec.seed) for spec in specs] == [
        (spec.topology.radix_lists, spec.seed) for spec in paper
    ]
    changes = dict(experiments.REPAIRS[repair])
    for spec, before in zip(specs, paper, strict=True):
        changed = {
            name: getattr(spec, name)
            for name in (
                "initializer",
                "positive_output",
                "activation",
                "use_bias",
                "epochs",
                "batch_size",
                "dataset",
            )
            if getattr(spec, name) != getattr(before, name)
        }
        changed |= {
            name: getattr(spec.topology, name)
            for name in ("fit", "dense_output")
            if getattr(spec.topology, name) != getattr(before.topology, name)
        }
        assert changed == changes


def test_no_two_networks_of_a_predicted_family_share_a_seed():
    specs = [
        spec
        for name in experiments.PREDICTED_FAMILIES
        for spec in experiments.predicted_family(name)
    ]
    assert len({spec.seed for spec in specs}) == len(specs)


def test_the_predicted_families_are_what_they_say():
    sizes = {
        name: {spec.layer_sizes for spec in experiments.predicted_family(name)}
        for name in experiments.PREDICTED_FAMILIES
    }
    assert sizes["784-512-256-10"] == {(784, 512, 256, 10)}
    assert sizes["784-128-64-32-10"] == {(784, 128, 64, 32, 10)}
    known = {topology.radix_lists for topology in rx.fig8_family()}
    fresh = [spec.topology for spec in experiments.predicted_family("radices to 20")]
    assert len(fresh) == 400
    assert not known & {topology.radix_lists for topology in fresh}
    assert {spec.dataset for spec in experiments.predicted_family("Fashion-MNIST")} == {
        "fashion-mnist"
    }


@pytest.mark.parametrize("fit", ["trim", "fold"])
def test_the_published_random_networks_are_as_sparse_as_asked_and_drawn_as_described(fit):
    published = published_runs("evidence").groupby("variant", sort=False)
    for sparsity in experiments.SPARSITIES:
        specs = experiments.random_networks(fit, sparsity)
        assert published.get_group(f"{fit}, {sparsity:.0%}")["identity"].tolist() == [
            spec.identity(dataset_sha256("mnist"), ENGINE_VERSIONS["sparse"]) for spec in specs
        ]
        found = {spec.topology.fingerprint: spec.topology for spec in specs}
        assert len(found) == 10
        for topology in found.values():  # RadixTopology refuses lists that are not legal
            assert (1 - topology.sparsity) / (1 - sparsity) == pytest.approx(1, abs=0.05)
            assert topology.fit == fit
            assert topology.modulus <= 784  # no list multiplies to more than the largest layer


def test_names_that_are_not_known_are_refused():
    with pytest.raises(
        ValueError, match="repair 'glue' is not known; choose one of 'as in the paper'"
    ):
        experiments.repaired("glue")
    with pytest.raises(ValueError, match="family 'x' is not known; choose one of 'the 426'"):
        experiments.predicted_family("x")
