"""The sparse engine gives the numbers of a float64 network for any masks, sizes and batches.

It does so on every target.
"""

import dataclasses
import gc
import math
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from float64_reference import Reference
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tested_targets import TARGETS

import radixnet as rx
from radixnet.initializers import starting_weights
from radixnet.training import RunResult, RunSpec, epoch_order, split, train
from radixnet.training.compiled import SLOPES, SparseNetwork, prepare, steps
from radixnet.training.compiled.engine import learning_rates
from radixnet.training.spec import ScheduleName

LENET = (784, 300, 100, 10)
TOPOLOGY = rx.RadixTopology([[10, 10], [10]], LENET)
LOSS, WEIGHT = 5e-6, 1e-4
"""By which share losses may differ, and by how much weights, of which a step changes 1e-3 at most.

Where rounding puts one activation on the other side of zero, the unit's weights part by 5e-5 and
the losses of later steps by 2e-6; otherwise by 2e-5 and 1e-7."""

Masks = list[NDArray[np.bool_]]


def random_masks(sizes: tuple[int, ...], density: float, seed: int = 0) -> Masks:
    random = np.random.default_rng(seed)
    return [random.random(shape) < density for shape in pairwise(sizes)]


def small_dataset(rows: int, pixels: int, classes: int, seed: int = 0) -> rx.Dataset:
    """Return random images with labels that depend on them; some pixels are zero in every row."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (2 * rows, pixels)).astype(np.uint8)
    images[:, random.random(pixels) < 0.2] = 0
    labels = (images.astype(np.int64).sum(axis=1) % classes).astype(np.uint8)
    return rx.Dataset(
        "mnist",
        images[:rows],
        labels[:rows],
        images[rows:],
        labels[rows:],
        tuple(map(str, range(classes))),
        "0" * 64,
    )


def undecided(reference: Reference, images: NDArray[np.uint8]) -> int:
    """Return how many rows have two largest logits so close that rounding decides the answer."""
    logits = np.sort(reference.activations(images)[-1], axis=1)
    return int((logits[:, -1] - logits[:, -2] < 1e-5).sum())


def compare(
    masks: Masks,
    dataset: rx.Dataset,
    batches: list[NDArray[np.int64]],
    activation: str = "relu",
    use_bias: bool = False,
    with_weights: bool = True,
    momentum: float | None = None,
    decay: float = 0.0,
    rate: float = 1e-3,
) -> None:
    """Train step by step beside the reference; compare losses, answers and final weights.

    The reference is slow, so the networks of all targets share one.
    """
    optimizer = steps.Optimizer(momentum is None, np.float32(momentum or 0), decay)
    train_data, test_data, needed = prepare(dataset)
    start = starting_weights(masks, seed=1)
    biases = [np.zeros(mask.shape[1], np.float32) for mask in masks] if use_bias else None
    largest = max(map(len, batches))
    networks = [
        SparseNetwork(masks, start, biases, SLOPES[activation], largest, needed, optimizer, target)
        for target in TARGETS.values()
    ]
    reference = Reference(masks, start, biases, SLOPES[activation], momentum, decay)
    for rows in batches:
        before = undecided(reference, dataset.train_images[rows])
        expected = reference.train_batch(
            dataset.train_images[rows], dataset.train_labels[rows], rate
        )
        if not with_weights:
            assume(not reference.cancelled)
        for network in networks:
            loss, accuracy = network.train_epoch(train_data, rows, rate)
            assert loss == pytest.approx(expected[0], rel=LOSS)
            assert abs(accuracy - expected[1]) * len(rows) < 0.5 + before
    rows = np.arange(min(500, len(dataset.test_labels)))
    expected = reference.evaluate(dataset.test_images[rows], dataset.test_labels[rows])
    rounded = undecided(reference, dataset.test_images[rows])
    for network in networks:
        loss, accuracy, classes = network.evaluate(test_data, rows)
        assert loss == pytest.approx(expected[0], rel=LOSS)
        assert abs(accuracy - expected[1]) * len(rows) < 0.5 + rounded
        assert abs(classes - expected[2]) < 0.5 + rounded
        for weights, mask, right in zip(network.weights(), masks, reference.weights, strict=True):
            np.testing.assert_array_equal(weights[~mask], 0)
            if with_weights:
                np.testing.assert_allclose(weights, right, atol=WEIGHT)
        if use_bias and with_weights:
            for bias, exact in zip(network.biases() or (), reference.biases, strict=True):
                np.testing.assert_allclose(bias, exact, atol=WEIGHT)


def mnist_batches(count: int, size: int) -> list[NDArray[np.int64]]:
    return list(np.random.default_rng(2).permutation(60_000)[: count * size].reshape(count, size))


@pytest.mark.parametrize("density", [0.01, 0.1, 0.5, 1])
def test_fifty_steps_of_random_masks_match_float64(density: float) -> None:
    compare(random_masks(LENET, density), rx.load_dataset("mnist"), mnist_batches(50, 100))


@pytest.mark.parametrize("radix_lists", [[[10, 10, 10]], [[10, 10], [10]], [[2, 2], [2]]])
def test_fifty_steps_of_radix_nets_match_float64(radix_lists: list[list[int]]) -> None:
    compare(
        list(rx.RadixTopology(radix_lists, LENET).masks),
        rx.load_dataset("mnist"),
        mnist_batches(50, 100),
    )


@pytest.mark.parametrize("batch_size", [50, 300])
@pytest.mark.parametrize(
    "optimizer",
    [
        {"momentum": 0.0, "rate": 0.05},
        {"momentum": 0.9, "decay": 0.5, "rate": 0.02},
        {"decay": 20.0},
    ],
    ids=["SGD", "SGD with momentum and decay", "Adam with decay"],
)
def test_fifty_steps_of_every_optimizer_match_float64(
    optimizer: dict[str, float], batch_size: int
) -> None:
    # Weights of pixels that no row has, too: without gradient, they decay all the same.
    dataset = small_dataset(batch_size, 60, 5)
    batches = list(np.tile(np.arange(batch_size), (50, 1)))
    compare(random_masks((60, 40, 20, 5), 0.4), dataset, batches, use_bias=True, **optimizer)


@pytest.mark.parametrize(("inputs", "classes"), [(16, 26), (7, 2), (33, 256)])
def test_fifty_steps_of_numbers_of_any_sign_and_number_match_float64(
    inputs: int, classes: int
) -> None:
    data = small_dataset(300, inputs, classes)
    train_images, test_images = (
        (images / 64.0 - 2).astype(np.float32) for images in (data.train_images, data.test_images)
    )
    data = dataclasses.replace(data, train_images=train_images, test_images=test_images)
    batches = list(np.random.default_rng(1).integers(0, 300, (50, 130)))
    compare(random_masks((inputs, 40, classes), 0.5), data, batches, "leaky_relu")


@pytest.mark.parametrize("schedule", ["cosine", "steps"])
def test_every_step_of_a_run_takes_its_own_learning_rate(schedule: ScheduleName) -> None:
    spec = RunSpec([np.ones((2, 2), bool)], epochs=2, learning_rate=3.0, schedule=schedule)
    written = {
        "cosine": [1.5 * (1 + math.cos(math.pi * t / 10)) for t in range(10)],
        "steps": [3.0, 3.0, 3.0, 3.0, 3.0, 0.3, 0.3, 0.3, 0.03, 0.03],
    }
    rates = learning_rates(spec, 5)
    np.testing.assert_allclose(rates, np.reshape(written[schedule], (2, 5)), rtol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 15, 33, 49, 113, 448, 449, 700, 2048])
def test_batches_of_every_size_match_float64(batch_size: int) -> None:
    compare(
        list(TOPOLOGY.masks),
        rx.load_dataset("mnist"),
        mnist_batches(5, batch_size),
        "leaky_relu",
        use_bias=True,
    )


@settings(max_examples=200)
@given(
    sizes=st.lists(st.integers(1, 70), min_size=1, max_size=4),
    density=st.sampled_from([0, 0.02, 0.3, 1]),
    batch_sizes=st.lists(st.integers(1, 60), min_size=1, max_size=6),
    activation=st.sampled_from(["relu", "leaky_relu", "linear"]),
    use_bias=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_any_network_matches_float64(
    sizes: list[int],
    density: float,
    batch_sizes: list[int],
    activation: str,
    use_bias: bool,
    seed: int,
) -> None:
    masks = random_masks((*sizes, 5), density, seed)
    random = np.random.default_rng(seed)
    batches = [random.integers(0, 60, size) for size in batch_sizes]
    # Of a gradient that is nearly zero, Adam's first steps keep little but the sign: weights then
    # differ, losses do not. Where it is zero but for rounding, losses of other rows do too.
    compare(
        masks,
        small_dataset(60, sizes[0], 5, seed),
        batches,
        activation,
        use_bias,
        with_weights=False,
    )


def test_empty_rows_and_columns_and_layers_leave_constant_logits() -> None:
    masks = random_masks((784, 30, 10), 0.3)
    masks[0][:, 3] = masks[0][5] = masks[1][:, 4] = False
    compare(masks, rx.load_dataset("mnist"), mnist_batches(5, 100))
    nothing = [np.zeros((784, 30), bool), np.zeros((30, 10), bool)]
    result = train(RunSpec(nothing, epochs=1))
    assert result.test_loss[0] == pytest.approx(np.log(10))


def test_of_tied_classes_the_first_is_the_answer() -> None:
    # With no connections all ten logits are 0: the answer is always class 0, and right as often as
    # there are zeros.
    dataset = rx.load_dataset("mnist")
    result = train(RunSpec([np.zeros((784, 10), bool)], epochs=1))
    assert result.test_accuracy[0] == np.mean(dataset.test_labels == 0)
    assert result.test_classes[0] == 1


def by_hand(spec: RunSpec, dataset: rx.Dataset) -> tuple[float, float, float]:
    """Return the first epoch's training, validation and test loss of a spec, from the reference."""
    reference = Reference(
        spec.masks, starting_weights(spec.masks, spec.seed), None, SLOPES[spec.activation]
    )
    train_rows, validation_rows = rx.training.split(
        spec.seed, len(dataset.train_labels), spec.validation_share
    )
    order = train_rows[rx.training.epoch_order(spec.seed, 0, len(train_rows))]
    losses = []
    for first in range(0, len(order), spec.batch_size):
        rows = order[first : first + spec.batch_size]
        loss, _ = reference.train_batch(
            dataset.train_images[rows], dataset.train_labels[rows], spec.learning_rate
        )
        losses.append(loss * len(rows))
    return (
        sum(losses) / len(order),
        reference.evaluate(
            dataset.train_images[validation_rows], dataset.train_labels[validation_rows]
        )[0],
        reference.evaluate(dataset.test_images, dataset.test_labels)[0],
    )


@pytest.mark.parametrize("batch_size", [64, 100, 1000])
def test_an_epoch_with_a_last_partial_batch_reports_means_over_rows(batch_size: int) -> None:
    dataset = small_dataset(333, 30, 4)
    spec = RunSpec(random_masks((30, 20, 4), 0.5), epochs=1, batch_size=batch_size, seed=5)
    result = train(spec, dataset=dataset)
    expected = by_hand(spec, dataset)
    assert (result.train_loss[0], result.validation_loss[0], result.test_loss[0]) == pytest.approx(
        expected, rel=1e-6
    )


def test_a_pixel_that_only_test_images_have_counts_in_the_test() -> None:
    dataset = small_dataset(100, 20, 3)
    images = dataset.train_images.copy()
    images[:, :5] = 0
    dataset = dataclasses.replace(dataset, train_images=images)
    spec = RunSpec(random_masks((20, 3), 1), epochs=1)
    assert train(spec, dataset=dataset).test_loss[0] == pytest.approx(
        by_hand(spec, dataset)[2], rel=1e-6
    )


def numbers(result: RunResult) -> bytes:
    curves = b"".join(getattr(result, name).tobytes() for name in rx.training.CURVES)
    return curves + b"".join(weights.tobytes() for weights in result.weights or ())


def test_runs_side_by_side_give_bit_for_bit_what_a_run_alone_gives() -> None:
    specs = [RunSpec(TOPOLOGY, epochs=1, seed=seed) for seed in (0, 1)] + [
        RunSpec(random_masks(LENET, 0.05), epochs=1)
    ]
    alone = [numbers(train(spec, keep_weights=True)) for spec in specs]
    assert len(set(alone)) == 3
    with ThreadPoolExecutor(6) as threads:
        together = list(
            threads.map(lambda spec: numbers(train(spec, keep_weights=True)), specs * 4)
        )
    assert together == alone * 4


def test_a_run_that_diverges_says_so() -> None:
    result = train(RunSpec(TOPOLOGY, epochs=1, learning_rate=1e30))
    assert result.diverged


def test_without_validation_rows_validation_is_nan_and_the_run_is_sound() -> None:
    result = train(
        RunSpec(random_masks((30, 4), 1), epochs=2, validation_share=0),
        dataset=small_dataset(50, 30, 4),
    )
    assert np.isnan(result.validation_loss).all()
    assert not result.diverged


def test_loops_for_different_targets_have_different_names() -> None:
    """Under one name, LLVM calls one target's loops for both when they come from disk."""
    for loop in steps.Loops._fields:
        names = {
            getattr(steps.loops(target, images), loop).__qualname__
            for target in TARGETS.values()
            for images in ("uint8", "float32")
        }
        assert len(names) == 2 * len(TARGETS)


def test_runs_leave_nothing_in_memory() -> None:
    dataset = small_dataset(200, 784, 10)
    weights_of_one_run = 4 * sum(TOPOLOGY.connection_counts)

    def after(seeds: range) -> int:
        """Return the bytes in use after some runs."""
        for seed in seeds:
            train(RunSpec(TOPOLOGY, epochs=1, seed=seed), dataset=dataset)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = after(range(3))
        assert after(range(3, 11)) - before < weights_of_one_run
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("use_bias", [False, True])
def test_connections_exchanged_in_the_middle_of_fifty_steps_match_float64(use_bias: bool) -> None:
    """Weights, means and squares of what stays are kept, what is new starts at zero."""
    dataset = rx.load_dataset("mnist")
    train_data, _, needed = prepare(dataset)
    first, second = random_masks(LENET, 0.1, seed=1), random_masks(LENET, 0.1, seed=2)
    for one, other in zip(first, second, strict=True):
        other[: len(one) // 2] = one[: len(one) // 2]  # half of the inputs keep all
    start = starting_weights(first, seed=1)
    biases = [np.zeros(mask.shape[1], np.float32) for mask in first] if use_bias else None
    networks = [
        SparseNetwork(first, start, biases, 0.0, 100, needed, target=target)
        for target in TARGETS.values()
    ]
    reference = Reference(first, start, biases, 0.0)
    for number, rows in enumerate(mnist_batches(50, 100)):
        if number == 25:
            networks = [network.rewired(second) for network in networks]
            reference.masks = second
            for state in (reference.weights, reference.means, reference.squares):
                for matrix, one, other in zip(state[:3], first, second, strict=True):
                    matrix[~(one & other)] = 0
        expected = reference.train_batch(
            dataset.train_images[rows], dataset.train_labels[rows], 1e-3
        )
        for network in networks:
            assert network.train_epoch(train_data, rows, 1e-3)[0] == pytest.approx(
                expected[0], rel=LOSS
            )
    for network in networks:
        for weights, mask, right in zip(network.weights(), second, reference.weights, strict=True):
            np.testing.assert_array_equal(weights[~mask], 0)
            np.testing.assert_allclose(weights, right, atol=WEIGHT)
        for bias, exact in zip(network.biases() or (), reference.biases, strict=True):
            np.testing.assert_allclose(bias, exact, atol=WEIGHT)


def test_a_network_with_the_same_connections_again_trains_to_the_last_bit_as_before() -> None:
    dataset = rx.load_dataset("mnist")
    train_data, _, needed = prepare(dataset)
    masks = list(TOPOLOGY.masks)
    one, other = (
        SparseNetwork(masks, starting_weights(masks, seed=1), None, 0.0, 100, needed)
        for _ in range(2)
    )
    batches = mnist_batches(10, 100)
    losses = [one.train_epoch(train_data, rows, 1e-3) for rows in batches]
    again = []
    for rows in batches:
        again.append(other.train_epoch(train_data, rows, 1e-3))
        other = other.rewired(masks)
    assert again == losses


def test_training_with_rigl_agrees_with_float64_and_its_definition() -> None:
    """Two looks in 270 steps: at the right steps, on the batch that comes, with the right share."""
    data = rx.load_dataset("mnist")
    data = dataclasses.replace(
        data, train_images=data.train_images[:1500], train_labels=data.train_labels[:1500]
    )
    masks = random_masks(LENET, 0.05)
    spec = RunSpec(masks, seed=1, epochs=2, batch_size=10, rewiring="rigl")
    found = train(spec, keep_weights=True, dataset=data)
    reference = Reference(masks, starting_weights(masks, seed=1), None, 0.0)
    training, _ = split(1, 1500, spec.validation_share)
    batches = [
        training[epoch_order(1, epoch, 1350)].reshape(135, 10)[number]
        for epoch in range(2)
        for number in range(135)
    ]
    for step, rows in enumerate(batches):
        batch = data.train_images[rows], data.train_labels[rows]
        if step in (100, 200):
            everything = [np.ones(mask.shape, bool) for mask in masks]
            dense = Reference(everything, reference.weights, None, 0.0)
            dense.train_batch(*batch, 0.0)  # its means are a tenth of the gradient now
            going = 0.15 * (1 + np.cos(np.pi * step / (0.75 * 270)))
            for layer, (weights, slopes) in enumerate(
                zip(reference.weights, dense.means, strict=True)
            ):
                here = np.argwhere(reference.masks[layer])
                sizes = [abs(weights[tuple(place)]) for place in here]
                left = np.zeros(weights.shape, bool)
                for number in np.argsort(sizes)[int(going * len(here)) :]:
                    left[tuple(here[number])] = True
                free = np.argwhere(~left)
                steepest = np.argsort([-abs(slopes[tuple(place)]) for place in free])
                both = left & reference.masks[layer]
                for number in steepest[: int(going * len(here))]:
                    left[tuple(free[number])] = True
                both |= left & reference.masks[layer]
                for state in (reference.weights, reference.means, reference.squares):
                    state[layer][~both] = 0
                reference.masks[layer] = left
        reference.train_batch(*batch, 1e-3)
    assert found.masks is not None
    assert found.weights is not None
    for layer, mask in enumerate(found.masks):
        different = np.count_nonzero(mask != reference.masks[layer])
        assert different <= 2  # rounding may exchange two whose gradients are equal
        same = mask == reference.masks[layer]
        np.testing.assert_allclose(
            found.weights[layer][same], reference.weights[layer][same], atol=10 * WEIGHT
        )
