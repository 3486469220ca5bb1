"""The examples in docstrings and on the pages: run, and what they print is what they say."""

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest

import radixnet as rx

ROOT = Path(__file__).parents[1]
MODULES = [
    ".".join(path.relative_to(folder.parent).with_suffix("").parts)
    for folder in (ROOT / "radixnet", ROOT / "book" / "companion")
    for path in sorted(folder.rglob("*.py"))
    if re.search(r"^\s+>>> ", path.read_text(encoding="utf-8"), re.MULTILINE)
]
SHOWN = {
    "README.md": ["topology.sparsity"],
    "book/reference/api.md": ["topology.sparsity", "topology.diagnose().live_units"],
}


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_print_what_they_say(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # an example may write files
    failed, _ = doctest.testmod(importlib.import_module(module), verbose=False)
    assert failed == 0


@pytest.mark.parametrize("page", SHOWN)
def test_values_in_comments_on_the_pages_are_the_values(page):
    """The first Python block, up to where data or a model come in: ``expression  # literal``."""
    block = re.search(
        r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL
    ).group(1)
    names, compared = {"rx": rx}, []
    for statement in ast.parse(block).body:
        source = ast.get_source_segment(block, statement)
        if "load_dataset" in source or "CustomModel" in source:
            break
        if not isinstance(statement, ast.Expr):
            exec(source, names)  # noqa: S102 (our own page)
            continue
        comment = (
            block.splitlines()[statement.end_lineno - 1][statement.end_col_offset :]
            .strip()
            .removeprefix("#")
            .strip()
        )
        value = eval(source, names)  # noqa: S307 (our own page)
        try:
            said = ast.literal_eval(comment)
        except (SyntaxError, ValueError):
            continue  # words, not a value
        assert value == said
        compared.append(source)
    assert set(SHOWN[page]) <= set(compared)


def test_no_description_of_a_parameter_begins_with_of():
    """It would be half a sentence: the reader has to find out what is meant."""
    for folder in (ROOT / "radixnet", ROOT / "book" / "companion"):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef | ast.FunctionDef):
                    begins = re.search(
                        r"^\S.*\n    Of ", ast.get_docstring(node) or "", re.MULTILINE
                    )
                    assert not begins, f"{path.name}: {node.name}"
