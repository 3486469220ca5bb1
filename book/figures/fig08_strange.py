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
# # Figure 8: the strange models
#
# How do the strange models fail, and do they fail in groups?
#
# **The paper trains** 426 networks of at least 90 % {term}`sparsity` and finds that "several models
# exhibited vastly different training behavior", which it calls strange. Trained for 30 epochs they
# show "highly variable accuracies that fail to match the 'normal' models after an order of
# magnitude more epochs". They "{term}`plateau` quickly" and fall into six groups, "around 28%,
# 35%–40%, 45%-50%, 55%-57.5%, 60%-65%, and 70%-80%", and "each of the
# {term}`strange models <strange model>` had at least one {term}`radix` of 10 or higher"
# {cite}`kwak2023`.
#
# We train the same 426 networks. Those that end at a {term}`training accuracy` of 75 % or less, the
# authors' limit, are trained again for 30 epochs. We find groups at the gaps between final
# accuracies and set them beside the paper's six. Other pages count other sets of strange models;
# {ref}`the table below <four-counts>` tells them apart. The picture and the counts under it are of
# one {term}`seed`. The verdict and the claims rest on other runs: of the same models, each from a
# seed of its own, and of those among them that are strange, for 30 epochs.

# %% tags=["parameters"]
# Largest i and j of [[i, j], [k]]; 2 or more. From 10 on some models are strange.
largest_radix = 15
# Least sparsity before trimming; at least 0, less than 1, and reached by some network.
min_expanded_sparsity = 0.9
# Units in each layer: 784 pixels, two hidden layers, at least 10 classes.
layer_sizes = [784, 300, 100, 10]
# Seed of starting weights, validation images and order of training; an integer of at least 0.
seed = 1000
# Passes over the training images in the first round; 1 or more.
epochs = 3
# Images per training step in the first round; 1 or more.
batch_size = 100
# Training accuracy after the first round up to which a model is strange; 0 to 1.
strange_accuracy = 0.75
# Passes over the training images for the strange models; 3 or more.
longer_epochs = 30
# Images per training step for the strange models; 1 or more.
longer_batch_size = 512
# Gap between final accuracies that separates two groups; above 0.
gap = 0.02

# %% tags=["hide-input"]
import numpy as np
import pandas as pd

import radixnet as rx
from companion import experiments, plots, published, published_runs, working_store
from companion import parameters as rule
from companion.claims import fig08
from companion.claims.measurement import leave_claims
from companion.parameters import check
from companion.scores import fashion_limit

check(
    globals(),
    largest_radix=rule.whole(2),
    min_expanded_sparsity=rule.number(0, below=1),
    layer_sizes=rule.layer_sizes(weight_layers=3),
    seed=rule.whole(0),
    epochs=rule.whole(1),
    batch_size=rule.whole(1),
    strange_accuracy=rule.number(0, 1),
    longer_epochs=rule.whole(3),
    longer_batch_size=rule.whole(1),
    gap=rule.number(above=0),
)

# %% [markdown]
# ## Training
#
# We train all models, then the strange ones again from the same start, for longer. Published runs,
# and runs already trained here, are read and not trained again.

# %% tags=["remove-stderr"]
family = rx.fig8_family(largest_radix, min_expanded_sparsity, layer_sizes)
if not family:
    every = rx.fig8_family(largest_radix, 0, layer_sizes)
    sparsest = max(topology.expanded_sparsity for topology in every)
    raise ValueError(
        f"parameter min_expanded_sparsity is {min_expanded_sparsity}: "
        f"with radices up to {largest_radix} no network is so sparse; "
        f"give at most {np.floor(sparsest * 1e4) / 1e4}, or a larger largest_radix"
    )
specs = experiments.fig8(family, seed, epochs=epochs, batch_size=batch_size)
finished = rx.sweep(specs, store=working_store(), on_failure="raise")

strange = experiments.is_strange(finished, strange_accuracy)
longer_specs = experiments.fig8_longer(
    specs,
    finished,
    strange_accuracy,
    epochs=longer_epochs,
    batch_size=longer_batch_size,
)
longer = (
    rx.sweep(longer_specs, store=working_store(), on_failure="raise")
    if longer_specs
    else finished.iloc[:0]
)

# %%
measures = ["train_accuracy", "validation_accuracy", "test_accuracy"]
models = finished[["radix_lists", "sparsity", *measures]].assign(
    largest_radix=[max(topology.radices) for topology in family],
    output_fan_in=[topology.diagnose().min_output_fan_in for topology in family],
    strange=strange,
)
curves = np.array(longer["train_accuracy_curve"].tolist()).reshape(-1, longer_epochs)
ends = curves[:, -1]
numbers = fig08.group_numbers(ends, gap)
models["group"] = pd.Series(pd.NA, models.index, dtype="Int64")
models.loc[strange, "group"] = numbers
models.loc[strange, "train_accuracy_longer"] = ends
models.loc[strange, "test_accuracy_longer"] = longer["test_accuracy"].to_numpy()
models.loc[strange, "classes_longer"] = longer["test_classes"].to_numpy()

groups = (
    models[strange]
    .groupby("group")
    .agg(
        models=("radix_lists", "size"),
        lowest=("train_accuracy_longer", "min"),
        highest=("train_accuracy_longer", "max"),
        fewest_classes=("classes_longer", "min"),
        most_classes=("classes_longer", "max"),
    )
)
groups.style.format("{:.0f}").format("{:.1%}", subset=["lowest", "highest"])

# %% [markdown]
# Each line is a group: models whose final training accuracies follow each other without a gap. The
# last two columns count the classes that such a model still answers for at least one of the 10,000
# test images.
#
# The number of models in a group is not a frequency. All models start from the draw of one
# {term}`seed`, and each keeps the weights of its own connections. Comparisons are therefore paired,
# but where a class hangs on a single connection, it is the same connection in all these models,
# with the same weight and sign. Another seed moves them all to other groups at once.


# %% tags=["figure", "hide-input"]
def draw(figure):
    """Draw the curves, coloured by the classes answered, over the paper's ranges."""
    axes = figure.subplots()
    plots.draw_by_classes(axes, curves, longer["test_classes"], fig08.PAPER_GROUPS)
    axes.set(ylim=(0, 1), ylabel="training accuracy", xlabel="epoch")
    axes.set_xlim(right=1.12 * longer_epochs)  # room for the numbers of classes
    axes.set_xticks(range(0, longer_epochs + 1, max(1, longer_epochs // 6)))


between = f" between {ends.min():.0%} and {ends.max():.0%}" if len(ends) else ""
plots.themed(
    draw,
    alt=f"Training accuracy of {len(ends)} strange models over {longer_epochs} epochs; they end"
    f"{between}. Lines of models that answer equally many classes run close together, higher the "
    "more classes. The paper's six ranges are shaded.",
    size=(8.5, 5.2),
)

# %% [markdown] tags=["caption"]
# A line for each {term}`strange model`, all from one {term}`seed`, coloured by how many of the ten
# classes it still answers at the end; where a line runs goes with that number. Shaded, with the
# numbers at the right: the six groups that the paper sees.

# %% tags=["interactive", "remove-input"]
plots.explore_classes(
    longer.assign(
        output_fan_in=models.loc[strange, "output_fan_in"].to_numpy(), group=numbers
    ),
    curves,
    fig08.PAPER_GROUPS,
    layer_sizes,
    alt=f"Training accuracy of {len(ends)} strange models over {longer_epochs} epochs, "
    "coloured by the number of classes answered; the ranges that the paper reports are shaded.",
) if len(ends) else None

# %% tags=["nbval-check-output", "hide-input"]
normal = models[~strange]
below = int((ends < normal["train_accuracy"].median()).sum())
predict = published_runs("predict")
own = predict[predict["variant"] == experiments.OWN_STARTS]
own = own.assign(strange=experiments.is_strange(own))
own_longer = published_runs("claims").query("variant == 'Fig. 8, longer'")
own_curves = np.array(own_longer["train_accuracy_curve"].tolist())
stay_low = fig08.strange_stay_low(own, experiments.FIG8_EPOCHS, own_curves)
own_groups = fig08.six_groups(own_curves, gap)
own_in_span = fig08.groups_in_span(own_curves[:, -1], gap)
own_losses = np.array(own_longer["train_loss_curve"].tolist())
falling = np.array(longer["train_loss_curve"].tolist()).reshape(-1, longer_epochs)
falling = falling[:, -1] < falling[:, -1 - longer_epochs // 3]
settled = np.abs(ends - curves[:, longer_epochs // 3 - 1])
usual_accuracy = normal["train_accuracy"].median()
print(f"models: {len(models)}; the paper says 426")
print(f"strange models: {strange.sum()}; the authors' log lists 74")
if len(normal):
    print(
        f"normal models, median training accuracy after {epochs} epochs: {usual_accuracy:.1%}"
    )
    print(
        f"strange models that end below that after {longer_epochs}: {below} of {len(ends)}"
    )
print(f"groups separated by more than {100 * gap:g}%: {len(groups)}; the paper sees 6")
print(
    "strange models that change by less than 2 % in the last two thirds: "
    f"{(settled < 0.02).sum()} of {len(ends)}"
)
print(
    "strange models whose training loss still falls in the last third: "
    f"{falling.sum()} of {len(ends)}"
)
print(
    f"each model from a seed of its own: {own['strange'].sum()} of {len(own)} strange, "
    f"{own_groups['groups']} groups, {own_in_span} of them within the span of the paper's"
)
print(
    f"of these {len(own_losses)}, training loss lower after epoch {own_losses.shape[1]} than "
    f"after epoch 20: {(own_losses[:, -1] < own_losses[:, 19]).sum()}"
)
classes = models.loc[strange, "classes_longer"].to_numpy(dtype=float)
print(
    f"strange models that still answer all ten classes: {(classes == 10).sum()} of {len(ends)}"
)
varied = len(set(classes)) > 1 and len(set(ends)) > 1
if varied:
    correlation = np.corrcoef(classes, ends)[0, 1]
    print(
        f"correlation of final accuracy and number of classes answered: {correlation:.2f}"
    )
print(
    "strange models with a radix of 10 or more: "
    f"{(models.loc[strange, 'largest_radix'] >= 10).sum()} of {strange.sum()}"
)
print(
    "normal models with a radix of 10 or more: "
    f"{(normal['largest_radix'] >= 10).sum()} of {len(normal)}"
)
for fan_in in (0, 1, 2, 3):
    mine = models["output_fan_in"] == fan_in
    if fan_in or mine.any():
        print(
            f"smallest output fan-in {fan_in}, strange: {(mine & strange).sum()} of {mine.sum()}"
        )
more = models["output_fan_in"] > 3
print(
    f"smallest output fan-in 4 or more, strange: {(more & strange).sum()} of {more.sum()}"
)

# %% [markdown]
# (four-counts)=
# ## Four counts of strange models
#
# Four numbers of strange models occur in this book. They count different runs, by the same limit of
# 75 %, which is scaled for the Fashion-MNIST runs on [Predicting which models
# fail](../beyond/predict.ipynb). [Repairing strange models](../beyond/repair.ipynb) starts from
# five seeds.

# %% tags=["hide-input"]
logged = pd.read_csv(published("authors_log.csv"), comment="#")
repair = published_runs("repair")
repair = repair[repair["variant"] == "as in the paper"]
limit = experiments.STRANGE_ACCURACY
limits = predict["dataset"].map({"mnist": limit, "fashion-mnist": fashion_limit(limit)})
failed = experiments.is_strange(predict, limits)
pd.DataFrame(
    [
        (f"this page: one run of each model, seed {seed}", len(models), strange.sum()),
        ("the authors' log: one run of each model, their start", 426, len(logged)),
        (
            f"Repairing: the 426 models, {repair['seed'].nunique()} starts each",
            len(repair),
            experiments.is_strange(repair).sum(),
        ),
        (
            f"Predicting: {predict['variant'].nunique()} families of networks, "
            "one start each, a seed of its own for every network",
            len(predict),
            failed.sum(),
        ),
    ],
    columns=["counted where", "runs", "strange"],
).style.hide(axis="index").format(thousands=",")

# %% tags=["remove-input"]
plots.download(models, "fig08_strange.csv")

# %% tags=["remove-input"]
plots.download(
    longer[["radix_lists", "seed"]]
    .assign(
        group=numbers,
        epoch=[list(range(1, longer_epochs + 1))] * len(longer),
        **{measure: longer[f"{measure}_curve"] for measure in measures},
    )
    .explode(["epoch", *measures]),
    "fig08_strange_curves.csv",
)

# %% tags=["remove-cell"]
from companion.page import report

inside = own_groups["share_of_models_in_a_range"]
because = (
    f"{own['strange'].sum()} of {len(own)} models, each from its own seed, are strange "
    f"(the authors log {len(logged)}). After {own_curves.shape[1]} epochs "
    f"{stay_low['share_that_stays_below']:.0%} stay below the others' median; {inside:.0%} end "
    f"within a point of the paper's six ranges, in whose span lie {own_in_span} of "
    f"{own_groups['groups']} groups"
)
report(
    fig08_models=len(models),
    fig08_strange=int(strange.sum()),
)
if varied:
    report(fig08_classes=f"{correlation:.2f}")
report(
    fig08_because=because,
)
leave_claims(
    fig08.strange_beside_normal(own),
    fig08.number_of_models(models),
    fig08.most_train_well(own),
    fig08.several_strange(own),
    stay_low,
    fig08.close_sparsities(own),
    fig08.radices_over_sparsity(own),
    fig08.radix_of_10(own),
    fig08.plateau(own_curves),
    own_groups,
    fig08.separated(own_curves),
)

# %% [markdown]
# ## Try this
#
# - `seed = 4000`: another draw. How many models does each group hold now?
# - `largest_radix = 20`: more models, with a minute or two of training. Are there new groups?
# - `longer_epochs = 100`: does any strange model recover?
