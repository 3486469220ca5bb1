"""Low-magnitude pruning of Keras models, at once or while they train.

Every `Dense` and every `RadixLayer` of a model is pruned, however deeply nested; other layers,
biases and frozen settings stay as they are. Pruning leaves a `Mask` as the kernel's constraint, so
that pruned weights stay zero under any optimizer, after more training, and after saving and
loading. `radixnet.pruning.magnitude` decides what is pruned, and when.
"""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from radixnet.layers import Mask, RadixLayer
from radixnet.pruning.magnitude import PolynomialSchedule, Scope, magnitude_masks
from radixnet.topology.masks import MaskArray


def prune(model: keras.Model, sparsity: float, scope: Scope = "layer") -> None:
    """Set the smallest weights of a model to zero, for good: one-shot pruning, in place.

    If you train the model further, the pruned weights stay zero. A `RadixLayer` becomes the layer
    of the connections that are left; its masked weights count as pruned from the start.

    Parameters
    ----------
    model
        Any Keras model that is built and has a `Dense` or a `RadixLayer`.
    sparsity
        Share of zeros to reach among all kernel entries, at least 0 and less than 1.
    scope
        ``"layer"`` prunes every layer to the sparsity, ``"network"`` all layers together; see
        `magnitude_masks`.

    Raises
    ------
    ValueError
        For a sparsity or scope outside the ranges above; if the model is not a Keras model, is not
        built, has no layer to prune, or one whose kernel cannot be pruned, that is sparser already
        or that would lose all its weights. The model is then unchanged.

    Notes
    -----
    A model that contains `model` and has already been trained must be compiled again before it
    trains on; `model` itself needs nothing.
    """
    layers = _prunable_layers(model)
    masks = magnitude_masks([_weights(layer) for layer in layers], sparsity, scope)
    for layer, mask in zip(layers, masks, strict=True):
        _keep_only(layer, mask)
    model.train_function = None  # the traced one knows no constraint


def remaining_masks(model: keras.Model) -> tuple[MaskArray, ...]:
    """Return where a model's `Dense` and `RadixLayer` kernels are not zero, one mask per layer.

    Bool arrays of shape (inputs, units). The masks of a pruned chain of layers are a network of
    their own: ``RunSpec(remaining_masks(model))`` trains the pruned wiring from the start.

    Raises
    ------
    ValueError
        If the model is not a Keras model, is not built or has no such layer.
    """
    return tuple(weights != 0 for weights in map(_weights, _prunable_layers(model)))


class GradualPruning(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Prunes while a model trains, by the polynomial schedule of Zhu and Gupta (2017).

    Use it in ``fit(..., callbacks=[...])``. Before training step t0 and after every further
    `frequency` steps the sparsity is raised, `prunings` times. A pruned weight stays zero in every
    later step. Steps are those of one call of `fit`, counted from 0. A layer that is sparser than
    the schedule, such as a `RadixLayer` at the beginning, is left alone until the schedule has
    caught up.

    When training ends, the model is as `prune` leaves it. Put this callback last in the list: one
    that restores earlier weights would bring pruned ones back. On JAX, Keras compiles the training
    step anew after each pruning.

    Parameters
    ----------
    final_sparsity
        Share of zeros at the end among all kernel entries, at least 0 and less than 1.
    begin_step
        The step before which pruning begins, t0; at least 0.
    prunings
        How often the sparsity is raised, n; at least 1.
    frequency
        Training steps from one pruning to the next; at least 1.
    initial_sparsity
        Sparsity at t0, at most the final one.
    scope
        ``"layer"`` or ``"network"``, see `magnitude_masks`.

    Raises
    ------
    ValueError
        For a value outside the ranges above. From `fit`, before anything is trained: if the model
        cannot be pruned (see `prune`) or the schedule ends after the last step, if Keras knows how
        many there will be.

    Warns
    -----
    UserWarning
        If training ended before the schedule.

    Attributes
    ----------
    schedule
        The `PolynomialSchedule`.
    history
        (step, sparsity) of each pruning so far; the sparsity is the share of zeros among all kernel
        entries of the network.
    """

    schedule: PolynomialSchedule
    history: list[tuple[int, float]]

    def __init__(
        self,
        final_sparsity: float,
        begin_step: int,
        prunings: int,
        frequency: int,
        initial_sparsity: float = 0.0,
        scope: Scope = "layer",
    ) -> None:
        super().__init__()
        self.schedule = PolynomialSchedule(
            final_sparsity, begin_step, prunings, frequency, initial_sparsity
        )
        self.scope = scope
        self.history = []
        self._layers: list[Any] = []
        self._steps_before_epoch = self._steps = self._prunings = 0

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002 (Keras gives it)
        """Check that the schedule fits, and hold every kernel to its connections from the start."""
        self._layers = _prunable_layers(self.model)
        weights = [_weights(layer) for layer in self._layers]
        # Raises now what would otherwise be raised much later.
        magnitude_masks(weights, self.schedule.final_sparsity, self.scope)
        per_epoch, epochs = self.params.get("steps"), self.params.get("epochs")
        if per_epoch and epochs and per_epoch * epochs < self.schedule.end_step:
            raise ValueError(
                f"the last pruning is at step {self.schedule.end_step}, and fit takes "
                f"{per_epoch * epochs} steps ({epochs} epochs of {per_epoch}); choose fewer "
                "prunings, a smaller frequency or begin_step, or more epochs"
            )
        self.history, self._steps_before_epoch, self._steps, self._prunings = [], 0, 0, 0
        for layer, present in zip(self._layers, weights, strict=True):
            held = layer.kernel.constraint
            mask = held.mask if isinstance(held, Mask) else np.ones(present.shape, dtype=bool)
            layer.kernel.constraint = _ShrinkingMask(mask)
        self.model.make_train_function(force=True)  # one that was traced before knows no constraint
        self._prune_if_due()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Note how many steps were taken before this epoch: Keras counts each epoch's anew."""
        self._steps_before_epoch = self._steps

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Prune before the next step if it is one of the schedule's."""
        self._steps = self._steps_before_epoch + batch + 1
        self._prune_if_due()

    def on_train_end(self, logs: Any = None) -> None:  # noqa: ARG002
        """Leave the model with ordinary masks, as `prune` does."""
        for layer in self._layers:
            _keep_only(layer, np.asarray(layer.kernel.constraint.kept, dtype=bool))
        self.model.train_function = None
        if self._steps < self.schedule.end_step:
            warnings.warn(
                f"training ended after {self._steps} steps, before the last pruning at step "
                f"{self.schedule.end_step}: the sparsity {self.schedule.final_sparsity} was not "
                "reached; train longer or prune the rest with radixnet.prune",
                stacklevel=2,
            )

    def _prune_if_due(self) -> None:
        """Raise the sparsity if a step of the schedule has come since the last time."""
        due = len([step for step in self.schedule.steps if step <= self._steps])
        if due <= self._prunings:
            return
        self._prunings = due
        model = self.model  # asking makes Keras on JAX bring the weights up to date
        sparsity = self.schedule.sparsity(self.schedule.steps[due - 1])
        weights = [_weights(layer) for layer in self._layers]
        masks = magnitude_masks(weights, sparsity, self.scope, leave_sparser=True)
        for layer, mask in zip(self._layers, masks, strict=True):
            layer.kernel.constraint.kept.assign(mask)
            layer.kernel.assign(layer.kernel.constraint(layer.kernel))
        if keras.backend.backend() == "jax":  # which compiles the masks in, as they are
            model.make_train_function(force=True)
        entries = sum(mask.size for mask in masks)
        self.history.append((self._steps, 1 - sum(int(mask.sum()) for mask in masks) / entries))


class _ShrinkingMask(keras.constraints.Constraint):  # type: ignore[misc]  # Keras has no types
    """A mask that can change between training steps: the compiled step reads it from a variable."""

    def __init__(self, mask: MaskArray) -> None:
        self.kept = keras.Variable(mask, dtype="bool", trainable=False, name="kept")

    def __call__(self, weight: Any) -> Any:
        """Return the weight with zeros where nothing is kept."""
        # JAX refuses variables.
        kept, weight = ops.convert_to_tensor(self.kept), ops.convert_to_tensor(weight)
        return ops.where(kept, weight, ops.zeros((), dtype=weight.dtype))


def _prunable_layers(model: object) -> list[Any]:
    """Return the layers with a kernel to prune, once each, in the model's order; or ValueError."""
    if not isinstance(model, keras.Model):
        kind = type(model).__name__
        raise ValueError(f"model of type {kind}: give a Keras model, such as CustomModel(topology)")
    # Keras' own walk through nested models and wrappers; there is no public one.
    every = list(model._flatten_layers(include_self=False))
    layers = [layer for layer in every if isinstance(layer, keras.layers.Dense)]
    if not model.built or not all(layer.built for layer in layers):
        raise ValueError(
            f"model {model.name!r} is not built, so it has no weights yet; give it a keras.Input, "
            "call it on a batch, or call model.build((None, inputs))"
        )
    if not layers:
        kinds = ", ".join(sorted({type(layer).__name__ for layer in every})) or "none"
        raise ValueError(
            f"model {model.name!r} has no Dense and no RadixLayer, the layers that are pruned; "
            f"it has: {kinds}"
        )
    for layer in layers:
        _check_kernel(layer)
    return layers


def _check_kernel(layer: Any) -> None:
    """Raise ValueError for a kernel that is not a plain variable, or has another constraint."""
    kernel = layer.kernel
    if not isinstance(kernel, keras.Variable) or not keras.backend.is_float_dtype(kernel.dtype):
        raise ValueError(
            f"layer {layer.name!r} is quantized or has LoRA weights, so its kernel is not a plain "
            "variable; prune it before that"
        )
    constraint = kernel.constraint
    if constraint is not None and not isinstance(constraint, Mask | _ShrinkingMask):
        kind = type(layer.kernel_constraint or constraint).__name__
        raise ValueError(
            f"layer {layer.name!r} has the kernel constraint {kind}, whose place pruning needs to "
            "keep pruned weights at zero; give the layer no kernel_constraint"
        )


def _weights(layer: Any) -> NDArray[Any]:
    """Return a layer's effective kernel: zero off the mask, whatever is stored there."""
    kernel = np.asarray(ops.convert_to_numpy(ops.cast(layer.kernel, "float32")))
    constraint = layer.kernel.constraint
    return np.where(constraint.mask, kernel, 0) if isinstance(constraint, Mask) else kernel


def _keep_only(layer: Any, mask: MaskArray) -> None:
    """Set a layer's other weights to zero and hold them there."""
    kept = Mask(mask)
    layer.kernel.assign(kept(layer.kernel))
    layer.kernel.constraint = kept
    if isinstance(layer, RadixLayer):
        layer.layerval, layer.mask = kept.mask, kept  # for its forward pass, and when it is saved
    else:
        layer.kernel_constraint = kept  # what is saved with a Dense
