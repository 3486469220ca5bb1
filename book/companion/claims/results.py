"""What became of every claim, from what the executed notebooks left."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from companion.claims.measurement import CLAIMS_FILE, Measurement
from companion.claims.rules import VERDICTS, ClaimError, Result, read_claims, result_of


def read_results(folders: Iterable[Path]) -> list[Result]:
    """Judge every claim of the list by what notebooks measured.

    Parameters
    ----------
    folders
        One for each executed notebook, with the files that it left; those that measure no claim
        leave none.

    Raises
    ------
    ClaimError
        When a claim is measured twice, measured though the list lacks it, or cannot be judged; the
        message names all such claims.
    """
    measured: dict[str, Measurement] = {}
    problems = []
    for file in (folder / CLAIMS_FILE for folder in folders):
        left = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        problems += [
            f"{claim} is measured twice, the second time in {file.parent.name}"
            for claim in left
            if claim in measured
        ]
        measured |= {claim: Measurement(claim, **numbers) for claim, numbers in left.items()}
    results = []
    for claim in read_claims():
        try:
            results.append(result_of(claim, measured.pop(claim.id, None)))
        except ClaimError as error:
            problems.append(str(error))
    problems += [f"{claim} is measured and not in the list of claims" for claim in measured]
    if problems:
        raise ClaimError("\n".join(["some claims cannot be judged:", *problems]))
    return results


def counts(results: Iterable[Result]) -> dict[str, int]:
    """Return how many claims have each verdict, in the order of `VERDICTS`."""
    counted = Counter(result.verdict for result in results)
    return {verdict: counted[verdict] for verdict in VERDICTS}


def as_table(results: Iterable[Result]) -> pd.DataFrame:
    """Return a row per claim: what the paper says, what was measured, the verdict and its rule."""
    return pd.DataFrame(
        {
            "id": result.claim.id,
            "figures": " ".join(result.claim.figures),
            "section": result.claim.section,
            "quote": result.claim.quote,
            "quoted": result.claim.quoted,
            "measured": result.statement,
            "values": json.dumps(result.values),
            "intervals": json.dumps(result.intervals),
            "verdict": result.verdict,
            "reason": result.reason,
            "how_measured": result.claim.measured,
            "rule": "; ".join(
                f"{check.part}: {check.quantity} {check.rule}" for check in result.claim.checks
            ),
            "known_before": result.claim.known_before,
        }
        for result in results
    )
