"""Compiled loops on disk, so that only the first process on a machine waits for the compiler.

Each compiled function has a file of its own. Numba's cache would not do: it notices changes only in
the outermost function's file, falls back to other folders, and loads the whole compiler before it
looks. Here,

- a file's name holds a digest of all that the code depends on, so that old code is never loaded;
- a file begins with a checksum of its content; one that does not match counts as missing;
- a function whose file cannot be read is compiled; if it cannot be written, it is not kept.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba import njit
from numba.core.compiler import CompileResult
from numba.core.compiler_lock import global_compiler_lock
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from radixnet.training.compiled import sources
from radixnet.training.compiled.targets import Target, processor
from radixnet.user_cache import user_cache_folder, write_whole

_WITHOUT_EFFECT = {"CACHE_DIR", "NUMBA_NUM_THREADS", "NUMBA_DEFAULT_NUM_THREADS"}
"""Settings of Numba that do not change the code."""

_STARTED = time.time()
"""A function whose file changed since is not kept: it may be older than the file."""

_lock = threading.RLock()
_dispatchers: dict[Callable[..., Any], Any] = {}


def load_or_compile(
    function: Callable[..., Any], arguments: tuple[Any, ...], target: Target | None = None
) -> Any:
    """Return a function compiled for arguments of these types, from disk if it is there.

    Safe to call from several threads; all calls must give arguments of the same types. `target` is
    what the function's kernels are written for, if it was made for one.

    Raises
    ------
    RuntimeError
        If Numba is told not to compile.
    """
    if numba.config.DISABLE_JIT:
        raise RuntimeError(
            "NUMBA_DISABLE_JIT is set, and the sparse engine runs as compiled code only: "
            "unset NUMBA_DISABLE_JIT and start Python again, or train with engine='keras'"
        )
    with _lock:
        if function not in _dispatchers:
            _dispatchers[function] = _make(function, target, arguments)
        return _dispatchers[function]


def _make(function: Callable[..., Any], target: Target | None, arguments: tuple[Any, ...]) -> Any:
    """Return a function compiled for these arguments: loaded, or else compiled and kept."""
    kinds = tuple(map(numba.typeof, arguments))
    dispatcher = njit(nogil=True)(function)
    path = _path(function, target, kinds)
    kept = _read(path) if path else None
    with global_compiler_lock:
        if kept:
            context = dispatcher.targetctx
            rtsys.initialize(context)  # compiled code asks it for memory
            parts = pickle.loads(kept)  # noqa: S301 (written below)
            dispatcher.add_overload(CompileResult._rebuild(context, *parts))
        else:
            dispatcher.compile(kinds)
            (result,) = dispatcher.overloads.values()
            # Dynamic globals are addresses in this process.
            if path and not result.library.has_dynamic_globals:
                code = dumps(result._reduce())
                with suppress(OSError):
                    write_whole(path, hashlib.sha256(code).digest() + code)
    return dispatcher


def _path(
    function: Callable[..., Any], target: Target | None, kinds: tuple[Any, ...]
) -> Path | None:
    """Return the file for a compiled function, or None if the sources have changed.

    The code in memory is then not that of the files.
    """
    if not sources.AT_IMPORT or sources.sources_digest() != sources.AT_IMPORT:
        return None
    own = Path(function.__code__.co_filename)
    try:
        source = own.read_bytes()
        if own.stat().st_mtime > _STARTED:
            return None
    except OSError:
        return None
    settings = {name for name in vars(numba.config) if name.isupper()} - _WITHOUT_EFFECT
    # Everything that the function's machine code depends on.
    parts = (
        (sources.AT_IMPORT, hashlib.sha256(source).hexdigest()),
        (function.__module__, function.__qualname__, target, kinds),
        (numba.__version__, llvmlite.__version__, np.__version__, sys.version),
        [(name, getattr(numba.config, name)) for name in sorted(settings)],
        processor(),
    )
    name = f"{function.__name__}-{hashlib.sha256(repr(parts).encode()).hexdigest()}"
    if numba.config.CACHE_DIR:
        return Path(numba.config.CACHE_DIR) / name
    return user_cache_folder() / "compiled" / name


def _read(path: Path) -> bytes | None:
    """Return the content of a file, or None if it is missing or not as it was written."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    content = raw[32:]
    return content if hashlib.sha256(content).digest() == raw[:32] else None
