"""Three ways to the answer, against each other and plain float64; and what each refuses."""

import os
import platform
import signal
import subprocess
import sys
import textwrap
from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import csr_array

from radixnet.graph_challenge import (
    BIASES,
    infer,
    layers,
    mnist_images,
    pack_images,
    prepare,
    running,
)
from radixnet.training.compiled.targets import AVX2

COUNT = 300
"""Images: two whole panels of 128, and one that neither fills a panel nor a vector."""


def plain(images, weights, bias):
    """Return the last rows of all images, from the definition and in float64."""
    values = images.astype(float)
    for matrix in weights:
        sums = values @ matrix
        values = np.where(sums != 0, np.clip(sums + bias, 0, 32), 0)
    return values


def random_network(seed, alike):
    """Return layers of unequal widths with columns of equal inputs; `alike`, each of one weight."""
    random = np.random.default_rng(seed)
    widths = [50, *random.integers(20, 70, random.integers(1, 7))]
    made = []
    for inputs, outputs in pairwise(widths):
        different = random.random((inputs, 12)) < random.uniform(0.1, 0.4)
        mask = different[:, random.integers(0, 12, outputs)]
        weights = random.uniform(0.05, 1) if alike else random.normal(0.3, 0.7, mask.shape)
        made.append((mask * weights).astype(np.float32))
    return made


def random_images(seed, pixels=50):
    """Return images of which some are black."""
    random = np.random.default_rng(seed)
    images = random.random((COUNT, pixels)) < random.uniform(0, 0.6, (COUNT, 1))
    images[::7] = False
    return images


def check(answer, expected):
    """Compare an answer with the last rows of all images."""
    alive = expected.any(axis=1)
    assert np.array_equal(answer.categories, np.flatnonzero(alive))
    np.testing.assert_allclose(answer.rows, expected[alive], rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("bias", [-0.3, 0.0, 0.2])
@pytest.mark.parametrize("seed", range(6))
def test_generic_agrees_with_float64_on_any_weights(seed, bias):
    weights, images = random_network(seed, alike=False), random_images(seed)
    expected = plain(images, [matrix.astype(float) for matrix in weights], bias)
    check(infer(images, map(csr_array, weights), bias), expected)
    check(infer(csr_array(images), [csr_array(each) for each in weights], bias), expected)


@pytest.mark.parametrize("bias", [-0.3, 0.2])
@pytest.mark.parametrize("seed", range(6))
def test_all_ways_agree_with_float64_where_weights_are_equal(seed, bias):
    weights, images = random_network(seed, alike=True), random_images(seed)
    expected = plain(images, [matrix.astype(float) for matrix in weights], bias)
    sparse = [csr_array(each) for each in weights]
    for way in ("generic", "structured", "streamed"):
        check(infer(images, sparse, bias, way), expected)


def test_large_sums_end_at_32_and_images_without_an_answer_are_no_category():
    weights = [np.full((50, 40), 5, np.float32), np.full((40, 30), 5, np.float32)]
    images = np.eye(50, dtype=bool)
    images[10:20] = False
    for way in ("generic", "structured", "streamed"):
        answer = infer(
            images,
            map(csr_array, weights) if way == "generic" else [*map(csr_array, weights)],
            -0.3,
            way,
        )
        assert set(answer.categories) == set(range(50)) - set(range(10, 20))
        assert (answer.rows == 32).all()


def test_without_avx512s_registers_the_answer_is_the_same(monkeypatch):
    weights, images = [csr_array(each) for each in random_network(1, alike=False)], random_images(1)
    before = infer(images, weights, -0.3)
    monkeypatch.setattr(running, "host", lambda: AVX2)
    after = infer(images, weights, -0.3)
    assert len(before.categories)
    assert np.array_equal(before.categories, after.categories)
    assert np.array_equal(before.values, after.values)


ON_HASWELL = """
    import numpy as np
    from radixnet.graph_challenge import infer, layers, mnist_images

    for way in ("generic", "structured"):
        answer = infer(mnist_images(64, 500, 60), layers(64, 9), -0.3, way)
        print(answer.categories.tolist(), np.sort(answer.rows.astype(float).sum(axis=1)).tolist())
"""


@pytest.mark.deep
@pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="names an x86 processor"
)
def test_code_for_avx2_gives_the_same_answer(tmp_path):
    said = []
    for settings in ({}, {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": ""}):
        env = os.environ | settings | {"NUMBA_CACHE_DIR": str(tmp_path)}
        command = [sys.executable, "-c", textwrap.dedent(ON_HASWELL)]
        said.append(subprocess.run(command, env=env, capture_output=True, check=True).stdout)
    assert said[0] == said[1] != b""


def test_the_official_network_is_a_narrow_one_with_the_same_answer():
    network, images = layers(1024, 20), mnist_images(1024, 2000)
    generic, structured, streamed = (
        infer(images, network, BIASES[1024], way) for way in ("generic", "structured", "streamed")
    )
    assert len(generic.categories) > 20
    for other in (structured, streamed):
        assert np.array_equal(other.categories, generic.categories)
        assert np.array_equal(other.rows, generic.rows)
    narrow = prepare(network, "structured")
    assert narrow.widths[0] == 1024
    assert max(narrow.widths[1:]) == 64
    assert narrow.terms < narrow.edges.sum() / 16


def test_columns_are_merged_where_they_are_equal_and_nowhere_else():
    random = np.random.default_rng(3)
    first = random.random((40, 60)) < 0.1
    second = random.random((60, 60)) < 0.1
    first[:, 30:] = first[:, :30]  # 30 pairs
    second[30:, ::2] = second[:30, ::2]
    counts = second[:30].astype(int) + second[30:]  # of the pairs that feed each column
    widths = prepare([csr_array(first), csr_array(second)], "structured").widths
    assert widths == (40, len(np.unique(first, axis=1).T), len(np.unique(counts, axis=1).T))


@pytest.mark.parametrize("way", ["structured", "streamed"])
def test_where_weights_of_a_layer_differ_merging_is_refused_with_the_layer_and_the_way_out(way):
    same = csr_array(np.eye(50, dtype=np.float32))
    other = same.copy()
    other.data[7] = 0.5
    with pytest.raises(
        ValueError, match=r"layer 2 has weights from 0.5 to 1: .* infer with way='generic'"
    ):
        infer(random_images(0), [same, other], -0.3, way)
    assert len(infer(random_images(0), [same, other], -0.3).categories)


@pytest.mark.parametrize(
    ("images", "layer", "message"),
    [
        (np.full((3, 4), 0.5), csr_array(np.eye(4)), "images hold .*0.5"),
        (np.zeros(4), csr_array(np.eye(4)), "images of shape"),
        (
            np.ones((3, 5)),
            csr_array(np.eye(4)),
            "layer 1 has 4 inputs, and the images have 5 pixels",
        ),
        (np.ones((3, 4)), np.eye(4), "layer 1 is ndarray"),
        (np.ones((3, 4)), csr_array(np.diag([1.0, np.nan, 1, 1])), "not finite"),
        (np.ones((3, 4)), csr_array(np.eye(4) * 1j), "complex"),
    ],
)
def test_what_does_not_go_together_is_refused(images, layer, message):
    with pytest.raises(ValueError, match=message):
        infer(images, [layer], -0.3)


def test_layers_that_do_not_follow_each_other_are_refused_by_number():
    with pytest.raises(ValueError, match="layer 2 has 5 inputs, and 4 neurons are before it"):
        infer(np.ones((3, 4)), [csr_array(np.eye(4)), csr_array(np.eye(5))], -0.3)
    with pytest.raises(ValueError, match="there are no layers"):
        infer(np.ones((3, 4)), [], -0.3)


def test_images_keep_their_pixels_whatever_they_are_packed_from():
    images = random_images(5)
    packed = pack_images(images)
    assert np.array_equal(np.concatenate(list(packed.blocks())), images)
    assert np.array_equal(pack_images(csr_array(images)).words, packed.words)
    assert packed.ones == images.sum()
    assert np.array_equal(packed[:70].words, pack_images(images[:70]).words)


# -- streaming -------------------------------------------------------------------------------------

KILLED = """
    import os, signal, sys
    from radixnet.graph_challenge import Layers, infer, mnist_images

    class Killing(Layers):
        def __getitem__(self, number):
            if number == 40:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__getitem__(number)

    infer(mnist_images(64, 500, 60), Killing(64, 60), -0.3, "streamed", checkpoint=sys.argv[1])
"""


class Asked(list):
    """A network that notes which of its layers are asked for."""

    def __init__(self, made):
        super().__init__(made)
        self.numbers = []

    def __getitem__(self, number):
        self.numbers.append(number)
        return super().__getitem__(number)


def test_a_stream_that_was_killed_goes_on_where_it_was(tmp_path):
    checkpoint = tmp_path / "stand"
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), checkpoint], env=os.environ, check=False
    )
    assert child.returncode == -signal.SIGKILL
    images, network = mnist_images(64, 500, 60), Asked(layers(64, 60))
    resumed = infer(images, network, -0.3, "streamed", checkpoint=checkpoint)
    assert min(network.numbers) >= 31  # 31 is compared with what was done
    whole = infer(images, layers(64, 60), -0.3, "structured")
    assert 0 < len(whole.categories) < 500
    assert np.array_equal(resumed.categories, whole.categories)
    assert np.array_equal(resumed.rows, whole.rows)
    assert np.array_equal(
        resumed.carried[:16], infer(images, layers(64, 16), -0.3, "structured").carried
    )


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    checkpoint = tmp_path / "stand"
    images, network = mnist_images(64, 200, 60), layers(64, 20)
    before = infer(images, network, -0.3, "streamed", checkpoint)
    assert np.array_equal(infer(images, network, -0.3, "streamed", checkpoint).rows, before.rows)
    others = [csr_array(layer.toarray()[::-1]) for layer in network]
    for wrong in (
        (images[:100], network, -0.3),
        (images, network, -0.2),
        (images, network[:10], -0.3),
        (images, others, -0.3),
    ):
        with pytest.raises(ValueError, match="of other images, layers or bias"):
            infer(*wrong, "streamed", checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    with pytest.raises(ValueError, match="cannot be read"):
        infer(images, network, -0.3, "streamed", checkpoint)


def test_settings_of_streaming_are_refused_elsewhere_and_a_stream_needs_a_sequence(tmp_path):
    images, network = mnist_images(64, 20), layers(64, 2)
    with pytest.raises(ValueError, match="keeps no checkpoint"):
        infer(images, network, -0.3, "generic", checkpoint=tmp_path / "stand")
    with pytest.raises(ValueError, match="takes a sequence"):
        infer(images, iter(network), -0.3, "streamed")
    with pytest.raises(ValueError, match="'fast' is not known"):
        infer(images, network, -0.3, "fast")
    with pytest.raises(ValueError, match="bias nan"):
        infer(images, network, float("nan"))
    with pytest.raises(ValueError, match="there is no folder"):
        infer(images, network, -0.3, "streamed", checkpoint=tmp_path / "missing" / "stand")
    with pytest.raises(ValueError, match="of one or more"):
        infer(images, [], -0.3, "streamed")
    with pytest.raises(ValueError, match="'streamed': give 'generic' or 'structured'"):
        prepare(network, "streamed")
