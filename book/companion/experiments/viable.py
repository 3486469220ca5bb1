"""The runs behind "Are RadiX-Nets viable?".

RadiX-Nets and, layer by layer as many connections, the controls of a sceptic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from companion.experiments import random_lists
from radixnet import wirings
from radixnet.diagnostics.diagnosis import live_units
from radixnet.topology import Fit, RadixTopology, format_radix_lists
from radixnet.topology.families import RadixLists
from radixnet.topology.masks import MaskArray
from radixnet.training.spec import RunSpec

PLAN_PATH = Path(__file__).with_name("viable_plan.yml")
DRAWN_PATH = Path(__file__).with_name("viable_networks.yml")


@dataclass(frozen=True)
class Run:
    """One run of the experiment.

    Attributes
    ----------
    fit, sparsity, network
        Which drawn RadiX-Net it belongs to: how it was fitted, its nominal sparsity, its number
        there.
    radix_lists
        The lists of that RadiX-Net, or of the recommended one.
    arm
        Which of its arms.
    spec
        What is trained.
    """

    fit: Fit
    sparsity: float
    network: int
    radix_lists: RadixLists
    arm: str
    spec: RunSpec


def stages() -> list[tuple[str, Fit, float]]:
    """Return data set, fit and sparsity of every part of the experiment."""
    the = plan()
    return [
        (dataset, fit, sparsity)
        for dataset in the["datasets"]
        for sparsity in the["networks"]
        for fit in the["fits"]
    ]


def labels(runs: Sequence[Run]) -> pd.DataFrame:
    """Return what a table of runs says of each beside its own columns.

    Its arm as ``variant``, and the RadiX-Net it belongs to.
    """
    return pd.DataFrame(
        [
            {
                "variant": run.arm,
                "fitted": run.fit,
                "wanted_sparsity": run.sparsity,
                "network": run.network,
                "drawn": format_radix_lists(run.radix_lists),
            }
            for run in runs
        ]
    )


@cache
def plan() -> dict[str, Any]:
    """Return the experiment as it was written down before it was run."""
    read: dict[str, Any] = yaml.safe_load(PLAN_PATH.read_text(encoding="utf-8"))
    return read


def settings() -> dict[str, Any]:
    """Return the settings that all runs share."""
    return {name: plan()[name] for name in ("epochs", "batch_size", "learning_rate", "initializer")}


def drawn_lists(origin: Fit | Literal["recommended"], sparsity: float) -> list[RadixLists]:
    """Return the radix lists of one sparsity that `draw` or `radixnet.recommend` found once."""
    return _kept_lists()[origin][sparsity]


@cache
def _kept_lists() -> dict[str, dict[float, list[RadixLists]]]:
    """Return all radix lists of the experiment by origin and sparsity."""
    read = yaml.safe_load(DRAWN_PATH.read_text(encoding="utf-8"))
    return {
        origin: {
            sparsity: [tuple(map(tuple, lists)) for lists in found]
            for sparsity, found in by_sparsity.items()
        }
        for origin, by_sparsity in read.items()
    }


def draw(fit: Fit) -> dict[float, list[RadixLists]]:
    """Draw random radix lists as the plan says, for each sparsity; takes some minutes."""
    rule = plan()["draw"]
    return random_lists.draw(
        fit, plan()["networks"], rule["seed"], rule["draws"], rule["smallest_radix"]
    )


def arms(topology: RadixTopology, seed: int) -> dict[str, tuple[MaskArray, ...]]:
    """Return the masks of every arm of a drawn RadiX-Net, by the arm's name in the plan."""
    sizes, budgets, masks = topology.layer_sizes, topology.connection_counts, topology.masks
    live = [int(mask.sum()) for mask in live_connections(masks)]
    return {
        "radix": masks,
        "permuted pixels": wirings.with_permuted_inputs(masks, seed),
        "shuffled": wirings.shuffled(masks, seed),
        "even random": wirings.even_random(sizes, budgets, seed),
        "Erdos-Renyi": wirings.erdos_renyi(sizes, budgets, seed),
        "receptive fields": wirings.receptive_fields(sizes, budgets, seed),
        "even random, live": wirings.even_random(sizes, live, seed),
    }


def exposure(topology: RadixTopology, variances: NDArray[np.float64]) -> float:
    """Return how much a connection of the first layer sees, as a multiple of an even network's.

    That is the variance of its input over images, averaged over the layer; even fan-outs give 1.
    `variances` are those of the inputs.
    """
    fan_out = topology.masks[0].sum(axis=1)
    return float(np.average(variances, weights=fan_out) / variances.mean())


def live_connections(masks: Sequence[MaskArray]) -> list[MaskArray]:
    """Return masks without the connections that lie on no path from an input to an output."""
    units = live_units(masks)
    ends = zip(masks, units[:-1], units[1:], strict=True)
    return [mask & before[:, np.newaxis] & after for mask, before, after in ends]


def viable(dataset: str, fit: Fit, sparsity: float) -> list[Run]:
    """Return the runs of one data set, fit and sparsity.

    Every arm of every drawn network from every start.
    """
    drawn = enumerate(drawn_lists(fit, sparsity))
    return [
        run
        for number, lists in drawn
        for run in runs_of_network(dataset, fit, sparsity, number, lists)
    ]


def runs_of_network(
    dataset: str, fit: Fit, sparsity: float, number: int, lists: RadixLists
) -> list[Run]:
    """Return the runs of one drawn network: every arm from every start.

    All arms share the starts' seeds: connections that two of them have in common start alike, and
    rows come in the same order. The recommended network of the same number has these seeds too and
    stands with the folded ones.
    """
    the = plan()
    topology = RadixTopology(lists, the["layer_sizes"], fit=fit)
    seeds = [number * the["starts"] + start for start in range(the["starts"])]
    made = {arm: (lists, masks) for arm, masks in arms(topology, number).items()}
    recommended = drawn_lists("recommended", sparsity)
    if fit == "fold" and number < len(recommended):
        chosen = recommended[number]
        made["recommended"] = chosen, RadixTopology(chosen, the["layer_sizes"], fit=fit).masks
    return [
        Run(
            fit,
            sparsity,
            number,
            origin,
            arm,
            RunSpec(masks, dataset=dataset, seed=seed, **settings()),
        )
        for arm, (origin, masks) in made.items()
        for seed in seeds
    ]
