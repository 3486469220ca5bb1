"""The pictures of Figs. 4, 5 and 8 show every run where it belongs: checked on what is drawn."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from companion import plots


def axes():
    return Figure(dpi=100).add_subplot()


def test_every_network_is_a_point_in_the_colour_of_its_group():
    sparsity, accuracy, group = (
        np.array([0.1, 0.5, 0.9, 0.95]),
        np.array([0.9, 0.8, 0.7, 0.3]),
        np.array([4, 4, 1, 2]),
    )
    drawn = plots.draw_accuracies(
        axes(), sparsity, accuracy, group, {4: "many", 2: "two", 1: "one"}
    )
    points = {
        collection.get_label(): collection.get_offsets().tolist()
        for collection in drawn.collections
    }
    assert points == {"many": [[0.1, 0.9], [0.5, 0.8]], "two": [[0.95, 0.3]], "one": [[0.9, 0.7]]}


def test_the_stretched_axis_gives_every_tenfold_loss_of_connections_the_same_room():
    drawn = plots.stretch_sparsity(axes(), 0.9995)
    drawn.figure.canvas.draw()
    places = [drawn.transData.transform((sparsity, 0))[0] for sparsity in (0, 0.9, 0.99, 0.999)]
    assert np.diff(places) == pytest.approx([places[1] - places[0]] * 3)
    assert list(drawn.get_xticks()) == [0.0, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99]


def test_running_quantiles_are_drawn_where_they_are_known():
    drawn = plots.draw_quantiles(
        axes(), [0.1, 0.2, 0.3], {0.5: [0.9, 0.8, np.nan], 0.1: [np.nan] * 3}
    )
    assert [text.get_text() for text in drawn.texts] == ["median"]
    assert drawn.texts[0].xy == (0.2, 0.8)


def test_the_margin_stacks_the_groups_and_counts_every_network_once():
    values, group = np.array([0.05, 0.05, 0.15, 0.95]), np.array([1, 2, 1, 2])
    drawn = plots.draw_counts(axes(), values, group, [1, 2], np.linspace(0, 1, 11))
    assert sum(bar.get_height() for bar in drawn.patches) == 4
    first, on_top = drawn.patches[0], drawn.patches[10]
    assert on_top.get_y() == first.get_height() == 1


def test_an_outline_is_scaled_to_its_own_peak():
    values, group = np.array([0.05, 0.05, 0.15, 0.95]), np.array([1, 1, 1, 2])
    drawn = plots.draw_outlines(axes(), values, group, [1, 2, 3], np.linspace(0, 1, 11))
    first, _, second, _ = (patch.get_data().values for patch in drawn.patches)
    assert first.tolist() == [1, 0.5, *[0] * 8]
    assert second.tolist() == [*[0] * 9, 1]


def test_a_bar_reaches_from_the_worst_to_the_best_seed_with_every_run_behind_it():
    drawn = plots.draw_seeds(axes(), [[0.5, 0.9, 0.7], [0.8]], ["C0", "C1"])
    bars = [line.get_ydata().tolist() for line in drawn.lines]
    assert bars == [[0.5, 0.9], [0.8, 0.8]]
    runs = [collection.get_offsets() for collection in drawn.collections[::2]]
    assert [sorted(offsets[:, 1]) for offsets in runs] == [[0.5, 0.7, 0.9], [0.8]]
    medians = [collection.get_segments()[0][0][1] for collection in drawn.collections[1::2]]
    assert medians == [0.7, 0.8]


def test_neighbouring_groups_have_different_colours_and_end_where_the_bars_are():
    curves = np.array([[0.2, 0.3], [0.2, 0.31], [0.4, 0.55]])
    numbers = np.array([1, 1, 2])
    lines = plots.draw_groups(axes(), curves, numbers).lines
    assert [line.get_ydata().tolist() for line in lines] == curves.tolist()
    assert lines[0].get_color() == lines[1].get_color() != lines[2].get_color()
    drawn = plots.draw_ends(axes(), curves[:, -1], numbers, {"paper": (0.5, 0.6)})
    bars = [
        patch
        for patch in drawn.patches
        if patch.get_width() in (1, 2) and patch.get_height() < 0.02
    ]
    assert sum(bar.get_width() for bar in bars) == 3
    assert [text.get_text() for text in drawn.texts] == ["paper"]


def test_differences_stand_on_their_intervals_on_a_linear_axis_with_zero_drawn():
    drawn = plots.draw_differences(axes(), [0, 1], [2.0, -0.5], [[1.0, 30.0], [-0.75, 0.25]])
    (intervals,) = drawn.collections
    ends = [[end[1] for end in segment] for segment in intervals.get_segments()]
    assert ends == [[1.0, 30.0], [-0.75, 0.25]]
    points, zero = drawn.lines
    assert points.get_ydata().tolist() == [2.0, -0.5]
    assert list(zero.get_ydata()) == [0, 0]
    assert drawn.get_yscale() == "linear"


def test_the_stretched_accuracy_gives_every_tenfold_loss_of_errors_the_same_room():
    drawn = plots.stretch_accuracy(axes(), 0, 0.9995)
    drawn.figure.canvas.draw()
    places = [drawn.transData.transform((0, accuracy))[1] for accuracy in (0, 0.9, 0.99, 0.999)]
    assert np.diff(places) == pytest.approx([places[1] - places[0]] * 3)
    assert list(plots.stretch_accuracy(axes(), 0.4, 0.96).get_yticks()) == [
        0.5,
        0.7,
        0.8,
        0.9,
        0.95,
    ]
