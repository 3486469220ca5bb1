"""The profile of the sparse engine has every part of an epoch, whatever the batch."""

import pytest

import radixnet as rx
from companion.engine_profile import seconds_by_part


@pytest.mark.parametrize("batch_size", [100, 2048])
def test_every_part_of_an_epoch_takes_time(batch_size: int) -> None:
    masks = rx.RadixTopology([[20, 20], [20]], (784, 300, 100, 10)).masks
    seconds = seconds_by_part(masks, batch_size)
    parts = ["pixels", "forward", "back", "gradient", "Adam", "loss", "evaluation"]
    assert list(seconds) == parts
    assert all(taken > 0 for taken in seconds.values())
