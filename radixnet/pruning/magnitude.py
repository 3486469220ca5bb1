r"""Which weights low-magnitude pruning removes, and how many at which step, without a framework.

Pruning to sparsity :math:`s` keeps the weights with the largest absolute values (Han et al., 2015)
and sets the others to zero. Gradual pruning raises the sparsity while the network trains (Zhu and
Gupta, 2017, eq. 1):

.. math:: s_t = s_f + (s_i - s_f) \left(1 - \frac{t - t_0}{n \, \Delta t}\right)^3
   \quad\text{for } t \in \{t_0, t_0 + \Delta t, \dots, t_0 + n \, \Delta t\}

Sparsity is the share of zeros among all entries of the weight matrices, as everywhere in this
package: missing connections of a sparse topology count like pruned ones. Biases do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radixnet.arguments import integer, one_of, positive_integer, share
from radixnet.topology.masks import MaskArray

Scope = Literal["layer", "network"]
"""Weights are compared with those of their layer, as by Han et al., or of the whole network."""


def magnitude_masks(
    weights: Sequence[ArrayLike],
    sparsity: float,
    scope: Scope = "layer",
    *,
    leave_sparser: bool = False,
) -> tuple[MaskArray, ...]:
    """Return the connections that low-magnitude pruning leaves, exactly as many as asked for.

    Of weights with equal absolute values the first ones stay: those of earlier layers, then of
    earlier inputs, then of earlier outputs.

    Parameters
    ----------
    weights
        One array per layer, any shape; zeros are connections that do not exist.
    sparsity
        Share of entries to be zero, at least 0 and less than 1.
    scope
        ``"layer"`` brings every layer to this sparsity, ``"network"`` all layers together, so that
        each keeps as many weights as it has large ones; a layer can then lose all of them (layer
        collapse; Tanaka et al., 2020).
    leave_sparser
        Whether a layer, or network, that is sparser already keeps all it has, instead of an error.

    Returns
    -------
    tuple of bool arrays
        With the weights' shapes, True where a weight stays.

    Raises
    ------
    ValueError
        For a sparsity or scope outside the ranges above, no weights, weights that are not numbers,
        a layer or network that is sparser already, and one that would keep no weight at all.

    Examples
    --------
    >>> [mask.tolist() for mask in magnitude_masks([[[0.5, -2.0], [0.1, 1.0]]], sparsity=0.5)]
    [[[False, True], [False, True]]]
    """
    sparsity = share("sparsity", sparsity)
    one_of("scope", scope, get_args(Scope))
    magnitudes = [_magnitudes(array, number) for number, array in enumerate(weights, start=1)]
    if not magnitudes:
        raise ValueError("there are no weights to prune; give one array per layer")
    if scope == "layer":
        return tuple(
            _largest(layer, sparsity, f"layer {number}", leave_sparser)
            for number, layer in enumerate(magnitudes, start=1)
        )
    together = np.concatenate([layer.ravel() for layer in magnitudes])
    kept = _largest(together, sparsity, "the network", leave_sparser)
    parts = np.split(kept, np.cumsum([layer.size for layer in magnitudes])[:-1])
    return tuple(part.reshape(layer.shape) for part, layer in zip(parts, magnitudes, strict=True))


def largest(values: NDArray[Any], count: int) -> MaskArray:
    """Return where the `count` largest of all values are; of equal ones, the first."""
    flat = values.ravel()
    if not count:
        return np.zeros(values.shape, dtype=bool)
    smallest = np.partition(flat, flat.size - count)[flat.size - count]
    mask: MaskArray = flat > smallest
    missing = count - np.count_nonzero(mask)
    mask[np.flatnonzero(flat == smallest)[:missing]] = True
    return mask.reshape(values.shape)


@dataclass(frozen=True)
class PolynomialSchedule:
    r"""The sparsity at each step of gradual pruning: it rises fast at first, then ever more slowly.

    Parameters
    ----------
    final_sparsity
        :math:`s_f`, reached at the last pruning step and kept from there on; at least 0 and less
        than 1.
    begin_step
        :math:`t_0`, the training step, counted from 0, before which pruning begins.
    prunings
        :math:`n`, how often the sparsity is raised after that; at least 1.
    frequency
        :math:`\Delta t`, training steps from one pruning to the next; at least 1.
    initial_sparsity
        :math:`s_i`, at the first pruning step; at least 0 and at most the final one.

    Raises
    ------
    ValueError
        For a value outside the ranges above.

    Examples
    --------
    >>> schedule = PolynomialSchedule(0.96, begin_step=100, prunings=4, frequency=50)
    >>> [round(schedule.sparsity(step), 4) for step in schedule.steps]
    [0.0, 0.555, 0.84, 0.945, 0.96]
    """

    final_sparsity: float
    begin_step: int
    prunings: int
    frequency: int
    initial_sparsity: float = 0.0

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            "final_sparsity": share("final_sparsity", self.final_sparsity),
            "begin_step": integer("begin_step", self.begin_step),
            "prunings": positive_integer(self.prunings, "prunings"),
            "frequency": positive_integer(self.frequency, "frequency"),
            "initial_sparsity": share("initial_sparsity", self.initial_sparsity),
        }
        if checked["initial_sparsity"] > checked["final_sparsity"]:
            raise ValueError(
                f"initial_sparsity {self.initial_sparsity} is above final_sparsity "
                f"{self.final_sparsity}; pruning only removes weights, so give a lower one"
            )
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def steps(self) -> range:
        """The training steps before which weights are pruned, first to last."""
        return range(self.begin_step, self.end_step + 1, self.frequency)

    @property
    def end_step(self) -> int:
        r"""The last pruning step, :math:`t_0 + n \, \Delta t`."""
        return self.begin_step + self.prunings * self.frequency

    def sparsity(self, step: int) -> float:
        """Return the sparsity at a step; constant before `begin_step` and after `end_step`."""
        done = min(max(step - self.begin_step, 0) / (self.end_step - self.begin_step), 1.0)
        return self.final_sparsity + (self.initial_sparsity - self.final_sparsity) * (1 - done) ** 3


def _magnitudes(weights: ArrayLike, number: int) -> NDArray[Any]:
    """Return the absolute values of a layer's weights; raise ValueError if they have no order."""
    array = np.asarray(weights)
    if array.dtype.kind not in "biuf" or array.size == 0:
        raise ValueError(
            f"layer {number} has weights of type {array.dtype} and shape {array.shape}; "
            "give an array of numbers"
        )
    if np.isnan(array).any():
        raise ValueError(
            f"layer {number} has weights that are NaN and so cannot be ordered; "
            "did its training diverge?"
        )
    return np.abs(array.astype(np.float64))


def _largest(
    magnitudes: NDArray[Any], sparsity: float, what: str, leave_sparser: bool
) -> MaskArray:
    """Return where the largest magnitudes are, as many as the sparsity leaves."""
    flat = magnitudes.ravel()
    kept, present = flat.size - round(sparsity * flat.size), np.count_nonzero(flat)
    if kept > present and leave_sparser:
        return np.asarray(magnitudes != 0)
    if kept > present:
        raise ValueError(
            f"{what} has sparsity {1 - present / flat.size:.4g} already ({present:,} of "
            f"{flat.size:,} weights are not zero); pruning cannot lower it to {sparsity:.4g}. Ask "
            "for a higher sparsity or, if only some layers are that sparse, for scope='network'"
        )
    if kept == 0:
        raise ValueError(
            f"{what} has {flat.size:,} weights and would keep none at sparsity {sparsity:.4g}; ask "
            "for a lower sparsity, or for scope='network', which takes from layers that have many"
        )
    return largest(magnitudes, kept)
