"""The row of links as a reader uses it, in Chromium.

Seen at every width, large enough for a finger, and what is copied.
"""

import pytest

from companion.notebooks.sources import figure_names, find_source
from companion.pages.assembly import HTML
from companion.places import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=[1280, 360])
def page(request, chromium):
    context = chromium.new_context(viewport={"width": request.param, "height": 900})
    yield context.new_page()
    context.close()


def address(figure):
    return (HTML / find_source(figure).relative_to(ROOT)).with_suffix(".html").as_uri()


def pasted(page):
    """Return what a reader who pastes now would get."""
    page.evaluate(
        "const box = document.createElement('textarea'); "
        "box.id = 'pasted';document.querySelector('main').prepend(box); box.focus()"
    )
    page.keyboard.press("Control+V")
    return page.locator("#pasted").input_value()


@pytest.mark.parametrize("figure", figure_names())
def test_every_link_of_the_row_is_seen_and_can_be_hit(page, figure):
    page.goto(address(figure))
    links = page.locator(".page-links :is(a, button)").all()
    assert len(links) >= 4  # source, notebook, one table at least, and the button that copies
    width = page.viewport_size["width"]
    for link in links:
        assert link.is_visible()
        box = link.bounding_box()
        assert min(box["width"], box["height"]) >= 24  # WCAG 2.2, target size
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_the_command_is_copied_as_it_is_typed(page):
    page.goto(address("fig09"))
    page.locator(".page-links button.copybtn").click()
    assert pasted(page) == "make figure FIG=fig09"
