"""What is kept of a run, and how many of them become a table: the same whether they were trained just now or years ago."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any, Literal

import pandas as pd

from radixnet.topology import RadixTopology, format_radix_lists
from radixnet.training.spec import CURVES, FIRST_DEFAULTS, RunResult, RunSpec

SETTINGS = FIRST_DEFAULTS
"""Every setting of a `RunSpec` but the network, and the value that it has in runs from before there was a choice."""

FITTING: dict[str, Any] = {"fit": "trim", "dense_output": False}
"""The same for what a `RadixTopology` says besides radix lists and layer sizes; of other masks nothing is said."""

Description = dict[str, Any]
"""What a spec says, as numbers and text: a value per column."""


@dataclass(frozen=True)
class StoredRun:
    """One run as it is kept.

    Attributes
    ----------
    identity
        `RunSpec.identity`.
    description
        `describe` of the spec.
    status
        ``"done"``, or ``"failed"`` for a run that diverged or raised an error.
    reason
        Why it failed; None when it did not.
    seconds
        Wall time of the run; None when it raised an error.
    curves
        For each name in `CURVES` one number per epoch; empty when the run raised an error.
    provenance
        `RunResult.provenance`; empty when the run raised an error.
    """

    identity: str
    description: Description
    status: Literal["done", "failed"]
    reason: str | None = None
    seconds: float | None = None
    curves: dict[str, tuple[float, ...]] = field(default_factory=dict)
    provenance: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_result(cls, identity: str, result: RunResult) -> StoredRun:
        """Return what is kept of a run that came to its end, be it a good one or not."""
        curves = {name: tuple(getattr(result, name).tolist()) for name in CURVES}
        reason = _divergence(curves) if result.diverged else None
        status: Literal["done", "failed"] = "failed" if result.diverged else "done"
        return cls(identity, describe(result.spec), status, reason, result.seconds, curves, result.provenance)

    @classmethod
    def from_error(cls, identity: str, spec: RunSpec, reason: str) -> StoredRun:
        """Return what is kept of a run that raised an error."""
        return cls(identity, describe(spec), "failed", reason)

    @property
    def is_final(self) -> bool:
        """Whether training again would give the same.

        All but errors, which may lie in the machine and not in the run, and runs of earlier versions that kept fewer curves.
        """
        return len(self.curves) == len(CURVES)

    def columns(self) -> dict[str, Any]:
        """Return one row of a table: description, outcome, final values, identity, curves and provenance."""
        return {
            **self.description,
            "status": self.status,
            "reason": self.reason,
            **{name: self.curves[name][-1] if name in self.curves else math.nan for name in CURVES},
            "seconds": math.nan if self.seconds is None else self.seconds,
            "identity": self.identity,
            **{f"{name}_curve": self.curves.get(name) for name in CURVES},
            **{f"provenance_{name}": value for name, value in self.provenance.items()},
        }


def describe(spec: RunSpec) -> Description:
    """Return what a spec says, as numbers and text: its network, then its settings."""
    network = spec.network
    if isinstance(network, RadixTopology):
        connections = sum(dataclasses.replace(network).connection_counts)  # of a copy, since a topology keeps what it counted
    else:
        connections = sum(int.from_bytes(bits).bit_count() for bits in network.bits)
    possible = sum(before * after for before, after in pairwise(network.layer_sizes))
    return {
        "radix_lists": format_radix_lists(network.radix_lists) if isinstance(network, RadixTopology) else None,
        "layer_sizes": "-".join(map(str, network.layer_sizes)),
        **{name: getattr(network, name, None) for name in FITTING},
        "connections": connections,
        "sparsity": 1 - connections / possible,
        **{name: getattr(spec, name) for name in SETTINGS},
    }


def spec_of(row: Mapping[str, Any]) -> RunSpec:
    """Return the spec of a run from its row in a table, to train it again.

    Parameters
    ----------
    row
        Of the table that `sweep` or `RunStore.to_frame` returned, such as ``runs.iloc[0]``.

    Raises
    ------
    ValueError
        For a run whose connections were given as masks, which a table does not hold; or a row that lacks a column.

    Examples
    --------
    >>> import radixnet as rx
    >>> runs = rx.RunStore("runs.sqlite").to_frame()  # doctest: +SKIP
    >>> rx.train(rx.spec_of(runs.iloc[0])).test_accuracy  # doctest: +SKIP
    """
    missing = [name for name in ("radix_lists", "layer_sizes", *FITTING, *SETTINGS) if name not in row]
    if missing:
        raise ValueError(f"the row lacks {', '.join(missing)}; give a row of a table of runs, such as runs.iloc[0]")
    if not isinstance(row["radix_lists"], str):
        raise ValueError(
            "the run's connections were given as masks, which a table of runs does not hold; make the RunSpec from them"
        )
    topology = RadixTopology(
        json.loads(row["radix_lists"]),
        [int(size) for size in row["layer_sizes"].split("-")],
        **{name: row[name] for name in FITTING},
    )
    return RunSpec(topology, **{name: row[name] for name in SETTINGS})


def frame(runs: Sequence[StoredRun]) -> pd.DataFrame:
    """Return a table with one row per run, in the order given.

    Columns: the description (radix_lists, layer_sizes, sparsity, dataset, seed, ...), status, reason, train_loss and the other
    `CURVES` after the last epoch, seconds, identity, train_loss_curve and so on with a tuple of one number per epoch (None for a
    run that raised an error), and provenance_engine_version and so on.
    """
    rows = [run.columns() for run in runs]
    names = [name for name in dict.fromkeys(chain.from_iterable(rows)) if not name.startswith("provenance_")]
    made_by = sorted({name for name in chain.from_iterable(rows) if name.startswith("provenance_")})
    return pd.DataFrame(rows, columns=names + made_by)


def _divergence(curves: dict[str, tuple[float, ...]]) -> str:
    """Say where a run left the numbers first."""
    for epoch in range(len(curves["train_loss"])):
        for name in ("train_loss", "test_loss"):
            if not math.isfinite(curves[name][epoch]):
                return f"diverged: {name} is {curves[name][epoch]} after epoch {epoch + 1}"
    raise ValueError("a run whose losses are all finite has not diverged")
