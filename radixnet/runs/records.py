"""What is kept of a run, and the table of many: the same for new runs and for stored ones."""

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
"""Every setting of a `RunSpec` but the network, and its value in runs that do not mention it."""

FITTING: dict[str, Any] = {"fit": "trim", "dense_output": False}
"""The same for a `RadixTopology` besides radix lists and layer sizes; other masks have none."""

Description = dict[str, Any]
"""A spec as numbers and text: a value per column."""


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
        Why it failed; None if it did not.
    seconds
        Wall time of the run; None if it raised an error.
    curves
        For each name in `CURVES` one number per epoch; empty if the run raised an error.
    provenance
        `RunResult.provenance`; empty if the run raised an error.
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
        """Return the record of a run that came to its end, diverged or not."""
        return cls(
            identity=identity,
            description=describe(result.spec),
            status="failed" if result.diverged else "done",
            reason=_divergence(result) if result.diverged else None,
            seconds=result.seconds,
            curves={name: tuple(getattr(result, name).tolist()) for name in CURVES},
            provenance=result.provenance,
        )

    @classmethod
    def from_error(cls, identity: str, spec: RunSpec, reason: str) -> StoredRun:
        """Return the record of a run that raised an error."""
        return cls(identity, describe(spec), "failed", reason)

    @property
    def is_final(self) -> bool:
        """Whether training again would give the same.

        False for errors, which may be the machine's and not the run's, and for runs of earlier
        versions, which kept fewer curves.
        """
        return len(self.curves) == len(CURVES)

    def columns(self) -> dict[str, Any]:
        """Return a row of the table: description, outcome, final values, curves and provenance."""
        last = {name: self.curves[name][-1] if name in self.curves else math.nan for name in CURVES}
        return {
            **self.description,
            "status": self.status,
            "reason": self.reason,
            **last,
            "seconds": math.nan if self.seconds is None else self.seconds,
            "identity": self.identity,
            **{f"{name}_curve": self.curves.get(name) for name in CURVES},
            **{f"provenance_{name}": value for name, value in self.provenance.items()},
        }


def describe(spec: RunSpec) -> Description:
    """Return a spec as numbers and text: its network, then its settings."""
    network = spec.network
    if isinstance(network, RadixTopology):
        copy = dataclasses.replace(network)  # since a topology keeps what it has counted
        connections, lists = sum(copy.connection_counts), format_radix_lists(network.radix_lists)
    else:
        connections = sum(int.from_bytes(bits).bit_count() for bits in network.bits)
        lists = None
    possible = sum(before * after for before, after in pairwise(network.layer_sizes))
    return {
        "radix_lists": lists,
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
        Row of a table that `sweep` or `RunStore.to_frame` returned, such as ``runs.iloc[0]``.

    Raises
    ------
    ValueError
        For a run whose connections were given as masks, which a table does not hold, or a row that
        lacks a column.

    Examples
    --------
    >>> import radixnet as rx
    >>> runs = rx.RunStore("runs.sqlite").to_frame()  # doctest: +SKIP
    >>> rx.train(rx.spec_of(runs.iloc[0])).test_accuracy  # doctest: +SKIP
    """
    needed = ("radix_lists", "layer_sizes", *FITTING, *SETTINGS)
    missing = ", ".join(name for name in needed if name not in row)
    if missing:
        raise ValueError(f"the row lacks {missing}; give a row of a table, such as runs.iloc[0]")
    if not isinstance(row["radix_lists"], str):
        raise ValueError(
            "the run's connections were given as masks, which a table of runs does not hold; "
            "make the RunSpec from them"
        )
    topology = RadixTopology(
        json.loads(row["radix_lists"]),
        [int(size) for size in row["layer_sizes"].split("-")],
        **{name: row[name] for name in FITTING},
    )
    return RunSpec(topology, **{name: row[name] for name in SETTINGS})


def table_of(runs: Sequence[StoredRun]) -> pd.DataFrame:
    """Return a table with one row per run, in the order given.

    Columns: the description (radix_lists, layer_sizes, sparsity, dataset, seed, ...); status and
    reason; train_loss and the other `CURVES` after the last epoch; seconds; identity;
    train_loss_curve and so on, each a tuple of one number per epoch (None for a run that raised an
    error); provenance_engine_version and so on.
    """
    rows = [run.columns() for run in runs]
    names = dict.fromkeys(chain.from_iterable(rows))
    first = [name for name in names if not name.startswith("provenance_")]
    return pd.DataFrame(rows, columns=first + sorted(names.keys() - set(first)))


def _divergence(result: RunResult) -> str:
    """Say where a run's losses were first infinite or NaN."""
    for epoch in range(result.spec.epochs):
        for name in ("train_loss", "test_loss"):
            loss = float(getattr(result, name)[epoch])
            if not math.isfinite(loss):
                return f"diverged: {name} is {loss} after epoch {epoch + 1}"
    raise ValueError("a run whose losses are all finite has not diverged")
