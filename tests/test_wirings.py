"""Sparse wirings: exact budgets, degrees kept, neighbourhoods as drawn by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import radixnet as rx
from radixnet import wirings

SIZES = (16, 9, 4)
RANDOM = {
    "Erdos-Renyi": wirings.erdos_renyi,
    "even": wirings.even_random,
    "fields": wirings.receptive_fields,
    "small world": lambda *arguments: wirings.small_world(*arguments, rewired=0.3),
}

budgets = st.tuples(*(st.integers(1, inputs * outputs) for inputs, outputs in pairwise(SIZES)))


@given(connections=budgets, seed=st.integers(0, 2**40), name=st.sampled_from(sorted(RANDOM)))
def test_random_wirings_have_exactly_the_connections_asked_for(connections, seed, name):
    masks = RANDOM[name](SIZES, connections, seed)
    assert [mask.shape for mask in masks] == list(pairwise(SIZES))
    assert tuple(map(np.count_nonzero, masks)) == connections
    again = RANDOM[name](SIZES, connections, seed)
    assert all((one == two).all() for one, two in zip(masks, again, strict=True))


@given(connections=budgets, seed=st.integers(0, 2**40))
def test_even_wirings_have_degrees_that_differ_by_one_at_most(connections, seed):
    for mask in wirings.even_random(SIZES, connections, seed):
        assert all(np.ptp(mask.sum(axis=axis)) <= 1 for axis in (0, 1))


@given(connections=budgets, seed=st.integers(0, 2**40))
def test_a_shuffle_keeps_every_degree(connections, seed):
    masks = wirings.erdos_renyi(SIZES, connections, seed)
    for before, after in zip(masks, wirings.shuffled(masks, seed), strict=True):
        assert all((before.sum(axis=axis) == after.sum(axis=axis)).all() for axis in (0, 1))


def test_a_shuffle_reaches_every_matrix_of_its_degrees_equally_often():
    """Of 3 x 3 with one connection a row there are six; chi-square stays below 20.5 in 99.9 %."""
    identity = [np.eye(3, dtype=bool)]
    counts = {}
    for seed in range(1200):
        shuffled = wirings.shuffled(identity, seed)[0].tobytes()
        counts[shuffled] = counts.get(shuffled, 0) + 1
    assert len(counts) == 6
    assert sum((count - 200) ** 2 / 200 for count in counts.values()) < 20.5


def test_a_shuffle_forgets_a_radix_net():
    """An overlap of the density itself, 10 %, is what chance leaves."""
    masks = rx.RadixTopology([[10, 10], [10]], (800, 300, 100, 10)).masks
    for before, after in zip(masks[:2], wirings.shuffled(masks, 0), strict=False):
        assert (before & after).sum() / before.sum() < 0.15


def test_permuted_inputs_change_which_pixel_is_read_and_nothing_else():
    masks = rx.RadixTopology([[4, 4]], SIZES).masks
    first, *others = wirings.with_permuted_inputs(masks, 1)
    assert sorted(map(tuple, first)) == sorted(map(tuple, masks[0]))
    assert (first != masks[0]).any()
    assert all((one == two).all() for one, two in zip(others, masks[1:], strict=True))


def test_a_receptive_field_of_five_pixels_is_a_cross_inside_the_image():
    (first,) = wirings.receptive_fields((25, 25), [125], 0)
    fields = first.T.reshape(25, 5, 5)
    cross = np.zeros((5, 5), dtype=bool)
    cross[2, 1:4] = cross[1:4, 2] = True
    # Each pixel is the centre of one unit, and nine lie off the edge.
    for shift in np.ndindex(3, 3):
        moved = np.roll(cross, np.array(shift) - 1, (0, 1))
        assert any((field == moved).all() for field in fields)


def test_a_small_world_without_rewiring_joins_neighbours_on_the_ring():
    """Eight inputs, an output at every second: three connections reach one to either side."""
    (mask,) = wirings.small_world((8, 4), [12], 0, rewired=0.0)
    expected = [[7, 0, 1], [1, 2, 3], [3, 4, 5], [5, 6, 7]]
    assert [sorted(np.flatnonzero(column)) for column in mask.T] == [
        sorted(inputs) for inputs in expected
    ]


def test_a_small_world_that_is_all_rewired_reaches_far():
    (mask,) = wirings.small_world((100, 50), [500], 0, rewired=1.0)
    away = np.abs(np.arange(100)[:, None] / 100 - np.arange(50) / 50)
    distance = np.minimum(away, 1 - away)[mask].mean()
    assert distance == pytest.approx(0.25, abs=0.02)  # of two points on a ring of length 1


def test_erdos_renyi_budgets_by_hand():
    """(4 + 6) : (6 + 2) = 5 : 4 of 18; at density 0.75 the second layer is full, of 12."""
    assert wirings.erdos_renyi_budgets((4, 6, 2), 18 / 36) == (10, 8)
    assert wirings.erdos_renyi_budgets((4, 6, 2), 0.75) == (15, 12)
    assert wirings.uniform_budgets((4, 6, 2), 0.5) == (12, 6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: wirings.erdos_renyi(SIZES, [1], 0), "one number per layer"),
        (lambda: wirings.erdos_renyi(SIZES, [145, 1], 0), "at most"),
        (lambda: wirings.even_random(SIZES, [0, 1], 0), "connections"),
        (lambda: wirings.even_random((16,), [], 0), "at least two"),
        (lambda: wirings.even_random(SIZES, [9, 9], -1), "seed"),
        (lambda: wirings.receptive_fields((15, 9, 4), [9, 9], 0), "square"),
        (lambda: wirings.small_world(SIZES, [9, 9], 0, rewired=1.5), "from 0 to 1"),
        (lambda: wirings.uniform_budgets(SIZES, 0), "density"),
        (lambda: wirings.shuffled([], 0), "form a network"),
    ],
)
def test_what_makes_no_network_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()
