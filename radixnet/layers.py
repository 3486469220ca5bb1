"""RadiX-Nets as Keras 3 layers and models: the paper's `Mask`, `RadixLayer` and `CustomModel`.

`RadixConv2D` carries the idea over to the channels of a convolution.

A masked weight is zero before, during and after training. `RadixLayer` uses
``where(mask, kernel, 0)`` in its forward pass, so the gradient of a masked weight is exactly zero
and no optimizer keeps state for it. The same mask is the kernel's constraint, so whatever else is
written into the kernel does not survive a training step.

Layers and models work like Keras' own: inside other models, more than once, with regularizers,
frozen, copied, saved. Three things to know:

- Keras' ``Adafactor`` gives NaN where a kernel has both an input and a unit without gradient, such
  as a pixel that is always black and a unit without a path to the outputs. Use Adam.
- ``keras.models.clone_model`` turns a `CustomModel` into a plain functional model with new weights
  drawn from N(0, 0.05). ``CustomModel.from_config(model.get_config())`` starts as the model did,
  and ``copy.deepcopy(model)`` keeps what it has learned.
- Keras numbers models within a process, so two from files may have the same name. Rename one before
  they share a model: ``model.name = "second"``.

TensorFlow comes with the package and computes the published results. JAX, if you install it and
choose it by ``KERAS_BACKEND``, is supported: layers, pruning and the Keras engine pass the same
tests. On PyTorch all tests passed but two of ``jit_compile``, when last run. Keras has two things
on TensorFlow alone: double precision, and a cross-entropy from logits; elsewhere it is taken from
probabilities, and no row costs more than 16.1.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple, Self

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from radixnet.arguments import positive_integer
from radixnet.initializers import Initializer, starting_weights
from radixnet.topology import RadixTopology
from radixnet.topology.masks import MaskArray, as_bools, check_masks

Activation = str | Callable[[Any], Any] | None
"""What Keras accepts as an activation: a name, a function, a layer, or None for none."""


@keras.saving.register_keras_serializable("radixnet")
class Mask(keras.constraints.Constraint):  # type: ignore[misc]  # Keras has no types
    """The paper's `Mask`: keeps weights where `layerval` is not zero and sets the others to zero.

    It can be the constraint of any Keras layer, ``Dense(10, kernel_constraint=Mask(layerval))``,
    which Keras applies after every training step. Alone it does not keep gradients away from masked
    weights; `RadixLayer` does.

    Parameters
    ----------
    layerval
        Array of the weight's shape; a nonzero entry is a connection.

    Raises
    ------
    ValueError
        If `layerval` is not an array of numbers or bools, or if, when applied, its shape is not
        that of the weight.
    """

    def __init__(self, layerval: ArrayLike) -> None:
        self.mask = _as_connections(layerval)

    def __call__(self, weight: Any) -> Any:
        """Return the weight with masked entries set to zero."""
        if tuple(weight.shape) != self.mask.shape:
            raise ValueError(
                f"Mask has shape {self.mask.shape}, the weight {tuple(weight.shape)}; "
                "give a layerval of the weight's shape"
            )
        weight = ops.convert_to_tensor(weight)  # JAX refuses a variable
        return ops.where(self.mask, weight, ops.zeros((), dtype=weight.dtype))

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs: the mask, packed into text."""
        return {"layerval": _pack(self.mask)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the mask that a configuration describes."""
        return cls(_unpack(config["layerval"]))


@keras.saving.register_keras_serializable("radixnet")
class RadixLayer(keras.layers.Dense):  # type: ignore[misc]  # Keras has no types
    """A dense layer with only the connections of `layerval`.

    It computes ``activation(inputs @ where(mask, kernel, 0) + bias)``. Masked entries of the kernel
    start at zero and stay zero; its regularizer and constraint see them as zeros.

    Parameters
    ----------
    units
        Number of outputs, at least 1.
    layerval
        Array of at least (inputs, units); a nonzero entry is a connection. A larger one is trimmed
        to its first rows and columns, as in the paper, so one expanded RadiX-Net matrix serves
        layers of many sizes.
    activation
        Any Keras activation; None for none.
    use_bias
        Whether each unit adds a trainable bias. The paper's networks have none.
    kernel_initializer
        Any Keras initializer; the default is the paper's, normal with standard deviation 0.05.
    **kwargs
        The other arguments of ``keras.layers.Dense``: initializer of the bias, regularizers,
        constraints, ``name``, ``dtype``, ``trainable``.

    Raises
    ------
    ValueError
        If `units` is not a positive integer, or `layerval` not a matrix or, once the layer is
        built, too small.
    """

    mask: Mask
    """The connections of the built layer, shape (inputs, units)."""

    def __init__(
        self,
        units: int,
        layerval: ArrayLike,
        activation: Activation = None,
        use_bias: bool = False,
        kernel_initializer: Any = "random_normal",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            positive_integer(units, "units"),
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            **kwargs,
        )
        self.layerval = _matrix_of_connections(layerval, self.units)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Trim `layerval` to this many inputs and create the kernel, its masked entries zero."""
        connections = _trimmed(self.layerval, input_shape[-1], self.units)
        super().build(input_shape)
        _keep_to(self, Mask(connections))

    def call(self, inputs: Any, training: Any = None) -> Any:  # noqa: ARG002 (Keras gives it)
        """Return the layer's outputs, shape (..., units), for inputs of shape (..., inputs)."""
        outputs = ops.matmul(inputs, self.mask(self.kernel))
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return self.activation(outputs) if self.activation else outputs

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs to make the same layer, `layerval` included."""
        return {**super().get_config(), "layerval": _pack(self.layerval)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the layer that a configuration describes."""
        return cls(**{**config, "layerval": _unpack(config["layerval"])})


@keras.saving.register_keras_serializable("radixnet")
class RadixConv2D(keras.layers.Conv2D):  # type: ignore[misc]  # Keras has no types
    """A convolution over images in which only the channels that `layerval` connects are mixed.

    Each connection is a whole filter of `kernel_size`; where there is none, its entries of the
    kernel are masked as in `RadixLayer`: they start at zero and stay zero, whatever trains.

    Parameters
    ----------
    filters
        Number of output channels, at least 1.
    kernel_size
        Height and width of the filters, or one number for both.
    layerval
        Array of at least (input channels, filters), as of `RadixLayer`.
    activation
        Any Keras activation; None for none.
    use_bias
        Whether each output channel adds a trainable bias.
    kernel_initializer
        Any Keras initializer; the default is the paper's, normal with standard deviation 0.05.
    **kwargs
        The other arguments of ``keras.layers.Conv2D``, such as ``strides`` and ``padding``; but
        ``groups`` is 1, since `layerval` says which channels belong together.

    Raises
    ------
    ValueError
        If `filters` is not a positive integer, there are groups, or `layerval` is not a matrix or,
        once the layer is built, too small.

    Examples
    --------
    >>> topology = RadixTopology([[4, 8]], layer_sizes=(32, 48, 10), fit="fold")
    >>> layer = RadixConv2D(48, 3, topology.masks[0], strides=2, padding="same")
    """

    mask: Mask
    """The connections of the built layer, one for each entry of the kernel."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        layerval: ArrayLike,
        activation: Activation = None,
        use_bias: bool = False,
        kernel_initializer: Any = "random_normal",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            positive_integer(filters, "filters"),
            kernel_size,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            **kwargs,
        )
        if self.groups != 1:
            raise ValueError(
                f"groups is {self.groups}; leave it 1 and let layerval say which channels connect"
            )
        self.layerval = _matrix_of_connections(layerval, self.filters)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Trim `layerval` to this many channels, create the kernel, its masked entries zero."""
        channels = input_shape[-1 if self.data_format == "channels_last" else 1]
        connections = _trimmed(self.layerval, channels, self.filters)
        super().build(input_shape)
        _keep_to(self, Mask(np.broadcast_to(connections, self.kernel.shape)))

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Return the convolution with the connections of the kernel alone."""
        return super().convolution_op(inputs, self.mask(kernel))

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs to make the same layer, `layerval` included."""
        return {**super().get_config(), "layerval": _pack(self.layerval)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the layer that a configuration describes."""
        return cls(**{**config, "layerval": _unpack(config["layerval"])})


class _Start(NamedTuple):
    """What decides a model's starting weights: the arguments of `starting_weights`."""

    seed: int | None
    initializer: Initializer
    positive_output: bool


@keras.saving.register_keras_serializable("radixnet")
class CustomModel(keras.Model):  # type: ignore[misc]  # Keras has no types
    """The paper's `CustomModel`: a chain of `RadixLayer` whose masks come from a topology.

    It is an ordinary Keras model: compile, fit, evaluate, save to ``.keras`` and load, masks
    included. A new process imports ``CustomModel`` before it calls ``keras.models.load_model``, so
    that Keras knows the class. ``summary()`` counts every entry of a kernel as a parameter;
    `connections` says how many exist.

    Parameters
    ----------
    network
        A `RadixTopology`, or one mask per layer: arrays of shapes (n0, n1), (n1, n2), ...
    activation
        Activation of every hidden layer, as Keras accepts it. Keras cannot load a saved lambda; use
        a named function.
    output_activation
        Activation of the last layer.
    use_bias
        Whether units have biases, starting at zero. The paper's have none.
    seed
        Seed of the starting weights (`radixnet.initializers`); None draws new ones at each call.
    name
        The model's name; None lets Keras choose ``custom_model`` and a number.
    dtype
        Dtype of every layer, or a policy such as ``"mixed_float16"``; None for the global one.
    trainable
        Whether training changes the weights. ``model.radix_layers[0].trainable = False`` freezes a
        single layer.
    initializer
        ``"normal"``, N(0, 0.05) as in the paper, ``"fan_in"``, scaled by each unit's number of
        inputs, or ``"as_dense"``, by that of a dense network's.
    positive_output
        Whether the weights of the last layer start as their absolute values.
    kernel_regularizer
        Keras regularizer of every layer, or None.

    Raises
    ------
    ValueError
        If the masks do not form a network, the seed is negative, or the initializer unknown.

    Examples
    --------
    >>> topology = RadixTopology([[10, 10], [10]], layer_sizes=(784, 300, 100, 10))
    >>> model = CustomModel(topology, seed=1000)
    >>> model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    """

    def __init__(
        self,
        network: RadixTopology | Sequence[ArrayLike],
        activation: Activation = "relu",
        output_activation: Activation = "softmax",
        use_bias: bool = False,
        seed: int | None = None,
        name: str | None = None,
        *,
        dtype: Any = None,
        trainable: bool = True,
        initializer: Initializer = "normal",
        positive_output: bool = False,
        kernel_regularizer: Any = None,
    ) -> None:
        try:
            masks = check_masks(network.masks if isinstance(network, RadixTopology) else network)
        except ValueError as error:
            raise ValueError(
                f"network of type {type(network).__name__}: "
                f"give a RadixTopology or one mask per layer; {error}"
            ) from error
        layers = [
            RadixLayer(
                mask.shape[1],
                mask,
                activation=output_activation if number == len(masks) else activation,
                use_bias=use_bias,
                kernel_regularizer=kernel_regularizer,
                dtype=dtype,
            )
            for number, mask in enumerate(masks, start=1)
        ]
        start = _Start(seed, initializer, positive_output)
        self._chain(layers, start, name, keras.dtype_policies.get(dtype))
        self.trainable = trainable

    def _chain(
        self, layers: list[RadixLayer], start: _Start, name: str | None, policy: Any
    ) -> None:
        """Become the model of these layers, one after the other, with these starting weights."""
        # Inputs in the precision of the first layer: Keras' default would round float64 ones.
        shape, dtype = (len(layers[0].layerval),), layers[0].input_dtype
        inputs = outputs = keras.Input(shape=shape, dtype=dtype)
        for layer in layers:
            outputs = layer(outputs)
        super().__init__(inputs=inputs, outputs=outputs, name=name)
        self.dtype_policy = policy  # by which Keras decides whether an optimizer scales the loss
        for layer, weights in zip(layers, starting_weights(self.masks, *start), strict=True):
            layer.kernel.assign(weights)
        seed, self.initializer, self.positive_output = start
        self.seed = None if seed is None else int(seed)  # NumPy's integers are not JSON

    @property
    def radix_layers(self) -> list[RadixLayer]:
        """The layers with weights, first to last."""
        return [layer for layer in self.layers if isinstance(layer, RadixLayer)]

    @property
    def masks(self) -> tuple[MaskArray, ...]:
        """The connections of each layer, as bool arrays of shape (inputs, outputs)."""
        return tuple(layer.layerval for layer in self.radix_layers)

    @property
    def connections(self) -> int:
        """Number of connections, over all layers; neither masked weights nor biases."""
        return sum(int(mask.sum()) for mask in self.masks)

    @property
    def sparsity(self) -> float:
        """Share of possible connections that do not exist, over all layers."""
        return 1 - self.connections / sum(mask.size for mask in self.masks)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs: every layer as it is now, its mask included."""
        return {
            "layers": [layer.get_config() for layer in self.radix_layers],
            "seed": self.seed,
            "initializer": self.initializer,
            "positive_output": self.positive_output,
            "name": self.name,
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
            "trainable": self.trainable,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Self:
        """Return the model that a configuration describes."""
        # An empty scope would hide the objects that load_model was given.
        with keras.saving.CustomObjectScope(custom_objects) if custom_objects else nullcontext():
            layers = [RadixLayer.from_config(layer) for layer in config["layers"]]
        # Not by the constructor: it gives all layers the same settings; these have their own.
        model = cls.__new__(cls)
        # Files from before there was a choice of starting weights do not mention it.
        start = _Start(
            config["seed"],
            config.get("initializer", "normal"),
            config.get("positive_output", False),
        )
        policy = keras.dtype_policies.get(config["dtype"])
        model._chain(layers, start, config["name"], policy)
        model.trainable = config["trainable"]
        for layer, settings in zip(layers, config["layers"], strict=True):
            layer.trainable = settings["trainable"]  # the line above has set it for all layers
        return model


def _as_connections(layerval: ArrayLike) -> MaskArray:
    """Return a new read-only bool array, True where an array of numbers or bools is not zero."""
    mask = as_bools(layerval, "layerval").copy()
    if mask.ndim == 0 or mask.size == 0:
        raise ValueError(
            f"layerval has shape {mask.shape}; give a non-empty array of 0 and 1, or of bools"
        )
    mask.flags.writeable = False
    return mask


def _matrix_of_connections(layerval: ArrayLike, units: int) -> MaskArray:
    """Return `layerval` as a bool matrix of at least that many columns."""
    matrix = _as_connections(layerval)
    if matrix.ndim != 2 or matrix.shape[1] < units:
        raise ValueError(
            f"layerval has shape {matrix.shape}; "
            f"a layer of {units} units needs a matrix of at least (inputs, {units})"
        )
    return matrix


def _trimmed(layerval: MaskArray, inputs: int | None, units: int) -> MaskArray:
    """Return the first rows and columns of `layerval`."""
    if inputs is None:
        raise ValueError(
            "the axis of a layer's input that `layerval` connects needs a known size; "
            "give keras.Input(shape=(inputs,)), or (height, width, channels)"
        )
    if layerval.shape[0] < inputs:
        raise ValueError(
            f"layerval has shape {layerval.shape}, too small for {inputs} inputs; "
            f"it needs at least ({inputs}, {units})"
        )
    return layerval[:inputs, :units]


def _keep_to(layer: Any, mask: Mask) -> None:
    """Set the masked weights of a layer that was just built to zero, and keep them there."""
    layer.mask = mask
    layer.kernel.assign(mask(layer.kernel))
    # Through the mask: a penalty may have a slope at zero, a constraint may move a zero.
    penalty, constraint = layer.kernel_regularizer, layer.kernel_constraint
    layer.kernel.regularizer = penalty and (lambda kernel: penalty(mask(kernel)))
    layer.kernel.constraint = (
        (lambda kernel: mask(constraint(mask(kernel)))) if constraint else mask
    )


def _pack(mask: MaskArray) -> dict[str, Any]:
    """Return a mask as text: its bits, compressed, which makes regular masks very small."""
    bits = zlib.compress(np.packbits(mask).tobytes())
    return {"shape": list(mask.shape), "bits": base64.b64encode(bits).decode("ascii")}


def _unpack(packed: dict[str, Any]) -> MaskArray:
    """Return the mask that `_pack` packed."""
    bits = np.frombuffer(zlib.decompress(base64.b64decode(packed["bits"])), dtype=np.uint8)
    shape = tuple(packed["shape"])
    return np.unpackbits(bits, count=int(np.prod(shape))).astype(bool).reshape(shape)
