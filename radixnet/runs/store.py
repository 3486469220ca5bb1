"""Where finished runs are kept, so that none is ever trained twice: one SQLite file, one transaction per run.

A store is an ordinary SQLite file with one table, ``runs``, one row per run. Any tool that reads SQLite opens it, pandas in one
line::

    frame = pandas.read_sql("select * from runs", sqlite3.connect("runs.sqlite"))

Curves are JSON arrays of one number per epoch, each number with as many digits as restore it exactly; ``null`` is not a number, and
an infinite one is written ``9e999``. Provenance is a JSON object.

The file uses SQLite's rollback journal and not its write-ahead log. A sweep writes a few times a second at most, so a log would
gain nothing, and much is kept: between calls the store is a single file, can be copied and put under version control, and can be
read where nothing can be written. A process that is killed in the middle of a write leaves a journal beside the file, with which
the next one that opens the store takes that write back. Several processes of one machine can share a store. Over a network file
system that is only as safe as its locks, and on many clusters they are not: let one process write, as ``sweep(..., client=...)``
does.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import math
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd

from radixnet.runs.records import FITTING, SETTINGS, StoredRun, frame
from radixnet.training.spec import CURVES

BUSY_SECONDS = 60.0
"""How long to wait for another process that is writing; a transaction of ours takes milliseconds."""

APPLICATION_ID = int.from_bytes(b"RxNt")
"""Marks a SQLite file as a store of runs, in its header."""

SCHEMA_VERSION = 1
"""Raised when an older package could no longer read the table; new columns alone do not need it."""

_ELSEWHERE = "name another file (for `working_store()` in the environment variable RADIXNET_STORE)"
_READ_ONLY = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_SMALLEST_PAGE = 512  # bytes; SQLite's file format
_NEWER_CURVES = {"test_classes"}  # which stores of earlier versions lack
_LOOKED_UP_TOGETHER = 500  # identities in one query; SQLite's oldest limit on parameters is 999


class StoreError(Exception):
    """A store cannot be used; the message names the file, what was found and what to do. The file is as it was."""


class RunStore:
    """A file of finished runs.

    No connection stays open between calls, so that a store can be used from any thread and outlives a fork.

    Parameters
    ----------
    path
        Of the SQLite file; begun when there is none. Its folder must exist. ``~`` is the home
        folder; a link is followed, to a file that is yet to be begun too.

    Raises
    ------
    StoreError
        When the file is damaged, locked, of another program or of a newer version of this one, or
        cannot be begun; or the path is none, such as ``":memory:"``.

    Examples
    --------
    >>> store = RunStore("runs.sqlite")  # doctest: +SKIP
    >>> store.to_frame().query("status == 'done'").groupby("sparsity").test_accuracy.mean()  # doctest: +SKIP
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = _checked_path(path)
        with _explained(self.path):
            if not self.path.exists():
                self._begin()
            self._check()

    def __repr__(self) -> str:
        return f"RunStore({str(self.path)!r})"

    def __len__(self) -> int:
        with self._connected() as connection:
            return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])

    def require_writable(self) -> None:
        """Raise StoreError when nothing can be stored, so that it is known before a run is trained.

        The file stays as it is.
        """
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            # The same version as before: what matters is the journal, which the folder must take.
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("ROLLBACK")

    def put(self, run: StoredRun) -> None:
        """Keep a run, whole or not at all; on disk when the call returns.

        A run that is there already stays as it is, unless it is not final (see `StoredRun.is_final`): that one is replaced.
        """
        row = _to_row(run)
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
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
        """Return those of the runs that are stored, by identity."""
        wanted = list(identities)
        found: dict[str, StoredRun] = {}
        with self._connected() as connection:
            for start in range(0, len(wanted), _LOOKED_UP_TOGETHER):
                part = wanted[start : start + _LOOKED_UP_TOGETHER]
                marks = ", ".join("?" * len(part))
                rows = connection.execute(f"SELECT * FROM runs WHERE identity IN ({marks})", part)  # noqa: S608 (only marks)
                found.update((run.identity, run) for run in map(self._from_row, rows))
        return found

    def to_frame(self) -> pd.DataFrame:
        """Return all runs in the order in which they were stored, with the columns that `sweep` gives."""
        with self._connected() as connection:
            runs = [self._from_row(row) for row in connection.execute("SELECT * FROM runs ORDER BY rowid")]
        return frame(runs)

    def _begin(self) -> None:
        """Make an empty store: under another name first, so that whoever looks finds none or a complete one."""
        path = Path(os.path.realpath(self.path))  # a link that leads to no file yet
        if not path.parent.is_dir():
            here = f"{self.path} is a link to {path}" if self.path.is_symlink() else str(self.path)
            raise StoreError(f"{here}: the folder {path.parent} does not exist; make it, or {_ELSEWHERE}")
        draft = path.with_name(f".{path.name}.{uuid4().hex}")
        try:
            with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                connection.executescript(
                    f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
                    f"CREATE TABLE runs ({', '.join(f'{name} {kind}' for name, kind in _columns().items())}); COMMIT;"
                )
            _link_or_rename(draft, path)
        finally:
            # SQLite has removed its journal where it could; on a full disk it may not even have begun one.
            for name in (draft, draft.with_name(draft.name + "-journal")):
                name.unlink(missing_ok=True)

    def _check(self) -> None:
        """Raise StoreError unless the file is a sound store that this version can use."""
        if self.path.is_dir():
            raise StoreError(f"{self.path} is a folder; name a file in it, such as {self.path / 'runs.sqlite'}")
        if self.path.exists() and not self.path.is_file():
            raise StoreError(f"{self.path} is a device or a pipe and no file; {_ELSEWHERE}")
        size = self.path.stat().st_size
        if not size:
            # We never leave an empty file: it was cut off, or somebody else made it.
            raise StoreError(f"{self.path} is empty (0 bytes) and so no store; delete it to begin a new one, or restore a copy")
        if size < _SMALLEST_PAGE:  # SQLite takes the first bytes of a database for an empty one
            raise StoreError(_damage(self.path, "shorter than any database"))
        with self._connected() as connection:
            connection.execute("BEGIN")  # with the first look nobody else writes until the end
            application, version, page = (
                connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version", "page_size")
            )
            if application != APPLICATION_ID:
                raise StoreError(f"{self.path} is a SQLite file of another program, not a store of runs; {_ELSEWHERE}")
            if version > SCHEMA_VERSION:
                raise StoreError(
                    f"{self.path} was written by a newer radixnet: its table has version {version}, and this one knows up to "
                    f"{SCHEMA_VERSION}; update radixnet, or {_ELSEWHERE}"
                )
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            # SQLite takes what is missing of the last page for zeros.
            if found == "ok" and self.path.stat().st_size % page:
                found = "the last page is cut off"
            if found != "ok":
                raise StoreError(_damage(self.path, str(found)))
            connection.execute("COMMIT")
            try:
                self._add_missing_columns(connection)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _READ_ONLY:
                    raise
                # What may only be read lacks them for good; `_from_row` knows what they would hold.

    def _add_missing_columns(self, connection: sqlite3.Connection) -> None:
        """Add the columns of settings that are newer than the store; its runs were made with what is now their default."""
        present = {name for _, name, *_ in connection.execute("PRAGMA table_info(runs)")}
        missing = {name: kind for name, kind in _columns().items() if name not in present}
        if not missing:
            return
        connection.execute("BEGIN IMMEDIATE")
        present = {name for _, name, *_ in connection.execute("PRAGMA table_info(runs)")}  # another process may have been first
        for name in missing.keys() - present:
            connection.execute(f"ALTER TABLE runs ADD COLUMN {name} {missing[name]}")
        connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one piece of work; a transaction that was not committed is rolled back."""
        address = f"{self.path.as_uri()}?mode=rw"  # never begins a file; reads where writing is not allowed
        with (
            _explained(self.path),
            closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as connection,
        ):
            connection.row_factory = sqlite3.Row
            yield connection

    def _from_row(self, row: sqlite3.Row) -> StoredRun:
        """Return the run that a row of the table holds."""
        absent = SETTINGS | FITTING | {f"{name}_curve": None for name in CURVES}
        cells = absent | dict(zip(row.keys(), row, strict=True))
        try:
            curves = {name: _decoded(cells[f"{name}_curve"]) for name in CURVES if cells[f"{name}_curve"] is not None}
            provenance = json.loads(cells["provenance"])
            if curves and set(CURVES) - set(curves) - _NEWER_CURVES:
                raise ValueError("some of its curves are missing")
        except (TypeError, ValueError) as error:
            raise StoreError(_damage(self.path, f"run {cells['identity']} cannot be read: {error}")) from error
        description = {name: cells[name] for name in _described_columns()}
        for name, default in (SETTINGS | FITTING).items():
            if isinstance(default, bool):  # SQLite has integers only
                description[name] = bool(description[name])
        if description["radix_lists"] is None:  # masks of another kind: a default that a new column brought says nothing of them
            description |= dict.fromkeys(FITTING)
        return StoredRun(cells["identity"], description, cells["status"], cells["reason"], cells["seconds"], curves, provenance)


def _checked_path(given: str | os.PathLike[str]) -> Path:
    """Return the path that is named, or raise StoreError for what SQLite alone takes for one."""
    path = Path(given)
    name = repr(os.fspath(given))
    is_address = str(path).startswith(("file:", "sqlite:"))
    if path == Path() or path.name == ":memory:" or is_address or "\0" in str(path):
        raise StoreError(
            f"store {name} is no path of a file; give one, such as 'runs.sqlite'; or, for a sweep "
            "that keeps nothing after the call, store=None"
        )
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:  # no such user after the ~
        plain = str(path.absolute())
        raise StoreError(f"store {name}: {error} Give a path without ~, such as {plain!r}") from error


def _described_columns() -> dict[str, str]:
    """Return name and SQL type of the columns of a description, in the order of `describe`."""
    kinds = {bool: "INTEGER", int: "INTEGER", float: "REAL", str: "TEXT"}

    def column(default: Any) -> str:
        return "TEXT" if default is dataclasses.MISSING else f"{kinds.get(type(default), '')} DEFAULT {_literal(default)}"

    fitting, settings = ({name: column(default) for name, default in group.items()} for group in (FITTING, SETTINGS))
    return {"radix_lists": "TEXT", "layer_sizes": "TEXT", **fitting, "connections": "INTEGER", "sparsity": "REAL", **settings}


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
    return {
        "identity": run.identity,
        **run.description,
        "status": run.status,
        "reason": run.reason,
        **{name: run.curves[name][-1] if name in run.curves else None for name in CURVES},
        "seconds": run.seconds,
        **{f"{name}_curve": _encoded(run.curves[name]) if name in run.curves else None for name in CURVES},
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
    """Return a curve as JSON that restores every bit; JSON has no NaN and no infinity."""
    texts = ("null" if math.isnan(value) else repr(value).replace("inf", "9e999") for value in curve)
    return f"[{', '.join(texts)}]"


def _decoded(text: str) -> tuple[float, ...]:
    """Return the curve that `_encoded` wrote."""
    return tuple(math.nan if value is None else float(value) for value in json.loads(text))


def _link_or_rename(draft: Path, path: Path) -> None:
    """Give a finished draft its name, unless another process was first; that one's file is then as good."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        # A file system without hard links: the moment between looking and renaming remains.
        if not path.exists():
            draft.rename(path)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the system into a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(_explanation(path, error)) from error
    except OSError as error:
        raise StoreError(
            f"{path} cannot be used: {error.strerror or error}. Nothing was changed. Check the path "
            f"and that you may use it, or {_ELSEWHERE}."
        ) from error


def _explanation(path: Path, error: sqlite3.Error) -> str:
    """Say what an error of SQLite means for a store and what to do."""
    kept = "The file is as it was, with every run that was stored before."
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    match code & 0xFF:  # the rest is detail
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                f"{path} is locked: another program has kept it for more than {BUSY_SECONDS:g} seconds. {kept} "
                "Close the program that has it open, and call again."
            )
        case sqlite3.SQLITE_FULL:
            return f"{path} cannot grow: the disk is full. {kept} Free some space, and call again."
        case kind if kind in _READ_ONLY:
            return (
                f"{path} cannot be opened for writing ({error}). {kept} Check that the file and its folder {path.parent} exist and "
                f"may be written, or {_ELSEWHERE}."
            )
        case sqlite3.SQLITE_IOERR:
            return (
                f"{path}: the disk reports an error or is full ({error}). {kept} Check the disk and its free space, and call again."
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damage(path, str(error))
        case _:
            return f"{path} is no store that this version can use ({error}). {kept} Restore a copy, or {_ELSEWHERE}."


def _damage(path: Path, found: str) -> str:
    """Say that a file is damaged, by how it looks, and what to do."""
    return (
        f"{path} is damaged or no SQLite file ({path.stat().st_size:,} bytes): {found}. It was left as it is. Restore a copy; or "
        "move it away and call again, which begins a new store. Some builds of SQLite save what can "
        "still be read: https://sqlite.org/recovery.html"
    )
