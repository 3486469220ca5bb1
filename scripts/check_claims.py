"""Judge every claim of the paper by what the executed figures measured, and say what became of it.

What `make claims` does.

Executes the figures that are out of date first. Prints a table and writes `_build/claims.json` and
`_build/claims.csv`. The exit status says whether all claims could be judged, and nothing about how
the paper fared.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat

from command import command, folder_to_write, parser
from companion.claims.results import as_table, counts, read_results
from companion.claims.rules import NOT_CHECKABLE, ClaimError, Result
from companion.notebooks.execution import bring_up_to_date, page_files
from companion.notebooks.process import this_process
from companion.notebooks.sources import FigureError, figure_names
from companion.places import BUILD, ROOT

RESULTS = BUILD / "claims.json"


def commit(checkout: Path = ROOT) -> str:
    """Return a checkout's commit, "-dirty" added where files differ.

    Or that it is unknown, and why.
    """
    place = checkout / ".git"
    if not place.exists():  # git would name the commit of a repository around this folder
        return "unknown: not a checkout"
    describe = [
        "git",
        f"--git-dir={place}",
        f"--work-tree={checkout}",
        "describe",
        "--always",
        "--dirty",
        "--abbrev=40",
    ]
    try:
        asked = subprocess.run(
            [*describe, "--exclude=*"], capture_output=True, encoding="utf-8", check=False
        )
    except OSError:
        return "unknown: git is not installed"
    return asked.stdout.strip() or f"unknown: {asked.stderr.strip()}"


def made_by() -> dict[str, str]:
    """Return this machine, its versions and the commit, for comparison with other machines."""
    process = this_process()
    packages = ("numpy", "scipy", "numba", "keras", "tensorflow", "pandas")
    return {
        **{name: process[name] for name in ("machine", "system", "python", "radixnet")},
        **{name: process["versions"].get(name, "not installed") for name in packages},
        "commit": commit(),
    }


def keep_results(executed: Sequence[Path]) -> list[Result]:
    """Judge every claim by what executed notebooks left.

    Keep the results, with what made them and as a table, and return them.

    Raises
    ------
    ClaimError
        When a claim cannot be judged.
    """
    results = read_results(page_files(notebook) for notebook in executed)
    folder_to_write(RESULTS.parent)
    kept = {
        "made_by": made_by(),
        "executed": {notebook.stem: _record(notebook) for notebook in executed},
        "results": {
            result.claim.id: {
                name: value for name, value in asdict(result).items() if name != "claim"
            }
            for result in results
        },
    }
    RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    as_table(results).to_csv(RESULTS.with_suffix(".csv"), index=False)
    return results


def _record(executed: Path) -> dict[str, Any]:
    """Return what executed a notebook, and when."""
    record = nbformat.read(executed, as_version=4).metadata["radixnet"]
    return {
        name: record[name]
        for name in ("machine", "python", "radixnet", "other_versions", "executed")
    }


def printed(result: Result) -> str:
    """Return a result as some lines of text."""
    lines = [f"{result.claim.id:<32} {result.verdict.upper()}"]
    for label, text in {
        "paper": f"“{result.claim.quote}”",
        "here": result.statement,
        "but": result.reason,
    }.items():
        if text:
            label = "why" if result.verdict == NOT_CHECKABLE and label == "but" else label
            lines.append(
                textwrap.fill(
                    text, 110, initial_indent=f"    {label + ':':<7}", subsequent_indent=" " * 11
                )
            )
    return "\n".join(lines)


@command
def main() -> int:
    """Bring the figures up to date; judge, print and keep all claims."""
    parser(__doc__).parse_args()
    try:
        results = keep_results(
            bring_up_to_date([name for name in figure_names() if name.startswith("fig")])
        )
    except (ClaimError, FigureError) as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; nothing half-done is kept.", file=sys.stderr)
        return 130
    print("\n\n".join(printed(result) for result in results))
    print(
        f"\n{len(results)} claims: "
        + ", ".join(f"{count} {verdict}" for verdict, count in counts(results).items())
    )
    print(
        f"Kept in {RESULTS.relative_to(ROOT)}, and as a table in "
        f"{RESULTS.with_suffix('.csv').relative_to(ROOT)}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
