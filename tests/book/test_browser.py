"""The built book opened in Chromium from disk: light, dark, on a phone and on paper.

Each page is loaded once, and looked at in every view.
"""

from contextlib import suppress

import pytest
from built_book import (
    LANDING,
    PAGES,
    open_page,
    page_of,
    path_in_book,
    put_on,
    violations,
    watch,
    watch_requests,
)
from playwright.sync_api import TimeoutError as Timeout

from companion.notebooks.sources import figure_names, notebook_names

PER_MILLIMETRE = 96 / 25.4
VIEWS = {
    "light": ("light", 1280, 900),
    "dark": ("dark", 1280, 900),
    "phone": ("light", 360, 740),
    "paper": ("light", round(174 * PER_MILLIMETRE), round(255 * PER_MILLIMETRE)),
}
"""Theme, width and height; of an A4 sheet, what the margins leave, as the browser counts."""
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of accessibility that look at colours, which the theme decides."""
OF_A_SMALL_SCREEN = [
    *("target-size", "scrollable-region-focusable", "aria-hidden-focus"),
    *("button-name", "link-name", "meta-viewport"),
]
"""Those whose answer depends on the width: small screens have other buttons, and boxes that
scroll."""
CODE = ".highlight"
"""Highlighted code: thousands of words in a few colours, each of which has a test of its own."""
ON_SCREEN_ONLY = (
    "#pst-primary-sidebar, #pst-secondary-sidebar, .bd-header-article, .prev-next-footer, button, "
    ".headerlink"
)
NOTEBOOKS = {page_of(name) for name in notebook_names()}
FIGURES = {page_of(name) for name in figure_names()}

TABLES_CUT = """() => [...document.querySelectorAll("article.bd-article table")]
    .filter((table) => table.checkVisibility() && !table.closest(".interactive-figure"))
    .filter((table) => table.getBoundingClientRect().right
        > document.querySelector("article.bd-article").getBoundingClientRect().right + 1)
    .map((table) => table.outerHTML.slice(0, 300))"""
"""The tables that reach beyond the text, as they begin; those that a reader sorts and filters have
columns to compare, and a box of their own."""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def screen(chromium):
    """Return a page of the browser without movement, so that colours are those that stay."""
    context = chromium.new_context(color_scheme="light", reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def problems(screen):
    found = watch(screen)
    watch_requests(screen, found)
    return found


@pytest.fixture(scope="module", params=PAGES, ids=path_in_book)
def page(request, screen, problems):
    """Open a page; return its file."""
    problems.clear()
    screen.set_viewport_size({"width": 1280, "height": 900})
    open_page(screen, request.param)
    return request.param


@pytest.fixture
def look(screen):
    """Return a function that shows the open page in a view; it is shown on a desk afterwards."""

    def look_at(view):
        theme, width, height = VIEWS[view]
        screen.set_viewport_size({"width": width, "height": height})
        put_on(screen, theme)
        if view == "paper":
            screen.emulate_media(media="print")
            screen.evaluate("dispatchEvent(new Event('beforeprint'))")

    yield look_at
    screen.evaluate("dispatchEvent(new Event('afterprint'))")
    screen.emulate_media(media="screen")
    screen.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_is_whole_and_as_wide_as_its_view(screen, problems, page, look, view):
    look(view)
    assert screen.locator("h1:visible").count() == 1
    widest = screen.evaluate("document.documentElement.scrollWidth")
    assert widest <= VIEWS[view][1], f"{widest} pixels wide: a reader must scroll sideways"
    if view != "paper":
        cut = screen.evaluate(TABLES_CUT)
        assert cut == [], "a table is cut, or a reader must scroll it sideways"
    if page in NOTEBOOKS:
        assert_pictures_are_in_the_ink_of(screen, VIEWS[view][0])
    if page in FIGURES and view != "paper":
        assert_links_can_be_hit(screen, VIEWS[view][1])
    if view == "paper":
        assert_nothing_is_cut_off(screen, *VIEWS[view][1:])
        assert screen.locator(f":is({ON_SCREEN_ONLY}):visible").count() == 0
    assert problems == []


def assert_pictures_are_in_the_ink_of(screen, theme):
    other = {"light": "dark", "dark": "light"}[theme]
    assert screen.locator(f"img.figure-{other}:visible").count() == 0
    shown = screen.locator(f"img.figure-{theme}")
    assert 0 < shown.count() == screen.locator(f"img.figure-{theme}:visible").count()
    seen = shown.evaluate_all(
        """images => images.map(image => [image.complete && image.naturalWidth > 1000,
             image.getBoundingClientRect().width > 250,
             getComputedStyle(image.closest('.text_html')).backgroundColor])"""
    )
    # A figure in dark ink needs the page's own ground.
    assert seen == [[True, True, "rgba(0, 0, 0, 0)"]] * len(seen)


def assert_links_can_be_hit(screen, width):
    """Check the row of links: source, notebook, a table at least, and the button that copies."""
    boxes = screen.locator(".page-links :is(a, button):visible").evaluate_all(
        "links => links.map(link => link.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) >= 4
    for box in boxes:
        assert min(box["width"], box["height"]) >= 24  # WCAG 2.2, target size
        assert 0 <= box["left"] < box["right"] <= width


def assert_nothing_is_cut_off(screen, width, height):
    cut = screen.locator("article :is(img, table, pre, svg, mjx-container)").evaluate_all(
        """(found, [width, height]) => found.filter(element => {
            const box = element.getBoundingClientRect();
            return box.width && (box.right > width + 1
              || (element.tagName === "IMG" && box.height > height));
        }).map(element => element.outerHTML.slice(0, 200))""",
        [width, height],
    )
    assert cut == []


@pytest.mark.usefixtures("page")
def test_axe_finds_nothing_wrong_with_a_page(screen, look):
    screen.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    look("dark")
    assert violations(screen, COLOURS, exclude=[[CODE]]) == ""
    look("light")
    assert violations(screen, exclude=[[CODE]]) == ""
    look("phone")
    unreachable = """[...document.querySelectorAll("main *")].filter(box =>
        box.scrollWidth > box.clientWidth + 1
          && ["auto", "scroll"].includes(getComputedStyle(box).overflowX)
        && box.checkVisibility() && box.tabIndex < 0).map(box => box.outerHTML.slice(0, 200))"""
    with suppress(Timeout):  # the theme makes them so a moment after a change of size
        screen.wait_for_function(f"{unreachable}.length === 0")
    assert screen.evaluate(unreachable) == []
    assert violations(screen, OF_A_SMALL_SCREEN) == ""


def test_a_card_of_the_landing_page_leads_to_its_figure_wherever_it_is_hit(screen):
    open_page(screen, LANDING)
    screen.set_viewport_size({"width": 360, "height": 740})
    found = screen.locator(".gallery").evaluate_all(
        """cards => cards.map(card => {
            card.scrollIntoView({block: "center"});
            const {left, top, width, height} = card.getBoundingClientRect();
            const hit = share => document.elementFromPoint(
                left + share * width, top + share * height).closest("a").href;
            const pictures = [...card.querySelectorAll("img")];
            const shown = pictures.filter(picture => picture.checkVisibility()).length;
            return [hit(0.1), hit(0.5), hit(0.9), shown, pictures.length];
        })"""
    )
    pages = [page_of(name).as_uri() for name in figure_names()]
    assert sorted(found) == sorted([page, page, page, 1, 2] for page in pages)


def test_formulas_are_typeset(screen):
    open_page(screen, page_of("fig01"))
    screen.wait_for_selector("mjx-container")


def test_the_numbers_behind_a_figure_are_saved_as_csv(screen):
    open_page(screen, page_of("fig03"))
    with screen.expect_download() as saved:
        screen.locator("a[download='fig03_sparsities.csv']").click()
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("radix_lists,product,")
    assert len(lines) == 1 + 1517


def test_the_command_is_copied_as_it_is_typed(screen):
    open_page(screen, page_of("fig09"))
    screen.locator(".page-links button.copybtn").click()
    screen.evaluate(
        "const box = document.createElement('textarea'); box.id = 'pasted';"
        "document.querySelector('main').prepend(box); box.focus()"
    )
    screen.keyboard.press("Control+V")
    assert screen.locator("#pasted").input_value() == "make figure FIG=fig09"
