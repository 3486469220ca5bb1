"""Interactive pictures (Figs. 3, 4, 5, 8).

Pointing at a network says which one it is; a click opens it in the topology explorer.

They stand in for the printed pictures while a reader looks closer. What is shown is a figure of
plotly in the light inks of a page; the book's script (book/_static/interactive.js) swaps them for
the dark ones, follows clicks, and lists all networks in a table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from companion.colours import DARK, LIGHT
from radixnet.topology import Fit

if TYPE_CHECKING:
    import pandas as pd

EXPLORER = "../explorer.html"
"""The topology explorer, seen from the page of a figure."""

DECIMALS = 5  # of shares: more than any label shows, fewer than would burden a page


@dataclass(frozen=True)
class Column:
    """One thing to know about a network: in the label of its point and in the table of all.

    Attributes
    ----------
    name
        The column's name in the table that a figure is made from.
    label
        What readers see.
    kind
        Text as it is, a share shown in per cent, or a whole number.
    """

    name: str
    label: str
    kind: Literal["text", "share", "count"]


@dataclass(frozen=True)
class InteractiveFigure:
    """An interactive picture.

    On a page of the book it waits behind the printed one; in JupyterLab it is shown at once.

    Attributes
    ----------
    figure
        The figure in plotly's form. Its ``layout.meta`` holds what the book's script needs besides:
        what the rows of the points mean (``columns``; the explorer's address comes last), what they
        are (``rows``, such as "networks"), the inks of dark pages by those of light ones
        (``dark``), ranges of accuracies to look at (``views``), and the axis that is logarithmic in
        the density (``sparsities``).
    alt
        What a reader would see, for those who do not.
    """

    figure: dict[str, Any]
    alt: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """Show the data to the book's script, hidden until it runs, and the figure to notebooks."""
        # Inside a script element nothing but "<" can be taken for HTML.
        data = json.dumps(self.figure, separators=(",", ":"), allow_nan=False).replace(
            "<", "\\u003c"
        )
        label = escape(self.alt, quote=True)
        html = (
            f'<div class="interactive-figure" data-alt="{label}" '
            f'hidden><script type="application/json">{data}</script></div>'
        )
        return {
            "text/html": html,
            "application/vnd.plotly.v1+json": self.figure,
            "text/plain": self.alt,
        }


def explorer_address(radix_lists: str, layer_sizes: Sequence[int], fit: Fit = "trim") -> str:
    """Return where the topology explorer shows a network, as seen from the page of a figure.

    Parameters
    ----------
    radix_lists
        As `radixnet.format_radix_lists` writes them, such as ``"[[10, 10], [10]]"``.
    layer_sizes
        Neurons, inputs first.
    fit
        How the expanded network becomes one of these sizes, as of `radixnet.RadixTopology`.
    """
    lists = quote(radix_lists.replace(" ", ""), safe="")  # as encodeURIComponent does
    return f"{EXPLORER}#radix_lists={lists}&layer_sizes={'-'.join(map(str, layer_sizes))}&fit={fit}"


def finished(
    traces: Sequence[Mapping[str, Any]],
    layout: Mapping[str, Any],
    alt: str,
    columns: Sequence[Column],
    rows: str,
    **extra: object,
) -> InteractiveFigure:
    """Return the figure, its properties checked by plotly, with what the book's script needs.

    Parameters
    ----------
    traces, layout
        As plotly names them; what the layout does not say is the same for all figures.
    alt
        What a reader would see, in one or two sentences.
    columns
        What the values of a row mean.
    rows
        What is counted, such as "networks".
    **extra
        More for the book's script, see `InteractiveFigure`.

    Raises
    ------
    ValueError
        When `alt` is empty, or plotly does not know a property.
    ModuleNotFoundError
        When plotly is not installed.
    """
    if not alt.strip():
        raise ValueError(
            "a figure needs alt text: one or two sentences that say what a reader would see"
        )
    try:
        from plotly.graph_objects import Figure
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "interactive figures need plotly, which is not installed: pip install 'radixnet[book]'"
        ) from error
    common = {
        "template": "none",
        "font": {"color": LIGHT["ink"], "size": 13},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
        "hoverlabel": {
            "align": "left",
            "bgcolor": LIGHT["ground"],
            "font": {"color": LIGHT["ink"], "size": 13},
        },
        "margin": {"l": 60, "r": 20, "t": 30, "b": 60},
        "meta": {
            "columns": [{"label": column.label, "kind": column.kind} for column in columns],
            "rows": rows,
            "dark": {
                light: dark
                for name in LIGHT
                for light, dark in zip(_inks(LIGHT, name), _inks(DARK, name), strict=True)
            },
            **extra,
        },
    }
    figure = Figure(data=traces, layout={**common, **layout})
    return InteractiveFigure(json.loads(figure.to_json()), alt)


def _inks(palette: Mapping[str, Any], name: str) -> list[str]:
    """Return the colours that a palette has under a name, one or several."""
    return palette[name] if isinstance(palette[name], list) else [palette[name]]


def rows_of(
    table: pd.DataFrame, columns: Sequence[Column], layer_sizes: Sequence[int]
) -> list[list[Any]]:
    """Return, for each row of a table, the columns' values and its network's explorer address.

    Parameters
    ----------
    table
        With the named columns, and `radix_lists`.
    columns
        Which values, in this order; shares are rounded to five decimals.
    layer_sizes
        Those of all networks, inputs first.

    Raises
    ------
    ValueError
        When there is no row, or a column is missing.
    """
    missing = [column.name for column in columns if column.name not in table]
    if missing or not len(table):
        raise ValueError(
            f"a table of {len(table)} rows with the columns {', '.join(map(str, table.columns))}: "
            "expected at least one row, and "
            f"the columns {', '.join(column.name for column in columns)}"
        )
    values = [
        table[column.name].round(DECIMALS).tolist()
        if column.kind == "share"
        else table[column.name].tolist()
        for column in columns
    ]
    addresses = [explorer_address(radix_lists, layer_sizes) for radix_lists in table["radix_lists"]]
    return [list(row) for row in zip(*values, addresses, strict=True)]


def label_of(columns: Sequence[Column], row: str, first: str = "") -> str:
    """Return the template of a point's label: the radix lists, then a line for each other column.

    Parameters
    ----------
    columns
        What the values of a row mean, the radix lists first.
    row
        Where plotly finds the row, such as ``"customdata"``.
    first
        A line to stand before those of the columns; none if empty.
    """
    formats = {"text": "", "share": ":.1%", "count": ":,"}
    lines = [
        f"{column.label}: %{{{row}[{place}]{formats[column.kind]}}}"
        for place, column in enumerate(columns)
    ][1:]
    return (
        "<br>".join([f"<b>%{{{row}[0]}}</b>", *([first] if first else []), *lines])
        + "<extra></extra>"
    )


def axis_of(title: str, **settings: object) -> dict[str, Any]:
    """Return an axis in the inks of the page.

    Parameters
    ----------
    title
        What it measures.
    **settings
        More properties, as plotly names them.
    """
    return {
        "title": {"text": title, "standoff": 12},
        "gridcolor": LIGHT["faint"],
        "linecolor": LIGHT["ink"],
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "tickcolor": LIGHT["ink"],
        "automargin": True,
        **settings,
    }
