"""Recommended networks are as asked for, aims add up, and the walk finds the best legal lists."""

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import specifications

import radixnet as rx
from radixnet.diagnostics import recommendations
from radixnet.diagnostics.recommendations import fan_in_aims, variety
from reference import folded_masks, is_legal

LENET = (784, 300, 100, 10)


@pytest.mark.parametrize(
    ("layer_sizes", "sparsity"),
    [
        (LENET, 0.8),
        (LENET, 0.95),
        (LENET, 0.99),
        ((784, 128, 64, 32, 10), 0.95),
        ((40, 20, 8), 0.5),
    ],
)
def test_recommended_networks_are_legal_distinct_and_as_sparse_as_asked_for(layer_sizes, sparsity):
    found = rx.recommend(layer_sizes, sparsity, count=4)
    assert 1 <= len(found) <= 4
    for item in found:
        topology = item.topology
        assert is_legal(topology.radix_lists)
        masks = folded_masks(topology.radix_lists, layer_sizes)
        density = sum(np.count_nonzero(mask) for mask in masks) / sum(mask.size for mask in masks)
        assert item.sparsity == pytest.approx(1 - density)
        assert abs(density - (1 - sparsity)) <= 0.05 * (1 - sparsity) + 1e-12
        assert item.diagnosis == topology.diagnose()
        assert item.diagnosis.verdict == "expected to train"
        assert item.diagnosis.min_paths >= 1
        assert f"{item.sparsity:.2%}" in item.reasons[0]
        assert all(reason.endswith(".") for reason in item.reasons)
    assert len({item.topology.fingerprint for item in found}) == len(found)
    for one, other in combinations(found, 2):
        first, second = (
            np.array([np.count_nonzero(mask) for mask in each.topology.masks])
            for each in (one, other)
        )
        assert (abs(second - first) > 0.1 * first).any(), "two recommendations are much alike"
    order = [(item.variety < 0.95, item.deviation) for item in found]
    assert order == sorted(order)


def test_five_different_networks_are_recommended_for_lenet_where_the_book_compares_them():
    assert [len(rx.recommend(LENET, sparsity)) for sparsity in (0.8, 0.9, 0.95, 0.98, 0.99)] == [
        5
    ] * 5


def test_the_deviation_is_that_of_fan_ins_and_fan_outs_from_the_aims():
    best = rx.recommend((40, 20, 8), 0.5, count=1)[0]
    aims = fan_in_aims((40, 20, 8), 0.5)
    squares = []
    for mask, aim in zip(best.topology.masks, aims, strict=True):
        fan_in, fan_out = mask.sum(axis=0), mask.sum(axis=1)
        squares += [((fan_in / aim - 1) ** 2).mean(), fan_out.var() / fan_out.mean() ** 2]
    assert best.deviation == pytest.approx(math.sqrt(sum(squares) / len(squares)))


def test_units_that_repeat_each_others_inputs_count_once():
    """12 sets of inputs, each given to two units; and the same with the sets of a cyclic band.

    The band's rank is one less than its size: two neighbours of four overlap, and an alternating
    sum of all units is zero.
    """
    assert variety(np.repeat(np.eye(12, dtype=bool), 2, axis=1)) == 1  # 12 of min(12, 24)
    assert variety(np.repeat(np.eye(24, dtype=bool)[:, ::2], 2, axis=1)) == 0.5
    band = np.eye(4, dtype=bool) | np.roll(np.eye(4, dtype=bool), 1, axis=0)
    assert variety(np.pad(band, ((0, 4), (0, 0)))) == 0.75
    assert variety(np.ones((5, 3), dtype=bool)) == 1  # where all is seen, nothing can differ


def test_the_rank_of_a_wide_layer_is_that_of_a_sample():
    copies = np.tile(np.eye(400, dtype=bool)[:, :30], 20)
    assert variety(copies) == 30 / 300
    assert variety(np.eye(1000, dtype=bool)) == 1


def test_layers_that_repeat_themselves_are_recommended_last():
    """At 80 % [[2, 6], [12]] is nearest to the aims, with 12 different sets of inputs."""
    found = rx.recommend(LENET, 0.8)
    assert [item.variety >= 0.95 for item in found] == [True] * 5
    for item in found:
        first = item.topology.masks[0]
        rank = np.linalg.matrix_rank(first.astype(float))
        assert item.variety == pytest.approx(rank / 300)
        assert f"{item.variety:.0%} of the rank" in " ".join(item.reasons)


def test_the_same_question_has_the_same_answer():
    assert rx.recommend((40, 20, 8), 0.5) == rx.recommend([40, 20, 8], np.float64(0.5))


def test_the_best_dense_network_has_every_connection():
    best = rx.recommend((12, 9, 5), 0)[0]
    assert best.sparsity == 0
    assert best.deviation == 0


# -- aims ----------------------------------------------------------------------------------------


def test_aims_by_hand():
    """LeNet at 90 %: 26,620 connections, 1,000 of them at the output, the others for 400 units.

    At 99.5 % there are 1,331, and half of them are fewer than 1,000. At 50 %, 300 is all that the
    second layer can take.
    """
    assert fan_in_aims(LENET, 0.1) == pytest.approx((25_620 / 400, 25_620 / 400, 100))
    assert fan_in_aims(LENET, 0.005) == pytest.approx((665.5 / 400, 665.5 / 400, 66.55))
    assert fan_in_aims(LENET, 0.5) == pytest.approx(((133_100 - 31_000) / 300, 300, 100))
    assert fan_in_aims(LENET, 1) == pytest.approx((784, 300, 100))
    assert fan_in_aims((784, 10), 0.25) == pytest.approx((196,))


@given(st.lists(st.integers(1, 400), min_size=2, max_size=6), st.floats(0.01, 1))
def test_aims_spend_all_connections_and_no_unit_gets_more_than_there_is(layer_sizes, density):
    aims = fan_in_aims(layer_sizes, density)
    total = sum(inputs * outputs for inputs, outputs in pairwise(layer_sizes))
    assert sum(
        aim * outputs for aim, outputs in zip(aims, layer_sizes[1:], strict=True)
    ) == pytest.approx(density * total)
    assert all(
        0 < aim <= inputs * (1 + 1e-9) for aim, inputs in zip(aims, layer_sizes, strict=False)
    )
    hidden = [
        aim
        for aim, inputs in zip(aims[:-1], layer_sizes, strict=False)
        if aim < inputs * (1 - 1e-9)
    ]
    assert hidden == pytest.approx([max(hidden)] * len(hidden)) if hidden else True


# -- the walk ------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_chance", [False, True])
@pytest.mark.parametrize(
    ("modulus", "layer_sizes"),
    [(12, (30, 20, 7)), (12, (25, 14, 9, 4)), (8, (9, 8, 20, 8, 3)), (1, (5, 4, 3))],
)
def test_the_walk_finds_the_nearest_of_all_legal_lists(modulus, layer_sizes, by_chance):
    aims = fan_in_aims(layer_sizes, 0.4)
    divisors = [divisor for divisor in range(1, modulus + 1) if modulus % divisor == 0]

    def distance(lists):
        total = 0.0
        radices = [radix for radix_list in lists for radix in radix_list]
        for radix, aim, (inputs, outputs) in zip(radices, aims, pairwise(layer_sizes), strict=True):
            merged = (
                math.ceil(inputs / modulus)
                * math.ceil(outputs / modulus)
                * modulus**2
                / (inputs * outputs)
            )
            density = (
                1 - (1 - radix / modulus) ** merged
                if by_chance
                else min(1, merged * radix / modulus)
            )
            total += math.log(density * inputs / aim) ** 2
        return total

    found = recommendations._nearest(divisors, layer_sizes, aims, by_chance)
    every = [
        lists
        for lists in rx.legal_radix_lists(divisors, len(layer_sizes) - 1)
        if math.prod(lists[0]) == modulus
    ]
    unevenness = min(value for value, _ in found) - min(map(distance, every))
    assert unevenness >= -1e-9
    for value, lists in found:
        assert lists in every
        assert value == pytest.approx(distance(lists) + unevenness)


@settings(max_examples=100)
@given(specifications())
def test_folding_never_leaves_more_connections_than_the_walk_reckons_with(specification):
    lists, sizes = specification
    most = recommendations._most_connections(tuple(map(tuple, lists)), sizes)
    counts = rx.RadixTopology(lists, sizes, fit="fold").connection_counts
    assert all(count <= bound for count, bound in zip(counts, most, strict=True))


# -- what cannot be had --------------------------------------------------------------------------


def test_a_sparsity_out_of_reach_is_refused_with_what_can_be_reached():
    """Every node keeps a connection: 28 or more of 40 * 20 + 20 * 8; a single layer is dense."""
    with pytest.raises(
        ValueError, match=r"sparsity 99\.90%: found no folded RadiX-Net on layers of 40-20-8 "
    ) as caught:
        rx.recommend((40, 20, 8), 0.999)
    sparsest = float(str(caught.value).split("the sparsest ")[1].split("%")[0])
    assert 80 < sparsest <= 100 * (1 - (40 + 20) / (40 * 20 + 20 * 8))
    with pytest.raises(ValueError, match=r"the sparsest 0\.00%"):
        rx.recommend((784, 10), 0.5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (((784,), 0.9), ["(784,)", "at least two"]),
        (("784", 0.9), ["'784'", "at least two"]),
        (((784, 0, 10), 0.9), ["[784, 0, 10]", "0 (int)"]),
        ((LENET, 95), ["sparsity", "less than 1", "0.95", "95 is not"]),
        ((LENET, 0.9, 0), ["count", "0 (int)"]),
    ],
    ids=repr,
)
def test_impossible_requests_are_refused_and_the_message_says_why(arguments, said):
    with pytest.raises(ValueError, match=r"give|must") as caught:
        rx.recommend(*arguments)
    for part in said:
        assert part in str(caught.value)
