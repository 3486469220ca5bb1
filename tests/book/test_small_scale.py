"""Every notebook executes at a small scale with an empty store: training works, not only the reading of what is published."""

import json
import os
import subprocess
import sys

import one_kernel
import pytest

import radixnet as rx
from run_figures import figure_names

TINY = [784, 30, 20, 10]
SMALL = {
    "fig01_adjacency": {"radix_lists": [[2, 2], [2]], "layer_sizes": [784, 12, 8, 10]},
    "fig02_network": {"radix_lists": [[2, 2], [2]], "layer_sizes": [16, 12, 8, 4], "traced_input": 3},
    "fig03_sparsities": {"largest_radix": 3, "layer_sizes": TINY},
    "fig04_accuracies": {"largest_radix": 3, "layer_sizes": TINY, "epochs": 1, "batch_size": 2000, "window": 5},
    "fig05_initialisation": {
        "largest_radix": 4, "layer_sizes": TINY, "per_decile": 1, "starts": 2, "epochs": 1, "batch_size": 2000,
    },
    "fig06_landscape": {
        "layer_sizes": TINY, "epochs": 1, "batch_size": 2000, "rows": 100, "points": 5, "planes": 1,
    },
    "fig07_saliency": {
        "sparsity": 0.9, "radix_lists": [[2, 5], [5]], "layer_sizes": TINY, "seeds": [1], "gradual_seeds": [1], "epochs": 1,
        "batch_size": 2000,
    },
    "fig08_strange": {
        "largest_radix": 11, "min_expanded_sparsity": 0.9, "layer_sizes": TINY, "strange_accuracy": 1.0, "epochs": 1,
        "batch_size": 2000, "longer_epochs": 3,
    },
    "fig09_seeds": {"layer_sizes": TINY, "seeds": [1], "epochs": 1},
    "choose": {
        "layer_sizes": TINY, "sparsities": [0.8], "datasets": ["mnist"], "seeds": [1], "epochs": 1, "batch_size": 2000,
    },
    "repair": {"layer_sizes": TINY, "repairs": ["folded", "bias"], "seeds": [1], "epochs": 1, "batch_size": 2000},
    "predict": {"layer_sizes": TINY, "radix_lists": [[[10, 10], [1]]], "starts": 1, "drawn": 2, "largest_radix": 3},
    "speed": {},
    "strange": {"layer_sizes": TINY, "stops": [1, 2]},
}  # fmt: skip
"""Parameters other than the published ones, so that a notebook takes seconds even when it trains everything."""

TRAINED = ("choose", "fig04", "fig05", "fig08", "fig09", "predict", "repair")
"""Notebooks that sweep, and so must leave runs in an empty store."""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Execute all notebooks; return what failed in each, and the folder of their stores.

    In one process, as starting a kernel takes longer than most of them; `test_run_figures` sees to the command that readers use.
    """
    folder = tmp_path_factory.mktemp("stores")
    paths = os.pathsep.join([*sys.path, os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, one_kernel.__file__, str(folder)],
        input=json.dumps(SMALL),
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((folder / "errors.json").read_text(encoding="utf-8")), folder


def test_every_notebook_has_a_small_scale():
    missing, unknown = set(figure_names()) - set(SMALL), set(SMALL) - set(figure_names())
    assert not missing, f"add to SMALL, with parameters that take seconds: {sorted(missing)}"
    assert not unknown, f"there is no such notebook; remove from SMALL: {sorted(unknown)}"


@pytest.mark.parametrize("name", SMALL)
def test_the_notebook_trains_what_it_needs(executed, name):
    errors, folder = executed
    assert errors[name] == ""
    if name.startswith(TRAINED):
        runs = rx.RunStore(folder / f"{name}.sqlite").to_frame()
        assert len(runs) > 0
        assert (runs["status"] == "done").all()
