"""The benchmark's networks (The Graph Challenge).

Their equal columns, their images, their rates.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike

from companion import colours

if TYPE_CHECKING:
    import pandas as pd

_MARKERS = "oPsD^v"
_STARTS = (colours.PAPER, colours.OURS)


def draw_copies(axes: Axes, values: ArrayLike, copies: int) -> Axes:
    """Draw a layer's values for one image, the copies of a neuron below each other.

    Parameters
    ----------
    axes
        Where to draw.
    values
        Shape (neurons,), at least 0; neuron n is a copy of neuron n modulo ``neurons / copies``.
    copies
        How often each neuron is there.
    """
    square = np.asarray(values).reshape(copies, -1)
    picture = axes.imshow(square, cmap="viridis", vmin=0, aspect="auto")
    axes.figure.colorbar(picture, ax=axes, label="value")
    axes.set(xlabel="neuron modulo N'", ylabel="copy")
    return axes


def draw_what_is_left(axes: Axes, alive: ArrayLike, different: ArrayLike) -> Axes:
    """Draw how many images are not zero after each layer, and how many different rows they have.

    Parameters
    ----------
    axes
        Where to draw.
    alive, different
        Shape (layers,), from the first layer on.
    """
    layers = np.arange(1, len(np.asarray(alive)) + 1)
    ink = axes.xaxis.label.get_color()
    axes.plot(layers, np.asarray(alive), color=ink, label="images not yet zero")
    axes.plot(layers, np.asarray(different), color=ink, linestyle="--", label="different rows")
    axes.set_yscale("symlog", linthresh=1)
    axes.set(xlabel="layer", ylabel="images (logarithmic above 1)", ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    return axes


def draw_rates(axes: Axes, rates: pd.DataFrame, ours: Collection[str]) -> Axes:
    """Draw a point for each rate on a logarithmic axis, one line of them for each network.

    Parameters
    ----------
    axes
        Where to draw.
    rates
        Columns ``network``, ``system`` and ``rate``, in edges per second.
    ours
        The systems that stand out.
    """
    networks = list(dict.fromkeys(rates["network"]))
    for number, (system, points) in enumerate(rates.groupby("system", sort=False)):
        axes.plot(
            points["rate"],
            [networks.index(network) for network in points["network"]],
            linestyle="none",
            marker=_MARKERS[number % len(_MARKERS)],
            color=colours.OURS if system in ours else axes.xaxis.label.get_color(),
            fillstyle="full" if number < len(_MARKERS) else "none",
            label=str(system),
        )
    axes.set_xscale("log")
    axes.set_yticks(range(len(networks)), networks)
    axes.invert_yaxis()
    axes.grid(axis="both", alpha=0.4)
    axes.set_xlabel("edges per second, all images counted (logarithmic)")
    return axes


def draw_learning(axes: Axes, runs: pd.DataFrame) -> Axes:
    """Draw the test accuracy of every run against depth, and a line through each start's means.

    Parameters
    ----------
    axes
        Where to draw.
    runs
        Columns ``start``, ``depth`` and ``test_accuracy``; two starts, the paper's first.
    """
    for number, (start, group) in enumerate(runs.groupby("start", sort=False)):
        means = group.groupby("depth")["test_accuracy"].mean()
        axes.plot(
            means.index,
            means,
            color=_STARTS[number],
            marker=_MARKERS[number],
            linestyle="-" if number else "--",
            label=str(start),
        )
        axes.scatter(group["depth"], group["test_accuracy"], alpha=0.5, s=14, color=_STARTS[number])
    axes.set(xlabel="layers of weights", ylabel="test accuracy", ylim=(0, 1))
    axes.set_xticks(sorted(set(runs["depth"])))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend()
    return axes


def draw_signal(axes: Axes, sizes: pd.DataFrame) -> Axes:
    """Draw how large values are after each layer before training, a line for each start.

    Parameters
    ----------
    axes
        Where to draw.
    sizes
        A column for each start, the paper's first, a row for each layer, the root of the mean
        square.
    """
    for number, start in enumerate(sizes.columns):
        axes.plot(
            sizes.index,
            sizes[start],
            color=_STARTS[number],
            marker=_MARKERS[number],
            linestyle="-" if number else "--",
            label=str(start),
        )
    axes.set_yscale("log")
    axes.set(xlabel="layer", ylabel="root mean square of the values (logarithmic)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    return axes
