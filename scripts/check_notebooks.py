"""Execute every notebook with nbval, and compare what it prints with `book/expected`.

check_notebooks.py            all of them
check_notebooks.py --renew    keep what the executed notebooks print now, and show what changed
"""

from __future__ import annotations

import os
import subprocess
import sys

from command import command, parser
from companion.notebooks.execution import IPYTHON, bring_up_to_date
from companion.notebooks.expected import renew, write_references
from companion.notebooks.sources import FigureError
from companion.places import ROOT


@command
def main() -> int:
    """Read the command line; compare, or renew."""
    options = parser(__doc__)
    options.add_argument(
        "--renew",
        action="store_true",
        help="keep what the notebooks print now, and show what changed",
    )
    try:
        if options.parse_args().renew:
            bring_up_to_date([])
            print(renew() or "nothing changed")
            return 0
        references = write_references()
    except FigureError as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    nbval = ["--nbval-lax", "--nbval-current-env", "--nbval-kernel-startup-timeout=1800"]
    environment = os.environ | {"IPYTHONDIR": str(IPYTHON)}  # without the user's start-up files
    command_line = [
        sys.executable,
        "-m",
        "pytest",
        "--quiet",
        "--numprocesses=2",
        "--dist=loadfile",
        *nbval,
        *map(str, references),
    ]
    return subprocess.run(command_line, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
