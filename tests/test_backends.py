"""Layers, pruning and the Keras engine on Keras' other backends, each in a process of its own, where it is installed."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = ["tests/test_layers.py", "tests/pruning/test_pruning.py", "tests/training/test_keras_engine.py"]


@pytest.mark.timeout(1800)  # JAX compiles every step
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_what_is_built_on_keras_works_on_its_other_backends(backend):
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; install it beside the package to test the layers on it")
    # What a backend says about its own future is not ours to mend: its version is not locked.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore::DeprecationWarning", *FILES]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert re.search(r"\b\d{2,} passed", done.stdout)
