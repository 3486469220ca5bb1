"""The book put together: pages and notebooks staged in one folder, which Jupyter Book reads.

A warning of its is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from companion.pages.tables import with_fitting_tables
from companion.places import BUILD

STAGE = BUILD / "source"
HTML = BUILD / "html"


class BookError(Exception):
    """The book cannot be built; the message says which page and why."""


class Stage:
    """The staging folder: rewrites changed files only, and forgets what was not written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: set[Path] = set()

    def write(self, relative: Path | str, content: bytes | str) -> None:
        """Put a file in place; an unchanged one keeps its time, so that Sphinx skips it."""
        path = self.folder / relative
        data = content.encode() if isinstance(content, str) else content
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.written.add(path)

    def forget_others(self) -> None:
        """Remove files of earlier builds whose source is gone."""
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in self.written:
                path.unlink()


def assemble(build: Path = BUILD) -> None:
    """Run Jupyter Book on what is staged in a folder's ``source``.

    Leave no half-built book in its ``html`` when that fails.

    Raises
    ------
    BookError
        When anything is wrong with a page; the message has Sphinx's warnings.
    """
    program = Path(sys.executable).with_name("jupyter-book")
    call = [
        str(program),
        "build",
        str(build / "source"),
        "--path-output",
        str(build.parent),
        "--warningiserror",
        "--keep-going",
    ]
    done = subprocess.run(
        call,
        capture_output=True,
        env=os.environ | {"PYTHONUTF8": "1"},
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        # Sphinx remembers pages that it only warned about: the next build would pass. So forget
        # them.
        shutil.rmtree(build / ".doctrees", ignore_errors=True)
        shutil.rmtree(build / "html", ignore_errors=True)
        lines = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr).splitlines()
        problem = re.compile(r"\b(WARNING|ERROR|CRITICAL|[Ee]xception|Error):")
        problems = [line for line in lines if problem.search(line) and "absl" not in line]
        raise BookError("Jupyter Book stopped:\n" + "\n".join(problems or lines))
    for page in (build / "html").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        # The bibliography's entries are items of their list: docutils gives them a role that ARIA
        # 1.3 no longer has.
        ours = with_fitting_tables(text).replace('role="doc-biblioentry"', 'role="listitem"')
        # The theme's button that unfolds a chapter's pages in the side bar has a sign and no name.
        toggle = '<span class="toctree-toggle"'
        ours = ours.replace(f"<summary>{toggle}", f'<summary aria-label="Its pages">{toggle}')
        if ours != text:
            page.write_text(ours, encoding="utf-8")
