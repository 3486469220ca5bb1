"""What the claims file says of what made it: only what was asked, and whatever is missing."""

import json
import os
import shutil
import subprocess
import sys

import pytest

import check_claims
from companion.places import ROOT


def in_this_checkout(*words):
    asked = ["git", *words]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout.strip()


def test_without_git_the_claims_are_kept_and_the_commit_is_said_to_be_unknown(tmp_path, monkeypatch):
    (tmp_path / "programs").mkdir()
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    assert check_claims.commit(tmp_path) == "unknown: git is not installed"
    monkeypatch.setattr(check_claims, "RESULTS", tmp_path / "claims.json")
    monkeypatch.setattr(check_claims, "ROOT", tmp_path)
    monkeypatch.setattr(check_claims, "compute", lambda: ([], {}))
    monkeypatch.setattr("sys.argv", ["check_claims.py"])
    assert check_claims.main() == 0
    made_by = json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))["made_by"]
    assert made_by["commit"].startswith("unknown: ")


def test_a_folder_inside_another_repository_is_not_said_to_be_at_its_commit():
    assert check_claims.commit(ROOT / "book") == "unknown: not a checkout"


@pytest.mark.usefixtures("git")
def test_the_commit_is_that_of_the_checkout_whatever_repository_git_is_told_of(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    assert check_claims.commit(tmp_path).startswith("unknown: fatal: ")
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: it is at no commit")
    head = in_this_checkout("rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))  # as in a hook of another repository
    assert check_claims.commit().removesuffix("-dirty") == head


def test_claims_are_kept_under_the_state_that_they_were_computed_from(tmp_path, monkeypatch):
    states = ["before"]
    monkeypatch.setattr(check_claims, "RESULTS", tmp_path / "claims.json")
    monkeypatch.setattr(check_claims, "state", lambda: states[-1])
    monkeypatch.setattr(check_claims, "compute", lambda: (states.append("edited meanwhile"), ([], {}))[1])
    check_claims.current_results()
    assert json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))["state"] == "before"


def test_claims_of_another_radixnet_are_refused(tmp_path):
    """As PYTHONPATH can bring one in."""
    other = tmp_path / "radixnet"
    other.mkdir()
    text = (ROOT / "radixnet" / "__init__.py").read_text(encoding="utf-8")
    shutil.copy(ROOT / "radixnet" / "__init__.pyi", other)
    (other / "__init__.py").write_text(f"__path__ = [{str(ROOT / 'radixnet')!r}]\n{text}", encoding="utf-8")
    asked = [sys.executable, "-c", "import check_claims; check_claims.made_by()"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT / "scripts")])}
    done = subprocess.run(asked, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert f"radixnet was imported from {other} and not from {ROOT / 'radixnet'}" in done.stderr
