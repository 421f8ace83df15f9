"""EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS and LESS_EQUAL of quantized numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from edgeq.backends.aot.ops.elementwise import HOW_OPERANDS, Arithmetic, as_table, elementwise_step, operands
from edgeq.backends.aot.ops.fixed_point import Ints, multiply, quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator

ORDERS = {
    "EQUAL": (0, 1, 0),
    "GREATER": (0, 0, 1),
    "GREATER_EQUAL": (0, 1, 1),
    "LESS": (1, 0, 0),
    "LESS_EQUAL": (1, 1, 0),
    "NOT_EQUAL": (1, 0, 1),
}
"""The truth value where the first operand is less than the second, equal to it, greater."""
VERSIONS = {"EQUAL": 5, "GREATER": 2, "GREATER_EQUAL": 3, "LESS": 3, "LESS_EQUAL": 2, "NOT_EQUAL": 4}
_LEFT_SHIFT = 8


@dataclass(frozen=True)
class _Compare(Arithmetic):
    """What the kernel makes of two bytes."""

    a_offset: int
    a_multiplier: int
    a_shift: int
    b_offset: int
    b_multiplier: int
    b_shift: int
    when_less: int
    when_equal: int
    when_greater: int

    def __call__(self, a: Ints, b: Ints) -> Ints:
        x = multiply((a + self.a_offset) << _LEFT_SHIFT, self.a_multiplier, self.a_shift)
        y = multiply((b + self.b_offset) << _LEFT_SHIFT, self.b_multiplier, self.b_shift)
        return np.where(x < y, self.when_less, np.where(x > y, self.when_greater, self.when_equal))


def truths(opcode: str, *, swapped: bool) -> tuple[int, int, int]:
    """As ``ORDERS``; with the operands swapped."""
    less, equal, greater = ORDERS[opcode]
    return (greater, equal, less) if swapped else (less, equal, greater)


def _lower(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    first, second = operands(graph, index)
    (a_scale, a_zero), (b_scale, b_zero) = (affine(graph, t, index) for t in (first, second))
    exact = _Compare(
        -a_zero,
        *quantize_multiplier(a_scale),
        -b_zero,
        *quantize_multiplier(b_scale),
        *truths(opcode, swapped=(first, second) != graph.operators[index].inputs),
    )
    return (as_table(graph, index, exact) or elementwise_step(graph, index, "edgeq_compare_s8", exact),)


def scale_refusal(graph: Graph, op: Operator) -> str | None:
    """Of quantized operands that are brought to one scale."""
    quants = [graph[tensor].quant for tensor in op.inputs]
    if all(quant is None or quant.scale < 1 for quant in quants):
        return None
    return "a scale of its inputs is 1 or more, at which TensorFlow Lite stops"


def _lower_truths(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """Of bytes that are 0 or 1: any scale tells them apart."""
    half = quantize_multiplier(0.5)
    exact = _Compare(0, *half, 0, *half, *truths(opcode, swapped=False))
    return (as_table(graph, index, exact) or elementwise_step(graph, index, "edgeq_compare_s8", exact),)


_TRUTH = frozenset({DType.BOOL})

OPERATORS = (
    *(
        Op(
            opcode,
            Support(VERSIONS[opcode], TWO_INPUTS, shapes.broadcast, ranks=(0, 4), types=_TRUTH),
            partial(_lower_truths, opcode),
            f"bytes compared; {HOW_OPERANDS}",
        )
        for opcode in ("EQUAL", "NOT_EQUAL")
    ),
    *(
        Op(
            opcode,
            Support(
                version,
                TWO_INPUTS,
                shapes.broadcast,
                ranks=(0, 4),
                outputs=_TRUTH,
                refusal=scale_refusal,
            ),
            partial(_lower, opcode),
            f"both operands to one scale, scales below 1; {HOW_OPERANDS}",
            unsigned=True,
        )
        for opcode, version in VERSIONS.items()
    ),
)
