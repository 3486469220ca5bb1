"""How a notebook's results reach its page.

Pictures for light and dark readers, tables to download, numbers for other pages.

An executed notebook shows all of them. When the book is built it also leaves them as files, which
is what the pages are made from.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure
from PIL import Image

from companion.colours import DARK, LIGHT

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "RADIXNET_PAGE"
"""The environment variable that names the folder in which an executed notebook leaves files;
without it, it leaves none."""

NUMBERS = "numbers.json"
"""The file with what `report` was given."""

_pictures = count(1)

_DOTS_PER_INCH = 200  # twice what a page shows, for dense screens


@dataclass(frozen=True)
class ThemedFigure:
    """A picture in two inks; a notebook and the book show the one that fits the reader's theme.

    Attributes
    ----------
    light, dark
        The same picture as PNG, transparent ground, for light and dark pages.
    alt
        What a reader would see, for those who do not.
    width
        Width in CSS pixels at which it is meant to be seen.
    name
        How the names of its files begin, followed by ``-light.png`` and ``-dark.png``.
    """

    light: bytes
    dark: bytes
    alt: str
    width: int
    name: str

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Show both as HTML, and let style sheets choose.

        Where only pictures can be shown, show the light one.
        """
        light, dark = (base64.b64encode(png).decode("ascii") for png in (self.light, self.dark))
        alt = escape(self.alt, quote=True)
        # Without the book's style sheet (JupyterLab, Colab) the dark one stays hidden.
        images = (
            f'<img class="figure-light dark-light" alt="{alt}" width="{self.width}" '
            f'src="data:image/png;base64,{light}">'
            f'<img class="figure-dark dark-light" alt="{alt}" width="{self.width}" '
            'style="display:none" '
            f'src="data:image/png;base64,{dark}">'
        )
        data = {
            "text/html": f'<div class="themed-figure">{images}</div>',
            "image/png": light,
            "text/plain": self.alt,
        }
        return data, {"radixnet": {"picture": self.name, "alt": self.alt}}


@dataclass(frozen=True)
class TableDownload:
    """A link that saves a table as CSV.

    The table is inside the link, so it works from a file as well as from a server.
    """

    csv: str
    file_name: str
    rows: int

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Show the link, or in plain text what it would hold."""
        data = base64.b64encode(self.csv.encode()).decode("ascii")
        name = escape(self.file_name, quote=True)
        size = f"{self.rows:,} rows, {max(1, len(self.csv) // 1000):,} kB"
        link = (
            f'<a download="{name}" href="data:text/csv;base64,{data}">Download '
            f"the numbers behind this figure: {name}</a> ({size})"
        )
        return {
            "text/html": f'<p class="table-download">{link}</p>',
            "text/plain": f"{self.file_name}: {size}",
        }


def themed(draw: Callable[[Figure], object], alt: str, size: tuple[float, float]) -> ThemedFigure:
    """Draw a picture once for light and once for dark pages.

    Parameters
    ----------
    draw
        Fills an empty figure; called twice. It takes its colours from `companion.colours` and from
        Matplotlib's settings for text and axes, never as fixed black or white.
    alt
        What a reader would see, in one or two sentences.
    size
        Width and height in inches.

    Raises
    ------
    ValueError
        When `alt` is empty.
    """
    if not alt.strip():
        raise ValueError(
            "a figure needs alt text: one or two sentences that say what a reader would see"
        )
    light, dark = (_render(draw, size, inks) for inks in (LIGHT, DARK))
    name = f"picture-{next(_pictures)}"
    leave(f"{name}-light.png", light)
    leave(f"{name}-dark.png", dark)
    return ThemedFigure(light, dark, alt, round(size[0] * 100), name)


def download(table: pd.DataFrame, file_name: str) -> TableDownload:
    """Return a link under which a reader saves a table as CSV, all digits kept."""
    csv = table.to_csv(index=False)
    leave(file_name, csv)
    return TableDownload(csv, file_name, len(table))


def report(**numbers: object) -> None:
    """Hand numbers and words to other pages, which show each under its name as ``{{ name }}``.

    Added to those reported before.
    """
    folder = os.environ.get(FOLDER)
    known = Path(folder) / NUMBERS if folder else None
    before = json.loads(known.read_text(encoding="utf-8")) if known and known.is_file() else {}
    leave(
        NUMBERS,
        json.dumps(before | {name: str(value) for name, value in numbers.items()}, indent=1),
    )


def leave(name: str, content: bytes | str) -> None:
    """Leave a file for the page that is made from this notebook, when one is."""
    folder = os.environ.get(FOLDER)
    if folder:
        (Path(folder) / name).write_bytes(content.encode() if isinstance(content, str) else content)


def _render(
    draw: Callable[[Figure], object], size: tuple[float, float], inks: Mapping[str, Any]
) -> bytes:
    """Return the picture as PNG in the given inks."""
    ink, faint = inks["ink"], inks["faint"]
    settings: Any = {
        **dict.fromkeys(
            (
                "text.color",
                "axes.labelcolor",
                "axes.edgecolor",
                "xtick.color",
                "ytick.color",
            ),
            ink,
        ),
        **dict.fromkeys(
            (
                "figure.facecolor",
                "axes.facecolor",
                "savefig.facecolor",
                "legend.facecolor",
            ),
            "none",
        ),
        **dict.fromkeys((f"axes3d.{axis}axis.panecolor" for axis in "xyz"), (0, 0, 0, 0)),
        "grid.color": faint,
        "legend.edgecolor": faint,
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=inks["cycle"]),
        "axes.titlelocation": "left",
        "axes.titlesize": "medium",
        "font.size": 10,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=size, dpi=_DOTS_PER_INCH, layout="constrained")
        draw(figure)
        drawn = BytesIO()
        figure.savefig(drawn, format="png")
    # A page carries every picture twice: 192 colours look the same here and take a fourth of the
    # room.
    png = BytesIO()
    with Image.open(drawn) as image:
        image.quantize(192, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            png, format="png", optimize=True
        )
    return png.getvalue()
