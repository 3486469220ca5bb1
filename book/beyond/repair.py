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
# # Repairing strange models
#
# What repairs a strange model?
#
# **The paper leaves open** what to do about its {term}`strange models <strange model>`. It starts
# one of them ten times from different weights, and every time it stays below the others
# {cite}`kwak2023`. This page changes one thing at a time (the wiring, the
# {term}`starting weights`, the units), trains all models of Fig. 8 again, and counts what is left.

# %% tags=["parameters"]
# Neurons of the one model to be repaired, inputs first: 784 pixels, 10 classes; two sizes or more.
layer_sizes = [784, 300, 100, 10]
# Its radix lists, legal ones with a radix for every size but the first: the strange model of Fig. 9.
radix_lists = [[10, 10], [1]]
# Repairs that are shown, different ones named as in the tables below, beside the models as in the paper; an empty list for all.
repairs = []
# Starts of the one model; different integers of at least 0, one at least.
seeds = [0, 1, 2, 3, 4]
# Passes of the one model over the training images; an integer of at least 1.
epochs = 3
# Images per training step of the one model; an integer of at least 1.
batch_size = 100
# Numbers of parameters that differ by no more than this share count as equal; a number from 0 to 1.
tolerance = 0.02
# The same for the connections of each layer.
layer_tolerance = 0.1

# %%
import numpy as np
import pandas as pd
from IPython.display import Markdown
from scipy import stats

import radixnet as rx
from companion import parameters as rule
from companion import plots, published_runs, working_store
from companion.experiments import REPAIRS, is_strange, repaired
from companion.matching import matched_median
from companion.parameters import check
from radixnet.initializers import starting_weights
from radixnet.training.spec import LEAKY_RELU_SLOPE

before, *changes = REPAIRS
check(
    globals(),
    layer_sizes=rule.layer_sizes(more_outputs=False),
    radix_lists=rule.radix_lists(layer_sizes),
    repairs=rule.several(rule.one_of(*changes), 0),
    seeds=rule.several(rule.whole(0)),
    epochs=rule.whole(1),
    batch_size=rule.whole(1),
    tolerance=rule.number(0, 1),
    layer_tolerance=rule.number(0, 1),
)

# %% tags=["hide-input"]
shown = [before, *(repairs or changes)]
published = published_runs("repair")
family = rx.fig8_family()
sizes = family[0].layer_sizes
classes = sizes[-1]
runs = published[published["variant"].isin(shown)].reset_index(drop=True)
runs["strange"] = is_strange(runs)
runs["lost_class"] = runs["test_classes"] < classes
once_strange = (
    runs[runs["variant"] == before].groupby("radix_lists", sort=False)["strange"].any()
)
runs["normal"] = ~runs["radix_lists"].map(once_strange)
# The connections, and where there are biases one for every unit but the pixels.
runs["parameters"] = runs["connections"] + runs["use_bias"] * sum(sizes[1:])
models = once_strange.size
starts = sorted(runs["seed"].unique())


def over_starts(values):
    """Return the mean of one value per start, and the ends of its 95 % interval by Student's t."""
    values = np.asarray(values, dtype=float)
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return values.mean(), values.mean() - half, values.mean() + half


def in_words(values, unit=100, digits=1, sign=""):
    """Return the mean over the starts and its interval as text, in percent unless told."""
    if np.isnan(values).any():
        return "none"
    return "{} ({} to {})".format(
        *(f"{unit * value:{sign}.{digits}f}" for value in over_starts(values))
    )


variants = {name: runs[runs["variant"] == name] for name in shown}
by_start = {
    name: mine.groupby("seed")["strange"].mean().to_numpy()
    for name, mine in variants.items()
}


wirings = {
    before: {},
    "dense output layer": {"dense_output": True},
    "folded": {"fit": "fold"},
}
wiring_of = {
    name: next(
        wiring
        for wiring, change in reversed(wirings.items())
        if change.items() <= REPAIRS[name].items()
    )
    for name in shown
}
masks_of = {
    name: {
        rx.format_radix_lists(each.radix_lists): rx.RadixTopology(
            each.radix_lists, each.layer_sizes, **change
        ).masks
        for each in family
    }
    for name, change in wirings.items()
}
layers_of = {
    name: {
        lists: tuple(int(mask.sum()) for mask in masks)
        for lists, masks in found.items()
    }
    for name, found in masks_of.items()
}
runs["layers"] = [
    layers_of[wiring_of[row.variant]][row.radix_lists] for row in runs.itertuples()
]
variants = {name: runs[runs["variant"] == name] for name in shown}


def margins(name, size, tolerance, models=None):
    """Return by start the median margin over equals, in points, and which models have any.

    Of all normal models, or of some.
    """
    found = []
    for seed in starts:
        here, there = (
            variants[each][variants[each]["seed"] == seed] for each in (before, name)
        )
        mine = here[here["normal"]]
        mine = mine if models is None else mine[mine["radix_lists"].isin(models)]
        if mine.empty:
            return [np.nan] * len(starts), []
        equals = matched_median(
            mine[size].tolist(), there[size].tolist(), there["test_accuracy"], tolerance
        )
        found.append(100 * (equals - mine["test_accuracy"]))
    compared = mine["radix_lists"][np.isfinite(found[-1])].tolist()
    medians = [np.nanmedian(each) if compared else np.nan for each in found]
    return medians, compared


def lead(margin_and_models):
    """Return the mean margin over the starts in points as text, if any were compared."""
    medians, compared = margin_and_models
    return f"{over_starts(medians)[0]:+.2f}" if compared else "none compared"


margin = {name: margins(name, "parameters", tolerance) for name in shown}
# What layers say beside totals is only seen in the same models: those with an equal of either kind.
margin_of_same, margin_by_layer, margin_unchanged = {}, {}, {}
for name in shown:
    _, models_of_layers = margins(name, "layers", layer_tolerance)
    margin_of_same[name] = margins(name, "parameters", tolerance, models_of_layers)
    same_models = margin_of_same[name][1]
    margin_by_layer[name] = margins(name, "layers", layer_tolerance, same_models)
    margin_unchanged[name] = margins(before, "parameters", tolerance, same_models)
compared_by = {
    "in all": margin,
    "in all, same models": margin_of_same,
    "in every layer": margin_by_layer,
}
normal_models = int((~once_strange).sum())

# %% [markdown]
# ## What came out
#
# Two changes of the wiring, each a single argument, leave no strange model. At equal numbers of
# parameters both are ahead, too. Folding's lead may be one of layers ({doc}`viable`
# leaves that undecided): few normal models have an equal with as many connections in *every* layer,
# and the last two columns say how far folding is ahead of just these, first by totals and then layer
# by layer. A dense output layer has no equal there among the normal models, so for it nothing was
# compared. A leaky ReLU leaves no strange model either, at a price. Biases
# and a positive start leave some. Starting weights scaled by {term}`fan-in` repair nothing alone:
# there are more strange runs than without, though normal models learn a little more with them.
# Beside either change of the wiring they make networks better still.

# %% tags=["hide-input"]
pd.DataFrame(
    {
        "repair": name,
        "strange runs": f"{mine['strange'].sum()} of {len(mine):,}",
        "strange, %": in_words(by_start[name]),
        "lost a class": int(mine["lost_class"].sum()),
        **{
            f"ahead, equal {way}": in_words(found[name][0], unit=1, digits=2, sign="+")
            for way, found in compared_by.items()
        },
    }
    for name, mine in variants.items()
).style.hide(axis="index")

# %% [markdown]
# Brackets are 95 % intervals over the starts. "Ahead" compares the median repaired model with
# {term}`normal models <normal model>` as in the paper: with those that have as many parameters in
# all; with those of them that have an equal in every layer too, again by totals; and with these same
# models layer by layer.


# %% tags=["figure", "hide-input"]
def draw(figure):
    """Draw for each repair what is still strange, and how far it is ahead at equal size."""
    left, right = figure.subplots(1, 2, sharey=True)
    plots.draw_share_left(
        left,
        shown,
        [by_start[name] for name in shown],
        [f"{int(variants[name]['strange'].sum())} runs" for name in shown],
    )
    left.set(xlabel="share of models that are strange", title="what is left")
    left.legend(fontsize="small", loc="lower right")
    plots.draw_margins(
        right,
        {
            way: [over_starts(found[name][0]) for name in shown]
            for way, found in compared_by.items()
        },
    )
    right.set(
        xlabel="points ahead of normal models of equal size", title="what it is worth"
    )
    right.legend(fontsize="small", loc="lower left")


plots.themed(
    draw,
    alt=f"Left: strange runs of {len(variants[before]):,} by repair: "
    + ", ".join(f"{name} {int(variants[name]['strange'].sum())}" for name in shown)
    + ". Right: how far the median repaired model is ahead of normal models with as many "
    "parameters, and in models that have an equal in every layer, by totals and by layers, in points: "
    + ", ".join(
        f"{name} {', '.join(lead(found[name]) for found in compared_by.values())}"
        for name in shown
    )
    + ".",
    size=(9, 1.6 + 0.36 * len(shown)),
)

# %% [markdown] tags=["caption"]
# A row for each repair. Left: the share of models that is still strange, a dot for each start.
# Right: how far its median model is ahead of normal ones of equal size, with 95 % intervals.

# %% [markdown]
# ## One argument
#
# This is the change, and all of it. Cutting a network to size keeps the first nodes of each layer
# and drops the connections of all others. *Folding* drops no node: node $k$ becomes node $k$ modulo
# the layer's size, with all its connections. So no {term}`path` is lost.

# %% tags=["remove-stderr"]
trimmed = rx.RadixTopology(radix_lists, layer_sizes)
try:
    folded = rx.RadixTopology(radix_lists, layer_sizes, fit="fold")
except ValueError as error:
    raise ValueError(f"parameter radix_lists is {radix_lists}: {error}") from error
settings = {"epochs": epochs, "batch_size": batch_size}
specs = [rx.RunSpec(each, seed=seeds[0], **settings) for each in (trimmed, folded)]
pair = rx.sweep(specs, store=working_store(), on_failure="raise")
diagnoses = [spec.topology.diagnose() for spec in specs]
pd.DataFrame(
    {
        "connections": pair["connections"].map("{:,}".format),
        "fewest into a class": [each.min_output_fan_in for each in diagnoses],
        "before training": [each.verdict for each in diagnoses],
        "classes answered": pair["test_classes"].astype(int),
        "test accuracy": pair["test_accuracy"].map("{:.1%}".format),
    }
).set_axis(["trimmed", "folded"])

# %% [markdown]
# With Keras it is the same argument: `rx.CustomModel(folded)`. The other changes, alone and
# together:
#
# | repair | what is changed | how to ask for it |
# |---|---|---|
# | dense output layer | every unit of the last hidden layer feeds every class, as in earlier work {cite}`alford2019` | `RadixTopology(..., dense_output=True)` |
# | folded | see above | `RadixTopology(..., fit="fold")` |
# | start by fan-in | weights start larger where a unit has fewer inputs {cite}`he2015,evci2020` | `RunSpec(..., initializer="fan_in")` |
# | positive output start | the weights into the classes start as their absolute values | `RunSpec(..., positive_output=True)` |
# | leaky ReLU | hidden units pass on a fifth of what is below zero | `RunSpec(..., activation="leaky_relu")` |
# | bias | every unit has one | `RunSpec(..., use_bias=True)` |
#
# How many classes this one model still answers, by its start:

# %% tags=["remove-stderr"]
model_specs = {name: repaired(name, [trimmed], seeds, **settings) for name in shown}
model_runs = rx.sweep(
    [spec for specs in model_specs.values() for spec in specs],
    store=working_store(),
    on_failure="raise",
)
answered = model_runs["test_classes"].astype(int).to_numpy()
pd.DataFrame(
    answered.reshape(len(shown), len(seeds)),
    index=shown,
    columns=pd.Index(seeds, name="seed"),
)

# %% [markdown]
# ## How the runs are counted
#
# All models of Fig. 8, each trained from the same five starts with the settings of Fig. 8. These
# runs are published.
#
# **The rules, set before looking.** A run is *strange* when its {term}`training accuracy` is 75 %
# or less, which is the authors' limit. It has *lost a class* when it gives that class for no test
# image, a stricter measure. A model is *normal* when none of its five runs as in the paper is
# strange. So the same models are normal throughout, chosen by what went well as in the paper. Known
# by then were trial runs, in which {term}`dense output layers <dense output layer>` and
# {term}`folding` left no strange model.
#
# **What the intervals mean.** The models are the whole family and no sample of it, and those that
# start from one {term}`seed` share starting weights. So only the starts are random, and there are
# five: each number is worked out for each start, and the interval is Student's for the mean of
# five. Where no start leaves a strange run, the interval is from 0 to 0. That is no proof; see
# below for what theory adds. Repaired models can be the same network: with a dense output layer the
# last {term}`radix` no longer counts. So the share of networks that are ever strange counts equal
# ones once. Its exact binomial interval takes them as independent. Networks from the same starts
# are not, so it is too narrow.

# %% tags=["hide-input"]
rows = []
for name, mine in variants.items():
    normal = mine[mine["normal"]]
    # Equal networks from one start are one run, and have one identity.
    first = mine[mine["seed"] == starts[0]].drop_duplicates("identity")
    ever = mine.groupby("radix_lists")["strange"].any()[first["radix_lists"]]
    exact = stats.binomtest(int(ever.sum()), len(ever)).proportion_ci()
    rows.append(
        {
            "repair": name,
            "networks ever strange": f"{ever.sum()} of {len(ever)} ({exact.low:.1%} to {exact.high:.1%})",
            "median accuracy, %": in_words(
                mine.groupby("seed")["test_accuracy"].median(), digits=2
            ),
            "worst, %": f"{100 * mine['test_accuracy'].min():.1f}",
            "median of the normal, %": in_words(
                normal.groupby("seed")["test_accuracy"].median(), digits=2
            ),
            "worst of the normal, %": f"{100 * normal['test_accuracy'].min():.1f}",
        }
    )
pd.DataFrame(rows).style.hide(axis="index")

# %% [markdown]
# ## At equal numbers of parameters
#
# Both repairs of the wiring add connections, and larger networks learn better anyway. So each
# {term}`normal model` as in the paper is compared with the median of all repaired models whose
# number of parameters (connections and biases) is within the tolerance of its own. A normal model
# without an equal is left out; the table says how many are compared. Tolerance and rule were set
# before looking at any difference.
#
# The comparison leans against the repairs. On the paper's side stand models that were chosen
# because they went well; on the other all repaired models, strange ones included.
#
# It leans towards them as well: a trimmed network spends next to nothing on its output layer, and a
# folded one much. So models are compared once more that differ by no more than a tenth in any
# layer. This was added after a review had found what is left of folding's lead then; few normal
# models have such an equal.

# %% tags=["hide-input"]
pd.DataFrame(
    {
        "repair": name,
        "median parameters": f"{variants[name]['parameters'].median():,.0f}",
        "compared": f"{len(margin[name][1])} of {normal_models}",
        "compared layer by layer": f"{len(margin_by_layer[name][1])} of {normal_models}",
        "unchanged models ahead there": in_words(
            margin_unchanged[name][0], unit=1, digits=2, sign="+"
        ),
    }
    for name in shown
).style.hide(axis="index")

# %% [markdown]
# The last column compares models as in the paper with each other, by totals: those that are
# compared layer by layer with the median of all that are as large.

# %% tags=["hide-input"]
said = [
    "The first row of the first table shows what the choice is worth at equal totals over all "
    "normal models.",
    "In that table's last column a model is its own equal, so the first row says nothing.",
]
few = margin_by_layer["folded"][1] if "folded" in shown else []
if len(few):
    mine = np.array([[layers_of[before][lists]] for lists in few])
    theirs = np.array(list(layers_of["folded"].values()))
    equals = (abs(theirs - mine) <= layer_tolerance * mine).all(axis=2).sum(axis=1)
    said.insert(
        1,
        f"The {len(few)} that have a folded equal in every layer are better than most: there the "
        f"unchanged models stand at {lead(margin_unchanged['folded'])}.",
    )
    said.append(f"Of the {len(few)}, {(equals == 1).sum()} have a single equal.")
Markdown(" ".join(said))

# %% [markdown]
# ## Why wiring repairs
#
# A class is lost when all its weights start negative and some class before it has only positive
# ones (see [why some models are strange](strange.ipynb)). The chance that all are negative halves
# with every connection. So the {term}`masks <mask>` alone say how many models should lose a class
# from one start, before any training. The last columns are what the trained models did.


# %% tags=["hide-input"]
def about(number):
    """Return a number that may be tiny as text."""
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def in_theory(masks_of_models):
    """Return each model's chance to lose a class, and its fewest connections into a class."""
    chances = [rx.chance_of_lost_classes(masks)[1:].sum() for masks in masks_of_models]
    fewest = [int(masks[-1].sum(axis=0).min()) for masks in masks_of_models]
    return np.array(chances), np.array(fewest)


foreseen = {name: in_theory(found.values()) for name, found in masks_of.items()}
lost_by_start = {
    name: published[published["variant"] == name]
    .assign(lost=lambda table: table["test_classes"] < classes)
    .groupby("seed")["lost"]
    .sum()
    for name in foreseen
}
pd.DataFrame(
    {
        "wiring": name,
        "fewest connections into a class": f"{fewest.min()} to {fewest.max()}",
        f"of {models} should lose a class": f"{about(chances.sum())}",
        "did, mean over the starts": f"{lost_by_start[name].mean():.1f}",
        "did, least and most": f"{lost_by_start[name].min()} to {lost_by_start[name].max()}",
    }
    for name, (chances, fewest) in foreseen.items()
).style.hide(axis="index")

# %% [markdown]
# That carries the result more than the counts do: five starts without a strange model would be no
# surprise even if every fourth start left one. The theory expects too many for the wiring of the
# paper, because some signs change. For the two repairs it expects next to none.
#
# ## What starts and units do instead
#
# The one model again, and for each class the weights that it hangs on: their signs at the start and
# after training, and whether any of its units is on for any test image. Numbers are classes, the
# first three starts together.


# %% tags=["hide-input"]
data = rx.load_dataset("mnist")


def look_into(spec):
    """Return for each class what it starts with, what it ends with, and whether it is answered."""
    run = rx.train(spec, keep_weights=True, dataset=data)
    slope = LEAKY_RELU_SLOPE if spec.activation == "leaky_relu" else 0
    biases = run.biases or [0] * len(run.weights)
    values = data.test_images / np.float32(255)
    for weights, bias in zip(run.weights[:-1], biases[:-1], strict=True):
        values = values @ weights + bias
        values = np.maximum(values, slope * values)
    answers = (values @ run.weights[-1] + biases[-1]).argmax(axis=1)
    start = starting_weights(
        spec.masks, spec.seed, spec.initializer, spec.positive_output
    )
    first, last, mask = start[-1], run.weights[-1], spec.masks[-1]
    on = (values > 0).any(axis=0)
    return pd.DataFrame(
        {
            "all negative at the start": ~(first > 0).any(axis=0),
            "all negative at the end": ~(last > 0).any(axis=0),
            "some sign has changed": (((first > 0) != (last > 0)) & mask).any(axis=0),
            "off": ~(mask & on[:, None]).any(axis=0),
            "lost": ~np.isin(np.arange(mask.shape[1]), answers),
        }
    )


looked_at = {
    name: pd.concat([look_into(spec) for spec in model_specs[name][:3]])
    for name in shown
    if wiring_of[name] == before and len(REPAIRS[name]) < 2
}
signs = pd.DataFrame(
    {
        name: {
            "classes": len(each),
            "all negative at the start": each["all negative at the start"].sum(),
            "some sign has changed": each["some sign has changed"].sum(),
            "all negative at the end": each["all negative at the end"].sum(),
            "of these answered all the same": (
                each["all negative at the end"] & ~each["lost"]
            ).sum(),
            "lost": each["lost"].sum(),
            "lost, negative at the end": (
                each["lost"] & each["all negative at the end"]
            ).sum(),
            "lost, else, and always off": (
                each["lost"] & ~each["all negative at the end"] & each["off"]
            ).sum(),
        }
        for name, each in looked_at.items()
    }
).T
signs.T

# %% [markdown]
# - **Start by fan-in** draws the same numbers and scales them {cite}`he2015,evci2020`. The signs
#   stay as they were, and larger weights change theirs less often, so about the same classes are
#   lost. It cures another problem, signals that fade: where no class is lost it makes networks
#   better.
# - **A positive start** leaves no class negative, and by theory nothing should be lost. Classes are
#   lost all the same, to what the theory does not count: units that go off for good during
#   training, and weights near zero that turn negative. One unit per class is still one unit.
# - **A bias** lets a class of negative weight be the answer where its unit is low. It does not
#   prevent a unit from going off for good: its class then has the same logit for all images.
# - **A leaky ReLU** removes what the theory rests on. A unit may be negative, a negative weight
#   then
#   makes a positive logit of it, and no unit is ever without a gradient. No class is lost, but the
#   networks are less good, as the tables say. Why it costs so much was not looked into.
#
# ## Would other nodes do?
#
# {term}`Trimming` keeps the *first* nodes. Keeping evenly spaced ones instead looks fairer, and no
# mask needs training to judge it:

# %%


def evenly_spaced(topology):
    """Return the masks that remain when evenly spaced nodes of each expanded layer are kept."""
    large = rx.RadixTopology(topology.radix_lists, topology.expanded_layer_sizes)
    kept = [
        np.arange(size) * full // size
        for size, full in zip(topology.layer_sizes, large.layer_sizes, strict=True)
    ]
    return [
        mask[np.ix_(*ends)]
        for mask, *ends in zip(large.masks, kept[:-1], kept[1:], strict=True)
    ]


ways = {
    "first nodes, as in the paper": foreseen[before],
    "evenly spaced nodes": in_theory([evenly_spaced(each) for each in family]),
    "folded": foreseen["folded"],
}
pd.DataFrame(
    {
        "way to fit": name,
        "a class on one connection": (fewest == 1).sum(),
        "a class on one or two": (fewest <= plots.FEW).sum(),
        f"of {models} should lose a class": f"{about(chances.sum())}",
    }
    for name, (chances, fewest) in ways.items()
).style.hide(axis="index")

# %% [markdown]
# Whichever nodes are kept, none has more connections than before, and a class that had one keeps
# one at most. Evenly spaced nodes do worse, because a layer of the {term}`expanded network` joins
# neighbours, and they are torn apart. So the library has no such option.
#
# ## What this does not show
#
# - **One setting:** {term}`MNIST`, 784-300-100-10, three epochs, batches of 100. Repairs were not
#   tried on other data or sizes, nor with longer training.
# - **Folded networks are larger.** The family has none as small as many of the normal models; about
#   those this page says nothing. For a folded network of a given {term}`sparsity`,
#   [ask for a recommendation](choose.ipynb).
# - **Equal totals are not equal layers.** Folding gives the output layer far more connections than
#   trimming leaves it. Of folding's lead over trimming in {doc}`viable`, at 98 and 99 %, a third to
#   four fifths is there too when both have random connections with these numbers in every layer.
#   Whatever else folding does, strange models it repairs by these connections.
# - **Fewer networks than models.** Repaired by wiring, different
#   {term}`radix lists <radix list>` can give one and the same network; a table above counts them.
# - **Folding does several things at once:** more connections per class, all units live, more
#   connections in all. The comparison at equal totals takes the last away, and the one by layers the
#   first.
# - **Not tried:** other slopes, other optimisers, and repairs during training.

# %% tags=["nbval-check-output", "hide-input"]
clean = [
    name
    for name in shown[1:]
    if not variants[name]["strange"].any() and not variants[name]["lost_class"].any()
]
single = [name for name in clean if len(REPAIRS[name]) == 1]
ahead = {name: over_starts(margin[name][0]) for name in shown}
no_worse = [name for name in single if ahead[name][1] > 0]
worse = [name for name in single if ahead[name][2] < 0]
for name in shown:
    mine = variants[name]
    print(
        f"{name}: strange runs {mine['strange'].sum()} of {len(mine):,}, with a lost class "
        f"{mine['lost_class'].sum()}, "
        f"worst test accuracy {mine['test_accuracy'].min():.1%}"
    )
print(f"normal models: {normal_models} of {models}")
for name in shown:
    for count, (medians, compared) in {
        "parameters": margin[name],
        "parameters, same models": margin_of_same[name],
        "layers": margin_by_layer[name],
        "parameters, same models, unchanged": margin_unchanged[name],
    }.items():
        print(
            f"{name}, points ahead at equal {count}: "
            f"{in_words(medians, unit=1, digits=2, sign='+')}, {len(compared)} compared"
        )
for what, found in {
    "single changes that leave no strange run and no lost class": single,
    "of these ahead at equal parameters, interval above 0": no_worse,
    "of these behind, interval below 0": worse,
}.items():
    print(f"{what}: {', '.join(found) or 'none'}")
for name, row in signs.iterrows():
    print(f"the one model, {name}, classes lost: {row['lost']} of {row['classes']}")
for name, (chances, _) in foreseen.items():
    print(
        f"{name}, models that should lose a class from one start: {about(chances.sum())}"
    )
    print(f"{name}, models that did, mean: {lost_by_start[name].mean():.1f}")
for name, (chances, fewest) in ways.items():
    print(
        f"way to fit, {name}: {(fewest == 1).sum()} of {models} models have a class on one "
        f"connection; {about(chances.sum())} should lose one"
    )

# %% tags=["remove-input"]
networks = (
    runs.groupby(["variant", "radix_lists"], sort=False)
    .agg(
        accuracy=("test_accuracy", "median"),
        worst=("test_accuracy", "min"),
        strange_runs=("strange", "sum"),
        runs_with_a_lost_class=("lost_class", "sum"),
        parameters=("parameters", "first"),
        normal=("normal", "first"),
    )
    .reset_index()
)
plots.download(networks, "repair_networks.csv")

# %% tags=["remove-cell"]
from companion.page import report


def in_brackets(name):
    """Return a repair with its leads, those by totals and by layers of the same models."""
    of_same, by_layer = lead(margin_of_same[name]), lead(margin_by_layer[name])
    compared = len(margin_by_layer[name][1])
    same = f"{of_same} and {by_layer} in the same {compared}" if compared else by_layer
    return f"{name} ({lead(margin[name])}; {same})"


left = ", ".join(in_brackets(name) for name in single) or "none that is shown"
report(
    repair_verdict=f"{'Repaired' if single else 'Not repaired'}: "
    f"{variants[before]['strange'].sum()} of {len(variants[before]):,} runs of the {models} "
    f"models are strange as in the paper. Single changes that leave none: {left}; in "
    "brackets the points ahead of normal models with as many parameters; then, for those that also "
    "have an equal in every layer, by parameters and by layers",
)

# %% [markdown]
# ## Try this
#
# - `radix_lists = [[13, 11], [1]]`: a model of which most units reach no output. What does each
#   repair make of it?
# - `tolerance = 0.1`: more models find an equal. Does a margin change?
# - `seeds = [5, 6, 7]`: starts that nobody has counted yet.
# - `repairs = ["folded", "leaky ReLU"]`: two repairs, seen larger.
