"""The paper's claims on the pages: all on one, those of a figure on its own, and a count.

Everything is Markdown made from results, so that no verdict on a page can differ from the computed
one. A verdict is a word and a sign; its colour only repeats them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.claims.results import counts
from companion.claims.rules import (
    CLAIMS,
    LABELS,
    NOT_CHECKABLE,
    NOT_REPRODUCED,
    REPRODUCED,
    UNDECIDED,
    WITH_A_DIFFERENCE,
    Check,
    Result,
)

SIGNS = {
    REPRODUCED: "✓",
    WITH_A_DIFFERENCE: "≈",
    UNDECIDED: "?",
    NOT_REPRODUCED: "✗",
    NOT_CHECKABLE: "○",
}
_MARKS = {"holds": "", "is open": "**? is open:** ", "does not hold": "**✗ does not hold:** "}


def strip(results: Sequence[Result]) -> str:
    """Return how many claims have which verdict, each count leading to those claims on their page.

    The address of the page is seen from the landing page, which shows the strip.
    """
    links = "".join(
        f'<a class="claim-{_kind(verdict)}" href="claims.html#verdict={_kind(verdict)}">'
        f"{SIGNS[verdict]} {count} {verdict}</a>"
        for verdict, count in counts(results).items()
    )
    return f'<span class="claim-strip">{links}</span>'


def tally(results: Sequence[Result]) -> str:
    """Return how many claims of a figure have which verdict, those that none has left out."""
    return ", ".join(f"{count} {verdict}" for verdict, count in counts(results).items() if count)


def overview(results: Sequence[Result]) -> str:
    """Return a small table of the verdicts and how many claims have each."""
    rows = [f"| {badge(verdict)} | {count} |" for verdict, count in counts(results).items()]
    return "\n".join(["| verdict | claims |", "|---|---|", *rows, f"| all | {len(results)} |"])


def badge(verdict: str) -> str:
    """Return a verdict as sign and word."""
    return f'<span class="claim-verdict claim-{_kind(verdict)}">{SIGNS[verdict]} {verdict}</span>'


def _kind(verdict: str) -> str:
    """Return a verdict as the pages' styles and addresses write it."""
    return verdict.replace(" ", "-")


def all_claims(results: Sequence[Result]) -> str:
    """Return every claim in full, under the figure that it is about first."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.claim.figures[0] if result.claim.figures else "", []).append(
            result
        )
    parts = []
    for figure in sorted(groups, key=lambda name: name or "~"):
        parts.append(f"## {_figure_title(figure)}" if figure else "## No figure")
        if figure:
            parts.append(f"[The figure and what it rests on](/{_page_of(figure)})")
        parts += [in_full(result) for result in groups[figure]]
    return "\n\n".join(parts)


def in_full(result: Result) -> str:
    """Return one claim: its quotation, what was measured, the verdict, and the rule behind it."""
    claim = result.claim
    lines = [
        f"(claim-{claim.id})=",
        f"::::{{container}} claim claim-box-{_kind(result.verdict)}",
        _quotation(result),
        "",
        *_findings(result),
        "",
        ":::{dropdown} What was measured, and how it was judged",
        *_outcome(result),
        "",
        escaped(claim.measured) if claim.checks else "",
        "",
        *(_rule(result, check) for check in claim.checks),
        "",
        f"Known when the tolerances were chosen: {escaped(claim.known_before)}"
        if claim.known_before
        else "",
        "",
        f"In the list: `{claim.id}`",
        ":::",
        "::::",
    ]
    return "\n".join(lines)


def in_short(results: Sequence[Result]) -> str:
    """Return the claims of one figure, for its page; no text when there are none."""
    if not results:
        return ""
    boxes = [
        "\n".join(
            [
                f":::{{container}} claim claim-short claim-box-{result.verdict.replace(' ', '-')}",
                _quotation(result),
                *_outcome(result),
                f"{{ref}}`How and why <claim-{result.claim.id}>`",
                ":::",
            ]
        )
        for result in results
    ]
    return "\n\n".join(["## What the paper claims, and what came out", *boxes])


def of_figure(results: Sequence[Result], figure: str) -> list[Result]:
    """Return the results that a figure's page shows."""
    return [result for result in results if figure in result.claim.figures]


def escaped(text: str) -> str:
    """Return text so that Markdown shows it as it is."""
    marked = re.sub(r"([\\`*_\[\]<>$#{}|])", r"\\\1", " ".join(text.split()))
    # A number stays with its sign and its unit.
    return re.sub(
        r"(?<=\d) %",
        "\N{NO-BREAK SPACE}%",
        re.sub(r"(?<![\w.%)])-(?=\d)", "\N{MINUS SIGN}", marked),
    )


def _quotation(result: Result) -> str:
    """Return a claim's verdict and what the paper says, which stand together everywhere."""
    section = result.claim.section
    place = f"section {escaped(section)}" if section[0] in "IV" else escaped(section.lower())
    return f"{badge(result.verdict)} “{escaped(result.claim.quote)}” ({place})"


def _findings(result: Result) -> list[str]:
    """Return the values that decide, each beside its limit, so that close calls are seen.

    They are those of the core, and of the details those that do not hold or are open.
    """
    return [
        f"- {_MARKS[result.outcome(check)]}{escaped(result.finding(check))}"
        for check in result.claim.checks
        if check.part == "core" or result.outcome(check) != "holds"
    ]


def _outcome(result: Result) -> list[str]:
    """Return what was measured, what differs and what is open, or why nothing could be checked."""
    lines = []
    if result.statement:
        lines += ["", f"**Measured.** {escaped(result.statement)}"]
    found = {label: result.findings(outcome) for outcome, label in LABELS.items()}
    if result.verdict == NOT_CHECKABLE:
        found = {"Why not": result.reason.removesuffix(".")}
    for label, text in found.items():
        lines += ["", f"**{label}.** {escaped(text)}."] if text else []
    return lines


def _rule(result: Result, check: Check) -> str:
    """Return a check as an item of a list: whether it holds, value and rule, and why the rule."""
    return (
        f"- **{check.part}, {result.outcome(check)}.** {escaped(result.finding(check))}. "
        f"{escaped(check.because)}"
    )


def _figure_title(figure: str) -> str:
    """Return ``Figure 8`` for ``fig08``."""
    return f"Figure {int(figure.removeprefix('fig'))}"


def _page_of(figure: str) -> str:
    """Return a figure's page, its path from the root without an ending."""
    (source,) = CLAIMS.parent.glob(f"figures/{figure}_*.py")
    return f"book/figures/{source.stem}"
