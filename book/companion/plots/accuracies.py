"""How well networks learn against how sparse they are (Figs. 4 and 5).

Points, quantiles, margins, seeds; and axes of shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter
from numpy.typing import ArrayLike, NDArray

SPARSITY_TICKS = (0.0, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99)
ACCURACY_TICKS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99)


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


def stretch_accuracy(axes: Axes, lowest: float, highest: float) -> Axes:
    """Give an axis of accuracies more room the fewer errors are left.

    Logarithmic in the error 1 - accuracy.

    Parameters
    ----------
    axes
        Whose y axis is an accuracy, 0 to 1.
    lowest, highest
        Accuracies at its ends, less than 1.
    """
    axes.set_yscale("function", functions=(_stretched, _unstretched))
    axes.set_ylim(lowest, highest)
    axes.yaxis.set_major_locator(
        FixedLocator([tick for tick in ACCURACY_TICKS if lowest <= tick <= highest])
    )
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
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


def draw_accuracies(
    axes: Axes,
    sparsity: ArrayLike,
    accuracy: ArrayLike,
    group: ArrayLike,
    labels: Mapping[int, str],
    marker: str = "o",
) -> Axes:
    """Draw one point per network, coloured by the group that it belongs to.

    Parameters
    ----------
    axes
        Where to draw.
    sparsity, accuracy
        Of each network, 0 to 1.
    group
        Of each network, one of the keys of `labels`.
    labels
        What each group is called in the legend. The first is drawn in ``"C0"``, the next in
        ``"C1"``; the last lies on top.
    marker
        Of the points, as Matplotlib names it.
    """
    across, up, groups = np.asarray(sparsity), np.asarray(accuracy), np.asarray(group)
    for number, (key, label) in enumerate(labels.items()):
        mine = groups == key
        axes.scatter(
            across[mine],
            up[mine],
            s=11,
            color=f"C{number}",
            marker=marker,
            alpha=0.65,
            linewidths=0,
            label=label,
        )
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(ylim=(0, 1), xlabel="sparsity")
    axes.grid(alpha=0.6)
    return axes


def draw_quantiles(axes: Axes, sparsity: ArrayLike, quantiles: Mapping[float, ArrayLike]) -> Axes:
    """Draw running quantiles, each named at its right end; the median is the thick line.

    Parameters
    ----------
    axes
        Where to draw.
    sparsity
        Ascending, shape (n,).
    quantiles
        For each level, such as 0.5, its values, shape (n,); NaN where there is none.
    """
    across = np.asarray(sparsity)
    for level, values in quantiles.items():
        up = np.asarray(values)
        middle = level == 0.5
        axes.plot(
            across,
            up,
            color=axes.xaxis.label.get_color(),
            linewidth=1.6 if middle else 0.8,
            zorder=3,
        )
        known = np.flatnonzero(np.isfinite(up))
        if len(known):
            axes.annotate(
                "median" if middle else f"{level:.0%}",
                (across[known[-1]], up[known[-1]]),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize="small",
            )
    return axes


def draw_counts(
    axes: Axes, values: ArrayLike, group: ArrayLike, order: Sequence[int], edges: ArrayLike
) -> Axes:
    """Draw histograms above a scatter plot, the groups stacked in their colours.

    Parameters
    ----------
    axes
        In the margin; loses its frame.
    values
        One per network.
    group
        Of each network, one of `order`.
    order
        The groups in the order of their colours.
    edges
        Of the bins, ascending.
    """
    numbers, groups = np.asarray(values), np.asarray(group)
    bounds = np.asarray(edges, dtype=float)
    base = np.zeros(len(bounds) - 1)
    for number, key in enumerate(order):
        counts = np.histogram(numbers[groups == key], bounds)[0]
        axes.bar(
            bounds[:-1],
            counts,
            np.diff(bounds),
            base,
            align="edge",
            color=f"C{number}",
            linewidth=0,
        )
        base += counts
    axes.axis("off")
    return axes


def draw_outlines(
    axes: Axes, values: ArrayLike, group: ArrayLike, order: Sequence[int], edges: ArrayLike
) -> Axes:
    """Draw how the values of each group are distributed, beside a scatter plot.

    An outline each, scaled to its own peak.

    Parameters
    ----------
    axes
        In the margin; loses its frame.
    values, group, order, edges
        As of `draw_counts`.
    """
    numbers, groups = np.asarray(values), np.asarray(group)
    bounds = np.asarray(edges, dtype=float)
    for number, key in enumerate(order):
        counts = np.histogram(numbers[groups == key], bounds)[0]
        if counts.any():
            shape = counts / counts.max()
            axes.stairs(shape, bounds, orientation="horizontal", color=f"C{number}", linewidth=1.3)
            axes.stairs(
                shape, bounds, orientation="horizontal", color=f"C{number}", alpha=0.15, fill=True
            )
    axes.axis("off")
    return axes


def draw_seeds(axes: Axes, accuracies: Sequence[ArrayLike], colours: Sequence[str]) -> Axes:
    """Draw each network's range over seeds as a bar, its runs as points, its median as a line.

    Parameters
    ----------
    axes
        Where to draw; network number n stands at x = n.
    accuracies
        For each network the accuracies of its runs, 0 to 1.
    colours
        For each network a Matplotlib colour.
    """
    for place, (runs, colour) in enumerate(zip(accuracies, colours, strict=True)):
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
            color=axes.xaxis.label.get_color(),
            linewidth=1.4,
            zorder=3,
        )
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="y", alpha=0.6)
    return axes
