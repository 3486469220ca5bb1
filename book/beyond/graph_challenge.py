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
# # The Graph Challenge: a benchmark sixteen times narrower than it looks
#
# What do the largest RadiX-Nets compute, and how much of it is needed?
#
# **The paper says** nothing about it, but this is where RadiX-Nets are used most: the Sparse Deep Neural Network Graph Challenge {cite}`kepner2019challenge`
# runs 60,000 images through RadiX-Nets of up to 65,536 neurons a layer and 1,920 layers, and asks which images come out with anything
# above zero. Data sets of 137 GB are passed around for it. Here its networks are made by formula, layer by layer.
#
# Making them by formula shows what they are. All weights of a layer are equal, and every column stands there sixteen times; so the network
# *is* one of a sixteenth of the neurons, exactly. The test: the narrow network, found in the connections and not from the formula, gives the same
# values as one that follows every connection, and is refused where weights differ.

# %% tags=["parameters"]
# Neurons a layer, and pixels of an image; 256, 1024 or 4096. The official bias is that of 1024.
width = 1024
# Layers, an integer from 1 to 1920; the official networks have 120, 480 or 1920.
depth = 120
# What is added to every sum that is not zero, a number from -2 to 0; officially -0.3, and less for wider networks.
bias = -0.3
# Images that are sent through here, the first of MNIST; an integer from 1 to 10000.
images = 2000

# %%
import numpy as np
import pandas as pd

from companion import parameters as rule
from companion import plots, published
from companion.graph_challenge import training
from companion.parameters import check
from radixnet.graph_challenge import (
    CAP,
    PUBLISHED_CATEGORIES,
    PUBLISHED_PIXELS,
    WEIGHT,
    infer,
    layers,
    mnist_images,
    prepare,
)
from radixnet.graph_challenge.official import COPIES
from radixnet.initializers import starting_weights

check(
    globals(),
    width=rule.one_of(256, 1024, 4096),
    depth=rule.whole(1, 1920),
    bias=rule.number(-2, 0),
    images=rule.whole(1, 10_000),
)

# %% [markdown]
# ## The wiring, and sixteen equal columns
#
# A network of $n = 16 N'$ neurons a layer, $N' = 2^L$, comes in blocks of $L$ layers. In the layer with place value $v = 1, 2, 4, \dots, N'/2$ of
# the first block, neuron $a$ feeds neuron $b$ when $(a - b) \bmod N'$ is 0 or $v$: the RadiX-Net of radix list $[2, \dots, 2]$ and dense
# width 16. In every later block the *inputs* of all its layers are shuffled by one permutation, the inverse of MATLAB's `randperm(n)` on the stream
# that MATLAB starts with, one draw a block. Each layer makes
#
# $$y' = \min(32, \max(0, y W + b)),$$
#
# with all weights $1/16$, and adds the bias only where the sum is not zero.
#
# With 1,024 neurons this gives all 120 layers of the official files, entry by entry. That the wider networks follow the same rule is a
# *conjecture*: nobody here has had their files. `python -m radixnet.graph_challenge.check FOLDER` compares a folder of them.

# %%
network = layers(width, depth)
sent = mnist_images(width, images)

values = np.concatenate(list(sent.blocks())).astype(np.float32)
times = np.ones(images, np.int64)  # equal rows stay equal: each is kept once
alive, different = [], []
shown = np.zeros(width, np.float32)
look_at = min(network.block + 1, depth)
for number, layer in enumerate(network, start=1):
    sums = values @ (layer * WEIGHT)
    values = np.where(sums != 0, np.clip(sums + np.float32(bias), 0, CAP), 0)
    living = values.any(axis=1)
    rows = np.ascontiguousarray(values[living]).view(np.dtype((np.void, 4 * width)))
    _, first, kind = np.unique(rows.ravel(), return_index=True, return_inverse=True)
    values, times = values[living][first], np.bincount(kind, times[living]).astype(int)
    alive.append(int(times.sum()))
    different.append(len(values))
    if number == look_at and len(values):
        shown = values[values.std(axis=1).argmax()]
saturated = bool((values == CAP).all())

narrow = prepare(network, "structured")
edges = int(narrow.edges.sum())


# %% tags=["figure", "hide-input"]
def draw(figure):
    """Draw the wiring of the first layer and of the first shuffled one, a layer's values, and what is left."""
    (first, shuffled), (copies, left) = figure.subplots(2, 2)
    later = min(network.block, depth - 1)
    plots.draw_adjacency(first, network[0].toarray(), "layer 1")
    plots.draw_adjacency(shuffled, network[later].toarray(), f"layer {later + 1}")
    plots.draw_copies(copies, shown, COPIES)
    copies.set_title(f"one image after layer {look_at}")
    plots.draw_what_is_left(left, alive, different)
    left.set_title("what is left of the images")


plots.themed(
    draw,
    alt="Four panels. The connections of layer 1 are straight diagonals, repeated 16 times either way; those of the first layer of the second "
    "block are the same with the inputs shuffled, grey noise. The values of one image in a layer, 16 copies below each other, form "
    f"unbroken vertical stripes. Of {images:,} images {alive[-1]:,} are left after {depth} layers, {'all alike' if different[-1] == 1 else f'in {different[-1]} different rows'}.",
    size=(8.5, 7),
)

# %% [markdown] tags=["caption"]
# Above: where the first layer and the first shuffled one have connections. Below, left: the values
# of one image after that layer, a row for each of the sixteen copies; the rows are equal. Right: how
# many images are left after each layer, and how many of these still differ.

# %% [markdown]
# The third panel is the finding: all sixteen copies of a neuron have the same value, so that its columns are unbroken. It holds whatever the
# image, and not by chance:
#
# 1. For each input, whether it feeds output $c$ depends on $c \bmod N'$ alone: the shuffle permutes inputs only.
# 2. So the outputs $c$, $c + N'$, ..., $c + 15 N'$ have the same inputs, and all weights are $1/16$, all biases $b$: they have the same value $y_c$.
# 3. In the next layer's sums, the copies of $y_c$ that feed an output can be taken together: $k$ of them add $k/16 \cdot y_c$.
# 4. So one neuron for each $c \bmod N'$, with the whole number $k$ over 16 for its weight, gives the same sums; then the same values.
# 5. By induction over the layers, the network of $16 N'$ neurons is one of $N'$, for every image. ∎
#
# In code nothing of this rule is used: `prepare(layers, "structured")` finds equal columns in the connections themselves, layer by layer. It
# finds more: the last layer of a block has $N'/2$ different columns only. Nothing is lost:

# %%
ways = {
    way: infer(sent, network, bias, way)
    for way in ("generic", "structured", "streamed")
}
generic = ways["generic"]
same_images = all(
    np.array_equal(answer.categories, generic.categories) for answer in ways.values()
)
apart = max(
    float(np.abs(answer.rows - generic.rows).max(initial=0)) for answer in ways.values()
)
pd.DataFrame(
    {
        "network": ["as given", "narrow"],
        "neurons a layer, at most": [width, max(narrow.widths[1:])],
        "products for an image": [edges, narrow.terms],
    }
).style.hide(axis="index").format(precision=0, thousands=",")

# %% [markdown]
# Where weights differ, the copies differ and there is nothing to merge. It is refused, with a word on what to do:

# %%
weighted = network[0].astype(np.float32)
weighted.data = np.random.default_rng(0).normal(size=weighted.nnz).astype(np.float32)
try:
    infer(sent, [weighted], bias, "structured")
except ValueError as refusal:
    refused = str(refusal)
print(refused)

# %% [markdown]
# ## What that says of results that are reported on it
#
# The benchmark was made to measure *systems*: that all weights are equal is in its definition, and a program that follows every connection does
# honest work, which carries over to networks that need it. Two things should be known, though, when its numbers are read.
#
# - **The network is narrow.** A program that merges equal columns does a sixteenth of the work or less and gives the official answer. Any
#   system that gains by noticing that values repeat, whatever it is made for, gains from this.
# - **The images die or become alike.** In the fourth panel most images are zero after a dozen layers. Those that are left rise to
#   the cap of 32 in every neuron, and stay there: 32 inputs of 32, over 16, are 64, less 0.3, cut to 32. From then on all that
#   are left are *one* row, and no layer changes it. The depth of 480 or 1,920 adds edges to the count, and nothing to the answer. SNICIT
#   {cite}`jiang2023snicit`, the fastest here, clusters rows that converge.
#
# So rates "60,000 x edges / seconds" of systems that use neither can be compared with each other; with those of a system that uses one, they cannot. None
# of it carries over to trained weights, below.
#
# ## The numbers
#
# `make graph-challenge` measures all of them in one run. *All counted* is the field's rate; *carried* counts the connections of those images only that
# were not yet dropped as zero. Making ready (packing a network, merging its columns) is not counted, as reading files is not by others; for *streamed* all is.

# %%
measured = pd.read_csv(published("graph_challenge.csv"))
measured["network"] = [
    f"{neurons:,} x {count:,}"
    for neurons, count in zip(measured["neurons"], measured["layers"], strict=True)
]
measured["all counted"] = measured["edges"] / measured["seconds"] / 1e9
measured["carried"] = (
    measured["carried_edges"].where(measured["carried_edges"] >= 0)
    / measured["seconds"]
    / 1e9
)
print(
    "measured on",
    *sorted(set(measured["machine"] + ", " + measured["cores"].astype(str) + " cores")),
)
measured[
    [
        *("network", "system", "prepare_seconds", "seconds"),
        *("all counted", "carried", "categories", "peak_gigabytes"),
    ]
].style.hide(axis="index").format(
    {
        "prepare_seconds": "{:.1f}",
        "seconds": "{:.2f}",
        "all counted": "{:,.0f} G/s",
        "carried": "{:,.0f} G/s",
        "categories": "{:,}",
        "peak_gigabytes": "{:.1f}",
    },
    na_rep="unknown",
)

# %% tags=["hide-input"]
quoted = pd.DataFrame(
    [
        ("1,024 x 120", "LAGraph, 1 thread", 9.7e9),
        ("65,536 x 1,920", "LAGraph, 1 thread", 3.7e9),
        ("1,024 x 120", "LAGraph, 40 threads", 100e9),
        ("65,536 x 1,920", "LAGraph, 40 threads", 65e9),
        ("1,024 x 120", "tiled SpMM, one A100", 13.1e12),
        ("65,536 x 1,920", "tiled SpMM, one A100", 7.7e12),
        ("1,024 x 120", "SNICIT, RTX A6000", 17.6e12),
        ("65,536 x 1,920", "SNICIT, RTX A6000", 350e12),
    ],
    columns=["network", "system", "rate"],
)
rates = measured.assign(rate=measured["all counted"] * 1e9)[
    ["network", "system", "rate"]
]
rates = pd.concat([rates, quoted], ignore_index=True)


def draw_rates(figure):
    """Draw our rates and those of three libraries here, and published ones on other machines."""
    axes = figure.subplots()
    plots.draw_rates(axes, rates, ("generic", "structured", "streamed"))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize="small")


best = rates.loc[rates["rate"].idxmax()]
ways_here = measured.pivot_table("seconds", "network", "system")
times_generic = (ways_here["generic"] / ways_here["structured"]).dropna()
plots.themed(
    draw_rates,
    alt=f"Edges per second on a logarithmic axis for each network, measured here and published; the highest is {best['rate'] / 1e12:,.1f} "
    f"T/s, {best['system']} on {best['network']}. Here, structured is up to {times_generic.max():.0f} times generic.",
    size=(8.5, 4.2),
)

# %% [markdown]
# How many edges a second each system works through, on a logarithmic axis; pink are the ways of this
# package, measured here as are the three libraries, the others are published.
#
# What was wanted before it was built, and what came of it:

# %% tags=["hide-input"]
small = measured[measured["network"] == "1,024 x 120"].set_index("system")
a_core = small.loc["generic", "carried"] / small.loc["generic", "cores"]
goals = {
    "generic, 1,024 x 120, carried images alone: 15 G edges/s a core": (a_core, 15),
    "structured, 1,024 x 120: 10 times generic": (times_generic["1,024 x 120"], 10),
}
longest = measured[measured["network"] == "65,536 x 1,920"]
if len(longest):
    minutes = longest["seconds"].min() / 60
    memory = longest["peak_gigabytes"].max()
    goals["65,536 x 1,920, minutes left of 30"] = (30 - minutes, 0)
    goals["65,536 x 1,920, gigabytes left of 8"] = (8 - memory, 0)
for goal, (reached_here, wanted) in goals.items():
    print(
        f"{goal}: {reached_here:.1f}, {'met' if reached_here >= wanted else 'not met'}"
    )

# %% [markdown]
# The published rates are those of their authors: LAGraph with SuiteSparse:GraphBLAS on a server of 20 cores and 40 threads {cite}`davis2019`, the
# champion of 2020 on one A100 {cite}`hidayetoglu2020`, and SNICIT {cite}`jiang2023snicit`. They count all images too, and skip dead ones where the system
# does. A CPU that runs the narrow network is beside GPUs that run the wide one: that is a statement on the network, and not on the GPUs.
#
# ## Is it the official answer?
#
# The connections are; the images are not quite. The official ones are MNIST's, interpolated and cut at a threshold, and which interpolation
# and threshold is not published. Of 16 common interpolations none gives the published numbers of pixels at two sizes. Here it is the bilinear one, cut
# where it comes nearest to the published number. The answers agree in most images and not in all:

# %%
at_120 = measured[(measured["layers"] == 120) & (measured["images"] == 60_000)]
answers = at_120.groupby("neurons").agg(
    {"answer": "nunique", "categories": "first", "official": "max", "common": "max"}
)
known = answers.index.map(PUBLISHED_CATEGORIES).astype(float)
official = pd.DataFrame(
    {
        "neurons": answers.index,
        "categories here": answers["categories"],
        "published": known,
        "more than published, %": 100 * (answers["categories"] / known - 1),
        "of these found here": answers["common"].where(answers["common"] >= 0),
        "pixels published": [PUBLISHED_PIXELS[each] for each in answers.index],
    }
)
official.style.hide(axis="index").format(
    {"more than published, %": "{:.1f}"}, precision=0, thousands=",", na_rep="not known"
)

# %% [markdown]
# More images come out than should, by about the same share at each width: what images do that are a little brighter in the wrong places. It
# agrees with the conjecture on the wider networks, and does not prove it: another permutation would hardly change how many.

# %% [markdown]
# ## Train it instead
#
# What is this wiring worth as a network that learns? The same connections at 1,024 neurons, with real weights, no residual connections, ReLU and no
# biases, on MNIST at 32 x 32 pixels; the last layer keeps the ten columns of the classes. Three epochs of Adam from two starts: the paper's,
# N(0, 0.05) for every weight, and spreads scaled by fan-in.

# %%
runs = pd.read_csv(published("graph_challenge_training.csv"))
names = {"normal": "N(0, 0.05), as in the paper", "fan_in": "scaled by fan-in"}
runs["start"] = runs["start"].map(names)

grey = training.larger_mnist().test_images[:500].astype(np.float32) / 255
sizes = {}
for start, name in names.items():
    flowing, sizes[name] = grey, []
    for weights in starting_weights(training.masks(12), 1000, start)[:-1]:
        flowing = np.maximum(flowing @ weights, 0)
        sizes[name].append(float(np.sqrt((flowing**2).mean())))
sizes = pd.DataFrame(sizes, index=range(1, 12))


# %% tags=["hide-input"]
def draw_training(figure):
    """Draw accuracy against depth on the left, and how signals fade before training on the right."""
    left, right = figure.subplots(1, 2)
    plots.draw_learning(left, runs)
    plots.draw_signal(right, sizes)


reached = runs.pivot_table("test_accuracy", "start", "depth")
plots.themed(
    draw_training,
    alt=f"Left: test accuracy against layers of weights. Scaled by fan-in, {reached.loc[names['fan_in'], 12]:.0%} at 12 layers; "
    f"from the paper's start, {reached.loc[names['normal'], 12]:.0%}. Right: the size of values before training, on a logarithmic axis: "
    "level when scaled by fan-in, falling straight from the paper's start.",
    size=(8.5, 3.8),
)

# %% [markdown]
# Left: a dot for each run, a line through the means of each start. Right: how large the values are
# after each layer before training, on a logarithmic axis.
#
# - **Two layers are too few.** In two layers of radix 2 a class sees the pixels of $2^2$ of the 64 residues, 64 of 1,024. After six, a block,
#   every pixel reaches every class.
# - **Depth decides by the start.** With 32 inputs and N(0, 0.05), a ReLU layer passes on $32 \cdot 0.05^2 / 2 = 4$ % of a signal's mean square, a fifth of its
#   size. Eleven layers leave a fifty-millionth; the loss does not leave $\ln 10$. Scaled by fan-in, the size stays and twelve layers learn.
# - **The copies differ.** Sixteen columns still have the same inputs, but each has weights of its own: no two neurons are equal, and
#   there is no narrow network.

# %% tags=["nbval-check-output", "hide-input"]
at_1024 = measured[measured["network"] == "1,024 x 120"]
print(
    f"connections, and products of the narrow network: {edges:,} and {narrow.terms:,}"
)
print(f"neurons a layer of the narrow network, at most: {max(narrow.widths[1:])}")
print(f"all ways find the same images: {same_images}")
print(f"largest difference of a value between the ways: {apart:.0e}")
print(f"images left, and different rows among them: {alive[-1]} and {different[-1]}")
print(f"every value that is left is the cap: {saturated}")
print(f"merging is refused where weights differ: {'way=' in refused}")
print(
    f"systems measured find the same images: {at_1024.groupby('images')['answer'].nunique().eq(1).all()}"
)
for name in reached.index:
    accuracies = ", ".join(f"{accuracy:.0%}" for accuracy in reached.loc[name])
    print(
        f"accuracy at {', '.join(map(str, reached.columns))} layers, {name}: {accuracies}"
    )

# %% tags=["remove-input"]
plots.download(
    pd.concat([rates.assign(here=rates.index < len(measured))]),
    "graph_challenge_rates.csv",
)

# %% tags=["remove-cell"]
from companion.page import report

report(
    graph_verdict=f"{'Exactly narrower' if same_images and apart < 1e-4 else 'Not the same'}: the benchmark's network of {width:,} neurons a layer "
    f"and {depth} layers is one of {max(narrow.widths[1:])}, with {narrow.terms:,} products instead of {edges:,} for an image; the {alive[-1]} of "
    f"{images:,} images that are left end {'all alike' if different[-1] == 1 else f'in {different[-1]} different rows'}",
)

# %% [markdown]
# ## Try this
#
# - `depth = 12`: the images that are left are not alike yet. How many different rows are there?
# - `bias = -0.1`: more images live. Does the network still become one of a single row?
# - `width = 4096`: sixteen times narrower again; how many products are saved?
