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
# shares of erratic networks are those of a single draw. Most claims rest on other runs: of 400
# of these lists, drawn at random, each from a seed of its own. Among them a network with several
# lists is more likely than others, so each counts by the inverse of its chance. The triangles add
# what the paper does not look at: the smallest {term}`output fan-in` of each network after
# trimming, that is, over how few connections its worst-off class is fed. Training accuracies, which
# the paper draws too, are in the numbers to download.

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

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

import radixnet as rx
from companion import colours, experiments, plots, published_runs, working_store
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
in_order = networks.sort_values("sparsity", kind="stable").index
networks = networks.loc[in_order].reset_index(drop=True)
limit = fig04.erratic_limit(networks.assign(weight=1), erratic_shortfall)
networks["erratic"] = erratic = networks["validation_accuracy"] < limit

# Fan-ins of 4 and more make one group.
groups = networks["output_fan_in"].clip(upper=4)
names = {4: "4 or more", 3: "3", 2: "2", 1: "1"}
if (groups == 0).any():
    names[0] = "0"
few = networks["output_fan_in"] <= plots.FEW

edges = np.array([0, 0.5, 0.75, 0.9, 0.95, 1])
bands = pd.cut(
    networks["sparsity"],
    edges,
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
    """Draw the validation accuracy of every network, and the medians of bands of sparsity."""
    axes = figure.subplots()
    plots.stretch_sparsity(axes, sparsest)
    plots.draw_by_fan_in(
        axes, networks["sparsity"], networks["validation_accuracy"], few
    )
    for is_few, mine in medians.groupby("few"):
        ends = [*mine["low"], mine["high"].iloc[-1]]
        colour = colours.FEW if is_few else axes.xaxis.label.get_color()
        plots.draw_band_medians(axes, ends, mine["median"], colour)
    if limit > 0:
        axes.axhline(
            limit, color=axes.xaxis.label.get_color(), linestyle=":", linewidth=1.2
        )
        axes.annotate(
            "erratic below this line",
            (0.01, limit),
            xytext=(0, -4),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="top",
            fontsize="small",
        )
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set(
        ylim=(0, 1),
        xlabel="sparsity (stretched towards 100 %)",
        ylabel="validation accuracy",
    )
    axes.legend(loc="lower left", title="smallest output fan-in", markerscale=1.5)


sparsest = min(networks["sparsity"].max() + 0.002, 0.9999)
medians = pd.DataFrame(
    {
        "few": is_few,
        "low": low,
        "high": min(high, sparsest),
        "median": networks.loc[
            (few == is_few) & (bands == band), "validation_accuracy"
        ].median(),
    }
    for is_few in (False, True)
    for band, low, high in zip(bands.cat.categories, edges, edges[1:], strict=False)
    if low < sparsest
)
in_words = "; ".join(
    f"{plots.FAN_IN_NAMES[is_few]}: {erratic[few == is_few].sum()} of {(few == is_few).sum():,}"
    for is_few in (False, True)
)
plots.themed(
    draw,
    alt=f"Scatter plot of validation accuracy against sparsity for {len(networks):,} networks, "
    "with medians of bands of sparsity. Accuracies go down to "
    f"{networks['validation_accuracy'].min():.0%}. Erratic networks, by the smallest output "
    f"fan-in: {in_words}.",
    size=(8.5, 5.4),
)

# %% [markdown] tags=["caption"]
# A mark for each network; triangles are those of which some class is fed over one or two
# connections. Bars are medians in bands of {term}`sparsity`. With one or two connections all of
# them lie below the dotted line, where networks are called {term}`erratic`; with three or more none
# does. Yet 106 of the 167 networks with exactly three are erratic, and 50 of the 58 that have three
# or more and are at least 98 % sparse. The sparsity axis is stretched towards 100 %.

# %% tags=["interactive", "remove-input"]
plots.explore_accuracies(
    networks,
    medians,
    limit,
    layer_sizes,
    alt=f"Scatter plot of validation accuracy against sparsity for {len(networks):,} networks, "
    "by their smallest output fan-in, with medians of bands of sparsity.",
)

# %% tags=["nbval-check-output", "hide-input"]
dense = networks["sparsity"] <= fig04.DENSER
fingerprint = pd.Series([spec.topology.fingerprint for spec in specs], finished.index)
different = networks[~fingerprint[in_order].duplicated().to_numpy()]
shares = {
    name: mine["erratic"].mean()
    for name, mine in fig04.bands(networks).items()
    if len(mine)
}
predict = published_runs("predict")
own = fig04.drawn(predict[predict["variant"] == experiments.FIG4_OWN_STARTS])
own_limit = fig04.erratic_limit(own, erratic_shortfall)
own = own.assign(erratic=own["validation_accuracy"] < own_limit)
own_ladder = [
    f"{fig04.erratic_share(mine)[0]:.1%}" for mine in fig04.bands(own).values()
]


def told_apart(values):
    """Return how often an erratic network has more than one that is not; ties count half."""
    yes, no = values[erratic], values[~erratic]
    return mannwhitneyu(yes, no).statistic / (len(yes) * len(no))


some = 0 < erratic.sum() < len(erratic)
print(f"radix lists trained: {len(networks):,}")
print(f"distinct networks among them: {len(different):,}; the paper says 1,130")
print(f"erratic networks, all: {erratic.sum():,}")
for name, value in shares.items():
    print(f"erratic, sparsity {name}: {value:.1%}")
print(
    f"different networks drawn, each from a seed of its own: {len(own):,}; erratic, weighted: "
    f"{', '.join(own_ladder)} of those bands"
)
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
sparse = networks["sparsity"] >= 0.98
print(
    "98 % sparsity and more, fan-in of 3 or more, erratic: "
    f"{erratic[sparse & ~few].sum()} of {(sparse & ~few).sum()}"
)

# %% tags=["remove-input"]
plots.download(networks, "fig04_accuracies.csv")

# %% tags=["remove-cell"]
from companion.page import report

low, middle, high = own_ladder
because = (
    f"estimated from {len(own):,} networks drawn, each from a seed of its own, {low} are erratic "
    f"up to 75% sparsity, {middle} up to 90% and {high} beyond"
)
if some:
    because += (
        ". From one seed, an erratic network is sparser than another in "
        f"{by_sparsity:.0%} of pairs, and has the smaller output fan-in in {by_fan_in:.0%}"
    )
report(
    fig04_networks=f"{len(networks):,}",
    fig04_erratic=f"{erratic.sum():,}",
    fig04_because=because,
)
claims_runs = dict(list(published_runs("claims").groupby("variant")))
leave_claims(
    fig04.strange_rise(own),
    fig04.erratic_above_75(own, different),
    fig04.variance_beyond_sparsity(own),
    fig04.fewer_parameters(networks),
    fig04.matches_dense(
        {each: claims_runs[f"Fig. 4, best of {each} %"] for each in experiments.BEST_OF}
    ),
    fig04.infrequent(own),
    fig04.not_most(own),
)

# %% [markdown]
# ## Try this
#
# - `largest_radix = 6`: fewer lists, none with a radix of 10. Which are still erratic?
# - `seed = 7`: another start for every network, with some minutes of training. Are the same ones
#   erratic?
# - `erratic_shortfall = 0.03`: which networks are merely slow?
