"""What an executed notebook depends on, as one sum.

It is executed again when the sum has changed, and only then.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from companion.places import ROOT

PACKAGES = (ROOT / "radixnet", ROOT / "book" / "companion")
"""What notebooks import of this repository."""


@cache
def code_digests() -> dict[str, str]:
    """Return a sum over the code of each module of radixnet and of the companion, by its name.

    Docstrings and comments do not count.
    """
    digests = {}
    for folder in PACKAGES:
        for path in folder.rglob("*.py"):
            parts = (folder.name, *path.relative_to(folder).with_suffix("").parts)
            name = ".".join(part for part in parts if part != "__init__")
            digests[name] = _code_digest(path.read_text(encoding="utf-8"))
    return digests


def _code_digest(source: str) -> str:
    """Return a sum over what a module does, whatever its docstrings and comments say."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [
                each
                for each in node.body
                if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
            ]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@cache
def data_digest() -> str:
    """Return one sum over the files without code that a notebook may depend on.

    Data, published results, the lock.
    """
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for folder in (*PACKAGES, ROOT / "book" / "results"):
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            hidden = name.startswith(".") or "/." in name  # what tools keep for themselves
            if path.is_file() and not hidden and path.suffix not in (".py", ".pyc"):
                digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def inputs_digest(
    source: str, parameters: Mapping[str, Any], modules: Sequence[str] | None = None
) -> str:
    """Return what an executed notebook must carry to be up to date.

    Parameters
    ----------
    source
        The text of the percent script.
    parameters
        Those that differ from the published ones.
    modules
        The modules that it imports, as `code_digests` names them; one that is gone counts as
        changed. None stands for all.
    """
    digests = code_digests()
    code = {name: digests.get(name, "gone") for name in (digests if modules is None else modules)}
    parts = [source, data_digest(), json.dumps([parameters, code], sort_keys=True, default=repr)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
