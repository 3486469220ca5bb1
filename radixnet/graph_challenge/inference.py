"""Which images are the answer: three ways behind one function.

- *Generic*, for any weights: every image that is still alive goes through every connection. All
  layers are in memory.
- *Structured*, where the weights of each layer are equal: through the exact narrow network of
  `columns.merged` instead.
- *Streamed*, the same, with layers made or read as they are needed: in memory are the images that
  are left, and a few layers. It says how far it is, and goes on where it was stopped.

An image is dead when all neurons of a layer are zero; it stays so, and is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, cast, get_args

from radixnet.graph_challenge.columns import Layer
from radixnet.graph_challenge.images import Images, pack_images
from radixnet.graph_challenge.running import Answer, prepare, run
from radixnet.graph_challenge.streaming import stream

Way = Literal["generic", "structured", "streamed"]
"""How an answer is found; all three find the same."""


def infer(
    images: Any,
    layers: Iterable[Layer],
    bias: float,
    way: Way = "generic",
    checkpoint: str | Path | None = None,
    progress: bool = False,
) -> Answer:
    r"""Send images through layers and say which of them come out with anything above zero.

    Each layer makes :math:`y' = \min(32, \max(0, z + b))` of :math:`z = y W`, and 0 where z is 0.

    Parameters
    ----------
    images
        Zeros and ones: `Images`, or an array or a sparse array of shape (images, pixels).
    layers
        Sparse arrays of shape (neurons before, neurons after), of weights, or of bools where every
        weight is 1/16.
    bias
        What is added to every sum that is not 0.
    way
        ``"generic"``, ``"structured"`` or ``"streamed"``; the last needs a sequence, such as
        `layers` or `LayerFiles`.
    checkpoint
        A file in which streaming keeps what it has, every few layers. When it is there, streaming
        goes on from it.
    progress
        Whether streaming shows how far it is.

    Raises
    ------
    ValueError
        For images, layers or settings that do not go together; for layers whose weights differ,
        unless the way is generic; for a checkpoint of something else.

    Examples
    --------
    >>> from radixnet.graph_challenge import BIASES, infer, layers, mnist_images
    >>> images = mnist_images(1024, count=300)
    >>> answer = infer(images, layers(1024, 120), BIASES[1024], way="structured")
    >>> answer.values.shape[1], answer.rows.shape[1]
    (32, 1024)
    """
    if way not in get_args(Way):
        raise ValueError(
            f"way {way!r} is not known; choose one of {', '.join(map(repr, get_args(Way)))}"
        )
    if not isinstance(images, Images):
        images = pack_images(images)
    if way == "streamed":
        file = None if checkpoint is None else Path(checkpoint)
        return stream(images, cast(Sequence[Layer], layers), bias, file, progress)
    if checkpoint is not None or progress:
        raise ValueError(
            f"way {way!r} keeps no checkpoint and shows no progress; "
            "leave both out, or infer with way='streamed'"
        )
    return run(prepare(layers, way), images, bias)
