"""One training run: a `RunSpec` in, a `RunResult` out, one of two engines in between.

`train` is the only entry. The `sparse` engine (`radixnet.training.compiled`) follows the
connections that exist. The `keras` engine is the reference, ``CustomModel.fit``, and the only part
that loads TensorFlow. Both take rows, orders and starting weights from one place and so see the
same numbers.
"""

from radixnet.training.data_order import epoch_order, split
from radixnet.training.engines import train
from radixnet.training.spec import CURVES, ENGINE_VERSIONS, PackedMasks, RunResult, RunSpec

__all__ = [
    "CURVES",
    "ENGINE_VERSIONS",
    "PackedMasks",
    "RunResult",
    "RunSpec",
    "epoch_order",
    "split",
    "train",
]
