"""The pictures of why models are strange show every class, model and count.

Checked on what is drawn.
"""

import numpy as np
import pytest
from matplotlib.figure import Figure

from companion import plots


def axes():
    return Figure(dpi=100).add_subplot()


def test_every_connection_is_a_line_in_the_stroke_of_its_sign():
    weights = np.array([[0.2, 0.0], [0.0, -0.1], [0.3, -0.3], [0.0, 0.0]])
    drawn = plots.draw_class_wiring(axes(), weights)
    starts = {
        line.get_label(): sorted(line.get_xdata()[::3].tolist())  # a line is start, end, gap
        for line in drawn.lines
    }
    assert starts == {"positive weight": [0, 2], "negative weight": [1, 2]}
    solid, dashed = drawn.lines
    assert not solid.is_dashed()
    assert dashed.is_dashed()
    points = {dots.get_label(): dots.get_offsets()[:, 0].tolist() for dots in drawn.collections}
    assert points == {"reaches an output": [0, 1, 2], "reaches none": [3]}


def test_every_class_has_a_line_and_its_number_even_where_lines_end_together():
    values = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    drawn = plots.draw_by_class(axes(), [0, 5], values, [True, False, True])
    assert [line.is_dashed() for line in drawn.lines] == [False, True, False]
    assert [line.get_ydata().tolist() for line in drawn.lines] == values.T.tolist()
    assert sorted(text.get_text() for text in drawn.texts) == ["0", "1, 2"]


def test_every_model_lies_at_its_accuracy_within_the_strip_of_its_classes():
    classes, accuracy = np.array([3, 3, 3, 10]), np.array([0.28, 0.27, 0.28, 0.93])
    groups = {"a": (classes == 3, "C1"), "b": (classes == 10, None)}
    drawn = plots.draw_accuracy_by_classes(axes(), classes, accuracy, groups, 0.093)
    (marks,) = drawn.collections
    points = {each.get_label(): each.get_xydata() for each in drawn.lines}
    assert [each.get_fillstyle() for each in drawn.lines] == ["full", "none"]
    assert points["a"][:, 0].tolist() == accuracy[:3].tolist()
    assert np.abs(points["a"][:, 1] - 3).max() < 0.5
    assert len(np.unique(points["a"][:, 1])) == 3
    ends = np.array(marks.get_segments())
    assert ends[:, :, 0] == pytest.approx(0.093 * np.array([[3, 3], [10, 10]]))
    assert ends.mean(axis=1)[:, 1].tolist() == [3, 10]


def test_bars_are_shares_and_an_empty_group_has_none():
    drawn = plots.draw_shares(axes(), ["1", "2"], {"log": [(3, 4), (0, 0)]})
    assert [bar.get_height() for bar in drawn.patches] == [0.75, 0]
    assert [text.get_text() for text in drawn.texts] == ["3/4", "0/0"]
