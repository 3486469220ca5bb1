"""Execute notebooks with other parameters, all in this process, without a kernel for each.

    one_kernel.py FOLDER < JOBS

Reads a JSON object, ``{label: [notebook, parameters], ...}``; leaves the runs of each in
FOLDER/LABEL.sqlite, and what failed in FOLDER/errors.json.
"""

import io
import json
import os
import re
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import jupytext
import matplotlib.pyplot as plt
from IPython.core.interactiveshell import InteractiveShell

from companion.notebooks.sources import check_parameters, default_parameters, find_source
from companion.places import ROOT
from radixnet import datasets


def execute(name: str, parameters: dict[str, Any]) -> str:
    """Execute every cell of a notebook and show its results in every form; return the error.

    A page that shows "nan" is an error too: a number of nothing, such as the mean of no runs, has
    no place in it.
    """
    notebook = jupytext.read(find_source(name))
    check_parameters(parameters, default_parameters(notebook), name)
    shell = InteractiveShell.instance()
    shell.reset()
    shell.display_formatter.active_types = shell.display_formatter.format_types
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            with redirect_stdout(io.StringIO()) as printed:
                result = shell.run_cell(cell.source)
            if error := result.error_before_exec or result.error_in_exec:
                return f"{name}, cell {number}:\n" + "".join(traceback.format_exception(error))
            forms, _ = shell.display_formatter.format(result.result)
            texts = [
                printed.getvalue(),
                *(form for kind, form in forms.items() if kind.startswith("text/")),
            ]
            # Pictures may hold any letters. Lines may be long: no pattern goes through them twice.
            shown = re.sub(r"data:[\w/]+;base64,[^\"]*", "", "\n".join(texts))
            if found := re.search(r"\bnan\b", shown, flags=re.IGNORECASE):
                around = shown[max(0, found.start() - 80) : found.end() + 80]
                return f"{name}, cell {number}: shows {around}"
        if "parameters" in cell.metadata.get("tags", []):
            shell.push(parameters)
    return ""


def main() -> None:
    """Execute what is asked for on the command line."""
    folder = Path(sys.argv[1])
    datasets.FASHION_MNIST_SOURCE = (
        "http://127.0.0.1:9/must-not-be-asked"  # a machine without the data refuses it by name
    )
    plt.switch_backend("agg")
    (ROOT / "_build").mkdir(exist_ok=True)
    os.chdir(ROOT / "_build")  # as notebooks do not lie where the package does
    errors = {}
    for label, (name, parameters) in json.load(sys.stdin).items():
        os.environ["RADIXNET_STORE"] = str(folder / f"{label}.sqlite")
        errors[label] = execute(name, parameters)
        plt.close("all")
    (folder / "errors.json").write_text(json.dumps(errors), encoding="utf-8")


if __name__ == "__main__":
    main()
