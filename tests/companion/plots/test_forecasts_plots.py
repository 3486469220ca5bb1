"""The pictures of forecasts show every score, count and interval: checked on what is drawn."""

from matplotlib.figure import Figure

from companion import plots


def axes():
    return Figure(dpi=100).add_subplot()


def test_every_score_is_a_curve_of_steps_from_no_recall_to_all():
    curves = {"one": ([0.5, 1.0], [1.0, 0.4]), "other": ([1.0], [0.2])}
    drawn = plots.draw_precision_recall(axes(), curves, 0.2, verdict=(0.9, 0.7))
    lines = {line.get_label(): line for line in drawn.lines}
    assert lines["one"].get_xdata().tolist() == [0, 0.5, 1]
    assert lines["one"].get_ydata().tolist() == [1, 1, 0.4]
    assert (
        lines["one"].get_drawstyle() == "steps-pre"
    )  # between two points the precision of the looser one
    assert lines["one"].get_linewidth() > lines["other"].get_linewidth()
    assert (lines["the verdict"].get_xdata()[0], lines["the verdict"].get_ydata()[0]) == (0.9, 0.7)
    levels = [
        line.get_ydata()
        for name, line in lines.items()
        if name not in ("one", "other", "the verdict")
    ]
    assert [set(level) for level in levels] == [{0.2}]


def test_lines_of_the_same_colour_differ_in_stroke():
    curves = {str(number): ([1.0], [0.5]) for number in range(6)}
    drawn = plots.draw_precision_recall(axes(), curves, 0.2)
    looks = {(line.get_color(), str(line._dash_pattern)) for line in drawn.lines[:6]}
    assert len(looks) == 6


def test_counts_are_bars_and_chances_points_with_ranges():
    drawn = plots.draw_counts_and_chances(axes(), [3, 0, 2], [2.5, 1.5, 1.0], [1, 0, 0], [4, 3, 2])
    assert [bar.get_height() for bar in drawn.patches] == [3, 0, 2]
    (points,) = drawn.lines
    assert points.get_ydata().tolist() == [2.5, 1.5, 1.0]
    ends = [segment[:, 1].tolist() for segment in drawn.collections[0].get_segments()]
    assert ends == [[1, 4], [0, 3], [0, 2]]


def test_shares_stand_at_their_stated_chance_on_their_interval():
    own = ([0.1, 0.9], [0.2, 0.8], [(0.1, 0.3), (0.7, 0.9)])
    shared = ([0.5], [0.3], [(0.2, 0.4)])
    drawn = plots.draw_calibration(axes(), {"own": own, "shared": shared})
    equal, *groups = drawn.lines
    assert list(equal.get_xdata()) == list(equal.get_ydata())
    found = {line.get_label(): line.get_xydata().tolist() for line in groups}
    assert found == {"own": [[0.1, 0.2], [0.9, 0.8]], "shared": [[0.5, 0.3]]}
    ends = [each.tolist() for bars in drawn.collections for each in bars.get_segments()]
    assert ends == [[[0.1, 0.1], [0.1, 0.3]], [[0.9, 0.7], [0.9, 0.9]], [[0.5, 0.2], [0.5, 0.4]]]
