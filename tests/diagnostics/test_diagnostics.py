"""Diagnoses against path searches by NetworkX and products in Python integers, on any masks."""

import os
import subprocess
import sys
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import specifications

import radixnet as rx
from radixnet.diagnostics import live_units, path_counts, spectral_gaps
from radixnet.diagnostics.lost_classes import (
    chance_of_dead_units,
    chance_of_lost_classes,
    lost_by_signs,
)
from reference import path_counts as reference_path_counts
from reference import trimmed_masks


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
        [(layer, number) for number in range(size)]
        for layer, size in [(0, len(masks[0])), (len(masks), masks[-1].shape[1])]
    )
    paths = {(a, b): list(nx.all_simple_paths(graph, a, b)) for a in inputs for b in outputs}
    counts = [len(found) for found in paths.values()]
    live = {node for found in paths.values() for path in found for node in path}
    sizes = [len(masks[0]), *(mask.shape[1] for mask in masks)]

    diagnosis = rx.diagnose(masks)
    assert diagnosis.layer_sizes == tuple(sizes)
    assert diagnosis.live_units == tuple(
        sum(node[0] == layer for node in live) for layer in range(len(sizes))
    )
    assert diagnosis.min_output_fan_in == min(graph.in_degree(node) for node in outputs)
    assert diagnosis.input_coverage == pytest.approx(
        len(live.intersection(inputs)) / len(inputs), rel=1e-15
    )
    assert diagnosis.connected_pairs == pytest.approx(
        sum(count > 0 for count in counts) / len(counts), rel=1e-15
    )
    assert (diagnosis.min_paths, diagnosis.max_paths) == (min(counts), max(counts))
    assert diagnosis.mean_paths == pytest.approx(sum(counts) / len(counts), rel=1e-14)
    for layer, units in enumerate(live_units(masks)):
        assert [bool(unit) for unit in units] == [
            (layer, number) in live for number in range(sizes[layer])
        ]


@settings(max_examples=150)
@given(networks())
@example([np.zeros((2, 3), dtype=bool), np.ones((3, 1), dtype=bool)])
@example([np.ones((1, 1), dtype=bool)])
def test_diagnosis_of_any_masks_agrees_with_a_search_for_all_paths(masks):
    compare_with_path_search(masks)


@settings(max_examples=50)
@given(specifications(max_modulus=5, max_layers=3))
def test_diagnosis_of_radix_nets_agrees_with_a_search_for_all_paths(specification):
    masks = trimmed_masks(*specification)
    compare_with_path_search(masks)
    assert rx.RadixTopology(*specification).diagnose() == rx.diagnose(masks)


def test_path_counts_are_exact_around_the_largest_whole_number_that_single_precision_counts_to():
    """2^24 = 256^3, and 257 x 255 x 257, which is odd and lies above it."""
    for hidden in ((256, 256, 256), (257, 255, 257), (257, 256, 255)):
        masks = [np.ones(shape, dtype=bool) for shape in pairwise([2, *hidden, 1])]
        assert path_counts(masks).tolist() == [[float(np.prod(hidden))]] * 2


def test_diagnoses_leave_other_cores_alone():
    """Products this small take longer when threads share them, and far longer on busy cores."""
    script = """
import time, radixnet as rx
topologies = [rx.RadixTopology([[i, 10], [10]], rx.LENET_300_100) for i in range(1, 41)]
topologies[0].diagnose()
time.sleep(0.5)  # BLAS's threads look for work for a while before they sleep
process, thread = time.process_time(), time.thread_time()
for topology in topologies:
    topology.diagnose()
process, thread = time.process_time() - process, time.thread_time() - thread
print((process - thread) / thread)
"""
    command, threads = [sys.executable, "-c", script], {"OPENBLAS_NUM_THREADS": "2"}
    share = subprocess.check_output(command, env=os.environ | threads, text=True, encoding="utf-8")
    assert float(share) < 0.2


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
    for depth in (1, 5, 12, 30):
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


def test_trimming_the_network_of_the_paper_cuts_hidden_units_off_from_every_output():
    """[[13, 11], [1]] on LeNet leaves 231 of 300 and 10 of 100 hidden units on some path."""
    diagnosis = rx.RadixTopology([[13, 11], [1]], (784, 300, 100, 10)).diagnose()
    assert diagnosis.live_units[1:] == (231, 10, 10)
    assert diagnosis.layer_sizes == (784, 300, 100, 10)
    assert diagnosis.min_output_fan_in == 1


# -- what is to be expected ----------------------------------------------------------------------

LENET = (784, 300, 100, 10)


FEW = "incoming connection"
RISK, DOUBT, WELL = "at risk", "in doubt", "expected to train"


@pytest.mark.parametrize(
    ("radix_lists", "fit", "positive_output", "verdict", "said"),
    [
        # One unit for each class: none is lost if the negative ones come first, as 11 of the 2^10
        # patterns of signs have it.
        ([[13, 11], [1]], "trim", False, RISK, [f"10 of 10 classes have 1 {FEW},", "98.9%"]),
        ([[13, 12], [2]], "trim", False, RISK, [f"10 of 10 classes have 2 {FEW}s,"]),
        ([[13, 11], [1]], "trim", True, WELL, ["is 0.0%", "231 and 10 live units, enough for 10"]),
        ([[13, 11], [1]], "fold", False, WELL, ["300 and 100 live units"]),
        ([[7, 15], [3]], "trim", False, DOUBT, [f"have 3 {FEW}s and none", "too high to rely on"]),
        ([[10, 10], [10]], "trim", False, WELL, [f"10 {FEW}s", "100.0% of the inputs reach class"]),
        ([[3, 10, 10]], "trim", False, RISK, ["% of the inputs reach class"]),
    ],
)
def test_verdicts_on_networks_of_the_paper(radix_lists, fit, positive_output, verdict, said):
    diagnosis = rx.RadixTopology(radix_lists, LENET, fit).diagnose(positive_output)
    assert diagnosis.verdict == verdict
    for part in said:
        assert part in " ".join(diagnosis.reasons)
    assert all(reason.endswith(".") for reason in diagnosis.reasons)


def test_a_class_that_nothing_reaches_cannot_be_learned():
    masks = [np.ones((30, 8), dtype=bool), np.ones((8, 3), dtype=bool)]
    masks[1][:, 1] = False
    diagnosis = rx.diagnose(masks)
    assert diagnosis.verdict == "cannot learn every class"
    assert diagnosis.reasons[0].startswith("No input has a path to class 1:")
    assert diagnosis.min_class_coverage == 0
    assert diagnosis.chance_of_a_lost_class == 1


def test_classes_on_the_same_single_unit_cannot_all_be_learned():
    """Classes 0, 2 and 3 hang on unit 5; class 3 also has a unit without inputs, no help."""
    first, last = np.ones((30, 8), dtype=bool), np.ones((8, 5), dtype=bool)
    first[:, 7] = False
    last[:, [0, 2, 3]] = False
    last[5, [0, 2, 3]] = True
    last[7, 3] = True
    diagnosis = rx.diagnose([first, last])
    assert diagnosis.classes_on_one_unit == ((0, 2, 3),)
    assert diagnosis.output_fan_ins == (1, 8, 1, 2, 8)
    assert diagnosis.verdict == "cannot learn every class"
    assert diagnosis.reasons[0].startswith("Classes 0, 2 and 3 hang on one and the same unit")


def test_a_hidden_layer_narrower_than_the_classes_is_a_risk():
    masks = [np.ones(shape, dtype=bool) for shape in ((30, 12), (12, 4), (4, 20), (20, 5))]
    diagnosis = rx.diagnose(masks)
    assert diagnosis.verdict == "at risk"
    assert diagnosis.reasons == (
        "Hidden layer 2 has 4 live units, fewer than the 5 classes, whose logits therefore cannot "
        "vary independently.",
    )


def test_inputs_that_reach_few_classes_are_counted_class_by_class():
    """Class 0 is reached by 2 of 5 inputs, class 1 by 4."""
    first = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 0]], dtype=bool).repeat(6, axis=1)
    last = np.array([[1, 1], [0, 1]], dtype=bool).repeat(6, axis=0)
    diagnosis = rx.diagnose([first, last])
    assert diagnosis.min_class_coverage == 2 / 5
    assert diagnosis.input_coverage == 4 / 5
    assert diagnosis.reasons == ("Only 40.0% of the inputs reach class 0.",)


@settings(max_examples=50)
@given(networks())
def test_every_diagnosis_has_a_verdict_with_reasons_that_fits_its_numbers(masks):
    diagnosis = rx.diagnose(masks)
    assert diagnosis.reasons
    reached = np.array([diagnosis.min_class_coverage > 0])
    assert sum(diagnosis.chances_of_lost_classes) == pytest.approx(1)
    if not reached or diagnosis.classes_on_one_unit:
        assert diagnosis.verdict == "cannot learn every class"
    elif diagnosis.chance_of_a_lost_class >= 0.5 or diagnosis.min_class_coverage < 0.5:
        assert diagnosis.verdict == "at risk"
    elif min(diagnosis.live_units[1:-1], default=99) >= len(diagnosis.output_fan_ins):
        is_doubtful = diagnosis.chance_of_a_lost_class >= 0.35
        assert diagnosis.verdict == ("in doubt" if is_doubtful else "expected to train")
    counts = reference_path_counts([np.asarray(mask).astype(int) for mask in masks]).astype(float)
    assert diagnosis.path_imbalance == pytest.approx(
        counts.std() / counts.mean() if counts.any() else 0.0
    )
    assert diagnosis.min_class_coverage == (counts > 0).mean(axis=0).min()


def test_paths_of_a_network_before_fitting_are_in_balance_however_many():
    assert rx.RadixTopology([[3, 4], [6]], (24, 12, 12, 12)).diagnose().path_imbalance == 0
    deep = [np.ones((10, 10), dtype=bool)] * 400
    deep[0] = deep[0] ^ np.eye(10, dtype=bool)
    assert rx.diagnose([*deep, np.ones((10, 3), dtype=bool)]).path_imbalance == 0
    deep[0] = np.tri(10, dtype=bool)  # input k has k + 1 times as many paths as input 0
    shares = np.arange(1, 11)
    assert rx.diagnose(deep).path_imbalance == pytest.approx(shares.std() / shares.mean())


# -- spectral gaps -------------------------------------------------------------------------------


def test_spectral_gaps_known_from_theory():
    """All connections: gap 1. Two parts: gap 0. A cycle of 2 n nodes: values |cos(pi j / n)|.

    A cyclic layer of n nodes and radix r is a circulant matrix, with singular values |sin(pi j r /
    n) / (r sin(pi j / n))|.
    """
    parts = np.kron(np.eye(2), np.ones((3, 4))).astype(bool)
    cycle = np.eye(7, dtype=bool) | np.roll(np.eye(7, dtype=bool), 1, axis=1)
    gaps = spectral_gaps(
        [np.ones((3, 6), dtype=bool), parts, np.ones((8, 7), dtype=bool), cycle][:1]
    )
    assert gaps == pytest.approx([1])
    assert spectral_gaps([parts]) == pytest.approx([0], abs=1e-7)
    assert spectral_gaps([cycle]) == pytest.approx([1 - np.cos(np.pi / 7)])
    (mask,) = rx.RadixTopology([[5, 4]], (20, 20, 20)).masks[:1]
    assert spectral_gaps([mask]) == pytest.approx(
        [1 - np.sin(np.pi * 5 / 20) / (5 * np.sin(np.pi / 20))]
    )
    assert spectral_gaps([np.ones((4, 1), dtype=bool)]) == (1.0,)


@settings(max_examples=50)
@given(networks())
def test_spectral_gaps_are_zero_exactly_when_a_layer_falls_apart(masks):
    """By a search for connected components; units without any connection do not count."""
    for mask, gap in zip(masks, spectral_gaps(masks), strict=True):
        graph = nx.Graph((("in", a), ("out", b)) for a, b in zip(*np.nonzero(mask), strict=True))
        assert 0 <= gap <= 1
        if len(graph):
            assert (gap < 1e-6) == (nx.number_connected_components(graph) > 1)


def test_diagnosis_accepts_zeros_and_ones_of_any_number_type():
    masks = trimmed_masks([[3, 2], [3]], (7, 5, 4, 2))
    for dtype in (np.uint8, np.int64, np.float32):
        assert rx.diagnose([mask.astype(dtype) for mask in masks]) == rx.diagnose(masks)
    assert rx.diagnose([mask.tolist() for mask in masks]) == rx.diagnose(masks)


@pytest.mark.parametrize(
    ("masks", "said"),
    [
        ([], ["masks", "[]", "(n0, n1), (n1, n2)"]),
        ([np.ones((2, 3), dtype=bool)] * 2, ["masks", "[(2, 3), (2, 3)]", "(n0, n1)"]),
        ([np.ones((0, 3), dtype=bool)], ["masks", "[(0, 3)]", "(n0, n1)"]),
        (np.ones((3, 3), dtype=bool), ["masks", "[(3,), (3,), (3,)]", "(n0, n1)"]),
        (None, ["masks None", "one matrix per layer"]),
        ([np.array([["yes", "no"]])], ["mask 1", "0 and 1"]),
        ([np.array([[float("nan"), 1.0]])], ["mask 1", "NaN"]),
        ([np.array([[None, True]])], ["mask 1", "object", "0 and 1"]),
        ([[[1, 2], [3]]], ["mask 1", "differ in length"]),
        (rx.RadixTopology([[2]], (2, 2)).sparse_masks, ["csr_array", ".toarray()", ".masks"]),
    ],
    ids=[
        "none",
        "chain",
        "no units",
        "matrix",
        "None",
        "text",
        "NaN",
        "objects",
        "ragged",
        "sparse",
    ],
)
def test_masks_that_do_not_form_a_network_are_refused_and_the_message_says_why(masks, said):
    with pytest.raises(ValueError, match="mask") as caught:
        rx.diagnose(masks)
    assert [part for part in said if part not in str(caught.value)] == []


FUNCTIONS = [path_counts, live_units, spectral_gaps, chance_of_lost_classes, chance_of_dead_units]


@pytest.mark.parametrize("function", [*FUNCTIONS, lost_by_signs])
def test_every_function_of_masks_checks_them(function):
    with pytest.raises(ValueError, match=r"masks of shapes \[\(2, 3\), \(2, 3\)\]"):
        function([np.ones((2, 3))] * 2)
