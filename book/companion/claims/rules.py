"""The paper's claims, as `book/paper_claims.yml` lists them, and the rule that judges them.

A check compares one measured quantity with an expected value. Checks of the core decide whether a
claim is reproduced; checks of a detail decide whether it is so without a difference. An estimate
has an interval, and its check is open where only a part of that passes. The verdict on a figure
follows from those on its claims. Nothing else has a say, and nobody's opinion.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from companion.claims.measurement import Interval, Measurement

CLAIMS = Path(__file__).resolve().parents[2] / "paper_claims.yml"

REPRODUCED = "reproduced"
WITH_A_DIFFERENCE = "reproduced with a difference"
UNDECIDED = "undecided"
NOT_REPRODUCED = "not reproduced"
NOT_CHECKABLE = "not checkable"
VERDICTS = (REPRODUCED, WITH_A_DIFFERENCE, UNDECIDED, NOT_REPRODUCED, NOT_CHECKABLE)

Outcome = Literal["holds", "is open", "does not hold"]
"""What comes of a check."""

LABELS: dict[Outcome, str] = {"does not hold": "What differs", "is open": "What is open"}
"""What is said of checks by what came of them."""

_COMPARISONS: dict[str, Callable[[float, float, float], bool]] = {
    "equal to": lambda value, expected, tolerance: abs(value - expected) <= tolerance,
    "at least": lambda value, expected, tolerance: value >= expected - tolerance,
    "at most": lambda value, expected, tolerance: value <= expected + tolerance,
    "above": lambda value, expected, tolerance: value > expected - tolerance,
    "below": lambda value, expected, tolerance: value < expected + tolerance,
}
_PARTS = ("core", "detail")
_UNITS: dict[str, Callable[[float, int], str]] = {
    "share": lambda value, digits: f"{100 * value:,.{digits}f} %",
    "points": lambda value, digits: f"{100 * value:,.{digits}f} percentage points",
    "count": lambda value, _: f"{value:,.0f}",
    "number": lambda value, digits: f"{value:,.{digits}f}",
}


class ClaimError(Exception):
    """The list of claims cannot be read, or a claim not be judged; the message says why."""


@dataclass(frozen=True)
class Check:
    """One comparison of a measured quantity with an expected value.

    Attributes
    ----------
    quantity
        Name of the measured value.
    part
        ``"core"`` for what the sentence asserts, ``"detail"`` for a number or a word beside it.
    must_be
        ``"equal to"``, ``"at least"``, ``"at most"``, ``"above"`` or ``"below"``.
    expected
        What it is compared with.
    tolerance
        How far it may miss and still hold, in its own unit; 0 or more.
    unit
        ``"share"`` (0 to 1), ``"points"`` (a difference of shares), ``"count"`` or ``"number"``.
    because
        Why the tolerance and the expected value are what they are.
    over
        What an estimated quantity is estimated over, such as ``"networks"``; it then needs an
        interval. None for what is counted or measured whole.
    """

    quantity: str
    part: str
    must_be: str
    expected: float
    tolerance: float
    unit: str
    because: str
    over: str | None = None

    def holds(self, value: float) -> bool:
        """Say whether a number passes."""
        return _COMPARISONS[self.must_be](value, self.expected, self.tolerance)

    def outcome(self, value: float, interval: Interval | None = None) -> Outcome:
        """Return what comes of the check; it is open when the interval covers its limit."""
        low, high = interval or (value, value)
        if self.holds(low) and self.holds(high):  # and so do all numbers between
            return "holds"
        some = any(map(self.holds, (low, high, min(max(self.expected, low), high))))
        return "is open" if some else "does not hold"

    @property
    def rule(self) -> str:
        """The check in words, without a value."""
        expected = self._shown(self.expected, _digits(self.expected, self.unit))
        within = self._shown(self.tolerance, _digits(self.tolerance, self.unit))
        words = "exactly" if self.must_be == "equal to" and not self.tolerance else self.must_be
        return f"{words} {expected}" + (f", with a tolerance of {within}" if self.tolerance else "")

    def finding(self, value: float, interval: Interval | None = None) -> str:
        """Return a value beside the rule, with digits enough to tell on which side it is."""
        edges = [self.expected, self.expected - self.tolerance, self.expected + self.tolerance]
        shown = [value, *(interval or ())]
        digits = next(
            (
                digits
                for digits in range(1, 9)
                if all(
                    number == edge or _differ(self, number, edge, digits)
                    for number in shown
                    for edge in edges
                )
            ),
            9,
        )
        found, *ends = (self._shown(number, digits) for number in shown)
        if ends:
            low, high = (end.partition(" ")[0] for end in ends)  # the unit is said once
            found += f" ({low} to {high} over {self.over})"
        return f"{self.quantity.replace('_', ' ')}: {found}, expected {self.rule}"

    def _shown(self, value: float, digits: int) -> str:
        """Return a value in the check's unit."""
        return _UNITS[self.unit](value, digits)


@dataclass(frozen=True)
class Claim:
    """One statement of the paper.

    Attributes
    ----------
    id
        Readable and unique, such as ``"fig8-426-models"``.
    figures
        Whose pages show it, such as ``("fig08",)``, the one that it is about first; none when it is
        about no figure.
    section
        Where the paper says it.
    quote
        What it says, verbatim.
    measured
        How it is measured, in words.
    quoted
        The number or numbers in it; None when there is none.
    checks
        What decides; none when it is not checkable.
    not_checkable
        Why it is not; None when it is.
    known_before
        What was known of the outcome when tolerances were chosen; None when nothing was.
    """

    id: str
    figures: tuple[str, ...]
    section: str
    quote: str
    measured: str
    quoted: str | None = None
    checks: tuple[Check, ...] = ()
    not_checkable: str | None = None
    known_before: str | None = None


@dataclass(frozen=True)
class Result:
    """A claim with its values and verdict; `reason` says what differs, or why it is uncheckable."""

    claim: Claim
    verdict: str
    values: dict[str, float]
    statement: str
    reason: str
    intervals: dict[str, Interval] = field(default_factory=dict)

    def outcome(self, check: Check) -> Outcome:
        """Return what came of a check of the claim."""
        return check.outcome(*self._measured(check))

    def finding(self, check: Check) -> str:
        """Return what a check of the claim found, beside its rule."""
        return check.finding(*self._measured(check))

    def findings(self, outcome: Outcome) -> str:
        """Return what all checks of an outcome found, a quantity of the core not again as detail.

        Empty when there is none.
        """
        checks = [check for check in self.claim.checks if self.outcome(check) == outcome]
        core = {check.quantity for check in checks if check.part == "core"}
        said = [check for check in checks if check.part == "core" or check.quantity not in core]
        return "; ".join(map(self.finding, said))

    def _measured(self, check: Check) -> tuple[float, Interval | None]:
        """Return what a check looks at: a number and, of an estimate, its interval."""
        return self.values[check.quantity], self.intervals[check.quantity] if check.over else None


def result_of(claim: Claim, measurement: Measurement | None) -> Result:
    """Return the verdict on a claim; the rule is the one at the top of `paper_claims.yml`.

    Parameters
    ----------
    claim
        From `read_claims`.
    measurement
        None for a claim that is not checkable, and only for that.

    Raises
    ------
    ClaimError
        When quantities are missing, are no finite numbers, or are measured and used by no check.
    """
    if claim.not_checkable is not None:
        if measurement is not None:
            raise ClaimError(
                f"{claim.id} is said to be not checkable, and yet something was measured; give "
                "it checks"
            )
        return Result(claim, NOT_CHECKABLE, {}, "", claim.not_checkable)
    if measurement is None:
        raise ClaimError(
            f"{claim.id} has checks and no measurement; execute the notebook that measures it"
        )
    wanted = {check.quantity for check in claim.checks}
    if wanted != set(measurement.values):
        raise ClaimError(
            f"{claim.id}: its checks need {sorted(wanted)}, measured are "
            f"{sorted(measurement.values)}"
        )
    estimated = {check.quantity for check in claim.checks if check.over}
    if estimated != set(measurement.intervals):
        raise ClaimError(
            f"{claim.id}: its checks need intervals of {sorted(estimated)}, measured are those of "
            f"{sorted(measurement.intervals)}"
        )
    values = {name: float(value) for name, value in measurement.values.items()}
    intervals = {
        name: (float(low), float(high)) for name, (low, high) in measurement.intervals.items()
    }
    unusable = {
        name: value
        for name, value in values.items()
        if not all(map(math.isfinite, (value, *intervals.get(name, ()))))
    }
    if unusable:
        raise ClaimError(
            f"{claim.id}: {unusable} cannot be compared with anything; the runs that it needs "
            "may be missing"
        )
    result = Result(claim, REPRODUCED, values, measurement.statement, "", intervals)
    core = {result.outcome(check) for check in claim.checks if check.part == "core"}
    every = {result.outcome(check) for check in claim.checks}
    verdict = (
        NOT_REPRODUCED
        if "does not hold" in core
        else UNDECIDED
        if "is open" in core
        else WITH_A_DIFFERENCE
        if every != {"holds"}
        else REPRODUCED
    )
    said = {label: result.findings(outcome) for outcome, label in LABELS.items()}
    reason = ". ".join(f"{label}: {found}" for label, found in said.items() if found)
    return dataclasses.replace(result, verdict=verdict, reason=reason)


def verdict_on_figure(results: Sequence[Result]) -> str:
    """Return the verdict on a figure; the rule is the one at the top of `paper_claims.yml`."""
    verdicts = [result.verdict for result in results]
    unchecked = verdicts.count(NOT_CHECKABLE)
    part = REPRODUCED in verdicts or WITH_A_DIFFERENCE in verdicts
    if NOT_REPRODUCED in verdicts:
        return "Partly reproduced" if part else "Not reproduced"
    if 2 * unchecked > len(verdicts):
        return "Mostly not checkable" if unchecked < len(verdicts) else "Not checkable"
    if unchecked or UNDECIDED in verdicts:
        return "Partly reproduced" if part else "Undecided"
    return "Reproduced with a difference" if WITH_A_DIFFERENCE in verdicts else "Reproduced"


def read_claims(path: Path = CLAIMS) -> list[Claim]:
    """Return the claims in the order of the file.

    Raises
    ------
    ClaimError
        When the file is no such list; the message names the claim and says what is wrong.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ClaimError(f"{path.name} is no YAML: {error}") from error
    if (
        not isinstance(content, dict)
        or set(content) != {"claims"}
        or not isinstance(content["claims"], list)
    ):
        raise ClaimError(f"{path.name} must hold one list under the name 'claims'")
    claims = [
        _read_claim(entry, f"{path.name}, claim {number}")
        for number, entry in enumerate(content["claims"], start=1)
    ]
    ids = [claim.id for claim in claims]
    repeated = sorted({each for each in ids if ids.count(each) > 1})
    if repeated:
        raise ClaimError(
            f"{path.name}: more than one claim has the id {', '.join(repeated)}; ids are unique"
        )
    return claims


def _read_claim(entry: Any, where: str) -> Claim:
    """Return one claim of the file, or raise ClaimError."""
    if isinstance(entry, dict) and isinstance(entry.get("id"), str):
        where = f"{where} ({entry['id']})"
    fields = _fields(entry, Claim, {"id", "figures", "section", "quote", "measured"}, where)
    for name in ("id", "section", "quote", "measured", "quoted", "not_checkable", "known_before"):
        if name in fields and not (isinstance(fields[name], str) and fields[name].strip()):
            raise ClaimError(f"{where}: {name} must be text and not empty, and is {fields[name]!r}")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", fields["id"]):
        raise ClaimError(
            f"{where}: an id is words of small letters and digits joined by hyphens, such as "
            "fig8-426-models"
        )
    figures = fields["figures"]
    if not isinstance(figures, list) or not all(
        isinstance(each, str) and re.fullmatch(r"fig\d\d", each) for each in figures
    ):
        raise ClaimError(
            f"{where}: figures must be a list of names such as fig08, and is {figures!r}"
        )
    if ("checks" in fields) == ("not_checkable" in fields):
        raise ClaimError(
            f"{where}: give either checks, or under not_checkable the reason why there are none"
        )
    checks = fields.get("checks", [])
    if "checks" in fields and not (isinstance(checks, list) and checks):
        raise ClaimError(
            f"{where}: checks must be a list with at least one check, and is {checks!r}"
        )
    fields["checks"] = tuple(
        _read_check(each, f"{where}, check {number}") for number, each in enumerate(checks, start=1)
    )
    if checks and not any(check.part == "core" for check in fields["checks"]):
        raise ClaimError(
            f"{where}: no check belongs to the core, so that nothing could refute the claim"
        )
    return Claim(**{**fields, "figures": tuple(figures)})


def _read_check(entry: Any, where: str) -> Check:
    """Return one check of a claim, or raise ClaimError."""
    names = {each.name for each in dataclasses.fields(Check)}
    fields = _fields(entry, Check, names - {"over"}, where)
    for name, choices in {"must_be": _COMPARISONS, "part": _PARTS, "unit": _UNITS}.items():
        if fields[name] not in choices:
            raise ClaimError(
                f"{where}: {name} is {fields[name]!r}; choose one of: {', '.join(choices)}"
            )
    for name in ("expected", "tolerance"):
        if (
            isinstance(fields[name], bool)
            or not isinstance(fields[name], int | float)
            or not math.isfinite(fields[name])
        ):
            raise ClaimError(f"{where}: {name} must be a number, and is {fields[name]!r}")
    if fields["tolerance"] < 0:
        raise ClaimError(f"{where}: tolerance must be at least 0, and is {fields['tolerance']!r}")
    for name in ("quantity", "because", *(["over"] if "over" in fields else [])):
        if not (isinstance(fields[name], str) and fields[name].strip()):
            raise ClaimError(f"{where}: {name} must be text and not empty, and is {fields[name]!r}")
    return Check(**fields)


def _fields(entry: Any, kind: type, required: set[str], where: str) -> dict[str, Any]:
    """Return an entry's fields, or raise ClaimError when one is missing or unknown."""
    if not isinstance(entry, Mapping):
        raise ClaimError(f"{where}: expected names with values, got {entry!r}")
    known = {each.name for each in dataclasses.fields(kind)}
    missing, unknown = (
        sorted(required - set(entry)),
        sorted(str(name) for name in set(entry) - known),
    )
    if missing or unknown:
        problems = [f"lacks {', '.join(missing)}"] * bool(missing) + [
            f"does not know {', '.join(unknown)}"
        ] * bool(unknown)
        raise ClaimError(f"{where}: {' and '.join(problems)}")
    return dict(entry)


def _digits(value: float, unit: str) -> int:
    """Return how many decimals a number of the rules needs to be shown whole."""
    scaled = 100 * value if unit in ("share", "points") else value
    return next(
        (
            digits
            for digits in range(9)
            if math.isclose(round(scaled, digits), scaled, abs_tol=1e-12)
        ),
        9,
    )


def _differ(check: Check, value: float, edge: float, digits: int) -> bool:
    """Say whether two numbers can be told apart when shown with so many digits."""
    return check._shown(value, digits) != check._shown(edge, digits)
