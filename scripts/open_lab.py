"""Open JupyterLab with the figures.

Every percent script opens as a notebook, is edited and run there, and is saved as a script.

With ``--prepare``, only the settings are made: Binder starts JupyterLab by itself. Other arguments
go to JupyterLab.
"""

import json
import os
import sys
from pathlib import Path

from command import command
from companion.places import ROOT


def prepare(environment: Path) -> Path:
    """Tell the environment's JupyterLab to open Python scripts as notebooks.

    Return the settings file written.
    """
    settings = environment / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    viewers = {
        "@jupyterlab/docmanager-extension:plugin": {
            "defaultViewers": {"python": "Jupytext Notebook"}
        }
    }
    settings.write_text(json.dumps(viewers, indent=2) + "\n", encoding="utf-8")
    return settings


@command
def main() -> None:
    """Prepare JupyterLab, and become its server unless told not to; Ctrl-C ends it."""
    prepare(Path(sys.prefix))
    if sys.argv[1:] == ["--prepare"]:
        return
    # The kernel of this environment comes before one of the same name from elsewhere.
    paths = [str(Path(sys.prefix) / "share" / "jupyter"), os.environ.get("JUPYTER_PATH")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    arguments = [
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={ROOT}",
        "--LabApp.default_url=/lab/tree/book/figures",
        *sys.argv[1:],
    ]
    os.execv(sys.executable, [sys.executable, *arguments])


if __name__ == "__main__":
    sys.exit(main())
