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
# Does a strange model stay strange from another start?
#
# **The paper trains** a "normal" and a "strange" model from ten {term}`seeds <seed>` each: "Whereas
# the different initializations of the 'normal' model ultimately converged in greater than 90%
# accuracy, the same could not be said about those of the {term}`strange model` which both stayed
# separated and below 60% over ten epochs" {cite}`kwak2023`. It does not print the two
# {term}`radix lists <radix list>`.
#
# We draw two that share their first list, chosen before any run. The normal model, `[[10, 10], [10]]`, is
# the paper's own example; the strange one, `[[10, 10], [1]]`, differs in its last {term}`radix`
# only and is in the authors' log of strange models. If our normal model ends at other values than
# the paper's, it may simply be another model. So the claims rest on more: eight normal and eight
# strange models drawn at random from the 426 of {doc}`fig08_strange`, in batches of 2,048 and of
# 100.
#
# We draw {term}`training accuracy`, the mean over each {term}`epoch` as Keras reports it; the paper
# does not say which accuracy it shows. A training step takes 2,048 images here and 100 in [the
# tutorial](../learn/tutorial.ipynb), so an epoch has a twentieth of the steps: that is why the same
# strange network, from the same seed, ends at another accuracy there.

# %% tags=["parameters"]
# Units in each layer: 784 pixels, hidden layers or none, at least 10 classes.
layer_sizes = [784, 300, 100, 10]
# Radix lists of the normal model, legal; one positive integer for every size but the first.
normal_radix_lists = [[10, 10], [10]]
# Radix lists of the strange model, legal; the same rules.
strange_radix_lists = [[10, 10], [1]]
# Seeds, with one run of each model for each; different integers of at least 0, one or more.
seeds = [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000]
# Passes over the training images; 1 or more.
epochs = 10
# Images per training step; 10 or more (Keras is slow for fewer).
batch_size = 2048
# Step size of Adam; above 0 and at most 1.
learning_rate = 0.001
# Engine: "keras" fits a CustomModel; "sparse" follows the connections only and is faster.
engine = "keras"

# %% tags=["hide-input"]
import pandas as pd

import radixnet as rx
from companion import colours, experiments, plots, published_runs, working_store
from companion import parameters as rule
from companion.claims import fig09
from companion.claims.measurement import leave_claims
from companion.parameters import check

check(
    globals(),
    layer_sizes=rule.layer_sizes(),
    normal_radix_lists=rule.radix_lists(layer_sizes),
    strange_radix_lists=rule.radix_lists(layer_sizes),
    seeds=rule.several(rule.whole(0)),
    epochs=rule.whole(1),
    batch_size=rule.whole(10),
    learning_rate=rule.number(above=0, most=1),
    engine=rule.one_of("keras", "sparse"),
)

# %% [markdown]
# ## Training
#
# We follow the paper's set-up. {term}`MNIST`'s 60,000 training images are shuffled by the seed; the
# first 90 % train, the last 10 % validate. No biases, weights from N(0, 0.05), ReLU, softmax, Adam,
# cross-entropy. Published runs, and runs already trained here, are read and not trained again.

# %% tags=["remove-stderr"]
topologies = {
    "normal": rx.RadixTopology(normal_radix_lists, layer_sizes),
    "strange": rx.RadixTopology(strange_radix_lists, layer_sizes),
}
specs = experiments.fig9(
    topologies.values(),
    seeds,
    epochs=epochs,
    batch_size=batch_size,
    learning_rate=learning_rate,
    engine=engine,
)
finished = rx.sweep(specs, store=working_store(), on_failure="raise")
finished.index = pd.MultiIndex.from_product(
    [topologies, seeds], names=["model", "seed"]
)

# %%
measures = ["train_accuracy", "validation_accuracy", "test_accuracy"]
curves = {measure: finished[f"{measure}_curve"].explode() for measure in measures}
runs = pd.DataFrame(curves).astype(float)
runs.insert(0, "epoch", runs.groupby(level=["model", "seed"]).cumcount() + 1)
runs = runs.reset_index()
final = runs[runs["epoch"] == epochs].set_index(["model", "seed"])
final.groupby("model")[measures].agg(["min", "median", "max"]).style.format("{:.1%}")


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
        (colours.NORMAL, colours.STRANGE),
        strict=True,
    ):
        curves = [
            run["train_accuracy"]
            for _, run in runs[runs["model"] == kind].groupby("seed")
        ]
        plots.draw_training_curves(axes, curves, colour, *levels[kind])
        axes.set_title(
            f"{kind} model: {rx.format_radix_lists(topology.radix_lists)}, "
            f"sparsity {topology.sparsity:.1%}, {len(seeds)} seeds"
        )
        axes.label_outer()


ends = {
    kind: f"{final.loc[kind, 'train_accuracy'].min():.0%} to "
    f"{final.loc[kind, 'train_accuracy'].max():.0%}"
    for kind in topologies
}
plots.themed(
    draw,
    alt=f"Two panels of training accuracy against epoch, {len(seeds)} lines each. "
    f"Top, normal model: after epoch {epochs} the lines lie at {ends['normal']}. "
    f"Bottom, strange model: they lie at {ends['strange']}.",
    size=(8.5, 7),
)

# %% [markdown] tags=["caption"]
# Ten starts of a normal network (above) and of a strange one (below) that differs in its last radix
# only. Dotted: the limits that the paper names.

# %% tags=["nbval-check-output", "hide-input"]
normal_runs, strange_runs = (finished.loc[kind] for kind in topologies)
in_general = dict(list(published_runs("claims").groupby("variant")))
drawn = {
    kind: {
        batch: in_general[f"Fig. 9, {kind}, {batch}"]
        for batch in experiments.BATCH_SIZES
    }
    for kind in topologies
}
normal = fig09.normal_above_90(normal_runs, drawn["normal"])
strange = fig09.strange_below_60(strange_runs, drawn["strange"])
dependence = fig09.depends_on_radices(**drawn)
tickets = fig09.winning_tickets(in_general["Fig. 8, best normal"])
print(f"normal model, training accuracy after {epochs} epochs: {ends['normal']}")
print(f"strange model, training accuracy after {epochs} epochs: {ends['strange']}")
print(f"strange model, highest of any epoch: {strange['highest_accuracy']:.0%}")
print("drawn models:")
for measured in (normal, strange, dependence):
    print(f"  {measured.statement}")
print(f"the best of the 426: {tickets.statement}")

# %% tags=["remove-input"]
plots.download(runs, "fig09_seeds.csv")

# %% tags=["remove-cell"]
from companion.page import report

because = (
    f"our normal model ends at {ends['normal']}, the paper's, which is not named, above 90%; "
    f"our strange model ends at {ends['strange']}, the paper's below 60%. Of models drawn at random, "
    + "; ".join(measured.statement.split(". ")[0] for measured in (normal, strange))
)
report(
    fig09_normal=ends["normal"],
    fig09_strange=ends["strange"],
    fig09_seeds=len(seeds),
    fig09_because=because,
)
leave_claims(normal, strange, dependence, tickets)

# %% [markdown]
# ## Try this
#
# - `epochs = 30`: do the strange lines ever leave their levels?
# - `strange_radix_lists = [[10, 10], [5]]`: half the connections into each class. Is the model
#   still strange?
# - `learning_rate = 0.01`: does a larger step free the strange model?
