"""Claims that Fig. 3 decides: what all the networks of radices 1 to 10 are before any training.

Some are quoted with other figures; they are measured where every network is at hand.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import skew

from companion.claims.arithmetic import bins, percent, rank_correlation
from companion.claims.measurement import Measurement
from radixnet.diagnostics import Diagnosis
from radixnet.topology import RadixTopology

SPARSITIES = {"before": "sparsity_before_fitting", "after": "sparsity"}
"""The columns of the networks' sparsities, by when: before trimming and after."""


def wiring(topology: RadixTopology, diagnosis: Diagnosis) -> dict[str, bool]:
    """Return what holds for a network before trimming and after.

    It is connected when every input reaches every output by a path; uniform when all do by the same
    number of paths; and has equal fan-out when in each layer all units have the same number of
    outgoing connections. Before trimming, a network repeats a period of N' units in each layer,
    which multiplies path counts and fan-outs; so one period is looked at.

    Parameters
    ----------
    topology
        The network as it is trained, trimmed.
    diagnosis
        The trimmed network's.
    """
    period = RadixTopology(topology.radix_lists, [topology.modulus] * len(topology.layer_sizes))
    paths = np.eye(topology.modulus)
    if all(np.array_equal(mask, np.roll(mask, (1, 1), axis=(0, 1))) for mask in period.masks):
        paths = paths[
            :1
        ]  # a step along the units changes nothing, so all inputs have the paths of the first
    for mask in period.masks:
        paths = paths @ mask
    counts = {
        "before": (paths.min(), paths.max()),
        "after": (diagnosis.min_paths, diagnosis.max_paths),
    }
    fan_outs = {"before": period.fan_outs, "after": topology.fan_outs}
    return {
        **{f"connected_{when}": bool(fewest > 0) for when, (fewest, _) in counts.items()},
        **{f"uniform_{when}": bool(0 < fewest == most) for when, (fewest, most) in counts.items()},
        **{
            f"equal_fan_out_{when}": all(len(set(units)) == 1 for units in layers)
            for when, layers in fan_outs.items()
        },
    }


def uniformity(networks: pd.DataFrame) -> Measurement:
    """Measure which share of networks has equal path counts."""
    before, after = networks["uniform_before"].mean(), networks["uniform_after"].mean()
    return Measurement(
        "abstract-uniformity",
        {"uniform_before_trimming": before, "uniform_after_trimming": after},
        f"Path counts are equal in {percent(before)} of {len(networks):,} radix lists before "
        f"trimming and in {percent(after)} after.",
    )


def skewness(networks: pd.DataFrame) -> Measurement:
    """Measure the skewness of the sparsities."""
    before, after = (float(skew(networks[column])) for column in SPARSITIES.values())
    return Measurement(
        "fig3-skew",
        {"skewness_before_trimming": before, "skewness_after_trimming": after},
        f"The skewness of the sparsities is {before:.2f} before trimming and {after:.2f} after.",
    )


def product_correlation(networks: pd.DataFrame) -> Measurement:
    """Correlate the ranks of product and sparsity."""
    correlation = rank_correlation(networks["product"], networks["sparsity_before_fitting"])
    return Measurement(
        "fig3-product-correlation",
        {"rank_correlation": correlation},
        f"The rank correlation of product and sparsity is {correlation:.2f} over "
        f"{len(networks):,} radix lists.",
    )


def mostly_sparse(networks: pd.DataFrame) -> Measurement:
    """Measure which share of networks is sparse."""
    three_quarters, nine_tenths = (
        (networks[SPARSITIES["before"]] >= limit).mean() for limit in (0.75, 0.9)
    )
    return Measurement(
        "fig3-mostly-sparse",
        {
            "share_at_least_75_percent_sparse": three_quarters,
            "share_at_least_90_percent_sparse": nine_tenths,
        },
        f"{percent(three_quarters)} of {len(networks):,} radix lists are at least 75 % sparse, "
        f"{percent(nine_tenths)} at least 90 %.",
    )


def distinct_networks(legal: int, distinct: int) -> Measurement:
    """State how many legal radix lists there are, and how many networks that differ."""
    return Measurement(
        "fig4-1130-networks",
        {"distinct_networks": distinct},
        f"There are {legal:,} legal radix lists, and {distinct:,} distinct networks among them "
        "once they are trimmed.",
    )


def path_connected(networks: pd.DataFrame) -> Measurement:
    """Count networks with an input that does not reach every output."""
    before, after = (
        int((~networks["connected_before"]).sum()),
        int((~networks["connected_after"]).sum()),
    )
    return Measurement(
        "fig4-path-connected",
        {
            "networks_not_connected_before_trimming": before,
            "networks_not_connected_after_trimming": after,
        },
        f"Of {len(networks):,} radix lists, {before:,} are not path-connected before trimming and "
        f"{after:,} after.",
    )


def five_per_class(networks: pd.DataFrame) -> Measurement:
    """Count tenths of the sparsities that hold five networks or more."""
    full, thin = {}, {}
    for when, column in SPARSITIES.items():
        tenths = bins(networks[column], 10)
        counts = tenths.value_counts().reindex(range(10), fill_value=0)
        full[when] = int((counts >= 5).sum())
        thin[when] = ", ".join(
            f"{10 * tenth}-{10 * tenth + 10} % ({count})"
            for tenth, count in enumerate(counts)
            if count < 5
        )
    best = max(full, key=lambda when: full[when])
    named = f"; too few in {thin[best]}" if thin[best] else ""
    return Measurement(
        "fig5-five-per-class",
        {"classes_with_five_networks": full[best]},
        f"{full[best]} of 10 classes have five networks, by sparsity {best} trimming{named}; "
        f"{min(full.values())} by the other sparsity.",
    )


def equal_fan_out(networks: pd.DataFrame) -> Measurement:
    """Measure which share of networks has equal fan-out in each layer."""
    before, after = networks["equal_fan_out_before"].mean(), networks["equal_fan_out_after"].mean()
    return Measurement(
        "fig7-equal-fan-out",
        {"equal_before_trimming": before, "equal_after_trimming": after},
        f"All units of a layer have equally many outgoing connections in {percent(before)} of "
        f"{len(networks):,} radix lists before "
        f"trimming and in {percent(after)} after.",
    )
