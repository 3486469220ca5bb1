"""Every text that is read or written says its encoding; without one, Python takes the locale's."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [
    path
    for folder in ("radixnet", "scripts", "book", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def takes_the_locales_encoding(call):
    """Say whether a call reads or writes text without an encoding; PLW1514 knows few paths."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if "encoding" in given:
        return False
    if name in ("read_text", "write_text"):
        return len(call.args) < (1 if name == "read_text" else 2)
    if name in ("open", "fdopen", "TemporaryFile", "NamedTemporaryFile"):
        constants = [
            each.value for each in [*call.args, given.get("mode")] if isinstance(each, ast.Constant)
        ]
        modes = [
            each for each in constants if isinstance(each, str) and set(each) <= set("rwxabt+")
        ]
        by_default_text = name == "open" and (isinstance(call.func, ast.Name) or not call.args)
        return "b" not in modes[0] if modes else by_default_text
    return any(
        isinstance(given.get(word), ast.Constant) and given[word].value
        for word in ("text", "universal_newlines")
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("path.read_text()", True),
        ("path.read_text(encoding='utf-8')", False),
        ("path.write_text(text)", True),
        ("path.write_text(text, 'utf-8')", False),
        ("open(name)", True),
        ("open(name, 'rb')", False),
        ("path.open()", True),
        ("path.open('a')", True),
        ("path.open('wb', buffering=0)", False),
        ("gzip.open(name, 'rt')", True),
        ("gzip.open(name)", False),
        ("Image.open(file)", False),
        ("subprocess.run(command, text=True)", True),
        ("subprocess.run(command, text=True, encoding='utf-8')", False),
        ("subprocess.run(command, capture_output=True)", False),
        ("tempfile.TemporaryFile()", False),
        ("tempfile.NamedTemporaryFile('w')", True),
    ],
)
def test_a_missing_encoding_is_seen(code, expected):
    assert takes_the_locales_encoding(ast.parse(code, mode="eval").body) == expected


def test_every_text_has_its_encoding():
    assert len(SOURCES) > 100
    calls = [
        (path, node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
    ]
    assert [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call in calls
        if takes_the_locales_encoding(call)
    ] == []
