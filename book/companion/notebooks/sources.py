"""The notebooks' sources, percent scripts below `book/`: their names, titles and parameters."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jupytext
from nbformat import NotebookNode

from companion.places import ROOT

FIGURES = (ROOT / "book" / "figures", ROOT / "book" / "beyond")
"""Folders of notebooks with a verdict: the paper's figures, and what goes beyond them."""
LESSONS = (ROOT / "book" / "learn",)
"""Folders of notebooks that teach and state no verdict."""


class FigureError(Exception):
    """A notebook cannot be executed; the message says which, where and why."""


def figure_names() -> list[str]:
    """Return the names of the notebooks with a verdict.

    The figures in the order of their numbers, then the chapters.
    """
    return [path.stem for folder in FIGURES for path in sorted(folder.glob("*.py"))]


def lesson_names() -> list[str]:
    """Return the names of the notebooks that teach."""
    return [path.stem for folder in LESSONS for path in sorted(folder.glob("*.py"))]


def notebook_names() -> list[str]:
    """Return the names of all notebooks."""
    return [*figure_names(), *lesson_names()]


def short_name(name: str) -> str:
    """Return by what a notebook is called for short: ``"fig09"`` for ``"fig09_seeds"``."""
    return name.split("_")[0]


def find_source(name: str) -> Path:
    """Return the percent script of a notebook named in full or by its start, such as ``fig09``."""
    matches = [known for known in notebook_names() if name in (known, short_name(known))]
    if len(matches) != 1:
        raise FigureError(
            f"there is no figure {name!r}; choose one of: {', '.join(notebook_names())}"
        )
    return next(
        path for folder in (*FIGURES, *LESSONS) if (path := folder / f"{matches[0]}.py").is_file()
    )


def title_of(notebook: NotebookNode) -> str:
    """Return a notebook's title, in Markdown."""
    heading: str = next(cell.source for cell in notebook.cells if cell.source.startswith("# "))
    return heading.splitlines()[0].removeprefix("# ")


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Say whether a cell has a tag."""
    return tag in cell.metadata.get("tags", [])


def parameters_cell(notebook: NotebookNode) -> str:
    """Return the source of the cell that says what can be changed.

    Raise FigureError unless there is exactly one.
    """
    cells = [cell for cell in notebook.cells if has_tag(cell, "parameters")]
    if len(cells) != 1:
        raise FigureError(
            f"a figure needs exactly one cell tagged 'parameters'; this one has {len(cells)}"
        )
    return str(cells[0].source)


def default_parameters(notebook: NotebookNode) -> dict[str, Any]:
    """Return the names and published values in a notebook's `parameters` cell."""
    assignments = [
        node for node in ast.parse(parameters_cell(notebook)).body if isinstance(node, ast.Assign)
    ]
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in assignments
        if isinstance(node.targets[0], ast.Name)
    }


def published_parameters(name: str) -> dict[str, Any]:
    """Return the names and published values of a notebook's parameters."""
    return default_parameters(jupytext.read(find_source(name)))


def check_parameters(given: Mapping[str, Any], defaults: Mapping[str, Any], figure: str) -> None:
    """Raise FigureError for a parameter that the figure lacks, or a value of the wrong type."""
    for name, value in given.items():
        if name not in defaults:
            raise FigureError(f"{figure} has no parameter {name!r}; it has: {', '.join(defaults)}")
        default = defaults[name]
        fits = type(value) is type(default) or (isinstance(default, float) and type(value) is int)
        if not fits:
            raise FigureError(
                f"{figure}, parameter {name}: {value!r} is of type {type(value).__name__}, "
                f"expected {type(default).__name__} "
                f"as in its published value {default!r}"
            )


def parse_parameters(
    pairs: Sequence[tuple[str, str]], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return parameters from the command line.

    Parameters
    ----------
    pairs
        Names and values. A value is read as in Python (5, 1e-3, [[10, 10], [1]]); what is no Python
        is text as it stands.
    defaults
        Published values by name. Where one is text, the value given is text as it stands.
    """
    return {
        name: text if isinstance(defaults.get(name), str) else _value(text) for name, text in pairs
    }


def _value(text: str) -> Any:
    """Return the Python literal that a text is, or the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
