"""`pyproject.toml`, the two locks and `environment.yml` agree, for every supported Python."""

import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import lock
import set_up

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = [
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("requirements.lock", "requirements-test.lock")
]
LOCK = "".join(LOCKS)
CONDA = (ROOT / "environment.yml").read_text(encoding="utf-8")
PYTHONS = ["3.11", "3.12", "3.13"]

DIRECT = [
    Requirement(text)
    for group in [
        PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"].values(),
    ]
    for text in group
]


def pins_of(text):
    """Return the requirements of a lock, each with its number of hashes."""
    entries = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [
        (Requirement(entry.split(" --hash")[0]), entry.count("--hash=sha256:"))
        for entry in entries
        if entry.strip()
    ]


PINS = pins_of(LOCK)


def versions_for(python, system="linux"):
    """Return the versions of each package that the lock gives to a Python on a system."""
    platforms = {
        "linux": ("Linux", "posix"),
        "darwin": ("Darwin", "posix"),
        "win32": ("Windows", "nt"),
    }
    platform_system, os_name = platforms[system]
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.7",
        "sys_platform": system,
        "platform_system": platform_system,
        "os_name": os_name,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    found = {}
    for pin, _ in PINS:
        if pin.marker is None or pin.marker.evaluate(environment):
            (specifier,) = pin.specifier
            found.setdefault(canonicalize_name(pin.name), set()).add(specifier.version)
    return found


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("requirement", DIRECT, ids=lambda requirement: requirement.name)
def test_every_direct_dependency_is_pinned_once_within_its_range(requirement, python):
    (version,) = versions_for(python)[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version)


def test_the_book_needs_nothing_of_the_lock_for_tests():
    names = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["book"]
    pinned = {canonicalize_name(pin.name) for pin, _ in pins_of(LOCKS[0])}
    assert {canonicalize_name(Requirement(name).name) for name in names} <= pinned


def test_every_pin_is_one_version_with_hashes():
    assert len(PINS) > len(DIRECT)
    for pin, hashes in PINS:
        assert [specifier.operator for specifier in pin.specifier] == ["=="], pin
        assert "*" not in str(pin.specifier), pin
        assert hashes >= 1, f"{pin} has no hash"
        assert pin.url is None, pin
    assert re.findall(r"--hash=(?!sha256:[0-9a-f]{64}\b)\S*", LOCK) == []


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", PYTHONS)
def test_no_package_is_pinned_twice_for_the_same_python(python, system):
    assert {
        name: versions
        for name, versions in versions_for(python, system).items()
        if len(versions) > 1
    } == {}


@pytest.mark.parametrize("python", PYTHONS)
def test_the_parts_that_decide_results_are_the_current_generation(python):
    """NumPy 2 and Keras 3 throughout; Jupyter Book 1.x, because 2.x drops `_config.yml`."""
    major = {
        name: Version(next(iter(versions))).major for name, versions in versions_for(python).items()
    }
    assert (major["numpy"], major["keras"], major["jupyter-book"]) == (2, 3, 1)


def test_environment_yml_is_what_the_lock_makes_it():
    assert lock.conda_environment(*LOCKS) == CONDA


def test_environment_yml_gives_conda_users_every_pin_and_the_package_itself():
    environment = yaml.safe_load(CONDA)
    assert environment["name"] == "radixnet"
    *conda, pip = environment["dependencies"]
    assert conda == [f"python={PYTHONS[0]}", "pip"]
    *pins, package = pip["pip"]
    assert package == "--editable ."
    assert [str(Requirement(pin)) for pin in pins] == [str(pin) for pin, _ in PINS]


@pytest.mark.parametrize("text", [LOCK, CONDA], ids=["the locks", "environment.yml"])
def test_no_address_and_no_path_of_any_machine_is_recorded(text):
    assert re.findall(r"\S*://\S*|\S*\bwww\.\S*|\bfile:\S*|\bgit\+\S*", text) == []
    assert re.findall(r"--(?!hash=|editable\b)\S*|^-[if]\b.*", text, flags=re.M) == []
    assert re.findall(r"(?:^|\s)(?:/|~|[A-Za-z]:\\)\S*|\s@\s\S*", text) == []


def test_requires_python_is_what_set_up_supports():
    required = SpecifierSet(PROJECT["project"]["requires-python"])
    (first_major, first), (last_major, last) = set_up.SUPPORTED
    assert first_major == last_major == 3
    assert [f"3.{minor}" for minor in range(first, last + 1)] == PYTHONS
    assert [f"3.{minor}" for minor in range(7, 20) if required.contains(f"3.{minor}.0")] == PYTHONS


def test_the_tools_check_for_the_first_python_that_is_supported():
    assert PROJECT["tool"]["mypy"]["python_version"] == PYTHONS[0]
    assert PROJECT["tool"]["ruff"]["target-version"] == "py" + PYTHONS[0].replace(".", "")


def test_set_up_refuses_another_python_and_says_what_to_do(monkeypatch):
    for version in [(3, 10, 14, "final", 0), (3, 14, 0, "final", 0)]:
        monkeypatch.setattr(set_up.sys, "version_info", version)
        with pytest.raises(SystemExit) as caught:
            set_up.check_python()
        for part in (f"{version[0]}.{version[1]}", "3.11", "3.13", "PYTHON="):
            assert part in str(caught.value)


def test_the_set_up_leaves_compiled_loops_and_does_not_fail_without(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    set_up.compile_loops(Path(sys.executable))
    assert not list(tmp_path.rglob("train_epoch-*"))
    monkeypatch.delenv("NUMBA_DISABLE_JIT")
    set_up.compile_loops(Path(sys.executable))
    assert len(list(tmp_path.rglob("train_epoch-*"))) == 1


def test_the_set_up_installs_nothing_but_the_locks_and_checks_every_hash(tmp_path):
    uv, packages, own = set_up.installation(
        tmp_path / "python", [set_up.BOOK_LOCK, set_up.TEST_LOCK]
    )
    assert "--require-hashes" in uv
    assert uv[-2:] == ["--requirement", str(set_up.ENVIRONMENT / "uv.lock")]
    given = ["--requirement", str(set_up.BOOK_LOCK), "--requirement", str(set_up.TEST_LOCK)]
    assert packages[-5:] == ["--require-hashes", *given]
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(own)


def test_the_installer_itself_comes_from_the_lock_with_its_hashes():
    lock = "uvicorn==1.0\nuv==2.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nzict==3.0\n"
    assert (
        set_up.pin_of("uv", lock) == "uv==2.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    )
    with pytest.raises(ValueError, match="the lock has no pip; call make lock"):
        set_up.pin_of("pip", lock)


def test_an_environment_is_kept_only_when_it_runs_the_right_python():
    environment = Path(set_up.sys.prefix)
    assert set_up.has_python(environment, set_up.sys.version_info[:2])
    assert not set_up.has_python(environment, (3, 99))
    assert not set_up.has_python(environment / "nowhere", set_up.sys.version_info[:2])


def test_no_two_files_of_tests_share_a_name():
    """In one process, as in `make deep`, Python would import the first in place of the second."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
