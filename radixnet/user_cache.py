"""The user's folder for what can be made or fetched again: data, compiled code, runs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def user_cache_folder() -> Path:
    """Return ``radixnet`` in XDG_CACHE_HOME, or else in ``~/.cache``; it need not exist."""
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # no home: Debian's name for the home of such users, writable by nobody
        cache = Path("/nonexistent/.cache")
    return cache.absolute() / "radixnet"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, and its folder, so that no other process ever sees a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as part:
        try:
            part.write(content)
            part.flush()
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
