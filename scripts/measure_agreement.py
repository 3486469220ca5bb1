"""How far do numbers move when the same runs are trained elsewhere.

Train runs of Fig. 8 again in several ways, keep both numbers.

    make agreement      some seven minutes on two cores; can be interrupted and called again

What each way trained is kept in `_build/agreement`, and the table goes to
book/results/agreement.csv.gz when all of them are done.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pandas as pd

from command import command, folder_to_write, parser
from companion.agreement import AGREEMENT, STORES, WAYS, compared_runs, train_way


@command
def main() -> int:
    """Train every way in a process of its own, compare, and write the table."""
    options = parser(__doc__)
    options.add_argument(
        "--only",
        choices=list(WAYS),
        help="train what this way lacks, in this process, and write nothing",
    )
    only = options.parse_args().only
    if only:
        train_way(only)
        return 0
    for folder in (STORES, AGREEMENT.parent):
        folder_to_write(folder)
    for name, way in WAYS.items():
        print(f"{way.title}:", flush=True)
        environment = os.environ | (
            {"NUMBA_CPU_NAME": way.processor, "NUMBA_CPU_FEATURES": ""} if way.processor else {}
        )
        subprocess.run([sys.executable, __file__, "--only", name], env=environment, check=True)
    table = pd.concat([compared_runs(name) for name in WAYS], ignore_index=True)
    table.to_csv(AGREEMENT, index=False, compression={"method": "gzip", "mtime": 0})
    print(f"written: {os.path.relpath(AGREEMENT)}, {len(table):,} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
