"""TOPK_V2: the largest values along the last axis, and where they were."""

from __future__ import annotations

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import EIGHT_BITS, Operand, Support, parameter
from edgeq.graph import indexed
from edgeq.graph.model import DType, Graph, Operator


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, values = graph[op.inputs[0]], graph[op.outputs[0]]
    length, size = source.shape[-1], source.dtype.numpy.itemsize
    kernel, wide = ("edgeq_topk_wide", True) if size > 1 else ("edgeq_topk_s8", False)
    params: dict[str, Value] = {
        "rows": source.elements // length,
        "length": length,
        "count": values.shape[-1],
    }
    if wide:
        params["size"] = size
    step = Step(
        operator=index,
        title=f"TOPK_V2 {shape_text(source.shape)} -> {shape_text(values.shape)}",
        kernel=kernel,
        params_type="edgeq_topk_wide_params" if wide else "edgeq_topk_params",
        params=params,
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
    )
    return (step,)


def _refusal(graph: Graph, op: Operator) -> str | None:
    found = tuple(graph[tensor].dtype for tensor in op.outputs)
    wanted = (graph[op.inputs[0]].dtype, DType.INT32)
    return None if found == wanted else "its outputs are not values of its input's type and places of INT32"


_WIDE = (DType.INT16, DType.INT32, DType.INT64)


def _form(types: frozenset[DType], *, unsigned: bool = False) -> Op:
    support = Support(
        3,
        (Operand("input"), parameter("count")),
        parts=indexed.largest,
        spacing="moves-bytes",
        outputs=types | {DType.INT32},
        refusal=_refusal,
        types=types,
    )
    how = "numbers compared, the larger first, of equals the first"
    return Op("TOPK_V2", support, _lower, how, unsigned=unsigned)


OPERATORS = (_form(EIGHT_BITS, unsigned=True), *(_form(frozenset({dtype})) for dtype in _WIDE))
