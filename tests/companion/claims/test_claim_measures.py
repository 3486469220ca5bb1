"""Each measure on made-up tables: one that agrees with the paper, and one that does not."""

from math import prod

import numpy as np
import pandas as pd
import pytest

import radixnet as rx
from companion.claims import arithmetic, fig01, fig02, fig03, fig04, fig05, fig07, fig08, fig09
from companion.claims.rules import (
    NOT_REPRODUCED,
    REPRODUCED,
    UNDECIDED,
    WITH_A_DIFFERENCE,
    ClaimError,
    read_claims,
    result_of,
)
from companion.experiments import BEST_OF, is_strange
from companion.forecasts import share_interval
from reference import expanded_adjacency, path_counts, trimmed_masks

CLAIMS = {claim.id: claim for claim in read_claims()}
POSSIBLE = 784 * 300 + 300 * 100 + 100 * 10
FITTED = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
EXPANDED = rx.RadixTopology([[10, 10], [10]], FITTED.expanded_layer_sizes)


def networks(before=0.5, **columns):
    """Return made-up networks, true in all that is not named; `before` is the sparsity then."""
    truths = [
        f"{what}_{when}"
        for what in ("connected", "uniform", "equal_fan_out")
        for when in ("before", "after")
    ]
    return pd.DataFrame(
        {**dict.fromkeys(truths, True), "sparsity_before_fitting": before, **columns}
    )


def runs(sparsity, validation, training=None):
    """Return made-up runs of Fig. 4 from bands.

    A band is (sparsity, how many) and a validation accuracy for all of them or for each.
    """
    training = validation if training is None else training
    table = pd.DataFrame(
        {"sparsity": sparsity, "validation_accuracy": validation, "train_accuracy": training}
    )
    connections = ((1 - table["sparsity"]) * POSSIBLE).round().astype(int)
    table["weight"] = 1.0
    return table.assign(
        connections=connections,
        erratic=table["validation_accuracy"] < fig04.erratic_limit(table, 0.1),
    )


def bands(*erratic, size=100):
    """Return so many runs at each of 50, 80 and 95 % sparsity, some of them erratic and strange."""
    accuracy = np.concatenate([np.repeat([0.5, 0.95], [count, size - count]) for count in erratic])
    return runs(np.repeat([0.5, 0.8, 0.95], size), accuracy)


def spread(within, apart):
    """Return 100 runs at 80 and at 90 % sparsity: so far apart, and so far from their mean."""
    near = np.tile([-within, within], 25)
    return runs(np.repeat([0.8, 0.9], 50), np.concatenate([0.8 + near, 0.8 - apart + near]))


def census(erratic):
    """Return all networks up to 75 % sparsity, so many of 100 erratic."""
    return pd.DataFrame({"sparsity": 0.5, "erratic": np.arange(100) < erratic})


def beside(*differences):
    """Return runs of a network and of the dense one, seed by seed so far apart."""
    dense = np.full(len(differences), 0.97)
    accuracy = np.concatenate([dense + differences, dense])
    return pd.DataFrame(
        {
            "radix_lists": np.repeat(["[[2, 2], [2]]", "[[1, 1], [1]]"], len(dense)),
            "sparsity": np.repeat([0.5, 0.0], len(dense)),
            "seed": np.tile(range(len(dense)), 2),
            "validation_accuracy": accuracy,
            "test_accuracy": accuracy,
        }
    )


def best(*differences):
    """Return such runs for the best network of each least sparsity."""
    return {least: beside(*each) for least, each in zip(BEST_OF, differences, strict=True)}


def sixteen(*topologies):
    """Return made-up networks of Fig. 5.

    Each is (sparsity, lowest, median, highest), of both accuracies over sixteen seeds.
    """
    table = pd.DataFrame(topologies, columns=["sparsity", "lowest", "median", "highest"])
    return table.assign(range=table["highest"] - table["lowest"], strange=table["lowest"] <= 0.75)


def models(*groups):
    """Return made-up models of Fig. 8.

    Groups of (how many, last radix, sparsity, training accuracy).
    """
    rows = [
        (f"[[15, {number % 7 + 9}], [{last}]]", sparsity, accuracy)
        for number, (last, sparsity, accuracy) in enumerate(
            (last, sparsity, accuracy)
            for count, last, sparsity, accuracy in groups
            for _ in range(count)
        )
    ]
    table = pd.DataFrame(rows, columns=["radix_lists", "sparsity", "train_accuracy"])
    return table.assign(strange=is_strange(table))


def curves(*corners):
    """Return made-up curves of strange models over 30 epochs, straight from corner to corner."""
    return np.array([np.interp(range(30), np.linspace(0, 29, len(each)), each) for each in corners])


def named(count, sparsity=0.95, radix=10):
    """Return so many different models of Fig. 8."""
    lists = [f"[[{radix}, {number}], [1]]" for number in range(1, count + 1)]
    return pd.DataFrame(
        {"radix_lists": lists, "sparsity": sparsity, "train_accuracy": 0.5, "strange": True}
    )


def seeds(lists, ends, best=0.1):
    """Return made-up runs of one model of Fig. 9 from final and best earlier accuracies."""
    return pd.DataFrame(
        [(lists, end, (best, end)) for end in ends],
        columns=["radix_lists", "train_accuracy", "train_accuracy_curve"],
    )


def drawn(*models, other=None, best=0.1):
    """Return runs of models drawn for Fig. 9 in two batch sizes, each given by its seeds' ends."""
    return {
        batch: pd.concat(
            [seeds(f"[[{number}, 10], [1]]", ends, best) for number, ends in enumerate(given)]
        )
        for batch, given in {100: models, 2048: other or models}.items()
    }


def normal(*ends):
    return seeds("[[10, 10], [10]]", ends)


def strange(*ends, best=0.1):
    return seeds("[[10, 10], [1]]", ends, best)


def steps(off, moved):
    return pd.DataFrame({"step": [1, 2, 3], "off_the_mask": off, "moved": moved})


def pruning(
    edge=0.3,
    kept=0.8,
    dark=0.8,
    share=0.6,
    pruned_share=0.3,
    chance=0.01,
    radix=0.9,
    once=0.8,
    best=0.85,
    equal=0.85,
):
    """Return made-up networks of Fig. 7, a pair from each of ten seeds, near what is given.

    That is a number for all, or one for each.
    """
    nothing = dict.fromkeys(
        [
            "edge_saliency",
            "ring_share",
            "ring_p",
            "edge_weights_kept",
            "dark_weights_kept",
            "test_accuracy",
        ],
        np.nan,
    )
    kinds = {
        "one-shot, each layer": {
            "edge_saliency": edge,
            "ring_share": pruned_share,
            "test_accuracy": once,
        },
        "retrained, each layer": {"test_accuracy": best},
        "as many connections, retrained, each layer": {"test_accuracy": equal},
        "RadiX-Net": {"ring_share": share, "ring_p": chance, "test_accuracy": radix},
        "dense": {"edge_weights_kept": kept, "dark_weights_kept": dark, "test_accuracy": 0.97},
    }
    rows = [
        {
            "model": model,
            "seed": seed,
            **nothing,
            **{name: factor * np.resize(value, 10)[seed] for name, value in known.items()},
        }
        for model, known in kinds.items()
        for seed, factor in enumerate(np.tile([0.999, 1.001], 5))
    ]
    return pd.DataFrame(rows)


USUAL = models((1, 9, 0.9, 0.93))
SPREAD = [0.28, 0.37, 0.47, 0.56, 0.63, 0.75]
TIGHT = [group + 0.02 + away for group in SPREAD for away in (-0.002, 0, 0.002)]
SCATTERED = np.random.default_rng(0).uniform(0.26, 0.79, 68)

YES, BUT, OPEN, NO = REPRODUCED, WITH_A_DIFFERENCE, UNDECIDED, NOT_REPRODUCED
MATCH = (0.01, 0.0101)
WIDE, NARROW = [(0.2, 0.5)] * 8, [(0.93, 0.94)] * 8

# What is measured on a made-up table, and the verdict.
CASES = [
    (fig01.mask_enforced(steps(0, [10, 20, 30])), YES),
    (fig01.mask_enforced(steps([0, 1, 0], [10, 20, 30])), NO),
    (fig01.mask_enforced(steps(0, 0)), NO),
    (fig02.symmetry(EXPANDED, EXPANDED), YES),
    (fig02.symmetry(EXPANDED, FITTED), BUT),
    (fig02.symmetry(FITTED, FITTED), NO),
    (fig03.uniformity(networks(uniform_after=[True, True])), YES),
    (fig03.uniformity(networks(uniform_after=[True, False])), NO),
    (fig03.uniformity(networks(uniform_before=[True, False])), NO),
    (fig03.skewness(networks(before=[0.1, 0.8, 0.9], sparsity=[0.1, 0.8, 0.9])), YES),
    (fig03.skewness(networks(before=[0.1, 0.8, 0.9], sparsity=[0.1, 0.2, 0.9])), BUT),
    (fig03.skewness(networks(before=[0.1, 0.2, 0.9], sparsity=[0.1, 0.8, 0.9])), NO),
    (fig03.product_correlation(networks(product=[1, 2, 3], before=[0.1, 0.5, 0.4])), YES),
    (fig03.product_correlation(networks(product=[3, 2, 1], before=[0.1, 0.5, 0.6])), NO),
    (fig03.mostly_sparse(networks(before=[0.9, 0.95, 0.1])), YES),
    (fig03.mostly_sparse(networks(before=[0.75, 0.95, 0.1])), BUT),
    (fig03.mostly_sparse(networks(before=[0.74, 0.95, 0.1, 0.9])), NO),
    (fig03.distinct_networks(1517, 1130), YES),
    (fig03.distinct_networks(1517, 1131), NO),
    (fig03.path_connected(networks(connected_after=[True])), YES),
    (fig03.path_connected(networks(connected_after=[True, False])), NO),
    (fig03.path_connected(networks(connected_before=[True, False])), NO),
    (fig03.five_per_class(networks(before=np.arange(50) // 5 / 10, sparsity=np.zeros(50))), YES),
    (
        fig03.five_per_class(
            networks(before=np.append(np.arange(49) // 5 / 10, 0.0), sparsity=np.zeros(50))
        ),
        NO,
    ),
    (fig03.equal_fan_out(networks(equal_fan_out_after=[True])), YES),
    (fig03.equal_fan_out(networks(equal_fan_out_after=[False])), NO),
    (fig03.equal_fan_out(networks(equal_fan_out_before=[False])), NO),
    (fig04.strange_rise(bands(0, 10, 30)), YES),
    (fig04.strange_rise(bands(10, 12, 13)), OPEN),
    (fig04.strange_rise(bands(30, 10, 0)), NO),
    (fig04.strange_rise(bands(0, 0, 0)), NO),
    (fig04.erratic_above_75(bands(0, 100, 300, size=1000), census(0)), YES),
    (fig04.erratic_above_75(bands(0, 10, 30), census(0)), BUT),
    (fig04.erratic_above_75(bands(0, 100, 300, size=1000), census(2)), BUT),
    (fig04.erratic_above_75(bands(0, 10, 12), census(0)), OPEN),
    (fig04.erratic_above_75(bands(0, 40, 10), census(0)), NO),
    (fig04.erratic_above_75(bands(30, 5, 60), census(0)), NO),
    (fig04.variance_beyond_sparsity(spread(0.1, 0.02)), YES),
    (fig04.variance_beyond_sparsity(spread(0.1, 0.2)), OPEN),
    (fig04.variance_beyond_sparsity(spread(0.06, 0.4)), NO),
    (fig04.variance_beyond_sparsity(spread(0.01, 0.0)), NO),
    (fig04.fewer_parameters(runs([0.1, 0.5, 0.9], 0.9)), YES),
    (fig04.fewer_parameters(runs([0.1, 0.5, 0.9], 0.9).assign(connections=[3, 1, 2])), NO),
    (fig04.matches_dense(best(MATCH, MATCH, (-0.004, -0.0041))), YES),
    (fig04.matches_dense(best(MATCH, MATCH, (-0.006, -0.0061))), BUT),
    (fig04.matches_dense(best(MATCH, (-0.02, 0.02), MATCH)), BUT),
    (fig04.matches_dense(best((-0.004, -0.0041), MATCH, MATCH)), BUT),
    (fig04.matches_dense(best((-0.02, 0.02), MATCH, MATCH)), OPEN),
    (fig04.matches_dense(best((-0.02, -0.021), MATCH, MATCH)), NO),
    (fig04.infrequent(bands(0, 2, 30)), YES),
    (fig04.infrequent(bands(0, 9, 30)), OPEN),
    (fig04.infrequent(bands(0, 40, 90)), NO),
    (fig04.infrequent(bands(0, 9, 0)), NO),
    (fig04.not_most(bands(0, 0, 20)), YES),
    (fig04.not_most(bands(0, 0, 49)), BUT),
    (fig04.not_most(bands(0, 60, 90)), OPEN),
    (fig04.not_most(bands(0, 90, 90)), NO),
    (fig05.dense_within_2(sixteen((0.1, 0.95, 0.96, 0.97), (0.5, 0.95, 0.96, 0.972))), YES),
    (
        fig05.dense_within_2(
            sixteen(*[(0.1, 0.95, 0.96, 0.97)] * 12, (0.5, 0.9, 0.96, 0.97)),
        ),
        BUT,
    ),
    (
        fig05.dense_within_2(sixteen(*[(0.1, 0.95, 0.96, 0.97)] * 2, (0.5, 0.9, 0.96, 0.97))),
        OPEN,
    ),
    (
        fig05.dense_within_2(
            sixteen((0.1, 0.9, 0.96, 0.97), (0.5, 0.9, 0.96, 0.97), (0.9, 0.96, 0.96, 0.96))
        ),
        NO,
    ),
    (fig05.fluctuation_above_50(sixteen((0.1, 0.95, 0.96, 0.96), (0.8, 0.9, 0.96, 0.96))), YES),
    (fig05.fluctuation_above_50(sixteen((0.1, 0.95, 0.96, 0.96), (0.8, 0.945, 0.96, 0.96))), BUT),
    (
        fig05.fluctuation_above_50(
            sixteen(
                (0.1, 0.95, 0.96, 0.96),
                (0.2, 0.93, 0.96, 0.96),
                (0.8, 0.94, 0.96, 0.96),
                (0.8, 0.92, 0.96, 0.96),
            )
        ),
        OPEN,
    ),
    (
        fig05.fluctuation_above_50(
            sixteen((0.1, 0.95, 0.96, 0.96), (0.8, 0.955, 0.96, 0.96), (0.9, 0.1, 0.9, 0.9))
        ),
        NO,
    ),
    (fig05.marked_above_90(sixteen((0.8, 0.95, 0.96, 0.96), (0.9, 0.8, 0.9, 0.9))), YES),
    (fig05.marked_above_90(sixteen((0.8, 0.95, 0.96, 0.96), (0.9, 0.945, 0.96, 0.96))), BUT),
    (
        fig05.marked_above_90(
            sixteen((0.8, 0.95, 0.96, 0.96), (0.8, 0.9, 0.96, 0.96), (0.9, 0.93, 0.96, 0.96))
        ),
        OPEN,
    ),
    (
        fig05.marked_above_90(
            sixteen((0.8, 0.9, 0.96, 0.96), (0.9, 0.95, 0.96, 0.96), (0.5, 0, 0, 0))
        ),
        NO,
    ),
    (fig05.median_stable(sixteen((0.1, 0.9, 0.96, 0.97), (0.9, 0.3, 0.94, 0.97))), YES),
    (fig05.median_stable(sixteen((0.1, 0.9, 0.96, 0.97), (0.9, 0.3, 0.9, 0.97))), BUT),
    (fig05.median_stable(sixteen((0.1, 0.9, 0.96, 0.97), (0.9, 0.3, 0.8, 0.97))), NO),
    (
        fig05.due_to_strange(
            sixteen(
                *[(0.95, 0.5, 0.9, 0.95)] * 20, *[(0.8, 0.9, 0.95, 0.96)] * 5, (0.1, 0.1, 0.9, 0.9)
            )
        ),
        YES,
    ),
    (fig05.due_to_strange(sixteen((0.8, 0.9, 0.95, 0.96), (0.95, 0.5, 0.9, 0.95))), OPEN),
    (
        fig05.due_to_strange(sixteen(*[(0.8, 0.76, 0.95, 0.96)] * 20, (0.95, 0.74, 0.8, 0.85))),
        NO,
    ),
    (fig07.pruned_edges_empty(pruning(edge=0.09)), YES),
    (fig07.pruned_edges_empty(pruning(edge=0.4)), BUT),
    (fig07.pruned_edges_empty(pruning(edge=0.5)), OPEN),
    (fig07.pruned_edges_empty(pruning(edge=0.6)), NO),
    (fig07.gradients_minimise_edges(pruning(kept=0.8, dark=0.8)), YES),
    (fig07.gradients_minimise_edges(pruning(kept=0.8, dark=1.0)), BUT),
    (fig07.gradients_minimise_edges(pruning(kept=0.9, dark=0.8)), OPEN),
    (fig07.gradients_minimise_edges(pruning(kept=1.1, dark=0.8)), NO),
    (fig07.radial_symmetry(pruning(share=0.51, chance=0.04)), YES),
    (fig07.radial_symmetry(pruning(share=0.4, chance=0.001)), BUT),
    (fig07.radial_symmetry(pruning(share=0.9, chance=[0.01, 0.5])), OPEN),
    (fig07.radial_symmetry(pruning(share=0.9, chance=0.06)), NO),
    (fig07.radial_symmetry(pruning(share=0.5, chance=0.001, pruned_share=0.6)), NO),
    (fig07.better_than_pruning(pruning(radix=0.9, once=0.8, best=0.85)), YES),
    (fig07.better_than_pruning(pruning(radix=0.9, once=0.8, best=0.95)), BUT),
    (fig07.better_than_pruning(pruning(radix=[0.8, 0.95], once=0.7, best=0.85)), OPEN),
    (fig07.better_than_pruning(pruning(radix=0.9, once=0.8, best=0.85, equal=0.95)), NO),
    (fig07.better_than_pruning(pruning(radix=0.9, once=0.91, best=0.85)), NO),
    (fig08.strange_beside_normal(models((20, 1, 0.95, 0.5), (1, 9, 0.9505, 0.9))), YES),
    (
        fig08.strange_beside_normal(
            models((19, 1, 0.95, 0.5), (1, 1, 0.98, 0.5), (1, 9, 0.9503, 0.9))
        ),
        BUT,
    ),
    (fig08.strange_beside_normal(models((2, 1, 0.95, 0.5), (1, 9, 0.9505, 0.9))), OPEN),
    (fig08.strange_beside_normal(models((20, 1, 0.95, 0.5), (1, 9, 0.9506, 0.9))), NO),
    (fig08.number_of_models(named(426)), YES),
    (fig08.number_of_models(named(426, sparsity=[0.89] + [0.9] * 425)), BUT),
    (fig08.number_of_models(pd.concat([named(425), named(1)])), NO),
    (fig08.most_train_well(models((30, 9, 0.9, 0.93), (5, 1, 0.9, 0.5))), YES),
    (fig08.most_train_well(models((30, 9, 0.9, 0.96), (5, 1, 0.9, 0.5))), BUT),
    (fig08.most_train_well(models((6, 9, 0.9, 0.93), (5, 1, 0.9, 0.5))), OPEN),
    (fig08.most_train_well(models((30, 9, 0.9, 0.84), (5, 1, 0.9, 0.93))), NO),
    (fig08.several_strange(models((30, 1, 0.9, 0.6), (60, 9, 0.9, 0.93))), YES),
    (fig08.several_strange(models((30, 1, 0.9, 0.6), (31, 9, 0.9, 0.93))), OPEN),
    (fig08.several_strange(models((2, 1, 0.9, 0.6), (60, 9, 0.9, 0.93))), NO),
    (fig08.several_strange(models((30, 1, 0.9, 0.74), (60, 9, 0.9, 0.93))), NO),
    (fig08.several_strange(models((60, 1, 0.9, 0.6), (30, 9, 0.9, 0.93))), NO),
    (fig08.several_strange(models((4, 1, 0.9, 0.9))), NO),
    (fig08.strange_stay_low(USUAL, 3, curves(*[[0.2, 0.3], [0.2, 0.8]] * 20)), YES),
    (fig08.strange_stay_low(USUAL, 3, curves(*[[0.2, 0.3]] * 99, [0.2, 0.95])), BUT),
    (fig08.strange_stay_low(USUAL, 3, curves([0.2, 0.3], [0.2, 0.8])), OPEN),
    (fig08.strange_stay_low(USUAL, 3, curves(*[[0.2, 0.3], [0.2, 0.95]] * 20)), NO),
    (fig08.strange_stay_low(USUAL, 3, curves(*[[0.2, 0.3], [0.2, 0.4]] * 20)), NO),
    (fig08.close_sparsities(models((1, 9, 0.9, 0.93), (1, 1, 0.9005, 0.5))), YES),
    (fig08.close_sparsities(models((1, 9, 0.9, 0.93), (1, 1, 0.9015, 0.5))), NO),
    (
        fig08.radices_over_sparsity(
            models((9, 1, 0.9, 0.5), (9, 9, 0.9, 0.9), (9, 1, 0.95, 0.5), (9, 9, 0.95, 0.9))
        ),
        YES,
    ),
    (
        fig08.radices_over_sparsity(
            models((9, 1, 0.9, 0.9), (9, 9, 0.9, 0.9), (9, 1, 0.95, 0.5), (9, 9, 0.95, 0.5))
        ),
        NO,
    ),
    (
        fig08.radices_over_sparsity(
            models(
                *((9, 1, 0.9, 0.5), (9, 9, 0.9, 0.9), (9, 9, 0.95, 0.5)),
                *((7, 1, 0.95, 0.9), (2, 1, 0.95, 0.5)),
            )
        ),
        OPEN,
    ),
    (fig08.radix_of_10(pd.concat([named(3), named(3, radix=2).assign(strange=False)])), YES),
    (fig08.radix_of_10(named(3)), BUT),
    (fig08.radix_of_10(pd.concat([named(3), named(3, radix=2)])), NO),
    (fig08.plateau(curves([0.5, 0.5], [0.49, 0.5])), YES),
    (fig08.plateau(curves([0.1, *[0.5] * 4])), BUT),
    (fig08.plateau(curves([0.5, 0.5], [0.1, 0.9])), OPEN),
    (fig08.plateau(curves([0.485, 0.485, 0.5])), OPEN),
    (fig08.plateau(curves([0.1, 0.9])), NO),
    (fig08.six_groups(curves(*[[end] for end in SPREAD * 10]), 0.02), YES),
    (fig08.six_groups(curves(*[[end] for end in [*SPREAD, 0.9]]), 0.02), BUT),
    (fig08.six_groups(curves(*[[end] for end in [*SPREAD, 0.71, 0.79]]), 0.02), NO),
    (fig08.six_groups(curves(*[[end] for end in SPREAD[:5] * 3]), 0.02), NO),
    (fig08.separated(curves(*[[end] for end in TIGHT])), YES),
    (fig08.separated(curves(*[[end] for end in [*TIGHT, 0.317]])), BUT),
    (fig08.separated(curves(*[[end] for end in [*TIGHT, 0.337]])), NO),
    (fig08.separated(curves(*[[end] for end in np.linspace(0.26, 0.79, 200)])), NO),
    (fig08.separated(curves(*[[end] for end in SCATTERED])), NO),
    (fig09.normal_above_90(normal(0.95, 0.901), drawn(*NARROW)), YES),
    (fig09.normal_above_90(normal(0.95, 0.9), drawn(*NARROW)), BUT),
    (fig09.normal_above_90(normal(0.95, 0.901), drawn(*NARROW, other=WIDE)), OPEN),
    (fig09.normal_above_90(normal(0.95, 0.901), drawn(*NARROW[:4], *WIDE[:4])), OPEN),
    (fig09.normal_above_90(normal(0.95, 0.901), drawn(*[(0.9, 0.95)] * 8)), NO),
    (fig09.strange_below_60(strange(0.2, 0.59), drawn(*WIDE)), YES),
    (fig09.strange_below_60(strange(0.2, 0.5, best=0.6), drawn(*WIDE)), BUT),
    (fig09.strange_below_60(strange(0.2, 0.59), drawn(*WIDE[:4], *NARROW[:4])), OPEN),
    (fig09.strange_below_60(strange(0.2, 0.59), drawn(*WIDE, other=NARROW)), OPEN),
    (fig09.strange_below_60(strange(0.2, 0.59), drawn(*WIDE, best=0.6)), NO),
    (fig09.strange_below_60(strange(0.2, 0.59), drawn(*[(0.5, 0.55)] * 8)), NO),
    (fig09.depends_on_radices(drawn(*NARROW), drawn(*WIDE)), YES),
    (fig09.depends_on_radices(drawn(*NARROW), drawn(*[(0.37, 0.4)] * 8)), BUT),
    (fig09.depends_on_radices(drawn(*NARROW), drawn(*WIDE, other=NARROW)), OPEN),
    (fig09.depends_on_radices(drawn(*NARROW), drawn(*[(0.39, 0.4)] * 8)), NO),
    (fig09.winning_tickets(beside(-0.004, -0.0041)), YES),
    (fig09.winning_tickets(beside(-0.02, 0.02)), OPEN),
    (fig09.winning_tickets(beside(-0.02, -0.021)), NO),
]


@pytest.mark.parametrize(
    ("measured", "verdict"),
    CASES,
    ids=[f"{measured.claim}: {verdict}" for measured, verdict in CASES],
)
def test_the_data_decide_the_verdict(measured, verdict):
    assert result_of(CLAIMS[measured.claim], measured).verdict == verdict, measured
    assert any(character.isdigit() for character in measured.statement)
    assert measured.statement.endswith(".")
    assert "\n" not in measured.statement


def test_every_outcome_of_every_claim_is_tried():
    for name, claim in CLAIMS.items():
        tried = {verdict for measured, verdict in CASES if measured.claim == name}
        parts = {check.part for check in claim.checks}
        estimated = any(check.over for check in claim.checks if check.part == "core")
        expected = {REPRODUCED, NOT_REPRODUCED} if claim.checks else set()
        expected |= {WITH_A_DIFFERENCE} if "detail" in parts else set()
        assert tried == expected | ({UNDECIDED} if estimated else set()), name


def test_what_is_said_of_a_network_agrees_with_brute_force():
    sizes = rx.LENET_300_100
    small = [
        lists for lists in rx.legal_radix_lists(range(1, 11), layers=3) if prod(lists[0]) <= 60
    ]
    for number in np.random.default_rng().choice(len(small), 6, replace=False):
        lists = small[number]
        topology = rx.RadixTopology(lists, sizes)
        row = fig03.wiring(topology, topology.diagnose())
        for when, matrices in {
            "before": expanded_adjacency(lists, sizes),
            "after": trimmed_masks(lists, sizes),
        }.items():
            present = [matrix > 0 for matrix in matrices]
            paths = path_counts([matrix.astype(int) for matrix in present])
            fan_outs = [matrix.sum(axis=1) for matrix in present]
            assert row[f"connected_{when}"] == (paths.min() > 0), lists
            assert row[f"uniform_{when}"] == (paths.min() == paths.max() > 0), lists
            assert row[f"equal_fan_out_{when}"] == all(
                fan_out.min() == fan_out.max() for fan_out in fan_outs
            ), lists


def test_copies_are_counted_as_shifting_each_block_counts_them():
    for topology, matrices in {
        EXPANDED: expanded_adjacency([[10, 10], [10]], rx.LENET_300_100),
        FITTED: trimmed_masks([[10, 10], [10]], rx.LENET_300_100),
    }.items():
        counted = 0
        for matrix in matrices:
            padded = np.zeros([-(-size // 100) * 100 for size in matrix.shape], dtype=bool)
            padded[: matrix.shape[0], : matrix.shape[1]] = matrix
            blocks = padded.reshape(padded.shape[0] // 100, 100, padded.shape[1] // 100, 100)
            counted += int((blocks & np.roll(blocks, (-1, -1), axis=(1, 3))).sum())
        assert fig02.share_with_copy(topology) == counted / sum(
            int((matrix > 0).sum()) for matrix in matrices
        )


def test_a_group_ends_where_the_next_model_is_further_off_than_the_gap():
    assert fig08.group_numbers([0.5, 0.2, 0.515, 0.7, 0.22], 0.02).tolist() == [2, 1, 2, 3, 1]
    assert fig08.group_numbers([], 0.02).tolist() == []


def test_a_group_beyond_the_papers_ranges_is_not_within_their_span():
    assert fig08.groups_in_span([0.26, 0.3, 0.301, 0.8, 0.815], 0.02) == 2
    assert fig08.groups_in_span([0.1, 0.9], 0.02) == 0


# -- estimates from lists drawn --------------------------------------------------------------------


def lists_drawn(random, population, count):
    """Return what a draw of lists makes of a population of networks: a row per network drawn.

    In the population, a row per network, with the number of its lists.
    """
    every = np.repeat(np.arange(len(population)), population["lists"])
    weights = arithmetic.weights_of_drawn(
        chosen := random.choice(every, count, replace=False).tolist(), every.tolist()
    )
    return population.iloc[[chosen[place] for place in weights.index]].assign(
        weight=weights.to_numpy()
    )


def test_a_networks_weight_is_one_over_how_often_draws_of_lists_have_it():
    """Of the ten draws of two of these five lists, seven have the network with two lists."""
    every = ["a", "a", "b", "c", "d"]
    weights = arithmetic.weights_of_drawn(["c", "a"], every)
    assert weights.tolist() == pytest.approx([10 / 4, 10 / 7])
    assert arithmetic.weights_of_drawn(["b", "a", "a"], every).index.tolist() == [0, 1]


def test_a_share_is_that_of_networks_though_lists_were_drawn():
    """Networks with more lists are more often erratic here, so the drawn ones' share is not it."""
    random = np.random.default_rng(0)
    population = pd.DataFrame({"lists": np.repeat([1, 3], [400, 100])})
    population["erratic"] = np.r_[np.arange(400) < 20, np.arange(100) < 60]
    truth = population["erratic"].mean()
    draws = [lists_drawn(random, population, 200) for _ in range(300)]
    found = [fig04.erratic_share(drawn) for drawn in draws]
    assert np.mean([share for share, _ in found]) == pytest.approx(truth, abs=0.004)
    assert np.mean([drawn["erratic"].mean() for drawn in draws]) > truth + 0.05
    assert np.mean([low <= truth <= high for _, (low, high) in found]) > 0.94


def test_weights_change_nothing_where_they_are_equal():
    holds = [True] * 3 + [False] * 7
    share, interval = arithmetic.weighted_share(holds, [3.5] * 10)
    assert share == pytest.approx(0.3)
    assert interval == pytest.approx(share_interval(3, 10))
    assert arithmetic.weighted_share([True] * 3, [0.1, 0.2, 0.3])[0] == 1


def test_a_difference_of_shares_is_newcombes():
    """His example: 56 of 70 and 48 of 80 (table II, method 10)."""
    first, second = ((count / of, share_interval(count, of)) for count, of in ((48, 80), (56, 70)))
    difference, interval = arithmetic.difference_of_shares(first, second)
    assert difference == pytest.approx(0.2)
    assert interval == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_share_of_none_is_not_certain_to_stay_below_another():
    few = bands(0, 1, 0, size=10)
    ends = fig04.erratic_above_75(few, census(0)).intervals["erratic_rise_at_75_percent"]
    assert ends[0] < 0 < ends[1]


def test_a_weighted_median_is_the_median_of_repeated_values():
    assert arithmetic.weighted_median([3, 1, 2], [1, 1, 5]) == 2
    assert arithmetic.weighted_median([3, 1, 2], [5, 1, 1]) == 3
    assert np.isnan(arithmetic.weighted_median([], []))


def test_the_variance_within_bins_is_that_of_the_population_however_small_bins_are():
    """Samples with replacement repeat networks, and so find less variance within small bins."""
    random = np.random.default_rng(0)
    levels = random.normal(size=20)
    truth = 1 / (1 + levels.var())
    covered, found = [], []
    for _ in range(100):
        accuracy = np.repeat(levels, 5) + random.normal(size=100)
        rows = np.column_stack([np.repeat(range(20), 5), accuracy, np.ones(100)])
        low, high = arithmetic.jackknifed(fig04._within_bins, rows)
        covered.append(low <= truth <= high)
        found.append((low + high) / 2)
    assert np.mean(found) == pytest.approx(truth, abs=0.03)
    assert np.mean(covered) > 0.9
    repeated = arithmetic.resampled(lambda some: 1 - arithmetic.explained(*some.T[[1, 0]]), rows)
    assert sum(repeated) / 2 < found[-1] - 0.1


def test_of_pairs_the_weights_and_ties_count():
    rows = np.array([[0.9, 1, 2], [0.5, 1, 1], [0.5, 0, 1], [0.7, 0, 3]])
    assert fig04._sparser(rows) == pytest.approx((2 * 4 + 1 * 0.5) / 12)


def test_what_the_data_do_not_decide_is_no_number_and_gets_no_verdict():
    """As with other parameters of a figure."""
    nothing = sixteen((0.95, 0.5, 0.6, 0.7))
    measured = [
        fig05.dense_within_2(nothing),
        fig05.fluctuation_above_50(nothing),
        fig05.marked_above_90(nothing),
    ]
    measured += [
        fig04.strange_rise(runs([0.95], 0.5)),
        fig09.depends_on_radices(drawn((0.9,)), drawn((0.5,))),
    ]
    for each in measured:
        with pytest.raises(ClaimError, match="cannot be compared with anything"):
            result_of(CLAIMS[each.claim], each)


def test_bins_and_radices():
    assert arithmetic.bins(pd.Series([0.0, 0.29, 0.3, 0.7, 0.99, 1.0]), 10).tolist() == [
        0,
        2,
        3,
        7,
        9,
        9,
    ]
    assert arithmetic.bins(pd.Series([0.29, 0.57, 0.58]), 100).tolist() == [29, 57, 58]
    assert arithmetic.radices_of("[[10, 10], [5]]") == [10, 10, 5]
