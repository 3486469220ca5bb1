"""What the tests of the book share: the browsers, when their absence is a failure, and git."""

import os
import shutil
from contextlib import ExitStack

import firefox
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


def path_of(browser):
    """Return the path of a browser that the system has installed; skip, or fail, without one."""
    program = browser.find()
    if program is None:
        without = pytest.fail if os.environ.get("RADIXNET_REQUIRE_BROWSER") else pytest.skip
        without(browser.MISSING)
    return program


@pytest.fixture(scope="session")
def chromium():
    """Return a running headless Chromium."""
    program = path_of(browsers)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = browsers.launch(playwright, program)
        for name in ("new_context", "new_page"):
            setattr(browser, name, patient(getattr(browser, name)))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def start_firefox():
    """Return a function that gives the page of a new headless Firefox with some preferences."""
    program = path_of(firefox)
    with ExitStack() as running:
        yield lambda **preferences: running.enter_context(firefox.launch(program, **preferences))
