"""Where finished runs are kept, so that none is trained twice: one SQLite file, one run at a time.

A store is an ordinary SQLite file with one table, ``runs``, one row per run. Any tool that reads
SQLite opens it, pandas in one line::

    table = pandas.read_sql("select * from runs", sqlite3.connect("runs.sqlite"))

Curves are JSON arrays of one number per epoch, each number with as many digits as restore it
exactly; ``null`` is not a number, and an infinite one is written ``9e999``. Provenance is a JSON
object.

The file uses SQLite's rollback journal and not its write-ahead log. A sweep writes a few times a
second at most, so a log would gain nothing, and without it the store is a single file between
calls: it can be copied and put under version control, and read where nothing can be written. A
process that is killed in the middle of a write leaves a journal beside the file, with which the
next one that opens the store undoes that write. Several processes of one machine can share a store.
Over a network file system that is only as safe as its locks, which on many clusters are not: let
one process write there, as ``sweep(..., client=...)`` does.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from radixnet.runs.records import FITTING, SETTINGS, StoredRun, table_of
from radixnet.training.spec import CURVES

BUSY_SECONDS = 60.0
"""How long to wait for another process that is writing; our own transactions take milliseconds."""

APPLICATION_ID = int.from_bytes(b"RxNt")
"""Marks a SQLite file, in its header, as a store of runs."""

SCHEMA_VERSION = 1
"""Raised if older packages can no longer read the table; new columns alone do not need it."""

_ELSEWHERE = "name another file (for `working_store()` in the environment variable RADIXNET_STORE)"
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_SMALLEST_PAGE = 512  # bytes, in SQLite's file format
_NEWER_CURVES = {"test_classes"}  # which stores of earlier versions lack
_LOOKED_UP_TOGETHER = 500  # identities in one query; SQLite's oldest limit on parameters is 999


class StoreError(Exception):
    """A store cannot be used; the message says what was found and what to do. It is unchanged."""


class RunStore:
    """A file of finished runs.

    No connection stays open between calls, so a store can be used from any thread and outlives a
    fork.

    Parameters
    ----------
    path
        The SQLite file, which is begun if it is missing or empty. Its folder must exist. ``~`` is
        the home folder; a link is followed, also to a file that is yet to be begun.

    Raises
    ------
    StoreError
        If the file is damaged, locked, of another program or of a newer version of this one, or
        cannot be begun; or if the path is not that of a file, such as ``":memory:"``.

    Examples
    --------
    >>> runs = RunStore("runs.sqlite").to_frame()  # doctest: +SKIP
    >>> runs.query("status == 'done'").groupby("sparsity").test_accuracy.mean()  # doctest: +SKIP
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = _checked_path(path)
        with _explained(self.path):
            _check_place(self.path)
        with self._connected(mode="rwc") as connection:
            if not self.path.stat().st_size:
                _begin(connection)
            self._check(connection)

    def __repr__(self) -> str:
        return f"RunStore({str(self.path)!r})"

    def __len__(self) -> int:
        with self._connected() as connection:
            return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])

    def require_writable(self) -> None:
        """Raise StoreError, before a run is trained, if nothing can be stored.

        The file stays as it is.
        """
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            # The same version as before: what matters is whether the folder takes the journal.
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("ROLLBACK")

    def put(self, run: StoredRun) -> None:
        """Keep a run, whole or not at all; it is on disk when the call returns.

        A run that is already there stays as it is, unless it is not final (`StoredRun.is_final`):
        that one is replaced.
        """
        row = _to_row(run)
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        updates = ", ".join(f"{name} = excluded.{name}" for name in row)
        statement = (
            f"INSERT INTO runs ({names}) VALUES ({marks}) "  # noqa: S608 (column names are ours)
            f"ON CONFLICT (identity) DO UPDATE SET {updates} WHERE runs.{CURVES[-1]}_curve IS NULL"
        )
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(statement, tuple(row.values()))
            connection.execute("COMMIT")

    def get(self, identities: Iterable[str]) -> dict[str, StoredRun]:
        """Return the runs that are stored, by identity."""
        wanted = list(identities)
        found: dict[str, StoredRun] = {}
        with self._connected() as connection:
            for start in range(0, len(wanted), _LOOKED_UP_TOGETHER):
                part = wanted[start : start + _LOOKED_UP_TOGETHER]
                marks = ", ".join("?" * len(part))
                query = f"SELECT * FROM runs WHERE identity IN ({marks})"  # noqa: S608 (only marks)
                for row in connection.execute(query, part):
                    found[row["identity"]] = self._from_row(row)
        return found

    def to_frame(self) -> pd.DataFrame:
        """Return all runs in the order of storing, with the columns that `sweep` gives."""
        with self._connected() as connection:
            rows = connection.execute("SELECT * FROM runs ORDER BY rowid")
            runs = [self._from_row(row) for row in rows]
        return table_of(runs)

    def _check(self, connection: sqlite3.Connection) -> None:
        """Raise StoreError unless the file is a sound store that this version can read."""
        if self.path.stat().st_size < _SMALLEST_PAGE:  # SQLite takes it for an empty database
            raise StoreError(_damage(self.path, "shorter than any database"))
        connection.execute("BEGIN")  # from the first look on, nobody else writes until the end
        application, version, page = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version", "page_size")
        )
        if application != APPLICATION_ID:
            raise StoreError(
                f"{self.path} is a SQLite file of another program, not a store of runs; "
                f"{_ELSEWHERE}"
            )
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self.path} was written by a newer radixnet: its table has version {version}, "
                f"and this one knows up to {SCHEMA_VERSION}; update radixnet, or {_ELSEWHERE}"
            )
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        # SQLite takes what is missing of the last page for zeros.
        if found == "ok" and self.path.stat().st_size % page:
            found = "the last page is cut off"
        if found != "ok":
            raise StoreError(_damage(self.path, str(found)))
        connection.execute("COMMIT")
        try:
            _add_missing_columns(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _UNWRITABLE:
                raise
            # A file that may only be read lacks them for good; `_from_row` fills them in.

    @contextmanager
    def _connected(self, mode: str = "rw") -> Iterator[sqlite3.Connection]:
        """Open the file for one piece of work; a transaction left open is rolled back.

        With mode rw a missing file is not begun, and one that may only be read is read.
        """
        address = f"{self.path.as_uri()}?mode={mode}"
        options: dict[str, Any] = {"uri": True, "timeout": BUSY_SECONDS, "isolation_level": None}
        with (
            _explained(self.path),
            closing(sqlite3.connect(address, **options)) as connection,
        ):
            connection.row_factory = sqlite3.Row
            yield connection

    def _from_row(self, row: sqlite3.Row) -> StoredRun:
        """Return the run in a row of the table."""
        defaults = SETTINGS | FITTING
        absent = defaults | {f"{name}_curve": None for name in CURVES}
        cells = absent | dict(zip(row.keys(), row, strict=True))
        texts = {name: cells[f"{name}_curve"] for name in CURVES}
        try:
            curves = {name: _decoded(text) for name, text in texts.items() if text is not None}
            provenance = json.loads(cells["provenance"])
            if curves and set(CURVES) - set(curves) - _NEWER_CURVES:
                raise ValueError("some of its curves are missing")
        except (TypeError, ValueError) as error:
            fault = f"run {cells['identity']} cannot be read: {error}"
            raise StoreError(_damage(self.path, fault)) from error
        # SQLite has no bools, only integers.
        description = {
            name: bool(cells[name]) if isinstance(defaults.get(name), bool) else cells[name]
            for name in _described_columns()
        }
        if description["radix_lists"] is None:  # masks of another kind, which were not fitted
            description |= dict.fromkeys(FITTING)
        outcome = (cells["status"], cells["reason"], cells["seconds"])
        return StoredRun(cells["identity"], description, *outcome, curves, provenance)


def _checked_path(given: str | os.PathLike[str]) -> Path:
    """Return the path that is named, or raise StoreError for what only SQLite takes for one."""
    path = Path(given)
    name = repr(os.fspath(given))
    is_address = str(path).startswith(("file:", "sqlite:"))
    if path == Path() or path.name == ":memory:" or is_address or "\0" in str(path):
        raise StoreError(
            f"store {name} is not the path of a file; give one, such as 'runs.sqlite'; or, for a "
            "sweep that keeps nothing after the call, store=None"
        )
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:  # no such user after the ~
        plain = str(path.absolute())
        raise StoreError(
            f"store {name}: {error} Give a path without ~, such as {plain!r}"
        ) from error


def _check_place(path: Path) -> None:
    """Raise StoreError unless there is a file at this path, or one can be begun."""
    if path.is_dir():
        raise StoreError(f"{path} is a folder; name a file in it, such as {path / 'runs.sqlite'}")
    if path.exists() and not path.is_file():
        raise StoreError(f"{path} is a device or a pipe, not a file; {_ELSEWHERE}")
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        here = f"{path} is a link to {os.path.realpath(path)}" if path.is_symlink() else str(path)
        raise StoreError(f"{here}: the folder {folder} does not exist; make it, or {_ELSEWHERE}")


def _begin(connection: sqlite3.Connection) -> None:
    """Make an empty store of an empty file, unless another process was first."""
    connection.execute("BEGIN IMMEDIATE")
    if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        columns = ", ".join(f"{name} {kind}" for name, kind in _columns().items())
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute(f"CREATE TABLE runs ({columns})")
    connection.execute("COMMIT")


def _add_missing_columns(connection: sqlite3.Connection) -> None:
    """Add the columns of settings newer than the store; its runs had their `FIRST_DEFAULTS`."""

    def missing() -> set[str]:
        return _columns().keys() - {row[1] for row in connection.execute("PRAGMA table_info(runs)")}

    if missing():
        connection.execute("BEGIN IMMEDIATE")
        for name in missing():  # again, as another process may have been first
            connection.execute(f"ALTER TABLE runs ADD COLUMN {name} {_columns()[name]}")
        connection.execute("COMMIT")


def _described_columns() -> dict[str, str]:
    """Return name and SQL type of the columns of a description, in the order of `describe`."""
    kinds = {bool: "INTEGER", int: "INTEGER", float: "REAL", str: "TEXT"}
    fitting, settings = (
        {
            name: f"{kinds.get(type(default), '')} DEFAULT {_literal(default)}"
            for name, default in group.items()
        }
        for group in (FITTING, SETTINGS)
    )
    network = {"radix_lists": "TEXT", "layer_sizes": "TEXT", **fitting}
    return {**network, "connections": "INTEGER", "sparsity": "REAL", **settings}


def _columns() -> dict[str, str]:
    """Return name and SQL type of every column of the table."""
    return {
        "identity": "TEXT PRIMARY KEY NOT NULL",
        **_described_columns(),
        "status": "TEXT",
        "reason": "TEXT",
        **dict.fromkeys(CURVES, "REAL"),
        "seconds": "REAL",
        **{f"{name}_curve": "TEXT" for name in CURVES},
        "provenance": "TEXT",
    }


def _to_row(run: StoredRun) -> dict[str, Any]:
    """Return a run as cells of the table."""
    curves = {name: run.curves.get(name) for name in CURVES}
    return {
        "identity": run.identity,
        **run.description,
        "status": run.status,
        "reason": run.reason,
        **{name: curve and curve[-1] for name, curve in curves.items()},
        "seconds": run.seconds,
        **{f"{name}_curve": curve and _encoded(curve) for name, curve in curves.items()},
        "provenance": json.dumps(run.provenance),
    }


def _literal(value: object) -> str:
    """Return a default as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(int(value) if isinstance(value, bool) else value)


def _encoded(curve: Sequence[float]) -> str:
    """Return a curve as JSON that restores every bit; JSON has neither NaN nor infinity."""
    texts = ("null" if math.isnan(v) else repr(v).replace("inf", "9e999") for v in curve)
    return f"[{', '.join(texts)}]"


def _decoded(text: str) -> tuple[float, ...]:
    """Return the curve that `_encoded` wrote."""
    return tuple(math.nan if value is None else float(value) for value in json.loads(text))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the system into a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(_explanation(path, error)) from error
    except OSError as error:
        raise StoreError(
            f"{path} cannot be used: {error.strerror or error}. Nothing was changed. Check the "
            f"path and that you may use it, or {_ELSEWHERE}."
        ) from error


def _explanation(path: Path, error: sqlite3.Error) -> str:
    """Say what an error of SQLite means for a store and what to do."""
    kept = "The file is as it was, with every run that was stored before."
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    match code & 0xFF:  # the rest is detail
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                f"{path} is locked: another program has held it for more than {BUSY_SECONDS:g} "
                f"seconds. {kept} Close the program that has it open, and call again."
            )
        case sqlite3.SQLITE_FULL:
            return f"{path} cannot grow: the disk is full. {kept} Free some space, and call again."
        case kind if kind in _UNWRITABLE:
            return (
                f"{path} cannot be opened for writing ({error}). {kept} Check that the file and "
                f"its folder {path.parent} exist and may be written, or {_ELSEWHERE}."
            )
        case sqlite3.SQLITE_IOERR:
            return (
                f"{path}: the disk reports an error or is full ({error}). {kept} Check the disk "
                "and its free space, and call again."
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damage(path, str(error))
        case _:
            return (
                f"{path} is not a run store that this version can read ({error}). {kept} Restore a "
                f"copy, or {_ELSEWHERE}."
            )


def _damage(path: Path, found: str) -> str:
    """Say that a file is damaged and what to do."""
    return (
        f"{path} is damaged or not a SQLite file ({path.stat().st_size:,} bytes): {found}. It was "
        "left as it is. Restore a copy; or move it away and call again, which begins a new store. "
        "Some builds of SQLite save what can still be read: https://sqlite.org/recovery.html"
    )
