"""Precision, recall, curves and fits against hand-worked cases, SciPy, and plain counting."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, multinomial

from companion.forecasts import (
    average_precision,
    effective_number,
    fit_of_chances,
    forecast_quality,
    precision_recall_curve,
    resampled_average_precisions,
    share_interval,
)

RUNS = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=30).filter(
    lambda runs: any(bad for _, bad in runs)
)


def counted_area(scores, failed):
    """Return the average precision, one threshold after the other, by its definition."""
    area, recall_before = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        risky = [score >= threshold for score in scores]
        hits = sum(flag and bad for flag, bad in zip(risky, failed, strict=True))
        recall, precision = hits / sum(failed), hits / sum(risky)
        area += (recall - recall_before) * precision
        recall_before = recall
    return area


# -- shares and their intervals --------------------------------------------------------------------


@pytest.mark.parametrize(("count", "total"), [(0, 7), (3, 10), (10, 10), (50, 1000)])
def test_intervals_are_those_of_scipy(count, total):
    theirs = binomtest(count, total).proportion_ci(method="wilson")
    assert share_interval(count, total) == pytest.approx((theirs.low, theirs.high))


def test_trials_that_are_decided_together_count_once():
    """Ten trials in two groups of five are worth two: an interval as that of one out of two."""
    assert share_interval(5, 10, list("aaaaabbbbb")) == pytest.approx(share_interval(1, 2))
    assert share_interval(3, 6, range(6)) == pytest.approx(share_interval(3, 6))


def test_effective_numbers_worked_out_by_hand():
    assert effective_number("aab") == pytest.approx(9 / 5)
    assert effective_number("a") == 1


def test_no_trial_has_no_interval():
    assert all(math.isnan(end) for end in share_interval(0, 0))


@pytest.mark.parametrize(("count", "total"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(count, total):
    with pytest.raises(ValueError, match="give a count from 0 to the total"):
        share_interval(count, total)


def test_a_group_for_every_trial_is_asked_for():
    with pytest.raises(ValueError, match="2 groups for 3 trials"):
        share_interval(1, 3, "ab")
    with pytest.raises(ValueError, match="one trial at least"):
        effective_number([])


# -- precision and recall --------------------------------------------------------------------------


def test_precision_and_recall_worked_out_by_hand():
    """Four called risky, three failed, two of them both: one half and two thirds."""
    quality = forecast_quality(
        [True] * 4 + [False] * 6, [True, True, False, False, True] + [False] * 5
    )
    assert (quality.runs, quality.flagged, quality.failed, quality.hits) == (10, 4, 3, 2)
    assert (quality.precision, quality.recall) == (1 / 2, pytest.approx(2 / 3))
    assert quality.precision_interval == share_interval(2, 4)
    assert quality.recall_interval == share_interval(2, 3)


def test_groups_are_counted_among_the_flagged_and_among_the_failed():
    """Of four flagged runs three share a draw; of the two that failed none do."""
    quality = forecast_quality([True] * 4, [True, False, False, True], ["a", "a", "a", "b"])
    assert quality.precision_interval == share_interval(2, 4, ["a", "a", "a", "b"])
    assert quality.recall_interval == share_interval(2, 2, ["a", "b"])


def test_without_flags_there_is_no_precision_and_without_failures_no_recall():
    quality = forecast_quality([False, False], [False, False])
    assert all(
        math.isnan(value)
        for value in (quality.precision, quality.recall, *quality.precision_interval)
    )


@pytest.mark.parametrize(
    ("flagged", "failed", "words"),
    [
        ([True], [True, False], "give one of each per run"),
        ([0.5], [True], "flagged of type float64"),
        ([True], [1], "failed of type int64"),
    ],
)
def test_forecasts_that_are_none_are_refused(flagged, failed, words):
    with pytest.raises(ValueError, match=words):
        forecast_quality(flagged, failed)


# -- curves ----------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(RUNS)
def test_areas_are_those_of_counting_at_every_threshold(runs):
    scores, failed = zip(*runs, strict=True)
    assert average_precision(scores, failed) == pytest.approx(counted_area(scores, failed))


def test_networks_of_equal_score_are_called_risky_together():
    """In any order: thresholds 2 and 1, with one and two failures in one and four networks."""
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        recall, precision = precision_recall_curve(
            np.array([2, 1, 1, 1])[order], np.array([True, True, False, False])[order]
        )
        assert recall.tolist() == [1 / 2, 1]
        assert precision.tolist() == [1, 1 / 2]


@pytest.mark.parametrize(
    ("score", "failed", "words"),
    [
        ([1, 2], [True], "give one for each run"),
        ([np.nan], [True], "1 of 1 scores are not finite"),
        ([1, 2], [False, False], "no run failed"),
    ],
)
def test_scores_without_a_curve_are_refused(score, failed, words):
    with pytest.raises(ValueError, match=words):
        average_precision(score, failed)


def test_samples_scatter_about_the_area_and_take_the_same_runs_for_every_score():
    random = np.random.default_rng(3)
    failed = random.random(300) < 0.3
    good = failed + random.normal(size=300)
    areas = resampled_average_precisions(
        [good, good, -good], failed, np.random.default_rng(0), samples=200
    )
    assert areas.shape == (3, 200)
    np.testing.assert_array_equal(areas[0], areas[1])
    low, high = np.quantile(areas[0], [0.005, 0.995])
    assert low < average_precision(good, failed) < high
    assert areas[2].max() < areas[0].min()


def test_a_sample_is_an_area_of_repeated_runs():
    """With one failure among two runs, every sample that has it is one of three sets of runs."""
    possible = {counted_area([2, 1], [False, True]), counted_area([1, 1], [True, True])}
    found = set(
        resampled_average_precisions([2, 1], [False, True], np.random.default_rng(0), samples=50)[
            0
        ].tolist()
    )
    assert found == possible


# -- chances ---------------------------------------------------------------------------------------


def test_expected_counts_and_distance_worked_out_by_hand():
    """Two runs of chances 1/2 and 1/4: 0.75 are expected, and two are 1.25 of 2 runs too many."""
    fit = fit_of_chances([[1 / 2, 1 / 2], [3 / 4, 1 / 4]], [1, 1], np.random.default_rng(0))
    assert fit.counted.tolist() == [0, 2]
    assert fit.expected.tolist() == [1.25, 0.75]
    assert fit.distance == pytest.approx(1.25 / 2)
    # Only two outcomes of 1 lie so far off: a chance of one eighth.
    assert fit.p_value == pytest.approx(1 / 8, abs=0.03)


def test_the_range_and_the_distance_by_chance_are_those_of_the_multinomial_distribution():
    """Equal chances for 40 runs give multinomial counts; distances are summed over all outcomes."""
    chances = [0.2, 0.3, 0.5]
    fit = fit_of_chances([chances] * 40, [0] * 8 + [1] * 12 + [2] * 20, np.random.default_rng(1))
    outcomes = np.array([(a, b, 40 - a - b) for a in range(41) for b in range(41 - a)])
    weights = multinomial(40, chances).pmf(outcomes)
    distances = np.abs(outcomes - 40 * np.array(chances)).sum(axis=1) / 80
    assert fit.distance == pytest.approx(0)
    assert fit.p_value == 1
    assert fit.distance_by_chance == pytest.approx(weights @ distances, rel=0.05)
    inside = weights[(outcomes[:, 2] >= fit.low[2]) & (outcomes[:, 2] <= fit.high[2])].sum()
    assert (
        0.93 < inside < 0.99
    )  # counts are whole, so that not exactly 95 % lie within any two of them


def test_outcomes_drawn_from_their_chances_seldom_look_wrong():
    random = np.random.default_rng(2)
    p_values = []
    for _ in range(100):
        chances = random.dirichlet(np.ones(4), size=25)
        outcomes = [random.choice(4, p=row) for row in chances]
        p_values.append(fit_of_chances(chances, outcomes, random, samples=99).p_value)
    assert (
        sum(value <= 0.1 for value in p_values) <= 20
    )  # 10 on average, and more than 20 with a chance below one in a thousand
    assert min(p_values) >= 1 / 100


@pytest.mark.parametrize(
    ("chances", "outcomes", "words"),
    [
        ([[1.0, 0.0]], [0, 1], "give a row for each run"),
        ([[0.7, 0.7]], [0], "sum to 1"),
        ([[1.5, -0.5]], [0], "numbers of at least 0"),
        ([[0.5, 0.5]], [2], "whole numbers from 0 to 1"),
        (np.zeros((0, 3)), [], "one at least"),
    ],
)
def test_chances_that_are_none_are_refused(chances, outcomes, words):
    with pytest.raises(ValueError, match=words):
        fit_of_chances(chances, outcomes, np.random.default_rng(0))
