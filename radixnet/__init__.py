"""RadiX-Nets: sparse networks wired by mixed-radix numerals, their training, and what becomes of them.

Importing the package is quick: what needs TensorFlow (`CustomModel`, `RadixLayer`, `Mask`) loads when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from radixnet.datasets import Dataset, DatasetError, load_dataset
from radixnet.diagnostics import Diagnosis, diagnose
from radixnet.diagnostics.lost_classes import chance_of_lost_classes
from radixnet.diagnostics.recommendations import Recommendation, recommend
from radixnet.runs.places import published
from radixnet.topology import LENET_300_100, RadixTopology, format_radix_lists
from radixnet.topology.families import distinct_topologies, fig8_family, legal_radix_lists

if TYPE_CHECKING:
    from radixnet import experiments, plots
    from radixnet.landscape import LossLandscape, convex_share, loss_landscape, random_directions
    from radixnet.layers import CustomModel, Mask, RadixLayer
    from radixnet.pruning.comparison import compare_with_pruning
    from radixnet.pruning.magnitude import magnitude_masks
    from radixnet.pruning.models import GradualPruning, prune, remaining_masks
    from radixnet.runs.publication import published_runs, working_store
    from radixnet.runs.records import spec_of
    from radixnet.runs.store import RunStore, StoreError
    from radixnet.runs.sweeps import RunsFailedError, sweep
    from radixnet.saliency import saliency_map, symmetry_test
    from radixnet.training import RunResult, RunSpec, train

__version__ = "0.1.0"

__all__ = [
    "LENET_300_100",
    "CustomModel",
    "Dataset",
    "DatasetError",
    "Diagnosis",
    "GradualPruning",
    "LossLandscape",
    "Mask",
    "RadixLayer",
    "RadixTopology",
    "Recommendation",
    "RunResult",
    "RunSpec",
    "RunStore",
    "RunsFailedError",
    "StoreError",
    "chance_of_lost_classes",
    "compare_with_pruning",
    "convex_share",
    "diagnose",
    "distinct_topologies",
    "experiments",
    "fig8_family",
    "format_radix_lists",
    "legal_radix_lists",
    "load_dataset",
    "loss_landscape",
    "magnitude_masks",
    "plots",
    "prune",
    "published",
    "published_runs",
    "random_directions",
    "recommend",
    "remaining_masks",
    "saliency_map",
    "spec_of",
    "sweep",
    "symmetry_test",
    "train",
    "working_store",
]

_LOADED_WHEN_ASKED_FOR = {
    "GradualPruning": "radixnet.pruning.models",
    "compare_with_pruning": "radixnet.pruning.comparison",
    "magnitude_masks": "radixnet.pruning.magnitude",
    "prune": "radixnet.pruning.models",
    "remaining_masks": "radixnet.pruning.models",
    "saliency_map": "radixnet.saliency",
    "symmetry_test": "radixnet.saliency",
    "CustomModel": "radixnet.layers",
    "LossLandscape": "radixnet.landscape",
    "Mask": "radixnet.layers",
    "RadixLayer": "radixnet.layers",
    "RunResult": "radixnet.training",
    "RunSpec": "radixnet.training",
    "RunStore": "radixnet.runs.store",
    "RunsFailedError": "radixnet.runs.sweeps",
    "StoreError": "radixnet.runs.store",
    "convex_share": "radixnet.landscape",
    "experiments": "radixnet.experiments",
    "loss_landscape": "radixnet.landscape",
    "plots": "radixnet.plots",
    "published_runs": "radixnet.runs.publication",
    "random_directions": "radixnet.landscape",
    "spec_of": "radixnet.runs.records",
    "sweep": "radixnet.runs.sweeps",
    "train": "radixnet.training",
    "working_store": "radixnet.runs.publication",
}


def __getattr__(name: str) -> Any:
    """Load a name that needs TensorFlow, Matplotlib or pandas now that it is asked for."""
    if name not in _LOADED_WHEN_ASKED_FOR:
        raise AttributeError(f"module 'radixnet' has no attribute {name!r}")
    module = import_module(_LOADED_WHEN_ASKED_FOR[name])
    return module if module.__name__ == f"radixnet.{name}" else getattr(module, name)


def __dir__() -> list[str]:
    """List the names that load late too."""
    return sorted({*globals(), *__all__})
