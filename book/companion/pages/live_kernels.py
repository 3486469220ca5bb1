"""The package's kernels, compiled for browsers: WebAssembly, by the compiler that comes with Numba.

The kernels of `radixnet.training.compiled.kernels` are written for a target, and WebAssembly is
one of them. Here they get loops over groups and tiles around them, which `_static/live/engine.js`
calls with addresses in one block of memory. LLVM makes an object file; since nothing in it calls
or points anywhere else, it becomes a module by saying which functions it exports, without a linker.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir

from radixnet.training.compiled import kernels
from radixnet.training.compiled.targets import WASM, Target
from radixnet.training.compiled.vector_code import F32, I8, I32, I64, VectorCode, new_function

FLOATS, INTEGERS, BYTES = F32.as_pointer(), I32.as_pointer(), I8.as_pointer()

VARIANTS = {
    "relaxed SIMD": (WASM, "+simd128,+relaxed-simd"),
    "SIMD": (replace(WASM, multiply_add=""), "+simd128"),
}
"""Target and LLVM's features of each module, the fastest first; older browsers take the second."""


def kernels_script() -> str:
    """Return the script that sets ``radixnetKernels`` to the modules' names and base64."""
    # In a process of its own: `_compiled` sets an option of LLVM that holds for all it compiles.
    program = [sys.executable, "-m", "companion.pages.live_kernels"]
    modules = subprocess.run(program, check=True, stdout=subprocess.PIPE)  # noqa: S603
    return (
        "/* Made from radixnet/training/compiled by book/companion/pages/live_kernels.py. */\n"
        f"var radixnetKernels = {modules.stdout.decode().strip()};\n"
    )


def _compiled(target: Target, features: str) -> bytes:
    module = ir.Module("kernels")
    module.triple = "wasm32-unknown-unknown"
    for units in range(1, target.largest_group + 1):
        _propagate(module, target, units)
        _gradient(module, target, units)
    _adam(module, target)
    _gather(module, target)
    _load_pixels(module, target)
    names = [function.name for function in module.functions if not function.is_declaration]

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    # Keep the order of instructions: LLVM would load all rows of a tile first, for which a
    # browser has too few registers.
    llvm.set_option("", "-pre-RA-sched=source")
    machine = llvm.Target.from_triple(module.triple).create_target_machine(
        features=features, opt=3, codemodel="default"
    )
    module.data_layout = str(machine.target_data)
    parsed = llvm.parse_assembly(str(module))
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_unrolling = False  # for the same reason
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(parsed, passes)
    return with_exports(machine.emit_object(parsed), names)


# -- the functions that a page calls ---------------------------------------------------------------


def _each_group(
    code: VectorCode, units: int, records: Any, groups: Any
) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Loop over groups: first weight, first input, number of inputs, place of the units' lines."""
    with code.loop(groups) as turn:
        record = code.times(turn.index, 3 + units)
        first_weight, first_input, count = (
            code.load_integer(records, record, place) for place in range(3)
        )
        yield first_weight, first_input, count, code.builder.add(record, I64(3))


def _propagate(module: ir.Module, target: Target, units: int) -> None:
    """Send one tile through groups of so many units."""
    kinds = (INTEGERS, I32, FLOATS, INTEGERS, FLOATS, FLOATS, FLOATS, I32, F32)
    code, given = new_function(module, f"propagate_{units}", kinds, target)
    records, groups, weights, inputs, source, to, gate, forward, slope = given
    build, zero = code.builder, I64(0)
    is_forward = build.icmp_signed("!=", forward, zero)
    for first_weight, first_input, count, first_output in _each_group(code, units, records, groups):
        steps = _ceiling(code, count, target.inputs_per_step[units - 1])
        kernels.propagate_group(
            code, units, _tile(target), weights, first_weight, inputs, first_input, steps,
            source, zero, to, zero, records, first_output, gate, is_forward, slope,
        )  # fmt: skip
    build.ret_void()


def _gradient(module: ir.Module, target: Target, units: int) -> None:
    """Write the gradients of the weights of groups of so many units."""
    kinds = (INTEGERS, I32, FLOATS, INTEGERS, FLOATS, FLOATS, I32)
    code, given = new_function(module, f"gradient_{units}", kinds, target)
    records, groups, gradients, inputs, source, delta, tiles = given
    zero, add = I64(0), ir.IntType(1)(0)
    vectors = code.times(tiles, _tile(target))
    for first_weight, first_input, count, first_output in _each_group(code, units, records, groups):
        blocks = _ceiling(code, count, target.block // units)
        kernels.group_gradient(
            code, units, gradients, first_weight, add, inputs, first_input, blocks,
            source, zero, delta, zero, vectors, records, first_output,
        )  # fmt: skip
    code.builder.ret_void()


def _adam(module: ir.Module, target: Target) -> None:
    """Take one step of Adam on so many weights, a multiple of the lanes."""
    kinds = (FLOATS, FLOATS, FLOATS, FLOATS, I32, F32)
    code, given = new_function(module, "adam", kinds, target)
    weights, means, squares, gradients, count, rate = given
    vectors, zero = code.builder.sdiv(count, I64(target.lanes)), I64(0)
    kernels.adam(code, weights, means, squares, zero, gradients, zero, vectors, rate, F32(0))
    code.builder.ret_void()


def _gather(module: ir.Module, target: Target) -> None:
    """Copy so many weights from their places."""
    code, given = new_function(module, "gather", (FLOATS, FLOATS, INTEGERS, I32), target)
    to, weights, places, count = given
    with code.loop(count) as turn:
        weight = code.pointer(weights, code.load_integer(places, turn.index))
        code.builder.store(code.builder.load(weight), code.pointer(to, turn.index))
    code.builder.ret_void()


def _load_pixels(module: ir.Module, target: Target) -> None:
    """Copy so many pixels of one tile's images, whose first bytes are given, transposed."""
    code, given = new_function(module, "load_pixels", (BYTES, INTEGERS, FLOATS, I32, I32), target)
    images, row_starts, to, pixels, line = given
    for first_row in range(0, _tile(target) * target.lanes, target.lanes):
        rows = code.pointer(row_starts, I64(first_row))
        with code.loop(code.builder.sdiv(pixels, I64(target.lanes))) as turn:
            pixel = code.times(turn.index, target.lanes)
            start = code.builder.add(code.builder.mul(pixel, line), I64(first_row))
            kernels.load_pixels(code, images, rows, pixel, to, start, line)
    code.builder.ret_void()


def _tile(target: Target) -> int:
    """Return the vectors of a tile, which here are as many for groups of every size."""
    (vectors,) = set(target.vectors)
    return vectors


def _ceiling(code: VectorCode, count: Any, each: int) -> Any:
    return code.builder.sdiv(code.builder.add(count, I64(each - 1)), I64(each))


# -- an object file made into a module -------------------------------------------------------------

_EXPORTS, _CODE, _DATA_COUNT = 7, 10, 12  # numbers of sections; 12 stands before 10
_OF_A_LINKER = 0  # names, producers, and what only a linker reads


def with_exports(module: bytes, names: Sequence[str]) -> bytes:
    """Return a module that exports the first functions of an object file by these names.

    Raises
    ------
    ValueError
        If the file has places that a linker would have to fill.
    """
    sections = []
    place = 8  # after the file's signature and version
    while place < len(module):
        kind = module[place]
        size, start = _read_number(module, place + 1)
        body, place = module[start : start + size], start + size
        if kind != _OF_A_LINKER:
            sections.append((kind, body))
        elif b"reloc." in body[:8]:
            raise ValueError(
                f"the compiled kernels need a linker ({body[1:20]!r}): a kernel calls a function "
                "that is no instruction of WebAssembly, or has a table of constants"
            )
    exports = _number(len(names)) + b"".join(
        _number(len(name)) + name.encode() + b"\0" + _number(index)
        for index, name in enumerate(names)
    )
    later = next(i for i, (kind, _) in enumerate(sections) if kind in (_CODE, _DATA_COUNT))
    sections.insert(later, (_EXPORTS, exports))
    return module[:8] + b"".join(
        bytes([kind]) + _number(len(body)) + body for kind, body in sections
    )


def _number(value: int) -> bytes:
    """Return a number as WebAssembly writes it: 7 bits to the byte, lowest first."""
    written = bytearray()
    while value >= 128:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])


def _read_number(data: bytes, place: int) -> tuple[int, int]:
    """Return a number, and the place after it."""
    value = shift = 0
    while data[place] >= 128:
        value, shift, place = value | (data[place] & 127) << shift, shift + 7, place + 1
    return value | data[place] << shift, place + 1


if __name__ == "__main__":
    compiled = {name: _compiled(*variant) for name, variant in VARIANTS.items()}
    print(json.dumps({name: base64.b64encode(code).decode() for name, code in compiled.items()}))
