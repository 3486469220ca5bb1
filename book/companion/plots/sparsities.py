"""How sparse RadiX-Nets are (Fig. 3).

The distribution over all legal radix lists, and what drives it.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from companion import colours


def draw_sparsity_distribution(
    axes: Axes, expanded: ArrayLike, fitted: ArrayLike, bins: int = 20
) -> Axes:
    """Draw how many networks have which sparsity, before fitting (bars) and after it (outline).

    Parameters
    ----------
    axes
        Where to draw.
    expanded, fitted
        Sparsity of each network before and after fitting, 0 to 1.
    bins
        Bins of equal width from 0 to 1.
    """
    edges = np.linspace(0, 1, bins + 1)
    axes.hist(
        np.asarray(expanded),
        edges.tolist(),
        color=colours.PAPER,
        alpha=0.75,
        label="before fitting (the paper's sparsity)",
    )
    counts, _ = np.histogram(np.asarray(fitted), edges)
    axes.stairs(
        counts,
        edges,
        color=colours.OURS,
        linewidth=2,
        label="after trimming to the layer sizes",
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set(xlim=(0, 1), xlabel="sparsity", ylabel="networks")
    axes.legend(loc="upper left")
    return axes


def draw_sparsity_against_modulus(axes: Axes, modulus: ArrayLike, expanded: ArrayLike) -> Axes:
    """Draw each network's sparsity against the product of its first radix list.

    Parameters
    ----------
    axes
        Where to draw.
    modulus
        The product N' of each network's first list.
    expanded
        Sparsity of each network before fitting, 0 to 1.
    """
    axes.scatter(
        np.asarray(modulus), np.asarray(expanded), s=7, color=colours.PAPER, alpha=0.5, linewidths=0
    )
    axes.set_xscale("log")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(
        ylim=(-0.02, 1.02),
        xlabel="product N' of the first list (log)",
        ylabel="sparsity before fitting",
    )
    axes.grid(alpha=0.6)
    return axes
