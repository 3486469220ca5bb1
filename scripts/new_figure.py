"""Begin a chapter with a figure of its own: its notebook, from the template, and the places from which the book leads to it.

    new_figure.py depth "How deep a RadiX-Net may be"

writes `book/beyond/depth.py` and enters it in the table of contents, the gallery and the tests at a small scale. Everything that is
to be written is marked; `notebook_rules.py` refuses the notebook until no mark is left.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from command import command
from notebook_rules import MARK
from run_figures import ROOT, notebook_names

CONTENTS = Path("_toc.yml")
GALLERY = Path("book/index.md")
SMALL_SCALE = Path("tests/small_scale.py")


class NewFigureError(Exception):
    """A chapter cannot be begun; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """A text to enter in a file, after the last thing there of its kind.

    Attributes
    ----------
    file
        Relative to the repository.
    after
        A regular expression for what the text follows; its last match counts.
    text
        What is entered.
    """

    file: Path
    after: str
    text: str

    def applied(self, root: Path) -> str:
        """Return the file's content with the text in its place, or raise NewFigureError when nothing matches."""
        content = (root / self.file).read_text(encoding="utf-8")
        matches = list(re.finditer(self.after, content, flags=re.MULTILINE))
        if not matches:
            raise NewFigureError(f"{self.file} has no place like the other chapters' to enter this; do it by hand:\n\n{self.text}")
        place = matches[-1].end()
        return content[:place] + self.text + content[place:]


def check_name(name: str, taken: list[str]) -> None:
    """Raise NewFigureError unless a name is one small word that no other notebook's name begins with."""
    if not re.fullmatch(r"[a-z][a-z0-9]+", name):
        raise NewFigureError(f"the name {name!r}: expected one word of small letters and digits, such as 'depth'")
    if name in {known.split("_")[0] for known in taken}:
        raise NewFigureError(f"there is a notebook of the name {name!r} already; choose another. There are: {', '.join(taken)}")
    if re.fullmatch(r"template|index|fig\d+", name):
        raise NewFigureError(
            f"the name {name!r} is kept for the template, the landing page or a figure of the paper; choose another"
        )


def entries(name: str, title: str) -> list[Entry]:
    """Return what is entered where, so that the book and the tests find a chapter."""
    card = (
        f"\n::::{{grid-item-card}} {title}\n:link: beyond/{name}\n:link-type: doc\n:class-card: gallery\n"
        f"{{{{ {name}_thumbnail }}}}\n:::{{card-footer}}\n{{{{ {name}_verdict }}}}\n:::\n::::\n"
    )
    return [
        Entry(CONTENTS, r"^ +- file: book/beyond/\w+\n", f"      - file: book/beyond/{name}\n"),
        Entry(GALLERY, r"^:link: beyond/\w+\n(?:.*\n)*?::::\n", card),
        Entry(SMALL_SCALE, r"^SMALL\b.* = \{\n(?:    .*\n)*", f'    "{name}": {{}},\n'),
    ]


def notebook(template: str, name: str, title: str) -> str:
    """Return the template with name and title in their places."""
    return re.sub(rf"^# # {MARK} .*$", lambda _: f"# # {title}", template, flags=re.MULTILINE).replace("template_", f"{name}_")


def begin(name: str, title: str, root: Path = ROOT) -> Path:
    """Write all files of a new chapter, or none; return its notebook."""
    check_name(name, notebook_names())
    if not title.strip():
        raise NewFigureError('a chapter needs a title: make new NAME=depth TITLE="How deep a RadiX-Net may be"')
    changed = {entry.file: entry.applied(root) for entry in entries(name, title)}
    source = root / "book" / "beyond" / f"{name}.py"
    source.write_text(notebook((root / "book" / "template.py").read_text(encoding="utf-8"), name, title), encoding="utf-8")
    for file, content in changed.items():
        (root / file).write_text(content, encoding="utf-8")
    return source


@command
def main() -> int:
    """Begin the chapter and say how to go on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="one word of small letters; it becomes part of the page's address")
    parser.add_argument("title", help="the question in a few words")
    arguments = parser.parse_args()
    try:
        source = begin(arguments.name, arguments.title)
    except NewFigureError as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    print(f"Written: {source.relative_to(ROOT)}, and entered in {CONTENTS}, {GALLERY} and {SMALL_SCALE}.")
    print(f"Next: write over every '{MARK}' (make lab), then look at it: make figure FIG={arguments.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
