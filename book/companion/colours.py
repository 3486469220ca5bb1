"""What a colour means: the same thing in every picture of the book, on light and on dark pages.

A picture names a meaning, such as `STRANGE`; Matplotlib finds the ink in the property cycle of the
page's style (`companion.page`), plotly by `ink`. What has no meaning of its own here is drawn in
the ink of the text, and told apart by marker or stroke.

The inks are Okabe and Ito's or close to them, told apart by all kinds of colour vision; on dark
ground their lighter relatives. All are strong enough for text.
"""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex

NORMAL = "C0"
"""A RadiX-Net that trains well, or that is as good as any other."""
STRANGE = "C1"
"""A strange model, and what belongs to it."""
REPAIRED = "C2"
"""A network that is folded, or changed in another way, so that it is not strange."""
OURS = "C3"
"""What this book adds: its counts, its forecast, its recommendations, its way to train."""
PAPER = "C4"
"""What the paper, or its authors' log, says."""
DENSE = "C5"
"""A network with every connection."""
FEW = "C6"
"""A network of which some class hangs on one or two connections, or on none."""

FEWEST_CLASSES, MOST_CLASSES = 3, 10
"""Numbers of classes that have colours of their own; fewer look like the fewest."""

_BEFORE_CLASSES = 7


def _scale(low: float, high: float) -> list[str]:
    """Return a colour for each number of classes, from a part of a map that can be read."""
    shades = np.linspace(low, high, MOST_CLASSES - FEWEST_CLASSES + 1)
    return [to_hex(shade) for shade in mpl.colormaps["plasma"](shades)]


LIGHT: dict[str, Any] = {
    "ink": "#1f2328",
    "ground": "#ffffff",
    "faint": "#d0d7de",
    "cycle": [
        *("#0072b2", "#c25400", "#00785a", "#b0558a", "#7a5c00", "#57606a", "#6f42c1"),
        *_scale(0, 0.62),
    ],
}
DARK: dict[str, Any] = {
    "ink": "#e6edf3",
    "ground": "#1c2128",
    "faint": "#444c56",
    "cycle": [
        *("#6cc4f5", "#ff9d5c", "#35c9a0", "#eab0d0", "#f0e442", "#b1bac4", "#b9a2ff"),
        *_scale(0.46, 1),
    ],
}


def of_classes(number: float) -> str:
    """Return the colour of a model that answers so many classes."""
    step = int(np.clip(number, FEWEST_CLASSES, MOST_CLASSES)) - FEWEST_CLASSES
    return f"C{_BEFORE_CLASSES + step}"


def ink(colour: str, palette: dict[str, Any] = LIGHT) -> str:
    """Return the ink of a meaning, such as `STRANGE`, on light pages or on those of a palette."""
    return str(palette["cycle"][int(colour[1:])])
