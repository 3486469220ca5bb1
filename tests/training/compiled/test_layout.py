"""The lists that the kernels walk along name every connection once, and nothing else."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tested_targets import TARGETS

import radixnet as rx
from radixnet.initializers import starting_weights
from radixnet.training.compiled import SparseNetwork
from radixnet.training.compiled.layout import NO_WEIGHT, wire
from radixnet.training.compiled.steps import Data
from radixnet.training.compiled.targets import AVX512, Target

LINE = 48


@st.composite
def networks(draw: st.DrawFn) -> list[NDArray[np.bool_]]:
    """Masks of a few layers: random or a window that shifts; some units share all inputs."""
    sizes = draw(st.lists(st.integers(1, 40), min_size=2, max_size=4))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    density = draw(st.sampled_from([0, 0.05, 0.5, 1]))
    copies = draw(st.integers(1, 9))
    shifts = draw(st.booleans())

    def mask(inputs: int, units: int) -> NDArray[np.bool_]:
        if shifts:
            return (np.arange(inputs)[:, None] - np.arange(units)) % inputs < density * inputs
        return random.random((inputs, units)) < density

    return [mask(i, -(-o // copies))[:, np.arange(o) // copies] for i, o in pairwise(sizes)]


@given(networks(), st.sampled_from([*TARGETS.values()]))
def test_every_connection_is_stored_once(masks: list[NDArray[np.bool_]], target: Target) -> None:
    _, stored = wire(masks, [len(mask) for mask in masks], LINE, target)
    for mask, weights in zip(masks, stored, strict=True):
        real = weights.inputs != NO_WEIGHT
        np.testing.assert_array_equal(real, weights.outputs != NO_WEIGHT)
        count = np.zeros(mask.shape, int)
        np.add.at(count, (weights.inputs[real], weights.outputs[real]), 1)
        np.testing.assert_array_equal(count, mask)
        matrix = np.random.default_rng(0).random(mask.shape).astype(np.float32) * mask
        again = np.zeros_like(matrix)
        weights.scatter(weights.gather(matrix), again)
        np.testing.assert_array_equal(again, matrix)


@given(networks(), st.sampled_from([*TARGETS.values()]))
def test_walking_along_the_wiring_meets_each_weights_input_and_output(
    masks: list[NDArray[np.bool_]], target: Target
) -> None:
    wiring, stored = wire(masks, [len(mask) for mask in masks], LINE, target)
    inputs, outputs = (
        np.concatenate([getattr(weights, name) for weights in stored])
        for name in ("inputs", "outputs")
    )
    starts = np.cumsum([0, *(weights.size for weights in stored)])
    absent = {
        start + place
        for start, weights in zip(starts, stored, strict=False)
        for place in weights.absent
    }
    for layer, mask in enumerate(masks):
        bounds = wiring.group_bounds[layer]
        units_met = []
        for size in range(1, target.largest_group + 1):
            for group in range(bounds[size - 1], bounds[size]):
                units = wiring.outputs[wiring.first_output[group] :][:size] // LINE
                units_met += list(units)
                per_block = target.block // size
                names = (
                    wiring.inputs[wiring.first_input[group] :][: wiring.blocks[group] * per_block]
                    // LINE
                )
                at = wiring.first_weight[group]
                for k, name in enumerate(names):
                    for u, unit in enumerate(units):
                        place = at + k // per_block * target.block + k % per_block * size + u
                        met = (inputs[place], outputs[place])
                        connected = name < len(mask) and mask[name, unit]
                        assert met == ((name, unit) if connected else (NO_WEIGHT, NO_WEIGHT))
                        assert (place in absent) == (name < len(mask) and not connected)
                        assert (
                            name < len(mask) or name == len(mask) + 1
                        )  # padding reads the line of zeros, not that of ones
                read = mask[:, units].any(axis=1).sum()
                assert wiring.steps[group] == -(-read // target.inputs_per_step[size - 1])
        assert sorted(units_met) == list(range(mask.shape[1]))


def test_units_of_a_radix_net_share_their_inputs_so_few_weights_are_padding() -> None:
    topology = rx.RadixTopology([[10, 10], [10]], (784, 300, 100, 10))
    _, stored = wire(topology.masks, topology.layer_sizes[:-1], LINE, AVX512)
    assert sum(weights.size for weights in stored) < 1.15 * sum(topology.connection_counts)


def test_units_that_share_most_inputs_are_joined_and_others_are_not() -> None:
    window = (np.arange(100)[:, None] - np.arange(30)) % 100 < 10  # ten inputs, shifted by one
    wiring, (stored,) = wire([window], [100], LINE, AVX512)
    np.testing.assert_array_equal(np.diff(wiring.group_bounds[0]), [0, 0, 10])
    assert len(stored.absent) == 10 * (3 * 12 - 30)
    random = np.random.default_rng(0).random((300, 30)) < 0.1
    wiring, (stored,) = wire([random], [300], LINE, AVX512)
    np.testing.assert_array_equal(np.diff(wiring.group_bounds[0]), [30, 0, 0])
    assert not len(stored.absent)


def test_a_weight_that_is_absent_is_zero_again_after_every_step() -> None:
    masks = [np.tri(40, 30, 9, bool) & ~np.tri(40, 30, -1, bool), np.ones((30, 3), bool)]
    random = np.random.default_rng(0)
    data = Data(
        random.integers(0, 256, (60, 48)).astype(np.uint8),
        random.integers(0, 3, 60).astype(np.uint8),
    )
    network = SparseNetwork(masks, starting_weights(masks, 0), None, 0.0, 20, np.ones(40, bool))
    assert len(network.network.absent)
    rows = np.arange(60)
    network.train_epoch(data, rows, 1e-2)
    together = network.weights()
    network = SparseNetwork(masks, starting_weights(masks, 0), None, 0.0, 20, np.ones(40, bool))
    for batch in np.split(rows, 3):
        network.train_epoch(data, batch, 1e-2)
        assert not network.network.weights[network.network.absent].any()
    for one, other in zip(together, network.weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_dense_layers_are_stored_without_waste() -> None:
    wiring, (stored,) = wire([np.ones((785, 300), bool)], [785], LINE, AVX512)
    assert stored.size == 785 * 300 * 16 / 15  # 5 inputs of 3 units in a block of 16
    np.testing.assert_array_equal(np.diff(wiring.group_bounds[0]), [0, 0, 100])
