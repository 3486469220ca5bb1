"""Make the environment that every other command runs in: `.venv`, with the versions and hashes of the lock.

Runs on the Python that the user has, before anything is installed, so it needs the standard library only.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from command import command, folder_to_write

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
SUPPORTED = ((3, 11), (3, 13))
"""First and last Python that the packages of the lock have wheels for."""


def check_python() -> None:
    """Stop with advice when this Python is not one of the supported ones."""
    given = sys.version_info[:2]
    if not SUPPORTED[0] <= given <= SUPPORTED[1]:
        sys.exit(
            f"radixnet needs Python 3.11 (tested), 3.12 or 3.13; {sys.executable} is {given[0]}.{given[1]}.\n"
            "Name another one, for example: make book PYTHON=/usr/bin/python3.11"
        )


def has_python(environment: Path, version: tuple[int, int]) -> bool:
    """Say whether an environment exists and runs a Python of this version."""
    python = environment / "bin" / "python"
    if not python.exists():
        return False
    ask = "import sys; print(*sys.version_info[:2])"
    told = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=False, encoding="utf-8")
    return told.stdout.split() == [str(number) for number in version]


def installation(python: Path) -> list[list[str]]:
    """Return the commands that fill an environment: exactly the lock, every package checked by its hash, then this package."""
    # -qq: warnings about a machine's own pip settings are noise here; errors still show.
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    return [
        [*pip, "--require-hashes", "--requirement", "requirements.lock"],
        [*pip, "--no-deps", "--no-build-isolation", "--editable", "."],
    ]


@command
def main() -> None:
    """Create the environment, fill it from the lock, and mark it ready only when all of that worked."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    check_python()
    ready = folder_to_write(ENVIRONMENT) / "ready"
    ready.unlink(missing_ok=True)
    packages = sum("==" in line for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines())
    print(f"Setting up .venv: {packages} packages, most of them once only; this takes a few minutes.", flush=True)
    if not has_python(ENVIRONMENT, sys.version_info[:2]):
        # The Python behind an activated environment, not that environment's own; linked, since some cannot be copied.
        python = getattr(sys, "_base_executable", None) or sys.executable
        if subprocess.run([python, "-m", "venv", "--clear", "--symlinks", str(ENVIRONMENT)], check=False).returncode:
            sys.exit("this Python cannot make environments; on Debian and Ubuntu, install the package python3-venv")
    for step in installation(ENVIRONMENT / "bin" / "python"):
        done = subprocess.run(step, cwd=ROOT, check=False)
        if done.returncode:
            sys.exit(f"set-up stopped: '{' '.join(step[3:])}' failed. Nothing is lost; call make again to go on.")
    ready.write_text("the packages of requirements.lock are installed here\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nset-up interrupted; call make again to go on.")
