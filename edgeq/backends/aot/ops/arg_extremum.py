"""ARG_MAX and ARG_MIN: where along an axis the largest or the smallest number is, the first of equals."""

from __future__ import annotations

from functools import partial

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import around, constant_values, shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import EIGHT_BITS, INDEX, Operand, Support, parameter
from edgeq.graph.model import DType, Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape, axes_of, values_of


def _shape(graph: Graph, op: Operator) -> Shape:
    """The input without the axis that the second input names."""
    shape, named = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    if len(named) != 1:
        raise Contradiction(f"it has {len(named)} axes instead of one")
    axis = axes_of(named, len(shape)).pop()
    return (*shape[:axis], *shape[axis + 1 :])


def _lower(largest: bool, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    axis = constant_values(graph, op.inputs[1], index, "axis")[0] % len(source.shape)
    outer, inner = around(source.shape, axis)
    wide = source.dtype is DType.INT32
    kernel = "edgeq_arg_s32" if wide else "edgeq_arg_s8"
    all_bits = -1 if wide else 0xFF
    step = Step(
        operator=index,
        title=f"{op.opcode} over axis {axis} of {shape_text(source.shape)}",
        kernel=kernel,
        params_type="edgeq_arg_s32_params" if wide else "edgeq_arg_params",
        params={
            "outer": outer,
            "count": source.shape[axis],
            "inner": inner,
            "flip": (0x80 if source.dtype is DType.UINT8 else 0) ^ (0 if largest else all_bits),
            "words": output.dtype.numpy.itemsize // 4,
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
    )
    return (step,)


_TYPES = EIGHT_BITS | {DType.BOOL, DType.INT32}
_SUPPORT = Support(3, (Operand("input"), parameter("axis", wide=True)), _shape, types=_TYPES, outputs=INDEX)
_HOW = "numbers compared"

OPERATORS = (
    Op("ARG_MAX", _SUPPORT, partial(_lower, True), _HOW),
    Op("ARG_MIN", _SUPPORT, partial(_lower, False), _HOW),
)
