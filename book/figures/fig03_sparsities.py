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
# # Figure 3: how sparse RadiX-Nets are
#
# How sparse are RadiX-Nets, and why?
#
# **The paper shows** the distribution of {term}`sparsities <sparsity>` "for valid permutations of
# factors 1–10" and a "skew of {term}`RadiX-Net` generation towards higher sparsities", because "a
# positive correlation exists between the product of a {term}`radix` sublist and the sparsity of the
# RadiX-Net". It counts 1130 distinct networks {cite}`kwak2023`.
#
# We build every {term}`legal` {term}`radix list` with three radices from 1 to 10 on
# {term}`LeNet 300-100` and compute its exact sparsity.

# %% tags=["parameters"]
# Largest radix; radices run from 1 to this integer, which is 2 or more.
largest_radix = 10
# Units in each layer, inputs first; three or more positive integers.
layer_sizes = [784, 300, 100, 10]

# %% tags=["hide-input"]
import pandas as pd

import radixnet as rx
from companion import parameters as rule
from companion import plots, published_runs
from companion.claims import fig03
from companion.claims.measurement import leave_claims
from companion.parameters import check

check(
    globals(),
    largest_radix=rule.whole(2),
    # A single weight layer is dense, whatever its radix.
    layer_sizes=rule.layer_sizes(inputs=None, outputs=None, least=3),
)

# %% [markdown]
# ## All legal radix lists

# %%
layers = len(layer_sizes) - 1
radices = range(1, largest_radix + 1)
topologies = [
    rx.RadixTopology(lists, layer_sizes)
    for lists in rx.legal_radix_lists(radices, layers)
]
distinct = rx.distinct_topologies(topologies)

diagnoses = [topology.diagnose() for topology in topologies]

networks = pd.DataFrame(
    {
        "radix_lists": rx.format_radix_lists(topology.radix_lists),
        "product": topology.modulus,
        "sparsity_before_fitting": topology.expanded_sparsity,
        "sparsity": topology.sparsity,
        "min_output_fan_in": diagnosis.min_output_fan_in,
        "live_last_hidden_units": diagnosis.live_units[-2],
        "input_coverage": diagnosis.input_coverage,
        "fewest_paths": diagnosis.min_paths,
        "most_paths": diagnosis.max_paths,
        **fig03.wiring(topology, diagnosis),
    }
    for topology, diagnosis in zip(topologies, diagnoses, strict=True)
)
mostly_sparse = fig03.mostly_sparse(networks)
product_correlation = fig03.product_correlation(networks)
above_75 = mostly_sparse["share_at_least_75_percent_sparse"]
above_90 = mostly_sparse["share_at_least_90_percent_sparse"]
correlation = product_correlation["rank_correlation"]

# Fig. 4 trains the same networks: show their accuracies too, if all of them were trained.
trained = published_runs("fig04")
trained = trained[trained["layer_sizes"] == "-".join(map(str, layer_sizes))]
accuracies = ["train_accuracy", "validation_accuracy", "test_accuracy"]
fared = networks.merge(trained[["radix_lists", *accuracies]], "left", "radix_lists")
if fared[accuracies].notna().all(axis=None):
    networks = fared


# %% tags=["figure", "hide-input"]
def draw(figure):
    """Draw the distribution, and beside it what drives it."""
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    plots.draw_sparsity_distribution(
        left, networks["sparsity_before_fitting"], networks["sparsity"]
    )
    plots.draw_sparsity_against_modulus(
        right, networks["product"], networks["sparsity_before_fitting"]
    )


plots.themed(
    draw,
    alt=f"Left: histogram of the sparsities of {len(networks):,} networks; "
    f"{above_75:.0%} lie at 75 % or above. "
    "Right: sparsity against the product of the first radix list; "
    f"their rank correlation is {correlation:.2f}.",
    size=(8.5, 3.9),
)

# %% [markdown] tags=["caption"]
# Left: the number of networks at each sparsity, before and after they are cut to size. Right: the
# larger the product of the first list, the sparser the network.

# %% tags=["interactive", "remove-input"]
plots.explore_sparsities(
    networks,
    layer_sizes,
    alt=f"Above: a histogram of the sparsities of {len(networks):,} networks, "
    "before and after they were cut to size. "
    "Below: each network's sparsity against the product of its first radix list.",
)

# %% [markdown]
# ## How many networks are there?
#
# We could not reproduce the paper's 1130. None of the following ways of counting gives it.

# %% tags=["hide-input"]
above_one = [topology for topology in topologies if min(topology.radices) > 1]
rules = pd.DataFrame(
    {
        "what is counted": [
            "legal radix lists",
            "networks whose masks differ after trimming",
            "networks whose masks differ before trimming",
            "different sparsities before trimming",
            "different sparsities after trimming",
            "legal radix lists without radix 1",
            "legal radix lists, the order inside each list ignored",
        ],
        "count": [
            len(topologies),
            len(distinct),
            len(
                rx.distinct_topologies(
                    rx.RadixTopology(t.radix_lists, t.expanded_layer_sizes)
                    for t in topologies
                )
            ),
            len({topology.expanded_density for topology in topologies}),
            len({sum(topology.connection_counts) for topology in topologies}),
            len(above_one),
            len(
                {
                    tuple(
                        tuple(sorted(radix_list)) for radix_list in topology.radix_lists
                    )
                    for topology in topologies
                }
            ),
        ],
    }
)
rules.style.hide(axis="index").format({"count": "{:,}"})

# %% tags=["nbval-check-output", "hide-input"]
sparse = networks["sparsity_before_fitting"]
skew = fig03.skewness(networks)
skewness = skew["skewness_before_trimming"]
uniform = networks["uniform_after"]
uncovered = networks["input_coverage"] < 1
print(f"legal radix lists: {len(topologies):,}")
print(f"distinct networks after trimming: {len(distinct):,}; the paper counts 1,130")
print(f"one of these ways of counting gives 1,130: {(rules['count'] == 1130).any()}")
print(f"share of networks of 75 % sparsity or more: {above_75:.1%}")
print(f"share of networks of 90 % sparsity or more: {above_90:.1%}")
print(
    f"sparsity, median {sparse.median():.3f}, mean {sparse.mean():.3f}, skewness {skewness:.2f}"
)
print(f"rank correlation of product and sparsity: {correlation:.2f}")
print(f"networks that keep equal path counts when trimmed: {uniform.sum():,}")
print(f"networks in which some inputs reach no output: {uncovered.sum():,}")

# %% tags=["remove-input"]
plots.download(networks, "fig03_sparsities.csv")

# %% tags=["remove-cell"]
from companion.page import report

agrees = skewness < 0 < correlation
because = (
    f"skewness {skewness:.1f} and rank correlation {correlation:.2f} "
    f"{'agree' if agrees else 'disagree'} in sign with the paper; "
    f"it counts 1,130 distinct networks, we count {len(distinct):,}"
)
report(
    fig03_legal=f"{len(topologies):,}",
    fig03_distinct=f"{len(distinct):,}",
    fig03_above_75=f"before they are cut to size, {above_75:.0%} are at least 75% sparse",
    fig03_uniform=f"{uniform.sum():,}",
    fig03_uncovered=f"{uncovered.sum():,}",
    fig03_because=because,
)
leave_claims(
    skew,
    product_correlation,
    mostly_sparse,
    fig03.uniformity(networks),
    fig03.path_connected(networks),
    fig03.equal_fan_out(networks),
    fig03.five_per_class(networks),
    fig03.distinct_networks(len(topologies), len(distinct)),
)

# %% [markdown]
# ## Try this
#
# - `largest_radix = 15`: what share of the networks is now sparser than 90 %?
# - `layer_sizes = [784, 128, 64, 32, 10]`: four radices. There are many more lists; allow ten
#   seconds.
# - `layer_sizes = [720, 360, 120, 60]`: sizes with many divisors, so {term}`trimming` removes less.
#   How do bars and outline compare?
