"""What a figure's page offers in one click, with the repository's address and without.

And the notebook that readers take away.
"""

import os
import re
import site
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from built_book import page_of
from nbformat.v4 import new_notebook

from companion import plots
from companion.notebooks.execution import EXECUTED, page_files
from companion.notebooks.sources import figure_names
from companion.page import FOLDER
from companion.pages.assembly import assemble
from companion.pages.links import (
    NOTEBOOKS_BRANCH,
    AddressError,
    PageFiles,
    Repository,
    about_cell,
    find_repository,
    links_cell,
    offered_notebook,
)
from companion.places import ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PUBLISHED = Repository("someone/radixnet", "main", COMMIT)
FILES = PageFiles("book/figures/fig09_seeds.py", ("fig09_seeds.csv",))
RECORD = {
    "executed": "2026-01-02 03:04 UTC",
    "seconds": 2.6,
    "machine": "a machine",
    "radixnet": "0.1.0",
    "python": "3.11.7",
}
RECORD |= {"other_versions": {}}
CONFIG = {"repository": {"url": "", "branch": "main"}}
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "someone/radixnet",
    "GITHUB_SHA": COMMIT,
}


def configured(url):
    return {"repository": {"url": url, "branch": "main"}}


def test_in_a_workflow_the_environment_says_repository_and_commit():
    assert find_repository(CONFIG, GITHUB) == PUBLISHED
    assert find_repository(configured("https://github.com/another/name"), GITHUB) == PUBLISHED


def test_on_another_forge_the_environment_is_not_taken_for_github():
    elsewhere = GITHUB | {"GITHUB_SERVER_URL": "https://forge.example"}
    assert find_repository(CONFIG, elsewhere) is None
    assert find_repository(CONFIG, {}) is None


@pytest.mark.parametrize("ending", ["", "/", ".git"])
def test_a_configured_address_leads_to_the_branch(ending):
    found = find_repository(configured(f"https://github.com/someone/radix.net{ending}"), {})
    assert (found.url, found.reference) == ("https://github.com/someone/radix.net", "main")
    assert not found.is_pinned


@pytest.mark.parametrize(
    "url",
    [
        "someone/radixnet",
        "https://github.com/someone",
        "https://forge.example/a/b",
        "https://github.com/a/b/c",
    ],
)
def test_an_address_that_links_cannot_use_is_refused(url):
    with pytest.raises(
        AddressError,
        match=rf"repository\.url: {re.escape(repr(url))}.*https://github\.com/OWNER/NAME",
    ):
        find_repository(configured(url), {})


def test_a_page_offers_what_can_be_taken_away_and_when_the_address_is_known_what_leads_there():
    row, about = links_cell(FILES, PUBLISHED).source, about_cell(FILES, RECORD, PUBLISHED).source
    for file in ("fig09_seeds.py", "fig09_seeds.executed.ipynb", "fig09_seeds.csv"):
        assert f"<{file}>`" in row
    assert "```bash\nmake figure FIG=fig09\n```" in row
    assert set(re.findall(r"https://[^\s)\"]+", row + about)) == {
        f"https://colab.research.google.com/github/someone/radixnet/blob/{NOTEBOOKS_BRANCH}/fig09_seeds.executed.ipynb",
        f"https://mybinder.org/v2/gh/someone/radixnet/{COMMIT}?urlpath=lab%2Ftree%2Fbook%2Ffigures%2Ffig09_seeds.py",
        f"https://github.com/someone/radixnet/blob/{COMMIT}/book/figures/fig09_seeds.py",
        "https://github.com/someone/radixnet/edit/main/book/figures/fig09_seeds.py",
        "https://github.com/someone/radixnet/issues/new?template=number_differs.yml&amp;figure=fig09",
    }
    assert (
        "2026-01-02 03:04 UTC, in 3 s on a machine, "
        "with radixnet 0.1.0,\n  Python 3.11.7 and the versions of" in about
    )


def test_without_an_address_no_link_needs_one_and_the_page_says_why():
    row, about = links_cell(FILES, None).source, about_cell(FILES, RECORD, None).source
    assert row.count("{download}`") == 3
    assert "://" not in row + about
    assert "built without the address of its repository" in about


def test_versions_other_than_the_locks_are_named():
    others = about_cell(
        FILES, RECORD | {"other_versions": {"numpy": "1.26", "keras": "2.0"}}, None
    ).source
    assert (
        "Python 3.11.7 and the versions of `requirements.lock`, but for numpy 1.26, keras 2.0\n"
        in others
    )
    assert "`requirements.lock`\n" in about_cell(FILES, RECORD, None).source


def test_a_page_with_all_of_these_links_can_be_built(tmp_path):
    """MyST must take addresses and downloads as they are written."""
    stage = tmp_path / "_build" / "source"
    for page in ("book/figures/fig09_seeds.md", "book/reference/rerun.md"):
        (stage / page).parent.mkdir(parents=True)
        (stage / page).write_text("# A page\n\n", encoding="utf-8")
    place = stage / "book" / "figures"
    for file in ("fig09_seeds.py", FILES.executed, *FILES.tables):
        (place / file).write_text("content", encoding="utf-8")
    cells = links_cell(FILES, PUBLISHED), about_cell(FILES, RECORD, PUBLISHED)
    (place / "fig09_seeds.md").write_text(
        "# A page\n\n" + "\n\n".join(cell.source for cell in cells), encoding="utf-8"
    )
    contents = (
        "format: jb-book\nroot: book/figures/fig09_seeds\nchapters: "
        "[{file: book/reference/rerun}]\n"
    )
    (stage / "_toc.yml").write_text(contents, encoding="utf-8")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config = {"only_build_toc_files": True, "parse": config["parse"], "execute": config["execute"]}
    (stage / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assemble(tmp_path / "_build")
    page = tmp_path / "_build" / "html" / "book" / "figures" / "fig09_seeds.html"
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("article")
    links = {link["href"] for link in article.select("a[href]:not(.headerlink)")}
    assert {link.rpartition("/")[2] for link in links if "_downloads" in link} == {
        "fig09_seeds.py",
        FILES.executed,
        *FILES.tables,
    }
    assert len([link for link in links if "://" in link]) == 5
    assert (
        "https://github.com/someone/radixnet/issues/new?template=number_differs.yml&figure=fig09"
        in links
    )


def test_several_tables_are_told_apart():
    files = PageFiles("book/figures/fig07_saliency.py", ("fig07_networks.csv", "fig07_maps.csv"))
    row = links_cell(files, None).source
    assert "{download}`CSV: networks <fig07_networks.csv>`" in row
    assert "{download}`CSV: maps <fig07_maps.csv>`" in row


def test_a_notebook_leaves_the_tables_that_it_offers(tmp_path, monkeypatch):
    import pandas as pd

    table = pd.DataFrame({"a": [1, 2], "b": ["x,y", "é"]})
    monkeypatch.setenv(FOLDER, str(tmp_path))
    plots.download(table, "some table.csv")
    assert (tmp_path / "some table.csv").read_bytes() == table.to_csv(index=False).encode()


@pytest.mark.parametrize("name", figure_names())
def test_every_notebook_offers_a_table_whose_bytes_the_page_links_to(name):
    tables = {
        path.name: path.read_bytes()
        for path in page_files(EXECUTED / f"{name}.ipynb").glob("*.csv")
    }
    assert tables
    page = page_of(name)
    links = dict(
        re.findall(
            r'href="([^"]*_downloads/[^"]*/([^"/]+\.csv))"', page.read_text(encoding="utf-8")
        )
    )
    linked = {file: (page.parent / link).read_bytes() for link, file in links.items()}
    assert linked == tables


def test_the_offered_notebook_is_the_executed_one_behind_one_more_cell():
    executed = nbformat.read(EXECUTED / f"{figure_names()[0]}.ipynb", as_version=4)
    offered = offered_notebook(executed, PUBLISHED)
    nbformat.validate(offered)
    assert offered.cells[1:] == executed.cells
    assert offered.cells[0].cell_type == "code"
    assert COMMIT in offered.cells[0].source


def test_where_the_package_is_installed_the_first_cell_does_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for repository in (PUBLISHED, None):
        path = list(sys.path)
        exec(offered_notebook(new_notebook(), repository).cells[0].source, {})  # noqa: S102 - the cell, as a notebook runs it
        assert sys.path == path
    assert list(tmp_path.iterdir()) == []


def run(*command, **options):
    """Run a command to its end; return how that was, and what it printed."""
    options = {"capture_output": True, "check": False, "encoding": "utf-8"} | options
    return subprocess.run(command, **options)


@pytest.fixture
def bare(tmp_path):
    """Return how to run a program with a Python that has every package except this one.

    Nothing can be fetched, nothing is inherited.
    """
    folder = tmp_path / "bare"
    run(sys.executable, "-m", "venv", "--without-pip", folder, check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # Named in a .pth file, the folder's own .pth files are not read, and so not the one that leads
    # to this checkout.
    (packages / "others.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    given = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PIP_", "GIT_"))
    }
    given |= {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
    }

    def run_bare(*command, **options):
        return run(*command, env=given, **{"cwd": tmp_path} | options)

    asked = run_bare("python", "-c", "import radixnet")
    assert "No module named 'radixnet'" in asked.stderr
    return run_bare


@pytest.fixture(scope="module")
def commit(git):  # noqa: ARG001 (skips where there is none)
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: there is no commit to install")
    return run("git", "rev-parse", "HEAD", cwd=ROOT, check=True).stdout.strip()


def test_without_the_package_and_the_address_the_first_cell_says_what_to_do(bare):
    done = bare("python", "-c", offered_notebook(new_notebook(), None).cells[0].source)
    assert done.returncode == 1
    assert "open the notebook in a checkout, with 'make lab'" in done.stderr


def test_without_the_package_the_first_cell_installs_it_with_its_published_results(
    bare, commit, tmp_path
):
    def run_cell(reference):
        address = Repository("someone/radixnet", "main", reference)
        cell = offered_notebook(new_notebook(), address).cells[0].source
        # The same cell as on Colab; only the place that it clones from is this checkout.
        redirected = cell.replace("https://github.com/someone/radixnet", ROOT.as_uri())
        then = (
            "\nimport radixnet as rx\nfrom companion import published"
            "\nprint(rx.__file__, published('runs.csv.gz'))"
        )
        return bare("python", "-c", redirected + then)

    assert run_cell("no-such-commit").returncode == 1
    done = run_cell(commit)  # a second try finds the folder of the first
    assert done.returncode == 0, done.stderr
    for file in done.stdout.split()[-2:]:
        assert Path(file).is_relative_to(tmp_path / "radixnet-book")


@pytest.mark.usefixtures("commit")
def test_binder_prepares_the_environment_that_the_lock_describes(bare, tmp_path):
    clone = tmp_path / "clone"
    bare("git", "clone", "--quiet", ROOT, clone, check=True)
    binder = clone / "binder"
    assert (binder / "runtime.txt").read_text(encoding="utf-8") == "python-3.11\n"
    lines = (binder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line[0] != "#"] == ["-r ../requirements.lock"]
    bare(binder / "postBuild", cwd=clone, check=True)
    done = bare("python", "-c", "import radixnet; print(radixnet.__file__)", check=True)
    assert Path(done.stdout.strip()).is_relative_to(clone)
    assert (tmp_path / "bare/share/jupyter/lab/settings/overrides.json").is_file()
