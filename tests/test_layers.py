"""`Mask`, `RadixLayer` and `CustomModel`: trained, saved, loaded, compared with NumPy and `Dense`.

Masked weights are checked after training too: zero, and without optimizer state.
"""

import copy
import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

import radixnet as rx
from radixnet.initializers import starting_weights
from reference import trimmed_masks

keras = pytest.importorskip("keras")
numbers = keras.ops.convert_to_numpy  # NumPy's own way does not read every backend
ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
DOUBLE = pytest.mark.skipif(not ON_TENSORFLOW, reason="double precision is TensorFlow's alone")
TOPOLOGY = rx.RadixTopology([[2, 3], [3]], (12, 9, 7, 3))
NAN = float("nan")


@pytest.fixture(scope="module")
def data():
    """Return 96 rows with 12 inputs and one of three classes, which an easy rule gives."""
    inputs = np.random.default_rng(3).normal(size=(96, 12)).astype(np.float32)
    return inputs, np.argmax(inputs[:, :3] + inputs[:, 3:6], axis=1)


@pytest.fixture
def saved(tmp_path):
    """Return a function that saves a model and loads it."""

    def save_and_load(model, **options):
        model.save(tmp_path / "model.keras")
        return keras.models.load_model(tmp_path / "model.keras", **options)

    return save_and_load


@keras.saving.register_keras_serializable("radixnet_tests")
def doubled(values):
    return 2 * values


def unregistered(values):
    return keras.ops.abs(values)


def compiled(model, optimizer="adam", **kwargs):
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], **kwargs)
    return model


def kernels(model):
    return [numbers(layer.kernel) for layer in model.radix_layers]


def output(model, inputs):
    return numbers(model(inputs))


def assert_masked_weights_are_zero(model):
    for kernel, mask in zip(kernels(model), model.masks, strict=True):
        assert np.all(np.isfinite(kernel))
        assert not np.any(kernel[~mask])


def assert_same_model(one, other, inputs):
    """Compare masks bit for bit and outputs exactly."""
    for a, b in zip(one.masks, other.masks, strict=True):
        np.testing.assert_array_equal(a, b, strict=True)
    np.testing.assert_array_equal(output(one, inputs), output(other, inputs))


def assert_same_settings(one, other):
    """Compare what each layer is, not what it has learned."""

    def settings_of(model):
        return (
            [layer.get_config() for layer in model.radix_layers],
            [str(weight.dtype) for weight in model.weights],
            [weight.path for weight in model.trainable_weights],
            (model.dtype_policy.name, model.trainable, model.name),
        )

    assert settings_of(one) == settings_of(other)


def copies_of(model, saved):
    """Return the model saved and loaded, and that of its configuration with the same weights."""
    other = type(model).from_config(json.loads(json.dumps(model.get_config())))
    other.set_weights(model.get_weights())
    return saved(model), other


# -- the forward pass ----------------------------------------------------------------------------


def relu(values):
    return np.maximum(values, 0)


def softmax(values):
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("lists", "sizes", "use_bias"),
    [
        ([[4]], (12, 3), True),
        ([[2, 3], [3]], (12, 9, 7, 3), False),
        ([[6], [2, 3], [2, 1]], (12, 5, 9, 7, 4, 3), True),
    ],
    ids=["1 layer", "3 layers", "5 layers"],
)
def test_model_and_loss_equal_numpy_in_double_precision(lists, sizes, use_bias, data):
    inputs, classes = data
    model = compiled(rx.CustomModel(rx.RadixTopology(lists, sizes), use_bias=use_bias, seed=4))
    generator = np.random.default_rng(0)
    masks = trimmed_masks(lists, sizes)
    assert (model.input_shape, model.output_shape) == ((None, 12), (None, 3))
    assert model.connections == sum(map(np.sum, masks))
    assert model.sparsity == pytest.approx(1 - model.connections / sum(map(np.size, masks)))
    values = inputs.astype(np.float64)
    for number, (layer, mask) in enumerate(zip(model.radix_layers, masks, strict=True)):
        kernel = generator.normal(scale=0.6, size=mask.shape)
        layer.kernel.assign(kernel)  # masked entries too: the layer must not use them
        values = values @ np.where(mask, kernel, 0)
        if use_bias:
            bias = generator.normal(size=mask.shape[1])
            layer.bias.assign(bias)
            values = values + bias
        values = softmax(values) if number == len(masks) - 1 else relu(values)
    np.testing.assert_allclose(output(model, inputs), values, rtol=2e-4, atol=2e-6)
    loss, accuracy = model.evaluate(inputs, classes, verbose=0)
    assert loss == pytest.approx(-np.log(values[np.arange(96), classes]).mean(), rel=1e-4)
    assert accuracy == pytest.approx((values.argmax(axis=1) == classes).mean(), abs=1e-6)


def test_layer_equals_a_dense_layer_whose_kernel_is_masked_penalties_included(data):
    mask = TOPOLOGY.masks[0]
    penalties = {"kernel_regularizer": "l1", "bias_regularizer": "l2", "activity_regularizer": "l1"}
    layer = rx.RadixLayer(9, mask, activation="tanh", use_bias=True, **penalties)
    dense = keras.layers.Dense(9, activation="tanh", **penalties)
    for one, kernel in ((layer, np.ones((12, 9)) * 0.3), (dense, mask * 0.3)):
        one.build((None, 12))
        one.set_weights([kernel, np.linspace(-1, 1, 9)])
    np.testing.assert_allclose(output(layer, data[0]), output(dense, data[0]), rtol=1e-6)
    assert len(layer.losses) == 3
    losses = [sum(map(numbers, one.losses)) for one in (layer, dense)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_inputs_of_more_than_two_axes_go_through_their_last_one():
    layer = rx.RadixLayer(3, np.random.default_rng(0).random((4, 3)) < 0.5)
    inputs = np.random.default_rng(1).normal(size=(2, 5, 6, 4)).astype(np.float32)
    result = output(layer, inputs)
    assert result.shape == (2, 5, 6, 3) == layer.compute_output_shape(inputs.shape)
    np.testing.assert_allclose(result, inputs @ numbers(layer.kernel), rtol=1e-5, atol=1e-7)


def test_layer_trims_a_larger_layerval_to_its_first_rows_and_columns():
    """As in the paper: one expanded matrix serves layers of many sizes."""
    layerval = np.random.default_rng(5).integers(0, 2, size=(20, 15))
    layer = rx.RadixLayer(6, layerval)
    layer.build((None, 11))
    np.testing.assert_array_equal(layer.mask.mask, layerval[:11, :6] == 1)
    np.testing.assert_array_equal(numbers(layer.kernel) != 0, layerval[:11, :6] == 1)


@pytest.mark.parametrize(
    "layerval",
    [[[1, 0], [0, 2]], np.eye(2), np.eye(2, dtype=bool), -np.eye(2, dtype=np.int8)],
    ids=["list", "float", "bool", "int"],
)
def test_a_nonzero_layerval_is_a_connection_whatever_its_type(layerval):
    np.testing.assert_array_equal(rx.Mask(layerval).mask, np.eye(2, dtype=bool))


def test_a_mask_does_not_follow_changes_of_the_array_that_it_was_made_of():
    layerval = np.eye(3, dtype=bool)
    layer, mask = rx.RadixLayer(3, layerval), rx.Mask(layerval)
    layerval[:] = True
    layer.build((None, 3))
    np.testing.assert_array_equal(layer.mask.mask, np.eye(3, dtype=bool))
    np.testing.assert_array_equal(mask.mask, np.eye(3, dtype=bool))


def test_masks_of_any_kind_make_a_model():
    square = np.eye(3, dtype=bool)
    masks = [np.eye(4, 3), square, square]  # one array for two layers, which differ in activation
    model = rx.CustomModel(masks, seed=0)
    for found, mask in zip(model.masks, masks, strict=True):
        np.testing.assert_array_equal(found, mask == 1)
    names = [layer.activation.__name__ for layer in model.radix_layers]
    assert names == ["relu", "relu", "softmax"]


# -- inside other models -------------------------------------------------------------------------


def test_layers_and_models_are_used_in_other_models_more_than_once(data, saved):
    """A layer and a model in two branches each, with layers of Keras before and after."""
    mask = np.arange(12 * 8).reshape(12, 8) % 3 == 0
    start = keras.Input((12,))
    shared = rx.RadixLayer(8, mask, activation="relu", use_bias=True, name="shared")
    inner = rx.CustomModel(TOPOLOGY, seed=1)
    branches = [start, keras.layers.Rescaling(0.5)(start)]
    joined = keras.layers.Concatenate()(
        [part(branch) for part in (shared, inner) for branch in branches]
    )
    model = compiled(keras.Model(start, keras.layers.Dense(3, activation="softmax")(joined)))
    before = model.evaluate(*data, verbose=0)[0]
    model.fit(*data, epochs=3, batch_size=16, verbose=0)
    assert model.evaluate(*data, verbose=0)[0] < before
    assert not np.any(numbers(shared.kernel)[~mask])
    assert_masked_weights_are_zero(inner)
    loaded = saved(model)
    assert len(loaded.weights) == len(model.weights) == 2 + 3 + 2
    np.testing.assert_array_equal(loaded.get_layer("shared").layerval, mask)
    np.testing.assert_array_equal(output(loaded, data[0]), output(model, data[0]))


def test_models_of_default_name_and_from_one_file_form_ensembles_that_are_saved(data, saved):
    members = [rx.CustomModel(TOPOLOGY, seed=seed) for seed in (1, 2)]
    again = saved(members[0])
    again.name = "second"
    start = keras.Input((12,))
    model = keras.Model(start, keras.layers.Add()([one(start) for one in (*members, again)]))
    expected = 2 * output(members[0], data[0]) + output(members[1], data[0])
    np.testing.assert_allclose(output(saved(model), data[0]), expected, rtol=1e-5)


def test_a_model_inside_another_keeps_its_settings(data, saved):
    options = {"dtype": "mixed_bfloat16", "kernel_regularizer": "l2", "name": "inner"}
    inner = rx.CustomModel(TOPOLOGY, seed=1, **options)
    inner.radix_layers[0].trainable = False
    start = keras.Input((12,))
    model = keras.Model(start, keras.layers.Dense(2)(inner(start)))
    loaded = saved(model)
    assert type(loaded.get_layer("inner")) is rx.CustomModel
    assert_same_settings(loaded.get_layer("inner"), inner)
    np.testing.assert_array_equal(output(loaded, data[0]), output(model, data[0]))


# -- training ------------------------------------------------------------------------------------

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(0.05),
    "AdamW": lambda: keras.optimizers.AdamW(0.05, weight_decay=0.1),
    "clipped": lambda: keras.optimizers.RMSprop(0.02, momentum=0.5, global_clipnorm=1.0),
}


@pytest.mark.parametrize("make_optimizer", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
def test_masked_weights_stay_zero_and_gather_no_optimizer_state(data, make_optimizer):
    model = compiled(rx.CustomModel(TOPOLOGY, seed=1), make_optimizer())
    start = kernels(model)
    model.fit(*data, epochs=3, batch_size=16, verbose=0)
    assert_masked_weights_are_zero(model)
    slots = 0
    for kernel, mask, before in zip(kernels(model), TOPOLOGY.masks, start, strict=True):
        assert np.any(kernel[mask] != before[mask])
        for slot in map(numbers, model.optimizer.variables):
            if slot.shape == mask.shape:
                slots += 1
                assert np.any(slot)
                assert not np.any(slot[~mask])
    assert slots >= len(TOPOLOGY.masks)


def test_training_equals_a_dense_network_whose_kernels_are_masked_by_hand(data):
    """A step of gradient descent in NumPy: only the unmasked part of the dense gradient moves."""
    inputs, classes = data
    model = compiled(rx.CustomModel(TOPOLOGY, seed=6), keras.optimizers.SGD(0.3))
    weights = [kernel.astype(float) for kernel in kernels(model)]
    model.fit(inputs, classes, batch_size=96, epochs=1, verbose=0)
    activations = [inputs.astype(float)]
    for weight in weights[:-1]:
        activations.append(relu(activations[-1] @ weight))
    error = (softmax(activations[-1] @ weights[-1]) - np.eye(3)[classes]) / 96
    for number in reversed(range(3)):
        step = 0.3 * activations[number].T @ error * TOPOLOGY.masks[number]
        expected = weights[number] - step
        np.testing.assert_allclose(kernels(model)[number], expected, rtol=1e-4, atol=1e-6)
        error = (error @ weights[number].T) * (activations[number] > 0)


@pytest.mark.parametrize(
    ("poison", "jit_compile"), [(NAN, False), (NAN, True), (float("inf"), False)]
)
def test_what_is_written_into_a_masked_weight_never_leaks(data, poison, jit_compile):
    clean, model = (
        compiled(rx.CustomModel(TOPOLOGY, seed=1), jit_compile=jit_compile) for _ in range(2)
    )
    for layer, mask in zip(model.radix_layers, TOPOLOGY.masks, strict=True):
        layer.kernel.assign(np.where(mask, numbers(layer.kernel), poison))
    np.testing.assert_array_equal(output(model, data[0]), output(clean, data[0]))
    for one in (clean, model):
        one.fit(*data, batch_size=48, shuffle=False, verbose=0)
    for kernel, expected in zip(kernels(model), kernels(clean), strict=True):
        np.testing.assert_array_equal(kernel, expected)
    assert_masked_weights_are_zero(model)


def root(kernel):
    """Return a penalty whose slope at zero is infinite."""
    return 0.01 * keras.ops.sum(keras.ops.sqrt(keras.ops.abs(kernel)))


@pytest.mark.parametrize("penalty", ["l1", root])
def test_a_penalty_sees_zeros_for_masked_weights_and_gives_them_no_gradient(data, penalty):
    model = rx.CustomModel(TOPOLOGY, seed=1, kernel_regularizer=penalty)
    for layer in model.radix_layers:
        layer.kernel.assign(np.where(layer.layerval, numbers(layer.kernel), NAN))
    compiled(model).fit(*data, batch_size=32, verbose=0)
    assert all(np.isfinite(loss) for loss in map(numbers, model.losses))
    assert_masked_weights_are_zero(model)
    for mask in model.masks:
        for slot in map(numbers, model.optimizer.variables):
            assert slot.shape != mask.shape or not np.any(slot[~mask])


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [
        ("non_neg", lambda kernel: np.all(kernel >= 0)),
        ("unit_norm", lambda kernel: np.allclose(np.linalg.norm(kernel, axis=0), 1, atol=1e-3)),
        (lambda kernel: kernel + 1, np.any),
    ],
    ids=["sign", "norm", "a shift of all entries"],
)
def test_a_kernel_constraint_holds_for_the_connections_and_makes_none(data, constraint, holds):
    options = {"kernel_constraint": constraint, "use_bias": True, "bias_constraint": "non_neg"}
    layer = rx.RadixLayer(9, TOPOLOGY.masks[0], **options)
    model = keras.Sequential([keras.Input((12,)), layer, keras.layers.Dense(3, "softmax")])
    layer.kernel.assign(np.where(layer.layerval, numbers(layer.kernel), NAN))
    compiled(model, keras.optimizers.SGD(0.5)).fit(*data, batch_size=32, epochs=2, verbose=0)
    kernel = numbers(layer.kernel)
    assert not np.any(kernel[~layer.layerval])
    assert holds(kernel)
    assert np.all(numbers(layer.bias) >= 0)


def test_mask_works_as_the_constraint_of_a_dense_layer(data):
    mask = np.arange(36).reshape(12, 3) % 2 == 0
    dense = keras.layers.Dense(3, activation="softmax", kernel_constraint=rx.Mask(mask))
    model = compiled(keras.Sequential([keras.Input((12,)), dense]))
    model.fit(*data, verbose=0)
    np.testing.assert_array_equal(numbers(dense.kernel) != 0, mask)


# -- starting weights ----------------------------------------------------------------------------


@pytest.mark.parametrize("choice", [("normal", False), ("fan_in", True)])
def test_models_take_the_starting_weights_of_every_engine_also_as_copies(choice):
    options = dict(zip(("initializer", "positive_output"), choice, strict=True))
    model = rx.CustomModel(TOPOLOGY, seed=np.int64(3), **options)
    config = json.loads(json.dumps(model.get_config()))
    shared = starting_weights(TOPOLOGY.masks, 3, *choice)
    for one in (model, rx.CustomModel.from_config(config)):
        assert one.seed == 3
        for kernel, expected in zip(kernels(one), shared, strict=True):
            np.testing.assert_array_equal(kernel, expected)
    with pytest.raises(ValueError, match="initializer 'he' is not known"):
        rx.CustomModel(TOPOLOGY, initializer="he")


def test_models_saved_before_there_was_a_choice_of_starting_weights_still_load():
    model = rx.CustomModel(TOPOLOGY, seed=3)
    newer = ("initializer", "positive_output")
    older = {name: value for name, value in model.get_config().items() if name not in newer}
    for a, b in zip(kernels(rx.CustomModel.from_config(older)), kernels(model), strict=True):
        np.testing.assert_array_equal(a, b)


def test_without_a_seed_models_start_differently_whatever_kerass_own_seed():
    models = []
    for _ in range(2):
        keras.utils.set_random_seed(1)
        models.append(rx.CustomModel(TOPOLOGY))
    assert models[0].seed is None
    assert not np.array_equal(*(kernels(model)[0] for model in models))


def test_layer_starts_at_the_papers_deviation_and_takes_any_initializer():
    mask = np.random.default_rng(0).random((300, 200)) < 0.5
    layer = rx.RadixLayer(200, mask)
    other = rx.RadixLayer(
        200, mask, use_bias=True, kernel_initializer="ones", bias_initializer="ones"
    )
    for one in (layer, other):
        one.build((None, 300))
    drawn = numbers(layer.kernel)[mask]
    assert drawn.std() == pytest.approx(0.05, rel=0.03)
    assert abs(drawn.mean()) < 0.002
    np.testing.assert_array_equal(numbers(other.kernel), mask)
    np.testing.assert_array_equal(numbers(other.bias), np.ones(200))


# -- saving, loading, copying --------------------------------------------------------------------

ACTIVATIONS = {
    "name": ("relu", relu),
    "function of Keras": (keras.activations.tanh, np.tanh),
    "layer": (keras.layers.LeakyReLU(negative_slope=0.3), lambda v: np.where(v > 0, v, 0.3 * v)),
    "registered function": (doubled, lambda values: 2 * values),
    "none": (None, lambda values: values),
}


@pytest.mark.parametrize(("activation", "function"), ACTIVATIONS.values(), ids=list(ACTIVATIONS))
def test_any_activation_survives_saving_and_from_config(data, saved, activation, function):
    inputs, _ = data
    options = {"activation": activation, "output_activation": activation}
    model = rx.CustomModel(TOPOLOGY, seed=3, **options)
    expected = inputs.astype(float)
    for kernel in kernels(model):
        expected = function(expected @ kernel)
    np.testing.assert_allclose(output(model, inputs), expected, rtol=1e-4, atol=1e-6)
    loaded = saved(model)
    assert type(loaded) is rx.CustomModel
    assert_same_model(loaded, model, inputs)
    assert_same_model(rx.CustomModel.from_config(model.get_config()), model, inputs)


def test_a_function_of_the_users_own_loads_with_custom_objects(data, saved):
    model = rx.CustomModel(TOPOLOGY, activation=unregistered, seed=3)
    loaded = saved(model, custom_objects={"unregistered": unregistered})
    assert_same_model(loaded, model, data[0])


def test_a_model_trains_on_after_saving_as_it_would_have_without(data, saved):
    options = {"activation": "tanh", "use_bias": True, "seed": 2, "name": "trained"}
    model = compiled(rx.CustomModel(TOPOLOGY, **options))
    model.fit(*data, batch_size=32, verbose=0)
    loaded = saved(model)
    assert (loaded.name, loaded.seed) == ("trained", 2)
    assert isinstance(loaded.optimizer, keras.optimizers.Adam)
    assert_same_model(loaded, model, data[0])
    for one in (model, loaded):  # with the optimizer's state, and the masks
        one.fit(*data, batch_size=32, shuffle=False, verbose=0)
    assert_same_model(loaded, model, data[0])
    assert_masked_weights_are_zero(loaded)


def test_a_saved_model_loads_in_a_fresh_process(data, tmp_path):
    model = compiled(rx.CustomModel(TOPOLOGY, activation=keras.layers.LeakyReLU(), seed=8))
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "inputs.npy", data[0])
    script = """
import sys, numpy as np, keras
from radixnet import CustomModel
model = keras.models.load_model(sys.argv[1] + "/model.keras")
assert type(model) is CustomModel, type(model)
inputs = np.load(sys.argv[1] + "/inputs.npy")
np.savez(sys.argv[1] + "/found.npz", keras.ops.convert_to_numpy(model(inputs)), *model.masks)
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
    options = {"env": environment, "capture_output": True, "check": False, "encoding": "utf-8"}
    done = subprocess.run(command, **options)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "found.npz") as found:
        np.testing.assert_allclose(found["arr_0"], output(model, data[0]), rtol=1e-6)
        for number, mask in enumerate(TOPOLOGY.masks, start=1):
            np.testing.assert_array_equal(found[f"arr_{number}"], mask, strict=True)


def test_a_cloned_model_has_the_masks_and_weights_of_its_own(data):
    model = rx.CustomModel(TOPOLOGY, seed=1)
    before = output(model, data[0])
    clone = keras.models.clone_model(model)
    layers = [layer for layer in clone.layers if isinstance(layer, rx.RadixLayer)]
    for layer, mask in zip(layers, TOPOLOGY.masks, strict=True):
        np.testing.assert_array_equal(numbers(layer.kernel) != 0, mask)  # zeros would never learn
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(output(clone, data[0]), before)
    clone.set_weights([weight * 2 for weight in model.get_weights()])
    np.testing.assert_array_equal(output(model, data[0]), before)


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],  # noqa: S301 (our own bytes)
    ids=["deepcopy", "pickle"],
)
def test_a_copy_has_learned_what_the_model_has_and_learns_on_by_itself(data, copied):
    model = compiled(rx.CustomModel(TOPOLOGY, seed=1, kernel_regularizer="l1"))
    model.fit(*data, batch_size=32, verbose=0)
    before = kernels(model)
    other = copied(model)
    assert type(other) is rx.CustomModel
    assert_same_settings(other, model)
    assert_same_model(other, model, data[0])
    other.fit(*data, batch_size=32, verbose=0)
    for kernel, was in zip(kernels(model), before, strict=True):
        np.testing.assert_array_equal(kernel, was)


def test_a_file_in_the_old_h5_format_loads_when_the_class_is_named(data, tmp_path):
    options = {"activation": keras.layers.LeakyReLU(), "use_bias": True}
    model = compiled(rx.CustomModel(TOPOLOGY, seed=1, **options))
    model.save(tmp_path / "model.h5")
    known = {"CustomModel": rx.CustomModel}
    loaded = keras.models.load_model(tmp_path / "model.h5", custom_objects=known)
    assert type(loaded) is rx.CustomModel
    assert_same_model(loaded, model, data[0])


def test_an_exported_model_computes_the_same_without_keras(data, tmp_path):
    if keras.backend.backend() == "torch":
        pytest.skip("Keras' export from PyTorch follows the version of PyTorch")
    tf = pytest.importorskip("tensorflow")
    model = rx.CustomModel(TOPOLOGY, seed=1)
    model.export(tmp_path / "model", verbose=False)
    exported = tf.saved_model.load(tmp_path / "model")
    found = np.asarray(exported.serve(data[0]))
    np.testing.assert_allclose(found, output(model, data[0]), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("how", ["argument", "global policy"])
@pytest.mark.parametrize(
    "policy", [pytest.param("float64", marks=DOUBLE), "mixed_float16", "mixed_bfloat16"]
)
def test_other_precisions_train_and_survive_saving_whatever_the_policy(data, saved, policy, how):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy if how == "global policy" else before)
    try:
        dtype = policy if how == "argument" else None
        model = compiled(rx.CustomModel(TOPOLOGY, seed=1, use_bias=True, dtype=dtype))
    finally:
        keras.config.set_dtype_policy(before)
    model.fit(*data, batch_size=32, verbose=0)
    assert_masked_weights_are_zero(model)
    assert all(layer.dtype_policy.name == policy for layer in [model, *model.radix_layers])
    assert output(model, data[0]).dtype.name == policy.removeprefix("mixed_")
    for other in copies_of(model, saved):
        assert_same_settings(other, model)
        assert_same_model(other, model, data[0])
        assert output(other, data[0]).dtype == output(model, data[0]).dtype
        for weight, expected in zip(other.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, expected, strict=True)


@DOUBLE
def test_a_double_precision_model_computes_on_the_inputs_in_double_precision():
    inputs = np.random.default_rng(0).normal(size=(5, 12))
    options = {"dtype": "float64", "activation": None, "output_activation": None}
    model = rx.CustomModel(TOPOLOGY, seed=1, **options)
    expected = np.linalg.multi_dot([inputs, *(kernel.astype(float) for kernel in kernels(model))])
    np.testing.assert_allclose(output(model, inputs), expected, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize(
    ("frozen", "whole"),
    [((True, False, False), True), ((True, True, True), True), ((False, True, True), False)],
)
def test_frozen_layers_stay_frozen_after_saving(data, saved, frozen, whole):
    model = rx.CustomModel(TOPOLOGY, seed=1, trainable=whole)
    for layer, stays in zip(model.radix_layers, frozen, strict=True):
        layer.trainable = not stays
    learns = whole and not all(frozen)
    assert bool(model.trainable_weights) == learns
    if learns:
        compiled(model).fit(*data, batch_size=32, verbose=0)
    loaded, other = copies_of(model, saved)
    for one in (loaded, other):
        assert_same_settings(one, model)
        assert [layer.trainable for layer in one.radix_layers] == [not stays for stays in frozen]
        assert_same_model(one, model, data[0])
    if learns:
        loaded.fit(*data, batch_size=32, verbose=0)
        for stays, kernel, before in zip(frozen, kernels(loaded), kernels(model), strict=True):
            assert np.array_equal(kernel, before) == stays


def test_what_was_changed_on_a_single_layer_survives_saving(data, saved):
    model = rx.CustomModel(TOPOLOGY, seed=1)
    model.radix_layers[1].activation = keras.activations.tanh
    for other in copies_of(model, saved):
        names = [layer.activation.__name__ for layer in other.radix_layers]
        assert names == ["relu", "tanh", "softmax"]
        assert_same_model(other, model, data[0])


def test_a_layer_made_of_its_configuration_is_the_same_layer():
    layerval = np.arange(63).reshape(9, 7) % 4 == 1
    options = {"activation": "elu", "use_bias": True, "kernel_initializer": "he_normal"}
    others = {"kernel_regularizer": "l1", "bias_constraint": "non_neg", "bias_initializer": "ones"}
    layer = rx.RadixLayer(5, layerval, **options, **others, name="a", dtype="mixed_bfloat16")
    other = rx.RadixLayer.from_config(json.loads(json.dumps(layer.get_config())))
    assert other.get_config() == layer.get_config()
    np.testing.assert_array_equal(other.layerval, layerval)
    assert (other.units, other.use_bias, other.name) == (5, True, "a")
    assert other.activation is keras.activations.elu
    assert other.compute_dtype == "bfloat16"
    assert type(other.kernel_initializer) is keras.initializers.HeNormal
    assert type(other.kernel_regularizer) is keras.regularizers.L1
    assert type(other.bias_constraint) is keras.constraints.NonNeg
    other.build((None, 9))
    assert np.all(numbers(other.bias) == 1)


def test_a_mask_made_of_its_configuration_is_the_same_mask_and_takes_little_text():
    for shape in [(1,), (8,), (3, 7), (2, 3, 5)]:
        mask = np.random.default_rng(0).random(shape) < 0.5
        again = rx.Mask.from_config(rx.Mask(mask).get_config()).mask
        np.testing.assert_array_equal(again, mask, strict=True)
    papers = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
    assert len(str(rx.CustomModel(papers, seed=0).get_config())) < 20_000


# -- convolutions --------------------------------------------------------------------------------

CHANNELS = np.random.default_rng(8).random((4, 6)) < 0.5
IMAGES = np.random.default_rng(9).normal(size=(32, 8, 7, 4)).astype(np.float32)


@pytest.mark.parametrize(
    "options",
    [{}, {"strides": 2, "padding": "same", "use_bias": True}, {"dilation_rate": 2}],
    ids=["plain", "strides, padding and bias", "dilated"],
)
def test_a_convolution_equals_a_dense_one_whose_kernel_is_masked(options):
    layer = rx.RadixConv2D(6, (3, 2), CHANNELS, activation="relu", **options)
    dense = keras.layers.Conv2D(6, (3, 2), activation="relu", **{"use_bias": False, **options})
    kernel = np.random.default_rng(0).normal(size=(3, 2, 4, 6))
    biases = [np.linspace(-1, 1, 6)] * layer.use_bias
    for one, masked in ((layer, NAN), (dense, 0)):  # NaN: the layer must not use what is masked
        one.build((None, 8, 7, 4))
        one.set_weights([np.where(CHANNELS, kernel, masked), *biases])
    np.testing.assert_allclose(output(layer, IMAGES), output(dense, IMAGES), rtol=1e-5, atol=1e-6)


def test_an_output_channel_sees_the_input_channels_it_is_connected_to_and_no_other():
    layer = rx.RadixConv2D(6, 3, CHANNELS)
    before = output(layer, IMAGES)
    for channel, connected in enumerate(CHANNELS):
        changed = IMAGES.copy()
        changed[..., channel] += 1
        moved = np.any(output(layer, changed) != before, axis=(0, 1, 2))
        np.testing.assert_array_equal(moved, connected)


@pytest.fixture
def convolutional():
    """Return a small model of two masked convolutions and a masked layer, with its data."""
    mixing, last = np.random.default_rng(2).random((6, 5)) < 0.5, np.eye(5, 3) + np.eye(5, 3, -2)
    layers = [
        rx.RadixConv2D(6, 3, CHANNELS, activation="relu", padding="same"),
        rx.RadixConv2D(5, 3, mixing, activation="relu", strides=2, kernel_regularizer="l1"),
        keras.layers.GlobalAveragePooling2D(),
        rx.RadixLayer(3, last, activation="softmax"),
    ]
    model = keras.Sequential([keras.Input(IMAGES.shape[1:]), *layers])
    return compiled(model, keras.optimizers.Adam(0.02)), np.arange(len(IMAGES)) % 3


def test_masked_filters_get_no_gradient_and_stay_zero(convolutional):
    model, classes = convolutional
    masked = [layer for layer in model.layers if hasattr(layer, "mask")]
    start = [numbers(layer.kernel) for layer in masked]
    model.fit(IMAGES, classes, epochs=2, batch_size=8, verbose=0)
    for layer, before in zip(masked, start, strict=True):
        kernel, mask = numbers(layer.kernel), layer.mask.mask
        assert mask.shape == kernel.shape
        assert np.all(np.isfinite(kernel))
        assert np.any(kernel[mask] != before[mask])
        assert not np.any(kernel[~mask])
        slots = [numbers(one) for one in model.optimizer.variables if one.shape == kernel.shape]
        assert len(slots) == 2
        assert not any(np.any(slot[~mask]) for slot in slots)


def test_a_convolution_that_is_saved_is_loaded_with_its_mask(convolutional, tmp_path):
    model, classes = convolutional
    model.fit(IMAGES, classes, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.layers[0].layerval, CHANNELS)
    np.testing.assert_array_equal(output(loaded, IMAGES), output(model, IMAGES))
    loaded.fit(IMAGES, classes, verbose=0)
    assert not np.any(numbers(loaded.layers[0].kernel)[:, :, ~CHANNELS])


def test_a_convolution_refuses_what_does_not_fit_with_advice():
    with pytest.raises(ValueError, match="filters must be a positive integer"):
        rx.RadixConv2D(2.5, 3, CHANNELS)
    with pytest.raises(ValueError, match=r"groups is 2; leave it 1"):
        rx.RadixConv2D(6, 3, CHANNELS, groups=2)
    with pytest.raises(ValueError, match=r"\(4, 6\).*at least \(inputs, 7\)"):
        rx.RadixConv2D(7, 3, CHANNELS)
    with pytest.raises(ValueError, match=r"\(4, 6\), too small for 5 inputs"):
        rx.RadixConv2D(6, 3, CHANNELS)(keras.Input((8, 8, 5)))
    with pytest.raises(ValueError, match=r"known size; give .*\(height, width, channels\)"):
        rx.RadixConv2D(6, 3, CHANNELS)(keras.Input((8, 8, None)))


# -- illegal input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layerval", "said"),
    [
        (np.ones((4, 2)), ["(4, 2)", "3 units", "(inputs, 3)"]),
        (np.ones(4), ["(4,)", "(inputs, 3)"]),
        (np.ones((0, 3)), ["(0, 3)", "non-empty"]),
        ([["1"] * 3], ["layerval", "0 and 1"]),
        (1, ["layerval", "()"]),
    ],
    ids=["columns", "vector", "no rows", "text", "number"],
)
def test_a_layerval_that_does_not_fit_is_refused_and_the_message_says_what_fits(layerval, said):
    with pytest.raises(ValueError, match="layerval") as caught:
        rx.RadixLayer(3, layerval)
    assert [part for part in said if part not in str(caught.value)] == []


def test_layers_refuse_what_they_cannot_be_built_for_with_advice():
    with pytest.raises(ValueError, match=r"units must be a positive integer, and 2\.0"):
        rx.RadixLayer(2.0, np.ones((3, 3)))
    with pytest.raises(ValueError, match=r"\(11, 9\), too small for 12 inputs; .*\(12, 9\)"):
        rx.RadixLayer(9, np.ones((11, 9)))(keras.Input((12,)))
    with pytest.raises(ValueError, match=r"known size; give keras\.Input"):
        rx.RadixLayer(3, np.ones((4, 3)))(keras.Input((None,)))
    with pytest.raises(ValueError, match=r"Mask has shape \(4, 2\), the weight \(4, 3\)"):
        rx.Mask(np.ones((4, 2)))(np.ones((4, 3)))


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ([np.ones((2, 3)), np.ones((2, 3))], ["[(2, 3), (2, 3)]", "(n0, n1), (n1, n2)"]),
        (np.ones((3, 3)), ["(3,)", "(n0, n1)"]),
        (None, ["None", "RadixTopology"]),
        ([[10, 10], [10]], ["RadixTopology"]),
    ],
    ids=["shapes that do not chain", "one matrix", "None", "radix lists"],
)
def test_anything_but_a_network_is_refused_and_the_message_says_what_to_give(network, said):
    with pytest.raises(ValueError, match="network") as caught:
        rx.CustomModel(network)
    assert [part for part in said if part not in str(caught.value)] == []
