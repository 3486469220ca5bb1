"""Sparse wirings that RadiX-Nets are compared with: random, even, local and shuffled ones.

Each function returns one bool array of shape (inputs, outputs) per layer, with exactly the
connections asked for, and the same masks for the same seed. The last two take a network apart: what
they keep of it says what its success rests on.

References
----------
Mocanu et al. (2018), Nature Communications 9, 2383: budgets and wiring of Erdos-Renyi networks.

Evci et al. (2020), ICML: what becomes of a layer that is full.

Strona et al. (2014), Nature Communications 5, 4114: curveball trades.

Zhang et al. (2024), ICLR: the bipartite small world.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from radixnet.arguments import integer, number, positive_integer
from radixnet.topology.masks import MaskArray, check_masks

_TRADES_PER_UNIT = 5
"""Curveball trades for each unit of a layer; Strona et al. find the matrix well mixed after as
many."""

Masks = tuple[MaskArray, ...]


def uniform_budgets(layer_sizes: Sequence[int], density: float) -> tuple[int, ...]:
    """Return connections per layer such that every layer has the same density, each at least one.

    Raises
    ------
    ValueError
        For a density that is not above 0 and at most 1, or sizes that are not positive integers.
    """
    sizes, density = _checked_sizes(layer_sizes), _checked_density(density)
    return tuple(max(1, round(density * inputs * outputs)) for inputs, outputs in pairwise(sizes))


def erdos_renyi_budgets(layer_sizes: Sequence[int], density: float) -> tuple[int, ...]:
    r"""Return connections per layer, denser where :math:`(n + m) / (n m)` is larger.

    A layer of n inputs and m outputs has a density proportional to that.

    Small layers are so denser than large ones (Mocanu et al., 2018). A layer that would be more
    than full is full, and the others share the rest (Evci et al., 2020, whose "ERK" is the same for
    layers without a kernel).

    Raises
    ------
    ValueError
        As `uniform_budgets`.
    """
    sizes, density = _checked_sizes(layer_sizes), _checked_density(density)
    room = np.array([inputs * outputs for inputs, outputs in pairwise(sizes)], dtype=float)
    ends = np.array([inputs + outputs for inputs, outputs in pairwise(sizes)], dtype=float)
    full = np.zeros(len(room), dtype=bool)
    while True:
        scale = (density * room.sum() - room[full].sum()) / max(ends[~full].sum(), 1)
        wanted = np.where(full, room, scale * ends)
        if not (wanted > room).any():
            return tuple(max(1, round(count)) for count in wanted.tolist())
        full |= wanted > room


def erdos_renyi(layer_sizes: Sequence[int], connections: Sequence[int], seed: int) -> Masks:
    """Return connections drawn at random among all possible ones of each layer.

    Parameters
    ----------
    layer_sizes
        Units in each layer, inputs first.
    connections
        For each layer how many, at least 1 and at most all.
    seed
        Non-negative integer.

    Raises
    ------
    ValueError
        For sizes, connections or a seed outside the ranges above.
    """

    def layer(inputs: int, outputs: int, count: int, random: np.random.Generator) -> MaskArray:
        mask = np.zeros(inputs * outputs, dtype=bool)
        mask[random.choice(mask.size, count, replace=False)] = True
        return mask.reshape(inputs, outputs)

    return _wired(layer, layer_sizes, connections, seed)


def even_random(layer_sizes: Sequence[int], connections: Sequence[int], seed: int) -> Masks:
    """Return random connections: fan-ins in a layer differ by one at most, and so do fan-outs.

    Parameters and errors as of `erdos_renyi`.
    """
    return _wired(_even_layer, layer_sizes, connections, seed)


def receptive_fields(layer_sizes: Sequence[int], connections: Sequence[int], seed: int) -> Masks:
    """Return first-layer units that see the pixels around one of their own; then `even_random`.

    The centres are pixels drawn at random, none twice before all were drawn. Fan-ins of a layer
    differ by at most one; fan-outs of pixels near the edge are smaller. Parameters and errors as of
    `erdos_renyi`; the inputs must form a square image.
    """
    side = math.isqrt(_checked_sizes(layer_sizes)[0])
    if side * side != layer_sizes[0]:
        raise ValueError(
            f"{layer_sizes[0]} inputs form no square image; give a square number such as 784"
        )
    place = np.stack(np.divmod(np.arange(side * side), side))

    def first(inputs: int, outputs: int, count: int, random: np.random.Generator) -> MaskArray:
        centres = np.concatenate(
            [random.permutation(inputs) for _ in range(-(-outputs // inputs))]
        )[:outputs]
        distance = ((place[:, :, None] - place[:, None, centres]) ** 2).sum(axis=0)
        return _nearest(distance, _shares(count, outputs, random), random)

    return _wired(first, layer_sizes, connections, seed, deeper=_even_layer)


def small_world(
    layer_sizes: Sequence[int], connections: Sequence[int], seed: int, rewired: float
) -> Masks:
    """Return layers joined to their nearest neighbours on a ring, some connections moved.

    The bipartite small world of Zhang et al. (2024). Both layers are spread over the ring; with
    `rewired` 0 all connections are local, with 1 all random. Fan-ins of a layer differ by at most
    one. Other parameters and errors as of `erdos_renyi`.

    Parameters
    ----------
    rewired
        Chance of each connection to move to another input of the same unit, 0 to 1.
    """
    if not 0 <= number("rewired", rewired) <= 1:
        raise ValueError(f"rewired must be a number from 0 to 1, and {rewired!r} is not")

    def layer(inputs: int, outputs: int, count: int, random: np.random.Generator) -> MaskArray:
        away = np.abs(np.arange(inputs)[:, None] / inputs - np.arange(outputs) / outputs)
        mask = _nearest(np.minimum(away, 1 - away), _shares(count, outputs, random), random)
        moving = mask & (random.random(mask.shape) < rewired)
        staying = mask & ~moving
        return staying | _nearest(
            np.where(staying, np.inf, random.random(mask.shape)), moving.sum(axis=0), random
        )

    return _wired(layer, layer_sizes, connections, seed)


def shuffled(masks: Sequence[MaskArray], seed: int) -> Masks:
    """Return random masks in which every unit keeps its fan-in and its fan-out.

    Raises
    ------
    ValueError
        When the masks form no network, or for a seed that is no integer of at least 0.
    """
    random = _generator(seed)
    return tuple(_traded(mask, random) for mask in check_masks(masks))


def with_permuted_inputs(masks: Sequence[MaskArray], seed: int) -> Masks:
    """Return the same network with its inputs in random order.

    What it owes to the places of its inputs is gone: to their neighbourhood, and to which of them
    have more connections than others.

    Raises
    ------
    ValueError
        As `shuffled`.
    """
    first, *others = check_masks(masks)
    return first[_generator(seed).permutation(len(first))], *others


LayerWiring = Callable[[int, int, int, np.random.Generator], MaskArray]


def _wired(
    layer: LayerWiring,
    layer_sizes: Sequence[int],
    connections: Sequence[int],
    seed: int,
    deeper: LayerWiring | None = None,
) -> Masks:
    """Wire each layer; those after the first as `deeper` says when it is given."""
    sizes, random = _checked_sizes(layer_sizes), _generator(seed)
    counts = [positive_integer(count, "connections: each number") for count in connections]
    room = [inputs * outputs for inputs, outputs in pairwise(sizes)]
    if len(counts) != len(room) or any(
        count > most for count, most in zip(counts, room, strict=True)
    ):
        raise ValueError(
            f"connections {counts}: give one number per layer, of at most {room} "
            f"for layers of {sizes}"
        )
    wirings = [layer, *[deeper or layer] * (len(room) - 1)]
    shapes = zip(pairwise(sizes), counts, strict=True)
    return tuple(
        wire(*shape, count, random) for wire, (shape, count) in zip(wirings, shapes, strict=True)
    )


def _even_layer(inputs: int, outputs: int, count: int, random: np.random.Generator) -> MaskArray:
    """Give each output the inputs with most connections left, then forget that order by trades."""
    mask = np.zeros((inputs, outputs), dtype=bool)
    left = _shares(count, inputs, random)
    for output, fan_in in enumerate(_shares(count, outputs, random)):
        chosen = np.lexsort((random.random(inputs), -left))[:fan_in]
        mask[chosen, output] = True
        left[chosen] -= 1
    return _traded(mask, random)


def _traded(mask: MaskArray, random: np.random.Generator) -> MaskArray:
    """Let pairs of outputs pool the inputs that only one has, and share them out anew."""
    traded = mask.copy()
    outputs = mask.shape[1]
    for _ in range(_TRADES_PER_UNIT * outputs if outputs > 1 else 0):
        pair = random.choice(outputs, 2, replace=False)
        pool = random.permutation(np.flatnonzero(traded[:, pair[0]] != traded[:, pair[1]]))
        first = np.count_nonzero(traded[pool, pair[0]])
        traded[pool, pair[0]] = np.arange(len(pool)) < first
        traded[pool, pair[1]] = np.arange(len(pool)) >= first
    return traded


def _nearest(
    distance: NDArray[np.float64], fan_ins: NDArray[np.int64], random: np.random.Generator
) -> MaskArray:
    """Return for each output its nearest inputs; among equally near ones chance decides."""
    rank = np.lexsort((random.random(distance.shape), distance), axis=0).argsort(axis=0)
    return np.asarray(rank < fan_ins)


def _shares(total: int, units: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Share out a total evenly among units; chance decides which get one more."""
    return random.permutation(total // units + (np.arange(units) < total % units))


def _generator(seed: int) -> np.random.Generator:
    """Return the random numbers of a seed."""
    return np.random.default_rng(integer("seed", seed))


def _checked_sizes(layer_sizes: Sequence[int]) -> tuple[int, ...]:
    """Return layer sizes as a tuple of at least two positive integers."""
    sizes = tuple(positive_integer(size, "layer_sizes: each size") for size in layer_sizes)
    if len(sizes) < 2:
        raise ValueError(f"layer_sizes {sizes}: give at least two, such as (784, 300, 100, 10)")
    return sizes


def _checked_density(density: float) -> float:
    """Return a density above 0 and at most 1."""
    if not 0 < number("density", density) <= 1:
        raise ValueError(
            f"density must be above 0 and at most 1, such as 0.05, and {density!r} is not"
        )
    return float(density)
