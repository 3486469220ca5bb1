"""In the loops that training spends its time in, every sum stays in a register.

For each target the kernels are compiled for a processor of its kind, whatever this machine is, and
their assembly is read. The loops of `radixnet.training.compiled.steps` around them are not looked
at: there, what a kernel is told, such as the length of a line, may come from the stack.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import llvmlite.binding as llvm
import pytest
from llvmlite import ir
from tested_targets import TARGETS

from radixnet.training.compiled import kernels
from radixnet.training.compiled.targets import AVX2, AVX512, NEON, Target
from radixnet.training.compiled.vector_code import F32, I8, I32, I64, VectorCode, new_function

ON_X86, ON_ARM = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
PROCESSORS = {
    "skylake-avx512": (AVX512, ON_X86),
    "sapphirerapids": (AVX512, ON_X86),
    "haswell": (AVX2, ON_X86),
    "znver3": (AVX2, ON_X86),
    "cortex-a76": (NEON, ON_ARM),
    "apple-m1": (NEON, ON_ARM),
    "x86-64": (TARGETS["SSE"], ON_X86),
}


def load_all_pixels(code: VectorCode, images: Any, rows: Any, turns: Any, to: Any) -> None:
    """Load the pixels of as many rows as there are lanes."""
    with code.loop(turns) as turn:
        pixel = code.times(turn.index, code.lanes)
        kernels.load_pixels(code, images, rows, pixel, to, pixel, I64(code.lanes))


P, N, WHETHER = F32.as_pointer(), I32.as_pointer(), ir.IntType(1)
KINDS = {
    kernels.propagate_group: (P, I64, N, I64, I64, P, I64, P, I64, N, I64, P, WHETHER, F32),
    kernels.group_gradient: (P, I64, WHETHER, N, I64, I64, P, I64, P, I64, I64, N, I64),
    kernels.adam: (P, P, P, I64, P, I64, I64, F32, F32),
    kernels.descend: (P, P, I64, P, I64, I64, F32, F32, F32),
    kernels.multiply_add_chains: (I64, P),
    load_all_pixels: (I8.as_pointer(), I64.as_pointer(), I64, P),
}


def assembly(
    write: Callable[..., None], constants: tuple[int, ...], target: Target, triple: str, name: str
) -> list[str]:
    """Return the lines of a kernel's machine code."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    module = ir.Module()
    module.triple = triple
    code, arguments = new_function(module, "kernel", KINDS[write], target)
    write(code, *constants, *arguments)
    code.builder.ret_void()
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=name, opt=3)
    parsed = llvm.parse_assembly(str(module))
    parsed.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(3))
    builder.getModulePassManager().run(parsed, builder)
    return [line.strip() for line in machine.emit_assembly(parsed).splitlines()]


JUMP = re.compile(r"(jmp|j\w+|b|b\.\w+|cbn?z|tbn?z)\s+(?:[^.]*,\s*)?(\.L\w+)$")
"""A jump, on x86 or on ARM, and the label it goes to."""


def innermost_loops(lines: list[str]) -> list[list[str]]:
    """Return the lines of all loops that have no other loop inside.

    A loop is an edge back to a block that every way to the edge leads through, and all blocks that
    reach the edge without that one.
    """
    blocks: list[list[str]] = [[]]
    starts = {}
    for line in lines:
        if label := re.match(r"(\.L\w+):", line):
            blocks.append([])
            starts[label[1]] = len(blocks) - 1
        blocks[-1].append(line)
        if JUMP.match(line) or line.startswith("ret"):
            blocks.append([])
    after: list[set[int]] = []
    for number, block in enumerate(blocks):
        jump = JUMP.match(block[-1]) if block else None
        ends = block and (block[-1].startswith("ret") or (jump and jump[1] in ("jmp", "b")))
        after.append({starts[jump[2]]} if jump else set())
        if not ends and number + 1 < len(blocks):
            after[-1].add(number + 1)
    everything = set(range(len(blocks)))
    dominators = [{0}] + [everything] * (len(blocks) - 1)
    before = [[a for a in everything if b in after[a]] for b in everything]
    unstable = True
    while unstable:
        unstable = False
        for block in range(1, len(blocks)):
            ways = [dominators[a] for a in before[block]]
            now = {block} | (set.intersection(*ways) if ways else set())
            unstable |= now != dominators[block]
            dominators[block] = now
    loops: dict[int, set[int]] = {}
    for end, head in ((a, b) for a in everything for b in after[a] if b in dominators[a]):
        body, left = {head}, [end]
        while left:
            block = left.pop()
            if block not in body:
                body.add(block)
                left += before[block]
        loops[head] = loops.get(head, set()) | body
    return [
        [line for block in sorted(body) for line in blocks[block]]
        for head, body in loops.items()
        if not (body - {head}) & loops.keys()
    ]


def stack_accesses(target: Target, triple: str, name: str) -> dict[Any, int]:
    """Return, for each kernel, how often its innermost loops read or write the stack."""
    cases = [(kernels.adam,), (kernels.descend,), (kernels.multiply_add_chains,)]
    cases += [(load_all_pixels,)]
    for units in range(1, target.largest_group + 1):
        cases += [(kernels.group_gradient, units)]
        cases += [
            (kernels.propagate_group, units, vectors) for vectors in (1, target.vectors[units - 1])
        ]
    found = {}
    for write, *constants in cases:
        loops = innermost_loops(assembly(write, tuple(constants), target, triple, name))
        hot = [line for loop in loops for line in loop]
        assert any(re.match(r"v?f?n?(m(add|la|ul)|div)", line) for line in hot), "no loop was found"
        found[write.__name__, *constants] = sum(
            bool(re.search(r"\(%rsp|\[sp", line)) for line in hot
        )
    return found


@pytest.mark.parametrize("processor", PROCESSORS)
def test_no_inner_loop_touches_the_stack(processor: str) -> None:
    target, triple = PROCESSORS[processor]
    found = stack_accesses(target, triple, processor)
    assert not any(found.values()), found


@pytest.mark.parametrize(
    ("processor", "wrong"),
    [
        ("haswell", replace(AVX2, vectors=(4, 4, 4, 4))),
        ("haswell", replace(AVX2, block=16)),
        ("haswell", AVX512),
        ("skylake-avx512", replace(AVX512, vectors=(7, 7, 7, 7), inputs_per_step=(4, 4, 5, 4))),
        ("cortex-a76", replace(NEON, vectors=(8, 8, 8, 8))),
    ],
    ids=["tile", "block", "all", "group of AVX-512", "tile of NEON"],
)
def test_a_shape_too_large_for_the_registers_is_seen(processor: str, wrong: Target) -> None:
    assert any(stack_accesses(wrong, PROCESSORS[processor][1], processor).values())


def test_of_loops_in_loops_the_inner_ones_are_found() -> None:
    """The outer one comes back by a jump whose target stands below it, as LLVM likes to lay it."""
    inner = [".LBB0_1:", "inner", "jne .LBB0_1"]
    lines = ["jmp .LBB0_3", *inner, ".LBB0_3:", "outer", "jne .LBB0_1", "ret"]
    assert innermost_loops(lines) == [inner]
