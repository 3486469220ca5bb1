"""The runs behind "Choosing radix lists".

Recommended networks beside random legal ones of the same sparsity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, get_args

import numpy as np

from radixnet.diagnostics.recommendations import DENSITY_TOLERANCE, recommend
from radixnet.topology import LENET_300_100, Fit, RadixTopology
from radixnet.training.spec import RunSpec

COMPARED_SPARSITIES = (0.8, 0.9, 0.95, 0.98, 0.99)

Kind = Literal["recommended", "random, trimmed", "random, folded"]

RANDOM_NETWORKS = 10
"""Random networks at each sparsity at most."""

DRAWS = 10_000
"""Random legal lists among which networks of one sparsity are looked for."""


@cache
def compared_topologies(
    kind: Kind, sparsity: float, layer_sizes: tuple[int, ...] = LENET_300_100, choice_seed: int = 0
) -> tuple[RadixTopology, ...]:
    """Return networks of about one sparsity.

    The five that `recommend` ranks first, or random legal ones.

    Of `DRAWS` random lists those count whose density after fitting is as close to the one asked for
    as that of a recommended network has to be; of equal networks one; the first `RANDOM_NETWORKS`
    of them. There may be fewer, or none.

    Parameters
    ----------
    kind
        ``"recommended"``, ``"random, trimmed"``, which is the paper's way to fit, or ``"random,
        folded"``.
    sparsity
        After fitting, more than 0 and less than 1.
    layer_sizes
        Inputs first.
    choice_seed
        Of the random lists.

    Raises
    ------
    ValueError
        For an unknown kind, or a sparsity that cannot be recommended for these sizes.
    """
    if kind not in get_args(Kind):
        raise ValueError(
            f"kind {kind!r} is not known; choose one of {', '.join(map(repr, get_args(Kind)))}"
        )
    if kind == "recommended":
        return tuple(each.topology for each in recommend(layer_sizes, sparsity))
    fit: Fit = "trim" if kind == "random, trimmed" else "fold"
    lowest, highest = ((1 - sparsity) * (1 + sign * DENSITY_TOLERANCE) for sign in (-1, 1))
    found: dict[bytes, RadixTopology] = {}
    for number in range(DRAWS):
        lists = random_radix_lists(tuple(layer_sizes), choice_seed, number)
        topology = RadixTopology(lists, layer_sizes)
        if (
            fit == "fold" and 1 - topology.sparsity <= highest
        ):  # folding only adds connections, and takes longer
            topology = RadixTopology(lists, layer_sizes, fit=fit)
        if lowest <= 1 - topology.sparsity <= highest:
            found.setdefault(topology.fingerprint, topology)
        if len(found) == RANDOM_NETWORKS:
            break
    return tuple(found.values())


def recommended_and_random(
    kind: Kind,
    sparsity: float,
    dataset: str = "mnist",
    seeds: Sequence[int] = range(5),
    **settings: Any,
) -> list[RunSpec]:
    """Return a run of each of `compared_topologies` from each seed.

    Parameters
    ----------
    kind, sparsity
        As of `compared_topologies`.
    dataset
        ``"mnist"`` or ``"fashion-mnist"``.
    seeds
        Of each network.
    settings
        Of every `RunSpec`.
    """
    networks = compared_topologies(kind, sparsity)
    return [
        RunSpec(topology, dataset=dataset, seed=seed, **settings)
        for topology in networks
        for seed in seeds
    ]


@cache
def random_radix_lists(
    layer_sizes: tuple[int, ...], choice_seed: int, number: int
) -> tuple[tuple[int, ...], ...]:
    """Return the legal radix lists of one draw; no list multiplies to more than the largest layer.

    How the radices are split into lists is drawn first, every split with the same chance; then the
    radices, small and large ones with the same chance by orders of magnitude, until the lists are
    legal.
    """
    random = np.random.default_rng([choice_seed, number])
    layers = len(layer_sizes) - 1
    cuts = np.flatnonzero(random.random(layers - 1) < 0.5) + 1
    while True:
        radices = np.exp(random.uniform(0, np.log(max(layer_sizes) + 1), layers)).astype(int)
        lists = tuple(tuple(part.tolist()) for part in np.split(radices, cuts))
        products = [math.prod(part) for part in lists]
        if (
            max(products) <= max(layer_sizes)
            and len(set(products[:-1])) <= 1
            and products[0] % products[-1] == 0
        ):
            return lists
