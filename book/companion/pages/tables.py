"""Tables that fit the screen: on a phone as stacked rows, each value under its column's heading.

A table whose rows fit no phone would have to be scrolled sideways, one column at a time. It gets
the class ``stacks`` and each of its cells a ``data-label``; `book/_static/radixnet.css` does the
rest on small screens. On any screen, the names of variables may break after an underscore.
"""

from __future__ import annotations

import re
from copy import copy

from bs4 import BeautifulSoup, Tag

STACKS, AGAIN = "stacks", "stacks-again"
"""The classes of tables that a phone stacks, and of cells that are seen only there."""

FITS = 44
"""Characters that a row may have on a phone, 360 pixels wide; a column takes two more for air."""

_HEADING = re.compile(r"<th\b[^<>]*>[^<]*</th>")
_TABLE = re.compile(r"<table\b(?:(?!<table\b).)*?</table>", re.DOTALL)


def with_fitting_tables(page: str) -> str:
    """Return a page in which headings may break and every table that fits no phone can stack."""
    broken = _HEADING.sub(lambda found: _breaking(found[0]), page)
    return _TABLE.sub(lambda found: _stackable(found[0]), broken)


def _breaking(heading: str) -> str:
    """Return a heading whose names of variables may break after an underscore."""
    opening, text = heading.split(">", 1)
    return f"{opening}>{text.replace('_', '_<wbr>')}"


def _stackable(table: str) -> str:
    """Return a table with labels where a phone needs them, else as it is."""
    found = BeautifulSoup(table, "html.parser")
    whole = found.table
    head = [_across(row) for row in found.select("thead tr")]
    rows = found.select("tbody tr")
    if whole is None or not head or not rows or STACKS in whole.get_attribute_list("class"):
        return table
    columns = zip(*head, strict=False)
    labels = [", ".join(dict.fromkeys(filter(None, column))) for column in columns]
    cells = _filled(rows)
    if any(len(row) != len(labels) for row in cells):
        return table
    widths = [
        max(map(_width, [*labels[column].split(", "), *(_text(row[column]) for row in cells)]))
        for column in range(len(labels))
    ]
    if sum(widths) + 2 * len(widths) <= FITS:
        return table
    for tag, row in zip(rows, cells, strict=True):
        tag.clear()
        tag.extend(row)
        for cell, label in zip(row, labels, strict=True):
            cell["data-label"] = label
    whole["class"] = " ".join([*filter(None, whole.get_attribute_list("class")), STACKS])
    return str(found)


def _across(row: Tag) -> list[str]:
    """Return the text of each column of a row of headings, that of a wide cell in each of its."""
    return [
        _text(cell)
        for cell in row.find_all(["th", "td"])
        for _ in range(int(str(cell.get("colspan", "1"))))
    ]


def _filled(rows: list[Tag]) -> list[list[Tag]]:
    """Return the cells of all rows; one that spans rows is repeated in them, for phones only."""
    filled, spans = [], dict[int, tuple[Tag, int]]()
    for row in rows:
        own = iter(row.find_all(["th", "td"], recursive=False))
        cells: list[Tag] = []
        while True:
            above, left = spans.get(len(cells), (None, 0))
            if above is not None and left:
                spans[len(cells)] = above, left - 1
                cells.append(copy(above))
                cells[-1].attrs = {"class": AGAIN}  # neither its height nor its anchor
                continue
            cell = next(own, None)
            if cell is None:
                break
            spans[len(cells)] = cell, int(str(cell.get("rowspan", "1"))) - 1
            cells.append(cell)
        filled.append(cells)
    return filled


def _text(cell: Tag) -> str:
    """Return a cell's words, and formulas without their signs for where they begin and end."""
    return re.sub(r"\\[()]", "", " ".join(cell.get_text().split()))


def _width(text: str) -> int:
    """Return the characters of the widest line when a text may take three of them."""
    return max([len(text) // 3, *map(len, text.split())])
