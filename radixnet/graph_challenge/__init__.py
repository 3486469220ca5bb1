"""The Sparse DNN Graph Challenge: its networks by formula, its files, and its answers.

Outside of the paper RadiX-Nets live as the networks of this benchmark for sparse inference, of up
to 65,536 neurons a layer and 1,920 layers.

- `layers` makes an official network, layer by layer; `mnist_images` its images, as nearly as they
  are known.
- `infer` finds the answer in one of three ways; `prepare` and `run` are its two halves.
- `read_layer`, `LayerFiles` and the others of `files` read and write the challenge's files.
- ``python -m radixnet.graph_challenge.check FOLDER`` compares official files with the formula.
"""

from radixnet.graph_challenge.files import (
    LayerFiles,
    read_categories,
    read_images,
    read_layer,
    write_categories,
    write_images,
    write_layer,
    write_matrix_market,
)
from radixnet.graph_challenge.images import Images, mnist_images, pack_images
from radixnet.graph_challenge.inference import Way, infer
from radixnet.graph_challenge.official import (
    BIASES,
    CAP,
    DEPTHS,
    PUBLISHED_CATEGORIES,
    PUBLISHED_PIXELS,
    WEIGHT,
    Layers,
    layers,
)
from radixnet.graph_challenge.running import Answer, Network, prepare, run

__all__ = [
    "BIASES",
    "CAP",
    "DEPTHS",
    "PUBLISHED_CATEGORIES",
    "PUBLISHED_PIXELS",
    "WEIGHT",
    "Answer",
    "Images",
    "LayerFiles",
    "Layers",
    "Network",
    "Way",
    "infer",
    "layers",
    "mnist_images",
    "pack_images",
    "prepare",
    "read_categories",
    "read_images",
    "read_layer",
    "run",
    "write_categories",
    "write_images",
    "write_layer",
    "write_matrix_market",
]
