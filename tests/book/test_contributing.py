"""Whoever contributes meets the same checks everywhere: before a commit, on GitHub, and by the two commands."""

import re
import subprocess

import pytest
import yaml

from run_figures import ROOT
from run_tests import PYTHON, STEPS

WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8"))
FORMS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")
}
CONFIG = FORMS.pop("config")


def steps(job):
    return WORKFLOW["jobs"][job]["steps"]


def hooks():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    return [hook for repository in config["repos"] for hook in repository["hooks"]]


def test_before_a_commit_runs_every_cheap_step_of_the_tests_by_the_same_command():
    names = list(STEPS)
    cheap = names[: names.index("package")]
    commands = {hook["entry"] for hook in hooks()}
    assert {" ".join(STEPS[name]).replace(PYTHON, ".venv/bin/python") for name in cheap} <= commands


def test_before_a_commit_nothing_comes_from_another_host():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    assert {hook["language"] for hook in hooks()} == {"system"}
    assert all(hook["entry"].startswith((".venv/bin/python ", "make ")) for hook in hooks())


def test_before_a_push_runs_what_ci_runs():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (before_push,) = (hook["entry"] for hook in hooks() if hook.get("stages") == ["pre-push"])
    assert before_push in [step.get("run") for step in steps("build")]
    assert config["default_stages"] == ["pre-commit"]
    assert set(config["default_install_hook_types"]) == {"pre-commit", "pre-push"}


def test_what_hooks_call_is_there():
    for hook in hooks():
        for word in hook["entry"].split():
            if word.endswith(".py"):
                assert (ROOT / word).is_file(), hook["id"]


def test_the_workflow_runs_the_two_commands_that_the_readme_names():
    commands = [step["run"] for step in steps("build") if step.get("run", "").startswith("make ")]
    assert commands == ["make test", "make book"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"$ {command} " in readme for command in commands)
    assert WORKFLOW["jobs"]["build"]["env"]["RADIXNET_REQUIRE_BROWSER"] == "1"


def test_the_workflow_publishes_main_only_and_only_what_was_tested():
    publish = WORKFLOW["jobs"]["publish"]
    assert "refs/heads/main" in publish["if"]
    assert publish["needs"] == "build"
    assert publish["permissions"]["pages"] == publish["permissions"]["id-token"] == "write"
    assert WORKFLOW["permissions"] == {"contents": "read"}
    (site,) = [step["with"]["path"] for step in steps("build") if "upload-pages-artifact" in step.get("uses", "")]
    assert site == "_build/html"
    assert [step for step in steps("publish") if "deploy-pages" in step.get("uses", "")]


def test_the_workflow_uses_the_python_that_the_project_is_tested_on():
    (python,) = [step["with"] for step in steps("build") if "setup-python" in step.get("uses", "")]
    assert python["python-version"] == "3.11"
    assert (ROOT / python["cache-dependency-path"]).is_file()


def test_the_workflow_keeps_only_what_says_itself_whether_it_is_out_of_date():
    (cache,) = [step["with"] for step in steps("build") if "actions/cache" in step.get("uses", "")]
    assert cache["path"].split() == ["_build/notebooks", "_build/runs.sqlite"]


def test_every_action_is_githubs_own_and_has_a_version():
    used = [step["uses"] for job in WORKFLOW["jobs"] for step in steps(job) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in used)


@pytest.mark.usefixtures("git")
def test_the_notebooks_reach_their_branch_each_time_as_one_commit(tmp_path):
    (script,) = [step["run"] for step in steps("publish") if "git push" in step.get("run", "")]
    origin, checkout = tmp_path / "origin", tmp_path / "checkout"

    def git(*words, folder=checkout):
        identity = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
        return subprocess.run(
            ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True, encoding="utf-8"
        ).stdout.strip()

    git("init", "--quiet", "--bare", "--initial-branch=main", origin, folder=tmp_path)
    git("clone", "--quiet", origin, checkout, folder=tmp_path)
    (checkout / ".github").mkdir()
    (checkout / ".github" / "notebooks.md").write_bytes((ROOT / ".github" / "notebooks.md").read_bytes())
    git("add", ".")
    git("commit", "--quiet", "--message", "first")
    git("push", "--quiet", "origin", "HEAD:main")
    before = git("rev-parse", "main", folder=origin)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GITHUB_ACTOR": "someone", "GITHUB_SHA": "0123"}
    for text in ("an early one", "a later one"):
        for name in ("figures/fig01.executed.ipynb", "beyond/choose.executed.ipynb"):
            file = checkout / "notebooks" / name  # as the artifact is unpacked
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=checkout, env=environment, check=True, capture_output=True)
        subprocess.run(["rm", "-rf", checkout / "notebooks"], check=True)
        files = git("ls-tree", "--name-only", "-r", "notebooks", folder=origin).split()
        assert files == ["README.md", "choose.executed.ipynb", "fig01.executed.ipynb"]
        assert git("show", "notebooks:choose.executed.ipynb", folder=origin) == text
        assert git("rev-list", "--count", "notebooks", folder=origin) == "1"
    assert git("rev-parse", "main", folder=origin) == before


def test_there_is_a_form_for_a_number_that_differs_and_it_asks_for_the_claims_file():
    fields = {field["id"]: field for field in FORMS["number_differs"]["body"] if "id" in field}
    assert "make claims" in fields["claims"]["attributes"]["description"]
    assert "_build/claims.json" in fields["claims"]["attributes"]["description"]
    for name in ("figure", "claims", "numbers", "command", "environment"):  # `figure` is filled in by links on the pages
        assert fields[name]["validations"]["required"], name


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_one_that_github_shows(name):
    form = FORMS[name]
    assert {"name", "description", "body"} <= set(form)
    for field in form["body"]:
        assert field["type"] in {"markdown", "input", "textarea", "dropdown", "checkboxes"}
        assert field["attributes"].get("value" if field["type"] == "markdown" else "label")
        assert field["type"] != "dropdown" or len(set(field["attributes"]["options"])) > 1
    ids = [field["id"] for field in form["body"] if "id" in field]
    assert len(set(ids)) == len(ids) > 0


def test_forms_are_two_for_trouble_and_one_for_questions():
    assert set(FORMS) == {"number_differs", "bug", "question"}
    assert set(CONFIG) <= {"blank_issues_enabled", "contact_links"}


def test_the_commands_and_files_that_contributors_are_told_of_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    pages = [ROOT / "CONTRIBUTING.md", ROOT / "book" / "reference" / "add_a_figure.md", *(ROOT / ".github").rglob("*.*")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert set(re.findall(r"[`$] ?make ([a-z]+)\b", text)) <= targets
    files = set(re.findall(r"`((?:book|scripts|tests)/[\w./]+)`", text)) - {"book/beyond/depth.py"}
    assert len(files) > 3
    assert [file for file in files if not (ROOT / file).exists()] == []
