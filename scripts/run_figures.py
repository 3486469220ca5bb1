"""Execute the figures: percent script in, executed notebook out, with Papermill.

    run_figures.py                             every figure whose source, package, versions or parameters changed
    run_figures.py fig03 fig09                 these, when they changed
    run_figures.py fig09 --scratch -p epochs 5 one, with another parameter, into a scratch place

A notebook appears under its name only when every cell has succeeded. Parameters that the notebook does not have, or of another
type than its own, are refused before anything runs.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode
from packaging.utils import canonicalize_name
from papermill.exceptions import PapermillExecutionError
from plotly.offline import get_plotlyjs

from command import UTF8, command, folder_to_write
from companion import page
from lock import pins_here

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (ROOT / "book" / "figures", ROOT / "book" / "beyond")
"""Where notebooks have their sources: the paper's figures, and what goes beyond them."""
LESSONS = (ROOT / "book" / "learn",)
"""The same for notebooks that teach: they are executed alike, and state no verdict."""
EXECUTED = ROOT / "_build" / "notebooks"
PARTIAL = ROOT / "_build" / "partial"
SCRATCH = ROOT / "_build" / "scratch"
IPYTHON = ROOT / "_build" / "ipython"
"""A profile without the user's start-up files, which would execute in every notebook."""
PACKAGE = ROOT / "radixnet"
"""What a notebook must import as radixnet."""
PACKAGES = (PACKAGE, ROOT / "book" / "companion")
"""What notebooks import of this repository."""
_QUESTION = f"""\
import runpy
from IPython.display import display
display({{"application/json": runpy.run_path({str(ROOT / "scripts" / "process.py")!r})["this_process"]()}}, raw=True)"""
"""A last cell for every notebook, taken off again: what executed it is asked of the kernel."""
CELL_TIMEOUT = 3600
"""Seconds that one cell may take; Fig. 9 trains for some two minutes on two cores, and others may be at work."""


class FigureError(Exception):
    """A figure cannot be executed; the message says which, where and why."""


class OwnKernel(AsyncKernelManager):
    """Starts the Python of this script, whatever Jupyter calls "python3", without the user's profile."""

    page_folder: Path

    @property
    def kernel_spec(self) -> KernelSpec:
        """What is started, and in which environment."""
        return KernelSpec(**get_kernel_dict(), env=UTF8 | {"IPYTHONDIR": str(IPYTHON), page.FOLDER: str(self.page_folder)})


def page_files(executed: Path) -> Path:
    """Return the folder with the files that an executed notebook left for its page: pictures, tables, numbers."""
    return executed.with_suffix("")


def figure_names() -> list[str]:
    """Return the names of the notebooks with a verdict: the figures in the order of their numbers, then the chapters."""
    return [path.stem for folder in SOURCES for path in sorted(folder.glob("*.py"))]


def lesson_names() -> list[str]:
    """Return the names of the notebooks that teach."""
    return [path.stem for folder in LESSONS for path in sorted(folder.glob("*.py"))]


def notebook_names() -> list[str]:
    """Return the names of all notebooks."""
    return [*figure_names(), *lesson_names()]


def find_source(name: str) -> Path:
    """Return the percent script of a figure named in full or by its start, such as ``fig09``."""
    matches = [known for known in notebook_names() if known == name or known.startswith(f"{name}_")]
    if len(matches) != 1:
        raise FigureError(f"there is no figure {name!r}; choose one of: {', '.join(notebook_names())}")
    return next(path for folder in (*SOURCES, *LESSONS) if (path := folder / f"{matches[0]}.py").is_file())


def default_parameters(notebook: NotebookNode) -> dict[str, Any]:
    """Return the names and published values in a notebook's `parameters` cell."""
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise FigureError(f"a figure needs exactly one cell tagged 'parameters'; this one has {len(cells)}")
    assignments = [node for node in ast.parse(cells[0].source).body if isinstance(node, ast.Assign)]
    return {node.targets[0].id: ast.literal_eval(node.value) for node in assignments if isinstance(node.targets[0], ast.Name)}


def check_parameters(given: Mapping[str, Any], defaults: Mapping[str, Any], figure: str) -> None:
    """Raise FigureError for a parameter that the figure does not have, or a value of another type than its default."""
    for name, value in given.items():
        if name not in defaults:
            raise FigureError(f"{figure} has no parameter {name!r}; it has: {', '.join(defaults)}")
        default = defaults[name]
        fits = type(value) is type(default) or (isinstance(default, float) and type(value) is int)
        if not fits:
            raise FigureError(
                f"{figure}, parameter {name}: {value!r} is of type {type(value).__name__}, expected {type(default).__name__} "
                f"as in its published value {default!r}"
            )


@cache
def code_digests() -> dict[str, str]:
    """Return a sum over the code of each module of radixnet and of the book's companion, by its name.

    Docstrings and comments do not count.
    """
    digests = {}
    for folder in PACKAGES:
        for path in folder.rglob("*.py"):
            parts = (folder.name, *path.relative_to(folder).with_suffix("").parts)
            name = ".".join(part for part in parts if part != "__init__")
            digests[name] = code_digest(path.read_text(encoding="utf-8"))
    return digests


def code_digest(source: str) -> str:
    """Return a sum over what a module does, whatever its docstrings and comments say."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [each for each in node.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@cache
def _data_digest() -> str:
    """Return one sum over the files without code that a notebook may depend on: data, published results, the lock."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for folder in (*PACKAGES, ROOT / "book" / "results"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def fingerprint(source: str, parameters: Mapping[str, Any], modules: Sequence[str] | None = None) -> str:
    """Return what an executed notebook must carry to be up to date.

    Parameters
    ----------
    source
        The text of the percent script.
    parameters
        Those that differ from the published ones.
    modules
        The modules that it imports, as `code_digests` names them; one that is gone counts as changed. None stands for all.
    """
    digests = code_digests()
    code = {name: digests.get(name, "gone") for name in (digests if modules is None else modules)}
    parts = [source, _data_digest(), json.dumps([parameters, code], sort_keys=True, default=repr)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def is_current(source: Path) -> bool:
    """Say whether a figure has been executed with its published parameters since anything it depends on changed."""
    executed = EXECUTED / f"{source.stem}.ipynb"
    if not executed.is_file():
        return False
    record = nbformat.read(executed, as_version=4).metadata.get("radixnet", {})
    return bool(record.get("fingerprint") == fingerprint(source.read_text(encoding="utf-8"), {}, record.get("modules")))


def execute(source: Path, destination: Path, parameters: Mapping[str, Any], timeout: int = CELL_TIMEOUT) -> None:
    """Execute one figure; write the notebook, and what made it, to `destination`, or leave everything as it was.

    Raises
    ------
    FigureError
        When a parameter is refused or a cell fails or exceeds `timeout` seconds; the message names notebook and cell.
    """
    # Read now: what changes meanwhile is not in the result.
    code_digests()
    text = source.read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    check_parameters(parameters, default_parameters(notebook), source.stem)
    notebook.cells.append(nbformat.v4.new_code_cell(_QUESTION))
    folder_to_write(destination.parent)
    partial = folder_to_write(PARTIAL) / f"{destination.stem}.{os.getpid()}.ipynb"
    left = page_files(partial)
    left.mkdir()
    started = time.monotonic()
    try:
        executed = papermill.execute_notebook(
            notebook,
            str(partial),
            parameters=dict(parameters),
            kernel_name="python3",
            kernel_manager_class=type("Kernel", (OwnKernel,), {"page_folder": left}),
            start_timeout=CELL_TIMEOUT,
            execution_timeout=timeout,
            cwd=str(destination.parent),
        )
        seconds = time.monotonic() - started
        question = executed.cells.pop()
        kernel = next(
            output.data["application/json"] for output in question.outputs if "application/json" in output.get("data", {})
        )
        check_package(kernel["package"])
        drop_greetings(executed)
        executed.metadata.pop("papermill")  # names places on this machine
        executed.metadata["radixnet"] = {
            "fingerprint": fingerprint(text, parameters, kernel["modules"]),
            "modules": kernel["modules"],
            "source": source.relative_to(ROOT).as_posix(),
            "parameters": dict(parameters),
            "seconds": round(seconds - question.metadata.papermill["duration"], 1),
            "machine": f"{kernel['machine']}, {kernel['cores']} cores",
            "python": kernel["python"],
            "radixnet": kernel["radixnet"],
            "other_versions": other_versions(kernel["versions"]),
            "executed": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        }
        nbformat.write(executed, partial)
        shutil.rmtree(page_files(destination), ignore_errors=True)
        left.replace(page_files(destination))
        partial.replace(destination)
    except PapermillExecutionError as error:
        number = error.cell_index + 1 - bool(parameters)  # Papermill adds a cell with the changed parameters
        raise FigureError(f"{error.source}\n\n{source.name}, cell {number}: {error.ename}: {error.evalue}") from error
    except CellTimeoutError as error:
        number = timed_out_cell(notebook, str(error))
        raise FigureError(f"{source.name}, cell {number}: took more than {timeout} seconds and was stopped") from error
    except DeadKernelError as error:
        raise FigureError(f"{source.name}: the kernel died, for example because memory ran out") from error
    finally:
        partial.unlink(missing_ok=True)
        shutil.rmtree(left, ignore_errors=True)


def timed_out_cell(notebook: NotebookNode, message: str) -> int:
    """Return the number, from 1, of the cell whose code a time-out's message shows."""
    code = [
        (number, cell.source.splitlines()[0]) for number, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code"
    ]
    return next(number for number, first_line in code if first_line in message)


def drop_greetings(notebook: NotebookNode) -> None:
    """Remove from a notebook what TensorFlow says when it loads and finds no GPU; everything else on stderr stays."""
    greeting = re.compile(
        r"(WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR"
        r"|I0000 .*|To enable the following instructions: .*|E0000 .* failed call to cuInit: .*)\n?"
    )
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                output.text = "".join(line for line in output.text.splitlines(keepends=True) if not greeting.fullmatch(line))
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr" or output.text]


def check_package(folder: str) -> None:
    """Raise FigureError when a process imported radixnet from a folder other than `PACKAGE`."""
    if folder != str(PACKAGE):
        raise FigureError(
            f"radixnet was imported from {folder} and not from {PACKAGE}, so that the result is not that "
            "of this checkout; unset PYTHONPATH, or install this one: pip install --no-deps --editable ."
        )


def other_versions(versions: Mapping[str, str]) -> dict[str, str]:
    """Return those of some packages, versions by name, that the lock has in another version."""
    locked = pins_here((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    found = sorted((canonicalize_name(name), version) for name, version in versions.items())
    return {name: version for name, version in found if name in locked and not locked[name].contains(version, prereleases=True)}


def bring_up_to_date(names: list[str], force: bool = False, timeout: int = CELL_TIMEOUT) -> list[Path]:
    """Execute the named figures, or all, where needed; return all their executed notebooks."""
    sources = [find_source(name) for name in names or notebook_names()]
    for source in sources:
        if force or not is_current(source):
            print(f"executing {source.relative_to(ROOT)}", flush=True)
            execute(source, EXECUTED / f"{source.stem}.ipynb", {}, timeout)
        else:
            print(f"{source.relative_to(ROOT)} is up to date", flush=True)
    return [EXECUTED / f"{source.stem}.ipynb" for source in sources]


def run_in_scratch(name: str, parameters: Mapping[str, Any], timeout: int) -> tuple[Path, Path]:
    """Execute one figure with changed parameters; return where the notebook and its page as one HTML file lie."""
    source = find_source(name)
    changes = json.dumps(parameters, sort_keys=True, default=repr)
    # Readable, and with a few letters that tell [[10, 10], [10]] from [[10, 10, 10]].
    label = re.sub(r"[^\w.-]+", "-", changes).strip("-")[:80] + "." + hashlib.sha256(changes.encode()).hexdigest()[:6]
    notebook = SCRATCH / (f"{source.stem}.{label}.ipynb" if parameters else f"{source.stem}.ipynb")
    execute(source, notebook, parameters, timeout)
    page = notebook.with_suffix(".html")
    page.write_text(as_page(notebook), encoding="utf-8")
    return notebook, page


def as_page(notebook: Path) -> str:
    """Return an executed notebook as one HTML page that loads nothing from elsewhere, less the cells that only the book needs."""
    own = Path(sys.prefix) / "share" / "jupyter" / "nbconvert" / "templates"  # before JUPYTER_PATH
    exporter = HTMLExporter(extra_template_basedirs=[str(own)], mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="")
    book_only = TagRemovePreprocessor(remove_cell_tags={"remove-cell"}, remove_input_tags={"remove-input"})
    exporter.register_preprocessor(book_only, enabled=True)
    page, _ = exporter.from_filename(str(notebook))
    # What only the book resolves: citations become their keys, formulas get MathJax, copied beside the page.
    page = re.sub(r"\{cite\}<code>(\w+)</code>", r"[\1]", page)
    mathjax = Path(str(files("sphinx-mathjax-offline"))) / "static" / "mathjax" / "tex-svg.js"
    shutil.copyfile(mathjax, notebook.parent / mathjax.name)
    if 'class="interactive-figure"' in page:
        page = _let_figures_answer(page, notebook.parent)
    settings = 'MathJax = {tex: {inlineMath: [["$", "$"], ["\\\\(", "\\\\)"]]}}'
    return page.replace("</head>", f'<script>{settings}</script><script defer src="{mathjax.name}"></script></head>', 1)


def _let_figures_answer(page: str, folder: Path) -> str:
    """Return a page with the scripts of its interactive figures, copied beside it; their links lead to the explorer of the book."""
    for name in ("interactive.js", "interactive.css"):
        shutil.copyfile(ROOT / "book" / "_static" / name, folder / name)
    (folder / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    page = page.replace("../explorer.html#", "../html/book/explorer.html#")
    return page.replace(
        "</head>", '<link rel="stylesheet" href="interactive.css"><script defer src="interactive.js"></script></head>', 1
    )


def split_parameters(words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return each `-p NAME VALUE` of a command line, and its other words.

    Not by argparse, which takes a value such as -1e-3 for an option.
    """
    pairs, others = [], []
    rest = list(words)
    while rest:
        if rest[0] == "-p" and len(rest) >= 3:
            _, name, value, *rest = rest
            pairs.append((name, value))
        else:
            others.append(rest.pop(0))
    return pairs, others


def parse_parameters(pairs: Sequence[tuple[str, str]], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters from the command line.

    Parameters
    ----------
    pairs
        Names and values. A value is read as in Python (5, 1e-3, [[10, 10], [1]]); what is no Python is
        text as it stands.
    defaults
        Published values by name. Where one is text, the value given is text as it stands.
    """
    return {name: text if isinstance(defaults.get(name), str) else _value(text) for name, text in pairs}


def _value(text: str) -> Any:
    """Return the Python literal that a text is, or the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


@command
def main() -> int:
    """Read the command line, execute, and say where the results lie."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "figures", nargs="*", metavar="FIGURE", help=f"one of {', '.join(notebook_names())}, or its start; default: all"
    )
    parser.add_argument("-p", dest="pairs", nargs=2, action="append", metavar=("NAME", "VALUE"), help="change a parameter")
    parser.add_argument("--scratch", action="store_true", help="into _build/scratch, whatever is up to date")
    parser.add_argument("--force", action="store_true", help="also when nothing changed")
    parser.add_argument(
        "--timeout", type=int, default=CELL_TIMEOUT, metavar="SECONDS", help=f"for each cell; default {CELL_TIMEOUT}"
    )
    pairs, words = split_parameters(sys.argv[1:])
    arguments = parser.parse_args(words)
    if chosen := os.environ.get("RADIXNET_STORE"):
        # Notebooks execute in another folder. What is no path (":memory:", "file:...") is for the store to refuse.
        os.environ["RADIXNET_STORE"] = chosen if ":" in chosen else str(Path(chosen).expanduser().absolute())
    try:
        if arguments.scratch:
            if len(arguments.figures) != 1:
                raise FigureError(f"name one figure, for example: make figure FIG=fig09. There are: {', '.join(notebook_names())}")
            defaults = default_parameters(jupytext.read(find_source(arguments.figures[0])))
            parameters = parse_parameters(pairs, defaults)
            notebook, page = run_in_scratch(arguments.figures[0], parameters, arguments.timeout)
            print(f"\nThe executed notebook: {notebook}\nThe same as a page:    {page}")
        elif pairs:
            raise FigureError("changed parameters go into a scratch place, not into the book: add --scratch")
        else:
            bring_up_to_date(arguments.figures, arguments.force, arguments.timeout)
    except FigureError as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; nothing half-done is kept.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
