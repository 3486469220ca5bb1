"""Loss landscapes: against float64 arithmetic, plain Keras and the engine's own report.

Directions against their definition.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from training.compiled.float64_reference import Reference

import radixnet as rx
from companion.landscape import LossLandscape, convex_share, loss_landscape, random_directions
from radixnet.initializers import starting_weights
from radixnet.training import CURVES, split

SIZES = (20, 12, 9, 4)
NO_CURVES = dict.fromkeys(CURVES, np.zeros(1))
SLOPES = {"relu": 0.0, "leaky_relu": 0.2, "linear": 1.0}


def random_masks(generator, sizes=SIZES, density=0.4):
    return [generator.random(shape) < density for shape in pairwise(sizes)]


def random_run(generator, masks, activation="relu", use_bias=False):
    """Return the result of a run with random weights, as if it had been trained."""
    spec = rx.RunSpec(masks, epochs=1, activation=activation, use_bias=use_bias)
    weights = tuple(
        (generator.standard_normal(mask.shape) * mask).astype(np.float32) for mask in masks
    )
    biases = (
        tuple(generator.standard_normal(mask.shape[1]).astype(np.float32) for mask in masks)
        if use_bias
        else None
    )
    return rx.RunResult(spec, **NO_CURVES, seconds=0.0, weights=weights, biases=biases)


def random_rows(generator, rows, sizes=SIZES):
    return generator.integers(0, 256, (rows, sizes[0])).astype(np.uint8), generator.integers(
        0, sizes[-1], rows
    ).astype(np.uint8)


def moved(run, directions, position):
    """Return the weights at a position, in float64."""
    first, second = directions
    layers = zip(run.weights, first, second, strict=True)
    return [
        w.astype(float) + position[0] * d.astype(float) + position[1] * e.astype(float)
        for w, d, e in layers
    ]


@pytest.mark.parametrize("activation", SLOPES)
@pytest.mark.parametrize("use_bias", [False, True])
@pytest.mark.parametrize("density", [0.15, 1.0])
def test_losses_and_accuracies_are_those_of_float64_at_every_position(
    activation, use_bias, density
):
    generator = np.random.default_rng([use_bias, int(100 * density)])
    masks = random_masks(generator, density=density)
    run = random_run(generator, masks, activation, use_bias)
    directions = random_directions(run.weights, masks, seed=3)
    images, labels = random_rows(generator, 1300)  # more than two blocks
    positions = generator.uniform(-2, 2, (3, 4, 2))
    measured = loss_landscape(run, directions, positions, images, labels)
    assert measured.loss.shape == measured.accuracy.shape == (3, 4)
    np.testing.assert_array_equal(measured.positions, positions)
    for place in np.ndindex(3, 4):
        reference = Reference(
            masks, moved(run, directions, positions[place]), run.biases, SLOPES[activation]
        )
        loss, accuracy, _ = reference.evaluate(images, labels)
        assert measured.loss[place] == pytest.approx(loss, rel=1e-4)
        assert measured.accuracy[place] == pytest.approx(
            accuracy, abs=2.5 / len(labels)
        )  # two rows may round across a tie


@pytest.mark.parametrize(("activation", "use_bias"), [("relu", False), ("leaky_relu", True)])
def test_the_middle_is_the_validation_loss_that_the_engine_reported(activation, use_bias):
    data = rx.load_dataset("mnist")
    topology = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
    spec = rx.RunSpec(
        topology, seed=7, epochs=1, batch_size=500, activation=activation, use_bias=use_bias
    )
    run = rx.train(spec, keep_weights=True, dataset=data)
    _, rows = split(spec.seed, len(data.train_labels), spec.validation_share)
    directions = random_directions(run.weights, spec.masks, 0)
    middle = loss_landscape(
        run, directions, [0, 0], data.train_images[rows], data.train_labels[rows]
    )
    assert middle.loss.shape == ()
    assert float(middle.loss) == pytest.approx(run.validation_loss[-1], abs=1e-5)
    assert float(middle.accuracy) == pytest.approx(run.validation_accuracy[-1], abs=1.5 / len(rows))


def test_of_equal_logits_the_first_class_is_the_answer_and_nothing_is_gained_by_guessing():
    masks = [np.ones((3, 4), bool)]
    run = rx.RunResult(
        rx.RunSpec(masks, epochs=1),
        **NO_CURVES,
        seconds=0.0,
        weights=(np.zeros((3, 4), np.float32),),
    )
    directions = random_directions(run.weights, masks, 0)
    measured = loss_landscape(
        run, directions, [0, 0], np.full((5, 3), 9, np.uint8), np.array([0, 0, 1, 2, 3], np.uint8)
    )
    assert float(measured.loss) == pytest.approx(np.log(4))
    assert float(measured.accuracy) == pytest.approx(2 / 5)


@settings(max_examples=60)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=2, max_size=5),
    density=st.floats(0, 1),
    seed=st.integers(0, 2**40),
    scale=st.floats(1e-3, 1e3),
)
def test_every_unit_moves_by_the_norm_of_its_weights_and_no_missing_connection_moves(
    sizes, density, seed, scale
):
    generator = np.random.default_rng(seed)
    masks = random_masks(generator, sizes, density)
    weights = [
        (scale * generator.standard_normal(mask.shape) * mask).astype(np.float32) for mask in masks
    ]
    for direction in random_directions(weights, masks, seed):
        for step, weight, mask in zip(direction, weights, masks, strict=True):
            assert step.dtype == np.float32
            assert step.shape == mask.shape
            assert not step[~mask].any()
            wanted = np.sqrt((weight.astype(float) ** 2).sum(axis=0))
            np.testing.assert_allclose(
                np.sqrt((step.astype(float) ** 2).sum(axis=0)), wanted, rtol=1e-5
            )


def test_a_unit_whose_weights_are_all_zero_does_not_move():
    weights = np.ones((4, 2), np.float32)
    weights[:, 1] = 0
    for (step,) in random_directions([weights], [np.ones((4, 2), bool)], 2):
        assert step[:, 0].all()
        assert not step[:, 1].any()


def test_networks_of_the_same_sizes_share_the_draw():
    generator = np.random.default_rng(1)
    one, two = random_masks(generator, density=0.7), random_masks(generator, density=0.7)
    ones = [[mask.astype(np.float32) for mask in masks] for masks in (one, two)]
    for a, b in zip(
        random_directions(ones[0], one, 4), random_directions(ones[1], two, 4), strict=True
    ):
        for left, right, both in zip(
            a, b, [m & n for m, n in zip(one, two, strict=True)], strict=True
        ):
            for unit in np.flatnonzero(both.sum(axis=0) > 1):
                ratios = left[both[:, unit], unit] / right[both[:, unit], unit]
                assert ratios[0] > 0
                np.testing.assert_allclose(ratios, ratios[0], rtol=1e-5)


def test_seeds_directions_and_layers_have_draws_of_their_own():
    masks = [np.ones((50, 50), bool)] * 2
    weights = starting_weights(masks, 3)
    columns = [layer[:, 0] / np.linalg.norm(layer[:, 0]) for layer in weights]
    for seed in (3, 4):
        for direction in random_directions(weights, masks, seed):
            columns += [layer[:, 0] / np.linalg.norm(layer[:, 0]) for layer in direction]
    overlaps = np.array(columns) @ np.array(columns).T
    # Of two independent directions in 50 dimensions the cosine has standard deviation 1 / sqrt(50)
    # = 0.14.
    assert np.abs(overlaps[~np.eye(len(columns), dtype=bool)]).max() < 5 / np.sqrt(50)
    again = random_directions(weights, masks, 4)
    np.testing.assert_array_equal(again[1][1], random_directions(weights, masks, 4)[1][1])


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1", None], ids=repr)
def test_a_direction_seed_that_is_no_integer_of_at_least_zero_is_refused(seed):
    with pytest.raises(ValueError, match="direction seed") as caught:
        random_directions([np.ones((2, 2))], [np.ones((2, 2), bool)], seed)
    assert repr(seed) in str(caught.value)


def test_weights_that_do_not_fit_the_masks_are_refused():
    with pytest.raises(
        ValueError, match=r"weights of shapes \[\(2, 3\)\] for masks of shapes \[\(2, 2\)\]"
    ):
        random_directions([np.ones((2, 3))], [np.ones((2, 2), bool)], 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"positions": [0.0, 1.0, 2.0]}, r"positions of shape \(3,\): give finite numbers"),
        ({"positions": [0.0, np.nan]}, "positions .* finite"),
        ({"positions": 1.0}, r"positions of shape \(\)"),
        (
            {"images": np.zeros((6, 19), np.uint8)},
            r"images of shape \(6, 19\) .* give \(rows, 20\)",
        ),
        ({"images": np.zeros((6, 20))}, "images of float64: give grey levels"),
        (
            {"images": np.zeros((0, 20), np.uint8), "labels": np.zeros(0, np.uint8)},
            "at least one row",
        ),
        ({"labels": np.zeros(5, np.uint8)}, r"labels of shape \(5,\)"),
        (
            {"labels": np.full(6, 4, np.uint8)},
            "labels from 4 to 4 for a network of 4 outputs: give 0 to 3",
        ),
        (
            {"directions": ([np.ones((2, 2))], [np.ones((2, 2))])},
            r"direction 1 has shapes \[\(2, 2\)\]",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change, message):
    generator = np.random.default_rng(2)
    masks = random_masks(generator)
    run = random_run(generator, masks)
    images, labels = random_rows(generator, 6)
    given = {
        "directions": random_directions(run.weights, masks, 0),
        "positions": [0, 0],
        "images": images,
        "labels": labels,
    }
    with pytest.raises(ValueError, match=message):
        loss_landscape(run, **(given | change))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (None, "keep_weights=True"),
        ((np.full((3, 4), np.nan, np.float32),), "its training diverged"),
    ],
)
def test_a_run_without_usable_weights_says_what_to_do(weights, message):
    run = rx.RunResult(
        rx.RunSpec([np.ones((3, 4), bool)], epochs=1), **NO_CURVES, seconds=0.0, weights=weights
    )
    zero = [np.zeros((3, 4))]
    with pytest.raises(ValueError, match=message):
        loss_landscape(run, (zero, zero), [0, 0], np.zeros((1, 3), np.uint8), np.zeros(1, np.uint8))


def test_a_landscape_cannot_be_written_over():
    landscape = LossLandscape(np.zeros((1, 2)), np.zeros(1), np.zeros(1))
    with pytest.raises(ValueError, match="read-only"):
        landscape.loss[0] = 1


@given(a=st.floats(-5, 5), b=st.floats(-5, 5), c=st.floats(-5, 5), step=st.floats(0.05, 1))
def test_a_quadratic_surface_is_convex_everywhere_or_nowhere(a, b, c, step):
    smallest = np.linalg.eigvalsh([[a, c], [c, b]])[0]
    if abs(smallest) < 1e-6:
        return  # flat: rounding decides
    x, y = np.meshgrid(np.arange(-3, 4) * step, np.arange(-2, 3) * step, indexing="ij")
    assert convex_share((a * x**2 + 2 * c * x * y + b * y**2) / 2, step) == (smallest > 0)


def test_a_cubic_surface_is_convex_where_its_second_derivative_is_positive():
    steps = np.linspace(-1, 1, 10)  # no point at zero
    x, y = np.meshgrid(steps, steps, indexing="ij")
    assert convex_share(x**3 + y**2, steps[1] - steps[0]) == pytest.approx((steps[1:-1] > 0).mean())
    assert convex_share(x**3 + 3 * x**2 + y**2, steps[1] - steps[0]) == pytest.approx(
        (steps[1:-1] > -1).mean()
    )


@pytest.mark.parametrize(
    ("loss", "step", "message"),
    [
        (np.zeros((2, 5)), 0.1, "3 by 3"),
        (np.zeros(9), 0.1, "3 by 3"),
        (np.full((3, 3), np.inf), 0.1, "finite"),
        (np.zeros((3, 3)), 0.0, "positive distance"),
        (np.zeros((3, 3)), -1.0, "positive distance"),
        (np.zeros((3, 3)), np.nan, "positive distance"),
    ],
)
def test_curvature_of_no_grid_is_refused(loss, step, message):
    with pytest.raises(ValueError, match=message):
        convex_share(loss, step)
