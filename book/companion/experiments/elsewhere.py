"""The runs behind "Does it hold elsewhere?": other data and other shapes than LeNet 300-100's.

RadiX-Nets and, layer by layer as many connections, controls; the plan is in a file of its own.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from companion import viability
from companion.experiments import random_lists
from companion.experiments.viable import Run
from radixnet import wirings
from radixnet.topology import Fit, RadixTopology
from radixnet.topology.families import RadixLists
from radixnet.topology.masks import MaskArray
from radixnet.training.spec import RunSpec

CONVOLUTION = "convolution"
"""The part that Keras trains."""
PLAN_PATH = Path(__file__).with_name("elsewhere_plan.yml")


@cache
def plan() -> dict[str, Any]:
    """Return the experiment as it was written down before it was run."""
    read: dict[str, Any] = yaml.safe_load(PLAN_PATH.read_text(encoding="utf-8"))
    return read


def cells(group: str, contrast: str) -> list[tuple[str, float]]:
    """Return part and sparsity of the planned cells of a group that have a contrast."""
    found = []
    for part, settings in all_parts().items():
        arms_there = set(plan()["arms"]) - ({"permuted inputs"} if part == CONVOLUTION else set())
        compared = set(plan()["paired"].get(contrast, ()))
        has_it = compared <= arms_there if compared else part in plan()["trimmed"]
        if settings["group"] == group and has_it:
            found += [(part, sparsity) for sparsity in settings["sparsities"]]
    return found


def all_parts() -> dict[str, dict[str, Any]]:
    """Return the settings of every part, the convolutional one last."""
    return {**plan()["parts"], CONVOLUTION: plan()[CONVOLUTION]}


def comparisons() -> int:
    """Return how many comparisons the plan lays down."""
    contrasts = [*plan()["paired"], *plan()["unpaired"]]
    return sum(len(cells(group, each)) for group in ("data", "shapes") for each in contrasts)


def differences(runs: pd.DataFrame) -> pd.DataFrame:
    """Return every contrast in every cell, as `companion.viability.differences`, by part."""
    table = runs.assign(dataset=runs["part"])
    found = viability.differences(table, plan(), comparisons())
    return found.rename(columns={"dataset": "part"})


def statements(judged: pd.DataFrame, group: str) -> pd.DataFrame:
    """Return each statement with its verdict in one group, as `companion.viability.statements`.

    Cells that were planned and not run count as undecided, so they can keep a verdict open.
    Statements that no cell of the group can answer are left out.
    """
    in_group = [part for part, settings in all_parts().items() if settings["group"] == group]
    mine, found = judged[judged["part"].isin(in_group)], []
    for statement, rule in plan()["statements"].items():
        planned = len(cells(group, rule["contrast"]))
        if planned:
            deciding = math.ceil(plan()["deciding_share"] * planned)
            one = {"statements": {statement: rule}, "deciding_cells": deciding}
            found.append(viability.statements(mine, plan() | one, planned))
    return pd.concat(found, ignore_index=True)


def stages() -> list[tuple[str, Fit, float]]:
    """Return part, fit and sparsity of every part that the sparse engine trains."""
    fits: list[Fit] = ["fold", "trim"]
    return [
        (part, fit, sparsity)
        for part, settings in plan()["parts"].items()
        for fit in fits
        for sparsity in settings["sparsities"]
        if fit == "fold" or part in plan()["trimmed"]
    ]


@cache
def drawn_lists(layer_sizes: tuple[int, ...], fit: Fit) -> dict[float, list[RadixLists]]:
    """Draw the radix lists of all networks of some layer sizes, by sparsity; takes seconds."""
    rule, parts = plan()["draw"], all_parts().values()
    sparsities = next(
        part["sparsities"] for part in parts if tuple(part["layer_sizes"]) == layer_sizes
    )
    return random_lists.draw(
        fit,
        dict.fromkeys(sparsities, plan()["networks"]),
        rule["seed"],
        rule["draws"],
        dict.fromkeys(sparsities, rule["smallest_radix"]),
        layer_sizes,
        split=len(layer_sizes) <= 4,
    )


def arms(topology: RadixTopology, seed: int) -> dict[str, tuple[MaskArray, ...]]:
    """Return the masks of every arm of a drawn RadiX-Net, by the arm's name in the plan."""
    sizes, budgets, masks = topology.layer_sizes, topology.connection_counts, topology.masks
    return {
        "radix": masks,
        "permuted inputs": wirings.with_permuted_inputs(masks, seed),
        "even random": wirings.even_random(sizes, budgets, seed),
        "Erdos-Renyi": wirings.erdos_renyi(sizes, budgets, seed),
    }


def elsewhere(part: str, fit: Fit, sparsity: float) -> list[Run]:
    """Return the runs of one stage: every arm of every drawn network from every start."""
    return [
        run
        for number in range(plan()["networks"])
        for run in runs_of_network(part, fit, sparsity, number)
    ]


def runs_of_network(part: str, fit: Fit, sparsity: float, number: int) -> list[Run]:
    """Return the runs of one drawn network; of a trimmed one those of the RadiX-Net alone."""
    the = plan()
    chosen = list(the["arms"]) if fit == "fold" else ["radix"]
    epochs = the["parts"][part]["epochs"]
    return _runs(part, fit, sparsity, number, chosen, the["starts"], epochs)


def longer(part: str) -> list[Run]:
    """Return the long runs of one part, with the masks of the first of its short ones."""
    rule = plan()["longer"]
    (sparsity,) = plan()["parts"][part]["sparsities"]
    return [
        run
        for number in range(rule["networks"])
        for run in _runs(
            part, "fold", sparsity, number, rule["arms"], rule["starts"], rule["epochs"]
        )
    ]


def _runs(
    part: str,
    fit: Fit,
    sparsity: float,
    number: int,
    chosen: list[str],
    starts: int,
    epochs: int,
) -> list[Run]:
    """Return the runs of some arms of one drawn network, arm by arm."""
    the, settings = plan(), plan()["parts"][part]
    sizes = tuple(settings["layer_sizes"])
    lists = drawn_lists(sizes, fit)[sparsity][number]
    made = arms(RadixTopology(lists, sizes, fit=fit), number)
    return [
        Run(
            fit,
            sparsity,
            number,
            lists,
            arm,
            RunSpec(
                made[arm],
                dataset=settings["dataset"],
                seed=number * the["starts"] + start,
                epochs=epochs,
                batch_size=the["batch_size"],
                learning_rate=the["learning_rate"],
                initializer=the["initializer"],
            ),
        )
        for arm in chosen
        for start in range(starts)
    ]
