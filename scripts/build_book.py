"""Build the book: bring the figures up to date, stage pages and notebooks, and let Jupyter Book assemble them, warnings as errors.

Staging puts a copy of every page beside the executed notebooks under `_build/source`, so that the tree of sources stays as it is.
Three things are added on the way: to each figure its verdict, links, the paper's claims on it and how it was made, to the landing
page its pictures, and to any page the claims and the numbers that the notebooks reported, as substitutions such as
``{{ fig03_legal }}``. The topology explorer gets sentences and published runs as scripts, since a
page opened from disk may read no file.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import jupytext
import nbformat
import yaml
from nbformat import NotebookNode
from PIL import Image
from plotly.offline import get_plotlyjs

from check_claims import keep_results
from command import UTF8, command, folder_to_write
from companion import story
from companion.claims.pages import all_claims, counts_in_words, in_short, of_figure, overview
from companion.claims.results import as_table
from companion.claims.rules import ClaimError, Result, verdict_on_figure
from companion.page import NUMBERS
from pages import reproducibility
from pages.citation import citations
from pages.explorer_data import published_runs_script, sentences_script
from pages.page_links import (
    AddressError,
    PageFiles,
    Repository,
    about_cell,
    find_repository,
    links_cell,
    offered_notebook,
)
from run_figures import (
    ROOT,
    FigureError,
    bring_up_to_date,
    default_parameters,
    find_source,
    lesson_names,
    notebook_names,
    page_files,
)

BUILD = ROOT / "_build"
STAGE = BUILD / "source"
HTML = BUILD / "html"
THEMES = ("light", "dark")
_THUMBNAIL_WIDTH = 720  # dots


class BookError(Exception):
    """The book cannot be built; the message says which page and why."""


class Stage:
    """The staging folder: writes files only when their content changes, and forgets what this build did not write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: set[Path] = set()

    def write(self, relative: Path | str, content: bytes | str) -> None:
        """Put a file in place; an unchanged one keeps its time, so Sphinx does not read it again."""
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


def reported(executed: Path) -> dict[str, str]:
    """Return what an executed notebook reported: name to text."""
    numbers = page_files(executed) / NUMBERS
    return dict(json.loads(numbers.read_text(encoding="utf-8"))) if numbers.is_file() else {}


def main_picture(notebook: NotebookNode, executed: Path) -> tuple[dict[str, bytes], str]:
    """Return the picture of the cell tagged `figure`, by theme, and its alt text."""
    for cell in notebook.cells:
        if "figure" in cell.metadata.get("tags", []):
            for output in cell.outputs:
                if shown := output.get("metadata", {}).get("radixnet"):
                    name = page_files(executed) / shown["picture"]
                    return {theme: name.with_name(f"{name.name}-{theme}.png").read_bytes() for theme in THEMES}, shown["alt"]
    raise BookError(f"{executed.stem}: no cell tagged 'figure' shows a picture made by companion.page.themed")


def thumbnail(png: bytes) -> bytes:
    """Return a picture made small enough for the gallery."""
    with Image.open(io.BytesIO(png)) as image:
        picture = image.convert("RGBA")
    picture.thumbnail((_THUMBNAIL_WIDTH, _THUMBNAIL_WIDTH), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def verdict_cell(verdict: str) -> NotebookNode:
    """Return the box under a figure's title that says how it compares with the paper; a verdict reads "Word: reason"."""
    title, _, reason = verdict.partition(": ")
    if not reason or len(title.split()) > 4:
        raise BookError(f"verdict {verdict!r}: begin with a few words and a colon, such as 'Partly reproduced: ...'")
    kind = {"Reproduced": "tip", "Not reproduced": "warning"}.get(title, "important")
    sentence = f"{reason[:1].upper()}{reason[1:]}. It rests on the lines printed under the figure."
    text = f":::{{admonition}} Verdict: {title}\n:class: {kind}\n\n{sentence}\n:::"
    return NotebookNode(nbformat.v4.new_markdown_cell(text))


def hide_solutions(notebook: NotebookNode) -> None:
    """Write on what hides the solution of an exercise that it is one."""
    for cell in notebook.cells:
        if "solution" in cell.metadata.get("tags", []):
            cell.metadata["mystnb"] = {f"code_prompt_{verb}": f"{verb.capitalize()} the solution" for verb in ("show", "hide")}


def stage_figure(stage: Stage, executed: Path, results: list[Result], repository: Repository | None) -> dict[str, str]:
    """Stage one executed notebook, its source, numbers and thumbnails; return the substitutions it offers to other pages."""
    name = executed.stem
    number = name.split("_")[0]
    notebook = nbformat.read(executed, as_version=4)
    found = reported(executed)
    own_claims = of_figure(results, number)
    if own_claims:
        found[f"{number}_verdict"] = f"{verdict_on_figure(own_claims)}: {found[f'{number}_because']}"
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
    stage.write(place / files.executed, nbformat.writes(offered_notebook(nbformat.read(executed, as_version=4), repository)))
    notebook.cells.insert(1, links_cell(files, repository))
    if verdict is not None:
        notebook.cells.insert(1, verdict_cell(verdict))
    claims = in_short(own_claims)
    if claims:
        drawn = next(place for place, cell in enumerate(notebook.cells) if "figure" in cell.metadata.get("tags", []))
        notebook.cells.insert(drawn + 1, NotebookNode(nbformat.v4.new_markdown_cell(claims)))
    notebook.cells.append(about_cell(files, notebook.metadata["radixnet"], repository))
    hide_solutions(notebook)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        output.get("data", {}).pop("application/vnd.plotly.v1+json", None)  # for notebooks; a page has the same data as HTML
    for position, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{position}"  # the same at every build, so that unchanged pages stay unchanged
    stage.write(place / f"{name}.ipynb", nbformat.writes(notebook))
    found[f"{number}_thumbnail"] = themed_image(f"_thumbnails/{number}", alt)
    return found


def themed_image(place: str, alt: str) -> str:
    """Return a picture for the landing page in both inks; `place` is its path without theme and ending."""
    return "\n".join(f"```{{image}} {place}-{theme}.png\n:class: only-{theme}\n:alt: {alt}\n```\n" for theme in ("light", "dark"))


def gallery(executed: list[Path], shown: Mapping[str, str]) -> str:
    """Return a card with the picture and verdict that are `shown` for every figure and chapter in the table of contents."""
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    names = re.findall(r"^ +- file: book/(?:figures|beyond)/(\w+)$", contents, flags=re.MULTILINE)
    known = {path.stem: nbformat.read(path, as_version=4) for path in executed}
    cards = [_card(find_source(name), known[name], shown) for name in names]
    return "\n".join(["::::::{grid} 1 1 2 2", ":gutter: 3", "", *cards, "::::::"])


def _card(source: Path, notebook: NotebookNode, shown: Mapping[str, str]) -> str:
    """Return a figure's card: its title, picture and verdict."""
    title = next(cell.source for cell in notebook.cells if cell.source.startswith("# ")).splitlines()[0].removeprefix("# ")
    short, place = source.stem.split("_")[0], source.relative_to(ROOT / "book").with_suffix("").as_posix()
    lines = [f"::::{{grid-item-card}} {title}", f":link: {place}", ":link-type: doc", ":class-card: gallery"]
    footer = [":::{card-footer}", shown[f"{short}_verdict"], ":::", "::::", ""]
    return "\n".join([*lines, shown[f"{short}_thumbnail"], *footer])


def stage_story(stage: Stage) -> dict[str, str]:
    """Stage the pictures of the landing page's story; return them and the story's numbers as substitutions."""
    pictures = story.pictures()
    for name, picture in pictures.items():
        stage.write(f"book/_story/{name}-light.png", picture.light)
        stage.write(f"book/_story/{name}-dark.png", picture.dark)
    shown = {f"story_{name}": themed_image(f"_story/{name}", picture.alt) for name, picture in pictures.items()}
    return shown | story.substitutions()


def parameter_table() -> str:
    """Return a table of every figure's parameters, published values and meanings, read from the sources."""
    rows = ["| figure | parameter | published value | meaning |", "|---|---|---|---|"]
    for name in notebook_names():
        notebook = jupytext.read(find_source(name))
        source = next(cell.source for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
        meanings = {parameter: meaning for meaning, parameter in re.findall(r"^# (.+)\n(\w+) = ", source, flags=re.MULTILINE)}
        for parameter, value in default_parameters(notebook).items():
            rows.append(f"| {name.split('_')[0]} | `{parameter}` | `{value}` | {meanings[parameter]} |")
    return "\n".join(rows)


def stage_book(executed: list[Path], results: list[Result]) -> None:
    """Fill the staging folder with all that Jupyter Book reads."""
    stage = Stage(STAGE)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    repository = find_repository(config, os.environ)
    substitutions = {
        **citations(repository),
        "parameter_table": parameter_table(),
        "claims_counts": counts_in_words(results),
        "claims_overview": overview(results),
        "claims_in_full": all_claims(results),
    }
    substitutions |= reproducibility.substitutions(executed) | stage_story(stage)
    stage.write("book/paper_claims.csv", as_table(results).to_csv(index=False))
    for notebook in executed:
        substitutions |= stage_figure(stage, notebook, results, repository)
    substitutions["gallery"] = gallery(executed, substitutions)
    for path in sorted((ROOT / "book").rglob("*")):
        if path.is_file() and path.suffix != ".py" and not {"companion", "expected", ".ipynb_checkpoints"} & set(path.parts):
            stage.write(path.relative_to(ROOT), path.read_bytes())
    stage.write("book/_static/explorer/sentences.js", sentences_script())
    stage.write("book/_static/explorer/published_runs.js", published_runs_script())
    stage.write("book/_static/plotly.min.js", get_plotlyjs())
    if repository:
        config["sphinx"]["config"]["html_theme_options"] |= {
            "repository_url": repository.url,
            "use_repository_button": True,
            "use_issues_button": True,
        }
    config["parse"]["myst_substitutions"] = substitutions
    stage.write("_config.yml", yaml.safe_dump(config, sort_keys=False, allow_unicode=True))
    stage.write("_toc.yml", (ROOT / "_toc.yml").read_bytes())
    stage.forget_others()


def assemble() -> None:
    """Run Jupyter Book on the staging folder; leave no half-built book behind when it fails."""
    program = Path(sys.executable).with_name("jupyter-book")
    build = [str(program), "build", str(STAGE), "--path-output", str(ROOT), "--warningiserror", "--keep-going"]
    done = subprocess.run(build, capture_output=True, env=os.environ | UTF8, encoding="utf-8", check=False)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr).splitlines()
    if done.returncode:
        # Sphinx remembers pages that it only warned about: the next build would pass. So forget them.
        shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)
        shutil.rmtree(HTML, ignore_errors=True)
        problems = [
            line for line in lines if re.search(r"\b(WARNING|ERROR|CRITICAL|[Ee]xception|Error):", line) and "absl" not in line
        ]
        raise BookError("Jupyter Book stopped:\n" + "\n".join(problems or lines))
    repair_roles(HTML)


def repair_roles(html: Path) -> None:
    """Make the bibliography's entries items of their list: docutils gives them a role that ARIA 1.3 no longer has."""
    for page in html.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if 'role="doc-biblioentry"' in text:
            page.write_text(text.replace('role="doc-biblioentry"', 'role="listitem"'), encoding="utf-8")


@command
def main() -> int:
    """Bring figures up to date, stage, assemble, and say where the book is."""
    try:
        folder_to_write(BUILD)
        executed = bring_up_to_date([])
        print("checking the paper's claims", flush=True)
        results = keep_results(executed)
        print("assembling the pages", flush=True)
        stage_book(executed, results)
        assemble()
    except (FigureError, ClaimError, AddressError, BookError) as error:
        print(f"\nstopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; nothing half-done is kept. Call again to go on.", file=sys.stderr)
        return 130
    print(f"\nThe book is built. Open it in a browser:\n\n    {(HTML / 'index.html').as_uri()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
