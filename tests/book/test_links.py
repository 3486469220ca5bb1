"""Every link, anchor and loaded file of the built pages.

Inside the book they lead somewhere, to other hosts they are encrypted.
"""

from collections import Counter
from functools import cache
from urllib.parse import unquote, urlsplit

import pytest
from built_book import CONTENT, FILES, PAGES, path_in_book, soup

SCHEMES = {"https", "data", "mailto"}
"""What a link may begin with; no address is fetched over an open line, and nothing runs from a
link."""


@pytest.fixture(params=FILES, ids=path_in_book)
def page(request):
    return request.param


@cache
def anchors(path):
    document = soup(path)
    return {tag["id"] for tag in document.find_all(id=True)} | {
        tag["name"] for tag in document.find_all("a", attrs={"name": True})
    }


def target(page, address):
    """Return the file and the fragment that an address on a page means.

    None where it leaves the book.
    """
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    return (page.parent / unquote(parts.path)).resolve() if parts.path else page, unquote(
        parts.fragment
    )


def test_links_inside_the_book_lead_somewhere(page):
    for link in soup(page).find_all(["a", "area"], href=True):
        inside = target(page, link["href"])
        if inside is None or link["href"] in {
            "",
            "#",
        }:  # "#" is this page's own entry in the side bar
            continue
        file, fragment = inside
        assert file.is_file(), link["href"]
        if (
            fragment and file.suffix == ".html" and "=" not in fragment
        ):  # "#name=value" tells a script of that page what to show
            assert fragment in anchors(file), link["href"]


@pytest.mark.parametrize("page", PAGES, ids=path_in_book)
def test_everything_that_a_page_loads_is_there(page):
    document = soup(page)
    addresses = [tag["src"] for tag in document.find_all(src=True)]
    addresses += [tag["href"] for tag in document.find_all("link", href=True)]
    addresses += [tag["action"] for tag in document.find_all("form", action=True)]
    for inside in filter(None, (target(page, address) for address in addresses if address)):
        assert inside[0].is_file(), inside[0]


@pytest.mark.parametrize("page", PAGES, ids=path_in_book)
def test_no_two_places_of_a_page_have_the_same_anchor(page):
    # A heading may differ from another one in case only, which browsers take for two names; so no
    # folding here.
    assert [
        anchor
        for anchor, times in Counter(tag["id"] for tag in soup(page).find_all(id=True)).items()
        if times > 1
    ] == []


def test_whatever_a_page_refers_to_by_name_is_on_it(page):
    document = soup(page)
    for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
        for tag in document.find_all(attrs={attribute: True}):
            value = tag[attribute]
            for identifier in value if isinstance(value, list) else value.split():
                assert identifier in anchors(page), f"{attribute}={identifier}"


def test_links_to_other_hosts_are_encrypted_and_name_a_host(page):
    for link in soup(page).find_all("a", href=True):
        parts = urlsplit(link["href"])
        assert not parts.scheme or parts.scheme in SCHEMES, link["href"]
        assert bool(parts.netloc) == (parts.scheme == "https"), link["href"]
        if parts.netloc:
            assert "." in parts.netloc, link["href"]
            assert not parts.netloc.startswith(("127.", "localhost")), link["href"]


@pytest.mark.parametrize("page", CONTENT, ids=path_in_book)
def test_the_text_of_a_link_says_where_it_leads(page):
    for link in soup(page).select("article a[href]:not(.headerlink)"):
        said = (
            link.get_text(" ", strip=True)
            or link.get("aria-label")
            or "".join(image.get("alt", "") for image in link.find_all("img"))
        )
        assert said.strip().lower() not in {"", "here", "click here", "link", "this", "more"}, str(
            link
        )[:200]
