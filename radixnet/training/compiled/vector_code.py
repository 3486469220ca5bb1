"""The language of the kernels: vectors of 16 numbers in LLVM's instructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
"""Rows per vector."""

F32, I32, I64 = ir.FloatType(), ir.IntType(32), ir.IntType(64)
VECTOR = ir.VectorType(F32, LANES)
INT_VECTOR = ir.VectorType(I32, LANES)
BYTE_VECTOR = ir.VectorType(ir.IntType(8), LANES)


def constant(value: float) -> ir.Constant:
    """Return a vector with the same number in every lane."""
    return ir.Constant(VECTOR, [float(value)] * LANES)


class VectorCode:
    """Writes instructions at the current place of a function that Numba is compiling.

    Attributes
    ----------
    arguments
        The kernel's arguments: arrays as pointers to their first element, integers as 64 bits,
        floats as they are.
    """

    def __init__(
        self, context: Any, builder: Any, signature: Any, arguments: Sequence[Any]
    ) -> None:
        self.builder = builder
        self.arguments = [
            self._plain(context, kind, value)
            for kind, value in zip(signature.args, arguments, strict=True)
            if not _is_literal(kind)
        ]

    def _plain(self, context: Any, kind: Any, value: Any) -> Any:
        if isinstance(kind, types.Array):
            return context.make_array(kind)(context, self.builder, value).data
        if isinstance(kind, types.Integer) and kind.bitwidth < 64:
            return self.builder.sext(value, I64)
        return value

    def pointer(self, array: Any, *places: Any) -> Any:
        """Return the address of an array's element; the places are added up."""
        place = places[0]
        for more in places[1:]:
            place = self.builder.add(place, more if isinstance(more, ir.Value) else I64(more))
        return self.builder.gep(array, [place], inbounds=True)

    def load(self, array: Any, *places: Any) -> Any:
        """Return the 16 numbers that start at a place."""
        vector = self.builder.load(
            self.builder.bitcast(self.pointer(array, *places), VECTOR.as_pointer())
        )
        vector.align = 4
        return vector

    def store(self, vector: Any, array: Any, *places: Any) -> None:
        """Write 16 numbers to a place."""
        self.builder.store(
            vector, self.builder.bitcast(self.pointer(array, *places), VECTOR.as_pointer())
        ).align = 4

    def load_integer(self, array: Any, *places: Any) -> Any:
        """Return an integer of an array, as 64 bits."""
        value = self.builder.load(self.pointer(array, *places))
        return value if value.type == I64 else self.builder.sext(value, I64)

    def broadcast(self, number: Any) -> Any:
        """Return a vector with this number in every lane."""
        undefined = ir.Constant(VECTOR, ir.Undefined)
        return self.builder.shuffle_vector(
            self.builder.insert_element(undefined, number, I32(0)),
            undefined,
            ir.Constant(INT_VECTOR, [0] * LANES),
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

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """Return a * b + c, rounded once."""
        return self.call("llvm.fma.v16f32", VECTOR, a, b, c)

    def variable(self) -> Any:
        """Return a place for a vector; LLVM keeps it in a register."""
        return cgutils.alloca_once(self.builder, VECTOR)

    def loop(self, turns: Any) -> Any:
        """Repeat what is written inside ``with code.loop(turns) as turn``; `turn.index` from 0."""
        return cgutils.for_range(self.builder, turns, intp=I64)

    def times(self, a: Any, b: int) -> Any:
        """Return an integer times a constant."""
        return self.builder.mul(a, I64(b))

    def pick(self, a: Any, b: Any, lanes: Sequence[int]) -> Any:
        """Return lanes of two vectors: numbers below 16 pick from the first, others the second."""
        return self.builder.shuffle_vector(a, b, ir.Constant(INT_VECTOR, list(lanes)))

    def lane_sums(self, vectors: Sequence[Any]) -> Any:
        """Return a vector whose lane i is the sum over all lanes of ``vectors[i]``, for 16.

        Four rounds of pairwise sums. In the round with distance d (1, 2, 4, 8) two vectors a and b
        become one: lanes whose number has bit d clear hold a[i] + a[i ^ d], the others b[i] + b[i ^
        d].
        """
        distance = 1
        while len(vectors) > 1:
            stay = [i + LANES * bool(i & distance) for i in range(LANES)]
            come = [i ^ distance for i in stay]
            pairs = zip(vectors[::2], vectors[1::2], strict=True)
            vectors = [
                self.builder.fadd(self.pick(a, b, stay), self.pick(a, b, come)) for a, b in pairs
            ]
            distance *= 2
        return vectors[0]

    def transposed(self, vectors: Sequence[Any]) -> list[Any]:
        """Return 16 vectors with rows and lanes exchanged: halves, quarters, eighths, lanes."""
        square = list(vectors)
        for distance in (8, 4, 2, 1):
            upper = [i + (LANES - distance) * bool(i & distance) for i in range(LANES)]
            lower = [i + distance + (LANES - distance) * bool(i & distance) for i in range(LANES)]
            for i in range(LANES):
                if not i & distance:
                    a, b = square[i], square[i + distance]
                    square[i], square[i + distance] = self.pick(a, b, upper), self.pick(a, b, lower)
        return square


def _is_literal(kind: Any) -> bool:
    """Say whether Numba passes an argument as a constant that the kernel is compiled for."""
    return isinstance(kind, types.IntegerLiteral)


def kernel(literals: int) -> Callable[[Callable[..., None]], Any]:
    """Make a function that Numba's loops can call out of one that writes instructions.

    The first `literals` arguments of the kernel are constants in the caller's source, and it is
    compiled anew for each choice.
    """

    def decorate(write: Callable[..., None]) -> Any:
        @intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
        @wraps(write)
        def typed(_typing_context: Any, *kinds: Any) -> Any:
            if not all(map(_is_literal, kinds[:literals])):
                return None  # Numba then asks again with constants
            constants = [kind.literal_value for kind in kinds[:literals]]
            kinds = (*kinds[:literals], *map(types.unliteral, kinds[literals:]))

            def generate(
                context: Any, builder: Any, signature: Any, arguments: Sequence[Any]
            ) -> Any:
                code = VectorCode(context, builder, signature, arguments)
                write(code, *constants, *code.arguments)
                return context.get_dummy_value()

            return types.void(*kinds), generate

        return typed

    return decorate
