"""How fast is sparse training, and compared with what.

Measure every competitor in one run and save the numbers.

    make benchmark                          everything, some ten minutes on two cores
    make benchmark ARGS="--quick"           a few densities, fewer repetitions

Medians are printed and saved, with what the machine is, to book/results/benchmark.json. A
competitor whose library is not installed (PyTorch is not among the package's requirements: pip
install torch==2.13.0) is named and left out.
"""

from __future__ import annotations

import json
import statistics
import sys
from importlib.util import find_spec

from command import command, folder_to_write, parser
from companion.places import RESULTS
from companion.timing import COMPETITORS, NETWORKS, TYPICAL, measure, measurement, report


@command
def main() -> None:
    """Measure, print, save."""
    options = parser(__doc__)
    options.add_argument(
        "--quick",
        action="store_true",
        help="batch 100, three networks, three rounds; saves nothing",
    )
    options.add_argument("--rounds", type=int, default=5)
    arguments = options.parse_args()
    present = [competitor for competitor in COMPETITORS if find_spec(competitor.library)]
    for competitor in COMPETITORS:
        if competitor not in present:
            print(f"not measured: {competitor.name}; {competitor.library} is not installed")
    networks = ["[[10, 10, 10]]", TYPICAL, "dense"] if arguments.quick else list(NETWORKS)
    batch_sizes, rounds = ([100], 3) if arguments.quick else ([100, 2048], arguments.rounds)
    destination = folder_to_write(RESULTS) / "benchmark.json"
    timings, peaks = measure(present, batch_sizes, networks, rounds)
    peak = statistics.median(peaks)
    shares = report(timings, peak)
    print(
        f"\nthe machine's peak was {peaks[0] / peak:.2f} to {peaks[-1] / peak:.2f} of its median: "
        "far from 1, others were at work"
    )
    if not arguments.quick:
        saved = measurement(timings, peaks, shares, present)
        destination.write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")
        print(f"\nsaved to {destination}")


if __name__ == "__main__":
    sys.exit(main())
