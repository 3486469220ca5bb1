"""Every notebook keeps the rules, and when executed it is whole."""

import jupytext
import nbformat
import pytest

from companion.notebooks.execution import EXECUTED, is_current
from companion.notebooks.rules import problems, problems_of_form
from companion.notebooks.sources import figure_names, find_source, lesson_names, notebook_names


@pytest.fixture(params=figure_names())
def name(request):
    return request.param


@pytest.fixture(params=notebook_names())
def any_name(request):
    return request.param


def tagged(notebook, tag):
    return [
        position
        for position, cell in enumerate(notebook.cells)
        if tag in cell.metadata.get("tags", [])
    ]


def test_the_source_keeps_the_rules_of_the_house(name):
    assert problems(find_source(name)) == []


@pytest.mark.parametrize("lesson", lesson_names())
def test_the_source_of_a_lesson_keeps_the_rules_of_form(lesson):
    assert problems_of_form(find_source(lesson)) == []


def test_a_figure_to_point_at_stands_in_for_the_picture_before_it(name):
    notebook = jupytext.read(find_source(name))
    places = tagged(notebook, "interactive")
    assert len(places) == name.startswith(("fig03", "fig04", "fig05", "fig08"))
    for place in places:
        before = place - 2 if place - 1 in tagged(notebook, "caption") else place - 1
        assert before in tagged(notebook, "figure")
        assert place in tagged(notebook, "remove-input")


def test_the_executed_notebook_is_up_to_date_and_complete(any_name):
    assert is_current(find_source(any_name)), (
        "run make book first: the executed notebook is out of date"
    )
    executed = nbformat.read(EXECUTED / f"{any_name}.ipynb", as_version=4)
    nbformat.validate(executed)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = [output.output_type for cell in code for output in cell.outputs]
    assert "error" not in kinds
    assert "injected-parameters" not in str(executed)


def test_no_library_warns_on_a_page(any_name):
    executed = nbformat.read(EXECUTED / f"{any_name}.ipynb", as_version=4)
    shown = [
        cell for cell in executed.cells if "remove-stderr" not in cell.metadata.get("tags", [])
    ]
    warnings = [
        output.text
        for cell in shown
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]
    assert warnings == []
