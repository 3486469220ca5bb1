"""Execute every notebook with nbval, and compare what its checked cells print with the lines that are kept in `book/expected`.

    check_notebooks.py            all of them
    check_notebooks.py --renew    keep what the executed notebooks print now, and show what changed

The kept lines are part of the repository, so that a change of any number that a page states is seen, and is somebody's decision.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from command import command
from run_figures import EXECUTED, IPYTHON, ROOT, FigureError, bring_up_to_date, find_source, notebook_names

EXPECTED = ROOT / "book" / "expected"
"""For each notebook a text file: what its checked cells print, each under a line that counts them."""
REFERENCES = ROOT / "_build" / "expected"
"""The notebooks with these lines as their outputs, as nbval reads them."""
CHECKED = "nbval-check-output"
"""The tag of a cell whose output is compared."""
HEADING = re.compile(r"^== checked cell \d+\n", re.MULTILINE)


def checked_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells of a notebook whose output is compared."""
    return [cell for cell in notebook.cells if CHECKED in cell.metadata.get("tags", [])]


def printed(executed: NotebookNode) -> str:
    """Return what the checked cells of an executed notebook print, as it is kept."""
    texts = ["".join(output.get("text", "") for output in cell.outputs) for cell in checked_cells(executed)]
    return "".join(f"== checked cell {number}\n{text}" for number, text in enumerate(texts, start=1))


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
            f"{source.stem}: {len(cells)} cells are checked and {len(texts)} outputs are kept in {EXPECTED.relative_to(ROOT)}; "
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
        changes += difflib.unified_diff(before.splitlines(True), after.splitlines(True), *names, n=0)
    for path in set(EXPECTED.glob("*.txt")) - {kept_lines(name) for name in notebook_names()}:
        changes.append(f"{path.relative_to(ROOT)} belongs to no notebook and is removed\n")
        path.unlink()
    return "".join(changes)


@command
def main() -> int:
    """Read the command line; compare, or renew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renew", action="store_true", help="keep what the notebooks print now, and show what changed")
    try:
        if parser.parse_args().renew:
            bring_up_to_date([])
            print(renew() or "nothing changed")
            return 0
        references = write_references()
    except FigureError as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    nbval = ["--nbval-lax", "--nbval-current-env", "--nbval-kernel-startup-timeout=1800"]
    environment = os.environ | {"IPYTHONDIR": str(IPYTHON)}  # without the user's start-up files
    command_line = [sys.executable, "-m", "pytest", "--quiet", "--numprocesses=2", "--dist=loadfile", *nbval, *map(str, references)]
    return subprocess.run(command_line, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
