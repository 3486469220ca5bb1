"""Differences and their words, against SciPy's own tests and cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from companion.contrasts import Difference, holm, verdict
from companion.viability import comparisons, differences, leads, statements, what_was_wanted

numbers = st.lists(st.floats(80, 100), min_size=3, max_size=20)
RANDOM = np.random.default_rng(5)


def test_paired_differences_are_those_of_scipys_paired_test():
    first, second = RANDOM.normal(95, 1, (2, 12))
    ours, theirs = Difference.paired(first, second), stats.ttest_rel(first, second)
    assert ours.p == pytest.approx(theirs.pvalue)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    assert ours.mean == pytest.approx((first - second).mean())


def test_unpaired_differences_are_those_of_welchs_test():
    first, second = RANDOM.normal(95, 1, 12), RANDOM.normal(94, 3, 7)
    ours, theirs = (
        Difference.unpaired(first, second),
        stats.ttest_ind(first, second, equal_var=False),
    )
    assert ours.p == pytest.approx(theirs.pvalue)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)))


def test_equivalence_is_the_worse_of_two_one_sided_tests():
    first, second = RANDOM.normal(95, 0.2, (2, 15))
    below = stats.ttest_1samp(first - second, 0.3, alternative="less").pvalue
    above = stats.ttest_1samp(first - second, -0.3, alternative="greater").pvalue
    assert Difference.paired(first, second).p_of_equivalence(0.3) == pytest.approx(
        max(below, above)
    )


@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_rejects_what_its_definition_rejects(p_values):
    """Step down from the smallest: stop at the first p above level / (tests left)."""
    level, rejected = 0.05, set()
    for rank, place in enumerate(np.argsort(p_values, kind="stable")):
        if p_values[place] * (len(p_values) - rank) > level:
            break
        rejected.add(int(place))
    assert set(np.flatnonzero(holm(p_values, len(p_values)) <= level).tolist()) == rejected


@given(p_values=st.lists(st.floats(0, 1), max_size=8), missing=st.lists(st.floats(0, 1)))
def test_comparisons_not_run_count_as_one_and_take_nothing_back_once_they_are(p_values, missing):
    """Correcting for those run alone would, when the missing ones come."""
    run, planned = len(p_values), len(p_values) + len(missing)
    before = holm(p_values, planned)
    assert before.tolist() == holm([*p_values, *[1] * len(missing)], planned)[:run].tolist()
    assert (holm([*p_values, *missing], planned)[:run] <= before).all()


def test_more_comparisons_than_planned_are_refused():
    with pytest.raises(ValueError, match="3 comparisons, of which 2 were planned"):
        holm([0.1, 0.2, 0.3], 2)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([1.0, 1.1, 0.9, 1.0], "ahead"),
        ([-1.0, -1.1, -0.9, -1.0], "behind"),
        ([0.01, -0.01, 0.02, -0.02], "equal"),
        ([3.0, -3.0, 2.0, -1.0], "undecided"),
    ],
)
def test_the_four_words(values, word):
    difference = Difference.paired(values, np.zeros(4))
    assert difference.word(difference.p, margin=0.2, significance=0.05) == word


def test_a_correction_can_take_a_word_back():
    difference = Difference.paired([1.0, 2.0, 0.5, 1.5], np.zeros(4))
    assert difference.p < 0.05
    assert difference.word(0.2, margin=0.2, significance=0.05) == "undecided"


def test_equal_numbers_are_equal():
    assert (
        Difference.paired([1.0, 2.0], [1.0, 2.0]).word(1.0, margin=0.2, significance=0.05)
        == "equal"
    )


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (["ahead"] * 6 + ["undecided"] * 4, "holds"),
        (["ahead"] * 9 + ["behind"], "undecided"),
        (["ahead"] * 5 + ["equal"] * 5, "undecided"),
        (["equal"] * 6 + ["behind"] * 4, "refuted"),
        (["behind"] * 6 + ["undecided"] * 4, "refuted"),
        (["equal"] * 9 + ["ahead"], "undecided"),
    ],
)
def test_verdicts_by_the_rule_that_was_written_down(words, result):
    assert verdict(words, 6) == result


@pytest.mark.parametrize("wrong", [([1.0], [1.0]), ([1.0, 2.0], [1.0, 2.0, 3.0])])
def test_too_few_networks_are_refused(wrong):
    with pytest.raises(ValueError, match="at least 2"):
        Difference.paired(*wrong)


def test_a_made_up_experiment_is_judged_as_it_was_made():
    """Radix a point ahead of the rest, which are alike; folded and trimmed a point apart."""
    plan = {
        "paired": {"all": ["radix", "random"], "none": ["random", "other"]},
        "unpaired": {"fitting": [["fold", "radix"], ["trim", "radix"]]},
        "significance": 0.05,
        "deciding_cells": 6,
        "margin": {"mnist": 0.2, "fashion-mnist": 0.2},
        "statements": {
            "It is ahead": {"contrast": "all"},
            "They differ": {"contrast": "none"},
            "Fold": {"contrast": "fitting"},
        },
    }
    random = np.random.default_rng(0)
    rows = [
        {
            "dataset": dataset,
            "fitted": fit,
            "wanted_sparsity": sparsity,
            "network": network,
            "variant": arm,
            "test_accuracy": 0.9
            + 0.01 * (arm == "radix")
            + 0.01 * (fit == "fold")
            + random.normal(0, 0.0005),
        }
        for dataset in ("mnist", "fashion-mnist")
        for fit in ("fold", "trim")
        for sparsity in (0.8, 0.9, 0.95, 0.98, 0.99)
        for network in range(10)
        for arm in ("radix", "random", "other")
        for _ in range(2)
    ]
    cells = [
        (dataset, fit, sparsity)
        for dataset in ("mnist", "fashion-mnist")
        for fit in ("fold", "trim")
        for sparsity in (0.8, 0.9, 0.95, 0.98, 0.99)
    ]
    planned = comparisons(plan, cells)
    judged = differences(pd.DataFrame(rows), plan, planned)
    assert len(judged) == planned == 2 * 5 * (2 * 2 + 1)
    assert judged.loc[judged["contrast"] == "all", "mean"].to_numpy() == pytest.approx(1, abs=0.1)
    assert judged.loc[judged["contrast"] == "fitting", "mean"].to_numpy() == pytest.approx(
        1, abs=0.1
    )
    found = statements(judged, plan, 10)
    assert found["verdict"].tolist() == ["holds", "refuted", "holds"]
    assert found["equal if corrected"].tolist() == [0, 10, 0]
    stricter = plan | {"deciding_cells": 11}
    assert statements(judged, stricter, 10)["verdict"].tolist() == ["undecided"] * 3


def test_what_was_not_run_is_left_out_and_decides_nothing():
    """A rival that one network lacks is compared on the others; one that all lack, not at all."""
    plan = {
        "paired": {"known": ["radix", "random"], "absent": ["radix", "RigL"]},
        "unpaired": {},
        "significance": 0.05,
        "deciding_cells": 6,
        "margin": {"mnist": 0.2},
        "statements": {"A": {"contrast": "known"}, "B": {"contrast": "absent"}},
    }
    accuracy = {"radix": [0.9, 0.92, 0.94, 0.1], "random": [0.8, 0.83, 0.81]}
    runs = pd.DataFrame(
        [
            {"dataset": "mnist", "fitted": "fold", "wanted_sparsity": 0.99, "variant": arm}
            | {"network": network, "test_accuracy": value}
            for arm, values in accuracy.items()
            for network, value in enumerate(values)
        ]
    )
    judged = differences(runs, plan, 20)
    assert judged["contrast"].tolist() == ["known"]
    assert judged.loc[0, "networks"] == 3
    assert judged.loc[0, "mean"] == pytest.approx((10 + 9 + 13) / 3)
    found = statements(judged, plan, 10)
    assert found["verdict"].tolist() == ["undecided", "not run yet"]
    assert found["not run"].tolist() == [9, 10]
    nothing = differences(runs[:0], plan, 20)
    assert statements(nothing, plan, 10)["verdict"].tolist() == ["not run yet"] * 2


def test_both_p_values_are_corrected_for_all_that_was_planned():
    """The one cell of twenty that was run: its p-values twentyfold, which takes its word back."""
    plan = {"paired": {"a": ["radix", "random"]}, "unpaired": {}, "significance": 0.05}
    plan |= {"margin": {"mnist": 2.0}, "deciding_cells": 6, "statements": {"A": {"contrast": "a"}}}
    gaps = {"radix": np.array([1.2, 0.2, 0.9, 0.8, 0.4]), "random": np.zeros(5)}
    runs = pd.DataFrame(
        [
            {"dataset": "mnist", "fitted": "fold", "wanted_sparsity": 0.9, "variant": arm}
            | {"network": network, "test_accuracy": (90 + gap) / 100}
            for arm, values in gaps.items()
            for network, gap in enumerate(values)
        ]
    )
    p = stats.ttest_1samp(gaps["radix"], 0).pvalue
    equal = stats.ttest_1samp(gaps["radix"], 2, alternative="less").pvalue
    assert max(p, equal) < 0.05 < min(20 * p, 200 * equal)
    for planned, word, corrected in ((1, "ahead", 0), (20, "equal", 1), (200, "equal", 0)):
        judged = differences(runs, plan, planned)
        assert judged.loc[0, "corrected_p"] == pytest.approx(min(1, planned * p))
        assert judged.loc[0, "corrected_p_of_equivalence"] == pytest.approx(planned * equal)
        assert judged.loc[0, "word"] == word
        assert statements(judged, plan, 1).loc[0, "equal if corrected"] == corrected


def test_what_was_wanted_of_recommended_lists_is_met_only_where_all_intervals_are_above_zero():
    """Not where the mean is; and what comes beyond 98 % is told apart."""
    rows = [
        {"contrast": "choosing", "dataset": dataset, "fitted": "fold", "wanted_sparsity": sparsity}
        | {"mean": 0.3, "low": 0.1, "high": 0.5, "word": "undecided"}
        for dataset in ("fashion-mnist", "mnist")
        for sparsity in (0.8, 0.9, 0.95, 0.98, 0.99)
    ]
    judged = pd.DataFrame(rows)
    assert what_was_wanted(judged)[0].endswith("found: in 8 of 8; met")
    judged.loc[judged["wanted_sparsity"] == 0.99, ["mean", "low"]] = [-0.2, -0.9]
    judged.loc[7, "low"] = -0.1
    first, *beyond = what_was_wanted(judged)
    assert first.endswith("found: in 7 of 8; not met")
    assert beyond == [
        f"at 99%, {dataset}: -0.20 (-0.90 to +0.50), undecided; no lead to be seen"
        for dataset in ("fashion-mnist", "mnist")
    ]
    table = leads(judged, "choosing")
    assert table.loc["mnist", "95%"] == "+0.30 (-0.10 to +0.50), undecided"
    assert table.columns.tolist() == ["80%", "90%", "95%", "98%", "99%"]
