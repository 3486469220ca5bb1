"""A notebook executed with changed parameters.

Into a folder of its own, with a page that loads nothing from elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from nbconvert import HTMLExporter
from nbconvert.preprocessors import TagRemovePreprocessor
from plotly.offline import get_plotlyjs

from companion.notebooks.execution import execute
from companion.notebooks.sources import find_source
from companion.places import BUILD, ROOT

SCRATCH = BUILD / "scratch"


def run_in_scratch(name: str, parameters: Mapping[str, Any], timeout: int) -> tuple[Path, Path]:
    """Execute one figure with changed parameters.

    Return where the notebook and its page as one HTML file lie.
    """
    source = find_source(name)
    changes = json.dumps(parameters, sort_keys=True, default=repr)
    # Readable, and with a few letters that tell [[10, 10], [10]] from [[10, 10, 10]].
    label = (
        re.sub(r"[^\w.-]+", "-", changes).strip("-")[:80]
        + "."
        + hashlib.sha256(changes.encode()).hexdigest()[:6]
    )
    notebook = SCRATCH / (f"{source.stem}.{label}.ipynb" if parameters else f"{source.stem}.ipynb")
    execute(source, notebook, parameters, timeout)
    page = notebook.with_suffix(".html")
    page.write_text(as_page(notebook), encoding="utf-8")
    return notebook, page


def as_page(notebook: Path) -> str:
    """Return an executed notebook as one HTML page that loads nothing from elsewhere.

    Cells that only the book needs are left out.
    """
    own = Path(sys.prefix) / "share" / "jupyter" / "nbconvert" / "templates"  # before JUPYTER_PATH
    exporter = HTMLExporter(
        extra_template_basedirs=[str(own)],
        mathjax_url="",
        require_js_url="",
        jquery_url="",
        mermaid_js_url="",
    )
    book_only = TagRemovePreprocessor(
        remove_cell_tags={"remove-cell"}, remove_input_tags={"remove-input"}
    )
    exporter.register_preprocessor(book_only, enabled=True)
    page, _ = exporter.from_filename(str(notebook))
    # What only the book resolves: citations become their keys, terms text, formulas get MathJax,
    # copied beside the page.
    page = re.sub(r"\{cite\}<code>(\w+)</code>", r"[\1]", page)
    page = re.sub(r"\{term\}<code>(.+?)(?: &lt;.+?&gt;)?</code>", r"\1", page)
    mathjax = Path(str(files("sphinx-mathjax-offline"))) / "static" / "mathjax" / "tex-svg.js"
    shutil.copyfile(mathjax, notebook.parent / mathjax.name)
    if 'class="interactive-figure"' in page:
        page = _with_interactive_figures(page, notebook.parent)
    settings = 'MathJax = {tex: {inlineMath: [["$", "$"], ["\\\\(", "\\\\)"]]}}'
    return page.replace(
        "</head>",
        f'<script>{settings}</script><script defer src="{mathjax.name}"></script></head>',
        1,
    )


def _with_interactive_figures(page: str, folder: Path) -> str:
    """Return a page with the scripts of its interactive figures, copied beside it.

    Their links lead to the explorer of the book.
    """
    for name in ("interactive.js", "interactive.css"):
        shutil.copyfile(ROOT / "book" / "_static" / name, folder / name)
    (folder / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    page = page.replace("../explorer.html#", "../html/book/explorer.html#")
    return page.replace(
        "</head>",
        '<link rel="stylesheet" href="interactive.css"><script defer '
        'src="interactive.js"></script></head>',
        1,
    )
