"""Where this user's machine keeps what can be made or fetched again: data, compiled code, runs without a checkout."""

from __future__ import annotations

import os
from pathlib import Path


def user_cache_folder() -> Path:
    """Return ``radixnet`` in XDG_CACHE_HOME, or else in ``~/.cache``; it need not exist."""
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # a user without a home: Debian's name for it, which nobody can write to
        cache = Path("/nonexistent/.cache")
    return cache.absolute() / "radixnet"
