"""How good a forecast is: curves of precision against recall, counts beside the chances stated for them, shares against fan-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike

_LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))


def draw_precision_recall(
    axes: Axes,
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    share_failed: float,
    verdict: tuple[float, float] | None = None,
) -> Axes:
    """Draw one curve per score, as steps, each from its strictest threshold to the one that calls every network risky.

    Parameters
    ----------
    axes
        Where to draw.
    curves
        By name, recall ascending and precision. The first is thick; the others differ in colour and in stroke.
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
            color=f"C{number}" if number < 5 else ink,
            linestyle=_LINES[number % len(_LINES)],
            linewidth=2.4 if number == 0 else 1.4,
            zorder=3 if number == 0 else 2,
            label=name,
        )
    axes.axhline(share_failed, color=ink, linewidth=0.8, alpha=0.6)
    if verdict is not None:
        axes.plot(*verdict, marker="D", markersize=7, color=ink, linestyle="none", zorder=4, label="the verdict")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    axes.set(xlim=(0, 1.02), ylim=(0, 1.03), xlabel="recall", ylabel="precision")
    axes.grid(alpha=0.6)
    return axes


def draw_counts_and_chances(axes: Axes, counted: ArrayLike, expected: ArrayLike, low: ArrayLike, high: ArrayLike) -> Axes:
    """Draw how many runs lost k classes as bars, and how many their stated chances let expect as points with intervals.

    Parameters
    ----------
    axes
        Where to draw.
    counted, expected, low, high
        For k from 0 on, shape (n,); low and high are the ends of the intervals.
    """
    bars, points = np.asarray(counted), np.asarray(expected, dtype=float)
    places = np.arange(len(bars))
    axes.bar(places, bars, 0.8, color="C0", alpha=0.75, label="measured")
    axes.vlines(places, np.asarray(low), np.asarray(high), color="C1", linewidth=1.6, zorder=3)
    axes.plot(places, points, marker="o", markersize=5, linestyle="none", color="C1", zorder=3, label="theory, 95 % interval")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="lost classes, k", ylabel="runs")
    axes.set_axisbelow(True)
    axes.grid(axis="y", alpha=0.6)
    return axes


def draw_shares_by_fan_in(
    axes: Axes,
    theory: tuple[ArrayLike, ArrayLike],
    measured: Mapping[str, tuple[Sequence[int], Sequence[float], Sequence[tuple[float, float]]]],
) -> Axes:
    """Draw the share of networks that lose a class against the fan-in of the classes: a line of theory, points that were measured.

    Parameters
    ----------
    axes
        Where to draw.
    theory
        Fan-ins and chances, 0 to 1.
    measured
        By name, fan-ins, shares, and the ends of their intervals; groups of points stand side by side.
    """
    fan_ins, chances = theory
    axes.plot(np.asarray(fan_ins), np.asarray(chances), color=axes.xaxis.label.get_color(), linewidth=1.4, label="theory")
    for number, (name, (across, shares, intervals)) in enumerate(measured.items()):
        places = np.asarray(across, dtype=float) + 0.12 * (number - (len(measured) - 1) / 2)
        ends = np.asarray(intervals, dtype=float).reshape(-1, 2)
        axes.vlines(places, ends[:, 0], ends[:, 1], color=f"C{number % 5}", linewidth=1.6)
        axes.plot(places, np.asarray(shares), "os^Dv"[number % 5], markersize=6, color=f"C{number % 5}", label=name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(ylim=(-0.02, 1.03), xlabel="connections of the class with the fewest, f", ylabel="share of networks that lose a class")
    axes.grid(alpha=0.6)
    return axes
