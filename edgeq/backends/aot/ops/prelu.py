"""PRELU: what is below zero is multiplied by a constant slope of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgeq.backends.aot.ops.elementwise import Arithmetic, as_table, elementwise_step
from edgeq.backends.aot.ops.fixed_point import Ints, clamp, multiply, quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph


@dataclass(frozen=True)
class _Prelu(Arithmetic):
    """One multiplier for what is not below zero, one for products with the slope. Shifts are left."""

    a_offset: int
    b_offset: int
    multiplier: int
    shift: int
    slope_multiplier: int
    slope_shift: int
    output_zero_point: int

    def __call__(self, a: Ints, b: Ints) -> Ints:
        """The outputs for int8 inputs and slopes."""
        x = a + self.a_offset
        above = multiply(x, self.multiplier, self.shift)
        below = multiply(x * (b + self.b_offset), self.slope_multiplier, self.slope_shift)
        return clamp(np.where(x >= 0, above, below) + self.output_zero_point, -128, 127)


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    (scale, zero), (slope, slope_zero) = (affine(graph, t, index) for t in op.inputs)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    ratio = np.float32(scale) / np.float32(out_scale)
    product = np.float32(scale) * np.float32(slope) / np.float32(out_scale)
    exact = _Prelu(
        -zero, -slope_zero, *quantize_multiplier(float(ratio)), *quantize_multiplier(float(product)), out_zero
    )
    table = as_table(graph, index, exact)
    return (table or elementwise_step(graph, index, "edgeq_prelu_s8", exact),)


OPERATORS = (
    Op(
        "PRELU",
        Support(1, (Operand("input"), Operand("slopes", constant=True)), shapes.slopes, ranks=(1, 4)),
        _lower,
        "the reference's two roundings; a table where all slopes are one",
        unsigned=True,
    ),
)
