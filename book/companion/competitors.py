"""Ways to train the same masked network, each as fast as its library allows.

What `companion.timing` compares. Every way starts from the same weights, sees the same batches and
takes the same steps of Adam, without evaluation. None spends time on pixels that no image lights.
What is set is said in its `Way`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import radixnet as rx
from radixnet.initializers import starting_weights
from radixnet.topology import LENET_300_100
from radixnet.topology.masks import MaskArray
from radixnet.training.compiled import SparseNetwork, prepare

Masks = Sequence[MaskArray]
Order = NDArray[np.int64]
Epoch = Callable[[Order], tuple[int, float]]
"""Trains on rows in the order given; returns how many those were, and their mean loss."""

LEARNING_RATE = 1e-3

NETWORKS = {
    "RadiX 10 %": [[10, 10], [10]],
    "random 10 %": None,
    "RadiX 1.5 %": [[10, 10, 10]],
    "dense": [[1, 1], [1]],
}
"""Radix lists on 784-300-100-10; None for a random mask as dense as the first."""


def masks_of(network: str) -> Masks:
    """Return the masks of one of the networks."""
    radix_lists = NETWORKS[network]
    if radix_lists is None:
        random = np.random.default_rng(0)
        return tuple(random.random(shape) < 0.1 for shape in pairwise(LENET_300_100))
    return rx.RadixTopology(radix_lists, LENET_300_100).masks


@dataclass(frozen=True)
class Way:
    """One way to train.

    Attributes
    ----------
    name
        What it is called.
    library
        What has to be installed, by the name that is imported.
    set_up
        Takes masks and a batch size, and returns what trains an epoch.
    settings
        What was chosen for speed, in words.
    processes, threads
        Processes at the same time, each with a model or two, and threads in each.
    sparse
        Whether time follows the connections. If not, every mask takes the same time, and one stands
        for all; if so, a dense network is left to the others, unless it is our own.
    """

    name: str
    library: str
    set_up: Callable[[Masks, int], Epoch]
    settings: str
    processes: int = 2
    threads: int = 1
    sparse: bool = False


@cache
def lit_pixels() -> MaskArray:
    """Return which of the 784 pixels any image of MNIST lights: all but 65."""
    return prepare(rx.load_dataset("mnist"))[2]


def lit_part(masks: Masks, seed: int = 0) -> tuple[Masks, Sequence[NDArray[np.float32]]]:
    """Return masks and starting weights of a network of the lit pixels alone.

    It answers and learns as the whole one: what is left out is multiplied by zero.
    """
    lit, weights = lit_pixels(), starting_weights(masks, seed)
    return (masks[0][lit], *masks[1:]), (weights[0][lit], *weights[1:])


@cache
def training_rows() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the lit pixels of MNIST's training images as numbers from 0 to 1, and the labels."""
    dataset = rx.load_dataset("mnist")
    images = dataset.train_images[:, lit_pixels()].astype(np.float32) / np.float32(255)
    return images, dataset.train_labels.astype(np.int64)


def _in_two_threads(train: Callable[[int, Order], float]) -> Epoch:
    """Return an epoch of two models, each in a thread; the loss is that of the first."""

    def epoch(order: Order) -> tuple[int, float]:
        with ThreadPoolExecutor(2) as threads:
            losses = list(threads.map(train, (0, 1), (order, order)))
        return 2 * len(order), losses[0]

    return epoch


def radixnet_sparse(masks: Masks, batch_size: int) -> Epoch:
    """Train two networks with the package's sparse engine, which finds the lit pixels itself."""
    data, _, needed = prepare(rx.load_dataset("mnist"))
    networks = [
        SparseNetwork(masks, starting_weights(masks, seed), None, 0.0, batch_size, needed)
        for seed in (0, 1)
    ]
    networks[0].compile(data)
    return _in_two_threads(
        lambda number, order: networks[number].train_epoch(data, order, LEARNING_RATE)[0]
    )


def plain_numba(masks: Masks, batch_size: int) -> Epoch:
    """Train two networks with the loops of `companion.plain_loop`."""
    from companion.plain_loop import PlainNetwork

    dataset = rx.load_dataset("mnist")
    data = dataset.train_images[:, lit_pixels()], dataset.train_labels
    networks = [PlainNetwork(*lit_part(masks, seed), batch_size) for seed in (0, 1)]
    return _in_two_threads(
        lambda number, order: networks[number].train_epoch(data, order, LEARNING_RATE)
    )


def keras_fit(masks: Masks, batch_size: int, **settings: Any) -> Epoch:
    """Train the paper's way: dense matrices times masks, ``model.fit``."""
    import keras

    images, labels = training_rows()
    used, weights = lit_part(masks)
    model = rx.CustomModel(used)
    model.set_weights(weights)
    adam = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"], **settings)

    def epoch(order: Order) -> tuple[int, float]:
        told = model.fit(
            images[order], labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        return len(order), told.history["loss"][0]

    return epoch


def xla_program(masks: Masks, batch_size: int) -> Epoch:
    """Train with one XLA program for the whole epoch, on whole batches only."""
    import tensorflow as tf

    images, labels = (tf.constant(array) for array in training_rows())
    used, weights = lit_part(masks)
    fixed = [None if mask.all() else tf.constant(mask.astype(np.float32)) for mask in used]
    layers = len(masks)
    start = [tf.constant(weight) for weight in weights]
    state = [*start, *(tf.zeros_like(array) for array in start * 2)]

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def train(state: list[Any], order: Any, before: Any) -> tuple[list[Any], Any]:
        def step(i: Any, total: Any, state: list[Any]) -> tuple[Any, Any, list[Any]]:
            weights, means, squares = (state[n * layers : (n + 1) * layers] for n in range(3))
            rows = order[i]
            with tf.GradientTape() as tape:
                tape.watch(weights)
                values = tf.gather(images, rows)
                for layer, (weight, mask) in enumerate(zip(weights, fixed, strict=True)):
                    values = values @ (weight if mask is None else weight * mask)
                    values = tf.nn.relu(values) if layer < layers - 1 else values
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                    tf.gather(labels, rows), values
                )
                loss = tf.reduce_mean(losses)
            gradients = tape.gradient(loss, weights)
            t = tf.cast(before + i + 1, tf.float32)
            rate = LEARNING_RATE * tf.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            means = [m + 0.1 * (g - m) for m, g in zip(means, gradients, strict=True)]
            squares = [v + 0.001 * (g * g - v) for v, g in zip(squares, gradients, strict=True)]
            weights = [
                w - rate * m / (tf.sqrt(v) + 1e-7)
                for w, m, v in zip(weights, means, squares, strict=True)
            ]
            return i + 1, total + loss, [*weights, *means, *squares]

        steps = tf.shape(order)[0]
        _, total, state = tf.while_loop(
            lambda i, *_: i < steps, step, (tf.constant(0), tf.constant(0.0), state)
        )
        return state, total / tf.cast(steps, tf.float32)

    done = 0

    def epoch(order: Order) -> tuple[int, float]:
        nonlocal state, done
        steps = len(order) // batch_size
        batches = order[: steps * batch_size].reshape(steps, batch_size).astype(np.int32)
        state, loss = train(state, tf.constant(batches), tf.constant(done))
        done += steps
        return steps * batch_size, float(loss)

    return epoch


def _torch_steps(parameters: Sequence[Any], logits: Callable[[Any], Any], batch_size: int) -> Epoch:
    """Return an epoch of PyTorch: for each batch, a step of fused Adam down the cross-entropy.

    `logits` takes rows of images.
    """
    import torch

    torch.set_flush_denormal(True)
    images, labels = map(torch.from_numpy, training_rows())
    adam = torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)
    step = 0

    def epoch(order: Order) -> tuple[int, float]:
        nonlocal step
        total = torch.zeros(())
        for rows in torch.from_numpy(order).split(batch_size):
            loss = torch.nn.functional.cross_entropy(logits(images[rows]), labels[rows])
            adam.zero_grad()
            loss.backward()
            step += 1
            # PyTorch adds epsilon after the correction of the squares, Keras before.
            adam.param_groups[0]["eps"] = 1e-7 / (1 - 0.999**step) ** 0.5
            adam.step()
            total += loss.detach() * len(rows)
        return len(order), float(total) / len(order)

    return epoch


def torch_masked(masks: Masks, batch_size: int) -> Epoch:
    """Train with PyTorch: dense matrices times masks."""
    import torch

    used, start = lit_part(masks)
    fixed = [None if mask.all() else torch.from_numpy(mask.astype(np.float32)) for mask in used]
    weights = [torch.nn.Parameter(torch.from_numpy(weight)) for weight in start]

    def logits(values: Any) -> Any:
        for layer, (weight, mask) in enumerate(zip(weights, fixed, strict=True)):
            values = values @ (weight if mask is None else weight * mask)
            values = torch.relu(values) if layer < len(weights) - 1 else values
        return values

    return _torch_steps(weights, logits, batch_size)


def _torch_sparse(
    masks: Masks, batch_size: int, layer_of: Callable[[MaskArray, Any], tuple[Any, Any]]
) -> Epoch:
    """Train layers of connections, values of units side by side.

    `layer_of` takes a mask and weights and returns a parameter, and what takes columns of rows to
    columns of sums.
    """
    import warnings

    import torch

    warnings.filterwarnings("ignore", message="Sparse (CSR tensor support|invariant checks)")
    layers = [layer_of(*each) for each in zip(*lit_part(masks), strict=True)]

    def logits(values: Any) -> Any:
        values = values.t().contiguous()
        for number, (_, multiply) in enumerate(layers):
            values = multiply(values)
            values = torch.relu(values) if number < len(layers) - 1 else values
        return values.t()

    return _torch_steps([parameter for parameter, _ in layers], logits, batch_size)


def torch_csr(masks: Masks, batch_size: int) -> Epoch:
    """Train with PyTorch's sparse matrices in CSR form: products, and sampled products."""
    import torch

    class Product(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(context: Any, values: Any, inputs: Any, *rest: Any) -> Any:
            context.save_for_backward(values, inputs)
            context.rest = rest
            pattern, _, _, shape = rest
            return torch.sparse_csr_tensor(*pattern, values, shape) @ inputs

        @staticmethod
        def backward(context: Any, *deltas: Any) -> Any:
            (delta,) = deltas
            values, inputs = context.saved_tensors
            pattern, transposed, order, shape = context.rest
            zeros = torch.sparse_csr_tensor(*pattern, torch.zeros_like(values), shape)
            gradient = torch.sparse.sampled_addmm(zeros, delta, inputs.t(), beta=0.0).values()
            before = None
            if context.needs_input_grad[1]:
                before = torch.sparse_csr_tensor(*transposed, values[order], shape[::-1]) @ delta
            return gradient, before, None, None, None, None

    def csr(mask: MaskArray) -> tuple[Any, Any]:
        matrix = torch.from_numpy(mask.astype(np.float32)).to_sparse_csr()
        return matrix.crow_indices(), matrix.col_indices()

    def layer_of(mask: MaskArray, weight: Any) -> tuple[Any, Any]:
        places = np.zeros(mask.T.shape, np.int64)
        places[mask.T] = np.arange(mask.sum())
        order = torch.from_numpy(places.T[mask])
        parameter = torch.nn.Parameter(torch.from_numpy(weight.T[mask.T]))
        rest = csr(np.ascontiguousarray(mask.T)), csr(mask), order, mask.T.shape
        return parameter, lambda values: Product.apply(parameter, values, *rest)

    return _torch_sparse(masks, batch_size, layer_of)


def sparseprop(masks: Masks, batch_size: int) -> Epoch:
    """Train with the layers of SparseProp."""
    import torch
    from sparseprop.modules import SparseLinear

    layers = [
        SparseLinear(torch.from_numpy(np.ascontiguousarray(weight.T)))
        for weight in lit_part(masks)[1]
    ]

    def logits(values: Any) -> Any:
        for layer in layers[:-1]:
            values = torch.relu(layer(values))
        return layers[-1](values)

    return _torch_steps([layer.weight for layer in layers], logits, batch_size)


def sparselab(masks: Masks, batch_size: int) -> Epoch:
    """Train with the products of SparseLab, without its layers' transposing."""
    import torch
    from sparselab import PaddedCSR
    from sparselab.ops import _SpMMFunction

    def layer_of(_: MaskArray, weight: Any) -> tuple[Any, Any]:
        matrix = PaddedCSR.from_dense(torch.from_numpy(weight.T.copy()), padding_ratio=0.0)
        parameter = torch.nn.Parameter(torch.from_numpy(np.asarray(matrix.values)))
        return parameter, lambda values: _SpMMFunction.apply(parameter, matrix, values, "simd")

    return _torch_sparse(masks, batch_size, layer_of)


OURS, NUMBA, KERAS = "radixnet sparse", "plain Numba loop", "Keras fit, the paper's way"

_MASKED = "dense matrices times masks, without masks where the network is dense"
_CONNECTIONS = "connections only"
WAYS = (
    Way(OURS, "numba", radixnet_sparse, "two models in two threads", 1, 2, True),
    Way(NUMBA, "numba", plain_numba, "two models in two threads; fastmath", 1, 2, True),
    Way(KERAS, "tensorflow", keras_fit, "as in the paper, without dark pixels", 1, 2),
    Way(
        "Keras fit, compiled", "tensorflow",
        partial(keras_fit, jit_compile=True, steps_per_execution=20),
        "jit_compile, 20 steps per execution: the fastest of six settings", 2, 1,
    ),
    Way("one XLA program, 1 process", "tensorflow", xla_program, _MASKED, 1, 2),
    Way("one XLA program, 2 processes", "tensorflow", xla_program, _MASKED),
    Way("PyTorch masked", "torch", torch_masked, f"{_MASKED}; fused Adam"),
    Way("PyTorch CSR", "torch", torch_csr, f"{_CONNECTIONS}; fused Adam", sparse=True),
    Way(
        "SparseProp", "sparseprop", sparseprop,
        "every layer sparse, one thread; through its layers, which transpose in and out; its "
        "kernels alone were not tried; 719 inputs keep its blocked transpose from the first layer; "
        "PyTorch's fused Adam", sparse=True,
    ),
    Way(
        "SparseLab", "sparselab", sparselab,
        "its products without its layers' transposing, no padding; PyTorch's fused Adam",
        sparse=True,
    ),
)  # fmt: skip
"""All of them, ours first."""
