"""The reference engine: `CustomModel.fit` as in the paper, on the rows that every engine gets."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from radixnet.datasets import Dataset, as_floats
from radixnet.layers import CustomModel
from radixnet.training.data_order import epoch_order, split
from radixnet.training.provenance import provenance
from radixnet.training.spec import CURVES, RunResult, RunSpec

EVALUATION_BATCH = 1000
"""Rows per batch in evaluation; it affects the numbers by rounding at most."""


def get_ready() -> None:
    """Do nothing: the import of this module has loaded Keras and its backend."""


def run(spec: RunSpec, dataset: Dataset, keep_weights: bool) -> RunResult:
    """Train a network as the spec says: see `radixnet.training.train`."""
    train_images, test_images = as_floats(dataset.train_images), as_floats(dataset.test_images)
    train_labels = dataset.train_labels
    train_rows, validation_rows = split(spec.seed, len(train_labels), spec.validation_share)
    validation = train_images[validation_rows], train_labels[validation_rows]
    model = CustomModel(
        spec.masks,
        activation=spec.activation,
        use_bias=spec.use_bias,
        seed=spec.seed,
        initializer=spec.initializer,
        positive_output=spec.positive_output,
    )
    model.compile(
        _optimizer(spec, len(train_rows)), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    started = time.perf_counter()
    curves = np.empty((spec.epochs, len(CURVES)))
    for epoch in range(spec.epochs):
        rows = train_rows[epoch_order(spec.seed, epoch, len(train_rows))]
        options = {"batch_size": spec.batch_size, "shuffle": False, "verbose": 0}
        fitted = model.fit(train_images[rows], train_labels[rows], **options).history
        outputs = model.predict(test_images, batch_size=EVALUATION_BATCH, verbose=0)
        curves[epoch] = (
            *(fitted["loss"][0], fitted["accuracy"][0]),
            *_evaluate(model, *validation),
            *_evaluate(model, test_images, dataset.test_labels),
            len(np.unique(outputs.argmax(axis=1))),
        )
    seconds = time.perf_counter() - started
    backend = keras.backend.backend()
    versions = {"keras": keras.__version__, backend: import_module(backend).__version__}
    weights = [ops.convert_to_numpy(layer.kernel) for layer in model.radix_layers]
    biases = [ops.convert_to_numpy(layer.bias) for layer in model.radix_layers if spec.use_bias]
    return RunResult(
        spec,
        **dict(zip(CURVES, curves.T, strict=True)),
        seconds=seconds,
        provenance=provenance(spec, dataset, **versions),
        weights=tuple(weights) if keep_weights else None,
        biases=tuple(biases) if keep_weights and spec.use_bias else None,
        masks=spec.masks if keep_weights else None,
    )


def _optimizer(spec: RunSpec, rows: int) -> Any:
    """Return Keras' optimizer of a spec, with Keras' schedule for a run with so many rows."""
    first, steps = spec.learning_rate, spec.epochs * -(-rows // spec.batch_size)
    # Keras gives the second rate to the steps after the first boundary, counted from 0.
    boundaries = [-(-steps // 2) - 1, -(-3 * steps // 4) - 1]
    schedules = keras.optimizers.schedules
    falling = [first, 0.1 * first, 0.01 * first]
    rates = {
        "constant": first,
        "cosine": schedules.CosineDecay(first, steps),
        "steps": schedules.PiecewiseConstantDecay(boundaries, falling),
    }
    rate, decay = rates[spec.schedule], spec.weight_decay or None
    if spec.optimizer == "adam":
        return keras.optimizers.Adam(rate, weight_decay=decay)
    return keras.optimizers.SGD(rate, spec.momentum, weight_decay=decay)


def _evaluate(
    model: CustomModel, images: NDArray[np.float32], labels: NDArray[np.uint8]
) -> tuple[float, float]:
    """Return mean loss and accuracy of rows; NaN without rows."""
    if not len(labels):
        return np.nan, np.nan
    loss, accuracy = model.evaluate(images, labels, batch_size=EVALUATION_BATCH, verbose=0)
    return loss, accuracy
