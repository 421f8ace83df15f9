"""CAST of whole numbers and truth values, to each other and to real numbers."""

from __future__ import annotations

from functools import partial

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Support
from edgeq.graph.model import DType, Graph

_UNSIGNED = frozenset({DType.UINT8, DType.BOOL})


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    if is_same(graph, index):
        return ()
    sizes = source.dtype.numpy.itemsize, output.dtype.numpy.itemsize
    step = Step(
        operator=index,
        title=f"CAST {shape_text(output.shape)} from {source.dtype.value} to {output.dtype.value}",
        kernel="edgeq_cast",
        params_type="edgeq_cast_params",
        params={
            "count": output.elements,
            "from": sizes[0],
            "is_signed": int(source.dtype not in _UNSIGNED),
            "to": sizes[1],
            "to_truth": int(output.dtype is DType.BOOL),
            "to_real": int(output.dtype.is_float),
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_cast.c",),
        inplace=(0,) if sizes[0] == sizes[1] else (),
    )
    return (step,)


def is_same(graph: Graph, index: int) -> bool:
    """Whether the output's bytes are the input's."""
    op = graph.operators[index]
    return graph[op.inputs[0]].dtype is graph[op.outputs[0]].dtype and not graph[op.inputs[0]].is_constant


_SHORT = frozenset({DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.BOOL})
_support = partial(Support, 9, ranks=(0, 8), bare=True)
_HOW = "the integers themselves, cut to the output's bits"

OPERATORS = (
    Op(
        "CAST",
        _support(types=_SHORT, outputs=_SHORT | {DType.INT64, DType.FLOAT32}),
        _lower,
        _HOW,
        is_same,
    ),
    Op(
        "CAST",
        _support(types=frozenset({DType.INT64}), outputs=_SHORT | {DType.INT64}),
        _lower,
        _HOW,
        is_same,
    ),
)
