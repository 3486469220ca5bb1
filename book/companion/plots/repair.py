"""What becomes of strange models when something is changed: how many are left, and how good networks are for their size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike


def draw_share_left(axes: Axes, names: Sequence[str], shares: ArrayLike, counts: Sequence[str]) -> Axes:
    """Draw a bar for each repair, as long as the mean share of strange models, and a point for each start.

    Parameters
    ----------
    axes
        Where to draw; its y axis gets the names, the first one on top.
    names
        Of the repairs.
    shares
        Shape (repairs, starts), 0 to 1.
    counts
        What is written at the end of each bar.
    """
    values = np.asarray(shares, dtype=float)
    places = np.arange(len(names))
    axes.barh(places, values.mean(axis=1), 0.62, color="C0", alpha=0.55, linewidth=0, label="mean")
    heights = places[:, None] + np.linspace(-0.2, 0.2, values.shape[1]) if values.shape[1] > 1 else places[:, None]
    axes.scatter(values, np.broadcast_to(heights, values.shape), s=14, color="C1", linewidths=0, zorder=3, label="one start")
    for place, ends, text in zip(places, values, counts, strict=True):
        axes.annotate(text, (ends.max(), place), xytext=(7, 0), textcoords="offset points", va="center", fontsize="small")
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_xlim(-0.004, max(0.01, values.max()) * 1.3)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="x", alpha=0.6)
    return axes


def draw_by_connections(axes: Axes, parameters: ArrayLike, accuracy: ArrayLike, colour: str, marker: str, label: str) -> Axes:
    """Draw a point for each network at its number of parameters and its accuracy.

    Parameters
    ----------
    axes
        Where to draw.
    parameters, accuracy
        Of each network, shape (n,).
    colour, marker
        As Matplotlib names them.
    label
        In the legend.
    """
    axes.scatter(parameters, accuracy, s=9, color=colour, marker=marker, alpha=0.45, linewidths=0, label=label)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.grid(alpha=0.6)
    return axes


def draw_running_median(axes: Axes, parameters: ArrayLike, median: ArrayLike, colour: str) -> Axes:
    """Draw a line through running medians, broken where there are none.

    Parameters
    ----------
    axes
        Where to draw.
    parameters
        Ascending, shape (n,).
    median
        Of the networks of about as many parameters, shape (n,); NaN where there are none.
    colour
        As Matplotlib names it.
    """
    axes.plot(np.asarray(parameters), np.asarray(median), color=colour, linewidth=1.8, zorder=3)
    return axes


def draw_margins(axes: Axes, margins: ArrayLike, intervals: ArrayLike) -> Axes:
    """Draw how far each repair is ahead, one below the other, with intervals and a line where there is no difference.

    Parameters
    ----------
    axes
        Where to draw; its x axis is in points of accuracy. Repair number n stands at y = n.
    margins
        Shape (repairs,), in points; NaN is left out.
    intervals
        Low and high end of each, shape (repairs, 2), in points.
    """
    middle, ends = np.asarray(margins, dtype=float), np.asarray(intervals, dtype=float)
    places = np.arange(len(middle))
    axes.hlines(places, ends[:, 0], ends[:, 1], color="C0", linewidth=2)
    axes.plot(middle, places, color="C0", marker="o", markersize=5, linestyle="none")
    axes.axvline(0, color=axes.xaxis.label.get_color(), linewidth=0.8)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:+.1f}"))
    axes.grid(axis="x", alpha=0.6)
    return axes
