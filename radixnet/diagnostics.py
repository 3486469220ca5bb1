r"""What a network with given masks can still learn, read from its connections before any training.

Every statement is about paths. With masks :math:`M_1, \dots, M_L` the number of paths from each input to each output is the
matrix product :math:`M_1 M_2 \cdots M_L`; an input that no path leaves cannot influence the result, a hidden unit off every path
cannot learn, and an output with few incoming connections hangs on the sign of few weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radixnet.topology import MaskArray

_BASE = 2.0**26  # of the digits in which path counts are worked out


@dataclass(frozen=True)
class Diagnosis:
    """What the connections of a network allow, whatever its weights.

    Attributes
    ----------
    min_output_fan_in
        Fewest connections into any output unit.
    live_units
        For each layer, inputs first, the number of units on some path from an input to an output.
    layer_sizes
        For each layer, the number of all units.
    input_coverage
        Share of inputs from which some output can be reached, 0 to 1.
    connected_pairs
        Share of (input, output) pairs with at least one path, 0 to 1.
    min_paths, max_paths
        Fewest and most paths between any input and any output, exactly, however many there are.
    mean_paths
        Mean number of paths over all pairs, rounded to double precision; infinite beyond the largest double, about 1.8e308.
    """

    min_output_fan_in: int
    live_units: tuple[int, ...]
    layer_sizes: tuple[int, ...]
    input_coverage: float
    connected_pairs: float
    min_paths: int
    max_paths: int
    mean_paths: float


def diagnose(masks: Sequence[MaskArray]) -> Diagnosis:
    """Diagnose a network by its masks, RadiX-Net or not.

    Parameters
    ----------
    masks
        One bool array per layer, of shapes (n0, n1), (n1, n2), ...

    Raises
    ------
    ValueError
        When there is no mask or the shapes do not chain.
    """
    checked = check_masks(masks)
    paths = path_counts(checked)
    live = live_units(checked)
    return Diagnosis(
        min_output_fan_in=int(checked[-1].sum(axis=0).min()),
        live_units=tuple(int(units.sum()) for units in live),
        layer_sizes=tuple(len(units) for units in live),
        input_coverage=float(live[0].mean()),
        connected_pairs=float((paths > 0).mean()),
        min_paths=int(paths.min()),
        max_paths=int(paths.max()),
        mean_paths=_mean(paths),
    )


def path_counts(masks: Sequence[MaskArray]) -> NDArray[Any]:
    """Return the number of paths from each input to each output, shape (inputs, outputs), always exactly.

    The product of all masks, formed from the outputs backwards because that end is the narrow one. Counts come as whole float64
    numbers while all are below 2**52, otherwise as Python integers (dtype object), which have no largest one.
    """
    checked = check_masks(masks)
    # Numbers written in base 2**26, lowest digit first. A product of a mask and digits stays below 2**52 for layers of up to 2**26
    # units, so float64 holds it exactly and the fast matrix product of doubles serves counts of any size.
    digits = [checked[-1].astype(np.float64)]
    for mask in reversed(checked[:-1]):
        weights = mask.astype(np.float64)
        digits = _carried([weights @ digit for digit in digits])
    whole = np.float64 if len(digits) <= 2 else object
    paths: NDArray[Any] = np.zeros(digits[0].shape, dtype=whole)
    for digit in reversed(digits):
        paths = paths * int(_BASE) + digit.astype(np.int64).astype(whole)
    return paths


def _carried(sums: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Return digits below the base for sums that have outgrown it, one digit more where the highest needs it."""
    digits = []
    carry = np.zeros_like(sums[0])
    for total in sums:
        total = total + carry
        carry = np.floor(total / _BASE)  # a power of two: exact
        digits.append(total - carry * _BASE)
    return [*digits, carry] if carry.any() else digits


def _mean(paths: NDArray[Any]) -> float:
    """Return the mean of path counts as a double, infinite when it is larger than any."""
    if paths.dtype != object:
        return float(paths.mean())
    try:
        return float(int(paths.sum()) / paths.size)  # Python divides whole numbers with a single rounding
    except OverflowError:
        return math.inf


def live_units(masks: Sequence[MaskArray]) -> tuple[MaskArray, ...]:
    """Return for each layer, inputs first, which units lie on some path from an input to an output."""
    checked = check_masks(masks)
    reached: list[MaskArray] = [np.ones(len(checked[0]), dtype=bool)]
    for mask in checked:
        reached.append(np.any(mask[reached[-1]], axis=0))
    reaching: list[MaskArray] = [np.ones(checked[-1].shape[1], dtype=bool)]
    for mask in reversed(checked):
        reaching.append(np.any(mask[:, reaching[-1]], axis=1))
    return tuple(forward & backward for forward, backward in zip(reached, reversed(reaching), strict=True))


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
