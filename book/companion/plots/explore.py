"""Figs. 3, 4, 5 and 8 as interactive figures.

The same tables as the printed pictures show, every network by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from companion import colours
from companion.colours import LIGHT
from companion.plots.accuracies import FAN_IN_NAMES, FEW, SPARSITY_TICKS
from companion.plots.interactive import (
    DECIMALS,
    Column,
    InteractiveFigure,
    axis_of,
    finished,
    label_of,
    rows_of,
)

if TYPE_CHECKING:
    import pandas as pd

_EXAMPLES = 3  # radix lists that a bar names
_LEGEND_ABOVE = {"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0}
_RADIX_LISTS = Column("radix_lists", "radix lists", "text")
_SPARSITY = Column("sparsity", "sparsity", "share")
_FAN_IN = Column("output_fan_in", "smallest output fan-in", "count")
_ACCURACIES = (
    Column("train_accuracy", "training accuracy", "share"),
    Column("validation_accuracy", "validation accuracy", "share"),
    Column("test_accuracy", "test accuracy", "share"),
)


def explore_sparsities(
    networks: pd.DataFrame, layer_sizes: Sequence[int], alt: str, bins: int = 20
) -> InteractiveFigure:
    """Return Fig. 3 as an interactive figure.

    Bars that name the networks in them, and below every network against what drives its
    sparsity.

    Parameters
    ----------
    networks
        One row per network with `radix_lists`, `product`, `sparsity_before_fitting`, `sparsity` and
        `min_output_fan_in`; where they were trained, with `train_accuracy`, `validation_accuracy`
        and `test_accuracy` too, which are then shown.
    layer_sizes
        Those of all networks, inputs first.
    alt
        What a reader would see, in one or two sentences.
    bins
        Bins of equal width from 0 to 1, as of `draw_sparsity_distribution`.

    Raises
    ------
    ValueError
        When there is no network, a column is missing, or `alt` is empty.
    ModuleNotFoundError
        When plotly is not installed.
    """
    before = Column("sparsity_before_fitting", "sparsity before fitting", "share")
    after = Column("sparsity", "sparsity after trimming", "share")
    product = Column("product", "product N' of the first list", "count")
    fan_in = Column("min_output_fan_in", "smallest output fan-in", "count")
    known = [column for column in _ACCURACIES if column.name in networks]
    columns = (_RADIX_LISTS, before, after, product, fan_in, *known)
    rows = rows_of(networks, columns, layer_sizes)
    traces = [
        _bars(networks, before, "before fitting (the paper's sparsity)", bins, colours.PAPER),
        _bars(networks, after, "after trimming to the layer sizes", bins, colours.OURS),
        {
            **_points(networks["product"], networks[before.name], rows, columns, colours.PAPER),
            "xaxis": "x2",
            "yaxis": "y2",
            "showlegend": False,
        },
    ]
    largest = int(networks["product"].max())
    ticks = [
        digit * 10**power
        for power in range(len(str(largest)))
        for digit in (1, 2, 5)
        if digit * 10**power <= largest
    ]
    layout = {
        "height": 760,
        "bargap": 0.08,
        "xaxis": axis_of("sparsity", tickformat=".0%", range=[0, 1]),
        "yaxis": axis_of("networks", domain=[0.62, 1]),
        "xaxis2": axis_of(
            "product N' of the first radix list (logarithmic)",
            type="log",
            anchor="y2",
            tickvals=ticks,
            ticktext=[f"{tick:,}" for tick in ticks],
        ),
        "yaxis2": axis_of(
            "sparsity before fitting",
            tickformat=".0%",
            range=[-0.03, 1.03],
            domain=[0, 0.48],
            anchor="x2",
        ),
        "legend": _LEGEND_ABOVE,
    }
    return finished(traces, layout, alt, columns, rows="networks")


def explore_accuracies(
    networks: pd.DataFrame,
    bands: pd.DataFrame,
    limit: float,
    layer_sizes: Sequence[int],
    alt: str,
) -> InteractiveFigure:
    """Return the interactive Fig. 4: a mark per network, and the medians of bands of sparsity.

    Parameters
    ----------
    networks
        One row per network with `radix_lists`, `sparsity`, `output_fan_in`, `train_accuracy`,
        `validation_accuracy` and `test_accuracy`.
    bands
        One row per bar with `low`, `high`, the sparsities at its ends, `median`, and `few`, whether
        it is that of networks of small output fan-in.
    limit
        Validation accuracy at which a dotted line is drawn.
    layer_sizes
        Those of all networks, inputs first.
    alt
        What a reader would see, in one or two sentences.

    Raises
    ------
    ValueError
        When there is no network, a column is missing, or `alt` is empty.
    ModuleNotFoundError
        When plotly is not installed.
    """
    columns = (_RADIX_LISTS, _SPARSITY, _FAN_IN, *_ACCURACIES)
    accuracy = networks["validation_accuracy"].round(DECIMALS)
    traces = _by_fan_in(networks, accuracy, columns, layer_sizes)
    for is_few, mine in bands.groupby("few"):
        name = FAN_IN_NAMES[bool(is_few)]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": _with_gaps(1 - mine["low"], 1 - mine["high"]),
                "y": _with_gaps(mine["median"], mine["median"]),
                "hoverinfo": "skip",
                "line": {"color": colours.ink(colours.FEW) if is_few else LIGHT["ink"], "width": 4},
                "name": f"{name}: medians",
            }
        )
    layout = {
        "height": 560,
        "xaxis": _sparsities(networks),
        "yaxis": axis_of("validation accuracy", tickformat=".0%", range=[0, 1]),
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": limit,
                "y1": limit,
                "line": {"color": LIGHT["ink"], "width": 1.2, "dash": "dot"},
            }
        ],
        "annotations": [
            {
                "xref": "paper",
                "x": 0.01,
                "y": limit,
                "yanchor": "top",
                "text": "erratic below this line",
                "showarrow": False,
            }
        ],
        "legend": {**_LEGEND_ABOVE, "title": {"text": _FAN_IN.label}},
    }
    low, high = accuracy.median() - 0.06, min(1.0, accuracy.max() + 0.005)
    return finished(
        traces,
        layout,
        alt,
        columns,
        rows="networks",
        views={"the upper end": [round(low, 4), round(high, 4)]},
        sparsities="xaxis",
    )


def explore_ranges(
    networks: pd.DataFrame,
    level: float,
    span: tuple[float, float],
    layer_sizes: Sequence[int],
    alt: str,
) -> InteractiveFigure:
    """Return the interactive Fig. 5: a mark per network at its range over seeds.

    Parameters
    ----------
    networks
        One row per network with `radix_lists`, `sparsity`, `output_fan_in`, and of its validation
        accuracies `lowest`, `median`, `highest` and `range`.
    level, span
        The range that the paper names, drawn as a dotted line, and the sparsities between which.
    layer_sizes
        Those of all networks, inputs first.
    alt
        What a reader would see, in one or two sentences.

    Raises
    ------
    ValueError
        When there is no network, a column is missing, or `alt` is empty.
    ModuleNotFoundError
        When plotly is not installed.
    """
    accuracies = (
        Column("lowest", "lowest validation accuracy", "share"),
        Column("median", "median", "share"),
        Column("highest", "highest", "share"),
        Column("range", "range over seeds", "share"),
    )
    columns = (_RADIX_LISTS, _SPARSITY, _FAN_IN, *accuracies)
    ticks = [1, 2, 5, 10, 20, 50]
    layout = {
        "height": 500,
        "xaxis": _sparsities(networks),
        "yaxis": axis_of(
            "range of validation accuracy, points (logarithmic)",
            type="log",
            tickvals=[tick / 100 for tick in ticks],
            ticktext=[str(tick) for tick in ticks],
        ),
        "legend": {**_LEGEND_ABOVE, "title": {"text": _FAN_IN.label}},
    }
    traces = _by_fan_in(networks, networks["range"], columns, layer_sizes)
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": [1 - sparsity for sparsity in span],
            "y": [level, level],
            "hoverinfo": "skip",
            "line": {"color": colours.ink(colours.PAPER), "width": 2, "dash": "dot"},
            "name": f"the paper: within {100 * level:g} points",
        }
    )
    return finished(traces, layout, alt, columns, rows="networks", sparsities="xaxis")


def explore_classes(
    models: pd.DataFrame,
    curves: ArrayLike,
    ranges: Mapping[str, tuple[float, float]],
    layer_sizes: Sequence[int],
    alt: str,
) -> InteractiveFigure:
    """Return Fig. 8 as an interactive figure.

    The training curve of every strange model in the colour of its number of classes, over the
    ranges that the paper reports.

    Parameters
    ----------
    models
        One row per curve with `radix_lists`, `sparsity`, `output_fan_in`, `group` (counted from 1),
        `train_accuracy`, `validation_accuracy`, `test_accuracy` and `test_classes`.
    curves
        Each model's training accuracy after epochs 1, 2, ..., shape (models, epochs).
    ranges
        By their names, ranges as (low, high).
    layer_sizes
        Those of all models, inputs first.
    alt
        What a reader would see, in one or two sentences.

    Raises
    ------
    ValueError
        When there is no model, a column is missing, or `alt` is empty.
    ModuleNotFoundError
        When plotly is not installed.
    """
    group, classes = (
        Column("group", "group", "count"),
        Column("test_classes", "classes answered", "count"),
    )
    columns = (_RADIX_LISTS, _SPARSITY, _FAN_IN, group, *_ACCURACIES, classes)
    accuracies = np.round(np.asarray(curves, dtype=float), DECIMALS)
    epochs = list(range(1, accuracies.shape[1] + 1))
    rows = rows_of(models, columns, layer_sizes)
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": epochs,
            "y": curve.tolist(),
            "name": row[0],
            "meta": {"row": row},
            "hovertemplate": label_of(
                columns, "meta.row", first=f"epoch %{{x}} of {len(epochs)}: %{{y:.1%}}"
            ),
            "line": {"color": colours.ink(colours.of_classes(count)), "width": 1.3},
            "marker": {"size": 4},
            "opacity": 0.85,
            "showlegend": False,
        }
        for row, curve, count in zip(rows, accuracies, models["test_classes"], strict=True)
    ]
    counts = models["test_classes"].to_numpy()
    medians = {count: np.median(accuracies[counts == count, -1]) for count in np.unique(counts)}
    layout = {
        "height": 560,
        "xaxis": axis_of("epoch", range=[1 - 0.02 * len(epochs), 1.08 * len(epochs)]),
        "yaxis": axis_of("training accuracy", tickformat=".0%", range=[0, 1]),
        "shapes": [
            {
                "type": "rect",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": low,
                "y1": high,
                "layer": "below",
                "line": {"width": 0},
                "fillcolor": colours.ink(colours.PAPER),
                "opacity": 0.16,
            }
            for low, high in ranges.values()
        ],
        "annotations": [
            {
                "xref": "paper",
                "x": 1,
                "xanchor": "left",
                "y": (low + high) / 2,
                "text": f" {name}",
                "showarrow": False,
                "font": {"size": 12, "color": colours.ink(colours.PAPER)},
            }
            for name, (low, high) in ranges.items()
        ]
        + [
            {
                "x": epochs[-1],
                "xanchor": "left",
                "y": float(median),
                # On small screens only the highest has room for the word.
                "text": f" {count:.0f}" + " classes" * bool(count == counts.max()),
                "showarrow": False,
                "font": {"size": 12},
            }
            for count, median in medians.items()
        ],
        "margin": {"l": 60, "r": 85, "t": 30, "b": 50},
        "showlegend": False,
    }
    return finished(traces, layout, alt, columns, rows="models")


def _sparsities(networks: pd.DataFrame) -> dict[str, Any]:
    """Return the printed pictures' stretched axis: logarithmic in the density."""
    least = float((1 - networks["sparsity"]).min())
    ticks = [tick for tick in SPARSITY_TICKS if 1 - tick >= least]
    return axis_of(
        "sparsity (stretched towards 100 %)",
        type="log",
        range=[0.02, float(np.log10(least)) - 0.03],
        tickvals=[1 - tick for tick in ticks],
        ticktext=[f"{tick:.0%}" for tick in ticks],
    )


def _points(
    across: pd.Series,
    up: pd.Series,
    rows: Sequence[Sequence[Any]],
    columns: Sequence[Column],
    colour: str,
) -> dict[str, Any]:
    """Return a trace of points, each with its row."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": across.tolist(),
        "y": up.round(DECIMALS).tolist(),
        "customdata": list(rows),
        "hovertemplate": label_of(columns, "customdata"),
        "marker": {"color": colours.ink(colour), "size": 6, "opacity": 0.7},
    }


def _by_fan_in(
    networks: pd.DataFrame,
    up: pd.Series,
    columns: Sequence[Column],
    layer_sizes: Sequence[int],
) -> list[dict[str, Any]]:
    """Return a trace of marks for either group of output fan-ins, the few on top."""
    density = (1 - networks["sparsity"]).round(DECIMALS)
    few, rows = networks["output_fan_in"] <= FEW, rows_of(networks, columns, layer_sizes)
    looks = {
        False: {"color": LIGHT["ink"], "size": 6, "opacity": 0.45},
        True: {
            "color": colours.ink(colours.FEW),
            "size": 8,
            "opacity": 0.75,
            "symbol": "triangle-up",
        },
    }
    traces = []
    for key, name in FAN_IN_NAMES.items():
        mine = np.flatnonzero(few == key).tolist()
        if mine:
            chosen = [rows[place] for place in mine]
            points = _points(density.iloc[mine], up.iloc[mine], chosen, columns, colours.FEW)
            traces.append({**points, "name": name, "marker": looks[key]})
    return traces


def _with_gaps(starts: pd.Series, ends: pd.Series) -> list[float | None]:
    """Return starts and ends of bars, None between them, so that no line joins two bars."""
    pairs = zip(starts.round(DECIMALS), ends.round(DECIMALS), strict=True)
    return [value for start, end in pairs for value in (float(start), float(end), None)]


def _bars(
    networks: pd.DataFrame, column: Column, name: str, bins: int, colour: str
) -> dict[str, Any]:
    """Return a trace of bars that count networks by sparsity, with ranges and examples."""
    edges = np.linspace(0, 1, bins + 1).round(DECIMALS)
    # As numpy.histogram counts: the last bin holds its upper edge too.
    places = np.minimum(
        np.searchsorted(edges, networks[column.name].round(DECIMALS), side="right") - 1, bins - 1
    )
    members = [
        networks["radix_lists"].to_numpy()[places == place].tolist() for place in range(bins)
    ]
    hints = []
    for (low, high), lists in zip(pairwise(edges), members, strict=True):
        rest = f"<br>and {len(lists) - _EXAMPLES:,} more" if len(lists) > _EXAMPLES else ""
        counted = f"<b>{len(lists):,} networks</b><br>{column.label} {low:.0%} to {high:.0%}"
        hints.append(
            "<br>".join([counted, *lists[:_EXAMPLES]]) + rest + "<br>click: list them below"
        )
    return {
        "type": "bar",
        "name": name,
        "x": ((edges[:-1] + edges[1:]) / 2).round(DECIMALS).tolist(),
        "y": list(map(len, members)),
        "marker": {"color": colours.ink(colour)},
        "hovertext": hints,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "meta": {"range_of": column.label, "edges": edges.tolist()},
    }
