"""The runs that the paper's training figures show, set up as in the paper and its code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radixnet.arguments import positive_integer
from radixnet.topology import LENET_300_100, RadixTopology
from radixnet.topology.families import distinct_topologies, fig8_family, legal_radix_lists
from radixnet.training.spec import RunSpec

STRANGE_ACCURACY = 0.75
"""The authors' limit: a model whose training accuracy after three epochs is no higher is
strange."""

FIG8_EPOCHS, FIG8_LONGER_EPOCHS = 3, 30
"""How long the 426 models of Fig. 8 are trained, and how long the strange ones once more."""

FIG8_LONGER_SETTINGS = {"epochs": FIG8_LONGER_EPOCHS, "batch_size": 512}
"""How the authors train the strange models once more."""

FIG9_SETTINGS = {"epochs": 10, "batch_size": 2048}
"""How the paper trains the two models of Fig. 9."""

DECILES = 10

FIG9_RADIX_LISTS = (((10, 10), (10,)), ((10, 10), (1,)))
"""A normal model, the paper's own example, and one that the authors' log calls strange and that
differs in the last radix only."""


def fig4(
    largest_radix: int = 10,
    layer_sizes: Sequence[int] = LENET_300_100,
    seed: int = 1000,
    **settings: Any,
) -> list[RunSpec]:
    """Return one run of every legal radix list: 1,517 with the default arguments.

    The paper prints neither epochs nor batch size for its Fig. 4; those of its Fig. 8, which are
    `RunSpec`'s defaults, are used.

    Parameters
    ----------
    largest_radix
        Radices run from 1 to this.
    layer_sizes
        Neurons, inputs first; a radix for every size but the first.
    seed
        The seed of every run.
    settings
        Settings of every `RunSpec`, such as ``epochs=5``.

    Raises
    ------
    ValueError
        For numbers that are no positive integers, or settings that a `RunSpec` refuses.
    """
    largest_radix = positive_integer(largest_radix, "largest_radix")
    lists = legal_radix_lists(range(1, largest_radix + 1), len(layer_sizes) - 1)
    return [RunSpec(RadixTopology(each, layer_sizes), seed=seed, **settings) for each in lists]


def fig5_topologies(
    largest_radix: int = 10,
    layer_sizes: Sequence[int] = LENET_300_100,
    per_decile: int = 5,
    choice_seed: int = 0,
) -> dict[int, list[RadixTopology]]:
    """Choose topologies at random from each tenth of the sparsities of Fig. 4's networks.

    Those with equal masks count once.

    Parameters
    ----------
    largest_radix, layer_sizes
        As of `fig4`.
    per_decile
        How many to choose from each; a decile that has fewer gives all.
    choice_seed
        Decides the choice; the paper does not print its own.

    Returns
    -------
    dict
        For each decile 0 to 9 its topologies in the order of their sparsity, none where there is
        none. Decile d holds sparsities (after fitting) of at least d / 10 and less than (d + 1) /
        10, compared as exact fractions.

    Raises
    ------
    ValueError
        When a number is no positive integer.
    """
    largest_radix, per_decile = (
        positive_integer(largest_radix, "largest_radix"),
        positive_integer(per_decile, "per_decile"),
    )
    members: dict[int, list[RadixTopology]] = {decile: [] for decile in range(DECILES)}
    lists = legal_radix_lists(range(1, largest_radix + 1), len(layer_sizes) - 1)
    for topology in distinct_topologies(RadixTopology(each, layer_sizes) for each in lists):
        members[_decile(topology)].append(topology)
    random = np.random.default_rng(choice_seed)
    return {decile: _choose(known, per_decile, random) for decile, known in members.items()}


def fig5(
    topologies: Iterable[RadixTopology], seeds: Iterable[int] = range(16), **settings: Any
) -> list[RunSpec]:
    """Return a run of each topology from each seed: topology by topology.

    The paper prints no number of epochs for its Fig. 5; three, as in its Fig. 8, is `RunSpec`'s
    default.

    Parameters
    ----------
    topologies
        As `fig5_topologies` chooses them.
    seeds
        Sixteen, as in the paper, which does not print them.
    settings
        Settings of every `RunSpec`.
    """
    starts = list(seeds)
    return [RunSpec(topology, seed=seed, **settings) for topology in topologies for seed in starts]


def fig8(
    topologies: Iterable[RadixTopology] | None = None, seed: int = 1000, **settings: Any
) -> list[RunSpec]:
    """Return one run of each of the 426 models among which the paper found its strange ones.

    Parameters
    ----------
    topologies
        `fig8_family` when None.
    seed
        The seed of every run.
    settings
        Settings of every `RunSpec`; the paper's ``epochs=FIG8_EPOCHS`` when nothing else is given.
    """
    chosen = {"epochs": FIG8_EPOCHS, **settings}
    return [
        RunSpec(topology, seed=seed, **chosen)
        for topology in (fig8_family() if topologies is None else topologies)
    ]


def fig8_rounds(runs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the published runs of Fig. 8.

    The first round, of all models, and the longer one, of those that it left strange.
    """
    first, longer = (
        runs[runs["epochs"] == epochs].reset_index(drop=True)
        for epochs in (FIG8_EPOCHS, FIG8_LONGER_EPOCHS)
    )
    return first, longer


def is_strange(
    runs: pd.DataFrame, strange_accuracy: float | NDArray[np.float64] | pd.Series = STRANGE_ACCURACY
) -> pd.Series:
    """Say of each run whether it is strange, as the authors do.

    That is: its training accuracy after the last epoch is `strange_accuracy` or less, one limit for
    all runs or one for each.
    """
    return runs["train_accuracy"] <= strange_accuracy


def fig8_longer(
    specs: Sequence[RunSpec],
    runs: pd.DataFrame,
    strange_accuracy: float = STRANGE_ACCURACY,
    **settings: Any,
) -> list[RunSpec]:
    """Return a longer run, from the same start, for every spec whose run was strange.

    Parameters
    ----------
    specs
        As `fig8` returns them.
    runs
        What `sweep` returned for them.
    strange_accuracy
        Largest training accuracy of a strange model.
    settings
        Settings of every longer `RunSpec`; the authors' `FIG8_LONGER_SETTINGS` when nothing else is
        given.

    Raises
    ------
    ValueError
        When there is not one run for each spec.
    """
    if len(specs) != len(runs):
        raise ValueError(
            f"{len(specs)} specs and {len(runs)} runs: "
            "give the table that sweep returned for these specs"
        )
    longer = {**FIG8_LONGER_SETTINGS, **settings}
    strange = is_strange(runs, strange_accuracy)
    return [
        RunSpec(spec.topology, seed=spec.seed, **longer)
        for spec, is_so in zip(specs, strange, strict=True)
        if is_so
    ]


def fig9(
    topologies: Iterable[RadixTopology] | None = None,
    seeds: Iterable[int] = range(1000, 10001, 1000),
    **settings: Any,
) -> list[RunSpec]:
    """Return ten runs of each of two models, topology by topology.

    The paper does not print which models; `FIG9_RADIX_LISTS` were chosen before any run.

    Parameters
    ----------
    topologies
        A normal and a strange model; those of `FIG9_RADIX_LISTS` when None.
    seeds
        The paper's.
    settings
        Settings of every `RunSpec`; the paper's `FIG9_SETTINGS` on Keras when nothing else is
        given.
    """
    models = (
        [RadixTopology(lists, LENET_300_100) for lists in FIG9_RADIX_LISTS]
        if topologies is None
        else list(topologies)
    )
    starts = list(seeds)
    chosen = {**FIG9_SETTINGS, "engine": "keras", **settings}
    return [RunSpec(topology, seed=seed, **chosen) for topology in models for seed in starts]


def _decile(topology: RadixTopology) -> int:
    """Return the tenth of the sparsities in which a topology lies after fitting."""
    possible = sum(before * after for before, after in pairwise(topology.layer_sizes))
    sparsity = 1 - Fraction(sum(topology.connection_counts), possible)
    return min(int(sparsity * DECILES), DECILES - 1)


def _choose(
    known: Sequence[RadixTopology], count: int, random: np.random.Generator
) -> list[RadixTopology]:
    """Return `count` of the topologies, or all when there are fewer, ordered by sparsity."""
    picked = random.permutation(len(known))[:count]
    return sorted((known[number] for number in picked), key=lambda topology: topology.sparsity)
