"""Claims that Fig. 7 decides: RadiX-Nets beside pruned networks, by `Comparison.networks`.

Every measure takes such tables of several RadiX-Nets as one, each from seeds of its own.
"""

from __future__ import annotations

import pandas as pd

from companion.claims.arithmetic import over_pairs, percent, points
from companion.claims.measurement import Measurement, estimates
from companion.forecasts import share_interval
from companion.pruning_comparison import AS_MANY

RADIX_NET, PRUNED = "RadiX-Net", "one-shot, each layer"
"""The two networks of the paper's Fig. 7, as this book's Fig. 7 calls them."""


def of_model(networks: pd.DataFrame, model: str, column: str) -> pd.Series[float]:
    """Return a column of one kind of network by its seed."""
    return networks[networks["model"] == model].set_index("seed")[column]


def pruned_edges_empty(networks: pd.DataFrame) -> Measurement:
    """Measure how salient the edge pixels of the pruned network are."""
    edge = over_pairs(of_model(networks, PRUNED, "edge_saliency"))
    return estimates(
        "fig7-pruned-edges-empty",
        f"Edge pixels of the pruned network have {edge[0]:.2f} times the saliency of an even "
        "spread.",
        pruned_edge_saliency=edge,
    )


def gradients_minimise_edges(networks: pd.DataFrame) -> Measurement:
    """Measure what training makes of the weights at the edge."""
    edge, dark = (
        over_pairs(of_model(networks, "dense", f"{pixels}_weights_kept"))
        for pixels in ("edge", "dark")
    )
    return estimates(
        "fig7-gradients-minimise-edges",
        "Training the dense network changes the mean absolute weight of edge pixels by a factor "
        f"of {edge[0]:.2f}, that of pixels that are always zero by {dark[0]:.2f}.",
        edge_weights_after_over_before=edge,
        never_lit_weights_after_over_before=dark,
    )


def radial_symmetry(networks: pd.DataFrame) -> Measurement:
    """Compare how radial the maps of RadiX-Nets are with chance, and with pruned networks'."""
    share, pruned = (of_model(networks, each, "ring_share") for each in (RADIX_NET, PRUNED))
    radial = int((of_model(networks, RADIX_NET, "ring_p") < 0.05).sum())
    return estimates(
        "fig7-radial-symmetry",
        f"Distance from the centre explains {percent(share.mean())} of the variance of the "
        f"RadiX-Nets' maps, and {percent(pruned.mean())} of the pruned networks'; {radial} of "
        f"{len(share)} RadiX-Nets have a map that is more radial than all but one in twenty of "
        "shuffled ones.",
        maps_beyond_chance=(radial / max(1, len(share)), share_interval(radial, len(share))),
        symmetry_beyond_the_pruned_map=over_pairs(share - pruned),
        radial_symmetry=over_pairs(share),
    )


def better_than_pruning(networks: pd.DataFrame) -> Measurement:
    """Compare the RadiX-Nets' test accuracy with those of the networks pruned beside them."""
    table = networks.pivot_table("test_accuracy", "seed", "model")
    accuracy = {str(name): column for name, column in table.items()}
    radix, once = accuracy[RADIX_NET], accuracy[PRUNED]
    best_of = {
        prefix: max(
            (
                name
                for name in accuracy
                if name.startswith((f"{prefix}one-shot", f"{prefix}retrained"))
            ),
            key=lambda name: accuracy[name].mean(),
        )
        for prefix in ("", AS_MANY)
    }
    best, equal = (accuracy[name] for name in best_of.values())
    found = {
        "advantage_in_test_accuracy": over_pairs(radix - once),
        "advantage_over_the_best_pruned": over_pairs(radix - best),
        "advantage_at_as_many_connections": over_pairs(radix - equal),
    }
    ahead = {name: points(value) for name, (value, _) in found.items()}
    return estimates(
        "fig7-better-than-pruning",
        f"On test images the RadiX-Nets reach {percent(radix.mean())}. The best kind pruned to as "
        f"many connections ({best_of[AS_MANY].removeprefix(AS_MANY)}) reaches "
        f"{percent(equal.mean())} ({ahead['advantage_at_as_many_connections']}). Pruned to the "
        f"figure's sparsity, the best kind ({best_of['']}) reaches {percent(best.mean())} "
        f"({ahead['advantage_over_the_best_pruned']}), the network pruned once "
        f"{percent(once.mean())} ({ahead['advantage_in_test_accuracy']}).",
        **found,
    )
