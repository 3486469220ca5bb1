"""What the notebooks are expected to print.

The lines of their checked cells, kept in `book/expected` as part of the repository.

So a change of any number that a page states is seen, and is somebody's decision.
"""

from __future__ import annotations

import difflib
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from companion.notebooks.sources import has_tag
from companion.places import ROOT

EXPECTED = ROOT / "book" / "expected"
"""For each notebook a text file: what its checked cells print, each under a line that counts
them."""


def printed(executed: NotebookNode) -> str:
    """Return what the checked cells of an executed notebook print, as it is kept."""
    texts = [
        "".join(output.get("text", "") for output in cell.outputs)
        for cell in executed.cells
        if has_tag(cell, "nbval-check-output")
    ]
    return "".join(
        f"== checked cell {number}\n{text}" for number, text in enumerate(texts, start=1)
    )


def changes(executed: list[Path], *, keep: bool, expected: Path = EXPECTED) -> str:
    """Return what notebooks print and are not expected to, line by line.

    Parameters
    ----------
    executed
        All of them, as they were executed.
    keep
        Whether to expect it from now on.
    expected
        The folder of what they are expected to print.
    """
    found: list[str] = []
    now = {
        expected / f"{path.stem}.txt": printed(nbformat.read(path, as_version=4))
        for path in executed
    }
    for path in sorted({*now, *expected.glob("*.txt")}):
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        names = (
            f"{path.parent.name}/{path.name}",
            "now" if path in now else "belongs to no notebook",
        )
        lines = before.splitlines(True), now.get(path, "").splitlines(True)
        found += difflib.unified_diff(*lines, *names, n=0)
        if keep and path in now:
            path.write_text(now[path], encoding="utf-8")
        elif keep:
            path.unlink()
    return "".join(found)
