"""Layers, pruning and the Keras engine on Keras' other backends, where these are installed."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = [
    "tests/test_layers.py",
    "tests/pruning/test_pruning.py",
    "tests/training/test_keras_engine.py",
]


@pytest.mark.timeout(1800)  # JAX compiles every step
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_what_is_built_on_keras_works_on_its_other_backends(backend):
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; install it beside the package to test on it")
    # Warnings are no errors there: the versions of these backends are not locked.
    options = ["-q", "-p", "no:cacheprovider", "--show-capture=no", "-W", "default"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *FILES],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert re.search(r"\b\d{2,} passed", done.stdout)
