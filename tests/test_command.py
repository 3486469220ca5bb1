"""A command speaks on any terminal, and says in a sentence where nothing can be written."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import command as commands
from command import command, folder_to_write

SCRIPTS = Path(commands.__file__).parent
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def in_ascii(code):
    """Run code in a process whose terminal has ASCII only; return what it printed, as bytes."""
    environment = os.environ | ASCII | {"PYTHONPATH": str(SCRIPTS)}
    program = (
        "import subprocess, sys\nfrom command import command\n@command\ndef main():\n"
        + code
        + "\nsys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_a_terminal_cannot_show_stops_no_command():
    assert in_ascii(r"    print('\u201ca page\u201d, \xd7 3')") == b"?a page?, ? 3\n"


def test_python_that_a_command_starts_speaks_utf_8():
    program = r"print('\\u201ca page\\u201d')"
    code = f"""    subprocess.run([sys.executable, "-c", "{program}"], check=True)"""
    assert (
        in_ascii(code).decode()
        == "\N{LEFT DOUBLE QUOTATION MARK}a page\N{RIGHT DOUBLE QUOTATION MARK}\n"
    )


@pytest.fixture
def checkout(tmp_path):
    """Return a folder where nothing can be written: by its rights, or for root by its mount."""
    folder = tmp_path / "checkout"
    folder.mkdir(mode=0o555)
    if not os.access(folder, os.W_OK):
        yield folder
        return
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder]
    if (
        shutil.which("mount") is None
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("root may write everywhere here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: (folder / "a" / "b").mkdir(parents=True),
        lambda folder: (folder / "result.txt").write_text("", encoding="utf-8"),
        folder_to_write,
        lambda folder: folder_to_write(folder / "_build" / "notebooks"),
    ],
    ids=[
        "make a folder",
        "write a file",
        "ask of a folder that is there",
        "ask of one that is not",
    ],
)
def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(write, checkout, capsys):
    assert command(lambda: write(checkout))() == 1
    said = capsys.readouterr().err
    assert f"stopped: cannot write to {checkout}: " in said
    assert "copy it to a folder of your own" in said
    assert "Traceback" not in said


def test_a_full_disk_is_named_too(tmp_path, capsys):
    for place, words in {
        (str(tmp_path / "result.txt"),): f" to {tmp_path}",
        (): "",
    }.items():  # a write names no file

        def main(place=place):
            raise OSError(errno.ENOSPC, "No space left on device", *place)

        assert command(main)() == 1
        assert f"cannot write{words}: No space left on device" in capsys.readouterr().err


def test_other_errors_are_not_taken_for_one_of_writing(tmp_path):
    def secret():
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "not-readable"))

    for main, kind in {
        (tmp_path / "missing").read_bytes: FileNotFoundError,
        secret: PermissionError,
    }.items():
        with pytest.raises(kind):
            command(main)()


def test_what_a_command_returns_is_its_exit_status():
    assert [command(lambda status=status: status)() for status in (None, 0, 1, 130)] == [
        0,
        0,
        1,
        130,
    ]
