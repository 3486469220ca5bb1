"""What goes into a training run and what comes out: `RunSpec` and `RunResult`, for every engine."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from radixnet.arguments import boolean, integer, number, one_of, share
from radixnet.datasets import FILE_SHA256
from radixnet.initializers import Initializer
from radixnet.topology import RadixTopology
from radixnet.topology.masks import MaskArray, check_masks

ActivationName = Literal["relu", "leaky_relu", "linear"]
"""The activation of hidden layers, as Keras defines it."""

OptimizerName = Literal["adam", "sgd"]
"""How weights follow their gradients, with Keras' constants."""

ScheduleName = Literal["constant", "cosine", "steps"]
"""How the learning rate changes during a run."""

EngineName = Literal["sparse", "keras"]
"""`sparse` follows the connections that exist; `keras` is the reference, ``CustomModel.fit``."""

RewiringName = Literal["fixed", "set", "rigl", "chts"]
"""Whether connections stay, or how others take their places: see `radixnet.training.rewiring`."""

LEAKY_RELU_SLOPE = 0.2
"""Slope of a leaky ReLU below zero: the default of ``keras.activations.leaky_relu``."""

ENGINE_VERSIONS: dict[str, str] = {"sparse": "sparse-1", "keras": "keras-1"}
"""Changed whenever an engine's numbers change, so that runs of an older version are repeated."""

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
    "optimizer": "adam",
    "momentum": 0.0,
    "weight_decay": 0.0,
    "schedule": "constant",
    "rewiring": "fixed",
}
"""The value of each setting of a `RunSpec` in runs that do not mention it.

Stored identities rest on these values, so they never change, whatever the defaults become. A new
setting enters with the value that describes the runs made before it existed.
"""

Curve = NDArray[np.float64]
"""One number per epoch, shape (epochs,)."""


@dataclass(frozen=True)
class PackedMasks:
    """The connections of a network without radix lists, one bit each; hashable and comparable.

    Attributes
    ----------
    layer_sizes
        Units in each layer, inputs first.
    bits
        For each weight layer its mask of shape (inputs, outputs), row by row, eight connections to
        the byte.
    """

    layer_sizes: tuple[int, ...]
    bits: tuple[bytes, ...]

    def __post_init__(self) -> None:
        counts = [inputs * outputs for inputs, outputs in pairwise(self.layer_sizes)]
        lengths = [len(bits) for bits in self.bits]
        if not counts or lengths != [-(-count // 8) for count in counts]:
            raise ValueError(
                f"layers of {self.layer_sizes} units do not match masks of {lengths} bytes; "
                "use PackedMasks.pack"
            )

    @classmethod
    def pack(cls, masks: Sequence[MaskArray]) -> PackedMasks:
        """Pack one mask per layer, of shapes (n0, n1), (n1, n2), ..., or raise ValueError."""
        checked = check_masks(masks)
        sizes = (checked[0].shape[0], *(mask.shape[1] for mask in checked))
        return cls(sizes, tuple(np.packbits(mask).tobytes() for mask in checked))

    @property
    def masks(self) -> tuple[MaskArray, ...]:
        """The connections of each layer, as new read-only bool arrays (inputs, outputs)."""
        masks = []
        for shape, bits in zip(pairwise(self.layer_sizes), self.bits, strict=True):
            unpacked = np.unpackbits(np.frombuffer(bits, np.uint8), count=shape[0] * shape[1])
            mask = unpacked.astype(bool).reshape(shape)
            mask.flags.writeable = False
            masks.append(mask)
        return tuple(masks)


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides the outcome of a training run: equal specs give equal numbers.

    Parameters
    ----------
    topology
        A `RadixTopology`, or any masks: one bool array per layer, of shapes (n0, n1), (n1, n2), ...
    dataset
        Name of the data, as `radixnet.load_dataset` takes it.
    seed
        Non-negative integer that decides the starting weights, the validation rows and the order of
        every epoch.
    epochs
        Passes over the training rows, at least 1.
    batch_size
        Rows per step, at least 1. The last step of an epoch takes the rows that are left.
    learning_rate
        Learning rate of the first step, positive.
    initializer
        ``"normal"``, N(0, 0.05) as in the paper, ``"fan_in"``, scaled by each unit's number of
        inputs, or ``"as_dense"``, by that of a dense network's (see `radixnet.initializers`).
        Biases start at zero.
    activation
        Activation of the hidden layers: ``"relu"``, ``"leaky_relu"`` (slope 0.2 below zero) or
        ``"linear"``. The output is a softmax.
    use_bias
        Whether units have biases; the paper's have none.
    validation_share
        Share of the training rows held out to validate, at least 0 and less than 1.
    engine
        ``"sparse"``, or ``"keras"``, the reference.
    positive_output
        Whether the weights of the last layer start as their absolute values.
    optimizer
        ``"adam"``, or ``"sgd"``, gradient descent: with learning rate eta, gradient g and momentum
        mu, a step is ``m = mu * m - eta * g; w = w + m``.
    momentum
        Momentum of ``"sgd"``, at least 0 and less than 1; 0 for Adam.
    weight_decay
        Before every step, each weight and bias w becomes ``w * (1 - weight_decay * eta)``, apart
        from the gradient; at least 0 and less than ``1 / learning_rate``.
    schedule
        Learning rate of step t of T, counted from 0 over the whole run, as a share of
        `learning_rate`: ``"constant"``, 1; ``"cosine"``, ``(1 + cos(pi * t / T)) / 2``;
        ``"steps"``, 1 in the first half of the run, 0.1 in the third quarter and 0.01 in the last.
    rewiring
        ``"fixed"`` keeps the connections of the topology. With ``"set"``, ``"rigl"`` and ``"chts"``
        training begins with them and exchanges some for others as it goes on; each layer keeps
        their number (see `radixnet.training.rewiring`). For the sparse engine alone.

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
    activation: ActivationName = "relu"
    use_bias: bool = False
    validation_share: float = 0.1
    engine: EngineName = "sparse"
    positive_output: bool = False
    optimizer: OptimizerName = "adam"
    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: ScheduleName = "constant"
    rewiring: RewiringName = "fixed"

    def __post_init__(self) -> None:
        topology = self.topology
        if not isinstance(topology, RadixTopology | PackedMasks):
            topology = PackedMasks.pack(_bool_masks(topology))
        largest = 2**63  # what SQLite holds
        checked: dict[str, Any] = {
            "topology": topology,
            "dataset": one_of("dataset", self.dataset, tuple(FILE_SHA256)),
            "seed": integer("seed", self.seed, 0, largest),
            "epochs": integer("epochs", self.epochs, 1, largest),
            "batch_size": integer("batch_size", self.batch_size, 1, largest),
            "learning_rate": number("learning_rate", self.learning_rate),
            "initializer": one_of("initializer", self.initializer, get_args(Initializer)),
            "activation": one_of("activation", self.activation, get_args(ActivationName)),
            "use_bias": boolean("use_bias", self.use_bias),
            "validation_share": share("validation_share", self.validation_share),
            "engine": one_of("engine", self.engine, get_args(EngineName)),
            "positive_output": boolean("positive_output", self.positive_output),
            "optimizer": one_of("optimizer", self.optimizer, get_args(OptimizerName)),
            "momentum": share("momentum", self.momentum),
            "weight_decay": number("weight_decay", self.weight_decay),
            "schedule": one_of("schedule", self.schedule, get_args(ScheduleName)),
            "rewiring": one_of("rewiring", self.rewiring, get_args(RewiringName)),
        }
        rate, decay = checked["learning_rate"], checked["weight_decay"]
        if not rate > 0:
            raise ValueError(f"learning_rate {self.learning_rate} must be positive, such as 1e-3")
        if not 0 <= decay < 1 / rate:
            raise ValueError(
                f"weight_decay {decay} must be at least 0 and less than 1 / learning_rate, here "
                f"{1 / rate:g}, beyond which a step takes more than all of a weight away; try 1e-2"
            )
        if checked["momentum"] and checked["optimizer"] == "adam":
            raise ValueError(
                f"momentum {self.momentum} is for gradient descent, and Adam has its own: leave "
                "momentum at 0, or use optimizer='sgd'"
            )
        if self.engine == "keras" and self.rewiring != "fixed":
            raise ValueError(
                f"rewiring {self.rewiring!r} with engine 'keras': only the sparse engine exchanges "
                "connections while it trains; leave the engine out, or use rewiring='fixed'"
            )
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def network(self) -> RadixTopology | PackedMasks:
        """The topology as it is kept, a `RadixTopology` or other masks packed."""
        assert isinstance(self.topology, RadixTopology | PackedMasks)  # noqa: S101 (__post_init__)
        return self.topology

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units in each layer, inputs first."""
        return self.network.layer_sizes

    @property
    def masks(self) -> tuple[MaskArray, ...]:
        """The connections of each layer, as new read-only bool arrays (inputs, outputs)."""
        # A topology keeps its masks once asked for: with a thousand specs, a quarter of a gigabyte.
        network = self.network
        copy = dataclasses.replace(network) if isinstance(network, RadixTopology) else network
        return copy.masks

    def identity(self, dataset_sha256: str, engine_version: str) -> str:
        """Return the SHA-256 by which a run is stored: equal for runs that must agree.

        Settings with their value in `FIRST_DEFAULTS` are left out, so neither a new setting nor a
        changed default changes the identity of earlier runs. A topology counts by its connections:
        radix lists, and masks given directly, are the same if all connections are.

        Parameters
        ----------
        dataset_sha256
            `Dataset.sha256` of the data that the run trains on.
        engine_version
            ``ENGINE_VERSIONS[spec.engine]``.
        """
        packed = PackedMasks.pack(self.masks)
        connections = hashlib.sha256(repr(packed.layer_sizes).encode())
        for bits in packed.bits:
            connections.update(bits)
        given = {name: getattr(self, name) for name in FIRST_DEFAULTS}
        what = {
            "connections": connections.hexdigest(),
            "dataset_sha256": dataset_sha256,
            "engine_version": engine_version,
            "settings": {name: v for name, v in given.items() if v != FIRST_DEFAULTS[name]},
        }
        text = json.dumps(what, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class RunResult:
    """The result of a training run: read-only arrays with one number per epoch, and their origin.

    Attributes
    ----------
    spec
        The run.
    train_loss, train_accuracy
        Means over the rows of the epoch, each row taken before its own step, as Keras reports them.
    validation_loss, validation_accuracy
        Loss and accuracy of the held-out rows after each epoch; NaN if there are none.
    test_loss, test_accuracy
        Loss and accuracy of the test rows after each epoch.
    test_classes
        How many classes are the answer to at least one test row, after each epoch.
    seconds
        Wall time of the run, without loading data and compiled loops.
    provenance
        Engine and version, package version, SHA-256 of the data, machine, and versions of the
        libraries that matter.
    weights
        Final weights, one float32 array (inputs, outputs) per layer, zero off the mask; None unless
        asked for.
    biases
        Final biases, one float32 array (outputs,) per layer; None unless asked for and used.
    masks
        Final connections, one bool array (inputs, outputs) per layer: those of the spec unless they
        were exchanged. None unless weights were asked for.

    Notes
    -----
    Losses are sparse categorical cross-entropies, ``log(sum(exp(z))) - z[label]`` of the logits z:
    what Keras computes in ``fit`` if the last layer is a softmax, without clipping. Accuracies are
    shares of rows whose first largest logit is the label's: with ties, the first class wins.
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
    masks: tuple[MaskArray, ...] | None = None

    def __post_init__(self) -> None:
        for name in CURVES:
            curve = np.array(getattr(self, name), dtype=np.float64)
            if curve.shape != (self.spec.epochs,):
                raise ValueError(
                    f"{name} has shape {curve.shape}; a run of {self.spec.epochs} epochs has one "
                    "number for each"
                )
            curve.flags.writeable = False
            object.__setattr__(self, name, curve)

    @property
    def diverged(self) -> bool:
        """Whether some training or test loss is infinite or NaN."""
        return not bool(np.isfinite(self.train_loss).all() and np.isfinite(self.test_loss).all())


CURVES = (
    *("train_loss", "train_accuracy", "validation_loss", "validation_accuracy"),
    *("test_loss", "test_accuracy", "test_classes"),
)
"""The names of a result's arrays with one number per epoch."""


def _bool_masks(given: object) -> list[MaskArray]:
    """Return masks of bools, or of zeros and ones, as bool arrays."""
    advice = "give a RadixTopology, or one bool array of shape (inputs, outputs) per layer"
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise ValueError(f"topology of type {type(given).__name__}: {advice}")
    masks = [np.asarray(mask) for mask in given]
    for position, mask in enumerate(masks, start=1):
        if mask.dtype.kind not in "biuf" or not ((mask == 0) | (mask == 1)).all():
            raise ValueError(
                f"mask {position} of the topology holds values other than 0 and 1; {advice}"
            )
    return [mask.astype(bool) for mask in masks]
