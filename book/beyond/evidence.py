# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,-all
#     formats: py:percent
#     notebook_metadata_filter: kernelspec,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Appendix: how good the forecast is
#
# How good is the forecast of {doc}`predict`, and why is it wrong at times?
#
# Here are the numbers behind {doc}`predict`: networks that lose a class, every rival explanation,
# misses and false alarms looked into, how *many* classes are lost, and other ways to start.

# %% tags=["parameters"]
# Training accuracy on MNIST up to which a model is strange, the authors' limit; above 0 and below 1.
strange_accuracy = 0.75
# Samples of the networks that the interval of each lead is made of; an integer of at least 10.
samples = 400

# %%
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd

import radixnet as rx
from companion import parameters as rule
from companion import plots, published_runs
from companion.experiments import fig8_rounds
from companion.forecasts import (
    fit_of_chances,
    forecast_quality,
    precision_recall_curve,
    share_interval,
)
from companion.parameters import check
from companion.scores import (
    CHANCE,
    NEW_FAMILIES,
    RIVALS,
    in_favour,
    judged,
    lead_over_rivals,
)
from radixnet.diagnostics.lost_classes import lost_by_signs
from radixnet.initializers import starting_weights

check(
    globals(),
    strange_accuracy=rule.number(above=0, below=1),
    samples=rule.whole(10),
)

# %% [markdown]
# ## Against every other explanation
#
# Each explanation gives a number for every network, known from the masks: its {term}`sparsity`; its
# largest {term}`radix`, the paper's clue; the {term}`spectral gap` of its layers, which is small
# when they mix poorly (the smallest gap, and the mean over the layers); the unevenness of its
# {term}`path` counts; and, simplest of all, the smallest number of connections into a class.
# Networks are ranked by it. Every rival is read in the direction that serves it better **in
# hindsight**, row by row. The rule's score, the chance of a lost class, has only one direction.
#
# *Precision* is how many of those called risky fail, *recall* how many of those that fail had been
# called risky. Most networks are fine, so a score may have many false alarms per hit and still look
# nearly perfect in a curve of true against false alarms (ROC). The area is the average precision,
# in steps, without straight lines in between. The picture and the first rows are of the three
# families with networks that the rule was not made with. A score that says nothing has about the share of
# failures, the thin level.

# %% tags=["hide-input"]
classes = 10  # of the published runs
predicted = published_runs("predict")
known = pd.concat(
    [
        fig8_rounds(published_runs("fig08"))[0].assign(family="Fig. 8, one seed"),
        published_runs("fig04").assign(family="Fig. 4, one seed"),
    ],
    ignore_index=True,
)
known = judged(known, strange_accuracy)
own_seeds = judged(predicted.assign(family=predicted["variant"]), strange_accuracy)
failures = ["strange", "lost a class"]
new = own_seeds[own_seeds["family"].isin(NEW_FAMILIES)]
families = dict(list(own_seeds.groupby("family", sort=False)))
named = {"new networks": new} | families
compared = [CHANCE, *RIVALS]
random = np.random.default_rng(0)
areas = {
    (failure, name): lead_over_rivals(part, failure, random, samples)
    for failure in failures
    for name, part in named.items()
    if part[failure].any()
}
areas = pd.DataFrame(areas).T.infer_objects()
met = areas.index.unique(level=0)  # kinds of failure that any network met with


# %% tags=["figure", "hide-input"]
drawn_scores = [column for column in compared if column != "smallest spectral gap"]


def draw(figure):
    """Draw the curves over all new networks, a panel for each kind of failure."""
    panels = figure.subplots(1, len(met), sharey=True, squeeze=False)[0]
    for axes, failure in zip(panels, met, strict=True):
        curves = {
            column: precision_recall_curve(
                in_favour(new, column, failure), new[failure]
            )
            for column in drawn_scores
        }
        quality = forecast_quality(new["risky"], new[failure])
        plots.draw_precision_recall(
            axes,
            curves,
            new[failure].mean(),
            (quality.recall, quality.precision),
        )
        axes.set_title(f"{len(new):,} new networks: {failure}")
    for axes in panels[1:]:
        axes.set_ylabel("")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3
    )


pooled = areas.loc[(met[0], "new networks"), drawn_scores].astype(float)
plots.themed(
    draw,
    alt="Precision against recall over the new networks, a panel for each failure: "
    f"{', '.join(met)}. Areas under the curves of the first: "
    + ", ".join(
        f"{column} {area:.2f}"
        for column, area in pooled.sort_values(ascending=False).items()
    )
    + ". A diamond marks the verdict.",
    size=(9, 5.2),
)

# %% [markdown] tags=["caption"]
# Of the networks that each score calls risky, how many fail (up), and how many of all failures it
# finds (right). The diamond is the verdict that `diagnose()` gives.

# %% [markdown]
# Pooling has a weakness: families differ in how many fail, and a score that only tells families
# apart looks clever. Within one family it must tell networks apart. "Ahead by" is the lead over the
# best rival of each row, with a 95 % interval. Where it reaches below 0, the rule's score cannot be
# said to be better; where all of it lies below 0, the rival is.

# %% tags=["hide-input"]
keyed = areas.rename_axis(index=["failure", "networks"]).reset_index()
pd.DataFrame(
    {
        "failure": keyed["failure"],
        "networks": keyed["networks"],
        "failed": keyed["failed"].map("{:.0%}".format),
        "area": keyed[CHANCE].map("{:.2f}".format),
        "best rival": keyed["best rival"],
        "ahead by": [
            f"{lead:+.2f} ({low:+.2f} to {high:+.2f})"
            for lead, low, high in zip(
                keyed["ahead by"], keyed["from"], keyed["to"], strict=True
            )
        ],
    }
).style.hide(axis="index")

# %% [markdown]
# The serious rivals are the smallest {term}`output fan-in` and the *mean* spectral gap, and neither
# names another cause. The chance is computed from {term}`fan-in`. As a yes or no the rule is nearly
# the same as "a class has one or two connections, or sees fewer than half of the inputs"; the
# chance adds an order among networks, and the number of lost classes. The gap of the last layer is
# 0 as soon as that layer falls apart, and so it does when every class hangs on units that feed no
# other class. So the gap sees how few connections there are, and whether they are shared, which the
# chance does not know and which matters. The *smallest* gap tells nothing, because nearly every
# network has some layer that falls apart, and most train all the same; {cite:t}`hoang2023` found
# for pruned networks, too, that expansion says little about which of them learn. Sparsity, the
# largest radix and path imbalance sort networks only in families in which many networks reach few
# pixels.
#
# ## Networks that lose a class
#
# "Expected" is the sum of the stated chances over the networks called risky. If the chances are
# right, so many of them lose a class, and even a perfect forecast could not reach a precision of
# 100 %. The first two families were known when the rule was made. All their networks start from one
# {term}`seed`, and those with the same last mask have the same last weights. There each group of
# them counts as if it were decided as one, which makes the intervals wide, as they should be.

# %% tags=["hide-input"]
qualities, rows = {}, []


def percent(share, interval):
    """Return a share with its interval as text, in per cent; a share of none has no number."""
    low, high = interval
    if np.isnan(share):
        return "none"
    return f"{share:.0%} ({100 * low:.0f} to {100 * high:.0f})"


known_families = dict(list(known.groupby("family", sort=False)))
for family, mine in (known_families | families).items():
    decided_together = mine["last_mask"].tolist() if family in known_families else None
    quality = forecast_quality(mine["risky"], mine["lost a class"], decided_together)
    qualities[family] = quality
    rows.append(
        {
            "family": family,
            "lost a class": f"{quality.failed} of {quality.runs:,}",
            "called risky": quality.flagged,
            "of these": quality.hits,
            "expected": round(mine.loc[mine["risky"], CHANCE].sum()),
            "precision": percent(quality.precision, quality.precision_interval),
            "recall": percent(quality.recall, quality.recall_interval),
        }
    )
pd.DataFrame(rows).style.hide(axis="index")

# %% [markdown]
# ## Where the rule fails
#
# Every failure that it missed and every false alarm, by its reason. A model that is called risky
# and is {term}`strange <strange model>` without losing a class is no false alarm, and no hit in the
# table above; these are counted too.

# %% tags=["hide-input"]
failed = own_seeds["strange"] | own_seeds["lost a class"]
own_units = own_seeds["classes_per_unit"] == 1
likely = own_seeds[CHANCE] >= 0.5
wrong = own_seeds.assign(kind="", why="")
wrong.loc[failed & ~wrong["risky"], "kind"] = "missed"
wrong.loc[~failed & wrong["risky"], "kind"] = "false alarm"
half_right = wrong["risky"] & failed & ~own_seeds["lost a class"]
wrong.loc[half_right, "kind"] = "risky, and strange"
why = {
    "missed": {
        "lost a class, of a chance below one half": own_seeds["lost a class"],
        "answers every class, but badly": ~own_seeds["lost a class"],
    },
    "false alarm": {
        "chance above one half, classes have units of their own": likely & own_units,
        "chance above one half, classes share units": likely & ~own_units,
        "few pixels or live units, and yet it trains": ~likely,
    },
    "risky, and strange": {"loses no class": half_right},
}
for kind, reasons in why.items():
    for reason, holds in reasons.items():
        wrong.loc[(wrong["kind"] == kind) & holds, "why"] = reason
wrong = wrong[wrong["kind"] != ""]
pd.DataFrame(
    {
        "kind": kind,
        "why": reason,
        "networks": len(found),
        "where": ", ".join(
            f"{count} {family}"
            for family, count in found["family"].value_counts().items()
        ),
    }
    for (kind, reason), found in wrong.groupby(["kind", "why"])
).style.hide(axis="index")

# %% [markdown]
# Most strange models that were **missed** have three or four connections into some class, from
# units that feed no other class. Their chance of losing a class is below one half, and some of them
# do lose one: a {term}`verdict` in words must miss these, and the stated chance does not. In others
# few pixels reach some class, though more than half do.
#
# Now one model of each kind, trained again and looked into: a miss, and a false alarm with shared
# units. The last weights of each class at the start and after training, the share of images with
# one of its units on, and how often the class is the answer.

# %% tags=["hide-input"]
missed = own_seeds[own_seeds["strange"] & ~own_seeds["risky"]]
data = rx.load_dataset("mnist")
images = data.test_images / np.float32(255)


def look_into(row):
    """Return what became of every class of a run, trained again."""
    spec = rx.spec_of(row)
    before = starting_weights(spec.masks, spec.seed)[-1]
    *hidden, after = rx.train(spec, keep_weights=True, dataset=data).weights
    values = images
    for weights in hidden:
        values = np.maximum(values @ weights, 0)
    answers = np.bincount((values @ after).argmax(axis=1), minlength=classes)
    lines = []
    for number, feeds in enumerate(spec.masks[-1].T):
        lines.append(
            {
                "class": number,
                "last weights at the start": ", ".join(
                    f"{weight:+.3f}" for weight in before[feeds, number]
                ),
                "after training": ", ".join(
                    f"{weight:+.3f}" for weight in after[feeds, number]
                ),
                "images with a unit on": (values[:, feeds] > 0).any(axis=1).mean(),
                "answers": answers[number],
            }
        )
    return pd.DataFrame(lines)


def show_first(what, models, key):
    """Show what became of the model of which a key is smallest, if there is any model."""
    if models.empty:
        print(f"{what}: none")
        return None
    row = min(models.to_dict("records"), key=key)
    print(f"{what}: {row['radix_lists']}, seed {row['seed']}")
    return (
        look_into(row)
        .style.hide(axis="index")
        .format("{:.0%}", "images with a unit on")
    )


missing_classes = missed[missed["lost a class"] & (missed["dataset"] == "mnist")]
show_first("missed", missing_classes, key=lambda row: row["test_classes"])

# %% tags=["hide-input"]
shared_alarms = wrong[
    (wrong["why"] == "chance above one half, classes share units")
    & (wrong["family"] == "the 426")
]
# Of these, the one that its starting signs make look worst.
show_first(
    "false alarm",
    shared_alarms,
    key=lambda row: (
        -lost_by_signs(starting_weights(rx.spec_of(row).masks, row["seed"])).sum()
    ),
)

# %% [markdown]
# In the first, look at the classes that are never the answer; in the second, at those that start
# with negative weights only. A unit that feeds one class is pulled by that class alone. Where the
# weight is negative, the unit comes to be on for the other classes, and pushes the weight further
# down. A unit that several classes share is pulled by all of them. It can come to be on for images
# of a class that has no positive weight, and then that weight rises through zero. That is why
# **false alarms** gather where classes share units. The others are luck: a chance of three in four
# leaves one in four.
#
# (between-two-verdicts)=
# ## Between two verdicts: in doubt
#
# A network with a chance of 36 % is not more likely than not to lose a class, and yet nobody should
# be told that it trains. So a further {term}`verdict`, *in doubt*, lies between "expected to train"
# and "at risk". Its limit was set by runs that the other two thresholds never met. **Written down
# before these runs were looked at:**
#
# - It is set on random radix lists, ten trimmed and ten folded for each of five sparsities, from
#   five starts on MNIST (500 runs), and checked on the RadiX-Nets of {doc}`viable` on MNIST (440
#   runs) and the six families above. Of the six, and of the same wirings in {doc}`repair`, the
#   counts by fan-in were known.
# - Only networks that are not at risk count. A failure is a lost class.
# - *Chance*: the largest of 5, 10, 15, ..., 50 % below which, among runs with a chance of at least
#   1 %, at most one in twenty failed. Below 1 % nothing is in doubt, and counting such runs would
#   hide the others. A candidate with fewer than 20 such runs is passed over.
# - *Inputs*, among runs with a chance below that limit: the smallest of 50, 60, ..., 100 % such
#   that of the runs in which at least so many inputs, but not all, reach every class, at most one
#   in twenty failed; 100 % where none will do or fewer than 20 runs are left.
# - It holds if, in the runs that check it, at most one in twenty of those expected to train fails,
#   and more of those in doubt.

# %% tags=["hide-input"]
drawn = published_runs("evidence")
compared_to = published_runs("viable").query(
    "variant == 'radix' and dataset == 'mnist'"
)
compared_to = compared_to.assign(
    radix_lists=compared_to["drawn"], fit=compared_to["fitted"], dense_output=False
)
setting, checking = (
    pd.concat(judged(part, strange_accuracy) for _, part in runs.groupby("fit"))
    for runs in (drawn, compared_to)
)
sound = setting[~setting["risky"]]


def few_fail(runs):
    """Return whether 20 runs or more are given and at most one in twenty lost a class."""
    return len(runs) >= 20 and runs["lost a class"].mean() <= 0.05


chance_limit = max(
    (
        limit
        for limit in np.arange(1, 11) / 20
        if few_fail(sound[sound[CHANCE].between(0.01, limit, inclusive="left")])
    ),
    default=0.01,
)
likely_enough = sound[sound[CHANCE] < chance_limit]
input_limit = min(
    (
        limit
        for limit in np.arange(5, 10) / 10
        if few_fail(
            likely_enough[
                likely_enough["input_coverage"].between(limit, 1, inclusive="left")
            ]
        )
    ),
    default=1.0,
)


def lost_of(runs):
    """Return how many of some runs lost a class, with the interval of the share."""
    count = int(runs["lost a class"].sum())
    return f"{count} of {len(runs):,}", percent(
        runs["lost a class"].mean(), share_interval(count, len(runs))
    )


by_verdict = []
for what, mine in (
    {"set on": setting, "checked on Viable": checking, "checked on all six": own_seeds}
    | families
).items():
    line = {"runs": what}
    for name in ("expected to train", "in doubt", "at risk"):
        count, share = lost_of(mine[mine["verdict"] == name])
        line |= {f"{name}: lost a class": count, f"{name}: share": share}
    by_verdict.append(line)
pd.DataFrame(
    {
        "runs": line["runs"],
        **{
            name: f"{line[f'{name}: lost a class']}, {line[f'{name}: share']}"
            for name in ("expected to train", "in doubt", "at risk")
        },
    }
    for line in by_verdict
).style.hide(axis="index")

# %% [markdown]
# The rule gives 35 % for the chance, and no limit for the inputs beyond the half there was. Little
# evidence sets it: of the networks that are not at risk, five have a chance of 1 % or more. Four
# of them, 20 runs, lost no class; the fifth, at 37 %, lost a class in two of its five starts. In the
# six families it holds. In *Viable* the first half holds and the second does not: four networks
# are in doubt there, and none of their eight runs lost a class, which can hardly say more. They
# start scaled by fan-in.
#
# ## How many classes are lost
#
# How many classes are lost is a sharper question than whether one is. Bars count networks with $k$
# lost classes. Points are the sums of their stated chances, with the range in which 95 % of
# outcomes drawn from these chances lie. Groups are by the class with the fewest connections.

# %% tags=["hide-input"]
deep = own_seeds["family"] == "784-128-64-32-10"
groups = {
    "one unit of its own": (own_seeds["fan_in"] == 1) & own_units & ~deep,
    "two units of its own": (own_seeds["fan_in"] == 2) & own_units & ~deep,
    "three units of its own": (own_seeds["fan_in"] == 3) & own_units & ~deep,
    "two shared units": (own_seeds["fan_in"] == 2) & ~own_units & ~deep,
    "three shared units": (own_seeds["fan_in"] == 3) & ~own_units & ~deep,
    "one of its own, four layers": (own_seeds["fan_in"] == 1) & own_units & deep,
}
fits = {
    name: fit_of_chances(
        np.array(own_seeds.loc[chosen, "chances"].tolist()),
        own_seeds.loc[chosen, "lost"],
        np.random.default_rng(0),
    )
    for name, chosen in groups.items()
}


# %% tags=["hide-input"]
def draw_fits(figure):
    """Draw counts of lost classes beside their chances, a panel per group."""
    panels = figure.subplots(2, 3, sharex=True)
    for axes, (name, fit) in zip(panels.flat, fits.items(), strict=True):
        plots.draw_counts_and_chances(
            axes, fit.counted, fit.expected, fit.low, fit.high
        )
        axes.set_title(f"{name}: {fit.counted.sum()} networks", fontsize="small")
        axes.set(xlabel="" if axes in panels[0] else "lost classes, k")
    for axes in panels[:, 1:].flat:
        axes.set_ylabel("")
    figure.legend(
        *panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2
    )


def mean_of(counts):
    """Return the mean number of lost classes."""
    return counts @ np.arange(len(counts)) / counts.sum()


def p_text(p_value):
    """Return a p-value as text."""
    return f"{p_value:.3f}" if p_value >= 0.001 else "below 0.001"


plots.themed(
    draw_fits,
    alt="Six panels of bars, networks by number of lost classes, with the expected numbers "
    "as points. "
    + "; ".join(
        f"{name}: on average {mean_of(fit.counted):.1f} lost, {mean_of(fit.expected):.1f} expected"
        for name, fit in fits.items()
    )
    + ".",
    size=(9, 5.8),
)

# %% tags=["hide-input"]
pd.DataFrame(
    {
        "the class with the fewest has": name,
        "lost a class": f"{fit.counted[1:].sum()} of {fit.counted.sum()}, expected {fit.expected[1:].sum():.1f}",
        "lost on average": f"{mean_of(fit.counted):.2f}, expected {mean_of(fit.expected):.2f}",
        "distance": f"{fit.distance:.0%}, by chance {fit.distance_by_chance:.0%}",
        "p-value": p_text(fit.p_value),
    }
    for name, fit in fits.items()
).style.hide(axis="index")

# %% [markdown]
# *Distance* is the share of networks that would have to lose another number of classes for the
# counts to be what is expected; "by chance" is how large it is on average if the theory holds. The
# p-value is the share of outcomes drawn from the theory that lie at least as far off. A small one
# means that the theory is not exact, and **it is not**. With shared units too many classes are
# expected to be lost. With units of their own too few are, though *whether* one is lost comes out
# right. The distinction was found in these runs, in order to explain the false alarms; the runs of
# other starts below are its first test.
#
# ## Other starts
#
# The 426 wirings again, started in other ways, from five seeds. Networks that share a seed and the
# last mask share the signs, so theory is given twice: before the seeds are known, and from the
# signs that these five seeds drew.

# %% tags=["hide-input"]
beginnings = ["as in the paper", "start by fan-in", "positive output start"]
repair = published_runs("repair")
repair = repair[repair["variant"].isin(beginnings)]
wirings = families["the 426"][
    ["radix_lists", "fan_in", "classes_per_unit", "last_mask"]
]
repair = repair.merge(wirings, on="radix_lists", how="left")
repair["lost"] = classes - repair["test_classes"].astype(int)
published_beginnings = [name for name in beginnings if name in set(repair["variant"])]
few = repair[repair["fan_in"] <= 4]
masks_of = {
    lists: rx.RadixTopology(rx_lists, rx.LENET_300_100).masks
    for lists, rx_lists in (
        (rx.format_radix_lists(each.radix_lists), each.radix_lists)
        for each in rx.fig8_family()
    )
    if lists in set(few["radix_lists"])
}
full = [np.ones(shape, dtype=bool) for shape in pairwise(rx.LENET_300_100)]
whole = {seed: starting_weights(full, seed) for seed in sorted(set(few["seed"]))}


@cache
def foreseen(lists, seed, positive):
    """Return how many classes the starting signs lose, whatever the spread of the weights."""
    *hidden, last = (
        drawn * mask for drawn, mask in zip(whole[seed], masks_of[lists], strict=True)
    )
    return int(lost_by_signs([*hidden, np.abs(last) if positive else last]).sum())


@cache
def stated(lists, positive):
    """Return the chances of lost classes before the seed is known."""
    return rx.chance_of_lost_classes(masks_of[lists], positive)


positive = few["positive_output"].astype(bool)
keys = list(zip(few["radix_lists"], few["seed"], positive, strict=True))
few = few.assign(
    foreseen=[foreseen(*key) for key in keys],
    expected=[1 - stated(lists, sign)[0] for lists, _, sign in keys],
    expected_mean=[
        stated(lists, sign) @ np.arange(classes + 1) for lists, _, sign in keys
    ],
)
rank = {name: place for place, name in enumerate([*beginnings, "own", "shared"])}
rank |= {fan_in: fan_in for fan_in in range(1, 5)}
other_starts = []
for (variant, fan_in, per_unit), here in few.groupby(
    ["variant", "fan_in", few["classes_per_unit"] == 1], sort=False
):
    count = int((here["lost"] > 0).sum())
    low, high = share_interval(
        count, len(here), list(zip(here["seed"], here["last_mask"], strict=True))
    )
    other_starts.append(
        {
            "start": variant,
            "fan-in": fan_in,
            "units": "own" if per_unit else "shared",
            "runs": len(here),
            "lost a class": count,
            "interval of the share": f"{low:.0%} to {high:.0%}",
            "expected before": here["expected"].sum(),
            "by the signs drawn": int((here["foreseen"] > 0).sum()),
            "mean lost": here["lost"].mean(),
            "mean expected": here["expected_mean"].mean(),
        }
    )
other_starts = pd.DataFrame(other_starts).sort_values(
    ["start", "fan-in", "units"], key=lambda values: values.map(rank.get), kind="stable"
)
pd.DataFrame(
    {
        "start": other_starts["start"],
        "fan-in": other_starts["fan-in"],
        "units": other_starts["units"],
        "lost a class": [
            f"{row['lost a class']} of {row['runs']} ({row['interval of the share']})"
            for row in other_starts.to_dict("records")
        ],
        "expected": other_starts["expected before"].map("{:.1f}".format),
        "by the signs drawn": other_starts["by the signs drawn"],
        "lost on average": [
            f"{row['mean lost']:.2f}, expected {row['mean expected']:.2f}"
            for row in other_starts.to_dict("records")
        ],
    }
).style.hide(axis="index")

# %% [markdown]
# **A start by fan-in changes little**, as it should: it changes how large weights are and not their
# signs; larger ones cross zero less often. **A positive start is beyond the theory.** It takes the
# coin away, so next to no network should lose a class; of those with one unit per class most do.
# Here are the lost classes of some models with one unit per class, trained again: what became of
# the unit and of the weight that each hung on.


# %% tags=["hide-input"]
def lost_how(row):
    """Return for each lost class of a model with one unit per class what became of it."""
    *hidden, last = rx.train(rx.spec_of(row), keep_weights=True, dataset=data).weights
    values = images
    for weights in hidden:
        values = np.maximum(values @ weights, 0)
    answers = (values @ last).argmax(axis=1)
    found = []
    for number in np.setdiff1d(np.arange(classes), answers):
        feeds = last[:, number] != 0
        is_dead = not (values[:, feeds] > 0).any()
        is_negative = (last[feeds, number] < 0).all()
        found.append(
            "its unit is off for every test image"
            if is_dead
            else "its weight is negative"
            if is_negative
            else "its weight is positive and its unit on"
        )
    return found


reasons = {}
for name in published_beginnings:
    losers = few[(few["variant"] == name) & (few["fan_in"] == 1) & (few["lost"] > 0)]
    again = losers.iloc[:: max(1, len(losers) // 3)].head(3)
    reasons[name] = pd.Series(
        [how for row in again.to_dict("records") for how in lost_how(row)], dtype=object
    ).value_counts()
reasons = pd.DataFrame(reasons).fillna(0).astype(int)
reasons.rename_axis("lost classes of three models")

# %% [markdown]
# So the chance is that of the *start*, and training departs from it in two ways, neither of which
# is in the theory: units die {cite}`lu2020`, against which the sign of the last weight is no help,
# and weights cross zero. For a positive start the rule is too hopeful, and should not be used.

# %% tags=["nbval-check-output", "hide-input"]
for family, quality in qualities.items():
    print(
        f"{family}, lost a class: {quality.failed} of {quality.runs} failed, "
        f"{quality.flagged} called risky, {quality.hits} of them failed"
    )
for failure in met:
    row = areas.loc[(failure, "new networks")]
    print(
        f"area for {failure}, new networks: "
        + ", ".join(f"{column} {row[column]:.2f}" for column in compared)
    )
for (failure, name), row in areas.iterrows():
    if row["from"] <= 0:
        print(
            f"not clearly better than the {row['best rival']}: {name}, {failure}, "
            f"{row['ahead by']:+.2f} ({row['from']:+.2f} to {row['to']:+.2f})"
        )
print(
    f"misses and false alarms: {(wrong['kind'] == 'missed').sum()}, "
    f"{(wrong['kind'] == 'false alarm').sum()} of {len(own_seeds):,}"
)
print(f"called risky, and strange without losing a class: {half_right.sum()}")
for name, fit in fits.items():
    print(
        f"{name}: lost a class {fit.counted[1:].sum()} of {fit.counted.sum()}, expected "
        f"{fit.expected[1:].sum():.1f}; p-value of all counts {p_text(fit.p_value)}"
    )
print(f"limits of what is in doubt: {chance_limit:.0%}, inputs {input_limit:.0%}")
for line in by_verdict:
    print(
        f"{line['runs']}, lost a class: "
        + ", ".join(
            f"{name} {line[f'{name}: lost a class']}"
            for name in ("expected to train", "in doubt", "at risk")
        )
    )
for row in other_starts.to_dict("records"):
    print(
        f"{row['start']}, fan-in {row['fan-in']}, {row['units']} units: lost a class "
        f"{row['lost a class']} of {row['runs']}, expected {row['expected before']:.1f}; "
        f"lost on average {row['mean lost']:.2f}, expected {row['mean expected']:.2f}"
    )
for name in reasons:
    print(
        f"{name}, lost classes of three models: "
        + ", ".join(f"{how} {count}" for how, count in reasons[name].items())
    )

# %% tags=["remove-input"]
columns = ["family", "radix_lists", "layer_sizes", "seed", "train_accuracy"]
columns += ["test_accuracy", "test_classes", "verdict", *compared]
columns += ["classes_per_unit", "input_coverage", *failures]
plots.download(pd.concat([known, own_seeds])[columns], "evidence_networks.csv")

# %% tags=["remove-cell"]
from companion.page import report

right = {
    name: low <= fit.expected[1:].sum() / fit.counted.sum() <= high
    for name, fit in fits.items()
    for low, high in [share_interval(fit.counted[1:].sum(), fit.counted.sum())]
}
word = "Holds" if all(right.values()) else "Holds in part"
word = word if any(right.values()) else "Does not hold"
off = [
    f"{name} ({fits[name].counted[1:].sum()} of {fits[name].counted.sum()} networks lost a class, "
    f"{fits[name].expected[1:].sum():.0f} expected)"
    for name, holds in right.items()
    if not holds
]
as_counted = [fit.p_value >= 0.05 for fit in fits.values()]
leads = areas.drop("new networks", level=1)
report(
    evidence_verdict=f"{word}: the number of networks that lose a class is as expected in "
    f"{sum(right.values())} of {len(right)} groups"
    + (
        f", and not where the class with the fewest has {' or '.join(off)}"
        if off
        else ""
    )
    + "; how many classes the networks of a group lose is as expected in "
    f"{sum(as_counted)} of {len(as_counted)} (p-value of at least 0.05)"
    f". By family and kind of failure, the score is clearly ahead of its best rival in "
    f"{(leads['from'] > 0).sum()} of {len(leads)} comparisons, and behind in "
    f"{(leads['ahead by'] < 0).sum()}",
)

# %% [markdown]
# ## Try this
#
# - `strange_accuracy = 0.5`: a stricter limit. Which score gains?
# - `samples = 4000`: do the intervals change?
