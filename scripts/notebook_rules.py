"""Say what is missing in any notebook before it may be published.

The exit status says whether anything is.
"""

from __future__ import annotations

import sys

from command import command
from companion.notebooks.rules import problems, problems_of_form
from companion.notebooks.sources import figure_names, find_source, lesson_names


@command
def main() -> int:
    """Print what is missing in any notebook."""
    found = [problem for name in figure_names() for problem in problems(find_source(name))]
    found += [problem for name in lesson_names() for problem in problems_of_form(find_source(name))]
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
