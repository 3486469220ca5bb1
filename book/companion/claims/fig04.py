"""Claims that Fig. 4 decides: how well every RadiX-Net learns.

Every measure takes a table with a row per network: sparsity, connections, accuracies, and whether
it is ``erratic``.
"""

from __future__ import annotations

import pandas as pd

from companion.claims.arithmetic import bins, percent, points, rank_correlation
from companion.claims.measurement import Measurement
from companion.experiments import is_strange

DENSER, HIGH = 0.75, 0.9
"""Where the paper sees erratic training begin, and what it calls high sparsity."""


def erratic_limit(networks: pd.DataFrame, shortfall: float) -> float:
    """Return the limit of erratic validation accuracies: `shortfall` under the denser median."""
    usual = networks.loc[networks["sparsity"] <= DENSER, "validation_accuracy"].median()
    return float(usual - shortfall)


def erratic_by_band(networks: pd.DataFrame) -> dict[str, float]:
    """Return the share of erratic networks by band of sparsity; NaN where there is no network."""
    sparsity, erratic = networks["sparsity"], networks["erratic"]
    return {
        "up to 75 %": erratic[sparsity <= DENSER].mean(),
        "above 75 % and below 90 %": erratic[(sparsity > DENSER) & (sparsity < HIGH)].mean(),
        "of 90 % and more": erratic[sparsity >= HIGH].mean(),
    }


def strange_rise(networks: pd.DataFrame) -> Measurement:
    """Follow the share of strange networks from one tenth of the sparsities to the next."""
    tenths = bins(networks["sparsity"], 10)
    shares = is_strange(networks).groupby(tenths).agg(["mean", "size"]).query("size >= 20")["mean"]
    if shares.empty:
        shares = pd.Series({0: float("nan")})
    # Without any strange network there is no rise, and a rank correlation has no value.
    correlation = (
        rank_correlation(shares.index.to_series(), shares) if len(set(shares)) > 1 else 0.0
    )
    rise = shares.iloc[-1] - shares.iloc[0]
    listed = ", ".join(
        f"{percent(share)} at {10 * tenth}-{10 * tenth + 10} %"
        for tenth, share in zip(shares.index.tolist(), shares, strict=True)
    )
    return Measurement(
        "intro-strange-rise",
        {"rank_correlation": correlation, "rise_from_first_to_last": rise},
        f"The share of strange networks is {listed} sparsity; the rank correlation is "
        f"{correlation:.2f}.",
    )


def erratic_above_75(networks: pd.DataFrame) -> Measurement:
    """Compare the share of erratic networks in three bands of sparsity."""
    low, middle, high = erratic_by_band(networks).values()
    return Measurement(
        "fig4-erratic-above-75",
        {
            "erratic_up_to_75_percent": low,
            "erratic_rise_at_75_percent": middle - low,
            "erratic_rise_at_90_percent": high - middle,
        },
        f"The share of erratic networks is {percent(low)} up to 75 % sparsity, {percent(middle)} "
        f"up to 90 % and {percent(high)} from there on.",
    )


def variance_beyond_sparsity(networks: pd.DataFrame) -> Measurement:
    """Split the variance of validation accuracy into that within bins of sparsity and the rest."""
    sparse = networks[networks["sparsity"] > DENSER]
    point = bins(sparse["sparsity"], 100)
    sparse = sparse[point.groupby(point).transform("size") >= 5]
    accuracy = sparse["validation_accuracy"].groupby(point)
    within = ((sparse["validation_accuracy"] - accuracy.transform("mean")) ** 2).sum()
    total = ((sparse["validation_accuracy"] - sparse["validation_accuracy"].mean()) ** 2).sum()
    widest = (accuracy.max() - accuracy.min()).max()
    return Measurement(
        "fig4-variance-beyond-sparsity",
        {"variance_within_bins": within / total, "widest_range_in_a_bin": widest},
        f"{percent(within / total)} of the variance of validation accuracy lies between networks "
        "of equal sparsity, to a point; "
        f"the widest range among such networks is {percent(widest)}.",
    )


def fewer_parameters(networks: pd.DataFrame) -> Measurement:
    """Correlate the ranks of sparsity and number of connections."""
    correlation = rank_correlation(networks["sparsity"], networks["connections"])
    return Measurement(
        "fig6-fewer-parameters",
        {"rank_correlation": correlation},
        f"The rank correlation of sparsity and number of connections over {len(networks):,} "
        f"networks is {correlation:.2f}.",
    )


def matches_dense(networks: pd.DataFrame) -> Measurement:
    """Compare the best sparse networks with the dense one."""
    accuracy = networks["validation_accuracy"]
    dense = accuracy[networks["sparsity"] == 0].max()
    half, tenth = (accuracy[networks["sparsity"] >= limit].max() for limit in (0.5, HIGH))
    return Measurement(
        "conclusion-matches-dense",
        {
            "best_half_sparse_less_dense": half - dense,
            "best_90_percent_sparse_less_dense": tenth - dense,
        },
        f"The dense network reaches {percent(dense)}; the best of at least 50 % sparsity "
        f"{percent(half)} ({points(half - dense)}), "
        f"the best of at least 90 % {percent(tenth)} ({points(tenth - dense)}).",
    )


def infrequent(networks: pd.DataFrame) -> Measurement:
    """Compare the share of erratic networks below 90 % sparsity and from there on."""
    high = networks["sparsity"] >= HIGH
    below, above = networks["erratic"][~high].mean(), networks["erratic"][high].mean()
    return Measurement(
        "conclusion-infrequent",
        {"erratic_below_90_percent": below, "erratic_rise_at_90_percent": above - below},
        f"The share of erratic networks is {percent(below)} below 90 % sparsity and "
        f"{percent(above)} from there on.",
    )


def not_most(networks: pd.DataFrame) -> Measurement:
    """Measure which share of networks is erratic."""
    share, high = (
        networks["erratic"].mean(),
        networks["erratic"][networks["sparsity"] >= HIGH].mean(),
    )
    return Measurement(
        "conclusion-not-most",
        {"erratic_share": share, "erratic_share_from_90_percent": high},
        f"{percent(share)} of all networks are erratic, and {percent(high)} of those of at least "
        "90 % sparsity.",
    )
