"""Tables that a phone shows as stacked rows, each value with the heading of its column.

A table whose rows fit no phone would have to be scrolled sideways, one column at a time. It gets
the class ``stacks`` and each of its cells a ``data-label``; `book/_static/radixnet.css` does the
rest on small screens.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

STACKS = "stacks"
"""The class of tables that a phone stacks."""

FITS = 44
"""Characters that a row may have on a phone, 360 pixels wide; a column takes two more for air."""

_TABLE = re.compile(r"<table\b(?:(?!<table\b).)*?</table>", re.DOTALL)


def with_stacked_tables(page: str) -> str:
    """Return a page in which every table that fits no phone can be stacked."""
    return _TABLE.sub(lambda found: _stackable(found[0]), page)


def _stackable(table: str) -> str:
    """Return a table with labels where it needs and allows them, else as it is."""
    found = BeautifulSoup(table, "html.parser")
    head = found.select("thead tr")
    rows = found.select("tbody tr")
    if not rows or len(head) != 1 or found.select("[colspan], [rowspan]") or STACKS in table[:200]:
        return table
    labels = [_text(cell) for cell in head[0].find_all(["th", "td"])]
    cells = [row.find_all(["th", "td"]) for row in rows]
    if any(len(row) != len(labels) for row in cells):
        return table
    widths = [
        max(_width(_text(row[column])) for row in cells) + 2 for column in range(len(labels))
    ]
    words = [max(map(len, label.split()), default=0) + 2 for label in labels]
    if sum(map(max, widths, words)) <= FITS:
        return table
    for row in cells:
        for cell, label in zip(row, labels, strict=True):
            if cell.name == "td":
                cell["data-label"] = label
    whole = found.table
    assert isinstance(whole, Tag)
    whole["class"] = " ".join([*filter(None, whole.get_attribute_list("class")), STACKS])
    return str(found)


def _text(cell: Tag) -> str:
    """Return a cell's words, and formulas without their signs for where they begin and end."""
    return re.sub(r"\\[()]", "", " ".join(cell.get_text().split()))


def _width(text: str) -> int:
    """Return the characters of the widest line when a text may take three of them."""
    return max(len(text) // 3, *map(len, text.split() or [""]), 0)
