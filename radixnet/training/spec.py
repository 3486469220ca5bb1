"""What a training run is made of and what comes out of it: `RunSpec` in, `RunResult` out, the same for every engine."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from radixnet.datasets import IDX_SHA256
from radixnet.initializers import Initializer
from radixnet.topology import RadixTopology
from radixnet.topology.masks import MaskArray, check_masks

Activation = Literal["relu", "leaky_relu", "linear"]
"""Of the hidden layers. Keras' definitions; a leaky ReLU has slope `LEAKY_RELU_SLOPE` below zero."""

EngineName = Literal["sparse", "keras"]
"""Who trains: `sparse` follows the connections that exist, `keras` is the reference, ``CustomModel.fit``."""

LEAKY_RELU_SLOPE = 0.2
"""Slope of a leaky ReLU below zero: the default of ``keras.activations.leaky_relu``."""

ENGINE_VERSIONS: dict[str, str] = {"sparse": "sparse-1", "keras": "keras-1"}
"""Changed whenever an engine's numbers change: stored runs of an older version are then trained again."""

FIRST_DEFAULTS: dict[str, Any] = {
    "dataset": "mnist",
    "seed": 0,
    "epochs": 3,
    "batch_size": 100,
    "learning_rate": 1e-3,
    "initializer": "normal",
    "activation": "relu",
    "use_bias": False,
    "validation_share": 0.1,
    "engine": "sparse",
    "positive_output": False,
}
"""For each setting of a `RunSpec` the value in runs that do not mention it. Never changed, whatever becomes of the defaults, since
stored identities rest on it; a new setting enters with the value that says what was done before there was a choice.
"""

Curve = NDArray[np.float64]
"""One number per epoch, shape (epochs,)."""


@dataclass(frozen=True)
class PackedMasks:
    """The connections of a network that no radix lists describe, one bit each; hashable and comparable.

    Attributes
    ----------
    layer_sizes
        Units in each layer, inputs first.
    bits
        For each weight layer its mask of shape (inputs, outputs), row by row, eight connections to the byte.
    """

    layer_sizes: tuple[int, ...]
    bits: tuple[bytes, ...]

    def __post_init__(self) -> None:
        counts = [inputs * outputs for inputs, outputs in pairwise(self.layer_sizes)]
        if not counts or [len(bits) for bits in self.bits] != [-(-count // 8) for count in counts]:
            raise ValueError(
                f"layers of {self.layer_sizes} units and masks of {[len(bits) for bits in self.bits]} bytes do not go together; "
                "use PackedMasks.pack"
            )

    @classmethod
    def pack(cls, masks: Sequence[MaskArray]) -> PackedMasks:
        """Pack one mask per layer, shapes (n0, n1), (n1, n2), ...; raise ValueError when they form no network."""
        checked = check_masks(masks)
        sizes = (checked[0].shape[0], *(mask.shape[1] for mask in checked))
        return cls(sizes, tuple(np.packbits(mask).tobytes() for mask in checked))

    @property
    def masks(self) -> tuple[MaskArray, ...]:
        """The connections of each layer as new read-only bool arrays of shape (inputs, outputs)."""
        masks = []
        for (inputs, outputs), bits in zip(pairwise(self.layer_sizes), self.bits, strict=True):
            mask = np.unpackbits(np.frombuffer(bits, np.uint8), count=inputs * outputs).astype(bool).reshape(inputs, outputs)
            mask.flags.writeable = False
            masks.append(mask)
        return tuple(masks)


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides the outcome of a training run; two equal specs give the same numbers.

    Parameters
    ----------
    topology
        A `RadixTopology`, or any masks: one bool array per layer, shapes (n0, n1), (n1, n2), ... (kept as `PackedMasks`).
    dataset
        ``"mnist"`` or ``"fashion-mnist"``.
    seed
        Non-negative integer. Decides the starting weights, the validation rows and the order of every epoch.
    epochs
        Passes over the training rows, at least 1.
    batch_size
        Rows per step, at least 1. The last step of an epoch takes the rows that are left.
    learning_rate
        Of Adam, positive.
    initializer
        How weights start: ``"normal"``, the paper's N(0, 0.05), or ``"fan_in"``, scaled by each unit's own number of inputs (see
        `radixnet.initializers`). Biases start at zero.
    activation
        Of the hidden layers: ``"relu"``, ``"leaky_relu"`` (slope 0.2 below zero) or ``"linear"``. The output is a softmax.
    use_bias
        Whether units have biases; the paper's have none.
    validation_share
        Share of the dataset's training rows that is held out to validate, at least 0 and less than 1.
    engine
        ``"sparse"``, or ``"keras"``, the reference.
    positive_output
        Whether the weights of the last layer start as their absolute values.

    Raises
    ------
    ValueError
        For a value outside the ranges above.

    Examples
    --------
    >>> spec = RunSpec(RadixTopology([[10, 10], [10]], (784, 300, 100, 10)), seed=1000)
    >>> spec.layer_sizes
    (784, 300, 100, 10)
    """

    topology: RadixTopology | PackedMasks | Sequence[MaskArray]
    dataset: str = "mnist"
    seed: int = 0
    epochs: int = 3
    batch_size: int = 100
    learning_rate: float = 1e-3
    initializer: Initializer = "normal"
    activation: Activation = "relu"
    use_bias: bool = False
    validation_share: float = 0.1
    engine: EngineName = "sparse"
    positive_output: bool = False

    def __post_init__(self) -> None:
        topology = self.topology
        if not isinstance(topology, RadixTopology | PackedMasks):
            topology = PackedMasks.pack(_bool_masks(topology))
        checked: dict[str, Any] = {
            "topology": topology,
            "dataset": _one_of("dataset", self.dataset, tuple(IDX_SHA256)),
            "seed": _integer("seed", self.seed, least=0),
            "epochs": _integer("epochs", self.epochs, least=1),
            "batch_size": _integer("batch_size", self.batch_size, least=1),
            "learning_rate": _number("learning_rate", self.learning_rate),
            "initializer": _one_of("initializer", self.initializer, get_args(Initializer)),
            "activation": _one_of("activation", self.activation, get_args(Activation)),
            "use_bias": _bool("use_bias", self.use_bias),
            "validation_share": _number("validation_share", self.validation_share),
            "engine": _one_of("engine", self.engine, get_args(EngineName)),
            "positive_output": _bool("positive_output", self.positive_output),
        }
        if not checked["learning_rate"] > 0:
            raise ValueError(f"learning_rate {self.learning_rate} must be positive, such as 1e-3")
        if not 0 <= checked["validation_share"] < 1:
            raise ValueError(f"validation_share {self.validation_share} must be at least 0 and less than 1, such as 0.1")
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def network(self) -> RadixTopology | PackedMasks:
        """The topology as it is kept, a `RadixTopology` or any other masks packed."""
        assert isinstance(self.topology, RadixTopology | PackedMasks)  # noqa: S101 (__post_init__ made it so)
        return self.topology

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units in each layer, inputs first."""
        return self.network.layer_sizes

    @property
    def masks(self) -> tuple[MaskArray, ...]:
        """The connections of each layer, as read-only bool arrays of shape (inputs, outputs), made anew at each call."""
        # A topology keeps its masks once they were asked for; of a thousand specs that would be a quarter of a gigabyte.
        network = self.network
        return dataclasses.replace(network).masks if isinstance(network, RadixTopology) else network.masks

    def identity(self, dataset_sha256: str, engine_version: str) -> str:
        """Return the SHA-256 by which a run is stored: equal exactly for runs that must give equal numbers.

        Settings that have their value in `FIRST_DEFAULTS` are left out, so that neither a setting added later nor a changed
        default changes the identity of earlier runs. A topology counts by its connections: radix lists, and masks given directly,
        are the same when all connections are.

        Parameters
        ----------
        dataset_sha256
            `Dataset.sha256` of the data that the run trains on.
        engine_version
            What ``ENGINE_VERSIONS[spec.engine]`` says.
        """
        packed = PackedMasks.pack(self.masks)
        connections = hashlib.sha256(repr(packed.layer_sizes).encode())
        for bits in packed.bits:
            connections.update(bits)
        settings: dict[str, Any] = {
            name: value for name, default in FIRST_DEFAULTS.items() if (value := getattr(self, name)) != default
        }
        what = {
            "connections": connections.hexdigest(),
            "dataset_sha256": dataset_sha256,
            "engine_version": engine_version,
            "settings": settings,
        }
        return hashlib.sha256(json.dumps(what, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a training run gave: read-only arrays with one number per epoch, and what made them.

    Attributes
    ----------
    spec
        The run that was asked for.
    train_loss, train_accuracy
        Means over the rows of the epoch, each taken at its own step before the step's update, as Keras reports them.
    validation_loss, validation_accuracy
        Of the held-out rows at the end of each epoch; NaN when `validation_share` leaves none.
    test_loss, test_accuracy
        Of the test rows at the end of each epoch.
    test_classes
        How many classes are the answer to at least one test row, at the end of each epoch.
    seconds
        Wall time of the run, without loading data and compiled kernels.
    provenance
        What made it: engine and version, package version, SHA-256 of the data, machine, versions of the libraries that matter.
    weights
        Final weights, one float32 array of shape (inputs, outputs) per layer, exactly zero off the mask; None unless asked for.
    biases
        Final biases, one float32 array of shape (outputs,) per layer; None unless asked for and used.

    Notes
    -----
    Losses are sparse categorical cross-entropies, ``log(sum(exp(z))) - z[label]`` of the logits z: the value that Keras uses in
    ``fit`` when the last layer is a softmax, without clipping. Accuracies are shares of rows whose first largest logit is the
    label's: with ties, the first class wins.
    """

    spec: RunSpec
    train_loss: Curve
    train_accuracy: Curve
    validation_loss: Curve
    validation_accuracy: Curve
    test_loss: Curve
    test_accuracy: Curve
    test_classes: Curve
    seconds: float
    provenance: dict[str, str] = field(default_factory=dict)
    weights: tuple[NDArray[np.float32], ...] | None = None
    biases: tuple[NDArray[np.float32], ...] | None = None

    def __post_init__(self) -> None:
        for name in CURVES:
            curve = np.array(getattr(self, name), dtype=np.float64)
            if curve.shape != (self.spec.epochs,):
                raise ValueError(f"{name} has shape {curve.shape}; a run of {self.spec.epochs} epochs has one number for each")
            curve.flags.writeable = False
            object.__setattr__(self, name, curve)

    @property
    def diverged(self) -> bool:
        """Whether training left the numbers, that is, some training or test loss is infinite or NaN."""
        return not bool(np.isfinite(self.train_loss).all() and np.isfinite(self.test_loss).all())


CURVES = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy", "test_classes")
"""The names of a result's arrays with one number per epoch."""


def _bool_masks(given: object) -> list[MaskArray]:
    """Return masks given as arrays of bools, or of zeros and ones, as bool arrays."""
    advice = "give a RadixTopology, or one bool array of shape (inputs, outputs) per layer"
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise ValueError(f"topology of type {type(given).__name__}: {advice}")
    masks = [np.asarray(mask) for mask in given]
    for number, mask in enumerate(masks, start=1):
        if mask.dtype.kind not in "biuf" or not ((mask == 0) | (mask == 1)).all():
            raise ValueError(f"mask {number} of the topology holds other values than 0 and 1 or False and True; {advice}")
    return [mask.astype(bool) for mask in masks]


def _one_of(name: str, value: object, choices: Sequence[str]) -> str:
    """Return a text that is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} {value!r} is not known; choose one of {', '.join(map(repr, choices))}")
    return value


def _integer(name: str, value: object, least: int) -> int:
    """Return an integer of at least `least` that fits into 64 bits; bools and floats are none."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value < 2**63:
        raise ValueError(
            f"{name} must be an integer of at least {least} and less than 2**63, and {value!r} ({type(value).__name__}) is not"
        )
    return int(value)


def _number(name: str, value: object) -> float:
    """Return a finite number as float."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating) or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, and {value!r} ({type(value).__name__}) is not")
    return float(value)


def _bool(name: str, value: object) -> bool:
    """Return a bool; 0 and 1 are none."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, and {value!r} ({type(value).__name__}) is not")
    return bool(value)
