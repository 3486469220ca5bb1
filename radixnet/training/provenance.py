"""What made a result, in words that a reader understands years later."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

import numpy as np

import radixnet
from radixnet.datasets import Dataset
from radixnet.training.spec import ENGINE_VERSIONS, RunSpec


def provenance(spec: RunSpec, dataset: Dataset, **versions: str) -> dict[str, str]:
    """Return what made a result: engine, package, data, machine, and the given versions."""
    return {
        "engine": spec.engine,
        "engine_version": ENGINE_VERSIONS[spec.engine],
        "radixnet": radixnet.__version__,
        "dataset_sha256": dataset.sha256,
        "machine": machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        **versions,
    }


def usable_cores() -> int:
    """Return how many cores this process may use: on shared machines, fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def machine() -> str:
    """Return the processor's name and architecture, such as ``"AMD EPYC 9654 (x86_64)"``."""
    name = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        models = [
            line.split(":", 1)[1].strip()
            for line in cpuinfo.read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ]
        name = models[0] if models else name
    return f"{name or 'unknown processor'} ({platform.machine()})"
