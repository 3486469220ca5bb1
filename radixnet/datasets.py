"""Data sets, some in the package and some to be found or fetched, every byte checked by SHA-256.

A data set is four files in IDX format, or for CIFAR-10 one archive, with rows in their original
order. A file is used only if its sum is the published one; nothing is ever unpickled.

References
----------
LeCun, Cortes and Burges: MNIST. Xiao, Rasul and Vollgraf (2017), arXiv 1708.07747: Fashion-MNIST.

Frey and Slate (1991), Machine Learning 6, 161-182: Letter Recognition.

Michie, Spiegelhalter and Taylor, eds. (1994), Machine Learning, Neural and Statistical
Classification: Statlog's versions of Landsat Satellite and of splice junctions in DNA.

Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images: CIFAR-10.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import urllib.request
import zlib
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError

import numpy as np
from numpy.typing import NDArray

from radixnet.arguments import one_of
from radixnet.user_cache import user_cache_folder, write_whole

Bytes = NDArray[np.uint8]
Images = NDArray[Any]
"""Of uint8 or float32: see `Dataset`."""

DatasetName = Literal["mnist", "fashion-mnist", "letters", "satellite", "dna", "cifar-10"]

_IMAGE_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_ROW_FILES = (
    "train-inputs-idx2-ubyte",
    "train-labels-idx1-ubyte",
    "test-inputs-idx2-ubyte",
    "test-labels-idx1-ubyte",
)
_CIFAR_ARCHIVE = "cifar-10-binary.tar.gz"
_FILES = {
    "mnist": _IMAGE_FILES,
    "fashion-mnist": _IMAGE_FILES,
    "letters": _ROW_FILES,
    "satellite": _ROW_FILES,
    "dna": _ROW_FILES,
    "cifar-10": (_CIFAR_ARCHIVE,),
}
_SUMS = {
    "mnist": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    "fashion-mnist": (
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    "letters": (
        "611e9668a10ed77f259a64cf6f3e0e8b5206739cfa946c1b8a0b600d0dd052fb",
        "ecc737b7957c14d36df005c233835cde5bc08d6ae57cd1de60c1faa6ecdad281",
        "42317105e7a794c60b1e42e824f9415e0cea6d9181556e173ea7a9b996fdb6fb",
        "77ad7c3ee2c002000a2ded603694d969fb3b09657480b4e07ef6c7a65bb34a4d",
    ),
    "satellite": (
        "db6ca3cb0acc223aa09b9582c22afb1aada445ed84501591786cf1ff6042b744",
        "b0de754b87270e45cf892b491f6cc696ecea1cc9990f64e11719b191b15aecf6",
        "5bc29523057d846e21ddc7f92e4e1f3e6458e37c8164fd5dd39805222ce04fbe",
        "f8b65ca3bd6af7e518d2bbca8b811174761c0b11d58619a7caebc76bcbf4e8b5",
    ),
    "dna": (
        "ccf0c2e2c6eaf2aed6b0c7dfd1292f6229f04ecf9d0fe7687eb7eafd6a8f9658",
        "2618a2be140c1824e4cf42bb1091415d6437f6d5396b945a31554a90c57699a9",
        "574401b0ef6c9c70ce9543f8ca85ce592aebb8fd57ca7536af0973d9fc93c3fa",
        "e5bfdf8f35c84d488e2093702dd04f4e5990f7359019a0434f4c5d68ed08ac92",
    ),
    "cifar-10": ("c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",),
}
FILE_SHA256 = {name: dict(zip(_FILES[name], sums, strict=True)) for name, sums in _SUMS.items()}
"""SHA-256 by data set and file: of the content of an IDX file, of CIFAR-10's archive as it is."""

FASHION_MNIST_SOURCE = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
"""Where Zalando Research publishes Fashion-MNIST (MIT licence; Xiao, Rasul and Vollgraf, 2017)."""

FASHION_MNIST_SYSTEM_FOLDER = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package `dataset-fashion-mnist` puts the files."""

CIFAR_10_SOURCE = "https://www.cs.toronto.edu/~kriz/cifar.html"
"""Where Alex Krizhevsky publishes CIFAR-10, with the MD5 sum of each archive; he states no licence.
"""

_PACKAGED = Path(__file__).parent / "data"
_CIFAR_PARTS = tuple(
    f"cifar-10-batches-bin/{part}.bin"
    for part in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
)
_CIFAR_INPUTS = 3 * 32 * 32
_SILENCE_SECONDS = 60  # of a server, after which a download fails

_CLASS_NAMES = {
    "mnist": tuple("0123456789"),
    "fashion-mnist": (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
    "letters": tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "satellite": (
        *("red soil", "cotton crop", "grey soil", "damp grey soil"),
        *("soil with vegetation stubble", "very damp grey soil"),
    ),
    "dna": ("exon to intron", "intron to exon", "neither"),
    "cifar-10": (
        *("airplane", "automobile", "bird", "cat", "deer"),
        *("dog", "frog", "horse", "ship", "truck"),
    ),
}


class DatasetError(Exception):
    """A file is missing, damaged or cannot be fetched; the message names it and says what to do."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows of inputs and their labels, as they were published or of your own.

    Attributes
    ----------
    name
        The `RunSpec.dataset` that it stands for, as `load_dataset` takes it.
    train_images, test_images
        Shapes (rows, inputs), both of one type: images, or rows of any other measurements. Bytes,
        0 to 255, networks get as 0 to 1; finite float32 numbers they get as they are.
    train_labels, test_labels
        The class of each row, bytes counted from 0: at most 256 classes. These arrays are
        read-only: those that could change are copied.
    class_names
        What each label stands for.
    sha256
        The identity of the data behind a result: here one sum over the files' sums.

    Raises
    ------
    ValueError
        For arrays of another type or shape, or numbers that are not finite.
    """

    name: str
    train_images: Images
    train_labels: Bytes
    test_images: Images
    test_labels: Bytes
    class_names: tuple[str, ...]
    sha256: str

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            images, labels = getattr(self, f"{part}_images"), getattr(self, f"{part}_labels")
            kinds = f"{part}_images of {images.dtype} and {part}_labels of {labels.dtype}"
            if images.dtype not in (np.uint8, np.float32) or labels.dtype != np.uint8:
                raise ValueError(
                    f"{kinds}: give images as uint8, 0 to 255, or as float32, and labels as uint8, "
                    "which hold 256 classes"
                )
            if images.ndim != 2 or labels.shape != images.shape[:1]:
                raise ValueError(
                    f"{part}_images of shape {images.shape} and {part}_labels of {labels.shape}: "
                    "give shapes (rows, inputs) and (rows,)"
                )
            if images.dtype == np.float32 and not np.isfinite(images).all():
                raise ValueError(f"{part}_images hold numbers that are not finite; give others")
        train, test = self.train_images, self.test_images
        if train.dtype != test.dtype or train.shape[1] != test.shape[1]:
            raise ValueError(
                f"train_images of {train.dtype} with {train.shape[1]} inputs, test_images of "
                f"{test.dtype} with {test.shape[1]}: give both of one type and width"
            )
        for part in ("train_images", "train_labels", "test_images", "test_labels"):
            object.__setattr__(self, part, _read_only(getattr(self, part)))


def _read_only(array: Images) -> Images:
    """Return an array that nobody writes to: itself if it is one, or else a copy."""
    if array.flags.writeable or (isinstance(array.base, np.ndarray) and array.base.flags.writeable):
        array = array.copy()
        array.flags.writeable = False
    return array


def as_floats(images: Images) -> NDArray[np.float32]:
    """Return rows of inputs as networks get them: bytes as 0 to 1, float32 numbers as they are."""
    return images if images.dtype == np.float32 else images.astype(np.float32) / np.float32(255)


def load_dataset(name: DatasetName, folder: str | os.PathLike[str] | None = None) -> Dataset:
    """Return a data set, checked byte for byte.

    =================  ======  ================  =======  =============================
    name               inputs  rows, test rows   classes  what they are
    =================  ======  ================  =======  =============================
    ``mnist``             784  60,000, 10,000         10  digits, 28 rows of 28 pixels
    ``fashion-mnist``     784  60,000, 10,000         10  clothes, 28 rows of 28 pixels
    ``letters``            16  16,000, 4,000          26  moments and edge counts, x 17
    ``satellite``          36  4,435, 2,000            6  3 x 3 pixels, 4 bands of each
    ``dna``               180  2,000, 1,186            3  60 bases, 3 indicators x 255
    ``cifar-10``         3072  50,000, 10,000         10  red, green, blue: 32 x 32 each
    =================  ======  ================  =======  =============================

    Test rows are those of the publishers. All but two ship with the package. Each file of
    Fashion-MNIST is looked for in the user's cache folder, ``~/.cache/radixnet/fashion-mnist``,
    then in Debian's ``/usr/share/datasets/fashion-mnist``; one that is in neither is downloaded
    into the cache folder. Without a network, put the files there. A file may be compressed
    (``.gz``) or not. CIFAR-10's binary archive, ``cifar-10-binary.tar.gz``, is looked for in
    ``~/.cache/radixnet/cifar-10`` and never downloaded. The environment variable XDG_CACHE_HOME
    replaces ``~/.cache``.

    Parameters
    ----------
    name
        One of the table.
    folder
        A folder with the files, to read instead of the places above; ``~`` is the home folder.

    Raises
    ------
    ValueError
        For an unknown name, or a folder that is not a path.
    DatasetError
        If a file is missing, truncated or altered, or a download fails; the message says where it
        was looked for. A damaged file is never used and never replaced silently.
    """
    one_of("dataset", name, tuple(FILE_SHA256))
    cache = user_cache_folder() / name
    what = _CIFAR_ARCHIVE if name == "cifar-10" else "the four IDX files, compressed or not"
    if folder is not None:
        folders: tuple[Path, ...] = (_named_folder(folder),)
        advice = f"Name a folder with {what}."
    elif name == "cifar-10":
        folders = (cache,)
        advice = f"Put {what} from {CIFAR_10_SOURCE} there, or name its folder."
    elif name == "fashion-mnist":
        folders = (cache, FASHION_MNIST_SYSTEM_FOLDER)
        archives = ", ".join(f"{file}.gz" for file in _IMAGE_FILES)
        advice = (
            f"Put {archives} from {FASHION_MNIST_SOURCE} into {cache}, compressed or not; it is "
            "searched first. Or install Debian's package dataset-fashion-mnist. To use another "
            "folder, set the environment variable XDG_CACHE_HOME: it is then "
            f"$XDG_CACHE_HOME/radixnet/{name}."
        )
    else:
        folders = (_PACKAGED / name,)
        advice = "It is part of radixnet: restore the file with git, or install radixnet again."
    try:
        return _load(name, folders, fetch=len(folders) > 1)
    except DatasetError as error:
        raise DatasetError(f"{error} {advice}") from error.__cause__


def dataset_sha256(name: str) -> str:
    """Return `Dataset.sha256` without loading the data, which a machine with its runs may lack.

    Parameters
    ----------
    name
        As `load_dataset` takes it.
    """
    return hashlib.sha256("".join(FILE_SHA256[name].values()).encode()).hexdigest()


def _named_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the folder that the user names, or raise ValueError if that is not a path."""
    try:
        return Path(folder).expanduser().resolve()
    except (TypeError, RuntimeError) as error:  # neither text nor path; no such user after the ~
        given = f"{folder!r} ({type(folder).__name__})"
        raise ValueError(f"folder {given}: give the path of a folder as text; {error}") from error


@cache
def _load(name: str, folders: tuple[Path, ...], fetch: bool) -> Dataset:
    """Read and check the files; the arrays are shared between callers, hence read-only."""
    sums = FILE_SHA256[name]
    if name == "cifar-10":
        arrays = _cifar_arrays(_content(_CIFAR_ARCHIVE, sums[_CIFAR_ARCHIVE], folders, fetch))
    else:
        arrays = [
            _idx_array(_content(file, expected, folders, fetch)) for file, expected in sums.items()
        ]
    train_images, train_labels, test_images, test_labels = arrays
    return Dataset(
        name=name,
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        class_names=_CLASS_NAMES[name],
        sha256=dataset_sha256(name),
    )


def _idx_array(raw: bytes) -> Bytes:
    """Return the labels of an IDX file, or its images with each in a row."""
    axes = raw[3]
    values = np.frombuffer(raw, np.uint8, offset=4 + 4 * axes)
    return values if axes == 1 else values.reshape(int.from_bytes(raw[4:8], "big"), -1)


def _cifar_arrays(raw: bytes) -> list[Bytes]:
    """Return images and labels that train, then those that test; a row is a label and an image."""
    with tarfile.open(None, "r:gz", io.BytesIO(raw)) as archive:
        files = [archive.extractfile(name) for name in _CIFAR_PARTS]
        parts = [file.read() for file in files if file]
    arrays = []
    for part in (b"".join(parts[:-1]), parts[-1]):
        rows = np.frombuffer(part, np.uint8).reshape(-1, 1 + _CIFAR_INPUTS)
        images, labels = rows[:, 1:].tobytes(), rows[:, 0].tobytes()
        arrays += [
            np.frombuffer(images, np.uint8).reshape(-1, _CIFAR_INPUTS),
            np.frombuffer(labels, np.uint8),
        ]
    return arrays


def _content(file: str, expected: str, folders: tuple[Path, ...], fetch: bool) -> bytes:
    """Return the checked content of a file from the first folder that has it, IDX unpacked.

    If none has it and `fetch` is set, it is downloaded into the first.
    """
    unreadable = ""
    names = (file,) if file == _CIFAR_ARCHIVE else (f"{file}.gz", file)
    for path in (folder / name for folder in folders for name in names):
        try:
            raw = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            unreadable += f"{path} cannot be read: {error.strerror}. "
            continue
        return _checked(raw, str(path), expected, "Delete or replace the file.")
    places = " or ".join(map(str, folders))
    missing = f"{unreadable}No {' and no '.join(names)} in {places}"
    if not fetch:
        raise DatasetError(f"{missing}.")
    address = f"{FASHION_MNIST_SOURCE}/{file}.gz"
    try:
        # S310: over http, and checked below
        with urllib.request.urlopen(address, timeout=_SILENCE_SECONDS) as answer:  # noqa: S310
            raw = answer.read()
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # a refusal is an open connection too
        message = f"{missing}, and {address} could not be fetched: {error}."
        raise DatasetError(message) from error
    content = _checked(raw, address, expected, "Nothing was kept.")
    path = folders[0] / f"{file}.gz"
    try:
        write_whole(path, raw)
    except OSError as error:
        raise DatasetError(f"{path} could not be written: {error}.") from error
    return content


def _checked(raw: bytes, origin: str, expected: str, advice: str) -> bytes:
    """Return a file's content, IDX unpacked; raise DatasetError unless it is the published one."""
    content, fault = raw, "is not the published file"
    if origin.endswith("-ubyte.gz"):
        try:
            content = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            fault = f"is damaged ({error})"
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise DatasetError(
            f"{origin} {fault} and was not used: expected SHA-256 {expected} for its content, IDX "
            f"unpacked, found {found} ({len(content):,} bytes). {advice}"
        )
    return content
