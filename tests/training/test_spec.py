"""What makes two runs the same run, and what is refused."""

import dataclasses
import hashlib
import json
import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import radixnet as rx
from radixnet.training import ENGINE_VERSIONS, PackedMasks, RunResult, RunSpec
from radixnet.training.spec import FIRST_DEFAULTS

LENET = (784, 300, 100, 10)
TOPOLOGY = rx.RadixTopology([[10, 10], [10]], LENET)
DATA = "d" * 64


def identity(spec: RunSpec) -> str:
    return spec.identity(DATA, ENGINE_VERSIONS[spec.engine])


@given(st.lists(st.integers(1, 12), min_size=2, max_size=5), st.integers(0, 2**32 - 1))
def test_packed_masks_unpack_to_what_was_packed(sizes: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    masks = [random.random((inputs, outputs)) < 0.4 for inputs, outputs in pairwise(sizes)]
    packed = PackedMasks.pack(masks)
    assert packed.layer_sizes == tuple(sizes)
    for mask, unpacked in zip(masks, packed.masks, strict=True):
        np.testing.assert_array_equal(mask, unpacked)
        assert not unpacked.flags.writeable


def test_masks_given_directly_are_kept_and_make_specs_equal() -> None:
    masks = [np.eye(4, 3, dtype=bool), np.ones((3, 2))]
    first, second = RunSpec(masks), RunSpec([mask.astype(np.uint8) for mask in masks])
    assert first == second
    assert hash(first) == hash(second)
    assert first.layer_sizes == (4, 3, 2)
    np.testing.assert_array_equal(first.masks[0], masks[0])


def test_specs_survive_pickling_and_travel_small_even_after_their_masks_were_asked_for() -> None:
    topology = rx.RadixTopology([[10, 10], [10]], LENET)
    for spec in (RunSpec(topology, seed=7), RunSpec([np.ones((784, 10), bool)])):
        assert spec.masks[0].any()
        again = pickle.loads(pickle.dumps(spec))  # noqa: S301 (own bytes)
        assert again == spec
        assert identity(again) == identity(spec)
    assert "masks" not in vars(topology)
    assert topology.masks[0].any()
    assert len(pickle.dumps(RunSpec(topology))) < 1000


def test_equal_connections_have_equal_identity_however_they_were_described() -> None:
    one, other = rx.RadixTopology([[2, 1], [2]], LENET), rx.RadixTopology([[2], [1, 2]], LENET)
    assert one != other
    assert identity(RunSpec(one)) == identity(RunSpec(other)) == identity(RunSpec(one.masks))


def test_every_setting_and_every_connection_changes_the_identity() -> None:
    masks = [mask.copy() for mask in TOPOLOGY.masks]
    masks[-1][0, 0] ^= True
    base = RunSpec(TOPOLOGY)
    changes = {
        "topology": masks,
        "dataset": "fashion-mnist",
        "seed": 1,
        "epochs": 4,
        "batch_size": 99,
        "learning_rate": 1.1e-3,
        "activation": "linear",
        "use_bias": True,
        "validation_share": 0.2,
        "engine": "keras",
        "initializer": "fan_in",
        "positive_output": True,
        "optimizer": "sgd",
        "weight_decay": 0.01,
        "schedule": "cosine",
        "rewiring": "set",
    }
    with_momentum = dataclasses.replace(base, optimizer="sgd", momentum=0.9)
    assert {*changes, "momentum"} == {item.name for item in dataclasses.fields(RunSpec)}
    identities = [
        identity(dataclasses.replace(base, **{name: value})) for name, value in changes.items()
    ]
    identities += [
        identity(with_momentum),
        identity(base),
        base.identity("e" * 64, "sparse-1"),
        base.identity(DATA, "sparse-0"),
    ]
    assert len(set(identities)) == len(identities)


def test_identity_does_not_depend_on_how_a_number_was_written() -> None:
    assert identity(RunSpec(TOPOLOGY, seed=np.int64(3), learning_rate=1)) == identity(
        RunSpec(TOPOLOGY, seed=3, learning_rate=1.0)
    )
    assert identity(RunSpec(TOPOLOGY, epochs=3)) == identity(RunSpec(TOPOLOGY))


def test_identity_leaves_defaults_out_so_that_new_settings_keep_old_runs() -> None:
    # Computed here by hand: layer sizes and mask bits, the data, the engine, and no setting at all.
    digest = hashlib.sha256(b"(2, 2)" + bytes([0b10010000])).hexdigest()
    version = '"engine_version":"sparse-1","settings":{}}'
    text = f'{{"connections":"{digest}","dataset_sha256":"data",{version}'
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert RunSpec([np.eye(2, dtype=bool)]).identity("data", "sparse-1") == expected


def test_a_changed_default_does_not_answer_for_new_specs_with_old_runs() -> None:
    @dataclasses.dataclass(frozen=True)
    class Later(RunSpec):
        """What `RunSpec` would be after a change of its defaults."""

        epochs: int = 5
        use_bias: bool = True

    assert identity(Later(TOPOLOGY)) == identity(RunSpec(TOPOLOGY, epochs=5, use_bias=True))
    assert identity(Later(TOPOLOGY, epochs=3, use_bias=False)) == identity(RunSpec(TOPOLOGY))


def test_every_setting_says_what_runs_have_that_do_not_mention_it() -> None:
    settings = {item.name for item in dataclasses.fields(RunSpec)} - {"topology"}
    assert settings == set(FIRST_DEFAULTS), (
        "a new setting enters FIRST_DEFAULTS with the value that was there before it"
    )


IDENTITIES = {
    "[[10, 10], [10]]": (
        "f8b54d8f0ee2133f33406f585a01e973cff5be9b706e2621d4428ca6391945b6",
        "43974ab297ee355de95b4caab730c675638259fafa22a399ad1baeeb05ae5ba8",
        "a2e9ee9ccc64e87eaa834a1d5559f8f92a7750913fc44925e9c03c90c619176d",
    ),
    "[[13, 11], [1]]": (
        "d86a7a82747992e284bf440cd46cb000987f8aab54f2794d6d39352b42b74bc2",
        "da1d74b32f2ec6f51bde14a15104814ea7ac03e0959455d2cc0ad5e0ba7646bc",
        "96aa4e198a86c0863def4fa8d96e90188120b8b01c565b2f2817ce827ada91e0",
    ),
}
"""What runs were stored as before topologies could be folded and weights start otherwise."""


@pytest.mark.parametrize("lists", IDENTITIES)
def test_identities_of_published_runs_stay_what_they_were(lists: str) -> None:
    topology = rx.RadixTopology(json.loads(lists), LENET)
    settings: list[dict[str, object]] = [
        {},
        {"seed": 7, "epochs": 30, "batch_size": 512},
        {
            "use_bias": True,
            "activation": "leaky_relu",
            "dataset": "fashion-mnist",
            "learning_rate": 3e-4,
            "validation_share": 0.0,
            "engine": "keras",
        },
    ]
    found = tuple(
        RunSpec(topology, **options).identity("0" * 64, "sparse-1") for options in settings
    )  # type: ignore[arg-type]
    assert found == IDENTITIES[lists]


def test_a_dense_output_layer_and_folding_are_other_runs_exactly_when_the_connections_are() -> None:
    dense = dataclasses.replace(TOPOLOGY, dense_output=True)
    folded = dataclasses.replace(TOPOLOGY, fit="fold")
    assert len({identity(RunSpec(topology)) for topology in (TOPOLOGY, dense, folded)}) == 3
    same = rx.RadixTopology([[2, 2], [2]], (8, 4, 4, 4))
    assert identity(RunSpec(same)) == identity(RunSpec(dataclasses.replace(same, fit="fold")))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"topology": "[[10, 10], [10]]"}, "give a RadixTopology"),
        ({"topology": [np.ones((3, 2)), np.ones((3, 2))]}, r"\(3, 2\), \(3, 2\)"),
        ({"topology": [np.full((3, 2), 0.5)]}, "mask 1"),
        ({"dataset": "cifar"}, "dataset 'cifar' is not known"),
        ({"seed": -1}, "seed must be an integer of at least 0"),
        ({"seed": 2**63}, r"seed must be .* less than 2\*\*63"),  # what no store can hold
        ({"epochs": 0}, "epochs must be an integer of at least 1"),
        ({"epochs": 2.0}, r"2\.0 \(float\)"),
        ({"epochs": True}, r"True \(bool\)"),
        ({"batch_size": 0}, "batch_size must be an integer of at least 1"),
        ({"learning_rate": 0}, "learning_rate 0 must be positive"),
        ({"learning_rate": float("nan")}, "learning_rate must be a finite number"),
        ({"initializer": "he"}, "initializer 'he' is not known; choose one of 'normal', 'fan_in'"),
        ({"positive_output": 1}, "positive_output must be True or False"),
        ({"activation": "tanh"}, "'relu', 'leaky_relu', 'linear'"),
        ({"use_bias": 1}, "use_bias must be True or False"),
        ({"validation_share": 1.0}, "less than 1"),
        ({"validation_share": -0.1}, "at least 0"),
        ({"engine": "torch"}, "choose one of 'sparse', 'keras'"),
        ({"optimizer": "rmsprop"}, "choose one of 'adam', 'sgd'"),
        ({"momentum": 0.9}, "leave momentum at 0, or use optimizer='sgd'"),
        ({"momentum": 1.0, "optimizer": "sgd"}, "momentum must be .* less than 1"),
        ({"weight_decay": -0.1}, "weight_decay -0.1 must be at least 0"),
        ({"weight_decay": 20.0, "learning_rate": 0.1}, "1 / learning_rate, here 10"),
        ({"weight_decay": float("inf")}, "weight_decay must be a finite number"),
        ({"schedule": "exponential"}, "choose one of 'constant', 'cosine', 'steps'"),
    ],
)
def test_what_is_wrong_is_refused_with_advice(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RunSpec(**{"topology": TOPOLOGY, **settings})  # type: ignore[arg-type]


def result(train_loss: list[float], test_loss: list[float]) -> RunResult:
    spec = RunSpec(TOPOLOGY, epochs=len(train_loss))
    fine = np.ones(len(train_loss))
    return RunResult(
        spec,
        np.array(train_loss),
        fine,
        fine * np.nan,
        fine * np.nan,
        np.array(test_loss),
        fine,
        fine,
        seconds=1.0,
    )


def test_a_run_that_diverged_says_so() -> None:
    assert not result([1.0, 0.5], [1.0, 0.5]).diverged
    assert result([1.0, float("nan")], [1.0, 0.5]).diverged
    assert result([1.0, 0.5], [1.0, float("inf")]).diverged


def test_a_result_has_one_number_per_epoch_that_nobody_changes() -> None:
    curves = result([1.0, 0.5], [1.0, 0.5])
    with pytest.raises(ValueError, match="read-only"):
        curves.train_loss[0] = 2.0
    with pytest.raises(ValueError, match="one number for each"):
        dataclasses.replace(curves, train_loss=np.ones(3))


@pytest.mark.parametrize(
    ("sizes", "bits"),
    [
        ((784, 10), (b"",)),
        ((784, 10), (b"\xff" * 2000,)),
        ((784,), ()),
        ((8, 2, 2), (b"\xff\xff",)),
    ],
)
def test_packed_masks_hold_exactly_the_bits_of_their_layers(
    sizes: tuple[int, ...], bits: tuple[bytes, ...]
) -> None:
    with pytest.raises(ValueError, match=r"do not match masks of .* use PackedMasks\.pack"):
        PackedMasks(sizes, bits)
