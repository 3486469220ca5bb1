"""What counts as the masks of a network: one check, so that every function refuses the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

MaskArray = NDArray[np.bool_]
"""One layer's connections, shape (inputs, outputs): True where a weight exists."""


def check_masks(masks: Sequence[ArrayLike]) -> list[MaskArray]:
    """Return the masks as bool matrices, or raise ValueError if they do not form a network."""
    if not isinstance(masks, Iterable) or isinstance(masks, str | bytes):
        raise ValueError(
            f"masks {masks!r} do not form a network; expected one matrix per layer, of shapes "
            "(n0, n1), (n1, n2), ..."
        )
    matrices = [as_bools(mask, f"mask {number}") for number, mask in enumerate(masks, start=1)]
    shapes = [matrix.shape for matrix in matrices]
    are_matrices = matrices and all(len(shape) == 2 and min(shape) > 0 for shape in shapes)
    if not are_matrices or any(before[1] != after[0] for before, after in pairwise(shapes)):
        raise ValueError(
            f"masks of shapes {shapes} do not form a network; expected matrices (n0, n1), "
            "(n1, n2), ..."
        )
    return matrices


def as_bools(values: ArrayLike, what: str) -> MaskArray:
    """Return an array of numbers or bools as bools, True where it is not zero, or raise ValueError.

    A bool array is returned as it is, not copied.
    """
    advice = "give an array of 0 and 1, or of bools"
    if hasattr(values, "toarray"):  # NumPy would take a sparse array for a single object
        raise ValueError(
            f"{what} is a sparse array ({type(values).__name__}); give its .toarray(), or use "
            "topology.masks"
        )
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{what}: rows differ in length; {advice}") from error
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{what} has type {array.dtype} and shape {array.shape}; {advice}")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError(f"{what} of shape {array.shape} holds NaN; {advice}")
    return np.asarray(array != 0) if array.dtype != bool else array
