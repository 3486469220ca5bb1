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
# # Figure 7: which pixels a sparse network looks at
#
# Does pruning empty the edges of the image, and is a RadiX-Net's map more symmetrical?
#
# **The paper shows** two {term}`saliency` maps at 99 % {term}`sparsity`. The map of a pruned
# network is to show that "Low-magnitude pruning crudely removes weights that contribute little to
# the network, evident by the lack of activity in edge inputs", because of "gradients minimizing the
# weight of those outer connections". "Conversely, the radial symmetry of the {term}`RadiX-Net`'s
# saliency map underscores its versatility across datasets and capacity to preserve information at
# high sparsities" {cite}`kwak2023`. The paper states no measure, no {term}`radix list` and no
# accuracy.
#
# Three measures stand for these words here. A pixel's *saliency* is, as in the paper, the absolute
# value of the sum of its outgoing first-layer weights. *Radial symmetry* is the share of a map's
# variance that distance from the centre explains, compared with maps of the same values shuffled
# over the pixels. *Edge pixels* lie outside the box of 20 by 20 pixels into which every digit of
# {term}`MNIST` was fitted {cite}`lecun1998`.
#
# The limits in the claims were set before these results were known. Later additions are marked in
# [the list](../claims.md): the kind of pruning, the comparisons with the best pruned network, at
# equal connections and of the two maps' symmetry; and that ten RadiX-Nets, each from a
# {term}`seed` of its own, stand where one from two seeds did.

# %% tags=["parameters"]
# Share of zero weights in the pruned networks; at least 0, less than 1, leaving every layer one.
sparsity = 0.99
# Units in each layer: 784 pixels, hidden layers or none, at least 10 classes.
layer_sizes = [784, 300, 100, 10]
# Radix lists of the RadiX-Nets, different legal ones with a radix for every size but the first; the first is drawn.
radix_lists = [[[1, 2, 50]], [[1, 2, 49]], [[1, 2, 48]], [[1, 3, 33]], [[1, 1, 100]], [[1, 2, 47]], [[1, 1, 99]], [[1, 1, 98]], [[1, 2, 46]], [[1, 3, 32]]]  # fmt: skip
# A seed for each of them and its pruned networks; different integers of at least 0.
seeds = [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000]
# Seeds of the gradually pruned networks; different integers of at least 0, or none: [].
gradual_seeds = [1000]
# Gradual pruning brings each layer ("layer") or all layers together ("network") to the sparsity.
gradual_scope = "layer"
# Passes over the training images; 1 or more.
epochs = 3
# Images per training step; 10 or more (Keras is slow for fewer), and few enough for two steps.
batch_size = 100

# %% tags=["hide-input"]
from itertools import pairwise

import numpy as np
import pandas as pd

import radixnet as rx
from companion import parameters as rule
from companion import plots
from companion.claims import fig07
from companion.claims.measurement import leave_claims
from companion.parameters import check
from companion.pruning_comparison import AS_MANY, MODELS, compare_with_pruning

check(
    globals(),
    sparsity=rule.number(0, below=1),
    layer_sizes=rule.layer_sizes(),
    radix_lists=rule.several(rule.radix_lists(layer_sizes)),
    seeds=rule.several(rule.whole(0)),
    gradual_seeds=rule.several(rule.whole(0), 0),
    gradual_scope=rule.one_of("layer", "network"),
    epochs=rule.whole(1),
    # In one epoch, 54,000 training images make two steps or more.
    batch_size=rule.whole(10, 53_999 if gradual_seeds and epochs == 1 else None),
)
smallest = min(before * after for before, after in pairwise(layer_sizes))
if round(sparsity * smallest) == smallest:
    raise ValueError(
        f"parameter sparsity is {sparsity}: a layer of {smallest:,} weights would keep none; "
        "give less, or larger layer_sizes"
    )

# %% [markdown]
# ## The RadiX-Nets
#
# The paper prints no radix list. We chose ten by their wiring alone, before any training: among
# {term}`legal` lists with {term}`radices <radix>` up to 100 in which every pixel still reaches
# every class after {term}`trimming`, those closest to 99 %. Sparser lists leave pixels or classes
# unconnected once cut to LeNet's sizes. They therefore have more connections than the networks
# pruned to 99 %, which favours them; so we also prune networks to exactly as many connections as
# each has.

# %%
topologies = [rx.RadixTopology(lists, layer_sizes) for lists in radix_lists]
diagnoses = [topology.diagnose() for topology in topologies]
pd.DataFrame(
    {
        "radix lists": rx.format_radix_lists(topology.radix_lists),
        "sparsity": f"{topology.sparsity:.2%}",
        "connections": f"{sum(topology.connection_counts):,}",
        "pixels that reach a class": f"{diagnosis.input_coverage:.0%}",
        "pairs of pixel and class with a path": f"{diagnosis.connected_pairs:.0%}",
    }
    for topology, diagnosis in zip(topologies, diagnoses, strict=True)
).style.hide(axis="index")

# %% [markdown]
# ## Training
#
# A RadiX-Net and the networks beside it see the same images in the same order and start from the
# same weights, drawn as in the paper. *One-shot* pruning removes the smallest weights of the trained dense network
# {cite}`han2015`, in each layer or over the whole network; *retrained* is the wiring that is left,
# trained on its own from the start {cite}`frankle2019`. *Gradual* pruning removes weights during
# training, by a polynomial schedule {cite}`zhu2017`.

# %% tags=["remove-stderr"]
comparison = compare_with_pruning(
    topologies,
    sparsity,
    seeds=seeds,
    gradual_seeds=gradual_seeds,
    gradual_scope=gradual_scope,
    epochs=epochs,
    batch_size=batch_size,
)
networks = comparison.networks
medians = networks.groupby("model").median(numeric_only=True).drop(columns="seed")
medians = medians.reindex([model for model in MODELS if model in medians.index])
shown = {
    "sparsity": "{:.1%}",
    "connected_pixels": "{:.0%}",
    "edge_saliency": "{:.2f}",
    "ring_share": "{:.1%}",
    "turn_share": "{:.1%}",
    "test_accuracy": "{:.1%}",
}
medians[list(shown)].style.format(shown, na_rep="")

# %% [markdown]
# Medians over the RadiX-Nets, or over the networks beside them. `edge_saliency` is 1 if edge pixels are as salient as all
# others. `ring_share` and `turn_share` are the shares of the map's variance explained by distance
# from the centre and by symmetry under quarter turns.


# %% tags=["figure", "hide-input"]
def short(model):
    """Return what a model is called where all have as many connections."""
    return model.removeprefix(AS_MANY)


at_equal = [
    "RadiX-Net",
    *(model for model in networks["model"].unique() if model.startswith(AS_MANY)),
]
accuracies = {
    short(model): networks.loc[networks["model"] == model, "test_accuracy"].tolist()
    for model in at_equal
}
maps = {}
for model in ("one-shot, each layer", "RadiX-Net"):
    saliency = comparison.saliency(model, seeds[0])
    own = networks[(networks["model"] == model) & (networks["seed"] == seeds[0])]
    title = f"{model}\n{own['connections'].item():,} connections, {own['sparsity'].item():.1%} sparse"
    # Pruning can remove all of the first layer, which leaves no map.
    if saliency.any():
        maps[model] = title, saliency


def draw(figure):
    """Draw the two maps, and below them the accuracies at equal connections."""
    above, below = figure.subfigures(2, 1, height_ratios=(1.7, 1))
    panels = above.subplots(1, len(maps), squeeze=False)[0]
    for axes, (title, saliency) in zip(panels, maps.values(), strict=True):
        plots.draw_saliency_map(axes, saliency, title)
    axes = plots.draw_by_model(below.subplots(), accuracies, "RadiX-Net")
    axes.set(
        title="pruned to as many connections as the RadiX-Net beside them, a dot for each",
        xlabel="test accuracy",
    )


medians_at_equal = ", ".join(
    f"{model} {np.median(each):.1%}" for model, each in accuracies.items()
)
plots.themed(
    draw,
    alt="Above, saliency maps side by side: "
    + "; ".join(
        f"{model}, edge pixels {medians.loc[model, 'edge_saliency']:.2f} times as salient "
        "as the average pixel"
        for model in maps
    )
    + f". Below, test accuracies of networks with as many connections: {medians_at_equal}.",
    size=(8.5, 6.6),
)

# %% [markdown] tags=["caption"]
# Above: how strongly each pixel is connected (the absolute sum of its weights; each map has a scale
# of its own) in a network pruned once to the figure's sparsity, and in a RadiX-Net, which has more
# connections. The dashed box is where the digits are. Below: RadiX-Nets (blue) beside networks that
# are pruned to exactly as many connections.

# %% tags=["nbval-check-output", "hide-input"]
edges_empty = fig07.pruned_edges_empty(networks)
edges_shrink = fig07.gradients_minimise_edges(networks)
symmetry = fig07.radial_symmetry(networks)
better = fig07.better_than_pruning(networks)
edge_saliency = edges_empty["pruned_edge_saliency"]
edge_change = edges_shrink["edge_weights_after_over_before"]
dark_change = edges_shrink["never_lit_weights_after_over_before"]
radial, beyond = symmetry["radial_symmetry"], symmetry["maps_beyond_chance"]
radix, pruned = medians.loc["RadiX-Net"], medians.loc["one-shot, each layer"]
sparse = medians.drop(index=["dense", "RadiX-Net", "RadiX-Net, untrained"])
best = sparse["test_accuracy"].idxmax()
most_accurate = max(accuracies, key=lambda model: np.median(accuracies[model]))
radial_by_chance = networks["ring_p"] < 0.05
untrained = networks["model"] == "RadiX-Net, untrained"
print(
    f"one-shot pruned, saliency of edge pixels below half of an even map's: {edge_saliency < 0.5}"
)
print(f"dense, weights of edge pixels, after training over before: {edge_change:.1f}")
print(f"dense, weights of pixels that are always zero, the same: {dark_change:.1f}")
print(
    f"RadiX-Nets, maps more radial than nineteen in twenty shuffled ones: {beyond:.0%}"
)
print(f"before training, the same: {radial_by_chance[untrained].mean():.0%}")
print(f"RadiX-Nets, share of the map that distance explains: {radial:.0%}")
print(
    "RadiX-Nets, more radial than every kind of pruned network: "
    f"{radix['ring_share'] > sparse['ring_share'].max()}"
)
print(
    "test accuracy, to ten per cent, RadiX-Nets and one-shot pruned networks: "
    f"{radix['test_accuracy']:.1f} and {pruned['test_accuracy']:.1f}"
)
print(f"most accurate of those with as many connections: {most_accurate}")
print(f"pixels that the RadiX-Nets use: {radix['connected_pixels']:.0%}")

# %% tags=["remove-input"]
plots.download(networks, "fig07_networks.csv")

# %% tags=["remove-input"]
first = comparison.maps["seed"] == seeds[0]
plots.download(comparison.maps[first].round(4), "fig07_maps.csv")

# %% tags=["remove-cell"]
from companion.page import report


def points(quantity):
    """Return a difference in accuracy with its interval."""
    value, (low, high) = better[quantity], better.intervals[quantity]
    return f"{100 * value:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"


because = (
    f"on average over {len(topologies)} RadiX-Nets, their test accuracy less that of the best kind of "
    f"pruned network is {points('advantage_at_as_many_connections')} with as many connections, and "
    f"{points('advantage_over_the_best_pruned')} with "
    f"{radix['connections'] / pruned['connections']:.2f} times as many. Edge pixels of the pruned network keep {edge_saliency:.2f} "
    "times an even share of saliency, and training makes their weights "
    f"{'smaller' if edge_change < 1 else 'larger'}. Distance explains {radial:.0%} of the "
    "variance of the RadiX-Nets' maps and "
    f"{pruned['ring_share']:.0%} of the pruned networks'"
)
report(
    fig07_radix_sparsity=f"{topologies[0].sparsity:.1%}",
    fig07_radix_accuracy=f"{radix['test_accuracy']:.0%}",
    fig07_best_pruned=best,
    fig07_best_pruned_accuracy=f"{sparse.loc[best, 'test_accuracy']:.0%}",
    fig07_because=because,
)
leave_claims(edges_empty, edges_shrink, symmetry, better)

# %% [markdown]
# ## What the maps show
#
# A RadiX-Net is wired by a pixel's number, so that it joins neighbours, without regard to the
# distance from the centre. The data make its map radial: they light
# the middle pixels most often, and so for every network here. At the edge, pixels that are never
# lit have gradient zero and keep their {term}`starting weights` exactly; pixels that are lit now
# and then are moved by Adam, which takes full-sized steps for rare gradients.
#
# Three epochs are few: gradual pruning is usually given more. We did not try how the comparison
# ends after long training.

# %% [markdown]
# ## Try this
#
# - `sparsity = 0.98703`: with as many connections as the RadiX-Net has, what do the maps look like?
# - `sparsity = 0.9` with `radix_lists = [[[10, 10], [10]]]` and `seeds = [1000]`: where pruning is
#   gentle, which network keeps more?
# - `gradual_scope = "network"`: what does it cost to leave the last layer one weight in a hundred?
# - `epochs = 10`: do the edges of the pruned map empty, and does the RadiX-Net catch up?
