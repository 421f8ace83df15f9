"""CUMSUM of whole numbers: each is the sum of those up to it along an axis."""

from __future__ import annotations

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import around, constant_values, shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import INDEX, Operand, Support, parameter
from edgeq.graph import indexed
from edgeq.graph.model import Graph


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source = graph[op.inputs[0]]
    axis = constant_values(graph, op.inputs[1], index, "axis")[0] % len(source.shape)
    outer, inner = around(source.shape, axis)
    step = Step(
        operator=index,
        title=f"CUMSUM over axis {axis} of {shape_text(source.shape)}",
        kernel="edgeq_cumsum",
        params_type="edgeq_cumsum_params",
        params={
            "outer": outer,
            "count": source.shape[axis],
            "inner": inner,
            "size": source.dtype.numpy.itemsize,
            "exclusive": int(bool(op.options.get("exclusive"))),
            "reverse": int(bool(op.options.get("reverse"))),
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_cumsum.c",),
        inplace=(0,),
    )
    return (step,)


OPERATORS = (
    Op(
        "CUMSUM",
        Support(1, (Operand("input"), parameter("axis")), indexed.along_axis, ranks=(1, 6), types=INDEX),
        _lower,
        "INT32 or INT64 numbers that mean themselves; sums wrap",
    ),
)
