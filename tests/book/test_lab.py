"""`make lab` really opens: the server starts, and a percent script opens as a notebook."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from companion.notebooks.sources import figure_names, notebook_names
from companion.places import ROOT


@pytest.fixture
def lab(begin, tmp_path):
    """Start JupyterLab on a free port, another kernel on JUPYTER_PATH; return how to ask it."""
    for name in ("python3", "r"):
        (tmp_path / "kernels" / name).mkdir(parents=True)
        kernel = {"argv": ["/nowhere/kernel"], "display_name": "of others", "language": name}
        (tmp_path / "kernels" / name / "kernel.json").write_text(
            json.dumps(kernel), encoding="utf-8"
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--IdentityProvider.token=secret",
    ]
    server = begin(
        [sys.executable, "scripts/open_lab.py", *options],
        cwd=ROOT,
        env=os.environ | {"JUPYTER_PATH": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    direct = urllib.request.build_opener(
        urllib.request.ProxyHandler({})
    )  # whatever proxy there is, it is not for this machine

    def ask(path):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", headers={"Authorization": "token secret"}
        )
        with direct.open(request) as answer:
            return answer.read().decode()

    while True:
        try:
            ask("/api")
            break
        except OSError:
            assert server.poll() is None, "the server ended by itself"
            time.sleep(0.3)
    yield ask
    server.terminate()
    server.wait()


def test_figures_open_as_notebooks(lab):
    folders = [
        json.loads(lab(f"/api/contents/book/{folder}"))["content"]
        for folder in ("figures", "beyond", "learn")
    ]
    assert {f"{name}.py" for name in notebook_names()} <= {
        entry["name"] for folder in folders for entry in folder
    }
    notebook = json.loads(lab(f"/api/contents/book/figures/{figure_names()[0]}.py?type=notebook"))
    assert notebook["type"] == "notebook"
    assert notebook["content"]["cells"][1]["metadata"]["tags"] == ["parameters"]
    assert notebook["content"]["metadata"]["kernelspec"]["name"] == "python3"
    kernels = {
        name: kernel["spec"]["argv"][0]
        for name, kernel in json.loads(lab("/api/kernelspecs"))["kernelspecs"].items()
    }
    assert kernels["python3"] != "/nowhere/kernel"  # ours comes first
    assert kernels["r"] == "/nowhere/kernel"  # and others stay
    assert "Jupytext Notebook" in lab("/lab/api/settings/@jupyterlab/docmanager-extension:plugin")
