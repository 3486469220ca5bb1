"""The page of an executed notebook: its verdict, links, claims and how it was made.

And what other pages show of it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode
from PIL import Image

from companion.claims.pages import in_short, tally
from companion.claims.rules import Result, verdict_on_figure
from companion.notebooks.execution import page_files
from companion.notebooks.sources import (
    find_source,
    has_tag,
    lesson_names,
    short_name,
    title_of,
)
from companion.page import NUMBERS
from companion.pages.assembly import BookError, Stage
from companion.pages.links import PageFiles, Repository, about_cell, links_cell, offered_notebook
from companion.places import ROOT

THEMES = ("light", "dark")
_THUMBNAIL_WIDTH = 720  # dots
_KINDS = {
    "Reproduced": "tip",
    "Reproduced with a difference": "note",
    "Partly reproduced": "important",
    "Undecided": "important",
    "Not reproduced": "warning",
    "Mostly not checkable": "note",
    "Not checkable": "note",
}
"""The boxes of the verdicts on figures."""
_FOLDED = ("import ", "from ")
"""How a cell begins that no reader needs to see at once: imports, and the check of parameters after
them."""


def reported(executed: Path) -> dict[str, str]:
    """Return what an executed notebook reported: name to text."""
    numbers = page_files(executed) / NUMBERS
    return dict(json.loads(numbers.read_text(encoding="utf-8"))) if numbers.is_file() else {}


def main_picture(notebook: NotebookNode, executed: Path) -> tuple[dict[str, bytes], str]:
    """Return the picture of the cell tagged `figure`, by theme, and its alt text."""
    for cell in notebook.cells:
        if has_tag(cell, "figure"):
            for output in cell.outputs:
                if shown := output.get("metadata", {}).get("radixnet"):
                    name = page_files(executed) / shown["picture"]
                    return {
                        theme: name.with_name(f"{name.name}-{theme}.png").read_bytes()
                        for theme in THEMES
                    }, shown["alt"]
    raise BookError(
        f"{executed.stem}: no cell tagged 'figure' shows a picture made by companion.page.themed"
    )


def thumbnail(png: bytes) -> bytes:
    """Return a picture made small enough for the gallery."""
    with Image.open(io.BytesIO(png)) as image:
        picture = image.convert("RGBA")
    picture.thumbnail((_THUMBNAIL_WIDTH, _THUMBNAIL_WIDTH), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        buffer, "png", optimize=True
    )
    return buffer.getvalue()


def verdict_cell(verdict: str) -> NotebookNode:
    """Return the box under a figure's title that says how it compares with the paper.

    A verdict reads "Word: reason".
    """
    title, _, reason = verdict.partition(": ")
    if not reason or len(title.split()) > 4:
        raise BookError(
            f"verdict {verdict!r}: begin with a few words and a colon, "
            "such as 'Partly reproduced: ...'"
        )
    # "Explained" or "Repaired" judge no claim of the paper, and must not look as if they did.
    kind = _KINDS.get(title, "chapter-verdict")
    sentence = f"{reason[:1].upper()}{reason[1:]}."
    text = f":::{{admonition}} Verdict: {title}\n:class: {kind}\n\n{sentence}\n:::"
    return NotebookNode(nbformat.v4.new_markdown_cell(text))


def picture_first(cells: Sequence[NotebookNode]) -> tuple[list[NotebookNode], list[NotebookNode]]:
    """Return what a page begins with, and the rest of its cells.

    The title and the question under it, then what the cell tagged `figure` shows, with the caption
    that follows it. That cell's code stays where it is computed, folded as are imports and checks.
    """
    intro, *rest = (NotebookNode(nbformat.from_dict(cell)) for cell in cells)
    title, question, *more = intro.source.split("\n\n", 2)
    shown, kept = [nbformat.v4.new_markdown_cell(f"{title}\n\n{question}")], []
    if more:
        kept.append(nbformat.v4.new_markdown_cell(more[0]))
    for cell in rest:
        if has_tag(cell, "caption"):
            shown.append(cell)
            continue
        if has_tag(cell, "figure"):
            drawn = nbformat.v4.new_code_cell(
                cell.source, outputs=cell.outputs, metadata={"tags": ["remove-input"]}
            )
            shown.append(drawn)
            cell.outputs = []
        if cell.cell_type == "code" and (
            has_tag(cell, "figure") or cell.source.startswith(_FOLDED)
        ):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]
        kept.append(cell)
    return shown, kept


def stage_figure(
    stage: Stage, executed: Path, claims: Sequence[Result], repository: Repository | None
) -> dict[str, str]:
    """Stage one executed notebook, its source, numbers and thumbnails.

    Parameters
    ----------
    stage
        Where to.
    executed
        The notebook.
    claims
        The paper's claims on it, judged; none for a page that is not about a figure.
    repository
        Where the book is published, or None.

    Returns
    -------
    dict
        The substitutions that it offers to other pages.
    """
    name = executed.stem
    number = short_name(name)
    notebook = nbformat.read(executed, as_version=4)
    found = reported(executed)
    if claims:
        reason = f"{found[f'{number}_because']}. Claims: {tally(claims)}"
        found[f"{number}_verdict"] = f"{verdict_on_figure(claims)}: {reason}"
    verdict = found.get(f"{number}_verdict")
    if verdict is None and name not in lesson_names():
        raise BookError(f"{name}: no verdict; report one under the name '{number}_verdict'")
    images, alt = main_picture(notebook, executed)
    for theme, png in images.items():
        stage.write(f"book/_thumbnails/{number}-{theme}.png", thumbnail(png))
    source = find_source(name)
    place = source.parent.relative_to(ROOT)
    stage.write(place / f"{name}.py", source.read_bytes())
    tables = sorted(page_files(executed).glob("*.csv"))
    for table in tables:
        stage.write(place / table.name, table.read_bytes())
    files = PageFiles((place / f"{name}.py").as_posix(), tuple(table.name for table in tables))
    stage.write(
        place / files.executed,
        nbformat.writes(offered_notebook(nbformat.read(executed, as_version=4), repository)),
    )
    # A lesson is read from its beginning, with all code that the reader is to write.
    if name in lesson_names():
        shown, notebook.cells = notebook.cells[:1], notebook.cells[1:]
    else:
        shown, notebook.cells = picture_first(notebook.cells)
    if verdict is not None:
        shown.append(verdict_cell(verdict))
    if claims:
        shown.append(NotebookNode(nbformat.v4.new_markdown_cell(in_short(claims))))
    about = about_cell(files, notebook.metadata["radixnet"], repository)
    notebook.cells = [*shown, links_cell(files, repository), *notebook.cells, about]
    for position, cell in enumerate(notebook.cells):
        cell["id"] = (
            f"cell-{position}"  # the same at every build, so that unchanged pages stay unchanged
        )
        if has_tag(cell, "solution"):
            cell.metadata["mystnb"] = {
                f"code_prompt_{verb}": f"{verb.capitalize()} the solution"
                for verb in ("show", "hide")
            }
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(
                "application/vnd.plotly.v1+json", None
            )  # for notebooks; a page has the same data as HTML
    stage.write(place / f"{name}.ipynb", nbformat.writes(notebook))
    found[f"{number}_thumbnail"] = themed_image(f"_thumbnails/{number}", alt)
    return found


def themed_image(place: str, alt: str) -> str:
    """Return a picture for the landing page in both inks; `place` lacks theme and ending."""
    return "\n".join(
        f"```{{image}} {place}-{theme}.png\n:class: only-{theme}\n:alt: {alt}\n```\n"
        for theme in THEMES
    )


def gallery(executed: list[Path], shown: Mapping[str, str]) -> str:
    """Return a card, with picture and verdict, for every figure and chapter in the contents."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [Path(chapter["file"]) for part in contents["parts"] for chapter in part["chapters"]]
    chapters = [page for page in pages if page.parent.name in ("figures", "beyond")]
    known = {path.stem: nbformat.read(path, as_version=4) for path in executed}
    lines = ["::::::{grid} 1 1 2 2", ":gutter: 3", ""]
    for chapter in chapters:
        short = short_name(chapter.name)
        lines += [
            f"::::{{grid-item-card}} {title_of(known[chapter.name])}",
            f":link: {chapter.relative_to('book')}",
        ]
        lines += [":link-type: doc", ":class-card: gallery", shown[f"{short}_thumbnail"]]
        lines += [":::{card-footer}", shown[f"{short}_verdict"], ":::", "::::", ""]
    return "\n".join([*lines, "::::::"])
