"""A Sphinx extension: radix lists in prose lead to the topology explorer, which shows them."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from companion.plots.interactive import explorer_address
from radixnet.topology import LENET_300_100

EXPLORER = "book/explorer"
"""The explorer's page, as Sphinx names it."""

_RADIX_LISTS = re.compile(r"\[(\[\d+(, ?\d+)*\](, ?)?)+\]")
_ELSEWHERE = (
    nodes.title,
    nodes.reference,
    nodes.term,
    nodes.rubric,
    nodes.raw,
    nodes.math,
    nodes.FixedTextElement,
)
"""Where no link belongs."""


def layer_sizes(radix_lists: str) -> tuple[int, ...]:
    """Return sizes for radix lists of any length: LeNet 300-100's as far as they go.

    Further hidden layers lie between its last one and the classes, as the explorer suggests them.
    """
    needed = sum(map(len, json.loads(radix_lists))) + 1
    *before, classes = LENET_300_100
    sizes = before[: needed - 1]
    while len(sizes) < needed - 1:
        sizes.append(max(1, round(math.sqrt(sizes[-1] * classes))))
    return (*sizes, classes)


def link_radix_lists(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Make a link of each radix list in prose, marked as code or not, once in a paragraph."""
    linked: set[tuple[int, str]] = set()
    explorer = app.builder.get_relative_uri(page, EXPLORER)
    for text in list(doctree.findall(nodes.Text)):
        around = _ancestors(text)
        if any(isinstance(n, _ELSEWHERE) or _is_link(n) for n in around):
            continue
        literal = around[0] if isinstance(around[0], nodes.literal) else None
        paragraph = next((n for n in around if isinstance(n, nodes.paragraph)), around[0])
        parts: list[nodes.Node] = []
        end = 0
        for found in _RADIX_LISTS.finditer(text):
            lists = found[0]
            place = (id(paragraph), lists)
            if place in linked or (literal is not None and lists != text):
                continue
            linked.add(place)
            address = explorer_address(lists, layer_sizes(lists)).partition("#")[2]
            link = nodes.reference("", "", refuri=f"{explorer}#{address}", internal=True)
            link["reftitle"] = f"{lists} in the topology explorer"
            link += nodes.literal("", lists)
            parts += [nodes.Text(text[end : found.start()]), link]
            end = found.start() + len(lists)
        if parts:
            whole = text if literal is None else literal
            whole.parent.replace(whole, [*parts, nodes.Text(text[end:])])


def _is_link(node: nodes.Element) -> bool:
    """Say whether a click on all of a node leads elsewhere already, as on a card."""
    return "gallery" in node.get("classes", [])


def _ancestors(node: nodes.Node) -> list[nodes.Element]:
    """Return what a node stands in, the innermost first."""
    found = []
    while (node := node.parent) is not None:
        found.append(node)
    return found


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.connect("doctree-resolved", link_radix_lists)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
