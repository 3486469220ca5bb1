"""Where things lie: the repository, what commands make, published results and notebooks' own."""

from __future__ import annotations

from pathlib import Path

from radixnet.user_cache import user_cache_folder

ROOT = Path(__file__).resolve().parents[2]
"""The repository, where there is one."""
BUILD = ROOT / "_build"
"""All that commands make."""
RESULTS = ROOT / "book" / "results"
"""Results that are published with the book."""


def published(name: str) -> Path:
    """Return the path of a published result, such as ``"benchmark.json"``.

    Raises
    ------
    FileNotFoundError
        When the repository has no such result, or the package is used without the repository.
    """
    path = ROOT / "book" / "results" / name
    if path.is_file():
        return path
    if path.parent.is_dir():
        there = ", ".join(sorted(repr(other.name) for other in path.parent.iterdir()))
        raise FileNotFoundError(f"{name!r} is no published result; choose one of {there}")
    raise FileNotFoundError(
        f"{path} is not there: published results are in the repository and not in the package; "
        "install radixnet from a checkout, with `pip install --editable .` in its folder"
    )


def working_store_paths() -> list[Path]:
    """Return where notebooks may keep runs, so that executing one again trains only what is new.

    In a checkout that is ``_build/runs.sqlite``, which `make clean` removes with all else that was
    made. Without one, or where it cannot be written, it is the user's cache folder.
    """
    checkout = [ROOT / "_build"] if (ROOT / "_toc.yml").is_file() else []
    return [folder / "runs.sqlite" for folder in (*checkout, user_cache_folder())]
