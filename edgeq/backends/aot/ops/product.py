"""REDUCE_PROD over any axes: the reference scales after every multiplication, by 15 bits."""

from __future__ import annotations

import math

from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.mean import loop_params
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, constant_values, shape_text
from edgeq.backends.aot.step import Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import Graph, Operator

_LARGEST = 0x7FFF
_BITS = 30
_FINEST = 2.0**-16


def _factors(graph: Graph, op: Operator) -> int:
    """How many numbers are multiplied to one."""
    return max(graph[op.inputs[0]].elements // max(graph[op.outputs[0]].elements, 1), 1)


def _scale(graph: Graph, op: Operator) -> float:
    """What each product is scaled by: the input's scale over the output's root of as high a degree."""
    source, output = graph[op.inputs[0]].quant, graph[op.outputs[0]].quant
    if source is None or output is None:
        return 0.0
    return float(source.scale / math.pow(output.scale, 1 / _factors(graph, op)))


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    shape = graph[op.inputs[0]].shape
    axes = {axis % len(shape) for axis in constant_values(graph, op.inputs[1], index, "axes")}
    multiplier, shift = quantize_multiplier(_scale(graph, op))
    params: dict[str, Value] = {
        "offset": -affine(graph, op.inputs[0], index)[1],
        "multiplier": (multiplier + (1 << 15)) >> 16 if multiplier < _LARGEST << 16 else _LARGEST,
        "shift": 15 - shift,
        "output_zero_point": affine(graph, op.outputs[0], index)[1],
    }
    params |= loop_params(graph, index, axes)
    step = Step(
        operator=index,
        title=f"REDUCE_PROD over axes {', '.join(map(str, sorted(axes)))} of {shape_text(shape)}",
        kernel="edgeq_product_s8",
        params_type="edgeq_product_params",
        params=params,
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_product_s8.c",),
    )
    return (step,)


def _refusal(graph: Graph, op: Operator) -> str | None:
    """What the reference keeps in 32 bits must fit there, and some of its scale in 15."""
    quant, scale = graph[op.inputs[0]].quant, _scale(graph, op)
    largest = 0 if quant is None else max(127 - quant.zero_point, quant.zero_point + 128)
    growth = max(largest * scale, 1.0)
    bits = math.log2(max(largest, 1)) + _factors(graph, op) * math.log2(growth)
    if bits < _BITS and _FINEST < scale < 1:
        return None
    return "its scales let products grow beyond 32 bits, or leave nothing of them"


OPERATORS = (
    Op(
        "REDUCE_PROD",
        Support(2, (Operand("input"), parameter("axes")), shapes.mean, refusal=_refusal),
        _lower,
        "any axes; scaled after every multiplication; refused where products would leave 32 bits",
    ),
)
