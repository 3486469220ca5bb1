"""A Sphinx extension: hovering over a link to the glossary shows what its term means."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

GLOSSARY = "book/reference/glossary"
"""The page that defines the terms, as Sphinx names it."""


def show_meanings(app: Sphinx, doctree: nodes.document, _page: str) -> None:
    """Give each link to a term the first sentence of its definition as a title."""
    links = [
        link for link in doctree.findall(nodes.reference) if "#term-" in link.get("refuri", "")
    ]
    if links:
        terms = app.env.get_doctree(GLOSSARY).findall(nodes.term)
        meanings = {term["ids"][0]: _first_sentence(term.parent.children[-1]) for term in terms}
        for link in links:
            link["reftitle"] = meanings[link["refuri"].partition("#")[2]]


def _first_sentence(definition: nodes.Node) -> str:
    """Return the first sentence of a definition on one line, without citations."""
    for citation in list(
        definition.findall(
            lambda node: isinstance(node, pending_xref) and node["refdomain"] == "cite"
        )
    ):
        citation.parent.remove(citation)
    text = " ".join(definition.astext().split()).replace(" .", ".")
    return re.split(r"(?<=[.?!])\s+(?=[A-Z])", text, maxsplit=1)[0]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.connect("doctree-resolved", show_meanings)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
