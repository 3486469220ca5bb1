"""What the claims file says of what made it: only what was asked, and whatever is missing."""

import json
import shutil
import subprocess

import nbformat
import pytest

import check_claims
from companion.claims.rules import ClaimError
from companion.notebooks.execution import EXECUTED, page_files
from companion.notebooks.sources import figure_names
from companion.places import ROOT


def in_this_checkout(*words):
    asked = ["git", *words]
    return subprocess.run(
        asked, cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout.strip()


def test_without_git_the_commit_is_said_to_be_unknown(tmp_path, monkeypatch):
    (tmp_path / "programs").mkdir()
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    assert check_claims.commit(tmp_path) == "unknown: git is not installed"


def test_a_folder_inside_another_repository_is_not_said_to_be_at_its_commit():
    assert check_claims.commit(ROOT / "book") == "unknown: not a checkout"


@pytest.mark.usefixtures("git")
def test_the_commit_is_that_of_the_checkout_whatever_repository_git_is_told_of(
    tmp_path, monkeypatch
):
    (tmp_path / ".git").mkdir()
    assert check_claims.commit(tmp_path).startswith("unknown: fatal: ")
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: it is at no commit")
    head = in_this_checkout("rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))  # as in a hook of another repository
    assert check_claims.commit().removesuffix("-dirty") == head


@pytest.fixture
def figures(tmp_path):
    """Return copies of the executed figures, less their cells, and of the claims that they left."""
    copies = []
    for name in figure_names():
        notebook = nbformat.read(EXECUTED / f"{name}.ipynb", as_version=4)
        notebook.cells = []
        copies.append(tmp_path / f"{name}.ipynb")
        nbformat.write(notebook, copies[-1])
        page_files(copies[-1]).mkdir()
        if (claims := page_files(EXECUTED / f"{name}.ipynb") / "claims.json").is_file():
            shutil.copy(claims, page_files(copies[-1]))
    return copies


def test_the_claims_file_says_what_was_measured_and_what_made_it(figures, tmp_path, monkeypatch):
    monkeypatch.setattr(check_claims, "RESULTS", tmp_path / "claims.json")
    results = check_claims.keep_results(figures)
    kept = json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))
    assert {"machine", "system", "python", "radixnet", "numpy", "tensorflow", "commit"} <= set(
        kept["made_by"]
    )
    assert all(kept["made_by"].values())
    assert set(kept["executed"]) == set(figure_names())
    assert {name: each["verdict"] for name, each in kept["results"].items()} == {
        each.claim.id: each.verdict for each in results
    }


def test_a_claim_that_is_lost_or_not_a_number_or_measured_twice_stops_everything_and_is_named(
    figures, tmp_path, monkeypatch
):
    monkeypatch.setattr(check_claims, "RESULTS", tmp_path / "claims.json")
    fig04, fig09 = (
        next(page_files(path) / "claims.json" for path in figures if path.name.startswith(number))
        for number in ("fig04", "fig09")
    )
    left = json.loads(fig04.read_text(encoding="utf-8"))
    del left["conclusion-infrequent"]
    left["conclusion-not-most"]["values"]["erratic_share"] = float("nan")
    left["fig9-normal-above-90"] = json.loads(fig09.read_text(encoding="utf-8"))[
        "fig9-normal-above-90"
    ]
    left["fig4-unheard-of"] = left["conclusion-not-most"]
    fig04.write_text(json.dumps(left), encoding="utf-8")
    with pytest.raises(ClaimError) as stopped:
        check_claims.keep_results(figures)
    said = str(stopped.value)
    assert "conclusion-infrequent has checks and no measurement" in said
    assert "conclusion-not-most: {'erratic_share': nan} cannot be compared" in said
    assert "fig9-normal-above-90 is measured twice, the second time in fig09_seeds" in said
    assert "fig4-unheard-of is measured and not in the list" in said
    assert not (tmp_path / "claims.json").exists()
