"""What the notebooks are expected to print.

The lines of their checked cells, kept in `book/expected` as part of the repository.

So a change of any number that a page states is seen, and is somebody's decision.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from companion.notebooks.execution import EXECUTED
from companion.notebooks.sources import FigureError, find_source, has_tag, notebook_names
from companion.places import BUILD, ROOT

EXPECTED = ROOT / "book" / "expected"
"""For each notebook a text file: what its checked cells print, each under a line that counts
them."""
REFERENCES = BUILD / "expected"
"""The notebooks with these lines as their outputs, as nbval reads them."""
HEADING = re.compile(r"^== checked cell \d+\n", re.MULTILINE)


def checked_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells of a notebook whose output is compared."""
    return [cell for cell in notebook.cells if has_tag(cell, "nbval-check-output")]


def printed(executed: NotebookNode) -> str:
    """Return what the checked cells of an executed notebook print, as it is kept."""
    texts = [
        "".join(output.get("text", "") for output in cell.outputs)
        for cell in checked_cells(executed)
    ]
    return "".join(
        f"== checked cell {number}\n{text}" for number, text in enumerate(texts, start=1)
    )


def reference(source: Path, kept: str) -> NotebookNode:
    """Return a notebook whose checked cells have the kept lines for outputs.

    Raises
    ------
    FigureError
        When there are not as many kept outputs as checked cells.
    """
    notebook: NotebookNode = jupytext.read(source)
    cells, texts = checked_cells(notebook), HEADING.split(kept)[1:]
    if len(cells) != len(texts):
        raise FigureError(
            f"{source.stem}: {len(cells)} cells are checked and {len(texts)} outputs are kept in "
            f"{EXPECTED.relative_to(ROOT)}; "
            "call make expected and look at what it changes"
        )
    for cell, text in zip(cells, texts, strict=True):
        cell.execution_count = 1  # nbval refuses outputs of cells that were never run
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    return notebook


def kept_lines(name: str) -> Path:
    """Return where the lines of a notebook are kept."""
    return EXPECTED / f"{name}.txt"


def write_references() -> list[Path]:
    """Write the notebooks that nbval compares with, and return them."""
    REFERENCES.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in notebook_names():
        kept = kept_lines(name).read_text(encoding="utf-8") if kept_lines(name).is_file() else ""
        paths.append(REFERENCES / f"{name}.ipynb")
        nbformat.write(reference(find_source(name), kept), paths[-1])
    return paths


def renew() -> str:
    """Keep what the executed notebooks print now, and return what changed, line by line."""
    EXPECTED.mkdir(exist_ok=True)
    changes: list[str] = []
    for name in notebook_names():
        path = kept_lines(name)
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        after = printed(nbformat.read(EXECUTED / f"{name}.ipynb", as_version=4))
        path.write_text(after, encoding="utf-8")
        names = (f"{path.relative_to(ROOT)}, before", "now")
        changes += difflib.unified_diff(
            before.splitlines(True), after.splitlines(True), *names, n=0
        )
    for path in set(EXPECTED.glob("*.txt")) - {kept_lines(name) for name in notebook_names()}:
        changes.append(f"{path.relative_to(ROOT)} belongs to no notebook and is removed\n")
        path.unlink()
    return "".join(changes)
