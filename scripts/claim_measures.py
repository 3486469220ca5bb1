"""How each claim of the paper is measured: one short function per claim, from a table to numbers and a sentence.

A function takes one source: the published runs of a figure, the networks of Figs. 3 and 4, or something small that is made here. It
works with plain pandas on the table, so that a reader can follow it, and uses nothing of what the figures' own notebooks compute.
`book/paper_claims.yml` says in words what is measured here, and what the numbers are compared with.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from typing import Any

import jupytext
import numpy as np
import pandas as pd
from scipy.stats import skew

import radixnet as rx
from claims import ClaimError, Measurement
from run_figures import default_parameters, find_source

STRANGE = 0.75
"""Largest training accuracy, after 3 epochs, of a model that the authors call strange."""
NORMAL = 0.85
"""Least training accuracy that the paper's "near 90 %" is taken to include."""
SHORTFALL = 0.1
"""An erratic network's validation accuracy lies further than this below the median of the less sparse ones: one class of ten."""
SHORT, LONG = 3, 30
"""Epochs of the runs of Fig. 8: of all models, and of the strange ones once more."""
PAPER_GROUPS = ((0.28, 0.28), (0.35, 0.4), (0.45, 0.5), (0.55, 0.575), (0.6, 0.65), (0.7, 0.8))
"""The six ranges of accuracy in which the paper sees its strange models."""
RADIX_NET, PRUNED = "RadiX-Net", "one-shot, each layer"
"""The two networks of the paper's Fig. 7, as this book's Fig. 7 calls them."""
AS_MANY = "as many connections, "
"""Before the name of a pruned network with as many connections as the RadiX-Net."""


@dataclass(frozen=True)
class Measure:
    """One way to measure: the name of its source in `SOURCES`, and the function from that source to numbers."""

    source: str
    function: Callable[[Any], Measurement]


MEASURES: dict[str, Measure] = {}
"""By the id of a claim, how it is measured; filled below."""


def measures(claim: str, source: str) -> Callable[[Callable[[Any], Measurement]], Callable[[Any], Measurement]]:
    """Register the function that measures a claim."""

    def register(function: Callable[[Any], Measurement]) -> Callable[[Any], Measurement]:
        MEASURES[claim] = Measure(source, function)
        return function

    return register


def percent(share: float) -> str:
    """Return a share in words, such as ``93.1 %``."""
    return f"{share:.1%}".replace("%", " %")


def points(difference: float) -> str:
    """Return a difference of shares in words, such as ``+1.2 points``."""
    return f"{100 * difference:+.1f} points"


# Sources ----------------------------------------------------------------------------------------------------


def runs_of(figure: str) -> pd.DataFrame:
    """Return a figure's published runs, or raise ClaimError when one has failed: a claim is judged by all runs or by none."""
    runs = rx.published_runs(figure)
    failed = runs[runs["status"] != "done"]
    if len(failed):
        raise ClaimError(f"{len(failed)} of the {len(runs)} published runs of {figure} have failed; see their column 'reason'")
    return runs.assign(sparsity=runs["sparsity"].round(12))  # so that nine tenths are nine tenths


def network(lists: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return what holds for a network on LeNet 300-100 before trimming and after.

    It is uniform when every input reaches every output by the same number of paths, not 0; connected when by at least one; and has
    equal fan-out when in each layer all units have the same number of outgoing connections.
    """
    trimmed = rx.RadixTopology(lists, rx.LENET_300_100)
    row = {
        "radix_lists": rx.format_radix_lists(lists),
        "product": trimmed.modulus,
        "masks": trimmed.fingerprint,
        "sparsity_before": round(trimmed.expanded_sparsity, 12),
        "sparsity_after": round(trimmed.sparsity, 12),
    }
    for when, topology in {"before": rx.RadixTopology(lists, trimmed.expanded_layer_sizes), "after": trimmed}.items():
        diagnosis = topology.diagnose()
        row[f"connected_{when}"] = diagnosis.min_paths > 0
        row[f"uniform_{when}"] = 0 < diagnosis.min_paths == diagnosis.max_paths
        row[f"equal_fan_out_{when}"] = all(fan_out.min() == fan_out.max() for fan_out in topology.fan_outs)
    return row


def networks() -> pd.DataFrame:
    """Return a row, as of `network`, for each legal radix list of three radices from 1 to 10."""
    return pd.DataFrame([network(lists) for lists in rx.legal_radix_lists(range(1, 11), layers=3)])


def mask_training() -> pd.DataFrame:
    """Train the model of Fig. 1 with Keras for 20 steps; return after each one how many weights are where.

    Columns: step, off_the_mask (weights off the mask that are not zero), moved (weights that differ from the start).
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no greetings of TensorFlow's between our own lines
    topology = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
    model = rx.CustomModel(topology, seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    random = np.random.default_rng(0)
    start = model.get_weights()
    rows = []
    for step in range(1, 21):
        model.train_on_batch(random.random((32, 784), dtype="float32"), random.integers(0, 10, 32))
        weights = model.get_weights()
        off = sum(int((now[~mask] != 0).sum()) for now, mask in zip(weights, topology.masks, strict=True))
        moved = sum(int((now != before).sum()) for now, before in zip(weights, start, strict=True))
        rows.append({"step": step, "off_the_mask": off, "moved": moved})
    return pd.DataFrame(rows)


def copies() -> pd.DataFrame:
    """Return for [[10, 10], [10]] how many connections have a copy, both ends moved on by one around their block of N' units.

    A row for each network: ``before`` trimming and ``after``; columns: connections, copied.
    """
    drawn = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
    rows = {}
    for when, network in {"before": rx.RadixTopology(drawn.radix_lists, drawn.expanded_layer_sizes), "after": drawn}.items():
        copied = 0
        for mask in network.masks:
            present = set(map(tuple, np.argwhere(mask).tolist()))
            copied += sum(tuple(_next_in_block(unit, network.modulus) for unit in ends) in present for ends in present)
        rows[when] = {"connections": sum(network.connection_counts), "copied": copied}
    return pd.DataFrame.from_dict(rows, orient="index")


def comparison_with_pruning() -> pd.DataFrame:
    """Train the networks of Fig. 7 with the published settings of its notebook; return a row per network.

    The RadiX-Net is a little less sparse than the pruned networks. So there are also networks that are pruned, once and at the end
    of training, to as many connections as it has; their names begin with `AS_MANY`.
    """
    settings = default_parameters(jupytext.read(find_source("fig07")))
    topology = rx.RadixTopology(settings.pop("radix_lists"), settings.pop("layer_sizes"))
    table = rx.compare_with_pruning(topology, **settings).networks
    equal = rx.compare_with_pruning(topology, **(settings | {"sparsity": topology.sparsity, "gradual_seeds": []})).networks
    equal = equal[equal["model"].str.startswith(("one-shot", "retrained"))]
    return pd.concat([table, equal.assign(model=AS_MANY + equal["model"])], ignore_index=True)


def _next_in_block(unit: int, block: int) -> int:
    """Return the next unit in a block of N' units, the first after the last."""
    return unit - unit % block + (unit + 1) % block


@cache
def load(source: str) -> Any:
    """Return a source by its name in `SOURCES`, made once."""
    return SOURCES[source]()


SOURCES: dict[str, Callable[[], Any]] = {
    "fig04": lambda: runs_of("fig04"),
    "fig05": lambda: runs_of("fig05"),
    "fig07": comparison_with_pruning,
    "fig08": lambda: runs_of("fig08"),
    "fig09": lambda: runs_of("fig09"),
    "networks": networks,
    "mask training": mask_training,
    "copies": copies,
}
"""What measures start from, and how to get it."""


# Figs. 1 to 3: the networks themselves ----------------------------------------------------------------------


@measures("fig1-mask-enforced", "mask training")
def mask_enforced(steps: pd.DataFrame) -> Measurement:
    """Count weights off the mask, the most after any step, and weights that moved."""
    off, moved = int(steps["off_the_mask"].max()), int(steps["moved"].iloc[-1])
    return Measurement(
        {"nonzero_weights_off_the_mask": off, "weights_that_moved": moved},
        f"In {len(steps)} training steps {moved:,} weights moved; at most {off:,} off the mask were ever different from zero.",
    )


@measures("fig2-symmetry", "copies")
def symmetry(counted: pd.DataFrame) -> Measurement:
    """Measure which share of connections has its copy one unit on."""
    share = counted["copied"] / counted["connections"]
    return Measurement(
        {"connections_with_a_copy_before_trimming": share["before"], "connections_with_a_copy_as_drawn": share["after"]},
        f"{percent(share['before'])} of the connections have their copy before trimming, {percent(share['after'])} as drawn.",
    )


@measures("abstract-uniformity", "networks")
def uniformity(table: pd.DataFrame) -> Measurement:
    """Measure which share of networks has equal path counts."""
    before, after = table["uniform_before"].mean(), table["uniform_after"].mean()
    return Measurement(
        {"uniform_before_trimming": before, "uniform_after_trimming": after},
        f"Path counts are equal in {percent(before)} of {len(table):,} networks before trimming and in {percent(after)} after.",
    )


@measures("fig3-skew", "networks")
def skewness(table: pd.DataFrame) -> Measurement:
    """Measure the skewness of the sparsities."""
    before, after = (float(skew(table[f"sparsity_{when}"])) for when in ("before", "after"))
    return Measurement(
        {"skewness_before_trimming": before, "skewness_after_trimming": after},
        f"The skewness of the sparsities is {before:.2f} before trimming and {after:.2f} after.",
    )


@measures("fig3-product-correlation", "networks")
def product_correlation(table: pd.DataFrame) -> Measurement:
    """Correlate the ranks of product and sparsity."""
    correlation = _rank_correlation(table["product"], table["sparsity_before"])
    return Measurement(
        {"rank_correlation": correlation},
        f"The rank correlation of product and sparsity is {correlation:.2f} over {len(table):,} networks.",
    )


@measures("fig3-mostly-sparse", "networks")
def mostly_sparse(table: pd.DataFrame) -> Measurement:
    """Measure which share of networks is sparse."""
    three_quarters, nine_tenths = (table["sparsity_before"] >= 0.75).mean(), (table["sparsity_before"] >= 0.9).mean()
    return Measurement(
        {"share_at_least_75_percent_sparse": three_quarters, "share_at_least_90_percent_sparse": nine_tenths},
        f"{percent(three_quarters)} of {len(table):,} networks are at least 75 % sparse, {percent(nine_tenths)} at least 90 %.",
    )


@measures("fig4-1130-networks", "networks")
def distinct_networks(table: pd.DataFrame) -> Measurement:
    """Count networks that differ."""
    distinct = table["masks"].nunique()
    return Measurement(
        {"distinct_networks": distinct},
        f"There are {len(table):,} legal radix lists, and {distinct:,} distinct networks among them once they are trimmed.",
    )


@measures("fig4-path-connected", "networks")
def path_connected(table: pd.DataFrame) -> Measurement:
    """Count networks with an input that does not reach every output."""
    before, after = int((~table["connected_before"]).sum()), int((~table["connected_after"]).sum())
    return Measurement(
        {"networks_not_connected_before_trimming": before, "networks_not_connected_after_trimming": after},
        f"Of {len(table):,} networks, {before:,} are not path-connected before trimming and {after:,} after.",
    )


@measures("fig5-five-per-class", "networks")
def five_per_class(table: pd.DataFrame) -> Measurement:
    """Count tenths of the sparsities that hold five networks or more."""
    full, thin = {}, {}
    for when in ("before", "after"):
        tenths = bins(table[f"sparsity_{when}"], 10)
        counts = tenths.value_counts().reindex(range(10), fill_value=0)
        full[when] = int((counts >= 5).sum())
        thin[when] = ", ".join(f"{10 * tenth}-{10 * tenth + 10} % ({count})" for tenth, count in enumerate(counts) if count < 5)
    best = max(full, key=lambda when: full[when])
    named = f"; too few in {thin[best]}" if thin[best] else ""
    return Measurement(
        {"classes_with_five_networks": full[best]},
        f"{full[best]} of 10 classes have five networks, by sparsity {best} trimming{named}; {min(full.values())} by the other.",
    )


@measures("fig7-equal-fan-out", "networks")
def equal_fan_out(table: pd.DataFrame) -> Measurement:
    """Measure which share of networks has equal fan-out in each layer."""
    before, after = table["equal_fan_out_before"].mean(), table["equal_fan_out_after"].mean()
    return Measurement(
        {"equal_before_trimming": before, "equal_after_trimming": after},
        f"All units of a layer have equally many outgoing connections in {percent(before)} of {len(table):,} networks before "
        f"trimming and in {percent(after)} after.",
    )


# Fig. 4 -----------------------------------------------------------------------------------------------------


def erratic(runs: pd.DataFrame) -> pd.Series[bool]:
    """Say which runs end more than `SHORTFALL` below the median validation accuracy of those of at most 75 % sparsity."""
    usual = runs.loc[runs["sparsity"] <= 0.75, "validation_accuracy"].median()
    return runs["validation_accuracy"] < usual - SHORTFALL


@measures("intro-strange-rise", "fig04")
def strange_rise(runs: pd.DataFrame) -> Measurement:
    """Follow the share of strange networks from one tenth of the sparsities to the next."""
    tenths = bins(runs["sparsity"], 10)
    shares = (runs["train_accuracy"] <= STRANGE).groupby(tenths).agg(["mean", "size"]).query("size >= 20")["mean"]
    # Without any strange network there is no rise, and a rank correlation has no value.
    correlation = _rank_correlation(shares.index.to_series(), shares) if (shares != shares.iloc[0]).any() else 0.0
    rise = shares.iloc[-1] - shares.iloc[0]
    listed = ", ".join(
        f"{percent(share)} at {10 * tenth}-{10 * tenth + 10} %" for tenth, share in zip(shares.index.tolist(), shares, strict=True)
    )
    return Measurement(
        {"rank_correlation": correlation, "rise_from_first_to_last": rise},
        f"Strange are {listed} sparsity; the rank correlation is {correlation:.2f}.",
    )


@measures("fig4-erratic-above-75", "fig04")
def erratic_above_75(runs: pd.DataFrame) -> Measurement:
    """Compare the share of erratic networks in three bands of sparsity."""
    sparsity, is_erratic = runs["sparsity"], erratic(runs)
    low = is_erratic[sparsity <= 0.75].mean()
    middle = is_erratic[(sparsity > 0.75) & (sparsity < 0.9)].mean()
    high = is_erratic[sparsity >= 0.9].mean()
    return Measurement(
        {"erratic_up_to_75_percent": low, "erratic_rise_at_75_percent": middle - low, "erratic_rise_at_90_percent": high - middle},
        f"Erratic are {percent(low)} of the networks up to 75 % sparsity, {percent(middle)} up to 90 % and {percent(high)} from "
        "there on.",
    )


@measures("fig4-variance-beyond-sparsity", "fig04")
def variance_beyond_sparsity(runs: pd.DataFrame) -> Measurement:
    """Split the variance of validation accuracy into what lies within bins of sparsity and what lies between them."""
    sparse = runs[runs["sparsity"] > 0.75]
    point = bins(sparse["sparsity"], 100)
    sparse = sparse[point.groupby(point).transform("size") >= 5]
    accuracy = sparse["validation_accuracy"].groupby(point)
    within = ((sparse["validation_accuracy"] - accuracy.transform("mean")) ** 2).sum()
    total = ((sparse["validation_accuracy"] - sparse["validation_accuracy"].mean()) ** 2).sum()
    widest = (accuracy.max() - accuracy.min()).max()
    return Measurement(
        {"variance_within_bins": within / total, "widest_range_in_a_bin": widest},
        f"{percent(within / total)} of the variance of validation accuracy lies between networks of equal sparsity, to a point; "
        f"the widest range among such networks is {percent(widest)}.",
    )


@measures("fig6-fewer-parameters", "fig04")
def fewer_parameters(runs: pd.DataFrame) -> Measurement:
    """Correlate the ranks of sparsity and number of connections."""
    correlation = _rank_correlation(runs["sparsity"].round(12), runs["connections"])
    return Measurement(
        {"rank_correlation": correlation},
        f"The rank correlation of sparsity and number of connections over {len(runs):,} networks is {correlation:.2f}.",
    )


@measures("conclusion-matches-dense", "fig04")
def matches_dense(runs: pd.DataFrame) -> Measurement:
    """Compare the best sparse networks with the dense one."""
    accuracy = runs["validation_accuracy"]
    dense = accuracy[runs["connections"] == 784 * 300 + 300 * 100 + 100 * 10].max()
    half, tenth = (accuracy[runs["sparsity"] >= limit].max() for limit in (0.5, 0.9))
    return Measurement(
        {"best_half_sparse_less_dense": half - dense, "best_90_percent_sparse_less_dense": tenth - dense},
        f"The dense network reaches {percent(dense)}; the best of at least 50 % sparsity {percent(half)} ({points(half - dense)}), "
        f"the best of at least 90 % {percent(tenth)} ({points(tenth - dense)}).",
    )


@measures("conclusion-infrequent", "fig04")
def infrequent(runs: pd.DataFrame) -> Measurement:
    """Compare the share of erratic networks below 90 % sparsity and from there on."""
    high = runs["sparsity"] >= 0.9
    below, above = erratic(runs)[~high].mean(), erratic(runs)[high].mean()
    return Measurement(
        {"erratic_below_90_percent": below, "erratic_rise_at_90_percent": above - below},
        f"Erratic are {percent(below)} of the networks below 90 % sparsity and {percent(above)} from there on.",
    )


@measures("conclusion-not-most", "fig04")
def not_most(runs: pd.DataFrame) -> Measurement:
    """Measure which share of networks is erratic."""
    share, high = erratic(runs).mean(), erratic(runs)[runs["sparsity"] >= 0.9].mean()
    return Measurement(
        {"erratic_share": share, "erratic_share_from_90_percent": high},
        f"Erratic are {percent(share)} of all networks and {percent(high)} of those of at least 90 % sparsity.",
    )


# Fig. 5 -----------------------------------------------------------------------------------------------------


def over_seeds(runs: pd.DataFrame) -> pd.DataFrame:
    """Return for each topology its sparsity, the range and median of validation accuracy, and its lowest training accuracy."""
    by_topology = runs.groupby("radix_lists")
    validation = by_topology["validation_accuracy"]
    return pd.DataFrame(
        {
            "sparsity": by_topology["sparsity"].first(),
            "range": validation.max() - validation.min(),
            "median": validation.median(),
            "lowest_training": by_topology["train_accuracy"].min(),
        }
    )


@measures("fig5-dense-within-2", "fig05")
def dense_within_2(runs: pd.DataFrame) -> Measurement:
    """Measure the ranges of the denser topologies."""
    ranges = over_seeds(runs).query("sparsity <= 0.5")["range"]
    return Measurement(
        {"median_range": ranges.median(), "largest_range": ranges.max()},
        f"Over {len(ranges)} topologies of at most 50 % sparsity the median range over seeds is {percent(ranges.median())}, the "
        f"largest {percent(ranges.max())}.",
    )


@measures("fig5-fluctuation-above-50", "fig05")
def fluctuation_above_50(runs: pd.DataFrame) -> Measurement:
    """Compare ranges below and above 50 % sparsity."""
    topologies = over_seeds(runs)
    low = topologies.query("sparsity <= 0.5")["range"]
    middle = topologies.query("0.5 < sparsity < 0.9")["range"]
    medians, largest = middle.median() / low.median(), middle.max() / low.max()
    return Measurement(
        {"ratio_of_medians": medians, "ratio_of_largest": largest},
        f"From at most 50 % to 50-90 % sparsity the median range grows {medians:.2f}-fold, from {percent(low.median())} to "
        f"{percent(middle.median())}, and the largest {largest:.2f}-fold, from {percent(low.max())} to {percent(middle.max())}.",
    )


@measures("fig5-marked-above-90", "fig05")
def marked_above_90(runs: pd.DataFrame) -> Measurement:
    """Compare ranges below and above 90 % sparsity."""
    topologies = over_seeds(runs)
    middle = topologies.query("0.5 < sparsity < 0.9")["range"].median()
    high = topologies.query("sparsity >= 0.9")["range"].median()
    return Measurement(
        {"ratio_of_medians": high / middle},
        f"From 50-90 % to at least 90 % sparsity the median range grows {high / middle:.2f}-fold, from {percent(middle)} to "
        f"{percent(high)}.",
    )


@measures("fig5-median-stable", "fig05")
def median_stable(runs: pd.DataFrame) -> Measurement:
    """Measure how far the medians spread."""
    medians = over_seeds(runs)["median"]
    spread = medians.max() - medians.min()
    return Measurement(
        {"spread_of_medians": spread},
        f"The medians of {len(medians)} topologies lie between {percent(medians.min())} and {percent(medians.max())}, "
        f"{100 * spread:.1f} percentage points apart.",
    )


@measures("fig5-due-to-strange", "fig05")
def due_to_strange(runs: pd.DataFrame) -> Measurement:
    """Measure which part of all ranges belongs to topologies with a strange run."""
    sparse = over_seeds(runs).query("sparsity > 0.5")
    strange = sparse["lowest_training"] <= STRANGE
    share = sparse.loc[strange, "range"].sum() / sparse["range"].sum()
    return Measurement(
        {"share_of_ranges": share},
        f"{strange.sum()} of {len(sparse)} topologies above 50 % sparsity have a strange run; they make up {percent(share)} of "
        "the sum of all ranges.",
    )


# Fig. 7 ------------------------------------------------------------------------------------------------------


def medians_of(comparison: pd.DataFrame, model: str) -> pd.Series[float]:
    """Return the medians over seeds of one kind of network, or raise ClaimError when there is none."""
    chosen = comparison[comparison["model"] == model]
    if chosen.empty:
        raise ClaimError(f"Figure 7 has no network {model!r}; it has {', '.join(comparison['model'].unique())}")
    return chosen.drop(columns="model").median()


@measures("fig7-pruned-edges-empty", "fig07")
def pruned_edges_empty(comparison: pd.DataFrame) -> Measurement:
    """Measure how salient the edge pixels of the pruned network are."""
    edge = medians_of(comparison, PRUNED)["edge_saliency"]
    return Measurement(
        {"pruned_edge_saliency": edge}, f"Edge pixels of the pruned network have {edge:.2f} times the saliency of an even spread."
    )


@measures("fig7-gradients-minimise-edges", "fig07")
def gradients_minimise_edges(comparison: pd.DataFrame) -> Measurement:
    """Measure what training makes of the weights at the edge."""
    dense = medians_of(comparison, "dense")
    edge, dark = dense["edge_weights_kept"], dense["dark_weights_kept"]
    return Measurement(
        {"edge_weights_after_over_before": edge, "never_lit_weights_after_over_before": dark},
        f"Training the dense network changes the mean absolute weight of edge pixels by a factor of {edge:.2f}, that of pixels "
        f"that are always zero by {dark:.2f}.",
    )


@measures("fig7-radial-symmetry", "fig07")
def radial_symmetry(comparison: pd.DataFrame) -> Measurement:
    """Measure how radial the map of the RadiX-Net is, and how often chance would make one as radial, in the worst seed."""
    share = medians_of(comparison, RADIX_NET)["ring_share"]
    chance = comparison.loc[comparison["model"] == RADIX_NET, "ring_p"].max()
    return Measurement(
        {"chance_of_as_much_symmetry": chance, "radial_symmetry": share},
        f"Distance from the centre explains {percent(share)} of the variance of the RadiX-Net's map; shuffled pixels reach as much "
        f"with probability {chance:.3f} at most.",
    )


@measures("fig7-better-than-pruning", "fig07")
def better_than_pruning(comparison: pd.DataFrame) -> Measurement:
    """Compare the RadiX-Net's test accuracy with those of the pruned networks."""
    accuracy = comparison.groupby("model")["test_accuracy"].median()
    pruned = accuracy[[model for model in accuracy.index if model.startswith(("one-shot", "retrained", "gradual"))]]
    radix, best = medians_of(comparison, RADIX_NET)["test_accuracy"], pruned.idxmax()
    first = medians_of(comparison, PRUNED)["test_accuracy"]
    equal = accuracy[[model for model in accuracy.index if model.startswith(AS_MANY)]]
    return Measurement(
        {
            "advantage_in_test_accuracy": radix - first,
            "advantage_over_the_best_pruned": radix - pruned.max(),
            "advantage_at_as_many_connections": radix - equal.max(),
        },
        f"The RadiX-Net reaches {percent(radix)} on test images, the network pruned once {percent(first)} "
        f"({points(radix - first)}), the best of {len(pruned)} kinds of pruned network ({best}) "
        f"{percent(pruned.max())} ({points(radix - pruned.max())}); pruned to as many connections as the RadiX-Net has, the best "
        f"({str(equal.idxmax()).removeprefix(AS_MANY)}) reaches {percent(equal.max())} ({points(radix - equal.max())}).",
    )


# Fig. 8 -----------------------------------------------------------------------------------------------------


def after(runs: pd.DataFrame, epochs: int) -> pd.DataFrame:
    """Return the runs of so many epochs, strange or not in a column, or raise ClaimError when there are none."""
    chosen = runs[runs["epochs"] == epochs]
    if chosen.empty:
        raise ClaimError(f"there are no runs of {epochs} epochs among the {len(runs)} published ones")
    return chosen.assign(strange=chosen["train_accuracy"] <= STRANGE)


@measures("abstract-strange-beside-normal", "fig08")
def strange_beside_normal(runs: pd.DataFrame) -> Measurement:
    """Look for a model that trains well beside each strange one."""
    models = after(runs, SHORT)
    strange = models.loc[models["strange"], "sparsity"]
    normal = models.loc[models["train_accuracy"] >= NORMAL, "sparsity"]
    neighbours = [bool(((normal - sparsity).abs().round(9) <= 0.005).any()) for sparsity in strange]
    share = float(np.mean(neighbours)) if neighbours else 0.0
    return Measurement(
        {"strange_models": len(strange), "share_with_a_normal_neighbour": share},
        f"{sum(neighbours)} of {len(strange)} strange models have a model of at least {NORMAL:.2f} training accuracy within half a "
        "percentage point of sparsity.",
    )


@measures("fig8-426-models", "fig08")
def number_of_models(runs: pd.DataFrame) -> Measurement:
    """Count models, and those that are not sparse enough."""
    models = after(runs, SHORT).drop_duplicates("radix_lists")
    less = int((models["sparsity"] < 0.9).sum())
    return Measurement(
        {"models": len(models), "models_below_90_percent": less},
        f"{len(models):,} models were trained; {less:,} of them are less than 90 % sparse once trimmed.",
    )


@measures("fig8-most-train-well", "fig08")
def most_train_well(runs: pd.DataFrame) -> Measurement:
    """Measure which share of models trains well, and the median."""
    accuracy = after(runs, SHORT)["train_accuracy"]
    share, median = (accuracy >= NORMAL).mean(), accuracy.median()
    return Measurement(
        {"share_at_least_85_percent_accurate": share, "median_accuracy": median},
        f"{percent(share)} of the models reach a training accuracy of {NORMAL:.2f}; the median is {percent(median)}.",
    )


@measures("fig8-several-strange", "fig08")
def several_strange(runs: pd.DataFrame) -> Measurement:
    """Count strange models and compare them with the others."""
    models = after(runs, SHORT)
    medians = models.groupby("strange")["train_accuracy"].median().reindex([False, True])
    count, gap = int(models["strange"].sum()), float(medians[False] - medians[True])
    return Measurement(
        {"strange_models": count, "strange_share": count / len(models), "gap_of_medians": gap if count else 0.0},
        f"{count} of {len(models)} models are strange"
        + (f"; their median is {percent(medians[True])}, that of the others {percent(medians[False])}." if count else "."),
    )


@measures("fig8-strange-stay-low", "fig08")
def strange_stay_low(runs: pd.DataFrame) -> Measurement:
    """Compare strange models after long training with the others after a short one."""
    models, longer = after(runs, SHORT), after(runs, LONG)["train_accuracy"]
    usual = models.loc[~models["strange"], "train_accuracy"].median()
    below = longer < usual
    spread = longer.max() - longer.min()
    return Measurement(
        {"share_that_stays_below": below.mean(), "range_of_accuracies": spread},
        f"After {LONG} epochs {below.sum()} of {len(longer)} strange models are below {percent(usual)}, the others' median after "
        f"{SHORT}; they lie between {percent(longer.min())} and {percent(longer.max())}.",
    )


@measures("fig8-close-sparsities", "fig08")
def close_sparsities(runs: pd.DataFrame) -> Measurement:
    """Find the two models of nearly equal sparsity that differ most."""
    models = after(runs, SHORT)
    sparsity, accuracy = models["sparsity"].to_numpy(), models["train_accuracy"].to_numpy()
    close = abs(sparsity[:, None] - sparsity[None, :]).round(9) <= 0.001
    difference = np.where(close, accuracy[:, None] - accuracy[None, :], 0.0)
    better, worse = np.unravel_index(difference.argmax(), difference.shape)
    names = models["radix_lists"].to_list()
    return Measurement(
        {"largest_difference": difference.max()},
        f"{names[better]} reaches {percent(accuracy[better])} and {names[worse]} {percent(accuracy[worse])}, at sparsities of "
        f"{100 * sparsity[better]:.2f} % and {100 * sparsity[worse]:.2f} %.",
    )


@measures("fig8-radices-over-sparsity", "fig08")
def radices_over_sparsity(runs: pd.DataFrame) -> Measurement:
    """Compare what groups of equal radix explain of accuracy with what groups of similar sparsity explain, as many of them."""
    models = after(runs, SHORT)
    radices = pd.DataFrame([radices_of(lists) for lists in models["radix_lists"]], index=models.index)
    accuracy, advantages, found = models["train_accuracy"], {}, {}
    for position, name in enumerate(("first", "second", "last")):
        radix = radices[position]
        by_sparsity = pd.qcut(models["sparsity"].rank(method="first"), radix.nunique(), labels=False)
        found[name] = _explained(accuracy, radix), _explained(accuracy, by_sparsity)
        advantages[name] = found[name][0] - found[name][1]
    best = max(advantages, key=lambda name: advantages[name])
    return Measurement(
        {"best_radix_less_sparsity": advantages[best]},
        f"The {best} radix explains {percent(found[best][0])} of the variance of training accuracy, sparsity in as many groups "
        f"{percent(found[best][1])}.",
    )


@measures("fig8-radix-of-10", "fig08")
def radix_of_10(runs: pd.DataFrame) -> Measurement:
    """Count strange models without a large radix, and all models with one."""
    models = after(runs, SHORT)
    has_one = models["radix_lists"].map(lambda lists: max(radices_of(lists)) >= 10)
    without, share = int((models["strange"] & ~has_one).sum()), has_one.mean()
    return Measurement(
        {"strange_models_without_such_a_radix": without, "models_with_such_a_radix": share},
        f"{without} of {models['strange'].sum()} strange models have no radix of 10 or more; {has_one.sum()} of all {len(models)} "
        "models have one.",
    )


@measures("fig8-plateau", "fig08")
def plateau(runs: pd.DataFrame) -> Measurement:
    """Find for each strange model the epoch from which on its accuracy stays near its last."""
    curves = np.stack(after(runs, LONG)["train_accuracy_curve"].map(np.asarray).to_list())
    away = abs(curves - curves[:, -1:]) > 0.02
    # The epoch after the last one that is away, counted from 1; the first when none is.
    settled = np.array([row.nonzero()[0].max() + 2 if row.any() else 1 for row in away])
    return Measurement(
        {"median_epoch": float(np.median(settled))},
        f"The median strange model stays within 2 points of its last accuracy from epoch {np.median(settled):g} of "
        f"{curves.shape[1]} on; {(settled <= 10).sum()} of {len(settled)} do from epoch 10.",
    )


@measures("fig8-six-groups", "fig08")
def six_groups(runs: pd.DataFrame) -> Measurement:
    """Sort strange models into the paper's ranges, each a little widened."""
    ends = after(runs, LONG)["train_accuracy"]
    widened = [(low - 0.025, high + 0.025) if low == high else (low - 0.01, high + 0.01) for low, high in PAPER_GROUPS]
    inside = pd.DataFrame([ends.between(low, high) for low, high in widened])
    held = int(inside.any(axis=1).sum())
    return Measurement(
        {"ranges_with_a_model": held, "share_of_models_in_a_range": inside.any().mean()},
        f"{held} of the paper's {len(PAPER_GROUPS)} ranges hold a model; {inside.any().sum()} of {len(ends)} strange models end "
        "in one.",
    )


@measures("fig8-separated", "fig08")
def separated(runs: pd.DataFrame) -> Measurement:
    """Compare how many strange models end between the paper's ranges with how wide the gaps are."""
    ranges = [(low - 0.025, high + 0.025) if low == high else (low, high) for low, high in PAPER_GROUPS]
    first, last = ranges[0][0], ranges[-1][1]
    ends = after(runs, LONG)["train_accuracy"]
    ends = ends[ends.between(first, last)]
    gaps = [(before[1], behind[0]) for before, behind in pairwise(ranges)]
    width = sum(high - low for low, high in gaps) / (last - first)
    between = sum(int(((ends > low) & (ends < high)).sum()) for low, high in gaps)
    share = between / len(ends) if len(ends) else float("nan")
    return Measurement(
        {"crowding_of_the_gaps": share / width},
        f"{between} of {len(ends)} strange models end in the gaps between the paper's ranges, {percent(share)}; the gaps take up "
        f"{percent(width)} of the span.",
    )


# Fig. 9 -----------------------------------------------------------------------------------------------------


def model_of_figure_9(runs: pd.DataFrame, lists: str) -> pd.DataFrame:
    """Return the runs of one of the two models, or raise ClaimError when there are none."""
    chosen = runs[runs["radix_lists"] == lists]
    if chosen.empty:
        raise ClaimError(f"Figure 9 has no runs of {lists}; it has {', '.join(sorted(set(runs['radix_lists'])))}")
    return chosen


FIGURE_9_NORMAL, FIGURE_9_STRANGE = "[[10, 10], [10]]", "[[10, 10], [1]]"


@measures("fig9-normal-above-90", "fig09")
def normal_above_90(runs: pd.DataFrame) -> Measurement:
    """Find the worst seed of the normal model."""
    accuracy = model_of_figure_9(runs, FIGURE_9_NORMAL)["train_accuracy"]
    return Measurement(
        {"lowest_accuracy": accuracy.min()},
        f"{FIGURE_9_NORMAL} ends between {percent(accuracy.min())} and {percent(accuracy.max())} over {len(accuracy)} seeds, "
        f"median {percent(accuracy.median())}.",
    )


@measures("fig9-strange-below-60", "fig09")
def strange_below_60(runs: pd.DataFrame) -> Measurement:
    """Find the best epoch of any seed of the strange model, and how far the seeds lie apart."""
    model = model_of_figure_9(runs, FIGURE_9_STRANGE)
    highest = max(max(curve) for curve in model["train_accuracy_curve"])
    spread = model["train_accuracy"].max() - model["train_accuracy"].min()
    return Measurement(
        {"highest_accuracy": highest, "range_over_seeds": spread},
        f"{FIGURE_9_STRANGE} never exceeds {percent(highest)}; its {len(model)} seeds end between "
        f"{percent(model['train_accuracy'].min())} and {percent(model['train_accuracy'].max())}.",
    )


@measures("fig9-depends-on-radices", "fig09")
def depends_on_radices(runs: pd.DataFrame) -> Measurement:
    """Compare the ranges over seeds of the two models."""
    accuracies = [model_of_figure_9(runs, lists)["train_accuracy"] for lists in (FIGURE_9_STRANGE, FIGURE_9_NORMAL)]
    strange, normal = (accuracy.max() - accuracy.min() for accuracy in accuracies)
    return Measurement(
        {"ratio_of_ranges": strange / normal},
        f"The range over seeds is {percent(strange)} for {FIGURE_9_STRANGE} and {percent(normal)} for {FIGURE_9_NORMAL}, "
        f"{strange / normal:.1f} times as wide.",
    )


# Arithmetic -------------------------------------------------------------------------------------------------


def bins(sparsity: pd.Series[float], count: int) -> pd.Series[int]:
    """Return into which of so many equal parts of 0 to 1 each sparsity falls; the last part includes 1."""
    return (sparsity * count).round(9).floordiv(1).clip(upper=count - 1).astype(int)


def radices_of(lists: str) -> list[int]:
    """Return the radices in text such as ``[[10, 10], [5]]``."""
    return list(chain.from_iterable(json.loads(lists)))


def _rank_correlation(first: pd.Series[Any], second: pd.Series[Any]) -> float:
    """Return Spearman's correlation: Pearson's, of the ranks."""
    return float(np.corrcoef(first.rank(), second.rank())[0, 1])


def _explained(values: pd.Series[Any], groups: pd.Series[Any]) -> float:
    """Return the share of the variance that lies between groups."""
    residuals = values - values.groupby(groups).transform("mean")
    return float(1 - residuals.var(ddof=0) / values.var(ddof=0))
