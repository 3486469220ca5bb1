"""What the tests of the book share: the browser, and the rule for when its absence is a failure."""

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def chromium():
    """Return a running headless Chromium, the one that the system has installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        reason = "no Chromium on this machine; install it (Debian: apt-get install chromium) to open the built pages in a browser"
        if os.environ.get("RADIXNET_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    # Chromium's own calls home would count as requests to other hosts.
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*quiet, "--no-sandbox"])
        yield browser
        browser.close()
