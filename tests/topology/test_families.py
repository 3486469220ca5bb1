"""Sets of radix lists: sizes as in the paper and the authors' log, rules written out again."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import radixnet as rx
from reference import is_legal, trimmed_masks

LENET = (784, 300, 100, 10)


@pytest.fixture(scope="module")
def fig3_lists():
    return rx.legal_radix_lists(range(1, 11), layers=3)


@pytest.fixture(scope="module")
def fig8():
    return rx.fig8_family()


# -- all legal lists -----------------------------------------------------------------------------


def splits(layers):
    """Return all ways to cut so many radices into consecutive lists, as lengths."""
    for cuts in product([False, True], repeat=layers - 1):
        lengths = [1]
        for cut in cuts:
            if cut:
                lengths.append(1)
            else:
                lengths[-1] += 1
        yield lengths


def all_legal_lists(radices, layers):
    """Return every legal specification by trying every one."""
    for chosen in product(radices, repeat=layers):
        for lengths in splits(layers):
            rest = iter(chosen)
            lists = tuple(tuple(next(rest) for _ in range(length)) for length in lengths)
            if is_legal(lists):
                yield lists


@pytest.mark.parametrize(
    ("radices", "layers"),
    [(range(1, 11), 3), ([2, 3, 4, 6], 4), ([1, 2], 5), ([7, 5], 1), ([6], 2)],
)
def test_legal_lists_are_those_that_trying_every_one_finds(radices, layers):
    found = rx.legal_radix_lists(radices, layers)
    assert len(set(found)) == len(found)
    assert set(found) == set(all_legal_lists(radices, layers))


def test_1367_of_the_1517_are_distinct_on_lenet(fig3_lists):
    assert (
        len(rx.distinct_topologies(rx.RadixTopology(lists, LENET) for lists in fig3_lists)) == 1367
    )


def test_distinct_topologies_keeps_the_first_of_each_kind_in_order():
    sizes = (7, 5, 4)
    topologies = [
        rx.RadixTopology(lists, sizes) for lists in rx.legal_radix_lists(range(1, 7), layers=2)
    ]
    kept, seen = [], []
    for topology in topologies:
        masks = trimmed_masks(topology.radix_lists, sizes)
        if not any(all(map(np.array_equal, masks, others)) for others in seen):
            seen.append(masks)
            kept.append(topology)
    assert 1 < len(kept) < len(topologies)
    assert rx.distinct_topologies(iter(topologies)) == kept
    assert rx.distinct_topologies([]) == []


@pytest.mark.parametrize(
    ("radices", "said"),
    [
        ([0, 1], ["0 (int)", "positive integer"]),
        ("12", ["'1", "positive integer"]),
        ([1, 2, 2], ["[1, 2, 2]", "twice", "distinct"]),
        (5, ["radices 5", "distinct positive integers"]),
    ],
    ids=repr,
)
def test_illegal_radices_are_refused_and_the_message_says_why(radices, said):
    with pytest.raises(ValueError, match="radi") as caught:
        rx.legal_radix_lists(radices, layers=2)
    for part in said:
        assert part in str(caught.value)


@pytest.mark.parametrize("layers", [0, 2.0])
def test_an_illegal_number_of_layers_is_refused_by_its_name(layers):
    with pytest.raises(ValueError, match=r"layers .*positive integer") as caught:
        rx.legal_radix_lists([1, 2], layers=layers)
    assert repr(layers) in str(caught.value)
    assert "radix" not in str(caught.value)


# -- the family of Fig. 8 ------------------------------------------------------------------------


def expanded_sparsity(i, j, k, sizes=LENET):
    """Return the sparsity of [[i, j], [k]] before trimming (Kepner and Robinett, 2019)."""
    widths = [-(-size // (i * j)) for size in sizes]
    blocks = [widths[0] * widths[1], widths[1] * widths[2], widths[2] * widths[3]]
    connections = i * blocks[0] + j * blocks[1] + k * blocks[2]
    return 1 - Fraction(connections, i * j * sum(blocks))


def test_fig8_family_takes_the_last_list_of_each_sparsity(fig8):
    legal = [
        (i, j, k)
        for i, j in product(range(1, 16), repeat=2)
        for k in range(1, i * j + 1)
        if (i * j) % k == 0
    ]
    by_sparsity = {expanded_sparsity(*numbers): numbers for numbers in legal}
    assert len(legal) == 1645
    assert len(by_sparsity) == 1517
    sparse = {
        ((i, j), (k,)) for sparsity, (i, j, k) in by_sparsity.items() if sparsity >= Fraction(9, 10)
    }
    assert {topology.radix_lists for topology in fig8} == sparse


def test_fig8_models_are_at_least_90_percent_sparse_before_trimming_and_three_are_not_after(fig8):
    assert all(topology.expanded_density <= Fraction(1, 10) for topology in fig8)
    assert len({topology.expanded_density for topology in fig8}) == 426
    below = 0
    for topology in fig8:
        # 0.9 of 784 x 300 + 300 x 100 + 100 x 10 possible connections, in whole numbers
        below += 10 * sum(topology.connection_counts) > 784 * 300 + 300 * 100 + 100 * 10
    assert below == 3


def test_fig8_family_of_other_sizes_and_limits_follows_the_same_rule():
    sizes = (20, 15, 10, 4)
    family = rx.fig8_family(largest_radix=4, min_expanded_sparsity=0.5, layer_sizes=sizes)
    legal = [
        (i, j, k)
        for i, j in product(range(1, 5), repeat=2)
        for k in range(1, i * j + 1)
        if (i * j) % k == 0
    ]
    by_sparsity = {expanded_sparsity(*numbers, sizes): numbers for numbers in legal}
    sparse = {
        ((i, j), (k,)) for sparsity, (i, j, k) in by_sparsity.items() if sparsity >= Fraction(1, 2)
    }
    assert {topology.radix_lists for topology in family} == sparse
    assert all(topology.layer_sizes == sizes for topology in family)


def test_fig8_limit_means_the_decimal_that_was_written():
    """[[10, 10], [10]] has sparsity 9/10 exactly; the double nearest to 0.9 is another number."""
    assert ((10, 10), (10,)) in {
        topology.radix_lists for topology in rx.fig8_family(10, min_expanded_sparsity=0.9)
    }
    assert rx.fig8_family(10, min_expanded_sparsity=np.float64(0.9)) == rx.fig8_family(
        10, min_expanded_sparsity=0.9
    )


@pytest.mark.parametrize("largest_radix", [0, 2.5])
def test_an_illegal_largest_radix_is_refused_by_its_name(largest_radix):
    with pytest.raises(ValueError, match=r"largest.radix .*positive integer") as caught:
        rx.fig8_family(largest_radix)
    assert repr(largest_radix) in str(caught.value)


@pytest.mark.parametrize("sparsity", [-0.1, float("nan"), None, 90, True])
def test_a_sparsity_outside_0_to_1_is_refused_and_the_message_says_what_was_given(sparsity):
    with pytest.raises(ValueError, match=r"sparsity.*0.*1") as caught:
        rx.fig8_family(3, min_expanded_sparsity=sparsity)
    assert repr(sparsity) in str(caught.value)


def test_fig8_family_needs_four_layer_sizes():
    with pytest.raises(ValueError, match=r"4 layer sizes; 3 were given: \[784, 300, 10\]"):
        rx.fig8_family(3, layer_sizes=(784, 300, 10))


@pytest.mark.parametrize("topologies", [[[[10, 10], [10]]], 5, "12"], ids=repr)
def test_anything_but_topologies_is_refused_and_the_message_says_what_to_give(topologies):
    with pytest.raises(ValueError, match=r"^topologies.*give RadixTopology objects"):
        rx.distinct_topologies(topologies)
