"""The data: MNIST in the package, Fashion-MNIST on request, every byte checked by SHA-256.

Each is four files in IDX format, in the original order of rows. A file is used only if the SHA-256
sum of its uncompressed content is the published one; nothing is ever unpickled.
"""

from __future__ import annotations

import gzip
import hashlib
import os
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

DatasetName = Literal["mnist", "fashion-mnist"]

_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
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
}
IDX_SHA256 = {name: dict(zip(_FILES, sums, strict=True)) for name, sums in _SUMS.items()}
"""SHA-256 of each uncompressed IDX file, by dataset and file."""

FASHION_MNIST_SOURCE = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
"""Where Zalando Research publishes Fashion-MNIST (MIT licence; Xiao, Rasul and Vollgraf, 2017)."""

FASHION_MNIST_SYSTEM_FOLDER = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package `dataset-fashion-mnist` puts the files."""

_PACKAGED_MNIST = Path(__file__).parent / "data" / "mnist"
_SILENCE_SECONDS = 60  # of a server, after which a download fails

_CLASS_NAMES = {
    "mnist": tuple("0123456789"),
    "fashion-mnist": (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
}


class DatasetError(Exception):
    """A file is missing, damaged or cannot be fetched; the message names it and says what to do."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels, as they were published or of your own, with any number of inputs.

    Attributes
    ----------
    name
        ``"mnist"`` or ``"fashion-mnist"``: the `RunSpec.dataset` that it stands for.
    train_images, test_images
        Shapes (rows, inputs), both of one type. Bytes are grey levels 0 to 255, which networks get
        as 0 to 1; finite float32 numbers they get as they are. A row of MNIST is an image of 28
        rows of 28 pixels; 60,000 rows train and 10,000 test.
    train_labels, test_labels
        The class of each row, bytes counted from 0: at most 256 classes.
    class_names
        What each label stands for.
    sha256
        The identity of the data behind a result: here one sum over the four files' sums.

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


def load_dataset(name: DatasetName, folder: str | os.PathLike[str] | None = None) -> Dataset:
    """Return a dataset, checked byte for byte.

    MNIST ships with the package. Each file of Fashion-MNIST is looked for in the user's cache
    folder, ``~/.cache/radixnet/fashion-mnist``, then in Debian's
    ``/usr/share/datasets/fashion-mnist``; one that is in neither is downloaded into the cache
    folder. Without a network, put the files there. A file may be compressed (``.gz``) or not. The
    environment variable XDG_CACHE_HOME replaces ``~/.cache``.

    Parameters
    ----------
    name
        ``"mnist"`` or ``"fashion-mnist"``.
    folder
        A folder with the four IDX files, compressed or not, to read instead of the places above;
        ``~`` is the home folder.

    Raises
    ------
    ValueError
        For an unknown name, or a folder that is not a path.
    DatasetError
        If a file is missing, truncated or altered, or a download fails; the message says where it
        was looked for. A damaged file is never used and never replaced silently.
    """
    one_of("dataset", name, tuple(IDX_SHA256))
    if folder is not None:
        folders: tuple[Path, ...] = (_named_folder(folder),)
        advice = "Name a folder with the four IDX files, compressed or not."
    elif name == "mnist":
        folders = (_PACKAGED_MNIST,)
        advice = "MNIST is part of radixnet: restore the file with git, or install radixnet again."
    else:
        cache = user_cache_folder() / name
        folders = (cache, FASHION_MNIST_SYSTEM_FOLDER)
        archives = ", ".join(f"{file}.gz" for file in _FILES)
        advice = (
            f"Put {archives} from {FASHION_MNIST_SOURCE} into {cache}, compressed or not; it is "
            "searched first. Or install Debian's package dataset-fashion-mnist. To use another "
            "folder, set the environment variable XDG_CACHE_HOME: it is then "
            f"$XDG_CACHE_HOME/radixnet/{name}."
        )
    try:
        return _load(name, folders, fetch=len(folders) > 1)
    except DatasetError as error:
        raise DatasetError(f"{error} {advice}") from error.__cause__


def dataset_sha256(name: str) -> str:
    """Return `Dataset.sha256` without loading the data, which a machine with its runs may lack.

    Parameters
    ----------
    name
        ``"mnist"`` or ``"fashion-mnist"``.
    """
    return hashlib.sha256("".join(IDX_SHA256[name].values()).encode()).hexdigest()


def _named_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the folder that the user names, or raise ValueError if that is not a path."""
    try:
        return Path(folder).expanduser().resolve()
    except (TypeError, RuntimeError) as error:  # neither text nor path; no such user after the ~
        given = f"{folder!r} ({type(folder).__name__})"
        raise ValueError(f"folder {given}: give the path of a folder as text; {error}") from error


@cache
def _load(name: str, folders: tuple[Path, ...], fetch: bool) -> Dataset:
    """Read and check the four files; the arrays are shared between callers, hence read-only."""
    sums = IDX_SHA256[name]
    content = [_content(file, expected, folders, fetch) for file, expected in sums.items()]
    train_images, train_labels, test_images, test_labels = content

    def images(raw: bytes) -> Bytes:
        return np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 784)

    def labels(raw: bytes) -> Bytes:
        return np.frombuffer(raw, np.uint8, offset=8)

    return Dataset(
        name=name,
        train_images=images(train_images),
        train_labels=labels(train_labels),
        test_images=images(test_images),
        test_labels=labels(test_labels),
        class_names=_CLASS_NAMES[name],
        sha256=dataset_sha256(name),
    )


def _content(file: str, expected: str, folders: tuple[Path, ...], fetch: bool) -> bytes:
    """Return the checked, uncompressed content of a file from the first folder that has it.

    If none has it and `fetch` is set, it is downloaded into the first.
    """
    unreadable = ""
    for path in (folder / name for folder in folders for name in (f"{file}.gz", file)):
        try:
            raw = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            unreadable += f"{path} cannot be read: {error.strerror}. "
            continue
        return _checked(raw, str(path), expected, "Delete or replace the file.")
    missing = f"{unreadable}No {file}.gz and no {file} in {' or '.join(map(str, folders))}"
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
    """Return a file's uncompressed bytes; raise DatasetError unless they are the published ones."""
    content, fault = raw, "is not the published file"
    if origin.endswith(".gz"):
        try:
            content = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            fault = f"is damaged ({error})"
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise DatasetError(
            f"{origin} {fault} and was not used: expected SHA-256 {expected} for its uncompressed "
            f"content, found {found} ({len(content):,} bytes). {advice}"
        )
    return content
