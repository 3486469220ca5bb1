"""Figures that answer, on the built pages in Chromium.

Pointing, clicking and searching, by mouse, finger and keyboard.

What they say is compared with the numbers that the same page offers as CSV.
"""

import base64
import io
import json
import re
from functools import cache
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from built_book import LANDING, LEVELS, page_of, soup, violations, watch

from companion.pages.assembly import HTML

ROWS = {
    "fig03_sparsities": "fig03_sparsities",
    "fig04_accuracies": "fig04_accuracies",
    "fig05_initialisation": "fig05_networks",
    "fig08_strange": "fig08_strange",
}
"""Interactive figures, and the table behind each."""

VIOLET = {"light": "rgb(111, 66, 193)", "dark": "rgb(185, 162, 255)"}
"""The marks of networks of which a class hangs on few connections."""

WIDE = {"width": 1280, "height": 1000}
EXPLORER = re.compile(r"/explorer\.html")
HALF_A_DIGIT = (
    0.05 + 1e-3
)  # percentage points; labels show one decimal of numbers that were rounded before

pytestmark = pytest.mark.browser


def address(name):
    return page_of(name).as_uri()


@cache
def table(name):
    """Return the numbers that a page offers to download, for its figure's networks only."""
    link = soup(page_of(name)).find("a", download=f"{ROWS[name]}.csv")
    rows = pd.read_csv(io.BytesIO(base64.b64decode(link["href"].split(",", 1)[1])))
    return rows[rows["strange"]] if name == "fig08_strange" else rows


def new_page(chromium, **settings):
    """Return a page on which clicks to the explorer find a page, and a list of what goes wrong.

    What stands on the explorer's page is another test's matter.
    """
    context = chromium.new_context(reduced_motion="reduce", **settings)
    answer = {"body": "<title>explorer</title>", "content_type": "text/html"}
    context.route(EXPLORER, lambda route: route.fulfill(**answer))
    page = context.new_page()
    return page, watch(page)


@pytest.fixture(scope="module")
def shared_page(chromium):
    page, problems = new_page(chromium, viewport=WIDE, color_scheme="light")
    yield page, problems
    page.context.close()


@pytest.fixture
def page(shared_page):
    """Return a page on a wide screen.

    Fail when it asks anything of the network or says anything on the console.
    """
    page, problems = shared_page
    problems.clear()
    page.set_viewport_size(WIDE)
    yield page
    assert problems == []


def look_closer(page, name):
    page.goto(address(name), wait_until="load")
    page.get_by_role("button", name="Look closer").click()
    page.locator(".pointed").wait_for()
    page.wait_for_function(
        "document.querySelector('.chart .main-svg') && "
        "!document.querySelector('.state').textContent"
    )


@pytest.fixture(scope="module", params=ROWS)
def opened(request, shared_page):
    """Return a page on which a figure has been opened, and the figure's name.

    These tests leave it as it is.
    """
    page, problems = shared_page
    problems.clear()
    look_closer(page, request.param)
    yield page, request.param
    assert problems == []


def network_in(link):
    """Return radix lists and the other fields that an address of the explorer names."""
    parts = urlsplit(link)
    assert parts.path.endswith("/explorer.html")
    fields = {key: value for key, (value,) in parse_qs(parts.fragment, strict_parsing=True).items()}
    return json.loads(fields.pop("radix_lists")), fields


def drawn_point(page, radix_lists):
    """Return where on the screen a network's point is."""
    return page.evaluate(
        """wanted => {
            const chart = document.querySelector(".chart"); chart.scrollIntoView({ block: "center"
            }); const trace = chart.data.find(({ customdata }) => customdata?.some((row) => row[0]
            === wanted)); const point = trace.customdata.findIndex((row) => row[0] === wanted);
            const axis = (letter) => chart._fullLayout[(trace[`${letter}axis`] ??
            letter).replace(letter, `${letter}axis`)]; const [xaxis, yaxis] = [axis("x"),
            axis("y")]; const box = chart.getBoundingClientRect(); return [box.left + xaxis._offset
            + xaxis.d2p(trace.x[point]), box.top + yaxis._offset + yaxis.d2p(trace.y[point])];
        }""",
        radix_lists,
    )


def middle(mark):
    """Return where on the screen the middle of a mark is, after scrolling to it."""
    mark.evaluate("mark => mark.scrollIntoView({ block: 'center' })")
    box = mark.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def label(page):
    """Return the lines of the label that is shown."""
    shown = page.locator(".chart .hovertext")
    shown.first.wait_for()
    return shown.first.locator("tspan.line").all_text_contents() or [shown.first.text_content()]


def per_cent(text):
    return float(re.search(r"([\d.]+)%", text)[1])


def worst(name, measure="validation_accuracy"):
    """Return the network of the lowest accuracy; it stands where no other does."""
    return table(name).sort_values(measure).iloc[0]


def test_every_network_is_listed_and_leads_to_itself(opened):
    page, name = opened
    page.evaluate(
        "() => { const more = document.querySelector('.rows > button:last-child'); "
        "while (!more.hidden) more.click(); }"
    )
    links = page.locator(".rows tbody a").evaluate_all(
        "links => links.map((link) => [link.textContent, link.href])"
    )
    assert sorted(text for text, _ in links) == sorted(table(name)["radix_lists"])
    for text, link in links:
        lists, others = network_in(link)
        assert lists == json.loads(text)
        assert others == {"layer_sizes": "784-300-100-10", "fit": "trim"}
        assert " " not in link


def test_pointing_at_a_network_says_which_one_it_is_and_how_it_did(page):
    look_closer(page, "fig04_accuracies")
    network = worst("fig04_accuracies")
    page.mouse.move(*drawn_point(page, network["radix_lists"]))
    name, *lines = label(page)
    assert name == network["radix_lists"]
    said = dict(line.rsplit(": ", 1) for line in lines)
    assert int(said["smallest output fan-in"]) == network["output_fan_in"]
    for words, column in {
        "sparsity": "sparsity",
        "training accuracy": "train_accuracy",
        "validation accuracy": "validation_accuracy",
        "test accuracy": "test_accuracy",
    }.items():
        assert per_cent(said[words]) == pytest.approx(100 * network[column], abs=HALF_A_DIGIT)
    assert page.locator(".pointed a").first.text_content() == network["radix_lists"]


def test_points_that_hide_each_other_are_all_linked(page):
    look_closer(page, "fig03_sparsities")
    hidden = "[[8, 6, 9]]"  # behind others of nearly the same product and sparsity
    page.mouse.move(*drawn_point(page, hidden))
    page.wait_for_function("document.querySelectorAll('.pointed a').length > 1")
    linked = page.locator(".pointed a").evaluate_all("links => links.map(link => link.textContent)")
    more = re.search(r"and (\d+) more", page.locator(".pointed").text_content())
    assert hidden in linked or more
    product, sparsity = (
        table("fig03_sparsities")
        .set_index("radix_lists")
        .loc[hidden, ["product", "sparsity_before_fitting"]]
    )
    for radix_lists in linked:
        other = table("fig03_sparsities").set_index("radix_lists").loc[radix_lists]
        assert other["product"] == pytest.approx(product, rel=0.1)
        assert other["sparsity_before_fitting"] == pytest.approx(sparsity, abs=0.04)


def test_a_click_opens_the_network_and_the_way_back_leads_to_the_open_figure(page):
    look_closer(page, "fig04_accuracies")
    network = worst("fig04_accuracies")
    page.mouse.click(*drawn_point(page, network["radix_lists"]))
    page.wait_for_url(EXPLORER)
    lists, _ = network_in(page.url)
    assert lists == json.loads(network["radix_lists"])
    page.go_back()
    page.locator(".chart .main-svg").first.wait_for()
    assert page.get_by_role("button", name="Look closer").get_attribute("aria-pressed") == "true"


def test_a_curve_has_its_name_and_where_curves_meet_all_are_linked(page):
    look_closer(page, "fig08_strange")
    page.mouse.move(
        *middle(page.locator(".chart .scatterlayer .trace").last.locator("path.point").last)
    )
    name, epoch, *_ = label(page)
    model = table("fig08_strange").set_index("radix_lists").loc[name]
    assert epoch.startswith("epoch 30 of 30: ")
    assert per_cent(epoch.split(": ")[1]) == pytest.approx(
        100 * model["train_accuracy_longer"], abs=HALF_A_DIGIT
    )
    assert page.locator(".pointed a").first.text_content() == name


def test_a_bar_lists_the_networks_that_it_counts(page):
    look_closer(page, "fig03_sparsities")
    page.mouse.click(
        *middle(page.locator(".chart .barlayer .trace").first.locator(".point path").last)
    )
    sparsities = table("fig03_sparsities")["sparsity_before_fitting"]
    expected = (sparsities.round(5) >= 0.95).sum()
    again = page.get_by_role("button", name="sparsity before fitting 95% to 100%: list all again")
    again.wait_for()
    assert page.locator(".rows .count").text_content().startswith(f"{expected} networks")
    listed = [
        per_cent(text)
        for text in page.locator(".rows tbody tr td:nth-child(2)").all_text_contents()
    ]
    assert min(listed) >= 95
    again.click()
    assert page.locator(".rows .count").text_content().startswith("1,517 networks")


def test_the_keyboard_alone_finds_a_network_shows_its_point_and_opens_it(page):
    page.goto(address("fig04_accuracies"), wait_until="load")
    page.get_by_role("button", name="Picture").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".chart .main-svg").first.wait_for()
    page.wait_for_function("!document.querySelector('.state').textContent")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "search":
            break
    network = worst("fig04_accuracies")["radix_lists"]
    page.keyboard.type(network.replace(" ", ""))  # spaces do not matter
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == network:
            break
    assert label(page)[0] == network
    page.keyboard.press("Enter")
    page.wait_for_url(EXPLORER)
    assert network_in(page.url)[0] == json.loads(network)


def test_radix_lists_that_no_network_here_has_can_still_be_opened(page):
    look_closer(page, "fig04_accuracies")
    search = page.get_by_label("Find radix lists")
    search.fill("[[7, 15], [3]]")
    status = page.locator(".rows .count")
    assert status.text_content().startswith("No networks here have [[7,15],[3]].")
    lists, others = network_in(status.locator("a").evaluate("link => link.href"))
    assert lists == [[7, 15], [3]]
    assert others == {"layer_sizes": "784-300-100-10", "fit": "trim"}
    search.fill("<b>nonsense</b>")
    assert status.locator("a, b").count() == 0


def test_a_column_sorts_both_ways_and_says_so(page):
    look_closer(page, "fig04_accuracies")
    head = page.get_by_role("columnheader", name="test accuracy")
    accuracies = table("fig04_accuracies")["test_accuracy"]
    for direction, first in (("ascending", accuracies.min()), ("descending", accuracies.max())):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == direction
        shown = page.locator(".rows tbody tr td:last-child").first.text_content()
        assert per_cent(shown) == pytest.approx(100 * first, abs=HALF_A_DIGIT)
    assert page.locator(".rows th[aria-sort]").count() == 1


def test_a_group_that_is_hidden_and_a_range_stay_so_when_the_theme_changes(page):
    look_closer(page, "fig04_accuracies")

    def ink():
        few = page.locator(".chart .scatterlayer .trace").first.locator("path.point").first
        return few.evaluate("point => getComputedStyle(point).fill")

    page.get_by_role("button", name="Show the upper end").click()
    page.get_by_role("button", name="three or more", exact=True).click()
    assert ink() == VIOLET["light"]
    ranges = page.evaluate("[...document.querySelector('.chart').layout.yaxis.range]")
    assert ranges[0] > 0.5
    traces = page.locator(".chart .scatterlayer .trace").count()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function("document.querySelector('.swatch').style.color === 'rgb(230, 237, 243)'")
    assert ink() == VIOLET["dark"]
    assert page.evaluate("[...document.querySelector('.chart').layout.yaxis.range]") == ranges
    assert page.locator(".chart .scatterlayer .trace").count() == traces
    page.get_by_role("button", name="Show everything").click()
    assert page.evaluate("[...document.querySelector('.chart').layout.yaxis.range]") == [0, 1]


def test_paper_shows_the_picture_and_nothing_else(opened):
    page, _ = opened
    picture, chart = page.locator(".themed-figure.put-aside"), page.locator(".interactive-figure")
    assert chart.is_visible()
    assert not picture.is_visible()
    page.emulate_media(media="print")
    assert picture.is_visible()
    assert not chart.is_visible()
    assert not page.locator(".look-closer").is_visible()
    page.emulate_media(media="screen")


def test_plotly_is_loaded_only_by_a_reader_who_looks_closer(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(LANDING.as_uri(), wait_until="load")
    page.goto(address("fig04_accuracies"), wait_until="load")
    assert page.locator("img.figure-light").first.is_visible()
    assert asked
    assert not [url for url in asked if "plotly" in url]
    page.get_by_role("button", name="Look closer").click()
    page.locator(".chart .main-svg").first.wait_for()
    assert [url for url in asked if "plotly" in url] == [
        (HTML / "_static" / "plotly.min.js").as_uri()
    ]


def test_when_plotly_cannot_be_loaded_the_picture_stays(chromium):
    page, _ = new_page(chromium)
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.goto(address("fig04_accuracies"), wait_until="load")
    page.get_by_role("button", name="Look closer").click()
    page.get_by_text("The figure cannot be shown").wait_for()
    assert page.locator("img.figure-light").first.is_visible()
    page.context.close()


def test_axe_finds_nothing_of_level_a_or_aa(opened):
    page, _ = opened
    # Rows are alike, and there may be a thousand and more.
    parts = {
        "include": [".look-closer", ".interactive-figure"],
        "exclude": ["tbody tr:nth-child(n+10)"],
    }
    # Points are no text and no target of the keyboard, and axe would look behind every one of
    # thousands.
    points = page.add_style_tag(content=".chart .plot { display: none }")
    try:
        for theme, rules in (("dark", ["color-contrast"]), ("light", LEVELS)):
            page.evaluate(
                """theme => new Promise(drawn => {
                    document.querySelector(".chart").once("plotly_afterplot", () => drawn(true));
                    document.documentElement.dataset.theme = theme;
                })""",
                theme,
            )
            assert violations(page, rules, **parts) == "", theme
    finally:
        points.evaluate("style => style.remove()")


@pytest.mark.parametrize("name", ROWS)
def test_on_a_phone_a_tap_names_a_network_and_leaves_the_page_only_by_the_link(chromium, name):
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    page, problems = new_page(chromium, **phone)
    look_closer(page, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".chart .main-svg").first.bounding_box()["width"] <= 360
    page.touchscreen.tap(
        *middle(page.locator(".chart .scatterlayer .trace").first.locator("path.point").last)
    )
    page.locator(".pointed a").first.wait_for()
    assert "explorer" not in page.url
    page.locator(".pointed a").first.tap()
    page.wait_for_url(EXPLORER)
    assert problems == []
    page.context.close()
