"""How RadiX-Nets stand among other sparse networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from companion import colours

_WIDTH = 0.8
"""Of the room between two sparsities, what the marks of one take."""


def draw_errors(axes: Axes, means: pd.DataFrame, signs: Mapping[str, str]) -> Axes:
    """Draw the mean error of each kind of network at each sparsity, with its interval.

    Parameters
    ----------
    means
        Columns ``arm``, ``wanted_sparsity``, and ``mean``, ``low`` and ``high`` of the accuracy in
        per cent.
    signs
        The marker of each arm, in the order in which they stand beside each other. ``"radix"`` and
        ``"dense"`` have their colours of the book, the others the ink of the text.
    """
    ink = axes.xaxis.label.get_color()
    own = {"radix": colours.NORMAL, "dense": colours.DENSE}
    sparsities = sorted(means["wanted_sparsity"].unique())
    for number, (arm, sign) in enumerate(signs.items()):
        mine = means[means["arm"] == arm].sort_values("wanted_sparsity")
        place = np.searchsorted(sparsities, mine["wanted_sparsity"]) + _WIDTH * (
            (number + 0.5) / len(signs) - 0.5
        )
        colour = own.get(arm, ink)
        axes.vlines(place, 100 - mine["high"], 100 - mine["low"], color=colour, linewidth=1)
        axes.plot(
            place,
            100 - mine["mean"],
            sign,
            color=colour,
            label="RadiX-Net" if arm == "radix" else arm,
            markersize=5,
        )
    return _finish(axes, sparsities)


def _finish(axes: Axes, sparsities: Sequence[float]) -> Axes:
    """Label a picture of errors by sparsity."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    ticks = [tick for tick in (1.5, 2, 3, 4, 5, 7, 10, 12, 15, 20, 25, 30) if low <= tick <= high]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xticks(range(len(sparsities)), [f"{100 * each:g}%" for each in sparsities])
    for edge in range(len(sparsities) - 1):
        axes.axvline(edge + 0.5, color=axes.xaxis.label.get_color(), alpha=0.25, linewidth=0.8)
    axes.grid(axis="y", alpha=0.6)
    axes.set(xlabel="sparsity", xlim=(-0.5, len(sparsities) - 0.5))
    return axes
