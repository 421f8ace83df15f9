"""REDUCE_MAX and REDUCE_MIN over any axes, of bytes; what is like them of truth values: 0 or 1."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from edgeq.backends.aot.ops.mean import loop_params
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import constant_values, shape_text
from edgeq.backends.aot.step import Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator


def _lower(largest: int, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    shape = graph[op.inputs[0]].shape
    axes = {axis % len(shape) for axis in constant_values(graph, op.inputs[1], index, "axes")}
    params: dict[str, Value] = {"largest": largest}
    params |= loop_params(graph, index, axes)
    step = Step(
        operator=index,
        title=f"{op.opcode} over axes {', '.join(map(str, sorted(axes)))} of {shape_text(shape)}",
        kernel="edgeq_reduce_s8",
        params_type="edgeq_reduce_params",
        params=params,
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_reduce_s8.c",),
    )
    return (step,)


def _constant_product(graph: Graph, op: Operator) -> str | None:
    if graph[op.inputs[0]].data is None:
        return None
    return "its truth values are constants, at whose product TensorFlow Lite stops"


_SUPPORT = Support(3, (Operand("input"), parameter("axes")), shapes.mean, spacing="as-input")
_TRUTHS = Support(1, (Operand("input"), parameter("axes")), shapes.mean, types=frozenset({DType.BOOL}))
_HOW = "any axes; bytes compared"

OPERATORS = (
    Op("REDUCE_MAX", _SUPPORT, partial(_lower, 1), _HOW, unsigned=True),
    Op("REDUCE_MIN", _SUPPORT, partial(_lower, 0), _HOW, unsigned=True),
    *(
        Op(name, replace(_TRUTHS, max_version=version), partial(_lower, largest), _HOW)
        for name, version, largest in (
            ("REDUCE_ANY", 1, 1),
            ("REDUCE_ALL", 1, 0),
            ("REDUCE_MAX", 3, 1),
            ("REDUCE_MIN", 3, 0),
            ("SUM", 2, 1),
        )
    ),
    Op("REDUCE_PROD", replace(_TRUTHS, max_version=2, refusal=_constant_product), partial(_lower, 0), _HOW),
)
