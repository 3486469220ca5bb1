"""Make `.venv`, in which every other command runs, with the versions and hashes of the locks.

    set_up.py           what the book needs
    set_up.py --test    also what `make test` needs

Runs on the Python that the user has, before anything is installed, so it needs the standard library
only.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from command import command, folder_to_write

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
BOOK_LOCK, TEST_LOCK = ROOT / "requirements.lock", ROOT / "requirements-test.lock"
SUPPORTED = ((3, 11), (3, 13))
"""First and last Python that the packages of the lock have wheels for."""


def check_python() -> None:
    """Stop with advice when this Python is not one of the supported ones."""
    given = sys.version_info[:2]
    if not SUPPORTED[0] <= given <= SUPPORTED[1]:
        sys.exit(
            "radixnet needs Python 3.11 (tested), 3.12 or 3.13; "
            f"{sys.executable} is {given[0]}.{given[1]}.\n"
            "Name another one, for example: make book PYTHON=/usr/bin/python3.11"
        )


def has_python(environment: Path, version: tuple[int, int]) -> bool:
    """Say whether an environment exists and runs a Python of this version."""
    python = environment / "bin" / "python"
    if not python.exists():
        return False
    ask = "import sys; print(*sys.version_info[:2])"
    told = subprocess.run(
        [str(python), "-c", ask], capture_output=True, text=True, encoding="utf-8", check=False
    )
    return told.stdout.split() == [str(number) for number in version]


def pin_of(package: str, lock: str) -> str:
    """Return the entry of a lock for one package, with its hashes."""
    found = re.search(rf"^{package}==.*\n(?:[ ]+--hash=.*\n)*", lock, re.MULTILINE)
    if found is None:
        raise ValueError(f"the lock has no {package}; call make lock")
    return found[0]


def installation(python: Path, locks: list[Path]) -> list[list[str]]:
    """Return the commands that fill an environment.

    Exactly the locks, every package checked by its hash, then this package.
    """
    # Warnings about a machine's own pip settings are noise here; errors still show.
    pip = [
        str(python),
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    # With bytecode, since a process may not be allowed to write it, and would compile every package
    # anew.
    uv = [
        str(python),
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--compile-bytecode",
        "--python",
        str(python),
    ]
    given = [part for lock in locks for part in ("--requirement", str(lock))]
    return [
        [*pip, "--requirement", str(ENVIRONMENT / "uv.lock")],
        [*uv, "--require-hashes", *given],
        [*uv, "--no-deps", "--no-build-isolation", "--editable", "."],
    ]


def compile_loops(python: Path) -> None:
    """Compile the loops of training into the user's cache folder; training does it if this fails.

    Like bytecode, so that the first command does not wait for it.
    """
    code = "from radixnet.training.compiled.engine import get_ready; get_ready()"
    subprocess.run([str(python), "-c", code], cwd=ROOT, capture_output=True, check=False)


@command
def main() -> None:
    """Create the environment, fill it from the locks, and mark it ready if all of that worked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--test", action="store_true", help="install what the tests need, too")
    locks = [BOOK_LOCK, TEST_LOCK] if parser.parse_args().test else [BOOK_LOCK]
    check_python()
    marks = [folder_to_write(ENVIRONMENT) / lock.with_suffix(".ready").name for lock in locks]
    for mark in marks:
        mark.unlink(missing_ok=True)
    texts = [lock.read_text(encoding="utf-8") for lock in locks]
    count = len(re.findall("^[a-z0-9]", "".join(texts), re.MULTILINE))
    print(
        f"Setting up .venv: {count} packages, most of them once only; this takes a minute.",
        flush=True,
    )
    if not has_python(ENVIRONMENT, sys.version_info[:2]):
        # The Python behind an activated environment, not that environment's own; linked, since some
        # cannot be copied.
        python = getattr(sys, "_base_executable", None) or sys.executable
        if subprocess.run(
            [python, "-m", "venv", "--clear", "--symlinks", str(ENVIRONMENT)], check=False
        ).returncode:
            sys.exit(
                "this Python cannot make environments; on Debian and Ubuntu, "
                "install the package python3-venv"
            )
    (ENVIRONMENT / "uv.lock").write_text(pin_of("uv", texts[0]), encoding="utf-8")
    for step in installation(ENVIRONMENT / "bin" / "python", locks):
        done = subprocess.run(step, cwd=ROOT, check=False)
        if done.returncode:
            sys.exit(
                f"set-up stopped: '{' '.join(step[2:])}' failed. Nothing is lost; "
                "call make again to go on."
            )
    compile_loops(ENVIRONMENT / "bin" / "python")
    for mark in marks:
        mark.write_text("the packages of this lock are installed here\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nset-up interrupted; call make again to go on.")
