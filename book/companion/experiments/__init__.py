"""The runs behind the pages, as specs.

One definition each for notebooks, for `make results` and for tests.
"""

from companion.experiments.in_general import (
    BATCH_SIZES,
    BEST_OF,
    FIG4_OWN_STARTS,
    OWN_STARTS,
    for_claims,
)
from companion.experiments.paper import (
    FIG8_EPOCHS,
    FIG8_LONGER_EPOCHS,
    FIG8_LONGER_SETTINGS,
    FIG9_RADIX_LISTS,
    FIG9_SETTINGS,
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
from companion.experiments.random_lists import SPARSITIES, random_networks
from companion.experiments.repairs_and_families import (
    PREDICTED_FAMILIES,
    REPAIRS,
    predicted_family,
    repaired,
)

__all__ = [
    "BATCH_SIZES",
    "BEST_OF",
    "FIG4_OWN_STARTS",
    "FIG8_EPOCHS",
    "FIG8_LONGER_EPOCHS",
    "FIG8_LONGER_SETTINGS",
    "FIG9_RADIX_LISTS",
    "FIG9_SETTINGS",
    "OWN_STARTS",
    "PREDICTED_FAMILIES",
    "REPAIRS",
    "SPARSITIES",
    "STRANGE_ACCURACY",
    "fig4",
    "fig5",
    "fig5_topologies",
    "fig8",
    "fig8_longer",
    "fig8_rounds",
    "fig9",
    "for_claims",
    "is_strange",
    "predicted_family",
    "random_networks",
    "repaired",
]
