"""Train every run that the pages show, and say how it differs from the published one.

    run_results.py             the runs of the paper's figures
    run_results.py beyond      those of the chapters beyond the paper, and of claims about models in
                               general; an hour on two cores
    run_results.py viable      those of the experiment with controls; two hours on two cores
    run_results.py elsewhere   those on other data and other shapes; half an hour on two cores
    run_results.py --publish   and then put the new table in place of the one in book/results

It trains what _build/results.sqlite lacks: stop it and start it again as you like. The published
runs are never looked at before all is trained.
"""

from __future__ import annotations

import os
import sys
import time

import radixnet as rx
from command import command, folder_to_write, parser
from companion.places import BUILD, RESULTS
from companion.publication import read_runs, write_runs
from companion.retraining import PARTS, differences
from radixnet.datasets import DatasetError

STORE = BUILD / "results.sqlite"


@command
def main() -> int:
    """Train, compare, and publish when asked to."""
    options = parser(__doc__)
    options.add_argument(
        "part", nargs="?", choices=list(PARTS), default="paper", help="which runs; default: paper"
    )
    options.add_argument(
        "--publish",
        action="store_true",
        help=f"write the part's file in {os.path.relpath(RESULTS)} anew",
    )
    arguments = options.parse_args()
    name, train, decimals = PARTS[arguments.part]
    published = RESULTS / name
    folder_to_write(STORE.parent)
    if arguments.publish:
        folder_to_write(RESULTS)
    started = time.monotonic()
    try:
        runs = train(rx.RunStore(STORE))
    except (rx.StoreError, DatasetError) as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            f"\ninterrupted. Every finished run is in {os.path.relpath(STORE)}; "
            "call again to go on.",
            file=sys.stderr,
        )
        return 130
    minutes = (time.monotonic() - started) / 60
    trained = runs.drop_duplicates("identity")["seconds"].sum() / 60
    print(
        f"\n{len(runs):,} runs, {trained:.0f} minutes of training on one core; "
        f"this call took {minutes:.1f} minutes\n"
    )
    if published.is_file():
        print(
            "Against the published runs:",
            *differences(runs, read_runs(published), decimals),
            sep="\n  ",
        )
    if arguments.publish:
        write_runs(runs, published, decimals)
        print(f"\nwritten: {os.path.relpath(published)} ({published.stat().st_size / 1e6:.2f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
