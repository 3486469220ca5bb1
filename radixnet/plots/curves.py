"""Training curves: an accuracy against the epoch, a line for every run (Fig. 9)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike


def draw_training_curves(axes: Axes, accuracies: Sequence[ArrayLike], colour: str, threshold: float, threshold_label: str) -> Axes:
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
        axes.plot(np.arange(1, len(run) + 1), run, color=colour, linewidth=1.3, alpha=0.8, marker="o", markersize=2.5)
    axes.axhline(threshold, linestyle=":", linewidth=1.2, color="C2")
    axes.annotate(threshold_label, (1, threshold), xycoords=("axes fraction", "data"), xytext=(0, 3), textcoords="offset points",
                  ha="right", va="bottom", color="C2", fontsize="small")  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(ylim=(0, 1), xlabel="epoch", ylabel="accuracy")
    axes.grid(alpha=0.6)
    return axes
