"""Begin a chapter with a figure of its own.

Its notebook, from the template, and its place in the table of contents.

    new_figure.py depth "How deep a RadiX-Net may be"

writes `book/beyond/depth.py` and enters it in the table of contents, from which the landing page
takes its gallery. Everything that is to be written is marked; `notebook_rules.py` refuses the
notebook until no mark is left.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from command import command, parser
from companion.notebooks.rules import MARK
from companion.notebooks.sources import notebook_names, short_name
from companion.places import ROOT

CONTENTS = Path("_toc.yml")


class NewFigureError(Exception):
    """A chapter cannot be begun; the message says why and what to do."""


def check_name(name: str, taken: list[str]) -> None:
    """Raise NewFigureError unless a name is one small word that no notebook's name begins with."""
    if not re.fullmatch(r"[a-z][a-z0-9]+", name):
        raise NewFigureError(
            f"the name {name!r}: expected one word of small letters and digits, such as 'depth'"
        )
    if name in {short_name(known) for known in taken}:
        raise NewFigureError(
            f"there is a notebook of the name {name!r} already; choose another. There are: "
            f"{', '.join(taken)}"
        )
    if re.fullmatch(r"template|index|fig\d+", name):
        raise NewFigureError(
            f"the name {name!r} is kept for the template, "
            "the landing page or a figure of the paper; choose another"
        )


def contents_with(name: str, contents: str) -> str:
    """Return the contents with a chapter after the last one; raise NewFigureError without one."""
    chapters = list(re.finditer(r"^ +- file: book/beyond/\w+\n", contents, flags=re.MULTILINE))
    line = f"      - file: book/beyond/{name}\n"
    if not chapters:
        raise NewFigureError(
            f"{CONTENTS} has no chapter after which to enter this one; do it by hand:\n\n{line}"
        )
    place = chapters[-1].end()
    return contents[:place] + line + contents[place:]


def notebook(template: str, name: str, title: str) -> str:
    """Return the template with name and title in their places."""
    return re.sub(
        rf"^# # {MARK} .*$", lambda _: f"# # {title}", template, flags=re.MULTILINE
    ).replace("template_", f"{name}_")


def begin(name: str, title: str, root: Path = ROOT) -> Path:
    """Write a new chapter and its entry, or neither; return its notebook."""
    check_name(name, notebook_names())
    if not title.strip():
        raise NewFigureError(
            'a chapter needs a title: make new NAME=depth TITLE="How deep a RadiX-Net may be"'
        )
    contents = contents_with(name, (root / CONTENTS).read_text(encoding="utf-8"))
    source = root / "book" / "beyond" / f"{name}.py"
    source.write_text(
        notebook((root / "book" / "template.py").read_text(encoding="utf-8"), name, title),
        encoding="utf-8",
    )
    (root / CONTENTS).write_text(contents, encoding="utf-8")
    return source


@command
def main() -> int:
    """Begin the chapter and say how to go on."""
    options = parser(__doc__)
    options.add_argument(
        "name", help="one word of small letters; it becomes part of the page's address"
    )
    options.add_argument("title", help="the question in a few words")
    arguments = options.parse_args()
    try:
        source = begin(arguments.name, arguments.title)
    except NewFigureError as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    print(f"Written: {source.relative_to(ROOT)}, and entered in {CONTENTS}.")
    print(
        f"Next: write over every '{MARK}' (make lab), then look at it: "
        f"make figure FIG={arguments.name}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
