"""The pictures of repairs show every start and every margin: checked on what is drawn."""

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


def test_a_margin_stands_in_its_row_with_its_interval_and_ways_to_compare_apart():
    margins = {
        "all": [[0.5, 0.2, 0.8], [np.nan] * 3],
        "on paths": [[0.1, -0.1, 0.3], [1.0, 0.9, 1.1]],
    }
    drawn = plots.draw_margins(axes(), margins)
    points = {line.get_label(): line for line in drawn.lines if line.get_marker() == "o"}
    np.testing.assert_array_equal(points["all"].get_xdata(), [0.5, np.nan])
    np.testing.assert_array_equal(points["on paths"].get_xdata(), [0.1, 1.0])
    assert np.round(points["all"].get_ydata()).tolist() == [0, 1]
    assert (points["all"].get_ydata() < points["on paths"].get_ydata()).all()
    bars = [bar.get_segments()[0] for bar in drawn.collections]
    assert [bar[:, 0].tolist() for bar in bars] == [[0.2, 0.8], [-0.1, 0.3]]
    faces = {name: line.get_markerfacecolor() for name, line in points.items()}
    assert faces["all"] != faces["on paths"]
