"""Compiled loops kept on disk, so that only the first process on a machine waits for the compiler.

Numba's own cache does the work. Around it stand three rules: the folder's name holds a hash of our sources, of the versions and of
the processor, so that no stale code is ever loaded; each folder holds one version of each function, so that processes that start at
once write the same files; and whatever is wrong with the folder (read-only, full, damaged), the functions are compiled without it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import llvmlite
import numba
from numba import njit

import radixnet

_SOURCES = ("kernels.py", "layout.py", "loss.py", "steps.py", "vector_code.py")
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


def cache_folder() -> Path:
    """Return the folder for compiled code of these sources, versions and processor."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for source in _SOURCES:
        digest.update((here / source).read_bytes())
    for part in (radixnet.__version__, numba.__version__, llvmlite.__version__, sys.version, *processor()):
        digest.update(part.encode() + b"\0")
    if numba.config.CACHE_DIR:
        root = Path(numba.config.CACHE_DIR)
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "radixnet" / "compiled"
    return root / digest.hexdigest()[:16]


def compiled(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Return a function compiled for arguments of these types, loaded from disk when it lies there.

    Safe to call from several threads; all calls must give arguments of the same types.
    """
    with _lock:
        if function not in _dispatchers:
            kinds = tuple(map(numba.typeof, arguments))
            _dispatchers[function] = _load_or_compile(function, kinds)
        return _dispatchers[function]


def _load_or_compile(function: Callable[..., Any], kinds: tuple[Any, ...]) -> Any:
    """Compile through the cache, and without it when anything about the cache goes wrong."""
    configured = numba.config.CACHE_DIR
    dispatcher = None
    try:
        # Numba asks for its folder while it decorates; other functions of the process keep theirs.
        numba.config.CACHE_DIR = str(cache_folder())
        dispatcher = njit(nogil=True, cache=True)(function)
    except (OSError, RuntimeError):
        dispatcher = njit(nogil=True)(function)
    finally:
        numba.config.CACHE_DIR = configured
    try:
        dispatcher.compile(kinds)
    except Exception:
        # A compiled function that could not be saved is usable; one that could not be loaded is compiled again.
        if not dispatcher.signatures:
            with suppress(Exception):  # forget the damaged files, so that the next process finds good ones
                dispatcher._cache.flush()
                dispatcher.compile(kinds)
        if not dispatcher.signatures:
            dispatcher = njit(nogil=True)(function)
            dispatcher.compile(kinds)
    return dispatcher
