"""Every notebook in seconds: parameters at which it trains little, executed in one process."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import one_kernel

TINY = [784, 30, 20, 10]
SMALL: defaultdict[str, dict[str, Any]] = defaultdict(dict, {
    "fig01_adjacency": {"radix_lists": [[2, 2], [2]], "layer_sizes": [784, 12, 8, 10]},
    "fig02_network": {
        "radix_lists": [[2, 2], [2]], "layer_sizes": [16, 12, 8, 4], "traced_input": 3,
    },
    "fig03_sparsities": {"largest_radix": 3, "layer_sizes": TINY},
    "fig04_accuracies": {
        "largest_radix": 3, "layer_sizes": TINY, "epochs": 1, "batch_size": 2000,
    },
    "fig05_initialisation": {
        "largest_radix": 4, "layer_sizes": TINY, "per_decile": 1, "starts": 2, "epochs": 1,
        "batch_size": 2000,
    },
    "fig06_landscape": {
        "layer_sizes": TINY, "epochs": 1, "batch_size": 2000, "rows": 100, "points": 5, "planes": 1,
    },
    "fig07_saliency": {
        "sparsity": 0.9, "radix_lists": [[[2, 5], [5]]], "layer_sizes": TINY, "seeds": [1],
        "gradual_seeds": [1], "epochs": 1,
        "batch_size": 2000,
    },
    "fig08_strange": {
        "largest_radix": 11, "min_expanded_sparsity": 0.9, "layer_sizes": TINY,
        "strange_accuracy": 1.0, "epochs": 1,
        "batch_size": 2000, "longer_epochs": 3,
    },
    "fig09_seeds": {"layer_sizes": TINY, "seeds": [1], "epochs": 1, "engine": "sparse"},
    "evidence": {"samples": 10},
    "choose": {"layer_sizes": TINY, "sparsity": 0.8, "count": 2, "datasets": ["mnist"]},
    "repair": {
        "layer_sizes": TINY, "repairs": ["folded", "bias"], "seeds": [1], "epochs": 1,
        "batch_size": 2000,
    },
    "predict": {
        "layer_sizes": TINY, "radix_lists": [[[10, 10], [1]]], "starts": 1, "drawn": 2,
        "largest_radix": 3,
    },
    "graph_challenge": {"width": 256, "depth": 12, "images": 100},
    "viable": {"sparsities": [0.95]},
    "elsewhere": {"parts": ["letters"]},
    "strange": {"layer_sizes": TINY, "stops": [1, 2], "new_networks": 2},
    "tutorial": {"epochs": 1},
})  # fmt: skip
"""Parameters other than the published ones where a notebook would take long with an empty store."""

Job = tuple[str, dict[str, Any]]
"""A notebook's name and the parameters to execute it with."""


def execute_all(jobs: dict[str, Job], folder: Path) -> dict[str, str]:
    """Execute notebooks in one process, each with an empty store; return what failed, by label.

    In one process, as starting a kernel takes longer than most of them; `test_run_figures` sees to
    the command that readers use.
    """
    paths = os.pathsep.join([*sys.path, os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, one_kernel.__file__, str(folder)],
        input=json.dumps(jobs),
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((folder / "errors.json").read_text(encoding="utf-8"))
