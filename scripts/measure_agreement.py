"""How far do numbers move when the same runs are trained elsewhere: train runs of Fig. 8 again in several ways, keep both numbers.

    make agreement      some seven minutes on two cores; can be interrupted and called again

Each way is a process of its own, because a compiler chooses its instructions once, when the process starts. What it trained is kept
in `_build/agreement`, one store for each way, and the table goes to book/results/agreement.csv.gz when all of them are done. The
published runs are only what is compared with: they are read when everything is trained.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pandas as pd

import radixnet as rx
from command import command, folder_to_write
from companion import published_runs
from companion.experiments import fig8_rounds, is_strange
from radixnet.training import RunSpec
from radixnet.training.spec import EngineName
from run_figures import ROOT

RESULTS = ROOT / "book" / "results" / "agreement.csv.gz"
STORES = ROOT / "_build" / "agreement"
SAMPLE_SEED = 2026
"""Draws the runs that the slower engine repeats; chosen before any of them was trained."""
KERAS_RUNS = 12
"""Half of them strange as published, half not."""
COMPARED = ("train_accuracy", "validation_accuracy", "test_accuracy", "test_classes")


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
        Added to the seed of every run: 0 repeats the run, 1 is another start, the yardstick for all other differences.
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


def chosen(way: Way, published: pd.DataFrame) -> pd.DataFrame:
    """Return the published runs that a way repeats: all, or for the slow engine as many strange ones as others, drawn by lot."""
    if way.engine == "sparse":
        return published
    strange = is_strange(published)
    draws = [published[kind].sample(KERAS_RUNS // 2, random_state=SAMPLE_SEED) for kind in (strange, ~strange)]
    return pd.concat(draws).sort_index()


def repeated(way: Way, runs: pd.DataFrame) -> list[RunSpec]:
    """Return the specs by which a way trains runs again."""
    specs = [rx.spec_of(cast("Mapping[str, Any]", row)) for _, row in runs.iterrows()]
    return [dataclasses.replace(spec, engine=way.engine, seed=spec.seed + way.seed_step) for spec in specs]


def train_here(name: str) -> None:
    """Train what a way's store lacks, in this process."""
    way = WAYS[name]
    rx.sweep(repeated(way, chosen(way, published_fig8())), store=store_of(name), on_failure="raise")


def store_of(name: str) -> Path:
    """Return where the runs of a way are kept until the table is written."""
    return folder_to_write(STORES) / f"{name}.sqlite"


def compared(name: str) -> pd.DataFrame:
    """Return a row per run of a way whose runs are all stored: what is published and what came out."""
    way = WAYS[name]
    published = chosen(way, published_fig8())
    again = rx.sweep(repeated(way, published), store=store_of(name), on_failure="raise")
    table = pd.DataFrame({"way": way.title, "radix_lists": again["radix_lists"]})
    for measure in COMPARED:
        table[f"{measure}_published"] = published[measure].to_numpy()
        table[measure] = again[measure].to_numpy()
    table["same_bits"] = [
        before == after for before, after in zip(published["test_loss_curve"], again["test_loss_curve"], strict=True)
    ]
    for fact in ("machine", "compiled_for", "engine_version", "numpy", "numba", "tensorflow"):
        table[fact] = again.get(f"provenance_{fact}")
    trained = datetime.fromtimestamp(store_of(name).stat().st_mtime, UTC)  # perhaps by an earlier call
    return table.assign(measured=trained.strftime("%Y-%m-%d"))


@command
def main() -> int:
    """Train every way in a process of its own, compare, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(WAYS), help="train what this way lacks, in this process, and write nothing")
    only = parser.parse_args().only
    if only:
        train_here(only)
        return 0
    folder_to_write(RESULTS.parent)
    for name, way in WAYS.items():
        print(f"{way.title}:", flush=True)
        environment = os.environ | ({"NUMBA_CPU_NAME": way.processor, "NUMBA_CPU_FEATURES": ""} if way.processor else {})
        subprocess.run([sys.executable, __file__, "--only", name], env=environment, check=True)
    table = pd.concat([compared(name) for name in WAYS], ignore_index=True)
    table.to_csv(RESULTS, index=False, compression={"method": "gzip", "mtime": 0})
    print(f"written: {os.path.relpath(RESULTS)}, {len(table):,} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
