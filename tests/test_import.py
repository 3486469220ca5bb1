"""`import radixnet` loads nothing heavy; what needs TensorFlow loads when it is asked for."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import radixnet as rx

ROOT = Path(__file__).resolve().parent.parent


def python(script):
    """Return what a script prints in a process of its own."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    ).stdout


def packages(script):
    """Return the packages that a script loads besides Python's own and those of any process."""
    show = "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded, always = (set(python(each + show).split()) for each in (script, "pass"))
    return loaded - always - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("script", "loaded"),
    [("import radixnet", set()), ("from radixnet import RunSpec, train", {"numpy"})],
)
def test_import_loads_no_package_but_numpy(script, loaded):
    """Nor does a spec that others are to train, on a cluster for instance."""
    assert packages(script) == {"radixnet", "lazy_loader", *loaded}


def test_topologies_need_no_tensorflow():
    script = """
import sys, radixnet as rx
topology = rx.RadixTopology([[10, 10], [10]], rx.LENET_300_100)
topology.masks, topology.diagnose(), topology.sparse_masks, rx.load_dataset("mnist")
print(*sys.modules)
"""
    assert not {"tensorflow", "keras", "matplotlib", "pandas"}.intersection(python(script).split())


def test_asking_for_the_keras_classes_loads_keras():
    script = """
import sys, radixnet
assert "keras" not in sys.modules
print(radixnet.CustomModel.__name__, radixnet.RadixLayer.__name__, radixnet.Mask.__name__)
print("keras" in sys.modules, "tensorflow" in sys.modules)
from radixnet import CustomModel
assert CustomModel is radixnet.layers.CustomModel
"""
    assert python(script).split() == ["CustomModel", "RadixLayer", "Mask", "True", "True"]


def test_asking_for_the_plots_loads_matplotlib_and_not_tensorflow():
    script = """
import sys, companion
companion.plots
print("matplotlib" in sys.modules, "tensorflow" in sys.modules)
"""
    assert python(script).split() == ["True", "False"]


def test_all_public_names_are_there_and_documented():
    assert set(rx.__all__) <= set(dir(rx))
    for name in set(rx.__all__) - {"LENET_300_100"}:
        assert getattr(rx, name).__doc__, f"{name} has no docstring"


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="radixnet attribute CustomModell"):
        rx.CustomModell  # noqa: B018 (asking is the test)


def modules_named_in(folder):
    """Return for each Python file below a folder the first names of all modules that it imports."""
    found = {}
    for path in Path(folder).rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = {
            alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
        }
        names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
        found[path.relative_to(folder).as_posix()] = {name.partition(".")[0] for name in names}
    return found


def test_the_package_knows_no_book_and_the_companion_no_scripts():
    scripts = {path.stem for path in (ROOT / "scripts").iterdir()} - {"__pycache__"}
    for folder, forbidden in {
        "radixnet": {"companion", *scripts},
        "book/companion": scripts,
    }.items():
        wrong = {
            path: names & forbidden
            for path, names in modules_named_in(ROOT / folder).items()
            if names & forbidden
        }
        assert not wrong, f"{folder} imports against the direction scripts -> companion -> radixnet"
    words = ("_toc.yml", "book/results", "explorer.html", "make book", "chapter")
    for path in (ROOT / "radixnet").rglob("*.py"):
        text = path.read_text(encoding="utf-8").lower()
        assert not [word for word in words if word in text], f"{path.name} knows of the book"
