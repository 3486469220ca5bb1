"""The pictures of the Graph Challenge's chapter show the numbers that they are given."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from companion import colours, plots


def axes():
    return Figure().add_subplot()


def test_copies_of_a_neuron_stand_below_each_other():
    shown = plots.draw_copies(axes(), np.tile([1.0, 2.0, 5.0], 4), copies=4).images[0].get_array()
    assert shown.tolist() == [[1.0, 2.0, 5.0]] * 4


def test_what_is_left_is_counted_from_the_first_layer_on():
    alive, different = plots.draw_what_is_left(axes(), [5, 3, 0], [5, 1, 0]).lines
    assert alive.get_xydata().tolist() == [[1, 5], [2, 3], [3, 0]]
    assert different.get_ydata().tolist() == [5, 1, 0]


def test_every_rate_is_a_point_at_its_network():
    rates = pd.DataFrame(
        [("small", "a", 1e9), ("small", "b", 2e9), ("large", "a", 3e9)],
        columns=["network", "system", "rate"],
    )
    drawn = plots.draw_rates(axes(), rates, ours=["b"])
    assert [label.get_text() for label in drawn.get_yticklabels()] == ["small", "large"]
    assert [line.get_xydata().tolist() for line in drawn.lines] == [
        [[1e9, 0], [3e9, 1]],
        [[2e9, 0]],
    ]
    other, ours = drawn.lines
    assert ours.get_color() == colours.OURS != other.get_color()


def test_learning_shows_every_run_and_the_means_of_each_start():
    runs = pd.DataFrame(
        {"start": ["a", "a", "b"], "depth": [2, 2, 6], "test_accuracy": [0.5, 0.7, 0.9]}
    )
    drawn = plots.draw_learning(axes(), runs)
    assert [line.get_ydata().tolist() for line in drawn.lines] == [[0.6], [0.9]]
    assert [len(points.get_offsets()) for points in drawn.collections] == [2, 1]


def test_signals_have_a_line_for_each_start():
    sizes = pd.DataFrame({"a": [1.0, 0.1], "b": [1.0, 1.0]}, index=[1, 2])
    drawn = plots.draw_signal(axes(), sizes)
    assert [line.get_ydata().tolist() for line in drawn.lines] == [[1.0, 0.1], [1.0, 1.0]]
    assert drawn.get_yscale() == "log"
