"""Every claim's numbers again, from published files and first principles, without our code."""

import csv
import json
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise, product
from math import prod

import numpy as np
import pytest
from published_file import POSSIBLE
from published_file import runs as runs_of
from scipy.stats import skew, spearmanr

from companion.claims.results import read_results
from companion.notebooks.execution import EXECUTED, page_files
from companion.notebooks.sources import figure_names
from reference import is_legal

SIZES = (784, 300, 100, 10)

VERDICTS = {
    "reproduced": """
        abstract-strange-beside-normal intro-strange-rise fig1-mask-enforced fig3-skew
        fig3-product-correlation fig3-mostly-sparse fig4-erratic-above-75
        fig5-dense-within-2 fig5-marked-above-90 fig5-due-to-strange fig6-fewer-parameters
        fig8-most-train-well fig8-several-strange fig8-close-sparsities
        fig8-radices-over-sparsity fig8-separated fig9-strange-below-60
        fig9-depends-on-radices conclusion-not-most
    """,
    "reproduced with a difference": """
        abstract-uniformity fig2-symmetry fig4-path-connected fig5-fluctuation-above-50
        fig7-equal-fan-out fig8-426-models fig8-strange-stay-low fig8-radix-of-10 fig8-plateau
    """,
    "not reproduced": """
        fig4-1130-networks fig4-variance-beyond-sparsity fig5-five-per-class
        fig5-median-stable fig7-pruned-edges-empty fig7-gradients-minimise-edges
        fig7-radial-symmetry fig7-better-than-pruning fig8-six-groups
        fig9-normal-above-90 conclusion-matches-dense conclusion-infrequent
    """,
}
"""The verdicts that are published, each somebody's decision to change; all others are not
checkable."""


@cache
def left():
    """Return the numbers that the executed figures left, by claim."""
    files = [page_files(EXECUTED / f"{name}.ipynb") / "claims.json" for name in figure_names()]
    return {
        claim: each["values"]
        for file in files
        if file.is_file()
        for claim, each in json.loads(file.read_text(encoding="utf-8")).items()
    }


def spread(values):
    return max(values) - min(values)


@cache
def figure_4():
    runs = runs_of("fig04")
    usual = np.median([run["validation"] for run in runs if 4 * run["absent"] <= 3 * POSSIBLE])
    erratic = [run["validation"] < usual - 0.1 for run in runs]
    tenths = defaultdict(list)
    for run in runs:
        tenths[min(10 * run["absent"] // POSSIBLE, 9)].append(run["train"] <= 0.75)
    shares = {tenth: np.mean(found) for tenth, found in sorted(tenths.items()) if len(found) >= 20}

    def share(holds):
        """Return the share of erratic networks among those of some sparsities, in hundredths."""
        pairs = zip(runs, erratic, strict=True)
        return np.mean([so for run, so in pairs if holds(100 * run["absent"])])

    low = share(lambda absent: absent <= 75 * POSSIBLE)
    middle = share(lambda absent: 75 * POSSIBLE < absent < 90 * POSSIBLE)
    below = share(lambda absent: absent < 90 * POSSIBLE)
    high = share(lambda absent: absent >= 90 * POSSIBLE)
    points = defaultdict(list)
    for run in runs:
        if 4 * run["absent"] > 3 * POSSIBLE:
            points[100 * run["absent"] // POSSIBLE].append(run["validation"])
    full = [values for values in points.values() if len(values) >= 5]
    within = sum(np.var(values) * len(values) for values in full) / (
        np.var(np.concatenate(full)) * sum(map(len, full))
    )

    def best(least):
        return max(run["validation"] for run in runs if 100 * run["absent"] >= least * POSSIBLE)

    dense = max(run["validation"] for run in runs if run["absent"] == 0)
    return {
        "intro-strange-rise": {
            "rank_correlation": spearmanr(list(shares), list(shares.values())).statistic,
            "rise_from_first_to_last": shares[max(shares)] - shares[min(shares)],
        },
        "fig4-erratic-above-75": {
            "erratic_up_to_75_percent": low,
            "erratic_rise_at_75_percent": middle - low,
            "erratic_rise_at_90_percent": high - middle,
        },
        "fig4-variance-beyond-sparsity": {
            "variance_within_bins": within,
            "widest_range_in_a_bin": max(map(spread, full)),
        },
        "fig6-fewer-parameters": {
            "rank_correlation": spearmanr(
                [run["absent"] for run in runs], [POSSIBLE - run["absent"] for run in runs]
            ).statistic
        },
        "conclusion-matches-dense": {
            "best_half_sparse_less_dense": best(50) - dense,
            "best_90_percent_sparse_less_dense": best(90) - dense,
        },
        "conclusion-infrequent": {
            "erratic_below_90_percent": below,
            "erratic_rise_at_90_percent": high - below,
        },
        "conclusion-not-most": {
            "erratic_share": np.mean(erratic),
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
    sparse, strange = [], []
    for runs in networks.values():
        width, absent = spread([run["validation"] for run in runs]), runs[0]["absent"]
        band = (
            "low" if 2 * absent <= POSSIBLE else "middle" if 10 * absent < 9 * POSSIBLE else "high"
        )
        ranges[band].append(width)
        if band != "low":
            sparse.append(width)
            strange.append(width if any(run["train"] <= 0.75 for run in runs) else 0)
    medians = {band: np.median(values) for band, values in ranges.items()}
    return {
        "fig5-dense-within-2": {
            "median_range": medians["low"],
            "largest_range": max(ranges["low"]),
        },
        "fig5-fluctuation-above-50": {
            "ratio_of_medians": medians["middle"] / medians["low"],
            "ratio_of_largest": max(ranges["middle"]) / max(ranges["low"]),
        },
        "fig5-marked-above-90": {"ratio_of_medians": medians["high"] / medians["middle"]},
        "fig5-median-stable": {
            "spread_of_medians": spread(
                [np.median([run["validation"] for run in runs]) for runs in networks.values()]
            )
        },
        "fig5-due-to-strange": {"share_of_ranges": sum(strange) / sum(sparse)},
    }


@cache
def figure_8():
    models, longer = runs_of("fig08", 3), runs_of("fig08", 30)
    strange = [run for run in models if run["train"] <= 0.75]
    others = [run for run in models if run["train"] > 0.75]
    assert [run["radix_lists"] for run in longer] == [run["radix_lists"] for run in strange]
    usual = np.median([run["train"] for run in others])
    ends = sorted(run["curve"][-1] for run in longer)
    beside = [
        any(
            abs(run["absent"] - other["absent"]) <= POSSIBLE / 200
            for other in models
            if other["train"] >= 0.85
        )
        for run in strange
    ]
    close = [
        run["train"] - other["train"]
        for run, other in product(models, models)
        if abs(run["absent"] - other["absent"]) <= POSSIBLE / 1000
    ]
    settled = []
    for run in longer:
        epoch = 30
        while epoch > 1 and abs(run["curve"][epoch - 2] - run["curve"][-1]) <= 0.02:
            epoch -= 1
        settled.append(epoch)

    def explained(groups):
        """Return the share of accuracy's variance between groups, from group sizes and means."""
        accuracy = np.array([run["train"] for run in models])
        means = {group: accuracy[np.array(groups) == group].mean() for group in set(groups)}
        return sum(
            count * (means[group] - accuracy.mean()) ** 2
            for group, count in Counter(groups).items()
        ) / (len(models) * accuracy.var())

    radices = [
        [radix for part in json.loads(run["radix_lists"]) for radix in part] for run in models
    ]
    order = np.argsort([run["absent"] for run in models], kind="stable")
    advantages = []
    for position in range(3):
        groups = [each[position] for each in radices]
        count = len(set(groups))
        cuts = [1 + (len(models) - 1) * cut / count for cut in range(1, count)]
        by_sparsity = np.empty(len(models), dtype=int)
        by_sparsity[order] = [sum(rank > cut for cut in cuts) for rank in range(1, len(models) + 1)]
        advantages.append(explained(groups) - explained(by_sparsity.tolist()))
    printed = [(0.255, 0.305), (0.35, 0.40), (0.45, 0.50), (0.55, 0.575), (0.60, 0.65)]
    printed.append((0.70, 0.80))
    around = [printed[0], *((low - 0.01, high + 0.01) for low, high in printed[1:])]
    held = [[low <= end <= high for end in ends] for low, high in around]
    span = [end for end in ends if 0.255 <= end <= 0.80]
    gaps = [(before[1], after[0]) for before, after in pairwise(printed)]
    between = sum(low < end < high for end in span for low, high in gaps) / len(span)
    return {
        "abstract-strange-beside-normal": {
            "strange_models": len(strange),
            "share_with_a_normal_neighbour": np.mean(beside),
        },
        "fig8-426-models": {
            "models": len({run["radix_lists"] for run in models}),
            "models_below_90_percent": sum(10 * run["absent"] < 9 * POSSIBLE for run in models),
        },
        "fig8-most-train-well": {
            "share_at_least_85_percent_accurate": np.mean([run["train"] >= 0.85 for run in models]),
            "median_accuracy": np.median([run["train"] for run in models]),
        },
        "fig8-several-strange": {
            "strange_models": len(strange),
            "strange_share": len(strange) / len(models),
            "gap_of_medians": usual - np.median([run["train"] for run in strange]),
        },
        "fig8-strange-stay-low": {
            "share_that_stays_below": np.mean([end < usual for end in ends]),
            "range_of_accuracies": spread(ends),
        },
        "fig8-close-sparsities": {"largest_difference": max(close)},
        "fig8-radices-over-sparsity": {"best_radix_less_sparsity": max(advantages)},
        "fig8-radix-of-10": {
            "strange_models_without_such_a_radix": sum(
                max(each) < 10
                for each, run in zip(radices, models, strict=True)
                if run["train"] <= 0.75
            ),
            "models_with_such_a_radix": np.mean([max(each) >= 10 for each in radices]),
        },
        "fig8-plateau": {"median_epoch": np.median(settled)},
        "fig8-six-groups": {
            "ranges_with_a_model": sum(map(any, held)),
            "share_of_models_in_a_range": np.mean(np.any(held, axis=0)),
            "groups": 1 + sum(after - before > 0.02 for before, after in pairwise(ends)),
        },
        "fig8-separated": {
            "crowding_of_the_gaps": between
            / (sum(high - low for low, high in gaps) / (0.80 - 0.255))
        },
    }


@cache
def figure_9():
    ends, best = defaultdict(list), defaultdict(float)
    for run in runs_of("fig09"):
        ends[run["radix_lists"]].append(run["curve"][-1])
        best[run["radix_lists"]] = max(best[run["radix_lists"]], *run["curve"])
    normal, strange = ends["[[10, 10], [10]]"], ends["[[10, 10], [1]]"]
    return {
        "fig9-normal-above-90": {"lowest_accuracy": min(normal)},
        "fig9-strange-below-60": {
            "highest_accuracy": best["[[10, 10], [1]]"],
            "range_over_seeds": spread(strange),
        },
        "fig9-depends-on-radices": {"ratio_of_ranges": spread(strange) / spread(normal)},
    }


@cache
def figure_7():
    """From the table of networks that the page offers."""
    with (page_files(EXECUTED / "fig07_saliency.ipynb") / "fig07_networks.csv").open(
        encoding="utf-8"
    ) as file:
        networks = list(csv.DictReader(file))

    def median(model, column):
        return np.median([float(row[column]) for row in networks if row["model"] == model])

    accuracy = {
        model: median(model, "test_accuracy")
        for model in {row["model"] for row in networks} - {"RadiX-Net, untrained"}
    }
    radix = accuracy["RadiX-Net"]
    ways = [
        f"{way}, {scope}"
        for way in ("one-shot", "retrained")
        for scope in ("each layer", "whole network")
    ]
    return {
        "fig7-pruned-edges-empty": {
            "pruned_edge_saliency": median("one-shot, each layer", "edge_saliency")
        },
        "fig7-gradients-minimise-edges": {
            "edge_weights_after_over_before": median("dense", "edge_weights_kept"),
            "never_lit_weights_after_over_before": median("dense", "dark_weights_kept"),
        },
        "fig7-radial-symmetry": {
            "chance_of_as_much_symmetry": max(
                float(row["ring_p"]) for row in networks if row["model"] == "RadiX-Net"
            ),
            "symmetry_beyond_the_pruned_map": median("RadiX-Net", "ring_share")
            - median("one-shot, each layer", "ring_share"),
            "radial_symmetry": median("RadiX-Net", "ring_share"),
        },
        "fig7-better-than-pruning": {
            "advantage_in_test_accuracy": radix - accuracy["one-shot, each layer"],
            "advantage_over_the_best_pruned": radix
            - max(accuracy[way] for way in (*ways, "gradual")),
            "advantage_at_as_many_connections": radix
            - max(accuracy[f"as many connections, {way}"] for way in ways),
        },
    }


@cache
def figure_3():
    """From the definition: a unit a feeds b when (a - b) modulo N' is 0, v, ..., (r - 1) v.

    Before trimming, from theory.
    """
    cuts = [()] + [tuple(sorted(cut)) for cut in ((1,), (2,), (1, 2))]
    legal = {
        tuple(map(tuple, parts))
        for radices in product(range(1, 11), repeat=3)
        for cut in cuts
        if is_legal(
            parts := [radices[start:end] for start, end in zip((0, *cut), (*cut, 3), strict=True)]
        )
    }
    products, before, after, masks = [], [], [], set()
    uniform, connected, even = 0, 0, 0
    differences = [
        np.subtract.outer(np.arange(a), np.arange(b)) + b - 1 for a, b in pairwise(SIZES)
    ]
    for lists in legal:
        modulus = prod(lists[0])
        widths = [-(-size // modulus) for size in SIZES]
        places = [(prod(part[:place]), radix) for part in lists for place, radix in enumerate(part)]
        pairs = [widths[layer] * widths[layer + 1] * modulus for layer in range(3)]
        products.append(modulus)
        before.append(
            1
            - sum(pair * radix for pair, (_, radix) in zip(pairs, places, strict=True))
            / (sum(pairs) * modulus)
        )
        layers = []
        for layer, (place, radix) in enumerate(places):
            steps = np.arange(1 - SIZES[layer + 1], SIZES[layer]) % modulus
            layers.append(((steps % place == 0) & (steps // place < radix))[differences[layer]])
        after.append(1 - sum(int(layer.sum()) for layer in layers) / POSSIBLE)
        masks.add(b"".join(np.packbits(layer).tobytes() for layer in layers))
        first, second, third = (layer.astype(float) for layer in layers)
        paths = first @ (second @ third)
        connected += paths.min() > 0
        uniform += 0 < paths.min() == paths.max()
        even += all(len(set(layer.sum(axis=1))) == 1 for layer in layers)
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
        "fig4-1130-networks": {"distinct_networks": len(masks)},
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
    for claim, values in recompute().items():
        assert left()[claim] == pytest.approx(values, rel=1e-9, abs=1e-9), claim


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
