"""Execute notebooks: percent script in, executed notebook out, with Papermill.

A notebook appears under its name only when every cell has succeeded. Parameters that it does not
have, or of another type than its own, are refused before anything runs.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from packaging.utils import canonicalize_name
from papermill.exceptions import PapermillExecutionError

from companion import page
from companion.notebooks import process
from companion.notebooks.inputs import code_digests, inputs_digest
from companion.notebooks.sources import (
    FigureError,
    check_parameters,
    default_parameters,
    find_source,
    notebook_names,
)
from companion.pins import LOCKS, pins_here
from companion.places import BUILD, ROOT
from radixnet.training.provenance import usable_cores

PACKAGE = ROOT / "radixnet"
"""What a notebook must import as radixnet."""
EXECUTED = BUILD / "notebooks"
PARTIAL = BUILD / "partial"
IPYTHON = BUILD / "ipython"
"""A profile without the user's start-up files, which would execute in every notebook."""
_ASK_KERNEL = f"""\
import runpy
from IPython.display import display
display({{"application/json": runpy.run_path({process.__file__!r})["this_process"]()}}, raw=True)"""
"""A last cell for every notebook, taken off again: what executed it is asked of the kernel."""
CELL_TIMEOUT = 3600
"""Seconds that one cell may take; Fig. 9 trains for some two minutes on two cores, and others may
be at work."""


class OwnKernel(AsyncKernelManager):
    """Starts this script's own Python, whatever Jupyter calls "python3", with no user profile."""

    page_folder: Path

    @property
    def kernel_spec(self) -> KernelSpec:
        """What is started, and in which environment."""
        return KernelSpec(
            **get_kernel_dict(["--IPKernelApp.log_level=CRITICAL"]),
            env={
                "PYTHONUTF8": "1",
                "IPYTHONDIR": str(IPYTHON),
                "TF_CPP_MIN_LOG_LEVEL": "3",  # TensorFlow's words when it finds no GPU
                page.FOLDER: str(self.page_folder),
            },
        )


def page_files(executed: Path) -> Path:
    """Return the folder with the files that an executed notebook left for its page.

    Pictures, tables, numbers.
    """
    return executed.with_suffix("")


def is_current(source: Path) -> bool:
    """Say whether a figure was executed, as published, since its inputs changed."""
    executed = EXECUTED / f"{source.stem}.ipynb"
    if not executed.is_file():
        return False
    record = nbformat.read(executed, as_version=4).metadata.get("radixnet", {})
    return bool(
        record.get("inputs")
        == inputs_digest(source.read_text(encoding="utf-8"), {}, record.get("modules"))
    )


def execute(
    source: Path, destination: Path, parameters: Mapping[str, Any], timeout: int = CELL_TIMEOUT
) -> None:
    """Execute one figure and write the notebook, and what made it, to `destination`.

    When it fails, everything is left as it was.

    Raises
    ------
    FigureError
        When a parameter is refused or a cell fails or exceeds `timeout` seconds; the message names
        notebook and cell.
    """
    # Read now: what changes meanwhile is not in the result.
    code_digests()
    text = source.read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    check_parameters(parameters, default_parameters(notebook), source.stem)
    notebook.cells.append(nbformat.v4.new_code_cell(_ASK_KERNEL))
    for folder in (destination.parent, PARTIAL):
        folder.mkdir(parents=True, exist_ok=True)
    partial = PARTIAL / f"{destination.stem}.{os.getpid()}.ipynb"
    left = page_files(partial)
    left.mkdir()
    started = time.monotonic()
    try:
        executed = papermill.execute_notebook(
            notebook,
            str(partial),
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            kernel_manager_class=type("Kernel", (OwnKernel,), {"page_folder": left}),
            start_timeout=CELL_TIMEOUT,
            execution_timeout=timeout,
            cwd=str(destination.parent),
        )
        seconds = time.monotonic() - started
        question = executed.cells.pop()
        kernel = next(
            output.data["application/json"]
            for output in question.outputs
            if "application/json" in output.get("data", {})
        )
        check_package(kernel["package"])
        drop_greetings(executed)
        executed.metadata.pop("papermill")  # names places on this machine
        executed.metadata["radixnet"] = {
            "inputs": inputs_digest(text, parameters, kernel["modules"]),
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
        number = (
            error.cell_index + 1 - bool(parameters)
        )  # Papermill adds a cell with the changed parameters
        raise FigureError(
            f"{error.source}\n\n{source.name}, cell {number}: {error.ename}: {error.evalue}"
        ) from error
    except CellTimeoutError as error:
        raise FigureError(f"{source.name}: stopped. {error}") from error
    except DeadKernelError as error:
        raise FigureError(
            f"{source.name}: the kernel died, for example because memory ran out"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
        shutil.rmtree(left, ignore_errors=True)


def drop_greetings(notebook: NotebookNode) -> None:
    """Remove from a notebook what TensorFlow says when it loads and finds no GPU.

    Everything else on stderr stays.
    """
    greeting = re.compile(
        r"(WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR"
        r"|I0000 .*|To enable the following instructions: .*|E0000 .* failed call to cuInit: .*)\n?"
    )
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                output.text = "".join(
                    line
                    for line in output.text.splitlines(keepends=True)
                    if not greeting.fullmatch(line)
                )
        if "outputs" in cell:
            cell.outputs = [
                output for output in cell.outputs if output.get("name") != "stderr" or output.text
            ]


def check_package(folder: str) -> None:
    """Raise FigureError when a process imported radixnet from a folder other than `PACKAGE`."""
    if folder != str(PACKAGE):
        raise FigureError(
            f"radixnet was imported from {folder} and not from {PACKAGE}, "
            "so that the result is not that "
            "of this checkout; unset PYTHONPATH, or install this one: "
            "pip install --no-deps --editable ."
        )


def other_versions(versions: Mapping[str, str]) -> dict[str, str]:
    """Return those of some packages, versions by name, that the lock has in another version."""
    locked = pins_here(LOCKS[0].read_text(encoding="utf-8"))
    found = sorted((canonicalize_name(name), version) for name, version in versions.items())
    return {
        name: version
        for name, version in found
        if name in locked and not locked[name].contains(version, prereleases=True)
    }


def bring_up_to_date(
    names: Sequence[str], force: bool = False, timeout: int = CELL_TIMEOUT
) -> list[Path]:
    """Execute the named figures, or all, where needed; return all their executed notebooks.

    As many at a time as there are cores, each in a process of its own: a notebook draws and loads
    on one core for most of its time.
    """
    sources = [find_source(name) for name in names or notebook_names()]
    outdated = [source for source in sources if force or not is_current(source)]
    current = len(sources) - len(outdated)
    print(
        f"{len(outdated)} of {len(sources)} notebooks to execute, {current} up to date", flush=True
    )
    workers = min(usable_cores(), len(outdated))
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            running = {pool.submit(_execute_timed, source, timeout): source for source in outdated}
            try:
                for done in as_completed(running):
                    _say_done(running[done], done.result())
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    else:
        for source in outdated:
            print(f"executing {source.relative_to(ROOT)}", flush=True)
            _say_done(source, _execute_timed(source, timeout))
    return [EXECUTED / f"{source.stem}.ipynb" for source in sources]


def _execute_timed(source: Path, timeout: int) -> float:
    """Execute one figure with its published parameters and return how many seconds that took."""
    started = time.monotonic()
    execute(source, EXECUTED / f"{source.stem}.ipynb", {}, timeout)
    return time.monotonic() - started


def _say_done(source: Path, seconds: float) -> None:
    """Print that a notebook was executed, and how long it took."""
    print(f"executed {source.relative_to(ROOT)} in {seconds:.0f} s", flush=True)
