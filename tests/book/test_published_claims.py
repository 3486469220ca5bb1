"""Every claim's numbers again, from published files and first principles, without our code."""

import csv
import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from math import prod

import numpy as np
import pytest
from published_file import POSSIBLE
from published_file import runs as runs_of
from scipy.optimize import brentq
from scipy.stats import binomtest, norm, skew, spearmanr, t

from companion.claims.results import read_results
from companion.notebooks.execution import EXECUTED, page_files
from companion.notebooks.sources import figure_names
from reference import is_legal

SIZES = (784, 300, 100, 10)

VERDICTS = {
    "reproduced": """
        abstract-strange-beside-normal intro-strange-rise fig1-mask-enforced fig3-skew
        fig3-product-correlation fig3-mostly-sparse fig5-dense-within-2 fig6-fewer-parameters
        fig8-most-train-well fig8-several-strange fig8-close-sparsities
        fig8-radices-over-sparsity
    """,
    "reproduced with a difference": """
        fig2-symmetry fig4-erratic-above-75 fig5-fluctuation-above-50 fig5-marked-above-90
        fig8-426-models fig8-radix-of-10 fig8-separated fig9-depends-on-radices
        conclusion-matches-dense conclusion-not-most
    """,
    "undecided": """
        fig4-variance-beyond-sparsity fig5-due-to-strange fig7-radial-symmetry fig8-strange-stay-low
        fig8-plateau fig9-normal-above-90 fig9-strange-below-60 conclusion-infrequent
    """,
    "not reproduced": """
        abstract-uniformity fig4-1130-networks fig4-path-connected fig5-five-per-class
        fig5-median-stable fig7-pruned-edges-empty fig7-gradients-minimise-edges
        fig7-better-than-pruning fig7-equal-fan-out fig8-six-groups fig9-winning-tickets
    """,
}
"""The verdicts that are published, each somebody's decision to change; all others are not
checkable."""


@cache
def left():
    """Return what the executed figures left, by claim."""
    files = [page_files(EXECUTED / f"{name}.ipynb") / "claims.json" for name in figure_names()]
    return {
        claim: each
        for file in files
        if file.is_file()
        for claim, each in json.loads(file.read_text(encoding="utf-8")).items()
    }


@dataclass
class Estimate:
    """A number with its interval, whose ends are known to a share of its width."""

    value: float
    interval: tuple[float, float]
    known_to: float = 0.0


def share(holds):
    """Return the share of what holds, with Wilson's interval."""
    count, every = sum(map(bool, holds)), len(holds)
    ends = binomtest(count, every).proportion_ci(method="wilson")
    return Estimate(count / every, (ends.low, ends.high))


def mean_of(differences):
    """Return a mean with Student's interval."""
    middle, count = np.mean(differences), len(differences)
    half = t.ppf(0.975, count - 1) * np.std(differences, ddof=1) / count**0.5
    return Estimate(middle, (middle - half, middle + half))


def drawn_again(measure, *groups):
    """Return a measure with the middle 95 % of its values over other samples than the book's."""
    random, values = np.random.default_rng(99), []
    for _ in range(1500):
        values.append(
            measure(*(random.choice(group, len(group)) for group in map(np.array, groups)))
        )
    return Estimate(
        measure(*map(np.array, groups)), tuple(np.quantile(values, [0.025, 0.975])), 0.2
    )


def left_out(measure, rows):
    """Return a measure with Student's interval, from pseudo-values (Tukey)."""
    rows = np.array(rows, dtype=float)
    value, count = measure(rows), len(rows)
    pseudo = [
        count * value - (count - 1) * measure(rows[np.arange(count) != row]) for row in range(count)
    ]
    half = t.ppf(0.975, count - 1) * np.std(pseudo, ddof=1) / count**0.5
    return Estimate(value, (value - half, value + half))


def weighted(holds, weights):
    """Return the share of the weights that holds; its interval holds what a score test accepts."""
    holds, weights = np.array(holds, dtype=float), np.array(weights)
    value, worth = np.average(holds, weights=weights), sum(weights) ** 2 / sum(weights**2)

    def accepted(share):
        return (value - share) ** 2 - norm.ppf(0.975) ** 2 * share * (1 - share) / worth

    low = brentq(accepted, 0, value - 1e-9) if value > 0 else 0.0
    high = brentq(accepted, value + 1e-9, 1) if value < 1 else 1.0
    return Estimate(value, (low, high))


def rise(first, second):
    """Return a difference of shares with the interval that their own intervals make."""
    value = second.value - first.value
    (low, high), (other_low, other_high) = first.interval, second.interval
    down = ((second.value - other_low) ** 2 + (high - first.value) ** 2) ** 0.5
    up = ((other_high - second.value) ** 2 + (first.value - low) ** 2) ** 0.5
    return Estimate(value, (value - down, value + up))


def whole(*estimates):
    """Return the first estimate, with an interval that spans those of all."""
    lows, highs = zip(*(each.interval for each in estimates), strict=True)
    known_to = max(each.known_to for each in estimates)
    return Estimate(estimates[0].value, (min(lows), max(highs)), known_to)


def spread(values):
    return max(values) - min(values)


def layers_of(lists):
    """Return the trimmed masks: unit a feeds b when (a - b) modulo N' is 0, v, ..., (r - 1) v."""
    modulus, layers = prod(lists[0]), []
    places = [(prod(part[:place]), radix) for part in lists for place, radix in enumerate(part)]
    for (before, after), (place, radix) in zip(pairwise(SIZES), places, strict=True):
        steps = np.subtract.outer(np.arange(before), np.arange(after)) % modulus
        layers.append((steps % place == 0) & (steps // place < radix))
    return layers


def less_dense(variant, accuracy):
    """Return how far a network is ahead of the dense one, over its seeds."""
    runs = runs_of("claims", variant=variant)
    dense = {run["seed"]: run[accuracy] for run in runs if run["absent"] == 0}
    pairs = [run[accuracy] - dense[run["seed"]] for run in runs if run["absent"] > 0]
    assert len(pairs) == len(dense) == 10
    return mean_of(pairs)


def key_of(layers):
    """Return what tells masks apart."""
    return hashlib.sha256(b"".join(np.packbits(layer).tobytes() for layer in layers)).digest()


@cache
def wirings():
    """Return what each legal radix list gives once trimmed, from the definition."""
    cuts = [()] + [tuple(sorted(cut)) for cut in ((1,), (2,), (1, 2))]
    found = {}
    for radices, cut in product(product(range(1, 11), repeat=3), cuts):
        lists = tuple(radices[start:end] for start, end in zip((0, *cut), (*cut, 3), strict=True))
        if not is_legal(lists):
            continue
        layers = layers_of(lists)
        first, second, third = (layer.astype(float) for layer in layers)
        paths = first @ (second @ third)
        found[lists] = {
            "key": key_of(layers),
            "absent": POSSIBLE - sum(int(layer.sum()) for layer in layers),
            "connected": paths.min() > 0,
            "uniform": 0 < paths.min() == paths.max(),
            "even": all(len(set(layer.sum(axis=1))) == 1 for layer in layers),
        }
    return found


def weight_of(lists, drawn, every):
    """Return one over the chance that draws, one after the other, have one of so many lists."""
    missed = 1.0
    for draw in range(drawn):
        missed *= (every - lists - draw) / (every - draw)
    return 1 / (1 - missed)


@cache
def figure_4():
    lists = Counter(each["key"] for each in wirings().values())
    different = {}
    runs = runs_of("predict", variant="radices to 10")
    for run in runs:
        key = key_of(layers_of(json.loads(run["radix_lists"])))
        run["weight"] = weight_of(lists[key], len(runs), lists.total())
        different.setdefault(key, run)
    runs = sorted(different.values(), key=lambda run: run["validation"])
    assert len(runs) == 387
    # Each different network is worth one, so the weights say how many there are.
    assert sum(run["weight"] for run in runs) == pytest.approx(len(lists), rel=0.01)
    denser = [run for run in runs if 4 * run["absent"] <= 3 * POSSIBLE]
    half = np.cumsum([run["weight"] for run in denser])
    usual = denser[np.argmax(half >= half[-1] / 2)]["validation"]

    def erratic(holds):
        """Return the share of networks of some sparsities, in hundredths, that are erratic."""
        those = [run for run in runs if holds(100 * run["absent"])]
        return weighted(
            [run["validation"] < usual - 0.1 for run in those], [run["weight"] for run in those]
        )

    low = erratic(lambda absent: absent <= 75 * POSSIBLE)
    middle = erratic(lambda absent: 75 * POSSIBLE < absent < 90 * POSSIBLE)
    high = erratic(lambda absent: absent >= 90 * POSSIBLE)
    below = erratic(lambda absent: absent < 90 * POSSIBLE)

    dense = [run for run in runs_of("fig04") if 4 * run["absent"] <= 3 * POSSIBLE]
    limit = np.sort([run["validation"] for run in dense])[(len(dense) - 1) // 2] - 0.1
    firsts = {key_of(layers_of(json.loads(run["radix_lists"]))): run for run in dense[::-1]}

    tenths = defaultdict(list)
    for run in runs:
        tenths[min(10 * run["absent"] // POSSIBLE, 9)].append(run)
    full = [tenths[tenth] for tenth in sorted(tenths) if len(tenths[tenth]) >= 20]
    first, *_, last = (
        weighted([run["train"] <= 0.75 for run in those], [run["weight"] for run in those])
        for those in full
    )

    def sparser(rows):
        strange, others = rows[rows[:, 1] == 1], rows[rows[:, 1] == 0]
        pairs = np.outer(strange[:, 2], others[:, 2])
        ahead = np.subtract.outer(strange[:, 0], others[:, 0])
        return (pairs[ahead > 0].sum() + pairs[ahead == 0].sum() / 2) / pairs.sum()

    sparse = [run for run in runs if 4 * run["absent"] > 3 * POSSIBLE]

    def points(count):
        found = defaultdict(list)
        for run in sparse:
            found[count * run["absent"] // POSSIBLE].append((run["validation"], run["weight"]))
        return {point: each for point, each in found.items() if len(each) >= 5}

    def variance(rows):
        values, weights = rows.T
        worth = weights.sum() ** 2 / (weights**2).sum()
        away = (values - np.average(values, weights=weights)) ** 2
        return np.average(away, weights=weights) * worth / (worth - 1)

    def within(rows):
        parts = [rows[rows[:, 0] == point, 1:] for point in set(rows[:, 0])]
        inside = sum(variance(part) * part[:, 1].sum() for part in parts)
        return inside / rows[:, 2].sum() / variance(rows[:, 1:])

    return {
        "intro-strange-rise": {
            "pairs_in_which_the_strange_one_is_sparser": drawn_again(
                sparser, [(run["absent"], run["train"] <= 0.75, run["weight"]) for run in runs]
            ),
            "rise_from_first_to_last": rise(first, last),
        },
        "fig4-erratic-above-75": {
            "erratic_up_to_75_percent": low,
            "erratic_up_to_75_percent_from_one_seed": np.mean(
                [run["validation"] < limit for run in firsts.values()]
            ),
            "erratic_rise_at_75_percent": rise(low, middle),
            "erratic_rise_at_90_percent": rise(middle, high),
        },
        "fig4-variance-beyond-sparsity": {
            "variance_within_bins": whole(
                *(
                    left_out(
                        within,
                        [(point, *each) for point, all_ in points(count).items() for each in all_],
                    )
                    for count in (100, 200, 50)
                )
            ),
            "widest_range_in_a_bin": max(
                spread([value for value, _ in each]) for each in points(100).values()
            ),
        },
        "fig6-fewer-parameters": {
            "rank_correlation": spearmanr(
                [run["absent"] for run in runs], [POSSIBLE - run["absent"] for run in runs]
            ).statistic
        },
        "conclusion-matches-dense": {
            f"best_from_{least}_percent_sparsity_less_dense": less_dense(
                f"Fig. 4, best of {least} %", "validation"
            )
            for least in (10, 50, 90)
        },
        "conclusion-infrequent": {
            "erratic_below_90_percent": below,
            "erratic_rise_at_90_percent": rise(below, high),
        },
        "conclusion-not-most": {
            "erratic_share": erratic(lambda absent: absent >= 0),
            "erratic_share_from_90_percent": high,
        },
    }


@cache
def figure_5():
    networks = defaultdict(list)
    for run in runs_of("fig05"):
        networks[run["radix_lists"]].append(run)
    assert {len(runs) for runs in networks.values()} == {16}
    ranges = {"low": [], "middle": [], "high": []}
    sparse = []
    for runs in networks.values():
        width, absent = spread([run["validation"] for run in runs]), runs[0]["absent"]
        band = (
            "low" if 2 * absent <= POSSIBLE else "middle" if 10 * absent < 9 * POSSIBLE else "high"
        )
        ranges[band].append(width)
        if band != "low":
            sparse.append((width, any(run["train"] <= 0.75 for run in runs)))
    low, middle, high = ranges.values()

    def growth(before, after):
        return drawn_again(lambda one, other: np.median(other) / np.median(one), before, after)

    return {
        "fig5-dense-within-2": {
            "median_range": drawn_again(np.median, low),
            "largest_range": max(low),
        },
        "fig5-fluctuation-above-50": {
            "ratio_of_medians": growth(low, middle),
            "ratio_of_largest": max(middle) / max(low),
        },
        "fig5-marked-above-90": {"ratio_of_medians": growth(middle, high)},
        "fig5-median-stable": {
            "spread_of_medians": spread(
                [np.median([run["validation"] for run in runs]) for runs in networks.values()]
            )
        },
        "fig5-due-to-strange": {
            "share_of_ranges": drawn_again(
                lambda rows: sum(rows[:, 0] * rows[:, 1]) / sum(rows[:, 0]), sparse
            )
        },
    }


@cache
def figure_8():
    models = runs_of("fig08", 3)
    own, own_longer = (
        runs_of("predict", variant="the 426"),
        runs_of("claims", variant="Fig. 8, longer"),
    )
    own_strange = [run for run in own if run["train"] <= 0.75]
    own_others = [run["train"] for run in own if run["train"] > 0.75]
    assert [(run["radix_lists"], run["seed"]) for run in own_longer] == [
        (run["radix_lists"], run["seed"]) for run in own_strange
    ]
    assert len({run["seed"] for run in own}) == len(own) == 426
    usual = np.median(own_others)
    own_ends = sorted(run["curve"][-1] for run in own_longer)
    beside = [
        any(
            abs(run["absent"] - other["absent"]) <= POSSIBLE / 2000
            for other in own
            if other["train"] >= 0.85
        )
        for run in own_strange
    ]
    close = [
        run["train"] - other["train"]
        for run, other in product(own, own)
        if abs(run["absent"] - other["absent"]) <= POSSIBLE / 1000
    ]

    def settled(near):
        found = []
        for run in own_longer:
            epoch = 30
            while epoch > 1 and abs(run["curve"][epoch - 2] - run["curve"][-1]) <= near:
                epoch -= 1
            found.append(epoch)
        return found

    def groups(gap):
        found = [own_ends[:1]]
        for before, after in pairwise(own_ends):
            if after - before > gap:
                found.append([])
            found[-1].append(after)
        return found

    def apart(gap):
        within = max(after - before for each in groups(gap) for before, after in pairwise(each))
        return min(after[0] - before[-1] for before, after in pairwise(groups(gap))) / within

    def explained(groups, accuracy):
        """Return the share of accuracy's variance between groups, from group sizes and means."""
        means = {group: accuracy[groups == group].mean() for group in set(groups)}
        return sum(
            count * (means[group] - accuracy.mean()) ** 2
            for group, count in Counter(groups.tolist()).items()
        ) / (len(accuracy) * accuracy.var())

    def advantage(rows):
        order, count = np.argsort(rows[:, 3], kind="stable"), len(rows)
        found = []
        for position in range(3):
            kinds = len(set(rows[:, position]))
            cuts = [1 + (count - 1) * cut / kinds for cut in range(1, kinds)]
            by_sparsity = np.empty(count, dtype=int)
            by_sparsity[order] = [sum(rank > cut for cut in cuts) for rank in range(1, count + 1)]
            accuracy = rows[:, 4]
            found.append(explained(rows[:, position], accuracy) - explained(by_sparsity, accuracy))
        return max(found)

    def radices_of(run):
        return [radix for part in json.loads(run["radix_lists"]) for radix in part]

    radices = [radices_of(run) for run in own]
    rows = [(*radices_of(run), run["absent"], run["train"]) for run in own]
    printed = [(0.255, 0.305), (0.35, 0.40), (0.45, 0.50), (0.55, 0.575), (0.60, 0.65)]
    printed.append((0.70, 0.80))
    around = [printed[0], *((low - 0.01, high + 0.01) for low, high in printed[1:])]
    held = [[low <= end <= high for end in own_ends] for low, high in around]
    return {
        "abstract-strange-beside-normal": {
            "strange_models": len(own_strange),
            "share_with_a_normal_neighbour": share(beside),
        },
        "fig8-426-models": {
            "models": len({run["radix_lists"] for run in models}),
            "models_below_90_percent": sum(10 * run["absent"] < 9 * POSSIBLE for run in models),
        },
        "fig8-most-train-well": {
            "share_at_least_85_percent_accurate": share([run["train"] >= 0.85 for run in own]),
            "median_accuracy": drawn_again(np.median, [run["train"] for run in own]),
        },
        "fig8-several-strange": {
            "strange_models": len(own_strange),
            "strange_share": share([run["train"] <= 0.75 for run in own]),
            "gap_of_medians": drawn_again(
                lambda low, high: np.median(high) - np.median(low),
                [run["train"] for run in own_strange],
                own_others,
            ),
        },
        "fig8-strange-stay-low": {
            "share_that_stays_below": share([end < usual for end in own_ends]),
            "range_of_accuracies": spread(own_ends),
        },
        "fig8-close-sparsities": {"largest_difference": max(close)},
        "fig8-radices-over-sparsity": {"best_radix_less_sparsity": left_out(advantage, rows)},
        "fig8-radix-of-10": {
            "strange_models_without_such_a_radix": sum(
                max(each) < 10
                for each, run in zip(radices, own, strict=True)
                if run["train"] <= 0.75
            ),
            "models_with_such_a_radix": np.mean([max(each) >= 10 for each in radices]),
        },
        "fig8-plateau": {
            "median_epoch": whole(
                *(drawn_again(np.median, settled(near)) for near in (0.02, 0.01, 0.04))
            )
        },
        "fig8-six-groups": {
            "ranges_with_a_model": sum(map(any, held)),
            "share_of_models_in_a_range": share(np.any(held, axis=0)),
            "groups": len(groups(0.02)),
        },
        "fig8-separated": {
            "step_between_groups_over_step_within": min(apart(0.02), apart(0.04)),
            "more_groups_when_cut_at_1_point": len(groups(0.01)) - len(groups(0.02)),
        },
    }


@cache
def figure_9():
    ends, best = defaultdict(list), defaultdict(float)
    for run in runs_of("fig09"):
        ends[run["radix_lists"]].append(run["curve"][-1])
        best[run["radix_lists"]] = max(best[run["radix_lists"]], *run["curve"])
    curves = {}
    for kind, batch in product(("normal", "strange"), (100, 2048)):
        found = curves[kind, batch] = defaultdict(list)
        for run in runs_of("claims", variant=f"Fig. 9, {kind}, {batch}"):
            found[run["radix_lists"]].append(run["curve"])
        assert [len(each) for each in found.values()] == [10] * 8

    def of_models(kind, holds):
        """Return the share of drawn models of which something holds, whatever the batch."""
        return whole(
            *(share(list(map(holds, curves[kind, batch].values()))) for batch in (100, 2048))
        )

    def width(model):
        return spread([curve[-1] for curve in model])

    def wider(batch):
        kinds = [list(map(width, curves[kind, batch].values())) for kind in ("normal", "strange")]
        return drawn_again(lambda low, high: np.median(high) / np.median(low), *kinds)

    return {
        "fig9-normal-above-90": {
            "share_of_normal_models": of_models(
                "normal", lambda model: all(curve[-1] > 0.9 for curve in model)
            ),
            "lowest_accuracy": min(ends["[[10, 10], [10]]"]),
        },
        "fig9-strange-below-60": {
            "share_below_60_percent": of_models(
                "strange", lambda model: all(max(curve) < 0.6 for curve in model)
            ),
            "share_separated": of_models("strange", lambda model: width(model) >= 0.1),
            "highest_accuracy": best["[[10, 10], [1]]"],
        },
        "fig9-depends-on-radices": {"ratio_of_ranges": whole(wider(100), wider(2048))},
        "fig9-winning-tickets": {
            "best_normal_less_dense": less_dense("Fig. 8, best normal", "test")
        },
    }


@cache
def figure_7():
    """From the table of networks that the page offers."""
    with (page_files(EXECUTED / "fig07_saliency.ipynb") / "fig07_networks.csv").open(
        encoding="utf-8"
    ) as file:
        networks = list(csv.DictReader(file))

    def of(model, column):
        return np.array([float(row[column]) for row in networks if row["model"] == model])

    def best_of(prefix):
        kinds = [
            of(f"{prefix}{way}, {scope}", "test_accuracy")
            for way in ("one-shot", "retrained")
            for scope in ("each layer", "whole network")
        ]
        return max(kinds, key=np.mean)

    radix, once = (of(model, "test_accuracy") for model in ("RadiX-Net", "one-shot, each layer"))
    rings, others = (of(model, "ring_share") for model in ("RadiX-Net", "one-shot, each layer"))
    assert len(radix) == len(once) == 10
    return {
        "fig7-pruned-edges-empty": {
            "pruned_edge_saliency": mean_of(of("one-shot, each layer", "edge_saliency"))
        },
        "fig7-gradients-minimise-edges": {
            "edge_weights_after_over_before": mean_of(of("dense", "edge_weights_kept")),
            "never_lit_weights_after_over_before": mean_of(of("dense", "dark_weights_kept")),
        },
        "fig7-radial-symmetry": {
            "maps_beyond_chance": share(of("RadiX-Net", "ring_p") < 0.05),
            "symmetry_beyond_the_pruned_map": mean_of(rings - others),
            "radial_symmetry": mean_of(rings),
        },
        "fig7-better-than-pruning": {
            "advantage_in_test_accuracy": mean_of(radix - once),
            "advantage_over_the_best_pruned": mean_of(radix - best_of("")),
            "advantage_at_as_many_connections": mean_of(radix - best_of("as many connections, ")),
        },
    }


@cache
def figure_3():
    """From the definition; before trimming, from theory."""
    legal = wirings()
    products, before = [], []
    for lists in legal:
        modulus = prod(lists[0])
        widths = [-(-size // modulus) for size in SIZES]
        radices = [radix for part in lists for radix in part]
        pairs = [widths[layer] * widths[layer + 1] * modulus for layer in range(3)]
        products.append(modulus)
        kept = sum(pair * radix for pair, radix in zip(pairs, radices, strict=True))
        before.append(1 - kept / (sum(pairs) * modulus))
    after = [each["absent"] / POSSIBLE for each in legal.values()]
    connected, uniform, even = (
        sum(each[what] for each in legal.values()) for what in ("connected", "uniform", "even")
    )
    tenths = [
        Counter(min(int(round(10 * each, 9)), 9) for each in sparsities)
        for sparsities in (before, after)
    ]
    return {
        "abstract-uniformity": {
            "uniform_before_trimming": 1,
            "uniform_after_trimming": uniform / len(legal),
        },
        "fig3-skew": {
            "skewness_before_trimming": skew(before),
            "skewness_after_trimming": skew(after),
        },
        "fig3-product-correlation": {
            "rank_correlation": spearmanr(products, np.round(before, 12)).statistic
        },
        "fig3-mostly-sparse": {
            "share_at_least_75_percent_sparse": np.mean(np.round(before, 12) >= 0.75),
            "share_at_least_90_percent_sparse": np.mean(np.round(before, 12) >= 0.9),
        },
        "fig4-1130-networks": {"distinct_networks": len({each["key"] for each in legal.values()})},
        "fig4-path-connected": {
            "networks_not_connected_before_trimming": 0,
            "networks_not_connected_after_trimming": len(legal) - connected,
        },
        "fig5-five-per-class": {
            "classes_with_five_networks": max(
                sum(count >= 5 for count in each.values()) for each in tenths
            )
        },
        "fig7-equal-fan-out": {
            "equal_before_trimming": 1,
            "equal_after_trimming": even / len(legal),
        },
    }


@pytest.mark.parametrize("recompute", [figure_3, figure_4, figure_5, figure_7, figure_8, figure_9])
def test_a_claims_numbers_are_what_the_published_data_say(recompute):
    for claim, found in recompute().items():
        estimates = {name: each for name, each in found.items() if isinstance(each, Estimate)}
        values = {
            name: estimates[name].value if name in estimates else found[name] for name in found
        }
        assert left()[claim]["values"] == pytest.approx(values, rel=1e-9, abs=1e-9), claim
        assert set(left()[claim]["intervals"]) == set(estimates), claim
        for name, each in estimates.items():
            room = 1e-9 + each.known_to * (each.interval[1] - each.interval[0])
            shown = left()[claim]["intervals"][name]
            assert shown == pytest.approx(each.interval, abs=room), (claim, name)


def test_no_other_claim_is_measured():
    """Those of Figs. 1 and 2 have brute force of their own to answer to."""
    recomputed = {
        claim
        for figure in (figure_3, figure_4, figure_5, figure_7, figure_8, figure_9)
        for claim in figure()
    }
    assert set(left()) - recomputed == {"fig1-mask-enforced", "fig2-symmetry"}


def test_no_verdict_changes_unnoticed():
    """As it would when a check is given another quantity, or another limit."""
    results = read_results(page_files(EXECUTED / f"{name}.ipynb") for name in figure_names())
    for verdict, claims in VERDICTS.items():
        assert {each.claim.id for each in results if each.verdict == verdict} == set(claims.split())
