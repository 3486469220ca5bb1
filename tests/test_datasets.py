"""Data that ships and data that is fetched: right to the byte, or an error that names the file."""

import ast
import dataclasses
import functools
import gzip
import hashlib
import http.server
import io
import os
import re
import struct
import tarfile
import threading
from pathlib import Path

import numpy as np
import pytest

import radixnet as rx
from radixnet import datasets

PACKAGE = Path(rx.__file__).parent
PACKAGED = PACKAGE / "data" / "mnist"
MNIST_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
FILES = list(MNIST_SHA256)
SYSTEM_FOLDER = Path("/usr/share/datasets/fashion-mnist")
TOPOLOGY = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


# -- MNIST in the package ------------------------------------------------------------------------


def test_packaged_mnist_has_the_published_sums_and_its_licence():
    for file, expected in MNIST_SHA256.items():
        assert sha256(gzip.decompress((PACKAGED / f"{file}.gz").read_bytes())) == expected
    assert datasets.FILE_SHA256["mnist"] == MNIST_SHA256
    licence = (PACKAGED / "LICENSE.md").read_text(encoding="utf-8")
    assert "CC BY-SA 3.0" in licence
    assert "LeCun" in licence


def test_mnist_is_the_set_that_everyone_knows():
    data = rx.load_dataset("mnist")
    assert (data.name, data.class_names) == ("mnist", tuple("0123456789"))
    assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(data.train_labels).tolist() == train
    assert np.bincount(data.test_labels).tolist() == test
    # Mean and deviation of a pixel as everybody uses them
    assert data.train_images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert data.train_images.std() / 255 == pytest.approx(0.3081, abs=5e-5)


def test_rows_are_images_of_28_rows_of_28_pixels():
    """The first is a five, dark at its edge; its ink begins in the sixth row of pixels."""
    image = rx.load_dataset("mnist").train_images[0].reshape(28, 28)
    assert np.flatnonzero(image.any(axis=1)).tolist() == list(range(5, 25))
    assert np.flatnonzero(image.any(axis=0)).tolist() == list(range(4, 24))


def test_arrays_are_bytes_in_rows_that_cannot_be_changed_and_are_read_once():
    data = rx.load_dataset("mnist")
    for part, rows in (("train", 60000), ("test", 10000)):
        for name, shape in ((f"{part}_images", (rows, 784)), (f"{part}_labels", (rows,))):
            array = getattr(data, name)
            assert (array.shape, array.dtype) == (shape, np.uint8)
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
            with pytest.raises(ValueError, match="WRITEABLE"):
                array.flags.writeable = True
    assert rx.load_dataset("mnist") is data


def test_the_identity_of_the_data_is_known_without_it():
    expected = sha256("".join(MNIST_SHA256.values()).encode())
    assert datasets.dataset_sha256("mnist") == rx.load_dataset("mnist").sha256 == expected
    assert datasets.dataset_sha256("fashion-mnist") != expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_images": np.zeros((3, 2))}, "train_images of float64 .* uint8, 0 to 255, or as"),
        ({"test_labels": np.zeros(2, int)}, "test_labels of int64: .* 256 classes"),
        (
            {"train_images": np.zeros((3, 2, 2), np.uint8)},
            r"\(3, 2, 2\) .* shapes \(rows, inputs\)",
        ),
        ({"train_labels": np.zeros(2, np.uint8)}, r"train_labels of \(2,\)"),
        ({"test_images": np.zeros((2, 2), np.float32)}, "both of one type"),
        ({"test_images": np.zeros((2, 5), np.uint8)}, "test_images of uint8 with 5"),
        (
            {
                "train_images": np.full((3, 2), np.nan, np.float32),
                "test_images": np.ones((2, 2), np.float32),
            },
            "train_images hold numbers that are not finite",
        ),
    ],
)
def test_arrays_that_no_engine_can_read_are_refused(changes, message):
    images, labels = np.zeros((3, 2), np.uint8), np.zeros(3, np.uint8)
    fine = rx.Dataset("mnist", images, labels, images[:2], labels[:2], ("a",), "")
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(fine, **changes)


def test_arrays_that_change_later_do_not_change_a_data_set():
    """A view that is read-only does not keep those who have the whole array from writing."""
    images, labels = np.zeros((3, 2), np.uint8), np.zeros(3, np.uint8)
    view = images[:2]
    view.flags.writeable = False
    data = rx.Dataset("mnist", images, labels, view, labels[:2], ("a",), "")
    images[:] = labels[:] = 1
    for part in ("train_images", "train_labels", "test_images", "test_labels"):
        assert not getattr(data, part).any()
        with pytest.raises(ValueError, match="read-only"):
            getattr(data, part)[0] = 1


def test_read_only_arrays_are_not_copied():
    published = rx.load_dataset("mnist")
    assert dataclasses.replace(published).train_images is published.train_images
    assert published.train_images.base is not None  # still the bytes of the file


@pytest.mark.parametrize("name", ["cifar10", "MNIST", None, ["mnist"]])
def test_an_unknown_name_is_refused_and_the_known_ones_are_named(name):
    with pytest.raises(ValueError, match="'mnist', 'fashion-mnist'") as caught:
        rx.load_dataset(name)
    assert repr(name) in str(caught.value)


# -- a folder that the user names ----------------------------------------------------------------


@pytest.fixture
def nothing_remembered(monkeypatch):
    """Let the package forget what it loaded, for this test, so that it reads what lies there."""
    monkeypatch.setattr(datasets, "_load", functools.cache(datasets._load.__wrapped__))


@pytest.fixture
def folder(tmp_path, nothing_remembered):  # noqa: ARG001 (used by its name)
    """Return a folder with links to the four packaged files, any of which a test may replace."""
    for file in FILES:
        (tmp_path / f"{file}.gz").symlink_to(PACKAGED / f"{file}.gz")
    return tmp_path


def replace(path, content):
    path.unlink()
    path.write_bytes(content)


def cut(raw):
    return raw[: len(raw) // 2]


def flipped(raw):
    return raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 1]) + raw[len(raw) // 2 + 1 :]


def repacked(change):
    """Return what makes an archive of an archive's changed content."""
    return lambda raw: gzip.compress(change(gzip.decompress(raw)), compresslevel=1)


one_value_changed = repacked(lambda content: content[:-1] + bytes([content[-1] ^ 1]))
DAMAGE = {
    "truncated": cut,
    "truncated in its last byte": lambda raw: raw[:-1],
    "a bit flipped": flipped,
    "one value changed": one_value_changed,
    "a byte short": repacked(lambda content: content[:-1]),
    "a byte long": repacked(lambda content: content + b"\0"),
    "followed by something else": lambda raw: raw + b"<html>",
    "an error page": lambda _: b"<html>404 Not Found</html>",
    "empty": lambda _: b"",
    "of another part": lambda _: (PACKAGED / "train-labels-idx1-ubyte.gz").read_bytes(),
}


def sum_that_is_reported(damaged):
    """Return the sum of an archive's content, or of the archive if it cannot be unpacked."""
    try:
        return sha256(gzip.decompress(damaged))
    except Exception:
        return sha256(damaged)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=list(DAMAGE))
def test_a_damaged_file_is_an_error_that_names_it_and_both_sums(folder, damage):
    file = "t10k-labels-idx1-ubyte"
    path = folder / f"{file}.gz"
    damaged = damage(path.read_bytes())
    replace(path, damaged)
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("mnist", folder=folder)
    said = [str(path), MNIST_SHA256[file], sum_that_is_reported(damaged), "not used", "replace"]
    assert [part for part in said if part not in str(caught.value)] == []
    assert path.read_bytes() == damaged, "the damaged file was changed"


def test_uncompressed_files_are_accepted_and_checked_too(folder):
    for file in FILES:
        path = folder / f"{file}.gz"
        (folder / file).write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    data = rx.load_dataset("mnist", folder=str(folder))
    np.testing.assert_array_equal(data.train_images, rx.load_dataset("mnist").train_images)
    datasets._load.cache_clear()
    altered = folder / "train-images-idx3-ubyte"
    altered.write_bytes(flipped(altered.read_bytes()))
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("mnist", folder=folder)
    said = (str(altered), MNIST_SHA256[altered.name], sha256(altered.read_bytes()))
    assert [part for part in said if part not in str(caught.value)] == []


def test_a_missing_file_is_an_error_that_says_what_to_do_and_is_not_remembered(folder):
    path = folder / "t10k-labels-idx1-ubyte.gz"
    good = path.read_bytes()
    path.unlink()
    with pytest.raises(rx.DatasetError, match="four IDX files") as caught:
        rx.load_dataset("mnist", folder=folder)
    assert f"No {path.name} and no {path.stem} in {folder}. " in str(caught.value)
    path.write_bytes(good)
    assert rx.load_dataset("mnist", folder=folder).test_labels[0] == 7


@pytest.mark.usefixtures("nothing_remembered")
def test_mnist_that_is_gone_from_the_package_is_not_a_matter_of_folders(tmp_path, monkeypatch):
    """Whatever trains reads it from there, and has no folder to name."""
    monkeypatch.setattr(datasets, "_PACKAGED", tmp_path)
    with pytest.raises(rx.DatasetError, match="install radixnet again") as caught:
        rx.train(rx.RunSpec(TOPOLOGY, epochs=1))
    assert str(tmp_path) in str(caught.value)
    assert "Name a folder" not in str(caught.value)


@pytest.mark.parametrize("folder", [5, b"/data", ["/data"], "~no-such-user/data"], ids=repr)
def test_a_folder_that_is_not_a_path_is_refused_and_named(folder):
    with pytest.raises(ValueError, match="give the path of a folder") as caught:
        rx.load_dataset("mnist", folder=folder)
    assert repr(folder) in str(caught.value)


def test_a_tilde_in_the_folder_is_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    assert rx.load_dataset("mnist", folder=f"~/{folder.name}").train_labels[0] == 5


# -- data that are no images ---------------------------------------------------------------------

PUBLISHED_ROWS = {
    # Of UCI's letter-recognition.data, times 17: letter T; and all rows of A to Z.
    "letters": (
        [34, 136, 51, 85, 17, 136, 221, 0, 102, 102, 170, 136, 0, 136, 0, 136],
        19,
        [
            *(789, 766, 736, 805, 768, 775, 773, 734, 755, 747, 739, 761, 792),
            *(783, 753, 803, 783, 758, 748, 796, 813, 764, 752, 787, 786, 734),
        ],
        (16_000, 4_000),
    ),
    # Of UCI's sat.trn: a grey soil; and all rows of Statlog's classes 1 to 5 and 7.
    "satellite": ([92, 115, 120, 94, 84, 102, 106, 79], 2, [1533, 703, 1358, 626, 707, 1508], None),
    "dna": ([0, 255, 0, 0, 0, 0, 255], 2, [767, 765, 1654], (2_000, 1_186)),
}


@pytest.mark.parametrize("name", PUBLISHED_ROWS)
def test_packaged_tables_are_those_of_their_publishers(name):
    first, label, counts, rows = PUBLISHED_ROWS[name]
    data = rx.load_dataset(name)
    assert data.train_images[0, : len(first)].tolist() == first
    assert data.train_labels[0] == label
    assert np.bincount(np.append(data.train_labels, data.test_labels)).tolist() == counts
    assert (len(data.train_labels), len(data.test_labels)) == (rows or (4_435, 2_000))
    assert len(data.class_names) == len(counts)
    for images, labels in (
        (data.train_images, data.train_labels),
        (data.test_images, data.test_labels),
    ):
        assert len(images) == len(labels)
        assert images.dtype == labels.dtype == np.uint8
    assert "CC BY 4.0" in (PACKAGE / "data" / name / "LICENSE.md").read_text(encoding="utf-8")


def test_the_satellites_split_is_statlogs():
    """Class by class as its documentation counts the rows of sat.trn and sat.tst."""
    data = rx.load_dataset("satellite")
    assert np.bincount(data.train_labels).tolist() == [1072, 479, 961, 415, 470, 1038]
    assert np.bincount(data.test_labels).tolist() == [461, 224, 397, 211, 237, 470]


def test_a_table_trains_with_its_own_inputs_and_classes():
    """A network of 16 inputs and 26 classes: no better than chance, were labels and rows apart."""
    topology = rx.RadixTopology([[4, 8]], (16, 64, 26), fit="fold")
    run = rx.train(rx.RunSpec(topology, dataset="letters", epochs=5, initializer="fan_in"))
    assert run.test_accuracy[-1] > 5 / 26
    with pytest.raises(ValueError, match=r"784 inputs.*use 16 inputs"):
        rx.train(rx.RunSpec(TOPOLOGY, dataset="letters"))


# -- CIFAR-10 ------------------------------------------------------------------------------------


@pytest.fixture
def cifar(tmp_path, monkeypatch, nothing_remembered):  # noqa: ARG001 (used by its name)
    """Return the path of a made-up archive of 3 rows in each file, and its rows, last test."""
    rows = np.random.default_rng(4).integers(0, 256, (6, 3, 3073)).astype(np.uint8)
    rows[:, :, 0] %= 10
    path = tmp_path / "cifar-10-binary.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        names = [*(f"data_batch_{number}" for number in (5, 1, 2, 3, 4)), "test_batch"]
        for name, part in zip(names, rows[[4, 0, 1, 2, 3, 5]], strict=True):
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
            member.size = part.nbytes
            archive.addfile(member, io.BytesIO(part.tobytes()))
    sums = {path.name: sha256(path.read_bytes())}
    monkeypatch.setitem(datasets.FILE_SHA256, "cifar-10", sums)
    return path, rows


def test_cifar_10_is_read_from_its_archive_in_the_order_of_its_batches(cifar, monkeypatch):
    path, rows = cifar
    data = rx.load_dataset("cifar-10", folder=path.parent)
    np.testing.assert_array_equal(data.train_images, rows[:5].reshape(15, 3073)[:, 1:])
    np.testing.assert_array_equal(data.train_labels, rows[:5, :, 0].ravel())
    np.testing.assert_array_equal(data.test_images, rows[5, :, 1:])
    np.testing.assert_array_equal(data.test_labels, rows[5, :, 0])
    assert not data.train_images.flags.writeable
    # where a spec, which has no folder to name, finds it
    monkeypatch.setenv("XDG_CACHE_HOME", str(path.parent / "cache"))
    with pytest.raises(rx.DatasetError, match=r"cs\.toronto\.edu") as caught:
        rx.load_dataset("cifar-10")
    folder = path.parent / "cache" / "radixnet" / "cifar-10"
    assert f"No {path.name} in {folder}" in str(caught.value)
    folder.mkdir(parents=True)
    path.rename(folder / path.name)
    assert rx.load_dataset("cifar-10").sha256 == data.sha256


@pytest.mark.parametrize("damage", ["truncated", "a bit flipped", "an error page"])
def test_a_damaged_archive_of_cifar_10_is_never_unpacked(cifar, damage, monkeypatch):
    path, _ = cifar
    expected = sha256(path.read_bytes())
    replace(path, DAMAGE[damage](path.read_bytes()))
    monkeypatch.setattr(tarfile, "open", None)
    with pytest.raises(rx.DatasetError, match="was not used") as caught:
        rx.load_dataset("cifar-10", folder=path.parent)
    assert expected in str(caught.value)
    assert sha256(path.read_bytes()) in str(caught.value)


def test_the_official_archives_sum_is_the_one_that_others_publish_too():
    """TensorFlow Datasets and MLDatasets.jl give it beside the author's MD5 of the same file."""
    assert datasets.FILE_SHA256["cifar-10"] == {
        "cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
    }


# -- Fashion-MNIST -------------------------------------------------------------------------------


@pytest.mark.skipif(not SYSTEM_FOLDER.is_dir(), reason="Debian's dataset-fashion-mnist is missing")
@pytest.mark.usefixtures("nothing_remembered")
def test_fashion_mnist_is_found_in_the_system_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "FASHION_MNIST_SOURCE", "http://127.0.0.1:9/must-not-be-asked")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    data = rx.load_dataset("fashion-mnist")
    assert data.name == "fashion-mnist"
    assert np.bincount(data.train_labels).tolist() == [6000] * 10
    assert np.bincount(data.test_labels).tolist() == [1000] * 10
    assert data.class_names[data.train_labels[0]] == "Ankle boot"
    # Mean and deviation of a pixel as everybody uses them
    assert data.train_images.mean() / 255 == pytest.approx(0.2860, abs=5e-5)
    assert data.train_images.std() / 255 == pytest.approx(0.3530, abs=5e-5)


class Place(http.server.ThreadingHTTPServer):
    """A server on this machine with four files, each in the state that a test asks for."""

    daemon_threads = True

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), Answer)
        self.content, self.state, self.asked = content, {}, []
        self.stop_waiting = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server_port}/data"

    def close(self):
        self.stop_waiting.set()
        self.shutdown()
        self.thread.join()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    """What `Place` answers: "broken off", a connection ends before the announced length."""

    def do_GET(self):
        name = self.path.rsplit("/", 1)[-1]
        self.server.asked.append(name)
        state, body = self.server.state.get(name, bytes), self.server.content[name]
        if state == "missing":
            self.send_error(404)
        elif state == "silent":
            self.server.stop_waiting.wait()
        else:
            sent = cut(body) if state == "broken off" else state(body)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body if state == "broken off" else sent)))
            self.end_headers()
            self.wfile.write(sent)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def generated():
    """Return archives as large as the real ones: random labels, and images that end in blanks.

    Random, because in a file of zeros many a flipped bit of the archive changes nothing.
    """
    generator = np.random.default_rng(1)
    content = {}
    for part, rows in [("train", 60000), ("t10k", 10000)]:
        images = generator.bytes(784_000) + bytes((rows - 1000) * 784)
        labels = generator.integers(10, size=rows, dtype=np.uint8).tobytes()
        content[f"{part}-images-idx3-ubyte"] = struct.pack(">IIII", 0x803, rows, 28, 28) + images
        content[f"{part}-labels-idx1-ubyte"] = struct.pack(">II", 0x801, rows) + labels
    return {f"{file}.gz": gzip.compress(content[file], compresslevel=1) for file in FILES}


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "radixnet" / "fashion-mnist"


@pytest.fixture
def place(generated, tmp_path, monkeypatch, nothing_remembered):  # noqa: ARG001 (used by its name)
    """Return a server that the package takes for the official one; nothing is cached yet."""
    place = Place(generated)
    sums = {file: sha256(gzip.decompress(generated[f"{file}.gz"])) for file in FILES}
    monkeypatch.setitem(datasets.FILE_SHA256, "fashion-mnist", sums)
    monkeypatch.setattr(datasets, "FASHION_MNIST_SOURCE", place.address)
    monkeypatch.setattr(datasets, "FASHION_MNIST_SYSTEM_FOLDER", tmp_path / "none")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield place
    place.close()


def files_below(folder):
    """Return the names of all files, hidden ones too."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_is_missing_is_downloaded_checked_and_kept(place, generated, tmp_path, cache):
    data = rx.load_dataset("fashion-mnist")
    labels = gzip.decompress(generated["train-labels-idx1-ubyte.gz"])[8:]
    images = gzip.decompress(generated["t10k-images-idx3-ubyte.gz"])[16:]
    assert data.train_labels.tobytes() == labels
    assert data.test_images.tobytes() == images
    assert sorted(place.asked) == files_below(tmp_path / "cache") == sorted(generated)
    assert all((cache / name).read_bytes() == archive for name, archive in generated.items())
    datasets._load.cache_clear()
    rx.load_dataset("fashion-mnist")
    assert len(place.asked) == 4


def test_a_later_call_fetches_only_what_is_still_missing(place, cache):
    place.state["t10k-images-idx3-ubyte.gz"] = "broken off"
    with pytest.raises(rx.DatasetError):
        rx.load_dataset("fashion-mnist")
    place.state.clear()
    before = len(place.asked)
    rx.load_dataset("fashion-mnist")
    assert place.asked[before:] == ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    assert files_below(cache) == sorted(place.content)


def test_without_a_cache_folder_named_files_go_to_the_home_folders(place, tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    rx.load_dataset("fashion-mnist")
    cache = tmp_path / "home" / ".cache" / "radixnet" / "fashion-mnist"
    assert files_below(cache) == sorted(place.content)


@pytest.mark.parametrize("damage", ["truncated", "a bit flipped", "one value changed", "empty"])
def test_a_damaged_download_is_an_error_with_both_sums_and_is_never_kept(place, cache, damage):
    file = "train-images-idx3-ubyte"
    place.state[f"{file}.gz"] = DAMAGE[damage]
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("fashion-mnist")
    found = sum_that_is_reported(DAMAGE[damage](place.content[f"{file}.gz"]))
    expected = datasets.FILE_SHA256["fashion-mnist"][file]
    said = (f"{place.address}/{file}.gz", expected, found)
    assert [part for part in said if part not in str(caught.value)] == []
    assert files_below(cache) == []


@pytest.mark.parametrize("state", ["missing", "broken off", "silent"])
def test_a_failed_download_names_every_place_and_says_what_to_do(place, cache, monkeypatch, state):
    if state == "silent":
        place.state["train-labels-idx1-ubyte.gz"] = "missing"
        with pytest.raises(rx.DatasetError):  # so that the file before it is there already
            rx.load_dataset("fashion-mnist")
        monkeypatch.setattr(datasets, "_SILENCE_SECONDS", 0.1)
    place.state["train-labels-idx1-ubyte.gz"] = state
    with pytest.raises(rx.DatasetError, match="could not be fetched") as caught:
        rx.load_dataset("fashion-mnist")
    file = "train-labels-idx1-ubyte"
    places = f"{cache} or {datasets.FASHION_MNIST_SYSTEM_FOLDER}"
    assert f"No {file}.gz and no {file} in {places}" in str(caught.value)
    assert f"{place.address}/{file}.gz" in str(caught.value)
    assert "dataset-fashion-mnist" in str(caught.value)
    assert files_below(cache) == ["train-images-idx3-ubyte.gz"]


def test_a_refused_download_leaves_no_connection_open(place):
    place.state["train-images-idx3-ubyte.gz"] = "missing"
    with pytest.raises(rx.DatasetError, match="404") as caught:
        rx.load_dataset("fashion-mnist")
    assert caught.value.__cause__.fp.closed


def lay_out(content, folder, endings=(".gz", ".gz", ".gz", ".gz")):
    """Put the files of a server into a folder, compressed where the ending says so."""
    folder.mkdir(parents=True)
    for (name, archive), ending in zip(content.items(), endings, strict=True):
        file = folder / (name.removesuffix(".gz") + ending)
        file.write_bytes(archive if ending else gzip.decompress(archive))


def test_what_the_error_without_a_network_advises_works_for_whatever_trains(place):
    """A spec has no folder to name, nor has a sweep: they must find what was put where it says."""
    place.close()
    specs = [rx.RunSpec(TOPOLOGY, dataset="fashion-mnist", epochs=1, batch_size=5000)]
    for ask in (lambda: rx.train(specs[0]), lambda: rx.sweep(specs)):
        with pytest.raises(rx.DatasetError, match="could not be fetched") as caught:
            ask()
        assert "folder=" not in str(caught.value)
    message = str(caught.value)
    assert all(f"{file}.gz" in message for file in FILES)
    assert f"from {place.address} " in message
    (folder,) = re.findall(r"into (\S+), compressed or not", message)
    lay_out(place.content, Path(folder), ["", ".gz", ".gz", ""])
    assert rx.train(specs[0]).diverged is False
    assert rx.sweep(specs).status.tolist() == ["done"]


def test_a_file_in_the_cache_stands_in_for_one_of_the_system(place, tmp_path, cache, monkeypatch):
    """Only its administrator can repair the system folder; what a user can do is enough."""
    place.close()
    system = tmp_path / "system"
    monkeypatch.setattr(datasets, "FASHION_MNIST_SYSTEM_FOLDER", system)
    lay_out(place.content, system)
    (system / f"{FILES[0]}.gz").unlink()
    replace(system / f"{FILES[1]}.gz", cut(place.content[f"{FILES[1]}.gz"]))
    cache.mkdir(parents=True)
    (cache / FILES[0]).write_bytes(gzip.decompress(place.content[f"{FILES[0]}.gz"]))
    advice = rf"into {re.escape(str(cache))}.*searched first"
    with pytest.raises(rx.DatasetError, match=advice) as caught:
        rx.load_dataset("fashion-mnist")
    assert f"{system / FILES[1]}.gz is damaged" in str(caught.value)
    (cache / f"{FILES[1]}.gz").write_bytes(place.content[f"{FILES[1]}.gz"])
    assert rx.load_dataset("fashion-mnist").train_images.any()


def test_what_cannot_be_read_is_reported_and_looked_for_elsewhere(
    place, tmp_path, cache, monkeypatch
):
    place.close()
    (cache / f"{FILES[0]}.gz").mkdir(parents=True)
    with pytest.raises(rx.DatasetError, match="cannot be read: Is a directory") as caught:
        rx.load_dataset("fashion-mnist")
    assert f"{cache / FILES[0]}.gz" in str(caught.value)
    monkeypatch.setattr(datasets, "FASHION_MNIST_SYSTEM_FOLDER", tmp_path / "system")
    lay_out(place.content, tmp_path / "system")
    assert rx.load_dataset("fashion-mnist").train_images.any()


def test_a_damaged_file_in_the_cache_is_an_error_and_is_not_replaced_silently(place, cache):
    rx.load_dataset("fashion-mnist")
    datasets._load.cache_clear()
    path = cache / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(cut(path.read_bytes()))
    with pytest.raises(rx.DatasetError, match="damaged") as caught:
        rx.load_dataset("fashion-mnist")
    assert str(path) in str(caught.value)
    assert len(place.asked) == 4


@pytest.mark.usefixtures("place")
def test_a_cache_that_cannot_be_written_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(rx.DatasetError, match=r"could not be written.*XDG_CACHE_HOME") as caught:
        rx.load_dataset("fashion-mnist")
    assert str(tmp_path / "cache") in str(caught.value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    rx.load_dataset("fashion-mnist")
    assert len(files_below(tmp_path / "elsewhere" / "radixnet" / "fashion-mnist")) == 4


@pytest.mark.usefixtures("place")
def test_a_user_without_a_home_folder_is_told_what_to_do(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    # Root could write there.
    monkeypatch.setattr(datasets, "write_whole", lambda path, _: path.read_bytes())
    advice = r"/nonexistent.*could not be written.*XDG_CACHE_HOME"
    with pytest.raises(rx.DatasetError, match=advice):
        rx.load_dataset("fashion-mnist")


@pytest.mark.usefixtures("place")
def test_a_download_interrupted_while_it_is_written_leaves_nothing_behind(cache, monkeypatch):
    def no_space(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    monkeypatch.setattr(os, "replace", no_space)
    with pytest.raises(rx.DatasetError, match="No space left"):
        rx.load_dataset("fashion-mnist")
    assert files_below(cache) == []


# -- no pickle -----------------------------------------------------------------------------------


def test_nothing_is_ever_unpickled_but_own_machine_code():
    """A pickle is a program: no module imports what runs it, or asks NumPy, pandas or Keras to.

    All but `code_cache`, which keeps machine code in the user's own folder.
    """
    runners = {"pickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = set()
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").split(".")[0]}
            is_reader = isinstance(node, ast.Attribute) and node.attr in (
                "read_pickle",
                "to_pickle",
            )
            is_option = isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "safe_mode")
            if names & runners or is_reader or is_option:
                found.add(path.stem)
    assert found == {"code_cache"}
