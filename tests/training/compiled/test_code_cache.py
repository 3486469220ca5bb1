"""Compiled code is found again, is never that of other sources, and no folder stops a run."""

import ast
import ctypes
import os
import platform
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import radixnet
from radixnet.training.compiled import sources

ON_X86 = platform.machine().lower() in ("x86_64", "amd64")

COUNT = """
    from numba.core.dispatcher import Dispatcher
    compile, compilations = Dispatcher.compile, []
    def counted(dispatcher, kinds):
        compilations.append(dispatcher)
        return compile(dispatcher, kinds)
    Dispatcher.compile = counted
"""

SMALL = f"""{COUNT}
    from radixnet.MODULE import small
    BEFORE
    from radixnet.training.compiled.code_cache import load_or_compile
    print(load_or_compile(small.small, (1.0,))(1.0), len(compilations))
"""

FEW_ROWS = """
    import numpy as np
    import radixnet as rx
    topology = rx.RadixTopology([[10, 10], [10]], (784, 300, 100, 10))
    images = np.arange(784 * 450, dtype=np.uint8).reshape(450, 784)
    labels = np.arange(450, dtype=np.uint8) % 10
    few = rx.Dataset("mnist", images, labels, images, labels, (), "")
"""

TRAIN = f"""{COUNT}{FEW_ROWS}
    result = rx.train(rx.RunSpec(topology, epochs=1, use_bias=True), dataset=few)
    print(float(result.train_loss[0]).hex(), len(compilations), result.provenance["compiled_for"])
"""


def obey_permissions() -> None:
    """Have the program that starts next heed them, even if its user is root."""
    if sys.platform == "linux":
        drop_from_bounding_set, override = 24, 1
        ctypes.CDLL(None).prctl(drop_from_bounding_set, override, 0, 0, 0)


def start(code: str, *path: Path, **environment: str) -> subprocess.Popen[str]:
    given = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    given["PYTHONPATH"] = os.pathsep.join(map(str, path))
    # Python itself would take an old .pyc for a source of that size edited within the same second.
    given["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", textwrap.dedent(code)],  # -P: not the package in this folder
        env=given | environment,
        preexec_fn=obey_permissions,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def answer(process: subprocess.Popen[str]) -> list[str]:
    """Return the words that a process printed."""
    out, errors = process.communicate(timeout=250)
    assert process.returncode == 0, errors
    return out.split()


def snapshot(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


# -- a small function in a copy of the package --------------------------------------------------


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Copy the package, with a new function of a constant in `kernels.py` and of a new module's."""
    folder = tmp_path / "package"
    skip = shutil.ignore_patterns("data", "__pycache__")
    shutil.copytree(Path(radixnet.__file__).parent, folder / "radixnet", ignore=skip)
    room = folder / "radixnet" / "training" / "compiled"
    (room / "later.py").write_text("SHARE = 0.25\n", encoding="utf-8")
    for module in (room / "small.py", folder / "radixnet" / "graph_challenge" / "small.py"):
        module.write_text(
            "from radixnet.training.compiled.kernels import BETA_1\n"
            "from radixnet.training.compiled.later import SHARE\n"
            "def small(x): return x * BETA_1 + SHARE\n",
            encoding="utf-8",
        )
    return folder


def edit(package: Path, file: str, before: str, after: str) -> None:
    path = package / "radixnet" / "training" / "compiled" / file
    source = path.read_text(encoding="utf-8")
    assert source.count(before) == 1
    path.write_text(source.replace(before, after), encoding="utf-8")


def edit_beta(package: Path) -> None:
    """Make 0.8 of Adam's first constant, 0.9."""
    edit(package, "kernels.py", "BETA_1, BETA_2, EPSILON = 0.9,", "BETA_1, BETA_2, EPSILON = 0.8,")


def small(
    package: Path, *, before: str = "", module: str = "training.compiled", **environment: str
) -> tuple[float, int]:
    """Return the function of 1 from a new process, and how many functions that process compiled."""
    code = SMALL.replace("BEFORE", before).replace("MODULE", module)
    number, compilations = answer(start(code, package, **environment))
    return float(number), int(compilations)


def test_code_is_compiled_once_and_again_after_any_edit(package: Path, tmp_path: Path) -> None:
    """A list of modules would miss the new one; Numba's cache, all but the function's own."""
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    assert small(package, **cache) == (1.15, 1)
    assert small(package, **cache) == (1.15, 0)
    edit_beta(package)
    assert small(package, **cache) == (1.05, 1)
    edit(package, "later.py", "0.25", "0.75")
    assert small(package, **cache) == (1.55, 1)
    assert small(package, **cache) == (1.55, 0)


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "NUMBA_CACHE_DIR"])
def test_without_a_folder_nothing_is_kept(variable: str, package: Path, tmp_path: Path) -> None:
    """Numba would fall back to ``__pycache__``, and find there what was compiled before an edit."""
    place = tmp_path / "a file"
    place.write_text("where a folder should be", encoding="utf-8")
    before = snapshot(tmp_path)
    assert small(package, **{variable: str(place)}) == (1.15, 1)
    assert snapshot(tmp_path) == before
    edit_beta(package)
    assert small(package, **{variable: str(place)}) == (1.05, 1)


def test_a_folder_that_can_only_be_read_is_read(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert small(package, NUMBA_CACHE_DIR=str(cache)) == (1.15, 1)
    cache.chmod(0o500)
    probe = start(f"open({str(cache / 'new')!r}, 'w')")
    if "PermissionError" not in probe.communicate()[1]:
        pytest.skip("this user writes wherever it likes")
    before = snapshot(cache)
    assert small(package, NUMBA_CACHE_DIR=str(cache)) == (1.15, 0)
    edit(package, "later.py", "0.25", "0.75")
    assert small(package, NUMBA_CACHE_DIR=str(cache)) == (1.65, 1)
    assert snapshot(cache) == before


def test_a_damaged_file_is_not_used_and_mended(package: Path, tmp_path: Path) -> None:
    """Cut short, altered where no pickle would notice, or empty."""
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert small(package, **cache) == (1.15, 1)
    (file,) = snapshot(tmp_path / "cache")
    whole = file.read_bytes()
    for damaged in (whole[:-100], whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:], b""):
        file.write_bytes(damaged)
        assert small(package, **cache) == (1.15, 1)
        assert set(snapshot(tmp_path / "cache")) == {file}
    assert small(package, **cache) == (1.15, 0)


def test_code_is_kept_by_processor_and_settings(package: Path, tmp_path: Path) -> None:
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert small(package, **cache) == (1.15, 1)
    generic = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    for setting in ({"NUMBA_OPT": "1"}, {"NUMBA_BOUNDSCHECK": "1"}, generic):
        assert small(package, **cache, **setting) == (1.15, 1)
    assert small(package, **cache, NUMBA_NUM_THREADS="1") == (1.15, 0)


def test_code_from_before_an_edit_is_not_kept_after_it(package: Path, tmp_path: Path) -> None:
    """Its functions are still the old ones, the files already the new ones."""
    room, cache = (
        package / "radixnet" / "training" / "compiled",
        {"NUMBA_CACHE_DIR": str(tmp_path / "cache")},
    )
    changing = f"__import__('pathlib').Path({str(room / 'later.py')!r}).write_text('SHARE = 0.75')"
    assert small(package, before=changing, **cache) == (1.15, 1)
    assert small(package, **cache) == (1.65, 1)


def test_code_of_another_room_is_that_of_its_own_file(package: Path, tmp_path: Path) -> None:
    """Those who watch the room of kernels only would load what was compiled before the edit."""
    path = package / "radixnet" / "graph_challenge" / "small.py"
    before = path.read_text(encoding="utf-8")
    after = before.replace("+ SHARE", "- SHARE")
    given = {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "module": "graph_challenge"}
    assert small(package, **given) == (1.15, 1)
    assert small(package, **given) == (1.15, 0)
    changing = f"__import__('pathlib').Path({str(path)!r}).write_text({after!r})"
    assert small(package, before=changing, **given) == (1.15, 1)
    assert small(package, **given) == (pytest.approx(0.65), 1)
    path.write_text(before, encoding="utf-8")
    assert small(package, **given) == (1.15, 0)


def test_code_is_kept_by_target(tmp_path: Path) -> None:
    code = f"""{COUNT}
    from radixnet.training.compiled import code_cache, targets
    def small(x): return x
    small.__code__ = small.__code__.replace(co_filename=code_cache.__file__)
    for target in (targets.AVX2, targets.NEON, None):
        code_cache._dispatchers.clear()
        code_cache.load_or_compile(small, (1.0,), target)
    print(len(compilations))
    """
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    assert answer(start(code, **cache)) == ["3"]
    assert answer(start(code, **cache)) == ["0"]


def imported(path: Path) -> Iterator[str]:
    """Yield the names of the package's modules that a module imports when it runs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_what_compiled_code_can_come_from_lies_in_the_room_whose_sources_are_watched() -> None:
    room = Path(sources.__file__).parent
    found, left = set(), {"steps"}
    while left:
        module = left.pop()
        found.add(module)
        for name in imported(room / f"{module}.py"):
            if name.partition(".")[0] == "radixnet":
                assert name.startswith("radixnet.training.compiled."), f"nobody sees {name} edited"
                left |= {name.split(".")[3]} - found
    assert found >= {"kernels", "layout", "loss", "steps", "vector_code"}


# -- training -----------------------------------------------------------------------------------


def test_a_first_training_loads_no_more_than_it_needs() -> None:
    """Each of these takes as long as the training itself; Numba's are those of its compiler."""
    code = f"""{FEW_ROWS}
    import sys
    rx.train(rx.RunSpec(topology, epochs=1), dataset=few)
    print(*sys.modules)
    """
    answer(start(code))  # compiles, where no process has before
    loaded = set(answer(start(code)))
    compilers = {"numba.np.arraymath", "numba.np.npyimpl"}
    others = {"scipy.linalg", "scipy.sparse", "pandas", "tensorflow", "matplotlib", "tqdm"}
    assert "numba" in loaded
    assert not (compilers | others) & loaded


def test_where_nothing_may_be_compiled_the_error_says_what_to_do() -> None:
    code = f"""{FEW_ROWS}
    try:
        rx.train(rx.RunSpec(topology, epochs=1), dataset=few)
    except RuntimeError as error:
        print(error)
    """
    message = " ".join(answer(start(code, NUMBA_DISABLE_JIT="1")))
    assert "unset NUMBA_DISABLE_JIT" in message
    assert "engine='keras'" in message


@pytest.mark.deep
def test_where_nothing_may_be_compiled_keras_trains() -> None:
    code = f"""{FEW_ROWS}
    print(rx.train(rx.RunSpec(topology, epochs=1, engine="keras"), dataset=few).test_loss[0])
    """
    assert float(answer(start(code, NUMBA_DISABLE_JIT="1"))[-1]) > 0


@pytest.mark.deep
def test_first_processes_and_later_ones_agree_and_later_ones_do_not_compile(tmp_path: Path) -> None:
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    together = [start(TRAIN, **cache), start(TRAIN, **cache)]
    first = [answer(process) for process in together]
    files = snapshot(tmp_path)
    assert len(files) == 2
    loss, compilations, _ = answer(start(TRAIN, **cache))
    assert [words[0] for words in first] == [loss, loss]
    assert compilations == "0"
    assert snapshot(tmp_path) == files


@pytest.mark.deep
@pytest.mark.parametrize("place", ["a folder", "a file"])
def test_an_edit_changes_the_loss(place: str, package: Path, tmp_path: Path) -> None:
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a file").touch()
    cache = str(tmp_path / place)
    before = answer(start(TRAIN, package, XDG_CACHE_HOME=cache))
    edit_beta(package)
    after = answer(start(TRAIN, package, XDG_CACHE_HOME=cache))
    assert after[0] != before[0]
    assert int(after[1]) > 0


@pytest.mark.deep
@pytest.mark.skipif(not ON_X86, reason="names an x86 processor")
def test_without_avx512_the_same_code_gives_the_same_losses(tmp_path: Path) -> None:
    # Haswell has AVX2 and no AVX-512.
    cache = {"NUMBA_CACHE_DIR": str(tmp_path)}
    older = start(TRAIN, **cache, NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES="")
    expected = answer(start(TRAIN, **cache))
    found = answer(older)
    assert found[2] == "haswell"
    assert float.fromhex(found[0]) == pytest.approx(float.fromhex(expected[0]), rel=1e-6)
