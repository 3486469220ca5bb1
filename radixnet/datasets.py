"""The data that networks are trained on: MNIST inside the package, Fashion-MNIST on request, every byte checked by SHA-256.

Both are four files in IDX format, the original order of rows kept. A file is used only when the SHA-256 sum of its uncompressed
content is the published one; nothing is ever unpickled.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import urllib.request
import zlib
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from pathlib import Path
from typing import Literal
from urllib.error import HTTPError

import numpy as np
from numpy.typing import NDArray

from radixnet.user_cache import user_cache_folder

Bytes = NDArray[np.uint8]
DatasetName = Literal["mnist", "fashion-mnist"]

IDX_SHA256: dict[str, dict[str, str]] = {
    "mnist": {
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    "fashion-mnist": {
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
}
"""SHA-256 of each uncompressed IDX file."""

FASHION_MNIST_SOURCE = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
"""Where Zalando Research publishes Fashion-MNIST (MIT licence; Xiao, Rasul and Vollgraf, 2017)."""

FASHION_MNIST_SYSTEM_FOLDER = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package `dataset-fashion-mnist` puts the files."""

_PACKAGED_MNIST = Path(__file__).parent / "data" / "mnist"
_ROWS = {"train": 60_000, "t10k": 10_000}
_PIXELS = 784
_DOWNLOAD_TIMEOUT = 60  # seconds without an answer

_CLASS_NAMES = {
    "mnist": tuple("0123456789"),
    "fashion-mnist": (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
}


class DatasetError(Exception):
    """A dataset file is missing, damaged or cannot be fetched; the message names the file and what to do."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels, as they were published: read-only arrays of bytes.

    Attributes
    ----------
    name
        ``"mnist"`` or ``"fashion-mnist"``.
    train_images, test_images
        Grey levels 0 to 255, shapes (60000, 784) and (10000, 784); a row is an image of 28 rows of 28 pixels.
    train_labels, test_labels
        Classes 0 to 9, shapes (60000,) and (10000,).
    class_names
        What each label stands for.
    sha256
        One sum over the four files' sums: the identity of the data that a result rests on.
    """

    name: str
    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    class_names: tuple[str, ...]
    sha256: str


def load_dataset(name: DatasetName, folder: str | os.PathLike[str] | None = None) -> Dataset:
    """Return a dataset, checked byte for byte.

    MNIST ships with the package. Each file of Fashion-MNIST is looked for in the user's cache
    folder, ``~/.cache/radixnet/fashion-mnist``, then in Debian's
    ``/usr/share/datasets/fashion-mnist``; one that is in neither is downloaded into the cache
    folder. Without a network, put the files there: whatever trains finds them. A file may be
    compressed (``.gz``) or not. The environment variable XDG_CACHE_HOME moves ``~/.cache``.

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
        For a name that is not one of the two, or a folder that is not a path.
    DatasetError
        When a file is missing, truncated or altered, or a download fails; the message says where it
        was looked for. A damaged file is never used and never replaced silently.
    """
    if not isinstance(name, str) or name not in IDX_SHA256:
        raise ValueError(f"dataset {name!r} is not known; choose one of {', '.join(map(repr, IDX_SHA256))}")
    if folder is not None:
        folders: tuple[Path, ...] = (_named_folder(folder),)
        advice = "Name a folder with the four IDX files, compressed or not."
    elif name == "mnist":
        folders = (_PACKAGED_MNIST,)
        advice = "MNIST is part of radixnet: restore the file with git, or install radixnet again."
    else:
        cache = user_cache_folder() / name
        folders = (cache, FASHION_MNIST_SYSTEM_FOLDER)
        archives = ", ".join(f"{file}.gz" for file in IDX_SHA256[name])
        advice = (
            f"Put {archives} from {FASHION_MNIST_SOURCE} into {cache}, compressed or not; that is "
            "looked in first. Or install Debian's package dataset-fashion-mnist. To use another "
            "folder, set the environment variable XDG_CACHE_HOME: it is then "
            f"$XDG_CACHE_HOME/radixnet/{name}."
        )
    try:
        return _load(name, folders, fetch=len(folders) > 1)
    except DatasetError as error:
        raise DatasetError(f"{error} {advice}") from error.__cause__


def dataset_sha256(name: str) -> str:
    """Return `Dataset.sha256` without the data: runs that are stored are found on a machine that lacks what they trained on.

    Parameters
    ----------
    name
        ``"mnist"`` or ``"fashion-mnist"``.
    """
    return hashlib.sha256("".join(IDX_SHA256[name].values()).encode()).hexdigest()


def _named_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the folder that the user names, or raise ValueError when that is no path."""
    try:
        return Path(folder).expanduser().resolve()
    except (TypeError, RuntimeError) as error:  # no text or path; no such user after the ~
        raise ValueError(f"folder {folder!r} ({type(folder).__name__}): give the path of a folder as text; {error}") from error


@cache
def _load(name: str, folders: tuple[Path, ...], fetch: bool) -> Dataset:
    """Read and check the four files; the arrays are shared between callers, hence read-only."""
    sums = IDX_SHA256[name]
    content = {file: _content(file, expected, folders, fetch) for file, expected in sums.items()}

    def images(part: str) -> Bytes:
        return np.frombuffer(content[f"{part}-images-idx3-ubyte"], np.uint8, offset=16).reshape(_ROWS[part], _PIXELS)

    def labels(part: str) -> Bytes:
        return np.frombuffer(content[f"{part}-labels-idx1-ubyte"], np.uint8, offset=8)

    return Dataset(
        name=name,
        train_images=images("train"),
        train_labels=labels("train"),
        test_images=images("t10k"),
        test_labels=labels("t10k"),
        class_names=_CLASS_NAMES[name],
        sha256=dataset_sha256(name),
    )


def _content(file: str, expected: str, folders: tuple[Path, ...], fetch: bool) -> bytes:
    """Return the checked, uncompressed content of a file from the first folder that has it.

    When none has, it is fetched into the first, where that is asked for.
    """
    refused = ""
    for path in (folder / name for folder in folders for name in (f"{file}.gz", file)):
        try:
            raw = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            refused += f"{path} cannot be read: {error.strerror}. "
            continue
        return _checked(raw, str(path), expected, "Delete or replace the file.")
    missing = f"{refused}No {file}.gz and no {file} in {' or '.join(map(str, folders))}"
    if not fetch:
        raise DatasetError(f"{missing}.")
    address = f"{FASHION_MNIST_SOURCE}/{file}.gz"
    try:
        with urllib.request.urlopen(address, timeout=_DOWNLOAD_TIMEOUT) as answer:  # noqa: S310 (http, and checked below)
            raw = answer.read()
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # the refusal is an open answer too
        raise DatasetError(f"{missing}, and {address} could not be fetched: {error}.") from error
    content = _checked(raw, address, expected, "Nothing was kept.")
    try:
        _write_whole(folders[0] / f"{file}.gz", raw)
    except OSError as error:
        raise DatasetError(f"{folders[0] / file}.gz could not be written: {error}.") from error
    return content


def _checked(raw: bytes, origin: str, expected: str, advice: str) -> bytes:
    """Return a file's bytes, unzipped when its name ends in .gz, or raise DatasetError when they are not the published ones."""
    if origin.endswith(".gz"):
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            found = hashlib.sha256(raw).hexdigest()
            raise DatasetError(
                f"{origin} is damaged and was not used: {error}. Expected SHA-256 {expected} for its uncompressed content; it "
                f"cannot be uncompressed, and the {len(raw):,} bytes that are there have SHA-256 {found}. {advice}"
            ) from error
    found = hashlib.sha256(raw).hexdigest()
    if found != expected:
        raise DatasetError(
            f"{origin} is not the published file and was not used: expected SHA-256 {expected} for its uncompressed content, "
            f"found {found} ({len(raw):,} bytes). {advice}"
        )
    return raw


def _write_whole(path: Path, raw: bytes) -> None:
    """Write a file beside its place and move it there, so that nothing half-written is ever left, least of all under its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as partial:
        try:
            partial.write(raw)
            partial.flush()
            Path(partial.name).replace(path)
        except BaseException:
            Path(partial.name).unlink(missing_ok=True)
            raise
