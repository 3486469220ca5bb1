"""What the kernels must know of a processor, and which processor this is.

A processor has R registers of W numbers. A kernel that needs more than R keeps some sums in memory,
and is slow: 4 units and 7 vectors of rows are 28 sums, which with 4 weights and the rows at hand
make 33, one too many for AVX-512; 3 units and 7 vectors make 25. The kernels take their shape from
here, so that one source of arithmetic serves all.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from functools import cache

import llvmlite.binding as llvm
import numba


@dataclass(frozen=True)
class Target:
    """The shape of the kernels on one kind of processor.

    Attributes
    ----------
    lanes, registers
        Numbers per vector, and how many vectors the processor holds.
    block
        Weights per block, a multiple of `lanes`.
    vectors
        For groups of one unit, of two and so on up to the largest: how many vectors of rows
        `propagate_group` takes at once. A chunk is a multiple of all.
    inputs_per_step
        For the same: how many inputs it takes per turn of its loop. All inputs of a block, or a
        divisor of them where no weight of a block is padding.
    multiply_add
        LLVM's name for a * b + c without its ending, such as ``llvm.fma``; empty if the processor
        has to multiply and add one after the other.
    flushes
        Whether Adam's means below 1e-38 are set to zero by a comparison, as no mode of the
        processor does it.
    """

    lanes: int
    registers: int
    block: int
    vectors: tuple[int, ...]
    inputs_per_step: tuple[int, ...]
    multiply_add: str = "llvm.fma"
    flushes: bool = False

    @property
    def largest_group(self) -> int:
        """Most units that share a list of inputs."""
        return len(self.vectors)


AVX512 = Target(lanes=16, registers=32, block=16, vectors=(7, 7, 7), inputs_per_step=(4, 4, 5))
AVX2 = Target(lanes=8, registers=16, block=8, vectors=(5, 5, 3, 3), inputs_per_step=(4, 4, 2, 2))
NEON = Target(
    lanes=4,
    registers=32,
    block=16,
    vectors=(5, 5, 5, 5),
    inputs_per_step=(4, 4, 5, 4),
    flushes=True,
)
WASM = Target(4, 16, 8, (5, 5), (1, 1), "llvm.wasm.relaxed.madd", flushes=True)
"""Browsers keep one or two of the registers for themselves."""

SSE = Target(lanes=4, registers=16, block=8, vectors=(5, 5), inputs_per_step=(4, 4))
"""The oldest processors of 64 bits, and those that are not known here."""


def processor() -> tuple[str, str]:
    """Return name and features of the processor that code is compiled for, as LLVM spells them.

    The environment variables ``NUMBA_CPU_NAME`` and ``NUMBA_CPU_FEATURES`` override what the
    machine says; the name alone changes no features. For example,
    ``NUMBA_CPU_NAME=haswell NUMBA_CPU_FEATURES=`` means AVX2 without AVX-512.
    """
    target = numba.core.registry.cpu_target.target_context.codegen().magic_tuple()
    return str(target[1]), str(target[2])


_PROBE = """
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)
define <16 x float> @probe(<16 x float> %a, <16 x float> %b, <16 x float> %c) {
    %result = call <16 x float> @llvm.fma.v16f32(<16 x float> %a, <16 x float> %b, <16 x float> %c)
    ret <16 x float> %result
}"""


@cache
def host() -> Target:
    """Return the target of this process: what LLVM makes of 16 numbers for its `processor`."""
    name, features = processor()
    machine = llvm.Target.from_default_triple().create_target_machine(cpu=name, features=features)
    code = machine.emit_assembly(llvm.parse_assembly(_PROBE))
    if platform.machine().lower() in ("aarch64", "arm64"):
        target = NEON
    else:
        target = AVX512 if "zmm" in code else AVX2 if "ymm" in code else SSE
    calls_a_function = "fmaf" in code
    return replace(target, multiply_add="") if calls_a_function else target
