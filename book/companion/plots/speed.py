"""Time against density (How fast, and why): what an epoch costs as connections get fewer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, PercentFormatter

from companion import colours

if TYPE_CHECKING:
    import pandas as pd

_STROKES = ("--", "-.", ":")


def draw_time_against_density(
    axes: Axes,
    timings: pd.DataFrame,
    ours: str,
    labels: Mapping[str, str],
) -> Axes:
    """Draw a labelled line for some ways to train: milliseconds for an epoch against density.

    Parameters
    ----------
    axes
        Where to draw.
    timings
        Columns ``competitor``, ``density`` (0 to 1) and ``median_ms``.
    ours
        The competitor that stands out.
    labels
        What is written at the line of each competitor that is drawn; a line without timings is
        left out. It stands at the left end, above a line that falls and below the others.
    """
    ink = str(mpl.rcParams["text.color"])
    for number, (name, label) in enumerate(labels.items()):
        line = timings[timings["competitor"] == name].sort_values("density")
        if line.empty:
            continue
        mine, first = name == ours, line.iloc[0]
        axes.plot(
            line["density"],
            line["median_ms"],
            color=colours.OURS if mine else ink,
            linestyle="-" if mine else _STROKES[number % len(_STROKES)],
            linewidth=2.4 if mine else 1.3,
            marker="o",
            markersize=5,
            label=label,
        )
        falls = line["median_ms"].iloc[-1] < 0.9 * first["median_ms"]
        axes.annotate(
            label,
            (first["density"], first["median_ms"]),
            xytext=(4, 6 if falls else -6),
            textcoords="offset points",
            va="bottom" if falls else "top",
            color=colours.OURS if mine else ink,
        )
    axes.margins(y=0.12)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("density: share of connections that exist (logarithmic)")
    axes.set_ylabel("milliseconds per epoch (logarithmic)")
    axes.grid(alpha=0.6)
    return axes
