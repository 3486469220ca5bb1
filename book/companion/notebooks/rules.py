"""What every notebook with a verdict must have before it is published.

It is checked on the source, so before anything runs.

The tests apply the same rules, and `pre-commit` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from companion.notebooks.sources import FigureError, default_parameters, has_tag, parameters_cell
from companion.places import ROOT

MARK = "FILL IN"
"""What stands in the template wherever something is to be written."""
CITATION = "{cite}`kwak2023`"
IN_ORDER = ("parameters", "figure", "nbval-check-output", "remove-cell")
"""Tags of which every notebook has one each, in this order: what can be changed, the picture, what
was found, the verdict."""


def problems(source: Path) -> list[str]:
    """Return what a figure or chapter lacks, each with its place and what to do.

    Nothing when it is fit to be published.
    """
    notebook = jupytext.read(source)
    found = [*_beginning_and_end(notebook, source), *_order(notebook)]
    if source.is_relative_to(ROOT):
        found += _places(source)
    return [*problems_of_form(source), *_of(source, found)]


def problems_of_form(source: Path) -> list[str]:
    """Return what is wrong with a notebook whatever it is for.

    Marks of the template, parameters, header, form of the file.
    """
    notebook = jupytext.read(source)
    found = [*_marks(notebook), *_parameters(notebook), *_header(source)]
    if jupytext.writes(notebook, fmt="py:percent") != source.read_text(encoding="utf-8"):
        found.append(
            "the file is not as Jupytext writes it: open it with 'make lab', save it, "
            "and look at the difference"
        )
    return _of(source, found)


def _of(source: Path, found: list[str]) -> list[str]:
    """Return problems with the name of the notebook that has them."""
    return [f"{source.name}, {problem}" for problem in found]


def _marks(notebook: NotebookNode) -> Iterator[str]:
    """Yield each place of the template that is still to be written."""
    for number, cell in enumerate(notebook.cells, start=1):
        for line in cell.source.splitlines():
            if MARK in line:
                yield f"cell {number}: still to be written: {line[line.index(MARK) :].strip()}"


def _beginning_and_end(notebook: NotebookNode, source: Path) -> Iterator[str]:
    """Yield what is wrong with the first cell and the last."""
    first, last = notebook.cells[0], notebook.cells[-1]
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "cell 1: begin with a cell of text whose first line is the title, '# ...'"
    if source.parent.name == "figures":
        if not re.match(rf"# Figure {int(source.name[3:5])}: ", first.source):
            yield (
                "cell 1: the title of a figure of the paper "
                f"begins '# Figure {int(source.name[3:5])}: '"
            )
        if "**The paper" not in first.source or CITATION not in first.source:
            yield f"cell 1: say what the paper says, beginning '**The paper ...**', with {CITATION}"
    if not last.source.startswith("## Try this"):
        yield "last cell: end with '## Try this', changes of parameters worth making"
    elif not 2 <= (count := last.source.count("\n- ")) <= 4:
        yield (
            "last cell: name two to four changes worth making, "
            f"each a line that begins '- '; it has {count}"
        )


def _order(notebook: NotebookNode) -> Iterator[str]:
    """Yield which cells are missing, double or out of their place."""
    places = []
    for tag in IN_ORDER:
        tagged = [
            number for number, cell in enumerate(notebook.cells, start=1) if has_tag(cell, tag)
        ]
        if len(tagged) != 1:
            yield f"one cell must be tagged '{tag}'; there are {len(tagged)}"
        places += tagged
    if places != sorted(places):
        yield (
            f"the cells tagged {', '.join(IN_ORDER)} must come in "
            f"this order; they are cells {', '.join(map(str, places))}"
        )
    if places and not has_tag(notebook.cells[1], "parameters"):
        yield "cell 2: the parameters come right after the title: tag it 'parameters'"


def _parameters(notebook: NotebookNode) -> Iterator[str]:
    """Yield which parameters do not say what they may be."""
    try:
        names = list(default_parameters(notebook))
    except (FigureError, ValueError, SyntaxError) as error:
        yield (
            f"the cell tagged 'parameters' holds plain assignments, such as 'epochs = 10': {error}"
        )
        return
    lines = parameters_cell(notebook).splitlines()
    if [line.split(" = ")[0] for line in lines[1::2]] != names:
        yield (
            "the cell of parameters takes turns: a line of comment, "
            "then its assignment on one line, and nothing else"
        )
    for comment, assignment in zip(lines[0::2], lines[1::2], strict=False):
        if not re.fullmatch(r"# [A-Z].{15,}\.", comment):
            yield (
                f"the comment above '{assignment}' must be a sentence: "
                "the meaning, the unit, what is allowed, and a full stop"
            )


def _header(source: Path) -> Iterator[str]:
    """Yield what the file's header lacks.

    Without it, saving from JupyterLab would lose tags, or change with every version.
    """
    header = source.read_text(encoding="utf-8").split("# %%")[0]
    for line in ("cell_metadata_filter: tags,-all", "name: python3"):
        if line not in header:
            yield f"header: '{line}' is missing; copy the header of book/template.py"
    if "jupytext_version:" in header:
        yield (
            "header: remove jupytext_version, which changes with every version; "
            "copy the header of book/template.py"
        )


def _places(source: Path) -> Iterator[str]:
    """Yield where the book does not lead to the notebook."""
    file = source.relative_to(ROOT).with_suffix("").as_posix()
    if f"file: {file}\n" not in (ROOT / "_toc.yml").read_text(encoding="utf-8") + "\n":
        yield f"the table of contents does not lead to it: add '- file: {file}' to _toc.yml"
