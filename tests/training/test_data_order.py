"""The same rows in the same order for everyone who asks with the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radixnet.training import epoch_order, split

SEEDS = st.integers(0, 2**63)


@given(SEEDS, st.integers(1, 300), st.floats(0, 0.99))
def test_a_split_shares_out_every_row_once(seed: int, rows: int, share: float) -> None:
    if round(rows * share) == rows:
        with pytest.raises(ValueError, match="leaves none to train"):
            split(seed, rows, share)
        return
    train, validation = split(seed, rows, share)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, validation])), np.arange(rows))
    assert len(validation) == round(rows * share)


def test_the_papers_split_of_mnist_is_54000_to_6000() -> None:
    train, validation = split(1000, 60_000, 0.1)
    assert (len(train), len(validation)) == (54_000, 6_000)


@given(SEEDS, st.integers(0, 100), st.integers(1, 300))
def test_an_epoch_goes_through_every_row_once(seed: int, epoch: int, rows: int) -> None:
    np.testing.assert_array_equal(np.sort(epoch_order(seed, epoch, rows)), np.arange(rows))


def test_orders_repeat_with_the_seed_and_differ_between_epochs_and_seeds() -> None:
    orders = [epoch_order(seed, epoch, 100).tobytes() for seed in range(5) for epoch in range(5)]
    assert orders == [
        epoch_order(seed, epoch, 100).tobytes() for seed in range(5) for epoch in range(5)
    ]
    assert len(set(orders)) == 25
    assert split(0, 100, 0.1)[0].tobytes() != split(1, 100, 0.1)[0].tobytes()
