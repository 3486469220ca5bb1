"""Claims on Fig. 7: RadiX-Nets beside pruned networks."""

from __future__ import annotations

import pandas as pd

from claim_measures.arithmetic import percent, points
from claim_measures.registry import measures
from claim_measures.sources import AS_MANY
from claims import ClaimError, Measurement

RADIX_NET, PRUNED = "RadiX-Net", "one-shot, each layer"
"""The two networks of the paper's Fig. 7, as this book's Fig. 7 calls them."""


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
