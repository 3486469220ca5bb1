"""Training curves: an accuracy against the epoch, a line for every run (Figs. 8 and 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike

GROUP_COLOURS = 5
"""Of the style of a page; the next group begins again with the first."""


def draw_training_curves(
    axes: Axes, accuracies: Sequence[ArrayLike], colour: str, threshold: float, threshold_label: str
) -> Axes:
    """Draw one line per run, and a level to compare them with.

    Parameters
    ----------
    axes
        Where to draw.
    accuracies
        For each run, its accuracy after epochs 1, 2, ..., 0 to 1.
    colour
        Of all lines; a Matplotlib colour such as ``"C0"``.
    threshold
        Accuracy at which a dotted line is drawn, 0 to 1.
    threshold_label
        Written at that line.
    """
    for run in map(np.asarray, accuracies):
        axes.plot(
            np.arange(1, len(run) + 1),
            run,
            color=colour,
            linewidth=1.3,
            alpha=0.8,
            marker="o",
            markersize=2.5,
        )
    axes.axhline(threshold, linestyle=":", linewidth=1.2, color="C2")
    axes.annotate(
        threshold_label,
        (1, threshold),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color="C2",
        fontsize="small",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(ylim=(0, 1), xlabel="epoch", ylabel="accuracy")
    axes.grid(alpha=0.6)
    return axes


def draw_groups(axes: Axes, accuracies: ArrayLike, groups: ArrayLike) -> Axes:
    """Draw one line per run, neighbouring groups in different colours.

    Parameters
    ----------
    axes
        Where to draw.
    accuracies
        Of each run after epochs 1, 2, ..., shape (runs, epochs), 0 to 1.
    groups
        Of each run the number of its group, counted from 1.
    """
    for run, group in zip(np.asarray(accuracies), np.asarray(groups), strict=True):
        axes.plot(
            np.arange(1, len(run) + 1),
            run,
            color=f"C{(group - 1) % GROUP_COLOURS}",
            linewidth=1.1,
            alpha=0.8,
        )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(alpha=0.6)
    return axes


def draw_ends(
    axes: Axes, ends: ArrayLike, groups: ArrayLike, expected: Mapping[str, tuple[float, float]]
) -> Axes:
    """Draw where runs end as bars in the colours of `draw_groups`, over ranges to compare with.

    Parameters
    ----------
    axes
        Where to draw; its y axis is that of `draw_groups`.
    ends
        Last accuracy of each run, 0 to 1.
    groups
        Of each run the number of its group, counted from 1.
    expected
        By their names, ranges as (low, high).
    """
    last, numbers = np.asarray(ends), np.asarray(groups)
    edges = np.linspace(0, 1, 101)
    for number in np.unique(numbers):
        counts, _ = np.histogram(last[numbers == number], edges)
        axes.barh(
            edges[:-1],
            counts,
            0.01,
            align="edge",
            color=f"C{(number - 1) % GROUP_COLOURS}",
            linewidth=0,
        )
    for name, (low, high) in expected.items():
        axes.axhspan(low, high, color=axes.xaxis.label.get_color(), alpha=0.12, linewidth=0)
        axes.annotate(
            name,
            (1.03, (low + high) / 2),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize="small",
        )
    axes.set_xlabel("models")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return axes
