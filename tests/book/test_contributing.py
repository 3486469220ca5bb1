"""Whoever contributes meets the same checks everywhere.

Before a commit, on GitHub, and by the two commands.
"""

import re
import subprocess

import pytest
import yaml

from companion.places import ROOT
from run_tests import PYTHON, STEPS

WORKFLOW = ROOT / ".github" / "workflows" / "book.yml"
JOBS = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"
HOOKS = [
    hook
    for repository in yaml.safe_load(
        (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    )["repos"]
    for hook in repository["hooks"]
]


def run_lines(job):
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


@pytest.mark.parametrize(
    ("schema", "files"),
    {
        "github-workflows": [WORKFLOW],
        "github-issue-config": [FORMS / "config.yml"],
        "github-issue-forms": [
            FORMS / f"{name}.yml" for name in ("number_differs", "bug", "question")
        ],
        "citation-file-format": [ROOT / "CITATION.cff"],
    }.items(),
)
def test_what_github_reads_is_what_its_schema_allows(schema, files):
    check = [PYTHON, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *files]
    done = subprocess.run(check, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


def test_before_a_commit_runs_every_cheap_step_of_the_tests_by_the_same_command():
    names = list(STEPS)
    cheap = names[: names.index("package")]
    assert {" ".join(STEPS[name]).replace(PYTHON, ".venv/bin/python") for name in cheap} <= {
        hook["entry"] for hook in HOOKS
    }


def test_before_a_push_runs_what_ci_runs():
    (before_push,) = (hook["entry"] for hook in HOOKS if hook.get("stages") == ["pre-push"])
    assert before_push in run_lines("build")


def test_the_workflow_runs_the_two_commands_that_the_readme_names():
    commands = [line for line in run_lines("build") if line.startswith("make ")]
    assert commands == ["make test", "make book"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"$ {command} " in readme for command in commands)


def test_the_workflow_publishes_main_only_and_only_what_was_tested():
    publish = JOBS["publish"]
    assert publish["if"] == "github.ref == 'refs/heads/main' && github.event_name != 'pull_request'"
    assert publish["needs"] == "build"


@pytest.mark.usefixtures("git")
def test_the_notebooks_reach_their_branch_each_time_as_one_commit(tmp_path):
    (script,) = [line for line in run_lines("publish") if "git push" in line]
    origin, checkout = tmp_path / "origin", tmp_path / "checkout"

    def git(*words, folder=checkout):
        identity = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
        return subprocess.run(
            ["git", *identity, *words],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        ).stdout.strip()

    git("init", "--quiet", "--bare", "--initial-branch=main", origin, folder=tmp_path)
    git("clone", "--quiet", origin, checkout, folder=tmp_path)
    (checkout / ".github").mkdir()
    (checkout / ".github" / "notebooks.md").write_bytes(
        (ROOT / ".github" / "notebooks.md").read_bytes()
    )
    git("add", ".")
    git("commit", "--quiet", "--message", "first")
    git("push", "--quiet", "origin", "HEAD:main")
    before = git("rev-parse", "main", folder=origin)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GITHUB_ACTOR": "someone",
        "GITHUB_SHA": "0123",
    }
    for text in ("an early one", "a later one"):
        for name in ("figures/fig01.executed.ipynb", "beyond/choose.executed.ipynb"):
            file = checkout / "notebooks" / name  # as the artifact is unpacked
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
        subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=checkout,
            env=environment,
            check=True,
            capture_output=True,
        )
        subprocess.run(["rm", "-rf", checkout / "notebooks"], check=True)
        files = git("ls-tree", "--name-only", "-r", "notebooks", folder=origin).split()
        assert files == ["README.md", "choose.executed.ipynb", "fig01.executed.ipynb"]
        assert git("show", "notebooks:choose.executed.ipynb", folder=origin) == text
        assert git("rev-list", "--count", "notebooks", folder=origin) == "1"
    assert git("rev-parse", "main", folder=origin) == before


def test_the_form_for_a_number_that_differs_has_the_fields_that_pages_and_readers_fill_in():
    form = yaml.safe_load((FORMS / "number_differs.yml").read_text(encoding="utf-8"))
    fields = {field["id"]: field for field in form["body"] if "id" in field}
    assert "_build/claims.json" in fields["claims"]["attributes"]["description"]
    for name in (
        "figure",
        "claims",
        "numbers",
        "command",
        "environment",
    ):  # `figure` is filled in by links on the pages
        assert fields[name]["validations"]["required"], name


def test_the_commands_and_files_that_contributors_are_told_of_exist():
    pages = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "book" / "reference").glob("*.md"),
    ]
    text = "\n".join(
        page.read_text(encoding="utf-8") for page in (*pages, *(ROOT / ".github").rglob("*.*"))
    )
    targets = set(re.findall(r"(?:`|\$ |run: )make ([a-z./-]+)", text))
    made = {
        target: subprocess.run(
            ["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=False
        )
        for target in targets
    }
    assert [done.stderr for done in made.values() if done.returncode] == []
    text += "\n".join(hook["entry"] for hook in HOOKS)
    files = set(re.findall(r"\b(?:book|scripts|tests)/[\w./]+\w", text)) - {
        "book/beyond/depth.py",
        "book/html",
    }
    assert len(files) > 10
    assert [file for file in files if not (ROOT / file).exists()] == []
