"""Choose the versions that everyone gets: write `requirements.lock` from `pyproject.toml`, `environment.yml` from the lock."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from command import command

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
CONDA = ROOT / "environment.yml"


def compile_lock(upgrade: bool) -> None:
    """Resolve `pyproject.toml` for Python 3.11 to 3.13 on any system, with hashes and without addresses."""
    resolve = [
        *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--all-extras"),
        *("--universal", "--python-version", "3.11", "--generate-hashes"),
        *("--no-emit-index-url", "--no-annotate", "--no-header", "--quiet", "--output-file", str(LOCK)),
        *(["--upgrade"] if upgrade else []),
    ]
    # Links to packages of this machine would be written into the lock: resolve from the index only.
    environment = {name: value for name, value in os.environ.items() if name != "UV_FIND_LINKS"}
    subprocess.run(resolve, cwd=ROOT, env=environment, check=True)


def locked_pins(lock: str) -> list[str]:
    """Return the `name==version` lines of a lock, markers kept, hashes left out."""
    return [line.removesuffix("\\").strip() for line in lock.splitlines() if re.match(r"[a-z0-9]\S*==", line)]


def pins_here(lock: str) -> dict[NormalizedName, SpecifierSet]:
    """Return what a lock asks for, by name, on this Python and system."""
    pins = [Requirement(pin) for pin in locked_pins(lock)]
    return {canonicalize_name(pin.name): pin.specifier for pin in pins if pin.marker is None or pin.marker.evaluate()}


def conda_environment(lock: str) -> str:
    """Return the text of `environment.yml`: conda brings Python, pip brings exactly the pins of the lock."""
    pins = "\n".join(f"      - {pin}" for pin in locked_pins(lock))
    return (
        "# For conda users: conda env create -f environment.yml\n"
        "# Written by `make lock` from requirements.lock; the same versions, which pip installs.\n"
        "name: radixnet\n"
        "channels:\n  - conda-forge\n"
        "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n"
        f"{pins}\n      - --editable .\n"
    )


@command
def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions, not the locked ones")
    compile_lock(parser.parse_args().upgrade)
    CONDA.write_text(conda_environment(LOCK.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
