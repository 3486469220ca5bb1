"""The runs that come with the repository.

Written once by `make results`, read by anyone in one line, and not trained again.
"""

from __future__ import annotations

import atexit
import dataclasses
import gzip
import io
import json
import math
import os
import shutil
import tempfile
import warnings
from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from companion.places import published, working_store_paths
from radixnet.runs.records import FITTING, SETTINGS, StoredRun
from radixnet.runs.store import RunStore, StoreError
from radixnet.training.spec import CURVES

RUNS = "runs.csv.gz"
"""The published runs: in book/results, a row per run, with the columns of `sweep` after ``figure``,
the one that shows the run."""

BEYOND = "beyond.csv.gz"
"""The same for the chapters that go beyond the paper: ``figure`` is the chapter, ``variant`` the
group of runs in it."""

VIABLE = "viable.csv.gz"
"""The same for the experiment with controls; ``variant`` is the arm, and three more columns name
the network it belongs to."""

ELSEWHERE = "elsewhere.csv.gz"
"""The same for other data and other shapes; ``part`` says which."""

PUBLISHED_TABLES = (RUNS, BEYOND, VIABLE, ELSEWHERE)
"""All files of published runs."""

FIGURE = "figure"
VARIANT = "variant"

_PROVENANCE = "provenance_"
_CURVE_COLUMNS = [f"{name}_curve" for name in CURVES]
_DESCRIPTION = ("radix_lists", "layer_sizes", *FITTING, "connections", "sparsity", *SETTINGS)


def write_runs(runs: pd.DataFrame, path: Path, decimals: int | None = None) -> None:
    """Write a table of runs as compressed CSV; the same table gives the same bytes.

    Parameters
    ----------
    runs
        As `sweep` returns it, other columns allowed. A curve becomes a JSON list; a missing one an
        empty cell.
    path
        Where to write; appears whole or not at all.
    decimals
        Digits kept of losses, accuracies and seconds; None keeps all.
    """
    flat = (
        runs.copy()
        if decimals is None
        else runs.round(dict.fromkeys((*CURVES, "seconds"), decimals))
    )
    for name in _CURVE_COLUMNS:
        flat[name] = [_curve_as_text(curve, decimals) for curve in runs[name]]
    text = flat.to_csv(index=False).encode()
    packed = io.BytesIO()
    # Without a time and a name in it, since the version control should see a change only where
    # there is one.
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=9, mtime=0) as file:
        file.write(text)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(packed.getvalue())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_runs(path: Path) -> pd.DataFrame:
    """Return the table that `write_runs` wrote, curves as tuples of numbers again.

    Raises
    ------
    ValueError
        When the file holds no runs.
    """
    runs = pd.read_csv(path)
    missing = [name for name in ("identity", *CURVES, *_CURVE_COLUMNS) if name not in runs]
    if missing:
        raise ValueError(
            f"{path} is no table of runs: it lacks the columns {', '.join(missing)}; "
            "write one with write_runs"
        )
    for name in _CURVE_COLUMNS:
        runs[name] = pd.Series(
            [_curve_from_text(text) for text in runs[name]], runs.index, dtype=object
        )
    if runs["reason"].isna().all():
        runs["reason"] = pd.Series(
            [None] * len(runs), runs.index, dtype=object
        )  # as in the table that was written
    _add_missing_columns(runs)
    return runs


def _add_missing_columns(runs: pd.DataFrame) -> None:
    """Add the columns of settings that are newer than a table.

    Its runs were made with their `FIRST_DEFAULTS`.
    """
    for before, name in pairwise(_DESCRIPTION):
        default = (FITTING | SETTINGS).get(name, dataclasses.MISSING)
        if name in runs or default is dataclasses.MISSING:
            continue
        values = [
            default if name in SETTINGS or isinstance(lists, str) else None
            for lists in runs["radix_lists"]
        ]
        runs.insert(list(runs.columns).index(before) + 1, name, values)


@cache
def _published_table(path: Path) -> pd.DataFrame:
    """Return a published table, read once."""
    return read_runs(path)


def published_runs(figure: str) -> pd.DataFrame:
    """Return the published runs that a figure shows.

    Parameters
    ----------
    figure
        Such as ``"fig04"``.

    Returns
    -------
    pandas.DataFrame
        A row per run, with the columns of `sweep`.

    Raises
    ------
    FileNotFoundError
        When the package is used without the repository.
    ValueError
        For a figure that shows no runs.

    Examples
    --------
    >>> import radixnet as rx
    >>> len(published_runs("fig04"))
    1517
    """
    tables = [_published_table(path) for path in _published_files()]
    if not tables:
        published(RUNS)  # says why there are none
    figures = list(dict.fromkeys(name for table in tables for name in table[FIGURE]))
    if figure not in figures:
        raise ValueError(
            f"no published runs belong to figure {figure!r}; "
            f"choose one of {', '.join(map(repr, figures))}"
        )
    (table,) = (table for table in tables if figure in set(table[FIGURE]))
    return table[table[FIGURE] == figure].drop(columns=FIGURE).reset_index(drop=True)


def _published_files() -> list[Path]:
    """Return the tables of published runs that there are."""
    files = []
    for name in PUBLISHED_TABLES:
        with suppress(FileNotFoundError):  # the package is used without the repository
            files.append(published(name))
    return files


class WorkingStore(RunStore):
    """A store that also finds the published runs, which it reads and never writes.

    Parameters
    ----------
    path
        The SQLite file with the runs of this machine.
    known
        Tables of runs to look in when the file does not have a run, as `write_runs` wrote them.
    """

    def __init__(self, path: str | os.PathLike[str], known: Iterable[Path]) -> None:
        super().__init__(path)
        self._known = tuple(known)

    def get(self, identities: Iterable[str]) -> dict[str, StoredRun]:
        """Return those of the runs that are stored or published, by identity.

        What this machine trained comes first.
        """
        wanted = list(identities)
        found = super().get(wanted)
        for path in self._known:
            missing = [
                identity
                for identity in wanted
                if identity not in found or not found[identity].is_final
            ]
            if missing:
                found |= {identity: _as_stored(row) for identity, row in _rows(path, missing)}
        return found


def working_store() -> RunStore:
    """Return the store of notebooks, which holds all published runs and what was trained before.

    It lies in ``_build/runs.sqlite`` of the checkout, which `make clean` removes with all else that
    was made; without a checkout, or in one that may only be read, in the user's cache folder,
    ``~/.cache/radixnet/runs.sqlite``. Where neither can be written, a warning says so, and runs are
    kept until Python ends. When the environment variable RADIXNET_STORE names a file, that file is
    the store, and published runs are not looked at: every run that it lacks is trained.

    Raises
    ------
    StoreError
        When the store is damaged, or there is nowhere to write at all.
    """
    chosen = os.environ.get("RADIXNET_STORE")
    if chosen:
        return RunStore(chosen)
    paths = working_store_paths()
    path = next(filter(_can_be_written, paths), None)
    if path is None:
        advice = (
            "Set the environment variable XDG_CACHE_HOME to a folder that can be written; or "
            "RADIXNET_STORE to a file in one, and published runs are trained too"
        )
        nowhere = f"no runs can be written to {' or '.join(map(str, paths))}"
        try:
            path = _temporary_folder() / "runs.sqlite"
        except OSError as error:
            raise StoreError(f"{nowhere}, nor to a temporary folder: {error}. {advice}.") from error
        lost = f"{nowhere}: new ones are lost when Python ends. {advice}."
        warnings.warn(lost, RuntimeWarning, stacklevel=2)
    return WorkingStore(path, _published_files())


def _can_be_written(path: Path) -> bool:
    """Try whether a store can lie there, since permissions do not tell of a read-only disk."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            return not path.exists() or os.access(path, os.W_OK)
    except OSError:
        return False


@cache
def _temporary_folder() -> Path:
    """Return a folder that lasts as long as this process."""
    folder = tempfile.mkdtemp(prefix="radixnet-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def _positions(path: Path) -> dict[str, int]:
    """Return where in a published table each run stands first."""
    positions: dict[str, int] = {}
    for position, identity in enumerate(_published_table(path)["identity"]):
        positions.setdefault(identity, position)
    return positions


def _rows(path: Path, identities: Iterable[str]) -> list[tuple[str, dict[Hashable, Any]]]:
    """Return the rows of a published table that hold these runs."""
    positions = _positions(path)
    here = [(identity, positions[identity]) for identity in identities if identity in positions]
    rows = _published_table(path).iloc[[position for _, position in here]].to_dict("records")
    return [(identity, row) for (identity, _), row in zip(here, rows, strict=True)]


def _as_stored(row: Mapping[Hashable, Any]) -> StoredRun:
    """Return a row of a published table as a stored run."""
    cells: dict[str, Any] = {
        str(name): None if isinstance(value, float) and math.isnan(value) else value
        for name, value in row.items()
    }
    return StoredRun(
        identity=cells["identity"],
        description={name: cells.get(name) for name in _DESCRIPTION},
        status=cells["status"],
        reason=cells["reason"],
        seconds=cells["seconds"],
        curves={
            name: cells[f"{name}_curve"] for name in CURVES if cells[f"{name}_curve"] is not None
        },
        provenance={
            name.removeprefix(_PROVENANCE): str(value)
            for name, value in cells.items()
            if name.startswith(_PROVENANCE) and value is not None
        },
    )


def _curve_as_text(curve: tuple[float, ...] | None, decimals: int | None) -> str | None:
    """Return a curve as JSON; not a number becomes NaN, which Python's reader knows."""
    if curve is None:
        return None
    values = [
        float(value) if decimals is None else round(float(value), decimals) for value in curve
    ]
    return json.dumps(values, separators=(",", ":"))


def _curve_from_text(text: Any) -> tuple[float, ...] | None:
    """Return a curve that `_curve_as_text` wrote; an empty cell is None."""
    return tuple(json.loads(text)) if isinstance(text, str) else None
