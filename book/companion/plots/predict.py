"""How good a forecast is: precision and recall, and counts beside the stated chances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike

from companion import colours

_LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), "-")


def draw_precision_recall(
    axes: Axes,
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    share_failed: float,
    verdict: tuple[float, float] | None = None,
) -> Axes:
    """Draw one stepped curve per score, from its strictest threshold to the most lenient.

    Parameters
    ----------
    axes
        Where to draw.
    curves
        By name, recall ascending and precision. The first, ours, is thick; the others differ in
        stroke.
    share_failed
        Precision of calling every network risky, drawn as a level.
    verdict
        Recall and precision of a verdict that has no threshold, drawn as a diamond; None for none.
    """
    ink = str(mpl.rcParams["text.color"])
    for number, (name, (recall, precision)) in enumerate(curves.items()):
        across, up = np.asarray(recall, dtype=float), np.asarray(precision, dtype=float)
        axes.plot(
            np.concatenate([[0], across]),
            np.concatenate([up[:1], up]),
            drawstyle="steps-pre",
            color=ink if number else colours.OURS,
            linestyle=_LINES[number % len(_LINES)],
            linewidth=2.4 if number == 0 else 1.4,
            zorder=3 if number == 0 else 2,
            label=name,
        )
    axes.axhline(share_failed, color=ink, linewidth=0.8, alpha=0.6)
    if verdict is not None:
        axes.plot(
            *verdict,
            marker="D",
            markersize=7,
            color=ink,
            linestyle="none",
            zorder=4,
            label="the verdict",
        )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    axes.set(xlim=(0, 1.02), ylim=(0, 1.03), xlabel="recall", ylabel="precision")
    axes.grid(alpha=0.6)
    return axes


def draw_counts_and_chances(
    axes: Axes, counted: ArrayLike, expected: ArrayLike, low: ArrayLike, high: ArrayLike
) -> Axes:
    """Draw how many runs lost k classes as bars, and the expectation as points with intervals.

    Parameters
    ----------
    axes
        Where to draw.
    counted, expected, low, high
        For k from 0 on, shape (n,); low and high are the ends of the intervals.
    """
    bars, points = np.asarray(counted), np.asarray(expected, dtype=float)
    places, ink = np.arange(len(bars)), axes.xaxis.label.get_color()
    axes.bar(places, bars, 0.8, color=colours.OURS, alpha=0.75, label="measured")
    axes.vlines(places, np.asarray(low), np.asarray(high), color=ink, linewidth=1.6, zorder=3)
    axes.plot(
        places,
        points,
        marker="o",
        markersize=5,
        linestyle="none",
        color=ink,
        zorder=3,
        label="theory, 95 % interval",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="lost classes, k", ylabel="runs")
    axes.set_axisbelow(True)
    axes.grid(axis="y", alpha=0.6)
    return axes


def draw_calibration(
    axes: Axes,
    groups: Mapping[str, tuple[ArrayLike, ArrayLike, Sequence[tuple[float, float]]]],
) -> Axes:
    """Draw the share of networks that failed against the stated chance, and where they agree.

    Parameters
    ----------
    axes
        Where to draw.
    groups
        By name: stated chances and shares, both 0 to 1, and the ends of the shares' intervals. The
        points of the first group are filled, those of the next are rings.
    """
    ink = axes.xaxis.label.get_color()
    axes.plot([0, 1], [0, 1], color=ink, linestyle=":", linewidth=1.4, label="as stated")
    for (name, (stated, shares, intervals)), face in zip(
        groups.items(), (colours.OURS, "none"), strict=True
    ):
        across = np.asarray(stated, dtype=float)
        low, high = np.asarray(intervals, dtype=float).reshape(-1, 2).T
        axes.vlines(across, low, high, color=colours.OURS, linewidth=1.8)
        axes.plot(
            across,
            np.asarray(shares),
            "o",
            color=colours.OURS,
            markersize=7,
            markerfacecolor=face,
            label=name,
        )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    axes.set(
        xlim=(-0.02, 1.03),
        ylim=(-0.02, 1.03),
        xlabel="chance of a lost class, stated before training",
        ylabel="share of networks that lost one",
    )
    axes.grid(alpha=0.6)
    axes.legend(loc="upper left", fontsize="small")
    return axes
