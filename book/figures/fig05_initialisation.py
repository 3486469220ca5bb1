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
# # Figure 5: sixteen starts for every sparsity
#
# How much does the start matter?
#
# **The paper draws** the range of {term}`validation accuracies <validation accuracy>` over sixteen
# {term}`seeds <seed>` for five random networks from every tenth of the
# {term}`sparsities <sparsity>`: "For denser networks, ranges are within 2%, though a quick
# fluctuation occurs once sparsities exceed 50%, increasing markedly in networks of 90% sparsity or
# higher. However, across all sparsities, the median (blue dot) {term}`training accuracy` remains
# stable" {cite}`kwak2023`.
#
# Two tenths are empty: no {term}`legal` {term}`radix list` of these radices gives such a sparsity.

# %% tags=["parameters"]
# Largest radix; radices run from 1 to this integer, which is 2 or more.
largest_radix = 10
# Units in each layer: 784 pixels, one hidden layer or more, at least 10 classes.
layer_sizes = [784, 300, 100, 10]
# Number of networks drawn at random from each tenth of the sparsities; 1 or more.
per_decile = 5
# Seed for drawing the networks; an integer of at least 0.
choice_seed = 0
# Number of starts of every network, from seeds 0, 1, ...; 2 or more.
starts = 16
# Passes over the training images; 1 or more. The paper states none for this figure.
epochs = 3
# Images per training step; 1 or more.
batch_size = 100

# %% tags=["hide-input"]
import numpy as np
import pandas as pd

import radixnet as rx
from companion import colours, experiments, plots, working_store
from companion import parameters as rule
from companion.claims import fig05
from companion.claims.measurement import leave_claims
from companion.parameters import check

check(
    globals(),
    largest_radix=rule.whole(2),
    layer_sizes=rule.layer_sizes(least=3),
    per_decile=rule.whole(1),
    choice_seed=rule.whole(0),
    starts=rule.whole(2),
    epochs=rule.whole(1),
    batch_size=rule.whole(1),
)

# %% [markdown]
# ## Which networks
#
# Sparsities are those of the trained networks, after they were cut to the {term}`layer sizes`.
# Networks with equal {term}`masks <mask>` count once. A tenth with fewer networks than `per_decile`
# contributes all it has.

# %%
chosen = experiments.fig5_topologies(
    largest_radix, layer_sizes, per_decile, choice_seed
)
pd.DataFrame(
    {
        "sparsity": f"{decile * 10} to {decile * 10 + 10} %",
        "networks": len(topologies),
        "radix lists": ", ".join(
            rx.format_radix_lists(topology.radix_lists) for topology in topologies
        ),
    }
    for decile, topologies in chosen.items()
).style.hide(axis="index")

# %% [markdown]
# ## Training
#
# Published runs, and runs already trained here, are read and not trained again.

# %% tags=["remove-stderr"]
topologies = [topology for decile in chosen.values() for topology in decile]
specs = experiments.fig5(
    topologies, range(starts), epochs=epochs, batch_size=batch_size
)
finished = rx.sweep(specs, store=working_store(), on_failure="raise")

# %%
runs = finished[
    [
        "radix_lists",
        "sparsity",
        "seed",
        "train_accuracy",
        "validation_accuracy",
        "test_accuracy",
    ]
].assign(
    network=np.repeat(np.arange(len(topologies)), starts),
    decile=np.repeat(
        [decile for decile, members in chosen.items() for _ in members], starts
    ),
    strange=experiments.is_strange(finished),
)
networks = runs.groupby("network").agg(
    radix_lists=("radix_lists", "first"),
    decile=("decile", "first"),
    sparsity=("sparsity", "first"),
    lowest=("validation_accuracy", "min"),
    median=("validation_accuracy", "median"),
    highest=("validation_accuracy", "max"),
    strange=("strange", "any"),
)
networks["range"] = networks["highest"] - networks["lowest"]
networks["output_fan_in"] = [
    topology.diagnose().min_output_fan_in for topology in topologies
]
few = networks["output_fan_in"] <= plots.FEW
networks[
    ["radix_lists", "sparsity", "output_fan_in", "lowest", "median", "highest", "range"]
].style.hide(axis="index").format(
    {
        "sparsity": "{:.1%}",
        "lowest": "{:.1%}",
        "median": "{:.1%}",
        "highest": "{:.1%}",
        "range": "{:.1%}",
    }
)


# %% tags=["figure", "hide-input"]
def draw(figure):
    """Draw each network's range over its starts against its sparsity."""
    axes = figure.subplots()
    plots.stretch_sparsity(axes, min(networks["sparsity"].max() + 0.002, 0.9999))
    plots.draw_by_fan_in(axes, networks["sparsity"], networks["range"], few, size=36)
    axes.set_yscale("log")
    ticks = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    axes.set_yticks(ticks, [f"{100 * tick:g}" for tick in ticks])
    axes.set_yticks([], minor=True)
    axes.hlines(0.02, 0, 0.5, color=colours.PAPER, linestyle=":", linewidth=1.6)
    axes.annotate(
        "the paper: within 2 up to 50 %",
        (0, 0.02),
        xytext=(0, 4),
        textcoords="offset points",
        color=colours.PAPER,
        fontsize="small",
    )
    axes.set(
        xlabel="sparsity (stretched towards 100 %)",
        ylabel=f"range over {starts} starts, percentage points (logarithmic)",
    )
    axes.legend(loc="upper left", title="smallest output fan-in", markerscale=1.5)


bands = fig05.ranges_by_band(networks)
ranges = {name: values for name, values in bands.items() if len(values)}
in_words = "; ".join(
    f"{name}: {values.min():.1%} to {values.max():.1%}"
    for name, values in ranges.items()
)
plots.themed(
    draw,
    alt=f"Range of validation accuracy over {starts} starts against sparsity, a mark for each of "
    f"{len(networks)} networks, on a logarithmic axis. Ranges by sparsity: {in_words}.",
    size=(8.5, 5),
)

# %% [markdown] tags=["caption"]
# A mark for each network: how far the best and the worst of its starts lie apart in
# {term}`validation accuracy`. They are widest in the three networks in which a class hangs on one
# or two connections (triangles), which are not the three sparsest. Of the others, `[[4, 5, 1]]` and
# `[[6, 4, 6]]` reach 11 points, all the rest less than 2.5. The vertical axis is logarithmic; that
# of {term}`sparsity` is stretched towards 100 %.

# %% tags=["interactive", "remove-input"]
plots.explore_ranges(
    networks,
    0.02,
    (0, 0.5),
    layer_sizes,
    alt=f"Range of validation accuracy over {starts} starts of each of {len(networks)} networks "
    "against sparsity, by the smallest output fan-in.",
)

# %% [markdown]
# ## As the paper draws it
#
# The claim that medians are stable is about the accuracies themselves. A bar for each network, from
# the worst of its starts to the best, with a dot for every run and a line at the median.


# %% tags=["hide-input"]
def draw_as_the_paper(figure):
    """Draw a bar per network, its runs on it, and the tenths of the sparsities."""
    axes = figure.subplots()
    accuracies = [mine["validation_accuracy"] for _, mine in runs.groupby("network")]
    plots.draw_seeds(axes, accuracies, few)
    edges = networks.reset_index().groupby("decile")["network"].agg(["min", "max"])
    for edge in edges["max"].iloc[:-1]:
        axes.axvline(edge + 0.5, color=axes.xaxis.label.get_color(), linewidth=0.5)
    axes.set(
        ylim=(0, 1),
        ylabel="validation accuracy",
        xlabel="sparsity of the networks",
        xlim=(-0.7, len(networks) - 0.3),
    )
    axes.set_xticks(
        edges.mean(axis=1),
        [f"{decile * 10} to\n{decile * 10 + 10} %" for decile in edges.index],
    )
    axes.tick_params(axis="x", length=0)


plots.themed(
    draw_as_the_paper,
    alt=f"A bar per network from the worst to the best of its {starts} starts, "
    f"{len(networks)} networks from dense to sparse. "
    f"Medians lie at {networks['median'].min():.1%} to {networks['median'].max():.1%}.",
    size=(8.5, 4),
)

# %% tags=["nbval-check-output", "hide-input"]
medians = networks["median"]
empty = [f"{d * 10} to {d * 10 + 10} %" for d, members in chosen.items() if not members]
print(f"networks: {len(networks)}; runs: {len(runs)}")
print(f"tenths of the sparsities without a network: {', '.join(empty) or 'none'}")
for name, values in ranges.items():
    print(
        f"sparsity {name}, range over seeds, median and largest: "
        f"{values.median():.1%}, {values.max():.1%}"
    )
print(f"medians of the networks: {medians.min():.1%} to {medians.max():.1%}")
for name, rows in {"3 or more": ~few, "2 or less": few}.items():
    if rows.any():
        print(
            f"largest range, output fan-in of {name}: {networks.loc[rows, 'range'].max():.1%}"
        )

# %% tags=["remove-input"]
plots.download(networks.reset_index(), "fig05_networks.csv")

# %% tags=["remove-input"]
plots.download(runs, "fig05_seeds.csv")

# %% tags=["remove-cell"]
from companion.page import report

missing = [f"{name} sparse" for name in bands if name not in ranges]
because = (
    f"no network is {' or '.join(missing)}"
    if missing
    else f"the networks' medians, stable in the paper, lie up to {100 * np.ptp(medians):.1f} "
    f"points apart; up to 50% sparsity ranges over seeds reach {ranges['up to 50 %'].max():.1%} "
    "(the paper: within 2%), and median ranges are "
    f"{', '.join(f'{values.median():.1%}' for values in ranges.values())} "
    "in three bands of rising sparsity"
)
report(
    fig05_runs=f"{len(runs):,}",
    fig05_because=because,
)
leave_claims(
    fig05.dense_within_2(networks),
    fig05.fluctuation_above_50(networks),
    fig05.marked_above_90(networks),
    fig05.median_stable(networks),
    fig05.due_to_strange(networks),
)

# %% [markdown]
# ## Try this
#
# - `choice_seed = 1`: other networks from the same tenths. How much of the picture is luck of the
#   draw?
# - `epochs = 10`: do the starts of a network converge with time?
# - `largest_radix = 20`, `per_decile = 3`: are the two empty tenths still empty?
