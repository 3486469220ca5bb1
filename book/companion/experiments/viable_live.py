"""The runs that ask whether evenness helps, or only that no connection leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from companion.experiments import viable
from companion.experiments.viable import Run, live_connections
from companion.experiments.viable_methods import FIT, erk_masks
from radixnet import wirings
from radixnet.topology import RadixTopology
from radixnet.topology.masks import MaskArray
from radixnet.training import RunSpec

LIVE = "viable_live"
"""What the published table names the runs by."""

ARM = "Erdos-Renyi, live"


@cache
def plan() -> dict[str, Any]:
    """Return the experiment as it was written down before it was run."""
    path = Path(__file__).with_name("viable_live_plan.yml")
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def cells() -> list[tuple[str, str, float]]:
    """Return data set, fit and sparsity of every part of the experiment."""
    return [(data, FIT, each) for data, each in product(viable.plan()["datasets"], _sparsities())]


def stages() -> Iterator[tuple[str, list[Run]]]:
    """Yield the runs of every cell, with the name they are published by."""
    for dataset, _, sparsity in cells():
        yield LIVE, live(dataset, sparsity)


def live(dataset: str, sparsity: float) -> list[Run]:
    """Return the runs of one cell, from the starts that the network's other arms have."""
    the, runs = viable.plan(), []
    for number, lists in enumerate(viable.drawn_lists(FIT, sparsity)):
        network = RadixTopology(lists, the["layer_sizes"], fit=FIT)
        masks = living_masks(network.layer_sizes, network.connection_counts, number)
        for start in range(the["starts"]):
            seed = number * the["starts"] + start
            spec = RunSpec(masks, dataset=dataset, seed=seed, **viable.settings())
            runs.append(Run(FIT, sparsity, number, lists, ARM, spec))
    return runs


def living_masks(
    layer_sizes: Sequence[int], connections: Sequence[int], seed: int
) -> tuple[MaskArray, ...]:
    """Return random connections, so many in each layer, all on paths from inputs to outputs.

    They begin as `radixnet.wirings.erdos_renyi`. A hidden unit without inputs, or without outputs,
    gets one at random, for which another of its layer goes, drawn among those that leave no such
    unit behind.
    """
    random = np.random.default_rng([seed, 1])
    masks = tuple(mask.copy() for mask in wirings.erdos_renyi(layer_sizes, connections, seed))
    for layer, mask in enumerate(masks):
        hidden_inputs, hidden_outputs = layer > 0, layer < len(masks) - 1
        while True:
            bare_inputs = np.flatnonzero(~mask.any(axis=1) & hidden_inputs)
            bare_outputs = np.flatnonzero(~mask.any(axis=0) & hidden_outputs)
            if len(bare_inputs):
                mask[bare_inputs[0], random.integers(mask.shape[1])] = True
            elif len(bare_outputs):
                mask[random.integers(mask.shape[0]), bare_outputs[0]] = True
            else:
                break
            spared = mask & ((mask.sum(axis=1, keepdims=True) > 1) | (not hidden_inputs))
            better = spared & (mask.sum(axis=0) > 1)  # else an output gets another one later
            mask.flat[random.choice(np.flatnonzero(better if better.any() else spared))] = False
    return masks


def lost_shares(sparsity: float) -> dict[str, list[float]]:
    """Return by arm what share of each drawn network's connections lies on no path."""
    found: dict[str, list[float]] = {}
    for number, lists in enumerate(viable.drawn_lists(FIT, sparsity)):
        network = RadixTopology(lists, viable.plan()["layer_sizes"], fit=FIT)
        sizes, budgets = network.layer_sizes, network.connection_counts
        arms: dict[str, Sequence[MaskArray]] = {
            "radix": network.masks,
            "even random": wirings.even_random(sizes, budgets, number),
            "Erdos-Renyi": wirings.erdos_renyi(sizes, budgets, number),
            "ERK": erk_masks(sizes, sum(budgets), number),
        }
        for arm, masks in arms.items():
            alive = sum(int(mask.sum()) for mask in live_connections(masks))
            found.setdefault(arm, []).append(1 - alive / sum(int(mask.sum()) for mask in masks))
    return found


def _sparsities() -> list[float]:
    """Return the sparsities of the plan."""
    chosen: list[float] = plan()["sparsities"]
    return chosen
