"""ADD, SUB, MUL, MAXIMUM, MINIMUM and PRELU of int16, in the reference's own steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from edgeq.backends.aot.ops.elementwise import Arithmetic, elementwise_step, operands
from edgeq.backends.aot.ops.fixed_point import near_power_of_two, quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import activation, activation_limits, affine, scale_of
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import INT8, RECTIFIERS, TWO_INPUTS, Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph, Operator

_LEFT_SHIFT = 15
"""What keeps the fractions of an addition's operands."""
_ONE = 1 << 30
"""A multiplier of a half."""
_MOST_SHIFT = 17
"""To the right, beyond which nothing is left of an int16."""


@dataclass(frozen=True)
class _Sum(Arithmetic):
    """Both operands to a common scale, with the sign of each, and their sum to the output's."""

    a_sign: int
    a_multiplier: int
    a_shift: int
    b_sign: int
    b_multiplier: int
    b_shift: int
    output_multiplier: int
    output_shift: int
    low: int
    high: int


@dataclass(frozen=True)
class _Product(Arithmetic):
    """The product, rounded twice."""

    multiplier: int
    shift: int
    low: int
    high: int


@dataclass(frozen=True)
class _Extremum(Arithmetic):
    """Which of two: the larger (1) or the smaller (0)."""

    largest: int


@dataclass(frozen=True)
class _Prelu(Arithmetic):
    """One multiplier for what is not below zero, one for products with the slope."""

    multiplier: int
    shift: int
    slope_multiplier: int
    slope_shift: int


def _scales(graph: Graph, index: int) -> tuple[float, float, float]:
    """Of the operands, a constant one second, and of the output."""
    a, b, output = (
        affine(graph, t, index)[0] for t in (*operands(graph, index), graph.operators[index].outputs[0])
    )
    return a, b, output


def _sum(signs: tuple[int, int], graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    a_sign, b_sign = signs if operands(graph, index) == graph.operators[index].inputs else signs[::-1]
    (a, b), output = _operand_scaling(graph, index)
    low, high = activation_limits(graph[graph.operators[index].outputs[0]], activation(graph, index))
    return (
        elementwise_step(graph, index, "edgeq_add_s16", _Sum(a_sign, *a, b_sign, *b, *output, low, high)),
    )


def _operand_scaling(graph: Graph, index: int) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """Multiplier and shift to the right of both operands; multiplier and shift to the left of their sum."""
    a, b, output = _scales(graph, index)
    powers = [near_power_of_two(scale) for scale in (a, b, output)]
    if graph.operators[index].options.get("pot_scale_int16", True) and None not in powers:
        first, second, result = (power or 0 for power in powers)
        shifts = (min(result - power, _MOST_SHIFT) for power in (first, second))
        return [(_ONE, _LEFT_SHIFT - 1 + shift) for shift in shifts], (_ONE, 1)
    common = 2.0 * max(a, b)
    found = [quantize_multiplier(scale / common) for scale in (a, b)]
    return (
        [(multiplier, -shift) for multiplier, shift in found],
        quantize_multiplier(common / ((1 << _LEFT_SHIFT) * output)),
    )


def _sum_refusal(graph: Graph, op: Operator) -> str | None:
    """The reference's checks: of powers of two one operand has the output's scale, and none a larger one."""
    scales = [scale_of(graph[t]) for t in (*op.inputs, *op.outputs)]
    powers = [near_power_of_two(scale) for scale in scales]
    if op.options.get("pot_scale_int16", True) and None not in powers:
        first, second, output = (power or 0 for power in powers)
        if output != max(first, second):
            return "TensorFlow Lite adds at powers of two only to an output with the larger of their scales"
        return None
    if max(scales[:2]) >= scales[2] * (1 << (_LEFT_SHIFT - 2)):
        return "a step of its inputs is more than its output holds"
    return None


def _product(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    a, b, output = (np.float32(scale) for scale in _scales(graph, index))
    low, high = activation_limits(graph[graph.operators[index].outputs[0]], activation(graph, index))
    arithmetic = _Product(*quantize_multiplier(float(a * b / output)), low, high)
    return (elementwise_step(graph, index, "edgeq_mul_s16", arithmetic),)


def _extremum(largest: int, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    return (elementwise_step(graph, index, "edgeq_extremum_s16", _Extremum(largest)),)


def _prelu(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    scale, slope, output = (np.float32(value) for value in _scales(graph, index))
    above, below = float(scale / output), float(scale * slope / output)
    arithmetic = _Prelu(*quantize_multiplier(above), *quantize_multiplier(below))
    graph = _without_zero_point(graph, graph.operators[index].inputs[1])
    return (elementwise_step(graph, index, "edgeq_prelu_s16", arithmetic),)


def _without_zero_point(graph: Graph, slopes: int) -> Graph:
    """Slopes as the differences that the reference multiplies by, which int16 holds."""
    tensor = graph[slopes]
    if tensor.data is None or tensor.quant is None:
        raise LookupError(f"the slopes {tensor.name!r} are no quantized constant")
    data = tensor.data.astype(np.int16) - np.int16(tensor.quant.zero_point)
    return graph.replace(
        tensors=(*graph.tensors[:slopes], replace(tensor, data=data), *graph.tensors[slopes + 1 :])
    )


_SUM = Support(
    5,
    TWO_INPUTS,
    shapes.broadcast,
    ranks=(0, 6),
    activations=RECTIFIERS,
    refusal=_sum_refusal,
    types=INT16,
)
_EXTREMUM = Support(4, TWO_INPUTS, shapes.broadcast, ranks=(0, 8), spacing="moves-bytes", types=INT16)
_HOW = "int16, in the reference's own steps"

OPERATORS = (
    Op("ADD", _SUM, partial(_sum, (1, 1)), _HOW),
    Op("SUB", _SUM, partial(_sum, (1, -1)), _HOW),
    Op("MUL", replace(_SUM, max_version=7, multiplies=True, refusal=None), _product, _HOW),
    Op("MAXIMUM", _EXTREMUM, partial(_extremum, 1), "int16 compared"),
    Op("MINIMUM", _EXTREMUM, partial(_extremum, 0), "int16 compared"),
    Op(
        "PRELU",
        Support(
            1,
            (Operand("input"), Operand("slopes", dtypes=INT8, constant=True)),
            shapes.slopes,
            ranks=(1, 4),
            types=INT16,
        ),
        _prelu,
        "int16 by constant int8 slopes, in the reference's two roundings",
    ),
)
