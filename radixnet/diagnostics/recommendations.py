r"""Which radix lists to choose: legal ones that come close to a sparsity on given layer sizes, ranked before any training.

All are folded (`radixnet.topology.fitting`), so that every input reaches every output. Of two networks that are equally sparse,
the one nearer to these aims comes first:

- The output layer has all connections, as in Alford et al. (2019), as long as it takes no more than half of all: it is small, and
  few connections into it lose classes (`radixnet.diagnostics.lost_classes`).
- Every unit of every hidden layer has the same fan-in f (or all inputs there are, where these are fewer): what is left of the
  connections, shared out so that no layer is a bottleneck.
- Within a layer, all inputs have the same fan-out.

How far a network is from them is one number: the root mean square, over all layers, of the relative deviations of the units'
fan-ins from what they should be and of the inputs' fan-outs from their mean.

Candidates are not tried one by one, since their number explodes with the layers. For every product :math:`N'` a walk through the
layers keeps, for each place value that can be reached, the lists nearest to the aims. Where s pairs of expanded nodes become one
pair, a layer of radix r is reckoned to have a density of :math:`\min(1, s r / N')`, as if no connections came to coincide, and in a
second walk of :math:`1 - (1 - r / N')^s`, as if they did by chance. The best are then built and measured exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real

import numpy as np

from radixnet.diagnostics import Diagnosis
from radixnet.topology import RadixTopology, positive_integer
from radixnet.topology.families import RadixLists

DENSITY_TOLERANCE = 0.05
"""How far the density of a recommended network may be from the one asked for, as a share of it: 94.75 to 95.25 % for 95 %."""

LARGEST_OUTPUT_SHARE = 0.5
"""Of all connections, the output layer gets no more than this share."""

DISTINCT = 0.1
"""Of two recommended networks some layer's numbers of connections differ by more than this share: others would be one choice."""

_MODULI = 1000
"""How many products N' are tried: those with the most divisors, up to the largest layer size."""

_KEPT = 3
"""How many radix lists are kept at each place value of the walk."""

_WORK = 2 * 10**8
"""How much is built and measured, in connections of expanded networks: a second or two."""

_WORK_FOR_EACH = 10**5
"""What a candidate costs besides its connections, in the same unit."""


@dataclass(frozen=True)
class Recommendation:
    """A network to choose, and why.

    Attributes
    ----------
    topology
        The network, folded to the layer sizes.
    sparsity
        Of the network, after folding.
    deviation
        How far it is from the aims of `radixnet.diagnostics.recommendations`, 0 when it meets all; networks are ranked by it.
    diagnosis
        ``topology.diagnose()``.
    reasons
        What speaks for it, in sentences with numbers.
    """

    topology: RadixTopology
    sparsity: float
    deviation: float
    diagnosis: Diagnosis
    reasons: tuple[str, ...]


def recommend(layer_sizes: Iterable[int], sparsity: float, count: int = 5) -> list[Recommendation]:
    """Return networks of about this sparsity that should train well, best first.

    Parameters
    ----------
    layer_sizes
        Neurons in each layer, inputs first: at least two layers.
    sparsity
        Share of connections that are to be missing, at least 0 and less than 1.
    count
        How many networks to return at most, at least 1. There may be fewer of that sparsity that are not much alike.

    Returns
    -------
    list of Recommendation
        Networks that are expected to train (`Diagnosis.verdict`), with densities within 5 % of the one asked for. Any two differ by
        more than 10 % in the connections of some layer.

    Raises
    ------
    ValueError
        For arguments out of range, or when no folded RadiX-Net comes that close; the message says how near they come.

    Examples
    --------
    >>> best = recommend((784, 300, 100, 10), sparsity=0.95)[0]
    >>> 0.9475 <= best.sparsity <= 0.9525, best.diagnosis.verdict
    (True, 'expected to train')
    """
    given = list(layer_sizes) if isinstance(layer_sizes, Iterable) and not isinstance(layer_sizes, str | bytes) else []
    if len(given) < 2:
        raise ValueError(f"layer sizes {layer_sizes!r}: give at least two positive integers, such as (784, 300, 100, 10)")
    sizes = tuple(positive_integer(size, f"layer sizes {given!r}: each size") for size in given)
    if isinstance(sparsity, bool) or not isinstance(sparsity, Real) or not 0 <= sparsity < 1:
        raise ValueError(f"sparsity {sparsity!r}: give a number of at least 0 and less than 1, such as 0.95")
    count = positive_integer(count, "count")

    density = 1 - float(sparsity)
    aims = fan_in_aims(sizes, density)
    near: dict[bytes, RadixTopology] = {}
    met = []
    for lists in _candidates(sizes, aims):
        topology = RadixTopology(lists, sizes, fit="fold")
        met.append(topology.sparsity)
        if abs(topology.density - density) <= DENSITY_TOLERANCE * density:
            near.setdefault(topology.fingerprint, topology)
    found: list[Recommendation] = []
    for topology in sorted(near.values(), key=lambda topology: _deviation(topology, aims)):
        if any(_is_alike(topology, better.topology) for better in found):
            continue
        diagnosis = topology.diagnose()
        if diagnosis.verdict == "expected to train":
            reasons = _reasons(topology, diagnosis, aims, float(sparsity))
            found.append(Recommendation(topology, topology.sparsity, _deviation(topology, aims), diagnosis, reasons))
        if len(found) == count:
            break
    if not found:
        raise ValueError(_unreachable(sizes, float(sparsity), met))
    return found


def fan_in_aims(layer_sizes: Sequence[int], density: float) -> tuple[float, ...]:
    """Return the fan-in that the units of each layer should have in a network of this density, as `recommend` aims at it.

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
    return (*(fan_ins[position] for position in range(len(hidden))), min(float(last), (output + max(left, 0)) / classes))


def _candidates(sizes: tuple[int, ...], aims: Sequence[float]) -> Iterator[RadixLists]:
    """Yield legal radix lists, those first that should come nearest to the aims."""
    by_divisors = sorted((_divisors(modulus) for modulus in range(1, max(sizes) + 1)), key=len, reverse=True)
    nearest: dict[RadixLists, float] = {}
    for divisors in by_divisors[:_MODULI]:
        for by_chance in (False, True):
            for distance, lists in _nearest(divisors, sizes, aims, by_chance):
                nearest[lists] = min(distance, nearest.get(lists, math.inf))
    least = (1 - DENSITY_TOLERANCE) * sum(aim * outputs for aim, outputs in zip(aims, sizes[1:], strict=True))
    work = 0
    for lists in sorted(nearest, key=lambda lists: (nearest[lists], lists)):  # of equally near ones, smaller radices first
        most = _most_connections(lists, sizes)
        if sum(min(bound, inputs * outputs) for bound, (inputs, outputs) in zip(most, pairwise(sizes), strict=True)) < least:
            continue
        work += _WORK_FOR_EACH + sum(most)
        if work > _WORK:
            return
        yield lists


def _most_connections(lists: RadixLists, sizes: tuple[int, ...]) -> list[int]:
    """Return the connections of each layer of the expanded network: folding leaves no more."""
    modulus = math.prod(lists[0])
    widths = [-(-size // modulus) for size in sizes]
    radices = [radix for radix_list in lists for radix in radix_list]
    return [radix * modulus * before * after for radix, (before, after) in zip(radices, pairwise(widths), strict=True)]


def _nearest(divisors: list[int], sizes: tuple[int, ...], aims: Sequence[float], by_chance: bool) -> list[tuple[float, RadixLists]]:
    """Return radix lists of one product N', given by its divisors, that should come near to the aims, with squared distances.

    The walk goes layer by layer. Where it stands is told by the product of the list that is being filled, which is the next place
    value, and whether a list before it is complete; how it came there does not matter for how it can go on.
    """
    modulus = divisors[-1]
    expanded = [modulus * -(-size // modulus) for size in sizes]
    standing: dict[tuple[int, bool], list[tuple[float, RadixLists]]] = {(1, False): [(0.0, ((),))]}
    for layer, aim in enumerate(aims):
        merged = expanded[layer] * expanded[layer + 1] / (sizes[layer] * sizes[layer + 1])
        distances = {}
        for radix in divisors:
            density = 1 - (1 - radix / modulus) ** merged if by_chance else min(1.0, merged * radix / modulus)
            distances[radix] = math.log(density * sizes[layer] / aim) ** 2
        reached: dict[tuple[int, bool], list[tuple[float, RadixLists]]] = {}
        for (value, has_list), ways in standing.items():
            for radix in divisors:
                if modulus // value % radix:
                    continue
                longer = [(distance + distances[radix], (*lists[:-1], (*lists[-1], radix))) for distance, lists in ways]
                reached.setdefault((value * radix, has_list), []).extend(longer)
                if value * radix == modulus and layer < len(aims) - 1:
                    reached.setdefault((1, True), []).extend((distance, (*lists, ())) for distance, lists in longer)
        standing = {where: sorted(ways)[:_KEPT] for where, ways in reached.items()}
    # Where a share s of the nodes is merged from one more expanded node than the others, of m on average, fan-ins vary by that.
    shares = [size_now % size / size for size_now, size in zip(expanded[:-1], sizes, strict=False)]
    uneven = sum(
        share * (1 - share) * (size / size_now) ** 2 for share, size_now, size in zip(shares, expanded, sizes, strict=False)
    )
    # A last list of any product is legal, but the first has to have the product N'.
    ended = (way for (value, has_list), ways in standing.items() if has_list or value == modulus for way in ways)
    return [(distance + uneven, lists) for distance, lists in ended]


def _divisors(number: int) -> list[int]:
    """Return the divisors of a number in ascending order."""
    low = [divisor for divisor in range(1, math.isqrt(number) + 1) if number % divisor == 0]
    return low + [number // divisor for divisor in reversed(low) if divisor * divisor != number]


def _is_alike(topology: RadixTopology, better: RadixTopology) -> bool:
    """Return whether every layer has about as many connections as in a network that is ranked higher."""
    pairs = zip(topology.connection_counts, better.connection_counts, strict=True)
    return all(abs(count - known) <= DISTINCT * known for count, known in pairs)


def _deviation(topology: RadixTopology, aims: Sequence[float]) -> float:
    """Return the root mean square of relative deviations from the aims, over the layers and both directions."""
    squares = [np.mean((fan_in / aim - 1) ** 2) for fan_in, aim in zip(topology.fan_ins, aims, strict=True)]
    squares += [np.mean((fan_out / fan_out.mean() - 1) ** 2) for fan_out in topology.fan_outs]
    return float(np.sqrt(np.mean(squares)))


def _reasons(topology: RadixTopology, diagnosis: Diagnosis, aims: Sequence[float], sparsity: float) -> tuple[str, ...]:
    """Say what speaks for a network."""
    return (
        f"Its sparsity is {topology.sparsity:.2%}, for {sparsity:.2%} asked for.",
        *(
            f"Layer {number} has fan-ins of {_range(fan_in)} of {inputs}, where {aim:.1f} would be even over the network."
            for number, (fan_in, inputs, aim) in enumerate(
                zip(topology.fan_ins[:-1], topology.layer_sizes, aims, strict=False), start=1
            )
        ),
        f"Each class has {_range(topology.fan_ins[-1])} of {topology.layer_sizes[-2]} possible connections; the chance of losing "
        f"any to the signs of the starting weights is {diagnosis.chance_of_a_lost_class:.1%}.",
        f"Each input has a path to each class, at least {diagnosis.min_paths:,} and at most {diagnosis.max_paths:,}.",
    )


def _range(numbers: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> str:
    """Return ``3`` or ``3 to 5``."""
    least, most = int(numbers.min()), int(numbers.max())
    return str(least) if least == most else f"{least} to {most}"


def _unreachable(sizes: tuple[int, ...], sparsity: float, met: Sequence[float]) -> str:
    """Say that a sparsity cannot be reached and which can."""
    # As sparse as can be: every node keeps a connection on either side, since no path is lost.
    fewest = [max(inputs, outputs) / outputs for inputs, outputs in pairwise(sizes)]
    sparsest = max(*met, *(RadixTopology(lists, sizes, fit="fold").sparsity for lists in _candidates(sizes, fewest)))
    nearest = min((*met, sparsest), key=lambda other: abs(other - sparsity))
    return (
        f"sparsity {sparsity:.2%}: no folded RadiX-Net on layers of {'-'.join(map(str, sizes))} that is expected to train was "
        f"found within {DENSITY_TOLERANCE:.0%} of the density {1 - sparsity:.2%}. The nearest that was found has a sparsity of "
        f"{nearest:.2%}, the sparsest {sparsest:.2%}; ask for something up to there, or change the layer sizes"
    )
