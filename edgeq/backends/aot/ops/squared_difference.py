"""SQUARED_DIFFERENCE, in the reference's own steps."""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.backends.aot.ops.elementwise import (
    HOW_OPERANDS,
    Arithmetic,
    as_table,
    elementwise_step,
    operands,
)
from edgeq.backends.aot.ops.fixed_point import Ints, clamp, multiply, quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import affine
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator

_LEFT_SHIFT = 7


@dataclass(frozen=True)
class _SquaredDifference(Arithmetic):
    """Both operands to a common scale, the square of their difference to the output's. Shifts are left."""

    a_offset: int
    b_offset: int
    a_multiplier: int
    a_shift: int
    b_multiplier: int
    b_shift: int
    output_multiplier: int
    output_shift: int
    output_zero_point: int

    def __call__(self, a: Ints, b: Ints) -> Ints:
        """The outputs for int8 operands."""
        first = multiply((a + self.a_offset) << _LEFT_SHIFT, self.a_multiplier, self.a_shift)
        difference = first - multiply((b + self.b_offset) << _LEFT_SHIFT, self.b_multiplier, self.b_shift)
        output = multiply(difference * difference, self.output_multiplier, self.output_shift)
        return clamp(output + self.output_zero_point, -128, 127)


@dataclass(frozen=True)
class _Int16(Arithmetic):
    """The same without zero points, and without further bits for the fractions of the operands."""

    a_multiplier: int
    a_shift: int
    b_multiplier: int
    b_shift: int
    output_multiplier: int
    output_shift: int


def _ratio(a: float, b: float, output: float, bits: int = _LEFT_SHIFT) -> float:
    common = 2.0 * max(a, b)
    return common * common / ((1 << 2 * bits) * output)


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    (a_scale, a_zero), (b_scale, b_zero) = (affine(graph, t, index) for t in operands(graph, index))
    out_scale, out_zero = affine(graph, graph.operators[index].outputs[0], index)
    common = 2.0 * max(a_scale, b_scale)
    exact = _SquaredDifference(
        -a_zero,
        -b_zero,
        *quantize_multiplier(a_scale / common),
        *quantize_multiplier(b_scale / common),
        *quantize_multiplier(_ratio(a_scale, b_scale, out_scale)),
        out_zero,
    )
    table = as_table(graph, index, exact)
    return (table or elementwise_step(graph, index, "edgeq_squared_difference_s8", exact),)


def _lower_int16(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    a_scale, b_scale = (affine(graph, t, index)[0] for t in operands(graph, index))
    out_scale = affine(graph, graph.operators[index].outputs[0], index)[0]
    common = 2.0 * max(a_scale, b_scale)
    exact = _Int16(
        *quantize_multiplier(a_scale / common),
        *quantize_multiplier(b_scale / common),
        *quantize_multiplier(_ratio(a_scale, b_scale, out_scale, 0)),
    )
    return (elementwise_step(graph, index, "edgeq_squared_difference_s16", exact),)


def _refusal(graph: Graph, op: Operator) -> str | None:
    first, second, output = (graph[t].quant for t in (*op.inputs, *op.outputs))
    if first is None or second is None or output is None:
        return None
    bits = 0 if graph[op.inputs[0]].dtype is DType.INT16 else _LEFT_SHIFT
    if _ratio(first.scale, second.scale, output.scale, bits) < 1:
        return None
    return f"the scale of its output, {output.scale:.4g}, is so small that TensorFlow Lite stops"


OPERATORS = (
    Op(
        "SQUARED_DIFFERENCE",
        Support(2, TWO_INPUTS, shapes.broadcast, ranks=(0, 4), refusal=_refusal),
        _lower,
        f"the reference's three roundings; {HOW_OPERANDS}",
    ),
    Op(
        "SQUARED_DIFFERENCE",
        Support(2, TWO_INPUTS, shapes.broadcast, ranks=(0, 4), refusal=_refusal, types=INT16),
        _lower_int16,
        "int16, exact to TensorFlow Lite Micro's reference, for LiteRT's has none",
    ),
)
