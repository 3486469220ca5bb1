"""What the tests of the book share: the browser, when its absence is a failure, and git."""

import os
import shutil

import pytest

from companion.pages import chromium as browsers


def patient(make):
    """Return a function that makes a context or page that waits however busy the machine is."""

    def make_patient(**settings):
        made = make(**settings)
        made.set_default_timeout(browsers.PATIENCE)
        return made

    return make_patient


@pytest.fixture(scope="session")
def git():
    """Skip where there is no git: only what contributors and the publisher do needs it."""
    if shutil.which("git") is None:
        pytest.skip("no git on this machine")


@pytest.fixture(scope="session")
def chromium():
    """Return a running headless Chromium, the one that the system has installed."""
    program = browsers.find()
    if program is None:
        if os.environ.get("RADIXNET_REQUIRE_BROWSER"):
            pytest.fail(browsers.MISSING)
        pytest.skip(browsers.MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = browsers.launch(playwright, program)
        for name in ("new_context", "new_page"):
            setattr(browser, name, patient(getattr(browser, name)))
        yield browser
        browser.close()
