"""Firefox without a window, driven by its own protocol, Marionette.

Playwright, which drives Chromium here, asks the Firefox of Debian for what only later ones have.
What there is of a page is called as Playwright calls it.
"""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from companion.pages.chromium import PATIENCE

_NAMES = ("firefox-esr", "firefox")
MISSING = (
    "no Firefox on this machine; install it (Debian: apt-get install firefox-esr) "
    "to train in a second kind of browser"
)

# In the page's own scope, where its scripts' names are known; results cross over as JSON.
_EVALUATE = """
const [source, given, done] = arguments;
const call = `(async () => { const found = (${source}\n);
  return JSON.stringify(await (typeof found === "function" ? found(${given}) : found)) ?? "null";
})()`;
window.eval(call).then(text => done({text}), error => done({error: String(error)}));
"""
_ADD_SCRIPT = """
const script = document.createElement("script");
script.textContent = arguments[0];
document.head.append(script);
"""


def find() -> str | None:
    """Return the path of the installed Firefox, or None where there is none."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


class Page:
    """The one page of a Firefox."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._receive()  # who it is
        self._send("WebDriver:NewSession")
        self._send("WebDriver:SetTimeouts", script=PATIENCE, pageLoad=PATIENCE)
        self.goto("about:blank")

    def goto(self, address: str) -> None:
        """Open a page and wait until it is loaded."""
        self._send("WebDriver:Navigate", url=address)

    def add_script_tag(self, content: str | None = None, path: Path | None = None) -> None:
        """Run a script in the page: a text, or that of a file."""
        text = path.read_text(encoding="utf-8") if path else content
        self._send("WebDriver:ExecuteScript", script=_ADD_SCRIPT, args=[text])

    def evaluate(self, source: str, argument: object = None) -> Any:
        """Return what an expression is, or a function returns, once it is there."""
        asked = [source, json.dumps(argument)]
        answer = self._send("WebDriver:ExecuteAsyncScript", script=_EVALUATE, args=asked)["value"]
        if "error" in answer:
            raise AssertionError(answer["error"])
        return json.loads(answer["text"])

    def wait_for_function(self, source: str, arg: object = None) -> None:
        """Wait until a function returns what is true."""
        ends = time.monotonic() + PATIENCE / 1000
        while not self.evaluate(source, arg):
            assert time.monotonic() < ends, f"still not true in Firefox: {source}"
            time.sleep(0.1)

    def _send(self, command: str, **parameters: object) -> Any:
        message = json.dumps([0, 1, command, parameters]).encode()
        self._stream.write(f"{len(message)}:".encode() + message)
        self._stream.flush()
        _, _, error, result = self._receive()
        assert error is None, f"{command}: {error['message']}"
        return result

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._stream.read(1)
        return json.loads(self._stream.read(int(length[:-1])))


@contextmanager
def launch(program: str, **preferences: str | int | bool) -> Iterator[Page]:
    """Run a Firefox with a profile of its own, and with these preferences."""
    with ExitStack() as opened:
        profile = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="firefox")))
        wanted = {"marionette.port": 0, "app.update.auto": False, **preferences}
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in wanted.items()]
        (profile / "user.js").write_text("".join(lines), encoding="utf-8")
        call = [program, "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
        running = opened.enter_context(
            subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        opened.callback(running.kill)
        chosen = profile / "MarionetteActivePort"
        ends = time.monotonic() + PATIENCE / 1000
        while not (chosen.exists() and chosen.read_text(encoding="utf-8")):
            assert running.poll() is None, f"{program} ended before it could be asked anything"
            assert time.monotonic() < ends, f"{program} has not started"
            time.sleep(0.1)
        address = ("127.0.0.1", int(chosen.read_text(encoding="utf-8")))
        connection = opened.enter_context(socket.create_connection(address))
        yield Page(opened.enter_context(connection.makefile("rwb")))
