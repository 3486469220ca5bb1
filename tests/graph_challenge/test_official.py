"""The networks by formula: the published one of 1,024 neurons, and the same rule elsewhere."""

import hashlib
import tracemalloc

import numpy as np
import pytest

from radixnet.datasets import load_dataset
from radixnet.graph_challenge import BIASES, PUBLISHED_PIXELS, layers, mnist_images
from radixnet.graph_challenge.images import interpolation

PUBLISHED = {
    0: "9f1a444347569460e75b68d52a875983255bcf510b55281bbdc5eaf93828be72",
    6: "a7acec11242fc99229c446eb63f6fe8b496c25d71d25b41d615374a4162025c9",
}
"""For two of the official layers, counted from 0, the SHA-256 of the packed mask."""


@pytest.mark.parametrize("number", PUBLISHED)
def test_a_layer_of_1024_neurons_is_the_official_one_bit_for_bit(number):
    mask = layers(1024, 120)[number].toarray()
    assert hashlib.sha256(np.packbits(mask)).hexdigest() == PUBLISHED[number]


def by_definition(neurons, number):
    """Return a layer from the definition, permutations drawn one after the other."""
    modulus = neurons // 16
    block, place = divmod(number, modulus.bit_length() - 1)
    stream = np.random.RandomState(5489)
    row = np.arange(neurons)
    for _ in range(block):
        row = np.argsort(np.argsort(stream.random_sample(neurons), kind="stable"), kind="stable")
    shift = (row[:, None] - np.arange(neurons)) % modulus
    return (shift == 0) | (shift == 2**place)


@pytest.mark.parametrize("neurons", [64, 4096])
@pytest.mark.parametrize("blocks", [0, 1, 3])
def test_every_width_follows_the_definition_in_every_block(neurons, blocks):
    number = blocks * ((neurons // 16).bit_length() - 1) + 1
    made = layers(neurons, number + 1)[number]
    assert made.shape == (neurons, neurons)
    assert made.dtype == bool
    assert np.array_equal(made.toarray(), by_definition(neurons, number))


@pytest.mark.parametrize("neurons", BIASES)
def test_every_neuron_has_32_inputs_and_32_outputs(neurons):
    for layer in layers(neurons, 200)[-1:]:
        assert set(np.diff(layer.indptr)) == {32}
        assert set(np.bincount(layer.indices, minlength=neurons)) == {32}


def test_a_layer_far_on_takes_the_memory_of_one_layer():
    network = layers(65536, 1920)
    network[0]  # imports
    tracemalloc.start()
    layer = network[1900]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * (layer.data.nbytes + layer.indices.nbytes + layer.indptr.nbytes)


def test_iteration_slices_and_numbers_agree_and_the_depth_is_the_end():
    network = layers(64, 7)
    every = [layer.toarray() for layer in network]
    assert len(every) == len(network) == 7
    assert np.array_equal(every[-1], network[-1].toarray())
    assert [
        np.array_equal(one.toarray(), two)
        for one, two in zip(network[2:4], every[2:4], strict=True)
    ] == [True, True]
    with pytest.raises(IndexError):
        network[7]


@pytest.mark.parametrize(
    ("neurons", "depth", "named"),
    [
        (1000, 120, "neurons 1000"),
        (16, 120, "neurons 16"),
        (1024.0, 120, "neurons 1024.0"),
        (1024, 0, "depth 0"),
        (True, 1, "neurons True"),
    ],
)
def test_other_widths_and_depths_are_refused_by_their_value(neurons, depth, named):
    with pytest.raises(ValueError, match=named):
        layers(neurons, depth)


def test_images_have_as_many_ones_as_the_published_and_the_pixels_of_mnist():
    ones = mnist_images(1024).ones
    assert abs(ones - PUBLISHED_PIXELS[1024]) < 3e-5 * PUBLISHED_PIXELS[1024]
    grey = load_dataset("mnist").train_images[:70]
    (as_given, more) = mnist_images(784, 70, threshold=99).blocks()
    by_columns = grey.reshape(-1, 28, 28).transpose(0, 2, 1).reshape(-1, 784)
    assert np.array_equal(np.concatenate([as_given, more]), by_columns > 99)


def test_interpolated_pixels_are_the_bilinear_ones_between_centres():
    image = np.add.outer(3.0 * np.arange(28), 2.0 * np.arange(28))  # a plane stays one
    larger = (interpolation(56) @ image.ravel()).reshape(56, 56).T
    at = np.clip((np.arange(56) + 0.5) / 2 - 0.5, 0, 27)
    np.testing.assert_allclose(larger, np.add.outer(3 * at, 2 * at), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("neurons", "count"), [(1000, 10), (0, 10), (1024, 0), (1024, 60_001)])
def test_images_that_mnist_does_not_have_are_refused(neurons, count):
    with pytest.raises(ValueError, match=r"neurons \d+: an image is a square|count \d+: give 1 to"):
        mnist_images(neurons, count)
