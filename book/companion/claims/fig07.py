"""Claims that Fig. 7 decides: RadiX-Nets beside pruned networks, by `Comparison.networks`."""

from __future__ import annotations

import pandas as pd

from companion.claims.arithmetic import percent, points
from companion.claims.measurement import Measurement
from companion.pruning_comparison import AS_MANY

RADIX_NET, PRUNED = "RadiX-Net", "one-shot, each layer"
"""The two networks of the paper's Fig. 7, as this book's Fig. 7 calls them."""


def medians_of(networks: pd.DataFrame, model: str) -> pd.Series[float]:
    """Return the medians over seeds of one kind of network."""
    return networks[networks["model"] == model].median(numeric_only=True)


def pruned_edges_empty(networks: pd.DataFrame) -> Measurement:
    """Measure how salient the edge pixels of the pruned network are."""
    edge = medians_of(networks, PRUNED)["edge_saliency"]
    return Measurement(
        "fig7-pruned-edges-empty",
        {"pruned_edge_saliency": edge},
        f"Edge pixels of the pruned network have {edge:.2f} times the saliency of an even spread.",
    )


def gradients_minimise_edges(networks: pd.DataFrame) -> Measurement:
    """Measure what training makes of the weights at the edge."""
    dense = medians_of(networks, "dense")
    edge, dark = dense["edge_weights_kept"], dense["dark_weights_kept"]
    return Measurement(
        "fig7-gradients-minimise-edges",
        {"edge_weights_after_over_before": edge, "never_lit_weights_after_over_before": dark},
        "Training the dense network changes the mean absolute weight of edge pixels by a factor "
        f"of {edge:.2f}, that of pixels "
        f"that are always zero by {dark:.2f}.",
    )


def radial_symmetry(networks: pd.DataFrame) -> Measurement:
    """Compare how radial the RadiX-Net's map is with chance, in the worst seed, and pruning."""
    share, pruned = (medians_of(networks, each)["ring_share"] for each in (RADIX_NET, PRUNED))
    chance = networks.loc[networks["model"] == RADIX_NET, "ring_p"].max()
    return Measurement(
        "fig7-radial-symmetry",
        {
            "chance_of_as_much_symmetry": chance,
            "symmetry_beyond_the_pruned_map": share - pruned,
            "radial_symmetry": share,
        },
        f"Distance from the centre explains {percent(share)} of the variance of the RadiX-Net's "
        f"map, and {percent(pruned)} of the pruned network's; shuffled pixels reach as much as the "
        f"RadiX-Net's with probability {chance:.3f} at most.",
    )


def better_than_pruning(networks: pd.DataFrame) -> Measurement:
    """Compare the RadiX-Net's test accuracy with those of the pruned networks."""
    accuracy = networks.groupby("model")["test_accuracy"].median()
    pruned = accuracy[
        [
            model
            for model in accuracy.index
            if model.startswith(("one-shot", "retrained", "gradual"))
        ]
    ]
    radix, best = medians_of(networks, RADIX_NET)["test_accuracy"], pruned.idxmax()
    first = medians_of(networks, PRUNED)["test_accuracy"]
    equal = accuracy[[model for model in accuracy.index if model.startswith(AS_MANY)]]
    best_equal = str(equal.idxmax()).removeprefix(AS_MANY) if len(equal) else "none"
    return Measurement(
        "fig7-better-than-pruning",
        {
            "advantage_in_test_accuracy": radix - first,
            "advantage_over_the_best_pruned": radix - pruned.max(),
            "advantage_at_as_many_connections": radix - equal.max(),
        },
        f"On test images the RadiX-Net reaches {percent(radix)}. The best network pruned to as "
        f"many connections ({best_equal}) reaches {percent(equal.max())} "
        f"({points(radix - equal.max())}). Pruned to the figure's sparsity, the best of "
        f"{len(pruned)} kinds ({best}) reaches {percent(pruned.max())} "
        f"({points(radix - pruned.max())}), the network pruned once {percent(first)} "
        f"({points(radix - first)}).",
    )
