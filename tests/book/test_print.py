"""The book on paper: each page alone, and all of them in one PDF."""

import re
import shutil
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from built_book import page_of
from PIL.PdfParser import PdfParser, decode_text

import print_book
from companion.pages.assembly import HTML
from companion.pages.printing import PrintError, chapters, destinations, print_document, whole_book
from companion.places import ROOT

# A book of three small pages: enough for every kind of link, and its sheets can be counted by hand.

PAGE = """<html><head><link rel="stylesheet" href="{root}style.css"></head><body>
<article class="bd-article">
<section id="start"><h1>{title}<a class="headerlink" href="#start">#</a></h1>
{content}</section></article></body></html>"""
SECOND = """<h2 id="about">About</h2><p><a href="../index.html#start">back</a>
<a href="#about">here</a>
<a href="third.html">on</a>
<a href="../index.html">first</a> <a href="../files/data.csv">the data</a>
<a href="data:text/csv;base64,QQ==">inside</a>
<a href="third.html#sizes=1-2">an example</a> <a href="https://example.org/tool">a tool</a>
<a href="https://example.org/paper">https://example.org/paper</a></p>
<details class="hide"><summary>code</summary><pre>folded</pre></details>
<details><summary>Solution</summary><p>forty-two</p></details>
<img class="figure-light" alt="light" src="../picture.png">
<img class="figure-dark" alt="dark" src="../picture.png">
<form><input></form><button>Press</button><noscript><p>Without scripts, read on.</p></noscript>
<div style="break-before: page"></div><div style="break-before: page; height: 1px"></div>
<script>alert(1)</script>"""


@pytest.fixture
def small_book(tmp_path):
    """Return the folder of a built book of three pages, with its contents and configuration."""
    for file, title, root, content in [
        ("index", "The book", "", "<h2 id='about'>About</h2>"),
        ("room/second", 'The "second" <b>chapter</b>', "../", SECOND),
        ("room/third", "The third chapter", "../", "<h2>A section</h2>"),
    ]:
        page = tmp_path / f"{file}.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(PAGE.format(title=title, root=root, content=content), encoding="utf-8")
    (tmp_path / "style.css").write_text("p { color: black; }", encoding="utf-8")
    shutil.copy(ROOT / "book" / "_static" / "network.png", tmp_path / "picture.png")
    (tmp_path / "_toc.yml").write_text(
        "root: index\nparts: [{caption: 'A & B', chapters: [{file: room/second, "
        "sections: [{file: room/third}]}]}]",
        encoding="utf-8",
    )
    (tmp_path / "_config.yml").write_text("title: A small book\nauthor: nobody\n", encoding="utf-8")
    return tmp_path


def assembled(book):
    return BeautifulSoup(whole_book(book / "_toc.yml", book / "_config.yml", book), "html.parser")


def test_links_between_pages_lead_inside_the_printed_book_and_others_leave_their_text(small_book):
    second = assembled(small_book).find(id="room-second")
    links = {link.get_text(): link["href"] for link in second.find_all("a")}
    assert links == {
        "back": "#index--start",
        "here": "#room-second--about",
        "on": "#room-third",
        "first": "#index",
        "an example": "#room-third",
        "a tool": "https://example.org/tool",
        "https://example.org/paper": "https://example.org/paper",
    }
    assert "the data" in second.get_text()
    assert "inside" in second.get_text()


def test_pages_with_the_same_headings_keep_their_own_anchors(small_book):
    identifiers = Counter(tag["id"] for tag in assembled(small_book).find_all(id=True))
    assert {"index--about", "room-second--about"} <= set(identifiers)
    assert set(identifiers.values()) == {1}


def test_paper_gets_what_can_be_read_on_it(small_book):
    second = assembled(small_book).find(id="room-second")
    assert second.find("script") is None
    assert [image["alt"] for image in second.find_all("img")] == ["light"]
    assert second.find("img")["src"] == (small_book / "picture.png").as_uri()
    assert second.find(["form", "button"]) is None
    assert second.find("noscript") is None
    assert "Without scripts, read on." in second.get_text()
    assert "folded" not in second.get_text()
    assert second.find("details").has_attr("open")
    assert "#" not in second.find("h2").get_text()


def test_parts_chapters_and_sections_are_headings_of_falling_rank(small_book):
    headings = [
        (tag.name, tag.get_text())
        for tag in assembled(small_book).find(id="room-second").find_all(re.compile("^h[1-6]$"))
    ]
    assert headings == [("h1", "A & B"), ("h2", 'The "second" chapter'), ("h3", "About")]


def test_a_page_that_is_not_built_is_named(small_book):
    (small_book / "room" / "third.html").unlink()
    with pytest.raises(
        PrintError, match=r"third\.html is not there; build the book first: make book"
    ):
        assembled(small_book)


def test_without_a_built_book_or_a_browser_the_command_says_what_to_do(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(print_book, "DOCUMENT", tmp_path / "print" / "book.html")
    monkeypatch.setattr(print_book, "HTML", tmp_path)
    monkeypatch.setattr(print_book.chromium, "find", lambda: "/usr/bin/true")
    assert print_book.main() == 1
    assert "make book" in capsys.readouterr().err
    monkeypatch.setattr(print_book.chromium, "find", lambda: None)
    assert print_book.main() == 1
    assert "install it" in capsys.readouterr().err


@pytest.fixture
def printed(small_book, chromium):
    """Return the small book's PDF, the page numbers in its contents, and where its links lead."""
    document, pdf = small_book / "book.html", small_book / "book.pdf"
    document.write_text(
        whole_book(small_book / "_toc.yml", small_book / "_config.yml", small_book),
        encoding="utf-8",
    )
    page = chromium.new_page()
    places = print_document(document, pdf, page)
    numbers = page.locator(".contents-page").all_inner_texts()
    page.close()
    return pdf, numbers, places


@pytest.mark.browser
def test_the_contents_give_the_sheet_on_which_each_chapter_begins(printed):
    # One sheet each for title, contents and first page; the second chapter is made to take three.
    pdf, numbers, places = printed
    assert numbers == ["3", "4", "7"]
    assert places == destinations(pdf)
    assert {
        name: places[name] for name in ("index", "index--start", "room-second--about", "room-third")
    } == {
        "index": 3,
        "index--start": 3,
        "room-second--about": 4,
        "room-third": 7,
    }
    assert not pdf.with_suffix(".partial.pdf").exists()


@pytest.mark.browser
def test_the_pdf_has_a4_sheets_bookmarks_and_a_language(printed):
    pdf, _, _ = printed
    with PdfParser(str(pdf), mode="rb") as parser:
        assert len(parser.pages) == 7
        for reference in parser.pages:
            sheet = parser.read_indirect(reference)[b"MediaBox"]
            assert [float(edge) * 25.4 / 72 for edge in sheet] == pytest.approx(
                [0, 0, 210, 297], abs=0.5
            )
        assert parser.root[b"Lang"] == b"en"
        assert (
            parser.root[b"MarkInfo"][b"Marked"] is True
        )  # reading order and headings for screen readers
        bookmark = parser.read_indirect(parser.root[b"Outlines"])[b"First"]
        titles = []
        while bookmark is not None:
            entry = parser.read_indirect(bookmark)
            titles.append(decode_text(entry[b"Title"]))
            bookmark = entry.get(b"Next")
    assert titles == ["Contents", "The book", "A & B"]


@pytest.mark.browser
def test_numbers_that_would_be_wrong_stop_the_printing(small_book, chromium, monkeypatch):
    sheets = iter([{"index": 3, "room-third": 7}, {"index": 3, "room-third": 8}])
    monkeypatch.setattr("companion.pages.printing.destinations", lambda _: next(sheets))
    (small_book / "book.html").write_text(
        "<html><body><p>Text.</p></body></html>", encoding="utf-8"
    )
    page = chromium.new_page()
    with pytest.raises(PrintError, match="moved: room-third"):
        print_document(small_book / "book.html", small_book / "book.pdf", page)
    page.close()
    assert not (small_book / "book.pdf").exists()


# The real book.


@pytest.fixture(scope="module")
def book():
    return BeautifulSoup(whole_book(ROOT / "_toc.yml", ROOT / "_config.yml", HTML), "html.parser")


def test_the_printed_book_has_every_page_of_the_contents_once_and_in_order(book):
    order = chapters(ROOT / "_toc.yml")
    assert [article["id"] for article in book.select("article.chapter")] == [
        chapter.anchor for chapter in order
    ]
    assert [link["href"] for link in book.select("nav.book-contents a")] == [
        f"#{chapter.anchor}" for chapter in order
    ]


def test_every_link_and_picture_of_the_printed_book_is_there(book):
    anchors = Counter(tag["id"] for tag in book.find_all(id=True))
    assert set(anchors.values()) == {1}
    links = [link["href"] for link in book.find_all("a", href=True)]
    assert len(links) > 2 * len(chapters(ROOT / "_toc.yml"))
    for link in links:
        assert link.startswith("https://") or link.removeprefix("#") in anchors, link
    pictures = [urlsplit(image["src"]) for image in book.find_all("img")]
    assert len(pictures) > 20
    for picture in pictures:
        assert picture.scheme == "data" or (
            picture.scheme == "file" and Path(unquote(picture.path)).is_file()
        )


@pytest.mark.browser
@pytest.mark.deep
def test_the_whole_book_is_printed(chromium, tmp_path, book):
    document, pdf = tmp_path / "book.html", tmp_path / "book.pdf"
    document.write_text(str(book), encoding="utf-8")
    page = chromium.new_page()
    places = print_document(document, pdf, page)
    numbers = [int(number) for number in page.locator(".contents-page").all_inner_texts()]
    page.close()
    assert numbers == [places[chapter.anchor] for chapter in chapters(ROOT / "_toc.yml")]
    assert sorted(numbers) == numbers
    linked = {link["href"][1:] for link in book.select("a[href^='#']")}
    assert linked <= set(places)
    with PdfParser(str(pdf), mode="rb") as parser:
        assert max(places.values()) <= len(parser.pages) < 300


# A page alone.


@pytest.mark.browser
def test_a_page_in_a_dark_room_is_printed_in_dark_ink_on_white_and_is_dark_again_afterwards(
    chromium, tmp_path
):
    page = chromium.new_page(color_scheme="dark", reduced_motion="reduce")
    page.goto(page_of("fig09").as_uri(), wait_until="load")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            const seen = name => document.querySelector(name).checkVisibility(); const theme =
            document.documentElement.dataset.theme; window.printed = {theme, light:
            seen("img.figure-light"), dark: seen("img.figure-dark")};
        })"""
    )
    page.pdf(path=tmp_path / "page.pdf")
    assert page.evaluate("window.printed") == {"theme": "light", "light": True, "dark": False}
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.close()


@pytest.mark.browser
def test_the_verdict_and_the_address_behind_a_link_are_on_paper(chromium):
    paper = chromium.new_page()
    paper.emulate_media(media="print")
    paper.goto(page_of("fig09").as_uri(), wait_until="load")
    assert paper.locator(".admonition-title", has_text="Verdict").is_visible()
    assert paper.locator(".claim-verdict").first.is_visible()
    paper.goto((HTML / "book" / "reference" / "rerun.html").as_uri(), wait_until="load")
    link = paper.locator("article a.external").first
    address = link.evaluate("link => getComputedStyle(link, '::after').content")
    assert address.strip('"').startswith(" (")
    paper.close()
