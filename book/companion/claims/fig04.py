"""Claims that Fig. 4 decides: how well every RadiX-Net learns.

Every measure takes a table with a row per distinct network, each from a seed of its own: sparsity,
connections, accuracies, and whether it is ``erratic``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from companion.claims.arithmetic import (
    bins,
    explained,
    over_pairs,
    percent,
    points,
    rank_correlation,
    resampled,
    spanning,
)
from companion.claims.measurement import Interval, Measurement, estimates
from companion.experiments import is_strange
from companion.forecasts import share_interval

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
    enough = tenths.groupby(tenths).transform("size") >= 20
    rows = np.column_stack([tenths, is_strange(networks)])[enough].astype(int)
    shares = _shares_by_tenth(rows)
    correlation, rise = _correlation(shares), _rise(shares)
    listed = ", ".join(
        f"{percent(share)} at {10 * tenth}-{10 * tenth + 10} %" for tenth, share in shares
    )
    return Measurement(
        "intro-strange-rise",
        {"rank_correlation": correlation, "rise_from_first_to_last": rise},
        f"The share of strange networks is {listed or 'unknown'} sparsity; the rank correlation is "
        f"{correlation:.2f}.",
        {
            "rank_correlation": resampled(
                lambda drawn: _correlation(_shares_by_tenth(drawn)), rows
            ),
            "rise_from_first_to_last": resampled(
                lambda drawn: _rise(_shares_by_tenth(drawn)), rows
            ),
        },
    )


def _shares_by_tenth(rows: NDArray[np.int64]) -> list[tuple[int, float]]:
    """Return tenths with their shares of strange networks, from rows of tenth and strange."""
    every, strange = np.bincount(rows[:, 0]), np.bincount(rows[:, 0], weights=rows[:, 1])
    return [(tenth, strange[tenth] / every[tenth]) for tenth in np.flatnonzero(every).tolist()]


def _correlation(shares: list[tuple[int, float]]) -> float:
    """Return the rank correlation of tenths and shares; 0 where no share differs."""
    if len({share for _, share in shares}) < 2:
        return 0.0 if shares else float("nan")
    return float(np.corrcoef(rankdata([share for _, share in shares]), range(len(shares)))[0, 1])


def _rise(shares: list[tuple[int, float]]) -> float:
    """Return how much larger the last share is than the first."""
    return shares[-1][1] - shares[0][1] if shares else float("nan")


def _share(networks: pd.DataFrame) -> tuple[float, Interval]:
    """Return the share of erratic networks with its interval."""
    return networks["erratic"].mean(), share_interval(networks["erratic"].sum(), len(networks))


def _rise_between(below: pd.DataFrame, above: pd.DataFrame) -> tuple[float, Interval]:
    """Return how much larger the share of erratic networks is in one table than in another."""
    return above["erratic"].mean() - below["erratic"].mean(), resampled(
        lambda first, second: float(second.mean() - first.mean()),
        below["erratic"].astype(float),
        above["erratic"].astype(float),
    )


def erratic_above_75(networks: pd.DataFrame) -> Measurement:
    """Compare the share of erratic networks in three bands of sparsity."""
    sparsity = networks["sparsity"]
    low, middle, high = (
        networks[sparsity <= DENSER],
        networks[(sparsity > DENSER) & (sparsity < HIGH)],
        networks[sparsity >= HIGH],
    )
    shares = [percent(each["erratic"].mean()) for each in (low, middle, high)]
    return estimates(
        "fig4-erratic-above-75",
        f"The share of erratic networks is {shares[0]} up to 75 % sparsity, {shares[1]} "
        f"up to 90 % and {shares[2]} from there on.",
        erratic_up_to_75_percent=_share(low),
        erratic_rise_at_75_percent=_rise_between(low, middle),
        erratic_rise_at_90_percent=_rise_between(middle, high),
    )


def variance_beyond_sparsity(networks: pd.DataFrame) -> Measurement:
    """Split the variance of validation accuracy into that within bins of sparsity and the rest."""
    sparse = networks[networks["sparsity"] > DENSER]
    rows = {
        count: np.column_stack([bins(sparse["sparsity"], count), sparse["validation_accuracy"]])
        for count in (100, 200, 50)
    }
    within = _within_bins(rows[100])
    point = bins(sparse["sparsity"], 100)
    accuracy = sparse["validation_accuracy"].groupby(point).filter(lambda each: len(each) >= 5)
    by_point = accuracy.groupby(point)
    widest = (by_point.max() - by_point.min()).max()
    low, high = spanning(*(resampled(_within_bins, each) for each in rows.values()))
    return Measurement(
        "fig4-variance-beyond-sparsity",
        {"variance_within_bins": within, "widest_range_in_a_bin": widest},
        f"{percent(within)} of the variance of validation accuracy lies between networks "
        f"of equal sparsity, to a point, {percent(_within_bins(rows[200]))} to half a point and "
        f"{percent(_within_bins(rows[50]))} to two points; "
        f"the widest range among such networks is {percent(widest)}.",
        {"variance_within_bins": (low, high)},
    )


def _within_bins(rows: NDArray[np.float64]) -> float:
    """Return the share of the variance within bins of five or more, from rows of bin and value."""
    bin_of = rows[:, 0].astype(int)
    rows = rows[np.bincount(bin_of)[bin_of] >= 5]
    return 1 - explained(rows[:, 1], rows[:, 0])


def fewer_parameters(networks: pd.DataFrame) -> Measurement:
    """Correlate the ranks of sparsity and number of connections."""
    correlation = rank_correlation(networks["sparsity"], networks["connections"])
    return Measurement(
        "fig6-fewer-parameters",
        {"rank_correlation": correlation},
        f"The rank correlation of sparsity and number of connections over {len(networks):,} "
        f"networks is {correlation:.2f}.",
    )


def matches_dense(half: pd.DataFrame, tenth: pd.DataFrame) -> Measurement:
    """Compare the best sparse networks with the dense one, from the same fresh seeds.

    Parameters
    ----------
    half, tenth
        Runs of the best network of at least 50 % sparsity, of at least 90 %, and of the dense one.
    """
    found = [less_dense(runs, "validation_accuracy") for runs in (half, tenth)]
    names = [runs["radix_lists"].iloc[0] for runs in (half, tenth)]
    dense = half.loc[half["sparsity"] == 0, "validation_accuracy"]
    return estimates(
        "conclusion-matches-dense",
        f"Over {len(dense)} seeds the dense network reaches {percent(dense.mean())}; the best of "
        f"at least 50 % sparsity ({names[0]}) is {points(found[0][0])} from it, the best of at "
        f"least 90 % ({names[1]}) {points(found[1][0])}.",
        best_half_sparse_less_dense=found[0],
        best_90_percent_sparse_less_dense=found[1],
    )


def less_dense(runs: pd.DataFrame, accuracy: str) -> tuple[float, Interval]:
    """Return how far a network is ahead of the dense one, over pairs of runs of equal seed."""
    by_seed = runs.set_index("seed")[accuracy]
    dense = (runs["sparsity"] == 0).to_numpy()
    return over_pairs(by_seed[~dense] - by_seed[dense])


def infrequent(networks: pd.DataFrame) -> Measurement:
    """Compare the share of erratic networks below 90 % sparsity and from there on."""
    high = networks["sparsity"] >= HIGH
    below, above = networks[~high], networks[high]
    return estimates(
        "conclusion-infrequent",
        f"The share of erratic networks is {percent(below['erratic'].mean())} below 90 % sparsity "
        f"({below['erratic'].sum()} of {len(below):,}) and {percent(above['erratic'].mean())} from "
        "there on.",
        erratic_below_90_percent=_share(below),
        erratic_rise_at_90_percent=_rise_between(below, above),
    )


def not_most(networks: pd.DataFrame) -> Measurement:
    """Measure which share of networks is erratic."""
    share, high = _share(networks), _share(networks[networks["sparsity"] >= HIGH])
    return estimates(
        "conclusion-not-most",
        f"{percent(share[0])} of all networks are erratic, and {percent(high[0])} of those of at "
        "least 90 % sparsity.",
        erratic_share=share,
        erratic_share_from_90_percent=high,
    )
