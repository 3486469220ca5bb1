"""The citations agree with `CITATION.cff` and the bibliography, and `CITATION.cff` is complete."""

import re

import yaml
from built_book import LANDING, soup
from pybtex.database import parse_string

from companion.pages.assembly import HTML
from companion.pages.citation import COMPANION, PAPER, citations, companion_entry
from companion.pages.links import Repository
from companion.places import ROOT
from radixnet import __version__

CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PUBLISHED = Repository("someone/radixnet", "main", "0123456789abcdef0123456789abcdef01234567")


def bibtex(text):
    """Return the only entry of the BibTeX box in a substitution, read by a parser of BibTeX."""
    (box,) = re.findall(r"```bibtex\n(.*?)\n```", text, flags=re.DOTALL)
    ((key, entry),) = parse_string(box, "bibtex").entries.items()
    return key, entry


def test_citation_cff_agrees_with_the_package_and_the_book():
    assert CITATION["version"] == __version__
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert CITATION["title"] == config["title"]
    assert CITATION["date-released"].startswith(config["copyright"])


def test_citation_cff_and_the_bibliography_name_the_same_paper():
    _, paper = bibtex(citations(None)["cite_paper"])
    (reference,) = CITATION["references"]
    plain = {name: re.sub(r"[{}]", "", value) for name, value in paper.fields.items()}
    assert reference["title"] == plain["title"]
    assert str(reference["year"]) == plain["year"]
    assert reference["url"] == plain["url"]
    assert reference["url"].endswith(plain["eprint"])
    named = [(author["family-names"], author["given-names"]) for author in reference["authors"]]
    assert named == [
        (" ".join(person.last_names), " ".join(person.first_names))
        for person in paper.persons["author"]
    ]


def test_the_companion_is_cited_with_its_version_and_when_published_with_its_commit():
    key, entry = bibtex(citations(PUBLISHED)["cite_companion"])
    assert key == COMPANION
    assert entry.fields["url"] == "https://github.com/someone/radixnet"
    assert PUBLISHED.reference in entry.fields["note"]
    assert __version__ in entry.fields["howpublished"]
    unpublished = companion_entry(CITATION, None)
    assert {"url", "note"}.isdisjoint(unpublished.fields)
    assert (
        "note"
        not in companion_entry(CITATION, Repository("someone/radixnet", "main", "main")).fields
    )


def test_the_page_shows_both_and_the_landing_page_leads_to_it():
    page = soup(HTML / "book" / "reference" / "cite.html")
    boxes = [box.text for box in page.select("div.highlight-bibtex pre")]
    assert [next(iter(parse_string(box, "bibtex").entries)) for box in boxes] == [COMPANION, PAPER]
    landing = soup(LANDING)
    assert landing.select("article a[href='reference/cite.html']")
