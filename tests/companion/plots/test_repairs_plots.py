"""The pictures of repairs show every start and every network: checked on what is drawn."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from companion import plots


def axes():
    return Figure(dpi=100).add_subplot()


def test_a_bar_is_as_long_as_the_mean_and_every_start_is_a_point():
    shares = np.array([[0.1, 0.3], [0.0, 0.0]])
    drawn = plots.draw_share_left(axes(), ["as it was", "repaired"], shares, ["4 of 20", "0 of 20"])
    assert [bar.get_width() for bar in drawn.patches] == pytest.approx([0.2, 0])
    (points,) = drawn.collections
    assert sorted(points.get_offsets()[:, 0].tolist()) == [0, 0, 0.1, 0.3]
    assert [text.get_text() for text in drawn.texts] == ["4 of 20", "0 of 20"]
    assert [label.get_text() for label in drawn.get_yticklabels()] == ["as it was", "repaired"]
    assert drawn.yaxis_inverted()  # the first is on top


def test_one_start_without_strange_models_is_drawn_too():
    drawn = plots.draw_share_left(axes(), ["repaired"], [[0.0]], ["0 of 1"])
    low, high = drawn.get_xlim()
    assert low < 0 < high


def test_every_network_is_a_point_and_its_label_in_the_legend():
    drawn = plots.draw_by_connections(axes(), [20000, 30000], [0.93, 0.95], "C1", "s", "folded")
    drawn.figure.canvas.draw()
    (points,) = drawn.collections
    assert points.get_offsets().tolist() == [[20000, 0.93], [30000, 0.95]]
    assert points.get_label() == "folded"
    shown = {label.get_text(): label.get_position()[0] for label in drawn.get_xticklabels()}
    assert shown
    assert all(text == f"{place:,.0f}" for text, place in shown.items())


def test_a_running_median_breaks_where_there_is_none():
    (line,) = plots.draw_running_median(axes(), [1, 2, 3], [0.9, np.nan, 0.8], "C2").lines
    np.testing.assert_array_equal(line.get_ydata(), [0.9, np.nan, 0.8])
    assert line.get_color() == "C2"


def test_a_margin_stands_in_its_row_with_its_interval():
    drawn = plots.draw_margins(axes(), [0.5, np.nan], [[0.2, 0.8], [np.nan, np.nan]])
    points = next(line for line in drawn.lines if line.get_marker() == "o")
    np.testing.assert_array_equal(points.get_xydata(), [[0.5, 0], [np.nan, 1]])
    (bars,) = drawn.collections
    assert bars.get_segments()[0].tolist() == [[0.2, 0], [0.8, 0]]
