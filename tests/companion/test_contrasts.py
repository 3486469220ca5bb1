"""Differences and their words, against SciPy's own tests and cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from companion.contrasts import Difference, holm, verdict
from companion.viability import differences, statements

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
    assert set(np.flatnonzero(holm(p_values) <= level).tolist()) == rejected


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
    judged = differences(pd.DataFrame(rows), plan)
    assert len(judged) == 2 * 5 * (2 * 2 + 1)
    assert judged.loc[judged["contrast"] == "all", "mean"].to_numpy() == pytest.approx(1, abs=0.1)
    assert judged.loc[judged["contrast"] == "fitting", "mean"].to_numpy() == pytest.approx(
        1, abs=0.1
    )
    assert statements(judged, plan)["verdict"].tolist() == ["holds", "refuted", "holds"]
    stricter = plan | {"deciding_cells": 11}
    assert statements(judged, stricter)["verdict"].tolist() == ["undecided"] * 3


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
    judged = differences(runs, plan)
    assert judged["contrast"].tolist() == ["known"]
    assert judged.loc[0, "networks"] == 3
    assert judged.loc[0, "mean"] == pytest.approx((10 + 9 + 13) / 3)
    assert statements(judged, plan)["verdict"].tolist() == ["undecided", "not run yet"]
