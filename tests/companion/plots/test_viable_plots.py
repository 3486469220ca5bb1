"""The picture of *Viable* shows every kind's error where its sparsity is."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from companion import colours, plots


def test_errors_stand_at_their_sparsity_and_intervals_around_them():
    means = pd.DataFrame(
        [
            {"arm": arm, "wanted_sparsity": s, "mean": m, "low": m - 1, "high": m + 0.5}
            for arm, s, m in (("radix", 0.9, 95), ("radix", 0.99, 85), ("RigL", 0.99, 92))
        ]
    )
    axes = Figure(dpi=100).add_subplot()
    plots.draw_errors(axes, means, {"radix": "o", "RigL": "*", "absent": "x"})
    lines = {line.get_label(): line for line in axes.lines}
    radix, rigl = lines["RadiX-Net"], lines["RigL"]
    assert radix.get_ydata().tolist() == [5, 15]
    assert rigl.get_ydata().tolist() == [8]
    assert [round(place) for place in radix.get_xdata()] == [0, 1]
    assert radix.get_xdata()[1] < rigl.get_xdata()[0] < 1.5
    bars = [part.tolist() for part in axes.collections[0].get_segments()]
    assert [[y for _, y in bar] for bar in bars] == [[4.5, 6], [14.5, 16]]
    assert radix.get_color() == colours.NORMAL != rigl.get_color()
    assert axes.get_yscale() == "log"
    assert float(axes.get_xticks()[1]) == pytest.approx(1)
