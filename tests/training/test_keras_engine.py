"""The reference engine is plain Keras, and the sparse engine trains as it does."""

from itertools import pairwise

import numpy as np
import pytest

import radixnet as rx
from radixnet.initializers import Initializer, starting_weights
from radixnet.training import RunSpec, keras_engine, train
from radixnet.training.compiled.engine import learning_rates
from radixnet.training.spec import ScheduleName

LENET = (784, 300, 100, 10)


def few_rows(rows: int) -> rx.Dataset:
    """Return MNIST with so many training rows and as many test rows."""
    full = rx.load_dataset("mnist")
    return rx.Dataset(
        "mnist",
        full.train_images[:rows],
        full.train_labels[:rows],
        full.test_images[:rows],
        full.test_labels[:rows],
        full.class_names,
        full.sha256,
    )


@pytest.mark.parametrize(
    ("settings", "sizes"),
    [
        ({}, LENET),
        ({"use_bias": True, "activation": "leaky_relu", "batch_size": 130}, (784, 40, 10)),
        ({"activation": "linear", "validation_share": 0.0, "batch_size": 2000}, (784, 10)),
        ({"weight_decay": 20.0, "schedule": "cosine", "use_bias": True}, (784, 40, 10)),
        (
            {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.05, "schedule": "steps"},
            (784, 40, 10),
        ),
    ],
)
def test_both_engines_see_the_same_numbers(
    settings: dict[str, object], sizes: tuple[int, ...]
) -> None:
    compare_engines(settings, sizes, few_rows(1500))


def test_both_engines_take_numbers_of_any_sign_and_26_classes() -> None:
    random = np.random.default_rng(1)
    numbers = random.normal(0, 2, (400, 16)).astype(np.float32)
    labels = (numbers @ random.normal(size=(16, 26))).argmax(axis=1).astype(np.uint8)
    parts = (numbers[:300], labels[:300], numbers[300:], labels[300:])
    letters = rx.Dataset("mnist", *parts, tuple("abcdefghijklmnopqrstuvwxyz"), "0" * 64)
    compare_engines({"epochs": 5}, (16, 30, 26), letters)


def compare_engines(
    settings: dict[str, object], sizes: tuple[int, ...], dataset: rx.Dataset
) -> None:
    """Train a network of random masks with both engines, which must agree."""
    random = np.random.default_rng(0)
    masks = [random.random(shape) < 0.3 for shape in pairwise(sizes)]
    settings = {"epochs": 2, **settings}
    sparse, keras = (
        train(RunSpec(masks, engine=engine, **settings), keep_weights=True, dataset=dataset)  # type: ignore[arg-type]
        for engine in ("sparse", "keras")
    )
    for name in ("train_loss", "validation_loss", "test_loss"):
        np.testing.assert_allclose(getattr(sparse, name), getattr(keras, name), rtol=2e-4)
    for name in ("train_accuracy", "validation_accuracy", "test_accuracy"):
        np.testing.assert_allclose(getattr(sparse, name), getattr(keras, name), atol=2e-3)
    np.testing.assert_array_equal(sparse.test_classes, keras.test_classes)
    for ours, theirs, mask in zip(sparse.weights or (), keras.weights or (), masks, strict=True):
        assert ours.shape == theirs.shape == mask.shape
        np.testing.assert_array_equal(theirs[~mask], 0)
        np.testing.assert_allclose(ours, theirs, atol=1e-3)
    assert (sparse.biases is None) == (keras.biases is None) == ("use_bias" not in settings)
    for ours, theirs in zip(sparse.biases or (), keras.biases or (), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)


@pytest.mark.parametrize("schedule", ["cosine", "steps"])
def test_keras_has_the_same_learning_rate_at_every_step_of_odd_and_even_runs(
    schedule: ScheduleName,
) -> None:
    for steps in (1, 2, 3, 7, 8):
        spec = RunSpec([np.ones((2, 2), bool)], epochs=1, batch_size=1, schedule=schedule)
        optimizer = keras_engine._optimizer(spec, steps)
        found = []
        for step in range(steps):
            optimizer.iterations.assign(step)
            found.append(float(optimizer.learning_rate))
        np.testing.assert_allclose(found, learning_rates(spec, steps)[0], rtol=1e-5, atol=1e-9)


def test_keras_takes_the_loss_from_the_logits_without_clipping() -> None:
    # A confident wrong answer costs its logit difference: 2000 here, and at most 16 from clipped
    # probabilities, which Keras takes on other backends.
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("Keras finds the logits behind a softmax on TensorFlow alone")
    model = rx.CustomModel([np.ones((1, 2), bool)], seed=0)
    model.radix_layers[0].kernel.assign([[1000.0, -1000.0]])
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    images, labels = np.ones((4, 1), np.float32), np.ones(4, np.uint8)
    assert model.fit(images, labels, verbose=0).history["loss"][0] == 2000
    assert model.evaluate(images, labels, verbose=0) == 2000


def test_weights_that_were_not_asked_for_are_not_kept() -> None:
    spec = RunSpec([np.ones((784, 10), bool)], epochs=1, engine="keras")
    result = train(spec, dataset=few_rows(100))
    assert result.weights is None
    assert result.biases is None
    assert result.provenance["engine"] == "keras"
    assert result.provenance["engine_version"].startswith("keras-")


@pytest.mark.parametrize(
    ("seeds", "largest_mean"), [(1, 0.01), pytest.param(6, 0.002, marks=pytest.mark.deep)]
)
def test_over_many_topologies_and_seeds_both_engines_reach_the_same_accuracies(
    seeds: int, largest_mean: float
) -> None:
    # Rounding sends two runs of equal start apart, so single runs differ; their mean difference
    # over 24 pairs must not. Strange models among them (fan-in 1) have accuracies far apart from
    # each other, and both engines must agree on which is which.
    dataset = few_rows(3000)
    lists = ([[10, 10], [10]], [[2, 2], [2]], [[12, 12], [1]], [[15, 10], [2]])
    differences = []
    for radix_lists in lists:
        topology = rx.RadixTopology(radix_lists, LENET)
        for seed in range(seeds):
            spec = {"topology": topology, "seed": seed, "epochs": 2, "batch_size": 50}
            sparse, keras = (
                train(RunSpec(engine=engine, **spec), dataset=dataset)
                for engine in ("sparse", "keras")
            )  # type: ignore[arg-type]
            differences.append(sparse.test_accuracy[-1] - keras.test_accuracy[-1])
    assert len(differences) == 4 * seeds
    assert np.abs(differences).max() < 0.02
    assert abs(np.mean(differences)) < largest_mean


@pytest.mark.parametrize("positive_output", [False, True])
@pytest.mark.parametrize("initializer", ["normal", "fan_in", "as_dense"])
def test_the_starting_weights_are_those_of_every_engine(
    initializer: Initializer, positive_output: bool
) -> None:
    masks = [np.tri(784, 12, dtype=bool), np.ones((12, 10), bool)]
    start = starting_weights(masks, 4, initializer, positive_output)
    settings = {
        "initializer": initializer,
        "positive_output": positive_output,
        "seed": 4,
        "epochs": 1,
        "learning_rate": 1e-30,
    }
    for engine in ("keras", "sparse"):
        spec = RunSpec(masks, engine=engine, **settings)  # type: ignore[arg-type]
        for weights, expected in zip(
            train(spec, keep_weights=True, dataset=few_rows(100)).weights or (), start, strict=True
        ):
            np.testing.assert_allclose(weights, expected, atol=1e-20)
