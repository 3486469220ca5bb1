"""Published runs are whole, are what training gives, and agree with Keras.

A fresh random sample of them is trained again, each time the suite runs.
"""

import hashlib
import json
import random

import numpy as np
import pandas as pd
import pytest
from published_file import RESULTS, rows

import radixnet as rx
from companion import experiments, publication, published, published_runs
from radixnet.initializers import starting_weights
from radixnet.training.data_order import epoch_order, split

FIGURES = ("fig04", "fig05", "fig08")
"""Those of the sparse engine; the Keras engine trained Fig. 9."""
CHAPTERS = (
    *("evidence", "predict", "repair", "claims", "viable", "viable_methods", "viable_public"),
    "elsewhere",
    "viable_live",
)
ACCURACIES = ("train_accuracy", "validation_accuracy", "test_accuracy")
TOLERANCE = 0.02
"""Chosen before looking: what rounding on another processor, or by Keras, which adds up in another
order, may do to a short run. On the publishing machine nothing differs."""
LEARNED = 0.85
"""Training accuracy from which a network has learned: below, a class may hang on one weight's sign,
and rounding can decide it."""

SUMS = {
    "runs.csv.gz": "3742c927d9cb55ee0c55525a5e4fbe11f65ce73e87454ef27c66ec94f0a62c86",
    "beyond.csv.gz": "5be95b5d307c435c6ab80cdc12ebf88ca30ba7e28b251319ab3ac989edbdd744",
    "viable.csv.gz": "3213734649a38a56764417eeb6d0e3ad01752ea86a51421da2d73bcae2e72ecf",
    "elsewhere.csv.gz": "7b84f198717096e09255017a409307ab09470eec9301ca3fa6a9ecebf1f13b35",
    "authors_log.csv": "7a6e903ad882398336cb1c45cc807bc3e470437b9d92b5a9c5688d68255b2ade",
}
"""Of the files of published accuracies, by SHA-256."""


def specs_of(runs):
    """Return what published runs were, in their order."""
    return [rx.spec_of(row) for row in runs.to_dict("records")]


def drawn(count, *figures):
    """Return a random sample of some figures' runs, another at each call, and its seed."""
    seed = random.SystemRandom().randrange(2**32)
    runs = pd.concat([published_runs(figure) for figure in figures], ignore_index=True)
    return runs.sample(count, random_state=seed), seed


@pytest.mark.parametrize("count", [8, pytest.param(120, marks=pytest.mark.deep)])
@pytest.mark.parametrize("figures", [FIGURES, ["repair"]], ids=["figures", "repairs"])
def test_a_random_sample_of_published_runs_trains_to_the_same_numbers(figures, count):
    published, seed = drawn(count, *figures)
    again = rx.sweep(specs_of(published))
    assert again["identity"].tolist() == published["identity"].tolist()
    for number, name in enumerate(published["radix_lists"]):
        for curve in (f"{each}_curve" for each in ACCURACIES):
            far = np.subtract(published[curve].iloc[number], again[curve].iloc[number])
            assert np.abs(far).max() <= TOLERANCE, f"sample {seed}: {name}, {curve}"


def connections_only(mask):
    """Return a constraint under which weights are zero where there is no connection."""
    return lambda weight: weight * mask


def plain_keras(spec):
    """Return the last accuracies of a network of plain Keras layers, masks as constraints."""
    import keras

    data = rx.load_dataset(spec.dataset)
    weights = starting_weights(spec.masks, spec.seed, spec.initializer, spec.positive_output)
    model = keras.Sequential([keras.Input((spec.layer_sizes[0],))])
    for number, mask in enumerate([each.astype("float32") for each in spec.masks], start=1):
        activation = "softmax" if number == len(weights) else spec.activation
        options = {"use_bias": spec.use_bias, "kernel_constraint": connections_only(mask)}
        model.add(keras.layers.Dense(mask.shape[1], activation, **options))
    for layer, kernel in zip(model.layers, weights, strict=True):
        layer.set_weights([kernel, np.zeros(kernel.shape[1])][: 1 + spec.use_bias])
    adam = keras.optimizers.Adam(spec.learning_rate)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    images, labels = data.train_images.astype("float32") / 255, data.train_labels
    rows, _ = split(spec.seed, len(images), spec.validation_share)
    for epoch in range(spec.epochs):
        order = rows[epoch_order(spec.seed, epoch, len(rows))]
        fitted = model.fit(images[order], labels[order], spec.batch_size, shuffle=False, verbose=0)
    test = data.test_images.astype("float32") / 255, data.test_labels
    return fitted.history["accuracy"][0], model.evaluate(*test, batch_size=1000, verbose=0)[1]


@pytest.mark.parametrize(
    ("figures", "variant", "count"),
    [
        (["repair"], "folded", 1),
        pytest.param(FIGURES[:2], None, 20, marks=pytest.mark.deep),
        pytest.param(["repair"], "folded", 4, marks=pytest.mark.deep),
        pytest.param(["repair"], "all starts and units", 4, marks=pytest.mark.deep),
    ],
)
def test_networks_that_learned_end_where_plain_keras_does(figures, variant, count):
    runs, seed = drawn(500, *figures)
    mine = runs["train_accuracy"] > LEARNED
    if variant:
        mine &= runs["variant"] == variant
    for row in runs[mine].iloc[:count].to_dict("records"):
        found = plain_keras(rx.spec_of(row))
        assert found == pytest.approx(
            (row["train_accuracy"], row["test_accuracy"]), abs=TOLERANCE
        ), f"sample {seed}: {row['radix_lists']}, seed {row['seed']}"


@pytest.mark.parametrize("file", ["runs.csv.gz", "beyond.csv.gz"])
def test_what_a_published_run_ends_at_is_the_last_point_of_its_curve(file):
    for row in rows(file):
        for name in (*ACCURACIES, "train_loss", "validation_loss", "test_classes"):
            assert float(row[name]) == pytest.approx(
                json.loads(row[f"{name}_curve"])[-1], nan_ok=True
            ), (name, row["radix_lists"])


@pytest.mark.parametrize("file", SUMS)
def test_a_published_accuracy_is_changed_on_purpose_or_not_at_all(file):
    """Training all runs again takes hours, so the files have sums.

    Who publishes others writes theirs above.
    """
    assert hashlib.sha256((RESULTS / file).read_bytes()).hexdigest() == SUMS[file]


@pytest.mark.parametrize("figure", [*FIGURES, "fig09", *CHAPTERS])
def test_every_published_run_was_finished_and_says_what_made_it(figure):
    runs = published_runs(figure)
    made_by = ["engine", "engine_version", "radixnet", "dataset_sha256", "machine", "python"]
    assert runs[[f"provenance_{name}" for name in [*made_by, "numpy"]]].notna().all(axis=None)
    assert (runs["seconds"] > 0).all()
    assert (runs["status"] == "done").all()
    assert "mnist" not in set(runs["dataset"]) or (
        rx.load_dataset("mnist").sha256 in set(runs["provenance_dataset_sha256"])
    )


@pytest.mark.parametrize(
    ("file", "size"),
    [
        (publication.RUNS, 3e6),
        (publication.BEYOND, 6e6),
        (publication.VIABLE, 3e6),
        (publication.ELSEWHERE, 1e6),
    ],
)
def test_a_published_file_is_small(file, size):
    assert published(file).stat().st_size < size


def test_the_published_runs_are_those_that_the_figures_ask_for():
    fig8 = experiments.fig8()
    first = published_runs("fig08").query("epochs == 3")
    chosen = experiments.fig5_topologies()
    expected = {
        "fig04": experiments.fig4(),
        "fig05": experiments.fig5(topology for decile in chosen.values() for topology in decile),
        "fig08": fig8 + experiments.fig8_longer(fig8, first),
        "fig09": experiments.fig9(),
    }
    for figure, specs in expected.items():
        assert specs_of(published_runs(figure)) == specs


@pytest.mark.parametrize("repair", experiments.REPAIRS)
def test_the_published_repairs_are_all_models_from_all_starts(repair):
    runs = published_runs("repair")
    specs = experiments.repaired(repair)
    assert len(specs) == 426 * 5
    assert specs_of(runs[runs["variant"] == repair]) == specs


def test_the_published_predictions_are_whole_families():
    runs = published_runs("predict")
    assert list(dict.fromkeys(runs["variant"])) == list(experiments.PREDICTED_FAMILIES)
    for name in experiments.PREDICTED_FAMILIES:
        assert specs_of(runs[runs["variant"] == name]) == experiments.predicted_family(name), name


def test_the_published_runs_of_claims_are_those_that_the_other_runs_ask_for():
    runs = published_runs("claims")
    predicted = published_runs("predict").query("variant == @experiments.OWN_STARTS")
    first = published_runs("fig08").query("epochs == 3")
    wanted = experiments.for_claims(published_runs("fig04"), first, predicted)
    assert list(dict.fromkeys(runs["variant"])) == list(wanted)
    for name, specs in wanted.items():
        assert specs_of(runs[runs["variant"] == name]) == specs, name


def test_a_row_that_is_no_run_is_refused():
    with pytest.raises(
        ValueError, match="the row lacks radix_lists, layer_sizes, fit, dense_output, dataset"
    ):
        rx.spec_of(pd.Series({"a": 1}))
    masks = [np.ones((784, 10), dtype=bool)]
    row = rx.sweep([rx.RunSpec(masks, epochs=1, batch_size=10_000)]).iloc[0]
    with pytest.raises(ValueError, match="given as masks, which a table of runs does not hold"):
        rx.spec_of(row)
