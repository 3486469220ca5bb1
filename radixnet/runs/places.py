"""Where results lie: those that are published with the repository, and those that notebooks make as they go."""

from __future__ import annotations

import os
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]


def published(name: str) -> Path:
    """Return the path of a published result, such as ``"benchmark.json"``.

    Raises
    ------
    FileNotFoundError
        When the repository has no such result, or the package is used without the repository.
    """
    path = _REPOSITORY / "book" / "results" / name
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; published results come with the repository, in book/results")
    return path


def working_store_path() -> Path:
    """Return where notebooks keep their runs, so that executing one again trains only what is new.

    In a checkout that is ``_build/runs.sqlite``, which `make clean` removes with all else that was made; without one it is the
    user's cache folder.
    """
    if (_REPOSITORY / "_toc.yml").is_file():
        folder = _REPOSITORY / "_build"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "radixnet"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "runs.sqlite"
