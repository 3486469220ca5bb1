"""The built book as its tests read it: the pages, each parsed once, and as a browser shows them."""

from functools import cache
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from companion.notebooks.sources import find_source
from companion.pages.assembly import HTML
from companion.places import ROOT

FILES = sorted(HTML.rglob("*.html"))
"""Every HTML file of the book, with the theme's templates and the page that leads to the first."""

PAGES = [
    file
    for file in FILES
    if file != HTML / "index.html" and not file.is_relative_to(HTML / "_static")
]
"""The pages that a reader sees: those of the table of contents, the index, the search."""

CONTENT = [page for page in PAGES if page.is_relative_to(HTML / "book")]
"""The pages that we write."""

LANDING = HTML / "book" / "index.html"

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""Levels A and AA of the Web Content Accessibility Guidelines 2.0 to 2.2. No rule of theirs is
switched off."""


def page_of(notebook: str) -> Path:
    """Return the page of a notebook, named in full or by its number."""
    return HTML / find_source(notebook).relative_to(ROOT).with_suffix(".html")


def path_in_book(page: Path) -> str:
    """Return what a test calls a page: its path in the book."""
    return str(page.relative_to(HTML))


@cache
def soup(page: Path) -> BeautifulSoup:
    """Return a page, parsed; not to be changed, since all tests share it."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def open_page(screen, page: Path) -> None:
    """Open a page from disk in a browser, and wait for its letters and formulas."""
    screen.goto(page.as_uri(), wait_until="load")
    screen.evaluate(
        "document.fonts.ready.then(() => window.MathJax?.startup?.promise).then(() => true)"
    )


def put_on(screen, theme: str) -> None:
    """Switch the page that is open to the light or the dark theme."""
    screen.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


def watch(screen) -> list[str]:
    """Return a list that fills with complaints on the console, and with what another host is asked.

    No page of the book asks for anything.
    """
    problems: list[str] = []

    def hear(message):
        if message.type in {"error", "warning"}:
            problems.append(message.text)

    def see(request):
        if request.url.startswith(("http", "ws")):
            problems.append(request.url)

    screen.on("console", hear)
    screen.on("pageerror", lambda error: problems.append(str(error)))
    screen.on("request", see)
    return problems


def watch_requests(screen, problems: list[str]) -> None:
    """Add to a list what cannot be read; a page that is left, and drops what it read, is well."""

    def see(request):
        if request.failure != "net::ERR_ABORTED":
            problems.append(f"failed: {request.url}")

    screen.on("requestfailed", see)


def violations(screen, rules=LEVELS, **context) -> str:
    """Return what axe-core finds wrong by these rules or levels, on the page or a part of it.

    Nothing when all is well. Preloading asks for style sheets in a way that pages from disk may
    not.
    """
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found = Axe().run(screen, context=context or None, options=options)
    return found.generate_report() if found.violations_count else ""
