"""Every notebook executes at a small scale with an empty store: training works, not only the reading of what is published."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import radixnet as rx
from run_figures import ROOT, figure_names

TINY = "[784, 30, 20, 10]"
SMALL = {
    "fig01_adjacency": {"radix_lists": "[[2, 2], [2]]", "layer_sizes": "[784, 12, 8, 10]"},
    "fig02_network": {"radix_lists": "[[2, 2], [2]]", "layer_sizes": "[16, 12, 8, 4]", "traced_input": 3},
    "fig03_sparsities": {"largest_radix": 3, "layer_sizes": TINY},
    "fig04_accuracies": {"largest_radix": 3, "layer_sizes": TINY, "epochs": 1, "batch_size": 2000, "window": 5},
    "fig05_initialisation": {
        "largest_radix": 4, "layer_sizes": TINY, "per_decile": 1, "starts": 2, "epochs": 1, "batch_size": 2000,
    },
    "fig06_landscape": {
        "layer_sizes": TINY, "epochs": 1, "batch_size": 2000, "rows": 100, "points": 5, "planes": 1,
    },
    "fig07_saliency": {
        "sparsity": 0.9, "radix_lists": "[[2, 5], [5]]", "layer_sizes": TINY, "seeds": "[1]", "gradual_seeds": "[1]", "epochs": 1,
        "batch_size": 2000,
    },
    "fig08_strange": {
        "largest_radix": 11, "min_expanded_sparsity": 0.9, "layer_sizes": TINY, "strange_accuracy": 1.0, "epochs": 1,
        "batch_size": 2000, "longer_epochs": 3,
    },
    "fig09_seeds": {"layer_sizes": TINY, "seeds": "[1]", "epochs": 1},
    "choose": {
        "layer_sizes": TINY, "sparsities": "[0.8]", "datasets": "['mnist']", "seeds": "[1]", "epochs": 1, "batch_size": 2000,
    },
    "repair": {"layer_sizes": TINY, "repairs": "['folded', 'bias']", "seeds": "[1]", "epochs": 1, "batch_size": 2000},
    "speed": {},
    "strange": {"layer_sizes": TINY, "stops": "[1, 2]"},
}  # fmt: skip
"""Parameters other than the published ones, so that a notebook takes seconds even when it trains everything."""

TRAINED = ("choose", "fig04", "fig05", "fig08", "fig09", "repair")
"""Notebooks that sweep, and so must leave runs in an empty store."""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Execute all notebooks, two at a time; return for each how it ended and its store."""
    folder = tmp_path_factory.mktemp("stores")

    def execute(name):
        pairs = [part for pair in SMALL[name].items() for part in ("-p", *map(str, pair))]
        store = folder / f"{name}.sqlite"
        done = subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "run_figures.py"), name, "--scratch", *pairs],
            env=os.environ | {"RADIXNET_STORE": str(store)},
            capture_output=True,
            text=True,
            check=False,
        )
        return name, (done, store)

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(execute, SMALL))


def test_every_notebook_has_a_small_scale():
    assert sorted(SMALL) == sorted(figure_names())


@pytest.mark.parametrize("name", SMALL)
def test_the_notebook_trains_what_it_needs(executed, name):
    done, store = executed[name]
    assert done.returncode == 0, done.stderr[-3000:]
    if name.startswith(TRAINED):
        runs = rx.RunStore(store).to_frame()
        assert len(runs) > 0
        assert (runs["status"] == "done").all()
