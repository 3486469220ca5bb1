"""Training curves: an accuracy against the epoch, a line for every run (Figs. 8 and 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike

from companion import colours


def draw_training_curves(
    axes: Axes, accuracies: Sequence[ArrayLike], colour: str, threshold: float, threshold_label: str
) -> Axes:
    """Draw one line per run, and the level that the paper names.

    Parameters
    ----------
    axes
        Where to draw.
    accuracies
        For each run, its accuracy after epochs 1, 2, ..., 0 to 1.
    colour
        A Matplotlib colour, for all lines.
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
    axes.axhline(threshold, linestyle=":", linewidth=1.2, color=colours.PAPER)
    axes.annotate(
        threshold_label,
        (1, threshold),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=colours.PAPER,
        fontsize="small",
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(ylim=(0, 1), xlabel="epoch", ylabel="training accuracy")
    axes.grid(alpha=0.6)
    return axes


def draw_by_classes(
    axes: Axes,
    accuracies: ArrayLike,
    classes: ArrayLike,
    ranges: Mapping[str, tuple[float, float]],
) -> Axes:
    """Draw one line per run in the colour of its number of classes, over the paper's ranges.

    Parameters
    ----------
    axes
        Where to draw; the number of classes is written where its median run ends.
    accuracies
        Each run's after epochs 1, 2, ..., shape (runs, epochs), 0 to 1.
    classes
        How many classes each run answers at its end.
    ranges
        By their names, ranges of accuracy as (low, high), shaded behind the lines.
    """
    counts = np.asarray(classes)
    for name, (low, high) in ranges.items():
        axes.axhspan(low, high, color=colours.PAPER, alpha=0.16, linewidth=0)
        axes.annotate(
            name,
            (1.01, (low + high) / 2),
            xycoords=("axes fraction", "data"),
            va="center",
            color=colours.PAPER,
            fontsize="small",
        )
    runs = np.asarray(accuracies)
    epochs = np.arange(1, runs.shape[1] + 1)
    for run, count in zip(runs, counts, strict=True):
        axes.plot(epochs, run, color=colours.of_classes(count), linewidth=1.2)
    for count in np.unique(counts):
        axes.annotate(
            f"{count:.0f} classes",
            (epochs[-1], np.median(runs[counts == count, -1])),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
        )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(alpha=0.6)
    return axes
