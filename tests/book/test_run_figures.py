"""Executing a figure: what is refused, what a failure leaves behind, and when it runs again."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version

import jupytext
import nbformat
import pytest

import run_figures
from companion.notebooks import execution, inputs, scratch, sources
from companion.notebooks.execution import execute, is_current
from companion.notebooks.inputs import inputs_digest
from companion.notebooks.scratch import as_page, run_in_scratch
from companion.notebooks.sources import (
    FigureError,
    check_parameters,
    default_parameters,
    find_source,
    notebook_names,
    parse_parameters,
    published_parameters,
)

NOTEBOOK = """# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,-all
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A figure

# %% tags=["parameters"]
count = 2  # a number

# %%
{code}
"""


@pytest.fixture
def figure(tmp_path, monkeypatch):
    """Return a function that writes a small figure into a repository of its own."""
    for module in (execution, inputs):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(execution, "LOCKS", (tmp_path / "requirements.lock",))
    monkeypatch.setattr(execution, "EXECUTED", tmp_path / "executed")
    monkeypatch.setattr(inputs, "PACKAGES", (tmp_path / "radixnet",))
    monkeypatch.setattr(scratch, "SCRATCH", tmp_path / "scratch")
    monkeypatch.setattr(sources, "FIGURES", (tmp_path,))
    (tmp_path / "requirements.lock").write_text("", encoding="utf-8")

    def write(code):
        source = tmp_path / "fig99_small.py"
        source.write_text(NOTEBOOK.format(code=code), encoding="utf-8")
        return source

    forget()
    yield write
    forget()  # what is remembered of this small repository is not true of the real one


def forget():
    """Forget the sums over code and data that were taken before."""
    inputs.code_digests.cache_clear()
    inputs.data_digest.cache_clear()


def printed(path):
    notebook = nbformat.read(path, as_version=4)
    return "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )


@pytest.mark.parametrize("changed", [{}, {"count": 3}])  # with which Papermill adds a cell
def test_a_failing_cell_is_named_and_leaves_the_earlier_result_alone(figure, tmp_path, changed):
    result = tmp_path / "result.ipynb"
    result.write_text("the earlier result", encoding="utf-8")
    with pytest.raises(
        FigureError, match=r"1 / 0\n\nfig99_small\.py, cell 3: ZeroDivisionError: division by zero$"
    ):
        execute(figure("1 / 0"), result, changed)
    assert result.read_text(encoding="utf-8") == "the earlier result"
    assert [path.name for path in tmp_path.rglob("*.ipynb")] == ["result.ipynb"]


def test_a_cell_that_takes_too_long_is_stopped_and_shown(figure, tmp_path):
    result = tmp_path / "result.ipynb"
    source = figure("pass")
    # In the first cell with code: before it, none can take too long.
    slow = "count = 2\nimport time; time.sleep(3600)"
    source.write_text(
        source.read_text(encoding="utf-8").replace("count = 2  # a number", slow), encoding="utf-8"
    )
    with pytest.raises(
        FigureError,
        match=(
            r"fig99_small\.py: stopped\. "
            r"A cell timed out[\s\S]* after 2 seconds[\s\S]*time\.sleep"
        ),
    ):
        execute(source, result, {}, timeout=2)
    assert not result.exists()


def test_an_unknown_parameter_is_refused_and_the_known_ones_are_listed(figure, tmp_path):
    with pytest.raises(FigureError, match=r"no parameter 'epoch'; it has: count"):
        execute(figure("pass"), tmp_path / "result.ipynb", {"epoch": 5})
    assert not (tmp_path / "result.ipynb").exists()


@pytest.mark.parametrize(
    ("value", "default"),
    [("five", 5), (5.0, 5), (True, 5), ("x", 0.5), (5, [5]), (None, 5)],
    ids=lambda value: repr(value),
)
def test_a_value_of_another_type_is_refused(value, default):
    with pytest.raises(FigureError, match=f"expected {type(default).__name__}"):
        check_parameters({"name": value}, {"name": default}, "fig99")


def test_a_whole_number_may_stand_for_a_float():
    check_parameters({"learning_rate": 1}, {"learning_rate": 0.001}, "fig99")


def test_values_are_read_as_python_and_all_else_as_text():
    values = {"5": 5, "1e-3": 0.001, "[[10, 10], [1]]": [[10, 10], [1]]}
    values |= {text: text for text in ("mnist", "[1, 2", "{[1]: 2}")}
    read = parse_parameters([(text, text) for text in values], {})
    assert read == values


@pytest.mark.parametrize("name", notebook_names())
def test_every_published_value_can_be_given_on_the_command_line(name):
    defaults = published_parameters(name)
    given = parse_parameters([(name, str(value)) for name, value in defaults.items()], defaults)
    check_parameters(given, defaults, name)
    assert given == defaults


def call(monkeypatch, *words):
    """Do what the command does with some words; return its exit status."""
    monkeypatch.setattr("sys.argv", ["run_figures.py", *words])
    with pytest.raises(SystemExit) as ended:
        run_figures.main()
    return ended.value.code


@pytest.mark.parametrize(
    ("words", "parameters"),
    [
        (["-p", "learning_rate", "-1e-3"], {"learning_rate": -0.001}),
        (
            ["-p", "engine", "--scratch", "-p", "epochs", "-5"],
            {"engine": "--scratch", "epochs": -5},
        ),
        (["-p", "engine", "5"], {"engine": "5"}),
    ],
)
def test_a_value_may_begin_with_a_hyphen_and_a_text_look_like_a_number(
    words, parameters, monkeypatch
):
    given = []
    monkeypatch.setattr(
        run_figures,
        "run_in_scratch",
        lambda _, parameters, __: given.append(parameters) or ("", ""),
    )
    assert call(monkeypatch, *words, "fig09", "--scratch") == 0
    assert given == [parameters]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fig09", "--scratch", "-p", "epochs"], "'-p' requires 2 arguments"),
        (["fig01", "-p", "close_up", "10"], "add --scratch"),
        (["--scratch"], "name one figure"),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(words, said, monkeypatch, capsys):
    status = call(monkeypatch, *words)
    assert status
    assert said in f"{status} {capsys.readouterr().err}"


def test_a_notebook_says_what_its_process_was_and_not_what_tensorflow_is_pleased_to_say(
    figure, tmp_path
):
    locked = f"numpy==0.1\nnbformat=={version('nbformat')}\n"
    (tmp_path / "requirements.lock").write_text(locked, encoding="utf-8")
    code = """import platform, sys, radixnet
platform.python_version = lambda: "3.99"
radixnet.__version__ = "99"
sys.stderr.write("I0000 00:00:1 2 port.cc:153] oneDNN is on.\\nUserWarning: look\\n");"""
    execute(figure(code), tmp_path / "result.ipynb", {})
    text = (tmp_path / "result.ipynb").read_text(encoding="utf-8")
    found = json.loads(text)["metadata"]["radixnet"]
    assert (found["python"], found["radixnet"]) == ("3.99", "99")
    assert found["other_versions"] == {"numpy": version("numpy")}
    assert str(tmp_path) not in text  # the notebook goes out to readers
    assert str(execution.PACKAGE.parent) not in text
    assert printed(tmp_path / "result.ipynb") == "UserWarning: look\n"


def test_a_notebook_that_imports_another_radixnet_is_refused(figure, tmp_path):
    source = figure("import radixnet; radixnet.__file__ = '/elsewhere/radixnet/__init__.py'")
    with pytest.raises(
        FigureError, match=r"imported from /elsewhere/radixnet and not from .*; unset PYTHONPATH"
    ):
        execute(source, tmp_path / "result.ipynb", {})
    assert not (tmp_path / "result.ipynb").exists()


def test_a_notebook_is_current_until_its_source_changes(figure, tmp_path):
    source = figure("print(1)")
    assert not is_current(source)
    execute(source, tmp_path / "executed" / "fig99_small.ipynb", {})
    assert is_current(source)
    assert not is_current(figure("print(2)"))


def test_a_source_that_is_edited_while_it_executes_is_executed_again(figure, tmp_path):
    place = tmp_path / "fig99_small.py"
    source = figure(
        f"with open({str(place)!r}, 'a', encoding='utf-8') as file:\n    file.write('# later')"
    )
    execute(source, tmp_path / "executed" / "fig99_small.ipynb", {})
    assert not is_current(source)


def test_a_figure_runs_again_when_code_that_it_imports_or_data_changed_and_not_for_prose(
    figure, tmp_path
):
    source = figure("print(1)").read_text(encoding="utf-8")
    package = tmp_path / "radixnet"
    package.mkdir()
    used, other = package / "used.py", package / "other.py"
    modules = ["radixnet.used"]

    def now(**files):
        for name, text in files.items():
            (package / f"{name}.py").write_text(text, encoding="utf-8")
        forget()
        return inputs_digest(source, {}, modules)

    before = now(
        used='"""Prose."""\n\n\ndef f():\n    """More."""\n    return 1\n', other="x = 1\n"
    )
    assert inputs_digest(source, {"count": 3}, modules) != before
    assert now(used='"""Better prose."""\n\n\ndef f():\n    return 1  # a comment\n') == before
    assert now(other="x = 2\n") == before
    assert now(used="def f():\n    return 2\n") != before
    assert now(used="def f():\n    return 1\n") == before
    used.rename(other)
    assert now() != before
    other.rename(used)
    assert now() == before
    (package / ".cache").mkdir()
    (package / ".cache" / "of_a_tool").write_text("", encoding="utf-8")
    assert now() == before
    (package / "table.json").write_text("{}", encoding="utf-8")
    assert now() != before


IN_A_PROCESS = """
import sys
from pathlib import Path
from companion.notebooks import execution, scratch, sources
import run_figures
folder = Path(sys.argv[1])
execution.ROOT, sources.FIGURES, scratch.SCRATCH = folder, (folder,), folder / "scratch"
sys.argv = ["run_figures.py", "fig99", "--scratch"]
run_figures.main()
"""


def test_another_locale_and_another_jupyter_on_the_machine_do_not_matter(figure, tmp_path):
    """No UTF-8; a kernel that does not start, a broken template, an IPython that defines a name."""
    other = tmp_path / "other"
    kernel = {"argv": ["/nowhere/python"], "display_name": "Python 3", "language": "python"}
    for name, content in {
        "kernels/python3/kernel.json": json.dumps(kernel),
        "nbconvert/templates/lab/index.html.j2": "{% broken %}",
        "profile_default/startup/first.py": "count_of_others = 1",
    }.items():
        (other / name).parent.mkdir(parents=True)
        (other / name).write_text(content, encoding="utf-8")
    said = "\N{LEFT DOUBLE QUOTATION MARK}\N{MULTIPLICATION SIGN}\N{SNOWMAN}"
    figure(f"print('{said}', [name for name in globals() if 'others' in name])")
    environment = dict.fromkeys(("JUPYTER_PATH", "JUPYTER_DATA_DIR", "IPYTHONDIR"), str(other))
    environment |= {"JUPYTER_PREFER_ENV_PATH": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    environment |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-c", IN_A_PROCESS, str(tmp_path)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]
    page = (tmp_path / "scratch" / "fig99_small.html").read_text(encoding="utf-8")
    assert f"{said} []\n" in page


def test_figures_are_found_by_their_number_and_unknown_ones_named():
    assert find_source("fig09").name == "fig09_seeds.py"
    assert find_source("fig09_seeds").name == "fig09_seeds.py"
    with pytest.raises(FigureError, match=r"no figure 'fig42'; choose one of: fig01_adjacency"):
        find_source("fig42")


def test_a_notebook_without_a_parameters_cell_is_refused():
    with pytest.raises(FigureError, match="exactly one cell tagged 'parameters'"):
        default_parameters(jupytext.reads("# %%\nx = 1\n", fmt="py:percent"))


def test_scratch_runs_keep_apart_and_leave_pages_that_load_nothing(figure):
    source = figure('print("count:", count)\n\n# %% tags=["remove-cell"]\nprint("for the book")')
    source.write_text(
        source.read_text(encoding="utf-8").replace("count = 2", "count = [[1], [2]]"),
        encoding="utf-8",
    )
    values = [[1, 2]], [[1], [2]]
    notebooks, pages = zip(
        *(run_in_scratch("fig99", {"count": value}, execution.CELL_TIMEOUT) for value in values),
        strict=True,
    )
    for value, notebook, page in zip(values, notebooks, pages, strict=True):
        assert f"count: {value}\n" in printed(notebook)
        text = page.read_text(encoding="utf-8")
        assert f"count: {value}\n" in text
        assert "for the book" not in text
        assert not re.search(r"""(src|href)=["']https?:""", text)


def page_of(folder, *cells):
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "result.ipynb")
    return as_page(folder / "result.ipynb")


def test_a_scratch_page_shows_terms_and_citations_without_the_marks_of_the_book(tmp_path):
    text = "The {term}`radix lists <radix list>` of a {term}`topology` {cite}`kwak2023`."
    assert "<p>The radix lists of a topology [kwak2023].</p>" in page_of(
        tmp_path, nbformat.v4.new_markdown_cell(text)
    )


def test_a_scratch_page_answers_as_the_page_of_the_book_does(tmp_path):
    def showing(html):
        output = nbformat.v4.new_output("display_data", {"text/html": html})
        return page_of(tmp_path, nbformat.v4.new_code_cell("show()", outputs=[output]))

    assert "interactive.js" not in showing("<p>a table</p>")
    data = '{"address": "../explorer.html#radix_lists=1"}'
    page = showing(
        '<div class="interactive-figure" hidden><script '
        f'type="application/json">{data}</script></div>'
    )
    loaded = re.findall(r'(?:src|href)="(interactive[^"]+)"', page)
    assert sorted(loaded) == ["interactive.css", "interactive.js"]
    assert all((tmp_path / name).is_file() for name in (*loaded, "plotly.min.js"))
    assert '"../html/book/explorer.html#radix_lists=1"' in page
