"""The built book as its tests read it: the pages, and each of them parsed once."""

from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup

from companion.pages.assembly import HTML

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


def path_in_book(page: Path) -> str:
    """Return what a test calls a page: its path in the book."""
    return str(page.relative_to(HTML))


@cache
def soup(page: Path) -> BeautifulSoup:
    """Return a page, parsed; not to be changed, since all tests share it."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
