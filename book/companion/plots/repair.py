"""What is left of strange models when something is changed, and what the change is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import ArrayLike

from companion import colours


def draw_share_left(
    axes: Axes, names: Sequence[str], shares: ArrayLike, counts: Sequence[str]
) -> Axes:
    """Draw a bar for each repair, the mean share of strange models, and a point for each start.

    Parameters
    ----------
    axes
        Where to draw; its y axis gets the names, the first one on top.
    names
        What the repairs are called.
    shares
        Shape (repairs, starts), 0 to 1.
    counts
        What is written at the end of each bar.
    """
    values = np.asarray(shares, dtype=float)
    places = np.arange(len(names))
    axes.barh(
        places,
        values.mean(axis=1),
        0.62,
        color=colours.STRANGE,
        alpha=0.45,
        linewidth=0,
        label="mean",
    )
    heights = (
        places[:, None] + np.linspace(-0.2, 0.2, values.shape[1])
        if values.shape[1] > 1
        else places[:, None]
    )
    axes.scatter(
        values,
        np.broadcast_to(heights, values.shape),
        s=14,
        color=colours.STRANGE,
        linewidths=0,
        zorder=3,
        label="one start",
    )
    for place, ends, text in zip(places, values, counts, strict=True):
        axes.annotate(
            text,
            (ends.max(), place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
        )
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_xlim(-0.004, max(0.01, values.max()) * 1.3)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="x", alpha=0.6)
    return axes


def draw_margins(axes: Axes, margins: Mapping[str, ArrayLike]) -> Axes:
    """Draw how far each repair is ahead, one below the other, and where there is no difference.

    Parameters
    ----------
    axes
        Where to draw; its x axis is in points of accuracy. Repair number n stands around y = n.
    margins
        By way to compare, shape (repairs, 3): a margin in points and its interval's ends; NaN is
        left out. The first way's points are filled, the last one's are rings; others are squares.
    """
    for number, (name, found) in enumerate(margins.items()):
        middle, low, high = np.asarray(found, dtype=float).T
        places = np.arange(len(middle)) + 0.26 * (number - (len(margins) - 1) / 2)
        axes.hlines(places, low, high, color=colours.REPAIRED, linewidth=1.6)
        face = "none" if number == len(margins) - 1 else colours.REPAIRED
        axes.plot(
            middle,
            places,
            "o" if number in {0, len(margins) - 1} else "s",
            color=colours.REPAIRED,
            markersize=5,
            markerfacecolor=face,
            label=name,
        )
    axes.axvline(0, color=axes.xaxis.label.get_color(), linewidth=0.8)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:+.1f}"))
    axes.grid(axis="x", alpha=0.6)
    return axes
