"""One call that trains: `train` looks up the data and hands the spec to its engine, which is loaded only then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Protocol, cast

import numpy as np

from radixnet.datasets import Dataset, DatasetName, load_dataset
from radixnet.training.spec import RunResult, RunSpec

_MODULES = {"sparse": "radixnet.training.sparse_engine", "keras": "radixnet.training.keras_engine"}


class Engine(Protocol):
    """What the module of an engine offers."""

    def get_ready(self) -> None:
        """Load what every run needs."""

    def run(self, spec: RunSpec, dataset: Dataset, keep_weights: bool) -> RunResult:
        """Train as the spec says."""


def train(spec: RunSpec, keep_weights: bool = False, dataset: Dataset | None = None) -> RunResult:
    """Train one network and say how it went.

    Runs on one core and lets go of Python's global lock while it computes, so that several runs can share a process as threads.
    The same spec gives bit-identical results on machines of the same kind, whatever else runs at the time.

    Parameters
    ----------
    spec
        The run.
    keep_weights
        Whether the result carries the final weights (and biases).
    dataset
        The data that ``spec.dataset`` names, when it lies in a folder of its own or is at hand; None loads it.

    Raises
    ------
    ValueError
        When the network does not fit the data: first layer and pixels, last layer and classes.
    DatasetError
        When the data cannot be read.
    RuntimeError
        When the sparse engine is asked for and ``NUMBA_DISABLE_JIT`` is set.
    """
    # The first run of a process waits for the data and for the engine: side by side, since unpacking needs no lock of Python's.
    with ThreadPoolExecutor(1) as helper:
        loading = helper.submit(load_dataset, cast(DatasetName, spec.dataset)) if dataset is None else None
        engine = cast(Engine, import_module(_MODULES[spec.engine]))
        engine.get_ready()
        data = loading.result() if loading else dataset
    assert data is not None  # noqa: S101 (for the type checker)
    _check_fit(spec, data)
    return engine.run(spec, data, keep_weights)


def _check_fit(spec: RunSpec, dataset: Dataset) -> None:
    """Raise ValueError when the network's first or last layer does not suit the data."""
    inputs, outputs = spec.layer_sizes[0], spec.layer_sizes[-1]
    pixels = dataset.train_images.shape[1]
    classes = 1 + int(max(np.max(dataset.train_labels, initial=0), np.max(dataset.test_labels, initial=0)))
    if dataset.name != spec.dataset:
        raise ValueError(f"the spec asks for dataset {spec.dataset!r}, and {dataset.name!r} was given; give the one it asks for")
    if inputs != pixels:
        raise ValueError(f"the network has {inputs} inputs, and a row of {dataset.name!r} has {pixels} pixels; use {pixels} inputs")
    if outputs < classes:
        raise ValueError(f"the network has {outputs} outputs for the {classes} classes of {dataset.name!r}; use at least {classes}")
