"""The pictures of Figs. 4, 5 and 8 show every run where it belongs: checked on what is drawn."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from companion import colours, plots


def axes():
    return Figure(dpi=100).add_subplot()


def test_every_network_is_a_mark_of_the_group_of_its_fan_in():
    sparsity, accuracy = np.array([0.1, 0.5, 0.9, 0.95]), np.array([0.9, 0.8, 0.7, 0.3])
    drawn = plots.draw_by_fan_in(axes(), sparsity, accuracy, [False, False, True, False])
    points = {
        collection.get_label(): collection.get_offsets().tolist()
        for collection in drawn.collections
    }
    assert points == {
        "three or more": [[0.1, 0.9], [0.5, 0.8], [0.95, 0.3]],
        "two or fewer": [[0.9, 0.7]],
    }
    many, few = drawn.collections
    assert many.get_facecolor()[0].tolist()[:3] != few.get_facecolor()[0].tolist()[:3]
    assert many.get_paths()[0] != few.get_paths()[0]


def test_a_median_spans_its_band_and_a_band_without_networks_has_none():
    drawn = plots.draw_band_medians(axes(), [0, 0.5, 0.75, 1], [0.9, np.nan, 0.4], "C0")
    (bars,) = drawn.collections
    ends = [segment.tolist() for segment in bars.get_segments()]
    assert ends == [[[0, 0.9], [0.5, 0.9]], [[0.75, 0.4], [1, 0.4]]]


def test_the_stretched_axis_gives_every_tenfold_loss_of_connections_the_same_room():
    drawn = plots.stretch_sparsity(axes(), 0.9995)
    drawn.figure.canvas.draw()
    places = [drawn.transData.transform((sparsity, 0))[0] for sparsity in (0, 0.9, 0.99, 0.999)]
    assert np.diff(places) == pytest.approx([places[1] - places[0]] * 3)
    assert list(drawn.get_xticks()) == [0.0, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99]


def test_a_bar_reaches_from_the_worst_to_the_best_seed_with_every_run_behind_it():
    drawn = plots.draw_seeds(axes(), [[0.5, 0.9, 0.7], [0.8]], [True, False])
    bars = [line.get_ydata().tolist() for line in drawn.lines]
    assert bars == [[0.5, 0.9], [0.8, 0.8]]
    runs = [collection.get_offsets() for collection in drawn.collections[::2]]
    assert [sorted(offsets[:, 1]) for offsets in runs] == [[0.5, 0.7, 0.9], [0.8]]
    medians = [collection.get_segments()[0][0][1] for collection in drawn.collections[1::2]]
    assert medians == [0.7, 0.8]


def test_curves_of_as_many_classes_share_a_colour_and_say_the_number_where_they_end():
    curves = np.array([[0.2, 0.3], [0.2, 0.32], [0.4, 0.55]])
    drawn = plots.draw_by_classes(axes(), curves, [3, 3, 6], {"paper": (0.5, 0.6)})
    assert [line.get_ydata().tolist() for line in drawn.lines] == curves.tolist()
    first, second, third = (line.get_color() for line in drawn.lines)
    assert first == second == colours.of_classes(3) != third
    (band,) = drawn.patches
    assert (band.get_y(), band.get_height()) == pytest.approx((0.5, 0.1))
    written = {text.get_text(): text.xy for text in drawn.texts}
    assert written.pop("paper")[1] == pytest.approx(0.55)
    assert written == {"3 classes": pytest.approx((2, 0.31)), "6 classes": (2, 0.55)}


def test_differences_stand_on_their_intervals_on_a_linear_axis_with_zero_drawn():
    drawn = plots.draw_differences(axes(), [0, 1], [2.0, -0.5], [[1.0, 30.0], [-0.75, 0.25]])
    (intervals,) = drawn.collections
    ends = [[end[1] for end in segment] for segment in intervals.get_segments()]
    assert ends == [[1.0, 30.0], [-0.75, 0.25]]
    points, zero = drawn.lines
    assert points.get_ydata().tolist() == [2.0, -0.5]
    assert list(zero.get_ydata()) == [0, 0]
    assert drawn.get_yscale() == "linear"
