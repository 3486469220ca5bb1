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
# # Figure 2: the network as a graph
#
# Is the wiring as symmetrical as it looks?
#
# **The paper draws** the connections of `[[10, 10], [10]]` on {term}`LeNet 300-100` with NetworkX
# and says that "a benefit of this approach is that it reveals the symmetrical nature of
# {term}`RadiX-Nets <RadiX-Net>`" {cite}`kwak2023`.
#
# There are two kinds of symmetry. In the drawn network, every connection between inner units has a
# copy one unit further down. In the {term}`expanded network` the copies continue around the end of
# each block of $N'$ units: no unit is special, and every input has the same number of
# {term}`paths <path>` to every output. {term}`Trimming` cuts blocks and so breaks the second kind;
# whether path counts stay equal depends on the radices. For `[[10, 10], [10]]` they do. [Figure
# 3](fig03_sparsities.ipynb) counts the few networks of which that is true.

# %% tags=["parameters"]
# Units in each layer, inputs first; two or more positive integers.
layer_sizes = [784, 300, 100, 10]
# Radix lists of the network, legal; one positive integer for every size but the first.
radix_lists = [[10, 10], [10]]
# Units drawn in each layer; 1 or more.
nodes_per_layer = 50
# Input whose paths are drawn in blue; 0 to nodes_per_layer - 1, and an input of the network.
traced_input = 24

# %% tags=["hide-input"]
import pandas as pd

import radixnet as rx
from companion import parameters as rule
from companion import plots
from companion.claims import fig02
from companion.claims.measurement import leave_claims
from companion.parameters import check

check(
    globals(),
    layer_sizes=rule.layer_sizes(inputs=None, outputs=None),
    radix_lists=rule.radix_lists(layer_sizes),
    nodes_per_layer=rule.whole(1),
    traced_input=rule.whole(0, nodes_per_layer - 1),
)
if traced_input >= layer_sizes[0]:
    raise ValueError(
        f"parameter traced_input is {traced_input}: the network has {layer_sizes[0]} inputs, "
        f"numbered from 0; give at most {layer_sizes[0] - 1}"
    )
largest = max(rx.RadixTopology(radix_lists, layer_sizes).expanded_layer_sizes)
if largest > 5000:
    raise ValueError(
        f"parameter radix_lists is {radix_lists}: before trimming to {layer_sizes}, "
        f"a layer has {largest:,} units; all paths are counted, so layers may have at most 5,000; "
        "give smaller radices or sizes"
    )

# %% [markdown]
# ## Paths before and after trimming

# %%
fitted = rx.RadixTopology(radix_lists, layer_sizes)
expanded = rx.RadixTopology(radix_lists, fitted.expanded_layer_sizes)
diagnoses = {"fitted": fitted.diagnose(), "expanded": expanded.diagnose()}

paths = pd.DataFrame(
    [
        {
            "network": name,
            "layer_sizes": "-".join(map(str, diagnosis.layer_sizes)),
            "fewest_paths": diagnosis.min_paths,
            "most_paths": diagnosis.max_paths,
            "mean_paths": diagnosis.mean_paths,
            "connected_pairs": diagnosis.connected_pairs,
        }
        for name, diagnosis in diagnoses.items()
    ]
)
shown = paths.rename(columns=lambda name: name.replace("_", " "))
shown.style.hide(axis="index").format(
    {"mean paths": "{:.1f}", "connected pairs": "{:.1%}"}
)

# %% tags=["figure", "hide-input"]
plots.themed(
    lambda figure: plots.draw_network(
        figure.add_subplot(), fitted.masks, nodes_per_layer, traced_input
    ),
    alt=f"The first {nodes_per_layer} units of each layer of {fitted}, in columns, "
    "with a line for every connection. "
    f"The paths that leave input {traced_input} are blue and fan out from layer to layer.",
    size=(8.5, 8.5),
)

# %% [markdown] tags=["caption"]
# The first units of each layer; every line is a connection. Blue: all {term}`paths <path>` that
# leave one input. Each layer multiplies them by its {term}`radix`.

# %% tags=["nbval-check-output", "hide-input"]
inner = [
    bool((mask[1:, 1:] == mask[:-1, :-1]).all())
    for mask in fitted.masks
    if min(mask.shape) > 1
]
before, after = diagnoses["expanded"], diagnoses["fitted"]
uniform = before.min_paths == before.max_paths == expanded.expanded_path_count
symmetry = fig02.symmetry(expanded, fitted)
around_expanded = symmetry["connections_with_a_copy_before_trimming"]
around_drawn = symmetry["connections_with_a_copy_as_drawn"]
print(f"network: {fitted}")
if inner:
    print(
        f"drawn network, every inner connection has a copy one unit further: {all(inner)}"
    )
print(
    f"expanded network, share of connections with a copy around the blocks: {around_expanded:.1%}"
)
print(
    f"drawn network, share of connections with a copy around the blocks: {around_drawn:.1%}"
)
print(
    f"expanded, paths from any input to any output: {before.min_paths} to {before.max_paths}"
)
print(f"the number that the formula gives: {uniform}")
print(
    f"drawn, paths from any input to any output: {after.min_paths} to {after.max_paths}"
)

# %% tags=["remove-input"]
plots.download(paths, "fig02_paths.csv")

# %% tags=["remove-cell"]
from companion.page import report

report(
    fig02_because=(
        f"before trimming, {around_expanded:.1%} of connections have a copy one unit further "
        f"around their block; in the drawn, trimmed network {around_drawn:.1%} do"
    ),
    fig02_paths_expanded=expanded.expanded_path_count,
)
leave_claims(symmetry)

# %% [markdown]
# ## Try this
#
# - `radix_lists = [[2, 2, 2]]`, `layer_sizes = [8, 8, 8, 8]`, `nodes_per_layer = 8`,
#   `traced_input = 4`: eight nodes, three binary digits. Every input reaches every output by
#   exactly one path.
# - `radix_lists = [[10, 10], [1]]`: each output hangs on a single unit.
# - `radix_lists = [[3, 4], [6]]`: unequal radices, and 12 does not divide 100. How many paths
#   survive trimming?
