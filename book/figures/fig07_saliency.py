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
# Which pixels does a sparse network look at?
#
# **The paper shows** two {term}`saliency` maps at 99 % {term}`sparsity`. The one of a pruned
# network is there to show that "Low-magnitude pruning
# crudely removes weights that contribute little to the network, evident by the lack of activity in edge inputs", because of "gradients
# minimizing the weight of those outer connections". "Conversely, the radial symmetry of the
# {term}`RadiX-Net`'s saliency map underscores its
# versatility across datasets and capacity to preserve information at high sparsities" {cite}`kwak2023`. It prints no measure, no
# {term}`radix list` and no accuracy.
#
# Here a pixel's saliency is the absolute value of the sum of its outgoing first-layer weights, as in the paper. Radial symmetry is
# the share of a map's variance that distance from the centre explains, beside what the same values give when they are shuffled over the
# pixels. Edge pixels are those outside the box of 20 by 20 into which every digit of {term}`MNIST`
# was fitted {cite}`lecun1998`. The
# limits by which the claims below are judged are those of the book's list of claims, which was written without knowing these results.

# %% tags=["parameters"]
# Share of zeros in the weights of the pruned networks; at least 0, less than 1, and every layer keeps a weight.
sparsity = 0.99
# Neurons, inputs first: 784 pixels, hidden layers or none, at least 10 classes.
layer_sizes = [784, 300, 100, 10]
# Of the RadiX-Net, legal lists of positive integers; one radix for every size but the first.
radix_lists = [[1, 2, 50]]
# One network of every kind but the gradual for each; different integers of at least 0, one or more.
seeds = [1000, 2000]
# One gradually pruned network for each; different integers of at least 0, or none: [].
gradual_seeds = [1000]
# Gradual pruning brings "layer": each layer to the sparsity, "network": all together.
gradual_scope = "layer"
# Passes over the training images; 1 or more.
epochs = 3
# Images per training step; 10 or more, since Keras is slow for fewer, and gradual pruning needs two steps or more.
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
from companion.pruning_comparison import MODELS, compare_with_pruning
from companion.saliency import MNIST_SHAPE, rings, share_by_ring, symmetry_test

check(
    globals(),
    sparsity=rule.number(0, below=1),
    layer_sizes=rule.layer_sizes(),
    radix_lists=rule.radix_lists(layer_sizes),
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
        f"parameter sparsity is {sparsity}: a layer of {smallest:,} weights would keep none; give less, or larger layer_sizes"
    )

# %% [markdown]
# ## The RadiX-Net
#
# The paper prints no radix list. Chosen here, by its wiring alone and before any training, was the
# {term}`legal` list closest to 99 % after
# {term}`trimming` among those in which every pixel still reaches every class;
# {term}`radices <radix>` up to 100 were searched. Sparser ones than this leave
# pixels or classes unconnected once they are cut to LeNet's sizes, so the RadiX-Net has more connections than the pruned networks,
# which favours it.

# %%
topology = rx.RadixTopology(radix_lists, layer_sizes)
diagnosis = topology.diagnose()
pd.Series(
    {
        "sparsity": f"{topology.sparsity:.2%}",
        "connections": f"{sum(topology.connection_counts):,}",
        "pixels that reach a class": f"{diagnosis.input_coverage:.0%}",
        "pairs of pixel and class with a path": f"{diagnosis.connected_pairs:.0%}",
    },
    name=str(topology),
).to_frame()

# %% [markdown]
# ## Training
#
# All networks see the same images in the same order and start from the same weights, drawn as the paper draws them. One-shot pruning
# takes the trained dense network and removes its smallest weights {cite}`han2015`, in each layer or in the whole network alike;
# "retrained" is the wiring that is left, trained by itself from the start {cite}`frankle2019`. Gradual pruning removes them during
# training by a polynomial schedule {cite}`zhu2017`.

# %% tags=["remove-stderr"]
comparison = compare_with_pruning(
    topology,
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
# Medians over {term}`seeds <seed>`. `edge_saliency` is 1 when edge pixels have as much saliency as
# all others; `ring_share` and `turn_share` are the
# shares of the map's variance that distance from the centre, and symmetry under quarter turns, explain.


# %% tags=["figure", "hide-input"]
def values(column):
    """Return a column's values by model, in the order shown, every model with a row."""
    return {
        model: networks.loc[networks["model"] == model, column].dropna().tolist()
        for model in medians.index
    }


drawn = [
    model
    for model in ("dense", "one-shot, each layer", "gradual", "RadiX-Net")
    if model in medians.index
]
drawn_seeds = {
    model: int(networks.loc[networks["model"] == model, "seed"].iloc[0])
    for model in drawn
}
maps = {model: comparison.saliency(model, seed) for model, seed in drawn_seeds.items()}
# Pruned as a whole, a network can lose all of its first layer, and has no map.
maps = {model: saliency for model, saliency in maps.items() if saliency.any()}
test = symmetry_test(maps["RadiX-Net"], rings())


def draw(figure):
    """Draw maps side by side, their weight by distance, and the measures of all networks beside chance."""
    top, middle, bottom = figure.subfigures(3, 1, height_ratios=(2.3, 2.6, 3.1))
    for axes, (model, saliency) in zip(
        np.atleast_1d(top.subplots(1, len(maps))), maps.items(), strict=True
    ):
        own = networks[
            (networks["model"] == model) & (networks["seed"] == drawn_seeds[model])
        ]
        plots.draw_saliency_map(
            axes, saliency, f"{model}\n{own['sparsity'].item():.1%} sparse"
        )
    plots.draw_share_by_distance(
        middle.subplots(),
        {model: share_by_ring(saliency) for model, saliency in maps.items()},
        MNIST_SHAPE,
    )
    left, right = bottom.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    plots.draw_by_model(right, values("test_accuracy"))
    plots.draw_by_model(left, values("ring_share"), test.null)
    left.set(title="radial symmetry", xlabel="variance explained by distance")
    right.set(title="accuracy", xlabel="test accuracy", xlim=(0, 1))


plots.themed(
    draw,
    alt="Top, saliency maps side by side: "
    + "; ".join(
        f"{model}, edge pixels {medians.loc[model, 'edge_saliency']:.2f} times as salient as the average pixel"
        for model in maps
    )
    + ". Middle, the share of each map by distance from the centre, beside that of a map that is the same everywhere. "
    "Bottom, dots for each network: "
    f"distance explains {medians.loc['RadiX-Net', 'ring_share']:.0%} of the RadiX-Net's map, {test.null.mean():.0%} of one with "
    f"shuffled pixels; test accuracy is {medians.loc['RadiX-Net', 'test_accuracy']:.0%} for the RadiX-Net.",
    size=(8.5, 9.6),
)

# %% [markdown] tags=["caption"]
# Above: how strongly each pixel is connected, on one scale. Middle: where in the image these
# connections lie. Below: how radially symmetric each map is, beside chance (grey), and how well
# each network does.

# %% tags=["nbval-check-output", "hide-input"]
edges_empty = fig07.pruned_edges_empty(networks)
edges_shrink = fig07.gradients_minimise_edges(networks)
symmetry = fig07.radial_symmetry(networks)
better = fig07.better_than_pruning(networks)
edge_saliency = edges_empty["pruned_edge_saliency"]
edge_change = edges_shrink["edge_weights_after_over_before"]
dark_change = edges_shrink["never_lit_weights_after_over_before"]
radial, chance = symmetry["radial_symmetry"], symmetry["chance_of_as_much_symmetry"]
ahead_of_one_shot = better["advantage_in_test_accuracy"]
ahead_of_best = better["advantage_over_the_best_pruned"]
radix, pruned = medians.loc["RadiX-Net"], medians.loc["one-shot, each layer"]
sparse = medians.drop(index=["dense", "RadiX-Net", "RadiX-Net, untrained"])
best = sparse["test_accuracy"].idxmax()
untrained_p = networks.loc[networks["model"] == "RadiX-Net, untrained", "ring_p"]
print(
    f"one-shot pruned, saliency of edge pixels over that of an even map: {edge_saliency:.1f}"
)
print(
    f"training shrinks the weights of edge pixels by a tenth or more: {edge_change < 0.9}"
)
print(
    f"training changes the weights of pixels that are always zero: {abs(dark_change - 1) > 1e-6}"
)
print(f"RadiX-Net, radial symmetry beyond chance in every seed: {chance < 0.05}")
print(
    f"RadiX-Net before training, radial symmetry beyond chance in any seed: {bool((untrained_p < 0.05).any())}"
)
print(f"RadiX-Net, distance explains half of the map or more: {radial >= 0.5}")
print(
    f"RadiX-Net, more radial than every pruned network: {radial > sparse['ring_share'].max()}"
)
print(
    f"RadiX-Net, more accurate than the one-shot pruned network: {ahead_of_one_shot > 0}"
)
print(f"pixels that the RadiX-Net uses: {radix['connected_pixels']:.0%}")

# %% tags=["remove-input"]
plots.download(networks, "fig07_networks.csv")

# %% tags=["remove-input"]
plots.download(comparison.maps, "fig07_maps.csv")

# %% tags=["remove-cell"]
from companion.page import report

because = (
    f"edge pixels of the one-shot pruned network keep {edge_saliency:.2f} of the saliency of an even map, and "
    f"training makes their weights {'smaller' if edge_change < 1 else 'larger'} before pruning; the RadiX-Net's map is "
    f"{'more' if chance < 0.05 else 'no more'} radial than chance, with {radial:.0%} of its variance explained by "
    f"distance and {pruned['ring_share']:.0%} of the pruned network's; it is more accurate "
    + (
        f"in the median than every kind of pruned network, with {radix['connections'] / pruned['connections']:.2f} times as many "
        "connections"
        if ahead_of_best > 0
        else "than the one-shot pruned network only"
        if ahead_of_one_shot > 0
        else "than none"
    )
)
report(
    fig07_radix_sparsity=f"{topology.sparsity:.1%}",
    fig07_radix_accuracy=f"{radix['test_accuracy']:.0%}",
    fig07_best_pruned=best,
    fig07_best_pruned_accuracy=f"{sparse.loc[best, 'test_accuracy']:.0%}",
    fig07_because=because,
)
leave_claims(edges_empty, edges_shrink, symmetry, better)

# %% [markdown]
# ## What the maps show
#
# The dashed box is where digits are. The RadiX-Net is wired without any knowledge of where a pixel lies, so before training its map
# is not radial beyond chance; what becomes radial is the data, which light the middle pixels most often, and that holds for every
# network here. At the edge, pixels that are never lit have gradient zero and keep their
# {term}`starting weights` exactly; those that are lit
# now and then are moved by Adam, which takes steps of full size for rare gradients. Three epochs are few: gradual pruning is
# usually given more, and how the comparison ends after long training was not tried.

# %% [markdown]
# ## Try this
#
# - `sparsity = 0.98703`: pruned to as many connections as the RadiX-Net has, which network is ahead?
# - `sparsity = 0.9` with `radix_lists = [[10, 10], [10]]`: where pruning is gentle, which network keeps more?
# - `gradual_scope = "network"`: what does it cost to leave the last layer one weight in a hundred?
# - `epochs = 10`: do the edges of the pruned map empty, and does the RadiX-Net stay ahead?
