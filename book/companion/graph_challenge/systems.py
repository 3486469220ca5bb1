"""Systems that find the answer of a challenge: ours in three ways, and three libraries.

Each is a function of a network and its images that makes ready and returns what finds the answer.
Libraries get the images as dense columns, or sparse where that is what they are for, and drop
images that are dead, as ours does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from radixnet.graph_challenge import BIASES, CAP, WEIGHT, Images, Layers, infer, prepare, run
from radixnet.graph_challenge.loops import WORD
from radixnet.training.provenance import usable_cores

Found = tuple[NDArray[np.int64], NDArray[np.int64] | None]
"""Numbers of the images that are the answer, and how many went through each layer, if known."""

_BATCH = 80
"""Blocks of 64 images that GraphBLAS takes at a time: all at once, products take 7 GB or more."""

Ready = Callable[[], Found]
"""Finds the answer once all is in the memory that the system wants it in."""


@dataclass(frozen=True)
class System:
    """A way to the answer.

    Attributes
    ----------
    name
        What it is called on the page.
    package
        What has to be installed, by the name of its distribution.
    ready
        Takes a network and images, and returns what finds the answer.
    """

    name: str
    package: str
    ready: Callable[[Layers, Images], Ready]

    @property
    def version(self) -> str:
        """The version of the package, or an empty text where it is not installed."""
        try:
            return metadata.version(self.package)
        except metadata.PackageNotFoundError:
            return ""


def _ours(way: Any, network: Layers, images: Images) -> Ready:
    """Make one of our ways ready; streaming makes its layers as it goes."""
    bias = BIASES[network.neurons]
    ready = None if way == "streamed" else prepare(network, way)

    def find() -> Found:
        found = run(ready, images, bias) if ready else infer(images, network, bias, way)
        return found.categories, found.carried

    return find


def _scipy(network: Layers, images: Images) -> Ready:
    """Multiply SciPy's CSR matrices with dense columns, on one core."""
    weights = [csr_array(layer.T.astype(np.float32) * WEIGHT) for layer in network]
    start = np.concatenate([block.T for block in images.blocks()], axis=1).astype(np.float32)
    bias = np.float32(BIASES[network.neurons])

    def find() -> Found:
        values, numbers = start, np.arange(images.count)
        for layer in weights:
            values = layer @ values
            values += bias
            np.clip(values, 0, CAP, out=values)
            alive = values.any(axis=0)
            if not alive.all():
                values, numbers = np.ascontiguousarray(values[:, alive]), numbers[alive]
        return numbers, None

    return find


def _torch(network: Layers, images: Images) -> Ready:
    """Multiply PyTorch's CSR matrices with dense columns, on all cores."""
    import warnings

    import torch

    warnings.filterwarnings("ignore", message="Sparse (CSR tensor support|invariant checks)")
    torch.set_num_threads(usable_cores())
    weights = []
    for layer in network:
        turned = layer.T.tocsr()
        values = torch.full((turned.nnz,), float(WEIGHT))
        pattern = torch.from_numpy(turned.indptr), torch.from_numpy(turned.indices)
        weights.append(torch.sparse_csr_tensor(*pattern, values, turned.shape))
    start = torch.from_numpy(np.concatenate([block.T for block in images.blocks()], axis=1)).float()

    def find() -> Found:
        values, numbers = start, torch.arange(images.count)
        for layer in weights:
            values = (layer @ values).add_(BIASES[network.neurons]).clamp_(0, float(CAP))
            alive = values.any(dim=0)
            if not alive.all():
                values, numbers = values[:, alive], numbers[alive]
        return numbers.numpy(), None

    return find


def _graphblas(network: Layers, images: Images) -> Ready:
    """Multiply SuiteSparse:GraphBLAS matrices, images as sparse rows, on all cores."""
    import graphblas as gb

    gb.ss.config["nthreads"] = usable_cores()
    weights = [gb.io.from_scipy_sparse(layer.astype(np.float32) * WEIGHT) for layer in network]
    blocks = [csr_array(block, dtype=np.float32) for block in images.blocks()]
    starts = [
        gb.io.from_scipy_sparse(vstack(blocks[first : first + _BATCH], format="csr"))
        for first in range(0, len(blocks), _BATCH)
    ]

    def find() -> Found:
        found = []
        for number, values in enumerate(starts):
            for layer in weights:
                sums = values.mxm(layer, gb.semiring.plus_times).new()
                sums << sums.apply(gb.binary.plus, right=BIASES[network.neurons])
                values = gb.select.valuegt(sums, 0).new()
                values << values.apply(gb.binary.min, right=float(CAP))
            rows, _ = values.reduce_rowwise(gb.monoid.any).new().to_coo()
            found.append(rows.astype(np.int64) + number * _BATCH * WORD)
        return np.concatenate(found), None

    return find


SYSTEMS = {
    system.name: system
    for system in (
        System("generic", "radixnet", partial(_ours, "generic")),
        System("structured", "radixnet", partial(_ours, "structured")),
        System("streamed", "radixnet", partial(_ours, "streamed")),
        System("SciPy CSR", "scipy", _scipy),
        System("PyTorch CSR", "torch", _torch),
        System("GraphBLAS", "python-graphblas", _graphblas),
    )
}
"""All of them by name, ours first."""
