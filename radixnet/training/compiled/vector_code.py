"""The language of the kernels: vectors of numbers in LLVM's instructions.

LLVM is the part of a compiler that turns plain instructions, such as "add these two vectors", into
those of a processor. A kernel is a Python function that *writes* them with a `VectorCode`. It runs
once, when Numba compiles the loops that call it; what it has written runs in every step. So

- a loop of Python writes its instructions several times over, while ``with code.loop(n) as turn``
  writes a loop for the processor, whose `turn.index` counts from 0;
- what `load` or `multiply_add` return is a name for numbers that are known when the code runs;
- a `variable` is needed where a loop of the processor changes a number: `builder.store` and
  `builder.load` write and read it. LLVM keeps it in a register, if there are enough;
- an array is the address of its first number, and `pointer` the address of another one;
- ``with builder.if_else(truth) as (yes, no)`` writes two branches for the processor, inside ``with
  yes`` and ``with no``, of which one runs. It asks once for all lanes;
- a comparison such as `builder.fcmp_ordered` asks in each lane, and `builder.select` takes, by its
  answers, each lane from one of two vectors: no branch;
- `broadcast` brings one number into all lanes, and `pick` takes lanes out of two vectors in any
  order; `lane_sums` and `transposed` are made of it.

This kernel adds twice one array to another, a vector at a time::

    def add_twice(code, source, target, vectors):
        with code.loop(vectors) as turn:
            place = code.times(turn.index, code.lanes)
            rows, sums = code.load(source, place), code.load(target, place)
            code.store(code.multiply_add(rows, code.constant(2), sums), target, place)

`kernel` makes of it a function that Numba's loops can call; `new_function` starts one of its own in
any module of LLVM, for this processor or another.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from radixnet.training.compiled.targets import Target

F32, I8, I32, I64 = ir.FloatType(), ir.IntType(8), ir.IntType(32), ir.IntType(64)


class VectorCode:
    """Writes instructions at the current place of a function.

    Attributes
    ----------
    builder
        LLVM's own language, for one number at a time and for what stands in several lanes.
    target
        The processor that the instructions are for.
    lanes
        Numbers per vector.
    vector, integers, bytes
        The types of a vector of floats, of 32-bit integers and of bytes.
    """

    def __init__(self, builder: Any, target: Target) -> None:
        self.builder = builder
        self.target = target
        self.lanes = target.lanes
        self.vector = ir.VectorType(F32, target.lanes)
        self.integers = ir.VectorType(I32, target.lanes)
        self.bytes = ir.VectorType(I8, target.lanes)

    def constant(self, value: float) -> ir.Constant:
        """Return a vector with the same number in every lane."""
        return ir.Constant(self.vector, [float(value)] * self.lanes)

    def pointer(self, array: Any, *places: Any) -> Any:
        """Return the address of an array's element; the places are added up."""
        place = places[0]
        for more in places[1:]:
            place = self.builder.add(place, more if isinstance(more, ir.Value) else I64(more))
        return self.builder.gep(array, [place], inbounds=True)

    def load(self, array: Any, *places: Any) -> Any:
        """Return the numbers that start at a place, one per lane."""
        vector = self.builder.load(
            self.builder.bitcast(self.pointer(array, *places), self.vector.as_pointer())
        )
        vector.align = 4
        return vector

    def store(self, vector: Any, array: Any, *places: Any) -> None:
        """Write a vector's numbers to a place."""
        self.builder.store(
            vector, self.builder.bitcast(self.pointer(array, *places), self.vector.as_pointer())
        ).align = 4

    def load_integer(self, array: Any, *places: Any) -> Any:
        """Return an integer of an array, as 64 bits."""
        value = self.builder.load(self.pointer(array, *places))
        return value if value.type == I64 else self.builder.sext(value, I64)

    def broadcast(self, number: Any) -> Any:
        """Return a vector with this number in every lane."""
        undefined = ir.Constant(self.vector, ir.Undefined)
        return self.builder.shuffle_vector(
            self.builder.insert_element(undefined, number, I32(0)),
            undefined,
            ir.Constant(self.integers, [0] * self.lanes),
        )

    def load_broadcast(self, array: Any, *places: Any) -> Any:
        """Return a vector with one number of an array in every lane."""
        return self.broadcast(self.builder.load(self.pointer(array, *places)))

    def call(self, name: str, result: Any, *arguments: Any) -> Any:
        """Call one of LLVM's own functions."""
        kind = ir.FunctionType(result, [argument.type for argument in arguments])
        return self.builder.call(
            cgutils.get_or_insert_function(self.builder.module, kind, name), arguments
        )

    def call_on_vectors(self, name: str, *vectors: Any) -> Any:
        """Call one of LLVM's own functions of vectors, named without the vector's type."""
        return self.call(f"{name}.v{self.lanes}f32", self.vector, *vectors)

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """Return a * b + c, rounded once where the processor can."""
        if self.target.multiply_add:
            return self.call_on_vectors(self.target.multiply_add, a, b, c)
        return self.builder.fadd(self.builder.fmul(a, b), c)

    def quotient(self, a: Any, b: float) -> Any:
        """Return a / b, correctly rounded for integers up to b.

        Where a * b + c is rounded once: a product with 1 / b, of which a second float holds what
        the first one misses.
        """
        if self.target.multiply_add != "llvm.fma":
            return self.builder.fdiv(a, self.constant(b))
        near = float(np.float32(1 / b))
        missed = self.builder.fmul(a, self.constant(1 / b - near))
        return self.multiply_add(a, self.constant(near), missed)

    def flushed(self, a: Any) -> Any:
        """Return a vector with zero for numbers below 1e-38, where no mode sees to it."""
        if not self.target.flushes:
            return a
        size = self.call_on_vectors("llvm.fabs", a)
        tiny = self.builder.fcmp_ordered("<", size, self.constant(2.0**-126))
        return self.builder.select(tiny, self.constant(0), a)

    def variable(self) -> Any:
        """Return a place for a vector that changes while the code runs."""
        return cgutils.alloca_once(self.builder, self.vector)

    def loop(self, turns: Any) -> Any:
        """Repeat what is written inside ``with code.loop(turns) as turn``; `turn.index` from 0."""
        return cgutils.for_range(self.builder, turns, intp=I64)

    def times(self, a: Any, b: int) -> Any:
        """Return an integer times a constant."""
        return self.builder.mul(a, I64(b))

    def pick(self, a: Any, b: Any, lanes: Sequence[int]) -> Any:
        """Return lanes of two vectors, those of the second numbered on from those of the first."""
        kind = ir.VectorType(I32, len(lanes))
        return self.builder.shuffle_vector(a, b, ir.Constant(kind, list(lanes)))

    def lane_sums(self, vectors: Sequence[Any]) -> Any:
        """Return a vector whose lane i is the sum over all lanes of ``vectors[i]``, one per lane.

        Rounds of pairwise sums. In the round with distance d (1, 2, 4 and so on) two vectors a and
        b become one: lanes whose number has bit d clear hold a[i] + a[i ^ d], the others b[i] +
        b[i ^ d].
        """
        distance = 1
        while len(vectors) > 1:
            stay = [i + self.lanes * bool(i & distance) for i in range(self.lanes)]
            come = [i ^ distance for i in stay]
            pairs = zip(vectors[::2], vectors[1::2], strict=True)
            vectors = [
                self.builder.fadd(self.pick(a, b, stay), self.pick(a, b, come)) for a, b in pairs
            ]
            distance *= 2
        return vectors[0]

    def transposed(self, vectors: Sequence[Any]) -> list[Any]:
        """Return as many vectors as lanes, rows and lanes exchanged: halves, quarters and so on."""
        square, lanes = list(vectors), range(self.lanes)
        distance = self.lanes // 2
        while distance:
            upper = [i + (self.lanes - distance) * bool(i & distance) for i in lanes]
            lower = [i + distance for i in upper]
            for i in lanes:
                if not i & distance:
                    a, b = square[i], square[i + distance]
                    square[i], square[i + distance] = self.pick(a, b, upper), self.pick(a, b, lower)
            distance //= 2
        return square


def new_function(
    module: ir.Module, name: str, kinds: Sequence[ir.Type], target: Target
) -> tuple[VectorCode, list[Any]]:
    """Start a function of a module, to be ended by ``code.builder.ret_void()``.

    Returns
    -------
    VectorCode
        Writes in it.
    list of LLVM's values
        The arguments as kernels take them: of the `kinds` given, but integers of 32 bits extended
        to 64.
    """
    made = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), name)
    made.attributes.add("nounwind")
    builder = ir.IRBuilder(made.append_basic_block())
    arguments = [builder.sext(each, I64) if each.type == I32 else each for each in made.args]
    return VectorCode(builder, target), arguments


def kernel(target: Target, write: Callable[..., None], *constants: int) -> Any:
    """Return a function that Numba's loops can call, of one that writes instructions.

    It takes what `write` takes after `constants`: arrays arrive as pointers to their first element,
    integers as 64 bits, floats as they are.
    """

    def typed(_typing_context: Any, *kinds: Any) -> Any:
        kinds = tuple(map(types.unliteral, kinds))

        def generate(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
            def plain(kind: Any, value: Any) -> Any:
                if isinstance(kind, types.Array):
                    return context.make_array(kind)(context, builder, value).data
                if isinstance(kind, types.Integer) and kind.bitwidth < 64:
                    return builder.sext(value, I64)
                return value

            given = map(plain, signature.args, arguments)
            write(VectorCode(builder, target), *constants, *given)
            return context.get_dummy_value()

        return types.void(*kinds), generate

    # Numba wants to know the names of the arguments; the first is its own, like that of `write`.
    code, *others = inspect.signature(write).parameters.values()
    typed.__signature__ = inspect.Signature([code, *others[len(constants) :]])  # type: ignore[attr-defined]
    return intrinsic(typed)
