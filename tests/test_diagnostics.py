"""Diagnoses against path searches by NetworkX and matrix products in Python integers, on RadiX-Nets and on any other masks."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from reference import path_counts as reference_path_counts
from reference import trimmed_masks
from strategies import specifications

import radixnet as rx
from radixnet.diagnostics import live_units, path_counts


@st.composite
def networks(draw, largest=5):
    """Draw masks of one to four layers, of any shape that chains, any connections."""
    sizes = draw(st.lists(st.integers(1, largest), min_size=2, max_size=5))
    return [draw(hnp.arrays(bool, shape)) for shape in pairwise(sizes)]


def graph_of(masks):
    """Return the network as a directed graph with nodes (layer, number)."""
    graph = nx.DiGraph()
    for layer, size in enumerate([len(masks[0]), *(mask.shape[1] for mask in masks)]):
        graph.add_nodes_from((layer, number) for number in range(size))
    for layer, mask in enumerate(masks):
        graph.add_edges_from(((layer, a), (layer + 1, b)) for a, b in np.argwhere(mask).tolist())
    return graph


def compare_with_path_search(masks):
    """Compare everything in a diagnosis with what a search for all paths finds."""
    graph = graph_of(masks)
    inputs, outputs = (
        [(layer, number) for number in range(size)] for layer, size in [(0, len(masks[0])), (len(masks), masks[-1].shape[1])]
    )
    paths = {(a, b): list(nx.all_simple_paths(graph, a, b)) for a in inputs for b in outputs}
    counts = [len(found) for found in paths.values()]
    live = {node for found in paths.values() for path in found for node in path}
    sizes = [len(masks[0]), *(mask.shape[1] for mask in masks)]

    diagnosis = rx.diagnose(masks)
    assert diagnosis.layer_sizes == tuple(sizes)
    assert diagnosis.live_units == tuple(sum(node[0] == layer for node in live) for layer in range(len(sizes)))
    assert diagnosis.min_output_fan_in == min(graph.in_degree(node) for node in outputs)
    assert diagnosis.input_coverage == pytest.approx(len(live.intersection(inputs)) / len(inputs), rel=1e-15)
    assert diagnosis.connected_pairs == pytest.approx(sum(count > 0 for count in counts) / len(counts), rel=1e-15)
    assert (diagnosis.min_paths, diagnosis.max_paths) == (min(counts), max(counts))
    assert diagnosis.mean_paths == pytest.approx(sum(counts) / len(counts), rel=1e-14)
    for layer, units in enumerate(live_units(masks)):
        assert [bool(unit) for unit in units] == [(layer, number) in live for number in range(sizes[layer])]


@settings(max_examples=150, deadline=None)
@given(networks())
@example([np.zeros((2, 3), dtype=bool), np.ones((3, 1), dtype=bool)])
@example([np.ones((1, 1), dtype=bool)])
def test_diagnosis_of_any_masks_agrees_with_a_search_for_all_paths(masks):
    compare_with_path_search(masks)


@settings(max_examples=50, deadline=None)
@given(specifications(max_modulus=5, max_layers=3))
def test_diagnosis_of_radix_nets_agrees_with_a_search_for_all_paths(specification):
    masks = trimmed_masks(*specification)
    compare_with_path_search(masks)
    assert rx.RadixTopology(*specification).diagnose() == rx.diagnose(masks)


@settings(max_examples=100, deadline=None)
@given(specifications(max_modulus=30))
def test_path_counts_equal_the_product_in_python_integers(specification):
    masks = trimmed_masks(*specification)
    exact = reference_path_counts([mask.astype(int) for mask in masks])
    assert path_counts(masks).astype(object).tolist() == exact.tolist()


def test_without_trimming_every_pair_has_the_same_number_of_paths():
    """[[6, 6], [6, 6], [4, 3]] on N' = 36: N'^(M-2) x prod(N_M) = 36 x 12 paths between any two ends."""
    diagnosis = rx.RadixTopology([[6, 6], [6, 6], [4, 3]], (36,) * 7).diagnose()
    assert diagnosis.min_paths == diagnosis.max_paths == diagnosis.mean_paths == 36 * 12
    assert diagnosis.connected_pairs == diagnosis.input_coverage == 1
    assert diagnosis.live_units == diagnosis.layer_sizes == (36,) * 7


def test_more_paths_than_doubles_count_are_exact_all_the_same():
    widths = [3, 2047, 2047, 2047, 2047, 2047, 1]  # 2047^5 is about 2^55 and odd
    masks = [np.ones(shape, dtype=bool) for shape in pairwise(widths)]
    diagnosis = rx.diagnose(masks)
    assert isinstance(diagnosis.max_paths, int)
    assert diagnosis.min_paths == diagnosis.max_paths == 2047**5
    assert diagnosis.mean_paths == float(2047**5)


def test_path_counts_of_random_deep_networks_equal_the_product_in_python_integers():
    """Every size from one digit of the arithmetic to many, with units that no path reaches."""
    generator = np.random.default_rng(0)
    for depth in (1, 2, 5, 9, 12, 30):
        masks = [generator.random((40, 40)) < 0.7 for _ in range(depth)]
        masks[-1][:, 0] = False
        exact = reference_path_counts([mask.astype(int) for mask in masks])
        assert path_counts(masks).astype(object).tolist() == exact.tolist()
        diagnosis = rx.diagnose(masks)
        assert (diagnosis.min_paths, diagnosis.max_paths) == (0, exact.max())
        assert diagnosis.mean_paths == pytest.approx(exact.sum() / exact.size, rel=1e-14)


def test_more_paths_than_the_largest_double_are_counted():
    """[[10]] * 400 on layers of ten joins everything: 10^399 paths between any two ends."""
    diagnosis = rx.RadixTopology([[10]] * 400, [10] * 401).diagnose()
    assert diagnosis.min_paths == diagnosis.max_paths == 10**399
    assert diagnosis.mean_paths == float("inf")
    assert diagnosis.connected_pairs == 1


def test_sparse_arrays_are_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"mask 1 is a sparse array \(csr_array\).*\.toarray\(\).*topology\.masks"):
        rx.diagnose(rx.RadixTopology([[2, 3], [3]], (12, 9, 7, 3)).sparse_masks)


def test_trimming_the_network_of_the_paper_cuts_hidden_units_off_from_every_output():
    """[[13, 11], [1]] on 784-300-100-10 leaves 231 of 300 and 10 of 100 hidden units on some path."""
    diagnosis = rx.RadixTopology([[13, 11], [1]], (784, 300, 100, 10)).diagnose()
    assert diagnosis.live_units[1:] == (231, 10, 10)
    assert diagnosis.layer_sizes == (784, 300, 100, 10)
    assert diagnosis.min_output_fan_in == 1


def test_a_network_larger_than_its_layers_sees_the_first_pixels_only():
    """[[10, 10, 10]] has N' = 1000 > 784: the first layer joins hidden unit b to inputs b ... b + 9 and, at b = 299, ends there."""
    diagnosis = rx.RadixTopology([[10, 10, 10]], (784, 300, 100, 10)).diagnose()
    assert diagnosis.input_coverage < 309 / 784 + 1e-12


def test_diagnosis_accepts_zeros_and_ones_of_any_number_type():
    masks = trimmed_masks([[3, 2], [3]], (7, 5, 4, 2))
    for dtype in (np.uint8, np.int64, np.float32):
        assert rx.diagnose([mask.astype(dtype) for mask in masks]) == rx.diagnose(masks)
    assert rx.diagnose([mask.tolist() for mask in masks]) == rx.diagnose(masks)


@pytest.mark.parametrize(
    ("masks", "said"),
    [
        ([], ["[]", "(n0, n1), (n1, n2)"]),
        ([np.ones(3, dtype=bool)], ["[(3,)]", "(n0, n1)"]),
        ([np.ones((2, 3), dtype=bool), np.ones((2, 3), dtype=bool)], ["[(2, 3), (2, 3)]", "(n0, n1)"]),
        ([np.ones((0, 3), dtype=bool)], ["[(0, 3)]", "(n0, n1)"]),
        ([np.ones((2, 3, 1), dtype=bool)], ["[(2, 3, 1)]", "(n0, n1)"]),
        (np.ones((3, 3), dtype=bool), ["[(3,), (3,), (3,)]", "(n0, n1)"]),
    ],
    ids=["none", "vector", "shapes that do not chain", "no units", "three axes", "one matrix, not a list"],
)
@pytest.mark.parametrize("function", [rx.diagnose, path_counts, live_units])
def test_masks_that_form_no_network_are_refused_and_the_message_shows_their_shapes(masks, said, function):
    with pytest.raises(ValueError, match="masks") as caught:
        function(masks)
    for part in said:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "masks",
    [
        None,
        5,
        [np.array([["yes", "no"]])],
        [np.array([[float("nan"), 1.0]])],
        [np.array([[None, True]])],
        [[[1, 2], [3]]],
    ],
    ids=["None", "number", "text", "NaN", "objects", "ragged"],
)
def test_masks_that_are_no_matrices_of_zero_and_one_are_refused_by_name(masks):
    with pytest.raises(ValueError, match="mask"):
        rx.diagnose(masks)
