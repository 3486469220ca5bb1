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
# # Build a RadiX-Net in an afternoon
#
# You will build `[[10, 10], [10]]`, the paper's example {cite}`kwak2023`, from nothing: from
# counting, through matrices, to a network that reads handwritten digits. Then you will break it,
# see why it breaks, and repair it.
#
# You need some Python, matrix products, and an idea of what training a neural network means. You
# write everything yourself before you use the package: up to section 5 you compute with NumPy
# alone, and `radixnet` only checks your results. Every section ends with an exercise; try it before
# you open the solution.
#
# | section | you build | minutes |
# |---|---|---|
# | 1 | numbers in mixed radix | 20 |
# | 2 | a layer from a digit | 30 |
# | 3 | a network in which every input reaches every output equally often | 30 |
# | 4 | the rule for legal radix lists | 20 |
# | 5 | `[[10, 10], [10]]` at full size, and what cutting it to size breaks | 40 |
# | 6 | a Keras layer with your mask, trained on MNIST | 30 |
# | 7 | the same, truly sparse | 10 |
# | 8 | a network that fails, predicted before training | 40 |
#
# `make lab` opens this page as a notebook: `book/learn/tutorial.py`.

# %% tags=["parameters"]
# Seed of starting weights and order of training; an integer from 0 to 4,294,967,295.
seed = 1000
# Passes over the training images in sections 6 to 8; an integer of at least 1.
epochs = 3

# %%
import itertools
import math

import numpy as np
import pandas as pd

from companion import colours, plots
from companion import parameters as rule
from companion.parameters import check

check(globals(), seed=rule.whole(0, 2**32 - 1), epochs=rule.whole(1))

# %% [markdown]
# ## 1. Counting with mixed digits
#
# A clock counts 0 to 59 seconds, then carries a minute; 60 minutes, then an hour. Seconds are worth
# 1, minutes 60, hours 3,600. The bases 60, 60 and 24 are *radices*; the worth of a digit is its
# *place value*, the product of the {term}`radices <radix>` before it.
#
# Take the smallest interesting case, the radices 2 and 3. The first digit is 0 or 1 and is worth 1;
# the second is 0, 1 or 2 and is worth 2.


# %%
def place_values(radices):
    """Return what one step of each digit is worth, the first digit first."""
    return [math.prod(radices[:i]) for i in range(len(radices))]


def digits(number, radices):
    """Return the digits of a number, the one of place value 1 first."""
    found = []
    for radix in radices:
        found.append(number % radix)
        number //= radix
    return found


pd.DataFrame(
    {f"digits of {number}": digits(number, [2, 3]) for number in range(6)},
    index=[f"worth {value}" for value in place_values([2, 3])],
)

# %% [markdown]
# All six columns differ. With the radices $N_1, \dots, N_L$, every number from 0 to $N' - 1$, where
# $N' = N_1 \cdots N_L$, can be written in exactly one way. The whole construction rests on this.
#
# :::{admonition} Exercise 1: the odometer
# :class: exercise
# What are the digits of 57 with the radices 10 and 10, and with 5 and 20? Which number has the
# digits 3, 1 and 2 with the radices 4, 5 and 6? Check, for radices of your own, that no two numbers
# below $N'$ share their digits.
# :::

# %% tags=["solution", "hide-cell"]
print("57 with radices 10, 10:", digits(57, [10, 10]))
print("57 with radices 5, 20: ", digits(57, [5, 20]))

worth = place_values([4, 5, 6])  # 1, 4 and 20
print("digits 3, 1, 2 with radices 4, 5, 6:", np.dot([3, 1, 2], worth))

radices = [3, 4, 2, 5]
written = {tuple(digits(number, radices)) for number in range(math.prod(radices))}
print(f"{math.prod(radices)} numbers, {len(written)} ways of writing them")

# %% [markdown]
# ## 2. A layer from a digit
#
# Put $N'$ units in one layer and $N'$ in the next, numbered from 0. A layer that belongs to a digit
# of radix $r$ and {term}`place value` $v$ may change the number by whatever this digit can express:
# by $0, v, 2v, \dots$ or $(r-1)v$. So unit $a$ feeds the units
#
# $$a,\ a - v,\ a - 2v,\ \dots,\ a - (r - 1)v \pmod{N'},$$
#
# counted around the end as on a clock. (Adding instead of subtracting makes no difference to what
# follows. The authors' code subtracts, and so do we, to get the same network connection for
# connection.)


# %%
def layer(radix, place_value, size):
    """Return the matrix with 1 where unit a of one layer feeds unit b of the next."""
    matrix = np.zeros((size, size), dtype=int)
    for a in range(size):
        for j in range(radix):
            matrix[a, (a - j * place_value) % size] = 1
    return matrix


first = layer(radix=2, place_value=1, size=6)
second = layer(radix=3, place_value=2, size=6)
print(first, second, sep="\n\n")

# %% [markdown]
# Each row holds as many ones as the radix says, and so does each column: every unit sends to, and
# hears from, equally many others.
#
# :::{admonition} Exercise 2: as a sum of shifts
# :class: exercise
# Let $P$ be the matrix of the cyclic shift, in which unit $a$ feeds unit $a - 1$ only. Write the
# layer of radix $r$ and place value $v$ as a sum of powers of $P$, and check it against `layer`.
# Which radices make a layer with all connections, and which make one in which each unit feeds
# itself only?
# :::

# %% tags=["solution", "hide-cell"]
shift = np.roll(np.eye(6, dtype=int), -1, axis=1)


def layer_from_shifts(radix, place_value, size):
    """Return the sum of P^(j v) for j from 0 to r - 1."""
    shift = np.roll(np.eye(size, dtype=int), -1, axis=1)
    powers = [np.linalg.matrix_power(shift, j * place_value) for j in range(radix)]
    return sum(powers)


for radix, place_value in [(2, 1), (3, 2), (6, 1), (1, 1)]:
    same = (
        layer_from_shifts(radix, place_value, 6) == layer(radix, place_value, 6)
    ).all()
    print(f"radix {radix}, place value {place_value}: the same matrix: {same}")

print("radix 6, all connections:", bool(layer(6, 1, 6).all()))
print("radix 1, itself only:", bool((layer(1, 1, 6) == np.eye(6)).all()))

# %% [markdown]
# ## 3. Every input reaches every output equally often
#
# A *path* takes one connection in each layer. Start at unit $a$, and let the first layer subtract
# $j_1 \cdot 1$ and the second $j_2 \cdot 2$. You end at $a - (j_1 + 2 j_2)$, and $j_1 + 2 j_2$ is
# the number with the digits $j_1, j_2$. Every number from 0 to 5 can be written in exactly one way,
# so **each unit is reached by exactly one {term}`path`**.
#
# Follow the paths by hand, then let a matrix product do it: entry $(a, b)$ of $W_1 W_2$ counts,
# over all units in between, the pairs of connections that lead from $a$ to $b$.

# %%
for start in (0, 4):
    ends = [(start - j1 - 2 * j2) % 6 for j1 in range(2) for j2 in range(3)]
    print(f"from unit {start} the six paths end at {ends}")

first @ second

# %% [markdown]
# Each layer alone has few connections; together they connect everything. That is the idea of a
# {term}`RadiX-Net` {cite}`kepner2019`.
#
# More lists make deeper networks. After a list of product $N'$ comes another, whose place values
# start at 1 again. The last list may have a smaller product: `[[2, 3], [2]]` has three layers, of
# radices 2, 3 and 2. After the one path to each unit there are two ways to go on, so there must be
# two paths from every input to every output.

# %%
third = layer(radix=2, place_value=1, size=6)
first @ second @ third

# %% tags=["figure", "hide-input"]
masks = [matrix.astype(bool) for matrix in (first, second, third)]


def draw(figure):
    """Draw the small network and the paths from one input, and beside it its matrices."""
    grid = figure.add_gridspec(3, 2, width_ratios=[2.6, 1])
    plots.draw_network(figure.add_subplot(grid[:, 0]), masks, 6, 3)
    for number, (mask, radix) in enumerate(zip(masks, (2, 3, 2), strict=True)):
        axes = figure.add_subplot(grid[number, 1])
        plots.draw_adjacency(axes, mask, f"layer {number + 1}, radix {radix}")
        axes.set_aspect("equal")


plots.themed(
    draw,
    alt="Left: four columns of six units; from one input blue lines lead to two units, "
    "from these to all six, and from each of them to two outputs. "
    "Right: the three matrices, 6 by 6, with two, three and two yellow stripes.",
    size=(8.5, 6),
)

# %% [markdown]
# Left: the network, with all paths from one input in blue. Right: its matrices; yellow marks a
# connection.
#
# :::{admonition} Exercise 3: in another order
# :class: exercise
# `[[3, 2], [2]]` has the same product. Are its layers the same? Is the product of the first two?
# Then take radices of your own, three in the first list, and count the paths of the whole network.
# Find the formula before you look.
# :::

# %% tags=["solution", "hide-cell"]


def network(radix_lists):
    """Return the matrix of each layer."""
    size = math.prod(radix_lists[0])
    return [
        layer(radix, value, size)
        for radices in radix_lists
        for radix, value in zip(radices, place_values(radices), strict=True)
    ]


other = network([[3, 2], [2]])
print("the same first layer:", bool((other[0] == first).all()))
print("the same product:", bool((other[0] @ other[1] == first @ second).all()))

own = [[2, 3, 4], [4, 6], [3, 2]]
paths = np.linalg.multi_dot(network(own))
print(f"{own}: {paths.min()} to {paths.max()} paths")

# A whole list brings one path to each unit, and each further whole one multiplies by N':
# N'^(M - 2) times the product of the last list, for M lists of which M - 1 are whole.
size = math.prod(own[0])
print("by the formula:", size ** (len(own) - 2) * math.prod(own[-1]))

# %% [markdown]
# ## 4. Which radix lists are legal
#
# Not all lists fit together. All but the last must have the same product $N'$, or the layers would
# differ in size. The product of the last must divide $N'$, so that the paths, which arrive at all
# $N'$ units alike, spread evenly.

# %%
import radixnet as rx

for radix_lists in ([[2, 3], [2]], [[2, 3], [4]], [[2, 3], [5, 2], [2]]):
    try:
        rx.RadixTopology(radix_lists, [6] * (1 + sum(map(len, radix_lists))))
        print(f"{radix_lists}: legal")
    except ValueError as error:
        print(error)

# %% [markdown]
# The package agrees with our layers:

# %% tags=["nbval-check-output"]
small = rx.RadixTopology([[2, 3], [2]], layer_sizes=[6, 6, 6, 6])
ours = [first, second, third]
for number, (mask, matrix) in enumerate(zip(small.masks, ours, strict=True), start=1):
    print(f"layer {number}: the same connections: {(mask == matrix).all()}")
print(f"paths from any input to any output: {small.expanded_path_count}")

# %% [markdown]
# :::{admonition} Exercise 4: count them
# :class: exercise
# How many {term}`legal` {term}`radix lists <radix list>` with three layers have radices from 1 to
# 10? Three radices can be split into lists in four ways. The paper says that its Figure 4 shows
# 1,130 *distinct* networks.
# :::

# %% tags=["solution", "hide-cell"]
counted = {
    "[[a, b, c]]": 0,
    "[[a, b], [c]]": 0,
    "[[a], [b, c]]": 0,
    "[[a], [b], [c]]": 0,
}
for a, b, c in itertools.product(range(1, 11), repeat=3):
    counted["[[a, b, c]]"] += 1  # a single list has nothing to fit to
    counted["[[a, b], [c]]"] += (a * b) % c == 0
    counted["[[a], [b, c]]"] += a % (b * c) == 0
    counted["[[a], [b], [c]]"] += a == b and a % c == 0
for form, count in counted.items():
    print(f"{form}: {count:,}")
print(f"together: {sum(counted.values()):,}")
print(f"the package: {len(rx.legal_radix_lists(range(1, 11), layers=3)):,}")

# %% [markdown]
# ## 5. The paper's example at full size
#
# In `[[10, 10], [10]]` every digit is decimal: $N' = 100$, and the place values are 1, 10 and again
# 1. But the layers of {term}`LeNet 300-100` have 784, 300, 100 and 10 units, not 100. Two steps
# make it fit.
#
# **Expand.** Repeat the pattern of 100 units until each layer is at least as large as required: 8,
# 3, 1 and 1 times. Each copy in one layer is connected to each copy in the next in the same way. In
# matrices this is a *Kronecker product* with a matrix of ones: each 1 in it becomes a copy of $W$.

# %%
sizes = [784, 300, 100, 10]
radix_lists = [[10, 10], [10]]
decimal = [layer(10, 1, 100), layer(10, 10, 100), layer(10, 1, 100)]

copies = [math.ceil(size / 100) for size in sizes]
expanded = [
    np.kron(np.ones((before, after), dtype=int), matrix)
    for (before, after), matrix in zip(itertools.pairwise(copies), decimal, strict=True)
]
print("copies:", copies)
print("shapes:", [matrix.shape for matrix in expanded])

# %% [markdown]
# Paths multiply by the number of copies in each hidden layer, since a path may pass through any of
# them. The {term}`density`, the share of connections that exist, is that of the pattern.

# %% tags=["nbval-check-output"]
paths = np.linalg.multi_dot(expanded)
print(f"paths, counted: {paths.min()} to {paths.max()}")
print(f"paths, by the formula: {10 * copies[1] * copies[2]}")
density = sum(m.sum() for m in expanded) / sum(m.size for m in expanded)
print(f"density: {density:.2%}, so a sparsity of {1 - density:.2%}")

# %% [markdown]
# **Trim.** Keep the first 784, 300, 100 and 10 units of the layers, and drop the rest with their
# connections, as the paper does.

# %% tags=["nbval-check-output"]
trimmed = [
    matrix[:before, :after].astype(bool)
    for matrix, (before, after) in zip(expanded, itertools.pairwise(sizes), strict=True)
]
topology = rx.RadixTopology(radix_lists, sizes)
same = all(
    (mine == theirs).all() for mine, theirs in zip(trimmed, topology.masks, strict=True)
)
print(f"your masks are the package's, connection for connection: {same}")

paths = np.linalg.multi_dot([mask.astype(int) for mask in trimmed])
print(f"paths from an input to an output: {paths.min()} to {paths.max()}")
to_an_output = trimmed[-1].any(axis=1)
print(
    f"units of the last hidden layer that feed an output: {to_an_output.sum()} of 100"
)

# %% [markdown]
# The number of paths has survived. But the last layer was made for 100 outputs, and only ten are
# left: most units of the last hidden layer now feed nothing. They never learn, and the network is
# really a smaller one.


# %% tags=["hide-input"]
def draw_cut(figure):
    """Draw the last layer before and after it is cut to ten outputs."""
    grid = figure.add_gridspec(1, 2, width_ratios=[100, 16])
    for place, (mask, title) in enumerate(
        [
            (expanded[-1].T.astype(bool), "last layer, 100 outputs"),
            (trimmed[-1].T, "ten outputs"),
        ]
    ):
        axes = figure.add_subplot(grid[place])
        axes.imshow(mask.T, cmap="viridis", aspect="auto", interpolation="nearest")
        axes.set(title=title, xlabel="output", ylabel="unit of the last hidden layer")
    for unit in np.flatnonzero(to_an_output):
        axes.plot(
            10.2,
            unit,
            marker="<",
            color=axes.xaxis.label.get_color(),
            markersize=3,
            clip_on=False,
        )
    axes.set(xlim=(-0.5, 9.5), xticks=[0, 9])
    axes.label_outer()


plots.themed(
    draw_cut,
    alt="Left: a matrix of 100 units by 100 outputs with a yellow diagonal stripe "
    "that continues around the end. Right: its first ten columns; "
    f"only the first {to_an_output.sum()} units, marked by triangles, feed an output.",
    size=(7, 5),
)

# %% [markdown]
# Yellow marks a connection; the triangles mark the units that still feed an output.
#
# :::{admonition} Exercise 5: what else trimming breaks
# :class: exercise
# Take `[[3, 4], [6]]` and `[[10, 10, 10]]`. For each: does every input still have the same number
# of paths to every output? Are there inputs that reach no output? Which are they, as pixels of a 28
# by 28 image? `rx.RadixTopology(...).masks` gives you the matrices.
# :::

# %% tags=["solution", "hide-cell"]
for lists in ([[3, 4], [6]], [[10, 10, 10]]):
    masks = rx.RadixTopology(lists, sizes).masks
    paths = np.linalg.multi_dot([mask.astype(int) for mask in masks])
    unread = np.flatnonzero(~paths.any(axis=1))
    print(f"{lists}: {paths.min()} to {paths.max()} paths")
    print(f"    inputs that reach no output: {len(unread)}")
    if len(unread):
        rows = np.unique(unread // 28)
        print(f"    they lie in rows {rows.min()} to {rows.max()} of the image")

# %% [markdown]
# ## 6. From masks to a Keras layer, and to training
#
# A masked layer is a dense layer whose weights are multiplied by the {term}`mask` before each use.
# By the chain rule the mask multiplies the gradient too, so a weight that does not exist never
# moves. That is all.

# %%
import keras


class Masked(keras.layers.Layer):
    """A dense layer with only the connections of a mask, and no biases."""

    def __init__(self, mask, weights, activation=None):
        super().__init__()
        self.mask = mask.astype("float32")
        self.activation = keras.activations.get(activation)
        self.kernel = self.add_weight(shape=mask.shape, initializer="zeros")
        self.kernel.assign(weights)

    def call(self, inputs):
        return self.activation(inputs @ (self.kernel * self.mask))


rng = np.random.default_rng(seed)
starts = [rng.normal(0, 0.05, mask.shape) * mask for mask in trimmed]
activations = ["relu", "relu", "softmax"]
model = keras.Sequential(
    [keras.Input((784,))]
    + [Masked(*each) for each in zip(trimmed, starts, activations, strict=True)]
)
model.compile(
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
    jit_compile=True,
)

# %% [markdown]
# The paper's settings: weights from N(0, 0.05), ReLU and softmax, Adam, batches of 100.
# {term}`MNIST` comes with the package.

# %% tags=["remove-stderr"]
mnist = rx.load_dataset("mnist")
images, test_images = mnist.train_images / 255, mnist.test_images / 255
keras.utils.set_random_seed(seed)
history = model.fit(
    images,
    mnist.train_labels,
    batch_size=100,
    epochs=epochs,
    validation_data=(test_images, mnist.test_labels),
    verbose=0,
)
by_hand = history.history["val_accuracy"][-1]
print(f"test accuracy after {epochs} epochs: {by_hand:.1%}")

# %% tags=["nbval-check-output"]
existing = sum(int(mask.sum()) for mask in trimmed)
every = sum(mask.size for mask in trimmed)
moved = [
    each.kernel.numpy() != start
    for each, start in zip(model.layers, starts, strict=True)
]
off_mask = sum(
    int((change & ~mask).sum()) for change, mask in zip(moved, trimmed, strict=True)
)
print(f"connections: {existing:,} of {every:,} that a dense network has")
print(f"weights off the mask that training moved: {off_mask}")
print(f"test accuracy above 90 %: {by_hand > 0.9}")

# %% [markdown]
# The package's `rx.CustomModel(topology, seed=seed)` is this model with some care added: it checks
# shapes, can be saved and loaded, and has the same {term}`starting weights` for every way of
# training.
#
# :::{admonition} Exercise 6: mask once
# :class: exercise
# Is it enough to mask the starting weights, and then train an ordinary dense layer? Build the
# network from `keras.layers.Dense` with `use_bias=False`, give it the weights `starts`, train it
# for ten batches and count the weights that are not zero.
# :::

# %% tags=["solution", "hide-cell", "remove-stderr"]
dense = keras.Sequential(
    [keras.Input((784,))]
    + [
        keras.layers.Dense(start.shape[1], activation=name, use_bias=False)
        for start, name in zip(starts, activations, strict=True)
    ]
)
dense.set_weights(starts)
dense.compile("adam", "sparse_categorical_crossentropy")
dense.fit(images[:1000], mnist.train_labels[:1000], batch_size=100, verbose=0)
after = sum(int((weights != 0).sum()) for weights in dense.get_weights())
print(f"weights that are not zero: {existing:,} before, {after:,} after ten batches")
print("No: a weight that starts at zero has a gradient like any other.")

# %% [markdown]
# ## 7. Truly sparse
#
# The masked layer multiplies whole matrices and throws nine tenths of the products away. The
# package's sparse {term}`engine` follows existing connections only. A step does the same
# arithmetic; but the starting weights, drawn in the same way, are different ones, and a tenth of
# the training images is held out.

# %%
run = rx.train(rx.RunSpec(topology, seed=seed, epochs=epochs), keep_weights=True)
print(f"test accuracy after {epochs} epochs: {run.test_accuracy[-1]:.1%}")
print(f"training took {run.seconds:.2f} s on one core")

# %% tags=["nbval-check-output"]
multiplied = {"masked": every, "sparse": existing}
print(f"products per image, masked: {multiplied['masked']:,}")
print(f"products per image, sparse: {multiplied['sparse']:,}")
off_mask = sum(
    int((weights[~mask] != 0).sum())
    for weights, mask in zip(run.weights, trimmed, strict=True)
)
print(f"weights off the mask: {off_mask}")
agree = abs(run.test_accuracy[-1] - by_hand) < 0.02
print(f"within two points of the network built by hand: {agree}")

# %% [markdown]
# The accuracies differ a little because the two runs differ in starting weights, order of images
# and number of training images. [Reproducibility](../reference/reproducibility.md) shows how much
# such things matter, and [How fast, and why](../beyond/speed.ipynb) measures the time that sparse
# training saves.
#
# :::{admonition} Exercise 7: how sparse can you go?
# :class: exercise
# Train `[[20, 20], [20]]` and `[[24, 24], [24]]` like this. What happens to {term}`sparsity` and
# accuracy? What is the sparsest network of the form `[[n, n], [n]]` that still exceeds 90 %?
# :::

# %% tags=["solution", "hide-cell"]
table = []
for n in (10, 16, 20, 24, 28):
    wider = rx.RadixTopology([[n, n], [n]], sizes)
    result = rx.train(rx.RunSpec(wider, seed=seed, epochs=epochs))
    table.append(
        {
            "radix lists": rx.format_radix_lists(wider.radix_lists),
            "sparsity": wider.sparsity,
            "test accuracy": result.test_accuracy[-1],
        }
    )
pd.DataFrame(table).style.hide(axis="index").format(
    {"sparsity": "{:.1%}", "test accuracy": "{:.1%}"}
)

# %% [markdown]
# ## 8. A network that fails
#
# Change the last radix from 10 to 1. The sparsity hardly moves. What becomes of the network?

# %%
twins = {
    "normal": topology,
    "strange": rx.RadixTopology([[10, 10], [1]], sizes),
}
results = {
    name: rx.train(rx.RunSpec(each, seed=seed, epochs=10), keep_weights=True)
    for name, each in twins.items()
}
pd.DataFrame(
    {
        name: {
            "sparsity": f"{twins[name].sparsity:.1%}",
            "test accuracy after 10 epochs": f"{result.test_accuracy[-1]:.1%}",
            "classes it ever answers": f"{int(result.test_classes[-1])} of 10",
        }
        for name, result in results.items()
    }
)


# %% tags=["hide-input"]
def draw_twins(figure):
    """Draw the accuracy of both networks, and the last layer of the strange one."""
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.7])
    kinds = (colours.NORMAL, colours.STRANGE)
    for (name, result), colour in zip(results.items(), kinds, strict=True):
        epoch = range(1, len(result.test_accuracy) + 1)
        left.plot(epoch, result.test_accuracy, "o-", color=colour, markersize=3)
        left.annotate(
            name,
            (6, result.test_accuracy[5]),
            xytext=(0, -12),
            textcoords="offset points",
            color=colour,
        )
    left.set(xlabel="epoch", ylabel="test accuracy", ylim=(0, 1), title="training")
    left.yaxis.set_major_formatter("{x:.0%}")
    plots.draw_class_wiring(
        right, rx.CustomModel(twins["strange"], seed=seed).get_weights()[-1]
    )
    right.set_title("the strange network's last layer as it starts")
    handles, labels = right.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower right", fontsize="small", ncols=4)


ends = {name: f"{result.test_accuracy[-1]:.0%}" for name, result in results.items()}
plots.themed(
    draw_twins,
    alt=f"Left: test accuracy against epoch; the normal network ends at {ends['normal']}, "
    f"the strange one at {ends['strange']}. "
    "Right: each of the ten classes hangs on a single unit of the last hidden layer, "
    "by a solid line where the weight starts positive and a dashed one where it starts negative.",
    size=(8.5, 3.8),
)

# %% [markdown]
# Solid lines start with a positive weight, dashed ones with a negative weight; faint units feed no
# output. Each class hangs on one unit. A unit's output is never negative (ReLU), and there are no biases. A
# class whose only weight is negative therefore scores zero at best, and loses to every class with a
# positive score. As a rule it is lost for good: the sign of a random number decided it before
# training. [Why some models are strange](../beyond/strange.ipynb) tells the whole story. There, and
# in [Figure 9](../figures/fig09_seeds.ipynb), the same network starts from the same seed and ends at
# another accuracy, because a training step takes 2,048 images instead of 100.
#
# You can know this in advance. The diagnosis looks at the masks only:

# %% tags=["nbval-check-output"]
for name, each in twins.items():
    diagnosis = each.diagnose()
    print(f"{name}: {diagnosis.verdict}")
    for reason in diagnosis.reasons:
        print("   ", reason)

# %% [markdown]
# :::{admonition} Exercise 8: predict it
# :class: exercise
# In the picture, or in `rx.CustomModel(twins["strange"], seed=seed).get_weights()[-1]`, count the
# classes whose only weight is negative. How many classes should the trained network still answer?
# What accuracy would you expect? Then try the {term}`seeds <seed>` 1 to 5: predict, train, compare.
# :::

# %% tags=["solution", "hide-cell"]
table = []
for each_seed in (seed, 1, 2, 3, 4, 5):
    last = rx.CustomModel(twins["strange"], seed=each_seed).get_weights()[-1]
    positive = int((last > 0).any(axis=0).sum())
    trained = rx.train(rx.RunSpec(twins["strange"], seed=each_seed, epochs=10))
    table.append(
        {
            "seed": each_seed,
            "classes with a positive weight": positive,
            "classes answered after training": int(trained.test_classes[-1]),
            "test accuracy": trained.test_accuracy[-1],
        }
    )
# The starting signs are only a guide: a weight that starts close to zero can change
# its sign in the first steps, and a unit can die later.
pd.DataFrame(table).style.hide(axis="index").format({"test accuracy": "{:.1%}"})

# %% [markdown]
# :::{admonition} Exercise 9: repair it
# :class: exercise
# Change one argument so that `[[10, 10], [1]]` learns all classes; `help(rx.RadixTopology)` and
# `help(rx.RunSpec)` show what there is. Find at least two ways, and say what each costs.
# :::

# %% tags=["solution", "hide-cell"]
lists = [[10, 10], [1]]
repaired = {
    "as in the paper": rx.RunSpec(twins["strange"], seed=seed, epochs=epochs),
    'fit="fold"': rx.RunSpec(
        rx.RadixTopology(lists, sizes, fit="fold"), seed=seed, epochs=epochs
    ),
    "dense_output=True": rx.RunSpec(
        rx.RadixTopology(lists, sizes, dense_output=True), seed=seed, epochs=epochs
    ),
    "positive_output=True": rx.RunSpec(
        twins["strange"], seed=seed, epochs=epochs, positive_output=True
    ),
}
table = []
for change, spec in repaired.items():
    result = rx.train(spec)
    table.append(
        {
            "what changes": change,
            "connections": sum(int(mask.sum()) for mask in spec.masks),
            "classes answered": int(result.test_classes[-1]),
            "test accuracy": result.test_accuracy[-1],
        }
    )
pd.DataFrame(table).style.hide(axis="index").format(
    {"connections": "{:,}", "test accuracy": "{:.1%}"}
)

# %% [markdown]
# ## Where to go from here
#
# - [Figure 1](../figures/fig01_adjacency.ipynb) and [Figure 2](../figures/fig02_network.ipynb) draw
#   the network that you have built.
# - [Figure 4](../figures/fig04_accuracies.ipynb) trains all the legal lists that you counted in
#   exercise 4.
# - The [topology explorer](../explorer.md) shows, as you type, what any radix lists do.
# - [Choosing radix lists](../beyond/choose.ipynb) asks the opposite question: which lists for a
#   given size and sparsity?
# - [The package](../reference/api.md) documents everything used here, and the
#   [glossary](../reference/glossary.md) its terms.
