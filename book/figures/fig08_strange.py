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
# exhibited vastly different training
# behavior", which it calls strange. Trained for 30 epochs they show "highly variable accuracies that fail to match the 'normal' models
# after an order of magnitude more epochs". They "{term}`plateau` quickly", fall into six groups,
# "around 28%, 35%–40%, 45%-50%, 55%-57.5%,
# 60%-65%, and 70%-80%", and "each of the {term}`strange models <strange model>` had at least one
# {term}`radix` of 10 or higher" {cite}`kwak2023`.
#
# Here the same 426 networks are trained; those whose {term}`training accuracy` ends at 75 % or
# less, the authors' limit, are trained again for
# 30 epochs. Groups are found from the data, at the gaps between final accuracies, and set beside the paper's six.

# %% tags=["parameters"]
# Radices i and j of [[i, j], [k]] run from 1 to this number; 2 or more, 10 or more give strange models.
largest_radix = 15
# Least sparsity before the networks are cut to size; at least 0, less than 1, and some network must be so sparse.
min_expanded_sparsity = 0.9
# Neurons, inputs first: 784 pixels, two hidden layers, at least 10 classes.
layer_sizes = [784, 300, 100, 10]
# Decides starting weights, validation images and the order of training; an integer of at least 0.
seed = 1000
# Passes over the training images in the first round; 1 or more.
epochs = 3
# Images per training step in the first round; 1 or more.
batch_size = 100
# A model is strange when its training accuracy after the first round is this or less; 0 to 1.
strange_accuracy = 0.75
# Passes over the training images for the strange models; 3 or more, as the last two thirds are looked at.
longer_epochs = 30
# Images per training step for the strange models; 1 or more.
longer_batch_size = 512
# Final accuracies that lie further apart than this belong to different groups; above 0.
gap = 0.02

# %% tags=["hide-input"]
import numpy as np
import pandas as pd

import radixnet as rx
from companion import experiments, plots, working_store
from companion import parameters as rule
from companion.claims import fig08
from companion.claims.measurement import leave_claims
from companion.parameters import check

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
# First all models, then the strange ones again from the same start. What is published or was trained before is not trained again.

# %% tags=["remove-stderr"]
family = rx.fig8_family(largest_radix, min_expanded_sparsity, layer_sizes)
if not family:
    every = rx.fig8_family(largest_radix, 0, layer_sizes)
    sparsest = max(topology.expanded_sparsity for topology in every)
    raise ValueError(
        f"parameter min_expanded_sparsity is {min_expanded_sparsity}: with radices up to {largest_radix} no network is so sparse; "
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
# Each line is a group of models whose final training accuracies follow each other without a gap; five colours take turns in the
# figure, so that neighbouring groups differ. The last two columns count the
# classes that such a model still gives for an answer to at least one of the 10,000 test images.
#
# How many models a group holds is no frequency. All models start from one {term}`seed`'s draw, of
# which each keeps the weights of its own
# connections. So comparisons are paired; but where a class hangs on a single connection, it is the same connection in all these
# models, with the same weight and the same sign. Another seed moves all of them to other groups at once.


# %% tags=["figure", "hide-input"]
def draw(figure):
    """Draw the curves, coloured by group, and beside them where they end and where the paper's groups lie."""
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1))
    plots.draw_groups(left, curves, numbers)
    plots.draw_ends(right, ends, numbers, fig08.PAPER_GROUPS)
    left.set(ylim=(0, 1), ylabel="training accuracy", xlabel="epoch")
    left.set_title(
        f"{len(ends)} strange models of {len(models)}, {longer_epochs} epochs"
    )
    right.set_title("where they end;\ngrey: the paper's groups")


between = f" between {ends.min():.0%} and {ends.max():.0%}" if len(ends) else ""
plots.themed(
    draw,
    alt=f"Training accuracy of {len(ends)} strange models over {longer_epochs} epochs, in {len(groups)} "
    f"groups{between}. Beside them a histogram of where they end, with the paper's six ranges shaded.",
    size=(8.5, 5.2),
)

# %% [markdown] tags=["caption"]
# A line for each {term}`strange model`, coloured by the group in which it ends. Right: where they
# end, and the paper's groups in grey.

# %% tags=["interactive", "remove-input"]
plots.explore_groups(
    longer.assign(
        output_fan_in=models.loc[strange, "output_fan_in"].to_numpy(), group=numbers
    ),
    curves,
    fig08.PAPER_GROUPS,
    layer_sizes,
    alt=f"Training accuracy of {len(ends)} strange models over {longer_epochs} epochs, "
    "coloured by group; the ranges that the paper reports are shaded.",
) if len(ends) else None

# %% tags=["nbval-check-output", "hide-input"]
normal = models[~strange]
groups_found = fig08.six_groups(curves, gap)
stay_low = fig08.strange_stay_low(models, epochs, curves)
inside, below = (
    round(share * len(ends)) if len(ends) else 0
    for share in (
        groups_found["share_of_models_in_a_range"],
        stay_low["share_that_stays_below"],
    )
)
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
print(
    f"groups separated by more than {100 * gap:g}%: {groups_found['groups']}; the paper sees 6"
)
print(
    f"strange models that end within a point of one of the paper's ranges: {inside} of {len(ends)}"
)
print(
    f"strange models that change by less than 2 % in the last two thirds: {(settled < 0.02).sum()} of {len(ends)}"
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
    f"strange models with a radix of 10 or more: {(models.loc[strange, 'largest_radix'] >= 10).sum()} of {strange.sum()}"
)
print(
    f"normal models with a radix of 10 or more: {(normal['largest_radix'] >= 10).sum()} of {len(normal)}"
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

because = f"{strange.sum()} of {len(models)} models are strange"
if len(ends) and len(normal):
    because += (
        f"; {below} of them stay below the normal models' median "
        f"after {longer_epochs} epochs, {(settled < 0.02).sum()} do not move in the last two thirds, and {inside} end within a point of "
        "one of the paper's six ranges"
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
    fig08.strange_beside_normal(models),
    fig08.number_of_models(models),
    fig08.most_train_well(models),
    fig08.several_strange(models),
    stay_low,
    fig08.close_sparsities(models),
    fig08.radices_over_sparsity(models),
    fig08.radix_of_10(models),
    fig08.plateau(curves),
    groups_found,
    fig08.separated(curves),
)

# %% [markdown]
# ## Try this
#
# - `seed = 4000`: another draw. How many models does each group hold now?
# - `largest_radix = 20`: more models, a minute or two of training. Are there new groups?
# - `longer_epochs = 100`: does any strange model recover?
