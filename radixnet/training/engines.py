"""`train` looks up the data and passes the spec to its engine, which is loaded only then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Protocol, cast

import numpy as np

from radixnet.datasets import Dataset, DatasetName, load_dataset
from radixnet.training.spec import RunResult, RunSpec

_MODULES = {"sparse": "radixnet.training.compiled", "keras": "radixnet.training.keras_engine"}


class Engine(Protocol):
    """What the module of an engine offers."""

    def get_ready(self) -> None:
        """Load what every run needs."""

    def run(self, spec: RunSpec, dataset: Dataset, keep_weights: bool) -> RunResult:
        """Train as the spec says."""


def train(spec: RunSpec, keep_weights: bool = False, dataset: Dataset | None = None) -> RunResult:
    """Train one network and return how it went.

    Training uses one core and releases Python's lock while it computes, so several runs can share a
    process as threads. The same spec gives bit-identical results on machines of the same kind,
    whatever else they do at the time.

    Parameters
    ----------
    spec
        The run.
    keep_weights
        Whether the result has the final weights (and biases).
    dataset
        The data that ``spec.dataset`` names, if you have loaded it yourself; None loads it.

    Raises
    ------
    ValueError
        If the network does not fit the data: first layer and inputs, last layer and classes.
    DatasetError
        If the data cannot be read.
    RuntimeError
        If the sparse engine is asked for and ``NUMBA_DISABLE_JIT`` is set.
    """
    # The first run of a process loads data and engine side by side: unpacking needs no Python lock.
    with ThreadPoolExecutor(1) as helper:
        name = cast(DatasetName, spec.dataset)
        loading = helper.submit(load_dataset, name) if dataset is None else None
        engine = cast(Engine, import_module(_MODULES[spec.engine]))
        engine.get_ready()
        data = loading.result() if loading else dataset
    assert data is not None  # noqa: S101 (for the type checker)
    _check_sizes(spec, data)
    return engine.run(spec, data, keep_weights)


def _check_sizes(spec: RunSpec, dataset: Dataset) -> None:
    """Raise ValueError if the network's first or last layer does not fit the data."""
    name, inputs, outputs = dataset.name, spec.layer_sizes[0], spec.layer_sizes[-1]
    values = dataset.train_images.shape[1]
    labels = (dataset.train_labels, dataset.test_labels)
    classes = 1 + max(int(np.max(each, initial=0)) for each in labels)
    if name != spec.dataset:
        raise ValueError(
            f"the spec asks for dataset {spec.dataset!r}, but {name!r} was given; "
            "give the one it asks for"
        )
    if inputs != values:
        raise ValueError(
            f"the network has {inputs} inputs, but a row of {name!r} has {values} values; "
            f"use {values} inputs"
        )
    if outputs < classes:
        raise ValueError(
            f"the network has {outputs} outputs for the {classes} classes of {name!r}; "
            f"use at least {classes}"
        )
