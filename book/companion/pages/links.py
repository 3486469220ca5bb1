"""What a figure's page offers in one click.

Its source, the executed notebook, the numbers, the command, Colab and Binder.

The theme's own buttons open a page's file in the repository under the page's name. A figure's page
is a notebook that the build makes; the repository has a percent script, and Colab opens the
executed notebook from another branch. Hence these links.

The repository's address stands in `_config.yml` and nowhere else; on GitHub, the workflow's
environment says it, and the commit. A book that is built without an address leaves out the links
that need one, and says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, cast
from urllib.parse import quote

import nbformat
from nbformat import NotebookNode

from companion.notebooks.sources import short_name
from companion.pages.training_links import training_link

GITHUB = "https://github.com"
NOTEBOOKS_BRANCH = "notebooks"
"""Where the workflow puts the executed notebooks: Colab opens notebooks from branches, and `main`
has percent scripts only."""


class AddressError(Exception):
    """The address of the repository cannot be used.

    The message says which one and what was expected.
    """


@dataclass(frozen=True)
class Repository:
    """Where the sources of a book are published.

    Attributes
    ----------
    name
        Owner and name at GitHub, such as ``"someone/radixnet"``.
    branch
        The branch that contributions go to.
    reference
        What links pin: the published commit, or the branch when the book is built without being
        published.
    """

    name: str
    branch: str
    reference: str

    @property
    def url(self) -> str:
        """Return the address of the repository."""
        return f"{GITHUB}/{self.name}"

    @property
    def is_pinned(self) -> bool:
        """Say whether links lead to one commit and not to whatever the branch holds."""
        return self.reference != self.branch

    def source(self, path: str) -> str:
        """Return where a published file is read; `path` is relative to the repository."""
        return f"{self.url}/blob/{self.reference}/{path}"

    def editor(self, path: str) -> str:
        """Return where a file is edited and the change proposed."""
        return f"{self.url}/edit/{self.branch}/{path}"

    def binder(self, path: str) -> str:
        """Return the address that opens a file in JupyterLab on a machine at mybinder.org."""
        opened = quote(f"lab/tree/{path}", safe="")
        return f"https://mybinder.org/v2/gh/{self.name}/{self.reference}?urlpath={opened}"

    def colab(self, notebook: str) -> str:
        """Return what opens a published notebook in Colab."""
        return f"https://colab.research.google.com/github/{self.name}/blob/{NOTEBOOKS_BRANCH}/{notebook}"

    def report_of_difference(self, figure: str) -> str:
        """Return the form for a number that differs, the figure filled in."""
        return f"{self.url}/issues/new?template=number_differs.yml&figure={quote(figure)}"


@dataclass(frozen=True)
class PageFiles:
    """The files behind a figure's page, all of them beside the page in the staging folder.

    Attributes
    ----------
    source
        The percent script, relative to the repository.
    tables
        Names of the CSV files with the numbers that the page shows.
    """

    source: str
    tables: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the notebook's name, such as ``"fig09_seeds"``."""
        return self.source.rpartition("/")[2].removesuffix(".py")

    @property
    def command(self) -> str:
        """Return what executes the figure again."""
        return f"make figure FIG={short_name(self.name)}"

    @property
    def executed(self) -> str:
        """Return the name of the executed notebook that readers take away."""
        return f"{self.name}.executed.ipynb"


def find_repository(config: Mapping[str, Any], environment: Mapping[str, str]) -> Repository | None:
    """Return where the book is published, or None when nobody has said.

    Parameters
    ----------
    config
        `_config.yml` as a mapping; its `repository` has `url` (may be empty) and `branch`.
    environment
        The process's environment. In a workflow at GitHub, `GITHUB_REPOSITORY` says the repository,
        so that a fork links to itself, and `GITHUB_SHA` the commit.

    Raises
    ------
    AddressError
        When the address is not one of a repository at GitHub.
    """
    repository = config["repository"]
    branch = repository["branch"]
    if (
        environment.get("GITHUB_ACTIONS") == "true"
        and environment.get("GITHUB_SERVER_URL") == GITHUB
    ):
        return Repository(environment["GITHUB_REPOSITORY"], branch, environment["GITHUB_SHA"])
    url = repository["url"]
    if not url:
        return None
    match = re.fullmatch(rf"{GITHUB}/([\w.-]+/[\w.-]+?)(?:\.git)?/?", url)
    if match is None:
        expected = f"expected an address such as {GITHUB}/OWNER/NAME, or nothing"
        raise AddressError(
            f"_config.yml, repository.url: {url!r} is not the address of a repository at GitHub; "
            f"{expected}"
        )
    return Repository(match[1], branch, branch)


def links_cell(files: PageFiles, repository: Repository | None) -> NotebookNode:
    """Return the row of links under a figure's verdict."""
    links = [
        f"{{download}}`Source <{files.name}.py>`",
        f"{{download}}`Notebook <{files.executed}>`",
        *_table_links(files),
        *filter(None, [training_link(short_name(files.name))]),
    ]
    if repository:
        links += [
            f"[Colab]({repository.colab(files.executed)})",
            f"[Binder]({repository.binder(files.source)})",
        ]
    text = "\n".join([":::{container} page-links", *links, "```bash", files.command, "```", ":::"])
    return NotebookNode(nbformat.v4.new_markdown_cell(text))


def about_cell(
    files: PageFiles, record: Mapping[str, Any], repository: Repository | None
) -> NotebookNode:
    """Return the fold at a figure's end that says what made it and what to do with it.

    Parameters
    ----------
    files
        What the page can offer.
    record
        What `companion.notebooks.execution` wrote into the executed notebook: when, where, with
        what and how long.
    repository
        Where the book is published, or None.
    """
    entries = {
        "Executed": [
            f"{record['executed']}, in {record['seconds']:.0f} s on {record['machine']}, "
            f"with radixnet {record['radixnet']},",
            f"Python {record['python']} and {versions_in_words(record)}",
        ],
        "Change something": [
            f'`{files.command} ARGS="-p NAME VALUE"`, '
            "see [Re-run and change](/book/reference/rerun.md)"
        ],
    }
    if repository:
        # As HTML: MyST writes the "&" of an address in Markdown's brackets as "&amp;amp;".
        form = escape(repository.report_of_difference(short_name(files.name)))
        source = (
            f"`{files.source}`, [as published]({repository.source(files.source)}), "
            f"[edit]({repository.editor(files.source)})"
        )
        entries["Source"] = [source]
        entries["Your number differs"] = [
            f'<a class="reference external" href="{form}">report it</a>, with your claims file'
        ]
    else:
        entries["Colab and Binder"] = [
            "not linked: this copy of the book was built without the address of its repository,",
            "which `repository.url` in `_config.yml` names",
        ]
    text = "\n\n".join(f"{term}\n: " + "\n  ".join(lines) for term, lines in entries.items())
    folded = f"::::{{dropdown}} About this page\n\n{text}\n::::"
    return NotebookNode(nbformat.v4.new_markdown_cell(folded))


def versions_in_words(record: Mapping[str, Any]) -> str:
    """Return with which versions a notebook was executed: those of the lock, or which others."""
    others = ", ".join(f"{name} {version}" for name, version in record["other_versions"].items())
    return "the versions of `requirements.lock`" + (f", but for {others}" if others else "")


def offered_notebook(executed: NotebookNode, repository: Repository | None) -> NotebookNode:
    """Return an executed notebook as readers take it away.

    With a first cell that installs the package where it is missing.
    """
    source = (
        _INSTALL_PACKAGE.format(url=repository.url, reference=repository.reference)
        if repository
        else _SAY_WHERE_IT_IS
    )
    first = nbformat.v4.new_code_cell(source, id="install-radixnet", metadata={"tags": ["install"]})
    return cast(
        NotebookNode, nbformat.from_dict({**executed, "cells": [first, *executed["cells"]]})
    )


_INSTALL_PACKAGE = """\
# Where radixnet is missing, on Colab for example, get it as it was published with
# this notebook, results included. Elsewhere this cell does nothing.
import importlib.util
import subprocess
import sys
from pathlib import Path

if importlib.util.find_spec("radixnet") is None:
    folder = Path("radixnet-book").resolve()
    if not folder.exists():
        subprocess.run(["git", "clone", "--quiet", "{url}", folder], check=True)
    subprocess.run(["git", "checkout", "--quiet", "{reference}"], cwd=folder, check=True)
    install = [sys.executable, "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "--editable", f"{{folder}}[notebooks]"], check=True)
    sys.path[:0] = [str(folder), str(folder / "book")]"""

_SAY_WHERE_IT_IS = """\
# This notebook needs the package radixnet, which comes with the book's repository.
import importlib.util

if importlib.util.find_spec("radixnet") is None:
    raise ModuleNotFoundError(
        "radixnet is missing, and this copy of the book does not know the address of its "
        "repository: open the notebook in a checkout, with 'make lab'"
    )"""


def _table_links(files: PageFiles) -> list[str]:
    """Return a link to each table, told apart by their names where there are several."""
    if len(files.tables) == 1:
        return [f"{{download}}`CSV <{files.tables[0]}>`"]
    subjects = {
        table: table.removesuffix(".csv").partition("_")[2].replace("_", " ")
        for table in files.tables
    }
    return [f"{{download}}`CSV: {subject} <{table}>`" for table, subject in subjects.items()]
