"""Ways to train beside each other (How fast, and why): what an epoch costs with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from companion import colours

if TYPE_CHECKING:
    import pandas as pd

_MARKERS = "oDsv"


def draw_times(axes: Axes, times: pd.DataFrame, ways: list[str], ours: str) -> Axes:
    """Draw a row for each way to train: milliseconds of an epoch, a marker for each processor.

    Parameters
    ----------
    axes
        Where to draw.
    times
        Columns ``way``, ``processor`` and ``milliseconds``.
    ways
        The rows, from above; one without times stays empty.
    ours
        The way that stands out.
    """
    ink = str(mpl.rcParams["text.color"])
    for number, (processor, part) in enumerate(times.groupby("processor", sort=False)):
        known = part.set_index("way")["milliseconds"].reindex(ways).dropna()
        axes.scatter(
            known,
            [ways.index(way) for way in known.index],
            marker=_MARKERS[number],
            s=42 if number == 0 else 30,
            facecolors=[colours.OURS if way == ours else ink for way in known.index]
            if number == 0
            else "none",
            edgecolors=[colours.OURS if way == ours else ink for way in known.index],
            label=str(processor),
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks(range(len(ways)), ways)
    axes.set_ylim(len(ways) - 0.5, -0.5)
    axes.set_axisbelow(True)
    axes.grid(axis="both", alpha=0.5)
    return axes
