"""How fast is sparse training, and compared with what.

Measure every way to train in turns, and save the numbers.

    make benchmark                      everything: a quarter of an hour of two cores that do
                                        nothing else
    make benchmark ARGS="--quick"       batch 100, two networks, two rounds; saves nothing

Libraries are installed into an environment of their own (scripts/rivals.py); one that is not to be
had is named and left out. Every round is kept as soon as it is there, so that a run that was
stopped goes on, unless the code has changed. The whole is saved to book/results/benchmark.json, one
measurement for each kind of processor. NUMBA_CPU_NAME=haswell NUMBA_CPU_FEATURES= measures the
package's code for AVX2 where the processor can do more.

That file may also say, under "paper", what `make results` took to train the paper's runs from
nothing: "kind", "machine", "cores", "measured", "command", "runs", "minutes", "peak_memory_mb",
and "why", what took the time. This is written there by hand, and stays.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rivals
from command import command, folder_to_write, parser
from companion.places import BUILD, RESULTS, ROOT


def measure(folder: Path, *options: str) -> int:
    """Measure in the environment with the libraries; return its exit status."""
    call = [str(rivals.python()), "-m", "companion.timing", str(folder_to_write(folder)), *options]
    # The code of this checkout, also where the environment was made for another.
    paths = os.pathsep.join([str(ROOT), str(ROOT / "book")])
    return subprocess.run(call, env=os.environ | {"PYTHONPATH": paths}, check=False).returncode


def merged(published: Path, new: dict[str, Any]) -> str:
    """Return what is published, with a measurement in place of that of the same kind."""
    known = json.loads(published.read_text(encoding="utf-8"))
    kept = [each for each in known["measurements"] if each["kind"] != new["kind"]]
    measurements = sorted([*kept, new], key=lambda each: -each["lanes"])
    return json.dumps(known | {"measurements": measurements}, indent=1) + "\n"


@command
def main() -> int:
    """Measure, print, save."""
    options = parser(__doc__)
    options.add_argument("--quick", action="store_true", help="some minutes; saves nothing")
    if options.parse_args().quick:
        with TemporaryDirectory() as scratch:
            return measure(Path(scratch), "--quick")
    destination = folder_to_write(RESULTS) / "benchmark.json"
    folder = BUILD / "benchmark" / (os.environ.get("NUMBA_CPU_NAME") or "native")
    if status := measure(folder):
        return status
    new = json.loads((folder / "measurement.json").read_text(encoding="utf-8"))
    destination.write_text(merged(destination, new), encoding="utf-8")
    shutil.rmtree(folder)
    print(f"\nsaved to {destination}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
