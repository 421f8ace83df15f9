"""SUM, MEAN, REDUCE_PROD, REDUCE_MAX and REDUCE_MIN of INT32 and INT64 numbers that mean themselves."""

from __future__ import annotations

import math
from functools import partial

from edgeq.backends.aot.ops.mean import loop_params
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import constant_values, shape_text
from edgeq.backends.aot.step import Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import INDEX, Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import Graph, Operator

_JOINED = {"SUM": 0, "REDUCE_PROD": 1, "REDUCE_MAX": 2, "REDUCE_MIN": 3}
"""In the kernel's numbers."""
_VERSIONS = {"MEAN": 3, "REDUCE_MAX": 3, "REDUCE_MIN": 3, "REDUCE_PROD": 2, "SUM": 2}


def _reduction(opcode: str, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source = graph[op.inputs[0]]
    rank = len(source.shape)
    axes = {axis % rank for axis in constant_values(graph, op.inputs[1], index, "axes")} if rank else set()
    kernel = "edgeq_mean_whole" if opcode == "MEAN" else "edgeq_reduce_whole"
    params: dict[str, Value] = {
        "size": source.dtype.numpy.itemsize,
        "what": _JOINED.get(opcode, 0),
        "count": math.prod(source.shape[axis] for axis in axes),
    }
    params |= loop_params(graph, index, axes)
    over = f"over axes {', '.join(map(str, sorted(axes)))} of {shape_text(source.shape)} {source.dtype.value}"
    step = Step(
        operator=index,
        title=f"{opcode} {over}",
        kernel=kernel,
        params_type="edgeq_reduce_whole_params",
        params=params,
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
    )
    return (step,)


def _scaled_product(graph: Graph, op: Operator) -> str | None:
    if graph[op.inputs[0]].quant is None:
        return None
    return "TensorFlow Lite multiplies numbers of 32 and 64 bits only where they have no scale"


_OPERANDS = (Operand("input"), parameter("axes"))
_HOW = "INT32 or INT64 numbers that mean themselves, summed and multiplied in 64 bits, cut to their own"

OPERATORS = tuple(
    Op(
        name,
        Support(
            version,
            _OPERANDS,
            shapes.mean,
            types=INDEX,
            refusal=_scaled_product if name == "REDUCE_PROD" else None,
        ),
        partial(_reduction, name),
        f"{_HOW}; a mean is cut towards zero" if name == "MEAN" else _HOW,
    )
    for name, version in _VERSIONS.items()
)
