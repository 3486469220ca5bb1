"""How far recommended networks are ahead of random ones (the page on choosing)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from numpy.typing import ArrayLike

from companion import colours


def draw_differences(
    axes: Axes,
    places: ArrayLike,
    differences: ArrayLike,
    intervals: ArrayLike,
) -> Axes:
    """Draw differences of accuracy with their intervals, and where there would be none.

    Parameters
    ----------
    axes
        Where to draw.
    places
        Where on the x axis, shape (n,).
    differences
        Shape (n,), in percentage points.
    intervals
        Low and high end of each, shape (n, 2), in percentage points.
    """
    ends = np.asarray(intervals, dtype=float)
    axes.vlines(np.asarray(places), ends[:, 0], ends[:, 1], color=colours.OURS, linewidth=1.8)
    axes.plot(np.asarray(places), np.asarray(differences), "o", color=colours.OURS, markersize=6)
    axes.axhline(0, color=axes.xaxis.label.get_color(), linewidth=0.8)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g}" if value else "0"))
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y", alpha=0.6)
    return axes
