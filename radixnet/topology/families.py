"""The paper's sets of RadiX-Nets: all legal radix lists of a kind, and the 426 models of Fig. 8."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from numbers import Real

from radixnet.arguments import positive_integer
from radixnet.topology import LENET_300_100, RadixTopology

RadixLists = tuple[tuple[int, ...], ...]


def legal_radix_lists(radices: Iterable[int], layers: int) -> list[RadixLists]:
    """Return every legal specification with one radix per weight layer, each from the given ones.

    That is every way to split `layers` radices into consecutive lists whose products are equal,
    except for the last, which divides the others. Radices 1 to 10 and three layers give the 1,517
    behind Figs. 3 and 4 of the paper.

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
        If `radices` is not a collection of distinct positive integers, or `layers` not a positive
        integer.

    Examples
    --------
    >>> legal_radix_lists([1, 2], layers=2)
    [((1, 1),), ((1, 2),), ((2, 1),), ((2, 2),), ((1,), (1,)), ((2,), (1,)), ((2,), (2,))]
    """
    if not isinstance(radices, Iterable):
        raise ValueError(
            f"radices {radices!r}: give distinct positive integers, such as range(1, 11)"
        )
    choices = [positive_integer(radix, "radices: each radix") for radix in radices]
    if len(set(choices)) != len(choices):
        raise ValueError(f"radices {choices}: a radix is given twice; give distinct ones")
    return [
        lists
        for lengths in _compositions(positive_integer(layers, "layers"))
        for chosen in product(choices, repeat=layers)
        if _is_legal(lists := _split(chosen, lengths))
    ]


def distinct_topologies(topologies: Iterable[RadixTopology]) -> list[RadixTopology]:
    """Return the topologies whose masks differ, the first of each kind, in the order given.

    Different radix lists can give the same network, most simply where a radix 1 may stand at the
    end of one list or at the start of the next. Of the 1,517 on LeNet 300-100, 1,367 are distinct.

    Raises
    ------
    ValueError
        If something is not a `RadixTopology`.
    """
    advice = "give RadixTopology objects, such as RadixTopology([[5, 2]], (784, 30, 10))"
    if not isinstance(topologies, Iterable):
        raise ValueError(f"topologies {topologies!r}: {advice}")
    first: dict[bytes, RadixTopology] = {}
    for number, topology in enumerate(topologies, start=1):
        if not isinstance(topology, RadixTopology):
            kind = type(topology).__name__
            raise ValueError(f"topologies: item {number} is {topology!r} ({kind}); {advice}")
        first.setdefault(topology.fingerprint, topology)
    return list(first.values())


def fig8_family(
    largest_radix: int = 15,
    min_expanded_sparsity: float = 0.9,
    layer_sizes: Sequence[int] = LENET_300_100,
) -> list[RadixTopology]:
    """Return the sparse models among which the paper found its strange ones: 426 by default.

    Radix lists are ``[[i, j], [k]]`` with i and j from 1 to `largest_radix` and k a divisor of i j,
    all in ascending order. Of lists with the same sparsity before trimming, the last one counts; of
    these, those that are sparse enough. Sparsities are compared as exact fractions.

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
        If `largest_radix` is not a positive integer, `min_expanded_sparsity` not a number from 0
        to 1, or there are not four sizes.
    """
    largest_radix = positive_integer(largest_radix, "largest_radix")
    limit = min_expanded_sparsity
    if not isinstance(limit, Real) or isinstance(limit, bool) or not 0 <= limit <= 1:
        raise ValueError(
            "min_expanded_sparsity must be a number from 0 to 1, such as 0.9, "
            f"and {min_expanded_sparsity!r} is not"
        )
    by_density: dict[Fraction, RadixTopology] = {}
    numbers = range(1, largest_radix + 1)
    for i, j in product(numbers, numbers):
        for k in range(1, i * j + 1):
            if (i * j) % k == 0:
                topology = RadixTopology([[i, j], [k]], layer_sizes)
                by_density[topology.expanded_density] = topology
    # Compared with the decimal that was written: 0.9 means nine tenths.
    largest_density = 1 - Fraction(str(limit))
    return [topology for density, topology in by_density.items() if density <= largest_density]


def _compositions(total: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to write a number as an ordered sum, large first parts first."""
    if total == 0:
        yield ()
    for first in range(total, 0, -1):
        for rest in _compositions(total - first):
            yield (first, *rest)


def _split(radices: Sequence[int], lengths: Sequence[int]) -> RadixLists:
    """Return the radices cut into consecutive lists of the given lengths."""
    rest = iter(radices)
    return tuple(tuple(next(rest) for _ in range(length)) for length in lengths)


def _is_legal(lists: RadixLists) -> bool:
    """Say whether all products but the last are equal and the last divides them."""
    products = [math.prod(radix_list) for radix_list in lists]
    return len(set(products[:-1])) <= 1 and products[0] % products[-1] == 0
