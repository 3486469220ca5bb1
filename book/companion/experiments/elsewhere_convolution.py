"""The convolutional part of "Does it hold elsewhere?": channels wired as the arms of the plan."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from companion.experiments.elsewhere import CONVOLUTION, arms, drawn_lists, plan
from companion.experiments.viable import Run
from radixnet.datasets import Dataset, dataset_sha256, load_dataset
from radixnet.layers import RadixConv2D, RadixLayer
from radixnet.runs.records import StoredRun, table_of
from radixnet.runs.store import RunStore
from radixnet.topology import RadixTopology
from radixnet.topology.masks import MaskArray
from radixnet.training.data_order import epoch_order
from radixnet.training.provenance import provenance
from radixnet.training.spec import CURVES, ENGINE_VERSIONS, RunResult, RunSpec

_SIDE = 3  # of a filter
_EVALUATED_TOGETHER = 1000


def runs() -> list[Run]:
    """Return the runs; the masks of their specs connect channels, not units."""
    the, part = plan(), plan()[CONVOLUTION]
    sizes = tuple(part["layer_sizes"])
    settings = {"dataset": part["dataset"], "epochs": part["epochs"], "validation_share": 0.0}
    settings |= {name: the[name] for name in ("batch_size", "learning_rate", "initializer")}
    found = []
    for sparsity, networks in drawn_lists(sizes, "fold").items():
        for number, lists in enumerate(networks):
            made = arms(RadixTopology(lists, sizes, fit="fold"), number)
            del made["permuted inputs"]
            for arm, masks in made.items():
                for start in range(the["starts"]):
                    seed = number * the["starts"] + start
                    spec = RunSpec(masks, seed=seed, engine="keras", **settings)
                    found.append(Run("fold", sparsity, number, lists, arm, spec))
    return found


def identity(spec: RunSpec) -> str:
    """Return what a run is stored by, another than that of the same masks between units."""
    masks = spec.identity(dataset_sha256(spec.dataset), ENGINE_VERSIONS[spec.engine])
    return hashlib.sha256(
        f"{CONVOLUTION} {plan()[CONVOLUTION]['rows']} {masks}".encode()
    ).hexdigest()


def trained(store: RunStore) -> pd.DataFrame:
    """Train the runs that the store lacks, and return all as a table, in the order of `runs`."""
    wanted = {identity(run.spec): run.spec for run in runs()}
    for name in wanted.keys() - store.get(wanted).keys():
        store.put(StoredRun.from_result(name, train(wanted[name])))
    found = store.get(wanted)
    return table_of([found[name] for name in wanted])


def train(spec: RunSpec) -> RunResult:
    """Train a network whose channels the spec's masks connect, on the first rows of its data."""
    data, rows = load_dataset("fashion-mnist"), plan()[CONVOLUTION]["rows"]
    model = network(spec.masks, spec.seed)
    model.compile(
        keras.optimizers.Adam(spec.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    images, tests = _images(data.train_images[:rows]), _images(data.test_images)
    started = time.perf_counter()
    curves = np.empty((spec.epochs, len(CURVES)))
    for epoch in range(spec.epochs):
        order = epoch_order(spec.seed, epoch, rows)
        fitted = model.fit(
            images[order],
            data.train_labels[order],
            batch_size=spec.batch_size,
            shuffle=False,
            verbose=0,
        ).history
        curves[epoch] = (
            *(fitted["loss"][0], fitted["accuracy"][0]),
            *(np.nan, np.nan),
            *_evaluated(model, tests, data),
        )
    backend = keras.backend.backend()
    versions = {"keras": keras.__version__, backend: import_module(backend).__version__}
    return RunResult(
        spec,
        **dict(zip(CURVES, curves.T, strict=True)),
        seconds=time.perf_counter() - started,
        provenance=provenance(spec, data, **versions),
        weights=None,
        biases=None,
        masks=None,
    )


def network(masks: Sequence[MaskArray], seed: int) -> keras.Model:
    """Return the network that the plan describes, at the start that belongs to a seed.

    Connections that two networks have in common start alike, but for their scale.
    """
    options: dict[str, Any] = {"strides": 2, "padding": "same", "activation": "relu"}
    first, *mixing, last = masks[0].shape[0], *masks[:-1], masks[-1]
    layers = [
        keras.layers.Conv2D(first, _SIDE, use_bias=False, **options),
        *(RadixConv2D(mask.shape[1], _SIDE, mask, **options) for mask in mixing),
        keras.layers.GlobalAveragePooling2D(),
        RadixLayer(last.shape[1], last, activation="softmax"),
    ]
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    connected = [np.ones((1, first), bool), *mixing, last]
    streams = np.random.SeedSequence(seed).spawn(len(connected))
    for weights, mask, stream in zip(model.weights, connected, streams, strict=True):
        drawn = np.random.default_rng(stream).standard_normal(weights.shape)
        places = _SIDE * _SIDE if mask is not last else 1
        gain = 2 if mask is not last else 1
        weights.assign(mask * drawn * np.sqrt(gain / (places * np.maximum(mask.sum(axis=0), 1))))
    return model


def _images(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return rows as images with one channel, values from 0 to 1."""
    return rows.reshape(-1, 28, 28, 1).astype(np.float32) / np.float32(255)


def _evaluated(
    model: keras.Model, images: NDArray[np.float32], data: Dataset
) -> tuple[float, float, int]:
    """Return loss and accuracy of the test images, and how many classes are an answer."""
    chances = model.predict(images, batch_size=_EVALUATED_TOGETHER, verbose=0)
    answers = chances.argmax(axis=1)
    right = np.log(np.maximum(chances[np.arange(len(chances)), data.test_labels], 1e-30))
    return float(-right.mean()), float((answers == data.test_labels).mean()), len(set(answers))
