"""The pages for readers who cannot see all of them, use no pointer, or have a small screen.

What every page must keep is in `test_browser`; here is what a reader does.
"""

import re

import pytest
from built_book import LANDING, open_page, page_of, put_on, violations

from companion.pages.assembly import HTML

pytestmark = pytest.mark.browser

FIGURE = page_of("fig09")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


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
    assert violations(screen, ["color-contrast"], include=[["article .highlight"]]) == ""


def test_axe_does_find_what_is_wrong(screen):
    # Else a page that failed to load axe would pass every test above.
    screen.set_content(
        '<html lang="en"><title>wrong</title><img src="data:,"><p style="color: #ccc; background: '
        '#fff">faint</p></html>'
    )
    report = violations(screen)
    assert "image-alt" in report
    assert "color-contrast" in report


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_menu_of_a_small_screen_opens_by_keyboard_and_axe_finds_nothing_wrong(phone, theme):
    open_page(phone, LANDING)
    put_on(phone, theme)
    phone.locator("button.primary-toggle:visible").first.press("Enter")
    menu = phone.locator("#pst-primary-sidebar-modal")
    menu.wait_for()
    assert menu.get_by_role("link").count() > 10
    assert violations(phone) == ""
    phone.keyboard.press("Escape")
    menu.wait_for(state="hidden")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_search_opens_by_keyboard_and_axe_finds_nothing_wrong(screen, theme):
    open_page(screen, LANDING)
    put_on(screen, theme)
    screen.keyboard.press("Control+k")
    screen.locator("#pst-search-dialog").wait_for()
    assert violations(screen) == ""
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
    assert violations(phone) == ""
    phone.keyboard.press("Tab")
    phone.keyboard.press("ArrowRight")
    phone.wait_for_function("document.querySelector('.enlarged-picture').scrollLeft > 0")
    phone.keyboard.press("Escape")
    enlarged.wait_for(state="hidden")
    assert button.evaluate("button => button === document.activeElement")


def test_a_large_screen_offers_no_larger_picture(screen):
    open_page(screen, FIGURE)
    screen.wait_for_function("document.querySelector('.themed-figure .enlarge-button')?.hidden")
