"""SET, RigL and CHTs exchange the connections that their papers say: cases worked out by hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

import radixnet as rx
from radixnet.training import RunSpec, train
from radixnet.training.rewiring import Moment, chts, dense_gradient, looks, rigl, sparse_evolution
from radixnet.training.rewiring.moment import drawn

SEED = 3


def moment(weights, done=0.0, gradient=None, mask=None) -> Moment:
    """Return a moment of one layer; connections are where weights are not zero."""
    weights = np.array(weights, dtype=np.float32)
    mask = weights != 0 if mask is None else np.array(mask, dtype=bool)
    random = np.random.default_rng(SEED)
    slopes = None if gradient is None else np.array(gradient, dtype=np.float32)
    return Moment([mask], [weights], done, lambda: [slopes], random)


def test_set_looks_after_every_epoch_but_the_last_and_the_others_for_three_quarters():
    assert list(looks("fixed", 10, 3)) == []
    assert list(looks("set", 10, 3)) == [10, 20]
    assert list(looks("chts", 10, 4)) == [10, 20]
    assert list(looks("rigl", 540, 1)) == [100, 200, 300, 400]


def test_set_drops_of_each_sign_what_is_nearest_to_zero():
    """Of ten positive weights the three smallest, of four negative ones one, and what is zero."""
    positive = np.arange(1, 11) / 100
    weights = np.zeros((4, 10))
    weights[0], weights[1, :4] = positive, [-9, -8, -7, -6]
    mask = weights != 0
    mask[1, 4] = True  # a connection whose weight is zero
    (found,) = sparse_evolution.rewired(moment(weights, mask=mask))
    assert found[0, 3:].all()
    assert found[1, :3].all()
    assert found.sum() == 15
    dropped = [(0, 0), (0, 1), (0, 2), (1, 3), (1, 4)]
    again = [
        sparse_evolution.rewired(
            dataclasses.replace(moment(weights, mask=mask), random=np.random.default_rng(seed))
        )[0]
        for seed in range(300)
    ]
    often = np.mean(again, axis=0)
    # Five come to 30 places that are free, those of the dropped ones too.
    assert often[2:].mean() == pytest.approx(5 / 30, abs=0.02)
    assert np.mean([often[place] for place in dropped]) == pytest.approx(5 / 30, abs=0.04)


def test_rigl_exchanges_the_smallest_weights_for_the_largest_gradients():
    weights = [[0.5, -0.1, 0.2, 3, -4, 5, 6, 7, 8, 9, 0, 0, 0, 0]]
    gradient = [[0, 0, 7, 99, 99, 0, 0, 0, 0, 0, 1, -8, 2, -3]]
    (start,) = rigl.rewired(moment(weights, 0, gradient))
    # Three of ten go: 0.1, 0.2 and 0.5. Of what is free, |-8|, |7| and |-3| come: one stays.
    assert np.flatnonzero(start[0]).tolist() == [2, 3, 4, 5, 6, 7, 8, 9, 11, 13]
    # Halfway to the end of exchanges, 15 % go: one.
    (half,) = rigl.rewired(moment(weights, rigl.UNTIL / 2, gradient))
    assert np.flatnonzero(half[0]).tolist() == [0, 2, 3, 4, 5, 6, 7, 8, 9, 11]


@pytest.mark.parametrize(("slope", "with_biases"), [(0.0, False), (0.2, True)])
def test_gradients_of_missing_connections_are_slopes_of_the_loss(slope, with_biases):
    random = np.random.default_rng(1)
    weights = [random.normal(0, 1, shape) for shape in ((5, 4), (4, 6), (6, 3))]
    weights[0][2], weights[2][1] = 0, 0
    biases = [random.normal(0, 1, len(w.T)) for w in weights] if with_biases else None
    images, labels = random.random((7, 5)), random.integers(0, 3, 7)

    def loss():
        values = images
        for number, matrix in enumerate(weights):
            values = values @ matrix + (biases[number] if biases else 0)
            if number < 2:
                values = np.where(values > 0, values, slope * values)
        return np.mean(
            [np.log(np.exp(v).sum()) - v[k] for v, k in zip(values, labels, strict=True)]
        )

    found = dense_gradient(weights, biases, slope, images, labels)
    for matrix, slopes in zip(weights, found, strict=True):
        for place in np.ndindex(matrix.shape):
            before, step = matrix[place], 1e-6
            matrix[place] = before + step
            above = loss()
            matrix[place] = before - step
            assert (above - loss()) / (2 * step) == pytest.approx(slopes[place], abs=1e-7)
            matrix[place] = before


@pytest.mark.parametrize("rewiring", ["set", "rigl", "chts"])
def test_a_run_that_diverges_keeps_its_number_of_connections_and_says_so(rewiring):
    random = np.random.default_rng(SEED)
    images = random.integers(0, 256, (700, 20), dtype=np.uint8)
    labels = random.integers(0, 4, 700, dtype=np.uint8)
    data = rx.Dataset("mnist", images, labels, images, labels, tuple("abcd"), "sum")
    masks = [random.random(shape) < 0.5 for shape in ((20, 12), (12, 8), (8, 4))]
    spec = RunSpec(masks, epochs=3, batch_size=5, learning_rate=1e5, rewiring=rewiring)
    spec = dataclasses.replace(spec, optimizer="sgd", activation="linear")  # no unit dies
    result = train(spec, dataset=data, keep_weights=True)
    assert [int(mask.sum()) for mask in result.masks] == [int(mask.sum()) for mask in masks]
    assert result.diverged


def test_a_score_of_chts_worked_out_by_hand():
    """One path of length three: a - x - b - y.

    Middle b has one connection into a's neighbours and none elsewhere but y: 2 / 1. So has x.
    """
    assert chts.scores(np.array([[1, 0], [1, 1]], dtype=bool)).tolist() == [[0, 4], [0, 0]]


def test_scores_of_chts_are_sums_over_the_middles_of_paths_of_length_three():
    random = np.random.default_rng(4)
    mask = random.random((7, 6)) < 0.4
    inputs = [set(np.flatnonzero(column)) for column in mask.T]  # of each output
    outputs = [set(np.flatnonzero(row)) for row in mask]  # of each input
    found = chts.scores(mask)
    for u, v in np.ndindex(mask.shape):
        right = 0.0
        if not mask[u, v]:
            for near, far, sides in ((u, v, (outputs, inputs)), (v, u, (inputs, outputs))):
                for z in sides[1][far]:
                    inside = len(sides[0][z] & sides[0][near])
                    elsewhere = len(sides[0][z] - sides[0][near] - {far})
                    right += (1 + inside) / (1 + elsewhere) if inside else 0
        assert found[u, v] == pytest.approx(right, rel=1e-6)


def test_hidden_units_without_inputs_or_outputs_lose_the_other_side():
    first = np.array([[1, 1, 0], [0, 1, 0]], dtype=bool)  # unit 2 has no inputs
    second = np.array([[0, 0], [1, 0], [1, 1]], dtype=bool)  # unit 0 has no outputs
    one, other = chts.without_dead_ends([first, second])
    assert one.tolist() == [[False, True, False], [False, True, False]]
    assert other.tolist() == [[False, False], [True, False], [False, False]]


def test_draws_follow_their_scores_one_after_the_other():
    """Of scores 1, 2 and 3: all but the first with chance 2/6 3/4 + 3/6 2/3, and so on."""
    random = np.random.default_rng(SEED)
    scores, among = np.array([1.0, 2, 3, 9]), np.array([True, True, True, False])
    rounds = [drawn(scores, among, 2, random) for _ in range(4000)]
    assert not any(each[3] for each in rounds)
    left_out = np.mean([~each[:3] for each in rounds], axis=0)
    pairs = {(0, 1): 0, (0, 2): 1, (1, 2): 2}
    for (a, b), out in zip(pairs, (2, 1, 0), strict=True):
        chance = scores[a] / 6 * scores[b] / (6 - scores[a])
        chance += scores[b] / 6 * scores[a] / (6 - scores[b])
        assert left_out[out] == pytest.approx(chance, abs=0.03)


@pytest.mark.parametrize(("done", "share", "power"), [(0, 0.3, 1), (chts.UNTIL / 2, 0.15, 2)])
def test_chts_keeps_weights_by_chance_in_proportion_to_a_power_that_rises(done, share, power):
    """As NumPy draws without replacement; in one row no path has length three: any place comes."""
    weights = np.zeros((1, 200))
    weights[0, :100] = np.tile([0.2, 1.0], 50)
    going = int(share * 100)
    chances = weights[0] ** power / (weights[0] ** power).sum()
    ours, theirs = [], []
    for seed in range(400):
        random = np.random.default_rng(seed)
        (found,) = chts.rewired(dataclasses.replace(moment(weights, done), random=random))
        assert found.sum() == 100
        ours.append(found[0, 0:100:2].sum())
        kept = random.choice(200, 100 - going, replace=False, p=chances)
        weak = np.count_nonzero(weights[0, kept] < 1)
        theirs.append(weak + going * (50 - weak) / (100 + going))
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=0.5)


def small_dataset() -> rx.Dataset:
    """Return the first rows of MNIST."""
    data = rx.load_dataset("mnist")
    return dataclasses.replace(
        data, train_images=data.train_images[:3000], train_labels=data.train_labels[:3000]
    )


@pytest.mark.parametrize("name", ["set", "rigl", "chts"])
def test_layers_keep_their_numbers_and_runs_repeat_to_the_last_bit(name):
    topology = rx.RadixTopology([[10, 10], [10]], (784, 300, 100, 10))
    spec = RunSpec(topology, seed=1, epochs=4, batch_size=50, rewiring=name)
    one, other = (train(spec, keep_weights=True, dataset=small_dataset()) for _ in range(2))
    for mask, start, weights in zip(one.masks, spec.masks, one.weights, strict=True):
        assert mask.sum() == start.sum()
        assert (weights[~mask] == 0).all()
    assert (one.masks[0] & ~spec.masks[0]).sum() > 1000
    assert one.test_loss.tolist() == other.test_loss.tolist()
    fixed = train(dataclasses.replace(spec, rewiring="fixed"), True, small_dataset())
    assert all((a == b).all() for a, b in zip(fixed.masks, spec.masks, strict=True))


def test_losses_of_an_epoch_in_parts_are_those_of_all_its_rows():
    """RigL that finds nothing to exchange, as all connections are there, trains as if fixed."""
    masks = [np.ones((784, 12), dtype=bool), np.ones((12, 10), dtype=bool)]
    spec = RunSpec(masks, seed=1, epochs=3, batch_size=10)
    fixed = train(spec, dataset=small_dataset())
    rewired = train(dataclasses.replace(spec, rewiring="rigl"), dataset=small_dataset())
    assert rewired.train_loss == pytest.approx(fixed.train_loss, rel=1e-12)
    assert rewired.train_accuracy == pytest.approx(fixed.train_accuracy, rel=1e-12)
    assert rewired.test_loss.tolist() == fixed.test_loss.tolist()
    assert math.isfinite(rewired.test_loss[-1])


def test_keras_refuses_to_exchange_connections():
    with pytest.raises(ValueError, match="only the sparse engine exchanges connections"):
        RunSpec([np.ones((784, 10), bool)], engine="keras", rewiring="set")
