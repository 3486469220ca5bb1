"""Measure the Sparse DNN Graph Challenge on this machine: our three ways, and three libraries.

    make graph-challenge                         everything, see book/beyond/graph_challenge.py
    make graph-challenge ARGS="--quick"          1,024 neurons, 120 layers; saves nothing
    make graph-challenge ARGS="--official FILE"  compares with neuron1024-l120-categories.tsv too
    make graph-challenge ARGS="--train"          trains the chapter's networks instead

Libraries are installed into an environment of their own (scripts/rivals.py); one that is not to be
had is named and left out. Each piece is saved as soon as it is measured,
so that a run that was stopped goes on. To measure or train anew, remove the published file first.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import rivals
from command import command, folder_to_write, parser
from companion.graph_challenge.measuring import PIECES, QUICK, measure_all
from companion.graph_challenge.training import train_all
from companion.places import RESULTS

TABLE = RESULTS / "graph_challenge.csv"


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
    python = rivals.python()
    if given.quick:
        with TemporaryDirectory() as folder:
            measure_all(QUICK, Path(folder) / "quick.csv", python, given.official)
    else:
        measure_all(PIECES, TABLE, python, given.official)


if __name__ == "__main__":
    sys.exit(main())
