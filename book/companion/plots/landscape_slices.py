"""Loss landscapes (Fig. 6): a plane through the space of weights, and training's way into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import BoundaryNorm, Colormap
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter
from mpl_toolkits.mplot3d import Axes3D
from numpy.typing import ArrayLike, NDArray

_LEVELS = 16
# Of the sheet, in shares of its width and height.
_LEFT, _RIGHT, _GAP = 0.075, 0.905, 0.035
_SURFACE_BOTTOM, _SURFACE_HEIGHT, _CONTOUR_TOP = 0.66, 0.305, 0.635
_BELOW_BOTTOM, _BELOW_HEIGHT = 0.04, 0.225
_SCALE_TOP, _CONTOUR_MOST = 0.95, 0.27
# Of the largest loss; what is smaller is drawn as if it were this large: 0 has no logarithm.
_LEAST_SHARE = 1e-6


def loss_levels(*losses: ArrayLike) -> NDArray[np.float64]:
    """Return the contour levels, in equal ratios, for all landscapes of one picture.

    Parameters
    ----------
    losses
        An array for each landscape, of any shape, finite and not negative.

    Returns
    -------
    float64 array
        Increasing; the first at the smallest loss, the last at the largest.

    Raises
    ------
    ValueError
        When a loss is negative or not finite.
    """
    values = np.concatenate([np.ravel(np.asarray(loss, dtype=np.float64)) for loss in losses])
    if not len(values) or not np.isfinite(values).all() or values.min() < 0:
        raise ValueError(
            "a landscape can be drawn where all losses are finite and none is negative; "
            "has training diverged?"
        )
    highest: float = max(float(values.max()), float(np.finfo(np.float32).tiny))
    lowest: float = max(float(values.min()), highest * _LEAST_SHARE)
    return np.geomspace(lowest, highest if highest > lowest else 2 * lowest, _LEVELS)


def draw_loss_contours(
    axes: Axes, steps: ArrayLike, loss: ArrayLike, levels: ArrayLike, level: float
) -> Axes:
    """Draw a landscape seen from above, the trained network as a cross in its middle.

    Parameters
    ----------
    axes
        Where to draw.
    steps
        Positions along either direction, shape (points,).
    loss
        Shape (points, points), the first direction first.
    levels
        `loss_levels` of all landscapes of the picture.
    level
        A loss whose contour is dashed.
    """
    positions, bands = np.asarray(steps), np.asarray(levels)
    height = np.clip(
        np.asarray(loss), bands[0], bands[-1]
    ).T  # Matplotlib has the vertical direction first
    colours, norm = _bands(bands)
    axes.contourf(positions, positions, height, bands, cmap=colours, norm=norm)
    axes.contour(positions, positions, height, bands, colors="white", linewidths=0.4, alpha=0.45)
    if height.min() < level < height.max():
        axes.contour(
            positions,
            positions,
            height,
            [level],
            colors="white",
            linewidths=1.5,
            linestyles="dashed",
        )
    axes.plot(0, 0, marker="P", markersize=9, color="white", markeredgecolor="black")
    axes.set(aspect="equal", xlabel="along $d_1$", ylabel="along $d_2$", **_three_ticks(positions))
    return axes


def draw_loss_surface(axes: Axes3D, steps: ArrayLike, loss: ArrayLike, levels: ArrayLike) -> Axes3D:
    """Draw a landscape as a surface over the plane.

    Its height is the logarithm of the loss; a cross marks the trained network.

    Parameters
    ----------
    axes
        Where to draw; made with ``projection="3d"``.
    steps, loss, levels
        As for `draw_loss_contours`.
    """
    positions, bands = np.asarray(steps), np.asarray(levels)
    height = np.log10(np.clip(np.asarray(loss), bands[0], bands[-1]))
    first, second = np.meshgrid(positions, positions, indexing="ij")
    limits = np.log10(bands[[0, -1]])
    # Without light and shade: a colour is a loss here, as in the contours.
    colours, norm = _bands(np.log10(bands))
    axes.plot_surface(
        first,
        second,
        height,
        cmap=colours,
        norm=norm,
        rcount=len(positions),
        ccount=len(positions),
        shade=False,
        edgecolor=(1, 1, 1, 0.25),
        linewidth=0.25,
    )
    axes.computed_zorder = False  # the cross lies in the valley, and is shown through its front
    middle = np.interp(0, positions, [np.interp(0, positions, row) for row in height])
    axes.scatter(
        [0],
        [0],
        [float(middle)],
        marker="P",
        s=60,
        color="white",
        edgecolor="black",
        zorder=9,
        depthshade=False,
    )
    ends = positions[[0, -1]]
    axes.set(xlim=ends, ylim=ends, zlim=limits, **_three_ticks(positions))
    axes.set_yticks(axes.get_yticks()[1:])  # its first would stand upon the last of the other axis
    axes.set_xlabel("along $d_1$", labelpad=-8)
    axes.set_ylabel("along $d_2$", labelpad=-8)
    axes.tick_params(pad=-3, labelsize="small")
    axes.set_box_aspect((4, 4, 3.2), zoom=0.95)
    ticks = [
        tick
        for tick in LogLocator(subs=(1, 3)).tick_values(bands[0], bands[-1])
        if bands[0] <= tick <= bands[-1]
    ]
    axes.zaxis.set_major_locator(FixedLocator(np.log10(ticks).tolist()))
    axes.zaxis.set_major_formatter(FuncFormatter(lambda exponent, _: f"{10**exponent:g}"))
    return axes


def draw_landscape_sheet(
    figure: Figure,
    steps: ArrayLike,
    landscapes: Mapping[str, ArrayLike],
    level: float,
) -> Axes:
    """Draw landscapes side by side, surfaces above and contours below, all of one scale.

    Return room for a picture below them.

    Parameters
    ----------
    figure
        An empty figure, about as high as it is wide.
    steps
        Positions along either direction, shape (points,).
    landscapes
        By the title above each, its losses, shape (points, points), the first direction first.
    level
        A loss whose contour is dashed.
    """
    figure.set_layout_engine(
        "none"
    )  # it would leave the room that a box turned in space might need
    width, height = figure.get_size_inches()
    pitch = (_RIGHT - _LEFT) / len(landscapes)
    rise = min((pitch - _GAP) * width / height, _CONTOUR_MOST)
    side = rise * height / width
    levels = loss_levels(*landscapes.values())
    for column, (title, loss) in enumerate(landscapes.items()):
        left = _LEFT + column * pitch + (pitch - _GAP - side) / 2
        box = (
            _LEFT + column * pitch - 0.5 * _GAP,
            _SURFACE_BOTTOM,
            pitch + 0.2 * _GAP,
            _SURFACE_HEIGHT,
        )
        draw_loss_surface(cast(Axes3D, figure.add_axes(box, projection="3d")), steps, loss, levels)
        figure.text(
            left + side / 2,
            _SURFACE_BOTTOM + _SURFACE_HEIGHT,
            title,
            ha="center",
            va="bottom",
            fontsize="medium",
        )
        contours = figure.add_axes((left, _CONTOUR_TOP - rise, side, rise))
        draw_loss_contours(contours, steps, loss, levels, level)
        if column:
            contours.set(ylabel="", yticklabels=[])
    _draw_scale(
        figure.add_axes(
            (_RIGHT + 0.01, _CONTOUR_TOP - rise, 0.017, _SCALE_TOP - _CONTOUR_TOP + rise)
        ),
        levels,
    )
    return figure.add_axes((_LEFT, _BELOW_BOTTOM, _RIGHT - _GAP - _LEFT, _BELOW_HEIGHT))


def draw_loss_line(
    axes: Axes, way: ArrayLike, losses: Mapping[str, tuple[ArrayLike, str]], title: str
) -> Axes:
    """Draw the loss on straight lines from networks' starting points to their ends, and beyond.

    Parameters
    ----------
    axes
        Where to draw.
    way
        Share of the way, 0 at the start and 1 at the trained network, shape (points,).
    losses
        By each network's name in the legend: its losses, shape (points,), and a Matplotlib colour.
    title
        Written above.
    """
    for name, (loss, colour) in losses.items():
        axes.plot(np.asarray(way), np.asarray(loss), color=colour, linewidth=1.8, label=name)
    axes.set_yscale("log")
    _loss_ticks(axes)
    axes.set_xticks([0, 1], ["start", "trained"])
    axes.set(
        xlim=(np.min(np.asarray(way)), np.max(np.asarray(way))),
        ylabel="loss, nats (logarithmic)",
        title=title,
    )
    axes.grid(alpha=0.6)
    axes.legend(loc="best")
    return axes


def _draw_scale(axes: Axes, levels: NDArray[np.float64]) -> None:
    """Fill axes with the colours between the levels, and say which loss they stand for."""
    colours, norm = _bands(levels)
    Colorbar(
        axes,
        ScalarMappable(norm, colours),
        label="loss, nats (logarithmic)",
        spacing="proportional",
    )
    axes.set_yscale("log")
    _loss_ticks(axes)


def _three_ticks(positions: NDArray[np.float64]) -> dict[str, Any]:
    """Return ticks at the ends and in the middle of both directions, written short."""
    ticks = [positions[0], 0.0, positions[-1]]
    labels = [f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in ticks]
    return {"xticks": ticks, "yticks": ticks, "xticklabels": labels, "yticklabels": labels}


def _bands(levels: NDArray[np.float64]) -> tuple[Colormap, BoundaryNorm]:
    """Return how losses become colours, dark to bright, one colour between neighbouring levels."""
    colours = mpl.colormaps["viridis"].resampled(len(levels) - 1)
    return colours, BoundaryNorm(levels, colours.N)


def _loss_ticks(axes: Axes) -> None:
    """Write losses on a logarithmic vertical axis as plain numbers."""
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
