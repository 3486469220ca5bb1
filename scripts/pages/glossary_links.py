"""A Sphinx extension: the first time that a page's text uses a term of the glossary, the word leads to its entry.

It works on the parsed page, so that headings, code, formulas, links, tables and cards stay as they are, whatever the page was
written in. A term is found in either number (mask, masks) and case. Each term is linked once on a page, its definition's first
sentence shown when a pointer rests on it. Nothing has to be marked in the text, and a word that leads to nothing cannot occur: the
terms are read from the glossary itself, and pages are read again when it changes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform

GLOSSARY = "book/reference/glossary"
"""The page that defines the terms, as Sphinx names it."""

_LEFT_ALONE: tuple[type[nodes.Node], ...] = (
    nodes.title, nodes.subtitle, nodes.rubric, nodes.emphasis, nodes.caption, nodes.term, nodes.field_list, nodes.reference,
    nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw, nodes.image, nodes.table, nodes.footnote,
    nodes.citation, nodes.comment, nodes.system_message, addnodes.pending_xref, addnodes.download_reference,
    addnodes.desc_signature,
)  # fmt: skip
"""What text is not linked in: names and titles of things, what is already a link, and what is no prose."""

_LEFT_ALONE_CLASSES = {"sd-card", "cell_output", "cell_input", "no-glossary"}
"""Containers whose text is not linked: cards are links as a whole, and cells are code and what it printed."""


def terms_of(source: str) -> dict[str, str]:
    """Return each term of a glossary page and the first sentence of its definition, in the order of the page.

    Parameters
    ----------
    source
        The page's Markdown, with one ``{glossary}`` directive or several.

    Raises
    ------
    ValueError
        When the page has no such directive, or defines a term twice or not at all.
    """
    blocks = re.findall(r"^(:{3,}|`{3,})\{glossary\}[^\n]*\n(.*?)^\1", source, flags=re.DOTALL | re.MULTILINE)
    if not blocks:
        raise ValueError(f"{GLOSSARY}.md has no glossary directive; write the terms into one, as Sphinx's documentation shows")
    terms: dict[str, str] = {}
    for _, text in blocks:
        for entry in re.split(r"\n\s*\n(?=\S)", text.strip()):
            term, _, definition = entry.partition("\n")
            if term in terms or not definition.strip():
                raise ValueError(f"{GLOSSARY}.md: {term!r} is defined twice, or has no indented definition; give it exactly one")
            terms[term] = first_sentence(definition)
    return terms


def first_sentence(markdown: str) -> str:
    """Return the first sentence of a definition as plain text."""
    text = re.sub(r"\{\w+\}`([^`<]+?)(?: *<[^>]*>)?`", r"\1", " ".join(markdown.split()))
    text = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", text).replace("`", "").replace("$", "").replace("*", "").replace("\\", "")
    return re.split(r"(?<=[.?!])\s+(?=[A-Z])", text, maxsplit=1)[0]


def spellings(term: str) -> list[str]:
    """Return how a term is written in running text: as it stands, as a plural, and what is done (trimming) as done (trimmed)."""
    if term.endswith("ix"):
        plural = term[:-1] + "ces"
    elif re.search(r"[^aeiou]y$", term):
        plural = term[:-1] + "ies"
    else:
        plural = term + ("es" if re.search(r"(s|x|sh|ch)$", term) else "s")
    return [term, plural, *([term.removesuffix("ing") + "ed"] if term.endswith("ing") else [])]


class Finder:
    """Finds terms in text, the longest first, so that *radix list* is not taken for *radix*."""

    def __init__(self, terms: dict[str, str]) -> None:
        self.terms = terms
        self._written = {spelling.lower(): term for term in terms for spelling in spellings(term)}
        longest_first = sorted(self._written, key=len, reverse=True)
        words = "|".join(re.escape(spelling).replace(r"\ ", r"\s+") for spelling in longest_first)
        # No part of a longer word, of one with a hyphen, or of a file's or a function's name.
        self._pattern = re.compile(rf"(?<![\w\-./])(?:{words})(?![\w\-/(]|\.\w)", re.IGNORECASE)

    def __call__(self, text: str, known: set[str]) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and term of each term that text holds and `known` does not; add it there."""
        for found in self._pattern.finditer(text):
            term = self._written[" ".join(found[0].lower().split())]
            if term not in known:
                known.add(term)
                yield *found.span(), term


class LinkTerms(SphinxTransform):
    """Makes links of the first mentions on a page."""

    default_priority = 500  # after substitutions are in place, before references are resolved

    def apply(self, **_: Any) -> None:
        """Replace words in the page that was just read."""
        if self.env.docname == GLOSSARY:
            return
        join_text(self.document)
        find = Finder(self.config.glossary_terms)
        known = set(_linked_by_hand(self.document))
        for text in list(self.document.findall(nodes.Text)):
            if is_prose(text):
                pieces = list(self._pieces(text, find, known))
                if not all(isinstance(piece, nodes.Text) for piece in pieces):
                    text.parent.replace(text, pieces)

    def _pieces(self, text: nodes.Text, find: Finder, known: set[str]) -> Iterator[nodes.Node]:
        """Yield text cut at its terms, each of these as a reference that Sphinx resolves."""
        content = text.astext()
        end = 0
        for start, stop, term in find(content, known):
            if content[end:start]:
                yield nodes.Text(content[end:start])
            yield self._link(content[start:stop], term, find.terms[term])
            end = stop
        if content[end:]:
            yield nodes.Text(content[end:])

    def _link(self, written: str, term: str, meaning: str) -> addnodes.pending_xref:
        """Return a word as a reference to its entry."""
        shown = nodes.inline("", written, classes=["glossary-term"])
        shown["meaning"] = meaning
        return addnodes.pending_xref(
            "", shown, refdomain="std", reftype="term", reftarget=term, refexplicit=True, refwarn=True, refdoc=self.env.docname
        )


def join_text(document: nodes.document) -> None:
    """Make one piece of text of several in a row: MyST cuts at every line's end, and terms of two words may stand on two lines."""
    for parent in list(document.findall(nodes.TextElement)):
        joined: list[nodes.Node] = []
        for is_text, group in groupby(parent.children, lambda child: isinstance(child, nodes.Text)):
            children = list(group)
            joined += [nodes.Text("".join(child.astext() for child in children))] if is_text else children
        if len(joined) < len(parent.children):
            parent[:] = joined


def is_prose(text: nodes.Text) -> bool:
    """Say whether text stands in running prose: in a paragraph, and in nothing that is left alone."""
    inside: nodes.Node | None = text.parent
    in_paragraph = False
    while inside is not None:
        classes = inside.get("classes", []) if isinstance(inside, nodes.Element) else []
        if isinstance(inside, _LEFT_ALONE) or _LEFT_ALONE_CLASSES & set(classes):
            return False
        in_paragraph = in_paragraph or isinstance(inside, nodes.paragraph)
        inside = inside.parent
    return in_paragraph


def _linked_by_hand(document: nodes.document) -> Iterator[str]:
    """Yield the terms that the page's author has linked already."""
    for reference in document.findall(addnodes.pending_xref):
        if reference.get("reftype") == "term":
            yield reference["reftarget"]


def show_meanings(_app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Give each resolved link the meaning of its term, for a pointer that rests on it."""
    for shown in doctree.findall(nodes.inline):
        if "meaning" in shown and isinstance(shown.parent, nodes.reference):
            shown.parent["reftitle"] = shown["meaning"]


def read_terms(app: Sphinx, config: Config) -> None:
    """Read the glossary before any page."""
    config.glossary_terms = terms_of((Path(app.srcdir) / f"{GLOSSARY}.md").read_text(encoding="utf-8"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_config_value("glossary_terms", {}, rebuild="env", types=[dict])  # other terms: every page is read again
    app.connect("config-inited", read_terms)
    app.connect("doctree-resolved", show_meanings)
    app.add_transform(LinkTerms)
    own = zlib.crc32(Path(__file__).read_bytes())  # pages that were read by other code than this are read again
    return {"version": "1", "env_version": own, "parallel_read_safe": True, "parallel_write_safe": True}
