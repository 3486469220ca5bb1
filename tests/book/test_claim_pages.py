"""Every claim is on the pages with its own verdict, and no figure's verdict contradicts it."""

import csv
import re
from collections import Counter

import pytest
from bs4 import BeautifulSoup
from built_book import LANDING, page_of, soup

from companion.claims import pages
from companion.claims.measurement import Measurement
from companion.claims.results import read_results
from companion.claims.rules import VERDICTS, Check, Claim, read_claims, result_of, verdict_on_figure
from companion.notebooks.execution import EXECUTED, page_files
from companion.notebooks.sources import figure_names
from companion.pages.assembly import HTML

CHECK = Check("share_of_models", "core", "at least", 0.9, 0.0, "share", "Nine of ten.")


def result(value=0.5, **fields):
    claim = Claim(
        "fig8-models",
        ("fig08",),
        "III.C",
        "most *models* [[10, 10], [1]] <b> $x$ | {{ y }}",
        "Counted.",
        checks=(CHECK,),
        **fields,
    )
    return result_of(
        claim,
        Measurement(
            claim.id, {"share_of_models": value}, "12 of 24 models are, -3.5 points, 50 %."
        ),
    )


def verdict_of(box):
    return box.select_one(".claim-verdict").text.split(" ", 1)[1]


# -- as Markdown -----------------------------------------------------------------------------------


def test_text_is_shown_as_it_is_and_numbers_keep_sign_and_unit():
    text = pages.in_full(result())
    assert r"most \*models\* \[\[10, 10\], \[1\]\] \<b\> \$x\$ \| \{\{ y \}\}" in text
    assert "\N{MINUS SIGN}3.5 points, 50\N{NO-BREAK SPACE}%." in text


def test_a_claim_in_full_says_what_was_measured_and_why_it_was_judged_so():
    text = pages.in_full(result(known_before="Nothing much."))
    assert "✗ not reproduced" in text
    assert (
        "**core, does not hold.** share of models: 50.0\N{NO-BREAK SPACE}%, "
        "expected at least 90\N{NO-BREAK SPACE}%. Nine of ten." in text
    )
    assert "Nothing much." in text
    assert "**core, holds.**" in pages.in_full(result(0.95))
    assert "✓ reproduced" in pages.in_full(result(0.95))


def test_a_detail_that_does_not_hold_is_shown_unfolded_and_marked():
    checks = (CHECK, Check("strange", "detail", "equal to", 0, 0, "count", "None may be."))
    claim = Claim("fig8-a-b", ("fig08",), "III.C", "all are well", "Counted.", checks=checks)
    measured = Measurement(claim.id, {"share_of_models": 0.95, "strange": 2}, "2 are strange.")
    unfolded = pages.in_full(result_of(claim, measured)).partition(":::{dropdown}")[0]
    assert "- share of models" in unfolded
    assert "- **✗ does not hold:** strange: 2, expected exactly 0" in unfolded


def test_what_is_open_is_shown_unfolded_with_its_interval():
    check = Check("share", "core", "at least", 0.9, 0, "share", "Nine of ten.", "networks")
    claim = Claim("fig8-a-b", ("fig08",), "III.C", "all are well", "Counted.", checks=(check,))
    measured = Measurement(claim.id, {"share": 0.95}, "They are.", {"share": (0.85, 0.99)})
    unfolded = pages.in_full(result_of(claim, measured)).partition(":::{dropdown}")[0]
    assert "? undecided" in unfolded
    assert "- **? is open:** share: 95.0" in unfolded
    assert "(85.0 to 99.0 over networks)" in unfolded


def test_each_check_is_labelled_by_its_own_outcome_and_not_by_the_verdict():
    """With an open detail, the claim is reproduced with a difference, and yet nothing differs."""
    checks = (CHECK, Check("rest", "detail", "at least", 1, 0, "share", "All are.", "networks"))
    claim = Claim("fig8-a-b", ("fig08",), "III.C", "all are well", "Counted.", checks=checks)
    values = {"share_of_models": 0.95, "rest": 0.99}
    text = pages.in_short(
        [result_of(claim, Measurement(claim.id, values, "Most.", {"rest": (0.9, 1.0)}))]
    )
    assert "with a difference" in text
    assert "**What is open.** rest: 99" in text
    assert "What differs" not in text


def test_a_figure_without_claims_gets_no_heading():
    assert pages.in_short([]) == ""
    assert pages.of_figure([result()], "fig07") == []
    assert pages.of_figure([result()], "fig08") == [result()]


def test_counts_add_up_and_name_every_verdict():
    strip = BeautifulSoup(pages.strip([result(), result(0.95), result(0.96)]), "html.parser")
    shown = [link.text.split(" ", 1)[1] for link in strip.select("a")]
    assert shown == [
        f"{count} {verdict}" for count, verdict in zip([2, 0, 0, 1, 0], VERDICTS, strict=True)
    ]


# -- the built pages -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results():
    return {
        each.claim.id: each
        for each in read_results(page_files(EXECUTED / f"{name}.ipynb") for name in figure_names())
    }


@pytest.fixture(scope="module")
def page():
    return soup(HTML / "book" / "claims.html")


def test_the_page_shows_every_claim_with_its_computed_verdict(page, results):
    boxes = page.select("div.claim")
    assert len(boxes) == len(results) == len(read_claims())
    shown = {box.select("details code")[-1].text: box for box in boxes}
    assert set(shown) == set(results)
    for name, box in shown.items():
        assert verdict_of(box) == results[name].verdict
        assert f"claim-box-{results[name].verdict.replace(' ', '-')}" in box["class"]


def test_the_page_counts_what_it_shows_and_the_landing_page_says_the_same(page):
    table = [row.select("td") for row in page.select("table tbody tr")]
    counted = {cells[0].text.split(" ", 1)[-1].strip(): int(cells[1].text) for cells in table}
    shown = [verdict_of(box) for box in page.select("div.claim")]
    assert counted == {**{verdict: shown.count(verdict) for verdict in VERDICTS}, "all": len(shown)}
    landing = [link.text.split(" ", 2)[1:] for link in soup(LANDING).select(".claim-strip a")]
    assert {verdict: int(count) for count, verdict in landing} == {
        verdict: shown.count(verdict) for verdict in VERDICTS
    }


@pytest.mark.browser
def test_a_count_on_the_landing_page_leads_to_the_claims_that_it_counts(chromium):
    page = chromium.new_page()
    page.goto(LANDING.as_uri())
    page.locator(".claim-strip a", has_text="not checkable").click()
    page.wait_for_url("**/claims.html#verdict=not-checkable")
    boxes = page.locator("div.claim:visible")
    assert boxes.count() == page.locator("div.claim-box-not-checkable").count() > 0
    page.close()


def test_the_table_to_download_holds_every_claim(page, results):
    (link,) = [tag["href"] for tag in page.select("a.download") if tag["href"].endswith(".csv")]
    rows = list(csv.DictReader((HTML / "book" / link).read_text(encoding="utf-8").splitlines()))
    assert {row["id"]: row["verdict"] for row in rows} == {
        name: each.verdict for name, each in results.items()
    }


@pytest.mark.parametrize("name", [name for name in figure_names() if name.startswith("fig")])
def test_a_figure_shows_its_claims_and_the_verdict_that_follows_from_them(name, results):
    own = pages.of_figure(list(results.values()), name.split("_")[0])
    expected = [each.verdict for each in own]
    document = soup(page_of(name))
    assert [verdict_of(box) for box in document.select("div.claim")] == expected
    assert expected
    title = document.select_one(".admonition-title").get_text()
    assert title == f"Verdict: {verdict_on_figure(own)}"
    counted = re.findall(
        r"(\d+) ([a-z ]+)", document.select_one(".admonition").get_text().partition("Claims: ")[2]
    )
    assert {verdict.strip(): int(count) for count, verdict in counted} == Counter(expected)
    landing = soup(LANDING)
    (card,) = [
        card for card in landing.select(".gallery") if card.select_one(f'a[href*="{name}.html"]')
    ]
    assert (
        card.select_one(".sd-card-footer")
        .get_text()
        .strip()
        .startswith(f"{verdict_on_figure(own)}: ")
    )


@pytest.mark.browser
def test_a_verdict_s_button_shows_its_claims_and_no_others(chromium, results):
    browser_page = chromium.new_page()
    browser_page.goto((HTML / "book" / "claims.html").as_uri(), wait_until="load")
    wanted = [each for each in results.values() if each.verdict == "not reproduced"]
    browser_page.get_by_role("button", name="not reproduced").press("Enter")
    shown = [box for box in browser_page.locator("div.claim").all() if box.is_visible()]
    assert len(shown) == len(wanted)
    assert all("not reproduced" in box.inner_text() for box in shown)
    headings = [each.inner_text() for each in browser_page.locator("h2:visible").all()]
    figures = {each.claim.figures[:1] for each in wanted}
    assert len([each for each in headings if "igure" in each]) == len(figures)
    browser_page.get_by_role("button", name="all (").click()
    assert browser_page.locator("div.claim:visible").count() == len(results)
    browser_page.close()


def test_what_decides_a_claim_stands_beside_its_limit_without_a_click(page, results):
    for box in page.select("div.claim"):
        own = results[box.select("details code")[-1].text]
        visible = [
            " ".join(item.get_text().split())
            for item in box.find_all("ul", recursive=False)
            for item in item.select("li")
        ]
        wanted = {}
        for check in own.claim.checks:
            outcome = own.outcome(check)
            if check.part == "core" or outcome != "holds":
                finding = pages.escaped(own.finding(check))
                wanted[finding.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")] = outcome
        marks = {"✗ does not hold: ": "does not hold", "? is open: ": "is open", "": "holds"}
        marked = {}
        for line in visible:
            mark = next(each for each in marks if line.startswith(each))
            marked[line.removeprefix(mark)] = marks[mark]
        assert marked == wanted
