"""Run every check in turn, cheap ones first, and stop at the first that fails.

What `make test` does.
"""

import os
import subprocess
import sys
import time

from command import command
from companion.places import ROOT

PYTHON = sys.executable
PYTEST = [PYTHON, "-m", "pytest", "--quiet", "--numprocesses=2", "--dist=loadfile"]
"""Two files of tests at a time: more would share two cores, and tests of one file share what they
prepare."""


STEPS: dict[str, list[str]] = {
    "style": [PYTHON, "-m", "ruff", "check", "--quiet", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--quiet", "--check", "."],
    "spelling": [PYTHON, "-m", "codespell_lib"],
    "types": [PYTHON, "-m", "mypy", "--no-error-summary"],
    "package": [*PYTEST, "--ignore=tests/book"],
    "without AVX-512": [
        *("env", "NUMBA_CPU_NAME=haswell", "NUMBA_CPU_FEATURES=", *PYTEST),
        *("tests/training/compiled/test_kernels.py", "tests/training/compiled/test_engine.py"),
        "tests/graph_challenge/test_inference.py",
    ],
    "figures and book": [PYTHON, "scripts/build_book.py"],
    "what the notebooks print": [PYTHON, "scripts/check_notebooks.py"],
    "notebooks, pages, browser": [*PYTEST, "tests/book"],
}
"""What is checked, by the command that checks it."""


@command
def main() -> int:
    """Run the steps and report how long each took."""
    os.environ.pop(
        "RADIXNET_STORE", None
    )  # a store of the user's choice: the book would train every run for it
    for name, step in STEPS.items():
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        done = subprocess.run(step, cwd=ROOT, check=False)
        seconds = time.monotonic() - started
        if done.returncode:
            print(
                f"\nmake test stopped at '{name}' after {seconds:.0f} s: {' '.join(step[1:])}",
                file=sys.stderr,
            )
            return done.returncode
        print(f"== {name}: passed in {seconds:.0f} s", flush=True)
    print("\nevery check passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
