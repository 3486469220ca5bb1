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
# # Figure 4: how well every RadiX-Net learns
#
# How well does every RadiX-Net learn, and which fail?
#
# **The paper trains** every network that the {term}`radices <radix>` 1 to 10 give and plots
# training and {term}`validation accuracy` against {term}`sparsity`: "Once the sparsity level
# surpasses 75%, there is an increasing occurrence of {term}`erratic` training behavior,
# particularly at higher sparsity levels, illustrating the high variance among {term}`RadiX-Net`
# {term}`topologies <topology>` even when accounting for sparsity" {cite}`kwak2023`. It attributes
# this to "connection subsets formed by radices where a concentration of important input nodes have
# {term}`paths <path>` to a nonuniform set of output nodes".
#
# We train every {term}`legal` {term}`radix list` once, all from the same {term}`seed`. Networks
# therefore share the {term}`starting weights` of connections that they have in common, and the
# shares of erratic networks are those of a single draw. The colour adds what the paper does not
# look at: the smallest {term}`output fan-in` of each network after trimming, that is, over how few
# connections its worst-off class is fed.

# %% tags=["parameters"]
# Largest radix; radices run from 1 to this integer, which is 2 or more.
largest_radix = 10
# Units in each layer: 784 pixels, one hidden layer or more, at least 10 classes.
layer_sizes = [784, 300, 100, 10]
# Seed of starting weights, validation images and order of training; an integer of at least 0.
seed = 1000
# Passes over the training images; 1 or more. The paper states none for this figure.
epochs = 3
# Images per training step; 1 or more. The paper states none for this figure.
batch_size = 100
# Shortfall from the median of networks up to 75 % sparse beyond which one is erratic; 0 to 1.
erratic_shortfall = 0.1
# Number of networks in the window of the running quantiles; 2 or more.
window = 101

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

import radixnet as rx
from companion import experiments, plots, working_store
from companion import parameters as rule
from companion.claims import fig04
from companion.claims.measurement import leave_claims
from companion.parameters import check

check(
    globals(),
    largest_radix=rule.whole(2),
    layer_sizes=rule.layer_sizes(least=3),
    seed=rule.whole(0),
    epochs=rule.whole(1),
    batch_size=rule.whole(1),
    erratic_shortfall=rule.number(0, 1),
    window=rule.whole(2),
)

# %% [markdown]
# ## Training
#
# We follow the paper's set-up: no biases, weights from N(0, 0.05), ReLU, softmax, Adam at 0.001,
# cross-entropy, and the last 10 % of the shuffled training images held out. Published runs, and
# runs already trained here, are read and not trained again.

# %% tags=["remove-stderr"]
specs = experiments.fig4(
    largest_radix, layer_sizes, seed, epochs=epochs, batch_size=batch_size
)
finished = rx.sweep(specs, store=working_store(), on_failure="raise")

# %%
diagnoses = [spec.topology.diagnose() for spec in specs]
measures = ["train_accuracy", "validation_accuracy", "test_accuracy"]
networks = finished[["radix_lists", "sparsity", "connections", *measures]].assign(
    output_fan_in=[diagnosis.min_output_fan_in for diagnosis in diagnoses],
    input_coverage=[diagnosis.input_coverage for diagnosis in diagnoses],
    live_last_hidden_units=[diagnosis.live_units[-2] for diagnosis in diagnoses],
)
networks = networks.sort_values("sparsity", kind="stable", ignore_index=True)
limit = fig04.erratic_limit(networks, erratic_shortfall)
networks["erratic"] = networks["validation_accuracy"] < limit

# Fan-ins of 4 and more make one group.
groups = networks["output_fan_in"].clip(upper=4)
names = {4: "4 or more", 3: "3", 2: "2", 1: "1"}
if (groups == 0).any():
    names[0] = "0"
quantiles = {
    level: networks["validation_accuracy"]
    .rolling(window, center=True, min_periods=min(window, len(networks)) // 4)
    .quantile(level)
    for level in (0.1, 0.5, 0.9)
}

bands = pd.cut(
    networks["sparsity"],
    [0, 0.5, 0.75, 0.9, 0.95, 1],
    right=False,
    labels=["below 50 %", "50 to 75 %", "75 to 90 %", "90 to 95 %", "95 % and more"],
)
by_band = networks.groupby(bands, observed=True).agg(
    networks=("erratic", "size"),
    erratic=("erratic", "mean"),
    lowest=("validation_accuracy", "min"),
    median=("validation_accuracy", "median"),
    spread=("validation_accuracy", "std"),
)
by_band.style.format(
    {
        "erratic": "{:.1%}",
        "lowest": "{:.1%}",
        "median": "{:.1%}",
        "spread": "{:.3f}",
    },
    na_rep="",
)

# %% [markdown]
# A network is *erratic* if its validation accuracy lies more than `erratic_shortfall` below the
# median of the networks of up to 75 % sparsity; 0.1 is what one class of ten is worth. Spread is
# the standard deviation of validation accuracy within a band of sparsity.


# %% tags=["figure", "hide-input"]
def draw(figure):
    """Draw validation accuracy with its margins, and training accuracy below."""
    panels = figure.subplot_mosaic(
        [["top", "."], ["validation", "right"], ["train", "."]],
        width_ratios=(5, 1),
        height_ratios=(1, 5, 2.6),
    )
    largest = min(networks["sparsity"].max() + 0.002, 0.9999)
    main = panels["validation"]
    plots.draw_accuracies(
        main, networks["sparsity"], networks["validation_accuracy"], groups, names
    )
    plots.draw_quantiles(main, networks["sparsity"], quantiles)
    plots.draw_accuracies(
        panels["train"],
        networks["sparsity"],
        networks["train_accuracy"],
        groups,
        names,
        marker="v",
    )
    if limit > 0:
        main.axhline(limit, color="C4", linestyle=":", linewidth=1.2)
        main.annotate(
            "erratic below this line",
            (0.01, limit),
            xytext=(0, -4),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="top",
            color="C4",
            fontsize="small",
        )
    for axes in (main, panels["train"], panels["top"]):
        plots.stretch_sparsity(axes, largest)
    main.set(ylabel="validation accuracy", xlabel="")
    panels["train"].set_ylabel("training accuracy")
    edges = 1 - np.geomspace(1, 1 - largest, 50)
    order = list(names)
    plots.draw_counts(panels["top"], networks["sparsity"], groups, order, edges)
    panels["top"].set_title(
        "number of networks by sparsity; right: distribution of accuracies by fan-in"
    )
    plots.draw_outlines(
        panels["right"],
        networks["validation_accuracy"],
        groups,
        order,
        np.linspace(0, 1, 41),
    )
    panels["right"].set_ylim(0, 1)
    main.legend(loc="lower left", title="smallest output fan-in", markerscale=2)


share = networks.groupby(groups)["erratic"].mean()
lowest = networks["validation_accuracy"].groupby(groups).min()
by_group = (
    f"Of the networks whose smallest output fan-in is 4 or more, {share[4]:.1%} are erratic; "
    f"of those with fan-in 1, {share[1]:.0%}, with accuracies down to {lowest[1]:.0%}."
    if {1, 4} <= set(share.index)
    else f"Accuracies go down to {lowest.min():.0%}."
)
plots.themed(
    draw,
    alt=f"Scatter plot of validation accuracy against sparsity for {len(networks):,} networks, "
    "training accuracy below it. The running median stays between "
    f"{quantiles[0.5].min():.0%} and {quantiles[0.5].max():.0%}. {by_group}",
    size=(8.5, 8),
)

# %% [markdown] tags=["caption"]
# A dot for each network; the colour says over how few connections its worst-off class is fed.
# Most networks with one or two such connections fail. The {term}`sparsity` axis is
# stretched towards 100 %; dotted: the limit of what is called {term}`erratic`.

# %% tags=["interactive", "remove-input"]
plots.explore_accuracies(
    networks,
    names,
    quantiles,
    limit,
    layer_sizes,
    alt=f"Scatter plot of validation accuracy against sparsity for {len(networks):,} networks, "
    "coloured by their smallest output fan-in, with running quantiles.",
)

# %% tags=["nbval-check-output", "hide-input"]
dense, few = networks["sparsity"] <= fig04.DENSER, networks["output_fan_in"] <= 2
erratic = networks["erratic"]
distinct = len({spec.topology.fingerprint for spec in specs})
by_step = fig04.erratic_by_band(networks)
ladder = {name: value for name, value in by_step.items() if not np.isnan(value)}
increases = bool(np.all(np.diff(list(ladder.values())) > 0))


def told_apart(values):
    """Return how often an erratic network has more than one that is not; ties count half."""
    yes, no = values[erratic], values[~erratic]
    return mannwhitneyu(yes, no).statistic / (len(yes) * len(no))


some = 0 < erratic.sum() < len(erratic)
print(f"radix lists trained: {len(networks):,}")
print(f"distinct networks among them: {distinct:,}; the paper says 1,130")
print(f"erratic networks, all: {erratic.sum():,}")
for name, value in ladder.items():
    print(f"erratic, sparsity {name}: {value:.1%}")
if len(ladder) > 1:
    print(f"the share of erratic networks grows with sparsity: {increases}")
for key, name in names.items():
    mine = groups == key
    print(
        f"smallest output fan-in {name}, erratic: {erratic[mine].sum()} of {mine.sum()}"
    )
if some:
    by_sparsity = told_apart(networks["sparsity"])
    by_fan_in = told_apart(-networks["output_fan_in"])
    print(
        "pairs of an erratic and another network, share in which the erratic one is sparser: "
        f"{by_sparsity:.3f}"
    )
    print(f"the same, share in which it has the smaller output fan-in: {by_fan_in:.3f}")
print(
    "above 75 % sparsity, fan-in of 3 or more, erratic: "
    f"{erratic[~dense & ~few].sum()} of {(~dense & ~few).sum()}"
)

# %% tags=["remove-input"]
plots.download(networks, "fig04_accuracies.csv")

# %% tags=["remove-cell"]
from companion.page import report

if len(ladder) == 3:
    low, middle, high = (f"{value:.1%}" for value in ladder.values())
    because = (
        f"the share of erratic networks is {low} up to 75% sparsity, {middle} up to 90% "
        f"and {high} beyond; there are {distinct:,} distinct networks, "
        + ("as the paper says" if distinct == 1130 else "not 1,130")
    )
else:
    missing = " or ".join(name for name in by_step if name not in ladder)
    because = f"none of the {distinct:,} distinct networks has a sparsity {missing}"
if some:
    because += (
        ". In pairs of an erratic and another network, the erratic one is sparser in "
        f"{by_sparsity:.0%} and has the smaller output fan-in in {by_fan_in:.0%}"
    )
report(
    fig04_networks=f"{len(networks):,}",
    fig04_erratic=f"{erratic.sum():,}",
    fig04_because=because,
)
leave_claims(
    fig04.strange_rise(networks),
    fig04.erratic_above_75(networks),
    fig04.variance_beyond_sparsity(networks),
    fig04.fewer_parameters(networks),
    fig04.matches_dense(networks),
    fig04.infrequent(networks),
    fig04.not_most(networks),
)

# %% [markdown]
# ## Try this
#
# - `largest_radix = 6`: fewer lists, none with a radix of 10. Which are still erratic?
# - `seed = 7`: another start for every network, with some minutes of training. Are the same ones
#   erratic?
# - `erratic_shortfall = 0.03`: which networks are merely slow?
