"""The search of the book opened from disk, where a page may fetch no other one."""

import re
from collections import Counter
from urllib.parse import urlencode

import pytest
from built_book import CONTENT, path_in_book, soup

from companion.pages.assembly import HTML

pytestmark = pytest.mark.browser


def words(text):
    return re.findall(r"\b[a-z]{7,}\b", text)


def only_in_a_paragraph():
    """Return, for some pages, a word that stands once in the book, in a paragraph of that page."""
    articles = {page: soup(page).select_one("article.bd-article") for page in CONTENT}
    everywhere = Counter(word for article in articles.values() for word in words(article.text))
    found = {}
    for page, article in articles.items():
        prose = [word for text in article.select("section > p") for word in words(text.text)]
        single = sorted(word for word in prose if everywhere[word] == 1)
        if single:
            found[page] = single[0]
    return found


def search(page, words):
    """Search for words; return the page's problems on the console."""
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None,
    )
    page.goto(f"{(HTML / 'search.html').as_uri()}?{urlencode({'q': words})}", wait_until="load")
    page.wait_for_selector("#search-results li p.context")
    return problems


@pytest.mark.parametrize("page_name", ["learn/tutorial", "beyond/repair", "reference/rerun"])
def test_a_word_in_a_paragraph_finds_its_page_and_shows_what_stands_around_it(chromium, page_name):
    page_of = HTML / "book" / f"{page_name}.html"
    word = only_in_a_paragraph()[page_of]
    page = chromium.new_page()
    problems = search(page, word)
    hit = page.locator("#search-results li", has=page.locator(f"a[href*='{page_name}.html']"))
    assert word in hit.first.locator("p.context").inner_text().lower()
    hit.first.locator("a").click()
    page.wait_for_url(f"**/{path_in_book(page_of)}*")
    assert problems == []
    page.close()


def test_a_hit_in_a_section_shows_that_section(chromium):
    page = chromium.new_page()
    problems = search(page, "keep a model")
    hit = page.locator("#search-results li", has=page.locator("a[href$='rerun.html#keep-a-model']"))
    assert "model.keras" in hit.locator("p.context").inner_text()
    assert problems == []
    page.close()
