"""What the page on speed says about a benchmark that lacks a competitor, such as PyTorch."""

import json

import jupytext
import pytest

from companion import published
from companion.notebooks.sources import find_source

GOAL = "8 times the best float32 PyTorch"


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """Return a function that gives what the page says of the timings of some competitors."""
    benchmark = json.loads(published("benchmark.json").read_text(encoding="utf-8"))

    def said_of(chosen):
        timings = [timing for timing in benchmark["timings"] if chosen(timing["competitor"])]
        (tmp_path / "benchmark.json").write_text(
            json.dumps(benchmark | {"timings": timings}), encoding="utf-8"
        )
        monkeypatch.setattr("companion.published", lambda name: tmp_path / name)
        values = {}
        for cell in jupytext.read(find_source("speed")).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, "speed.py", "exec"), values)  # noqa: S102 (our own notebook)
            if "nbval-check-output" in cell.metadata.get("tags", []):
                break
        return dict(
            line.strip().split(": ", 1)
            for line in capsys.readouterr().out.splitlines()
            if ": " in line
        )

    return said_of


def test_a_goal_whose_competitor_was_not_measured_is_neither_met_nor_missed(said):
    assert said(lambda _: True)[GOAL].partition(" (")[0] in ("met", "not met")
    without = said(lambda name: "PyTorch" not in name)
    assert without[GOAL] == "not measured"
    kept = without["45 times the Keras way of the paper"]
    assert kept.partition(" (")[0] in ("met", "not met")
