"""The sparse engine: its cost follows the connections that exist, in loops compiled by Numba.

Everything outside this package, except benchmarks of single kernels, imports from here.

- `engine` lays a network out and trains it; `layout` turns masks into the lists that loops follow.
- `steps` are the loops, `loss` the loss of a few rows, `kernels` the innermost loops, written in
  the language of `vector_code`.
- `code_cache` keeps compiled loops on disk, named by a digest of this package's `sources`.
"""

from radixnet.training.compiled import sources  # noqa: F401 (before all other modules here)
from radixnet.training.compiled.engine import SLOPES, SparseNetwork, get_ready, prepare, run

__all__ = ["SLOPES", "SparseNetwork", "get_ready", "prepare", "run"]
