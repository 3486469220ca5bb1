"""The list of the paper's claims.

Complete, in its form, and judged by its own rule, at every edge of a tolerance.
"""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from companion.claims.measurement import Measurement
from companion.claims.rules import (
    NOT_CHECKABLE,
    NOT_REPRODUCED,
    REPRODUCED,
    UNDECIDED,
    WITH_A_DIFFERENCE,
    Check,
    Claim,
    ClaimError,
    Result,
    read_claims,
    result_of,
    verdict_on_figure,
)


def check(
    quantity="models",
    part="core",
    must_be="equal to",
    expected=426.0,
    tolerance=0.0,
    unit="count",
    over=None,
):
    because = "A count leaves no room."
    return Check(quantity, part, must_be, expected, tolerance, unit, because, over)


def claim(*checks, **fields):
    return Claim(
        "fig8-models", ("fig08",), "III.C", "426 such models", "Counted.", checks=checks, **fields
    )


def verdict(value, *checks):
    values = {each.quantity: value for each in checks}
    return result_of(claim(*checks), Measurement("fig8-models", values, "")).verdict


# -- the list as it is -----------------------------------------------------------------------------


def test_the_list_covers_the_paper():
    claims = read_claims()
    assert len(claims) >= 18
    assert {"Abstract", "III", "III.A", "III.B", "III.C", "IV"} <= {each.section for each in claims}
    assert {f"fig0{number}" for number in range(1, 10)} <= {
        figure for each in claims for figure in each.figures
    }
    assert sum(bool(each.checks) for each in claims) >= 18


@pytest.mark.parametrize("each", read_claims(), ids=lambda each: each.id)
def test_a_claim_can_be_refuted_or_says_why_not(each):
    assert len(each.quote.split()) >= 3
    assert len(each.measured) > 10
    if each.checks:
        assert any(rule.part == "core" for rule in each.checks)
        assert all(len(rule.because.split()) >= 3 for rule in each.checks)
    else:
        assert len(each.not_checkable.split()) >= 10


def test_a_number_that_is_said_to_be_quoted_stands_in_the_quotation():
    for each in read_claims():
        if each.quoted and each.id not in {
            "fig8-strange-stay-low",
            "fig8-six-groups",
            "fig5-five-per-class",
        }:
            assert re.search(rf"\b{re.escape(each.quoted.split()[0])}", each.quote), each.id


# -- the rule --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("must_be", "holding", "failing"),
    [
        ("equal to", [88, 90, 92], [87, 93]),
        ("at least", [88, 90, 100], [87]),
        ("at most", [0, 90, 92], [93]),
        ("above", [89, 90, 100], [88, 0]),
        ("below", [0, 90, 91], [92, 100]),
    ],
)
def test_a_comparison_holds_up_to_its_tolerance_and_not_beyond(must_be, holding, failing):
    rule = check(must_be=must_be, expected=90, tolerance=2)
    assert all(rule.holds(value) for value in holding)
    assert not any(rule.holds(value) for value in failing)


@given(st.booleans(), st.booleans(), st.booleans())
def test_the_verdict_is_decided_by_the_parts_whose_checks_fail(first_core, second_core, detail):
    checks = [
        check("a", "core", "equal to", float(first_core)),
        check("b", "core", "equal to", float(second_core)),
        check("c", "detail", "equal to", float(detail)),
    ]
    result = result_of(
        claim(*checks), Measurement("fig8-models", {"a": 1.0, "b": 1.0, "c": 1.0}, "Counted.")
    )
    if not (first_core and second_core):
        assert result.verdict == NOT_REPRODUCED
    elif not detail:
        assert result.verdict == WITH_A_DIFFERENCE
    else:
        assert result.verdict == REPRODUCED
    failing = [
        name
        for name, holds in zip("abc", (first_core, second_core, detail), strict=True)
        if not holds
    ]
    assert re.findall(r"(\w): 1, expected", result.reason) == failing


@given(
    st.sampled_from(["equal to", "at least", "at most", "above", "below"]),
    st.integers(0, 3),
    st.tuples(st.integers(-6, 6), st.integers(-6, 6)).map(sorted),
)
def test_a_check_is_open_if_some_numbers_of_the_interval_pass_and_some_do_not(
    must_be, tolerance, ends
):
    """Every number of the interval in steps of a quarter, which meets every limit."""
    rule = check(must_be=must_be, expected=0, tolerance=tolerance, over="networks")
    low, high = ends
    passed = {rule.holds(low + step / 4) for step in range(4 * (high - low) + 1)}
    expected = {
        frozenset({True}): "holds",
        frozenset({False}): "does not hold",
        frozenset({True, False}): "is open",
    }
    assert rule.outcome(low, (low, high)) == expected[frozenset(passed)]


@pytest.mark.parametrize(
    ("core", "detail", "verdict"),
    [
        ("holds", "holds", REPRODUCED),
        ("holds", "open", WITH_A_DIFFERENCE),
        ("holds", "fails", WITH_A_DIFFERENCE),
        ("open", "holds", UNDECIDED),
        ("open", "fails", UNDECIDED),
        ("fails", "open", NOT_REPRODUCED),
    ],
)
def test_an_open_core_is_undecided_and_an_open_detail_makes_a_difference(core, detail, verdict):
    interval = {"holds": (1, 3), "open": (-1, 3), "fails": (-3, -1)}
    checks = [check(name, name, "above", 0.0, over="networks") for name in ("core", "detail")]
    intervals = {"core": interval[core], "detail": interval[detail]}
    values = {name: sum(ends) / 2 for name, ends in intervals.items()}
    result = result_of(claim(*checks), Measurement("fig8-models", values, "", intervals))
    assert result.verdict == verdict


def test_one_core_check_that_fails_decides_and_what_is_open_is_still_called_so():
    checks = [check(name, "core", "above", 0.0, over="networks") for name in "ab"]
    intervals = {"a": (-1, 3), "b": (-3, -1)}
    result = result_of(claim(*checks), Measurement("fig8-models", {"a": 1, "b": -2}, "", intervals))
    assert result.verdict == NOT_REPRODUCED
    assert re.fullmatch(r"What differs: b: [^;]*\. What is open: a: [^;]*", result.reason)


def test_a_detail_is_not_said_again_where_the_core_found_the_same():
    checks = [check("a", "core", "above", 5.0), check("a", "detail", "above", 9.0)]
    result = result_of(claim(*checks), Measurement("fig8-models", {"a": 1}, ""))
    assert result.reason == "What differs: a: 1, expected above 5"


def test_an_interval_is_shown_with_what_it_is_over():
    rule = check("share_of_models", "core", "at least", 0.9, unit="share", over="networks")
    assert rule.finding(0.95, (0.8912, 0.98)) == (
        "share of models: 95.0 % (89.1 to 98.0 over networks), expected at least 90 %"
    )


def test_estimates_need_an_interval_and_nothing_else_may_have_one():
    with pytest.raises(ClaimError, match=r"need intervals of \['models'\], measured are those of"):
        verdict(426, check(over="networks"))
    measured = Measurement("fig8-models", {"models": 426}, "", {"models": (420, 430)})
    with pytest.raises(ClaimError, match=r"need intervals of \[\], .* of \['models'\]"):
        result_of(claim(check()), measured)


def test_a_check_without_an_estimate_looks_at_the_value_alone():
    """As a detail that admits no exception beside a core that is estimated."""
    checks = [
        check(must_be="at least", expected=0.9, unit="share", over="networks"),
        check(part="detail", expected=1.0, unit="share"),
    ]
    measured = Measurement("fig8-models", {"models": 1.0}, "", {"models": (0.95, 1.0)})
    assert result_of(claim(*checks), measured).verdict == REPRODUCED


def test_a_claim_that_is_not_checkable_says_why():
    result = result_of(claim(not_checkable="Nothing is defined."), None)
    assert (result.verdict, result.reason) == (NOT_CHECKABLE, "Nothing is defined.")


def test_the_finding_shows_digits_enough_to_see_the_miss():
    rule = check("share_of_models", "core", "equal to", 1.0, unit="share")
    assert rule.finding(0.99999) == "share of models: 99.999 %, expected exactly 100 %"
    assert check("gap", "core", "at most", 0.02, 0.005, "points").finding(0.0251) == (
        "gap: 2.51 percentage points, expected at most 2 percentage points, "
        "with a tolerance of 0.5 percentage points"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_gives_no_verdict(value):
    with pytest.raises(
        ClaimError, match=r"fig8-models: \{'models': (nan|inf)\} cannot be compared"
    ):
        verdict(value, check())


def test_measured_and_judged_quantities_must_be_the_same():
    with pytest.raises(ClaimError, match=r"need \['models'\], measured are \['networks'\]"):
        result_of(claim(check()), Measurement("fig8-models", {"networks": 426.0}, ""))
    with pytest.raises(ClaimError, match="not checkable, and yet something was measured"):
        result_of(
            claim(not_checkable="It is not."), Measurement("fig8-models", {"models": 426.0}, "")
        )
    with pytest.raises(ClaimError, match="has checks and no measurement"):
        result_of(claim(check()), None)


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        ([REPRODUCED], "Reproduced"),
        ([REPRODUCED, WITH_A_DIFFERENCE], "Reproduced with a difference"),
        ([REPRODUCED, NOT_REPRODUCED], "Partly reproduced"),
        ([REPRODUCED, NOT_CHECKABLE], "Partly reproduced"),
        ([WITH_A_DIFFERENCE, NOT_CHECKABLE], "Partly reproduced"),
        ([WITH_A_DIFFERENCE, NOT_REPRODUCED], "Partly reproduced"),
        ([NOT_REPRODUCED], "Not reproduced"),
        # Unchecked claims do not make up for a refuted one.
        ([NOT_REPRODUCED, NOT_CHECKABLE, NOT_CHECKABLE], "Not reproduced"),
        ([REPRODUCED, NOT_CHECKABLE, NOT_CHECKABLE], "Mostly not checkable"),
        ([NOT_CHECKABLE], "Not checkable"),
        ([UNDECIDED], "Undecided"),
        ([UNDECIDED, NOT_CHECKABLE], "Undecided"),
        ([UNDECIDED, WITH_A_DIFFERENCE], "Partly reproduced"),
        ([UNDECIDED, NOT_REPRODUCED], "Not reproduced"),
        ([UNDECIDED, NOT_CHECKABLE, NOT_CHECKABLE], "Mostly not checkable"),
    ],
)
def test_the_verdict_on_a_figure_follows_from_those_on_its_claims(judged, verdict):
    assert (
        verdict_on_figure([Result(claim(check()), each, {}, "", "") for each in judged]) == verdict
    )


# -- errors in the list ----------------------------------------------------------------------------

GOOD_CHECK = {
    "quantity": "models",
    "part": "core",
    "must_be": "equal to",
    "expected": 426,
    "tolerance": 0,
    "unit": "count",
    "because": "A count leaves no room.",
}
GOOD = {
    "id": "fig8-models",
    "figures": ["fig08"],
    "section": "III.C",
    "quote": "426 such models",
    "measured": "Counted.",
    "checks": [GOOD_CHECK],
}


def read(tmp_path, *entries, text=None):
    path = tmp_path / "claims.yml"
    path.write_text(
        yaml.safe_dump({"claims": list(entries)}) if text is None else text, encoding="utf-8"
    )
    return read_claims(path)


def test_a_good_list_is_read_as_it_is_written(tmp_path):
    (read_claim,) = read(tmp_path, GOOD)
    assert read_claim == claim(check())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quote": ""}, r"claim 1 \(fig8-models\): quote must be text and not empty, and is ''"),
        ({"quote": 426}, r"quote must be text and not empty, and is 426"),
        ({"id": "Fig8"}, r"an id is words of small letters and digits joined by hyphens"),
        ({"figures": "fig08"}, r"figures must be a list of names such as fig08, and is 'fig08'"),
        ({"figures": ["Fig. 8"]}, r"figures must be a list of names such as fig08"),
        ({"colour": "red"}, r"does not know colour"),
        ({"measured": None}, r"measured must be text"),
        ({"not_checkable": "No."}, r"give either checks, or under not_checkable the reason"),
        ({"checks": []}, r"checks must be a list with at least one check"),
        ({"checks": ["equal to 426"]}, r"check 1: expected names with values, got 'equal to 426'"),
        ({"part": "detail"}, r"no check belongs to the core"),
        ({"must_be": "about"}, r"check 1: must_be is 'about'; choose one of: equal to, at least"),
        ({"unit": "per cent"}, r"unit is 'per cent'; choose one of: share, points, count, number"),
        ({"expected": "426"}, r"expected must be a number, and is '426'"),
        ({"expected": True}, r"expected must be a number, and is True"),
        ({"tolerance": -1}, r"tolerance must be at least 0, and is -1"),
        ({"tolerance": float("nan")}, r"tolerance must be a number, and is nan"),
        ({"because": " "}, r"because must be text and not empty"),
        ({"over": ""}, r"over must be text and not empty"),
        ({"tolerance": ...}, r"check 1: lacks tolerance"),
    ],
)
def test_an_error_in_the_list_is_named_with_its_place(tmp_path, change, message):
    if set(change) <= {*GOOD_CHECK, "over"}:
        changed = {name: value for name, value in (GOOD_CHECK | change).items() if value is not ...}
        change = {"checks": [changed]}
    with pytest.raises(ClaimError, match=message):
        read(tmp_path, GOOD | change)


def test_an_id_is_used_once(tmp_path):
    with pytest.raises(ClaimError, match="more than one claim has the id fig8-models"):
        read(tmp_path, GOOD, GOOD)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("claims: [", "is no YAML"),
        ("- a", "must hold one list under the name 'claims'"),
        ("claims: 3", "must hold one list"),
    ],
)
def test_a_file_that_is_no_list_of_claims_is_refused(tmp_path, text, message):
    with pytest.raises(ClaimError, match=message):
        read(tmp_path, text=text)
