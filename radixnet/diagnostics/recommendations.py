r"""Which radix lists to choose: legal ones near a sparsity, ranked before any training.

All are folded (`radixnet.topology.fitting`), so that every input reaches every output. Of two
networks that are equally sparse, the one nearer to these aims comes first:

- The output layer has all connections, as in Alford et al. (2019), as long as it takes no more than
  half of all. It is small, and few connections into it lose classes
  (`radixnet.diagnostics.lost_classes`).
- Every unit of every hidden layer has the same fan-in f (or all inputs, if there are fewer). The
  other connections are thus shared out so that no layer is a bottleneck.
- Within a layer, all inputs have the same fan-out.

The distance from the aims is one number: the root mean square, over all layers, of the relative
deviations of the units' fan-ins from their aims and of the inputs' fan-outs from their mean.

Before all that, networks come first whose units of the first layer see different things: where many
units repeat the inputs of others, such as 300 units with 12 different sets of inputs, the layer is
narrower than it looks. The rank of the layer's mask, over the largest that it could have, measures
this. A layer with more than half of its connections may repeat itself, since sets so large hardly
differ anyway.

The number of radix lists explodes with the layers, so they are not tried one by one. For every
product :math:`N'` a walk through the layers keeps, for each place value that can be reached, the
lists nearest to the aims. Where s pairs of expanded nodes become one pair, the walk estimates the
density of a layer of radix r as :math:`\min(1, s r / N')`, as if no connections coincided, and in a
second walk as :math:`1 - (1 - r / N')^s`, as if they did by chance. The best lists are then built
and measured exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from radixnet.arguments import positive_integer, share
from radixnet.diagnostics import Diagnosis
from radixnet.topology import RadixTopology
from radixnet.topology.families import RadixLists
from radixnet.topology.masks import MaskArray

DENSITY_TOLERANCE = 0.05
"""Largest deviation of a recommended density from the one asked for, as a share of it: for a
sparsity of 95 %, 94.75 to 95.25 %."""

LARGEST_OUTPUT_SHARE = 0.5
"""Largest share of all connections that the output layer gets."""

DISTINCT = 0.1
"""In some layer, the numbers of connections of two recommended networks differ by more than this
share; otherwise they would be one choice."""

VARIED = 0.95
"""Least rank of the first layer's mask, as a share of the largest possible, of networks that come
first."""

_RANKED_UNITS = 300
"""Units of the first layer among which the rank is taken: all of a small layer, drawn of others."""

_MODULI = 1000
"""Products N' to try: those with the most divisors, up to the largest layer size."""

_KEPT = 3
"""Radix lists kept at each place value of the walk."""

_WORK = 2 * 10**8
"""Connections of expanded networks that are built and measured: a second or two."""

_WORK_FOR_EACH = 10**5
"""Cost of a candidate besides its connections, in the same unit."""


@dataclass(frozen=True)
class Recommendation:
    """A network to choose, and why.

    Attributes
    ----------
    topology
        The network, folded to the layer sizes.
    sparsity
        Its sparsity after folding.
    deviation
        Its distance from the aims of `radixnet.diagnostics.recommendations`, by which networks are
        ranked; 0 if it meets all.
    variety
        Rank of the first layer's mask as a share of the largest possible, and 1 where more than
        half of its connections exist. Networks of at least `VARIED` come before others.
    diagnosis
        ``topology.diagnose()``.
    reasons
        What speaks for it, in sentences with numbers.
    """

    topology: RadixTopology
    sparsity: float
    deviation: float
    variety: float
    diagnosis: Diagnosis
    reasons: tuple[str, ...]


def recommend(layer_sizes: Iterable[int], sparsity: float, count: int = 5) -> list[Recommendation]:
    """Return networks of about this sparsity that should train well, best first.

    Parameters
    ----------
    layer_sizes
        Neurons in each layer, inputs first: at least two layers.
    sparsity
        Share of missing connections, at least 0 and less than 1.
    count
        How many networks to return at most, at least 1. There may be fewer.

    Returns
    -------
    list of Recommendation
        Networks that are expected to train (`Diagnosis.verdict`), with densities within 5 % of the
        one asked for. Any two differ by more than 10 % in the connections of some layer. Those
        whose first layer repeats itself are named only after all others.

    Raises
    ------
    ValueError
        For arguments out of range, or if no folded RadiX-Net comes that close; the message says how
        near they come.

    Notes
    -----
    In the experiments of the book's *Choosing radix lists* the first ones were, on average,
    slightly ahead of random lists that are folded too, up to a sparsity of 98 %; at 99 % not.

    Examples
    --------
    >>> best = recommend((784, 300, 100, 10), sparsity=0.95)[0]
    >>> 0.9475 <= best.sparsity <= 0.9525, best.diagnosis.verdict
    (True, 'expected to train')
    """
    is_list = isinstance(layer_sizes, Iterable) and not isinstance(layer_sizes, str | bytes)
    given = list(layer_sizes) if is_list else []
    if len(given) < 2:
        raise ValueError(
            f"layer sizes {layer_sizes!r}: give at least two positive integers, "
            "such as (784, 300, 100, 10)"
        )
    sizes = tuple(positive_integer(size, f"layer sizes {given!r}: each size") for size in given)
    sparsity = share("sparsity", sparsity)
    count = positive_integer(count, "count")

    density = 1 - sparsity
    aims = fan_in_aims(sizes, density)
    near: dict[bytes, RadixTopology] = {}
    met = []
    for lists in _candidates(sizes, aims):
        topology = RadixTopology(lists, sizes, fit="fold")
        met.append(topology.sparsity)
        if abs(topology.density - density) <= DENSITY_TOLERANCE * density:
            near.setdefault(topology.fingerprint, topology)
    deviations = {topology: _deviation(topology, aims) for topology in near.values()}
    found: list[Recommendation] = []
    for varied in (True, False):
        for topology, deviation in sorted(deviations.items(), key=lambda item: item[1]):
            if len(found) == count:
                return found
            if any(_is_alike(topology, better.topology) for better in found):
                continue
            share_of_rank = variety(topology.masks[0])
            if (share_of_rank >= VARIED) is not varied:
                continue
            diagnosis = topology.diagnose()
            if diagnosis.verdict == "expected to train":
                reasons = _reasons(topology, diagnosis, aims, sparsity, share_of_rank)
                found.append(
                    Recommendation(
                        topology, topology.sparsity, deviation, share_of_rank, diagnosis, reasons
                    )
                )
    if not found:
        raise ValueError(_unreachable(sizes, sparsity, met))
    return found


def fan_in_aims(layer_sizes: Sequence[int], density: float) -> tuple[float, ...]:
    """Return the fan-in that `recommend` aims at in each layer of a network of this density.

    Parameters
    ----------
    layer_sizes
        Neurons in each layer, inputs first.
    density
        Connections over possible connections, more than 0 and at most 1.
    """
    pairs = list(pairwise(layer_sizes))
    connections = density * sum(inputs * outputs for inputs, outputs in pairs)
    *hidden, (last, classes) = pairs
    output = min(last * classes, LARGEST_OUTPUT_SHARE * connections if hidden else connections)
    left = connections - output
    fan_ins: dict[int, float] = {}
    # Narrow layers first: what one cannot take is left to the wider ones.
    for position in sorted(range(len(hidden)), key=lambda position: hidden[position][0]):
        units = sum(hidden[other][1] for other in range(len(hidden)) if other not in fan_ins)
        fan_ins[position] = min(float(hidden[position][0]), left / units)
        left -= fan_ins[position] * hidden[position][1]
    # What even full hidden layers leave goes back to the output layer.
    to_classes = min(float(last), (output + max(left, 0)) / classes)
    return (*(fan_ins[position] for position in range(len(hidden))), to_classes)


def variety(mask: MaskArray) -> float:
    """Return the rank of a layer's mask as a share of the largest possible.

    Parameters
    ----------
    mask
        The layer's, shape (inputs, outputs).

    Returns
    -------
    float
        More than 0 and at most 1; 1 where more than half of the connections exist. In a layer with
        more than 300 outputs it is measured among 300 of them, drawn by a fixed seed.
    """
    if mask.mean() > 0.5:
        return 1.0
    if mask.shape[1] > _RANKED_UNITS:
        drawn = np.random.default_rng(0).choice(mask.shape[1], _RANKED_UNITS, replace=False)
        mask = mask[:, drawn]
    return float(np.linalg.matrix_rank(mask.astype(np.float64)) / min(mask.shape))


def _candidates(sizes: tuple[int, ...], aims: Sequence[float]) -> Iterator[RadixLists]:
    """Yield legal radix lists, those first that should come nearest to the aims."""
    moduli = (_divisors(modulus) for modulus in range(1, max(sizes) + 1))
    nearest: dict[RadixLists, float] = {}
    for divisors in sorted(moduli, key=len, reverse=True)[:_MODULI]:
        for by_chance in (False, True):
            for distance, lists in _nearest(divisors, sizes, aims, by_chance):
                nearest[lists] = min(distance, nearest.get(lists, math.inf))
    asked = sum(aim * outputs for aim, outputs in zip(aims, sizes[1:], strict=True))
    possible = [inputs * outputs for inputs, outputs in pairwise(sizes)]
    work = 0
    # Of equally near ones, smaller radices first.
    for lists in sorted(nearest, key=lambda lists: (nearest[lists], lists)):
        most = _most_connections(lists, sizes)
        if sum(map(min, most, possible)) < (1 - DENSITY_TOLERANCE) * asked:
            continue
        work += _WORK_FOR_EACH + sum(most)
        if work > _WORK:
            return
        yield lists


def _most_connections(lists: RadixLists, sizes: tuple[int, ...]) -> list[int]:
    """Return the connections of each layer of the expanded network: folding leaves no more."""
    modulus = math.prod(lists[0])
    blocks = [math.prod(-(-size // modulus) for size in pair) for pair in pairwise(sizes)]
    radices = [radix for radix_list in lists for radix in radix_list]
    return [radix * modulus * block for radix, block in zip(radices, blocks, strict=True)]


def _nearest(
    divisors: list[int], sizes: tuple[int, ...], aims: Sequence[float], by_chance: bool
) -> list[tuple[float, RadixLists]]:
    """Return lists of one product N', given by its divisors, that should come near to the aims.

    The walk goes layer by layer. Its state is the product of the list that is being filled, which
    is the next place value, and whether a list before it is complete: how it came there does not
    matter for how it can go on. Distances are squared.
    """
    modulus = divisors[-1]
    expanded = [modulus * -(-size // modulus) for size in sizes]
    states: dict[tuple[int, bool], list[tuple[float, RadixLists]]] = {(1, False): [(0.0, ((),))]}
    for layer, aim in enumerate(aims):
        merged = expanded[layer] * expanded[layer + 1] / (sizes[layer] * sizes[layer + 1])
        distances = {}
        for radix in divisors:
            filled = radix / modulus
            density = 1 - (1 - filled) ** merged if by_chance else min(1.0, merged * filled)
            distances[radix] = math.log(density * sizes[layer] / aim) ** 2
        reached: dict[tuple[int, bool], list[tuple[float, RadixLists]]] = {}
        for (value, has_list), ways in states.items():
            for radix in divisors:
                if modulus // value % radix:
                    continue
                longer = [
                    (distance + distances[radix], (*lists[:-1], (*lists[-1], radix)))
                    for distance, lists in ways
                ]
                reached.setdefault((value * radix, has_list), []).extend(longer)
                if value * radix == modulus and layer < len(aims) - 1:
                    closed = [(distance, (*lists, ())) for distance, lists in longer]
                    reached.setdefault((1, True), []).extend(closed)
        states = {state: sorted(ways)[:_KEPT] for state, ways in reached.items()}
    # Fan-ins vary where a share of the nodes is merged from one more expanded node than the others.
    uneven = 0.0
    for size, full in zip(sizes[:-1], expanded[:-1], strict=True):
        fraction = full % size / size
        uneven += fraction * (1 - fraction) * (size / full) ** 2
    # A last list of any product is legal, but the first must have the product N'.
    ends = (ways for (value, has_list), ways in states.items() if has_list or value == modulus)
    return [(distance + uneven, lists) for ways in ends for distance, lists in ways]


def _divisors(number: int) -> list[int]:
    """Return the divisors of a number in ascending order."""
    low = [divisor for divisor in range(1, math.isqrt(number) + 1) if number % divisor == 0]
    return low + [number // divisor for divisor in reversed(low) if divisor**2 != number]


def _is_alike(topology: RadixTopology, better: RadixTopology) -> bool:
    """Say whether every layer has about as many connections as in a better network."""
    pairs = zip(topology.connection_counts, better.connection_counts, strict=True)
    return all(abs(count - known) <= DISTINCT * known for count, known in pairs)


def _deviation(topology: RadixTopology, aims: Sequence[float]) -> float:
    """Return the root mean square of relative deviations, over the layers and both directions."""
    fan_ins = zip(topology.fan_ins, aims, strict=True)
    squares = [np.mean((fan_in / aim - 1) ** 2) for fan_in, aim in fan_ins]
    squares += [np.mean((fan_out / fan_out.mean() - 1) ** 2) for fan_out in topology.fan_outs]
    return float(np.sqrt(np.mean(squares)))


def _reasons(
    topology: RadixTopology,
    diagnosis: Diagnosis,
    aims: Sequence[float],
    sparsity: float,
    share_of_rank: float,
) -> tuple[str, ...]:
    """Say what speaks for a network."""
    *hidden, output = topology.fan_ins
    sizes = topology.layer_sizes
    return (
        f"Its sparsity is {topology.sparsity:.2%}; {sparsity:.2%} was asked for.",
        *(
            f"Layer {number} has fan-ins of {_range(fan_in)} of {inputs}; {aim:.1f} would be even "
            "over the network."
            for number, (fan_in, inputs, aim) in enumerate(
                zip(hidden, sizes, aims, strict=False), start=1
            )
        ),
        f"The first layer's mask has {share_of_rank:.0%} of the rank that it could have: "
        + ("few units repeat" if share_of_rank >= VARIED else "units repeat")
        + " what others see.",
        f"Each class has {_range(output)} of {sizes[-2]} possible connections; the chance of "
        "losing any to the signs of the starting weights is "
        f"{diagnosis.chance_of_a_lost_class:.1%}.",
        f"Each input has at least {diagnosis.min_paths:,} and at most {diagnosis.max_paths:,} "
        "paths to each class.",
    )


def _range(numbers: NDArray[np.int64]) -> str:
    """Return ``3`` or ``3 to 5``."""
    least, most = int(numbers.min()), int(numbers.max())
    return str(least) if least == most else f"{least} to {most}"


def _unreachable(sizes: tuple[int, ...], sparsity: float, met: Sequence[float]) -> str:
    """Say that a sparsity cannot be reached, and which can."""
    # The sparsest: every node keeps a connection on either side, since no path is lost.
    fewest = [max(inputs, outputs) / outputs for inputs, outputs in pairwise(sizes)]
    sparsest = max(
        *met,
        *(RadixTopology(lists, sizes, "fold").sparsity for lists in _candidates(sizes, fewest)),
    )
    nearest = min((*met, sparsest), key=lambda other: abs(other - sparsity))
    return (
        f"sparsity {sparsity:.2%}: found no folded RadiX-Net on layers of "
        f"{'-'.join(map(str, sizes))} that is expected to train within {DENSITY_TOLERANCE:.0%} of "
        f"the density {1 - sparsity:.2%}. The nearest has a sparsity of {nearest:.2%}, the "
        f"sparsest {sparsest:.2%}; ask for something up to there, or change the layer sizes"
    )
