"""Claims that Fig. 4 decides: how well every RadiX-Net learns.

Estimates take a table with a row per different network drawn, each from a seed of its own:
sparsity, accuracies, whether it is ``erratic``, and the ``weight`` that `weights_of_drawn` gives.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from companion.claims.arithmetic import (
    bins,
    difference_of_shares,
    jackknifed,
    over_pairs,
    percent,
    points,
    rank_correlation,
    ratio,
    resampled,
    spanning,
    weighted_median,
    weighted_share,
    weights_of_drawn,
)
from companion.claims.measurement import Interval, Measurement, estimates
from companion.experiments import is_strange
from radixnet.topology import LENET_300_100, RadixTopology, format_radix_lists
from radixnet.topology.families import legal_radix_lists

DENSER, HIGH = 0.75, 0.9
"""Where the paper sees erratic training begin, and what it calls high sparsity."""


def drawn(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the different networks among runs of lists drawn from those of Fig. 4, with weights.

    A network that was drawn by several lists has the run of the first.
    """
    masks = {
        format_radix_lists(lists): RadixTopology(lists, LENET_300_100).fingerprint
        for lists in legal_radix_lists(range(1, 11), 3)
    }
    weights = weights_of_drawn([masks[lists] for lists in runs["radix_lists"]], [*masks.values()])
    return runs.iloc[weights.index].assign(weight=weights.to_numpy())


def erratic_limit(networks: pd.DataFrame, shortfall: float) -> float:
    """Return the limit of erratic validation accuracies: `shortfall` under the denser median."""
    denser = networks[networks["sparsity"] <= DENSER]
    return weighted_median(denser["validation_accuracy"], denser["weight"]) - shortfall


def bands(networks: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the networks in the paper's three bands of sparsity, from dense to sparse."""
    sparsity = networks["sparsity"]
    return {
        "up to 75 %": networks[sparsity <= DENSER],
        "above 75 % and below 90 %": networks[(sparsity > DENSER) & (sparsity < HIGH)],
        "of 90 % and more": networks[sparsity >= HIGH],
    }


def erratic_share(networks: pd.DataFrame) -> tuple[float, Interval]:
    """Return the share of erratic networks with its interval."""
    return weighted_share(networks["erratic"], networks["weight"])


def strange_rise(networks: pd.DataFrame) -> Measurement:
    """Look whether strange networks are sparser, and follow their share over the sparsities."""
    networks = networks.assign(strange=is_strange(networks))
    tenths = {
        f"{10 * tenth}-{10 * tenth + 10} %": weighted_share(those["strange"], those["weight"])
        for tenth, those in networks.groupby(bins(networks["sparsity"], 10))
        if len(those) >= 20
    }
    listed = ", ".join(f"{percent(share)} at {tenth}" for tenth, (share, _) in tenths.items())
    shares = list(tenths.values()) or [weighted_share([], [])]
    rows = networks[["sparsity", "strange", "weight"]].to_numpy(dtype=float)
    sparser = _sparser(rows)
    return estimates(
        "intro-strange-rise",
        f"The share of strange networks is {listed or 'unknown'} sparsity; in {percent(sparser)} "
        "of the pairs of a strange network and another the strange one is sparser.",
        pairs_in_which_the_strange_one_is_sparser=(sparser, resampled(_sparser, rows)),
        rise_from_first_to_last=difference_of_shares(shares[0], shares[-1]),
    )


def _sparser(rows: NDArray[np.float64]) -> float:
    """Return the share of pairs in which the strange network is the sparser one.

    Rows are sparsity, strange and weight. Ties count half, and it is half where there is no pair.
    """
    strange, others = (rows[rows[:, 1] == which] for which in (1, 0))
    above = np.sign(strange[:, 0, None] - others[None, :, 0])
    pairs = strange[:, 2].sum() * others[:, 2].sum()
    return float(0.5 + 0.5 * (strange[:, 2] @ above @ others[:, 2]) / pairs) if pairs else 0.5


def erratic_above_75(networks: pd.DataFrame, census: pd.DataFrame) -> Measurement:
    """Compare the share of erratic networks in three bands of sparsity.

    Parameters
    ----------
    networks
        Those drawn.
    census
        All different networks, from one seed.
    """
    low, middle, high = map(erratic_share, bands(networks).values())
    dense = census.loc[census["sparsity"] <= DENSER, "erratic"]
    found = {
        "erratic_up_to_75_percent": low,
        "erratic_rise_at_75_percent": difference_of_shares(low, middle),
        "erratic_rise_at_90_percent": difference_of_shares(middle, high),
    }
    return Measurement(
        "fig4-erratic-above-75",
        {name: share for name, (share, _) in found.items()}
        | {"erratic_up_to_75_percent_from_one_seed": ratio(dense.sum(), len(dense))},
        f"The share of erratic networks is {percent(low[0])} up to 75 % sparsity, "
        f"{percent(middle[0])} up to 90 % and {percent(high[0])} from there on; from one "
        f"seed, {dense.sum()} of all {len(dense):,} networks up to 75 % are.",
        {name: interval for name, (_, interval) in found.items()},
    )


def variance_beyond_sparsity(networks: pd.DataFrame) -> Measurement:
    """Split the variance of validation accuracy into that within bins of sparsity and the rest."""
    sparse = networks[networks["sparsity"] > DENSER]
    rows = {}
    for count in (100, 200, 50):
        bin_of = bins(sparse["sparsity"], count)
        every = np.column_stack([bin_of, sparse[["validation_accuracy", "weight"]]])
        rows[count] = every[bin_of.groupby(bin_of).transform("size") >= 5]
    within = {count: _within_bins(each) for count, each in rows.items()}
    accuracy = pd.Series(rows[100][:, 1]).groupby(rows[100][:, 0])
    widest = (accuracy.max() - accuracy.min()).max()
    return Measurement(
        "fig4-variance-beyond-sparsity",
        {"variance_within_bins": within[100], "widest_range_in_a_bin": widest},
        f"{percent(within[100])} of the variance of validation accuracy lies between networks "
        f"of equal sparsity, to a point, {percent(within[200])} to half a point and "
        f"{percent(within[50])} to two points; "
        f"the widest range among such networks is {percent(widest)}.",
        {
            "variance_within_bins": spanning(
                *(jackknifed(_within_bins, each) for each in rows.values())
            )
        },
    )


def _within_bins(rows: NDArray[np.float64]) -> float:
    """Return the share of the variance within bins, from rows of bin, value and weight.

    The variances are unbiased, or small bins would look less varied than they are.
    """
    within = sum(
        those[:, 2].sum() * np.cov(those[:, 1], aweights=those[:, 2])
        for those in (rows[rows[:, 0] == each] for each in np.unique(rows[:, 0]))
    )
    return float(within / rows[:, 2].sum() / np.cov(rows[:, 1], aweights=rows[:, 2]))


def fewer_parameters(networks: pd.DataFrame) -> Measurement:
    """Correlate the ranks of sparsity and number of connections."""
    correlation = rank_correlation(networks["sparsity"], networks["connections"])
    return Measurement(
        "fig6-fewer-parameters",
        {"rank_correlation": correlation},
        f"The rank correlation of sparsity and number of connections over {len(networks):,} "
        f"radix lists is {correlation:.2f}.",
    )


def matches_dense(best: Mapping[int, pd.DataFrame]) -> Measurement:
    """Compare the best sparse networks with the dense one, from the same fresh seeds.

    Parameters
    ----------
    best
        Runs of the best network of at least so many per cent sparsity, and of the dense one.
    """
    found = {percents: less_dense(runs, "validation_accuracy") for percents, runs in best.items()}
    runs, *_ = best.values()
    dense = runs.loc[runs["sparsity"] == 0, "validation_accuracy"]
    listed = "; ".join(
        f"of at least {percents} %, {each['radix_lists'].iloc[0]} "
        f"({percent(each['sparsity'].max())}), {points(found[percents][0])}"
        for percents, each in best.items()
    )
    return estimates(
        "conclusion-matches-dense",
        f"Over {len(dense)} seeds the dense network reaches {percent(dense.mean())}. How far from "
        f"it is the best network, by its sparsity: {listed}.",
        **{
            f"best_from_{percents}_percent_sparsity_less_dense": each
            for percents, each in found.items()
        },
    )


def less_dense(runs: pd.DataFrame, accuracy: str) -> tuple[float, Interval]:
    """Return how far a network is ahead of the dense one, over pairs of runs of equal seed."""
    by_seed = runs.set_index("seed")[accuracy]
    dense = (runs["sparsity"] == 0).to_numpy()
    return over_pairs(by_seed[~dense] - by_seed[dense])


def infrequent(networks: pd.DataFrame) -> Measurement:
    """Compare the share of erratic networks below 90 % sparsity and from there on."""
    high = networks["sparsity"] >= HIGH
    below, above = erratic_share(networks[~high]), erratic_share(networks[high])
    return estimates(
        "conclusion-infrequent",
        f"The share of erratic networks is {percent(below[0])} below 90 % sparsity and "
        f"{percent(above[0])} from there on.",
        erratic_below_90_percent=below,
        erratic_rise_at_90_percent=difference_of_shares(below, above),
    )


def not_most(networks: pd.DataFrame) -> Measurement:
    """Measure which share of networks is erratic."""
    share, high = erratic_share(networks), erratic_share(networks[networks["sparsity"] >= HIGH])
    return estimates(
        "conclusion-not-most",
        f"{percent(share[0])} of all networks are erratic, and {percent(high[0])} of those of at "
        "least 90 % sparsity.",
        erratic_share=share,
        erratic_share_from_90_percent=high,
    )
