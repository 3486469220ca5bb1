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
# # Figure 9: the same network, ten different starts
#
# **The paper trains** a "normal" and a "strange" model from ten seeds each: "Whereas the different initializations of the 'normal'
# model ultimately converged in greater than 90% accuracy, the same could not be said about those of the strange model which both
# stayed separated and below 60% over ten epochs" {cite}`kwak2023`. It does not print the two radix lists.
#
# Here both share the first list. The normal one is `[[10, 10], [10]]`, the paper's own example; the strange one, `[[10, 10], [1]]`,
# differs in its last radix only and is among the models that the authors' log calls strange. Both were chosen before any run, so a
# "normal" model that ends at other values than the paper's may simply be another model.

# %% tags=["parameters"]
# Lists of positive integers; one radix per weight layer.
normal_radix_lists = [[10, 10], [10]]
# The same for the second model.
strange_radix_lists = [[10, 10], [1]]
# Neurons, inputs first: 784 pixels, 10 classes; one size more than there are radices.
layer_sizes = [784, 300, 100, 10]
# One run of each model for each; integers of at least 0.
seeds = [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000]
# Passes over the training images; 1 or more.
epochs = 10
# Images per training step; 1 or more.
batch_size = 2048
# Step size of Adam; above 0.
learning_rate = 0.001

# %%
import keras
import numpy as np
import pandas as pd

import radixnet as rx
from radixnet import plots

# %% [markdown]
# ## Training
#
# MNIST's 60,000 training images are shuffled by the seed; the first 90 % train, the last 10 % validate. No biases, weights from
# N(0, 0.05), ReLU, softmax, Adam, cross-entropy: the paper's set-up.

# %%
mnist = rx.load_dataset("mnist")
topologies = {
    "normal": rx.RadixTopology(normal_radix_lists, layer_sizes),
    "strange": rx.RadixTopology(strange_radix_lists, layer_sizes),
}


def train(model_kind, seed):
    """Train one model from one seed and return its accuracy after every epoch as a table."""
    keras.utils.set_random_seed(seed)
    order = np.random.default_rng(seed).permutation(len(mnist.train_labels))
    images, labels = (
        mnist.train_images[order].astype("float32") / 255,
        mnist.train_labels[order],
    )
    validation = len(labels) // 10
    model = rx.CustomModel(topologies[model_kind], seed=seed)
    model.compile(
        keras.optimizers.Adam(learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        images[:-validation],
        labels[:-validation],
        batch_size=batch_size,
        epochs=epochs,
        validation_data=(images[-validation:], labels[-validation:]),
        verbose=0,
    ).history
    return pd.DataFrame(
        {
            "model": model_kind,
            "radix_lists": rx.format_radix_lists(topologies[model_kind].radix_lists),
            "seed": seed,
            "epoch": range(1, epochs + 1),
            "train_accuracy": history["accuracy"],
            "validation_accuracy": history["val_accuracy"],
            "train_loss": history["loss"],
            "validation_loss": history["val_loss"],
        }
    )


runs = pd.concat(
    [train(kind, seed) for kind in topologies for seed in seeds], ignore_index=True
)
final = runs[runs["epoch"] == epochs].set_index(["model", "seed"])
final.groupby("model")[["train_accuracy", "validation_accuracy"]].agg(
    ["min", "median", "max"]
).style.format("{:.1%}")


# %% tags=["figure", "hide-input"]
def draw(figure):
    """Draw the normal model on top and the strange one below, as the paper does."""
    levels = {
        "normal": (0.9, "the paper: all end above 90 %"),
        "strange": (0.6, "the paper: all stay below 60 %"),
    }
    for axes, (kind, topology), colour in zip(
        figure.subplots(2, 1, sharex=True),
        topologies.items(),
        ("C0", "C1"),
        strict=True,
    ):
        curves = [
            run["train_accuracy"]
            for _, run in runs[runs["model"] == kind].groupby("seed")
        ]
        plots.draw_training_curves(axes, curves, colour, *levels[kind])
        axes.set_title(
            f"{kind} model: {rx.format_radix_lists(topology.radix_lists)}, sparsity {topology.sparsity:.1%}, {len(seeds)} seeds"
        )
        axes.label_outer()


plots.themed(
    draw,
    alt=f"Two panels of training accuracy against epoch, {len(seeds)} lines each. Top, normal model: all lines rise together and "
    f"end between {final.loc['normal', 'train_accuracy'].min():.0%} and {final.loc['normal', 'train_accuracy'].max():.0%}. Bottom, "
    f"strange model: lines flatten early at separate levels from {final.loc['strange', 'train_accuracy'].min():.0%} to "
    f"{final.loc['strange', 'train_accuracy'].max():.0%}.",
    size=(8.5, 7),
)

# %% tags=["nbval-check-output", "hide-input"]
normal = final.loc["normal", "train_accuracy"]
strange = final.loc["strange", "train_accuracy"]
print(f"normal model ends between {normal.min():.0%} and {normal.max():.0%}")
print(
    f"normal model, all {len(normal)} seeds end above 90 %: {bool((normal > 0.9).all())}"
)
print(
    f"strange model, seeds below 60 %: {int((strange < 0.6).sum())} of {len(strange)}"
)
print(
    f"strange model's best seed below normal model's worst: {bool(strange.max() < normal.min())}"
)
print(
    f"spread over seeds more than ten times as wide: {bool(np.ptp(strange) > 10 * np.ptp(normal))}"
)

# %% tags=["remove-input"]
plots.download(runs, "fig09_seeds.csv")

# %% tags=["remove-cell"]
from myst_nb import glue

parts = {
    "the normal model": bool((normal > 0.9).all()),
    "the strange model": bool((strange < 0.6).all()),
}
failed = [part for part, holds in parts.items() if not holds]
verdict = {
    0: "reproduced",
    1: f"reproduced in one of two parts, not in {failed[0] if failed else ''}",
    2: "not reproduced",
}[len(failed)]
glue("fig09_normal_lowest", f"{normal.min():.0%}", display=False)
glue("fig09_normal_highest", f"{normal.max():.0%}", display=False)
glue("fig09_strange_lowest", f"{strange.min():.0%}", display=False)
glue("fig09_strange_highest", f"{strange.max():.0%}", display=False)
glue("fig09_below_60", f"{int((strange < 0.6).sum())} of {len(strange)}", display=False)
glue("fig09_verdict", verdict, display=False)

# %% [markdown]
# ## Try this
#
# - `epochs = 30`: do the strange lines ever leave their levels?
# - `strange_radix_lists = [[10, 10], [5]]`: half the connections into each class. Is the model still strange?
# - `learning_rate = 0.01`: does a larger step free the strange model?
