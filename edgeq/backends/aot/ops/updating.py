"""DYNAMIC_UPDATE_SLICE: a tensor with a part put into it, at a place that may be computed."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.moving import HOW, Loop, Move, move_step, places, strides
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import INDEX, MOVABLE, TWO_INPUTS, Operand, Support
from edgeq.graph import indexed
from edgeq.graph.model import Graph


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    whole, part, begin = op.inputs
    shape, output = graph[part].shape, graph[op.outputs[0]].shape
    title = f"{op.opcode} of {shape_text(shape)} in {shape_text(output)}"
    run = places(graph[whole].elements, 1)
    copy = move_step(
        graph, index, Move(whole, op.outputs[0], (Loop(run, run),)), f"{title}, what stays", "whole"
    )
    known = graph[begin].data
    if known is None:
        return copy, _placed(graph, index, title)
    at = [
        max(0, min(int(b), d - p))
        for b, d, p in zip(np.asarray(known).reshape(-1), output, shape, strict=True)
    ]
    loops = tuple(
        Loop(places(count, own), places(count, stride, start * stride))
        for count, own, stride, start in zip(shape, strides(shape), strides(output), at, strict=True)
    )
    return copy, move_step(graph, index, Move(part, op.outputs[0], loops), f"{title}, the part", "part")


def _placed(graph: Graph, index: int, title: str) -> Step:
    op = graph.operators[index]
    _, part, begin = op.inputs
    source, output = graph[part], graph[op.outputs[0]]
    size = output.dtype.numpy.itemsize
    axes = [
        (own, whole, stride * size)
        for own, whole, stride in zip(source.shape, output.shape, strides(output.shape), strict=True)
    ]
    table = np.array(axes, np.int32).reshape(-1)
    comment = "elements of the part, of the tensor, stride in bytes"
    constants: tuple[Constant, ...] = (Constant("axes", "int32_t", table, comment, is_weights=False),)
    if source.data is not None:
        values = np.ascontiguousarray(source.data).reshape(-1).view(np.int8)
        constants += (Constant("part", "int8_t", values),)
    return Step(
        operator=index,
        title=f"{title}, the part",
        kernel="edgeq_place" if source.data is None else "edgeq_place_constant",
        params_type="edgeq_place_params",
        params={
            "rank": len(axes),
            "size": size,
            "axes": "axes",
            "number": graph[begin].dtype.numpy.itemsize,
            "constant": None if source.data is None else "part",
        },
        inputs=(part, begin) if source.data is None else (begin,),
        outputs=op.outputs,
        sources=("edgeq_place.c",),
        constants=constants,
    )


OPERATORS = (
    Op(
        "DYNAMIC_UPDATE_SLICE",
        Support(
            6,
            (*TWO_INPUTS, Operand("begin", "parameter", INDEX)),
            indexed.updated,
            ranks=(1, 6),
            spacing="moves-bytes",
            types=MOVABLE,
        ),
        _lower,
        f"{HOW}; a place that reaches out is moved in, as TensorFlow Lite does",
    ),
)
