"""TOPK_V2: the largest values along the last axis, and where they were."""

from __future__ import annotations

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Operand, Support, parameter
from edgeq.graph import indexed
from edgeq.graph.model import DType, Graph, Operator


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, values = graph[op.inputs[0]], graph[op.outputs[0]]
    length = source.shape[-1]
    step = Step(
        operator=index,
        title=f"TOPK_V2 {shape_text(source.shape)} -> {shape_text(values.shape)}",
        kernel="edgeq_topk_s8",
        params_type="edgeq_topk_params",
        params={"rows": source.elements // length, "length": length, "count": values.shape[-1]},
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_topk_s8.c",),
    )
    return (step,)


def _refusal(graph: Graph, op: Operator) -> str | None:
    found = tuple(graph[tensor].dtype for tensor in op.outputs)
    return None if found == (DType.INT8, DType.INT32) else "its outputs are not bytes and places of INT32"


OPERATORS = (
    Op(
        "TOPK_V2",
        Support(
            3,
            (Operand("input"), parameter("count")),
            parts=indexed.largest,
            spacing="moves-bytes",
            outputs=frozenset({DType.INT8, DType.INT32}),
            refusal=_refusal,
        ),
        _lower,
        "bytes compared, the larger first, of equals the first",
    ),
)
