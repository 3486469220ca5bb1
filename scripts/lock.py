"""Choose the versions that everyone gets.

Write the two locks from `pyproject.toml`, and `environment.yml` from the locks.

`requirements.lock` has what the book needs, `requirements-test.lock` what `make test` needs beyond
it.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from command import command, parser
from companion.pins import ENTRY, LOCKS, locked_pins
from companion.places import ROOT

CONDA = ROOT / "environment.yml"


def compile_lock(extras: list[str], *, known: str, upgrade: bool = False) -> str:
    """Resolve `pyproject.toml` for Python 3.11 to 3.13 on any system, with hashes, no addresses.

    Versions stay close to `known`.
    """
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "lock"
        lock.write_text(known, encoding="utf-8")
        resolve = [
            *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *extras),
            *("--universal", "--python-version", "3.11", "--generate-hashes"),
            *(
                "--no-annotate",
                "--no-header",
                "--quiet",
                "--output-file",
                str(lock),
            ),
            *(["--upgrade"] if upgrade else []),
        ]
        # Links to packages of this machine would be written into the lock: resolve from the index
        # only.
        environment = {name: value for name, value in os.environ.items() if name != "UV_FIND_LINKS"}
        subprocess.run(resolve, cwd=ROOT, env=environment, check=True)
        return lock.read_text(encoding="utf-8")


def without(lock: str, known: str) -> str:
    """Return the entries of a lock that another one does not have."""
    there = set(ENTRY.findall(known))
    return "".join(entry for entry in ENTRY.findall(lock) if entry not in there)


def conda_environment(*locks: str) -> str:
    """Return the text of `environment.yml`.

    Conda brings Python, pip brings exactly the pins of the locks.
    """
    pins = "\n".join(f"      - {pin}" for lock in locks for pin in locked_pins(lock))
    return (
        "# For conda users: conda env create -f environment.yml\n"
        "# Written by `make lock` from the locks; the same versions, which pip installs.\n"
        "name: radixnet\n"
        "channels:\n  - conda-forge\n"
        "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n"
        f"{pins}\n      - --editable .\n"
    )


@command
def main() -> None:
    """Write all three files."""
    options = parser(__doc__)
    options.add_argument(
        "--upgrade", action="store_true", help="take the newest versions, not the locked ones"
    )
    upgrade = options.parse_args().upgrade
    known = "".join(lock.read_text(encoding="utf-8") for lock in LOCKS if lock.is_file())
    everything = compile_lock(["--all-extras"], known=known, upgrade=upgrade)
    book = compile_lock(["--extra", "book"], known=everything)
    for_book, for_tests = LOCKS
    for_book.write_text(book, encoding="utf-8")
    for_tests.write_text(without(everything, book), encoding="utf-8")
    CONDA.write_text(conda_environment(book, without(everything, book)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
