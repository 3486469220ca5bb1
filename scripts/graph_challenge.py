"""Measure the Sparse DNN Graph Challenge on this machine: our three ways, and three libraries.

    make graph-challenge                         everything, see book/beyond/graph_challenge.py
    make graph-challenge ARGS="--quick"          1,024 neurons, 120 layers; saves nothing
    make graph-challenge ARGS="--official FILE"  compares with neuron1024-l120-categories.tsv too
    make graph-challenge ARGS="--train"          trains the chapter's networks instead

Libraries are installed into an environment of their own in _build, which sees this one's packages
too; one that is not to be had is named and left out. Each piece is saved as soon as it is measured,
so that a run that was stopped goes on. To measure or train anew, remove the published file first.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

from command import command, folder_to_write, parser
from companion.graph_challenge.measuring import PIECES, QUICK, measure_all
from companion.graph_challenge.training import train_all
from companion.places import BUILD, RESULTS, ROOT

TABLE = RESULTS / "graph_challenge.csv"
ENVIRONMENT = BUILD / "graph_challenge"
LIBRARIES = ("torch==2.13.0", "python-graphblas==2025.2.0")


def environment() -> Path:
    """Return the Python of an environment with the libraries, and with all packages of this one."""
    python = ENVIRONMENT / "bin" / "python"
    uv = [sys.executable, "-m", "uv"]
    if not python.exists():
        subprocess.run(
            [*uv, "venv", "-q", "--python", sys.executable, str(ENVIRONMENT)], check=True
        )
    (packages,) = ENVIRONMENT.glob("lib/python*/site-packages")
    ours = sysconfig.get_path("purelib")
    path = packages / "ours.pth"
    path.write_text(f"import site; site.addsitedir({ours!r})\n", encoding="utf-8")
    for library in LIBRARIES:
        locked = ["--constraint", str(ROOT / "requirements.lock")]
        install = [*uv, "pip", "install", "-q", "--python", str(python), *locked, library]
        if subprocess.run(install, check=False).returncode:
            print(f"{library} could not be installed, and is not measured")
    return python


@command
def main() -> None:
    """Read the command line, measure, save."""
    options = parser(__doc__)
    options.add_argument("--quick", action="store_true", help="a minute, to see that all works")
    options.add_argument("--train", action="store_true", help="train what is not published yet")
    options.add_argument("--official", type=Path, metavar="FILE", help="the official categories")
    given = options.parse_args()
    folder_to_write(RESULTS)
    if given.train:
        train_all(RESULTS / "graph_challenge_training.csv")
        return
    python = environment()
    if given.quick:
        with TemporaryDirectory() as folder:
            measure_all(QUICK, Path(folder) / "quick.csv", python, given.official)
    else:
        measure_all(PIECES, TABLE, python, given.official)


if __name__ == "__main__":
    sys.exit(main())
