"""The glossary: terms are found in prose and nowhere else, once on a page, and every page of the book leads there."""

import shutil
from functools import cache

import pytest
import yaml
from bs4 import BeautifulSoup

import build_book
from build_book import HTML
from pages.glossary_links import GLOSSARY, Finder, first_sentence, spellings, terms_of
from run_figures import ROOT

TERMS = terms_of((ROOT / f"{GLOSSARY}.md").read_text(encoding="utf-8"))
PAGES = sorted(page for page in (HTML / "book").rglob("*.html") if page != HTML / f"{GLOSSARY}.html")


def found(text, *terms):
    return [(text[start:end], term) for start, end, term in Finder(dict.fromkeys(terms, ""))(text, set())]


def test_a_glossary_gives_its_terms_and_what_they_mean():
    mask, radix_list = "mask\n  A matrix of `0` and $1$. More.\n", "radix list\n  Some {term}`radices <radix>`\n  in a row.\n"
    source = f"# G\n\n:::{{glossary}}\n{mask}\n{radix_list}:::\n"
    assert terms_of(source) == {"mask": "A matrix of 0 and 1.", "radix list": "Some radices in a row."}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("# G\n", "no glossary directive"),
        (":::{glossary}\nmask\n  One.\n\nmask\n  Two.\n:::\n", "'mask' is defined twice"),
        (":::{glossary}\nmask\n\npath\n  One.\n:::\n", "'mask' .* no indented definition"),
    ],
)
def test_a_glossary_that_defines_a_term_twice_or_not_at_all_is_refused(source, message):
    with pytest.raises(ValueError, match=message):
        terms_of(source)


def test_what_a_pointer_shows_is_the_first_sentence_without_its_marks():
    assert first_sentence("With $N_1$ and {term}`masks <mask>`, *one* way. Another sentence.") == "With N_1 and masks, one way."
    assert first_sentence("Values 1.5 and 2. of `code`.") == "Values 1.5 and 2. of code."


@pytest.mark.parametrize(
    ("term", "other"),
    [("mask", "masks"), ("topology", "topologies"), ("lost class", "lost classes"), ("radix", "radices"), ("path", "paths")],
)
def test_terms_are_known_in_the_plural(term, other):
    assert spellings(term)[:2] == [term, other]


def test_what_is_done_is_known_as_done_too():
    assert {"trimming", "trimmed"} <= set(spellings("trimming"))


def test_the_longest_term_is_found_in_any_case_and_across_lines_and_only_once():
    text = "Radix\nlists hold radices; a radix list is no numeral, nor is a Radix."
    assert found(text, "radix", "radix list") == [("Radix\nlists", "radix list"), ("radices", "radix")]


@pytest.mark.parametrize("text", ["unmasked", "mask_rate", "mask.py", "mask(x)", "mask-like", "rx.mask", "masking", "a/mask"])
def test_parts_of_words_and_of_names_are_no_terms(text):
    assert found(text, "mask") == []


def test_a_word_at_the_end_of_a_sentence_is_a_term():
    assert found("It has a mask.", "mask") == found("It has a mask: so", "mask") == [("mask", "mask")]


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """Build a book of one page and a glossary with the settings of the real one; return its page."""
    folder = tmp_path_factory.mktemp("book")
    stage = folder / "_build" / "source"
    page = """# A mask in the heading

A mask and its masks, `mask` in code, $mask$ in a formula, [a path](reference/glossary.md) that is a link, **a live unit** in bold,
**plateau**, output
fan-in on two lines, *Seed and Path* as a title.

```python
seed = 1
```

:::{note}
Here an epoch; and the {term}`fan-in <fan-in>` that the author linked, which is a fan-in.
:::

| seed |
|------|
| seed |

::::{card} The seed
A seed.
::::
"""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["html"].pop("favicon")
    for name in ("html_static_path", "html_css_files"):
        config["sphinx"]["config"].pop(name)
    files = {
        "_config.yml": yaml.safe_dump(config),
        "_toc.yml": f"format: jb-book\nroot: book/page\nchapters:\n  - file: {GLOSSARY}\n",
        "book/page.md": page,
        f"{GLOSSARY}.md": (ROOT / f"{GLOSSARY}.md").read_text(encoding="utf-8") + "\n```{bibliography}\n```\n",
        "book/references.bib": (ROOT / "book" / "references.bib").read_text(encoding="utf-8"),
    }
    for name, content in files.items():
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).write_text(content, encoding="utf-8")
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        for name, place in {"BUILD": folder / "_build", "STAGE": stage, "HTML": folder / "_build" / "html", "ROOT": folder}.items():
            patch.setattr(build_book, name, place)
        build_book.assemble()
    return BeautifulSoup((folder / "_build" / "html" / "book" / "page.html").read_text(encoding="utf-8"), "html.parser")


def glossary_links(document):
    return [link for link in document.select("a.reference") if link.select_one(".glossary-term")]


def test_on_a_page_the_first_mention_in_prose_leads_to_its_entry(small_book):
    links = glossary_links(small_book)
    assert [link.text for link in links] == ["mask", "live unit", "plateau", "output\nfan-in", "epoch"]
    names = ("mask", "live-unit", "plateau", "output-fan-in", "epoch")
    assert [link["href"] for link in links] == [f"reference/glossary.html#term-{name}" for name in names]
    assert links[0]["title"] == TERMS["mask"]
    assert links[0].parent.text.startswith("A mask and its masks")


@cache
def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_notebook_and_the_pages_about_the_paper_lead_to_the_glossary_once_for_each_term(page):
    links = [link["href"].partition("#term-")[2] for link in glossary_links(soup(page))]
    assert len(links) == len(set(links))
    if page.stem not in {"bibliography", "genindex", "search", "py-modindex"}:  # which have no prose
        assert links


NO_PROSE = [
    "table",
    "figure",
    "a",
    "dl",
    ".sd-card",
    ".cell_output",
    ".cell_input",
    ".admonition-title",
    ".rubric",
    ".caption",
    ".explorer",
]
"""Where paragraphs are no running text."""


def prose(page):
    """Return the running text of a built page, read from its HTML: names of things and what is linked cut out."""
    article = BeautifulSoup(str(soup(page).select_one("article")), "html.parser")
    for tag in article.select(", ".join([*NO_PROSE, "code", "em", "pre", "script", "noscript", ".math"])):
        tag.replace_with(" | ")
    return " | ".join(paragraph.get_text() for paragraph in article.select("p"))


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem != "bibliography"], ids=lambda page: page.stem)
def test_no_term_in_the_text_of_a_page_was_missed(page):
    linked = {link["href"].partition("#term-")[2].lower() for link in glossary_links(soup(page))}
    mentioned = {term.lower().replace(" ", "-") for _, _, term in Finder(TERMS)(prose(page), set())}
    assert mentioned <= linked


def test_the_entries_of_the_glossary_stand_where_the_links_lead():
    entries = {tag["id"] for tag in soup(HTML / f"{GLOSSARY}.html").select("dt[id^=term-]")}
    assert len(entries) == len(TERMS)
    for page in PAGES:
        assert {link["href"].partition("#")[2] for link in glossary_links(soup(page))} <= entries
