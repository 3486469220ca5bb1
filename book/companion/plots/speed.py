"""Time against density (How fast, and why): what a training epoch costs, for every way to train, as connections get fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, PercentFormatter

if TYPE_CHECKING:
    import pandas as pd

_MARKERS = "os^Dv<>pP*X"


def draw_time_against_density(axes: Axes, timings: pd.DataFrame, ours: str) -> Axes:
    """Draw one line per way to train: milliseconds for an epoch against the share of connections that exist.

    Parameters
    ----------
    axes
        Where to draw.
    timings
        Columns ``competitor``, ``density`` (0 to 1) and ``median_ms``.
    ours
        The competitor that stands out.
    """
    for number, (name, line) in enumerate(timings.sort_values("density").groupby("competitor", sort=False)):
        style = {"linewidth": 2.4, "zorder": 3} if name == ours else {"linewidth": 1.1, "linestyle": "--", "alpha": 0.9}
        axes.plot(
            line["density"],
            line["median_ms"],
            color="C1" if name == ours else f"C{(0, 2, 3, 4)[number % 4]}",
            marker=_MARKERS[number % len(_MARKERS)],
            markersize=5,
            label=str(name),
            **style,
        )
    _logarithmic(axes)
    axes.set_ylabel("milliseconds per model and epoch")
    return axes


def draw_share_of_limit(axes: Axes, densities: pd.Series[float], times_limit: pd.Series[float], goal: float) -> Axes:
    """Draw how many times longer training takes than the machine would need for the useful multiply-adds alone.

    Parameters
    ----------
    axes
        Where to draw.
    densities
        Share of connections that exist, 0 to 1.
    times_limit
        Measured time over the time at the machine's measured peak, 1 or more.
    goal
        A level to compare with.
    """
    axes.plot(densities, times_limit, color="C1", marker="o", markersize=5, linewidth=2)
    axes.axhline(goal, color="C2", linestyle=":", linewidth=1.2)
    axes.annotate(
        f"goal: {goal:g} times",
        (1, goal),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        color="C2",
        fontsize="small",
    )
    _logarithmic(axes)
    axes.set_yscale("linear")
    axes.set_ylim(0, None)
    axes.set_ylabel("times the hardware limit")
    return axes


def _logarithmic(axes: Axes) -> None:
    """Give both axes logarithmic scales and the density readable labels."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("density: share of connections that exist")
    axes.grid(alpha=0.6)
