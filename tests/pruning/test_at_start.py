"""SNIP, GraSP and SynFlow against TensorFlow's derivatives, and worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from radixnet.pruning.at_start import gradient_and_change, grasp_masks, snip_masks, synflow_masks

RANDOM = np.random.default_rng(3)
WEIGHTS = [RANDOM.normal(0, 0.5, shape) for shape in ((6, 5), (5, 4), (4, 3))]
IMAGES, LABELS = RANDOM.random((20, 6)), RANDOM.integers(0, 3, 20)
TEMPERATURE = 7.0


@pytest.fixture(scope="module")
def by_tensorflow():
    """Gradient, and Hessian times the gradient, by nested tapes."""
    import tensorflow as tf

    variables = [tf.Variable(matrix) for matrix in WEIGHTS]
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            values = tf.constant(IMAGES)
            for matrix in variables[:-1]:
                values = tf.nn.relu(values @ matrix)
            logits = values @ variables[-1] / TEMPERATURE
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(LABELS, logits))
        gradient = inner.gradient(loss, variables)
        # The tape's second derivative of g . c with c held fixed is H c.
        product = sum(tf.reduce_sum(each * tf.stop_gradient(each)) for each in gradient)
    change = outer.gradient(product, variables)
    return [each.numpy() for each in gradient], [each.numpy() for each in change]


def test_derivatives_are_tensorflows(by_tensorflow):
    gradient, change = by_tensorflow
    zeros = [np.zeros_like(matrix) for matrix in WEIGHTS]
    found, _ = gradient_and_change(WEIGHTS, IMAGES, LABELS, zeros, TEMPERATURE)
    _, product = gradient_and_change(WEIGHTS, IMAGES, LABELS, gradient, TEMPERATURE)
    for ours, theirs in zip([*found, *product], [*gradient, *change], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-14)


def brute(scores, kept):
    """Return where the `kept` largest of all scores are, found by sorting (layer, row, column)."""
    places = sorted(
        (
            (-value, layer, *place)
            for layer, m in enumerate(scores)
            for place, value in np.ndenumerate(m)
        )
    )
    masks = [np.zeros(m.shape, dtype=bool) for m in scores]
    for _, layer, row, column in places[:kept]:
        masks[layer][row, column] = True
    return masks


def test_snip_keeps_the_weights_that_the_loss_feels_most():
    zeros = [np.zeros_like(matrix) for matrix in WEIGHTS]
    gradient, _ = gradient_and_change(WEIGHTS, IMAGES, LABELS, zeros)
    expected = brute([np.abs(w * g) for w, g in zip(WEIGHTS, gradient, strict=True)], kept=25)
    for ours, theirs in zip(
        snip_masks(WEIGHTS, IMAGES, LABELS, 1 - 25 / 62), expected, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_grasp_removes_the_weights_without_which_the_gradient_grows():
    """The squared norm of the gradient g changes by -2 w . (H g) when w goes: by differences."""
    from radixnet.pruning import at_start

    def norm(weights):
        gradient, _ = gradient_and_change(
            weights, IMAGES, LABELS, WEIGHTS, at_start.GRASP_TEMPERATURE
        )
        return sum((each**2).sum() for each in gradient)

    scores = []
    for layer, matrix in enumerate(WEIGHTS):
        score = np.empty(matrix.shape)
        for place in np.ndindex(matrix.shape):
            ends = []
            for step in (1 - 1e-4, 1 + 1e-4):
                moved = [m.copy() for m in WEIGHTS]
                moved[layer][place] *= step
                ends.append(norm(moved))
            score[place] = (
                ends[1] - ends[0]
            )  # along the weight: the larger, the more its removal costs
        scores.append(score)
    expected = brute(scores, kept=25)
    found = grasp_masks(WEIGHTS, IMAGES, LABELS, 1 - 25 / 62)
    assert sum((a == b).sum() for a, b in zip(found, expected, strict=True)) == 62


def test_synflow_scores_are_sums_over_paths():
    """Two inputs, two hidden units, one output: paths of 1 x 4, 2 x 1, 3 x 4 and 0.5 x 1."""
    from radixnet.pruning.at_start import _flows

    first, second = _flows([np.array([[1.0, 2.0], [3.0, 0.5]]), np.array([[4.0], [1.0]])])
    np.testing.assert_allclose(first, [[4, 2], [12, 0.5]])
    np.testing.assert_allclose(second, [[16], [2.5]])


def test_synflow_never_cuts_a_layer_off():
    """At 99 %, through a layer of two units (Tanaka et al., 2020, theorem 3)."""
    weights = [RANDOM.normal(size=shape) for shape in ((100, 50), (50, 2), (2, 10))]
    masks = synflow_masks(weights, 0.99)
    paths = masks[0].astype(int) @ masks[1] @ masks[2]
    assert paths.any()
    assert sum(map(np.count_nonzero, masks)) == pytest.approx(0.01 * 5120, abs=1)


@pytest.mark.parametrize("images", [np.ones((3, 5)), np.ones(6)])
def test_images_of_another_width_are_refused(images):
    with pytest.raises(ValueError, match="do not go together"):
        snip_masks(WEIGHTS, images, LABELS[:3], 0.5)


def test_snip_keeps_weights_that_the_loss_does_not_feel_when_so_many_are_wanted():
    blank = IMAGES.copy()
    blank[:, :3] = 0  # no loss feels their 15 weights, of 62
    masks = snip_masks(WEIGHTS, blank, LABELS, 0.1)
    assert sum(int(mask.sum()) for mask in masks) == 56
    zeros = [np.zeros_like(matrix) for matrix in WEIGHTS]
    gradient, _ = gradient_and_change(WEIGHTS, blank, LABELS, zeros)
    for slope, mask in zip(gradient, masks, strict=True):
        assert not slope[~mask].any()


@pytest.mark.parametrize("label", [-1, 3])
def test_labels_that_are_no_output_are_refused(label):
    with pytest.raises(ValueError, match="the last layer has 3 outputs"):
        snip_masks(WEIGHTS, IMAGES, [label] * 20, 0.5)


def test_layers_that_do_not_follow_each_other_are_refused():
    with pytest.raises(ValueError, match="do not go together"):
        snip_masks([WEIGHTS[0], WEIGHTS[2]], IMAGES, LABELS, 0.5)
