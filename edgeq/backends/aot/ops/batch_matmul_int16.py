"""BATCH_MATMUL of int16 by int16 or int8."""

from __future__ import annotations

from edgeq.backends.aot.ops.batch_matmul import matmul_step, real_multiplier
from edgeq.backends.aot.ops.broadcast import MAX_LOOPS
from edgeq.backends.aot.ops.fixed_point import half_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import scale_of
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import INT8, Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator

_DEEPEST = 1 << 16
"""Products of two int16 whose sum 47 bits hold, as the reference wants it."""


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    multiplier, shift = half_multiplier(real_multiplier(graph, index))
    mixed = graph[op.inputs[1]].dtype is DType.INT8
    kernel = "edgeq_batch_matmul_mixed_s16" if mixed else "edgeq_batch_matmul_s16"
    params = {"multiplier": multiplier, "shift": shift}
    step = matmul_step(
        graph,
        index,
        kernel,
        params,
        params_type="edgeq_batch_matmul_s16_params",
        source="edgeq_batch_matmul_s16",
    )
    return (step,)


def _refusal(graph: Graph, op: Operator) -> str | None:
    first, second = (graph[tensor] for tensor in op.inputs)
    if first.is_constant and second.dtype is DType.INT8:
        return "its first matrix is a constant of int16, its second one computed in int8"
    if second.quant is not None and second.quant.zero_point:
        return f"its second matrix has the zero point {second.quant.zero_point}, where LiteRT demands 0"
    depth = shapes.matrices(graph, op)[0][-1]
    if depth > _DEEPEST:
        return f"a sum of {depth} products can leave the 47 bits that TensorFlow Lite holds it in"
    most = depth * 2**15 * (2**15 if second.dtype is DType.INT16 else 2**7)
    if most * scale_of(first) * scale_of(second) / scale_of(graph[op.outputs[0]]) >= 2.0**31:
        return "its results can leave 32 bits, in which TensorFlow Lite holds them"
    return None


OPERATORS = (
    Op(
        "BATCH_MATMUL",
        Support(
            4,
            (Operand("first input"), Operand("second input", dtypes=INT16 | INT8)),
            shapes.matmul,
            ranks=(2, min(5, MAX_LOOPS)),
            multiplies=True,
            refusal=_refusal,
            types=INT16,
        ),
        _lower,
        "int16 by int16 or int8 in plain C on every core",
    ),
)
