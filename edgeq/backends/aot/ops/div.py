"""DIV: the reference's reciprocal by Newton's method, and its two roundings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgeq.backends.aot.ops.elementwise import HOW_OPERANDS, Arithmetic, as_table, elementwise_step, operands
from edgeq.backends.aot.ops.fixed_point import (
    Ints,
    clamp,
    doubling_high_mul,
    quantize_multiplier,
    reciprocal_of_one_plus,
    wrap,
)
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import activation, activation_limits, affine, scale_of, zero_of
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import RECTIFIERS, TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator


@dataclass(frozen=True)
class _Div(Arithmetic):
    """What the kernel computes of two bytes, the second of which may be the dividend (``inverted``)."""

    a_offset: int
    b_offset: int
    inverted: int
    output_multiplier: int
    output_shift: int
    output_zero_point: int
    low: int
    high: int

    def __call__(self, a: Ints, b: Ints) -> Ints:
        x, y = a + self.a_offset, b + self.b_offset
        top, bottom = (y, x) if self.inverted else (x, y)
        top, bottom = np.where(bottom < 0, -top, top), np.abs(bottom)
        bits = _bits(bottom)
        headroom = np.where(top < 0, 32 - _bits(-2 * top - 1), 31 - _bits(top))
        fraction = np.where(bottom == 0, -(2**31), wrap((bottom << (32 - bits)) - 2**31))
        quotient = doubling_high_mul(wrap(top << headroom), reciprocal_of_one_plus(fraction))
        right = headroom + bits - 1 - self.output_shift
        scaled = _shifted_as_x86(doubling_high_mul(quotient, self.output_multiplier), right)
        return clamp(scaled + self.output_zero_point, self.low, self.high)


def _bits(x: Ints) -> Ints:
    """How many bits each needs, up to its highest 1, of numbers from 0 on."""
    return np.frexp(x.astype(np.float64))[1].astype(np.int64)


def _shifted_as_x86(x: Ints, shift: Ints) -> Ints:
    """``x / 2**shift`` rounded half away from zero; from 32 on as x86 does, on which the reference runs.

    It looks at the last five bits of the shift, and compares all of ``x`` as the remainder.
    """
    mask = (np.int64(1) << np.minimum(shift, 31)) - 1
    threshold = (mask >> 1) + (x < 0)
    usual = (x >> np.minimum(shift, 31)) + ((x & mask) > threshold)
    beyond = (x >> (shift & 31)) + (x > (x < 0).astype(np.int64) - 1)
    return np.where(shift < 32, usual, beyond)


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    first, second = operands(graph, index)
    inverted = (first, second) != op.inputs
    (a_scale, a_zero), (b_scale, b_zero) = affine(graph, first, index), affine(graph, second, index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    top, bottom = (b_scale, a_scale) if inverted else (a_scale, b_scale)
    multiplier, shift = quantize_multiplier(top / (bottom * out_scale))
    bounds = activation_limits(graph[op.outputs[0]], activation(graph, index))
    exact = _Div(-a_zero, -b_zero, int(inverted), multiplier, shift, out_zero, *bounds)
    return (as_table(graph, index, exact) or elementwise_step(graph, index, "edgeq_div_s8", exact),)


@dataclass(frozen=True)
class _Div16(Arithmetic):
    """The same of int16."""

    inverted: int
    output_multiplier: int
    output_shift: int
    low: int
    high: int


_HEADROOM = {DType.INT8: 23, DType.UINT8: 23, DType.INT16: 16}
"""By how many bits every dividend can be shifted to the left."""


def _ratio(graph: Graph, op: Operator) -> float:
    """From quotients of integers to the output's, in float32 as LiteRT has it."""
    a, b, output = (np.float32(scale_of(graph[t])) for t in (*op.inputs, *op.outputs))
    return float(a / (b * output))


def _lower_int16(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    inverted = int(operands(graph, index) != op.inputs)
    bounds = activation_limits(graph[op.outputs[0]], activation(graph, index))
    exact = _Div16(inverted, *quantize_multiplier(_ratio(graph, op)), *bounds)
    return (elementwise_step(graph, index, "edgeq_div_s16", exact),)


def zero_refusal(graph: Graph, op: Operator) -> str | None:
    """Where only LiteRT judges, which stops at a divisor of 0: no constant may be it."""
    divisor = graph[op.inputs[1]]
    if divisor.data is None or not (divisor.data == zero_of(divisor)).any():
        return None
    return "it divides by 0, at which TensorFlow Lite stops"


def _refusal(graph: Graph, op: Operator) -> str | None:
    """Of int8 TensorFlow Lite Micro says what a division by 0 gives."""
    room = _HEADROOM.get(graph[op.inputs[0]].dtype, 0)
    if all(graph[t].quant for t in (*op.inputs, *op.outputs)) and _ratio(graph, op) >= 1 << room:
        return "the scale of its output is so small that TensorFlow Lite's shifts go astray"
    return zero_refusal(graph, op) if graph[op.inputs[1]].dtype is not DType.INT8 else None


OPERATORS = (
    Op(
        "DIV",
        Support(2, TWO_INPUTS, shapes.broadcast, ranks=(0, 6), activations=RECTIFIERS, refusal=_refusal),
        _lower,
        "the reference's reciprocal and roundings; division by 0 and shifts beyond 31 bits as TensorFlow "
        f"Lite Micro's interpreter does on x86; {HOW_OPERANDS}",
        unsigned=True,
    ),
    Op(
        "DIV",
        Support(
            2,
            TWO_INPUTS,
            shapes.broadcast,
            ranks=(0, 6),
            activations=RECTIFIERS,
            refusal=_refusal,
            types=INT16,
        ),
        _lower_int16,
        "int16, the reference's reciprocal and roundings",
    ),
)
