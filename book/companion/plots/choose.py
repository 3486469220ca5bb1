"""Recommended networks beside random ones (the page on choosing): accuracies side by side, and differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import ArrayLike


def draw_side_by_side(axes: Axes, places: Sequence[Mapping[str, Sequence[ArrayLike]]], kinds: Sequence[str]) -> Axes:
    """Draw kinds of networks beside each other: a column of points per network, one per run, and the median network as a line.

    Parameters
    ----------
    axes
        Where to draw; place number n stands at x = n.
    places
        For each place by kind the accuracies of the runs of each network, 0 to 1.
    kinds
        What is drawn at each place from left to right, the first in ``"C0"``, the next in ``"C1"``; where a place has no network of
        a kind, that is written there.
    """
    room = 0.84 / len(kinds)
    for place, networks in enumerate(places):
        for number, kind in enumerate(kinds):
            middle = place + (number - (len(kinds) - 1) / 2) * room
            mine = [np.asarray(runs, dtype=float) for runs in networks.get(kind, ())]
            if not mine:
                axes.annotate("none found", (middle, 0.03), xycoords=axes.get_xaxis_transform(), rotation=90, ha="center",
                              va="bottom", fontsize="small", color=f"C{number}")  # fmt: skip
                continue
            across = middle + np.linspace(-0.38, 0.38, len(mine)) * room if len(mine) > 1 else np.full(1, middle)
            for at, runs in zip(across, mine, strict=True):
                axes.scatter(np.full(len(runs), at), runs, s=6, color=f"C{number}", alpha=0.8, linewidths=0, zorder=2)
            median = np.median([np.median(runs) for runs in mine])
            axes.hlines(median, middle - room / 2, middle + room / 2, color=axes.xaxis.label.get_color(), linewidth=1.5, zorder=3)
    axes.grid(axis="y", alpha=0.6)
    return axes


def draw_differences(axes: Axes, places: ArrayLike, differences: ArrayLike, intervals: ArrayLike, colour: str) -> Axes:
    """Draw differences of accuracy in percentage points with their intervals, and where there would be none.

    Parameters
    ----------
    axes
        Where to draw; its y axis becomes logarithmic beyond one point on either side of 0.
    places
        Where on the x axis, shape (n,).
    differences
        Shape (n,), in points.
    intervals
        Low and high end of each, shape (n, 2), in points.
    colour
        A Matplotlib colour such as ``"C1"``.
    """
    ends = np.asarray(intervals, dtype=float)
    axes.vlines(np.asarray(places), ends[:, 0], ends[:, 1], color=colour, linewidth=1.6)
    axes.plot(np.asarray(places), np.asarray(differences), color=colour, marker="o", markersize=5, linestyle="none")
    axes.axhline(0, color=axes.xaxis.label.get_color(), linewidth=0.8)
    axes.set_yscale("symlog", linthresh=1)
    axes.yaxis.set_major_locator(FixedLocator([-10, -3, -1, 0, 1, 3, 10, 30]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+.0f}" if value else "0"))
    axes.grid(axis="y", alpha=0.6)
    return axes
