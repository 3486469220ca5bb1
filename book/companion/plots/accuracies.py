"""How well networks learn against how sparse they are (Figs. 4 and 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter
from numpy.typing import ArrayLike, NDArray

from companion import colours

SPARSITY_TICKS = (0.0, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99)
FEW = 2
"""Connections into an output up to which they are called few."""
FAN_IN_NAMES = {False: "three or more", True: "two or fewer"}
"""The groups of networks by their smallest output fan-in, at most `FEW` or not."""


def stretch_sparsity(axes: Axes, largest: float) -> Axes:
    """Give an axis of sparsities more room the fewer connections are left.

    Logarithmic in the density 1 - sparsity.

    Parameters
    ----------
    axes
        Whose x axis is a sparsity, 0 to 1.
    largest
        Sparsity at the right end, less than 1.
    """
    axes.set_xscale("function", functions=(_stretched, _unstretched))
    axes.set_xlim(-0.03, largest)
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in SPARSITY_TICKS if tick <= largest]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    return axes


def _stretched(share: ArrayLike) -> NDArray[np.float64]:
    """Return where on the stretched axis a share lies.

    Beyond 1 there is nothing, so it is cut off just before.
    """
    rest: NDArray[np.float64] = np.maximum(1 - np.asarray(share, dtype=float), 1e-6)
    return -np.log10(rest)


def _unstretched(position: ArrayLike) -> NDArray[np.float64]:
    """Return the share at a place on the stretched axis."""
    return 1 - np.power(10, -np.asarray(position, dtype=np.float64))


def draw_by_fan_in(
    axes: Axes, sparsity: ArrayLike, values: ArrayLike, few: ArrayLike, size: float = 13
) -> Axes:
    """Draw a mark for each network: a dot, or a triangle where a class hangs on few connections.

    Parameters
    ----------
    axes
        Where to draw.
    sparsity
        Each network's sparsity, 0 to 1.
    values
        Each network's height.
    few
        For each network, whether its smallest output fan-in is at most `FEW`.
    size
        Area of a dot, in square points.
    """
    across, up, is_few = np.asarray(sparsity), np.asarray(values), np.asarray(few, dtype=bool)
    ink = axes.xaxis.label.get_color()
    looks: dict[bool, dict[str, Any]] = {
        False: {"color": ink, "marker": "o", "s": size, "alpha": 0.45},
        True: {"color": colours.FEW, "marker": "^", "s": 1.5 * size, "alpha": 0.75},
    }
    for key, name in FAN_IN_NAMES.items():
        mine = is_few == key
        axes.scatter(across[mine], up[mine], **looks[key], linewidths=0, label=name)
    axes.grid(alpha=0.6)
    return axes


def draw_band_medians(axes: Axes, edges: ArrayLike, medians: ArrayLike, colour: str) -> Axes:
    """Draw a bar across each band of sparsity at the median of its networks.

    Parameters
    ----------
    axes
        Where to draw.
    edges
        Where bands begin and end, ascending, one more than bands.
    medians
        One for each band; NaN where it has no network.
    colour
        A Matplotlib colour.
    """
    bounds, heights = np.asarray(edges, dtype=float), np.asarray(medians, dtype=float)
    known = np.isfinite(heights)
    axes.hlines(
        heights[known],
        bounds[:-1][known],
        bounds[1:][known],
        color=colour,
        linewidth=3,
        zorder=3,
    )
    return axes


def draw_seeds(axes: Axes, accuracies: Sequence[ArrayLike], few: ArrayLike) -> Axes:
    """Draw each network's range over seeds as a bar, its runs as points, its median as a line.

    Parameters
    ----------
    axes
        Where to draw; network number n stands at x = n.
    accuracies
        For each network the accuracies of its runs, 0 to 1.
    few
        For each network, whether its smallest output fan-in is at most `FEW`.
    """
    ink = axes.xaxis.label.get_color()
    for place, (runs, is_few) in enumerate(zip(accuracies, np.asarray(few), strict=True)):
        colour = colours.FEW if is_few else ink
        up = np.sort(np.asarray(runs, dtype=float))
        # Spread sideways in the order of their height, so that equal runs stay visible.
        across = (
            place + np.linspace(-0.3, 0.3, len(up)) if len(up) > 1 else np.full(1, float(place))
        )
        axes.plot(
            [place, place],
            [up[0], up[-1]],
            color=colour,
            linewidth=6,
            alpha=0.25,
            solid_capstyle="butt",
        )
        axes.scatter(across, up, s=7, color=colour, alpha=0.9, linewidths=0, zorder=2)
        axes.hlines(
            np.median(up),
            place - 0.4,
            place + 0.4,
            color=ink,
            linewidth=1.4,
            zorder=3,
        )
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="y", alpha=0.6)
    return axes
