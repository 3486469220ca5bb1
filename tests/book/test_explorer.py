"""The topology explorer's page in Chromium, opened from disk.

Complete, and usable by every reader, whatever is typed.
"""

import json
import random
import statistics
from pathlib import Path

import numpy as np
import pytest
from built_book import violations, watch, watch_requests

import radixnet as rx
from companion import published
from companion.pages.assembly import HTML
from companion.pages.explorer_data import VARIABLE, explorer_data
from companion.publication import BEYOND, RUNS, read_runs

pytestmark = pytest.mark.browser

PAGE = (HTML / "book" / "explorer.html").as_uri()
LENET = (784, 300, 100, 10)
DEFAULT = "#radix_lists=[[10,10],[10]]&layer_sizes=784-300-100-10&fit=trim&dense_output=false"

# -- the published runs ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables():
    return [read_runs(published(name)) for name in (RUNS, BEYOND)]


def test_the_script_holds_every_published_run_and_stays_small(tables):
    script = (HTML / "_static" / "explorer" / "published_runs.js").read_text(encoding="utf-8")
    assert len(script) < 2_000_000
    data = json.loads(script.split(f"var {VARIABLE} = ")[1].rstrip(";\n"))
    kept = sorted(
        (lists, sizes, fit, bool(dense), seed, test, classes, *curve)
        for lists, sizes, fit, dense, _, _, groups in data["networks"]
        for runs in groups.values()
        for seed, test, classes, *curve in runs
    )
    wiring = ("radix_lists", "layer_sizes", "fit", "dense_output")
    rows = {
        (row["identity"], *(row[name] for name in wiring)): row
        for table in tables
        for row in table.to_dict("records")
        if row["status"] == "done" and isinstance(row["radix_lists"], str)
    }
    assert len(rows) > 10_000
    expected = sorted(
        (
            row["radix_lists"].replace(" ", ""),
            row["layer_sizes"],
            row["fit"],
            row["dense_output"],
            row["seed"],
            round(row["test_accuracy"] * 10_000),
            int(row["test_classes"]),
            *(round(1000 * value) for value in row["train_accuracy_curve"]),
        )
        for row in rows.values()
    )
    assert kept == expected
    drawn = random.Random(1).sample(data["networks"], 20)  # noqa: S311
    for lists, sizes, fit, dense, connections, fan_in, _ in drawn:
        masks = rx.RadixTopology(
            json.loads(lists), map(int, sizes.split("-")), fit, bool(dense)
        ).masks
        assert connections == [int(mask.sum()) for mask in masks]
        assert fan_in == masks[-1].sum(axis=0).min()


def test_a_chapter_without_a_page_is_named_without_a_link(tables):
    runs = tables[1].groupby("figure").head(1)
    groups = explorer_data(runs, {"predict": ("Predicting", "beyond/predict.html")})["groups"]
    assert {group["title"]: group["page"] for group in groups}.items() >= {
        "Predicting": "beyond/predict.html",
        "repair": "",
    }.items()


# -- the page --------------------------------------------------------------------------------------


@pytest.fixture
def explorer(chromium):
    """Return a function that opens the explorer; whatever goes wrong on the page fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems = watch(page)
    watch_requests(page, problems)

    def open_page(address="", theme="light", width=1280):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("about:blank")
        page.goto(PAGE + address, wait_until="load")
        settle(page)
        return page

    yield open_page
    context.close()
    assert problems == []


def settle(page):
    """Wait until pictures are drawn and runs are listed."""
    page.wait_for_function("!document.querySelector('.explorer-part[aria-busy=true]')")


def typed(page, lists=None, sizes=None):
    """Type into the fields and wait for the answer."""
    for field, text in (("#radix-lists", lists), ("#layer-sizes", sizes)):
        if text is not None:
            page.fill(field, text)
    settle(page)


def settings(page):
    return {
        "radix_lists": page.input_value("#radix-lists").replace(" ", ""),
        "layer_sizes": page.input_value("#layer-sizes"),
        "fit": page.evaluate("document.querySelector('input[name=fit]:checked')?.value"),
        "dense_output": page.is_checked("#dense-output"),
    }


NORMAL = {
    "radix_lists": "[[10,10],[10]]",
    "layer_sizes": "784-300-100-10",
    "fit": "trim",
    "dense_output": False,
}
LENET_FOLDED = {
    "radix_lists": "[[7,15],[3]]",
    "layer_sizes": "784-300-100-10",
    "fit": "fold",
    "dense_output": True,
}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", NORMAL),
        (
            "#radix_lists=[[7,15],[3]]&layer_sizes=784-300-100-10&fit=fold&dense_output=true",
            LENET_FOLDED,
        ),
        (
            "#radix_lists=%5B%5B7%2C15%5D%2C%5B3%5D%5D&layer_sizes=784-300-100-10&fit=fold&dense_output=true",
            LENET_FOLDED,
        ),
        (
            "#radix_lists=%5B%5B7%2C%2015%5D%2C%20%5B3%5D%5D&dense_output=true&fit=fold",
            LENET_FOLDED,
        ),
        ("#layer_sizes=16-12-24-6", {**NORMAL, "layer_sizes": "16-12-24-6"}),
        ("#radix_lists=%E0%A4&nonsense&x=1", {**NORMAL, "radix_lists": "%E0%A4"}),
    ],
)
def test_the_address_holds_what_is_shown(explorer, address, expected):
    page = explorer(address)
    assert settings(page) == expected
    written = page.evaluate("location.hash")
    again = explorer(written)
    assert settings(again) == expected
    assert again.evaluate("location.hash") == written


def test_the_sentences_of_the_page_are_those_of_the_package(explorer):
    shared = json.loads(Path(rx.__file__).with_name("sentences.json").read_text("utf-8"))
    assert explorer().evaluate("radixnetSentences") == shared


def test_the_address_keeps_step_with_what_is_typed(explorer):
    page = explorer()
    assert page.evaluate("location.hash") == DEFAULT
    before = page.evaluate("history.length")
    typed(page, "[[7, 15], [3]]")
    page.check("#dense-output")
    page.check("input[value=fold]")
    settle(page)
    assert (
        page.evaluate("location.hash")
        == "#radix_lists=[[7,15],[3]]&layer_sizes=784-300-100-10&fit=fold&dense_output=true"
    )
    assert page.evaluate("history.length") == before, "each letter would be a step back"
    page.evaluate("location.hash = '#radix_lists=[[10,10],[1]]'")
    page.wait_for_function(
        "document.getElementById('explorer-verdict').textContent.includes('At risk')"
    )
    assert settings(page)["fit"] == "trim"


@pytest.mark.parametrize("setting", ["fit=bend", "dense_output=perhaps"])
def test_a_setting_in_the_address_that_does_not_exist_is_refused_in_the_words_of_the_package(
    explorer, setting
):
    page = explorer(f"#{setting}")
    name, value = setting.split("=")
    with pytest.raises(ValueError, match=value) as error:
        rx.RadixTopology([[10, 10], [10]], LENET, **{name: value})
    assert page.inner_text("#explorer-reasons").strip() == str(error.value)
    page.check("input[value=trim]") if name == "fit" else page.check("#dense-output")
    settle(page)
    assert page.inner_text("#explorer-verdict").endswith("Expected to train")


def test_a_heading_of_the_contents_is_gone_to_and_the_address_keeps_the_network(explorer):
    page = explorer("#radix_lists=[[7,15],[3]]&fit=fold")
    before = page.evaluate("location.hash")
    link = page.locator("#pst-secondary-sidebar a[href^='#']:visible").last
    assert "=" not in link.get_attribute("href")
    link.click()
    page.wait_for_function("scrollY > 0")
    page.wait_for_function("before => location.hash === before", arg=before)
    page.reload(wait_until="load")
    settle(page)
    assert settings(page) == {**LENET_FOLDED, "dense_output": False}


def test_what_is_suggested_is_legal_also_where_a_setting_does_not_exist(explorer):
    page = explorer("#radix_lists=[[10,10],[3]]&fit=bend&dense_output=perhaps")
    suggested = page.locator("#explorer-suggestions a")
    assert "[[10, 10], [2]] on 784-300-100-10" in suggested.all_text_contents()
    suggested.first.click()
    page.wait_for_function("!document.getElementById('explorer-suggestions').textContent")
    assert settings(page)["fit"] == "trim"
    assert page.inner_text("#explorer-verdict")


def test_the_network_that_the_page_asks_about_is_in_its_box(explorer):
    page = explorer()
    asked = page.locator("article.bd-article section > p code").first.inner_text()
    assert page.input_value("#radix-lists") == asked


def test_a_network_between_the_verdicts_is_not_shown_as_one_that_trains(explorer):
    page = explorer("#radix_lists=[[7,15],[3]]")
    assert page.inner_text("#explorer-verdict") == "? In doubt"
    colours = set()
    for lists in ("[[7,15],[3]]", "[[10,10],[10]]", "[[10,10],[1]]"):
        typed(page, lists)
        colours.add(
            page.evaluate("getComputedStyle(document.getElementById('explorer-verdict')).color")
        )
    assert len(colours) == 3


def test_a_page_says_what_it_read_where_that_is_not_what_was_typed(explorer):
    page = explorer()
    assert not page.locator("#explorer-read").is_visible()
    typed(page, "10,10;1")
    assert page.inner_text("#explorer-read") == "Read as [[10, 10], [1]]."
    assert page.inner_text("#explorer-verdict").endswith("At risk")
    again = explorer(page.evaluate("location.hash"))
    assert again.inner_text("#explorer-read") == "Read as [[10, 10], [1]]."
    typed(page, "[[10, 10], [10", "784 300 100 10")
    assert page.inner_text("#explorer-read") == "Read as [[10, 10], [10]] on 784-300-100-10."


@pytest.mark.parametrize(
    ("lists", "sizes", "written"),
    [
        ("[[5, 5], [1]]", "784-60000-30-10", "[[5, 5], [1]], layer_sizes=(784, 60000, 30, 10)"),
        ("1,9007199254740993", "2 2 2", "[[1, 9007199254740993]], layer_sizes=(2, 2, 2)"),
    ],
)  # the latter radix is 2^53 + 1, which is no double
def test_what_is_too_large_comes_with_the_line_for_python(explorer, lists, sizes, written):
    page = explorer("#dense_output=true")
    typed(page, lists, sizes)
    assert page.inner_text("#explorer-verdict").lower().endswith("too large for this page")
    line = f"rx.RadixTopology({written}, dense_output=True)"
    reason = page.inner_text("#explorer-reasons").strip()
    assert reason.endswith(f": too large for this page; in Python: {line}.diagnose()")
    assert line in page.text_content("#explorer-python code")
    assert not page.locator("#explorer-masks").is_visible()


@pytest.mark.parametrize(
    ("lists", "fit"),
    [
        ("[[7, 15], [3]]", "trim"),
        ("[[10, 10], [1]]", "trim"),
        ("[[13, 11], [1]]", "fold"),
        ("[[10, 10, 10]]", "trim"),
    ],
)
def test_a_reader_sees_the_verdict_the_reasons_and_the_numbers(explorer, lists, fit):
    page = explorer(f"#radix_lists={lists.replace(' ', '')}&fit={fit}")
    topology = rx.RadixTopology(json.loads(lists), LENET, fit)
    found = topology.diagnose()
    assert page.inner_text("#explorer-verdict")[2:].lower() == found.verdict
    assert [item.inner_text() for item in page.locator("#explorer-reasons li").all()] == list(
        found.reasons
    )
    facts = page.inner_text("#explorer-facts")
    for number in (
        f"{topology.sparsity:.2%}",
        f"{topology.expanded_sparsity:.2%} before",
        f"{sum(topology.connection_counts):,}",
        f"{found.chance_of_a_lost_class:.1%}",
        f"{found.input_coverage:.1%}",
        f"{found.max_paths:,.0f}",
    ):
        assert number in facts
    rows = page.locator("#explorer-layers tbody tr").all()
    for row, mask, live in zip(rows, topology.masks, found.live_units[1:], strict=True):
        assert f"{mask.sum():,}" in row.inner_text()
        assert f"{live:,} of {mask.shape[1]}" in row.inner_text()
    code = page.text_content("#explorer-python code").split("topology.diagnose")[0]
    names = {}
    exec(code, names)  # noqa: S102
    assert names["topology"] == topology


def test_the_picture_of_a_mask_is_the_mask(explorer):
    page = explorer("#radix_lists=[[3,4],[12]]&layer_sizes=16-12-24-6")
    topology = rx.RadixTopology([[3, 4], [12]], (16, 12, 24, 6))
    canvases = page.locator("#explorer-masks figure canvas:first-child").all()
    for canvas, mask in zip(canvases, topology.masks, strict=True):
        width, height = canvas.evaluate("canvas => [canvas.width, canvas.height]")
        dots = canvas.evaluate(
            "canvas => Array.from(canvas.getContext('2d').getImageData(0, "
            f"0, {width}, {height}).data)"
        )
        image = np.array(dots).reshape(height, width, 4)[:, :, 0]
        assert image.shape == mask.T.shape
        assert np.array_equal(image == 0x00, mask.T)  # the red of the colour of connections
        assert canvas.get_attribute("aria-label").count(f"{mask.sum()} of {mask.size}") == 1


def test_the_network_of_a_class_is_marked(explorer):
    page = explorer("#radix_lists=[[10,10],[1]]")
    page.select_option("#trace", "3")
    page.locator("#network-caption").filter(has_text="class 3").wait_for()
    topology = rx.RadixTopology([[10, 10], [1]], LENET)
    towards = [topology.masks[2][:, 3]]
    for mask in reversed(topology.masks[:2]):
        towards.insert(0, (mask & towards[0]).any(axis=1))
    counts = ", ".join(str(units.sum()) for units in [*towards, np.array([True])])
    assert f"all that leads to class 3, {counts} units" in page.inner_text("#network-caption")
    dead = sum(topology.layer_sizes) - sum(topology.diagnose().live_units)
    assert f"{dead} units in grey" in page.inner_text("#network-caption")


def test_a_class_that_is_chosen_while_the_network_is_drawn_stays_marked(explorer):
    page = explorer("#radix_lists=[[10,10],[1]]")
    page.evaluate(
        """() => {
          const draw = Pictures.drawNetwork;
          const trace = document.getElementById("trace");
          Pictures.drawNetwork = function* (...all) {
            if (trace.value === "-1") {
              setTimeout(() => {
                trace.value = "3";
                trace.dispatchEvent(new Event("change"));
              });
              while (trace.value === "-1") yield;
              yield; // what is left of this picture is not to be drawn
            }
            window.drawn = (window.drawn ?? 0) + 1;
            return yield* draw(...all);
          };
          window.dispatchEvent(new Event("resize"));
        }"""
    )
    page.locator("#network-caption").filter(has_text="class 3").wait_for()
    page.wait_for_timeout(500)
    assert "class 3" in page.inner_text("#network-caption")
    assert page.evaluate("drawn") == 1


def test_published_runs_of_the_same_network_come_first_and_the_nearest_after(explorer, tables):
    page = explorer("#radix_lists=[[10,10],[1]]")
    page.locator("#explorer-runs").scroll_into_view_if_needed()
    cards = page.locator(".explorer-card")
    cards.first.wait_for()
    first = cards.nth(0)
    own = [
        row
        for table in tables
        for row in table.to_dict("records")
        if (row["radix_lists"], row["layer_sizes"], row["fit"], row["dense_output"])
        == ("[[10, 10], [1]]", "784-300-100-10", "trim", False)
    ]
    runs = len({row["identity"] for row in own})
    assert f"{runs} runs" in page.inner_text("#explorer-runs > p")
    assert (
        first.locator("path:not(.explorer-grid)[class^=explorer-line]").count()
        == runs + first.locator(".explorer-key path").count()
    )
    fig09 = [row["test_accuracy"] for row in own if row["figure"] == "fig09"]
    assert (
        f"10 runs: median {statistics.median(fig09):.1%} on "
        f"test images ({min(fig09):.1%} to {max(fig09):.1%})"
    ) in first.inner_text()
    assert "very same connections" in cards.nth(1).inner_text()
    assert np.array_equal(
        *[
            np.concatenate([mask.ravel() for mask in rx.RadixTopology(lists, LENET).masks])
            for lists in ([[10, 10], [1]], [[10, 10, 1]])
        ]
    )
    distances = page.evaluate(
        "Neighbours.nearest(Explorer.workOut(Address.read('#radix_lists=[[10,10],[1]]')), "
        "Neighbours.networksOf(radixnetPublishedRuns))"
        ".map(network => [network.radixLists, network.fit, network.denseOutput, network.distance])"
    )
    own_density = [mask.mean() for mask in rx.RadixTopology([[10, 10], [1]], LENET).masks]
    for lists, fit, dense, distance in distances:
        densities = [
            mask.mean() for mask in rx.RadixTopology(json.loads(lists), LENET, fit, dense).masks
        ]
        assert distance == pytest.approx(
            np.mean(np.abs(np.log2(np.divide(own_density, densities)))), abs=1e-9
        )
    assert [row[-1] for row in distances] == sorted(row[-1] for row in distances)
    link = cards.nth(2).locator("a").first
    wanted = link.inner_text()
    link.click()
    page.wait_for_function(
        "text => document.getElementById('radix-lists').value === text", arg=wanted
    )
    assert page.evaluate("document.activeElement.id") == "explorer-verdict"
    assert page.locator("#explorer-answer").bounding_box()["y"] < 900


ABSURD = [
    ("", "784-300-100-10"),
    ("[[10, 10], [10]]", ""),
    ("abc", "def"),
    ("[[]]", "1"),
    ("[[0]]", "1-1"),
    ("[[-1]]", "1-1"),
    ("[[1e9]]", "2-2"),
    ("[[1000000000, 1000000000], [7]]", "784-300-100-10"),
    (str([[10] * 10] * 50), "784-300-100-10"),
    (str([[2]] * 50), "-".join(["9"] * 51)),
    ("[[999999999999999999999999999999]]", "784-10"),
    ("[[10, 10], [10]]", "1000000000-1000000000-1000000000-10"),
    ("[[10, 10], [10]]", "0-300-100-10"),
    ("[[10, 10], [10]]", "784--300-100-10"),
    ("[[1], [1]]", "40000-40000-40000"),
    ("[" * 1999, "]"),
    ("<img src=x onerror=alert(1)>", "<b>1</b>"),
    ("1" * 5000, "1"),
    ("[[10, 10], [10]]", "784.5-300-100-10"),
    ("[[1]]", "1-1"),
]


def test_absurd_input_gets_a_reason(explorer):
    page = explorer()
    for lists, sizes in ABSURD:
        typed(page, lists, sizes)
        assert len(page.inner_text("#explorer-reasons").strip()) > 20, (lists[:50], sizes[:50])
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.locator("#explorer-reasons img").count() == 0
    typed(page, "[[10, 10], [3]]", "784-300-100-10")
    with pytest.raises(ValueError, match="must divide") as error:
        rx.RadixTopology([[10, 10], [3]], LENET)
    assert page.inner_text("#explorer-reasons").strip() == str(error.value)
    assert page.get_attribute("#radix-lists", "aria-invalid") == "true"
    assert not page.locator("#explorer-masks").is_visible()
    page.click("#explorer-suggestions a")
    page.wait_for_function("document.getElementById('radix-lists').value === '[[10, 10], [2]]'")
    settle(page)
    assert page.locator("#explorer-masks canvas").first.is_visible()


def test_the_keyboard_is_enough(explorer):
    page = explorer()
    page.focus("#radix-lists")
    page.keyboard.press("Control+A")
    page.keyboard.type("[[7, 15], [3]]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "layer-sizes"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    settle(page)
    assert settings(page) == LENET_FOLDED
    outlines = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outlines == "solid", "the focus must be seen"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the first example
    page.wait_for_function("document.getElementById('radix-lists').value === '[[10, 10], [10]]'")
    page.focus("#trace")
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        "document.getElementById('network-caption').textContent.includes('class 0')"
    )


def stop_the_clock(page):
    """Have time pass on the page only as `page.clock.run_for` says, whatever its speed."""
    page.clock.install(time=0)
    page.reload(wait_until="load")
    settle(page)
    page.clock.pause_at(3_600_000)


def test_the_outcome_is_announced_once_when_typing_has_stopped(explorer):
    page = explorer()
    stop_the_clock(page)
    page.evaluate(
        "window.announced = []; const said = document.getElementById('explorer-status');"
        "new MutationObserver(() => announced.push(said.textContent))"
        ".observe(said, {childList: true, characterData: true, subtree: true})"
    )
    page.fill("#radix-lists", "")
    for letter in "[[10, 10], [1]]":
        page.type("#radix-lists", letter)
        page.clock.run_for(20)
    page.clock.run_for(1500)
    announced = page.evaluate("announced")
    assert len(announced) == 1
    assert announced[0].startswith("At risk. As 10 of 10 classes have 1 incoming connection")


def test_an_answer_waits_for_no_timer_that_a_reader_would_notice(explorer):
    page = explorer("#radix_lists=[[2,2,2]]")
    stop_the_clock(page)
    for lists in ("[[10,10],[10]]", "[[7,15],[3]]", "[[13,11],[1]]"):
        page.fill("#radix-lists", lists)
        assert f"={lists}&" in page.evaluate("location.hash")
        assert lists.replace(",", ", ") in page.text_content("#explorer-python code")
        page.clock.run_for(100)
        assert page.locator(".explorer-part[aria-busy=true]").count() == 0, (
            "pictures and runs are not there yet"
        )


def test_pictures_take_the_colours_of_the_theme_when_it_is_switched(explorer):
    page = explorer()
    dot = (
        "Array.from(document.querySelector('#explorer-masks "
        "canvas').getContext('2d').getImageData(0, 0, 1, 1).data)"
    )
    whole = "document.querySelector('#explorer-masks canvas').toDataURL()"
    light, picture = page.evaluate(dot), page.evaluate(whole)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"picture => {whole} !== picture", arg=picture)
    assert sum(page.evaluate(dot)) > sum(light), "dark pages have lighter ink"


@pytest.mark.parametrize(
    ("theme", "width", "lists"),
    [
        ("dark", 1280, "[[10,10],[1]]"),
        ("light", 360, "[[10,10],[3]]"),
        ("light", 1280, "[[7,15],[3]]"),
    ],
)
def test_it_is_accessible_and_fits_the_screen(explorer, theme, width, lists):
    page = explorer(f"#radix_lists={lists}", theme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page, include=["article.bd-article"]) == ""
