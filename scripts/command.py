"""What every command has in common: it speaks on any terminal, and says where it cannot write.

Needs the standard library only, since `set_up.py` runs before anything is installed.
"""

from __future__ import annotations

import argparse
import errno
import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path

UTF8 = {"PYTHONUTF8": "1"}
"""The environment in which a Python that is started speaks UTF-8, whatever the locale."""
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_ADVICE = "commands write into the checkout: copy it to a folder of your own, with room"


def command(main: Callable[[], int | None]) -> Callable[[], int]:
    """Make a script's main function speak on any terminal, or stop with a clear sentence.

    What a terminal cannot show becomes a question mark. Python that the script starts uses UTF-8,
    whatever the locale.
    """

    @functools.wraps(main)
    def wrapped() -> int:
        os.environ.update(UTF8)
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr] # stderr never fails
        try:
            return main() or 0
        except OSError as error:
            where = unwritable(error)
            if where is None:
                raise
            print(
                f"\nstopped: cannot write{where}: {error.strerror}. What to do: {_ADVICE}.",
                file=sys.stderr,
            )
            return 1

    return wrapped


def parser(usage: str | None) -> argparse.ArgumentParser:
    """Return a parser of the command line that shows a script's docstring as it is written."""
    layout = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(description=usage, formatter_class=layout)


def folder_to_write(folder: Path) -> Path:
    """Return a folder, made where it is missing; for a call before the work whose results go there.

    Raises
    ------
    OSError
        When nothing can be written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "it is read-only, or not yours", str(folder / "new"))
    return folder


def unwritable(error: OSError) -> str | None:
    """Return in words where nothing can be written, when an error says so; else None."""
    if not isinstance(error.filename, str | bytes):
        return "" if error.errno in _FULL else None
    # The nearest folder that is there: one that could not be made is not.
    folder = next(
        each for each in Path(os.fsdecode(error.filename)).absolute().parents if os.path.isdir(each)
    )
    closed = error.errno in _FORBIDDEN and not os.access(folder, os.W_OK)
    return f" to {folder}" if closed or error.errno in _FULL else None
