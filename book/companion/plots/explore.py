"""Figs. 3, 4, 5 and 8 to point at.

The same tables as the printed pictures show, every network by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from companion.page import LIGHT
from companion.plots.accuracies import SPARSITY_TICKS
from companion.plots.curves import GROUP_COLOURS
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
    """Return Fig. 3 to point at.

    Bars that name the networks in them, and below every network against what drives its
    sparsity.

    Parameters
    ----------
    networks
        One row per network with `radix_lists`, `product`, `sparsity_before_fitting`, `sparsity` and
        `min_output_fan_in`; where they were trained, with `train_accuracy`, `validation_accuracy`
        and `test_accuracy` too, which are then shown.
    layer_sizes
        Of all networks, inputs first.
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
        _bars(networks, before, "before fitting (the paper's sparsity)", bins, LIGHT["cycle"][0]),
        _bars(networks, after, "after trimming to the layer sizes", bins, LIGHT["cycle"][1]),
        {
            **_points(networks["product"], networks[before.name], rows, columns, LIGHT["cycle"][0]),
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
            "product N' of the first radix list",
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
        "legend": {"orientation": "h", "y": 1.01, "yanchor": "bottom", "x": 0},
    }
    return finished(traces, layout, alt, columns, rows="networks")


def explore_accuracies(
    networks: pd.DataFrame,
    labels: Mapping[int, str],
    quantiles: Mapping[float, ArrayLike],
    limit: float,
    layer_sizes: Sequence[int],
    alt: str,
) -> InteractiveFigure:
    """Return Fig. 4, interactive: one point per network, coloured by its smallest output fan-in.

    Running quantiles are drawn over them.

    Parameters
    ----------
    networks
        One row per network, by ascending sparsity, with `radix_lists`, `sparsity`, `output_fan_in`,
        `train_accuracy`, `validation_accuracy` and `test_accuracy`.
    labels
        For each group of fan-ins, from the largest down to 1, what it is called; the first takes in
        all larger fan-ins. Colours as of `draw_accuracies`.
    quantiles
        For each level, such as 0.5, its values, one per network; NaN where there is none.
    limit
        Validation accuracy at which a dotted line is drawn.
    layer_sizes
        Of all networks, inputs first.
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
    rows = rows_of(networks, columns, layer_sizes)
    density = (1 - networks["sparsity"]).round(DECIMALS)
    accuracy = networks["validation_accuracy"].round(DECIMALS)
    traces = list(_by_fan_in(density, accuracy, rows, networks["output_fan_in"], labels, columns))
    traces += [
        {
            "type": "scatter",
            "mode": "lines",
            "x": density.tolist(),
            "y": _known(values),
            "hoverinfo": "skip",
            "line": {"color": LIGHT["ink"], "width": 2 if level == 0.5 else 1},
            "name": "running median" if level == 0.5 else f"running {level:.0%} quantile",
        }
        for level, values in quantiles.items()
    ]
    ticks = [tick for tick in SPARSITY_TICKS if 1 - tick >= density.min()]
    layout = {
        "height": 620,
        # The printed picture's stretched axis: logarithmic in the density.
        "xaxis": axis_of(
            "sparsity",
            type="log",
            range=[0.02, float(np.log10(density.min())) - 0.03],
            tickvals=[1 - tick for tick in ticks],
            ticktext=[f"{tick:.0%}" for tick in ticks],
        ),
        "yaxis": axis_of("validation accuracy", tickformat=".0%", range=[0, 1]),
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": limit,
                "y1": limit,
                "line": {"color": LIGHT["cycle"][4], "width": 1.2, "dash": "dot"},
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
                "font": {"color": LIGHT["cycle"][4]},
            }
        ],
        "legend": {**_LEGEND_ABOVE, "title": {"text": "smallest output fan-in"}},
    }
    return finished(
        traces,
        layout,
        alt,
        columns,
        rows="networks",
        views=_upper_end(accuracy),
        sparsities="xaxis",
    )


def explore_seeds(
    runs: pd.DataFrame,
    networks: pd.DataFrame,
    labels: Mapping[int, str],
    layer_sizes: Sequence[int],
    alt: str,
) -> InteractiveFigure:
    """Return Fig. 5 to point at.

    A bar per network from its worst to its best seed, and every run as a point.

    Parameters
    ----------
    runs
        One row per run with `network`, `radix_lists`, `sparsity`, `seed`, `train_accuracy`,
        `validation_accuracy` and `test_accuracy`.
    networks
        One row per network, in the order and under the numbers that `runs` gives as `network`, with
        `decile`, `lowest`, `median`, `highest` and `output_fan_in`.
    labels
        As of `explore_accuracies`.
    layer_sizes
        Of all networks, inputs first.
    alt
        What a reader would see, in one or two sentences.

    Raises
    ------
    ValueError
        When there is no run, a column is missing, or `alt` is empty.
    ModuleNotFoundError
        When plotly is not installed.
    """
    columns = (_RADIX_LISTS, _SPARSITY, _FAN_IN, Column("seed", "seed", "count"), *_ACCURACIES)
    known = runs.join(networks["output_fan_in"], on="network")
    ordered = known.sort_values(
        ["network", "validation_accuracy"], kind="stable", ignore_index=True
    )
    # Spread sideways in the order of their height, as in the printed picture.
    place = ordered.groupby("network").cumcount()
    size = ordered.groupby("network")["network"].transform("size")
    spread = (0.6 * place / (size - 1).clip(lower=1) - 0.3).where(size > 1, 0.0)
    across = (ordered["network"] + spread).round(3)
    accuracy = ordered["validation_accuracy"].round(DECIMALS)
    rows = rows_of(ordered, columns, layer_sizes)
    traces = [
        *_by_fan_in(across, accuracy, rows, ordered["output_fan_in"], labels, columns),
        _medians(networks),
    ]
    middles = networks.reset_index().groupby("decile")["network"].mean()
    layout = {
        "height": 560,
        "xaxis": axis_of(
            "sparsity of the networks",
            range=[-0.7, len(networks) - 0.3],
            showgrid=False,
            tickvals=middles.tolist(),
            ticktext=[f"{decile * 10}\N{EN DASH}{decile * 10 + 10} %" for decile in middles.index],
        ),
        "yaxis": axis_of("validation accuracy", tickformat=".0%", range=[0, 1]),
        "shapes": _ranges(networks, labels),
        "legend": {**_LEGEND_ABOVE, "title": {"text": "smallest output fan-in"}},
    }
    return finished(traces, layout, alt, columns, rows="runs", views=_upper_end(accuracy))


def explore_groups(
    models: pd.DataFrame,
    curves: ArrayLike,
    expected: Mapping[str, tuple[float, float]],
    layer_sizes: Sequence[int],
    alt: str,
) -> InteractiveFigure:
    """Return Fig. 8 to point at.

    The training curve of every strange model, named, over the ranges that the paper reports.

    Parameters
    ----------
    models
        One row per curve with `radix_lists`, `sparsity`, `output_fan_in`, `group` (counted from 1),
        `train_accuracy`, `validation_accuracy`, `test_accuracy` and `test_classes`.
    curves
        Of each model the training accuracy after epochs 1, 2, ..., shape (models, epochs).
    expected
        By their names, ranges as (low, high).
    layer_sizes
        Of all models, inputs first.
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
    numbers = models["group"].to_numpy()
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
            "line": {"color": LIGHT["cycle"][(int(number) - 1) % GROUP_COLOURS], "width": 1.3},
            "marker": {"size": 4},
            "opacity": 0.85,
        }
        for row, curve, number in zip(rows, accuracies, numbers, strict=True)
    ]
    layout = {
        "height": 560,
        "xaxis": axis_of("epoch", range=[1 - 0.02 * len(epochs), len(epochs) + 0.02 * len(epochs)]),
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
                "fillcolor": LIGHT["ink"],
                "opacity": 0.1,
            }
            for low, high in expected.values()
        ],
        "annotations": [
            {
                "xref": "paper",
                "x": 1,
                "xanchor": "left",
                "y": (low + high) / 2,
                "text": f" {name}",
                "showarrow": False,
                "font": {"size": 12},
            }
            for name, (low, high) in expected.items()
        ],
        "margin": {"l": 60, "r": 85, "t": 30, "b": 50},
        "showlegend": False,
    }
    return finished(traces, layout, alt, columns, rows="models")


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
        "marker": {"color": colour, "size": 6, "opacity": 0.7},
    }


def _by_fan_in(
    across: pd.Series,
    up: pd.Series,
    rows: Sequence[Sequence[Any]],
    fan_in: pd.Series,
    labels: Mapping[int, str],
    columns: Sequence[Column],
) -> list[dict[str, Any]]:
    """Return a trace of points for each group of output fan-ins that is there, in its own colour.

    The last lies on top.
    """
    groups = fan_in.clip(upper=max(labels)).to_numpy()
    traces = []
    for number, (key, label) in enumerate(_with_none(labels, fan_in).items()):
        mine = np.flatnonzero(groups == key).tolist()
        if mine:
            chosen = [rows[place] for place in mine]
            traces.append(
                {
                    **_points(
                        across.iloc[mine], up.iloc[mine], chosen, columns, LIGHT["cycle"][number]
                    ),
                    "name": label,
                }
            )
    return traces


def _with_none(labels: Mapping[int, str], fan_in: pd.Series) -> dict[int, str]:
    """Return the names of the groups, and one for networks with an unconnected output, if any."""
    return {**labels, 0: "0"} if (fan_in == 0).any() else dict(labels)


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
        "marker": {"color": colour},
        "hovertext": hints,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "meta": {"range_of": column.label, "edges": edges.tolist()},
    }


def _medians(networks: pd.DataFrame) -> dict[str, Any]:
    """Return a trace of short lines at the medians of networks."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": networks.index.tolist(),
        "y": networks["median"].round(DECIMALS).tolist(),
        "name": "median",
        "hoverinfo": "skip",
        "marker": {"symbol": "line-ew", "size": 9, "line": {"color": LIGHT["ink"], "width": 2}},
    }


def _ranges(networks: pd.DataFrame, labels: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return a bar from the worst to the best run of each network, in the colour of its group."""
    colours = dict(zip(_with_none(labels, networks["output_fan_in"]), LIGHT["cycle"], strict=False))
    groups = networks["output_fan_in"].clip(upper=max(labels))
    return [
        {
            "type": "rect",
            "x0": place - 0.2,
            "x1": place + 0.2,
            "y0": low,
            "y1": high,
            "layer": "below",
            "line": {"width": 0},
            "fillcolor": colours[group],
            "opacity": 0.25,
        }
        for place, low, high, group in zip(
            networks.index, networks["lowest"], networks["highest"], groups, strict=True
        )
    ]


def _upper_end(accuracy: pd.Series) -> dict[str, list[float]]:
    """Return the name and range of the accuracies in which the better half of networks lies."""
    low, high = accuracy.median() - 0.06, min(1.0, accuracy.max() + 0.005)
    return {"the upper end": [round(low, 4), round(high, 4)]}


def _known(values: ArrayLike) -> list[float | None]:
    """Return values with None for NaN, which JSON does not have."""
    numbers = np.asarray(values, dtype=float)
    return [round(float(number), DECIMALS) if np.isfinite(number) else None for number in numbers]
