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
# **The paper draws** the connections of `[[10, 10], [10]]` on LeNet 300-100 with NetworkX and says that "a benefit of this approach
# is that it reveals the symmetrical nature of RadiX-Nets" {cite}`kwak2023`.
#
# Here the first 50 units of each layer stand in columns. The paths that leave one input are followed in orange: ten radices after
# ten, they spread over the network as the digits of a number do.

# %% tags=["parameters"]
# Lists of positive integers; one radix per weight layer.
radix_lists = [[10, 10], [10]]
# Neurons, inputs first; one size more than there are radices.
layer_sizes = [784, 300, 100, 10]
# Units drawn of each layer; 1 or more.
nodes_per_layer = 50
# The input whose paths are followed; 0 to nodes_per_layer - 1.
traced_input = 24

# %%
from itertools import pairwise

import numpy as np
import pandas as pd

import radixnet as rx
from radixnet import plots

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
paths.style.hide(axis="index").format(
    {"mean_paths": "{:.1f}", "connected_pairs": "{:.1%}"}
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

# %% [markdown]
# The symmetry is exact in the expanded network: move every unit down by one and no connection changes. It gives every input the
# same number of paths to every output. Trimming to the layer sizes breaks the symmetry; the equal path counts survive it only
# where the cut leaves every path alone, as it does here: 300 and 100 are whole multiples of $N' = 100$, so no hidden unit is lost.


# %% tags=["nbval-check-output", "hide-input"]
def next_unit(size, block):
    """Return for each unit the next one in its block of N' units, the first after the last."""
    units = np.arange(size)
    return units - units % block + (units + 1) % block


def is_shift_symmetric(topology):
    """Say whether the network is unchanged when every unit moves on by one."""
    if any(size % topology.modulus for size in topology.layer_sizes):
        return False  # the last block is cut, so its units have nowhere to move on to
    moves = [next_unit(size, topology.modulus) for size in topology.layer_sizes]
    layers = zip(topology.masks, pairwise(moves), strict=True)
    return all((mask[np.ix_(*move)] == mask).all() for mask, move in layers)


symmetric = is_shift_symmetric(expanded)
before, after = diagnoses["expanded"], diagnoses["fitted"]
uniform = before.min_paths == before.max_paths == expanded.expanded_path_count
print(f"network: {fitted}")
print(f"expanded: {'-'.join(map(str, expanded.layer_sizes))}")
print(f"expanded, unchanged when every unit moves on by one: {symmetric}")
print(
    f"trimmed, unchanged when every unit moves on by one: {is_shift_symmetric(fitted)}"
)
print(
    f"expanded, paths from any input to any output: {before.min_paths} to {before.max_paths}"
)
print(f"as many as the formula says: {uniform}")
print(
    f"trimmed, paths from any input to any output: {after.min_paths} to {after.max_paths}"
)

# %% tags=["remove-input"]
plots.download(paths, "fig02_paths.csv")

# %% tags=["remove-cell"]
from myst_nb import glue

glue(
    "fig02_verdict",
    "reproduced" if symmetric and uniform else "not reproduced",
    display=False,
)
glue("fig02_paths_expanded", expanded.expanded_path_count, display=False)

# %% [markdown]
# ## Try this
#
# - `radix_lists = [[2, 2, 2]]`, `layer_sizes = [8, 8, 8, 8]`, `nodes_per_layer = 8`, `traced_input = 4`: eight nodes, three binary
#   digits. Every input reaches every output by exactly one path.
# - `radix_lists = [[10, 10], [1]]`: each output hangs on one unit only.
# - `radix_lists = [[3, 4], [6]]`: radices need not be equal, and 12 does not divide 100. How many paths are left after trimming?
