"""Compute every claim of the paper from the published runs and say what became of it: what `make claims` does.

Prints a table and writes `_build/claims.json` and `_build/claims.csv`. The exit status says whether all could be computed, and
nothing about how the paper fared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from claim_measures import MEASURES, sources
from claims import CLAIMS, NOT_CHECKABLE, VERDICTS, ClaimError, Measurement, Result, judge, read_claims
from command import command, folder_to_write
from companion.notebooks.execution import check_package
from companion.notebooks.inputs import inputs_digest
from companion.notebooks.process import this_process
from companion.notebooks.sources import FigureError, figure_names, find_source
from companion.places import ROOT

RESULTS = ROOT / "_build" / "claims.json"


def compute() -> tuple[list[Result], dict[str, str]]:
    """Judge every claim; return the results, and by id why a claim could not be computed."""
    results, problems = [], {}
    for claim in read_claims():
        try:
            results.append(judge(claim, None if claim.not_checkable else _measured(claim.id)))
        except Exception as error:  # whatever stops one claim must not hide the others
            problems[claim.id] = f"{type(error).__name__}: {error}"
    return results, problems


def _measured(claim: str) -> Measurement:
    """Return what is measured for a claim, or raise ClaimError when nothing measures it."""
    if claim not in MEASURES:
        raise ClaimError(f"nothing measures {claim}; add a function to scripts/claim_measures")
    measure = MEASURES[claim]
    return measure.function(sources.load(measure.source))


def state() -> str:
    """Return one sum over all that the results depend on: claims, code, figures' parameters, package, published runs, versions."""
    here = Path(__file__).parent
    own = [CLAIMS, here / "claims.py", here / "check_claims.py", *sorted((here / "claim_measures").glob("*.py"))]
    figures = [find_source(name) for name in figure_names()]
    return hashlib.sha256(
        "".join(inputs_digest(path.read_text(encoding="utf-8"), {}) for path in (*own, *figures)).encode()
    ).hexdigest()


def as_table(results: Iterable[Result]) -> pd.DataFrame:
    """Return a row per claim: what the paper says, what was measured, what became of it and by which rule."""
    return pd.DataFrame(
        {
            "id": result.claim.id,
            "figures": " ".join(result.claim.figures),
            "section": result.claim.section,
            "quote": result.claim.quote,
            "quoted": result.claim.quoted,
            "measured": result.statement,
            "values": json.dumps(result.values),
            "verdict": result.verdict,
            "reason": result.reason,
            "how_measured": result.claim.measured,
            "rule": "; ".join(f"{check.part}: {check.quantity} {check.rule}" for check in result.claim.checks),
            "known_before": result.claim.known_before,
        }
        for result in results
    )


def counts(results: Iterable[Result]) -> dict[str, int]:
    """Return how many claims have each verdict, in the order of `VERDICTS`."""
    counted = Counter(result.verdict for result in results)
    return {verdict: counted[verdict] for verdict in VERDICTS}


def commit(checkout: Path = ROOT) -> str:
    """Return a checkout's commit, "-dirty" added where files differ; or that it is unknown, and why."""
    place = checkout / ".git"
    if not place.exists():  # git would name the commit of a repository around this folder
        return "unknown: not a checkout"
    describe = ["git", f"--git-dir={place}", f"--work-tree={checkout}", "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        asked = subprocess.run([*describe, "--exclude=*"], capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return "unknown: git is not installed"
    return asked.stdout.strip() or f"unknown: {asked.stderr.strip()}"


def made_by() -> dict[str, str]:
    """Return what makes the results, for a comparison with another machine's.

    Raises
    ------
    FigureError
        When it is not the package of this checkout.
    """
    process = this_process()
    check_package(process["package"])
    packages = ("numpy", "scipy", "numba", "keras", "tensorflow", "pandas")
    return {
        **{name: process[name] for name in ("machine", "system", "python", "radixnet")},
        **{name: process["versions"].get(name, "not installed") for name in packages},
        "commit": commit(),
    }


def origin() -> dict[str, Any]:
    """Return what results are valid for and what makes them; to be asked before they are computed."""
    folder_to_write(RESULTS.parent)
    return {"state": state(), "made_by": made_by()}


def write(results: list[Result], made: Mapping[str, Any]) -> None:
    """Keep results with their `origin`, and as a table."""
    as_table(results).to_csv(RESULTS.with_suffix(".csv"), index=False)
    kept = {result.claim.id: {name: value for name, value in asdict(result).items() if name != "claim"} for result in results}
    draft = RESULTS.with_suffix(".partial")
    draft.write_text(json.dumps({**made, "results": kept}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(RESULTS)


def current_results() -> list[Result]:
    """Return all results, computed now when anything that they depend on changed since they were written.

    Raises
    ------
    ClaimError
        When a claim cannot be computed.
    """
    if RESULTS.is_file():
        kept = json.loads(RESULTS.read_text(encoding="utf-8"))
        if kept["state"] == state():
            return [Result(claim, **kept["results"][claim.id]) for claim in read_claims()]
    made = origin()
    results, problems = compute()
    if problems:
        raise ClaimError("claims that could not be computed:\n" + "\n".join(f"{name}: {why}" for name, why in problems.items()))
    write(results, made)
    return results


def printed(result: Result) -> str:
    """Return a result as some lines of text."""
    lines = [f"{result.claim.id:<32} {result.verdict.upper()}"]
    for label, text in {"paper": f"“{result.claim.quote}”", "here": result.statement, "but": result.reason}.items():
        if text:
            label = "why" if result.verdict == NOT_CHECKABLE and label == "but" else label
            lines.append(textwrap.fill(text, 110, initial_indent=f"    {label + ':':<7}", subsequent_indent=" " * 11))
    return "\n".join(lines)


@command
def main() -> int:
    """Compute all claims anew, print and keep them, and say whether all could be computed."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    try:
        made = origin()
        results, problems = compute()
    except (ClaimError, FigureError) as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; nothing half-done is kept.", file=sys.stderr)
        return 130
    print("\n\n".join(printed(result) for result in results))
    print(f"\n{len(results)} claims: " + ", ".join(f"{count} {verdict}" for verdict, count in counts(results).items()))
    if problems:
        print("\nCould not be computed:\n" + "\n".join(f"  {name}: {why}" for name, why in problems.items()), file=sys.stderr)
        return 1
    write(results, made)
    print(f"Kept in {RESULTS.relative_to(ROOT)}, and as a table in {RESULTS.with_suffix('.csv').relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
