"""Claims on Fig. 4: how well every RadiX-Net learns."""

from __future__ import annotations

import pandas as pd

from claim_measures.arithmetic import bins, percent, points, rank_correlation
from claim_measures.registry import measures
from claim_measures.sources import STRANGE
from claims import Measurement

SHORTFALL = 0.1
"""An erratic network's validation accuracy lies further than this below the median of the less sparse ones: one class of ten."""


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
    correlation = rank_correlation(shares.index.to_series(), shares) if (shares != shares.iloc[0]).any() else 0.0
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
    correlation = rank_correlation(runs["sparsity"].round(12), runs["connections"])
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
