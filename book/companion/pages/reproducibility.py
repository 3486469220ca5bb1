"""What the page on reproducibility states, as Markdown.

Versions, sums of the data, times, and how far repeated runs agree.

Everything is read from what made the book: the lock, the package, the executed notebooks, and the
published runs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from companion.agreement import AGREEMENT, WAYS
from companion.experiments import is_strange
from companion.notebooks.sources import find_source, short_name
from companion.pages.links import versions_in_words
from companion.pins import LOCKS, pins_here
from companion.places import ROOT, published
from companion.publication import FIGURE, PUBLISHED_TABLES, read_runs
from radixnet.datasets import FILE_SHA256

_PURPOSE_OF_GROUP = {
    "": "to compute",
    "book": "to build the book",
    "notebooks": "to run notebooks on Colab",
    "cluster": "to train on a cluster",
    "dev": "to check",
}


def substitutions(executed: Sequence[Path]) -> dict[str, str]:
    """Return the page's substitutions.

    Parameters
    ----------
    executed
        The executed notebooks, in the order of the book.
    """
    records = {
        path.stem: nbformat.read(path, as_version=4).metadata["radixnet"] for path in executed
    }
    runs = pd.concat([read_runs(published(name)) for name in PUBLISHED_TABLES], ignore_index=True)
    return {
        "versions_table": versions_table(
            (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
            "".join(lock.read_text(encoding="utf-8") for lock in LOCKS),
        ),
        "data_table": data_table(),
        "times_table": times_table(records, runs),
        "notebooks_machine": notebooks_machine(records),
        "runs_machine": runs_machine(runs),
        **agreement_in_words(pd.read_csv(AGREEMENT)),
    }


def versions_table(project: str, lock: str) -> str:
    """Return the versions of what the project asks for by name, and how many packages the lock has.

    Parameters
    ----------
    project, lock
        The text of ``pyproject.toml`` and of the locks. Of pins for other Pythons or systems none
        is shown.
    """
    here = pins_here(lock)
    wanted = tomllib.loads(project)["project"]
    groups = {"": wanted["dependencies"], **wanted["optional-dependencies"]}
    rows = ["| for what | packages |", "|---|---|"]
    for group, names in groups.items():
        asked_for = [canonicalize_name(Requirement(name).name) for name in names]
        listed = ", ".join(f"{name} {next(iter(here[name])).version}" for name in asked_for)
        rows.append(f"| {_PURPOSE_OF_GROUP.get(group, group)} | {listed} |")
    return "\n".join(
        [
            *rows,
            f"| all that these need | {len(here)} packages, each with its SHA-256, "
            "in the two locks |",
        ]
    )


def data_table() -> str:
    """Return the SHA-256 of every file of data."""
    rows = ["| data | file | SHA-256, IDX unpacked |", "|---|---|---|"]
    for name, files in FILE_SHA256.items():
        rows += [f"| {name} | `{file}` | `{digest}` |" for file, digest in files.items()]
    return "\n".join(rows)


def times_table(records: dict[str, dict[str, Any]], runs: pd.DataFrame) -> str:
    """Return how long each notebook took, and how long the training took whose runs it reads.

    Parameters
    ----------
    records
        What made each executed notebook, as `companion.notebooks.execution` writes it: seconds and
        more.
    runs
        Published runs, with the figure that shows each.
    """
    counts = {str(figure): len(each) for figure, each in runs.groupby(FIGURE)}
    trained = {str(figure): float(each["seconds"].sum()) for figure, each in runs.groupby(FIGURE)}
    rows = [
        "| page | executing it | published runs, counted once | training them, on one core |",
        "|---|---|---|---|",
    ]
    for name, record in records.items():
        page = find_source(name).relative_to(ROOT).with_suffix("").as_posix()
        number = short_name(name)
        behind = (
            f"{counts[number]:,} | {duration(trained[number])}" if number in counts else "none | "
        )
        rows.append(f"| [](/{page}) | {duration(record['seconds'])} | {behind} |")
    total = sum(record["seconds"] for record in records.values())
    return "\n".join(
        [*rows, f"| all | {duration(total)} | {len(runs):,} | {duration(sum(trained.values()))} |"]
    )


def duration(seconds: float) -> str:
    """Return seconds in words: 42 s, 12 minutes, 3.4 hours."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5970 else f"{seconds / 3600:.1f} hours"


def notebooks_machine(records: dict[str, dict[str, Any]]) -> str:
    """Return on what the notebooks were executed."""
    return _listed(
        f"{record['machine']}, with Python {record['python']} and {versions_in_words(record)}"
        for record in records.values()
    )


def runs_machine(runs: pd.DataFrame) -> str:
    """Return what trained the published runs: machine, instructions, libraries."""
    made_by = runs[
        [
            f"provenance_{name}"
            for name in ("machine", "compiled_for", "numpy", "numba", "tensorflow")
        ]
    ].drop_duplicates()
    return _listed(
        f"{machine}, "
        + (
            f"compiled for {compiled} by Numba {numba}"
            if isinstance(compiled, str)
            else f"TensorFlow {tensorflow}"
        )
        + f", with NumPy {numpy}"
        for machine, compiled, numpy, numba, tensorflow in made_by.itertuples(index=False)
    )


def _listed(texts: Iterable[str]) -> str:
    """Return distinct texts as one."""
    return "; ".join(dict.fromkeys(texts))


def agreement_in_words(runs: pd.DataFrame) -> dict[str, str]:
    """Return how far retrained runs agree with the published ones, as a table and as numbers.

    Parameters
    ----------
    runs
        A row per run that was repeated, as `companion.agreement` writes it.
    """
    rows = [
        "| trained again with | runs | equal to the last bit | test accuracy differs by, "
        "median | at most | strange in only one |",
        "|---|---|---|---|---|---|",
    ]
    for way, same in runs.groupby("way", sort=False):
        change = (same["test_accuracy"] - same["test_accuracy_published"]).abs()
        before = same.assign(train_accuracy=same["train_accuracy_published"])
        sides = is_strange(same) != is_strange(before)
        points = [f"{100 * value:.2f} points" for value in (change.median(), change.max())]
        rows.append(
            f"| {way} | {len(same):,} | {same['same_bits'].sum():,} | {points[0]} | {points[1]} | "
            f"{sides.sum():,} |"
        )
    titles = {
        "same_engine": [
            way.title for way in WAYS.values() if way.engine == "sparse" and not way.seed_step
        ],
        "keras": [way.title for way in WAYS.values() if way.engine == "keras"],
        "seed": [way.title for way in WAYS.values() if way.seed_step],
    }
    groups = {name: runs[runs["way"].isin(ways)] for name, ways in titles.items()}
    # Half of what Keras repeats is strange: compared with the same networks only.
    groups["seed"] = groups["seed"][
        groups["seed"]["radix_lists"].isin(groups["keras"]["radix_lists"])
    ]
    changes = {
        name: 100 * (each["test_accuracy"] - each["test_accuracy_published"]).abs()
        for name, each in groups.items()
    }
    return {
        "agreement_table": "\n".join(rows),
        "agreement_measured": _listed(runs["measured"]),
        "agreement_machine": _listed(runs["machine"]),
        "agreement_equal": f"{groups['same_engine']['same_bits'].sum():,} of "
        f"{len(groups['same_engine']):,}",
        "agreement_keras": f"{changes['keras'].median():.2f}",
        "agreement_seed": f"{changes['seed'].median():.2f}",
        "agreement_keras_most": f"{changes['keras'].max():.2f}",
        "agreement_seed_most": f"{changes['seed'].max():.2f}",
    }
