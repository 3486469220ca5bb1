"""The landing page's ten signs.

The rule against the package's, and what a reader can do with it.
"""

import numpy as np
import pytest
from built_book import LANDING

from companion.places import ROOT
from radixnet.diagnostics.lost_classes import lost_by_signs

pytestmark = pytest.mark.browser

SCRIPT = ROOT / "book" / "_static" / "signs.js"


def test_a_class_is_lost_exactly_where_the_package_says_so(chromium):
    """One weight for each class, then two, then three; every unit is on for some image."""
    random = np.random.default_rng(1)
    page = chromium.new_page()
    page.add_script_tag(path=SCRIPT)
    for weights in (1, 2, 3):
        signs = random.choice([-1, 1], (200, 10, weights))
        expected = []
        for network in signs:
            last = np.zeros((10 * weights, 10))
            for number, own in enumerate(network):
                last[number * weights : (number + 1) * weights, number] = own
            expected.append(lost_by_signs([np.ones((4, 10 * weights)), last]).tolist())
        assert page.evaluate("cases => cases.map(Signs.lost)", signs.tolist()) == expected
    page.close()


@pytest.fixture
def landing(chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(LANDING.as_uri(), wait_until="load")
    yield page
    page.close()


def left(page):
    return int(page.get_by_role("status").inner_text().split()[0])


def test_flipping_signs_by_keyboard_loses_and_brings_back_classes(landing):
    for number in range(10):
        button = landing.locator(".signs-column button").nth(number)
        if "negative" in button.get_attribute("aria-label"):
            button.focus()
            landing.keyboard.press("Enter")
    assert left(landing) == 10
    landing.locator(".signs-column button").nth(4).press("Space")
    assert left(landing) == 9
    assert "lost" in landing.locator(".signs-column button").nth(4).get_attribute("aria-label")


def test_a_folded_network_keeps_classes_that_a_trimmed_one_loses(landing):
    trimmed = left(landing)
    landing.get_by_label("fold").check()
    assert trimmed < left(landing)


def test_the_discovery_and_the_verdicts_stand_on_the_first_screen(landing):
    for place in (".signs-columns", ".signs-status", ".ways-in"):
        assert landing.locator(place).first.bounding_box()["y"] < 900


def test_without_scripts_a_picture_stands_there(chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(LANDING.as_uri())
    assert page.locator(".signs-picture img").first.is_visible()
    context.close()
