"""Execute the figures: percent script in, executed notebook out, with Papermill.

    run_figures.py                              every figure of which something changed
    run_figures.py fig03 fig09                  these, when they changed
    run_figures.py fig09 --scratch -p epochs 5  one, with another parameter, into a scratch place

A notebook appears under its name only when every cell has succeeded. Parameters that the notebook
does not have, or of another type than its own, are refused before anything runs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from command import command, folder_to_write
from companion.notebooks.execution import CELL_TIMEOUT, EXECUTED, bring_up_to_date
from companion.notebooks.scratch import SCRATCH, run_in_scratch
from companion.notebooks.sources import (
    FigureError,
    notebook_names,
    parse_parameters,
    published_parameters,
)


@click.command(help=__doc__.partition("\n")[0])
@click.argument("figures", nargs=-1, metavar="[FIGURE]...")
@click.option(
    "-p", "pairs", nargs=2, multiple=True, metavar="NAME VALUE", help="Change a parameter."
)
@click.option("--scratch", is_flag=True, help="Into _build/scratch, whatever is up to date.")
@click.option("--force", is_flag=True, help="Also when nothing changed.")
@click.option(
    "--timeout",
    default=CELL_TIMEOUT,
    metavar="SECONDS",
    help=f"For each cell; default {CELL_TIMEOUT}.",
)
def run(
    figures: tuple[str, ...],
    pairs: tuple[tuple[str, str], ...],
    scratch: bool,
    force: bool,
    timeout: int,
) -> None:
    """Execute, and say where the results lie."""
    if chosen := os.environ.get("RADIXNET_STORE"):
        # Notebooks execute in another folder. What is no path (":memory:", "file:...") is for the
        # store to refuse.
        os.environ["RADIXNET_STORE"] = (
            chosen if ":" in chosen else str(Path(chosen).expanduser().absolute())
        )
    folder_to_write(SCRATCH if scratch else EXECUTED)
    try:
        if scratch:
            if len(figures) != 1:
                raise FigureError(
                    "name one figure, for example: make figure FIG=fig09. There are: "
                    f"{', '.join(notebook_names())}"
                )
            parameters = parse_parameters(pairs, published_parameters(figures[0]))
            notebook, page = run_in_scratch(figures[0], parameters, timeout)
            print(f"\nThe executed notebook: {notebook}\nThe same as a page:    {page}")
        elif pairs:
            raise FigureError(
                "changed parameters go into a scratch place, not into the book: add --scratch"
            )
        else:
            bring_up_to_date(figures, force, timeout)
    except FigureError as error:
        sys.exit(f"\nstopped: {error}")
    except KeyboardInterrupt:
        print("\ninterrupted; nothing half-done is kept.", file=sys.stderr)
        sys.exit(130)


@command
def main() -> None:
    """Read the command line and do what it says."""
    run.main(prog_name="run_figures.py")


if __name__ == "__main__":
    sys.exit(main())
