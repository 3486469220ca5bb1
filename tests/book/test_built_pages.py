"""The built pages, read as files: complete, linked, and loading nothing from another host."""

import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from built_book import CONTENT, FILES, PAGES, path_in_book, soup

from companion.notebooks.sources import figure_names, find_source, notebook_names
from companion.pages.assembly import HTML
from companion.places import ROOT

EXTERNAL = re.compile(r"(https?:)?//", re.IGNORECASE)


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


def test_no_page_loads_anything_from_another_host(page):
    document = soup(page)
    loads = [
        tag[name]
        for name in ("src", "srcset", "data", "poster")
        for tag in document.find_all(attrs={name: True})
    ]
    loads += [tag["href"] for tag in document.find_all("link", href=True)]
    loads += re.findall(r"url\(([^)]*)\)", "".join(tag.text for tag in document.find_all("style")))
    assert [address for address in loads if EXTERNAL.match(address.strip("'\" "))] == []


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
    page = HTML / find_source(name).relative_to(ROOT).with_suffix(".html")
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


def test_the_landing_page_shows_every_figure_and_leaves_no_number_open():
    document = soup(HTML / "book" / "index.html")
    cards = document.select(".gallery")
    assert len(cards) == len(figure_names())
    for card in cards:
        assert {"only-light", "only-dark"} <= {
            name for image in card.find_all("img") for name in image["class"]
        }
    assert "{{" not in document.get_text()


def loaded_files(page):
    """Return the files that a page loads: scripts, style sheets, pictures."""
    tags = [*soup(page).find_all(src=True), *soup(page).select("link[rel=stylesheet]")]
    addresses = [urlsplit(tag.get("src") or tag["href"]) for tag in tags]
    return {
        (page.parent / address.path).resolve()
        for address in addresses
        if address.path and not address.scheme
    }


def test_no_page_is_heavy():
    readers = Counter(file for page in PAGES for file in loaded_files(page))
    for page in PAGES:
        own = [page, *(file for file in loaded_files(page) if readers[file] == 1)]
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
