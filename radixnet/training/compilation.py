"""Compiled loops kept on disk, so that only the first process on a machine waits for the compiler.

Each compiled function has a file of its own. Numba's cache would not do: it notices changes of the
outermost function's file only, moves to other folders when one cannot be used, and loads the whole
compiler before it looks. Here,

- a file's name holds a digest of all that the code depends on, so that no old code is loaded;
- a file appears whole, and counts as missing when its content lacks the sum that it begins with;
- where a file cannot be read the function is compiled, where it cannot be written it is not kept.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
import threading
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

from radixnet.training import sources
from radixnet.user_cache import user_cache_folder

_WITHOUT_EFFECT = {"CACHE_DIR", "NUMBA_NUM_THREADS", "NUMBA_DEFAULT_NUM_THREADS"}
"""Settings of Numba that change no code."""

_lock = threading.RLock()
_dispatchers: dict[Callable[..., Any], Any] = {}


def processor() -> tuple[str, str]:
    """Return name and features of the processor that code is compiled for, as LLVM spells them.

    The environment variables ``NUMBA_CPU_NAME`` and ``NUMBA_CPU_FEATURES`` override what the machine says, for example
    ``NUMBA_CPU_NAME=haswell NUMBA_CPU_FEATURES=`` for one with AVX2 and without AVX-512; the name alone changes no features.
    """
    target = numba.core.registry.cpu_target.target_context.codegen().magic_tuple()
    return str(target[1]), str(target[2])


def has_avx512() -> bool:
    """Say whether code is compiled for AVX-512."""
    return "+avx512f" in processor()[1].split(",")


def compiled(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Return a function compiled for arguments of these types, loaded from disk when it lies there.

    Safe to call from several threads; all calls must give arguments of the same types.

    Raises
    ------
    RuntimeError
        When Numba is told to compile nothing.
    """
    if numba.config.DISABLE_JIT:
        raise RuntimeError(
            "NUMBA_DISABLE_JIT is set, and the sparse engine runs as compiled code only: "
            "unset NUMBA_DISABLE_JIT and start Python again, or train with engine='keras'"
        )
    with _lock:
        if function not in _dispatchers:
            _dispatchers[function] = _load_or_compile(function, tuple(map(numba.typeof, arguments)))
        return _dispatchers[function]


def _load_or_compile(function: Callable[..., Any], kinds: tuple[Any, ...]) -> Any:
    """Return a function compiled for these types: as it was kept, else anew, and then kept."""
    dispatcher = njit(nogil=True)(function)
    path = _path(function, kinds)
    kept = _read(path) if path else None
    with global_compiler_lock:
        if kept:
            target = dispatcher.targetctx
            rtsys.initialize(target)  # what compiled code asks for memory
            parts = pickle.loads(kept)  # noqa: S301 (written here)
            dispatcher.add_overload(CompileResult._rebuild(target, *parts))
        else:
            dispatcher.compile(kinds)
            (result,) = dispatcher.overloads.values()
            # Dynamic globals are addresses in this process.
            if path and not result.library.has_dynamic_globals:
                with suppress(OSError):
                    _write(path, dumps(result._reduce()))
    return dispatcher


def _path(function: Callable[..., Any], kinds: tuple[Any, ...]) -> Path | None:
    """Return the file for a compiled function, or None when there can be none."""
    # Edited since they were imported, the files are not what would be compiled.
    if not sources.AT_IMPORT or sources.digest() != sources.AT_IMPORT:
        return None
    name = f"{function.__name__}-{_digest(function, kinds)}"
    if numba.config.CACHE_DIR:
        return Path(numba.config.CACHE_DIR) / name
    return user_cache_folder() / "compiled" / name


def _digest(function: Callable[..., Any], kinds: tuple[Any, ...]) -> str:
    """Return a digest of all that a function's machine code depends on."""
    settings = {name for name in vars(numba.config) if name.isupper()} - _WITHOUT_EFFECT
    parts = (
        (sources.AT_IMPORT, function.__module__, function.__qualname__, kinds),
        (numba.__version__, llvmlite.__version__, np.__version__, sys.version),
        [(name, getattr(numba.config, name)) for name in sorted(settings)],
        processor(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _read(path: Path) -> bytes | None:
    """Return the content of a file as it was written, or None when there is none."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    content = raw[32:]
    return content if hashlib.sha256(content).digest() == raw[:32] else None


def _write(path: Path, content: bytes) -> None:
    """Write a file that appears whole, its sum first, whoever writes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        partial.write_bytes(hashlib.sha256(content).digest() + content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
