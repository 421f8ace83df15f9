"""FLOOR_DIV, FLOOR_MOD, BITWISE_XOR, RIGHT_SHIFT and POW: of the integers, whatever they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from edgeq.backends.aot.ops.elementwise import HOW_OPERANDS, as_table, operands
from edgeq.backends.aot.ops.fixed_point import Ints
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.whole import whole_step
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import EIGHT_BITS, TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator

Function = Callable[[Ints, Ints], Ints]
"""The output's integers by those of the operands, element by element."""


@dataclass(frozen=True)
class _Kind:
    """One operator.

    Attributes:
        version: the newest.
        kernel: its kernel, of numbers up to 32 bits.
        what: which it is there; None where it hangs on a single exponent that is repeated.
        of_bytes: the same, for tables.
        stops: at which second operands the reference ends an inference, and in words.
    """

    version: int
    kernel: str
    what: int | None
    of_bytes: Function
    stops: tuple[Callable[[Ints], Ints], str] | None = None


def _by(divided: np.ufunc, a: Ints, b: Ints) -> Ints:
    return np.where(b == 0, 0, divided(a, np.where(b == 0, 1, b)))


def _shifted(a: Ints, b: Ints) -> Ints:
    return a >> np.clip(b, 0, 7)


_ZERO = (lambda b: b == 0, "divides by 0")
_BELOW = (lambda b: b < 0, "has an exponent below 0")
_KINDS = {
    "FLOOR_DIV": _Kind(3, "edgeq_quotient_s32", 0, partial(_by, np.floor_divide), _ZERO),
    "FLOOR_MOD": _Kind(2, "edgeq_quotient_s32", 1, partial(_by, np.remainder), _ZERO),
    "BITWISE_XOR": _Kind(1, "edgeq_bits_s32", 0, np.bitwise_xor),
    "RIGHT_SHIFT": _Kind(1, "edgeq_bits_s32", 1, _shifted),
    "POW": _Kind(1, "edgeq_power_s32", None, np.power, _BELOW),
}


def _lower(name: str, kernel: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    pair = operands(graph, index)
    swapped = pair != graph.operators[index].inputs
    dtype = graph[pair[0]].dtype
    function = _KINDS[name].of_bytes
    if dtype in EIGHT_BITS:
        table = as_table(graph, index, (lambda b, a: function(a, b)) if swapped else function)
        if table is not None:
            return (table,)
    what = _KINDS[name].what
    if what is None:
        base, exponent = (graph[tensor] for tensor in graph.operators[index].inputs)
        what = int(exponent.elements == 1 and exponent.shape != base.shape)
    arithmetic = {
        "what": what,
        "size": dtype.numpy.itemsize,
        "is_unsigned": int(dtype is DType.UINT8),
        "swapped": int(swapped),
    }
    return (whole_step(graph, index, pair, (kernel, "edgeq_integers_params"), arithmetic),)


def _refusal(name: str, graph: Graph, op: Operator) -> str | None:
    stops, data = _KINDS[name].stops, graph[op.inputs[1]].data
    if stops is None or data is None or not np.any(stops[0](np.asarray(data))):
        return None
    return f"it {stops[1]}, at which TensorFlow Lite stops"


def _op(name: str, kernel: str, types: frozenset[DType]) -> Op:
    kind = _KINDS[name]
    how = "the integers themselves" + (f"; {HOW_OPERANDS}" if types & EIGHT_BITS else "")
    if kind.what is None:
        how += "; beyond 32 bits as TensorFlow Lite has it on x86"
    if name == "FLOOR_DIV":
        how += "; the lowest number by -1 is itself (TensorFlow Lite's answer hangs on its place)"
    if kind.stops:
        how += f"; what {kind.stops[1]} gives 0"
    support = Support(
        kind.version,
        TWO_INPUTS,
        shapes.broadcast,
        ranks=(0, 4),
        spacing="unrelated",
        bare=True,
        types=types,
        refusal=partial(_refusal, name),
    )
    return Op(name, support, partial(_lower, name, kernel), how)


_SIGNED = frozenset({DType.INT8, DType.INT16, DType.INT32})
_TYPES = {
    "BITWISE_XOR": _SIGNED | EIGHT_BITS,
    "RIGHT_SHIFT": _SIGNED | EIGHT_BITS,
    "POW": frozenset({DType.INT32}),
}

OPERATORS = (
    *(_op(name, kind.kernel, _TYPES.get(name, _SIGNED)) for name, kind in _KINDS.items()),
    _op("FLOOR_MOD", "edgeq_remainder_s64", frozenset({DType.INT64})),
)
