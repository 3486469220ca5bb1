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
# # FILL IN a title: the question in a few words
#
# **The paper says** FILL IN what it says about this, with its own words in quotation marks, or that it says nothing {cite}`kwak2023`.
#
# FILL IN what is looked at here, and what was decided before looking: which networks, which measure, what would count as an answer.

# %% tags=["parameters"]
# FILL IN what a parameter means, its unit and the values that it may have, a line above each; the values are those that are published.
last_radices = [1, 2, 5, 10]
# Neurons, inputs first; four sizes.
layer_sizes = [784, 300, 100, 10]

# %%
import pandas as pd

import radixnet as rx
from companion import colours, plots
from companion import parameters as rule
from companion.parameters import check

# FILL IN a rule for each parameter, in their order: the values that the lines above them promise.
check(
    globals(),
    last_radices=rule.several(rule.one_of(1, 2, 4, 5, 10, 20, 25, 50, 100)),
    layer_sizes=rule.layer_sizes(inputs=None, outputs=None, weight_layers=3),
)

# %% [markdown]
# ## FILL IN what is computed
#
# FILL IN how, so that a reader who doubts it can follow: definitions with their source, and what was left out.

# %%
# FILL IN your computation, which ends in a table. What a second notebook would need belongs in `companion`.
networks = [
    rx.RadixTopology([[10, 10], [radix]], layer_sizes) for radix in last_radices
]
table = pd.DataFrame(
    {
        "last_radix": last_radices,
        "live_units": [network.diagnose().live_units[-2] for network in networks],
    }
)


# %% tags=["figure", "hide-input"]
# FILL IN your picture. It is drawn twice, for light and dark readers: take colours from `companion.colours` and never fixed ones.
def draw(figure):
    """Draw how many units of the last hidden layer reach an output."""
    axes = figure.subplots()
    axes.plot(table["last_radix"], table["live_units"], "o-", color=colours.OURS)
    axes.set(xlabel="last radix", ylabel="live units of the last hidden layer")


plots.themed(
    draw,
    alt="FILL IN what a reader would see, in one or two sentences, with numbers from the table.",
    size=(8, 4),
)

# %% tags=["nbval-check-output", "hide-input"]
# FILL IN three lines or more that state what was found, rounded so that they are the same on every machine.
print(f"networks: {len(table)}")
print(f"fewest live units: {table['live_units'].min()}")
print(f"most live units: {table['live_units'].max()}")

# %% tags=["remove-input"]
plots.download(table, "template_numbers.csv")

# %% tags=["remove-cell"]
from companion.page import report

# FILL IN the verdict, "Word: reason" without a full stop; compute it, and every number in the reason. Where the paper is judged,
# leave claims and report `..._because` instead, as the figures do: `rules.verdict_on_figure` finds the word.
report(
    template_verdict="FILL IN: the reason",
)

# %% [markdown]
# ## Try this
#
# - `last_radices = [4, 20]`: FILL IN what a reader would learn from this change.
# - FILL IN another one; two to four in all.
