"""The paper's Fig. 7 in numbers.

A RadiX-Net beside networks that low-magnitude pruning made sparse, trained alike.

All networks have the same layer sizes, rows, orders, epochs and optimizer, and the same starting
weights, the paper's, of which a sparse network has those of its connections. The kinds of network:

``dense``
    Trained whole.
``one-shot, each layer`` and ``one-shot, whole network``
    The dense network after training, pruned and not trained again.
``retrained, each layer`` and ``retrained, whole network``
    The wiring that one-shot pruning leaves, trained from the start by itself (a lottery ticket;
    Frankle and Carbin, 2019).
``gradual``
    Pruned while it trains, by the polynomial schedule of Zhu and Gupta (2017).
``RadiX-Net``
    Wired by its radices, never pruned.
``RadiX-Net, untrained``
    Its starting weights: what the wiring alone does to a map.

The RadiX-Net may have more connections than the pruned networks. So the one-shot and retrained
kinds are there once more, pruned to as many connections as it has; their names begin with
`AS_MANY`, and no map of theirs is kept.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from companion.saliency import (
    MNIST_SHAPE,
    edge_pixels,
    quarter_turns,
    rings,
    saliency_map,
    symmetry_test,
)
from radixnet.arguments import share
from radixnet.datasets import Dataset, load_dataset
from radixnet.initializers import starting_weights
from radixnet.pruning.magnitude import Scope, magnitude_masks
from radixnet.topology import RadixTopology
from radixnet.topology.masks import MaskArray
from radixnet.training import RunSpec, epoch_order, split, train
from radixnet.training.provenance import usable_cores

Weights = Sequence[NDArray[np.float32]]

SCOPES: dict[Scope, str] = {"layer": "each layer", "network": "whole network"}
"""What the names of networks call the two scopes of pruning."""

MODELS = (
    "RadiX-Net",
    "RadiX-Net, untrained",
    "one-shot, each layer",
    "one-shot, whole network",
    "retrained, each layer",
    "retrained, whole network",
    "gradual",
    "dense",
)
"""All kinds of network, in the order in which they are shown."""

AS_MANY = "as many connections, "
"""Before the name of a network that is pruned to as many connections as the RadiX-Net has."""

PRUNINGS = 25
"""How often the gradual network is pruned after the first time."""

PERMUTATIONS = 999
"""Shuffled maps behind each p-value of the table."""


@dataclass(frozen=True, eq=False)
class Network:
    """A network of one kind.

    Attributes
    ----------
    model
        Its kind.
    seed
        The seed of its start and of its order of rows.
    weights
        One array of shape (inputs, units) per layer.
    accuracy
        On the test images, 0 to 1; NaN where it says nothing.
    start
        The first layer's weights before training, where they are needed.
    """

    model: str
    seed: int
    weights: Weights
    accuracy: float
    start: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Trained networks and their maps.

    Attributes
    ----------
    networks
        One row per network. ``model`` (its kind), ``seed``, ``sparsity``, ``connections``.
        ``connected_pixels``: share of pixels with a weight that is not zero. ``edge_saliency``:
        share of the map's sum on the four pixels next to the edge, over the share of pixels that
        are there; 1 for an even map. ``ring_share`` and ``ring_p``: share of the map's variance
        that distance from the centre explains, and its p-value. ``turn_share`` and ``turn_p``: the
        same for quarter turns. ``test_accuracy``: 0 to 1, NaN for an untrained network.
        ``edge_weights_kept`` and ``dark_weights_kept``, of dense networks only: mean absolute
        first-layer weight after training over that before, of pixels next to the edge, and of
        pixels that are zero in every training image. A network that pruning left no first-layer
        weight has no map to measure: NaN.
    maps
        One row per network of `MODELS` and pixel: ``model``, ``seed``, ``row``, ``column``,
        ``saliency``.
    """

    networks: pd.DataFrame
    maps: pd.DataFrame

    def saliency(self, model: str, seed: int) -> NDArray[np.float64]:
        """Return the saliency map of one network, shape (28, 28)."""
        chosen = self.maps[(self.maps["model"] == model) & (self.maps["seed"] == seed)]
        if chosen.empty:
            kinds = ", ".join(self.networks["model"].unique())
            raise ValueError(
                f"there is no map of {model!r} with seed {seed!r}; there are maps of: {kinds}"
            )
        return chosen["saliency"].to_numpy().reshape(MNIST_SHAPE)


def compare_with_pruning(
    topologies: Sequence[RadixTopology],
    sparsity: float,
    *,
    seeds: Sequence[int],
    gradual_seeds: Sequence[int],
    gradual_scope: Scope = "layer",
    epochs: int = 3,
    batch_size: int = 100,
    learning_rate: float = 1e-3,
) -> Comparison:
    """Train RadiX-Nets, and pruned networks beside each, on MNIST; measure their saliency.

    Parameters
    ----------
    topologies
        The RadiX-Nets, of equal sizes; 784 inputs, at least 10 outputs.
    sparsity
        Sparsity of the pruned networks, at least 0 and less than 1.
    seeds
        A different one for each RadiX-Net, from which one network of every kind but the gradual one
        starts; integers of at least 0. Pruned to as many connections as the RadiX-Net are only
        those whose layers all keep a weight then.
    gradual_seeds
        One gradual network for each. These train in Keras, which is slower.
    gradual_scope
        ``"layer"`` prunes each layer of the gradual network to the sparsity, ``"network"`` all
        together.
    epochs, batch_size, learning_rate
        For every network, as in `RunSpec`. The gradual network is pruned from the end of the first
        tenth of its steps to the end of the eighth.

    Raises
    ------
    ValueError
        For a value outside the ranges above, a sparsity that leaves a layer no weight, a network
        that does not fit the data, or training too short for the schedule.
    """
    sparsity = share("sparsity", sparsity)
    if not topologies or len(seeds) != len(topologies):
        raise ValueError(
            f"{len(topologies)} topologies and {len(seeds)} seeds: give at least one RadiX-Net, "
            "and a seed for each"
        )
    specs = [
        RunSpec(
            topology, seed=seed, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate
        )
        for topology, seed in [
            *zip(topologies, seeds, strict=True),
            *((topologies[0], seed) for seed in gradual_seeds),
        ]
    ]
    dataset = load_dataset("mnist")
    # Too high a sparsity, a scope that is not known and too few steps are refused before anything
    # is trained.
    for scope in ("layer", gradual_scope):
        magnitude_masks([np.ones(mask.shape) for mask in topologies[0].masks], sparsity, scope)
    for spec in specs[len(seeds) :]:
        _schedule(spec, len(dataset.train_labels))
    gradual = []
    with (
        _progress(len(seeds) + len(gradual_seeds)) as advance,
        ThreadPoolExecutor(usable_cores()) as pool,
    ):
        others = [
            pool.submit(_without_keras, spec, sparsity, dataset) for spec in specs[: len(seeds)]
        ]
        # Meanwhile this thread loads Keras, which takes as long as some of the training.
        for spec in specs[len(seeds) :]:
            weights = gradual_weights(spec, sparsity, gradual_scope)
            gradual.append(
                Network("gradual", spec.seed, weights, accuracy_on_test(weights, dataset))
            )
            advance()
        groups = []
        for other in others:
            groups.append(other.result())
            advance()
    networks = [*(network for group in groups for network in group), *gradual]
    return Comparison(
        pd.DataFrame([_row(network, dataset) for network in networks]),
        pd.concat(
            [_map_table(network) for network in networks if network.model in MODELS],
            ignore_index=True,
        ),
    )


def gradual_weights(
    spec: RunSpec, sparsity: float, scope: Scope = "layer"
) -> tuple[NDArray[np.float32], ...]:
    """Train a dense Keras network of a spec, pruned as it trains, and return its weights.

    Layer sizes, settings and order of rows are the spec's.

    Raises
    ------
    ValueError
        When there are too few training steps for the schedule, or pruning would leave a layer
        without weights.
    """
    import keras

    from radixnet.pruning.models import GradualPruning

    dataset = load_dataset("mnist")
    images = dataset.train_images.astype(np.float32) / np.float32(255)
    training, _ = split(spec.seed, len(images), spec.validation_share)
    steps = -(-len(training) // spec.batch_size)

    def batches() -> Iterator[tuple[NDArray[np.float32], NDArray[np.uint8]]]:
        for epoch in range(spec.epochs):
            order = training[epoch_order(spec.seed, epoch, len(training))]
            for start in range(0, len(order), spec.batch_size):
                chosen = order[start : start + spec.batch_size]
                yield images[chosen], dataset.train_labels[chosen]

    layers = [
        keras.layers.Dense(
            units,
            activation="relu" if number < len(spec.layer_sizes) - 1 else "softmax",
            use_bias=False,
        )
        for number, units in enumerate(spec.layer_sizes[1:], start=1)
    ]
    model = keras.Sequential([keras.Input(spec.layer_sizes[:1]), *layers])
    model.set_weights(
        starting_weights([np.ones(layer.kernel.shape, dtype=bool) for layer in layers], spec.seed)
    )
    model.compile(
        keras.optimizers.Adam(spec.learning_rate),
        "sparse_categorical_crossentropy",
        jit_compile=True,
    )
    begin, prunings, frequency = _schedule(spec, len(images))
    pruning = GradualPruning(sparsity, begin, prunings, frequency, scope=scope)
    model.fit(
        batches(),
        steps_per_epoch=steps,
        epochs=spec.epochs,
        callbacks=[pruning],
        shuffle=False,
        verbose=0,
    )
    return tuple(keras.ops.convert_to_numpy(layer.kernel) for layer in layers)


def accuracy_on_test(weights: Weights, dataset: Dataset) -> float:
    """Return the test accuracy of a network without biases and with ReLU between its layers."""
    values = dataset.test_images.astype(np.float32) / np.float32(255)
    for number, matrix in enumerate(weights, start=1):
        values = values @ matrix
        if number < len(weights):
            values = np.maximum(values, 0)
    return float((values.argmax(axis=1) == dataset.test_labels).mean())


def _without_keras(spec: RunSpec, sparsity: float, dataset: Dataset) -> list[Network]:
    """Return the networks of one seed but the gradual one, which the sparse engine cannot train."""

    def trained(model: str, topology: Sequence[MaskArray]) -> Network:
        result = train(
            dataclasses.replace(spec, topology=topology), keep_weights=True, dataset=dataset
        )
        assert result.weights is not None  # noqa: S101 (they were asked for)
        return Network(model, spec.seed, result.weights, float(result.test_accuracy[-1]))

    everything = [np.ones(mask.shape, dtype=bool) for mask in spec.masks]
    dense = dataclasses.replace(
        trained("dense", everything), start=starting_weights(everything, spec.seed)[0]
    )
    networks = [dense]
    equal = 1 - sum(int(mask.sum()) for mask in spec.masks) / sum(mask.size for mask in spec.masks)
    for prefix, target in {"": sparsity, AS_MANY: equal}.items():
        for scope, name in SCOPES.items():
            if (
                prefix
                and scope == "layer"
                and any(round(target * mask.size) == mask.size for mask in spec.masks)
            ):
                continue  # a small layer would keep no weight
            masks = magnitude_masks(dense.weights, target, scope)
            one_shot = _pruned(f"{prefix}one-shot, {name}", dense, masks, dataset)
            networks += [one_shot, trained(f"{prefix}retrained, {name}", masks)]
    untrained = Network(
        "RadiX-Net, untrained", spec.seed, starting_weights(spec.masks, spec.seed), np.nan
    )
    return [*networks, trained("RadiX-Net", spec.masks), untrained]


def _pruned(model: str, dense: Network, masks: Sequence[MaskArray], dataset: Dataset) -> Network:
    """Return a network with only some of its weights."""
    weights = tuple(matrix * mask for matrix, mask in zip(dense.weights, masks, strict=True))
    return Network(model, dense.seed, weights, accuracy_on_test(weights, dataset))


def _schedule(spec: RunSpec, images: int) -> tuple[int, int, int]:
    """Return begin step, number of prunings and steps between them.

    From the first tenth of training to the eighth.
    """
    training, _ = split(spec.seed, images, spec.validation_share)
    total = spec.epochs * -(-len(training) // spec.batch_size)
    begin = total // 10
    span = total * 8 // 10 - begin
    if span < 1:
        raise ValueError(
            f"{total} training steps are too few to prune gradually; "
            "train more epochs or with a smaller batch_size"
        )
    prunings = min(PRUNINGS, span)
    return begin, prunings, span // prunings


def _row(network: Network, dataset: Dataset) -> dict[str, Any]:
    """Return the numbers of one network."""
    first = network.weights[0]
    saliency, edge = saliency_map(first), edge_pixels()
    connections = sum(np.count_nonzero(matrix) for matrix in network.weights)
    measures = dict.fromkeys(
        ("edge_saliency", "ring_share", "ring_p", "turn_share", "turn_p"), np.nan
    )
    if saliency.any():
        radial, turns = (
            symmetry_test(saliency, groups, PERMUTATIONS) for groups in (rings(), quarter_turns())
        )
        measures = {
            "edge_saliency": float(saliency[edge].sum() / saliency.sum() / edge.mean()),
            "ring_share": radial.observed,
            "ring_p": radial.p_value,
            "turn_share": turns.observed,
            "turn_p": turns.p_value,
        }
    dark: MaskArray = np.logical_not(dataset.train_images.any(axis=0))

    def kept(pixels: MaskArray) -> float:
        return (
            np.nan
            if network.start is None
            else float(np.abs(first[pixels]).mean() / np.abs(network.start[pixels]).mean())
        )

    return {
        "model": network.model,
        "seed": network.seed,
        "sparsity": 1 - connections / sum(matrix.size for matrix in network.weights),
        "connections": connections,
        "connected_pixels": float((first != 0).any(axis=1).mean()),
        **measures,
        "edge_weights_kept": kept(edge.ravel()),
        "dark_weights_kept": kept(dark),
        "test_accuracy": network.accuracy,
    }


def _map_table(network: Network) -> pd.DataFrame:
    """Return a network's map as a table, one row per pixel."""
    saliency = saliency_map(network.weights[0])
    row, column = np.indices(saliency.shape).reshape(2, -1)
    pixels = {"row": row, "column": column, "saliency": saliency.ravel()}
    return pd.DataFrame({"model": network.model, "seed": network.seed, **pixels})


@contextmanager
def _progress(seeds: int) -> Iterator[Callable[[], object]]:
    """Show a bar over the seeds; yield what moves it."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # in a notebook without widgets the bar is text, which needs no warning
        from tqdm.auto import tqdm
    with tqdm(total=seeds, desc="seeds trained") as bar:
        yield bar.update
