"""SCATTER_ND: zeros, to which rows are added at places that may be computed."""

from __future__ import annotations

import math

import numpy as np

from edgeq.backends.aot.ops.moving import HOW, Loop, Move, move_step, places, strides
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Constant, Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph import indexed
from edgeq.graph.model import DType, Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape


def _starts(graph: Graph, op: Operator) -> list[int] | None:
    """Where each row goes, in elements; None where that is computed."""
    data, shape = graph[op.inputs[0]].data, graph[op.outputs[0]].shape
    if data is None:
        return None
    rows = np.asarray(data, np.int64).reshape(-1, graph[op.inputs[0]].shape[-1])
    return [int(start) for start in rows @ np.array(strides(shape)[: rows.shape[1]], np.int64)]


def _shape(graph: Graph, op: Operator) -> Shape:
    shape = indexed.scatter_nd(graph, op)
    data = graph[op.inputs[0]].data
    if data is not None:
        rows = np.asarray(data).reshape(-1, graph[op.inputs[0]].shape[-1])
        if np.any(rows < 0) or np.any(rows >= np.array(shape[: rows.shape[1]])):
            raise Contradiction(f"its indices reach out of an output of {list(shape)}")
    return shape


def _adds(graph: Graph, op: Operator) -> bool:
    """Whether several rows may go to one place, or it is not known to which."""
    starts = _starts(graph, op)
    return starts is None or len(set(starts)) < len(starts)


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    indices, updates, _ = op.inputs
    shape = graph[op.outputs[0]].shape
    title = f"SCATTER_ND of {shape_text(graph[updates].shape)} in {shape_text(shape)}"
    starts = _starts(graph, op)
    if starts is None or _adds(graph, op):
        return (_step(graph, index, title),)
    row = math.prod(shape[graph[indices].shape[-1] :])
    run = places(row, 1)
    loops = (Loop(places(len(starts), row), tuple(starts)), Loop(run, run))
    return (move_step(graph, index, Move(updates, op.outputs[0], loops, fill=0), title),)


def _step(graph: Graph, index: int, title: str) -> Step:
    op = graph.operators[index]
    indices, updates, _ = op.inputs
    output = graph[op.outputs[0]]
    depth, size = graph[indices].shape[-1], output.dtype.numpy.itemsize
    axes = [[count, size * s] for count, s in zip(output.shape, strides(output.shape), strict=True)][:depth]
    table = np.array(axes, np.int32).reshape(-1)
    constants = [Constant("axes", "int32_t", table, "elements, stride in bytes", is_weights=False)]
    pointers: dict[str, Value] = {"indices": None, "updates": None}
    for name, tensor in (("indices", indices), ("updates", updates)):
        data = graph[tensor].data
        if data is not None:
            bytes_ = np.ascontiguousarray(data).reshape(-1).view(np.int8)
            constants.append(Constant(name, "int8_t", bytes_))
            pointers[name] = name
    kernel = "edgeq_scatter"
    if pointers["indices"] or pointers["updates"]:
        kernel += "_at" if pointers["indices"] else "_of"
    return Step(
        operator=index,
        title=title,
        kernel=kernel,
        params_type="edgeq_scatter_params",
        params={
            "count": graph[indices].elements // depth,
            "run": size * math.prod(output.shape[depth:]),
            "size": size,
            "is_truth": int(output.dtype is DType.BOOL),
            "depth": depth,
            "total": size * output.elements,
            "axes": "axes",
            **pointers,
        },
        inputs=tuple(t for t in (indices, updates) if not graph[t].is_constant),
        outputs=op.outputs,
        sources=("edgeq_scatter.c",),
        constants=tuple(constants),
    )


def _refusal(graph: Graph, op: Operator) -> str | None:
    if graph[op.inputs[1]].dtype.is_float and _adds(graph, op):
        return "it adds real numbers, at places that are computed or named twice"
    return None


OPERATORS = (
    Op(
        "SCATTER_ND",
        Support(
            1,
            (
                Operand("indices", "parameter", frozenset({DType.INT32}), most=1 << 16),
                Operand("updates"),
                parameter("shape"),
            ),
            _shape,
            ranks=(0, 6),
            spacing="moves-bytes",
            types=MOVABLE - {DType.INT16},
            refusal=_refusal,
        ),
        _lower,
        f"{HOW}; where places are computed or named twice rows are added to zeros, and one that points "
        "outside is left out",
    ),
)
