"""ADD and SUB: a table where one operand decides all; one affine form where exact; else as the reference."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from edgeq.backends.aot.families import MVE
from edgeq.backends.aot.ops import add_affine
from edgeq.backends.aot.ops.channels import Channels
from edgeq.backends.aot.ops.elementwise import (
    HOW_OPERANDS,
    Arithmetic,
    as_table,
    channelwise,
    elementwise_step,
    every_pair,
    operands,
)
from edgeq.backends.aot.ops.fixed_point import Ints, clamp, doubling_high_mul, quantize_multiplier
from edgeq.backends.aot.ops.fixed_point import rounding_shift_right as shift_right
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import activation, activation_limits, affine
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import RECTIFIERS, TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph

_LEFT_SHIFT = 20


@dataclass(frozen=True)
class _Affine(Arithmetic):
    """``clamp((a * a_multiplier + b * b_multiplier + offset) >> shift)``."""

    a_multiplier: int
    b_multiplier: int
    offset: int
    shift: int
    low: int
    high: int


@dataclass(frozen=True)
class _Rounded(Arithmetic):
    """The reference's steps: both operands to a common scale, the sum to the output's. Shifts are right."""

    a_offset: int
    b_offset: int
    a_multiplier: int
    a_shift: int
    b_multiplier: int
    b_shift: int
    output_multiplier: int
    output_shift: int
    output_zero_point: int
    low: int
    high: int

    def __call__(self, a: Ints, b: Ints) -> Ints:
        """The outputs for int8 operands."""
        total = _to_common_scale(a + self.a_offset, self.a_multiplier, self.a_shift)
        total = total + _to_common_scale(b + self.b_offset, self.b_multiplier, self.b_shift)
        output = shift_right(doubling_high_mul(total, self.output_multiplier), self.output_shift)
        return clamp(output + self.output_zero_point, self.low, self.high)


@dataclass(frozen=True)
class _Signed(_Rounded):
    """The same, of operands with signs: 1 or -1."""

    a_sign: int
    b_sign: int

    def __call__(self, a: Ints, b: Ints) -> Ints:
        """The outputs for int8 operands."""
        first = self.a_sign * _to_common_scale(a + self.a_offset, self.a_multiplier, self.a_shift)
        total = first + self.b_sign * _to_common_scale(b + self.b_offset, self.b_multiplier, self.b_shift)
        output = shift_right(doubling_high_mul(total, self.output_multiplier), self.output_shift)
        return clamp(output + self.output_zero_point, self.low, self.high)


def _to_common_scale(x: Ints, multiplier: int, shift: int) -> Ints:
    return shift_right(doubling_high_mul(x << _LEFT_SHIFT, multiplier), shift)


def _lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    return _as(graph, index, _rounded(graph, index), (1, 1), target, rounded="edgeq_add_rounded_s8")


def _lower_difference(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    signs = _signs(graph, index)
    return _as(graph, index, _difference(graph, index, signs), signs, target, rounded="edgeq_sub_rounded_s8")


def _signs(graph: Graph, index: int) -> tuple[int, int]:
    return (1, -1) if operands(graph, index) == graph.operators[index].inputs else (-1, 1)


def _difference(graph: Graph, index: int, signs: tuple[int, int]) -> _Signed:
    return _Signed(**asdict(_rounded(graph, index)), a_sign=signs[0], b_sign=signs[1])


def _channels(graph: Graph, index: int, _target: Target) -> Channels | None:
    return channelwise(graph, index, _rounded(graph, index))


def _channels_of_difference(graph: Graph, index: int, _target: Target) -> Channels | None:
    return channelwise(graph, index, _difference(graph, index, _signs(graph, index)))


def _as(
    graph: Graph, index: int, exact: _Rounded, signs: tuple[int, int], target: Target, *, rounded: str
) -> tuple[Step, ...]:
    """A table, or one affine step, or the reference's own."""
    table = as_table(graph, index, exact)
    if table is not None:
        return (table,)
    slope_a, slope_b = _slopes(graph, index)
    slopes = signs[0] * slope_a, signs[1] * slope_b
    found = add_affine.search(every_pair(exact), slopes, exact.low, exact.high)
    if found is None:
        return (elementwise_step(graph, index, rounded, exact),)
    form = _Affine(found.a, found.b, found.offset, found.shift, exact.low, exact.high)
    kernel = "edgeq_add_mve_s8" if MVE.fits(target) else "edgeq_add_s8"
    return (elementwise_step(graph, index, kernel, form),)


def _rounded(graph: Graph, index: int) -> _Rounded:
    output = graph.operators[index].outputs[0]
    (a_scale, a_zero), (b_scale, b_zero) = (affine(graph, t, index) for t in operands(graph, index))
    out_scale, out_zero = affine(graph, output, index)
    common = 2.0 * max(a_scale, b_scale)
    a_multiplier, a_shift = quantize_multiplier(a_scale / common)
    b_multiplier, b_shift = quantize_multiplier(b_scale / common)
    out_multiplier, out_shift = quantize_multiplier(common / ((1 << _LEFT_SHIFT) * out_scale))
    if out_shift > 0:
        raise ModelError(
            f"{graph.describe(index)}: its output scale is too small for its input scales",
            "calibrate the model on data that resembles its use",
        )
    low, high = activation_limits(graph[output], activation(graph, index))
    return _Rounded(
        a_offset=-a_zero,
        b_offset=-b_zero,
        a_multiplier=a_multiplier,
        a_shift=-a_shift,
        b_multiplier=b_multiplier,
        b_shift=-b_shift,
        output_multiplier=out_multiplier,
        output_shift=-out_shift,
        output_zero_point=out_zero,
        low=low,
        high=high,
    )


def _slopes(graph: Graph, index: int) -> tuple[float, float]:
    output = affine(graph, graph.operators[index].outputs[0], index)[0]
    first, second = operands(graph, index)
    return affine(graph, first, index)[0] / output, affine(graph, second, index)[0] / output


_HOW = (
    "one affine step, `(a*A + b*B + C) >> S`, where a search finds constants that are exact for all "
    f"65,536 pairs of inputs (nearly always), else the reference's three roundings; {HOW_OPERANDS}"
)
_SUPPORT = Support(5, TWO_INPUTS, shapes.broadcast, ranks=(0, 6), activations=RECTIFIERS)

OPERATORS = (
    Op("ADD", _SUPPORT, _lower, _HOW, channels=_channels, unsigned=True),
    Op("SUB", _SUPPORT, _lower_difference, _HOW, channels=_channels_of_difference, unsigned=True),
)
