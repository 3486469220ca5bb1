"""Radix lists in prose lead to the explorer, which shows them as the page writes them."""

import json
import re
from collections import Counter
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote

import pytest
from built_book import CONTENT, path_in_book, soup
from docutils import nodes

import radixnet as rx
from companion.pages.explorer_links import layer_sizes, link_radix_lists

LISTS = re.compile(r"\[(\[\d+(, ?\d+)*\](, ?)?)+\]")


@pytest.mark.parametrize(
    "lists",
    ["[[12]]", "[[2, 6], [3]]", "[[2, 2], [2, 2]]", "[[2, 3, 4, 5, 6]]"],
)
def test_lists_of_any_length_get_sizes_on_which_they_are_legal(lists):
    sizes = layer_sizes(lists)
    assert rx.RadixTopology(json.loads(lists), sizes).layer_sizes == sizes
    assert (sizes[0], sizes[-1]) == (784, 10)


def test_lists_that_are_not_marked_as_code_lead_there_too_and_cards_keep_their_own_link():
    sentence = "It is 1 for [[10, 10], [1]] and 2 for [[2, 6], [3]]; not for [[10, 10], [1]]."
    text, card = nodes.paragraph("", sentence), nodes.paragraph("", sentence)
    page = nodes.container("", text, nodes.container("", card, classes=["gallery"]))
    builder = SimpleNamespace(get_relative_uri="{}-{}".format)
    link_radix_lists(SimpleNamespace(builder=builder), page, "page")
    assert page.astext() == f"{sentence}\n\n{sentence}"
    links = [link.astext() for link in text.findall(nodes.reference)]
    assert links == ["[[10, 10], [1]]", "[[2, 6], [3]]"]
    assert not list(card.findall(nodes.reference))


@pytest.mark.parametrize("page", CONTENT, ids=path_in_book)
def test_each_radix_list_of_a_paragraph_leads_to_the_explorer_once(page):
    article = soup(page).select_one("article.bd-article")
    for code in article.select("p code"):
        if not LISTS.fullmatch(code.get_text()) or code.find_parent("div", class_="explorer"):
            continue
        paragraph = code.find_parent("p")
        links = [
            link
            for link in paragraph.select("a[href*='#radix_lists=']")
            if link.get_text() == code.get_text()
        ]
        if paragraph.find_parent("a") is None and code.find_parent("summary") is None:
            assert len(links) == 1, f"{code}: {len(links)} links in {paragraph.get_text()[:80]}"


def test_a_link_asks_the_explorer_for_the_list_that_it_reads():
    asked = Counter()
    for page in CONTENT:
        for link in soup(page).select("article a[href*='#radix_lists=']:has(> code)"):
            address, _, settings = link["href"].partition("#")
            lists = parse_qs(settings)["radix_lists"][0]
            assert json.loads(lists) == json.loads(link.get_text())
            assert not address or (page.parent / unquote(address)).name == "explorer.html"
            assert not link.find_parent(["h1", "h2", "h3", "h4", "pre"])
            asked[lists] += 1
    assert asked["[[10,10],[10]]"] > 5
