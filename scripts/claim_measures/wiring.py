"""Claims on Figs. 1 to 3 and on what the networks are before any training."""

from __future__ import annotations

import pandas as pd
from scipy.stats import skew

from claim_measures.arithmetic import bins, percent, rank_correlation
from claim_measures.registry import measures
from claims import Measurement


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
    correlation = rank_correlation(table["product"], table["sparsity_before"])
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
