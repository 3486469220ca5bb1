"""Pruned Keras models: as sparse as asked, for good, whatever trains, saves or loads them."""

import numpy as np
import pytest

import radixnet as rx

keras = pytest.importorskip("keras")
numbers = keras.ops.convert_to_numpy  # NumPy's own way does not read every backend

TOPOLOGY = rx.RadixTopology([[2, 3], [3]], (12, 9, 7, 3))
OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(0.05),
    "SGD with momentum": lambda: keras.optimizers.SGD(0.5, momentum=0.9, nesterov=True),
}


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(3)
    inputs = generator.normal(size=(96, 12)).astype(np.float32)
    return inputs, np.argmax(inputs[:, :3] + inputs[:, 3:6], axis=1)


def sequential(compiled=True, optimizer="adam", **settings):
    keras.utils.set_random_seed(1)
    layers = [
        keras.layers.Dense(20, "relu"),
        keras.layers.Dense(10, "tanh"),
        keras.layers.Dense(3, "softmax"),
    ]
    model = keras.Sequential([keras.Input((12,)), *layers])
    if compiled:
        model.compile(optimizer, "sparse_categorical_crossentropy", **settings)
    return model


def nested():
    """Return a model in a model, with shared and wrapped layers, a RadixLayer, and others."""
    keras.utils.set_random_seed(1)
    shared = keras.layers.Dense(12, "relu", name="shared")
    inner = keras.Sequential(
        [keras.Input((12,)), keras.layers.BatchNormalization(), keras.layers.Dense(6)], name="inner"
    )
    start = keras.Input((12,))
    repeated = keras.layers.Reshape((2, 6))(shared(start))
    wrapped = keras.layers.Flatten()(
        keras.layers.TimeDistributed(keras.layers.Dense(4, name="wrapped"))(repeated)
    )
    wired = rx.RadixLayer(5, np.arange(70).reshape(14, 5) % 2 == 0, name="wired", use_bias=True)
    joined = wired(
        keras.layers.Concatenate()([inner(shared(keras.layers.Rescaling(0.5)(start))), wrapped])
    )
    model = keras.Model(start, keras.layers.Dense(3, "softmax", name="last")(joined))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def custom():
    model = rx.CustomModel(TOPOLOGY, seed=1, use_bias=True)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def kernels(model):
    return [numbers(layer.kernel) for layer in model._flatten_layers() if hasattr(layer, "kernel")]


def others(model):
    return [numbers(variable) for variable in model.variables if variable.name != "kernel"]


@pytest.mark.parametrize(
    ("make", "count"),
    [(sequential, 3), (nested, 5), (custom, 3)],
    ids=["sequential", "nested", "custom"],
)
@pytest.mark.parametrize("scope", ["layer", "network"])
def test_the_smallest_weights_become_zero_and_nothing_else_changes(make, count, scope):
    model = make()
    before, rest = [kernel.ravel() for kernel in kernels(model)], others(model)
    assert len(before) == count
    rx.prune(model, 0.8, scope)
    after = [kernel.ravel() for kernel in kernels(model)]
    if scope == "network":
        before, after = [np.concatenate(before)], [np.concatenate(after)]
    for was, now in zip(before, after, strict=True):
        assert np.count_nonzero(now == 0) == round(0.8 * now.size)
        np.testing.assert_array_equal(now[now != 0], was[now != 0])
        assert np.abs(was[now == 0]).max() <= np.abs(now[now != 0]).min()
    for a, b in zip(others(model), rest, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("make_optimizer", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
def test_pruned_weights_stay_zero_when_training_goes_on(data, make_optimizer):
    """The model has trained before: its compiled step and its momentum know nothing of pruning."""
    model = sequential(optimizer=make_optimizer())
    model.fit(*data, epochs=2, batch_size=16, verbose=0)
    rx.prune(model, 0.7)
    masks = rx.remaining_masks(model)
    before = kernels(model)
    model.fit(*data, epochs=2, batch_size=16, verbose=0)
    for kernel, mask, was in zip(kernels(model), masks, before, strict=True):
        assert not kernel[~mask].any()
        assert (kernel[mask] != was[mask]).any()


@pytest.mark.parametrize("make", [sequential, nested, custom])
def test_a_pruned_model_that_was_saved_is_as_sparse_and_stays_so(make, data, tmp_path):
    model = make()
    model.fit(*data, batch_size=48, verbose=0)
    rx.prune(model, 0.75)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(numbers(loaded(data[0])), numbers(model(data[0])))
    loaded.fit(*data, batch_size=16, verbose=0)
    for mask, kernel in zip(rx.remaining_masks(model), kernels(loaded), strict=True):
        assert not kernel[~mask].any()
        assert kernel[mask].any()


def test_a_radix_net_becomes_the_network_of_the_connections_that_are_left(data):
    model = custom()
    model.radix_layers[0].kernel.assign(
        np.full((12, 9), 5.0)
    )  # off the mask too, where it must not count
    rx.prune(model, 0.9)
    assert model.sparsity == pytest.approx(
        1 - sum(round(0.1 * mask.size) for mask in TOPOLOGY.masks) / 192, abs=0.01
    )
    for left, mask, kernel in zip(model.masks, TOPOLOGY.masks, kernels(model), strict=True):
        assert left.sum() == left.size - round(0.9 * left.size)
        assert not (left & ~mask).any()
        np.testing.assert_array_equal(kernel != 0, left)
    model.fit(*data, batch_size=16, verbose=0)
    for slot in model.optimizer.variables:
        for left in model.masks:
            if tuple(slot.shape) == left.shape:
                assert not numbers(slot)[~left].any()


def test_the_wiring_that_is_left_trains_by_itself():
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Dense(30, "relu", use_bias=False),
        keras.layers.Dense(10, "softmax", use_bias=False),
    ]
    model = keras.Sequential([keras.Input((784,)), *layers])
    rx.prune(model, 0.9)
    result = rx.train(rx.RunSpec(rx.remaining_masks(model), epochs=1), keep_weights=True)
    assert result.test_accuracy[-1] > 0.5
    for weights, mask in zip(result.weights, rx.remaining_masks(model), strict=True):
        assert not weights[~mask].any()


class Recorder(keras.callbacks.Callback):
    """Notes after every step which weights are zero."""

    def __init__(self):
        super().__init__()
        self.zeros = []

    def on_train_batch_end(self, batch, logs=None):  # noqa: ARG002
        self.zeros.append([kernel == 0 for kernel in kernels(self.model)])


@pytest.mark.parametrize(
    ("make", "jit"), [(sequential, False), (sequential, True), (custom, False)]
)
def test_gradual_pruning_follows_the_formula_and_never_gives_a_weight_back(make, jit, data):
    model = make()
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", jit_compile=jit)
    model.fit(*data, batch_size=16, verbose=0)
    start = [np.count_nonzero(kernel == 0) for kernel in kernels(model)]
    recorder = Recorder()
    pruning = rx.GradualPruning(0.85, begin_step=2, prunings=4, frequency=3)
    model.fit(*data, epochs=3, batch_size=16, verbose=0, callbacks=[recorder, pruning])
    assert len(recorder.zeros) == 18
    for step, zeros in enumerate(recorder.zeros):  # what step number `step` left behind
        last = max((t for t in range(2, 15, 3) if t <= step), default=None)
        for zero, at_start in zip(zeros, start, strict=True):
            asked = 0 if last is None else 0.85 - 0.85 * (1 - (last - 2) / 12) ** 3
            assert np.count_nonzero(zero) == max(at_start, round(asked * zero.size)), step
    for earlier, later in zip(recorder.zeros, recorder.zeros[1:], strict=False):
        assert all((b | ~a).all() for a, b in zip(earlier, later, strict=True))
    assert [step for step, _ in pruning.history] == [2, 5, 8, 11, 14]
    ends = [kernel == 0 for kernel in kernels(model)]
    model.fit(*data, batch_size=16, verbose=0)
    assert all((kernel[zero] == 0).all() for kernel, zero in zip(kernels(model), ends, strict=True))
    total = sum(zero.size for zero in ends)
    assert pruning.history[-1][1] == pytest.approx(
        sum(map(np.count_nonzero, ends)) / total, abs=1e-12
    )


def test_gradual_pruning_removes_the_weights_that_are_smallest_at_that_moment(data):
    """With a learning rate of zero nothing moves: gradual pruning ends as one-shot pruning."""
    gradual, at_once = (sequential(optimizer=keras.optimizers.SGD(0.0)) for _ in range(2))
    gradual.fit(
        *data,
        epochs=2,
        batch_size=16,
        verbose=0,
        callbacks=[rx.GradualPruning(0.6, 0, 5, 2, scope="network")],
    )
    rx.prune(at_once, 0.6, "network")
    for a, b in zip(kernels(gradual), kernels(at_once), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras on PyTorch takes one step at a time"
)
def test_several_steps_in_one_execution_prune_as_soon_as_they_are_over(data):
    model = sequential(steps_per_execution=4)
    model.fit(
        *data, epochs=2, batch_size=16, verbose=0, callbacks=[rx.GradualPruning(0.6, 1, 3, 2)]
    )
    assert [np.count_nonzero(kernel == 0) for kernel in kernels(model)] == [144, 120, 18]


def test_a_frozen_layer_is_pruned_and_stays_frozen(data):
    model = sequential(compiled=False)
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(
        *data, batch_size=16, epochs=2, verbose=0, callbacks=[rx.GradualPruning(0.5, 0, 3, 2)]
    )
    assert np.count_nonzero(kernels(model)[0] == 0) == 120
    assert not model.layers[0].trainable


def constrained(layer):
    return keras.Sequential([keras.Input((12,)), layer])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: "model", "model of type str: give a Keras model"),
        (lambda: keras.Sequential([keras.layers.Dense(3)]), "is not built"),
        (lambda: keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(2, 2)]),
         "has no Dense and no RadixLayer.*Conv2D"),
        (lambda: constrained(keras.layers.Dense(3, kernel_constraint="non_neg", name="bounded")),
         "layer 'bounded' has the kernel constraint NonNeg"),
        (lambda: constrained(rx.RadixLayer(3, np.eye(12), name="on", kernel_constraint="non_neg")),
         "layer 'on' has the kernel constraint NonNeg"),
        (lambda: rx.CustomModel(TOPOLOGY, seed=1), "layer 1 has sparsity .* already"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_pruned_says_why_and_stays_as_it_was(make, message):
    model = make()
    with pytest.raises(ValueError, match=message):
        rx.prune(model, 0.1)
    if isinstance(model, rx.CustomModel):
        assert all(
            (kernel != 0)[mask].all()
            for kernel, mask in zip(kernels(model), TOPOLOGY.masks, strict=True)
        )


def test_a_schedule_that_is_longer_than_the_training_is_refused_before_it_begins(data):
    model = sequential()
    before = kernels(model)
    with pytest.raises(
        ValueError, match=r"last pruning is at step 100, and fit takes 6 steps \(1 epochs of 6\)"
    ):
        model.fit(*data, batch_size=16, verbose=0, callbacks=[rx.GradualPruning(0.5, 0, 10, 10)])
    np.testing.assert_array_equal(kernels(model)[0], before[0])


def test_training_that_stops_before_the_schedule_warns_and_keeps_what_was_pruned(data):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):  # noqa: ARG002
            self.model.stop_training = batch == 2

    model = sequential()
    pruning = rx.GradualPruning(0.5, 0, 5, 1)
    with pytest.warns(
        UserWarning, match="training ended after 3 steps, before the last pruning at step 5"
    ):
        model.fit(*data, batch_size=16, verbose=0, callbacks=[Stop(), pruning])
    assert np.count_nonzero(kernels(model)[0] == 0) == round(240 * pruning.schedule.sparsity(3))
