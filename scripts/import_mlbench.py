"""Write the data of letters, satellites and DNA that ship with the package, from R's `mlbench`.

Kept as the record of their origin. `rdata` reads R's files; nothing else here needs it.

    apt-get download r-cran-mlbench                 # Debian 12's is 2.1-3-1
    dpkg-deb -x r-cran-mlbench_*.deb mlbench
    pip install rdata==1.1.0
    python scripts/import_mlbench.py mlbench/usr/lib/R/site-library/mlbench/data

Rows stay in their order, in which those that train come first. Values become bytes, the largest
possible one 255: 0 to 15 of letters times 17, 0 and 1 of DNA times 255, a satellite's grey levels
as they are.
"""

import argparse
import gzip
import hashlib
import sys
from pathlib import Path

import numpy as np
import rdata

from import_mnist import idx_bytes
from radixnet.datasets import FILE_SHA256

DESTINATION = Path(__file__).resolve().parent.parent / "radixnet" / "data"
SOURCES = {
    "letters": ("LetterRecognition", "lettr", 17, 16_000),
    "satellite": ("Satellite", "classes", 1, 4_435),
    "dna": ("DNA", "Class", 255, 2_000),
}
"""Of each data set its name in `mlbench`, the column of classes, what values are multiplied by, and
the rows that train."""


def files_of(name: str, folder: Path) -> dict[str, bytes]:
    """Return the four IDX files of a data set."""
    source, classes, factor, training = SOURCES[name]
    table = rdata.read_rda(folder / f"{source}.rda", default_encoding="utf-8")[source]
    labels = table[classes].cat.codes.to_numpy().astype(np.uint8)
    values = table.drop(columns=classes).astype(float).to_numpy() * factor
    inputs = values.astype(np.uint8)
    if not np.array_equal(inputs, values):
        sys.exit(f"{source}: not all values times {factor} are whole numbers from 0 to 255")
    parts = inputs[:training], labels[:training], inputs[training:], labels[training:]
    return dict(zip(FILE_SHA256[name], map(idx_bytes, parts), strict=True))


def main() -> None:
    """Convert, compare every sum, and write only when all agree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder with LetterRecognition.rda")
    folder = parser.parse_args().folder
    made = {name: files_of(name, folder) for name in SOURCES}
    for name, files in made.items():
        for file, content in files.items():
            found = hashlib.sha256(content).hexdigest()
            if found != FILE_SHA256[name][file]:
                sys.exit(
                    f"{name}, {file}: expected SHA-256 {FILE_SHA256[name][file]}, found {found}; "
                    "nothing was written"
                )
    for name, files in made.items():
        (DESTINATION / name).mkdir(exist_ok=True)
        for file, content in files.items():
            archive = gzip.compress(content, compresslevel=9, mtime=0)
            (DESTINATION / name / f"{file}.gz").write_bytes(archive)


if __name__ == "__main__":
    main()
