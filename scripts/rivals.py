"""The environment of the libraries that benchmarks compare with.

It lies in `_build`, sees all packages of `.venv`, and has what `requirements-rivals.txt` names. To
have PyTorch without its gigabytes for graphics cards, set UV_TORCH_BACKEND=cpu.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from companion.places import BUILD, ROOT

ENVIRONMENT = BUILD / "rivals"
REQUIREMENTS = ROOT / "requirements-rivals.txt"


def python() -> Path:
    """Return the environment's Python; name what cannot be installed, and go on without it."""
    found = ENVIRONMENT / "bin" / "python"
    uv = [sys.executable, "-m", "uv"]
    if not found.exists():
        subprocess.run(
            [*uv, "venv", "-q", "--python", sys.executable, str(ENVIRONMENT)], check=True
        )
    ready, wanted = ENVIRONMENT / "requirements.ready", REQUIREMENTS.read_text(encoding="utf-8")
    if ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return found
    (packages,) = ENVIRONMENT.glob("lib/python*/site-packages")
    ours = sysconfig.get_path("purelib")
    path = packages / "ours.pth"
    path.write_text(f"import site; site.addsitedir({ours!r})\n", encoding="utf-8")
    locks = [
        f"--constraint={ROOT / name}" for name in ("requirements.lock", "requirements-test.lock")
    ]
    # SparseProp's set-up finds what builds it by the names pip and python3.
    path_first = os.pathsep.join([str(found.parent), os.environ.get("PATH", "")])
    missing = []
    for line in wanted.splitlines():
        library = line.partition("#")[0].strip()
        if not library:
            continue
        install = [
            *uv,
            "pip",
            "install",
            "-q",
            "--compile-bytecode",
            "--python",
            str(found),
            *locks,
            library,
        ]
        install += ["--no-build-isolation-package", "sparseprop"]
        if subprocess.run(install, env=os.environ | {"PATH": path_first}, check=False).returncode:
            missing.append(library)
            print(f"{library} could not be installed, and is not measured")
    if not missing:
        ready.write_text(wanted, encoding="utf-8")
    return found
