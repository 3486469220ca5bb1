"""Compiled loops are found again by the next process, and nothing that is wrong with the cache folder stops a run."""

import os
import platform
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

RUN = """
    import time
    started = time.perf_counter()
    import numpy as np
    import radixnet as rx
    topology = rx.RadixTopology([[10, 10], [10]], (784, 300, 100, 10))
    images, labels = np.arange(784 * 450, dtype=np.uint8).reshape(450, 784), np.arange(450, dtype=np.uint8) % 10
    few = rx.Dataset("mnist", images, labels, images, labels, (), "")
    result = rx.train(rx.RunSpec(topology, epochs=1, use_bias=True), dataset=few)
    print(time.perf_counter() - started, float(result.train_loss[0]).hex(), result.provenance["compiled_for"])
"""


def start(cache: Path, code: str = RUN, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def answer(process: subprocess.Popen[str]) -> tuple[float, float, str]:
    """Return seconds, loss and processor that a process printed."""
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    seconds, loss, processor = out.split()
    return float(seconds), float.fromhex(loss), processor


@pytest.mark.deep
def test_two_first_processes_and_all_later_ones_agree_and_later_ones_do_not_compile(tmp_path: Path) -> None:
    together = [start(tmp_path), start(tmp_path)]
    first = [answer(process) for process in together]
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb*")}
    assert files
    later = answer(start(tmp_path))
    assert {first[0][1], first[1][1]} == {later[1]}
    # Compiling takes ten seconds; the target of one second is the benchmark's business, since this machine may be busy.
    assert later[0] < 0.5 * min(first[0][0], first[1][0])
    assert files == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb*")}


@pytest.mark.deep
def test_a_cache_folder_that_is_damaged_or_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    blocked, home, damaged = tmp_path / "blocked", tmp_path / "home", tmp_path / "damaged"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    home.mkdir()
    home.chmod(stat.S_IRUSR | stat.S_IXUSR)
    without_folder = start(blocked, HOME=str(home), XDG_CACHE_HOME=str(home))
    loss = answer(start(damaged))[1]
    for path in damaged.rglob("*.nb*"):
        path.write_bytes(b"no compiled code")
    repairing = answer(start(damaged))
    assert repairing[1] == loss
    assert answer(without_folder)[1] == loss
    repaired = answer(start(damaged))
    assert repaired[1] == loss
    assert repaired[0] < 0.5 * repairing[0], "the damage was not mended: every later process would compile again"


@pytest.mark.deep
@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="names an x86 processor")
def test_without_avx512_the_same_code_gives_the_same_losses(tmp_path: Path) -> None:
    # Haswell has AVX2 and no AVX-512.
    older = start(tmp_path, NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES="")
    expected = answer(start(tmp_path))
    found = answer(older)
    assert found[2] == "haswell"
    assert found[1] == pytest.approx(expected[1], rel=1e-6)


def test_importing_the_package_loads_neither_numba_nor_tensorflow() -> None:
    code = """
        import sys
        import radixnet
        from radixnet import RunSpec
        print(*sorted({"numba", "llvmlite", "tensorflow", "keras"} & set(sys.modules)) or ["none"])
    """
    process = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert process.stdout.split() == ["none"]
