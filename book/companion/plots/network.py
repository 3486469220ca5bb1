"""The network drawn as a graph (Fig. 2): layers in columns, a line for every connection."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import matplotlib as mpl
import networkx as nx
from matplotlib.axes import Axes

from companion import colours
from radixnet.topology.masks import MaskArray

Node = tuple[int, int]
"""A unit: its layer, inputs being layer 0, and its number in the layer."""


def layered_graph(masks: Sequence[MaskArray], nodes_per_layer: int) -> nx.DiGraph[Node]:
    """Return the first units of each layer and the connections among them as a directed graph.

    Parameters
    ----------
    masks
        Bool arrays of shapes (inputs, outputs).
    nodes_per_layer
        How many units of each layer to take, at least 1; layers with fewer are taken whole.

    Raises
    ------
    ValueError
        When `nodes_per_layer` is less than 1.
    """
    if nodes_per_layer < 1:
        raise ValueError(
            f"nodes_per_layer {nodes_per_layer}: a drawing needs at least 1 node in each layer"
        )
    graph: nx.DiGraph[Node] = nx.DiGraph()
    sizes = [masks[0].shape[0], *(mask.shape[1] for mask in masks)]
    for layer, size in enumerate(sizes):
        graph.add_nodes_from((layer, unit) for unit in range(min(size, nodes_per_layer)))
    for layer, mask in enumerate(masks):
        sources, targets = mask[:nodes_per_layer, :nodes_per_layer].nonzero()
        graph.add_edges_from(
            ((layer, int(a)), (layer + 1, int(b))) for a, b in zip(sources, targets, strict=True)
        )
    return graph


def draw_network(
    axes: Axes, masks: Sequence[MaskArray], nodes_per_layer: int = 50, traced_input: int = 24
) -> Axes:
    """Draw the first units of each layer in columns, and highlight every path from one input.

    Parameters
    ----------
    axes
        Where to draw.
    masks
        Bool arrays of shapes (inputs, outputs).
    nodes_per_layer
        Units shown of each layer.
    traced_input
        The input whose paths stand out, 0 to `nodes_per_layer` - 1.

    Raises
    ------
    ValueError
        When `traced_input` is not among the inputs shown.
    """
    graph = layered_graph(masks, nodes_per_layer)
    start = (0, traced_input)
    if start not in graph:
        shown = sum(layer == 0 for layer, _ in graph)
        raise ValueError(
            f"traced_input {traced_input} is not shown; choose one from 0 to {shown - 1}"
        )
    traced = {start, *nx.descendants(graph, start)}
    positions = _positions(graph)
    ink = str(mpl.rcParams["text.color"])
    ordinary = [edge for edge in graph.edges if edge[0] not in traced]
    followed = [edge for edge in graph.edges if edge[0] in traced]
    nx.draw_networkx_edges(
        graph, positions, ordinary, ax=axes, arrows=False, edge_color=ink, alpha=0.28, width=0.4
    )
    nx.draw_networkx_edges(
        graph,
        positions,
        followed,
        ax=axes,
        arrows=False,
        edge_color=colours.NORMAL,
        alpha=0.9,
        width=1,
    )
    inks = [colours.NORMAL if node in traced else ink for node in graph]
    nx.draw_networkx_nodes(graph, positions, ax=axes, node_size=18, node_color=inks, linewidths=0)
    _label_columns(axes, masks, graph)
    return axes


def _positions(graph: nx.DiGraph[Node]) -> dict[Node, tuple[float, float]]:
    """Return a place for each unit: layers in columns of equal height, unit 0 on top."""
    last = {layer: max(unit for other, unit in graph if other == layer) for layer, _ in graph}
    return {
        (layer, unit): (layer, -unit / last[layer] if last[layer] else -0.5)
        for layer, unit in graph
    }


def _label_columns(axes: Axes, masks: Sequence[MaskArray], graph: nx.DiGraph[Node]) -> None:
    """Write above each column which layer it is and how much of it is shown."""
    sizes = [masks[0].shape[0], *(mask.shape[1] for mask in masks)]
    names = ["inputs", *(f"hidden {number}" for number in range(1, len(masks))), "outputs"]
    for layer, (size, name) in enumerate(zip(sizes, names, strict=True)):
        shown = sum(other == layer for other, _ in graph)
        text = f"{name}\n{'all' if shown == size else f'first {shown} of'} {size}"
        axes.text(layer, 0.03, text, ha="center", va="bottom", fontsize="medium")
    for (layer, mask), (before, after) in zip(enumerate(masks), pairwise(names), strict=True):
        axes.text(
            layer + 0.5,
            -1.04,
            f"{before} to {after}:\n{mask.mean():.0%} connected",
            ha="center",
            va="top",
            fontsize="small",
        )
    axes.set(xlim=(-0.2, len(masks) + 0.2), ylim=(-1.12, 1.1 / 10))
    axes.set_axis_off()
