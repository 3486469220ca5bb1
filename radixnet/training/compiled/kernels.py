r"""The innermost loops, which decide how fast a sparse network trains, in vector instructions.

Only this file and the language it is written in know about registers. Read the language's first
(`radixnet.training.compiled.vector_code`). Tests compare each kernel that computes with a few lines
of NumPy.

Why not plain loops? A processor multiplies and adds several numbers at once, twice per cycle, if
the sums stay in its registers. A compiler does not find that arrangement in a sparse matrix
product, so it is spelled out here in LLVM's instruction language, through llvmlite, which comes
with Numba. No C compiler is needed. How many numbers a register holds, and how many registers there
are, differs: 16 and 32 with AVX-512, 8 and 16 with AVX2, 4 and 32 on ARM, 4 and 16 in WebAssembly.
A kernel reads such facts from its target (`radixnet.training.compiled.targets`), and its arithmetic
stands here once. The drawings below are for vectors and blocks of 16.

**How numbers lie in memory.** Training rows (images) run along the vectors, because every row meets
the same weights: one weight times 16 rows is one instruction, whatever the sparsity pattern. A
batch, or a part of it if it is large, keeps for every feature (pixel or unit) a *line*, its value
in all rows::

                        rows of the batch  ->
                        | a tile: a few vectors   | next    |
                        | 16 rows | 16 rows | ... | 16 rows |
        feature 0       [.........|.........| ... |.........]  \
        feature 1       [.........|.........| ... |.........]   | a "feature offset" is where
            ...                                                 | a feature's line starts
        feature n - 1   [.........|.........| ... |.........]  /
        ones            [1 1 1 ...                   ... 1 1]     the input of biases
        zeros           [0 0 0 ...                   ... 0 0]     the input of padding

Rows go through a layer in *tiles* of as many vectors as there are registers for sums: with 7
vectors and 3 units 21 sums, beside 3 weights, each 16 times, and a vector of inputs.

**How weights lie in memory.** Up to 3 units that read the same inputs form a *group*; RadiX-Nets,
made of shifted copies, are full of them. A group names its inputs once, and its weights follow in
*blocks* of 16, input by input, so that a value loaded once serves the whole group::

        group of 3 units a, b, c with inputs 4, 14, 24, ...

        inputs   4  14  24  34  44 | 54 ...                       (feature offsets)
        block   [a4 b4 c4 a14 b14 c14 a24 b24 c24 a34 b34 c34 a44 b44 c44 --] [a54 ...

One block holds 16 // units inputs; the rest is padding, with weight zero and the line of zeros as
input. Where units read nearly the same inputs, as in the sparsest RadiX-Nets, they form a group
too: connections that are absent are stored like others, and set to zero after each step. The same
layout of the transposed mask turns gradients of a layer's outputs into gradients of its inputs, so
one kernel serves both directions.

**What was tried and left out**, on a Xeon of 2023 (Sapphire Rapids, AVX-512, batches of 100):

- Adam block by block, in between the gradients of two blocks: RadiX 10 % took 76 ms an epoch
  instead of 70, dense 596 instead of 560.
- Inputs in parts that fit the nearest cache, for all units of a layer: no faster at any size of the
  parts, for random masks (10 to 13 cycles a weight instead of 10) or dense ones (4.6, as before).
- Blocks of all units in the order of their inputs: 202 cycles a block of a random mask instead of
  207, and 103 instead of 95 for RadiX 10 %.
- As many turns of the gradient's loop as a full chunk has, known when it is compiled: 4 to 12 % of
  the gradient, 4 % of an epoch at most, for a second version of the kernel.
- No prefetch of the next rows: pixels alone 6.7 ms an epoch instead of 7.8, but what memory costs
  depends on the machine.

By reasoning only: gradients of the first layer from bytes would add two instructions to each load,
on the ports that multiply; pixels of several batches transposed ahead would take memory that the
caches need, for at most the 7 ms above. Not tried: two models in one pass, several groups of one
unit in one pass, and Adam in registers from the gradient on.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import cgutils
from numpy.typing import NDArray

from radixnet.training.compiled.targets import Target
from radixnet.training.compiled.vector_code import I8, I32, I64, VectorCode

MOST_LINES = 8
"""Inputs whose lines `group_gradient` reads in one loop: each takes a register for its address."""

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
"""Adam's constants, as Keras has them."""

Floats = NDArray[np.float32]
Function = TypeVar("Function", bound=Callable[..., Any])


def without_lock(function: Function) -> Function:
    """Compile a function that compiled functions call, without Python's lock.

    Numba finds the types without annotations. Wrappers that Python or C could call would take a
    third of the compiler's time.
    """
    options = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Function, njit(**options)(function))


def made_for(*facts: object) -> Callable[[Function], Function]:
    """Make facts, for which a function is made anew, a part of its name.

    Of two functions with one name in code from disk, LLVM may call either.
    """

    def decorate(function: Function) -> Function:
        function.__qualname__ += f"_{hashlib.sha256(repr(facts).encode()).hexdigest()[:16]}"
        return function

    return decorate


def propagate_group(
    code: VectorCode,
    units: int,
    vectors: int,
    weights: Any,
    first_weight: Any,
    inputs: Any,
    first_input: Any,
    steps: Any,
    source: Any,
    source_start: Any,
    target: Any,
    target_start: Any,
    outputs: Any,
    first_output: Any,
    gate: Any,
    forward: Any,
    slope: Any,
) -> None:
    r"""Send one tile through one group, :math:`t_{u} = f(\sum_k w_{ku} s_{k})` for each row.

    Forward, f is the activation: the sum itself where it is positive, `slope` times the sum
    elsewhere (0 ReLU, 0.2 leaky, 1 linear). Backward (not `forward`), f is the chain rule through
    the activation before: the same, with "positive" asked of `gate`, the activations stored on the
    way forward at the target's places. All sums of a group stay in registers until complete.

    Parameters
    ----------
    code
        Writes the instructions; `units` and `vectors`, of the group and the tile, are compiled in.
        Everything else is known when they run.
    weights, first_weight
        All weights, and where the group's blocks start.
    inputs, first_input, steps
        Feature offsets, where the group's start, and how many turns of `inputs_per_step` they take.
    source, source_start, target, target_start
        The lines read and written: an array each, and where in it the tile starts.
    outputs, first_output
        Feature offsets of the units, and where the group's start.
    gate, forward, slope
        As above: an array, whether the pass is forward, and a float.
    """
    build, block, per_step = code.builder, code.target.block, code.target.inputs_per_step[units - 1]
    # Blocks without padding follow each other without a gap, so that a turn may be a part of one; a
    # turn that is a whole block skips the padding at its end.
    weights_per_step = block if per_step == block // units else units * per_step
    sums = [[code.variable() for _ in range(vectors)] for _ in range(units)]
    # Of rows and weights, those that are fewer stay in registers meanwhile.
    pairs = [(u, v) for v in range(vectors) for u in range(units)]
    if vectors < units:
        pairs.sort()
    zero = code.constant(0)
    for variable in (variable for row in sums for variable in row):
        build.store(zero, variable)
    with code.loop(steps) as step:
        weight = build.add(first_weight, code.times(step.index, weights_per_step))
        name = build.add(first_input, code.times(step.index, per_step))
        for k in range(per_step):
            line = build.add(source_start, code.load_integer(inputs, name, k))
            rows, factors = {}, {}  # loaded just before they are needed, to save registers
            for u, v in pairs:
                if v not in rows:
                    rows[v] = code.load(source, line, v * code.lanes)
                if u not in factors:
                    factors[u] = code.load_broadcast(weights, weight, k * units + u)
                total = code.multiply_add(rows[v], factors[u], build.load(sums[u][v]))
                build.store(total, sums[u][v])

    slopes = code.broadcast(slope)
    lines = [code.load_integer(outputs, first_output, u) for u in range(units)]

    def write(gate_of: Callable[[int, int, Any], Any]) -> None:
        for u in range(units):
            for v in range(vectors):
                total = build.load(sums[u][v])
                positive = build.fcmp_ordered(">", gate_of(u, v, total), zero)
                code.store(
                    build.select(positive, total, build.fmul(slopes, total)),
                    target,
                    target_start,
                    lines[u],
                    v * code.lanes,
                )

    with build.if_else(forward) as (on_the_way_forward, on_the_way_back):
        with on_the_way_forward:
            write(lambda _u, _v, total: total)
        with on_the_way_back:
            write(lambda u, v, _total: code.load(gate, target_start, lines[u], v * code.lanes))


def group_gradient(
    code: VectorCode,
    units: int,
    gradient: Any,
    first_weight: Any,
    add: Any,
    inputs: Any,
    first_input: Any,
    blocks: Any,
    source: Any,
    source_start: Any,
    delta: Any,
    delta_start: Any,
    vectors: Any,
    outputs: Any,
    first_output: Any,
) -> None:
    r"""Write the gradient of one group's weights, :math:`g_{ku} = \sum_{rows} s_{k} \delta_{u}`.

    A block at a time: running vectors of products, one per weight, over all rows; their lane sums
    at the end.

    Parameters
    ----------
    code
        Writes the instructions; `units`, of the group, is compiled in. Everything else is known
        when they run.
    gradient, first_weight, add
        Where to write, from which place on, and whether to add to what is there.
    inputs, first_input, blocks
        Feature offsets, where the group's start, and how many blocks they fill.
    source, source_start, delta, delta_start, vectors
        Lines of the layer's inputs and of its outputs' gradients: an array each, where in it the
        chunk starts, and how many vectors of rows the chunk has.
    outputs, first_output
        Feature offsets of the units, and where the group's start.
    """
    build, size, per_block = code.builder, code.target.block, code.target.block // units
    products = [[code.variable() for _ in range(units)] for _ in range(per_block)]
    zero = code.constant(0)
    out_lines = [
        build.add(delta_start, code.load_integer(outputs, first_output, u)) for u in range(units)
    ]
    with code.loop(blocks) as block:
        name = build.add(first_input, code.times(block.index, per_block))
        in_lines = [
            build.add(source_start, code.load_integer(inputs, name, k)) for k in range(per_block)
        ]
        for variable in (variable for row in products for variable in row):
            build.store(zero, variable)
        for first in range(0, per_block, MOST_LINES):
            with code.loop(vectors) as vector:
                along = code.times(vector.index, code.lanes)
                factors = [code.load(delta, line, along) for line in out_lines]
                for k in range(per_block)[first : first + MOST_LINES]:
                    rows = code.load(source, in_lines[k], along)
                    for u in range(units):
                        total = code.multiply_add(rows, factors[u], build.load(products[k][u]))
                        build.store(total, products[k][u])
        complete = [build.load(variable) for row in products for variable in row]
        complete += [zero] * (size - len(complete))
        sums = {i: code.lane_sums(complete[i : i + code.lanes]) for i in range(0, size, code.lanes)}
        place = build.add(first_weight, code.times(block.index, size))
        with build.if_else(add) as (adding, first):
            with adding:
                for i in sums:
                    total = build.fadd(code.load(gradient, place, i), sums[i])
                    code.store(total, gradient, place, i)
            with first:
                for i in sums:
                    code.store(sums[i], gradient, place, i)


def take_step(
    code: VectorCode,
    weights: Any,
    means: Any,
    squares: Any,
    first_weight: Any,
    gradient: Any,
    first_gradient: Any,
    vectors: Any,
    by_adam: Any,
    rate: Any,
    decay: Any,
    momentum: Any,
) -> None:
    """Take one step, of `adam` or of `descend`, on so many vectors of weights."""
    where = (first_weight, gradient, first_gradient, vectors)
    with code.builder.if_else(by_adam) as (yes, no):
        with yes:
            adam(code, weights, means, squares, *where, rate, decay)
        with no:
            descend(code, weights, means, *where, rate, decay, momentum)


def adam(
    code: VectorCode,
    weights: Any,
    means: Any,
    squares: Any,
    first_weight: Any,
    gradient: Any,
    first_gradient: Any,
    vectors: Any,
    rate: Any,
    decay: Any,
) -> None:
    r"""Take one step of Adam on so many vectors of weights, as Keras 3 does.

    :math:`m \mathrel{+}= (1 - \beta_1)(g - m)`, :math:`v \mathrel{+}= (1 - \beta_2)(g^2 - v)`,
    :math:`w \mathrel{-}= \alpha m / (\sqrt v + \epsilon) + d w` with `rate` :math:`\alpha = \eta
    \sqrt{1 - \beta_2^t} / (1 - \beta_1^t)`; `decay`, d, is what weight decay takes. Both changes
    are added first: 1 - d as a float32 would be a multiple of 6e-8.
    """
    build = code.builder
    rates, decays = code.broadcast(rate), code.broadcast(decay)
    with code.loop(vectors) as vector:
        offset = code.times(vector.index, code.lanes)
        place = build.add(first_weight, offset)
        slope = code.load(gradient, first_gradient, offset)
        mean, square = code.load(means, place), code.load(squares, place)
        mean = code.multiply_add(build.fsub(slope, mean), code.constant(1 - BETA_1), mean)
        square = code.multiply_add(
            build.fsub(build.fmul(slope, slope), square), code.constant(1 - BETA_2), square
        )
        root = code.call_on_vectors("llvm.sqrt", square)
        spread = build.fadd(root, code.constant(EPSILON))
        code.store(code.flushed(mean), means, place)
        code.store(code.flushed(square), squares, place)
        step = build.fdiv(build.fmul(rates, mean), spread)
        weight = code.load(weights, place)
        change = code.multiply_add(weight, decays, step)
        code.store(build.fsub(weight, change), weights, place)


def descend(
    code: VectorCode,
    weights: Any,
    means: Any,
    first_weight: Any,
    gradient: Any,
    first_gradient: Any,
    vectors: Any,
    rate: Any,
    decay: Any,
    momentum: Any,
) -> None:
    r"""Take one step of gradient descent with momentum, as Keras' ``SGD`` does.

    :math:`m = \mu m - \eta g`, :math:`w \mathrel{-}= d w - m`, with `rate` :math:`\eta`; `decay`,
    d, is what weight decay takes.
    """
    build = code.builder
    rates, decays, momenta = (code.broadcast(number) for number in (rate, decay, momentum))
    with code.loop(vectors) as vector:
        offset = code.times(vector.index, code.lanes)
        place = build.add(first_weight, offset)
        step = build.fmul(rates, code.load(gradient, first_gradient, offset))
        mean = build.fsub(build.fmul(momenta, code.load(means, place)), step)
        code.store(code.flushed(mean), means, place)
        weight = code.load(weights, place)
        change = code.multiply_add(weight, decays, build.fneg(mean))
        code.store(build.fsub(weight, change), weights, place)


def load_pixels(
    code: VectorCode,
    images: Any,
    row_starts: Any,
    first_pixel: Any,
    target: Any,
    target_start: Any,
    line: Any,
) -> None:
    r"""Copy a square of pixels and rows, transposed: bytes as :math:`p / 255`, floats as they are.

    `row_starts` says where each row starts in the images, for as many rows as there are lanes;
    `line` is the length of a feature's line.
    """
    build = code.builder
    are_bytes = images.type.pointee == I8
    rows = []
    for r in range(code.lanes):
        place = build.add(code.load_integer(row_starts, I64(r)), first_pixel)
        if are_bytes:
            address = code.pointer(images, place)
            grey = build.load(build.bitcast(address, code.bytes.as_pointer()))
            grey.align = 1
            rows.append(build.uitofp(build.zext(grey, code.integers), code.vector))
        else:
            rows.append(code.load(images, place))
    for number, pixels in enumerate(code.transposed(rows)):
        scaled = code.quotient(pixels, 255) if are_bytes else pixels
        code.store(scaled, target, target_start, code.times(line, number))


def chains(target: Target) -> int:
    """Return how many sums `multiply_add_chains` keeps going: three quarters of the registers."""
    return 3 * target.registers // 4


def multiply_add_chains(code: VectorCode, turns: Any, result: Any) -> None:
    """Only multiply and add, a vector per chain and turn, to measure the most a core can do."""
    sums = [code.variable() for _ in range(chains(code.target))]
    factor = code.load(result, I64(0))
    for variable in sums:
        code.builder.store(factor, variable)
    with code.loop(turns):
        for variable in sums:
            code.builder.store(
                code.multiply_add(code.builder.load(variable), factor, factor), variable
            )
    total = code.constant(0)
    for variable in sums:
        total = code.builder.fadd(total, code.builder.load(variable))
    code.store(total, result, I64(0))


CACHE_LINE = 64
"""Bytes that come from memory together."""


def prefetch(code: VectorCode, images: Any, start: Any) -> None:
    """Ask for the cache line with number `start` of the images without waiting; it only saves time.

    Rows come in random order, so the processor cannot guess which one is next, and memory takes as
    long as a thousand additions.
    """
    address = code.builder.bitcast(code.pointer(images, start), I8.as_pointer())
    reading, soon, of_data = I32(0), I32(2), I32(1)
    code.call("llvm.prefetch.p0", ir.VoidType(), address, reading, soon, of_data)


_ON_X86 = platform.machine().lower() in ("x86_64", "amd64")

FLUSH_DENORMALS = 0x9FC0
"""For `exchange_float_mode`: results below 1e-38 become zero."""


def exchange_float_mode(code: VectorCode, mode: Any) -> None:
    """Exchange this thread's floating-point mode and ``mode[0]``, a uint32; does nothing off x86.

    Adam's means of a dead unit's weights shrink below 1e-38 and stay there, where some processors
    take a hundred times as long. Calling it a second time with the same array puts the first mode
    back.
    """
    if not _ON_X86:
        return
    before = cgutils.alloca_once(code.builder, I32)
    for instruction, place in (("stmxcsr", before), ("ldmxcsr", mode)):
        address = code.builder.bitcast(place, I8.as_pointer())
        code.call(f"llvm.x86.sse.{instruction}", ir.VoidType(), address)
    code.builder.store(code.builder.load(before), mode)
