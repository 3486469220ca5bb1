"""Saliency maps of pixels, and accuracies beside them (Fig. 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from companion import colours
from companion.saliency import MNIST_FRAME, edge_pixels


def draw_saliency_map(axes: Axes, saliency: ArrayLike, title: str) -> Axes:
    """Draw a map with its colour bar, from zero to its largest value, and the box that digits fit.

    Parameters
    ----------
    axes
        Where to draw.
    saliency
        The map, shape (rows, columns).
    title
        Written above.
    """
    values = np.asarray(saliency)
    shown = axes.imshow(values, cmap="viridis", vmin=0, vmax=values.max(), interpolation="nearest")
    axes.figure.colorbar(shown, ax=axes, label="saliency", shrink=0.85)
    inside = ~edge_pixels((values.shape[0], values.shape[1]))
    height, width = int(inside.any(axis=1).sum()), int(inside.any(axis=0).sum())
    corner = MNIST_FRAME - 0.5
    axes.add_patch(
        Rectangle(
            (corner, corner),
            width,
            height,
            fill=False,
            edgecolor="white",
            linewidth=0.9,
            linestyle=(0, (3, 2)),
        )
    )
    axes.set_title(title)
    axes.set(xticks=[], yticks=[])
    return axes


def draw_by_model(axes: Axes, values: Mapping[str, Sequence[float]], ours: str) -> Axes:
    """Draw a row of dots for each model, one dot per seed, and write its median at the end.

    Parameters
    ----------
    axes
        Where to draw.
    values
        For each model, first at the top, its values from 0 to 1; a model without any keeps an empty
        row.
    ours
        The model that stands out, a RadiX-Net.
    """
    ink = axes.xaxis.label.get_color()
    for row, (name, each) in enumerate(values.items()):
        axes.scatter(
            each,
            [row] * len(each),
            s=30,
            color=colours.NORMAL if name == ours else ink,
            alpha=0.85,
            linewidths=0,
            zorder=3,
        )
        if len(each):
            axes.text(1.02, row, f"{np.median(each):.1%}", va="center", fontsize="small")
    axes.set_yticks(range(len(values)), list(values))
    axes.set(ylim=(len(values) - 0.4, -0.6), xlim=(0, 1))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="x", alpha=0.6)
    return axes
