"""Radix lists drawn at random, and the runs of such networks that no rule was made on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import numpy as np

from radixnet.topology import LENET_300_100, Fit, RadixTopology
from radixnet.topology.families import RadixLists
from radixnet.training.spec import RunSpec

SPARSITIES = (0.8, 0.9, 0.95, 0.98, 0.99)

RANDOM_NETWORKS = 10
"""Random networks of each fit and sparsity."""

DENSITY_TOLERANCE = 0.05
"""How far a density may lie from the one wanted, as a share of it."""

_DRAWS = 10_000
_SEEDS = range(5)


def random_networks(fit: Fit, sparsity: float) -> list[RunSpec]:
    """Return runs of random networks on MNIST, with the paper's settings, each from five seeds.

    Parameters
    ----------
    fit
        How radix lists are fitted to LeNet 300-100.
    sparsity
        After fitting, one of `SPARSITIES`.
    """
    return [
        RunSpec(RadixTopology(lists, LENET_300_100, fit=fit), seed=seed)
        for lists in _random_networks(fit)[sparsity]
        for seed in _SEEDS
    ]


@cache
def _random_networks(fit: Fit) -> dict[float, list[RadixLists]]:
    """Return the radix lists of all networks of one fit."""
    return draw(fit, dict.fromkeys(SPARSITIES, RANDOM_NETWORKS), seed=0, draws=_DRAWS)


def draw(
    fit: Fit,
    wanted: Mapping[float, int],
    seed: int,
    draws: int,
    smallest_radix: Mapping[float, int] | None = None,
    layer_sizes: tuple[int, ...] = LENET_300_100,
    split: bool = True,
) -> dict[float, list[RadixLists]]:
    """Draw legal radix lists for some layer sizes until there are enough, or no draws are left.

    Networks count whose density after fitting is within `DENSITY_TOLERANCE` of one that is wanted,
    in the order in which they are drawn; of equal ones the first.

    Parameters
    ----------
    fit
        How lists are fitted to the layer sizes.
    wanted
        How many networks of each sparsity.
    seed
        Seed of the random numbers.
    draws
        Lists to draw at most; folding thousands takes minutes.
    smallest_radix
        For each sparsity the smallest radix allowed; 1 if not given.
    layer_sizes
        Units in each layer, inputs first.
    split
        Whether radices may be split into several lists. Of deep networks few splits are legal, and
        drawing them takes long.
    """
    least = smallest_radix or dict.fromkeys(wanted, 1)
    found: dict[float, dict[bytes, RadixLists]] = {sparsity: {} for sparsity in wanted}
    for number in range(draws):
        missing = [sparsity for sparsity in wanted if len(found[sparsity]) < wanted[sparsity]]
        if not missing:
            break
        lists = random_radix_lists(layer_sizes, seed, number, split)
        smallest = min(radix for radix_list in lists for radix in radix_list)
        allowed = [sparsity for sparsity in missing if smallest >= least[sparsity]]
        if not allowed:
            continue
        topology = RadixTopology(lists, layer_sizes)
        densest = (1 - min(allowed)) * (1 + DENSITY_TOLERANCE)
        if fit == "fold" and topology.density <= densest:
            # Folding takes longer, and only adds connections.
            topology = RadixTopology(lists, layer_sizes, fit=fit)
        for sparsity in allowed:
            if abs(topology.density / (1 - sparsity) - 1) <= DENSITY_TOLERANCE:
                found[sparsity].setdefault(topology.fingerprint, lists)
    return {sparsity: list(lists.values()) for sparsity, lists in found.items()}


def random_radix_lists(
    layer_sizes: tuple[int, ...], seed: int, number: int, split: bool = True
) -> RadixLists:
    """Return the legal radix lists of one draw; no list multiplies to more than the largest layer.

    How the radices are split into lists is drawn first, every split with the same chance; then the
    radices, small and large ones with the same chance by orders of magnitude, until the lists are
    legal.
    """
    random = np.random.default_rng([seed, number])
    layers = len(layer_sizes) - 1
    cuts = np.flatnonzero(random.random(layers - 1) < 0.5) + 1 if split else np.array([], int)
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
