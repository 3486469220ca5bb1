"""Which weights pruning removes, against sorting by hand; the schedule, against its formula."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radixnet.pruning.magnitude import PolynomialSchedule, magnitude_masks


@st.composite
def layers(draw):
    """Draw one to three layers of small whole weights, so that ties and zeros are common."""
    sizes = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=3))
    number = st.integers(-3, 3)
    return [
        np.array(draw(st.lists(number, min_size=r * c, max_size=r * c)), float).reshape(r, c)
        for r, c in sizes
    ]


def largest_by_hand(weights, sparsity):
    """Return the kept positions: sort by (-magnitude, position), take as many as are left."""
    order = sorted(range(len(weights)), key=lambda position: (-abs(weights[position]), position))
    kept = len(weights) - round(sparsity * len(weights))
    mask = np.zeros(len(weights), dtype=bool)
    mask[order[:kept]] = True
    return mask, kept


@given(layers(), st.floats(0, 0.999), st.sampled_from(["layer", "network"]))
def test_the_largest_weights_stay_as_many_as_the_sparsity_says_and_of_equals_the_first(
    weights, sparsity, scope
):
    flat = [layer.ravel() for layer in weights]
    parts = flat if scope == "layer" else [np.concatenate(flat)]
    expected = [largest_by_hand(part, sparsity) for part in parts]
    if any(
        kept == 0 or kept > np.count_nonzero(part)
        for part, (_, kept) in zip(parts, expected, strict=True)
    ):
        with pytest.raises(ValueError, match=r"already|keep none"):
            magnitude_masks(weights, sparsity, scope)
        return
    masks = magnitude_masks(weights, sparsity, scope)
    assert [mask.shape for mask in masks] == [layer.shape for layer in weights]
    np.testing.assert_array_equal(
        np.concatenate([mask.ravel() for mask in masks]),
        np.concatenate([mask for mask, _ in expected]),
    )


@given(layers(), st.floats(0, 0.999), st.floats(0, 0.999))
def test_pruning_in_two_steps_is_pruning_at_once(weights, one, other):
    lower, higher = sorted([one, other])
    try:
        at_once = magnitude_masks(weights, higher)
        first = magnitude_masks(weights, lower)
    except ValueError:
        return
    second = magnitude_masks(
        [layer * mask for layer, mask in zip(weights, first, strict=True)], higher
    )
    for a, b in zip(second, at_once, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_sparser_layer_is_left_as_it_is_when_that_is_asked_for():
    weights = [np.diag([1.0, 2.0, 3.0, 4.0]), np.arange(1.0, 17).reshape(4, 4)]
    sparse, dense = magnitude_masks(weights, 0.5, leave_sparser=True)
    np.testing.assert_array_equal(sparse, np.eye(4, dtype=bool))
    assert dense.sum() == 8


@pytest.mark.parametrize(
    ("weights", "sparsity", "scope", "message"),
    [
        (
            [np.ones((2, 2))],
            1.0,
            "layer",
            "sparsity must be a number of at least 0 and less than 1",
        ),
        ([np.ones((2, 2))], float("nan"), "layer", "at least 0"),
        ([np.ones((2, 2))], True, "layer", "True is not"),
        (
            [np.ones((2, 2))],
            0.5,
            "global",
            "scope 'global' is not known; choose one of 'layer', 'network'",
        ),
        ([], 0.5, "layer", "no weights to prune"),
        ([np.array([["a"]])], 0.5, "layer", "layer 1 has weights of type <U1"),
        (
            [np.ones((2, 2)), np.array([[np.nan, 1]])],
            0.5,
            "layer",
            "layer 2 has weights that are NaN",
        ),
        (
            [np.eye(4)],
            0.5,
            "layer",
            r"layer 1 has sparsity 0.75 already \(4 of 16 weights are not zero\)",
        ),
        ([np.ones((2, 2))], 0.99, "layer", "layer 1 has 4 weights and would keep none"),
    ],
)
def test_what_cannot_be_pruned_says_why(weights, sparsity, scope, message):
    with pytest.raises(ValueError, match=message):
        magnitude_masks(weights, sparsity, scope)


SPARSITIES = st.fractions(0, Fraction(99, 100))


@given(SPARSITIES, SPARSITIES, st.integers(0, 50), st.integers(1, 20), st.integers(1, 20))
def test_the_schedule_is_the_formula_of_zhu_and_gupta(one, other, begin, prunings, frequency):
    initial, final = sorted([one, other])
    schedule = PolynomialSchedule(float(final), begin, prunings, frequency, float(initial))
    assert list(schedule.steps) == [begin + k * frequency for k in range(prunings + 1)]
    for step in schedule.steps:
        exact = final + (initial - final) * (1 - Fraction(step - begin, prunings * frequency)) ** 3
        assert schedule.sparsity(step) == pytest.approx(float(exact), abs=1e-12)
    assert schedule.sparsity(schedule.end_step + 1000) == float(final)
    sparsities = [schedule.sparsity(step) for step in range(schedule.end_step + 2)]
    assert np.diff(sparsities).min() >= -1e-15


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"final_sparsity": 1.0}, "final_sparsity must be"),
        ({"initial_sparsity": -1}, "initial_sparsity must be"),
        ({"initial_sparsity": 0.95}, "initial_sparsity 0.95 is above final_sparsity 0.9"),
        ({"begin_step": -1}, "begin_step must be an integer of at least 0"),
        ({"begin_step": 1.0}, "begin_step"),
        ({"prunings": 0}, "prunings must be a positive integer"),
        ({"frequency": 2.5}, "frequency must be a positive integer"),
    ],
)
def test_an_illegal_schedule_says_why(changes, message):
    settings = {"final_sparsity": 0.9, "begin_step": 0, "prunings": 5, "frequency": 10, **changes}
    with pytest.raises(ValueError, match=message):
        PolynomialSchedule(**settings)
