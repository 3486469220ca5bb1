"""Each kernel computes what a few lines of NumPy do, for every target, on random numbers.

Vectors that are wider than this machine's become several; narrower ones leave lanes empty.
"""

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import njit
from tested_targets import TARGETS

from radixnet.training.compiled import kernels, vector_code
from radixnet.training.compiled.targets import NEON, Target, host
from radixnet.training.compiled.vector_code import kernel

Floats = kernels.Floats
RANDOM = np.random.default_rng(0)
every_target = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)


def numbers(*shape: int) -> Floats:
    return RANDOM.standard_normal(shape).astype(np.float32)


def group_sizes(target: Target) -> range:
    return range(1, target.largest_group + 1)


def stored(weights: Floats, target: Target) -> Floats:
    """Return weights (inputs, units) in blocks, and zeros where a block is not full."""
    inputs, units = weights.shape
    per_block = target.block // units
    blocks = np.zeros((-(-inputs // per_block), target.block), np.float32)
    for k in range(inputs):
        blocks[k // per_block, k % per_block * units : (k % per_block + 1) * units] = weights[k]
    return blocks.ravel()


def numpy_propagate(weights: Floats, sources: Floats, gates: Floats | None, slope: float) -> Floats:
    """Take weights (inputs, units), sources (inputs, rows), gates (units, rows)."""
    sums = weights.T @ sources
    return np.where((sums if gates is None else gates) > 0, sums, np.float32(slope) * sums)


def numpy_adam(
    weights: Floats, means: Floats, squares: Floats, gradient: Floats, rate: float, decay: float
) -> tuple[Floats, ...]:
    """Return weights, means and squares after one step, by the constants in Keras' manual."""
    means = means + (gradient - means) * np.float32(1 - 0.9)
    squares = squares + (gradient**2 - squares) * np.float32(1 - 0.999)
    step = np.float32(rate) * means / (np.sqrt(squares) + np.float32(1e-7))
    return (weights * np.float32(1 - decay) - step).astype(np.float32), means, squares


def numpy_momentum(
    weights: Floats, means: Floats, gradient: Floats, rate: float, decay: float, momentum: float
) -> tuple[Floats, ...]:
    means = np.float32(momentum) * means - np.float32(rate) * gradient
    return np.float32(1 - decay) * weights + means, means


def propagate(target: Target, units: int, vectors: int) -> Callable[..., None]:
    propagate_group = kernel(target, kernels.propagate_group, units, vectors)

    @njit
    def call(weights, inputs, steps, source, target, outputs, gate, forward, slope):  # type: ignore[no-untyped-def]
        propagate_group(
            weights, 0, inputs, 0, steps, source, 0, target, 0, outputs, 0, gate, forward, slope
        )

    return call  # type: ignore[no-any-return]


@every_target
@pytest.mark.parametrize("whole_tile", [True, False])
def test_a_group_propagates_like_a_matrix_product(target: Target, whole_tile: bool) -> None:
    slope = np.float32(0.2)
    for units in group_sizes(target):
        vectors = target.vectors[units - 1] if whole_tile else 1
        line = vectors * target.lanes
        call, per_step = propagate(target, units, vectors), target.inputs_per_step[units - 1]
        for count in (0, 1, 17):
            weights, source, gate = numbers(count, units), numbers(40, line), numbers(8, line)
            source[-1] = 0  # the line that padding reads
            inputs, outputs = RANDOM.permutation(39)[:count], RANDOM.permutation(8)[:units]
            padded = np.append(inputs, np.full(target.block, 39)) * line
            for forward in (True, False):
                out = np.full((8, line), 7, np.float32)
                call(
                    np.append(stored(weights, target), numbers(target.block)),
                    padded.astype(np.int32), -(-count // per_step), source.ravel(), out.ravel(),
                    (outputs * line).astype(np.int32), gate.ravel(), forward, slope,
                )  # fmt: skip
                gates = None if forward else gate[outputs]
                expected = numpy_propagate(weights, source[inputs], gates, 0.2)
                np.testing.assert_allclose(out[outputs], expected, rtol=1e-5, atol=1e-5)
                np.testing.assert_array_equal(np.delete(out, outputs, axis=0), 7)


@every_target
def test_what_is_not_a_number_stays_visible(target: Target) -> None:
    source = np.full((2, target.lanes), np.nan, np.float32)
    out = np.zeros((1, target.lanes), np.float32)
    lines = np.arange(8, dtype=np.int32) % 2 * target.lanes
    weights = numbers(target.block)
    arguments = (source.ravel(), out.ravel(), lines, out.ravel(), True, np.float32(0))
    propagate(target, 1, 1)(weights, lines, 1, *arguments)
    assert np.isnan(out).all()
    state = [numbers(target.block) for _ in range(3)]
    nothing, one = np.full(target.block, np.nan, np.float32), np.float32(1)
    adam(target)(*state, nothing, 0, 1, one, np.float32(0))
    assert all(np.isnan(array[: target.lanes]).all() for array in state)
    state = [numbers(target.block) for _ in range(2)]
    momentum(target)(*state, nothing, 0, 1, one, one, one)
    assert all(np.isnan(array[: target.lanes]).all() for array in state)


def gradient(target: Target, units: int) -> Callable[..., None]:
    group_gradient = kernel(target, kernels.group_gradient, units)

    @njit
    def call(out, add, inputs, blocks, source, delta, vectors, outputs):  # type: ignore[no-untyped-def]
        group_gradient(out, 0, add, inputs, 0, blocks, source, 0, delta, 0, vectors, outputs, 0)

    return call  # type: ignore[no-any-return]


@every_target
def test_a_gradient_sums_products_over_all_rows_in_use(target: Target) -> None:
    line = 3 * target.lanes
    source, delta = numbers(50, line), numbers(6, line)
    for units in group_sizes(target):
        per_block, call = target.block // units, gradient(target, units)
        inputs, outputs = RANDOM.permutation(50)[: 2 * per_block], RANDOM.permutation(6)[:units]
        lines = [(numbers * line).astype(np.int32) for numbers in (inputs, outputs)]
        for vectors in (1, 2, 3):
            rows = slice(vectors * target.lanes)
            expected = stored(source[inputs, rows] @ delta[outputs, rows].T, target)
            out = np.zeros(2 * target.block, np.float32)
            for add, times in ((False, 1), (True, 2)):
                call(out, add, lines[0], 2, source.ravel(), delta.ravel(), vectors, lines[1])
                np.testing.assert_allclose(out, times * expected, rtol=1e-4, atol=1e-4)


def adam(target: Target) -> Callable[..., None]:
    step = kernel(target, kernels.adam)

    @njit
    def call(weights, means, squares, gradient, first, vectors, rate, decay):  # type: ignore[no-untyped-def]
        step(weights, means, squares, first, gradient, 0, vectors, rate, decay)

    return call  # type: ignore[no-any-return]


def momentum(target: Target) -> Callable[..., None]:
    step = kernel(target, kernels.descend)

    @njit
    def call(weights, means, gradient, first, vectors, rate, decay, momentum):  # type: ignore[no-untyped-def]
        step(weights, means, first, gradient, 0, vectors, rate, decay, momentum)

    return call  # type: ignore[no-any-return]


@every_target
@pytest.mark.parametrize(
    ("compiled", "expected", "constants"),
    [
        (adam, numpy_adam, (0.01, 0.0)),
        (adam, numpy_adam, (0.01, 0.1)),
        (momentum, numpy_momentum, (0.01, 0.1, 0.8)),
        (momentum, numpy_momentum, (0.01, 0.0, 0.0)),
    ],
)
def test_steps_are_those_of_the_formula(
    target: Target,
    compiled: Callable[[Target], Callable[..., None]],
    expected: Callable[..., tuple[Floats, ...]],
    constants: tuple[float, ...],
) -> None:
    lanes = target.lanes
    state = [numbers(4 * lanes), numbers(4 * lanes), numbers(4 * lanes) ** 2]
    state = state[: 3 if compiled is adam else 2]
    slopes = numbers(2 * lanes)
    slopes[0] = 0
    for means in state[1:]:
        means[lanes] = 0  # a weight that never had a gradient only decays
    here = slice(lanes, 3 * lanes)
    right = expected(*(array[here] for array in state), slopes, *constants)
    outside = [np.delete(array, np.arange(4 * lanes)[here]) for array in state]
    still = state[0][lanes]
    compiled(target)(*state, slopes, lanes, 2, *map(np.float32, constants))
    for array, after, rest in zip(state, right, outside, strict=True):
        np.testing.assert_allclose(array[here], after, rtol=2e-6, atol=1e-6)
        np.testing.assert_array_equal(np.delete(array, np.arange(4 * lanes)[here]), rest)
    assert state[0][lanes] == pytest.approx(still * (1 - constants[1]), rel=1e-7)


@every_target
def test_weight_decay_too_small_to_change_a_weight_alone_adds_to_its_step(target: Target) -> None:
    """Below 1, float32 numbers are 6e-8 apart: 2e-8 or 2.9e-8 is rounded off, their sum is not."""
    lanes, rate, decay = target.lanes, np.float32(2e-8), np.float32(2.9e-8)
    for compiled, more in ((adam, ()), (momentum, (np.float32(0),))):
        for share, after in ((np.float32(0), 1), (decay, np.nextafter(np.float32(1), 0))):
            weights, slopes = np.ones((2, lanes), np.float32)
            # Adam's mean and square stay at 1 if the slope is 1.
            state = [weights, *np.ones((2 if compiled is adam else 1, lanes), np.float32)]
            compiled(target)(*state, slopes, 0, 1, rate, share, *more)
            assert (weights == after).all()


def test_where_no_mode_does_it_adam_sets_means_below_1e_38_to_zero() -> None:
    state = [np.full(NEON.lanes, value, np.float32) for value in (1, 1.2e-38, 1.2e-38)]
    adam(NEON)(*state, np.zeros(NEON.lanes, np.float32), 0, 1, np.float32(0.01), np.float32(0))
    assert not state[1].any()
    assert not np.array_equal(state[2], np.zeros(NEON.lanes))  # still above


@every_target
def test_the_example_of_the_introduction_adds_twice_an_array(target: Target) -> None:
    text = inspect.getdoc(vector_code) or ""
    example = re.search(r"^    def add_twice\(.*\n(?:     .*\n)+", text, re.MULTILINE)
    assert example
    defined: dict[str, Any] = {}
    exec(textwrap.dedent(example[0]), defined)  # noqa: S102
    add_twice = kernel(target, defined["add_twice"])

    @njit
    def call(source, target, vectors):  # type: ignore[no-untyped-def]
        add_twice(source, target, vectors)

    source, sums = numbers(3 * target.lanes), np.ones(3 * target.lanes, np.float32)
    call(source, sums, 2)
    right = np.where(np.arange(3 * target.lanes) < 2 * target.lanes, 1 + 2 * source, 1)
    np.testing.assert_allclose(sums, right, atol=1e-6)


@every_target
def test_pixels_are_divided_by_255_exactly_as_float32_does(target: Target) -> None:
    lanes = target.lanes
    load_pixels = kernel(target, kernels.load_pixels)

    @njit
    def call(images, row_starts, first_pixel, target):  # type: ignore[no-untyped-def]
        load_pixels(images, row_starts, first_pixel, target, 0, lanes)

    images = np.arange(40 * 64, dtype=np.int64).astype(np.uint8).reshape(40, 64)
    images[:, 16:32] = RANDOM.integers(0, 256, (40, 16))
    rows = RANDOM.integers(0, 40, lanes)
    for first_pixel in range(0, 64, lanes):
        out = np.zeros((lanes, lanes), np.float32)
        call(images, rows * 64, first_pixel, out.ravel())
        pixels = images[rows, first_pixel : first_pixel + lanes].T
        np.testing.assert_array_equal(out, pixels.astype(np.float32) / np.float32(255))
        floats = numbers(40, 64)
        call(floats, rows * 64, first_pixel, out.ravel())  # which stay as they are
        np.testing.assert_array_equal(out, floats[rows, first_pixel : first_pixel + lanes].T)


def test_the_floating_point_mode_is_put_back() -> None:
    exchange_float_mode = kernel(host(), kernels.exchange_float_mode)

    @njit
    def halved(mode, number):  # type: ignore[no-untyped-def]
        exchange_float_mode(mode)
        return number * np.float32(0.5)

    tiny = np.float32(1.2e-38)
    mode = np.array([kernels.FLUSH_DENORMALS], np.uint32)
    assert halved(mode, tiny) in (0, tiny / 2)  # zero where the processor has such a mode
    assert halved(mode, tiny) == tiny / 2
