"""The claim that Fig. 1 decides: a mask stays a mask while a model trains."""

from __future__ import annotations

import pandas as pd

from companion.claims.measurement import Measurement


def mask_enforced(steps: pd.DataFrame) -> Measurement:
    """Count weights off the mask, the most after any step, and weights that moved.

    Parameters
    ----------
    steps
        A row per training step, with ``off_the_mask`` (weights off the mask that are not zero after
        it) and ``moved`` (weights that differ from the start).
    """
    off, moved = int(steps["off_the_mask"].max()), int(steps["moved"].iloc[-1])
    return Measurement(
        "fig1-mask-enforced",
        {"nonzero_weights_off_the_mask": off, "weights_that_moved": moved},
        f"In {len(steps)} training steps {moved:,} weights moved; no more than {off:,} "
        "weights off the mask were ever nonzero.",
    )
