"""MUL: a table where one operand decides all; one affine step where exact; else as the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgeq.backends.aot.ops.channels import Channels
from edgeq.backends.aot.ops.elementwise import (
    HOW_OPERANDS,
    Arithmetic,
    as_table,
    channelwise,
    elementwise_step,
    operands,
)
from edgeq.backends.aot.ops.fixed_point import Ints, clamp, multiply, quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.requantize import Demand
from edgeq.backends.aot.ops.requantize_exact import plan
from edgeq.backends.aot.ops.tensors import activation, activation_limits, affine
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import RECTIFIERS, TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph


@dataclass(frozen=True)
class _Affine(Arithmetic):
    """One affine step of the product, with a correction of negative ones (``ops/requantize.py``)."""

    a_offset: int
    b_offset: int
    multiplier: int
    addend: int
    shift: int
    correction: int
    low: int
    high: int


@dataclass(frozen=True)
class _Rounded(Arithmetic):
    """The reference's steps: the product of the offset operands, rounded twice."""

    a_offset: int
    b_offset: int
    multiplier: int
    shift: int
    output_zero_point: int
    low: int
    high: int

    def __call__(self, a: Ints, b: Ints) -> Ints:
        """The outputs for int8 operands."""
        product = (a + self.a_offset) * (b + self.b_offset)
        output = multiply(product, self.multiplier, self.shift) + self.output_zero_point
        return clamp(output, self.low, self.high)


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    ratio = _ratio(graph, index)
    exact = _rounded(graph, index, ratio)
    table = as_table(graph, index, exact)
    if table is not None:
        return (table,)
    form = _affine(exact, ratio)
    if form is None:
        return (elementwise_step(graph, index, "edgeq_mul_rounded_s8", exact),)
    return (elementwise_step(graph, index, "edgeq_mul_s8", form),)


def _ratio(graph: Graph, index: int) -> float:
    """The scale of a product over the output's, in the reference's float32."""
    tensors = (*operands(graph, index), graph.operators[index].outputs[0])
    a, b, output = (np.float32(affine(graph, t, index)[0]) for t in tensors)
    return float(a * b / output)


def _rounded(graph: Graph, index: int, ratio: float) -> _Rounded:
    output = graph.operators[index].outputs[0]
    a_zero, b_zero = (affine(graph, t, index)[1] for t in operands(graph, index))
    multiplier, shift = quantize_multiplier(ratio)
    low, high = activation_limits(graph[output], activation(graph, index))
    return _Rounded(-a_zero, -b_zero, multiplier, shift, affine(graph, output, index)[1], low, high)


def _affine(exact: _Rounded, ratio: float) -> _Affine | None:
    """One affine step for every product that can occur; None where there is none."""
    ends = np.array([-128, 127])
    products = np.multiply.outer(ends + exact.a_offset, ends + exact.b_offset)
    demand = Demand(
        low=np.array([min(products.min(), 0)]),
        high=np.array([max(products.max(), 0)]),
        reals=np.array([ratio]),
        rounding="double",
        zero_point=exact.output_zero_point,
        limits=(exact.low, exact.high),
    )
    try:
        found = plan(demand)
    except ModelError:  # a ratio beyond the search: the reference's own steps take any
        return None
    if found.form == "exact":
        return None
    multiplier, addend, shift, correction = found.table[0].tolist()
    return _Affine(exact.a_offset, exact.b_offset, multiplier, addend, shift, correction, *found.limits)


def _channels(graph: Graph, index: int, _target: Target) -> Channels | None:
    return channelwise(graph, index, _rounded(graph, index, _ratio(graph, index)))


OPERATORS = (
    Op(
        "MUL",
        Support(7, TWO_INPUTS, shapes.broadcast, ranks=(0, 6), activations=RECTIFIERS, multiplies=True),
        _lower,
        "the product, then one affine step where that is exact for every product, else two roundings; "
        f"{HOW_OPERANDS}",
        channels=_channels,
        unsigned=True,
    ),
)
