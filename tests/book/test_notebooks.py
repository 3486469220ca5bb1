"""Every notebook is a well-formed percent script, and its executed form whole; figures and chapters keep the house order, too."""

import re

import jupytext
import nbformat
import pytest

from run_figures import EXECUTED, default_parameters, figure_names, find_source, is_current, notebook_names


@pytest.fixture(params=figure_names())
def name(request):
    return request.param


@pytest.fixture(params=notebook_names())
def any_name(request):
    return request.param


@pytest.fixture
def notebook(name):
    return jupytext.read(find_source(name))


def tagged(notebook, tag):
    return [position for position, cell in enumerate(notebook.cells) if tag in cell.metadata.get("tags", [])]


def test_a_figure_of_the_paper_says_first_what_the_paper_says(name, notebook):
    title = notebook.cells[0].source
    if find_source(name).parent.name == "figures":
        assert re.match(rf"# Figure {int(name[3:5])}: ", title)
        assert "**The paper" in title
        assert "{cite}`kwak2023`" in title


def test_the_cells_come_in_the_house_order(notebook):
    first, last = notebook.cells[0], notebook.cells[-1]
    order = [tagged(notebook, tag) for tag in ("parameters", "figure", "nbval-check-output", "remove-cell")]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert all(len(positions) == 1 for positions in order)
    assert sorted(order) == order
    assert order[0] == [1]
    assert last.source.startswith("## Try this")
    assert 2 <= last.source.count("\n- ") <= 4


def test_every_parameter_says_what_it_may_be(any_name):
    notebook = jupytext.read(find_source(any_name))
    lines = notebook.cells[tagged(notebook, "parameters")[0]].source.splitlines()
    comments, assignments = lines[0::2], lines[1::2]
    assert all(re.fullmatch(r"# [A-Z].{15,}\.", comment) for comment in comments)
    assert [line.split(" = ")[0] for line in assignments] == list(default_parameters(notebook))


def test_reading_and_writing_changes_nothing(any_name):
    source = find_source(any_name).read_text()
    assert jupytext.writes(jupytext.read(find_source(any_name)), fmt="py:percent") == source


def test_the_header_keeps_tags_and_kernel(any_name):
    header = find_source(any_name).read_text().split("# %%")[0]
    assert "cell_metadata_filter: tags,-all" in header
    assert "name: python3" in header
    assert "jupytext_version:" not in header


def test_the_executed_notebook_is_up_to_date_and_complete(any_name):
    assert is_current(find_source(any_name)), "run make book first: the executed notebook is out of date"
    executed = nbformat.read(EXECUTED / f"{any_name}.ipynb", as_version=4)
    nbformat.validate(executed)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = [output.output_type for cell in code for output in cell.outputs]
    assert "error" not in kinds
    assert "injected-parameters" not in str(executed)


def test_no_library_warns_on_a_page(any_name):
    executed = nbformat.read(EXECUTED / f"{any_name}.ipynb", as_version=4)
    shown = [cell for cell in executed.cells if "remove-stderr" not in cell.metadata.get("tags", [])]
    warnings = [output.text for cell in shown for output in cell.get("outputs", []) if output.get("name") == "stderr"]
    assert warnings == []


def test_the_lines_that_state_the_claims_are_compared(name):
    executed = nbformat.read(EXECUTED / f"{name}.ipynb", as_version=4)
    (position,) = tagged(executed, "nbval-check-output")
    text = "".join(output.text for output in executed.cells[position].outputs)
    assert len(text.splitlines()) >= 3


def test_the_numbers_behind_the_figure_can_be_downloaded(name):
    executed = nbformat.read(EXECUTED / f"{name}.ipynb", as_version=4)
    links = re.findall(r'download=\\?"(\w+)\.csv', str(executed))
    assert [link for link in links if link.startswith(name.split("_")[0])]
