"""Training that exchanges connections as it goes on: SET, RigL and CHTs.

Each has a module that says only what differs: when it looks, what goes and what comes. They share
the rest, as the authors of RigL (Evci et al., 2020) do when they compare it with SET: every layer
keeps its number of connections; a new one starts with weight zero, and so do Adam's mean and square
of it; one that goes and comes back at once stays as it was.
"""

from __future__ import annotations

from typing import Protocol, cast

import numpy as np

from radixnet.topology.masks import MaskArray
from radixnet.training.rewiring import chts, rigl, sparse_evolution
from radixnet.training.rewiring.moment import Moment, dense_gradient
from radixnet.training.spec import RewiringName

__all__ = ["Moment", "dense_gradient", "looks", "rewired"]


class Algorithm(Protocol):
    """What the module of an algorithm offers.

    Attributes
    ----------
    STEPS
        Training steps from one look to the next; None for an epoch.
    UNTIL
        Share of all steps after which connections stay as they are.
    """

    STEPS: int | None
    UNTIL: float

    def rewired(self, now: Moment) -> tuple[MaskArray, ...]:
        """Return the connections to go on with, in each layer as many as now."""


_ALGORITHMS = {"set": sparse_evolution, "rigl": rigl, "chts": chts}


def looks(name: RewiringName, steps_per_epoch: int, epochs: int) -> range:
    """Return the steps, counted from 0, before which connections are exchanged."""
    if name == "fixed":
        return range(0)
    algorithm = cast(Algorithm, _ALGORITHMS[name])
    every = algorithm.STEPS or steps_per_epoch
    # A product of floats such as 0.75 * 400 may fall just above or below a whole number.
    return range(every, round(algorithm.UNTIL * steps_per_epoch * epochs), every)


def rewired(name: RewiringName, now: Moment) -> tuple[MaskArray, ...]:
    """Return the connections that an algorithm goes on with; `name` is not ``"fixed"``."""
    algorithm = cast(Algorithm, _ALGORITHMS[name])
    # Numbers too large are those of a run that diverges; its losses will say so.
    with np.errstate(over="ignore", invalid="ignore"):
        return algorithm.rewired(now)
