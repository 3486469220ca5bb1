"""`train` says what does not fit before anything is trained."""

import dataclasses

import numpy as np
import pytest

import radixnet as rx
from radixnet.training import RunSpec, train


@pytest.mark.parametrize("engine", ["sparse", "keras"])
def test_networks_that_do_not_fit_the_data_are_refused(engine: str) -> None:
    for shape, message in (
        ((20, 10), "784 values; use 784 inputs"),
        ((784, 9), "10 classes of 'mnist'; use at least 10"),
    ):
        with pytest.raises(ValueError, match=message):
            train(RunSpec([np.ones(shape, bool)], engine=engine))  # type: ignore[arg-type]


def test_data_of_another_name_are_refused() -> None:
    other = dataclasses.replace(rx.load_dataset("mnist"), name="fashion-mnist")
    with pytest.raises(ValueError, match="asks for dataset 'mnist', but 'fashion-mnist' was given"):
        train(RunSpec([np.ones((784, 10), bool)]), dataset=other)


def test_a_result_says_what_made_it() -> None:
    result = train(RunSpec([np.ones((784, 10), bool)], epochs=1))
    assert result.provenance["engine"] == "sparse"
    assert result.provenance["dataset_sha256"] == rx.load_dataset("mnist").sha256
    assert {"engine_version", "radixnet", "machine", "numba", "numpy", "python"} <= set(
        result.provenance
    )
    assert result.seconds > 0
