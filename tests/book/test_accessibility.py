"""The built pages for readers who cannot see all of them, use no pointer, or have a small screen.

Axe-core's rules and our own.
"""

import re
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from built_book import PAGES, path_in_book
from playwright.sync_api import TimeoutError as Timeout

from companion.pages.assembly import HTML

pytestmark = pytest.mark.browser

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""Levels A and AA of the Web Content Accessibility Guidelines 2.0 to 2.2. No rule of theirs is
switched off."""
COLOURS = ["color-contrast", "link-in-text-block"]
"""Those of them that look at colours, which the theme decides."""
CODE = ".highlight"
"""Highlighted code: thousands of words in a few colours. One test looks at each colour, the others
skip it."""
OF_A_SMALL_SCREEN = [
    "target-size",
    "scrollable-region-focusable",
    "aria-hidden-focus",
    "button-name",
    "link-name",
    "meta-viewport",
]
"""The rules whose answer depends on the width: small screens have other buttons, and boxes that
scroll."""
FIGURE = HTML / "book" / "figures" / "fig09_seeds.html"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
READY = "document.fonts.ready.then(() => window.MathJax?.startup?.promise).then(() => true)"


@pytest.fixture(scope="module")
def screen(chromium):
    """Return one page of the browser for all tests.

    Without movement, so that colours are those that stay.
    """
    context = chromium.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(screen):
    """Return the same page of the browser, on a phone."""
    screen.set_viewport_size(PHONE)
    yield screen
    screen.set_viewport_size(DESK)


def open_page(screen, page):
    screen.goto(page.as_uri(), wait_until="load")
    screen.evaluate(READY)


def violations(screen, rules, **context):
    """Return what axe-core finds wrong by these rules or levels, on the page or a part of it.

    Nothing when all is well.
    """
    found = Axe().run(
        screen, context=context or None, options={"runOnly": rules, "resultTypes": ["violations"]}
    )
    return found.generate_report() if found.violations_count else ""


def put_on(screen, theme):
    screen.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


@pytest.mark.parametrize("page", PAGES, ids=path_in_book)
def test_axe_finds_nothing_wrong_with_a_page(screen, page):
    open_page(screen, page)
    screen.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    put_on(screen, "dark")
    assert violations(screen, COLOURS, exclude=[[CODE]]) == ""
    put_on(screen, "light")
    assert violations(screen, LEVELS, exclude=[[CODE]]) == ""
    screen.set_viewport_size(PHONE)
    try:
        assert_boxes_that_scroll_are_reached_by_keyboard(screen)
        assert violations(screen, OF_A_SMALL_SCREEN) == ""
    finally:
        screen.set_viewport_size(DESK)


def assert_boxes_that_scroll_are_reached_by_keyboard(screen):
    unreachable = """[...document.querySelectorAll("main *")].filter(box =>
        box.scrollWidth > box.clientWidth + 1
          && ["auto", "scroll"].includes(getComputedStyle(box).overflowX)
        && box.checkVisibility() && box.tabIndex < 0).map(box => box.outerHTML.slice(0, 200))"""
    with suppress(Timeout):  # the theme makes them so a moment after a change of size
        screen.wait_for_function(f"{unreachable}.length === 0")
    assert screen.evaluate(unreachable) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_of_highlighted_code_can_be_read(screen, theme):
    open_page(screen, FIGURE)
    put_on(screen, theme)
    style = (HTML / "_static" / "pygments.css").read_text(encoding="utf-8")
    kinds = sorted(set(re.findall(rf'\[data-theme="{theme}"\] \.highlight \.(\w+)', style)))
    assert len(kinds) > 20
    screen.evaluate(
        """kinds => { document.querySelector("article .highlight pre").innerHTML =
            kinds.map(kind => `<span class="${kind}">word</span>`).join(" "); }""",
        kinds,
    )
    assert violations(screen, COLOURS, include=[["article .highlight"]]) == ""


def test_axe_does_find_what_is_wrong(screen):
    # Else a page that failed to load axe would pass every test above.
    screen.set_content(
        '<html lang="en"><title>wrong</title><img src="data:,"><p style="color: #ccc; background: '
        '#fff">faint</p></html>'
    )
    report = violations(screen, LEVELS)
    assert "image-alt" in report
    assert "color-contrast" in report


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_menu_of_a_small_screen_opens_by_keyboard_and_axe_finds_nothing_wrong(phone, theme):
    open_page(phone, HTML / "book" / "index.html")
    put_on(phone, theme)
    phone.locator("button.primary-toggle:visible").first.press("Enter")
    menu = phone.locator("#pst-primary-sidebar-modal")
    menu.wait_for()
    assert menu.get_by_role("link").count() > 10
    assert violations(phone, LEVELS) == ""
    phone.keyboard.press("Escape")
    menu.wait_for(state="hidden")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_search_opens_by_keyboard_and_axe_finds_nothing_wrong(screen, theme):
    open_page(screen, HTML / "book" / "index.html")
    put_on(screen, theme)
    screen.keyboard.press("Control+k")
    screen.locator("#pst-search-dialog").wait_for()
    assert violations(screen, LEVELS) == ""
    screen.keyboard.press("Escape")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_small_screen_opens_a_picture_in_full_size_by_keyboard(phone, theme):
    open_page(phone, FIGURE)
    put_on(phone, theme)
    picture = phone.locator(f".themed-figure img.figure-{theme}")
    declared = int(picture.get_attribute("width"))
    assert picture.bounding_box()["width"] < declared / 2
    button = phone.get_by_role("button", name="Enlarge the picture")
    button.press("Enter")
    enlarged = phone.get_by_role("dialog", name="The picture in full size")
    assert enlarged.get_by_role("img").bounding_box()["width"] == declared
    assert enlarged.get_by_role("img").get_attribute("src") == picture.get_attribute("src")
    assert violations(phone, LEVELS) == ""
    phone.keyboard.press("Tab")
    phone.keyboard.press("ArrowRight")
    phone.wait_for_function("document.querySelector('.enlarged-picture').scrollLeft > 0")
    phone.keyboard.press("Escape")
    enlarged.wait_for(state="hidden")
    assert button.evaluate("button => button === document.activeElement")


def test_a_large_screen_offers_no_larger_picture(screen):
    open_page(screen, FIGURE)
    screen.wait_for_function("document.querySelector('.themed-figure .enlarge-button')?.hidden")
