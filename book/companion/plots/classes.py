"""Which classes a network can still answer.

What they hang on, how they fare in training, and the accuracy that is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import ArrayLike

from companion import colours


def draw_class_wiring(axes: Axes, last_weights: ArrayLike) -> Axes:
    """Draw the last hidden layer, the classes above it, and each connection by its sign.

    Parameters
    ----------
    axes
        Where to draw.
    last_weights
        Shape (units, classes), zero where there is no connection. Lines of positive ones are solid,
        those of negative ones dashed; units without a connection are faint.
    """
    ink = str(mpl.rcParams["text.color"])
    weights = np.asarray(last_weights)
    units, classes = weights.shape
    width = 1.2 if np.count_nonzero(weights) <= 2 * classes else 0.6
    places = (np.arange(classes) + 0.5) * units / classes - 0.5
    for stroke, chosen, label in (
        ("-", weights > 0, "positive weight"),
        ((0, (3, 2)), weights < 0, "negative weight"),
    ):
        sources, targets = np.nonzero(chosen)
        ends = np.stack([sources, places[targets], np.full(len(sources), np.nan)], axis=1).ravel()
        heights = np.tile([0.0, 1.0, np.nan], len(sources))
        axes.plot(ends, heights, color=ink, linestyle=stroke, linewidth=width, label=label)
    used = (weights != 0).any(axis=1)
    axes.scatter(
        np.flatnonzero(used),
        np.zeros(used.sum()),
        s=16,
        color=ink,
        zorder=3,
        label="reaches an output",
    )
    axes.scatter(
        np.flatnonzero(~used),
        np.zeros((~used).sum()),
        s=16,
        color=ink,
        alpha=0.2,
        label="reaches none",
    )
    for number, place in enumerate(places):
        axes.text(place, 1.06, str(number), ha="center", va="bottom")
    axes.set(ylim=(-0.15, 1.3), xlim=(-2, units + 1))
    axes.set_axis_off()
    return axes


def draw_by_class(
    axes: Axes, epochs: ArrayLike, values: ArrayLike, starts_positive: ArrayLike
) -> Axes:
    """Draw one line per class against the epoch, dashed where its weights start negative.

    Parameters
    ----------
    axes
        Where to draw.
    epochs
        Numbers of epochs, increasing; 0 is the start.
    values
        Shape (epochs, classes).
    starts_positive
        For each class, whether it has a positive weight at the start.
    """
    stops, lines = np.asarray(epochs), np.asarray(values)
    for line, positive in zip(lines.T, np.asarray(starts_positive), strict=True):
        axes.plot(
            stops,
            line,
            color=axes.xaxis.label.get_color(),
            linestyle="-" if positive else "--",
            marker="o",
            markersize=3,
            linewidth=1.3,
        )
    # Numbers of classes that end at the same height would cover each other: they share a line.
    ends: dict[float, list[int]] = {}
    room = np.ptp(lines) / 22 or 1.0
    for number in np.argsort(lines[-1]):
        near = [height for height in ends if lines[-1][number] - height < room]
        ends.setdefault(near[-1] if near else float(lines[-1][number]), []).append(int(number))
    for height, numbers in ends.items():
        axes.annotate(
            ", ".join(map(str, sorted(numbers))),
            (stops[-1], height),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
            annotation_clip=False,
        )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="epoch")
    axes.grid(alpha=0.6)
    return axes


def draw_accuracy_by_classes(
    axes: Axes,
    classes: ArrayLike,
    accuracy: ArrayLike,
    groups: Mapping[str, tuple[ArrayLike, str | None]],
    per_class: float,
) -> Axes:
    """Draw a strip for each number of classes answered.

    Each model's accuracy, and what is expected.

    Parameters
    ----------
    axes
        Where to draw.
    classes
        How many classes each model answers: k, its place on the y axis.
    accuracy
        Each model's accuracy, 0 to 1.
    groups
        By name, which models belong to a group, and its colour, or None for that of the text;
        models in none are not drawn. Dots of the first are filled, those of the next are rings.
    per_class
        Accuracy for each class; k times as much is marked in the strip of k.
    """
    counts, reached = np.asarray(classes, dtype=float), np.asarray(accuracy)
    # Models lie on top of each other; a shift by their rank within a strip sets them apart.
    order = np.argsort(reached, kind="stable")
    shift = np.empty(len(counts))
    strips = np.unique(counts)
    for count in strips:
        strip = order[counts[order] == count]
        places = np.arange(len(strip)) % 9 + 1
        shift[strip] = places // 2 * (-1) ** places * 0.08  # the middle first, then either side
    ink = axes.xaxis.label.get_color()
    for number, (name, (members, colour)) in enumerate(groups.items()):
        chosen = np.asarray(members, dtype=bool)
        across, up = reached[chosen], (counts + shift)[chosen]
        axes.plot(
            across,
            up,
            "o",
            color=colour or ink,
            fillstyle="none" if number else "full",
            markersize=4,
            markeredgewidth=0.8 if number else 0,
            alpha=0.7,
            label=name,
        )
    axes.vlines(
        per_class * strips,
        strips - 0.45,
        strips + 0.45,
        color=colours.NORMAL,
        linewidth=2,
        zorder=3,
        label=f"normal models per class, times k: {per_class:.4f} k",
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_yticks(np.arange(strips.min(), strips.max() + 1))
    axes.set(xlim=(0, 1), xlabel="test accuracy", ylabel="classes answered, k")
    axes.set_ylim(strips.min() - 0.7, strips.max() + 2.6)  # room for the legend
    axes.grid(axis="x", alpha=0.6)
    axes.legend(loc="upper left", fontsize="small")
    return axes


def draw_shares(
    axes: Axes, names: Sequence[str], counts: Mapping[str, Sequence[tuple[int, int]]]
) -> Axes:
    """Draw shares as bars side by side, what they are shares of written above.

    Parameters
    ----------
    axes
        Where to draw.
    names
        What the groups of models are called, along the x axis.
    counts
        By source, for each group how many models have the property and how many there are. The
        first source is the paper's authors, the second we.
    """
    width = 0.8 / len(counts)
    for number, (source, pairs) in enumerate(counts.items()):
        places = np.arange(len(names)) + (number - (len(counts) - 1) / 2) * width
        shares = [some / every if every else 0.0 for some, every in pairs]
        axes.bar(
            places, shares, width * 0.92, color=(colours.PAPER, colours.OURS)[number], label=source
        )
        for place, share, (some, every) in zip(places, shares, pairs, strict=True):
            axes.text(
                place, share + 0.01, f"{some}/{every}", ha="center", va="bottom", fontsize="x-small"
            )
    axes.set_xticks(range(len(names)), names)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(ylim=(0, 1.12))
    axes.legend(fontsize="small", loc="upper right")
    return axes
