"""What counts as the masks of a network: one place that checks them, so that every function refuses the same and says why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

MaskArray = NDArray[np.bool_]
"""One layer's connections, shape (inputs, outputs): True where a weight exists."""


def check_masks(masks: Sequence[ArrayLike]) -> list[MaskArray]:
    """Return the masks as bool matrices, or raise ValueError when they do not form a network."""
    if not isinstance(masks, Iterable) or isinstance(masks, str | bytes):
        raise ValueError(f"masks {masks!r} form no network; expected one matrix per layer, of shapes (n0, n1), (n1, n2), ...")
    matrices = [connections(mask, f"mask {number}") for number, mask in enumerate(masks, start=1)]
    shapes = [matrix.shape for matrix in matrices]
    chain = all(len(shape) == 2 and min(shape) > 0 for shape in shapes) and all(
        before[1] == after[0] for before, after in pairwise(shapes)
    )
    if not matrices or not chain:
        raise ValueError(f"masks of shapes {shapes} form no network; expected matrices (n0, n1), (n1, n2), ...")
    return matrices


def connections(values: ArrayLike, what: str) -> MaskArray:
    """Return an array of numbers or bools as a bool array, True where it is not zero; raise ValueError for anything else."""
    if hasattr(values, "toarray"):  # NumPy would take a sparse array for a single object
        raise ValueError(
            f"{what} is a sparse array ({type(values).__name__}); give it whole, as its .toarray(), or take topology.masks"
        )
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{what}: give an array of 0 and 1, or of bools; this is none, its rows differ in length") from error
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{what} has type {array.dtype} and shape {array.shape}; give an array of 0 and 1, or of bools")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise ValueError(f"{what} of shape {array.shape} holds NaN; give an array of 0 and 1, or of bools")
    return np.asarray(array != 0) if array.dtype != bool else array
