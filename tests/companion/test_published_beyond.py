"""Published runs beyond the paper are those of the experiments, and repairs agree with Keras."""

import random

import numpy as np
import pytest

import radixnet as rx
from companion import experiments, published, published_runs
from companion.publication import BEYOND
from radixnet.initializers import starting_weights
from radixnet.training.data_order import epoch_order, split

ACCURACY_TOLERANCE = 0.02
"""Chosen before looking, the same as for the paper's runs: what rounding, on another machine or by
Keras, may do to a short run."""
LEARNED = 0.85
"""Training accuracy from which a network has learned: below, a class may hang on one weight's sign,
and rounding can decide it."""


def published_specs(runs):
    """Return what published runs were, in their order."""
    return [rx.spec_of(row) for row in runs.to_dict("records")]


@pytest.mark.parametrize("repair", experiments.REPAIRS)
def test_the_published_repairs_are_all_models_from_all_starts(repair):
    runs = published_runs("repair")
    mine = runs[runs["variant"] == repair]
    specs = experiments.repaired(repair)
    assert len(mine) == len(specs) == 426 * 5
    assert published_specs(mine) == specs


def test_the_published_predictions_are_whole_families():
    runs = published_runs("predict")
    assert list(dict.fromkeys(runs["variant"])) == list(experiments.PREDICTED_FAMILIES)
    for name in experiments.PREDICTED_FAMILIES:
        assert published_specs(runs[runs["variant"] == name]) == experiments.predicted_family(
            name
        ), name


@pytest.mark.parametrize("chapter", ["choose", "predict", "repair"])
def test_every_published_run_was_finished_and_says_what_made_it(chapter):
    runs = published_runs(chapter)
    assert (runs["status"] == "done").all()
    made_by = [
        "engine",
        "engine_version",
        "radixnet",
        "dataset_sha256",
        "machine",
        "python",
        "numpy",
    ]
    assert runs[[f"provenance_{name}" for name in made_by]].notna().all(axis=None)


def test_the_published_file_is_small():
    assert published(BEYOND).stat().st_size < 6_000_000


@pytest.mark.parametrize("count", [6, pytest.param(60, marks=pytest.mark.deep)])
def test_a_random_sample_of_repairs_trains_to_the_same_numbers(count):
    seed = random.SystemRandom().randrange(2**32)
    sample = published_runs("repair").sample(count, random_state=seed)
    again = rx.sweep(published_specs(sample))
    assert again["identity"].tolist() == sample["identity"].tolist()
    for name in ("train_accuracy", "validation_accuracy", "test_accuracy"):
        difference = np.abs(again[name].to_numpy() - sample[name].to_numpy())
        assert difference.max() <= ACCURACY_TOLERANCE, (
            f"sample {seed}: {name}, {sample['radix_lists'].iloc[difference.argmax()]}"
        )


def connections_only(mask):
    """Return a constraint under which weights are zero where there is no connection."""
    return lambda weight: weight * mask


def plain_keras(spec):
    """Return the last accuracies of a network of plain Keras layers, masks as constraints."""
    import keras

    data = rx.load_dataset(spec.dataset)
    model = keras.Sequential([keras.Input((spec.layer_sizes[0],))])
    for number, mask in enumerate(spec.masks, start=1):
        model.add(
            keras.layers.Dense(
                mask.shape[1],
                "softmax" if number == len(spec.masks) else spec.activation,
                use_bias=spec.use_bias,
                kernel_constraint=connections_only(mask.astype("float32")),
            )
        )
    weights = starting_weights(spec.masks, spec.seed, spec.initializer, spec.positive_output)
    for layer, kernel in zip(model.layers, weights, strict=True):
        layer.set_weights([kernel, np.zeros(kernel.shape[1])][: 1 + spec.use_bias])
    model.compile(
        keras.optimizers.Adam(spec.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    images = data.train_images.astype("float32") / 255
    rows, _ = split(spec.seed, len(images), spec.validation_share)
    for epoch in range(spec.epochs):
        order = rows[epoch_order(spec.seed, epoch, len(rows))]
        fitted = model.fit(
            images[order], data.train_labels[order], spec.batch_size, shuffle=False, verbose=0
        )
    test_images = data.test_images.astype("float32") / 255
    test_accuracy = model.evaluate(test_images, data.test_labels, batch_size=1000, verbose=0)[1]
    return fitted.history["accuracy"][0], test_accuracy


@pytest.mark.parametrize(
    ("repair", "each"),
    [
        ("folded", 1),
        pytest.param("folded", 4, marks=pytest.mark.deep),
        pytest.param("all starts and units", 4, marks=pytest.mark.deep),
    ],
)
def test_repaired_models_end_where_plain_keras_does(repair, each):
    seed = random.SystemRandom().randrange(2**32)
    runs = published_runs("repair")
    learned = runs[(runs["variant"] == repair) & (runs["train_accuracy"] > LEARNED)]
    for row in learned.sample(each, random_state=seed).to_dict("records"):
        train_accuracy, test_accuracy = plain_keras(rx.spec_of(row))
        message = f"sample {seed}: {row['radix_lists']}, seed {row['seed']}"
        assert abs(train_accuracy - row["train_accuracy"]) <= ACCURACY_TOLERANCE, message
        assert abs(test_accuracy - row["test_accuracy"]) <= ACCURACY_TOLERANCE, message
