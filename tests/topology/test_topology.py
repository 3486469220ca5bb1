"""Topologies against the definition in `reference.py`, closed forms, and the paper's own cases."""

import dataclasses
import hashlib
import pickle
import sys
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import specifications

import radixnet as rx
from radixnet.topology import check_radix_lists
from reference import (
    expanded_adjacency,
    fitted_masks,
    folded_masks,
    is_legal,
    path_counts,
    trimmed_masks,
)

LENET = (784, 300, 100, 10)
PAPER_CASES = {
    "[[10, 10], [10]]": 0.9,
    "[[10], [5, 2]]": 0.0593538692712247,
    "[[10, 10, 1]]": 0.9003380916604057,
    "[[2, 2], [2]]": 0.5,
    "[[1, 1], [1]]": 0.0,
}


def read(text):
    """Return radix lists written as the paper writes them."""
    return [[int(radix) for radix in part.split(",")] for part in text.strip("[]").split("], [")]


# -- masks ---------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(specifications())
@example(([[7]], (1, 1)))
@example(([[7]], (15, 1)))
@example(([[1], [1], [1], [1], [1]], (1, 2, 3, 3, 2, 1)))
@example(([[2, 3], [6], [3, 2], [3]], (13, 5, 1, 6, 7, 12, 2)))
@example(([[48], [3, 4, 4]], (97, 47, 49, 48, 1)))
def test_masks_equal_the_definition_bit_for_bit(specification):
    radix_lists, sizes = specification
    masks = rx.RadixTopology(radix_lists, sizes).masks
    expected = trimmed_masks(radix_lists, sizes)
    assert len(masks) == len(expected) == len(sizes) - 1
    for mask, reference in zip(masks, expected, strict=True):
        assert mask.dtype == np.bool_
        np.testing.assert_array_equal(mask, reference, strict=True)


def test_a_node_feeds_the_nodes_before_it():
    """The authors roll the identity by -j v along axis 1: node i feeds i, i - v, ..., not i + v."""
    first, second = rx.RadixTopology([[3, 3]], (9, 9, 9)).masks
    assert np.flatnonzero(first[4]).tolist() == [2, 3, 4]
    assert np.flatnonzero(first[0]).tolist() == [0, 7, 8]
    assert np.flatnonzero(second[4]).tolist() == [1, 4, 7]


def test_the_place_value_starts_again_at_one_in_every_list():
    topology = rx.RadixTopology([[2, 3, 4], [4, 6], [12]], (24,) * 7)
    assert topology.radices == (2, 3, 4, 4, 6, 12)
    assert topology.place_values == (1, 2, 6, 1, 4, 1)
    assert topology.modulus == 24


def test_radix_lists_of_more_than_64_bits_give_masks_too():
    """With N' beyond any layer size node a feeds exactly the nodes a, a - 1, ... 0."""
    topology = rx.RadixTopology([[2**80, 2], [1]], (6, 7, 3, 2))
    np.testing.assert_array_equal(
        topology.masks[0], np.ones((6, 7), dtype=bool) & (np.arange(7) <= np.arange(6)[:, None])
    )
    np.testing.assert_array_equal(topology.masks[1], np.eye(7, 3, dtype=bool))


def test_masks_cannot_be_changed_by_accident():
    topology = rx.RadixTopology([[2, 2]], (4, 4, 4))
    with pytest.raises(ValueError, match="read-only"):
        topology.masks[0][0, 0] = False


# -- folding -------------------------------------------------------------------------------------

FITS = st.sampled_from(["trim", "fold"])


@settings(max_examples=150)
@given(specifications(max_modulus=36))
@example(([[7]], (1, 1)))
@example(([[7]], (15, 1)))
@example(([[30]], (4, 3)))
@example(([[2, 3], [6], [3, 2], [3]], (13, 5, 1, 6, 7, 12, 2)))
@example(([[2, 3], [6]], (12, 6, 18, 6)))
def test_folded_masks_equal_the_definition_bit_for_bit(specification):
    masks = rx.RadixTopology(*specification, fit="fold").masks
    for mask, reference in zip(masks, folded_masks(*specification), strict=True):
        assert mask.dtype == np.bool_
        assert not mask.flags.writeable
        np.testing.assert_array_equal(mask, reference, strict=True)


def test_folding_by_hand():
    """[[2], [2]] on 2-3-2: N' = 2, node 3 of the middle becomes node 0; all feed both.

    [[3]] on 2-2: N' = 3, all nine connections, of which (2, 2) becomes (0, 0). [[1, 4]] on 3-2-2:
    N' = 4, the first layer joins a to a: 0-0, 1-1, 2-0 (2 mod 2) and, 3 being 0 of three and 1 of
    two, 0-1.
    """
    first, second = rx.RadixTopology([[2], [2]], (2, 3, 2), fit="fold").masks
    assert first.all()
    assert second.all()
    assert rx.RadixTopology([[3]], (2, 2), fit="fold").masks[0].all()
    np.testing.assert_array_equal(
        rx.RadixTopology([[1, 4]], (3, 2, 2), fit="fold").masks[0],
        [[True, True], [False, True], [True, False]],
    )


@given(specifications())
def test_folding_changes_nothing_where_the_sizes_are_those_of_the_expanded_network(specification):
    radix_lists, sizes = specification
    sizes = rx.RadixTopology(radix_lists, sizes).expanded_layer_sizes
    trimmed, folded = (rx.RadixTopology(radix_lists, sizes, fit=fit) for fit in ("trim", "fold"))
    assert folded.fingerprint == trimmed.fingerprint
    for one, other in zip(folded.masks, trimmed.masks, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=100)
@given(specifications())
def test_folding_leaves_a_path_from_every_input_to_every_output(specification):
    """Merging nodes keeps every path; before, every pair has one (Kepner and Robinett, 2019)."""
    diagnosis = rx.RadixTopology(*specification, fit="fold").diagnose()
    assert diagnosis.min_paths >= 1
    assert diagnosis.live_units == diagnosis.layer_sizes


def test_folding_to_many_nodes_takes_the_route_of_sorted_connections_and_gives_the_same(
    monkeypatch,
):
    """Large masks are never filled in whole; limits are so low here that a small one is large."""
    specification = ([[5, 6], [15]], (43, 35, 8, 7))
    whole = rx.RadixTopology(*specification, fit="fold")
    assert whole.connection_counts
    monkeypatch.setattr("radixnet.topology.fitting._CELLS_AT_ONCE", 0)
    monkeypatch.setattr("radixnet.topology.fitting._CONNECTIONS_AT_ONCE", 100)
    listed = rx.RadixTopology(*specification, fit="fold")
    assert listed.fingerprint == whole.fingerprint
    for mask, reference in zip(listed.masks, folded_masks(*specification), strict=True):
        np.testing.assert_array_equal(mask, reference)


def test_folding_that_would_take_minutes_is_refused_with_the_numbers():
    with pytest.raises(
        ValueError,
        match=r"folding to a layer of 6 inputs and 7 outputs .*use smaller radices, or fit='trim'",
    ):
        rx.RadixTopology([[2**80, 2], [1]], (6, 7, 3, 2), fit="fold")


def test_of_connections_that_come_together_few_are_followed():
    """131 million at the one output; each node needs following only as far as they differ."""
    topology = rx.RadixTopology([[32, 2048]], (65536, 65536, 1), fit="fold")
    assert lines_of_python(lambda: topology.fan_ins) < 2000
    assert topology.fan_ins[1].tolist() == [65536]


# -- dense output layer --------------------------------------------------------------------------


@settings(max_examples=50)
@given(specifications(), FITS)
@example(([[7]], (3, 2)), "fold")
def test_a_dense_output_layer_has_every_connection_and_the_others_stay(specification, fit):
    radix_lists, sizes = specification
    topology = rx.RadixTopology(radix_lists, sizes, fit, dense_output=True)
    expected = [*fitted_masks(radix_lists, sizes, fit)[:-1], np.ones(sizes[-2:], dtype=bool)]
    for mask, reference in zip(topology.masks, expected, strict=True):
        np.testing.assert_array_equal(mask, reference, strict=True)
    assert topology.connection_counts == tuple(np.count_nonzero(mask) for mask in expected)
    assert topology.fan_ins[-1].tolist() == [sizes[-2]] * sizes[-1]
    assert topology.diagnose().min_output_fan_in == sizes[-2]
    assert topology.expanded_sparsity == rx.RadixTopology(radix_lists, sizes).expanded_sparsity


def test_a_dense_output_layer_costs_what_it_adds():
    """[[13, 11], [1]] on LeNet: a last layer of radix 1 joins output b to input b, as 143 > 100."""
    sparse, dense = (
        rx.RadixTopology([[13, 11], [1]], LENET, dense_output=choice) for choice in (False, True)
    )
    assert sum(dense.connection_counts) - sum(sparse.connection_counts) == 100 * 10 - 10
    assert dense != sparse
    assert dense.fingerprint != sparse.fingerprint
    assert str(dense) == "[[13, 11], [1]] on 784-300-100-10, dense output"
    assert str(rx.RadixTopology([[13, 11], [1]], LENET, "fold", True)).endswith(
        "-10, folded, dense output"
    )


def test_a_dense_output_layer_is_not_what_makes_folding_too_much_work():
    with pytest.raises(ValueError, match="would follow"):
        rx.RadixTopology([[2**26]], (3000, 2000), "fold")
    assert rx.RadixTopology([[2**26]], (3000, 2000), "fold", dense_output=True).sparsity == 0


def test_copies_and_pickles_keep_how_a_topology_was_fitted():
    topology = rx.RadixTopology([[3, 2], [3]], (7, 5, 4, 2), "fold", True)
    assert topology.masks
    for copy in (pickle.loads(pickle.dumps(topology)), dataclasses.replace(topology)):  # noqa: S301 (own bytes)
        assert copy == topology
        assert set(vars(copy)) == {"radix_lists", "layer_sizes", "fit", "dense_output"}
        assert copy.fingerprint == topology.fingerprint


# -- counts, closed forms and sparse masks -------------------------------------------------------


@settings(max_examples=100)
@given(specifications(), FITS)
def test_fan_ins_fan_outs_and_density_count_the_connections_of_the_definition(specification, fit):
    radix_lists, sizes = specification
    topology = rx.RadixTopology(radix_lists, sizes, fit)
    expected = fitted_masks(radix_lists, sizes, fit)
    for mask, fan_in, fan_out in zip(expected, topology.fan_ins, topology.fan_outs, strict=True):
        np.testing.assert_array_equal(fan_in, mask.sum(axis=0))
        np.testing.assert_array_equal(fan_out, mask.sum(axis=1))
    counts = tuple(np.count_nonzero(mask) for mask in expected)
    assert topology.connection_counts == counts
    assert topology.density == pytest.approx(
        sum(counts) / sum(mask.size for mask in expected), rel=1e-15
    )
    assert topology.sparsity == pytest.approx(1 - topology.density, abs=1e-15)


@settings(max_examples=100)
@given(specifications(max_modulus=24, max_layers=4))
def test_expanded_density_and_path_count_equal_the_expanded_network(specification):
    radix_lists, sizes = specification
    topology = rx.RadixTopology(radix_lists, sizes)
    matrices = expanded_adjacency(radix_lists, sizes)
    assert topology.expanded_layer_sizes == (
        matrices[0].shape[0],
        *(matrix.shape[1] for matrix in matrices),
    )
    assert max(matrix.max() for matrix in matrices) == 1
    density = Fraction(
        int(sum(matrix.sum() for matrix in matrices)), sum(matrix.size for matrix in matrices)
    )
    assert topology.expanded_density == density
    assert topology.expanded_sparsity == float(1 - density)
    # Before fitting all pairs of an input and an output have the same number of paths (Kepner and
    # Robinett, 2019).
    assert set(path_counts(matrices).ravel().tolist()) == {topology.expanded_path_count}


@given(specifications(), FITS)
def test_sparse_masks_hold_the_same_connections(specification, fit):
    topology = rx.RadixTopology(*specification, fit)
    for sparse, mask in zip(topology.sparse_masks, fitted_masks(*specification, fit), strict=True):
        assert sparse.format == "csr"
        assert sparse.has_canonical_format
        assert sparse.nnz == np.count_nonzero(mask)
        np.testing.assert_array_equal(sparse.toarray(), mask, strict=True)


@settings(max_examples=200)
@given(
    specifications(max_modulus=6, max_layers=3),
    specifications(max_modulus=6, max_layers=3),
    FITS,
    FITS,
    st.booleans(),
)
@example(([[2, 1], [2]], (3, 3, 3, 3)), ([[2], [1, 2]], (3, 3, 3, 3)), "trim", "trim", False)
@example(([[2, 1], [2]], (3, 3, 3, 3)), ([[2], [1, 2]], (3, 3, 3, 3)), "fold", "fold", False)
@example(([[5]], (2, 2)), ([[6]], (2, 2)), "trim", "fold", False)
@example(([[1]], (2, 3)), ([[1]], (3, 2)), "trim", "trim", False)
@example(([[1, 4]], (3, 2, 2)), ([[1, 4]], (3, 2, 2)), "trim", "fold", True)
@example(([[5], [1]], (3, 2, 2)), ([[6], [2]], (3, 2, 2)), "fold", "fold", True)
def test_fingerprints_are_equal_exactly_when_masks_are(one, other, fit, other_fit, same_sizes):
    if same_sizes and len(one[1]) == len(other[1]):
        other = (other[0], one[1])
    first, second = fitted_masks(*one, fit), fitted_masks(*other, other_fit)
    same = one[1] == other[1] and all(
        np.array_equal(a, b) for a, b in zip(first, second, strict=True)
    )
    assert (
        rx.RadixTopology(*one, fit).fingerprint == rx.RadixTopology(*other, other_fit).fingerprint
    ) == same


def test_fingerprints_of_trimmed_networks_have_not_changed():
    """Pinned for hashes that somebody wrote down: of the sizes' text, then layers' diagonals."""
    digest = hashlib.sha256(b"(7, 5, 4, 2)")
    for mask in trimmed_masks([[2, 3], [3]], (7, 5, 4, 2)):
        digest.update(np.packbits(np.concatenate([mask[:0:-1, 0], mask[0]])).tobytes())
    assert rx.RadixTopology([[2, 3], [3]], (7, 5, 4, 2)).fingerprint == digest.digest()


@pytest.mark.parametrize(("text", "sparsity"), PAPER_CASES.items())
def test_reference_sparsities_on_lenet(text, sparsity):
    topology = rx.RadixTopology(read(text), LENET)
    assert topology.sparsity == pytest.approx(sparsity, rel=1e-14, abs=1e-14)
    assert str(topology) == f"{text} on 784-300-100-10"
    assert rx.format_radix_lists(topology.radix_lists) == text


def test_topologies_are_values():
    """Equal by what they were made of, usable in sets, and not changeable."""
    one = rx.RadixTopology([[2, 2], [2]], LENET)
    other = rx.RadixTopology(((np.int64(2), 2), np.array([2])), np.array(LENET))
    assert one == other
    assert len({one, other}) == 1
    assert one != rx.RadixTopology([[2, 2], [2]], (784, 300, 100, 11))
    assert all(type(radix) is int for radix in other.radices)
    with pytest.raises(AttributeError):
        one.layer_sizes = (1, 2)


# -- illegal input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("radix_lists", "said"),
    [
        # what is given, and what the message must say
        ([], ["[]", "no list", "[[10, 10], [10]]"]),
        ([[10, 10], [], [10]], ["[[10, 10], [], [10]]", "list 2 is empty", "at least one radix"]),
        ([[0, 10], [10]], ["[[0, 10], [10]]", "positive integer", "0 (int)"]),
        ([[10.0, 10], [10]], ["10.0 (float)", "positive integer"]),
        ([[True, 10], [10]], ["True (bool)", "positive integer"]),
        ([[np.True_, 10], [10]], ["True", "(bool)", "positive integer"]),
        ([["10"]], ["'10' (str)", "positive integer"]),
        ([[[10, 10]], [10]], ["[[[10, 10]], [10]]", "positive integer", "[10, 10] (list)"]),
        (np.ones((1, 2, 2), dtype=int), ["(ndarray)", "positive integer"]),
        ([10, 10], ["[10, 10]", "item 1 is 10, not a list", "[[10, 10], [10]]"]),
        ("[[10, 10], [10]]", ["'[[10, 10], [10]]'", "lists of positive integers"]),
        (None, ["radix lists None", "lists of positive integers"]),
        (np.array(5), ["5", "lists of positive integers"]),
        ([np.array(5)], ["5", "lists of positive integers"]),
        # The order of radices decides the masks, and a set forgets it.
        pytest.param([{10, 2}, [5]], ["radix lists"], id="a set in a list"),
        ([{10: 1, 2: 1}, [5]], ["radix lists"]),
        pytest.param({(10, 10), (10,)}, ["radix lists"], id="a set"),
        ([[10, 10], [3]], ["[[10, 10], [3]]", "the last list's product 3 must divide 100"]),
        ([[10, 10], [10], [10]], ["product of list 2 is 10", "100"]),
        ([[2**70], [2**69 + 1]], [str(2**70), "must divide"]),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_illegal_radix_lists_are_refused_and_the_message_says_why(radix_lists, said):
    with pytest.raises(ValueError, match="radix lists") as caught:
        rx.RadixTopology(radix_lists, LENET)
    assert [part for part in said if part not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ((784, 300, 100), ["[[10, 10], [10]]", "3 weight layers", "4 layer sizes", "3 were given"]),
        ((784, 0, 100, 10), ["[784, 0, 100, 10]", "positive integer", "0 (int)"]),
        ((784, 300.0, 100, 10), ["positive integer", "300.0 (float)"]),
        ((784, "300", 100, 10), ["positive integer", "'300' (str)"]),
        (np.array([[784, 300], [100, 10]]), ["positive integer", "(ndarray)"]),
        ("784", ["'784'", "positive integers", "(784, 300, 100, 10)"]),
        (None, ["None", "positive integers"]),
        pytest.param({784, 300, 100, 10}, ["layer sizes"], id="a set"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_illegal_layer_sizes_are_refused_and_the_message_says_why(sizes, said):
    with pytest.raises(ValueError, match="layer sizes") as caught:
        rx.RadixTopology([[10, 10], [10]], sizes)
    assert [part for part in said if part not in str(caught.value)] == []


def test_an_unknown_fit_is_refused_and_a_dense_output_must_be_a_bool():
    with pytest.raises(ValueError, match=r"'shrink'.*'trim'.*'fold'"):
        rx.RadixTopology([[10, 10], [10]], LENET, fit="shrink")
    with pytest.raises(ValueError, match="dense_output must be True or False, and 1 is not"):
        rx.RadixTopology([[10, 10], [10]], LENET, dense_output=1)


@settings(max_examples=300)
@given(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=3), min_size=1, max_size=4))
def test_radix_lists_are_legal_exactly_by_the_definition(radix_lists):
    if is_legal(radix_lists):
        assert check_radix_lists(radix_lists) == tuple(map(tuple, radix_lists))
    else:
        with pytest.raises(ValueError, match="product"):
            check_radix_lists(radix_lists)


# -- work and memory -----------------------------------------------------------------------------


def lines_of_python(act):
    """Return how many lines of Python something executes: its work on any machine."""
    count = 0

    def trace(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def test_a_diagnosis_has_no_loop_over_connections():
    """Of 16 times as many; the figures diagnose 1,517 networks and more."""

    def diagnose(times):
        topology = rx.RadixTopology([[10, 10], [10]], (784 * times, 300 * times, 100 * times, 10))
        assert topology.sparsity == topology.expanded_sparsity == pytest.approx(0.9, abs=0.001)
        topology.diagnose()

    diagnose(1)  # imports what it needs
    assert lines_of_python(lambda: diagnose(4)) < 4 * lines_of_python(lambda: diagnose(1))


@pytest.mark.parametrize(
    ("fit", "size", "extremes"),
    [("trim", 65536, (32, 32)), ("fold", 65530, (26, 37))],
)
def test_a_sparse_layer_of_65536_neurons_takes_200_megabytes_and_no_loop_over_connections(
    fit, size, extremes
):
    """As a dense mask it would be 4 GB; 65,536 x 32 connections are what there is to store.

    The last case merges 65530 ... 65535 into 0 ... 5 on both sides. A unit fed by 32 inputs that
    run across all of these has six of them twice; input 0 and what became of input 65530 feed 65499
    ... 65529 and 0 ... 5.
    """

    def build():
        return rx.RadixTopology([[32, 2048]], (size, size, 1), fit).sparse_masks[0]

    mask = build()
    assert (mask.sum(axis=0, dtype=int).min(), mask.sum(axis=1, dtype=int).max()) == extremes
    merged = 2 * (65536 - size)  # only their connections can come to coincide with others
    assert 32 * (65536 - merged) <= mask.nnz <= 32 * 65536
    assert lines_of_python(build) < 2000
    tracemalloc.start()
    try:
        build()
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()
