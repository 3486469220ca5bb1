"""Compare the challenge's layer files with the formula, one by one, and say where they part.

    python -m radixnet.graph_challenge.check FOLDER --neurons 4096 --depth 120

The exit status is 0 when all files that were asked for are there and equal.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from radixnet.datasets import DatasetError
from radixnet.graph_challenge.columns import Layer
from radixnet.graph_challenge.files import LayerFiles
from radixnet.graph_challenge.official import WEIGHT, layers


def difference(given: Layer, formula: Layer) -> str:
    """Say where weights read from a file part from a layer of bools, or return an empty text."""
    unlike = given.astype(bool).astype(np.int8) - formula.astype(np.int8)
    unlike.eliminate_zeros()
    if unlike.nnz:
        apart = unlike.tocoo()
        where = "in the file only" if apart.data[0] > 0 else "by the formula only"
        first = f"first at row {apart.row[0] + 1}, column {apart.col[0] + 1}, {where}"
        return f"{unlike.nnz} connections differ, {first}"
    triples = given.tocoo()
    wrong = np.flatnonzero(triples.data != WEIGHT)
    if len(wrong):
        row, column, value = (array[wrong[0]] for array in (triples.row, triples.col, triples.data))
        first = f"first at row {row + 1}, column {column + 1}"
        return f"{len(wrong)} weights differ, {first}: {value:g}, not {WEIGHT:g}"
    return ""


def compare(files: LayerFiles) -> Iterator[tuple[int, str]]:
    """Yield each layer's number, from 1, and where it differs from the formula, or nothing."""
    for number, formula in enumerate(layers(files.neurons, files.depth)):
        try:
            yield number + 1, difference(files[number], formula)
        except DatasetError as error:
            yield number + 1, str(error)


def main(words: Sequence[str] | None = None) -> int:
    """Read the command line, compare, and report."""
    parser = argparse.ArgumentParser(
        prog="python -m radixnet.graph_challenge.check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="with n1024-l1.tsv and so on, .gz or not")
    parser.add_argument("--neurons", type=int, default=1024, help="neurons a layer; default 1024")
    parser.add_argument("--depth", type=int, default=120, help="how many layers; default 120")
    given = parser.parse_args(words)
    try:
        files = LayerFiles(given.folder, given.neurons, given.depth)
        layers(given.neurons, given.depth)
    except ValueError as error:
        parser.error(str(error))
    equal = 0
    for number, found in compare(files):
        equal += not found
        if found:
            print(f"layer {number}: {found}", flush=True)
    what = f"{equal} of {given.depth} layers of {given.neurons} neurons"
    print(f"{what} are equal to the formula, entry by entry")
    return 0 if equal == given.depth else 1


if __name__ == "__main__":
    sys.exit(main())
