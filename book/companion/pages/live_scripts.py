"""What training in the page reads: MNIST, in scripts that are asked for on the first click only.

A page opened from disk may not read a file, but it may run a script; so each script sets one
variable to its part of the package's own zipped files, in base64. There are several parts, because
a browser reads a script in one go, during which the page answers to nothing.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import radixnet

PARTS = 16
"""Scripts that the data come in; `data.js` asks for as many."""

_MNIST = Path(radixnet.__file__).parent / "data" / "mnist"


def mnist_scripts() -> dict[str, str]:
    """Return the scripts by the names of their files; each sets ``radixnetMnist``.

    A part maps the name of a file to a piece of its base64. Pieces but the last stand for a
    multiple of three bytes, so that they can be decoded one by one.
    """
    files = {path.stem: path.read_bytes() for path in sorted(_MNIST.glob("*.gz"))}
    scripts = {}
    for number in range(PARTS):
        pieces = {name: _piece(content, number) for name, content in files.items()}
        scripts[f"mnist_{number}.js"] = (
            "/* MNIST by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, CC BY-SA 3.0; "
            "made by book/companion/pages/live_scripts.py. */\n"
            f"var radixnetMnist = {json.dumps(pieces)};\n"
        )
    return scripts


def _piece(content: bytes, number: int) -> str:
    size = -(-len(content) // (3 * PARTS)) * 3
    return base64.b64encode(content[number * size : (number + 1) * size]).decode()
