"""One training run: a `RunSpec` in, a `RunResult` out, one of two engines in between.

`train` is the only way in. The `sparse` engine follows the connections that exist; the `keras` engine is the reference,
``CustomModel.fit``, and the only part that loads TensorFlow. Rows, orders and starting weights come from one place, so that both
see the same numbers.
"""

from radixnet.training import sources  # noqa: F401 (before any other module of the room)
from radixnet.training.data_order import epoch_order, split
from radixnet.training.engines import train
from radixnet.training.spec import CURVES, ENGINE_VERSIONS, PackedMasks, RunResult, RunSpec

__all__ = ["CURVES", "ENGINE_VERSIONS", "PackedMasks", "RunResult", "RunSpec", "epoch_order", "split", "train"]
