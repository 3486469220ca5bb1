"""Networks are compared with others of about their size.

Against the definition, one pair at a time.
"""

import math
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.matching import matched_median

SIZES = st.lists(st.integers(1, 300), max_size=12)


@given(
    SIZES,
    st.lists(st.tuples(st.integers(1, 300), st.integers(-5, 5)), max_size=20),
    st.sampled_from([0, 0.25, 0.5, 2]),
)
def test_each_size_gets_the_median_of_all_that_are_as_large(sizes, others, tolerance):
    """Shares are quarters and sizes integers, so that both sides are exact."""
    found = matched_median(
        sizes, [size for size, _ in others], [value for _, value in others], tolerance
    )
    for size, middle in zip(sizes, found, strict=True):
        equal = [value for other, value in others if abs(other - size) <= tolerance * size]
        assert middle == median(equal) if equal else math.isnan(middle)


def test_networks_are_equal_only_if_every_layer_is():
    """Equal totals are not enough, nor is one layer."""
    others = [[100, 10], [90, 20], [101, 11], [109, 1]]
    found = matched_median([[100, 10], [50, 60]], others, [0.1, 0.2, 0.4, 0.8], 0.1)
    assert found[0] == pytest.approx(0.25)
    assert math.isnan(found[1])


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match=r"tolerance -0.1: give a share of at least 0"):
        matched_median([1], [1], [1], -0.1)
    with pytest.raises(ValueError, match=r"tolerance nan: give a share"):
        matched_median([1], [1], [1], math.nan)
    with pytest.raises(
        ValueError,
        match=r"other_sizes has shape \(2,\) and other_values \(1,\): give one value for each, and",
    ):
        matched_median([1], [1, 2], [1], 0.1)
    with pytest.raises(ValueError, match=r"sizes as those of shape \(1, 2\)"):
        matched_median([[1, 2]], [[1, 2, 3]], [1], 0.1)
    for sizes, others in (([0], [1]), ([1], [-1])):
        with pytest.raises(ValueError, match="must be positive"):
            matched_median(sizes, others, [1], 0.1)


def test_nothing_to_compare_gives_nothing():
    assert matched_median([], [1], [1], 0.1).shape == (0,)
    assert np.isnan(matched_median([1], [], [], 0.1)).all()
