"""Published runs are what training gives.

A fresh random sample of them is trained again, each time the suite runs.
"""

import dataclasses
import hashlib
import json
import random

import numpy as np
import pandas as pd
import pytest
from published_file import RESULTS, rows

import radixnet as rx
from companion import experiments, published_runs

FIGURES = ("fig04", "fig05", "fig08", "fig09")
SAMPLED = 12
ACCURACY_TOLERANCE = 0.02
"""Chosen before looking: what rounding on another processor may do to a short run. On the
publishing machine nothing differs."""
KERAS_TOLERANCE = 0.02
"""The same for Keras, which adds up in another order; its weights and its order of training are the
same."""
LEARNED = 0.85
"""Training accuracy from which a network has learned: below, a class may hang on one weight's sign,
and rounding can decide it."""


SUMS = {
    "runs.csv.gz": "3742c927d9cb55ee0c55525a5e4fbe11f65ce73e87454ef27c66ec94f0a62c86",
    "beyond.csv.gz": "0e315266081a88229f14d866a8e66d36d116b5a616b08306d6a6abce656f007d",
    "viable.csv.gz": "340eaeb151f26d0f70615b83c6e9ffde0d61dea18bbe79fb6004a3f826564d64",
    "authors_log.csv": "7a6e903ad882398336cb1c45cc807bc3e470437b9d92b5a9c5688d68255b2ade",
}
"""Of the files of published accuracies, by SHA-256."""


def sample(figures, count):
    """Return some published runs, others at each call, and the seed of the choice."""
    seed = random.SystemRandom().randrange(2**32)
    runs = pd.concat(
        [published_runs(figure).assign(figure=figure) for figure in figures], ignore_index=True
    )
    return seed, runs.sample(count, random_state=seed)


def differences(published, again):
    """Return the largest difference over the epochs, by curve."""
    return {
        name: float(
            np.abs(np.array(published[f"{name}_curve"]) - np.array(again[f"{name}_curve"])).max()
        )
        for name in ("train_accuracy", "validation_accuracy", "test_accuracy")
    }


@pytest.mark.parametrize("count", [SAMPLED, pytest.param(10 * SAMPLED, marks=pytest.mark.deep)])
def test_a_random_sample_of_published_runs_trains_to_the_same_numbers(count):
    seed, published = sample(("fig04", "fig05", "fig08"), count)
    again = rx.sweep([rx.spec_of(row) for _, row in published.iterrows()])
    assert again["identity"].tolist() == published["identity"].tolist()
    for (_, before), (_, after) in zip(published.iterrows(), again.iterrows(), strict=True):
        found = differences(before, after)
        assert max(found.values()) <= ACCURACY_TOLERANCE, (
            f"sample {seed}: {before['radix_lists']}, seed {before['seed']}: {found}"
        )


@pytest.mark.parametrize("count", [1, pytest.param(20, marks=pytest.mark.deep)])
def test_networks_that_learned_end_where_keras_does(count):
    seed, published = sample(("fig04", "fig05"), 100)
    learned = published[published["train_accuracy"] > LEARNED].iloc[:count]
    again = rx.sweep(
        [dataclasses.replace(rx.spec_of(row), engine="keras") for _, row in learned.iterrows()]
    )
    for (_, before), (_, after) in zip(learned.iterrows(), again.iterrows(), strict=True):
        for name in ("train_accuracy", "validation_accuracy", "test_accuracy"):
            message = (
                f"sample {seed}: {before['radix_lists']}, seed {before['seed']}: "
                f"{name} {after[name]}, published {before[name]}"
            )
            assert abs(after[name] - before[name]) <= KERAS_TOLERANCE, message


@pytest.mark.parametrize("file", ["runs.csv.gz", "beyond.csv.gz"])
def test_what_a_published_run_ends_at_is_the_last_point_of_its_curve(file):
    for row in rows(file):
        for name in (
            "train_accuracy",
            "validation_accuracy",
            "test_accuracy",
            "train_loss",
            "validation_loss",
            "test_classes",
        ):
            assert float(row[name]) == pytest.approx(
                json.loads(row[f"{name}_curve"])[-1], nan_ok=True
            ), (name, row["radix_lists"])


@pytest.mark.parametrize("file", SUMS)
def test_a_published_accuracy_is_changed_on_purpose_or_not_at_all(file):
    """Training all runs again takes hours, so the files have sums.

    Who publishes others writes theirs above.
    """
    assert hashlib.sha256((RESULTS / file).read_bytes()).hexdigest() == SUMS[file]


@pytest.mark.parametrize("figure", FIGURES)
def test_every_published_run_says_what_made_it(figure):
    runs = published_runs(figure)
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
    assert (runs["seconds"] > 0).all()
    assert (runs["status"] == "done").all()
    assert set(runs["provenance_dataset_sha256"]) == {rx.load_dataset("mnist").sha256}


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
        published = published_runs(figure)
        assert [rx.spec_of(row) for _, row in published.iterrows()] == specs


def test_a_row_that_is_no_run_is_refused():
    with pytest.raises(
        ValueError, match="the row lacks radix_lists, layer_sizes, fit, dense_output, dataset"
    ):
        rx.spec_of(pd.Series({"a": 1}))
    masks = [np.ones((784, 10), dtype=bool)]
    row = rx.sweep([rx.RunSpec(masks, epochs=1, batch_size=10_000)]).iloc[0]
    with pytest.raises(ValueError, match="given as masks, which a table of runs does not hold"):
        rx.spec_of(row)
