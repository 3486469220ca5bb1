"""Make the environment that every other command runs in: `.venv`, with the versions and hashes of the lock.

Runs on the Python that the user has, before anything is installed, so it needs the standard library only.
"""

import subprocess
import sys
import venv
from pathlib import Path

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


def main() -> None:
    """Create the environment, fill it from the lock, and mark it ready only when all of that worked."""
    check_python()
    ready = ENVIRONMENT / "ready"
    ready.unlink(missing_ok=True)
    packages = sum("==" in line for line in (ROOT / "requirements.lock").read_text().splitlines())
    print(f"Setting up .venv: {packages} packages, most of them once only; this takes a few minutes.", flush=True)
    try:
        venv.create(ENVIRONMENT, with_pip=True)
    except subprocess.CalledProcessError as error:
        sys.exit(f"this Python cannot make environments ({error}); on Debian and Ubuntu, install the package python3-venv")
    python = ENVIRONMENT / "bin" / "python"
    # -qq: warnings about a machine's own pip settings are noise here; errors still show.
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    steps = [
        [*pip, "--require-hashes", "--requirement", "requirements.lock"],
        [*pip, "--no-deps", "--no-build-isolation", "--editable", "."],
    ]
    for step in steps:
        done = subprocess.run(step, cwd=ROOT, check=False)
        if done.returncode:
            sys.exit(f"set-up stopped: '{' '.join(step[3:])}' failed. Nothing is lost; call make again to go on.")
    ready.write_text("the packages of requirements.lock are installed here\n")


if __name__ == "__main__":
    main()
