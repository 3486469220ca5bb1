"""The built pages, read as files: complete, and loading nothing from another host.

Links and anchors lead somewhere, and to other hosts only over an encrypted line.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from built_book import CONTENT, FILES, PAGES, page_of, path_in_book, soup

from companion.notebooks.sources import figure_names, notebook_names
from companion.pages.assembly import HTML
from companion.places import ROOT

EXTERNAL = re.compile(r"(https?:)?//", re.IGNORECASE)
SCHEMES = {"https", "data", "mailto"}
"""What a link may begin with; no address is fetched over an open line, and nothing runs from a
link."""


@pytest.fixture(params=FILES, ids=path_in_book)
def page(request):
    return request.param


def toc_files():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [
        toc["root"],
        *(
            page["file"]
            for part in toc["parts"]
            for chapter in part["chapters"]
            for page in (chapter, *chapter.get("sections", ()))
        ),
    ]


def test_every_notebook_is_in_the_table_of_contents():
    assert {Path(file).stem for file in toc_files()} >= set(notebook_names())


@cache
def loads(page):
    """Return the addresses that a page loads by itself, or sends a form to."""
    document = soup(page)
    names = ("src", "srcset", "data", "poster", "action")
    found = [tag[name] for name in names for tag in document.find_all(attrs={name: True})]
    found += [tag["href"] for tag in document.find_all("link", href=True)]
    found += re.findall(r"url\(([^)]*)\)", "".join(tag.text for tag in document.find_all("style")))
    return [address.strip("'\" ") for address in found]


def target(page, address):
    """Return the file and the fragment that an address on a page means.

    None where it leaves the book.
    """
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return file, unquote(parts.fragment)


def test_what_a_page_loads_is_there_and_not_on_another_host(page):
    assert [address for address in loads(page) if EXTERNAL.match(address)] == []
    if page in PAGES:
        inside = filter(None, (target(page, address) for address in loads(page) if address))
        assert [file for file, _ in inside if not file.is_file()] == []


def test_no_style_sheet_loads_anything_from_another_host():
    sheets = sorted(HTML.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        addresses = re.findall(
            r"url\(\s*['\"]?([^)'\"]+)|@import\s+['\"]([^'\"]+)", sheet.read_text(encoding="utf-8")
        )
        assert [found for found in addresses if EXTERNAL.match("".join(found))] == [], sheet


@pytest.mark.parametrize("page", PAGES, ids=path_in_book)
def test_every_image_says_what_it_shows(page):
    least = 20 if page in CONTENT else 1  # the index of modules has buttons with a sign
    for image in soup(page).find_all("img"):
        assert len(image.get("alt", "").strip()) >= least, str(image)[:200]


@pytest.mark.parametrize("name", figure_names())
def test_a_figure_page_has_verdict_data_source_and_the_way_to_run_it_again(name):
    page = page_of(name)
    document = soup(page)
    text = document.get_text()
    number = name.split("_")[0]
    assert re.search(r"Verdict: \w+", text)
    assert document.find("a", download=re.compile(rf"{number}_\w+\.csv"))["href"].startswith(
        "data:text/csv;base64,"
    )
    assert f"make figure FIG={number}" in text
    assert re.search(r"in \d+ s on \S+", text)
    downloads = [link["href"] for link in document.select("a.download")]
    assert {Path(link).suffix for link in downloads} == {".py", ".ipynb", ".csv"}
    assert all((page.parent / link).is_file() for link in downloads)


def test_the_executed_notebook_can_be_downloaded_as_it_was_executed():
    for notebook in HTML.glob("_downloads/*/*.executed.ipynb"):
        content = json.loads(notebook.read_text(encoding="utf-8"))
        assert content["metadata"]["radixnet"]["parameters"] == {}
        assert str(ROOT) not in notebook.read_text(encoding="utf-8"), (
            "a path of this machine goes out with the notebook"
        )
        assert "{admonition} Verdict" not in json.dumps(
            content["cells"]
        )  # what a build adds to a page


@pytest.mark.parametrize("page", CONTENT, ids=path_in_book)
def test_no_page_leaves_a_number_open(page):
    found = soup(page).find_all(string=re.compile(r"\{\{ \w+ \}\}"))
    assert [text for text in found if not text.find_parent(["code", "pre"])] == []


def test_no_page_is_heavy():
    loaded = {
        page: {file for file, _ in filter(None, (target(page, each) for each in loads(page)))}
        for page in PAGES
    }
    readers = Counter(file for files in loaded.values() for file in files)
    for page, files in loaded.items():
        own = [page, *(file for file in files if readers[file] == 1 and file.is_file())]
        size = sum(file.stat().st_size for file in own)
        assert size < 2_000_000, f"{page} and what only it loads: {size:,} bytes"


API = sorted((HTML / "book" / "reference" / "api").glob("*.html"))


def test_the_pages_of_the_package_document_every_public_name_and_the_first_leads_to_each():
    import radixnet

    ids = {
        tag["id"] for page in API for tag in soup(page).find_all(id=re.compile(r"^(module-)?radix"))
    }
    documented = {identifier.rsplit(".", 1)[-1] for identifier in ids}
    assert set(radixnet.__all__) - documented == {"LENET_300_100"} - documented
    index = soup(HTML / "book" / "reference" / "api.html").select("article li a")
    assert {f"api/{page.name}" for page in API} <= {link["href"] for link in index}


def test_no_docstring_of_a_property_is_taken_for_its_type():
    # Napoleon reads "Words: more words" at the start of a property's docstring as "type:
    # description".
    fields = [field for page in API for field in soup(page).select("dl.py.property dt")]
    assert not [field for field in fields if field.text.startswith("Type")]


def test_terms_lead_to_the_glossary_and_show_what_it_says_of_them():
    glossary = soup(HTML / "book" / "reference" / "glossary.html")
    said = {
        term["id"]: re.sub(r"\\\(|\\\)", "", term.find_next("dd").get_text())
        for term in glossary.select("dt[id^=term-]")
    }
    links = [
        link
        for page in CONTENT
        for link in soup(page).select("a[href*='glossary.html#']:has(> .std-term)")
    ]
    assert len(links) > 150
    for link in links:
        words = said[link["href"].partition("#")[2]].split()
        shown = link["title"].split()
        assert 3 < len(shown) <= len(words)
        assert (
            shown[:-1] == words[: len(shown) - 1]
        )  # a citation may come before the last full stop


@cache
def anchors(path):
    document = soup(path)
    return {tag["id"] for tag in document.find_all(id=True)} | {
        tag["name"] for tag in document.find_all("a", attrs={"name": True})
    }


def test_links_inside_the_book_lead_somewhere(page):
    for link in soup(page).find_all(["a", "area"], href=True):
        inside = target(page, link["href"])
        if inside is None or link["href"] in {"", "#"}:  # this page's own entry in the side bar
            continue
        file, fragment = inside
        assert file.is_file(), link["href"]
        # "#name=value" tells a script of that page what to show.
        if fragment and file.suffix == ".html" and "=" not in fragment:
            assert fragment in anchors(file), link["href"]


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
