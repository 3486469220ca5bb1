"""Build the book: bring figures up to date, stage pages, and run Jupyter Book, warnings as errors.

Staging puts a copy of every page beside the executed notebooks under `_build/source`, so that the
tree of sources stays as it is. Each figure's page gets its verdict, its links and its claims; other
pages get claims and numbers, as substitutions such as ``{{ fig03_legal }}``. The explorer reads
scripts: from disk, a page may read no file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import yaml
from plotly.offline import get_plotlyjs

from check_claims import keep_results
from command import command, folder_to_write
from companion import story
from companion.claims.pages import all_claims, of_figure, overview, strip
from companion.claims.results import as_table
from companion.claims.rules import ClaimError, Result
from companion.notebooks.execution import bring_up_to_date
from companion.notebooks.sources import FigureError, short_name
from companion.pages import reproducibility
from companion.pages.assembly import HTML, STAGE, BookError, Stage, assemble
from companion.pages.citation import citations
from companion.pages.explorer_data import published_runs_script, sentences_script
from companion.pages.figure_pages import gallery, stage_figure, themed_image
from companion.pages.links import AddressError, find_repository
from companion.pages.live_kernels import kernels_script
from companion.pages.live_scripts import mnist_scripts
from companion.pages.training_links import training_link
from companion.places import BUILD, ROOT


def stage_story(stage: Stage) -> dict[str, str]:
    """Stage the pictures of the landing page's story.

    Return them and the story's numbers as substitutions.
    """
    pictures = story.pictures()
    for name, picture in pictures.items():
        stage.write(f"book/_story/{name}-light.png", picture.light)
        stage.write(f"book/_story/{name}-dark.png", picture.dark)
    shown = {
        f"story_{name}": themed_image(f"_story/{name}", picture.alt)
        for name, picture in pictures.items()
    }
    return shown | story.substitutions()


def stage_book(executed: list[Path], results: list[Result]) -> None:
    """Fill the staging folder with all that Jupyter Book reads."""
    stage = Stage(STAGE)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    repository = find_repository(config, os.environ)
    substitutions = {
        **citations(repository),
        "claims_strip": strip(results),
        "claims_overview": overview(results),
        "claims_in_full": all_claims(results),
        "train_strange": training_link("fig04", ".", "train one here"),
    }
    substitutions |= reproducibility.substitutions(executed) | stage_story(stage)
    stage.write("book/paper_claims.csv", as_table(results).to_csv(index=False))
    for notebook in executed:
        own = of_figure(results, short_name(notebook.stem))
        substitutions |= stage_figure(stage, notebook, own, repository)
    substitutions["gallery"] = gallery(executed, substitutions)
    for path in sorted((ROOT / "book").rglob("*")):
        if (
            path.is_file()
            and path.suffix != ".py"
            and not {"companion", "expected", ".ipynb_checkpoints"} & set(path.parts)
        ):
            stage.write(path.relative_to(ROOT), path.read_bytes())
    stage.write("book/_static/explorer/sentences.js", sentences_script())
    stage.write("book/_static/explorer/published_runs.js", published_runs_script())
    stage.write("book/_static/live/kernels_wasm.js", kernels_script())
    for name, script in mnist_scripts().items():
        stage.write(f"book/_static/live/{name}", script)
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
