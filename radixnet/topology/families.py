"""The sets of RadiX-Nets that the paper looks at: every legal radix list of a kind, and the 426 sparse ones of its Fig. 8."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from numbers import Real

from radixnet.topology import LENET_300_100, RadixTopology, positive_integer

RadixLists = tuple[tuple[int, ...], ...]


def legal_radix_lists(radices: Iterable[int], layers: int) -> list[RadixLists]:
    """Return every legal specification with one radix per weight layer, each radix from the given ones.

    All ways to split `layers` radices into consecutive lists, all choices of radices, and of these the legal ones: equal products
    except the last, which divides. Radices 1 to 10 and three layers give the 1,517 behind Figs. 3 and 4 of the paper.

    Parameters
    ----------
    radices
        Distinct positive integers to choose from.
    layers
        Number of weight layers, at least 1.

    Returns
    -------
    list
        Tuples of tuples; longer first lists first, then ascending radices.

    Raises
    ------
    ValueError
        When `radices` is no collection, a radix or `layers` is not a positive integer, or a radix is given twice.

    Examples
    --------
    >>> legal_radix_lists([1, 2], layers=2)
    [((1, 1),), ((1, 2),), ((2, 1),), ((2, 2),), ((1,), (1,)), ((2,), (1,)), ((2,), (2,))]
    """
    if not isinstance(radices, Iterable):
        raise ValueError(f"radices {radices!r}: give distinct positive integers, such as range(1, 11)")
    choices = [positive_integer(radix, "radices: each radix") for radix in radices]
    if len(set(choices)) != len(choices):
        raise ValueError(f"radices {choices}: a radix is given twice; give distinct ones")
    layers = positive_integer(layers, "layers")
    return [
        lists
        for lengths in _compositions(layers)
        for chosen in product(choices, repeat=layers)
        if _is_legal(lists := _split(chosen, lengths))
    ]


def distinct_topologies(topologies: Iterable[RadixTopology]) -> list[RadixTopology]:
    """Return the topologies whose masks differ, the first of each kind, in the order given.

    Different radix lists can give the same network, most simply where a radix 1 may stand at the end of one list or at the
    start of the next. Of the 1,517 on LeNet 300-100, 1,367 are distinct.

    Raises
    ------
    ValueError
        When something is not a `RadixTopology`.
    """
    advice = "give RadixTopology objects, such as RadixTopology([[10, 10], [10]], (784, 300, 100, 10))"
    if not isinstance(topologies, Iterable):
        raise ValueError(f"topologies {topologies!r} are no collection; {advice}")
    first: dict[bytes, RadixTopology] = {}
    for number, topology in enumerate(topologies, start=1):
        if not isinstance(topology, RadixTopology):
            raise ValueError(f"topologies: item {number} is {topology!r} ({type(topology).__name__}); {advice}")
        first.setdefault(topology.fingerprint, topology)
    return list(first.values())


def fig8_family(
    largest_radix: int = 15,
    min_expanded_sparsity: float = 0.9,
    layer_sizes: Sequence[int] = LENET_300_100,
) -> list[RadixTopology]:
    """Return the sparse models among which the paper found its strange ones: 426 with the default arguments.

    Radix lists ``[[i, j], [k]]``: i and j run upwards from 1 to `largest_radix`, k through the divisors of i j. Of the lists with
    the same sparsity before trimming, the last one counts; of these, the ones that are sparse enough. Sparsities are compared as
    exact fractions.

    Parameters
    ----------
    largest_radix
        Largest of i and j.
    min_expanded_sparsity
        Least sparsity before trimming, 0 to 1.
    layer_sizes
        Sizes of four layers, inputs first.

    Raises
    ------
    ValueError
        When `largest_radix` is not a positive integer, `min_expanded_sparsity` not a number from 0 to 1, or the sizes not four.
    """
    largest_radix = positive_integer(largest_radix, "largest_radix")
    is_number = isinstance(min_expanded_sparsity, Real) and not isinstance(min_expanded_sparsity, bool)
    if not is_number or not 0 <= min_expanded_sparsity <= 1:
        raise ValueError(f"min_expanded_sparsity must be a number from 0 to 1, such as 0.9, and {min_expanded_sparsity!r} is not")
    by_density: dict[Fraction, RadixTopology] = {}
    numbers = range(1, largest_radix + 1)
    for i, j in product(numbers, numbers):
        for k in range(1, i * j + 1):
            if (i * j) % k == 0:
                topology = RadixTopology([[i, j], [k]], layer_sizes)
                by_density[topology.expanded_density] = topology
    # The sparsity is given in decimals, so compare with the decimal that was written: 0.9 means nine tenths.
    limit = 1 - Fraction(str(min_expanded_sparsity))
    return [topology for density, topology in by_density.items() if density <= limit]


def _compositions(total: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to write a number as an ordered sum of positive ones, large first parts first."""
    if total == 0:
        yield ()
    for first in range(total, 0, -1):
        for rest in _compositions(total - first):
            yield (first, *rest)


def _split(radices: Sequence[int], lengths: Sequence[int]) -> RadixLists:
    """Return the radices cut into consecutive lists of the given lengths."""
    starts = [sum(lengths[:number]) for number in range(len(lengths))]
    return tuple(tuple(radices[start : start + length]) for start, length in zip(starts, lengths, strict=True))


def _is_legal(lists: RadixLists) -> bool:
    """Say whether the products fit together: all but the last equal, the last a divisor."""
    products = [math.prod(radix_list) for radix_list in lists]
    return len(set(products[:-1])) <= 1 and products[0] % products[-1] == 0
