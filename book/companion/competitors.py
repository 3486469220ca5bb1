"""Ways to train the same masked network, each as fast as its library allows.

What `companion.timing` compares.

Every function sets up one network and returns a function that trains one epoch on rows in a given
order and says how many rows it has trained on. Same start, same batches, same Adam, no evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

import radixnet as rx
from radixnet.initializers import starting_weights
from radixnet.topology.masks import MaskArray

Order = NDArray[np.int64]
Epoch = Callable[[Order], int]
LEARNING_RATE = 1e-3


def training_rows() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return MNIST's training images as numbers from 0 to 1, and the labels."""
    dataset = rx.load_dataset("mnist")
    return dataset.train_images.astype(np.float32) / np.float32(255), dataset.train_labels.astype(
        np.int64
    )


def radixnet_sparse(masks: Sequence[MaskArray], batch_size: int) -> Epoch:
    """Train two networks with the package's sparse engine in two threads, each on one core."""
    from radixnet.training.compiled import SparseNetwork, prepare

    data, _, needed_inputs = prepare(rx.load_dataset("mnist"))
    networks = [
        SparseNetwork(masks, starting_weights(masks, s), None, 0.0, batch_size, needed_inputs)
        for s in (0, 1)
    ]
    networks[0].compile(data)

    def epoch(order: Order) -> int:
        with ThreadPoolExecutor(len(networks)) as threads:
            list(
                threads.map(
                    lambda network: network.train_epoch(data, order, LEARNING_RATE), networks
                )
            )
        return len(networks) * len(order)

    return epoch


def keras_fit(masks: Sequence[MaskArray], batch_size: int) -> Epoch:
    """Train the paper's way: dense matrices times masks, ``model.fit``."""
    import keras

    images, labels = training_rows()
    model = rx.CustomModel(masks, seed=0)
    model.compile(
        keras.optimizers.Adam(LEARNING_RATE),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )

    def epoch(order: Order) -> int:
        model.fit(images[order], labels[order], batch_size=batch_size, shuffle=False, verbose=0)
        return len(order)

    return epoch


def xla_fused(masks: Sequence[MaskArray], batch_size: int) -> Epoch:
    """Train with one XLA program for the whole epoch.

    Dense matrices times masks, everything fused, whole batches only.
    """
    import tensorflow as tf

    images, labels = (tf.constant(array) for array in training_rows())
    fixed = [tf.constant(mask.astype(np.float32)) for mask in masks]
    layers = len(masks)
    state = [tf.constant(weights) for weights in starting_weights(masks, 0)]
    state += [tf.zeros_like(array) for array in state * 2]

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def train(state: list[Any], order: Any, before: Any) -> list[Any]:
        def step(i: Any, state: list[Any]) -> tuple[Any, list[Any]]:
            weights, means, squares = (
                state[:layers],
                state[layers : 2 * layers],
                state[2 * layers :],
            )
            rows = order[i]
            with tf.GradientTape() as tape:
                tape.watch(weights)
                values = tf.gather(images, rows)
                for layer, (weight, mask) in enumerate(zip(weights, fixed, strict=True)):
                    values = values @ (weight * mask)
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
            return i + 1, [*weights, *means, *squares]

        _, state = tf.while_loop(lambda i, _: i < tf.shape(order)[0], step, (tf.constant(0), state))
        return state

    done = 0

    def epoch(order: Order) -> int:
        nonlocal state, done
        steps = len(order) // batch_size
        batches = order[: steps * batch_size].reshape(steps, batch_size).astype(np.int32)
        state = train(state, tf.constant(batches), tf.constant(done))
        state[0][0, 0].numpy()  # wait for the result
        done += steps
        return steps * batch_size

    return epoch


def torch_masked(
    masks: Sequence[MaskArray], batch_size: int, lower_precision: bool = False
) -> Epoch:
    """Train with PyTorch: dense matrices times masks, fused Adam."""
    import torch

    images, labels = map(torch.from_numpy, training_rows())
    fixed = [torch.from_numpy(mask.astype(np.float32)) for mask in masks]
    weights = [
        torch.nn.Parameter(torch.from_numpy(weight)) for weight in starting_weights(masks, 0)
    ]

    def logits(rows: Any) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=lower_precision):
            values = images[rows]
            for layer, (weight, mask) in enumerate(zip(weights, fixed, strict=True)):
                values = values @ (weight * mask)
                values = torch.relu(values) if layer < len(weights) - 1 else values
        return values.float()

    return _torch_steps(weights, logits, labels, batch_size)


def _torch_steps(
    parameters: Sequence[Any], logits: Callable[[Any], Any], labels: Any, batch_size: int
) -> Epoch:
    """Return an epoch of PyTorch: for each batch, a step of fused Adam down the cross-entropy."""
    import torch

    adam = torch.optim.Adam(parameters, lr=LEARNING_RATE, eps=1e-7, fused=True)

    def epoch(order: Order) -> int:
        for rows in torch.from_numpy(order).split(batch_size):
            loss = torch.nn.functional.cross_entropy(logits(rows), labels[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
        return len(order)

    return epoch


def torch_bfloat16(masks: Sequence[MaskArray], batch_size: int) -> Epoch:
    """Train with PyTorch as above, its products in bfloat16 (8 bits of precision instead of 24)."""
    return torch_masked(masks, batch_size, lower_precision=True)


def torch_csr(masks: Sequence[MaskArray], batch_size: int) -> Epoch:
    """Train with PyTorch's sparse matrices in CSR form.

    Products and sampled products of the connections only, fused Adam.
    """
    import warnings

    import torch

    warnings.filterwarnings("ignore", message="Sparse (CSR tensor support|invariant checks)")
    images, labels = map(torch.from_numpy, training_rows())

    def csr(mask: MaskArray) -> tuple[Any, Any]:
        matrix = torch.from_numpy(mask.astype(np.float32)).to_sparse_csr()
        return matrix.crow_indices(), matrix.col_indices()

    class Layer(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(
            context: Any,
            values: Any,
            inputs: Any,
            pattern: Any,
            transposed: Any,
            order: Any,
            shape: Any,
        ) -> Any:
            context.save_for_backward(values, inputs)
            context.rest = pattern, transposed, order, shape
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

    parts: list[tuple[Any, ...]] = []
    parameters = []
    for mask, weight in zip(masks, starting_weights(masks, 0), strict=True):
        places = np.zeros(mask.T.shape, np.int64)
        places[mask.T] = np.arange(mask.sum())
        order = torch.from_numpy(places.T[mask])
        parts.append((csr(np.ascontiguousarray(mask.T)), csr(mask), order, mask.T.shape))
        parameters.append(torch.nn.Parameter(torch.from_numpy(weight.T[mask.T])))

    def logits(rows: Any) -> Any:
        values = images[rows].t().contiguous()
        for layer, (parameter, rest) in enumerate(zip(parameters, parts, strict=True)):
            values = Layer.apply(parameter, values, *rest)
            values = torch.relu(values) if layer < len(parameters) - 1 else values
        return values.t()

    return _torch_steps(parameters, logits, labels, batch_size)
