"""Which function measures which claim: each registers itself under the claim's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from claims import Measurement


@dataclass(frozen=True)
class Measure:
    """One way to measure: the name of its source in `SOURCES`, and the function from that source to numbers."""

    source: str
    function: Callable[[Any], Measurement]


MEASURES: dict[str, Measure] = {}
"""By the id of a claim, how it is measured; filled when the package is imported."""


def measures(claim: str, source: str) -> Callable[[Callable[[Any], Measurement]], Callable[[Any], Measurement]]:
    """Register the function that measures a claim."""

    def register(function: Callable[[Any], Measurement]) -> Callable[[Any], Measurement]:
        MEASURES[claim] = Measure(source, function)
        return function

    return register
