"""Claims on the pages: all of them, each with its own verdict in words, and no figure's verdict that contradicts its claims."""

import csv
import re

import pytest
from bs4 import BeautifulSoup

import check_claims
from claims import VERDICTS, Check, Claim, Measurement, contradiction, judge, read_claims
from companion.notebooks.execution import EXECUTED
from companion.notebooks.sources import figure_names, find_source
from companion.pages.assembly import HTML
from companion.pages.figure_pages import reported
from companion.places import ROOT
from pages import claims_pages

CHECK = Check("share_of_models", "core", "at least", 0.9, 0.0, "share", "Nine of ten.")


def result(value=0.5, **fields):
    claim = Claim(
        "fig8-models", ("fig08",), "III.C", "most *models* [[10, 10], [1]] <b> $x$ | {{ y }}", "Counted.", checks=(CHECK,), **fields
    )
    return judge(claim, Measurement({"share_of_models": value}, "12 of 24 models are, -3.5 points, 50 %."))


def verdict_of(box):
    return box.select_one(".claim-verdict").text.split(" ", 1)[1]


# ------------------------------------------------------------------------------------------------------------------ as Markdown


def test_text_is_shown_as_it_is_and_numbers_keep_sign_and_unit():
    text = claims_pages.in_full(result())
    assert r"most \*models\* \[\[10, 10\], \[1\]\] \<b\> \$x\$ \| \{\{ y \}\}" in text
    assert "\N{MINUS SIGN}3.5 points, 50\N{NO-BREAK SPACE}%." in text


def test_a_claim_in_full_says_what_was_measured_and_why_it_was_judged_so():
    text = claims_pages.in_full(result(known_before="Nothing much."))
    assert "✗ not reproduced" in text
    assert (
        "**core, does not hold.** share of models: 50.0\N{NO-BREAK SPACE}%, expected at least 90\N{NO-BREAK SPACE}%. Nine of ten."
        in text
    )
    assert "Nothing much." in text
    assert "**core, holds.**" in claims_pages.in_full(result(0.95))
    assert "✓ reproduced" in claims_pages.in_full(result(0.95))


def test_a_figure_without_claims_gets_no_heading():
    assert claims_pages.in_short([]) == ""
    assert claims_pages.of_figure([result()], "fig07") == []
    assert claims_pages.of_figure([result()], "fig08") == [result()]


def test_counts_add_up_and_name_every_verdict():
    text = claims_pages.counts_in_words([result(), result(0.95), result(0.96)])
    assert [int(number) for number in re.findall(r"\d+", text)] == [3, 2, 0, 1, 0]
    assert all(verdict in text for verdict in VERDICTS)


def test_results_are_computed_again_only_when_something_changed(tmp_path, monkeypatch):
    claims, computed = [result().claim], []
    monkeypatch.setattr(check_claims, "RESULTS", tmp_path / "claims.json")
    monkeypatch.setattr(check_claims, "read_claims", lambda: claims)
    monkeypatch.setattr(check_claims, "state", lambda: state)
    monkeypatch.setattr(check_claims, "compute", lambda: (computed.append(1) or [result()], {}))
    state = "first"
    assert check_claims.current_results() == check_claims.current_results() == [result()]
    assert len(computed) == 1
    state = "second"
    assert check_claims.current_results() == [result()]
    assert len(computed) == 2
    (row,) = csv.DictReader((tmp_path / "claims.csv").read_text(encoding="utf-8").splitlines())
    assert (row["id"], row["verdict"]) == ("fig8-models", "not reproduced")


def test_a_claim_that_cannot_be_computed_stops_the_book_and_fails_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(check_claims, "RESULTS", tmp_path / "claims.json")
    monkeypatch.setattr(check_claims, "compute", lambda: ([result()], {"fig9-seeds": "ClaimError: no runs"}))
    with pytest.raises(check_claims.ClaimError, match="fig9-seeds: ClaimError: no runs"):
        check_claims.current_results()
    monkeypatch.setattr("sys.argv", ["check_claims.py"])
    assert check_claims.main() == 1
    printed = capsys.readouterr()
    assert "NOT REPRODUCED" in printed.out
    assert "fig9-seeds: ClaimError: no runs" in printed.err
    assert not (tmp_path / "claims.json").exists()


# --------------------------------------------------------------------------------------------------------------- the built pages


@pytest.fixture(scope="module")
def results():
    return {each.claim.id: each for each in check_claims.current_results()}


@pytest.fixture(scope="module")
def page():
    return BeautifulSoup((HTML / "book" / "claims.html").read_text(encoding="utf-8"), "html.parser")


def test_the_page_shows_every_claim_with_its_computed_verdict(page, results):
    boxes = page.select("div.claim")
    assert len(boxes) == len(results) == len(read_claims())
    shown = {box.select("details code")[-1].text: box for box in boxes}
    assert set(shown) == set(results)
    for name, box in shown.items():
        assert verdict_of(box) == results[name].verdict
        assert f"claim-box-{results[name].verdict.replace(' ', '-')}" in box["class"]


def test_the_page_counts_what_it_shows_and_the_landing_page_says_the_same(page, results):
    table = [row.select("td") for row in page.select("table tbody tr")]
    counted = {cells[0].text.split(" ", 1)[-1].strip(): int(cells[1].text) for cells in table}
    shown = [verdict_of(box) for box in page.select("div.claim")]
    assert counted == {**{verdict: shown.count(verdict) for verdict in VERDICTS}, "all": len(shown)}
    landing = BeautifulSoup((HTML / "book" / "index.html").read_text(encoding="utf-8"), "html.parser").get_text()
    assert claims_pages.counts_in_words(list(results.values())) in " ".join(landing.split())


def test_the_table_to_download_holds_every_claim(page, results):
    (link,) = [tag["href"] for tag in page.select("a.download") if tag["href"].endswith(".csv")]
    rows = list(csv.DictReader((HTML / "book" / link).read_text(encoding="utf-8").splitlines()))
    assert {row["id"]: row["verdict"] for row in rows} == {name: each.verdict for name, each in results.items()}


@pytest.mark.parametrize("name", [name for name in figure_names() if name.startswith("fig")])
def test_a_figure_shows_its_claims_and_its_verdict_does_not_contradict_them(name, results):
    number = name.split("_")[0]
    expected = [each.verdict for each in claims_pages.of_figure(list(results.values()), number)]
    document = BeautifulSoup(
        (HTML / find_source(name).relative_to(ROOT).with_suffix(".html")).read_text(encoding="utf-8"), "html.parser"
    )
    assert [verdict_of(box) for box in document.select("div.claim")] == expected
    assert expected
    word = reported(EXECUTED / f"{name}.ipynb")[f"{number}_verdict"].split(":")[0]
    assert contradiction(word, expected) is None, (word, expected)
