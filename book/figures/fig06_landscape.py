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
# # Figure 6: loss landscapes, measured
#
# Is the loss of a sparse network harder to descend?
#
# **The paper shows** a "representation of a 3-dimensional {term}`loss landscape` via MATLAB": a
# stock surface, not that of any network. It argues that "Higher {term}`sparsity` means fewer
# initial parameters, resulting in a lower-dimensional graph, or fewer ways for an optimizing
# function to traverse towards higher-optimality local minima" {cite}`kwak2023`.
#
# We measure the surface for a dense network, a "normal" {term}`RadiX-Net` and a "strange" one, with
# the same {term}`seed`, images and training. From each trained network we take two random
# directions and compute the loss on the plane that they span. The directions are
# *filter-normalised* {cite}`li2018`: each unit's part of a direction is as long as the unit's
# incoming weights, so a step of 1 is the same relative change in every unit of every network.
#
# How to read it:
#
# - **A slice is not the landscape.** The plane shows two directions out of thousands. A surface
#   that is convex on a plane may curve down in other directions; one that is not convex on a plane
#   is not convex at all {cite}`li2018`. No slice shows how many minima there are.
# - **Shared directions are not shared slices.** Each mask keeps a different part of the same draw.
#   Noise in the three hundred weights of a unit partly cancels; in ten weights it hardly does. Part
#   of the RadiX-Nets' steepness may come from their small {term}`fan-in`; we did not test that.
# - **Shallow is not good.** The strange network is within twice its smallest loss nearly everywhere
#   because that loss is so high: some of its classes can say that an image does not show them, and
#   never that it does ([why](../beyond/strange.ipynb)).
# - **The strange network's corners come from the normalisation.** A unit with one incoming weight
#   has only two filter-normalised directions: along that weight, or against it. Every class of
#   `[[10, 10], [1]]` is such a unit. On the lines $\pm a \pm b = 1$ its weight is zero, and beyond
#   them its sign is reversed: hence the square on its tip.

# %% tags=["parameters"]
# Units in each layer: 784 pixels, hidden layers or none, at least 10 classes.
layer_sizes = [784, 300, 100, 10]
# Radix lists of the first network, legal; one radix for every size but the first, 1 for dense.
dense_radix_lists = [[1, 1], [1]]
# Radix lists of the second network, legal; the same rules.
normal_radix_lists = [[10, 10], [10]]
# Radix lists of the third network, legal; the same rules.
strange_radix_lists = [[10, 10], [1]]
# Seed of starting weights, validation images and order of training; an integer of at least 0.
seed = 1000
# Seed for the directions of the drawn plane; an integer of at least 0.
direction_seed = 0
# Passes over the training images; 1 or more.
epochs = 3
# Images per training step; 1 or more.
batch_size = 100
# Number of validation images on which the loss is measured; 1 to 6,000.
rows = 2000
# Grid points along each direction; 3 to 61. An odd number puts one on the trained network.
points = 31
# Distance from the middle of the plane to its edge, in lengths of a direction; 0.1 to 10.
span = 1.0
# Number of planes, to see how much the result depends on the directions; 1 or more.
planes = 8

# %% tags=["hide-input"]
import numpy as np
import pandas as pd

import radixnet as rx
from companion import colours, plots
from companion import parameters as rule
from companion.landscape import convex_share, loss_landscape, random_directions
from companion.parameters import check
from radixnet.initializers import starting_weights
from radixnet.training import split

check(
    globals(),
    layer_sizes=rule.layer_sizes(),
    dense_radix_lists=rule.radix_lists(layer_sizes),
    normal_radix_lists=rule.radix_lists(layer_sizes),
    strange_radix_lists=rule.radix_lists(layer_sizes),
    seed=rule.whole(0),
    direction_seed=rule.whole(0),
    epochs=rule.whole(1),
    batch_size=rule.whole(1),
    rows=rule.whole(1, 6000),
    # On finer grids rounding drowns the curvature of the loss; far out the loss overflows.
    points=rule.whole(3, 61),
    span=rule.number(0.1, 10),
    planes=rule.whole(1),
)

# %% [markdown]
# ## Training, and the loss around what it found
#
# We follow the paper's set-up: no biases, weights from N(0, 0.05), ReLU, softmax, Adam,
# cross-entropy. The loss is that of validation images, which no training step saw, so the value in
# the middle can be compared with what training reported.
#
# All networks share one draw of the directions: a full matrix per layer, of which each network
# keeps what its {term}`mask` leaves.

# %%
data = rx.load_dataset("mnist")
_, held_out = split(seed, len(data.train_labels), validation_share=0.1)
images, labels = data.train_images[held_out], data.train_labels[held_out]

runs = {
    name: rx.train(
        rx.RunSpec(
            rx.RadixTopology(radix_lists, layer_sizes),
            seed=seed,
            epochs=epochs,
            batch_size=batch_size,
        ),
        keep_weights=True,
        dataset=data,
    )
    for name, radix_lists in {
        "dense": dense_radix_lists,
        "normal": normal_radix_lists,
        "strange": strange_radix_lists,
    }.items()
}
titles = {
    name: f"{name}: {rx.format_radix_lists(run.spec.topology.radix_lists)}"
    for name, run in runs.items()
}


def measure(run, directions, positions):
    """Return loss and accuracy on the first validation images."""
    return loss_landscape(run, directions, positions, images[:rows], labels[:rows])


steps = np.linspace(-span, span, points)
grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1)
angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)

landscapes, circles, starts, planes_of = {}, {}, {}, {}
for name, run in runs.items():
    planes_of[name] = [
        random_directions(run.weights, run.spec.masks, direction_seed + plane)
        for plane in range(planes)
    ]
    landscapes[name] = measure(run, planes_of[name][0], grid)
    circles[name] = [measure(run, draw, circle).loss.mean() for draw in planes_of[name]]
    starts[name] = starting_weights(run.spec.masks, seed)

# %% [markdown]
# A random plane hardly ever contains the path that training took. We therefore also measure the
# straight line from each starting point to the trained network, extended a little at both ends
# {cite}`goodfellow2015`.

# %%
way = np.linspace(-0.25, 1.5, 36)
lines = {}
for name, run in runs.items():
    back = tuple(
        start - weights
        for start, weights in zip(starts[name], run.weights, strict=True)
    )
    nowhere = tuple(np.zeros_like(weights) for weights in run.weights)
    positions = np.stack([1 - way, np.zeros_like(way)], axis=-1)
    lines[name] = measure(run, (back, nowhere), positions).loss


# %% [markdown]
# ## What is compared
#
# All measures but the last were chosen before any was computed; the pictures suggested the last.
#
# - **weights**: their number, which is the number of dimensions, and the share that training
#   **moved** at all;
# - **loss** and **accuracy** of the trained network;
# - the mean **loss on a circle** of radius 1, and its range over planes with other directions;
# - the share of the drawn plane with a loss **below guessing** ($\log 10$ for ten classes), and
#   **within twice its smallest** loss;
# - the share of the plane that is **convex**: both eigenvalues of the Hessian, from differences
#   between neighbouring points, are positive;
# - the number of **valleys**: grid points lower than all their neighbours.


# %% tags=["hide-input"]
def valleys(loss):
    """Return how many grid points lie lower than all of their up to eight neighbours."""
    padded = np.pad(loss, 1, constant_values=np.inf)
    size = len(loss)
    neighbours = [
        padded[1 + row : 1 + row + size, 1 + column : 1 + column + size]
        for row in (-1, 0, 1)
        for column in (-1, 0, 1)
        if (row, column) != (0, 0)
    ]
    return int((loss < np.min(neighbours, axis=0)).sum())


guessing = np.log(layer_sizes[-1])
table = pd.DataFrame(
    {
        name: {
            "weights": sum(int(mask.sum()) for mask in run.spec.masks),
            "moved": sum(
                int((new != old).sum())
                for new, old in zip(run.weights, starts[name], strict=True)
            ),
            "loss": (centre := measure(run, planes_of[name][0], [0, 0])).loss,
            "accuracy": centre.accuracy,
            "loss_at_distance_1": np.mean(circles[name]),
            "loss_at_distance_1_lowest_plane": np.min(circles[name]),
            "loss_at_distance_1_highest_plane": np.max(circles[name]),
            "below_guessing": (landscapes[name].loss < guessing).mean(),
            "within_twice_the_smallest": (
                landscapes[name].loss <= 2 * landscapes[name].loss.min()
            ).mean(),
            "convex": convex_share(landscapes[name].loss, steps[1] - steps[0]),
            "valleys": valleys(landscapes[name].loss),
        }
        for name, run in runs.items()
    }
).T
shown = pd.DataFrame(
    {
        "weights": table["weights"].map("{:,.0f}".format),
        "moved": (table["moved"] / table["weights"]).map("{:.1%}".format),
        "loss": table["loss"].map("{:.3f}".format),
        "accuracy": table["accuracy"].map("{:.1%}".format),
        "loss at distance 1": [
            f"{row.loss_at_distance_1:.2f} ({row.loss_at_distance_1_lowest_plane:.2f} "
            f"to {row.loss_at_distance_1_highest_plane:.2f})"
            for row in table.itertuples()
        ],
        "below guessing": table["below_guessing"].map("{:.0%}".format),
        "within twice the smallest": table["within_twice_the_smallest"].map(
            "{:.0%}".format
        ),
        "convex": table["convex"].map("{:.0%}".format),
        "valleys": table["valleys"].map("{:.0f}".format),
    }
)
shown.T


# %% tags=["figure", "hide-input"]
def draw(figure):
    """Draw the planes as surfaces and from above, and the lines from the starting points below."""
    below = plots.draw_landscape_sheet(
        figure, steps, {titles[name]: landscapes[name].loss for name in runs}, guessing
    )
    plots.draw_loss_line(
        below,
        way,
        {titles[name]: (lines[name], inks[name]) for name in runs},
        "On the straight line from the start to the trained network",
    )


inks = {
    "dense": colours.DENSE,
    "normal": colours.NORMAL,
    "strange": colours.STRANGE,
}
plots.themed(
    draw,
    alt="Loss of three networks on a plane around the trained network, "
    "as surfaces and as contours on one colour scale. "
    + " ".join(
        f"{name.capitalize()}: {row.valleys:.0f} "
        f"{'valley' if row.valleys == 1 else 'valleys'}, loss {row.loss:.2f} in the middle."
        for name, row in zip(table.index, table.itertuples(), strict=True)
    )
    + " Below, loss along the line from the start to the trained network: "
    "it falls for all, least for the strange one.",
    size=(8.5, 8.6),
)

# %% [markdown] tags=["caption"]
# Above: the loss on a plane around each trained network (white cross), as a surface and from
# above; heights and colours share one logarithmic scale. Dashed: the loss of guessing. Below: the
# loss along the straight line from the start to the trained network.

# %% tags=["nbval-check-output", "hide-input"]
reported = {name: run.validation_loss[-1] for name, run in runs.items()}
centres = {
    name: loss_landscape(run, planes_of[name][0], [0, 0], images, labels).loss
    for name, run in runs.items()
}
agree = all(abs(centres[name] - reported[name]) < 1e-5 for name in runs)
losses, dimensions = table["loss"], table["weights"]
fewer = bool((dimensions[["normal", "strange"]] < dimensions["dense"]).all())
higher = bool((losses[["normal", "strange"]] > losses["dense"]).all())
minima = table["valleys"]
fewer_valleys = bool((minima[["normal", "strange"]] < minima["dense"]).all())
print(f"validation images of the slices: {rows:,}")
print(f"loss in the middle equals the validation loss that training reported: {agree}")
print(f"weights: {', '.join(f'{name} {dimensions[name]:,.0f}' for name in runs)}")
print(f"both RadiX-Nets have fewer weights than the dense network: {fewer}")
print(f"both end at a higher loss than the dense network: {higher}")
print(f"loss: {', '.join(f'{name} {losses[name]:.2f}' for name in runs)}")
print(
    f"valleys in the slice: {', '.join(f'{name} {minima[name]:.0f}' for name in runs)}"
)
print(f"both have fewer valleys than the dense network: {fewer_valleys}")

# %% tags=["remove-input"]
surface = pd.concat(
    pd.DataFrame(
        {
            "network": name,
            "picture": "plane",
            "first": measured.positions[..., 0].ravel(),
            "second": measured.positions[..., 1].ravel(),
            "loss": measured.loss.ravel(),
            "accuracy": measured.accuracy.ravel(),
        }
    )
    for name, measured in landscapes.items()
)
on_the_way = pd.concat(
    pd.DataFrame({"network": name, "picture": "line", "first": way, "loss": loss})
    for name, loss in lines.items()
)
plots.download(pd.concat([surface, on_the_way]), "fig06_landscape.csv")

# %% tags=["remove-input"]
plots.download(table.rename_axis("network").reset_index(), "fig06_measures.csv")

# %% tags=["remove-cell"]
from companion.page import report

most = int(minima.max())
seen = (
    "each drawn slice has a single valley, so none shows fewer ways to a minimum"
    if (minima == 1).all()
    else f"the slices have up to {most} valleys"
)
because = (
    "the paper's surface is a stock picture, and its argument names nothing to measure; "
    f"here the sparse networks have {'fewer' if fewer else 'no fewer'} weights, which is what "
    f"sparse means, and end at {'a higher' if higher else 'no higher'} loss "
    f"({losses['normal']:.2f} and {losses['strange']:.2f}, dense {losses['dense']:.2f}), but {seen}"
)
report(fig06_because=because)

# %% [markdown]
# ## Try this
#
# - `direction_seed = 1`: another plane through the same networks. What stays?
# - `strange_radix_lists = [[10, 10, 10]]`: a network that sees only the first pixels. Is it strange
#   in the same way?
# - `normal_radix_lists = [[2, 2], [2]]`: half the weights of the dense network. Which of the others
#   is it closer to?
# - `span = 3.0`: is the loss still convex far from the trained network?
