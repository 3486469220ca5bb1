"""What measures start from: the published runs of a figure, or something small that is made here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import jupytext
import numpy as np
import pandas as pd

import radixnet as rx
from claims import ClaimError
from companion import published_runs
from companion.notebooks.sources import default_parameters, find_source
from companion.pruning_comparison import compare_with_pruning

STRANGE = 0.75
"""Largest training accuracy, after 3 epochs, of a model that the authors call strange."""
AS_MANY = "as many connections, "
"""Before the name of a pruned network with as many connections as the RadiX-Net."""


def parameters_of(figure: str) -> dict[str, Any]:
    """Return the published parameters of a figure's notebook."""
    return default_parameters(jupytext.read(find_source(figure)))


def runs_of(figure: str) -> pd.DataFrame:
    """Return a figure's published runs, or raise ClaimError when one has failed: a claim is judged by all runs or by none."""
    runs = published_runs(figure)
    failed = runs[runs["status"] != "done"]
    if len(failed):
        raise ClaimError(f"{len(failed)} of the {len(runs)} published runs of {figure} have failed; see their column 'reason'")
    return runs.assign(sparsity=runs["sparsity"].round(12))  # so that nine tenths are nine tenths


def network(lists: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return what holds for a network on LeNet 300-100 before trimming and after.

    It is uniform when every input reaches every output by the same number of paths, not 0; connected when by at least one; and has
    equal fan-out when in each layer all units have the same number of outgoing connections.
    """
    trimmed = rx.RadixTopology(lists, rx.LENET_300_100)
    row = {
        "radix_lists": rx.format_radix_lists(lists),
        "product": trimmed.modulus,
        "masks": trimmed.fingerprint,
        "sparsity_before": round(trimmed.expanded_sparsity, 12),
        "sparsity_after": round(trimmed.sparsity, 12),
    }
    for when, topology in {"before": rx.RadixTopology(lists, trimmed.expanded_layer_sizes), "after": trimmed}.items():
        diagnosis = topology.diagnose()
        row[f"connected_{when}"] = diagnosis.min_paths > 0
        row[f"uniform_{when}"] = 0 < diagnosis.min_paths == diagnosis.max_paths
        row[f"equal_fan_out_{when}"] = all(fan_out.min() == fan_out.max() for fan_out in topology.fan_outs)
    return row


def networks() -> pd.DataFrame:
    """Return a row, as of `network`, for each legal radix list of three radices from 1 to 10."""
    return pd.DataFrame([network(lists) for lists in rx.legal_radix_lists(range(1, 11), layers=3)])


def mask_training() -> pd.DataFrame:
    """Train the model of Fig. 1 with Keras for 20 steps; return after each one how many weights are where.

    Columns: step, off_the_mask (weights off the mask that are not zero), moved (weights that differ from the start).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no greetings of TensorFlow's between our own lines
    topology = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
    model = rx.CustomModel(topology, seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    random = np.random.default_rng(0)
    start = model.get_weights()
    rows = []
    for step in range(1, 21):
        model.train_on_batch(random.random((32, 784), dtype="float32"), random.integers(0, 10, 32))
        weights = model.get_weights()
        off = sum(int((now[~mask] != 0).sum()) for now, mask in zip(weights, topology.masks, strict=True))
        moved = sum(int((now != before).sum()) for now, before in zip(weights, start, strict=True))
        rows.append({"step": step, "off_the_mask": off, "moved": moved})
    return pd.DataFrame(rows)


def copies() -> pd.DataFrame:
    """Return for [[10, 10], [10]] how many connections have a copy, both ends moved on by one around their block of N' units.

    A row for each network: ``before`` trimming and ``after``; columns: connections, copied.
    """
    drawn = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
    rows = {}
    for when, network in {"before": rx.RadixTopology(drawn.radix_lists, drawn.expanded_layer_sizes), "after": drawn}.items():
        copied = 0
        for mask in network.masks:
            present = set(map(tuple, np.argwhere(mask).tolist()))
            copied += sum(tuple(_next_in_block(unit, network.modulus) for unit in ends) in present for ends in present)
        rows[when] = {"connections": sum(network.connection_counts), "copied": copied}
    return pd.DataFrame.from_dict(rows, orient="index")


def comparison_with_pruning() -> pd.DataFrame:
    """Train the networks of Fig. 7 with the published settings of its notebook; return a row per network.

    The RadiX-Net is a little less sparse than the pruned networks. So there are also networks that are pruned, once and at the end
    of training, to as many connections as it has; their names begin with `AS_MANY`.
    """
    settings = parameters_of("fig07")
    topology = rx.RadixTopology(settings.pop("radix_lists"), settings.pop("layer_sizes"))
    table = compare_with_pruning(topology, **settings).networks
    equal = compare_with_pruning(topology, **(settings | {"sparsity": topology.sparsity, "gradual_seeds": []})).networks
    equal = equal[equal["model"].str.startswith(("one-shot", "retrained"))]
    return pd.concat([table, equal.assign(model=AS_MANY + equal["model"])], ignore_index=True)


def _next_in_block(unit: int, block: int) -> int:
    """Return the next unit in a block of N' units, the first after the last."""
    return unit - unit % block + (unit + 1) % block


@cache
def load(source: str) -> Any:
    """Return a source by its name in `SOURCES`, made once."""
    return SOURCES[source]()


SOURCES: dict[str, Callable[[], Any]] = {
    "fig04": lambda: runs_of("fig04"),
    "fig05": lambda: runs_of("fig05"),
    "fig07": comparison_with_pruning,
    "fig08": lambda: runs_of("fig08"),
    "fig09": lambda: runs_of("fig09"),
    "networks": networks,
    "mask training": mask_training,
    "copies": copies,
}
"""What measures start from, and how to get it."""
