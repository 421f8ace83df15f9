"""REDUCE_PROD over any axes: the reference scales after every multiplication, by 15 bits."""

from __future__ import annotations

import math

from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.mean import loop_params
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, constant_values, limits, shape_text, zero_of
from edgeq.backends.aot.step import Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import INT8, Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator

_LARGEST = 0x7FFF
_BITS = 30
_FINEST = {DType.INT8: 2.0**-16, DType.INT16: 2.0**-30}


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
    wide = graph[op.inputs[0]].dtype is DType.INT16
    kernel = "edgeq_product_s16" if wide else "edgeq_product_s8"
    step = Step(
        operator=index,
        title=f"REDUCE_PROD over axes {', '.join(map(str, sorted(axes)))} of {shape_text(shape)}",
        kernel=kernel,
        params_type="edgeq_product_params",
        params=params,
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        typed=wide,
    )
    return (step,)


def _refusal(graph: Graph, op: Operator) -> str | None:
    """What the reference keeps in 32 bits must fit there, and some of its scale in 15."""
    source, scale = graph[op.inputs[0]], _scale(graph, op)
    low, high = limits(source)
    largest = 0 if source.quant is None else max(high - zero_of(source), zero_of(source) - low)
    growth = max(largest * scale, 1.0)
    bits = math.log2(max(largest, 1)) + _factors(graph, op) * math.log2(growth)
    if bits < _BITS and _FINEST[source.dtype] < scale < 1:
        return None
    return "its scales let products grow beyond 32 bits, or leave nothing of them"


OPERATORS = (
    Op(
        "REDUCE_PROD",
        Support(
            2,
            (Operand("input"), parameter("axes")),
            shapes.mean,
            refusal=_refusal,
            types=INT8 | {DType.INT16},
        ),
        _lower,
        "any axes; scaled after every multiplication; refused where products would leave 32 bits",
    ),
)
