"""Each measure on made-up tables: one where the paper is right and one where it is not, so that the data decide the verdict."""

from itertools import pairwise
from math import prod

import numpy as np
import pandas as pd
import pytest

import check_claims
import radixnet as rx
from check_claims import compute
from claim_measures import MEASURES, arithmetic, seeds, sources, strange
from claim_measures import pruning as pruned
from claim_measures.sources import SOURCES
from claims import NOT_REPRODUCED, REPRODUCED, WITH_A_DIFFERENCE, ClaimError, judge, read_claims
from companion.notebooks.sources import find_source
from reference import expanded_adjacency, path_counts, trimmed_masks

CLAIMS = {claim.id: claim for claim in read_claims()}
POSSIBLE = 784 * 300 + 300 * 100 + 100 * 10


def networks(**columns):
    """Return made-up networks, true in all that is not named."""
    truths = [f"{what}_{when}" for what in ("connected", "uniform", "equal_fan_out") for when in ("before", "after")]
    return pd.DataFrame({**dict.fromkeys(truths, True), **columns})


def runs(sparsity, validation, training=None):
    """Return made-up runs of Fig. 4 from bands: (sparsity, how many) and a validation accuracy for each band or each run."""
    training = validation if training is None else training
    table = pd.DataFrame({"sparsity": sparsity, "validation_accuracy": validation, "train_accuracy": training})
    return table.assign(connections=((1 - table["sparsity"]) * POSSIBLE).round().astype(int))


def bands(*erratic):
    """Return 100 runs at each of 50, 80 and 95 % sparsity, of which so many are erratic and strange."""
    accuracy = np.concatenate([np.repeat([0.5, 0.95], [count, 100 - count]) for count in erratic])
    return runs(np.repeat([0.5, 0.8, 0.95], 100), accuracy)


def sixteen(*topologies):
    """Return made-up runs of Fig. 5: a topology is (sparsity, lowest, median, highest), of accuracies over sixteen seeds."""
    rows = []
    for number, (sparsity, lowest, median, highest) in enumerate(topologies):
        for accuracy in [lowest, *[median] * 14, highest]:
            rows.append((f"[[{number + 1}, 1], [1]]", sparsity, accuracy, accuracy))
    return pd.DataFrame(rows, columns=["radix_lists", "sparsity", "validation_accuracy", "train_accuracy"])


def models(*groups, curves=((0.3, 0.3),), epochs=3):
    """Return made-up runs of Fig. 8: groups of (how many, last radix, sparsity, training accuracy), then long curves."""
    rows = [
        (f"[[15, {number % 7 + 9}], [{last}]]", sparsity, accuracy, epochs, (accuracy,) * epochs)
        for number, (last, sparsity, accuracy) in enumerate(
            (last, sparsity, accuracy) for count, last, sparsity, accuracy in groups for _ in range(count)
        )
    ]
    rows += [
        ("[[10, 10], [1]]", 0.95, curve[-1], 30, tuple(np.interp(range(30), np.linspace(0, 29, len(curve)), curve)))
        for curve in curves
    ]
    return pd.DataFrame(rows, columns=["radix_lists", "sparsity", "train_accuracy", "epochs", "train_accuracy_curve"])


def named(count, sparsity=0.95, radix=10):
    """Return so many different models of Fig. 8."""
    lists = [f"[[{radix}, {number}], [1]]" for number in range(1, count + 1)]
    return pd.DataFrame({"radix_lists": lists, "sparsity": sparsity, "train_accuracy": 0.5, "epochs": 3})


def ten(normal, strange, best=None):
    """Return made-up runs of Fig. 9, from training accuracies at the end, and the best one in between."""
    rows = [("[[10, 10], [10]]", value, (0.1, value)) for value in normal]
    rows += [("[[10, 10], [1]]", value, (best or 0.1, value)) for value in strange]
    return pd.DataFrame(rows, columns=["radix_lists", "train_accuracy", "train_accuracy_curve"])


def steps(off, moved):
    return pd.DataFrame({"step": [1, 2, 3], "off_the_mask": off, "moved": moved})


def copied(before, after):
    return pd.DataFrame({"connections": [100, 80], "copied": [before, after]}, index=["before", "after"])


def pruning(edge=0.3, kept=0.8, dark=0.8, share=0.6, chance=0.01, radix=0.9, once=0.8, best=0.85, equal=0.85):
    """Return made-up networks of Fig. 7, three seeds each, whose medians are what is given; the worst chance is the one given."""
    nothing = dict.fromkeys(
        ["edge_saliency", "ring_share", "ring_p", "edge_weights_kept", "dark_weights_kept", "test_accuracy"], np.nan
    )
    kinds = {
        "one-shot, each layer": {"edge_saliency": edge, "test_accuracy": once},
        "retrained, each layer": {"test_accuracy": best},
        "as many connections, retrained, each layer": {"test_accuracy": equal},
        "RadiX-Net": {"ring_share": share, "ring_p": chance, "test_accuracy": radix},
        "dense": {"edge_weights_kept": kept, "dark_weights_kept": dark, "test_accuracy": 0.97},
    }
    rows = [
        {"model": model, "seed": seed, **nothing, **{name: value * factor for name, value in known.items()}}
        for model, known in kinds.items()
        for seed, factor in {1000: 0.5, 2000: 1.0, 3000: 1.0}.items()
    ]
    return pd.DataFrame(rows)


SPREAD = [0.28, 0.37, 0.47, 0.56, 0.63, 0.75]

# Claim, made-up table, verdict.
CASES = [
    ("fig1-mask-enforced", steps(0, [10, 20, 30]), REPRODUCED),
    ("fig1-mask-enforced", steps([0, 1, 0], [10, 20, 30]), NOT_REPRODUCED),
    ("fig1-mask-enforced", steps(0, 0), NOT_REPRODUCED),
    ("fig2-symmetry", copied(100, 80), REPRODUCED),
    ("fig2-symmetry", copied(100, 79), WITH_A_DIFFERENCE),
    ("fig2-symmetry", copied(99, 80), NOT_REPRODUCED),
    ("abstract-uniformity", networks(uniform_after=[True, True]), REPRODUCED),
    ("abstract-uniformity", networks(uniform_after=[True, False]), WITH_A_DIFFERENCE),
    ("abstract-uniformity", networks(uniform_before=[True, False]), NOT_REPRODUCED),
    ("fig3-skew", networks(sparsity_before=[0.1, 0.8, 0.9], sparsity_after=[0.1, 0.8, 0.9]), REPRODUCED),
    ("fig3-skew", networks(sparsity_before=[0.1, 0.8, 0.9], sparsity_after=[0.1, 0.2, 0.9]), WITH_A_DIFFERENCE),
    ("fig3-skew", networks(sparsity_before=[0.1, 0.2, 0.9], sparsity_after=[0.1, 0.8, 0.9]), NOT_REPRODUCED),
    ("fig3-product-correlation", networks(product=[1, 2, 3], sparsity_before=[0.1, 0.5, 0.4]), REPRODUCED),
    ("fig3-product-correlation", networks(product=[3, 2, 1], sparsity_before=[0.1, 0.5, 0.6]), NOT_REPRODUCED),
    ("fig3-mostly-sparse", networks(sparsity_before=[0.9, 0.95, 0.1]), REPRODUCED),
    ("fig3-mostly-sparse", networks(sparsity_before=[0.75, 0.95, 0.1]), WITH_A_DIFFERENCE),
    ("fig3-mostly-sparse", networks(sparsity_before=[0.74, 0.95, 0.1, 0.9]), NOT_REPRODUCED),
    ("fig4-1130-networks", networks(masks=[*range(1130), 0]), REPRODUCED),
    ("fig4-1130-networks", networks(masks=range(1131)), NOT_REPRODUCED),
    ("fig4-path-connected", networks(connected_after=[True]), REPRODUCED),
    ("fig4-path-connected", networks(connected_after=[True, False]), WITH_A_DIFFERENCE),
    ("fig4-path-connected", networks(connected_before=[True, False]), NOT_REPRODUCED),
    (
        "fig5-five-per-class",
        networks(sparsity_before=np.arange(50) // 5 / 10, sparsity_after=np.zeros(50)),
        REPRODUCED,
    ),
    (
        "fig5-five-per-class",
        networks(sparsity_before=np.append(np.arange(49) // 5 / 10, 0.0), sparsity_after=np.zeros(50)),
        NOT_REPRODUCED,
    ),
    ("fig7-equal-fan-out", networks(equal_fan_out_after=[True]), REPRODUCED),
    ("fig7-equal-fan-out", networks(equal_fan_out_after=[False]), WITH_A_DIFFERENCE),
    ("fig7-equal-fan-out", networks(equal_fan_out_before=[False]), NOT_REPRODUCED),
    ("intro-strange-rise", bands(0, 10, 30), REPRODUCED),
    ("intro-strange-rise", bands(30, 10, 0), NOT_REPRODUCED),
    ("intro-strange-rise", bands(0, 0, 0), NOT_REPRODUCED),
    ("fig4-erratic-above-75", bands(1, 10, 30), REPRODUCED),
    ("fig4-erratic-above-75", bands(2, 10, 30), WITH_A_DIFFERENCE),
    ("fig4-erratic-above-75", bands(0, 30, 10), NOT_REPRODUCED),
    ("fig4-erratic-above-75", bands(10, 5, 30), NOT_REPRODUCED),
    ("fig4-variance-beyond-sparsity", runs([0.8] * 5 + [0.9] * 5, [0.5, 0.9, 0.9, 0.9, 0.9] * 2), REPRODUCED),
    ("fig4-variance-beyond-sparsity", runs([0.8] * 5 + [0.9] * 5, [0.9] * 5 + [0.5] * 5), NOT_REPRODUCED),
    ("fig4-variance-beyond-sparsity", runs([0.8] * 5 + [0.9] * 5, [0.9, 0.91, 0.92, 0.91, 0.9] * 2), NOT_REPRODUCED),
    ("fig6-fewer-parameters", runs([0.1, 0.5, 0.9], 0.9), REPRODUCED),
    ("fig6-fewer-parameters", runs([0.1, 0.5, 0.9], 0.9).assign(connections=[3, 1, 2]), NOT_REPRODUCED),
    ("conclusion-matches-dense", runs([0.0, 0.5, 0.9], [0.97, 0.98, 0.966]), REPRODUCED),
    ("conclusion-matches-dense", runs([0.0, 0.5, 0.9], [0.97, 0.98, 0.964]), WITH_A_DIFFERENCE),
    ("conclusion-matches-dense", runs([0.0, 0.5, 0.9, 0.4], [0.97, 0.964, 0.96, 0.98]), NOT_REPRODUCED),
    ("conclusion-infrequent", bands(0, 9, 20), REPRODUCED),
    ("conclusion-infrequent", bands(0, 12, 20), NOT_REPRODUCED),
    ("conclusion-infrequent", bands(0, 8, 3), NOT_REPRODUCED),
    ("conclusion-not-most", bands(0, 0, 49), REPRODUCED),
    ("conclusion-not-most", bands(0, 0, 51), WITH_A_DIFFERENCE),
    ("conclusion-not-most", bands(0, 90, 90), NOT_REPRODUCED),
    ("fig5-dense-within-2", sixteen((0.1, 0.95, 0.96, 0.97), (0.5, 0.95, 0.96, 0.972)), REPRODUCED),
    ("fig5-dense-within-2", sixteen((0.1, 0.95, 0.96, 0.97), (0.2, 0.95, 0.96, 0.97), (0.5, 0.9, 0.96, 0.97)), WITH_A_DIFFERENCE),
    ("fig5-dense-within-2", sixteen((0.1, 0.9, 0.96, 0.97), (0.5, 0.9, 0.96, 0.97), (0.9, 0.96, 0.96, 0.96)), NOT_REPRODUCED),
    ("fig5-fluctuation-above-50", sixteen((0.1, 0.95, 0.96, 0.96), (0.8, 0.9, 0.96, 0.96)), REPRODUCED),
    ("fig5-fluctuation-above-50", sixteen((0.1, 0.95, 0.96, 0.96), (0.8, 0.945, 0.96, 0.96)), WITH_A_DIFFERENCE),
    ("fig5-fluctuation-above-50", sixteen((0.1, 0.95, 0.96, 0.96), (0.8, 0.955, 0.96, 0.96), (0.9, 0.1, 0.9, 0.9)), NOT_REPRODUCED),
    ("fig5-marked-above-90", sixteen((0.8, 0.95, 0.96, 0.96), (0.9, 0.8, 0.9, 0.9)), REPRODUCED),
    ("fig5-marked-above-90", sixteen((0.8, 0.95, 0.96, 0.96), (0.9, 0.945, 0.96, 0.96)), WITH_A_DIFFERENCE),
    ("fig5-marked-above-90", sixteen((0.8, 0.9, 0.96, 0.96), (0.9, 0.95, 0.96, 0.96), (0.5, 0, 0, 0)), NOT_REPRODUCED),
    ("fig5-median-stable", sixteen((0.1, 0.9, 0.96, 0.97), (0.9, 0.3, 0.94, 0.97)), REPRODUCED),
    ("fig5-median-stable", sixteen((0.1, 0.9, 0.96, 0.97), (0.9, 0.3, 0.9, 0.97)), WITH_A_DIFFERENCE),
    ("fig5-median-stable", sixteen((0.1, 0.9, 0.96, 0.97), (0.9, 0.3, 0.8, 0.97)), NOT_REPRODUCED),
    ("fig5-due-to-strange", sixteen((0.8, 0.9, 0.95, 0.96), (0.95, 0.5, 0.9, 0.95), (0.1, 0.1, 0.9, 0.9)), REPRODUCED),
    ("fig5-due-to-strange", sixteen((0.8, 0.76, 0.95, 0.96), (0.95, 0.74, 0.8, 0.85)), NOT_REPRODUCED),
    ("fig7-pruned-edges-empty", pruning(edge=0.09), REPRODUCED),
    ("fig7-pruned-edges-empty", pruning(edge=0.4), WITH_A_DIFFERENCE),
    ("fig7-pruned-edges-empty", pruning(edge=0.5), NOT_REPRODUCED),
    ("fig7-gradients-minimise-edges", pruning(kept=0.8, dark=0.8), REPRODUCED),
    ("fig7-gradients-minimise-edges", pruning(kept=0.8, dark=1.0), WITH_A_DIFFERENCE),
    ("fig7-gradients-minimise-edges", pruning(kept=1.1, dark=0.8), NOT_REPRODUCED),
    ("fig7-radial-symmetry", pruning(share=0.5, chance=0.049), REPRODUCED),
    ("fig7-radial-symmetry", pruning(share=0.4, chance=0.001), WITH_A_DIFFERENCE),
    ("fig7-radial-symmetry", pruning(share=0.9, chance=0.05), NOT_REPRODUCED),
    ("fig7-better-than-pruning", pruning(radix=0.9, once=0.8, best=0.85), REPRODUCED),
    ("fig7-better-than-pruning", pruning(radix=0.9, once=0.8, best=0.95), WITH_A_DIFFERENCE),
    ("fig7-better-than-pruning", pruning(radix=0.9, once=0.8, best=0.85, equal=0.95), WITH_A_DIFFERENCE),
    ("fig7-better-than-pruning", pruning(radix=0.9, once=0.91, best=0.85), NOT_REPRODUCED),
    ("abstract-strange-beside-normal", models((2, 1, 0.95, 0.5), (1, 9, 0.955, 0.9)), REPRODUCED),
    ("abstract-strange-beside-normal", models((2, 1, 0.95, 0.5), (1, 1, 0.98, 0.5), (1, 9, 0.953, 0.9)), WITH_A_DIFFERENCE),
    ("abstract-strange-beside-normal", models((2, 1, 0.95, 0.5), (1, 9, 0.956, 0.9)), NOT_REPRODUCED),
    ("abstract-strange-beside-normal", models((3, 1, 0.95, 0.8)), NOT_REPRODUCED),
    ("fig8-426-models", named(426), REPRODUCED),
    ("fig8-426-models", named(426, sparsity=[0.89] + [0.9] * 425), WITH_A_DIFFERENCE),
    ("fig8-426-models", pd.concat([named(425), named(1)]), NOT_REPRODUCED),
    ("fig8-most-train-well", models((3, 9, 0.9, 0.93), (2, 1, 0.9, 0.5)), REPRODUCED),
    ("fig8-most-train-well", models((3, 9, 0.9, 0.96), (2, 1, 0.9, 0.5)), WITH_A_DIFFERENCE),
    ("fig8-most-train-well", models((3, 9, 0.9, 0.84), (2, 1, 0.9, 0.93)), NOT_REPRODUCED),
    ("fig8-several-strange", models((3, 1, 0.9, 0.6), (4, 9, 0.9, 0.93)), REPRODUCED),
    ("fig8-several-strange", models((2, 1, 0.9, 0.6), (4, 9, 0.9, 0.93)), NOT_REPRODUCED),
    ("fig8-several-strange", models((3, 1, 0.9, 0.74), (4, 9, 0.9, 0.93)), NOT_REPRODUCED),
    ("fig8-several-strange", models((4, 1, 0.9, 0.6), (4, 9, 0.9, 0.93)), NOT_REPRODUCED),
    ("fig8-several-strange", models((4, 1, 0.9, 0.9)), NOT_REPRODUCED),
    ("fig8-strange-stay-low", models((1, 9, 0.9, 0.93), curves=[[0.2, 0.3], [0.2, 0.8]]), REPRODUCED),
    ("fig8-strange-stay-low", models((1, 9, 0.9, 0.93), curves=[[0.2, 0.3]] * 9 + [[0.2, 0.95]]), WITH_A_DIFFERENCE),
    ("fig8-strange-stay-low", models((1, 9, 0.9, 0.93), curves=[[0.2, 0.3]] * 8 + [[0.2, 0.95]]), NOT_REPRODUCED),
    ("fig8-strange-stay-low", models((1, 9, 0.9, 0.93), curves=[[0.2, 0.3], [0.2, 0.4]]), NOT_REPRODUCED),
    ("fig8-close-sparsities", models((1, 9, 0.9, 0.93), (1, 1, 0.9005, 0.5)), REPRODUCED),
    ("fig8-close-sparsities", models((1, 9, 0.9, 0.93), (1, 1, 0.9015, 0.5)), NOT_REPRODUCED),
    ("fig8-radices-over-sparsity", models((9, 1, 0.9, 0.5), (9, 9, 0.9, 0.9), (9, 1, 0.95, 0.5), (9, 9, 0.95, 0.9)), REPRODUCED),
    (
        "fig8-radices-over-sparsity",
        models((9, 1, 0.9, 0.9), (9, 9, 0.9, 0.9), (9, 1, 0.95, 0.5), (9, 9, 0.95, 0.5)),
        NOT_REPRODUCED,
    ),
    ("fig8-radix-of-10", pd.concat([named(3), named(3, radix=2).assign(train_accuracy=0.9)]), REPRODUCED),
    ("fig8-radix-of-10", named(3), WITH_A_DIFFERENCE),
    ("fig8-radix-of-10", pd.concat([named(3), named(3, radix=2)]), NOT_REPRODUCED),
    ("fig8-plateau", models(curves=[[0.5, 0.5], [0.49, 0.5]]), REPRODUCED),
    ("fig8-plateau", models(curves=[[0.1, *[0.5] * 4]]), WITH_A_DIFFERENCE),
    ("fig8-plateau", models(curves=[[0.1, 0.9]]), NOT_REPRODUCED),
    ("fig8-six-groups", models(curves=[[end] for end in SPREAD]), REPRODUCED),
    ("fig8-six-groups", models(curves=[[end] for end in [*SPREAD, 0.9]]), WITH_A_DIFFERENCE),
    ("fig8-six-groups", models(curves=[[end] for end in SPREAD[:5] * 3]), NOT_REPRODUCED),
    ("fig8-separated", models(curves=[[end] for end in SPREAD * 3 + [0.53]]), REPRODUCED),
    ("fig8-separated", models(curves=[[end] for end in np.linspace(0.26, 0.79, 200)]), NOT_REPRODUCED),
    ("fig9-normal-above-90", ten([0.95, 0.901], [0.5]), REPRODUCED),
    ("fig9-normal-above-90", ten([0.95, 0.9], [0.5]), NOT_REPRODUCED),
    ("fig9-strange-below-60", ten([0.95], [0.2, 0.59]), REPRODUCED),
    ("fig9-strange-below-60", ten([0.95], [0.2, 0.5], best=0.6), NOT_REPRODUCED),
    ("fig9-strange-below-60", ten([0.95], [0.5, 0.55]), NOT_REPRODUCED),
    ("fig9-depends-on-radices", ten([0.95, 0.96], [0.3, 0.4]), REPRODUCED),
    ("fig9-depends-on-radices", ten([0.95, 0.96], [0.37, 0.4]), WITH_A_DIFFERENCE),
    ("fig9-depends-on-radices", ten([0.95, 0.96], [0.39, 0.4]), NOT_REPRODUCED),
]


@pytest.mark.parametrize(("claim", "table", "verdict"), CASES, ids=[f"{claim}: {verdict}" for claim, _, verdict in CASES])
def test_the_data_decide_the_verdict(claim, table, verdict):
    measurement = MEASURES[claim].function(table)
    assert judge(CLAIMS[claim], measurement).verdict == verdict, measurement


def test_every_claim_with_checks_is_measured_and_nothing_else():
    assert set(MEASURES) == {name for name, claim in CLAIMS.items() if claim.checks}
    assert {measure.source for measure in MEASURES.values()} <= set(SOURCES)


def test_every_outcome_of_every_claim_is_tried():
    for name, claim in CLAIMS.items():
        tried = {verdict for case, _, verdict in CASES if case == name}
        details = {WITH_A_DIFFERENCE} if any(check.part == "detail" for check in claim.checks) else set()
        assert tried == ({REPRODUCED, NOT_REPRODUCED} | details if claim.checks else set()), name


@pytest.mark.parametrize(("claim", "table", "verdict"), CASES, ids=[f"{claim}: {verdict}" for claim, _, verdict in CASES])
def test_the_sentence_states_a_number_and_ends(claim, table, verdict):  # noqa: ARG001
    statement = MEASURES[claim].function(table).statement
    assert any(character.isdigit() for character in statement)
    assert statement.endswith(".")
    assert "\n" not in statement


# ------------------------------------------------------------------------------------------------- the sources that are made here


def test_what_is_said_of_a_network_agrees_with_brute_force():
    sizes = rx.LENET_300_100
    small = [lists for lists in rx.legal_radix_lists(range(1, 11), layers=3) if prod(lists[0]) <= 60]
    for number in np.random.default_rng().choice(len(small), 6, replace=False):
        lists = small[number]
        row = sources.network(lists)
        assert row["product"] == prod(lists[0])
        for when, matrices in {"before": expanded_adjacency(lists, sizes), "after": trimmed_masks(lists, sizes)}.items():
            present = [matrix > 0 for matrix in matrices]
            paths = path_counts([matrix.astype(int) for matrix in present])
            fan_outs = [matrix.sum(axis=1) for matrix in present]
            density = sum(int(matrix.sum()) for matrix in present) / sum(matrix.size for matrix in present)
            assert row[f"connected_{when}"] == (paths.min() > 0), lists
            assert row[f"uniform_{when}"] == (paths.min() == paths.max() > 0), lists
            assert row[f"equal_fan_out_{when}"] == all(fan_out.min() == fan_out.max() for fan_out in fan_outs), lists
            assert row[f"sparsity_{when}"] == pytest.approx(1 - density, abs=1e-11), lists


def test_all_networks_of_figures_3_and_4_are_looked_at(monkeypatch):
    monkeypatch.setattr(sources, "network", lambda lists: {"lists": lists})
    table = sources.networks()
    assert len(table) == 1517
    assert {max(max(each) for each in lists) for lists in table["lists"]} == set(range(1, 11))


def test_copies_are_counted_as_shifting_each_block_counts_them():
    table = sources.copies()
    for when, matrices in {
        "before": expanded_adjacency([[10, 10], [10]], rx.LENET_300_100),
        "after": trimmed_masks([[10, 10], [10]], rx.LENET_300_100),
    }.items():
        counted = 0
        for matrix in matrices:
            padded = np.zeros([-(-size // 100) * 100 for size in matrix.shape], dtype=bool)
            padded[: matrix.shape[0], : matrix.shape[1]] = matrix
            blocks = padded.reshape(padded.shape[0] // 100, 100, padded.shape[1] // 100, 100)
            counted += int((blocks & np.roll(blocks, (-1, -1), axis=(1, 3))).sum())
        assert table.loc[when, "copied"] == counted
        assert table.loc[when, "connections"] == sum(int((matrix > 0).sum()) for matrix in matrices)


def test_mask_training_trains_and_would_see_a_weight_off_the_mask(monkeypatch):
    table = sources.mask_training()
    assert list(table["step"]) == list(range(1, 21))
    assert table["off_the_mask"].eq(0).all()
    assert table["moved"].iloc[-1] > 20_000
    dense = rx.RadixTopology([[1, 1], [1]], rx.LENET_300_100)
    leaky = rx.CustomModel
    monkeypatch.setattr(rx, "CustomModel", lambda _, seed: leaky(dense, seed=seed), raising=False)
    assert sources.mask_training()["off_the_mask"].min() > 100_000


def test_a_failed_run_stops_a_claim_and_sparsities_are_compared_as_decimals(monkeypatch):
    table = pd.DataFrame({"sparsity": [0.9 - 1e-16, 0.5], "status": ["done", "done"]})
    monkeypatch.setattr(sources, "published_runs", lambda figure: table)  # noqa: ARG005
    assert sources.runs_of("fig04")["sparsity"].tolist() == [0.9, 0.5]
    table["status"] = ["done", "failed"]
    with pytest.raises(ClaimError, match="1 of the 2 published runs of fig04 have failed"):
        sources.runs_of("fig04")


def test_missing_runs_are_named():
    with pytest.raises(ClaimError, match="no runs of 30 epochs among the 2"):
        strange.after(named(2), 30)
    with pytest.raises(ClaimError, match="no network 'gradual'; it has one-shot, each layer"):
        pruned.medians_of(pruning(), "gradual")
    with pytest.raises(ClaimError, match=r"no runs of \[\[1, 1\], \[1\]\]; it has \[\[10, 10\], \[10\]\], \[\[10, 10\], \[1\]\]"):
        seeds.model_of_figure_9(ten([0.9], [0.5]), "[[1, 1], [1]]")


def test_a_claim_that_cannot_be_computed_is_named_and_hides_no_other(monkeypatch):
    def load(source):
        if source != "copies":
            raise ClaimError(f"{source} is not there")
        return copied(100, 80)

    monkeypatch.setattr(sources, "load", load)
    results, problems = compute()
    assert {result.claim.id for result in results if result.claim.checks} == {"fig2-symmetry"}
    assert set(problems) == {name for name, claim in CLAIMS.items() if claim.checks} - {"fig2-symmetry"}
    assert problems["fig9-normal-above-90"] == "ClaimError: fig09 is not there"


def test_bins_and_radices():
    assert arithmetic.bins(pd.Series([0.0, 0.29, 0.3, 0.7, 0.99, 1.0]), 10).tolist() == [0, 2, 3, 7, 9, 9]
    assert arithmetic.bins(pd.Series([0.29, 0.57, 0.58]), 100).tolist() == [29, 57, 58]
    assert arithmetic.radices_of("[[10, 10], [5]]") == [10, 10, 5]
    assert sum(before * after for before, after in pairwise(rx.LENET_300_100)) == POSSIBLE


def test_claims_are_measured_again_when_a_figure_has_another_parameter(monkeypatch, tmp_path):
    before = check_claims.state()
    changed = tmp_path / "fig08_strange.py"
    changed.write_text(
        find_source("fig08").read_text(encoding="utf-8").replace("\ngap = 0.02\n", "\ngap = 0.03\n"), encoding="utf-8"
    )
    monkeypatch.setattr(check_claims, "find_source", lambda name: changed if name == "fig08_strange" else find_source(name))
    assert changed.read_text(encoding="utf-8") != find_source("fig08").read_text(encoding="utf-8")
    assert check_claims.state() != before
