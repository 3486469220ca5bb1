"""RadiX-Nets the long way round, by NumPy's own roll and Kronecker product, to compare with.

Nothing here is imported from `radixnet`. Slow and hungry on purpose: identities are really rolled,
products really formed.
"""

from itertools import pairwise
from math import prod

import numpy as np


def expanded_adjacency(radix_lists, layer_sizes):
    """Return W_i = ones(D[i-1], D[i]) (x) sum_j P^(j v) for each layer, before any fitting."""
    modulus = prod(radix_lists[0])
    widths = [int(np.ceil(size / modulus)) for size in layer_sizes]
    identity = np.eye(modulus, dtype=int)
    matrices = []
    for radix_list in radix_lists:
        place_value = 1
        for radix in radix_list:
            before, after = widths[len(matrices) : len(matrices) + 2]
            block = sum(np.roll(identity, -j * place_value, axis=1) for j in range(radix))
            matrices.append(np.kron(np.ones((before, after), dtype=int), block))
            place_value *= radix
    return matrices


def trimmed_masks(radix_lists, layer_sizes):
    """Return the first rows and columns of the expanded network, as the paper's authors do."""
    matrices = expanded_adjacency(radix_lists, layer_sizes)
    return [
        matrix[:before, :after] > 0
        for matrix, (before, after) in zip(matrices, pairwise(layer_sizes), strict=True)
    ]


def folded_masks(radix_lists, layer_sizes):
    """Return the expanded network after node k of each layer has become node k mod n."""
    masks = []
    for matrix, (before, after) in zip(
        expanded_adjacency(radix_lists, layer_sizes), pairwise(layer_sizes), strict=True
    ):
        mask = np.zeros((before, after), dtype=bool)
        for a, b in zip(*np.nonzero(matrix), strict=True):
            mask[a % before, b % after] = True
        masks.append(mask)
    return masks


def fitted_masks(radix_lists, layer_sizes, fit):
    """Return the masks of a network fitted either way."""
    return {"trim": trimmed_masks, "fold": folded_masks}[fit](radix_lists, layer_sizes)


def path_counts(matrices):
    """Return the product of integer matrices in Python integers, which are exact."""
    product = matrices[0].astype(object)
    for matrix in matrices[1:]:
        product = product @ matrix.astype(object)
    return product


def is_legal(radix_lists):
    """Say whether all products but the last are equal and the last divides them."""
    *equal, last = [prod(radix_list) for radix_list in radix_lists]
    return len(set(equal)) <= 1 and (not equal or equal[0] % last == 0)
