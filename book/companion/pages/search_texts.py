"""A Sphinx extension: what the search shows under each hit, also in a book opened from disk.

Sphinx's search reads its index from a script, but fetches each page that it found to show the words
around a hit. A page opened from disk may fetch nothing. So the texts of all pages become a script
too, which `book/_static/search_from_disk.js` loads there, and there only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

VARIABLE = "radixnetPages"
"""The variable that the script sets: from a page's name to its text as HTML, section by section."""

_UNSEEN = (nodes.raw, nodes.comment, nodes.image)


def text_of(node: nodes.Node) -> Iterator[str]:
    """Yield a node's words, escaped; sections keep their anchors, to which hits lead."""
    if isinstance(node, nodes.Text):
        yield escape(re.sub(r"\s+", " ", node.astext()), quote=False)
    elif not isinstance(node, _UNSEEN):
        anchors = node["ids"] if isinstance(node, nodes.section) else []
        yield from (f'<section id="{escape(anchor)}">' for anchor in anchors)
        for child in node.children:
            yield from text_of(child)
        yield " " if not isinstance(node, nodes.Inline) else ""
        yield from ("</section>" for _ in anchors)


def on_search_page(app: Sphinx, page: str, *_: object) -> None:
    """Give the search page, and no other, the script that needs the texts."""
    if page == "search":
        app.add_js_file("search_from_disk.js")


def write_texts(app: Sphinx, error: Exception | None) -> None:
    """Write the script beside the built pages."""
    if error is None and app.builder.format == "html":
        texts = {page: "".join(text_of(_whole(app, page))) for page in sorted(app.env.all_docs)}
        packed = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
        script = Path(app.outdir) / "_static" / "search_texts.js"
        script.write_text(f"var {VARIABLE} = {packed};\n", encoding="utf-8")


def _whole(app: Sphinx, page: str) -> nodes.document:
    """Return a page as Sphinx read it, and only a list of references as it is written."""
    doctree = app.env.get_doctree(page)
    if any(doctree.findall(lambda node: node.tagname == "bibliography")):
        return app.env.get_and_resolve_doctree(page, app.builder)
    return doctree


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.connect("html-page-context", on_search_page)
    app.connect("build-finished", write_texts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
