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
# differs in its last radix only and is among the models that the authors' log calls strange. They were chosen before any run.

# %% tags=["parameters"]
normal_radix_lists = [[10, 10], [10]]  # lists of positive integers; one radix per weight layer
strange_radix_lists = [[10, 10], [1]]  # the same for the second model
layer_sizes = [784, 300, 100, 10]  # neurons, inputs first: 784 pixels, 10 classes
seeds = [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000]  # one run each; integers of at least 0
epochs = 10  # passes over the training images, 1 or more
batch_size = 2048  # images per step, 1 or more
learning_rate = 0.001  # of Adam, above 0

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
    images, labels = mnist.train_images[order].astype("float32") / 255, mnist.train_labels[order]
    validation = len(labels) // 10
    model = rx.CustomModel(topologies[model_kind], seed=seed)
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
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


runs = pd.concat([train(kind, seed) for kind in topologies for seed in seeds], ignore_index=True)
final = runs[runs["epoch"] == epochs].set_index(["model", "seed"])
final.groupby("model")[["train_accuracy", "validation_accuracy"]].agg(["min", "median", "max"]).style.format("{:.1%}")


# %% tags=["figure"]
def draw(figure):
    """Draw the normal model on top and the strange one below, as the paper does."""
    levels = {"normal": (0.9, "the paper: all end above 90 %"), "strange": (0.6, "the paper: all stay below 60 %")}
    for axes, (kind, topology), colour in zip(figure.subplots(2, 1, sharex=True), topologies.items(), ("C0", "C1"), strict=True):
        curves = [run["train_accuracy"] for _, run in runs[runs["model"] == kind].groupby("seed")]
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

# %% tags=["nbval-check-output"]
normal, strange = final.loc["normal", "train_accuracy"], final.loc["strange", "train_accuracy"]
print(f"normal model, final training accuracy: all {len(normal)} seeds above 90 %: {bool((normal > 0.9).all())}")
print(f"strange model, seeds that stay below 60 %: {int((strange < 0.6).sum())} of {len(strange)}")
print(f"strange model, its best seed stays below the normal model's worst: {bool(strange.max() < normal.min())}")
print(f"spread over seeds more than ten times the normal model's: {bool(np.ptp(strange) > 10 * np.ptp(normal))}")

# %%
plots.download(runs, "fig09_seeds.csv")

# %% tags=["remove-cell"]
from myst_nb import glue

as_printed = bool((normal > 0.9).all() and (strange < 0.6).all())
in_kind = bool((normal > 0.9).all() and strange.max() < normal.min())
glue("fig09_normal_lowest", f"{normal.min():.0%}", display=False)
glue("fig09_normal_highest", f"{normal.max():.0%}", display=False)
glue("fig09_strange_lowest", f"{strange.min():.0%}", display=False)
glue("fig09_strange_highest", f"{strange.max():.0%}", display=False)
glue("fig09_below_60", f"{int((strange < 0.6).sum())} of {len(strange)}", display=False)
glue(
    "fig09_verdict",
    "reproduced" if as_printed else "reproduced with a difference: some strange runs pass 60 %" if in_kind else "not reproduced",
    display=False,
)

# %% [markdown]
# ## Try this
#
# - `epochs = 30`: do the strange lines ever leave their levels?
# - `strange_radix_lists = [[10, 10], [5]]`: half the connections into each class. Is the model still strange?
# - `learning_rate = 0.01`: does a larger step free the strange model?
