"""How far numbers move when the same runs are trained elsewhere.

Runs of Fig. 8 trained again in several ways, both numbers kept.

Each way is trained in a process of its own, because a compiler chooses its instructions once, when
the process starts. The published runs are only what is compared with: they are read when everything
is trained.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pandas as pd

import radixnet as rx
from companion.experiments import fig8_rounds, is_strange
from companion.places import BUILD, RESULTS
from companion.publication import published_runs
from radixnet.training import RunSpec
from radixnet.training.spec import EngineName

AGREEMENT = RESULTS / "agreement.csv.gz"
STORES = BUILD / "agreement"
SAMPLE_SEED = 2026
"""Draws the runs that the slower engine repeats; chosen before any of them was trained."""
KERAS_RUNS = 12
"""Half of them strange as published, half not."""
COMPARED_NUMBERS = ("train_accuracy", "validation_accuracy", "test_accuracy", "test_classes")


@dataclass(frozen=True)
class Way:
    """One way to train the same runs.

    Attributes
    ----------
    title
        As the page shows it.
    engine
        Who trains.
    processor
        Whose instructions compiled code uses, by LLVM's name; None for those of the machine.
    seed_step
        Added to the seed of every run: 0 repeats the run, 1 is another start, the yardstick for all
        other differences.
    """

    title: str
    engine: EngineName = "sparse"
    processor: str | None = None
    seed_step: int = 0


WAYS = {
    "again": Way("the same machine, once more"),
    "avx2": Way("an older processor's instructions: AVX2, not AVX-512", processor="haswell"),
    "keras": Way("the Keras engine", engine="keras"),
    "seed": Way("for comparison: the next seed", seed_step=1),
}


def published_fig8() -> pd.DataFrame:
    """Return the published runs of Fig. 8 that all its models have: three epochs, one seed."""
    return fig8_rounds(published_runs("fig08"))[0]


def chosen_runs(way: Way, published: pd.DataFrame) -> pd.DataFrame:
    """Return the published runs that a way repeats.

    All, or for the slow engine as many strange ones as others, drawn by lot.
    """
    if way.engine == "sparse":
        return published
    strange = is_strange(published)
    draws = [
        published[kind].sample(KERAS_RUNS // 2, random_state=SAMPLE_SEED)
        for kind in (strange, ~strange)
    ]
    return pd.concat(draws).sort_index()


def repeated_specs(way: Way, runs: pd.DataFrame) -> list[RunSpec]:
    """Return the specs by which a way trains runs again."""
    specs = [rx.spec_of(cast("Mapping[str, Any]", row)) for _, row in runs.iterrows()]
    return [
        dataclasses.replace(spec, engine=way.engine, seed=spec.seed + way.seed_step)
        for spec in specs
    ]


def train_way(name: str) -> None:
    """Train what a way's store lacks, in this process."""
    way = WAYS[name]
    rx.sweep(
        repeated_specs(way, chosen_runs(way, published_fig8())),
        store=store_of(name),
        on_failure="raise",
    )


def store_of(name: str) -> Path:
    """Return where the runs of a way are kept until the table is written."""
    STORES.mkdir(parents=True, exist_ok=True)
    return STORES / f"{name}.sqlite"


def compared_runs(name: str) -> pd.DataFrame:
    """Return a row per run of a way whose runs are all stored.

    What is published and what came out.
    """
    way = WAYS[name]
    published = chosen_runs(way, published_fig8())
    again = rx.sweep(repeated_specs(way, published), store=store_of(name), on_failure="raise")
    table = pd.DataFrame({"way": way.title, "radix_lists": again["radix_lists"]})
    for measure in COMPARED_NUMBERS:
        table[f"{measure}_published"] = published[measure].to_numpy()
        table[measure] = again[measure].to_numpy()
    table["same_bits"] = [
        before == after
        for before, after in zip(
            published["test_loss_curve"], again["test_loss_curve"], strict=True
        )
    ]
    for fact in ("machine", "compiled_for", "engine_version", "numpy", "numba", "tensorflow"):
        table[fact] = again.get(f"provenance_{fact}")
    trained = datetime.fromtimestamp(
        store_of(name).stat().st_mtime, UTC
    )  # perhaps by an earlier call
    return table.assign(measured=trained.strftime("%Y-%m-%d"))
