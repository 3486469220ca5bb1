"""Saliency maps of pixels (Fig. 7).

The maps, where their weight lies, and how symmetric they are beside chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike

from companion.saliency import MNIST_FRAME, edge_pixels, rings


def draw_saliency_map(axes: Axes, saliency: ArrayLike, title: str) -> Axes:
    """Draw a map from zero (dark) to its largest value (bright), and the box that digits fit.

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
    axes.imshow(values, cmap="viridis", vmin=0, vmax=values.max(), interpolation="nearest")
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
    axes.set_title(title, fontsize="small")
    axes.set(xticks=[], yticks=[])
    return axes


def draw_share_by_distance(
    axes: Axes, shares: Mapping[str, ArrayLike], shape: tuple[int, int]
) -> Axes:
    """Draw how much of each map lies how far from the centre, beside a uniform map.

    Parameters
    ----------
    axes
        Where to draw.
    shares
        For each name, the share of the map's sum in each ring, from the centre outwards
        (`companion.saliency.share_by_ring`).
    shape
        Rows and columns of the maps.
    """
    even = np.bincount(rings(shape).ravel()) / (shape[0] * shape[1])
    distance = np.arange(len(even))
    axes.fill_between(
        distance,
        even,
        color=axes.xaxis.label.get_color(),
        alpha=0.15,
        linewidth=0,
        label="the same everywhere",
    )
    for number, (name, share) in enumerate(shares.items()):
        axes.plot(
            distance,
            np.asarray(share),
            color=f"C{number % 5}",
            linewidth=1.6,
            marker="osD^v"[number % 5],
            markersize=3.5,
            label=name,
        )
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="distance from the centre, pixels", ylabel="share of the map", ylim=(0, None))
    axes.legend(fontsize="small")
    axes.grid(alpha=0.6)
    return axes


def draw_by_model(
    axes: Axes, values: Mapping[str, Sequence[float]], null: ArrayLike | None = None
) -> Axes:
    """Draw a row of dots for each model, one dot per seed, and below them what chance gives.

    Parameters
    ----------
    axes
        Where to draw.
    values
        For each model, first at the top, its values from 0 to 1; a model without any keeps an empty
        row.
    null
        Values that chance gives, drawn as a histogram at the bottom; None for none.
    """
    for row, each in enumerate(values.values()):
        axes.scatter(
            each,
            [row] * len(each),
            s=22,
            color=f"C{0 if row % 2 == 0 else 1}",
            alpha=0.85,
            linewidths=0,
            zorder=3,
        )
    names = list(values)
    if null is not None:
        counts, edges = np.histogram(np.asarray(null), bins=30)
        bottom = len(values) + 0.4
        axes.stairs(
            bottom - 0.8 * counts / counts.max(),
            edges,
            baseline=bottom,
            fill=True,
            color="C2",
            alpha=0.8,
        )
        names.append("pixels shuffled")
    axes.set_yticks(range(len(names)), names)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="x", alpha=0.6)
    return axes
