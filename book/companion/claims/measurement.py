"""What was measured for a claim, and how a notebook leaves it for the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from companion.page import leave

Interval = tuple[float, float]
"""The ends of a 95 % interval."""

CLAIMS_FILE = "claims.json"
"""What a notebook leaves of its claims, beside its pictures and tables."""


@dataclass(frozen=True)
class Measurement:
    """What was measured for a claim.

    Attributes
    ----------
    claim
        Its id in `paper_claims.yml`.
    values
        A number for each quantity; NaN where the data do not decide it.
    statement
        A sentence that states them.
    intervals
        The 95 % interval of each number that is an estimate.
    """

    claim: str
    values: Mapping[str, float]
    statement: str
    intervals: Mapping[str, Interval] = field(default_factory=dict)

    def __getitem__(self, quantity: str) -> float:
        """Return the number of a quantity."""
        return self.values[quantity]


def estimates(claim: str, statement: str, **found: tuple[float, Interval]) -> Measurement:
    """Return a measurement of which every number is an estimate with an interval."""
    return Measurement(
        claim,
        {name: value for name, (value, _) in found.items()},
        statement,
        {name: interval for name, (_, interval) in found.items()},
    )


def leave_claims(*measurements: Measurement) -> None:
    """Leave all that a notebook measured, for the pages; to be called once."""
    left = {
        each.claim: {
            "values": {name: float(value) for name, value in each.values.items()},
            "statement": each.statement,
            "intervals": {name: tuple(map(float, ends)) for name, ends in each.intervals.items()},
        }
        for each in measurements
    }
    leave(CLAIMS_FILE, json.dumps(left, indent=1))
