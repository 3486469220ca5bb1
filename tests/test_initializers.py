"""Starting weights: distribution, reproducibility, and pairs of networks that share a seed."""

import numpy as np
import pytest

from radixnet.initializers import PAPER_STANDARD_DEVIATION, starting_weights

SHAPES = [(300, 200), (200, 100), (100, 10)]


@pytest.fixture(scope="module")
def masks():
    generator = np.random.default_rng(7)
    return [generator.random(shape) < 0.3 for shape in SHAPES]


def full():
    return [np.ones(shape, dtype=bool) for shape in SHAPES]


def test_weights_are_float32_of_the_masks_shapes_and_zero_exactly_where_masked(masks):
    weights = starting_weights(masks, seed=1)
    assert isinstance(weights, tuple)
    for weight, mask in zip(weights, masks, strict=True):
        assert weight.dtype == np.float32
        assert weight.shape == mask.shape
        np.testing.assert_array_equal(weight != 0, mask)


def test_weights_are_normal_with_mean_zero_and_the_papers_deviation():
    assert PAPER_STANDARD_DEVIATION == 0.05
    drawn_normally(
        np.concatenate([weight.ravel() for weight in starting_weights(full(), seed=3)]) / 0.05
    )


def test_fan_in_weights_are_normal_and_spread_by_each_units_own_inputs(masks):
    """He et al. (2015): variance 2 / fan-in before a ReLU; before the softmax, 1 / fan-in."""
    *hidden, output = zip(starting_weights(masks, 3, "fan_in"), masks, strict=True)
    drawn = [
        weight[mask] / np.sqrt(2 / mask.sum(axis=0))[np.nonzero(mask)[1]] for weight, mask in hidden
    ]
    weight, mask = output
    drawn.append(weight[mask] / np.sqrt(1 / mask.sum(axis=0))[np.nonzero(mask)[1]])
    for layer in drawn:
        drawn_normally(layer)


def test_units_without_inputs_are_no_reason_to_divide_by_zero():
    mask = np.zeros((3, 2), dtype=bool)
    mask[1, 0] = True
    (weights,) = starting_weights([mask], 0, "fan_in")
    np.testing.assert_array_equal(weights != 0, mask)


def test_what_is_kept_of_a_dense_network_keeps_its_weights_to_the_last_bit(masks):
    """Those by He et al. (2015), over the inputs of a layer; bits that another scale would lose."""
    dense = starting_weights(full(), 3, "fan_in")
    kept = starting_weights(masks, 3, "as_dense")
    for whole, part, mask in zip(dense, kept, masks, strict=True):
        np.testing.assert_array_equal(part, np.where(mask, whole, 0))
    for factor, layer in zip((2, 2, 1), dense, strict=True):
        drawn_normally(layer.ravel() * np.sqrt(len(layer) / factor))


@pytest.mark.parametrize("initializer", ["normal", "fan_in", "as_dense"])
def test_a_positive_output_changes_signs_in_the_last_layer_and_nothing_else(masks, initializer):
    *others, last = starting_weights(masks, 9, initializer)
    *same, positive = starting_weights(masks, 9, initializer, positive_output=True)
    for one, other in zip(others, same, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (last < 0).any()
    np.testing.assert_array_equal(positive, np.abs(last))
    np.testing.assert_array_equal(positive > 0, masks[-1])


def drawn_normally(drawn):
    """Assert that numbers are as if drawn from N(0, 1)."""
    n = drawn.size
    # Five standard errors of each moment; a normal variable has fourth moment 3 and lies within one
    # sigma 68.27 % of the time.
    assert abs(drawn.mean()) < 5 / np.sqrt(n)
    assert abs((drawn**2).mean() - 1) < 5 * np.sqrt(2 / n)
    assert abs((drawn**4).mean() - 3) < 5 * np.sqrt(96 / n)
    assert abs((np.abs(drawn) < 1).mean() - 0.6827) < 5 * np.sqrt(0.6827 * 0.3173 / n)


def test_the_same_seed_gives_the_same_weights_and_another_seed_or_layer_others(masks):
    first, again, other = (starting_weights(masks, seed) for seed in (5, np.int64(5), 6))
    for a, b, c, mask in zip(first, again, other, masks, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.any((a == c) & mask)
    one, two = starting_weights([np.ones((50, 50), dtype=bool)] * 2, seed=0)
    assert not np.any(one == two)


def test_without_a_seed_no_two_draws_are_alike(masks):
    assert not np.array_equal(starting_weights(masks, None)[0], starting_weights(masks, None)[0])


def test_networks_of_one_seed_share_the_weights_of_the_connections_that_both_have(masks):
    other = [~mask | (np.arange(mask.size).reshape(mask.shape) % 2 == 0) for mask in masks]
    for a, b, one, two in zip(
        starting_weights(masks, 11), starting_weights(other, 11), masks, other, strict=True
    ):
        common = one & two
        assert common.any()
        np.testing.assert_array_equal(a[common], b[common])


def test_a_layer_keeps_its_weights_when_layers_are_added_after_it():
    for short, long in zip(
        starting_weights(full()[:2], 4), starting_weights(full(), 4), strict=False
    ):
        np.testing.assert_array_equal(short, long)


def test_drawing_weights_leaves_numpys_global_generator_alone(masks):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 (it is the old global state that must not move)
    starting_weights(masks, 1)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "seed must be an integer of at least 0, and -1"),
        ({"seed": 1.5}, r"seed .* 1\.5 \(float\)"),
        ({"seed": True}, r"seed .* True \(bool\)"),
        ({"initializer": "he_normal"}, "initializer 'he_normal' .*'normal', 'fan_in', 'as_dense'"),
        ({"positive_output": 1}, r"positive_output must be True or False, and 1 \(int\)"),
        ({"masks": [np.ones((2, 3), dtype=bool)] * 2}, r"masks of shapes \[\(2, 3\), \(2, 3\)\]"),
    ],
    ids=repr,
)
def test_illegal_arguments_are_refused_and_the_message_says_why(masks, arguments, message):
    with pytest.raises(ValueError, match=message):
        starting_weights(**{"masks": masks, "seed": 1, **arguments})
