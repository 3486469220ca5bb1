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
# and says that "a benefit of this approach
# is that it reveals the symmetrical nature of {term}`RadiX-Nets <RadiX-Net>`" {cite}`kwak2023`.
#
# Here the first 50 units of each layer stand in columns. The {term}`paths <path>` that leave one
# input are followed in orange: each
# layer multiplies them by its {term}`radix`, as each digit multiplies the numbers that can be
# written.

# %% tags=["parameters"]
# Neurons, inputs first; 2 sizes or more, positive integers.
layer_sizes = [784, 300, 100, 10]
# Legal lists of positive integers; one radix for every size but the first.
radix_lists = [[10, 10], [10]]
# Units drawn of each layer; 1 or more.
nodes_per_layer = 50
# The input whose paths are followed; 0 to nodes_per_layer - 1, and one of the inputs.
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
        f"parameter traced_input is {traced_input}: the network has {layer_sizes[0]} inputs; give less"
    )
largest = max(rx.RadixTopology(radix_lists, layer_sizes).expanded_layer_sizes)
if largest > 5000:
    raise ValueError(
        f"parameter radix_lists is {radix_lists}: before {layer_sizes} is cut out of it, the network has a layer of {largest:,} "
        "units, and all paths between them are counted; give smaller radices or sizes, for layers of up to 5,000"
    )

# %% [markdown]
# ## The network, fitted and expanded

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
    alt=f"The first {nodes_per_layer} units of each layer of {fitted}, in columns, a line for every connection. The paths that "
    f"leave input {traced_input} are orange and fan out from layer to layer.",
    size=(8.5, 8.5),
)

# %% [markdown] tags=["caption"]
# Every line is a connection. Orange: all {term}`paths <path>` that leave one input; each layer
# multiplies them.

# %% [markdown]
# Two kinds of symmetry are meant. In the drawn network every connection has its copy one unit
# further down. In the {term}`expanded network`
# the copies go on around the end of each block of $N'$ units, so no unit is special, and every input has the same number of paths to
# every output. {term}`Trimming` cuts blocks, and with them the second kind; whether the path counts
# stay equal depends on the radices.

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
        f"drawn network, every inner connection has its copy one unit further: {all(inner)}"
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
print(f"as many as the formula says: {uniform}")
print(
    f"drawn, paths from any input to any output: {after.min_paths} to {after.max_paths}"
)

# %% tags=["remove-input"]
plots.download(paths, "fig02_paths.csv")

# %% tags=["remove-cell"]
from companion.page import report

report(
    fig02_because=(
        f"{'every' if all(inner) else 'not every'} inner connection of the drawn network has its "
        f"copy one unit further; around the ends of the blocks {around_drawn:.1%} have, "
        f"before trimming {around_expanded:.1%}"
    ),
    fig02_paths_expanded=expanded.expanded_path_count,
)
leave_claims(symmetry)

# %% [markdown]
# ## Try this
#
# - `radix_lists = [[2, 2, 2]]`, `layer_sizes = [8, 8, 8, 8]`, `nodes_per_layer = 8`, `traced_input = 4`: eight nodes, three binary
#   digits. Every input reaches every output by exactly one path.
# - `radix_lists = [[10, 10], [1]]`: each output hangs on one unit only.
# - `radix_lists = [[3, 4], [6]]`: radices need not be equal, and 12 does not divide 100. How many paths are left after trimming?
