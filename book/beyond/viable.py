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
# # Are RadiX-Nets viable?
#
# Is a {term}`RadiX-Net` a good sparse network to train, beside those that the field makes in other
# ways? And what does it owe to its mixed-radix pattern?
#
# **The paper's title calls them viable** and never compares their accuracy with another sparse
# network's {cite}`kwak2023`. Here ten of each {term}`sparsity` have rivals with as many connections in
# all, by methods that choose them before, after or during training; and all have controls with as
# many in each layer, which differ from them in one respect after another. What is compared, by which
# tests, and what would refute what was written down before each was run, in
# `book/companion/experiments/viable_plan.yml`.

# %% tags=["parameters"]
# Data sets to show; "mnist", "fashion-mnist" or both. Those that were not run yet are left out.
datasets = ["mnist", "fashion-mnist"]
# Sparsities to show, any of 0.8, 0.9, 0.95, 0.98 and 0.99, in rising order.
sparsities = [0.8, 0.9, 0.95, 0.98, 0.99]
# What the other networks are compared with in the last picture.
reference = "Erdos-Renyi"

# %%
import numpy as np
import pandas as pd
from scipy import stats

from companion import colours, plots, published_runs
from companion import parameters as rule
from companion.contrasts import Difference
from companion.experiments import viable, viable_live
from companion.parameters import check
from companion.viability import (
    CELL,
    DECIDING_FIT,
    accuracies,
    comparisons,
    differences,
    leads,
    statements,
    what_was_wanted,
    with_rivals,
)
from radixnet import RadixTopology, load_dataset

plan = viable.plan()
check(
    globals(),
    datasets=rule.several(rule.one_of("mnist", "fashion-mnist")),
    sparsities=rule.several(rule.one_of(*plan["networks"]), increasing=True),
    reference=rule.one_of(*plan["arms"]),
)

# %% [markdown]
# ## Among the methods of the field
#
# Radix lists are drawn at random, from numbers that no other chapter uses, and kept when the
# network has the sparsity wanted, to within 5 % of its {term}`density`. The first ten of
# each sparsity, folded, meet these rivals. Each but the dense one has as many connections in all,
# shared out over the layers in its own way. They follow {cite:t}`lee2019`, {cite:t}`wang2020`, {cite:t}`tanaka2020`,
# {cite:t}`frankle2019`, {cite:t}`mocanu2018`, {cite:t}`evci2020rigl` and {cite:t}`zhang2025`, but for
# what is said below:

# %% tags=["hide-input"]
field = plan["methods"]
pd.DataFrame(
    {"network": name, "what it is": what}
    for name, what in (field["arms"] | field["starts"]).items()
).style.hide(axis="index")

# %%
runs = published_runs("viable")
done = set(runs[CELL].itertuples(index=False, name=None))
missing = [
    f"{dataset}, {fit}, {sparsity:.0%}"
    for dataset, fit, sparsity in viable.stages()
    if (dataset, fit, sparsity) not in done
]
chosen = runs[runs["dataset"].isin(datasets) & runs["wanted_sparsity"].isin(sparsities)]
if chosen.empty:
    raise ValueError(
        f"parameter datasets is {datasets}: {', '.join(missing)} was not run yet"
    )
shown = accuracies(chosen)
judged = differences(runs, plan, comparisons(plan, viable.stages()))

methods = published_runs("viable_methods")
rivals = with_rivals(runs, methods)
rival_accuracy = accuracies(rivals)
deciding = [stage for stage in viable.stages() if stage[1] == DECIDING_FIT]
beside = differences(rivals, plan | field, comparisons(field, deciding))
standing = statements(beside, plan | field, len(deciding))

# %% tags=["figure", "hide-input"]
present = [name for name in datasets if name in set(chosen["dataset"])]
means = []
for (dataset, _, sparsity), networks in rival_accuracy.groupby(level=CELL):
    for arm in ["radix", "even random", "receptive fields", *field["arms"]]:
        known = networks[arm].dropna() if arm in networks else []
        if len(known) > 1 and dataset in present and sparsity in sparsities:
            mean = Difference.paired(known, np.zeros(len(known)))
            means.append(
                {"dataset": dataset, "wanted_sparsity": sparsity, "arm": arm}
                | {name: getattr(mean, name) for name in ("mean", "low", "high")}
            )
means = pd.DataFrame(means)
signs = {"radix": "o", "even random": "H", "receptive fields": "X", "dense": "_"}
signs |= {"ERK": "x", "small world": "+", "SNIP": "^", "GraSP": "v", "SynFlow": "<"}
signs |= {"one-shot": "s", "lottery ticket": "D", "SET": "1", "RigL": "*", "CHTs": "P"}
signs |= {"permuted pixels": ">", "shuffled": "d", "Erdos-Renyi": "p"}
marks = {arm: sign for arm, sign in signs.items() if arm in set(means["arm"])}


def draw_among(figure):
    """Draw the errors of RadiX-Nets among those of their rivals, a panel for each data set."""
    panels = figure.subplots(1, len(present), squeeze=False)[0]
    for axes, dataset in zip(panels, present, strict=True):
        plots.draw_errors(axes, means[means["dataset"] == dataset], marks)
        axes.set_title(dataset)
    panels[0].set_ylabel("test error, %")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6
    )


ends = []
for dataset in present:
    there = means[means["dataset"] == dataset]
    there = there[there["wanted_sparsity"] == sparsities[-1]].set_index("arm")
    sparse = there["mean"].drop(["radix", "dense"], errors="ignore")
    own, best = there.loc["radix", "mean"], sparse.idxmax()
    ends.append(
        f"{dataset}, {sparsities[-1]:.0%}: RadiX-Nets {own:.1f} %, "
        f"{best} {there.loc[best, 'mean']:.1f} %"
    )
plots.themed(
    draw_among,
    alt="Test error of RadiX-Nets and their rivals by sparsity, with intervals, a panel for each "
    f"data set. Mean accuracy of RadiX-Nets and of the best sparse rival: {'; '.join(ends)}.",
    size=(9, 4.6),
)

# %% [markdown] tags=["caption"]
# Test error after ten epochs, lower is better, on a logarithmic scale: the mean over ten drawn
# networks and its 95 % interval, not corrected for the number of tests. RadiX-Nets are blue. Within
# a sparsity, from left to right: networks that are wired at random or by place, chosen before
# training, pruned after it, and those that exchange connections while they train. *Even random* and
# *receptive fields* have the RadiX-Net's number of connections in every layer too; they are two of
# the controls below. Where a rival is missing it was not run yet.

# %% tags=["hide-input"]
texts = beside.assign(
    text=[f"{row.mean:+.2f} {row.word}" for row in beside.itertuples()]
)
table = texts.pivot_table(
    "text",
    index=["dataset", "contrast"],
    columns="wanted_sparsity",
    aggfunc="first",
    fill_value="",
    sort=False,
)
table.sort_index(axis="columns").rename(columns="{:.0%}".format).rename_axis(
    index=["", "points ahead of"], columns=None
)

# %% [markdown]
# Points of {term}`test accuracy` by which RadiX-Nets are ahead of each rival, by paired t tests
# with Holm's correction over this table: *ahead* or *behind*; else *equal*, if both one-sided tests
# put the difference within 0.2 points on {term}`MNIST` and 0.4 on Fashion-MNIST; else *undecided*.
# The last two rows of each data set are another question: how far SET and RigL are ahead when they
# begin as a RadiX-Net, of beginning as random connections with its number in every layer. Whether a
# statement holds is decided over ten cells, two data sets and five sparsities: it does when ahead in six and behind in
# none; it is refuted when behind, or equal, in six and ahead in none; else it is undecided. Cells
# that were not run count for nothing. Holm's correction covers all comparisons that the plan lays
# down, run or not, so what is *ahead* or *behind* stays so as more are run.
#
# SNIP, GraSP, SynFlow, one-shot pruning and lottery tickets choose connections of a dense network, and
# start with the weights that these have there. Every other network starts scaled by {term}`fan-in`.
# *Are the rivals done well?* below says what this is worth.

# %% tags=["hide-input"]
standing.drop(columns="contrast").style.hide(axis="index").set_properties(
    subset=["statement"], **{"text-align": "left"}
)

# %% [markdown]
# ## Beside controls with as many connections in every layer
#
# Rivals differ from a RadiX-Net in everything at once. These controls, of all drawn networks,
# folded and trimmed, differ in one respect after another and have its number in every layer:

# %% tags=["hide-input"]
pd.DataFrame(
    {"network": name, "what it is": what} for name, what in plan["arms"].items()
).style.hide(axis="index")

# %% [markdown]
# All arms of a drawn network share their starts: connections that two of them have in common begin
# with the same weight, but for its scale, and the images come in the same order. The scale goes by
# the {term}`fan-in` of each unit, as is usual for sparse networks. The network is the unit of every test; its starts
# are averaged first.

# %% [markdown]
# ## What the lead, or the lag, is made of
#
# These comparisons form a chain. Permuting the pixels takes away that a RadiX-Net joins neighbours in
# the image. Shuffling keeps only how many connections each unit has. Spreading these evenly takes
# that away too. Each step is judged by a paired t test, corrected for all tests of the
# experiment (Holm), and else called *equal* when both one-sided tests put it within the margin of
# equivalence: 0.2 points on {term}`MNIST`, 0.4 on Fashion-MNIST. These two are not corrected, as
# the plan says; the last column, here and above, counts what would still be equal if they were.
#
# **The first steps hold one thing more.** Folding gives the first rows of the image up to twice the
# connections of the others, and on MNIST these rows are mostly blank. Permuting spreads them.
# Shuffling, which begins from the RadiX-Net itself, leaves them there. So the steps *joins
# neighbouring pixels* and *its fan-ins and fan-outs* contain what this costs, and *mixed-radix
# pattern* the opposite. Below the picture is how far each step goes with it.

# %% tags=["hide-input"]
steps = {
    "neighbourhood": "joins neighbouring pixels",
    "wiring": "mixed-radix pattern",
    "degrees": "its fan-ins and fan-outs",
    "evenness": "evenness itself",
    "budgets of layers": "connections in each layer",
}
# A step has the sign of the networks that lack what it takes away.
lacking = {name: plan["paired"][name][1] for name in steps if name in plan["paired"]}
lacking["budgets of layers"] = "ERK"
last_step = []
for (dataset, fit, sparsity), networks in rival_accuracy.groupby(level=CELL):
    both = networks.reindex(columns=["Erdos-Renyi", "ERK"]).dropna()
    if len(both) > 1:
        gain = Difference.paired(both["Erdos-Renyi"], both["ERK"])
        last_step.append(
            {"contrast": "budgets of layers", "dataset": dataset, "fitted": fit}
            | {"wanted_sparsity": sparsity, "mean": gain.mean}
            | {"low": gain.low, "high": gain.high}
        )
chain = pd.concat([judged, pd.DataFrame(last_step)])


def draw_steps(figure):
    """Draw what each step is worth, for folded networks."""
    panels = figure.subplots(1, len(present), sharey=True, squeeze=False)[0]
    for axes, dataset in zip(panels, present, strict=True):
        margin, ink = plan["margin"][dataset], axes.xaxis.label.get_color()
        axes.axhspan(-margin, margin, color=ink, alpha=0.1, linewidth=0)
        for number, (contrast, name) in enumerate(steps.items()):
            found = chain[
                (chain["contrast"] == contrast)
                & (chain["dataset"] == dataset)
                & (chain["fitted"] == DECIDING_FIT)
                & chain["wanted_sparsity"].isin(sparsities)
            ]
            place = [sparsities.index(each) for each in found["wanted_sparsity"]]
            place = np.array(place) + (number - 2) * 0.16
            axes.vlines(place, found["low"], found["high"], color=ink, linewidth=1)
            axes.plot(
                place,
                found["mean"],
                signs[lacking[contrast]],
                color=ink,
                label=name,
            )
        axes.axhline(0, color=ink, linewidth=0.8)
        axes.set_xticks(
            range(len(sparsities)), [f"{100 * each:g}%" for each in sparsities]
        )
        axes.grid(axis="y", alpha=0.6)
        axes.set(title=dataset, xlabel="sparsity", xlim=(-0.5, len(sparsities) - 0.5))
    panels[0].set_ylabel("points gained by it")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3
    )


plots.themed(
    draw_steps,
    alt="Points that folded RadiX-Nets gain by each step of the chain, with intervals, by sparsity; "
    "the band marks the margin within which two kinds count as equal.",
    size=(9, 3.8),
)

# %% [markdown]
# Points of {term}`test accuracy` that folded networks gain by each step, with 95 % intervals. Grey:
# the margin within which two kinds count as equal. The last step is another kind of gain: how far
# random connections with the RadiX-Net's number in each layer are ahead of ERK, which has as many
# in all and shares them out by the sizes of layers. It belongs to ten networks of each sparsity,
# was added when the first results of rivals were known, and no verdict rests on it.

# %% tags=["hide-input"]
exposed = []
for (dataset, sparsity), networks in shown.xs(DECIDING_FIT, level="fitted").groupby(
    level=["dataset", "wanted_sparsity"]
):
    if sparsity >= 0.98:
        variances = load_dataset(dataset).train_images.var(axis=0)
        folded = [
            RadixTopology(lists, plan["layer_sizes"], fit="fold")
            for lists in viable.drawn_lists("fold", sparsity)
        ]
        seen = [viable.exposure(network, variances) for network in folded]
        row = {
            "where": f"{dataset}, {sparsity:.0%}",
            "a connection sees": f"{np.mean(seen):.3f}",
        }
        for contrast in ("neighbourhood", "wiring", "degrees"):
            first, second = (networks[arm] for arm in plan["paired"][contrast])
            goes_with = stats.pearsonr(seen, first - second)
            row[steps[contrast]] = (
                f"{goes_with.statistic:+.2f} (p {goes_with.pvalue:.4f})"
            )
        exposed.append(row)
pd.DataFrame(exposed).style.hide(axis="index")

# %% [markdown]
# How much a connection of the first layer sees: the variance of its pixel in the training images,
# averaged over the layer, as a multiple of what even {term}`fan-outs <fan-out>` would see. And how, over the
# forty folded networks of 98 and of 99 %, what a step gains goes with it (Pearson's correlation).
# Added after a review; no verdict rests on it. On MNIST some of each of these steps is the place of
# the doubled connections, and that the pattern is *equal* is partly two effects that cancel.

# %% tags=["hide-input"]
verdicts = statements(judged, plan, len(deciding))
verdicts.drop(columns="contrast").style.hide(axis="index").set_properties(
    subset=["statement"], **{"text-align": "left"}
)

# %% [markdown]
# The same rule decides. Statements are about folded networks. The paper *trims*; trimmed networks,
# and two comparisons that no statement rests on. Trimmed networks of every kind often lose classes
# ({doc}`strange`): their means are of networks that work and of networks that do not, hence so many
# undecided.

# %% tags=["hide-input"]
besides = {
    ("trim", "all together"): "trimmed RadiX-Nets against random ones",
    ("trim", "neighbourhood"): "trimmed: joins neighbouring pixels",
    ("trim", "wiring"): "trimmed: mixed-radix pattern",
    ("fold", "against live"): "folded RadiX-Nets against evenly spread random ones",
    ("fold", "degrees"): "folded: fan-ins and fan-outs",
}
words = ["ahead", "equal", "undecided", "behind"]
others_counted = []
for (fit, contrast), what in besides.items():
    mine = judged[(judged["fitted"] == fit) & (judged["contrast"] == contrast)]
    counted = {word: int((mine["word"] == word).sum()) for word in words}
    span = f"{mine['mean'].min():+.2f} to {mine['mean'].max():+.2f}"
    others_counted.append({"comparison": what, **counted, "points": span})
pd.DataFrame(others_counted).style.hide(axis="index")

# %% [markdown]
# What {py:func}`radixnet.recommend` adds to folding, in points ahead of random folded lists: the mean,
# its 95 % interval, which is not corrected, and the word of the plan. {doc}`choose` looks closer, and
# leaves out the random network that is recommended too.

# %% tags=["hide-input"]
wanted = what_was_wanted(judged)
print(*wanted, sep="\n")
leads(judged, "choosing")

# %% tags=["hide-input"]
others = [name for name in plan["arms"] if name not in (reference, "even random, live")]
ran = set(shown.index.droplevel("network"))
titles = {
    "fold": "folded RadiX-Nets and their controls",
    "trim": "trimmed RadiX-Nets and theirs",
}


def gaps(dataset, fit, arm):
    """Return how far an arm is ahead of the reference at each sparsity: mean, low, high."""
    found = []
    for sparsity in sparsities:
        if (dataset, fit, sparsity) in ran:
            networks = shown.xs((dataset, fit, sparsity), level=CELL)
            gap = Difference.paired(networks[arm], networks[reference])
            found.append((gap.mean, gap.low, gap.high))
        else:
            found.append((np.nan,) * 3)
    return np.array(found)


def draw(figure):
    """Draw a panel for each data set and fit, an arm of the experiment after the other."""
    panels = figure.subplots(len(present), len(titles), sharey="col", squeeze=False)
    for row, dataset in zip(panels, present, strict=True):
        for axes, (fit, title) in zip(row, titles.items(), strict=True):
            for number, arm in enumerate(others):
                place = np.arange(len(sparsities)) + (number - 2) * 0.12
                mean, low, high = gaps(dataset, fit, arm).T
                ink = axes.xaxis.label.get_color()
                colour = colours.NORMAL if arm == "radix" else ink
                axes.vlines(place, low, high, color=colour, linewidth=1)
                axes.plot(
                    place, mean, signs[arm], color=colour, label=arm, markersize=5
                )
            axes.axhline(0, color=ink, linewidth=0.8)
            axes.set_xticks(
                range(len(sparsities)), [f"{100 * each:g}%" for each in sparsities]
            )
            axes.grid(axis="y", alpha=0.6)
            axes.set(
                title=f"{dataset}: {title}",
                xlabel="sparsity",
                xlim=(-0.5, len(sparsities) - 0.5),
            )
        row[0].set_ylabel(f"points ahead of {reference}")
    figure.legend(
        *panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=5
    )


last = [gaps(name, DECIDING_FIT, "radix")[-1] for name in present]
plots.themed(
    draw,
    alt=f"Points of test accuracy ahead of {reference} networks, by sparsity, with intervals; a panel "
    "for each data set and fit. At the highest sparsity folded RadiX-Nets are ahead by "
    + ", ".join(
        f"{gap[0]:+.2f} on {name}" for gap, name in zip(last, present, strict=True)
    )
    + ".",
    size=(9, 1.2 + 3.2 * len(present)),
)

# %% [markdown]
# Each mark is the mean over drawn networks, with its 95 % interval: how far networks of one kind
# are ahead of random ones with as many connections in every layer. A RadiX-Net (blue) above 0 beats
# chance; one below "even random" would do better with its connections spread evenly at random. The
# two columns have scales of their own. Intervals are not corrected for the number of tests.

# %% [markdown]
# ## Evenness, or connections that lead nowhere?
#
# Random connections leave some hidden units without inputs or without outputs, and what is connected
# to these lies on no {term}`path` from an input to an output. Share of all connections that do not, mean
# over the drawn networks, in per cent:

# %% tags=["hide-input"]
nowhere = pd.DataFrame(
    {
        f"{sparsity:.0%}": {
            arm: 100 * np.mean(shares)
            for arm, shares in viable_live.lost_shares(sparsity).items()
        }
        for sparsity in sparsities
    }
)
nowhere.style.format("{:.1f}")

# %% [markdown]
# So evenly spread connections may be ahead of Erdos-Renyi ones only because none of theirs is lost.
# *Erdos-Renyi, live* has random connections of which some were moved so that none is; it was added
# last, with a plan of its own, `viable_live_plan.yml`. A statement holds when ahead in three of four
# comparisons, at 98 and 99 %, and behind in none. Points by which evenly spread connections are ahead
# of these:

# %% tags=["hide-input"]
try:
    live = published_runs(viable_live.LIVE)
except ValueError:  # not run yet
    live = runs.iloc[:0]
live_plan = plan | viable_live.plan()
living = pd.concat([runs[runs["fitted"] == DECIDING_FIT], live])
living = living[living["wanted_sparsity"].isin(live_plan["sparsities"])]
living = differences(living, live_plan, comparisons(live_plan, viable_live.cells()))
leads(living, "evenness among the living")

# %% tags=["hide-input"]
live_standing = statements(living, live_plan, len(viable_live.cells()))
live_standing.drop(columns="contrast").style.hide(axis="index").set_properties(
    subset=["statement"], **{"text-align": "left"}
)

# %% [markdown]
# ## What it costs to exchange connections
#
# Less than 10 % of the time of training was wanted. Seconds that a run takes beyond those of ERK, for
# the same network, data and start, on the same machine with the same versions; the median over
# networks and starts. The two ran one soon after the other, beside other work:

# %% tags=["hide-input"]
same = [*CELL, "network", "seed"]
same += [name for name in methods if name.startswith("provenance_")]
seconds = methods[[*same, "variant", "seconds"]]
fixed = seconds[seconds["variant"] == "ERK"]
beyond = seconds[seconds["variant"].isin(["SET", "RigL", "CHTs"])].merge(
    fixed, on=same, suffixes=("", "_of_erk")
)
beyond["share"] = beyond["seconds"] / beyond["seconds_of_erk"] - 1
cost = beyond.pivot_table(
    "share", "variant", ["dataset", "wanted_sparsity"], "median", sort=False
)
cost = cost.sort_index(axis="columns").rename_axis(index=None, columns=[None, None])
cost.style.format("{:+.0%}").format_index(
    lambda value: f"{value:.0%}" if isinstance(value, float) else value, axis="columns"
)

# %% [markdown]
# ## How well they learn
#
# Mean {term}`test accuracy` after the last epoch, in per cent, of folded networks and their
# controls:

# %% tags=["hide-input"]
shown.xs(DECIDING_FIT, level="fitted").groupby(
    level=["dataset", "wanted_sparsity"]
).mean()[list(plan["arms"])].style.format("{:.2f}").format_index(
    lambda value: f"{value:.0%}" if isinstance(value, float) else value
)

# %% [markdown]
# ## A hundred epochs
#
# Mean {term}`test accuracy` in per cent on the way through a hundred epochs, to see whether ranks
# change: of the first three drawn networks, one start each, those whose runs are whole. No verdict
# rests on it.


# %% tags=["hide-input"]
def if_run(name):
    """Return published runs; none of them when they were not run yet."""
    try:
        return published_runs(name)
    except ValueError:
        return methods.iloc[:0]


longer = if_run("viable_longer")
on_the_way = []
for (dataset, sparsity), there in longer.groupby(["dataset", "wanted_sparsity"]):
    for epochs in (10, 30, 100):
        reached = 100 * there["test_accuracy_curve"].str[epochs - 1].astype(float)
        row = {
            "where": f"{dataset}, {sparsity:.0%}",
            "networks": there["network"].nunique(),
        }
        row |= {"epochs": epochs} | reached.groupby(there["variant"]).mean().to_dict()
        on_the_way.append(row)
pd.DataFrame(on_the_way or [{"epochs": "not run yet"}]).style.format(precision=2).hide(
    axis="index"
)

# %% [markdown]
# ## Are the rivals done well?
#
# Published test errors on MNIST with {term}`LeNet 300-100`, in per cent, beside ours: the mean of three
# starts and their range. Units have biases, as there. *Adam* is how all networks of this page are
# trained, but on all 60,000 images and for thirty epochs. *SGD* is nearer to what SNIP's authors
# describe {cite}`lee2019`: momentum, a learning rate of 0.1 that falls, weight decay; forty epochs.
# The dense network's published error is theirs. Their code also brings images to mean 0 and variance 1
# and draws new weights once connections are chosen. RigL's authors train for longer. Of tickets, the
# paper says that they are better than the dense network {cite}`frankle2019`; they are trained by Adam as
# there, for ten epochs.

# %% tags=["hide-input"]
public = if_run("viable_public")


def errors_of(arm, settings):
    """Return the test errors of published runs of an arm, in per cent, a start after the other."""
    mine = public[public["variant"] == arm]
    mine = mine[mine[list(settings)].eq(pd.Series(settings)).all(axis=1)]
    return 100 * (1 - mine.set_index(["wanted_sparsity", "network"])["test_accuracy"])


def beside_published(found, published_error):
    """Return errors in words: mean, range, and whether they reach the published one."""
    if found.empty:
        return "not run yet"
    reached = "reached" if found.mean() <= published_error else "missed"
    return f"{found.mean():.2f} ({found.min():.2f} to {found.max():.2f}), {reached}"


of_public = field["public"]
errors = []
for method in ("dense", "SNIP", "RigL"):
    for sparsity, published_error in of_public[method].items():
        row = {"method": method, "sparsity": f"{sparsity:.1%}"}
        row["published"] = f"{published_error:.2f}"
        for name, settings in of_public["settings"].items():
            found = errors_of(method, settings)
            found = found[found.index.get_level_values(0) == sparsity]
            row[name] = beside_published(found, published_error)
        errors.append(row)
ticket, whole = (
    errors_of(arm, of_public["settings_of_ticket"])
    for arm in ("lottery ticket", "dense")
)
kept = of_public["kept_in_a_round"] ** of_public["rounds"]
row = {"method": "lottery ticket", "sparsity": f"{1 - kept:.1%}", "SGD": ""}
row["published"] = "below dense" if whole.empty else f"below dense, {whole.mean():.2f}"
row["Adam"] = beside_published(ticket, whole.mean())
errors.append(row)
pd.DataFrame(errors).style.hide(axis="index")

# %% [markdown]
# Points of {term}`test accuracy` that methods gain when they start with the weights that were scored,
# over the same connections with these weights scaled by fan-in, as all started before; paired by
# drawn network, with 95 % intervals:

# %% tags=["hide-input"]
gains = []
for (dataset, _, sparsity), networks in rival_accuracy.groupby(level=CELL):
    for method in field["rescaled"]["arms"]:
        arms = [method, f"{method}, rescaled"]
        both = networks.reindex(columns=arms).dropna()
        if len(both) > 1:
            gain = Difference.paired(*(both[arm] for arm in arms))
            text = f"{gain.mean:+.2f} ({gain.low:+.2f} to {gain.high:+.2f})"
            gains.append(
                {"method": method, "where": f"{dataset}, {sparsity:.0%}", "gain": text}
            )
pd.DataFrame(gains, columns=["method", "where", "gain"]).pivot_table(
    "gain", index="method", columns="where", aggfunc="first", sort=False
).rename_axis(index=None, columns=None)

# %% tags=["nbval-check-output", "hide-input"]
print(
    f"runs: {len(runs):,}; not run yet, of controls: {'; '.join(missing) or 'nothing'}"
)
print(f"runs of rivals: {len(methods):,}")
for row in pd.concat([verdicts, standing, live_standing]).to_dict("records"):
    print(f"{row['statement']}: {row['verdict']}")
    print("    " + ", ".join(f"{word} {row[word]}" for word in (*words, "not run")))
print(*ends, sep="\n")
for row in [*errors, *gains, *exposed]:
    print("; ".join(f"{name} {value}" for name, value in row.items()))
for row in others_counted:
    print("; ".join(f"{name} {value}" for name, value in row.items()))
print("recommended lists against random folded ones:", *wanted, sep="\n    ")
for method, shares in cost.iterrows():
    print(
        f"{method} takes longer than ERK, wanted less than 10 %: {shares.min():.0%} to "
        f"{shares.max():.0%}"
    )
for arm, shares in nowhere.iterrows():
    print(
        f"{arm}, connections on no path, %: "
        + ", ".join(f"{share:.1f} at {name}" for name, share in shares.items())
    )

# %% tags=["remove-input"]
plots.download(
    pd.concat([judged, beside.assign(contrast="rivals, " + beside["contrast"])]),
    "viable_differences.csv",
)

# %% tags=["remove-cell"]
from companion.page import report

folded, rival = verdicts.set_index("contrast"), standing.set_index("contrast")
pattern, chance = folded.loc["wiring"], folded.loc["all together"]
trimmed, _, _, evenly, _ = others_counted
cells = int(pattern[words].sum())
lags = [
    f"{name} in {rival.loc[arm, 'behind']} of {int(rival.loc[arm, words].sum())}"
    for arm, name in {
        "lottery ticket": "lottery tickets",
        "CHTs": "CHTs",
        "RigL": "RigL",
    }.items()
]
report(
    viable_in_short=(
        f"Of {cells} comparisons with random networks as sparse in every layer, folded ones lead in "
        f"{chance['ahead']} and trail in {chance['behind']}, trimmed ones in {trimmed['ahead']} and "
        f"{trimmed['behind']}; lottery tickets lead folded ones in "
        f"{rival.loc['lottery ticket', 'behind']}"
    ),
    viable_verdict=(
        f"{'Open' if chance['verdict'] == 'undecided' else 'Answered'}: folded RadiX-Nets are ahead "
        f"of random connections with as many in every layer in {chance['ahead']} of {cells} "
        f"comparisons and behind in {chance['behind']}; trimmed ones, as in the paper, in "
        f"{trimmed['ahead']} and {trimmed['behind']}. Folded ones are behind evenly spread "
        f"connections in {evenly['behind']}; of methods that choose or exchange connections by "
        f"training, behind {lags[0]}, {lags[1]} and {lags[2]}. That the mixed-radix pattern itself "
        f"helps: {pattern['verdict']}"
    ),
)

# %% [markdown]
# ## What was not tried
#
# - On this page, networks other than {term}`LeNet 300-100` and data other than images; {doc}`elsewhere`
#   tries some.
# - Trimmed RadiX-Nets among the rivals.
# - Tuning. All have one learning rate, and as many epochs once their connections are chosen; one-shot
#   pruning has trained ten epochs before, tickets thirty to seventy. A RadiX-Net has nothing to tune
#   but its lists, and these are drawn.
# - Rivals of more than ten networks at 98 and 99 %, where controls have forty; so some lags of half a
#   point stay undecided.
# - A control that spreads the RadiX-Net's doubled connections over the image and keeps its pattern.
# - Rivals just as published. Tickets here keep 40 to 80 % of what is left in a round, not 80 %; one-shot
#   pruning goes back to the start, and no network trains on from the weights that it had when it was
#   pruned; SNIP's published code draws new weights once connections are chosen; new weights of SET
#   start at zero; GraSP sees the first 100 images, not as many of each class; CHTs lacks its sparse
#   first wiring and its dense last layer.
# - Of CHTs {cite}`zhang2025`, its path-based score, its choice of a first wiring, and densities that
#   fall; of RigL {cite}`evci2020rigl` and SET {cite}`mocanu2018`, first wirings other than random.
# - Connections that change and begin with weights other than zero.
# - RadiX-Nets as a start for SET and RigL where the table above has no number, and of training for a
#   hundred epochs what its table lacks: planned, and not run yet.
# - Networks matched by connections that are alive. Methods that choose connections may leave some
#   that lead nowhere, and these count. *Erdos-Renyi, live* controls for it at 98 and 99 % alone, *even
#   random, live* in trimmed networks.
# - A cheaper exchange of connections.
#
# `make results ARGS=viable` trains all of it again, resumable; `radixnet.wirings` makes the
# controls for any layer sizes.

# %% [markdown]
# ## Try this
#
# - `reference = "even random"`: what every kind gains or loses against connections spread evenly at
#   random.
# - `sparsities = [0.98, 0.99]`: the sparsest ones alone.
