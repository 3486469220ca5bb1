r"""What a network with given masks can still learn, read from its connections before any training.

Every statement is about paths. With masks :math:`M_1, \dots, M_L` the number of paths from each
input to each output is the matrix product :math:`M_1 M_2 \cdots M_L`; an input that no path leaves
cannot influence the result, a hidden unit off every path cannot learn, and an output with few
incoming connections depends on the sign of few weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radixnet.diagnostics.lost_classes import chance_of_lost_classes
from radixnet.diagnostics.verdicts import Verdict, verdict_and_reasons
from radixnet.topology.masks import MaskArray, check_masks

_ON_ONE_THREAD = 2**18
"""Multiplications of a matrix product that BLAS does on the calling thread. To wake others for a
few more takes longer than to do them, and many times longer on busy cores."""


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
        Mean number of paths over all pairs, rounded to double precision; infinite beyond the
        largest double, about 1.8e308.
    path_imbalance
        Standard deviation of the number of paths over all pairs, divided by their mean: 0 when all
        are equal, as before fitting. Also 0 without any path.
    output_fan_ins
        For each output unit, the number of its connections.
    classes_on_one_unit
        Groups of at least two classes, by number, whose only live connection comes from the same
        unit.
    min_class_coverage
        Smallest share of inputs that have a path to a class, 0 to 1.
    chances_of_lost_classes
        For k from 0 to the number of classes, the chance that exactly k of them are lost
        (`radixnet.diagnostics.lost_classes`).
    verdict
        What to expect, by the rule in `radixnet.diagnostics.verdicts`: ``"expected to train"``,
        ``"in doubt"``, ``"at risk"`` or ``"cannot learn every class"``.
    reasons
        Why, in sentences with numbers.
    """

    min_output_fan_in: int
    live_units: tuple[int, ...]
    layer_sizes: tuple[int, ...]
    input_coverage: float
    connected_pairs: float
    min_paths: int
    max_paths: int
    mean_paths: float
    path_imbalance: float
    output_fan_ins: tuple[int, ...]
    classes_on_one_unit: tuple[tuple[int, ...], ...]
    min_class_coverage: float
    chances_of_lost_classes: tuple[float, ...]
    verdict: Verdict
    reasons: tuple[str, ...]

    @property
    def chance_of_a_lost_class(self) -> float:
        """The chance that at least one class is lost, 0 to 1, which is a network's risk."""
        return sum(self.chances_of_lost_classes[1:])


def diagnose(masks: Sequence[MaskArray], positive_output: bool = False) -> Diagnosis:
    """Diagnose a network by its masks, RadiX-Net or not.

    Parameters
    ----------
    masks
        One bool array per layer, of shapes (n0, n1), (n1, n2), ...
    positive_output
        Whether the weights of the last layer are to start positive; no class is then lost to their
        signs.

    Raises
    ------
    ValueError
        If there is no mask or the shapes do not chain.
    """
    checked = check_masks(masks)
    paths = path_counts(checked)
    live = live_units(checked)
    live_counts = tuple(int(units.sum()) for units in live)
    fan_ins = np.count_nonzero(checked[-1], axis=0)
    is_connected = paths > 0
    class_coverage = is_connected.mean(axis=0)
    shared = _classes_on_one_unit(checked[-1] & live[-2][:, None])
    chances = chance_of_lost_classes(checked, positive_output)
    risk = float(chances[1:].sum())
    verdict, reasons = verdict_and_reasons(fan_ins, risk, class_coverage, live_counts, shared)
    return Diagnosis(
        min_output_fan_in=int(fan_ins.min()),
        live_units=live_counts,
        layer_sizes=tuple(len(units) for units in live),
        input_coverage=float(live[0].mean()),
        connected_pairs=float(is_connected.mean()),
        min_paths=int(paths.min()),
        max_paths=int(paths.max()),
        mean_paths=_mean(paths),
        path_imbalance=_imbalance(paths),
        output_fan_ins=tuple(fan_ins.tolist()),
        classes_on_one_unit=shared,
        min_class_coverage=float(class_coverage.min()),
        chances_of_lost_classes=tuple(chances.tolist()),
        verdict=verdict,
        reasons=reasons,
    )


def path_counts(masks: Sequence[MaskArray]) -> NDArray[Any]:
    """Return the exact number of paths from each input to each output, shape (inputs, outputs).

    Whole float64 numbers if all are below 2**53, otherwise Python integers (dtype object).
    """
    checked = check_masks(masks)
    # As many paths as there are ways to choose a unit of every hidden layer, at most.
    if math.prod(map(len, checked[1:])) <= 2**24:  # what float32 counts to
        few = _product_of_masks(checked, np.float32)
        return few.astype(np.float64, order="C")  # their mean must not depend on the masks' order
    with np.errstate(over="ignore", invalid="ignore"):
        paths = _product_of_masks(checked, np.float64)
    # If these are exact, so were all numbers that they are sums of.
    return paths if paths.max() < 2**53 else _product_of_masks(checked, object)


def _product_of_masks(masks: Sequence[MaskArray], dtype: Any) -> NDArray[Any]:
    """Return the product of all masks, from the outputs backwards as that end is narrow."""
    product: NDArray[Any] = masks[-1].astype(int).astype(dtype)
    for mask in reversed(masks[:-1]):
        rows = max(1, _ON_ONE_THREAD // product.size)
        blocks = [mask[first : first + rows] for first in range(0, len(mask), rows)]
        product = np.concatenate([block.astype(dtype) @ product for block in blocks])
    return product


def _mean(paths: NDArray[Any]) -> float:
    """Return the mean of path counts as float64, infinite if it is larger than any."""
    try:
        # Python rounds a quotient of integers once.
        return float(int(paths.sum()) / paths.size if paths.dtype == object else paths.mean())
    except OverflowError:
        return math.inf


def _imbalance(paths: NDArray[Any]) -> float:
    """Return the standard deviation of path counts over their mean, 0 if there are no paths."""
    largest = paths.max()
    if not largest:
        return 0.0
    shares = (paths / largest).astype(np.float64)  # counts may overflow float64; ratios cannot
    return float(shares.std() / shares.mean())


def _classes_on_one_unit(live_connections: MaskArray) -> tuple[tuple[int, ...], ...]:
    """Return the groups of outputs whose only connection comes from the same unit."""
    single = np.flatnonzero(np.count_nonzero(live_connections, axis=0) == 1)
    groups: dict[int, list[int]] = {}
    for output in single.tolist():
        groups.setdefault(int(live_connections[:, output].argmax()), []).append(output)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def spectral_gaps(masks: Sequence[MaskArray]) -> tuple[float, ...]:
    r"""Return each layer's spectral gap, which says how well it mixes, 0 to 1.

    The normalised mask of a layer M is :math:`A^{-1/2} M B^{-1/2}` with the fan-outs and fan-ins on
    the diagonals of A and B. Its largest singular value is 1, and the second is smaller the better
    the bipartite graph expands: 0 for a layer with all connections (gap 1), and 1 when the graph
    falls apart (gap 0). Expansion, in the form of the Ramanujan property, has been proposed as what
    makes a sparse layer trainable; by itself it predicts little (Hoang et al., 2023).

    Parameters
    ----------
    masks
        One bool array per layer, of shapes (n0, n1), (n1, n2), ...

    Raises
    ------
    ValueError
        If the masks do not form a network.
    """
    return tuple(_spectral_gap(mask) for mask in check_masks(masks))


def _spectral_gap(mask: MaskArray) -> float:
    """Return a mask's spectral gap; units without connections do not count."""
    fan_out, fan_in = np.maximum(mask.sum(axis=1), 1), np.maximum(mask.sum(axis=0), 1)
    # Units of equal connections can be merged, n of them with the weight sqrt(n), and no singular
    # value other than 0 changes. A RadiX-Net has at most N' kinds of units in each layer.
    (rows, row_counts), (columns, column_counts) = _kinds(mask), _kinds(mask.T)
    normalised = mask[np.ix_(rows, columns)] * np.sqrt(
        np.outer(row_counts / fan_out[rows], column_counts / fan_in[columns]),
    )
    narrow = normalised if len(rows) >= len(columns) else normalised.T
    squares = np.linalg.eigvalsh(narrow.T @ narrow)  # ascending
    second = squares[-2] if len(squares) > 1 else 0.0
    return float(np.clip(1 - np.sqrt(max(second, 0.0)), 0.0, 1.0))


def _kinds(mask: MaskArray) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the number of a row of each kind, and how many rows are of it."""
    packed = np.ascontiguousarray(np.packbits(mask, axis=1))
    _, first, counts = np.unique(
        packed.view(f"V{packed.shape[1]}").ravel(), return_index=True, return_counts=True
    )
    return first, counts


def live_units(masks: Sequence[MaskArray]) -> tuple[MaskArray, ...]:
    """Return, inputs first, which units of each layer lie on a path from an input to an output."""
    checked = check_masks(masks)
    packed = [np.packbits(mask, axis=1) for mask in checked]  # eight outputs to the byte
    reached: list[MaskArray] = [np.ones(len(checked[0]), dtype=bool)]
    for mask, bits in zip(checked, packed, strict=True):
        together = np.bitwise_or.reduce(bits[reached[-1]], axis=0)
        reached.append(np.unpackbits(together, count=mask.shape[1]).view(bool))
    reaching: list[MaskArray] = [np.ones(checked[-1].shape[1], dtype=bool)]
    for bits in reversed(packed):
        reaching.append(np.any(bits & np.packbits(reaching[-1]), axis=1))
    return tuple(
        forward & backward for forward, backward in zip(reached, reversed(reaching), strict=True)
    )
