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
# # Figure 1: which weights exist
#
# Which weights does a RadiX-Net have, and do the others stay zero while it trains?
#
# **The paper shows** heat maps of the weight matrices of `[[10, 10], [10]]` on
# {term}`LeNet 300-100`: "Yellow-colored squares indicate nonzero weights (i.e., connections between
# neurons), while purple-colored squares signify zero weights". It says that the {term}`mask` "is
# applied at every iteration during model training to enforce the desired sparse {term}`topology`"
# {cite}`kwak2023`. We train the model for a few steps and check its weights against the yellow
# squares.
#
# The stripes follow from the wiring. A layer of {term}`radix` $r$ and {term}`place value` $v$
# connects node $a$ to node $b$ exactly when $(a - b) \bmod N'$ is one of $0, v, 2v, \dots, (r-1)v$.
#
# In the last matrix, {term}`trimming` to 10 outputs keeps only the first columns of the
# {term}`expanded network`. Most units of the last hidden layer lose every connection to an output
# and can never learn. The paper does not mention this; the pages on
# {term}`strange models <strange model>` show what follows from it.

# %% tags=["parameters"]
# Units in each layer, inputs first; two or more positive integers.
layer_sizes = [784, 300, 100, 10]
# Radix lists of the network, legal; one positive integer for every size but the first.
radix_lists = [[10, 10], [10]]
# Inputs shown in the enlarged corners, with half as many outputs; 2 or more.
close_up = 40

# %% tags=["hide-input"]
import numpy as np
import pandas as pd

import radixnet as rx
from companion import parameters as rule
from companion import plots
from companion.claims import fig01
from companion.claims.measurement import leave_claims
from companion.parameters import check

check(
    globals(),
    layer_sizes=rule.layer_sizes(inputs=None, outputs=None),
    radix_lists=rule.radix_lists(layer_sizes),
    close_up=rule.whole(2),
)

# %% [markdown]
# ## The network

# %%
topology = rx.RadixTopology(radix_lists, layer_sizes)
diagnosis = topology.diagnose()

layers = pd.DataFrame(
    {
        "layer": range(1, len(topology.masks) + 1),
        "inputs": [mask.shape[0] for mask in topology.masks],
        "outputs": [mask.shape[1] for mask in topology.masks],
        "radix": topology.radices,
        "place_value": topology.place_values,
        "connections": topology.connection_counts,
        "density": [mask.mean() for mask in topology.masks],
        "inputs_without_connection": [
            int((fan_out == 0).sum()) for fan_out in topology.fan_outs
        ],
        "smallest_fan_in": [int(fan_in.min()) for fan_in in topology.fan_ins],
        "largest_fan_in": [int(fan_in.max()) for fan_in in topology.fan_ins],
    }
)
shown = layers.rename(columns=lambda name: name.replace("_", " "))
shown.style.hide(axis="index").format({"density": "{:.1%}", "connections": "{:,}"})

# %% tags=["figure", "hide-input"]
plots.themed(
    lambda figure: plots.draw_adjacency_sheet(figure, topology.masks, close_up),
    alt=f"Heat maps of the {len(layers)} weight matrices of {topology}. "
    "Connections form parallel diagonal stripes, yellow on purple; "
    f"{topology.density:.1%} of all squares are yellow. "
    "Enlarged corners below show single squares.",
    size=(8.5, 10.5),
)

# %% [markdown] tags=["caption"]
# Yellow: a weight that exists. Purple: one that never does. The corners below are enlarged; along a
# stripe, each node feeds the node a fixed step away. In the last matrix most rows are empty.

# %% tags=["nbval-check-output", "hide-input"]
model = rx.CustomModel(topology, seed=0)
model.compile("adam", "sparse_categorical_crossentropy")
random = np.random.default_rng(0)
start = model.get_weights()
rows = []
for _ in range(20):
    pixels = random.random((32, layer_sizes[0]), dtype="float32")
    model.train_on_batch(pixels, random.integers(0, layer_sizes[-1], 32))
    weights = model.get_weights()
    layered = list(zip(weights, start, topology.masks, strict=True))
    rows.append(
        {
            "off_the_mask": sum(
                int((new[~mask] != 0).sum()) for new, _, mask in layered
            ),
            "on_the_mask": sum(int((new[mask] != 0).sum()) for new, _, mask in layered),
            "moved": sum(int((new != old).sum()) for new, old, _ in layered),
        }
    )
enforced = fig01.mask_enforced(pd.DataFrame(rows))
on, moved = rows[-1]["on_the_mask"], enforced["weights_that_moved"]
off = enforced["nonzero_weights_off_the_mask"]
print(f"network: {topology}")
print(f"weights moved by {len(rows)} training steps: {'some' if moved else 'none'}")
print(
    f"nonzero weights on yellow squares: {on:,} of {sum(topology.connection_counts):,}"
)
print(f"nonzero weights on purple squares: {off:,}")
print(f"sparsity before fitting: {topology.expanded_sparsity:.4f}")
print(f"sparsity after trimming: {topology.sparsity:.4f}")
print(f"units in each layer: {list(diagnosis.layer_sizes)}")
print(f"units on a path from an input to an output: {list(diagnosis.live_units)}")

# %% tags=["remove-input"]
plots.download(layers, "fig01_adjacency.csv")

# %% tags=["remove-cell"]
from companion.page import report

report(
    fig01_live_last_hidden=diagnosis.live_units[-2],
    fig01_last_hidden=diagnosis.layer_sizes[-2],
)
report(
    fig01_because=f"after {len(rows)} training steps {on:,} of {sum(topology.connection_counts):,} "
    f"weights on yellow squares are nonzero, and {off:,} on purple ones"
    + ("" if moved else "; but training moved none"),
)
leave_claims(enforced)

# %% [markdown]
# ## Try this
#
# - `radix_lists = [[10, 10], [1]]`: the last radix is 1. How many connections now feed each class?
# - `radix_lists = [[10, 10, 10]]`: the product, 1,000, exceeds every layer. Which inputs are
#   connected to nothing?
# - `layer_sizes = [800, 300, 100, 100]`: 100 divides every size, so nothing is trimmed and all
#   columns look alike.
