"""Comparisons of int16: EQUAL and NOT_EQUAL at one scale, the others of integers as they are."""

from __future__ import annotations

from functools import partial

from edgeq.backends.aot.ops.comparison import VERSIONS, scale_refusal, truths
from edgeq.backends.aot.ops.elementwise import operands
from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import affine
from edgeq.backends.aot.ops.whole import whole_step
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import TWO_INPUTS, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator

_KERNEL = ("edgeq_compare_s16", "edgeq_compare_s16_params")
_SCALED = frozenset({"EQUAL", "NOT_EQUAL"})
"""The others are held to operands of one scale, so that any multiplier keeps their order."""


def _lower(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    pair = operands(graph, index)
    scales = [affine(graph, t, index)[0] if opcode in _SCALED else 0.5 for t in pair]
    (a_multiplier, a_shift), (b_multiplier, b_shift) = map(quantize_multiplier, scales)
    less, equal, greater = truths(opcode, swapped=pair != graph.operators[index].inputs)
    arithmetic = {
        "a_multiplier": a_multiplier,
        "a_shift": a_shift,
        "b_multiplier": b_multiplier,
        "b_shift": b_shift,
        "when_less": less,
        "when_equal": equal,
        "when_greater": greater,
    }
    return (whole_step(graph, index, pair, _KERNEL, arithmetic),)


def _refusal(graph: Graph, op: Operator) -> str | None:
    if op.opcode in _SCALED:
        return scale_refusal(graph, op)
    first, second = (graph[tensor].quant for tensor in op.inputs)
    if first is None or second is None or first.scale == second.scale:
        return None
    return "its inputs differ in scale, and TensorFlow Lite compares their integers: its results are wrong"


OPERATORS = tuple(
    Op(
        opcode,
        Support(
            version,
            TWO_INPUTS,
            shapes.broadcast,
            ranks=(0, 4),
            outputs=frozenset({DType.BOOL}),
            refusal=_refusal,
            types=INT16,
        ),
        partial(_lower, opcode),
        "int16, both operands to one scale, scales below 1"
        if opcode in _SCALED
        else "int16 compared, inputs of one scale",
    )
    for opcode, version in VERSIONS.items()
)
