"""Print the whole book as one PDF.

The built pages follow the order of the contents, after a title page and contents with page numbers.

The pages are those of `make book`, put together into one document and printed by Chromium. Every
link between pages becomes a link inside the PDF. Chromium cannot write the page number of a link's
target, so the document is printed twice: the first PDF says on which page each chapter begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from PIL.PdfParser import PdfParser
from playwright.sync_api import Page

from companion.pages import chromium
from radixnet import __version__

_STYLE = Path(__file__).with_name("printed.css")
_ONLY_ON_SCREEN = (
    "script, a.headerlink, details.hide, .d-print-none, "
    ".only-dark, .figure-dark, form, button, canvas, dialog"
)
_FONTS_AND_FORMULAS_ARE_THERE = (
    "document.fonts.ready.then(() => window.MathJax ? MathJax.startup.promise : "
    "null).then(() => true)"
)


class PrintError(Exception):
    """The book cannot be printed; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Chapter:
    """One page of the book.

    Attributes
    ----------
    file
        Where the page is, as the table of contents has it: "book/figures/fig01_adjacency".
    part
        Caption of the part that begins with this page; None when it begins none.
    """

    file: str
    part: str | None

    @property
    def anchor(self) -> str:
        """Identifier of the chapter inside the printed document."""
        return self.file.removeprefix("book/").replace("/", "-")


def chapters(contents: Path) -> list[Chapter]:
    """Return the pages that a table of contents names, in its order."""
    toc = yaml.safe_load(contents.read_text(encoding="utf-8"))
    found = [Chapter(toc["root"], None)]
    for part in toc["parts"]:
        pages = [
            page for chapter in part["chapters"] for page in (chapter, *chapter.get("sections", ()))
        ]
        for place, page in enumerate(pages):
            found.append(Chapter(page["file"], part["caption"] if place == 0 else None))
    return found


def printed_article(chapter: Chapter, html: Path, anchors: dict[Path, str]) -> Tag:
    """Return a page's article as it is printed.

    Open, static, and with links that lead inside the document.

    Parameters
    ----------
    chapter
        The page.
    html
        Folder of the built book.
    anchors
        For every page that is printed, its file in that folder and its chapter's anchor.

    Raises
    ------
    PrintError
        When the page is not built.
    """
    page = html / f"{chapter.file}.html"
    if not page.is_file():
        raise PrintError(f"{page} is not there; build the book first: make book")
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one(
        "article.bd-article"
    )
    if article is None:
        raise PrintError(f"{page} has no article; build the book again: make book")
    for element in article.select(_ONLY_ON_SCREEN):
        element.decompose()
    for fold in article.select("details"):
        fold["open"] = ""
    for advice in article.select("noscript"):  # on paper, as without scripts, nothing answers
        advice.unwrap()
    _lower_headings(article)
    for element in article.find_all(id=True):
        element["id"] = f"{chapter.anchor}--{element['id']}"
    for image in article.find_all("img", src=True):
        image["src"] = _absolute(str(image["src"]), page)
    for link in article.find_all("a", href=True):
        _point_inside(link, page, anchors)
    article["id"] = chapter.anchor
    article["class"] = "bd-article chapter"
    if chapter.part:
        article.insert(
            0, BeautifulSoup(f'<h1 class="part">{escape(chapter.part)}</h1>', "html.parser")
        )
    return article


def _lower_headings(article: Tag) -> None:
    """Make room above a page's headings for the book's parts; the lowest level stays."""
    for level in range(5, 0, -1):
        for heading in article.find_all(f"h{level}"):
            heading.name = f"h{level + 1}"


def _absolute(address: str, page: Path) -> str:
    """Return the address that means from anywhere what the given one means on a page."""
    parts = urlsplit(address)
    return (
        address
        if parts.scheme or parts.netloc
        else (page.parent / unquote(parts.path)).resolve().as_uri()
    )


def _point_inside(link: Tag, page: Path, anchors: dict[Path, str]) -> None:
    """Turn a page's link into one that works in the PDF.

    Where there is nothing to lead to on paper, leave its text.
    """
    parts = urlsplit(str(link["href"]))
    if parts.scheme in {"http", "https"}:
        return
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
    if parts.scheme or target not in anchors:  # a download, or the table inside a link
        link.unwrap()
        return
    # "name=value" is no place on a page but what its script shall show.
    place = f"--{unquote(parts.fragment)}" if parts.fragment and "=" not in parts.fragment else ""
    link["href"] = f"#{anchors[target]}{place}"


def whole_book(contents: Path, config: Path, html: Path) -> str:
    """Return the whole book as one HTML document; its contents still lack page numbers.

    Parameters
    ----------
    contents, config
        The book's `_toc.yml` and `_config.yml`.
    html
        Folder of the built book.
    """
    order = chapters(contents)
    anchors = {(html / f"{chapter.file}.html").resolve(): chapter.anchor for chapter in order}
    articles = [printed_article(chapter, html, anchors) for chapter in order]
    titles = [article.select("h2")[0].get_text().strip() for article in articles]
    book = yaml.safe_load(config.read_text(encoding="utf-8"))
    body = "\n".join(str(article) for article in articles)
    return f"""<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{escape(book["title"])}</title>
{"".join(_shared_head(html / f"{order[0].file}.html"))}
<style>
{_STYLE.read_text(encoding="utf-8")}
{"".join(_running_heads(book["title"], titles))}
</style>
</head>
<body>
{_title_page(book["title"], book["author"])}
{_contents(order, titles)}
<main class="bd-main"><div class="bd-content"><div class="bd-article-container">
{body}
</div></div></main>
</body>
</html>
"""


def _shared_head(page: Path) -> Iterator[str]:
    """Yield what a page's head loads that print needs too.

    Style sheets, and the script that draws formulas.
    """
    document = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    for sheet in document.select("link[rel=stylesheet]"):
        yield f'<link rel="stylesheet" href="{_absolute(str(sheet["href"]), page)}">\n'
    for script in document.find_all("script"):
        if "mathjax" in str(script.get("src", "")):
            yield f'<script defer src="{_absolute(str(script["src"]), page)}"></script>\n'
        elif script.text.startswith("window.MathJax"):
            yield f"{script}\n"


def _running_heads(book: str, titles: list[str]) -> Iterator[str]:
    """Yield the style rules that put the book's and each chapter's title at the top of the page."""
    for number, title in enumerate(titles, start=1):
        yield f"article.chapter:nth-of-type({number}) {{ page: chapter-{number}; }}\n"
        yield f'@page chapter-{number} {{ @top-left {{ content: "{_in_css(book)}"; }} '
        yield f'@top-right {{ content: "{_in_css(title)}"; }} }}\n'


def _in_css(text: str) -> str:
    """Return text as it stands inside a string of a style sheet."""
    return re.sub(r'[\\"<>\n]', lambda found: f"\\{ord(found[0]):x} ", text)


def _title_page(title: str, author: str) -> str:
    """Return the title page."""
    return f"""<section class="title-page">
<p class="title">{escape(title)}</p>
<p class="subtitle">A living companion to <cite>Testing RadiX-Nets:
Advances in Viable Sparse Topologies</cite>,
<a href="https://arxiv.org/abs/2311.03609">arXiv:2311.03609</a></p>
<p class="author">{escape(author)}</p>
<p class="colophon">radixnet {__version__}. Printed from the pages of the built book. Code that
those pages fold away is in the notebooks, with the numbers behind every figure.</p>
</section>"""


def _contents(order: list[Chapter], titles: list[str]) -> str:
    """Return the contents; the page numbers are filled in once they are known."""
    lines = ['<nav class="book-contents"><h2>Contents</h2>']
    for chapter, title in zip(order, titles, strict=True):
        if chapter.part:
            lines.append(f'<p class="contents-part">{escape(chapter.part)}</p>')
        lines.append(
            f'<p><a href="#{chapter.anchor}"><span '
            f'class="contents-title">{escape(title)}</span><span class="leader"></span>'
            f'<span class="contents-page">000</span></a></p>'
        )
    return "\n".join([*lines, "</nav>"])


def destinations(pdf: Path) -> dict[str, int]:
    """Return every place in a PDF that its links lead to, with its page number, from 1."""
    with PdfParser(str(pdf), mode="rb") as parser:
        pages = {reference: number for number, reference in enumerate(parser.pages, start=1)}
        named = parser.read_indirect(parser.root[b"Dests"])
        return {unquote(name.name.decode()): pages[place[0]] for name, place in named.items()}


def print_document(document: Path, pdf: Path, page: Page) -> dict[str, int]:
    """Print a document with the page numbers of its contents filled in.

    Parameters
    ----------
    document
        What `whole_book` returned, as a file.
    pdf
        Where the PDF goes; it takes its place when it is whole.
    page
        A page of a browser.

    Returns
    -------
    dict
        Every place that a link leads to, with its page.

    Raises
    ------
    PrintError
        When filling in the numbers moves the chapters.
    """
    page.goto(document.as_uri(), wait_until="load", timeout=chromium.PATIENCE)
    page.evaluate(_FONTS_AND_FORMULAS_ARE_THERE)
    partial = pdf.with_suffix(".partial.pdf")
    before = _print(page, partial)
    page.evaluate(
        """pages => { for (const link of document.querySelectorAll("nav.book-contents a")) {
            link.querySelector(".contents-page").textContent =
            pages[link.getAttribute("href").slice(1)];
        } }""",
        before,
    )
    after = _print(page, partial)
    if after != before:
        moved = sorted(name for name in before if after.get(name) != before[name])
        raise PrintError(
            "the contents with page numbers take another number of pages than without; moved: "
            f"{', '.join(moved)}"
        )
    partial.replace(pdf)
    return after


def _print(page: Page, pdf: Path) -> dict[str, int]:
    """Print what a page of the browser shows and return where its links lead."""
    page.pdf(path=pdf, prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    return destinations(pdf)
