"""The browser that prints the book and that the tests read it in.

The Chromium that the system has installed.
"""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Its own calls home would count as requests to other hosts.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
)

PATIENCE = 300_000
"""Milliseconds that the browser may take for one step before it counts as hung; on a busy machine,
pages load slowly."""

MISSING = (
    "no Chromium on this machine; install it (Debian: "
    "apt-get install chromium) to open the built pages in a browser"
)
"""What to say where there is none."""


def find() -> str | None:
    """Return the path of the installed Chromium, or None where there is none."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def launch(playwright: Playwright, program: str) -> Browser:
    """Start a Chromium without a window.

    Parameters
    ----------
    playwright
        What `playwright.sync_api.sync_playwright` gives.
    program
        Path of the browser, from `find`.
    """
    return playwright.chromium.launch(
        executable_path=program, args=[*_QUIET, "--no-sandbox"], timeout=PATIENCE
    )
