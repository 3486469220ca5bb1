"""The images of the challenge, one bit a pixel, and how those here are made of MNIST.

The official images are MNIST's 60,000, interpolated to the square of a network's width, set to 1
above a threshold and to 0 elsewhere, and read column by column. Which interpolation and which
threshold is not published. Here it is the bilinear one between centres of pixels, and for each
width the threshold, to a hundredth of a grey level, that leaves most nearly as many ones as the
official images have: the numbers of ones differ by less than 3 in 100,000. Most answers agree, and
not all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, kron

from radixnet.datasets import load_dataset
from radixnet.graph_challenge.loops import WORD, Words

THRESHOLDS = {1024: 173.26, 4096: 176.48, 16384: 178.54, 65536: 179.80}
"""For each official width the grey level, of 255, above which an interpolated pixel counts as 1."""

_SIDE = 28


@dataclass(frozen=True, eq=False)
class Images:
    """Images of zeros and ones.

    Attributes
    ----------
    words
        Shape (count / 64 rounded up, pixels): bit b of ``words[w, p]`` is pixel p of image 64 w +
        b.
    count
        How many images there are.
    """

    words: Words
    count: int

    def __len__(self) -> int:
        return self.count

    @property
    def pixels(self) -> int:
        """Pixels of an image."""
        return int(self.words.shape[1])

    @property
    def ones(self) -> int:
        """Pixels that are 1, in all images together."""
        return int(np.bitwise_count(self.words).sum(dtype=np.int64))

    def blocks(self) -> Iterator[NDArray[np.bool_]]:
        """Yield the images as bool arrays of shape (images, pixels), 64 at a time."""
        for first, words in zip(range(0, self.count, WORD), self.words, strict=True):
            bits = np.unpackbits(
                words.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little"
            )
            yield bits[:, : self.count - first].T.astype(bool)

    def __getitem__(self, first: slice) -> Images:
        """Return the first images, ``images[:count]``."""
        start, stop, step = first.indices(self.count)
        if start or step != 1:
            raise ValueError(f"images[{start}:{stop}:{step}]: give images[:count], the first ones")
        words = self.words[: -(-stop // WORD)].copy()
        if stop % WORD:
            words[-1] &= np.uint64(2 ** (stop % WORD) - 1)
        return Images(words, stop)


def pack_images(images: Any) -> Images:
    """Return an array, or a sparse one, of shape (images, pixels) as images, one bit a pixel.

    Raises
    ------
    ValueError
        For anything else.
    """
    sparse = hasattr(images, "tocsr")
    whole: Any = images.tocsr() if sparse else np.asarray(images)
    if whole.ndim != 2 or whole.dtype.kind not in "biuf" or not min(whole.shape):
        raise ValueError(
            f"images of shape {whole.shape} and type {whole.dtype}: "
            "give zeros and ones of shape (images, pixels)"
        )
    values = whole.data if sparse else whole
    wrong = values[(values != 0) & (values != 1)]
    if len(wrong):
        raise ValueError(
            f"images hold {wrong[0]!r}: give zeros and ones, as the challenge's images are"
        )
    blocks = (whole[first : first + WORD] for first in range(0, whole.shape[0], WORD))
    words = [
        _packed(block)
        for part in blocks
        for block in _in_words((part.toarray() if sparse else part).T != 0)
    ]
    return Images(np.concatenate(words), whole.shape[0])


def mnist_images(neurons: int, count: int = 60_000, threshold: float | None = None) -> Images:
    """Return the first of MNIST's training images as the challenge has them, as nearly as is known.

    Parameters
    ----------
    neurons
        Pixels of an image, a square.
    count
        How many images.
    threshold
        The grey level, of 255, above which a pixel is 1; by default that of `THRESHOLDS`, or half
        of 255 at other widths.

    Raises
    ------
    ValueError
        For a number of pixels that is no square, or a count that MNIST does not have.
    """
    side = round(neurons**0.5)
    given = load_dataset("mnist").train_images
    if side * side != neurons or not side:
        raise ValueError(f"neurons {neurons}: an image is a square; give 1024 for 32 x 32 pixels")
    if not 1 <= count <= len(given):
        raise ValueError(f"count {count}: give 1 to {len(given)}, the images that MNIST has")
    level = THRESHOLDS.get(neurons, 127.5) if threshold is None else threshold
    weights = interpolation(side)
    words = [
        _packed(weights @ block > level) for block in _in_words(given[:count].T.astype(np.float32))
    ]
    return Images(np.concatenate(words), count)


def interpolation(side: int) -> csr_array[Any, tuple[int, int]]:
    """Return the bilinear weights that make images of side x side pixels of MNIST's.

    Returns
    -------
    scipy.sparse.csr_array
        Shape (side^2, 784): row r is a pixel of the new image, read column by column, and a column
        one of the given, row by row. Centres of pixels lie on centres; beyond the last centres
        their value holds.
    """
    at = np.clip((np.arange(side) + 0.5) * _SIDE / side - 0.5, 0, _SIDE - 1)
    before = np.minimum(at.astype(int), _SIDE - 2)
    share = (at - before).astype(np.float32)
    line = csr_array(
        (
            np.stack([1 - share, share], axis=1).ravel(),
            np.stack([before, before + 1], axis=1).ravel(),
            2 * np.arange(side + 1),
        ),
        shape=(side, _SIDE),
    )
    by_rows = kron(line, line, format="csr")  # of new pixels read row by row
    return csr_array(by_rows[np.arange(side * side).reshape(side, side).T.ravel()])


def _in_words(columns: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield 64 columns at a time, one for each image, with zeros for those beyond the last."""
    for first in range(0, columns.shape[1], WORD):
        block = np.zeros((len(columns), WORD), columns.dtype)
        some = columns[:, first : first + WORD]
        block[:, : some.shape[1]] = some
        yield block


def _packed(block: NDArray[np.bool_]) -> Words:
    """Return 64 images, shape (pixels, 64), as one row of words."""
    return (
        np.packbits(block, axis=1, bitorder="little").view("<u8").astype(np.uint64).reshape(1, -1)
    )
