"""The runs behind what the claims say of models in general: every network has a seed of its own."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from companion.experiments.paper import (
    fig5,
    fig8_longer,
    fig9,
    is_strange,
)
from companion.experiments.repairs_and_families import predicted_family
from radixnet.runs.records import spec_of
from radixnet.topology import RadixTopology
from radixnet.topology.families import fig8_family
from radixnet.training.spec import RunSpec

FIG4_OWN_STARTS, OWN_STARTS = "radices to 10", "the 426"
"""The families, of those that predictions are tried on, of networks of Fig. 4 and of the models of
Fig. 8, each from a seed of its own."""

BATCH_SIZES = (100, 2048)
"""Of Fig. 8, and of the authors' code for Fig. 9; the paper states none there."""

BEST_OF = (10, 50, 90)
"""Sparsities, in per cent, from which on the best network of Fig. 4 is set beside the dense one."""

_DRAWN = 8  # of each kind, since the paper does not name the models of its Fig. 9
_FRESH_SEEDS = range(10)


def for_claims(
    fig4: pd.DataFrame, fig8: pd.DataFrame, own: pd.DataFrame
) -> dict[str, list[RunSpec]]:
    """Return the runs that claims on models in general need beyond those of `OWN_STARTS`, by name.

    The strange models of Fig. 8 from
    own seeds once more, as long as the authors train them. Normal and strange models, drawn at
    random, as Fig. 9 trains them, in both `BATCH_SIZES`. And the best networks of Fig. 4, and the
    best normal one of Fig. 8, from fresh seeds beside the dense network.

    Parameters
    ----------
    fig4, fig8
        The runs of Fig. 4, and of the first round of Fig. 8: they tell the best networks.
    own
        The runs of `OWN_STARTS`: they tell which models are strange.
    """
    strange, random, family = is_strange(own).to_numpy(), np.random.default_rng(0), fig8_family()
    drawn = {
        kind: [family[number] for number in sorted(random.permutation(numbers)[:_DRAWN])]
        for kind, numbers in {
            "normal": np.flatnonzero(~strange),
            "strange": np.flatnonzero(strange),
        }.items()
    }
    return {
        "Fig. 8, longer": fig8_longer(predicted_family(OWN_STARTS), own),
        **{
            f"Fig. 9, {kind}, {batch_size}": fig9(models, engine="sparse", batch_size=batch_size)
            for kind, models in drawn.items()
            for batch_size in BATCH_SIZES
        },
        **{
            f"Fig. 4, best of {percents} %": _beside_dense(fig4[fig4["sparsity"] >= percents / 100])
            for percents in BEST_OF
        },
        "Fig. 8, best normal": _beside_dense(fig8[~is_strange(fig8)]),
    }


def _beside_dense(runs: pd.DataFrame) -> list[RunSpec]:
    """Return runs of the best network of these, and of the dense one, from fresh seeds.

    From one seed both draw the same weights, so the network is a part of the dense one.
    """
    (best,) = runs.nlargest(1, "validation_accuracy").to_dict("records")
    topology = spec_of(cast("dict[str, Any]", best)).topology
    assert isinstance(topology, RadixTopology)  # noqa: S101 (these figures train nothing else)
    dense = RadixTopology([[1] * (len(topology.layer_sizes) - 1)], topology.layer_sizes)
    return fig5([topology, dense], _FRESH_SEEDS)
