"""The runs behind the chapters on strange models.

What repairs them, and networks on which no rule was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from radixnet.topology import LENET_300_100, RadixTopology
from radixnet.topology.families import fig8_family, legal_radix_lists
from radixnet.training.spec import RunSpec

REPAIRS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "as in the paper": {},
        "dense output layer": {"dense_output": True},
        "folded": {"fit": "fold"},
        "start by fan-in": {"initializer": "fan_in"},
        "positive output start": {"positive_output": True},
        "leaky ReLU": {"activation": "leaky_relu"},
        "bias": {"use_bias": True},
        "all starts and units": {
            "initializer": "fan_in",
            "positive_output": True,
            "activation": "leaky_relu",
            "use_bias": True,
        },
        "dense output layer, start by fan-in": {"dense_output": True, "initializer": "fan_in"},
        "folded, start by fan-in": {"fit": "fold", "initializer": "fan_in"},
    }
)
"""What might repair a strange model, one thing at a time and together: changes of a `RadixTopology`
or of a `RunSpec`."""

REPAIR_SEEDS = range(5)

_TOPOLOGY_SETTINGS = ("fit", "dense_output")

PREDICTED_FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "the 426": "the family of Fig. 8, each model from a seed of its own",
        "radices to 10": "400 of the 1,517 networks of Fig. 4, drawn at random, "
        "each from a seed of its own",
        "radices to 20": "400 of the models that the family of Fig. "
        "8 has when its radices go up to 20, and not up to 15",
        "784-512-256-10": "the family of Fig. 8 on a wider network",
        "784-128-64-32-10": "400 legal lists of four radices from 1 to 8 on a deeper network",
        "Fashion-MNIST": "the family of Fig. 8 on other images",
    }
)
"""Networks on which a prediction is tried, by name, and what they are."""

_MODELS_DRAWN = 400  # where a family has more
_SEEDS_OF_A_FAMILY = 10_000  # so that no two families share a seed


def repaired(
    repair: str,
    topologies: Iterable[RadixTopology] | None = None,
    seeds: Iterable[int] = REPAIR_SEEDS,
    **settings: Any,
) -> list[RunSpec]:
    """Return a run of each of Fig. 8's 426 models from each seed, repaired in one way of `REPAIRS`.

    Parameters
    ----------
    repair
        One of the names in `REPAIRS`.
    topologies
        Trimmed as in the paper; `fig8_family` when None.
    seeds
        Starts of each topology.
    settings
        Settings of every `RunSpec`, unless the repair says otherwise.

    Raises
    ------
    ValueError
        For an unknown repair.
    """
    if repair not in REPAIRS:
        raise ValueError(
            f"repair {repair!r} is not known; choose one of {', '.join(map(repr, REPAIRS))}"
        )
    changes = REPAIRS[repair]
    wiring = {name: value for name, value in changes.items() if name in _TOPOLOGY_SETTINGS}
    training = {
        **settings,
        **{name: value for name, value in changes.items() if name not in _TOPOLOGY_SETTINGS},
    }
    models = [
        RadixTopology(topology.radix_lists, topology.layer_sizes, **wiring)
        for topology in (fig8_family() if topologies is None else topologies)
    ]
    starts = list(seeds)
    return [RunSpec(topology, seed=seed, **training) for topology in models for seed in starts]


def predicted_family(name: str, **settings: Any) -> list[RunSpec]:
    """Return a run, from a seed of its own, of each network that predictions are tried on.

    Seeds differ because networks that share one also share the signs of their last weights, which
    would make a whole family lucky or unlucky at once.

    Parameters
    ----------
    name
        One of `PREDICTED_FAMILIES`.
    settings
        Settings of every `RunSpec`.

    Raises
    ------
    ValueError
        For an unknown family.
    """
    if name not in PREDICTED_FAMILIES:
        raise ValueError(
            f"family {name!r} is not known; choose one of "
            f"{', '.join(map(repr, PREDICTED_FAMILIES))}"
        )
    dataset = "fashion-mnist" if name == "Fashion-MNIST" else "mnist"
    number = list(PREDICTED_FAMILIES).index(name)
    first = _SEEDS_OF_A_FAMILY * (number + 1)
    return [
        RunSpec(topology, **{"dataset": dataset, "seed": first + position, **settings})
        for position, topology in enumerate(_networks(name))
    ]


def _networks(name: str) -> Sequence[RadixTopology]:
    """Return the networks of a family."""
    if name == "radices to 10":
        return _draw(
            [RadixTopology(lists, LENET_300_100) for lists in legal_radix_lists(range(1, 11), 3)]
        )
    if name == "radices to 20":
        known = {topology.radix_lists for topology in fig8_family()}
        return _draw(
            [topology for topology in fig8_family(20) if topology.radix_lists not in known]
        )
    if name == "784-512-256-10":
        return fig8_family(layer_sizes=(784, 512, 256, 10))
    if name == "784-128-64-32-10":
        sizes = (784, 128, 64, 32, 10)
        return _draw([RadixTopology(lists, sizes) for lists in legal_radix_lists(range(1, 9), 4)])
    return fig8_family()


def _draw(topologies: Sequence[RadixTopology]) -> list[RadixTopology]:
    """Return some of the topologies, the same at every call."""
    return [
        topologies[number]
        for number in sorted(np.random.default_rng(0).permutation(len(topologies))[:_MODELS_DRAWN])
    ]
