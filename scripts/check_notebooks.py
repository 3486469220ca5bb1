"""Compare what the notebooks print with `book/expected`, line by line.

check_notebooks.py            those that are out of date are executed first
check_notebooks.py --renew    keep what they print now, and show what changed
"""

from __future__ import annotations

import sys

from command import command, parser
from companion.notebooks.execution import bring_up_to_date
from companion.notebooks.expected import changes
from companion.notebooks.sources import FigureError


@command
def main() -> int:
    """Read the command line; compare, or renew."""
    options = parser(__doc__)
    options.add_argument(
        "--renew",
        action="store_true",
        help="keep what the notebooks print now, and show what changed",
    )
    renew = options.parse_args().renew
    try:
        changed = changes(bring_up_to_date([]), keep=renew)
    except FigureError as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    print(changed or "every notebook prints what is expected")
    if not changed or renew:
        return 0
    print(
        "\nstopped: notebooks print something else; if you mean it: make expected", file=sys.stderr
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
