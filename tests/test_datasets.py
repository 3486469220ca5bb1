"""The data that ships and the data that is fetched: right to the byte, or an error that says which file and what was found."""

import ast
import functools
import gzip
import hashlib
import http.server
import os
import re
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


# -- MNIST in the package --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_packaged_mnist_has_the_published_sums(file):
    assert sha256(gzip.decompress((PACKAGED / f"{file}.gz").read_bytes())) == MNIST_SHA256[file]
    assert datasets.IDX_SHA256["mnist"][file] == MNIST_SHA256[file]


def test_packaged_mnist_says_where_it_comes_from_and_under_which_licence():
    text = (PACKAGED / "LICENSE.md").read_text(encoding="utf-8")
    assert "CC BY-SA 3.0" in text or "Attribution-Share" in text
    assert "LeCun" in text
    assert sum(path.stat().st_size for path in PACKAGED.iterdir()) < 13e6


def test_mnist_is_the_set_that_everyone_knows():
    data = rx.load_dataset("mnist")
    assert data.name == "mnist"
    assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # Rows of each class, and the mean and deviation of a pixel in use everywhere: 0.1307 and 0.3081 of 255
    assert np.bincount(data.train_labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(data.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert data.train_images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert data.train_images.std() / 255 == pytest.approx(0.3081, abs=5e-5)
    assert data.class_names == tuple("0123456789")


def test_arrays_are_bytes_in_rows_and_cannot_be_changed():
    data = rx.load_dataset("mnist")
    shapes = {"train_images": (60000, 784), "train_labels": (60000,), "test_images": (10000, 784), "test_labels": (10000,)}
    for name, shape in shapes.items():
        array = getattr(data, name)
        assert (array.shape, array.dtype) == (shape, np.uint8)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True
    with pytest.raises(AttributeError):
        data.train_images = data.test_images


def test_rows_are_images_of_28_rows_of_28_pixels():
    """The first training image is a five: dark at its edge, and the first ink is in its sixth row of pixels."""
    image = rx.load_dataset("mnist").train_images[0].reshape(28, 28)
    assert np.flatnonzero(image.any(axis=1)).tolist() == list(range(5, 25))
    assert np.flatnonzero(image.any(axis=0)).tolist() == list(range(4, 24))


def test_loading_again_gives_the_same_arrays_without_reading_again():
    assert rx.load_dataset("mnist") is rx.load_dataset("mnist")


def test_the_identity_of_the_data_follows_its_content():
    fashion = {key: datasets.IDX_SHA256["fashion-mnist"][key] for key in FILES}
    assert not set(fashion.values()) & set(MNIST_SHA256.values())
    assert len(rx.load_dataset("mnist").sha256) == 64


@pytest.mark.parametrize("name", ["cifar10", "MNIST", "", None, 1, ["mnist"]])
def test_an_unknown_name_is_refused_and_the_known_ones_are_named(name):
    with pytest.raises(ValueError, match="'mnist', 'fashion-mnist'") as caught:
        rx.load_dataset(name)
    assert repr(name) in str(caught.value)


# -- files that are not what they should be --------------------------------------------------------------------------------------


@pytest.fixture
def nothing_remembered(monkeypatch):
    """Let the package forget what it loaded, for this test only, so that it reads what the test lays out."""
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


def one_pixel_changed(raw):
    content = gzip.decompress(raw)
    return gzip.compress(content[:-1] + bytes([content[-1] ^ 1]), compresslevel=1)


def shorter(raw):
    return gzip.compress(gzip.decompress(raw)[:-1], compresslevel=1)


def longer(raw):
    return gzip.compress(gzip.decompress(raw) + b"\0", compresslevel=1)


DAMAGE = {
    "truncated": cut,
    "truncated in its last byte": lambda raw: raw[:-1],
    "a bit flipped": flipped,
    "one value changed": one_pixel_changed,
    "a byte short": shorter,
    "a byte long": longer,
    "followed by something else": lambda raw: raw + b"<html>",
    "an error page": lambda _: b"<html>404 Not Found</html>",
    "empty": lambda _: b"",
    "an empty archive": lambda _: gzip.compress(b""),
    "of another part": lambda _: (PACKAGED / "train-labels-idx1-ubyte.gz").read_bytes(),
}


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        *(("t10k-labels-idx1-ubyte", damage) for damage in DAMAGE),
        *(("train-images-idx3-ubyte", damage) for damage in ["truncated", "a bit flipped", "one value changed", "empty"]),
    ],
)
def test_a_damaged_file_is_an_error_that_names_it_and_both_sums(folder, file, damage):
    path = folder / f"{file}.gz"
    damaged = DAMAGE[damage](path.read_bytes())
    replace(path, damaged)
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("mnist", folder=folder)
    message = str(caught.value)
    try:
        found = sha256(gzip.decompress(damaged))
    except Exception:
        found = sha256(damaged)
    assert str(path) in message
    assert MNIST_SHA256[file] in message
    assert found in message
    assert "not used" in message
    assert "replace" in message
    assert path.read_bytes() == damaged, "the damaged file was changed"


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_an_error_that_names_it_and_says_what_to_do(folder, file):
    (folder / f"{file}.gz").unlink()
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("mnist", folder=folder)
    assert f"No {file}.gz and no {file} in {folder}. " in str(caught.value)
    assert "four IDX files" in str(caught.value)


def test_a_folder_that_does_not_exist_is_an_error_that_names_it(tmp_path):
    with pytest.raises(rx.DatasetError, match=r"No .* in .*nowhere\. Name a folder"):
        rx.load_dataset("mnist", folder=tmp_path / "nowhere")


@pytest.mark.usefixtures("nothing_remembered")
def test_mnist_that_is_gone_from_the_package_is_no_matter_of_folders(tmp_path, monkeypatch):
    """Whatever trains reads it from there, and has no folder to name."""
    monkeypatch.setattr(datasets, "_PACKAGED_MNIST", tmp_path)
    with pytest.raises(rx.DatasetError, match="install radixnet again") as caught:
        rx.train(rx.RunSpec(TOPOLOGY, epochs=1))
    assert str(tmp_path) in str(caught.value)
    assert "Name a folder" not in str(caught.value)


def test_files_of_the_other_dataset_are_refused(folder):
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("fashion-mnist", folder=folder)
    assert MNIST_SHA256["train-images-idx3-ubyte"] in str(caught.value)


def test_uncompressed_files_are_accepted_and_checked_too(folder):
    for file in FILES:
        path = folder / f"{file}.gz"
        content = gzip.decompress(path.read_bytes())
        path.unlink()
        (folder / file).write_bytes(content)
    data = rx.load_dataset("mnist", folder=str(folder))
    np.testing.assert_array_equal(data.train_images, rx.load_dataset("mnist").train_images)
    assert data.sha256 == rx.load_dataset("mnist").sha256


def test_an_altered_uncompressed_file_is_an_error_that_names_it_and_both_sums(folder):
    file = "train-images-idx3-ubyte"
    path = folder / f"{file}.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[5000] ^= 255
    path.unlink()
    (folder / file).write_bytes(content)
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("mnist", folder=folder)
    for part in (str(folder / file), MNIST_SHA256[file], sha256(content)):
        assert part in str(caught.value)


def test_a_failure_is_not_remembered_once_the_file_is_replaced(folder):
    path = folder / "t10k-labels-idx1-ubyte.gz"
    good = path.read_bytes()
    replace(path, cut(good))
    with pytest.raises(rx.DatasetError):
        rx.load_dataset("mnist", folder=folder)
    replace(path, good)
    assert rx.load_dataset("mnist", folder=folder).test_labels[0] == 7


# -- Fashion-MNIST from a folder -------------------------------------------------------------------------------------------------

needs_system_folder = pytest.mark.skipif(
    not SYSTEM_FOLDER.is_dir(), reason=f"{SYSTEM_FOLDER} is not there (Debian's package dataset-fashion-mnist)"
)


def assert_is_fashion_mnist(data):
    assert data.name == "fashion-mnist"
    assert (data.train_images.shape, data.test_images.shape) == ((60000, 784), (10000, 784))
    assert np.bincount(data.train_labels).tolist() == [6000] * 10
    assert np.bincount(data.test_labels).tolist() == [1000] * 10
    assert data.class_names[data.train_labels[0]] == "Ankle boot"
    # Mean and deviation of a pixel in use everywhere
    assert data.train_images.mean() / 255 == pytest.approx(0.2860, abs=5e-5)
    assert data.train_images.std() / 255 == pytest.approx(0.3530, abs=5e-5)


@needs_system_folder
@pytest.mark.usefixtures("nothing_remembered")
def test_fashion_mnist_is_found_in_the_system_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "FASHION_MNIST_SOURCE", "http://127.0.0.1:9/must-not-be-asked")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    data = rx.load_dataset("fashion-mnist")
    assert_is_fashion_mnist(data)
    assert data.sha256 != rx.load_dataset("mnist").sha256


@needs_system_folder
@pytest.mark.usefixtures("nothing_remembered")
def test_fashion_mnist_is_read_from_a_folder_that_the_user_names(tmp_path, monkeypatch):
    for path in SYSTEM_FOLDER.iterdir():
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.setattr(datasets, "FASHION_MNIST_SYSTEM_FOLDER", tmp_path / "none")
    assert_is_fashion_mnist(rx.load_dataset("fashion-mnist", folder=tmp_path))


# -- Fashion-MNIST from a server -------------------------------------------------------------------------------------------------


class Place:
    """A server on this machine that publishes four files, each in the state that a test asks for."""

    def __init__(self):
        self.content = {}
        self.state = {}
        self.asked = []
        place = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rsplit("/", 1)[-1]
                place.asked.append(name)
                place.answer(self, name)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.stop_waiting = threading.Event()
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/data"

    def answer(self, handler, name):
        state, body = self.state.get(name, "good"), self.content[name]
        if state == "missing":
            handler.send_error(404)
            return
        if state == "silent":
            self.stop_waiting.wait()
            return
        sent = {
            "truncated file": cut(body),
            "altered byte": flipped(body),
            "altered value": one_pixel_changed(body),
            "error page": b"<html>Sorry</html>",
            "broken off": cut(body),
        }.get(state, body)
        handler.send_response(200)
        # "broken off": the connection ends before the announced length, as on a bad line
        handler.send_header("Content-Length", str(len(body) if state == "broken off" else len(sent)))
        handler.end_headers()
        handler.wfile.write(sent)

    def close(self):
        self.stop_waiting.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def generated():
    """Return four archives with as many rows as the real ones: random labels, and images that are blank after the first thousand.

    Random, because in a file of zeros many a flipped bit of the archive changes nothing.
    """
    generator = np.random.default_rng(1)
    content = {}
    for part, rows in [("train", 60000), ("t10k", 10000)]:
        content[f"{part}-images-idx3-ubyte"] = bytes(16) + generator.bytes(784_000) + bytes((rows - 1000) * 784)
        content[f"{part}-labels-idx1-ubyte"] = bytes(8) + generator.integers(10, size=rows, dtype=np.uint8).tobytes()
    return {file: (gzip.compress(content[file], compresslevel=1), content[file], sha256(content[file])) for file in FILES}


@pytest.fixture
def place(generated, tmp_path, monkeypatch, nothing_remembered):  # noqa: ARG001 (used by its name)
    """Return a server with good files, which the package takes for the official place; nothing is cached yet."""
    place = Place()
    place.content = {f"{file}.gz": archive for file, (archive, _, _) in generated.items()}
    monkeypatch.setitem(datasets.IDX_SHA256, "fashion-mnist", {file: known for file, (_, _, known) in generated.items()})
    monkeypatch.setattr(datasets, "FASHION_MNIST_SOURCE", place.address)
    monkeypatch.setattr(datasets, "FASHION_MNIST_SYSTEM_FOLDER", tmp_path / "none")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield place
    place.close()


def cached(tmp_path):
    """Return the names of all files under the cache folder, hidden ones too."""
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


def test_what_is_not_there_is_downloaded_checked_and_kept(place, generated, tmp_path):
    data = rx.load_dataset("fashion-mnist")
    assert data.train_labels.tobytes() == generated["train-labels-idx1-ubyte"][1][8:]
    assert data.test_images.tobytes() == generated["t10k-images-idx3-ubyte"][1][16:]
    assert sorted(place.asked) == sorted(place.content)
    assert cached(tmp_path) == sorted(place.content)
    for name, archive in place.content.items():
        assert (tmp_path / "cache" / "radixnet" / "fashion-mnist" / name).read_bytes() == archive


def test_what_was_downloaded_is_not_fetched_again(place):
    rx.load_dataset("fashion-mnist")
    datasets._load.cache_clear()
    rx.load_dataset("fashion-mnist")
    assert len(place.asked) == 4


def test_without_a_cache_folder_named_files_go_to_the_home_folders(place, tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    rx.load_dataset("fashion-mnist")
    assert (tmp_path / "home" / ".cache" / "radixnet" / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz").is_file()
    assert len(place.asked) == 4


@pytest.mark.parametrize("state", ["truncated file", "altered byte", "altered value", "error page"])
@pytest.mark.parametrize("file", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_a_damaged_download_is_an_error_with_both_sums_and_is_never_kept(place, tmp_path, file, state):
    place.state[f"{file}.gz"] = state
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("fashion-mnist")
    message = str(caught.value)
    assert f"{file}.gz" in message
    assert datasets.IDX_SHA256["fashion-mnist"][file] in message
    body = place.content[f"{file}.gz"]
    found = {
        "truncated file": lambda: sha256(cut(body)),
        "altered byte": lambda: sha256(flipped(body)),
        "altered value": lambda: sha256(gzip.decompress(one_pixel_changed(body))),
        "error page": lambda: sha256(b"<html>Sorry</html>"),
    }[state]()
    assert found in message
    assert cached(tmp_path) == sorted(name for name in place.asked if name != f"{file}.gz")


def test_a_damaged_download_names_where_it_came_from(place):
    """There is no file of that name on this disk to delete or replace: the message must send the reader to the address."""
    place.state["train-images-idx3-ubyte.gz"] = "altered value"
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("fashion-mnist")
    assert f"{place.address}/train-images-idx3-ubyte.gz" in str(caught.value)


@pytest.mark.parametrize("state", ["missing", "broken off", "silent"])
def test_a_download_that_fails_is_an_error_that_names_the_address_and_says_what_to_do(place, tmp_path, monkeypatch, state):
    if state == "silent":
        place.state["train-labels-idx1-ubyte.gz"] = "missing"
        with pytest.raises(rx.DatasetError):  # and the file before it is there, however long it took
            rx.load_dataset("fashion-mnist")
        monkeypatch.setattr(datasets, "_DOWNLOAD_TIMEOUT", 0.1)
    place.state["train-labels-idx1-ubyte.gz"] = state
    with pytest.raises(rx.DatasetError) as caught:
        rx.load_dataset("fashion-mnist")
    assert f"{place.address}/train-labels-idx1-ubyte.gz" in str(caught.value)
    assert "dataset-fashion-mnist" in str(caught.value)
    assert str(tmp_path / "cache" / "radixnet" / "fashion-mnist") in str(caught.value)
    assert cached(tmp_path) == ["train-images-idx3-ubyte.gz"]


def test_a_refused_download_leaves_no_connection_open(place):
    place.state["train-images-idx3-ubyte.gz"] = "missing"
    with pytest.raises(rx.DatasetError, match="404") as caught:
        rx.load_dataset("fashion-mnist")
    assert caught.value.__cause__.fp.closed


def lay_out(content, folder, endings):
    """Put the files of a server into a folder, compressed where the ending says so."""
    folder.mkdir(parents=True)
    for (name, archive), ending in zip(content.items(), endings, strict=True):
        file = folder / (name.removesuffix(".gz") + ending)
        file.write_bytes(archive if ending else gzip.decompress(archive))


@pytest.mark.parametrize("endings", [[".gz"] * 4, [""] * 4, ["", ".gz", ".gz", ""]], ids=["gzip", "plain", "both"])
def test_what_the_error_without_a_network_says_works_for_whatever_trains(place, generated, endings):
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
    lay_out(place.content, Path(folder), endings)
    assert rx.train(specs[0]).diverged is False
    assert rx.sweep(specs).status.tolist() == ["done"]
    data = rx.load_dataset("fashion-mnist")
    assert data.train_labels.tobytes() == generated["train-labels-idx1-ubyte"][1][8:]


def test_the_error_names_every_place_that_was_looked_at(place, tmp_path):
    place.close()
    with pytest.raises(rx.DatasetError, match="could not be fetched") as caught:
        rx.load_dataset("fashion-mnist")
    cache, system = tmp_path / "cache" / "radixnet" / "fashion-mnist", tmp_path / "none"
    assert f"No {FILES[0]}.gz and no {FILES[0]} in {cache} or {system}" in str(caught.value)
    assert "dataset-fashion-mnist" in str(caught.value)
    assert cached(tmp_path) == []


def test_a_file_in_the_cache_stands_in_for_one_of_the_system(place, tmp_path, monkeypatch):
    """Only its administrator can mend the system folder: what a user can do is enough."""
    place.close()
    system, cache = tmp_path / "system", tmp_path / "cache" / "radixnet" / "fashion-mnist"
    monkeypatch.setattr(datasets, "FASHION_MNIST_SYSTEM_FOLDER", system)
    lay_out(place.content, system, [".gz"] * 4)
    (system / f"{FILES[0]}.gz").unlink()
    replace(system / f"{FILES[1]}.gz", cut(place.content[f"{FILES[1]}.gz"]))
    cache.mkdir(parents=True)
    (cache / FILES[0]).write_bytes(gzip.decompress(place.content[f"{FILES[0]}.gz"]))
    first = rf"into {re.escape(str(cache))}.*looked in first"
    with pytest.raises(rx.DatasetError, match=first) as caught:
        rx.load_dataset("fashion-mnist")
    assert f"{system / FILES[1]}.gz is damaged" in str(caught.value)
    (cache / f"{FILES[1]}.gz").write_bytes(place.content[f"{FILES[1]}.gz"])
    assert rx.load_dataset("fashion-mnist").train_images.any()


def test_what_cannot_be_read_is_said_and_looked_for_elsewhere(place, tmp_path, monkeypatch):
    place.close()
    system, cache = tmp_path / "system", tmp_path / "cache" / "radixnet" / "fashion-mnist"
    (cache / f"{FILES[0]}.gz").mkdir(parents=True)
    with pytest.raises(rx.DatasetError, match="cannot be read: Is a directory") as caught:
        rx.load_dataset("fashion-mnist")
    assert f"{cache / FILES[0]}.gz" in str(caught.value)
    monkeypatch.setattr(datasets, "FASHION_MNIST_SYSTEM_FOLDER", system)
    lay_out(place.content, system, [".gz"] * 4)
    assert rx.load_dataset("fashion-mnist").train_images.any()


def test_a_later_call_fetches_only_what_is_still_missing(place, tmp_path):
    place.state["t10k-images-idx3-ubyte.gz"] = "broken off"
    with pytest.raises(rx.DatasetError):
        rx.load_dataset("fashion-mnist")
    place.state.clear()
    asked_before = len(place.asked)
    rx.load_dataset("fashion-mnist")
    assert place.asked[asked_before:] == ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    assert cached(tmp_path) == sorted(place.content)


def test_a_damaged_file_in_the_cache_is_an_error_and_is_not_replaced_silently(place, tmp_path):
    rx.load_dataset("fashion-mnist")
    datasets._load.cache_clear()
    path = tmp_path / "cache" / "radixnet" / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(cut(path.read_bytes()))
    with pytest.raises(rx.DatasetError, match="damaged") as caught:
        rx.load_dataset("fashion-mnist")
    assert str(path) in str(caught.value)
    assert len(place.asked) == 4


def test_a_cache_that_cannot_be_written_is_an_error_that_names_it_and_says_what_to_do(place, tmp_path, monkeypatch):  # noqa: ARG001 (the server)
    (tmp_path / "cache").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(rx.DatasetError, match=r"could not be written.*XDG_CACHE_HOME") as caught:
        rx.load_dataset("fashion-mnist")
    assert str(tmp_path / "cache") in str(caught.value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    rx.load_dataset("fashion-mnist")
    assert len(list((tmp_path / "elsewhere" / "radixnet" / "fashion-mnist").iterdir())) == 4


def test_a_user_without_a_home_folder_is_told_what_to_do(place, monkeypatch):  # noqa: ARG001 (the server)
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    # Root could write there.
    monkeypatch.setattr(datasets, "_write_whole", lambda path, _: path.read_bytes())
    advice = r"/nonexistent.*could not be written.*XDG_CACHE_HOME"
    with pytest.raises(rx.DatasetError, match=advice):
        rx.load_dataset("fashion-mnist")


def test_a_download_interrupted_while_it_is_written_leaves_nothing_behind(place, tmp_path, monkeypatch):  # noqa: ARG001 (the server)
    def no_space(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    monkeypatch.setattr(os, "replace", no_space)
    with pytest.raises(rx.DatasetError, match="No space left"):
        rx.load_dataset("fashion-mnist")
    assert cached(tmp_path) == []


# -- no pickle -------------------------------------------------------------------------------------------------------------------


# Two modules read pickles that they wrote themselves; no data set comes that way. workers.py speaks with processes that it started,
# compilation.py keeps machine code in the user's own folder.
OWN_PICKLES = {PACKAGE / "runs" / "workers.py", PACKAGE / "training" / "compilation.py"}
READERS = sorted(set(PACKAGE.rglob("*.py")) - OWN_PICKLES)


@pytest.mark.parametrize("path", READERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_ever_unpickled(path):
    """A pickle is a program: no module imports one of the modules that run it, or asks NumPy, pandas or Keras to."""
    runners = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not runners & {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in runners
        elif isinstance(node, ast.Attribute):
            assert node.attr not in {"read_pickle", "to_pickle"}
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False
        elif isinstance(node, ast.keyword) and node.arg == "safe_mode":
            assert getattr(node.value, "value", None) is not False


# -- the folder that the user names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [5, b"/data", ["/data"], 0.5, "~no-such-user-anywhere/data"], ids=repr)
def test_a_folder_that_is_no_path_is_refused_and_named(folder):
    with pytest.raises(ValueError, match="give the path of a folder") as caught:
        rx.load_dataset("mnist", folder=folder)
    assert repr(folder) in str(caught.value)


def test_a_tilde_in_the_folder_is_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    assert rx.load_dataset("mnist", folder=f"~/{folder.name}").train_labels[0] == 5


def test_the_identity_of_the_data_is_known_without_it():
    joined = "".join(MNIST_SHA256[file] for file in FILES)
    assert datasets.dataset_sha256("mnist") == rx.load_dataset("mnist").sha256 == hashlib.sha256(joined.encode()).hexdigest()
