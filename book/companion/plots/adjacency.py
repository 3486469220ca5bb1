"""Adjacency heat maps (Fig. 1).

Every possible connection a square, yellow where it exists and purple where not.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from radixnet.arguments import positive_integer
from radixnet.topology.masks import MaskArray

# The paper's yellow and purple are the two ends of Matplotlib's viridis.
_COLOURS = ListedColormap([mpl.colormaps["viridis"](0.0), mpl.colormaps["viridis"](1.0)])

_SHEET_WIDTH = 1568  # dots: two for each of MNIST's 784 pixels
_MARGIN_LEFT, _MARGIN_RIGHT, _ABOVE, _BELOW = (
    124,
    24,
    64,
    104,
)  # dots around each matrix, for title and labels
_MAX_HEIGHT, _MAX_SCALE = 600, 12  # dots for the outputs, and per connection


def draw_adjacency(axes: Axes, mask: MaskArray, title: str) -> Axes:
    """Draw one layer's connections: inputs from left to right, outputs from top to bottom.

    Parameters
    ----------
    axes
        Where to draw.
    mask
        Bool array of shape (inputs, outputs).
    title
        Written above.
    """
    inputs, outputs = mask.shape
    axes.imshow(
        mask.T,
        cmap=_COLOURS,
        vmin=0,
        vmax=1,
        interpolation="nearest",
        aspect="auto",
        extent=(-0.5, inputs - 0.5, outputs - 0.5, -0.5),
    )
    axes.set(title=title, xlabel="input", ylabel="output")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6 if outputs > 20 else 3, integer=True))
    return axes


def draw_adjacency_sheet(figure: Figure, masks: Sequence[MaskArray], close_up: int = 40) -> Figure:
    """Draw every layer whole, one below the other, and below them an enlarged corner of each.

    Whole matrices are placed so that each connection covers the same whole number of dots;
    otherwise a regular pattern would show stripes that are not there.

    Parameters
    ----------
    figure
        An empty figure; its height is set to what the layers need.
    masks
        Bool arrays of shapes (inputs, outputs).
    close_up
        Inputs shown of each layer's corner, and half as many outputs; an integer of at least 2.

    Raises
    ------
    ValueError
        When `close_up` is not an integer of at least 2.
    """
    if positive_integer(close_up, "close_up") < 2:
        raise ValueError(
            f"close_up {close_up!r}: give at least 2, so that half as many outputs are at least one"
        )
    figure.set_layout_engine("none")
    corners = [mask[:close_up, : close_up // 2] for mask in masks]
    wholes = [
        (mask.shape[0] * (dots := _dots_per_connection(mask)), mask.shape[1] * dots)
        for mask in masks
    ]
    gap = _MARGIN_LEFT
    corner_width = (_SHEET_WIDTH - gap * (len(masks) - 1)) // len(masks)
    corner_height = corner_width // 2
    heights = [round(height) + _ABOVE + _BELOW for _, height in wholes] + [
        corner_height + _ABOVE + _BELOW
    ]
    width, height = _SHEET_WIDTH + _MARGIN_LEFT + _MARGIN_RIGHT, sum(heights)
    figure.set_size_inches(width / figure.dpi, height / figure.dpi)

    def place(left: float, top: float, wide: float, high: float) -> Axes:
        return figure.add_axes(
            ((_MARGIN_LEFT + left) / width, 1 - (top + high) / height, wide / width, high / height)
        )

    top = _ABOVE
    for number, (mask, (wide, high)) in enumerate(zip(masks, wholes, strict=True), start=1):
        title = f"Layer {number}: {mask.sum():,} of {mask.size:,} connections ({mask.mean():.1%})"
        draw_adjacency(place(0, top, wide, high), mask, title)
        top += heights[number - 1]
    for number, corner in enumerate(corners):
        share = corner.shape[1] / (close_up // 2)
        axes = place(
            number * (corner_width + gap),
            top,
            corner_width * corner.shape[0] / close_up,
            corner_height * share,
        )
        draw_adjacency(axes, corner, f"Layer {number + 1}, first corner")
    return figure


def _dots_per_connection(mask: MaskArray) -> float:
    """Return how many dots wide and high a connection is drawn.

    A whole number where the layer is not too large for the sheet.
    """
    inputs, outputs = mask.shape
    exact = min(_SHEET_WIDTH / inputs, _MAX_HEIGHT / outputs, _MAX_SCALE)
    return float(int(exact)) if exact >= 1 else exact
