"""The runs that set RadiX-Nets beside the field's methods, as `viable_plan.yml` lays them down.

Some of their masks come out of training: a dense network, then ever smaller tickets. Whoever asks
for the runs trains these first; they are runs of the experiment too and end in the same store.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.experiments import viable
from companion.experiments.viable import Run
from radixnet import wirings
from radixnet.datasets import dataset_sha256, load_dataset
from radixnet.initializers import starting_weights
from radixnet.pruning.at_start import grasp_masks, snip_masks, synflow_masks
from radixnet.pruning.magnitude import magnitude_masks
from radixnet.runs.records import StoredRun
from radixnet.runs.store import RunStore
from radixnet.topology import Fit, RadixTopology
from radixnet.topology.masks import MaskArray
from radixnet.training import ENGINE_VERSIONS, RunSpec, epoch_order, split, train

FIT: Fit = "fold"
"""How the RadiX-Nets are fitted that methods are compared with."""

SMALL_WORLD_MOVED = 0.25
"""Share of a small world's connections that moved; one of those that Zhang et al. (2024) try."""

ROWS_AT_START = 100
"""Training images that SNIP and GraSP look at, the first of the run: as many as in their papers."""

METHODS, LONGER, PUBLIC = "viable_methods", "viable_longer", "viable_public"
"""What the published table names the runs by."""

Masks = Sequence[MaskArray]


def methods(dataset: str, sparsity: float, number: int) -> list[Run]:
    """Return the runs of a drawn network's rivals whose wiring needs no training before."""
    network = _drawn(sparsity, number)
    sizes, count = network.layer_sizes, sum(network.connection_counts)
    random = erk_masks(sizes, count, number)
    budgets = [int(mask.sum()) for mask in random]
    near = wirings.small_world(sizes, budgets, number, rewired=SMALL_WORLD_MOVED)
    runs = []
    for seed in _seeds(number):
        dense = _dense(dataset, seed)
        specs = {arm: _spec(random, dataset, seed, arm) for arm in ("ERK", *_REWIRING)}
        specs["small world"] = _spec(near, dataset, seed)
        for arm, masks in _chosen_at_start(dense, count).items():
            specs[arm] = dataclasses.replace(dense, topology=masks)
            if sparsity in viable.plan()["methods"]["rescaled"]["sparsities"]:
                specs[f"{arm}, rescaled"] = _spec(masks, dataset, seed)
        runs += [_run(sparsity, number, network, arm, spec) for arm, spec in specs.items()]
    return runs


def pruned(dataset: str, number: int, store: RunStore) -> list[Run]:
    """Return dense networks and what is left of trained ones, for a drawn network of each sparsity.

    The first call trains dense networks and tickets, which are runs of the experiment too: the
    store keeps them, and a folder beside it what they leave.
    """
    networks = {sparsity: _drawn(sparsity, number) for sparsity in viable.plan()["networks"]}
    counts = [sum(network.connection_counts) for network in networks.values()]
    runs = []
    for seed in _seeds(number):
        dense = _dense(dataset, seed)
        # Before the tickets, which need the trained dense network too.
        one_shot = [_left_after_training(dense, count, store) for count in counts]
        tickets = _tickets(dense, counts, store)
        for (sparsity, network), once, ticket in zip(
            networks.items(), one_shot, tickets, strict=True
        ):
            made = {"dense": dense.masks, "one-shot": once, "lottery ticket": ticket}
            runs += [
                _run(sparsity, number, network, arm, dataclasses.replace(dense, topology=masks))
                for arm, masks in made.items()
            ]
    return runs


def starts(dataset: str, sparsity: float, number: int) -> list[Run]:
    """Return the runs that begin as a drawn network, or as random ones with its budgets."""
    network = _drawn(sparsity, number)
    random = viable.arms(network, number)["Erdos-Renyi"]
    return [
        _run(sparsity, number, network, arm, _spec(masks, dataset, seed, arm.split()[0]))
        for seed in _seeds(number)
        for arm in viable.plan()["methods"]["starts"]
        for masks in [network.masks if arm.endswith("from RadiX") else random]
    ]


def longer(dataset: str, sparsity: float, number: int) -> list[Run]:
    """Return the longer runs that belong to one drawn network."""
    the, network = viable.plan()["methods"]["longer"], _drawn(sparsity, number)
    made = viable.arms(network, number)
    random = erk_masks(network.layer_sizes, sum(network.connection_counts), number)
    specs = {
        (seed, arm): _spec(made.get(arm, random), dataset, seed, arm)
        for seed in _seeds(number)[: the["starts"]]
        for arm in the["arms"]
    }
    return [
        _run(sparsity, number, network, arm, dataclasses.replace(spec, epochs=the["epochs"]))
        for (_, arm), spec in specs.items()
    ]


def public(store: RunStore) -> list[Run]:
    """Return the runs to set beside published errors; the first call trains tickets, see `pruned`.

    Their networks are numbered by seed, and belong to no drawn one.
    """
    the, sizes = viable.plan()["methods"]["public"], viable.plan()["layer_sizes"]
    possible = sum(inputs * outputs for inputs, outputs in pairwise(sizes))
    runs = []
    for seed in range(the["starts"]):
        found: list[tuple[str, float, Masks, RunSpec]] = []
        random = wirings.erdos_renyi(sizes, the["connections_of_rigl"], seed)
        for settings in the["settings"].values():
            dense = RunSpec(_everything(sizes), seed=seed, initializer="as_dense", **settings)
            found.append(("dense", 0.0, dense.masks, dense))
            for sparsity in the["SNIP"]:
                found.append(("SNIP", sparsity, snip_masks(*_at_start(dense), sparsity), dense))
            rigl = dataclasses.replace(dense, rewiring="rigl", initializer="fan_in")
            found += [("RigL", sparsity, random, rigl) for sparsity in the["RigL"]]
        ticket = RunSpec(_everything(sizes), seed=seed, **the["settings_of_ticket"])
        found.append(("dense", 0.0, ticket.masks, ticket))
        for number in range(1, the["rounds"] + 1):
            count = round(possible * the["kept_in_a_round"] ** number)
            masks = _left_after_training(ticket, count, store)
            ticket = dataclasses.replace(ticket, topology=masks)
        found.append(("lottery ticket", 1 - count / possible, masks, ticket))
        runs += [
            Run(FIT, sparsity, seed, (), arm, dataclasses.replace(spec, topology=masks))
            for arm, sparsity, masks, spec in found
        ]
    return runs


def stages(store: RunStore) -> Iterator[tuple[str, list[Run]]]:
    """Yield the runs part by part, in the plan's order, with the name they are published by.

    A part that needs trained networks trains them when it is asked for.
    """
    the = viable.plan()["methods"]
    cells = list(product(the["sparsities"], viable.plan()["datasets"]))
    numbers, longest = range(the["networks"]), the["longer"]
    for sparsity, dataset in cells:
        yield METHODS, [run for number in numbers for run in methods(dataset, sparsity, number)]
    for dataset in viable.plan()["datasets"]:
        yield METHODS, [run for number in numbers for run in pruned(dataset, number, store)]
    for sparsity, dataset in cells:
        yield METHODS, [run for number in numbers for run in starts(dataset, sparsity, number)]
    yield PUBLIC, public(store)
    for sparsity, dataset in cells:
        if sparsity in longest["sparsities"]:
            numbers = range(longest["networks"])
            yield LONGER, [run for number in numbers for run in longer(dataset, sparsity, number)]


def erk_masks(layer_sizes: Sequence[int], connections: int, seed: int) -> Masks:
    """Return random connections, about as many as asked for in all, small layers denser."""
    possible = sum(inputs * outputs for inputs, outputs in pairwise(layer_sizes))
    budgets = wirings.erdos_renyi_budgets(layer_sizes, connections / possible)
    return wirings.erdos_renyi(layer_sizes, budgets, seed)


def _seeds(number: int) -> list[int]:
    """Return the seeds of a drawn network's starts, as in `viable.runs_of_network`."""
    starts = viable.plan()["starts"]
    return [number * starts + start for start in range(starts)]


def _drawn(sparsity: float, number: int) -> RadixTopology:
    """Return a drawn network."""
    lists = viable.drawn_lists(FIT, sparsity)[number]
    return RadixTopology(lists, viable.plan()["layer_sizes"], fit=FIT)


def _dense(dataset: str, seed: int) -> RunSpec:
    """Return the run of a dense network; what is kept of it starts with the same weights."""
    spec = _spec(_everything(viable.plan()["layer_sizes"]), dataset, seed)
    return dataclasses.replace(spec, initializer="as_dense")


def _everything(layer_sizes: Sequence[int]) -> Masks:
    """Return the masks of a dense network."""
    return [np.ones(shape, dtype=bool) for shape in pairwise(layer_sizes)]


_REWIRING: dict[str, Any] = {"SET": "set", "RigL": "rigl", "CHTs": "chts"}


def _spec(masks: Masks, dataset: str, seed: int, arm: str = "") -> RunSpec:
    """Return a run with the plan's settings; some arms are rewired as it goes on."""
    rewiring = _REWIRING.get(arm, "fixed")
    return RunSpec(masks, dataset=dataset, seed=seed, rewiring=rewiring, **viable.settings())


def _run(sparsity: float, number: int, network: RadixTopology, arm: str, spec: RunSpec) -> Run:
    """Return a run with the RadiX-Net that it belongs to."""
    return Run(FIT, sparsity, number, network.radix_lists, arm, spec)


def _chosen_at_start(dense: RunSpec, count: int) -> dict[str, Masks]:
    """Return the connections that each method without training keeps of a dense network's start."""
    weights, images, labels = _at_start(dense)
    sparsity = 1 - count / sum(weight.size for weight in weights)
    return {
        "SNIP": snip_masks(weights, images, labels, sparsity),
        "GraSP": grasp_masks(weights, images, labels, sparsity),
        "SynFlow": synflow_masks(weights, sparsity),
    }


def _at_start(
    dense: RunSpec,
) -> tuple[tuple[NDArray[np.float32], ...], NDArray[np.float64], NDArray[np.uint8]]:
    """Return a run's starting weights, and the images and labels that methods look at."""
    data = load_dataset(dense.dataset)  # type: ignore[arg-type]
    training, _ = split(dense.seed, len(data.train_labels), dense.validation_share)
    rows = training[epoch_order(dense.seed, 0, len(training))[:ROWS_AT_START]]
    weights = starting_weights(dense.masks, dense.seed, dense.initializer)
    return weights, data.train_images[rows] / 255, data.train_labels[rows]


def _tickets(dense: RunSpec, counts: Sequence[int], store: RunStore) -> Iterator[Masks]:
    """Yield ever smaller tickets, each pruned from the one before after training from the start."""
    possible = sum(mask.size for mask in dense.masks)
    spec = dense
    for number, count in enumerate([possible // 2, possible // 4, *counts]):
        spec = dataclasses.replace(spec, topology=_left_after_training(spec, count, store))
        if number >= 2:
            yield spec.masks


def _left_after_training(spec: RunSpec, count: int, store: RunStore) -> Masks:
    """Return the largest weights of a trained network, all layers together.

    Training is as long as the run itself, so what is left is kept in a folder beside the store.
    """
    identity = spec.identity(dataset_sha256(spec.dataset), ENGINE_VERSIONS[spec.engine])
    path = store.path.with_suffix(".pruned") / f"{identity}-{count}"
    shapes = [mask.shape for mask in spec.masks]
    ends = np.cumsum([inputs * outputs for inputs, outputs in shapes])
    if not path.is_file():
        weights = _trained_weights(spec, identity, store)
        kept = magnitude_masks(weights, 1 - count / int(ends[-1]), "network")
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_bytes(np.packbits(np.concatenate([mask.ravel() for mask in kept])).tobytes())
        draft.replace(path)
    bits = np.unpackbits(np.frombuffer(path.read_bytes(), np.uint8), count=int(ends[-1]))
    parts = np.split(bits.astype(bool), ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


_last_trained: dict[str, tuple[NDArray[np.float32], ...]] = {}


def _trained_weights(
    spec: RunSpec, identity: str, store: RunStore
) -> tuple[NDArray[np.float32], ...]:
    """Return a run's final weights, and put the run into the store; the last one is remembered."""
    if identity not in _last_trained:
        result = train(spec, keep_weights=True)
        store.put(StoredRun.from_result(identity, result))
        assert result.weights is not None  # noqa: S101 (they were asked for)
        _last_trained.clear()
        _last_trained[identity] = result.weights
    return _last_trained[identity]
