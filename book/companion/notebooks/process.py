"""What a process is, asked of the process that does the work: a record must not tell of another."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

# Before the imports below add theirs.
modules = sorted(
    name for name in sys.modules if name.partition(".")[0] in ("radixnet", "companion")
)

import radixnet  # noqa: E402
from radixnet.training.provenance import machine, usable_cores  # noqa: E402


def this_process() -> dict[str, Any]:
    """Return what runs this process.

    Returns
    -------
    dict
        ``machine``, ``cores`` (those that it may use), ``system``, ``python``, ``radixnet`` (the
        version), ``package`` (the folder that radixnet was imported from), ``modules`` (those of
        radixnet and of the book's companion that it has imported), and ``versions``, of every
        package by its name.
    """
    versions: dict[str, str] = {}
    for each in distributions():
        versions.setdefault(each.name, each.version)  # the first is the one that is imported
    return {
        "machine": machine(),
        "cores": usable_cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "radixnet": radixnet.__version__,
        "package": str(Path(radixnet.__file__).resolve().parent),
        "modules": modules,
        "versions": versions,
    }
