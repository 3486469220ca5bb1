"""Each kernel computes what a few lines of NumPy do, for every group size, on random numbers."""

from collections.abc import Callable

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from radixnet.training.compiled import kernels
from radixnet.training.compiled.kernels import BLOCK, NARROW, WIDE
from radixnet.training.compiled.vector_code import LANES

Floats = kernels.Floats
RANDOM = np.random.default_rng(0)
GROUP_SIZES = (1, 2, 3, 4)


def numbers(*shape: int) -> Floats:
    return RANDOM.standard_normal(shape).astype(np.float32)


def stored(weights: Floats) -> Floats:
    """Return weights (inputs, units) in blocks of 16, and zeros where a block is not full."""
    inputs, units = weights.shape
    per_block = kernels.inputs_per_block(units)
    blocks = np.zeros((-(-inputs // per_block), BLOCK), np.float32)
    for k in range(inputs):
        blocks[k // per_block, k % per_block * units : (k % per_block + 1) * units] = weights[k]
    return blocks.ravel()


def numpy_propagate(weights: Floats, sources: Floats, gates: Floats | None, slope: float) -> Floats:
    """Take weights (inputs, units), sources (inputs, rows), gates (units, rows)."""
    sums = weights.T @ sources
    return np.where((sums if gates is None else gates) > 0, sums, np.float32(slope) * sums)


def numpy_adam(
    weights: Floats, means: Floats, squares: Floats, gradient: Floats, rate: float
) -> tuple[Floats, ...]:
    """Return weights, means and squares after one step, by the constants in Keras' manual."""
    means = means + (gradient - means) * np.float32(1 - 0.9)
    squares = squares + (gradient**2 - squares) * np.float32(1 - 0.999)
    step = np.float32(rate) * means / (np.sqrt(squares) + np.float32(1e-7))
    return (weights - step).astype(np.float32), means, squares


def propagate(units: int, vectors: int) -> Callable[..., None]:
    @njit
    def call(weights, inputs, steps, source, target, outputs, gate, forward, slope):  # type: ignore[no-untyped-def]
        kernels.propagate_group(
            units, vectors, weights, 0, inputs, 0, steps, source, 0, target, 0, outputs, 0,
            gate, forward, slope
        )  # fmt: skip

    return call  # type: ignore[no-any-return]


@pytest.mark.parametrize("units", GROUP_SIZES)
@pytest.mark.parametrize("vectors", [WIDE, NARROW])
@pytest.mark.parametrize("forward", [True, False])
def test_a_group_propagates_like_a_matrix_product(units: int, vectors: int, forward: bool) -> None:
    line, slope = vectors * LANES, np.float32(0.2)
    call = propagate(units, vectors)
    for count in (0, 1, 17):
        weights, source, gate = numbers(count, units), numbers(40, line), numbers(8, line)
        source[-1] = 0  # the line that padding reads
        inputs, outputs = RANDOM.permutation(39)[:count], RANDOM.permutation(8)[:units]
        per_step = kernels.INPUTS_PER_STEP[units]
        padded = np.append(inputs, np.full(BLOCK, 39)) * line
        target = np.full((8, line), 7, np.float32)
        call(
            np.append(stored(weights), numbers(BLOCK)), padded.astype(np.int32),
            -(-count // per_step), source.ravel(),
            target.ravel(), (outputs * line).astype(np.int32), gate.ravel(), forward, slope,
        )  # fmt: skip
        expected = numpy_propagate(weights, source[inputs], None if forward else gate[outputs], 0.2)
        np.testing.assert_allclose(target[outputs], expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(np.delete(target, outputs, axis=0), 7)


def test_what_is_not_a_number_stays_visible() -> None:
    source = np.full((2, LANES), np.nan, np.float32)
    target = np.zeros((1, LANES), np.float32)
    lines = np.arange(8, dtype=np.int32) % 2 * LANES
    propagate(1, NARROW)(
        numbers(BLOCK),
        lines,
        1,
        source.ravel(),
        target.ravel(),
        lines,
        target.ravel(),
        True,
        np.float32(0),
    )
    assert np.isnan(target).all()


def gradient(units: int) -> Callable[..., None]:
    @njit
    def call(out, add, inputs, blocks, source, source_tile, delta, delta_tile, tiles, outputs):  # type: ignore[no-untyped-def]
        kernels.group_gradient(
            units, out, 0, add, inputs, 0, blocks, source, 0, source_tile,
            delta, 0, delta_tile, tiles, 2, outputs, 0
        )  # fmt: skip

    return call  # type: ignore[no-any-return]


@pytest.mark.parametrize("units", GROUP_SIZES)
@pytest.mark.parametrize("tiles", [1, 3])
def test_a_gradient_sums_products_over_all_rows_of_all_tiles(units: int, tiles: int) -> None:
    line, per_block = 2 * LANES, kernels.inputs_per_block(units)
    source, delta = numbers(tiles, 50, line), numbers(tiles, 6, line)
    inputs, outputs = RANDOM.permutation(50)[: 2 * per_block], RANDOM.permutation(6)[:units]

    def rows_of(values: Floats, features: NDArray[np.int64]) -> Floats:
        """Return (tiles, features, line) as one matrix (features, rows)."""
        return values[:, features].transpose(1, 0, 2).reshape(len(features), -1)

    expected = stored(rows_of(source, inputs) @ rows_of(delta, outputs).T)
    out = np.zeros(2 * BLOCK, np.float32)
    for add, times in ((False, 1), (True, 2)):
        gradient(units)(
            out, add, (inputs * line).astype(np.int32), 2, source.ravel(), 50 * line,
            delta.ravel(), 6 * line, tiles,
            (outputs * line).astype(np.int32),
        )  # fmt: skip
        np.testing.assert_allclose(out, times * expected, rtol=1e-4, atol=1e-4)


def test_adam_takes_the_steps_of_the_formula() -> None:
    @njit
    def call(weights, means, squares, gradient, rate):  # type: ignore[no-untyped-def]
        kernels.adam(weights, means, squares, BLOCK, gradient, 0, 2, rate)

    state = (numbers(4 * BLOCK), numbers(4 * BLOCK), numbers(4 * BLOCK) ** 2)
    slopes = numbers(2 * BLOCK)
    slopes[0] = state[1][BLOCK] = state[2][BLOCK] = 0  # a weight that never had a gradient stays
    here = slice(BLOCK, 3 * BLOCK)
    expected = numpy_adam(*(array[here] for array in state), slopes, 0.01)
    outside = [np.delete(array, np.arange(64)[here]) for array in state]
    still = state[0][BLOCK]
    call(*state, slopes, np.float32(0.01))
    for array, after, rest in zip(state, expected, outside, strict=True):
        np.testing.assert_allclose(array[here], after, rtol=2e-6, atol=1e-7)
        np.testing.assert_array_equal(np.delete(array, np.arange(64)[here]), rest)
    assert state[0][BLOCK] == still


def test_pixels_are_divided_by_255_exactly_as_float32_does() -> None:
    @njit
    def call(images, row_starts, first_pixel, target):  # type: ignore[no-untyped-def]
        kernels.load_pixels(images, row_starts, first_pixel, target, 0, LANES)

    images = np.arange(40 * 64, dtype=np.int64).astype(np.uint8).reshape(40, 64)
    images[:, 16:32] = RANDOM.integers(0, 256, (40, 16))
    rows = RANDOM.integers(0, 40, LANES)
    for first_pixel in (0, 16, 48):
        target = np.zeros((LANES, LANES), np.float32)
        call(images, rows * 64, first_pixel, target.ravel())
        np.testing.assert_array_equal(
            target,
            images[rows, first_pixel : first_pixel + LANES].T.astype(np.float32) / np.float32(255),
        )


def test_the_floating_point_mode_is_put_back() -> None:
    @njit
    def halved(mode, number):  # type: ignore[no-untyped-def]
        kernels.exchange_float_mode(mode)
        return number * np.float32(0.5)

    tiny = np.float32(1.2e-38)
    mode = np.array([kernels.FLUSH_DENORMALS], np.uint32)
    assert halved(mode, tiny) in (0, tiny / 2)  # zero where the processor has such a mode
    assert halved(mode, tiny) == tiny / 2
