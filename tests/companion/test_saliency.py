"""Saliency maps and their symmetry, by hand pixel by pixel, and against permutation theory."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import radixnet as rx
from companion import saliency
from companion.saliency import (
    edge_pixels,
    quarter_turns,
    rings,
    saliency_map,
    symmetry_test,
)


def explained_share(values, groups):
    """Return the share of a map's variance that groups explain."""
    return symmetry_test(values, groups, permutations=1).observed


MAPS = arrays(
    np.float64,
    st.tuples(st.integers(2, 7), st.integers(2, 7)),
    elements=st.integers(0, 20).map(float),
)


def test_saliency_is_the_absolute_value_of_the_sum_and_not_the_sum_of_absolute_values():
    weights = np.zeros((784, 3))
    weights[0] = [1, -3, 0.5]
    weights[29] = [1, -1, 0]
    found = saliency_map(weights)
    assert found.shape == (28, 28)
    assert (found[0, 0], found[1, 1], found.sum()) == (1.5, 0, 1.5)


def test_rings_by_hand():
    expected = [
        [math.floor(math.hypot(row - 1.5, column - 2)) for column in range(5)] for row in range(4)
    ]
    np.testing.assert_array_equal(rings((4, 5)), expected)
    assert rings().max() == math.floor(13.5 * math.sqrt(2))


@pytest.mark.parametrize("size", [1, 2, 5, 28])
def test_quarter_turns_leave_every_group_where_it_is(size):
    groups = quarter_turns(size)
    for turn in range(4):
        np.testing.assert_array_equal(np.rot90(groups, turn), groups)
    counts = np.bincount(groups.ravel())
    assert set(counts) <= {1, 4}
    assert (counts == 1).sum() == size % 2


def test_every_ring_is_a_union_of_quarter_turn_groups():
    """So a radial map has the symmetry under quarter turns too."""
    for group in range(quarter_turns().max() + 1):
        assert len(set(rings()[quarter_turns() == group])) == 1


def test_the_edge_leaves_the_box_of_the_digits():
    assert edge_pixels().sum() == 784 - 400
    assert not edge_pixels()[4:24, 4:24].any()


@given(MAPS)
def test_the_explained_share_is_one_minus_the_variance_left_within_groups(values):
    groups = rings(values.shape)
    labels = np.unique(groups, return_inverse=True)[1].reshape(groups.shape)
    if np.ptp(values) == 0:
        with pytest.raises(ValueError, match="same value"):
            explained_share(values, labels)
        return
    within = sum(
        ((values[labels == ring] - values[labels == ring].mean()) ** 2).sum()
        for ring in range(labels.max() + 1)
    )
    assert explained_share(values, labels) == pytest.approx(
        1 - within / ((values - values.mean()) ** 2).sum(), abs=1e-10
    )
    assert explained_share(3 * values + 7, labels) == pytest.approx(
        explained_share(values, labels), abs=1e-10
    )


def test_a_map_of_the_distance_alone_is_fully_explained_and_a_gradient_is_not():
    radial = np.exp(-rings() / 5)
    assert explained_share(radial, rings()) == pytest.approx(1, abs=1e-12)
    assert explained_share(radial, quarter_turns()) == pytest.approx(1, abs=1e-12)
    slope = np.tile(np.arange(28.0), (28, 1))
    assert explained_share(slope, rings()) == pytest.approx(0, abs=1e-12)
    assert symmetry_test(slope, rings(), 99).p_value == 1


def test_a_radial_map_is_beyond_every_shuffled_one():
    found = symmetry_test(np.exp(-rings() / 5), rings(), permutations=199)
    assert found.observed == pytest.approx(1)
    assert found.null.max() < 0.2
    assert found.p_value == 1 / 200


def test_the_null_distribution_is_that_of_all_permutations():
    """Six pixels in three groups: all 720 orders, worked out, beside the sample.

    And the mean that theory gives.
    """
    values, groups = np.array([[0.0, 1, 2], [5, 7, 11]]), np.array([[0, 0, 1], [1, 2, 2]])
    every = np.array(
        [
            explained_share(np.reshape(order, (2, 3)), groups)
            for order in itertools.permutations(values.ravel())
        ]
    )
    assert every.mean() == pytest.approx((3 - 1) / (6 - 1), abs=1e-12)
    found = symmetry_test(values, groups, permutations=20_000, seed=3)
    exact = (every >= found.observed - 1e-12).mean()
    assert found.p_value == pytest.approx(
        exact, abs=5 * math.sqrt(exact * (1 - exact) / 20_000) + 1e-4
    )
    assert found.null.mean() == pytest.approx(0.4, abs=5 * every.std() / math.sqrt(20_000))
    assert set(np.round(found.null, 9)) <= set(np.round(every, 9))


def test_p_values_of_maps_without_symmetry_are_uniform():
    generator = np.random.default_rng(0)
    found = np.sort(
        [
            symmetry_test(generator.random((6, 6)), rings((6, 6)), 99, seed).p_value
            for seed in range(300)
        ]
    )
    distance = np.abs(found - np.arange(1, 301) / 301).max()
    assert (
        distance < 1.95 / math.sqrt(300) + 0.01
    )  # Kolmogorov and Smirnov's, at a level of a thousandth, and the grid of p-values


def test_the_same_seed_gives_the_same_test_and_another_seed_another():
    values = np.random.default_rng(1).random((8, 8))
    one, again, other = (symmetry_test(values, rings((8, 8)), 99, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.null, again.null)
    assert not np.array_equal(one.null, other.null)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: saliency_map(np.ones((700, 3))), r"needs numbers of shape \(784, units\)"),
        (lambda: saliency_map(np.full((784, 3), np.nan)), "negative, infinite or NaN"),
        (lambda: explained_share(-np.ones((3, 3)), rings((3, 3))), "negative"),
        (
            lambda: explained_share(np.eye(3), rings((4, 3))),
            r"groups of type int64 and shape \(4, 3\)",
        ),
        (lambda: explained_share(np.eye(2), np.array([[0, 2], [2, 0]])), "without gaps"),
        (
            lambda: symmetry_test(np.eye(3), rings((3, 3)), permutations=0),
            "permutations must be a positive integer",
        ),
        (lambda: explained_share([1, 2], rings((1, 2))), "give a matrix"),
    ],
)
def test_what_is_no_map_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_constants_are_those_of_mnist():
    lit = rx.load_dataset("mnist").train_images.reshape(-1, *saliency.MNIST_SHAPE)
    assert lit[:, ~edge_pixels()].sum() > 0.95 * lit.sum(dtype=np.int64)
