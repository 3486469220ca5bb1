"""The pictures show the columns that they say they show.

What is drawn, beside the published files as they stand.
"""

from collections import Counter

import jupytext
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from published_file import POSSIBLE, rows, runs

from companion import plots, publication, story
from companion.notebooks.sources import find_source


@pytest.fixture
def drawn(monkeypatch):
    """Return a list that fills with the figures that are drawn."""
    figures = []

    def draw_once(draw, alt, size):  # noqa: ARG001
        figures.append(Figure(size))
        draw(figures[-1])

    monkeypatch.setattr(plots, "themed", draw_once)
    return figures


@pytest.fixture
def picture_of(drawn, monkeypatch, tmp_path):
    """Return a function that executes a notebook up to its figure, and returns that as drawn."""
    monkeypatch.setattr(publication, "working_store_paths", lambda: [tmp_path / "runs.sqlite"])

    def execute(name):
        values = {}
        code = [cell for cell in jupytext.read(find_source(name)).cells if cell.cell_type == "code"]
        last = next(
            place for place, cell in enumerate(code) if "figure" in cell.metadata.get("tags", [])
        )
        for cell in code[: last + 1]:
            exec(compile(cell.source, name, "exec"), values)  # noqa: S102 (our own notebook)
        return drawn[-1]

    return execute


def panel(figure, label):
    (axes,) = [axes for axes in figure.axes if axes.get_ylabel() == label]
    return axes


def points(axes):
    """Return the points of scatter plots, rounded, and how often each is there."""
    found = [
        offset
        for each in axes.collections
        if isinstance(each, PathCollection)
        for offset in each.get_offsets().tolist()
    ]
    return Counter((round(across, 9), round(up, 9)) for across, up in found)


def curves(axes, epochs):
    """Return the lines that have a point for each epoch."""
    return sorted(list(line.get_ydata()) for line in axes.lines if len(line.get_ydata()) == epochs)


def expected_points(found, column):
    return Counter((round(run["absent"] / POSSIBLE, 9), round(run[column], 9)) for run in found)


def test_figure_4_draws_the_validation_accuracy_of_every_network_against_sparsity(picture_of):
    figure = picture_of("fig04")
    assert points(panel(figure, "validation accuracy")) == expected_points(
        runs("fig04"), "validation"
    )


def test_figure_5_draws_the_range_over_starts_of_every_network(picture_of):
    (axes,) = picture_of("fig05").axes
    by_network = {}
    for run in runs("fig05"):
        place = (run["radix_lists"], run["absent"])
        by_network.setdefault(place, []).append(run["validation"])
    expected = Counter(
        (round(absent / POSSIBLE, 9), round(max(found) - min(found), 9))
        for (_, absent), found in by_network.items()
    )
    assert points(axes) == expected


def test_figure_8_draws_the_training_accuracy_of_the_strange_models_over_30_epochs(picture_of):
    figure = picture_of("fig08")
    assert curves(panel(figure, "training accuracy"), 30) == sorted(
        run["curve"] for run in runs("fig08", 30)
    )


def test_figure_9_draws_the_training_accuracy_of_either_model(picture_of):
    normal, strange = picture_of("fig09").axes
    for axes, lists in ((normal, "[[10, 10], [10]]"), (strange, "[[10, 10], [1]]")):
        assert curves(axes, 10) == sorted(
            run["curve"] for run in runs("fig09") if run["radix_lists"] == lists
        )


def test_the_story_draws_the_accuracies_that_it_tells_of(drawn):
    story.found()
    story.confirmed()
    story.new()
    found, confirmed, new = (figure.axes[0] for figure in drawn)
    assert points(found) == expected_points(runs("fig08", 3), "train")
    assert curves(confirmed, 10) == sorted(run["curve"] for run in runs("fig09"))
    heights = Counter(up for _, up in points(new).elements())
    repaired = [
        row
        for row in rows("beyond.csv.gz")
        if row["figure"] == "repair" and row["variant"] in story.REPAIRS
    ]
    assert heights == Counter(round(float(row["test_accuracy"]), 9) for row in repaired)
