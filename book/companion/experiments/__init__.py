"""The runs behind the pages, as specs.

One definition each for notebooks, for `make results` and for tests.
"""

from companion.experiments.paper import (
    FIG8_EPOCHS,
    FIG8_LONGER_EPOCHS,
    FIG8_LONGER_SETTINGS,
    FIG8_OWN_SEEDS,
    FIG9_BATCH_SIZES,
    FIG9_RADIX_LISTS,
    FIG9_SETTINGS,
    STRANGE_ACCURACY,
    beside_dense,
    fig4,
    fig4_own_starts,
    fig5,
    fig5_topologies,
    fig8,
    fig8_longer,
    fig8_rounds,
    fig9,
    fig9_drawn,
    is_strange,
    own_starts,
)
from companion.experiments.random_lists import SPARSITIES, random_networks
from companion.experiments.repairs_and_families import (
    PREDICTED_FAMILIES,
    REPAIRS,
    predicted_family,
    repaired,
)

__all__ = [
    "FIG8_EPOCHS",
    "FIG8_LONGER_EPOCHS",
    "FIG8_LONGER_SETTINGS",
    "FIG8_OWN_SEEDS",
    "FIG9_BATCH_SIZES",
    "FIG9_RADIX_LISTS",
    "FIG9_SETTINGS",
    "PREDICTED_FAMILIES",
    "REPAIRS",
    "SPARSITIES",
    "STRANGE_ACCURACY",
    "beside_dense",
    "fig4",
    "fig4_own_starts",
    "fig5",
    "fig5_topologies",
    "fig8",
    "fig8_longer",
    "fig8_rounds",
    "fig9",
    "fig9_drawn",
    "is_strange",
    "own_starts",
    "predicted_family",
    "random_networks",
    "repaired",
]
