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
# # Predicting which models fail
#
# Can failures be foreseen before training?
#
# **The paper leaves open** which {term}`radix lists <radix list>` give
# {term}`strange models <strange model>` before they are trained {cite}`kwak2023`. This page states
# a rule, tries it on networks that it was not made with, says where it fails, and lets you try it on
# networks of your own. {doc}`strange` explains why the rule is what it is. {doc}`evidence` sets it
# against every other explanation, and looks into its misses and false alarms.

# %% tags=["parameters"]
# Neurons, inputs first: 784 pixels, 10 classes; two sizes or more.
layer_sizes = [784, 200, 60, 10]
# Radix lists to judge and to train, different legal ones with a radix for every size but the first; none when others are drawn.
radix_lists = [[[10, 10], [1]], [[10, 10], [2]], [[6, 5], [1]], [[10, 10], [10]]]
# Starts of each of these radix lists; an integer of at least 1.
starts = 2
# Networks drawn afresh from all legal lists, judged and then trained; an integer of at least 0.
drawn = 24
# Largest radix of the networks that are drawn; an integer from 1 to 62 where lists have three radices, 22 for four, 12 for five.
largest_radix = 12
# Decides which networks are drawn, and how they start; an integer from 0 to 1,000,000,000.
choice_seed = 0
# What the networks above learn: "mnist" or "fashion-mnist".
dataset = "mnist"
# Training accuracy on MNIST up to which a model is strange, the authors' limit; above 0 and below 1.
strange_accuracy = 0.75

# %%
import numpy as np
import pandas as pd

import radixnet as rx
from companion import experiments, plots, published_runs, working_store
from companion import parameters as rule
from companion.forecasts import forecast_quality, share_interval
from companion.parameters import check
from companion.scores import (
    CHANCE,
    NEW_FAMILIES,
    RISKY,
    fashion_limit,
    judged,
    lead_over_rivals,
    score_table,
)

check(
    globals(),
    layer_sizes=rule.layer_sizes(more_outputs=False),
    radix_lists=rule.several(rule.radix_lists(layer_sizes), 0 if drawn else 1),
    starts=rule.whole(1),
    drawn=rule.whole(0),
    # All legal lists are gone through: a quarter of a million choices of radices at most.
    largest_radix=rule.whole(1, int(250_000 ** (1 / max(1, len(layer_sizes) - 1)))),
    choice_seed=rule.whole(0, 10**9),
    dataset=rule.one_of("mnist", "fashion-mnist"),
    strange_accuracy=rule.number(above=0, below=1),
)
_ = rx.load_dataset(dataset)  # missing data are told now, not after minutes of training

# %% [markdown]
# ## The rule
#
# Look at the {term}`masks <mask>` only. A network is **risky** when
#
# - it is more likely than not that some class is lost to the signs of the
#   {term}`starting weights`,
# - or fewer than half of the inputs reach some class,
# - or a hidden layer has fewer {term}`live units <live unit>` than there are classes,
# - or two classes hang on the same single unit.
#
# Every other network is expected to train, or in doubt if its chance of losing a class is 35 % or
# more; that limit came later ([how](between-two-verdicts)) and calls nothing risky. The chance of a
# {term}`lost class` follows from coin tosses. A class with $f$ incoming weights has none that is
# positive with chance $2^{-f}$. It is then lost if the weights of some class before it are all
# positive, so that the logit of that class is never below zero. `diagnose()` works the chance out for the masks at hand.
#
# **What is not in it.** No accuracy, no training run, no fitted number. But it has two round
# numbers, "more likely than not" and "half of the inputs", and whoever chose them knew the runs of
# Figs. 4 and 8 and the authors' log. So those runs do not count here. The rule was committed to the
# version history before any of the six families below was trained, and has not been changed since.
# As a yes or no it says little more than a rule of thumb: risky is a network in which some class has
# at most two connections, or is reached by fewer than half of the inputs. Below is counted how
# often the two agree.
#
# **What counts as a failure.** *Strange*: a {term}`training accuracy` of 0.75 or less after 3
# epochs, the authors' definition. *Lost a class*: some class is the answer to none of the test
# images. The stated chance speaks of the second, which asks more of a model: one can lose a class
# or two and stay above 0.75. On Fashion-MNIST even good models have a lower accuracy. There the
# limit is 0.75 times the ratio of the median training accuracies of the same 426 wirings on both
# data sets.
#
# ## Strange models, called before training
#
# Three families are new: *radices to 20* without those that Figs. 4 and 8 hold, and two other layer
# sizes. The others are networks that the rule was made with, from new starts (*the 426* of Fig. 8,
# *radices to 10* as in Fig. 4) or on other images (the 426 on *Fashion-MNIST*). Only the new ones,
# which have no network in common with those, are taken together. Every network has a {term}`seed`
# of its own.
# Brackets are 95 % intervals, Wilson's for shares {cite}`wilson1927`. The last column is the lead
# in average precision over the best rival explanation of each row, chosen in hindsight. Where its
# interval reaches below 0, the rule is not clearly better.

# %% tags=["hide-input"]
published = published_runs("predict")
runs = judged(published.assign(family=published["variant"]), strange_accuracy)
by_family = dict(list(runs.groupby("family", sort=False)))
new_runs = runs[runs["family"].isin(NEW_FAMILIES)]
named = (
    {"new networks": new_runs}
    | {name: by_family[name] for name in NEW_FAMILIES}
    | {name: mine for name, mine in by_family.items() if name not in NEW_FAMILIES}
)
by_thumb = (runs["fan_in"] <= plots.FEW) | (runs["input_coverage"] < 0.5)
agree = int((by_thumb == runs["risky"]).sum())
random = np.random.default_rng(0)


def percent(share, interval):
    """Return a share with its interval as text, in per cent; a share of none has no number."""
    low, high = interval
    if np.isnan(share):
        return "none"
    return f"{share:.0%} ({100 * low:.0f} to {100 * high:.0f})"


qualities = {
    name: forecast_quality(mine["risky"], mine["strange"])
    for name, mine in named.items()
}
leads = {
    name: lead_over_rivals(mine, "strange", random)
    for name, mine in named.items()
    if mine["strange"].any()
}
pd.DataFrame(
    {
        "family": name,
        "strange": f"{quality.failed} of {quality.runs:,}",
        "called risky": quality.flagged,
        "of these strange": percent(quality.precision, quality.precision_interval),
        "strange ones found": percent(quality.recall, quality.recall_interval),
        "ahead of the best rival": "{ahead by:+.2f} ({from:+.2f} to {to:+.2f}), "
        "{best rival}".format(**leads[name])
        if name in leads
        else "none is strange",
    }
    for name, quality in qualities.items()
).style.hide(axis="index")


# %% tags=["figure", "hide-input"]
edges = np.array([0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
kinds = {
    "every class has units of its own": runs["classes_per_unit"] == 1,
    "classes share units": runs["classes_per_unit"] > 1,
}


def calibration(part):
    """Return mean chance, networks that lost a class, and all, by groups of similar chances."""
    bins = np.searchsorted(edges[1:-1], part[CHANCE], side="right")
    grouped = part.groupby(bins)
    return pd.DataFrame(
        {
            "stated": grouped[CHANCE].mean(),
            "lost": grouped["lost a class"].sum(),
            "networks": grouped.size(),
        }
    )


calibrated = {name: calibration(runs[chosen]) for name, chosen in kinds.items()}


def draw(figure):
    """Draw the share of networks that lost a class against the chance that was stated."""
    plots.draw_calibration(
        figure.subplots(),
        {
            name: (
                table["stated"],
                table["lost"] / table["networks"],
                [share_interval(row.lost, row.networks) for row in table.itertuples()],
            )
            for name, table in calibrated.items()
        },
    )


plots.themed(
    draw,
    alt="Share of networks that lost a class against the chance stated before training, with 95 % "
    "intervals and a diagonal on which both are equal. "
    + "; ".join(
        f"{name}: "
        + ", ".join(
            f"{row.lost} of {row.networks} at {row.stated:.0%}"
            for row in table.itertuples()
        )
        for name, table in calibrated.items()
    )
    + ".",
    size=(6.5, 5.2),
)

# %% [markdown] tags=["caption"]
# Networks are grouped by the chance of a lost class, stated before training; the dots say how many
# lost one. On the dotted line forecasts would be right. Where classes share units, they warn too
# often.

# %% [markdown]
# ## Where it fails
#
# - **Shared units.** Where classes share hidden units, the stated chance is too high, and most
#   false alarms are there. Where every class has units of its own it agrees with what happened.
#   This distinction was found in these runs, and is no part of the rule.
# - **Wide networks.** In *784-512-256-10* few networks are strange although the rule calls more of
#   them risky: a network of that size can spare a class or two and stay above 0.75. The rule
#   is behind its best rival there, by less than the interval can tell.
# - **Few pixels.** In *radices to 10* the rule misses strange models in which few pixels reach some
#   class, though more than half do. Its line is only a line.
# - **A network that is strange anyway.** In *784-128-64-32-10* most networks are strange, so a high
#   precision there says little.
# - **A positive start.** It takes the coin away, and classes are lost all the same. There the rule
#   is too hopeful, and should not be used ({doc}`evidence`).
# - **The mean {term}`spectral gap`** of the layers is nearly as good a score on the wirings of
#   Fig. 8, since it also sees how few connections there are, and whether they are shared.
#
# ## Your own
#
# The rule on networks that nobody has looked at: the radix lists in the parameters, and some drawn
# afresh from all {term}`legal` lists, on {term}`layer sizes` that occur nowhere above. They are
# judged, then trained, every one from its own seed.

# %% tags=["remove-stderr", "hide-input"]
own = [rx.RadixTopology(lists, layer_sizes) for lists in radix_lists]
legal = rx.legal_radix_lists(range(1, largest_radix + 1), len(layer_sizes) - 1)
picked = np.random.default_rng(choice_seed).permutation(len(legal))[:drawn]
fresh = [rx.RadixTopology(legal[number], layer_sizes) for number in picked]
judged = [*(each for each in own for _ in range(starts)), *fresh]
specs = [
    rx.RunSpec(topology, dataset=dataset, seed=10_000 * choice_seed + 70_000 + number)
    for number, topology in enumerate(judged)
]
try:
    trained = rx.sweep(specs, store=working_store(), on_failure="raise")
except rx.DatasetError as error:
    raise ValueError(f"parameter dataset is {dataset!r}: {error}") from error
limit = strange_accuracy
if dataset == "fashion-mnist":
    limit = fashion_limit(strange_accuracy)
tried = pd.concat(
    [
        trained[
            ["radix_lists", "seed", "train_accuracy", "test_accuracy", "test_classes"]
        ],
        score_table(judged).drop(columns="radix_lists"),
    ],
    axis=1,
).assign(
    is_fresh=[False] * (len(own) * starts) + [True] * len(fresh),
    strange=experiments.is_strange(trained, limit),
    lost=layer_sizes[-1] - trained["test_classes"].astype(int),
)
tried["risky"] = tried["verdict"].isin(RISKY)
diagnoses = [topology.diagnose() for topology in own]
pd.DataFrame(
    {
        "radix lists": rx.format_radix_lists(topology.radix_lists),
        "verdict": diagnosis.verdict,
        "chance": f"{1 - diagnosis.chances_of_lost_classes[0]:.0%}",
        "lost in training": ", ".join(
            map(str, tried["lost"][number * starts : (number + 1) * starts])
        ),
        "why": " ".join(diagnosis.reasons),
    }
    for number, (topology, diagnosis) in enumerate(zip(own, diagnoses, strict=True))
).style.hide(axis="index")

# %% [markdown]
# And those that were drawn: how many failed, by what was said of them before.

# %% tags=["hide-input"]
fresh_runs = tried[tried["is_fresh"]]
pd.DataFrame(
    {
        "verdict": verdict,
        "networks": len(mine),
        "strange": mine["strange"].sum(),
        "lost a class": (mine["lost"] > 0).sum(),
        "expected to lose one": f"{mine[CHANCE].sum():.1f}",
    }
    for verdict, mine in fresh_runs.groupby("verdict", sort=False)
).style.hide(axis="index") if drawn else None

# %% tags=["nbval-check-output", "hide-input"]
print(f"rule and rule of thumb agree: {agree:,} of {len(runs):,}")
for name, quality in qualities.items():
    print(
        f"{name}, strange: {quality.failed} of {quality.runs} failed, {quality.flagged} "
        "called risky, "
        f"{quality.hits} of them failed"
    )
for name, lead in leads.items():
    print(
        f"{name}, ahead of the {lead['best rival']}: "
        f"{lead['ahead by']:+.2f} ({lead['from']:+.2f} to {lead['to']:+.2f})"
    )
for name, table in calibrated.items():
    for row in table.itertuples():
        print(
            f"{name}, stated {row.stated:.0%}: lost a class {row.lost} of {row.networks}"
        )
if drawn:
    print(
        f"drawn afresh: {fresh_runs['strange'].sum()} of {len(fresh_runs)} strange, "
        f"{fresh_runs['risky'].sum()} called risky, "
        f"{(fresh_runs['strange'] & fresh_runs['risky']).sum()} both; lost a class "
        f"{(fresh_runs['lost'] > 0).sum()}, expected {fresh_runs[CHANCE].sum():.1f}"
    )

# %% tags=["remove-input"]
columns = ["family", "radix_lists", "layer_sizes", "seed", "verdict", CHANCE]
columns += ["train_accuracy", "test_accuracy", "test_classes"]
plots.download(runs[columns], "predict_networks.csv")

# %% tags=["remove-cell"]
from companion.page import report

whole = qualities["new networks"]
few_found, many_alarms = [], []
for name, quality in list(qualities.items())[1:]:
    if quality.recall < 0.9:
        few_found.append(f"{name} ({quality.hits} of {quality.failed} found)")
    if quality.precision < 0.5:
        many_alarms.append(
            f"{name} ({quality.hits} of {quality.flagged} called risky were strange)"
        )
short = [*few_found, *many_alarms]
word = "Partly predicted" if short else "Predicted"
if whole.recall < 0.5:
    word = "Not predicted"
per_family = [lead for name, lead in leads.items() if name in by_family]
clear = sum(lead["from"] > 0 for lead in per_family)
behind = sum(lead["ahead by"] < 0 for lead in per_family)
report(
    predict_verdict=f"{word}: of {whole.failed} strange models among {whole.runs:,} networks that the "
    f"rule was not made with, {whole.hits} were called risky from their masks alone, and {whole.precision:.0%} of the {whole.flagged} called "
    "risky were strange"
    + (f". It falls short in {' and in '.join(short)}" if short else "")
    + f". It is clearly ahead of the best rival in {clear} of {len(per_family)} families, and "
    f"behind in {behind}; {agree:,} of {len(runs):,} times it says no more than whether some class "
    "has at most two connections or sees fewer than half of the inputs"
    if whole.failed
    else "Nothing to predict: none of the new networks is strange",
)

# %% [markdown]
# ## Try this
#
# - `radix_lists = [[[6, 5], [1]], [[6, 5], [2]]]` with `starts = 20`: units of their own against
#   shared ones.
# - `choice_seed = 1`: other networks, other starts. How often is the rule wrong?
# - `layer_sizes = [784, 100, 100, 50, 10]` with `radix_lists = []`: a deeper network, from lists of
#   four radices.
# - `dataset = "fashion-mnist"`, [which is fetched first](../reference/rerun.md): does the rule know
#   anything about digits?
