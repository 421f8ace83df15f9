"""TOPK_V2: the largest values along the last axis, and where they were."""

from __future__ import annotations

from dataclasses import replace

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import EIGHT_BITS, Operand, Support, parameter
from edgeq.graph import indexed
from edgeq.graph.model import DType, Graph


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, values, places = graph[op.inputs[0]], *(graph[tensor] for tensor in op.outputs)
    length, size = source.shape[-1], source.dtype.numpy.itemsize
    kernel, wide = ("edgeq_topk_wide", True) if size > 1 else ("edgeq_topk_s8", False)
    params: dict[str, Value] = {
        "rows": source.elements // length,
        "length": length,
        "count": values.shape[-1],
        "place_size": places.dtype.numpy.itemsize,
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


_PLACES = frozenset({DType.INT32, DType.INT16})
_WIDE = (DType.INT16, DType.INT32, DType.INT64)


def _form(types: frozenset[DType], *, unsigned: bool = False) -> Op:
    support = Support(
        3,
        (Operand("input"), replace(parameter("count"), dtypes=_PLACES)),
        parts=indexed.largest,
        spacing="moves-bytes",
        further=_PLACES,
        types=types,
    )
    how = "numbers compared, the larger first, of equals the first"
    return Op("TOPK_V2", support, _lower, how, unsigned=unsigned)


OPERATORS = (_form(EIGHT_BITS, unsigned=True), *(_form(frozenset({dtype})) for dtype in _WIDE))
