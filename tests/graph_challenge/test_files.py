"""The challenge's files: every number survives; what is damaged is refused, file and line."""

import gzip
import re

import numpy as np
import pytest
from scipy.io import mmread
from scipy.sparse import csr_array

from radixnet.datasets import DatasetError
from radixnet.graph_challenge import (
    LayerFiles,
    files,
    layers,
    pack_images,
    read_categories,
    read_images,
    read_layer,
    write_categories,
    write_images,
    write_layer,
    write_matrix_market,
)
from radixnet.graph_challenge.check import main


def random_layer(neurons=40, seed=0):
    """Return a layer whose weights are of all sizes that float32 has."""
    random = np.random.default_rng(seed)
    exponents = random.integers(-44, 38, (neurons, neurons))
    weights = random.uniform(-9, 9, (neurons, neurons)) * 10.0**exponents
    return csr_array((weights * (random.random(weights.shape) < 0.3)).astype(np.float32))


def same(one, two):
    """Say whether two sparse arrays have the same entries."""
    return np.array_equal(one.toarray(), two.toarray())


@pytest.mark.parametrize("name", ["n40-l1.tsv", "n40-l1.tsv.gz"])
@pytest.mark.parametrize("block", [1, 7, 100, 2**22])
def test_every_weight_survives_however_a_file_is_cut_into_blocks(
    name, block, tmp_path, monkeypatch
):
    layer = random_layer()
    write_layer(tmp_path / name, layer)
    monkeypatch.setattr(files, "_BLOCK", block)
    assert same(read_layer(tmp_path / name, 40), layer)


def test_a_file_is_written_as_the_official_ones_are(tmp_path):
    layer = csr_array(np.array([[True, False], [True, True]]))
    write_layer(tmp_path / "plain", layer)
    expected = b"1\t1\t6.250000e-02\n2\t1\t6.250000e-02\n2\t2\t6.250000e-02\n"
    assert (tmp_path / "plain").read_bytes() == expected
    write_layer(tmp_path / "packed.gz", layer)
    assert gzip.decompress((tmp_path / "packed.gz").read_bytes()) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["packed.gz", "plain"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("+.5", 0.5),
        ("-2.", -2),
        ("0.0625", 1 / 16),
        ("625e-4", 1 / 16),
        ("1E2", 100),
        ("16777217", 2**24),
    ],
)
def test_a_value_may_be_written_in_any_decimal_way(text, value, tmp_path):
    (tmp_path / "layer").write_text(f"2\t1\t{text}\n", encoding="utf-8")
    assert read_layer(tmp_path / "layer", 2).toarray().tolist() == [[0, 0], [value, 0]]


DAMAGE = {
    "no value": "3\t3",
    "no value after the tab": "3\t3\t",
    "four fields": "3\t3\t1\t1",
    "spaces": "3 3 1",
    "row 0": "0\t3\t1",
    "a row too large": "5\t3\t1",
    "a column too large": "3\t5\t1",
    "a negative column": "3\t-3\t1",
    "a row of many digits": "99999999999999999999\t3\t1",
    "a decimal row": "3.0\t3\t1",
    "value 0": "3\t3\t0.0",
    "two points": "3\t3\t1.0.0",
    "no digits": "3\t3\t-.",
    "no exponent": "3\t3\t1e",
    "not a number": "3\t3\tnan",
    "more than float32 holds": "3\t3\t1e39",
    "a comma": "3\t3\t0,5",
    "a carriage return": "3\t3\t1\r",
    "an empty line": "",
    "zeros of a damaged disk": "\0\0\0\0",
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("block", [5, 2**22])
def test_a_damaged_line_is_refused_with_its_number_and_what_it_says(
    damage, block, tmp_path, monkeypatch
):
    path = tmp_path / "layer.tsv"
    path.write_bytes(f"1\t1\t1\n2\t2\t1\n{DAMAGE[damage]}\n4\t4\t1\n".encode())
    monkeypatch.setattr(files, "_BLOCK", block)
    with pytest.raises(
        DatasetError,
        match=re.escape(f"{path}, line 3: {DAMAGE[damage]!r}"[:60].rstrip("'."))
        + ".*expected row, tab",
    ):
        read_layer(path, 4)


def test_a_connection_that_comes_twice_is_refused_where_it_comes_again(tmp_path):
    (tmp_path / "layer").write_text(
        "1\t1\t1\n2\t2\t1\n3\t1\t1\n2\t2\t1\n1\t1\t1\n", encoding="utf-8"
    )
    with pytest.raises(DatasetError, match="layer, line 4: row 2, column 2 a second time"):
        read_layer(tmp_path / "layer", 3)


def test_a_file_that_is_cut_off_empty_or_missing_is_refused(tmp_path):
    cut, empty = tmp_path / "cut.tsv", tmp_path / "empty.tsv"
    cut.write_text("1\t1\t1\n2\t2\t1", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"cut.tsv, line 2: .* expected a newline"):
        read_layer(cut, 2)
    empty.touch()
    with pytest.raises(DatasetError, match=r"empty.tsv, line 1: the file is empty"):
        read_layer(empty, 2)
    with pytest.raises(DatasetError, match=r"missing.tsv is not there"):
        read_layer(tmp_path / "missing.tsv", 2)
    write_layer(tmp_path / "n40-l1.tsv.gz", random_layer())
    packed = (tmp_path / "n40-l1.tsv.gz").read_bytes()
    for damaged in (packed[:-20], packed[:200] + bytes(20) + packed[220:], b"1\t1\t1\n"):
        (tmp_path / "n40-l1.tsv.gz").write_bytes(damaged)
        with pytest.raises(DatasetError, match=r"n40-l1.tsv.gz"):
            read_layer(tmp_path / "n40-l1.tsv.gz", 40)


def test_what_stops_while_it_is_written_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_write_triples", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_layer(tmp_path / "layer", random_layer())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["images.tsv", "images.tsv.gz"])
def test_images_survive_and_other_values_are_refused(name, tmp_path):
    given = np.random.default_rng(1).random((150, 30)) < 0.2
    images = pack_images(given)
    write_images(tmp_path / name, images)
    back = read_images(tmp_path / name, 30, 150)
    assert np.array_equal(back.words, images.words)
    with pytest.raises(DatasetError, match=r"line .*row from 1 to 149"):
        read_images(tmp_path / name, 30, 149)
    (tmp_path / "grey").write_text("1\t1\t1\n1\t2\t0.5\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"grey, line 2: value 0.5; expected 1"):
        read_images(tmp_path / "grey", 2, 1)


def test_categories_count_from_1_in_files_and_from_0_here(tmp_path):
    path = tmp_path / "categories.tsv"
    write_categories(path, np.array([0, 4, 59_999]))
    assert path.read_text(encoding="utf-8") == "1\n5\n60000\n"
    assert read_categories(path).tolist() == [0, 4, 59_999]
    for text, line in (
        ("3\n3\n", 2),
        ("5\n3\n", 2),
        ("0\n", 1),
        ("1\n60001\n", 2),
        ("1\n\n2\n", 2),
        ("1\nx\n", 2),
        ("1.0\n", 1),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(
            DatasetError, match=rf"categories.tsv, line {line}: .* expected the number of an image"
        ):
            read_categories(path)


def test_other_programs_read_the_matrix_market_file(tmp_path):
    for layer, expected in (
        (random_layer(), random_layer()),
        (layers(64, 1)[0], layers(64, 1)[0] / np.float32(16)),
    ):
        write_matrix_market(tmp_path / "layer.mtx", layer)
        read = mmread(tmp_path / "layer.mtx").astype(np.float32)
        assert np.array_equal(read.toarray(), expected.toarray())


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a small network by formula, one of its layers compressed."""
    for number, layer in enumerate(layers(64, 5), start=1):
        write_layer(tmp_path / f"n64-l{number}.tsv{'.gz' * (number == 3)}", layer)
    return tmp_path


def test_a_folder_of_files_is_a_network_and_equals_the_formula(folder, capsys):
    assert [
        same(one, two / 16)
        for one, two in zip(LayerFiles(folder, 64, 5), layers(64, 5), strict=True)
    ] == [True] * 5
    assert main([str(folder), "--neurons", "64", "--depth", "5"]) == 0
    assert "5 of 5 layers of 64 neurons are equal" in capsys.readouterr().out


def test_where_files_part_from_the_formula_the_check_says_in_which_layer_and_where(folder, capsys):
    moved = layers(64, 2)[1].astype(np.float32) / 16
    moved = moved.tolil()
    row, column = 5, moved.rows[5][0]
    moved[row, column] = 0
    write_layer(folder / "n64-l2.tsv", moved.tocsr())
    text = (folder / "n64-l4.tsv").read_text(encoding="utf-8").replace("6.250000e-02", "0.07", 1)
    (folder / "n64-l4.tsv").write_text(text, encoding="utf-8")
    (folder / "n64-l5.tsv").unlink()
    assert main([str(folder), "--neurons", "64", "--depth", "5"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert (
        said[0] == f"layer 2: 1 connections differ, first at row 6, column {column + 1}, "
        "by the formula only"
    )
    assert re.match(
        r"layer 4: 1 weights differ, first at row \d+, column 1: 0.07, not 0.0625", said[1]
    )
    assert said[2].startswith("layer 5: no n64-l5.tsv")
    assert said[3].startswith("2 of 5 layers")
