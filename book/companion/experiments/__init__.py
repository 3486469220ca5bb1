"""The runs behind the pages, as specs.

One definition each for notebooks, for `make results` and for tests.
"""

from companion.experiments.paper import (
    FIG8_EPOCHS,
    FIG8_LONGER_EPOCHS,
    FIG9_RADIX_LISTS,
    STRANGE_ACCURACY,
    fig4,
    fig5,
    fig5_topologies,
    fig8,
    fig8_longer,
    fig8_rounds,
    fig9,
    is_strange,
)
from companion.experiments.recommended import (
    COMPARED_SPARSITIES,
    RANDOM_NETWORKS,
    compared_topologies,
    recommended_and_random,
)
from companion.experiments.repairs_and_families import (
    PREDICTED_FAMILIES,
    REPAIR_SEEDS,
    REPAIRS,
    predicted_family,
    repaired,
)

__all__ = [
    "COMPARED_SPARSITIES",
    "FIG8_EPOCHS",
    "FIG8_LONGER_EPOCHS",
    "FIG9_RADIX_LISTS",
    "PREDICTED_FAMILIES",
    "RANDOM_NETWORKS",
    "REPAIRS",
    "REPAIR_SEEDS",
    "STRANGE_ACCURACY",
    "compared_topologies",
    "fig4",
    "fig5",
    "fig5_topologies",
    "fig8",
    "fig8_longer",
    "fig8_rounds",
    "fig9",
    "is_strange",
    "predicted_family",
    "recommended_and_random",
    "repaired",
]
