"""Measurements of the challenge: each is kept as soon as it is made, and none is made twice."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from companion.graph_challenge import measuring, training
from radixnet.graph_challenge import BIASES, infer, layers, mnist_images, write_categories

PIECE = ("structured", 1024, 3, 128)


@pytest.fixture(scope="module")
def measured():
    return measuring.measure(PIECE)


def test_a_measurement_counts_edges_and_images_as_the_field_does(measured):
    answer = infer(mnist_images(1024, 128), layers(1024, 3), BIASES[1024])
    assert measured.edges == 128 * 3 * 32 * 1024
    assert measured.carried_edges == answer.carried.sum() * 32 * 1024 < measured.edges
    assert measured.categories == len(answer.categories) > 0
    assert (measured.official, measured.common) == (-1, -1)


def test_systems_that_agree_have_the_same_answer_and_a_list_is_compared_with(measured, tmp_path):
    answer = infer(mnist_images(1024, 128), layers(1024, 3), BIASES[1024])
    write_categories(tmp_path / "list", answer.categories[1:])
    other = measuring.measure(("SciPy CSR", *PIECE[1:]), tmp_path / "list")
    assert other.answer == measured.answer
    assert (other.official, other.common) == (len(answer.categories) - 1,) * 2


def test_a_run_that_was_stopped_goes_on_with_what_is_missing(measured, tmp_path, capsys):
    path = tmp_path / "kept.csv"
    kept = replace(measured, seconds=1234.5)
    measuring.append(path, kept)
    broken = ("no such system", *PIECE[1:])
    new = (*PIECE[:3], 64)
    measuring.measure_all([broken, PIECE, new], path, Path(sys.executable), None)
    said = capsys.readouterr().out.splitlines()
    assert "not measured: KeyError: 'no such system'" in said[0]
    assert "1234.5" in said[1]
    first, second = measuring.read(path)
    assert first == kept
    assert second.piece == new


def test_a_class_keeps_its_column_and_every_pixel_reaches_every_class_after_a_block():
    masks = training.masks(6)
    assert [mask.shape for mask in masks] == [(1024, 1024)] * 5 + [(1024, 10)]
    reach = masks[0].astype(float)
    for mask in masks[1:]:
        reach = reach @ mask
    assert (reach > 0).all()
