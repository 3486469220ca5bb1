"""Executing a figure: what is refused, what is left behind when it fails, and when it runs again."""

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
from companion.notebooks.execution import execute
from companion.notebooks.inputs import fingerprint
from companion.notebooks.sources import (
    FigureError,
    check_parameters,
    default_parameters,
    find_source,
    notebook_names,
    parse_parameters,
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
    monkeypatch.setattr(run_figures, "ROOT", tmp_path)
    monkeypatch.setattr(run_figures, "PACKAGES", (tmp_path / "radixnet",))
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
    run_figures.code_digests.cache_clear()
    run_figures._data_digest.cache_clear()


def printed(path):
    notebook = nbformat.read(path, as_version=4)
    return "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))


def test_a_parameter_from_the_command_line_reaches_the_notebook(figure, tmp_path):
    result = tmp_path / "out" / "result.ipynb"
    execute(figure("print(count * 10)"), result, {"count": 7})
    assert printed(result) == "70\n"


def test_a_failing_cell_is_named_and_leaves_the_earlier_result_alone(figure, tmp_path):
    result = tmp_path / "result.ipynb"
    result.write_text("the earlier result", encoding="utf-8")
    with pytest.raises(FigureError, match=r"1 / 0\n\nfig99_small\.py, cell 3: ZeroDivisionError: division by zero$"):
        execute(figure("1 / 0"), result, {})
    assert result.read_text(encoding="utf-8") == "the earlier result"
    assert [path.name for path in tmp_path.glob("*.ipynb")] == ["result.ipynb"]
    assert not list(tmp_path.glob(".*.ipynb"))


def test_a_cell_that_takes_too_long_is_stopped(figure, tmp_path):
    result = tmp_path / "result.ipynb"
    source = figure("pass")
    slow = "count = 2\nimport time; time.sleep(3600)"  # in the first cell with code: before it, none can take too long
    source.write_text(source.read_text(encoding="utf-8").replace("count = 2  # a number", slow), encoding="utf-8")
    with pytest.raises(FigureError, match=r"fig99_small\.py, cell 2: took more than 2 seconds"):
        execute(source, result, {}, timeout=2)
    assert not result.exists()


def test_an_unknown_parameter_is_refused_and_the_known_ones_are_listed(figure, tmp_path):
    with pytest.raises(FigureError, match=r"no parameter 'epoch'; it has: count"):
        execute(figure("pass"), tmp_path / "result.ipynb", {"epoch": 5})
    assert not (tmp_path / "result.ipynb").exists()


@pytest.mark.parametrize(
    ("value", "default"), [("five", 5), (5.0, 5), (True, 5), ("x", 0.5), (5, [5]), (None, 5)], ids=lambda value: repr(value)
)
def test_a_value_of_another_type_is_refused(value, default):
    with pytest.raises(FigureError, match=f"expected {type(default).__name__}"):
        check_parameters({"name": value}, {"name": default}, "fig99")


def test_a_whole_number_may_stand_for_a_float():
    check_parameters({"learning_rate": 1}, {"learning_rate": 0.001}, "fig99")


def test_values_are_read_as_python_and_all_else_as_text():
    pairs = [("a", "5"), ("b", "0.5"), ("c", "[[10, 10], [1]]"), ("d", "mnist")]
    assert parse_parameters(pairs, {}) == {"a": 5, "b": 0.5, "c": [[10, 10], [1]], "d": "mnist"}
    assert parse_parameters([("rate", "1e-3"), ("open", "[1, 2")], {}) == {"rate": 0.001, "open": "[1, 2"}
    assert parse_parameters([("unhashable", "{[1]: 2}")], {}) == {"unhashable": "{[1]: 2}"}


@pytest.mark.parametrize("name", notebook_names())
def test_every_published_value_can_be_given_on_the_command_line(name):
    defaults = default_parameters(jupytext.read(find_source(name)))
    pairs = [(name, value if isinstance(value, str) else repr(value)) for name, value in defaults.items()]
    given = parse_parameters(pairs, defaults)
    check_parameters(given, defaults, name)
    assert given == defaults


@pytest.mark.parametrize(
    ("words", "parameters"),
    [
        (["-p", "learning_rate", "-1e-3"], {"learning_rate": -0.001}),
        (["-p", "engine", "--scratch", "-p", "epochs", "-5"], {"engine": "--scratch", "epochs": -5}),
        (["-p", "engine", "5"], {"engine": "5"}),
    ],
)
def test_a_value_may_begin_with_a_hyphen_and_a_text_look_like_a_number(words, parameters, monkeypatch):
    given = []
    monkeypatch.setattr(run_figures, "run_in_scratch", lambda _, parameters, __: given.append(parameters) or ("", ""))
    monkeypatch.setattr("sys.argv", ["run_figures.py", *words, "fig09", "--scratch"])
    assert run_figures.main() == 0
    assert given == [parameters]


def test_a_parameter_without_a_value_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["run_figures.py", "fig09", "--scratch", "-p", "epochs"])
    with pytest.raises(SystemExit):
        run_figures.main()
    assert "-p: expected 2 arguments" in capsys.readouterr().err


def record(path):
    return nbformat.read(path, as_version=4).metadata["radixnet"]


def test_what_executed_a_notebook_is_asked_of_its_process(figure, tmp_path):
    (tmp_path / "requirements.lock").write_text(f"numpy==0.1\nnbformat=={version('nbformat')}\n", encoding="utf-8")
    said = "import platform, radixnet; platform.python_version = lambda: '3.99'; radixnet.__version__ = '99'"
    execute(figure(said), tmp_path / "result.ipynb", {})
    found = record(tmp_path / "result.ipynb")
    assert (found["python"], found["radixnet"]) == ("3.99", "99")
    assert found["other_versions"] == {"numpy": version("numpy")}


def test_a_notebook_that_imports_another_radixnet_is_refused(figure, tmp_path):
    source = figure("import radixnet; radixnet.__file__ = '/elsewhere/radixnet/__init__.py'")
    with pytest.raises(FigureError, match=r"imported from /elsewhere/radixnet and not from .*; unset PYTHONPATH"):
        execute(source, tmp_path / "result.ipynb", {})
    assert not (tmp_path / "result.ipynb").exists()


def test_a_source_that_is_edited_while_it_executes_is_executed_again(figure, tmp_path, monkeypatch):
    monkeypatch.setattr(run_figures, "EXECUTED", tmp_path / "executed")
    place = tmp_path / "fig99_small.py"
    source = figure(f"with open({str(place)!r}, 'a', encoding='utf-8') as file:\n    file.write('# later')")
    execute(source, tmp_path / "executed" / "fig99_small.ipynb", {})
    assert not run_figures.is_current(source)


def test_an_executed_notebook_names_no_place_of_the_machine(figure, tmp_path):
    execute(figure("print(count)"), tmp_path / "result.ipynb", {})
    text = (tmp_path / "result.ipynb").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert str(run_figures.PACKAGE.parent) not in text


IN_A_PROCESS = """
import sys
from pathlib import Path
import run_figures
folder = Path(sys.argv[1])
run_figures.ROOT, run_figures.SOURCES, run_figures.SCRATCH = folder, (folder,), folder / "scratch"
sys.argv = ["run_figures.py", "fig99", "--scratch"]
sys.exit(run_figures.main())
"""


def scratch_run_in(environment, tmp_path):
    """Do what `make figure` does, in a process with other environment variables; return the page."""
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", IN_A_PROCESS, str(tmp_path)]
    done = subprocess.run(command, env=os.environ | paths | environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]
    return (tmp_path / "scratch" / "fig99_small.html").read_text(encoding="utf-8")


def test_a_figure_is_executed_in_a_locale_without_utf_8(figure, tmp_path):
    figure("print('\N{LEFT DOUBLE QUOTATION MARK}\N{MULTIPLICATION SIGN}\N{SNOWMAN}')")
    page = scratch_run_in({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, tmp_path)
    assert "\N{LEFT DOUBLE QUOTATION MARK}\N{MULTIPLICATION SIGN}\N{SNOWMAN}\n" in page


@pytest.mark.parametrize("variable", ["JUPYTER_PATH", "JUPYTER_DATA_DIR"])
def test_another_jupyter_on_the_machine_does_not_matter(figure, tmp_path, variable):
    """Its kernel does not start, its page template is broken, and its IPython defines a name."""
    other = tmp_path / "other"
    broken = {
        "kernels/python3/kernel.json": json.dumps({"argv": ["/nowhere/python"], "display_name": "Python 3", "language": "python"}),
        "nbconvert/templates/lab/index.html.j2": "{% broken %}",
        "profile_default/startup/first.py": "count_of_others = 1",
    }
    for name, content in broken.items():
        (other / name).parent.mkdir(parents=True)
        (other / name).write_text(content, encoding="utf-8")
    figure("print('names of others:', [name for name in globals() if 'others' in name])")
    page = scratch_run_in({variable: str(other), "JUPYTER_PREFER_ENV_PATH": "0", "IPYTHONDIR": str(other)}, tmp_path)
    assert "names of others: []" in page


def test_figures_are_found_by_their_number_and_unknown_ones_named():
    assert find_source("fig09").name == "fig09_seeds.py"
    assert find_source("fig09_seeds").name == "fig09_seeds.py"
    with pytest.raises(FigureError, match=r"no figure 'fig42'; choose one of: fig01_adjacency"):
        find_source("fig42")


def test_source_and_parameters_decide_whether_a_figure_runs_again():
    before = fingerprint("print(1)", {})
    assert fingerprint("print(1)", {}) == before
    assert fingerprint("print(1)", {"count": 3}) != before
    assert fingerprint("print(2)", {}) != before


def test_a_figure_runs_again_when_code_that_it_imports_or_data_changed_and_not_for_prose(figure, tmp_path):
    source = figure("print(1)").read_text(encoding="utf-8")
    package = tmp_path / "radixnet"
    package.mkdir()
    used, other = package / "used.py", package / "other.py"
    modules = ["radixnet.used"]

    def now(**files):
        for name, text in files.items():
            (package / f"{name}.py").write_text(text, encoding="utf-8")
        forget()
        return fingerprint(source, {}, modules)

    before = now(used='"""Prose."""\n\n\ndef f():\n    """More."""\n    return 1\n', other="x = 1\n")
    assert now(used='"""Better prose."""\n\n\ndef f():\n    return 1  # a comment\n') == before
    assert now(other="x = 2\n") == before
    assert now(used="def f():\n    return 2\n") != before
    assert now(used="def f():\n    return 1\n") == before
    used.rename(other)
    assert now() != before
    other.rename(used)
    assert now() == before
    (package / "table.json").write_text("{}", encoding="utf-8")
    assert now() != before


def test_a_notebook_without_a_parameters_cell_is_refused():
    with pytest.raises(FigureError, match="exactly one cell tagged 'parameters'"):
        default_parameters(jupytext.reads("# %%\nx = 1\n", fmt="py:percent"))


def test_a_scratch_run_leaves_a_notebook_and_a_page_that_loads_nothing(figure, tmp_path, monkeypatch):
    monkeypatch.setattr(run_figures, "SCRATCH", tmp_path / "scratch")
    monkeypatch.setattr(run_figures, "SOURCES", (tmp_path,))
    figure("print('the count is', count)")
    notebook, page = run_figures.run_in_scratch("fig99", {"count": 5}, run_figures.CELL_TIMEOUT)
    assert printed(notebook) == "the count is 5\n"
    assert "the count is 5" in page.read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["']https?:""", page.read_text(encoding="utf-8"))


def test_scratch_runs_with_other_parameters_keep_apart(figure, tmp_path, monkeypatch):
    monkeypatch.setattr(run_figures, "SCRATCH", tmp_path / "scratch")
    monkeypatch.setattr(run_figures, "SOURCES", (tmp_path,))
    source = figure("print(count)")
    source.write_text(source.read_text(encoding="utf-8").replace("count = 2", "count = [[1], [2]]"), encoding="utf-8")
    values = [[1, 2]], [[1], [2]]
    places = {run_figures.run_in_scratch("fig99", {"count": value}, run_figures.CELL_TIMEOUT)[0] for value in values}
    assert {printed(place) for place in places} == {"[[1, 2]]\n", "[[1], [2]]\n"}


def test_cell_numbers_are_those_of_the_source_with_changed_parameters_too(figure, tmp_path):
    with pytest.raises(FigureError, match=r"cell 3: ZeroDivisionError"):
        execute(figure("1 / 0"), tmp_path / "result.ipynb", {"count": 3})


def test_what_tensorflow_says_for_information_is_dropped_and_all_else_stays(figure, tmp_path):
    said = "I0000 00:00:1 2 port.cc:153] oneDNN custom operations are on.\\nUserWarning: look here\\n"
    result = tmp_path / "result.ipynb"
    execute(figure(f"import sys; sys.stderr.write('{said}');"), result, {})
    assert printed(result) == "UserWarning: look here\n"


def test_a_notebook_is_current_until_its_source_changes(figure, tmp_path, monkeypatch):
    monkeypatch.setattr(run_figures, "EXECUTED", tmp_path / "executed")
    source = figure("print(1)")
    assert not run_figures.is_current(source)
    execute(source, tmp_path / "executed" / "fig99_small.ipynb", {})
    assert run_figures.is_current(source)
    assert not run_figures.is_current(figure("print(2)"))


def test_changed_parameters_never_go_into_the_book(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["run_figures.py", "fig01", "-p", "close_up", "10"])
    assert run_figures.main() == 1
    assert "add --scratch" in capsys.readouterr().err


def test_a_scratch_page_leaves_out_what_only_the_book_needs(figure, tmp_path):
    result = tmp_path / "result.ipynb"
    execute(figure('print("shown")\n\n# %% tags=["remove-cell"]\nprint("for the book")'), result, {})
    page = run_figures.as_page(result)
    assert "shown" in page
    assert "for the book" not in page


def test_a_scratch_page_answers_as_the_page_of_the_book_does(tmp_path):
    def page_of(html):
        cell = nbformat.v4.new_code_cell("show()", outputs=[nbformat.v4.new_output("display_data", {"text/html": html})])
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "result.ipynb")
        return run_figures.as_page(tmp_path / "result.ipynb")

    assert "interactive.js" not in page_of("<p>a table</p>")
    data = '{"address": "../explorer.html#radix_lists=1"}'
    page = page_of(f'<div class="interactive-figure" hidden><script type="application/json">{data}</script></div>')
    loaded = re.findall(r'(?:src|href)="(interactive[^"]+)"', page)
    assert sorted(loaded) == ["interactive.css", "interactive.js"]
    assert all((tmp_path / name).is_file() for name in (*loaded, "plotly.min.js"))
    assert '"../html/book/explorer.html#radix_lists=1"' in page
