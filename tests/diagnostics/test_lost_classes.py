"""The chance of losing classes, against all patterns of signs and networks with those signs."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from radixnet.diagnostics import lost_classes
from radixnet.diagnostics.lost_classes import chance_of_dead_units, chance_of_lost_classes


def lost_by_signs(weights, is_live):
    """Return how many classes a last layer loses, by the words of the theory, class by class."""
    lost, met_positive = 0, False
    for column in weights.T:
        live = column[is_live & (column != 0)]
        silent = len(live) == 0
        if silent or (met_positive and (live < 0).all()):
            lost += 1
        met_positive = met_positive or silent or (live > 0).all()
    return lost


def counted(masks, positive_output=False):
    """Return the chances by going through every pattern of signs of all layers of a network."""
    sizes = [int(mask.sum()) for mask in masks]
    classes = masks[-1].shape[1]
    chances = np.zeros(classes + 1)
    patterns = list(product(*(product((-1, 1), repeat=size) for size in sizes)))
    for pattern in patterns:
        signs = [mask.astype(int) for mask in masks]
        for sign, mask, drawn in zip(signs, masks, pattern, strict=True):
            sign[mask] = drawn
        if positive_output:
            signs[-1] = abs(signs[-1])
        is_live = np.ones(len(masks[0]), dtype=bool)
        for sign in signs[:-1]:
            is_live = (sign[is_live] > 0).any(axis=0)
        chances[lost_by_signs(signs[-1], is_live)] += 1
    return chances / len(patterns)


@settings(max_examples=60)
@given(
    st.tuples(st.integers(1, 4), st.integers(1, 4))
    .flatmap(lambda shape: hnp.arrays(bool, shape))
    .filter(lambda m: m.sum() <= 10),
    st.booleans(),
)
@example(np.eye(4, dtype=bool), False)
@example(np.zeros((2, 3), dtype=bool), False)
def test_chances_of_a_single_layer_are_those_of_counting_all_signs(mask, positive_output):
    """Classes may share units: their weights are different ones, so the chances are exact."""
    np.testing.assert_allclose(
        chance_of_lost_classes([mask], positive_output),
        counted([mask], positive_output),
        atol=1e-12,
    )


@pytest.mark.parametrize("positive_output", [False, True])
def test_chances_with_dead_units_are_those_of_counting_where_no_unit_is_shared(positive_output):
    first = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0]], dtype=bool)
    last = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1]], dtype=bool)[:, :2]
    masks = [first, last]
    np.testing.assert_allclose(
        chance_of_lost_classes(masks, positive_output), counted(masks, positive_output), atol=1e-12
    )


def test_chances_worked_out_by_hand():
    """Two classes with one weight each: positive and then negative loses one, other orders none.

    In three layers of one unit each, a unit is dead with chance 1/2, the next with (1 + 1/2) / 2 =
    3/4, and then the class is lost.
    """
    one = np.ones((1, 1), dtype=bool)
    np.testing.assert_allclose(chance_of_lost_classes([np.eye(2, dtype=bool)]), [3 / 4, 1 / 4, 0])
    np.testing.assert_allclose(
        chance_of_lost_classes([np.eye(2, dtype=bool)], positive_output=True), [1, 0, 0]
    )
    assert [unit.item() for unit in chance_of_dead_units([one, one, one])] == [1 / 2, 3 / 4]
    np.testing.assert_allclose(chance_of_lost_classes([one, one, one]), [1 / 4, 3 / 4])
    np.testing.assert_allclose(chance_of_lost_classes([np.zeros((3, 1), dtype=bool)]), [0, 1])


@pytest.mark.parametrize("fan_in", [1, 2, 3, 10])
def test_the_mean_number_of_lost_classes_is_a_closed_form(fan_in):
    """Class c is lost if its f weights are negative and those of an earlier class all positive."""
    classes, p = 10, 2.0**-fan_in
    masks = [
        np.ones((50, classes * fan_in), dtype=bool),
        np.repeat(np.eye(classes, dtype=bool), fan_in, axis=0),
    ]
    mean = sum(p * (1 - (1 - p) ** before) for before in range(classes))
    chances = chance_of_lost_classes(masks)
    assert chances.sum() == pytest.approx(1)
    assert chances @ np.arange(classes + 1) == pytest.approx(mean)


@settings(max_examples=100)
@given(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4)).flatmap(
        lambda sizes: st.tuples(
            *(hnp.arrays(np.int8, shape, elements=st.integers(-1, 1)) for shape in pairwise(sizes))
        )
    )
)
def test_the_rule_for_given_weights_is_that_of_the_theory_class_by_class(signs):
    """By walking from class to class over the first class, the first two, and so on."""
    first, last = signs
    is_live = (first > 0).any(axis=0)
    lost = lost_classes.lost_by_signs([first * 0.1, last * 0.3])
    for classes in range(1, last.shape[1] + 1):
        assert lost[:classes].sum() == lost_by_signs(last[:, :classes], is_live)


def test_a_network_of_given_signs_never_answers_a_class_that_the_rule_calls_lost():
    """A forward pass in plain NumPy, over many images and signs."""
    random = np.random.default_rng(0)
    images = random.random((2000, 20))
    for _ in range(20):
        weights = [random.normal(size=(20, 6)), np.eye(6) * random.normal(size=6)]
        answers = np.unique((np.maximum(images @ weights[0], 0) @ weights[1]).argmax(axis=1))
        lost = np.flatnonzero(lost_classes.lost_by_signs(weights))
        assert not set(answers) & set(lost)
