"""What the benchmark makes of times: shares of an epoch, refusals, rounds that are kept."""

import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import benchmark
import rivals
from companion import timing
from companion.competitors import WAYS

PIECE = ("RadiX 10 %", 100)


class Team:
    """A team that tells what it is asked, and always takes as long and has the same loss."""

    def __init__(self, way, seconds=1.0, loss=2.0, ends=False):
        self.way, self.share, self.asked = way, 1.0, []
        self.seconds, self.loss, self.ends = seconds, loss, ends

    def train(self, _, order):
        if self.ends:
            raise EOFError
        self.asked.append(order)
        return self.seconds, self.loss


@pytest.mark.parametrize(
    ("seconds", "share"), [(timing.MOST_SECONDS / 2, 1), (timing.MOST_SECONDS * 2, 0.1)]
)
def test_what_takes_too_long_is_measured_on_a_tenth_of_an_epoch(seconds, share):
    team = Team(WAYS[0], seconds)
    assert timing.warm_up(team, PIECE) == [team.loss] * 3
    assert team.share == pytest.approx(share)


def test_a_way_with_another_loss_is_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"part 1 .* 2\.010000, ours 2\.000000"):
        timing.warm_up(Team(WAYS[0], loss=2.01), PIECE, [2.0, 1.9, 1.8])
    with pytest.raises(ValueError, match=r"part 2 .* 2\.000000, ours 1\.900000"):
        timing.warm_up(Team(WAYS[0]), PIECE, [2.0, 1.9, 1.8])


@pytest.mark.parametrize(("off", "passes"), [(0.0009, True), (0.0011, False), (-0.0011, False)])
def test_losses_may_differ_by_a_thousandth_of_what_was_learnt(off, passes):
    found = iter([2.0, 1.5, 1.0 + off])
    team = SimpleNamespace(way=WAYS[0], train=lambda *_: (1.0, next(found)))
    with nullcontext() if passes else pytest.raises(ValueError, match="part 3"):
        timing.warm_up(team, PIECE, [2.0, 1.5, 1.0])


@pytest.mark.parametrize("batch_size", timing.BATCH_SIZES)
def test_losses_of_the_same_rows_are_compared_after_fifty_steps(batch_size):
    team = Team(WAYS[0])
    timing.warm_up(team, ("dense", batch_size))
    first, second, again = team.asked
    assert np.array_equal(first, again)
    assert len(first) % batch_size == len(second) % batch_size == 0
    assert len(first) + len(second) >= 50 * batch_size


def test_rounds_go_on_where_they_stopped_and_failures_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(timing, "limit", lambda: 1e9)
    ours, wrong, ended = Team(WAYS[0]), Team(WAYS[1], loss=3), Team(WAYS[2], ends=True)
    teams, path = [ours, wrong, ended], tmp_path / "piece.json"
    timing.measure_piece(teams, PIECE, path, 1)
    first = json.loads(path.read_text(encoding="utf-8"))
    assert first["rounds"] == [{"limit": 1e9, WAYS[0].name: 1.0}]
    assert "ours 2.000000" in first["missing"][WAYS[1].name]
    assert first["missing"][WAYS[2].name] == "its process ended"
    assert first["missing"]["SparseProp"] == "sparseprop is not installed"
    ours.seconds = 3.0
    timing.measure_piece(teams, PIECE, path, 2)
    rounds = json.loads(path.read_text(encoding="utf-8"))["rounds"]
    assert [taken[WAYS[0].name] for taken in rounds] == [1.0, 3.0]
    timing.measure_piece([], PIECE, path, 2)  # nobody is asked


def test_times_are_medians_and_multiples_are_medians_of_those_of_each_round():
    useful = timing.useful_multiply_adds("dense")
    assert useful == 54_000 * (2 * (719 * 300 + 31_000) + 31_000)  # 65 pixels are always dark
    rounds = [(1, 0.1, 0.1), (2, 9.0, 4.5), (9, 1.5, 0.5)]
    kept = {
        "shares": {"a": 1.0},
        "rounds": [{"limit": useful * n, "a": s, WAYS[0].name: o} for n, s, o in rounds],
    }
    (line,) = timing.timings("dense", 100, kept)
    assert (line["milliseconds"], line["fastest"], line["rounds"]) == (1500, 100, 3)
    ends = ("", "_least", "_most")
    assert [line[f"times_limit{end}"] for end in ends] == [13.5, 0.1, 18.0]
    assert [line[f"times_ours{end}"] for end in ends] == [2.0, 1.0, 3.0]
    assert line["density"] == 1


@pytest.fixture
def _quickly(monkeypatch):
    """Let a measurement ask nobody but `Team`."""
    monkeypatch.setattr(timing, "limit", lambda: 1e11)
    monkeypatch.setattr(timing, "Team", Team)
    monkeypatch.setattr(timing, "find_spec", lambda _: True)
    monkeypatch.setattr(timing, "parts", dict)
    monkeypatch.setattr(timing.browser_speed, "measure", lambda: {"missing": "no Chromium"})
    monkeypatch.setattr(timing.waits, "measure", lambda: {"first_training": 1})
    monkeypatch.setattr(timing, "metadata", SimpleNamespace(version=lambda _: "1"))


@pytest.mark.usefixtures("_quickly")
def test_a_measurement_has_every_piece_and_goes_on_from_a_folder(tmp_path, monkeypatch, capsys):
    first = timing.measure(tmp_path, quick=False)
    pieces = {(line["network"], line["batch_size"]) for line in first["timings"]}
    assert pieces == {(n, b) for n in timing.NETWORKS for b in timing.BATCH_SIZES}
    assert {line["rounds"] for line in first["timings"]} == {timing.ROUNDS}
    dense = {line["way"] for line in first["timings"] if line["network"] == "dense"}
    assert dense == {way.name for way in WAYS} - {"PyTorch CSR", "SparseProp", "SparseLab"}
    monkeypatch.setattr(timing, "Team", lambda way: Team(way, ends=True))
    assert timing.measure(tmp_path, quick=False) == first
    assert "times the multiply-add limit" in capsys.readouterr().out


@pytest.mark.usefixtures("_quickly")
def test_what_is_missing_in_a_piece_is_named_with_it(tmp_path, monkeypatch):
    def team(way):
        return Team(way, loss=2.0 + (way.name == WAYS[1].name))

    monkeypatch.setattr(timing, "Team", team)
    monkeypatch.setattr(timing, "find_spec", lambda library: library != "sparseprop")
    missing = timing.measure(tmp_path, quick=True)["missing"]
    pieces = [f"{WAYS[1].name}, {network}, batch 100" for network in ("RadiX 10 %", "dense")]
    assert list(missing) == [pieces[0], "SparseProp", pieces[1]]
    assert missing["SparseProp"] == "sparseprop is not installed"
    assert "ours 2.000000" in missing[pieces[1]]


@pytest.mark.usefixtures("_quickly")
def test_rounds_of_other_code_or_versions_do_not_count(tmp_path, monkeypatch):
    def seconds(taken):
        monkeypatch.setattr(timing, "Team", lambda way: Team(way, taken))
        return timing.measure(tmp_path, quick=True)["timings"][0]["milliseconds"] / 1000

    assert (seconds(1.0), seconds(2.0)) == (1, 1)
    sums = timing.code_digests()
    engine = "radixnet.training.compiled.kernels"
    monkeypatch.setattr(timing, "code_digests", lambda: sums | {engine: "changed"})
    assert (seconds(3.0), seconds(4.0)) == (3, 3)
    monkeypatch.setattr(timing, "code_digests", lambda: sums)
    assert seconds(5.0) == 1
    monkeypatch.setattr(timing, "metadata", SimpleNamespace(version=lambda _: "2"))
    assert seconds(6.0) == 6


def test_the_sums_that_keep_rounds_apart_follow_the_code_that_is_timed():
    names = {"companion.timing", "companion.competitors", "companion.plain_loop"}
    compiled = Path(timing.compiled.__file__).parent.glob("*.py")
    names |= {f"radixnet.training.compiled.{path.stem}" for path in compiled}
    assert names - {"radixnet.training.compiled.__init__"} <= set(timing.code_digests())


def test_the_networks_are_as_dense_as_their_names_say():
    for network, density in [("RadiX 10 %", 0.1), ("random 10 %", 0.1), ("RadiX 1.5 %", 0.015)]:
        masks = timing.masks_of(network)
        found = sum(mask.sum() for mask in masks) / sum(mask.size for mask in masks)
        assert found == pytest.approx(density, abs=1e-3)


def test_a_measurement_replaces_that_of_the_same_kind_only(tmp_path):
    path = tmp_path / "benchmark.json"
    old = [{"kind": "AVX-512", "lanes": 16, "n": 0}, {"kind": "SSE", "lanes": 4, "n": 0}]
    paper = {"minutes": 9}
    path.write_text(json.dumps({"measurements": old, "paper": paper}), encoding="utf-8")
    for kind, lanes in (("AVX2", 8), ("AVX-512", 16)):
        new = {"kind": kind, "lanes": lanes, "n": 1}
        path.write_text(benchmark.merged(path, new), encoding="utf-8")
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["paper"] == paper
    assert [(each["kind"], each["n"]) for each in found["measurements"]] == [
        ("AVX-512", 1),
        ("AVX2", 1),
        ("SSE", 0),
    ]


def test_a_library_that_cannot_be_installed_is_named_and_asked_for_again(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "lib" / "python3" / "site-packages").mkdir(parents=True)
    calls = []

    def run(call, **_):
        calls.append(call)
        return SimpleNamespace(returncode="sparselab" in " ".join(call))

    monkeypatch.setattr(rivals, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(rivals.subprocess, "run", run)
    for _ in range(2):
        rivals.python()
        assert capsys.readouterr().out.startswith("sparselab==")
    asked = [call for call in calls if any(part.startswith("sparselab==") for part in call)]
    assert len(asked) == 2
