"""How to cite this companion and the paper, ready to copy.

The one comes from `CITATION.cff`, the other from the book's bibliography.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from pybtex import PybtexEngine
from pybtex.database import BibliographyData, Entry, Person, parse_file

from companion.pages.links import Repository
from companion.places import ROOT

COMPANION = "radixnet"
PAPER = "kwak2023"
"""The paper's key in `book/references.bib`."""


def companion_entry(citation: Mapping[str, Any], repository: Repository | None) -> Entry:
    """Return this companion as an entry of a bibliography, of a type that every BibTeX style knows.

    Parameters
    ----------
    citation
        What `CITATION.cff` says.
    repository
        Where the book is published, at which commit; None leaves both out.
    """
    fields = {
        "title": re.sub(r"RadiX-Nets?", r"{\g<0>}", citation["title"]),
        "year": citation["date-released"][:4],
        "howpublished": f"Version {citation['version']}",
    }
    if repository:
        fields["url"] = repository.url
        if repository.is_pinned:
            fields["note"] = f"Commit {repository.reference}"
    authors = [Person(last=f"{{{author['name']}}}") for author in citation["authors"]]
    return Entry("misc", fields=fields, persons={"author": authors})


def in_both_forms(key: str, entry: Entry) -> str:
    """Return an entry as a sentence and as BibTeX, in Markdown."""
    bibtex = BibliographyData({key: entry}).to_string("bibtex").strip()
    sentence = (
        PybtexEngine().format_from_string(bibtex, style="plain", output_backend="plaintext").strip()
    )
    return "\n".join(
        ["```text", sentence.removeprefix("[1] "), "```", "", "```bibtex", bibtex, "```"]
    )


def citations(repository: Repository | None) -> dict[str, str]:
    """Return the substitutions of the page on citing."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    paper = parse_file(str(ROOT / "book" / "references.bib")).entries[PAPER]
    return {
        "cite_companion": in_both_forms(COMPANION, companion_entry(citation, repository)),
        "cite_paper": in_both_forms(PAPER, paper),
    }
