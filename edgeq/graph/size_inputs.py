"""Inputs that say nothing but a size which the file has already, as a model cut out of a larger one has them.

Whatever plans its memory before it runs goes by the size of the output in the file, and so would be wrong
with any other value: the input becomes that constant.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.graph.model import DType, Graph

_SIZES = {"BROADCAST_TO": 1, "FILL": 0, "RESHAPE": 1, "TRANSPOSE_CONV": 0}
"""The operand that is the shape of the output."""


def without_size_inputs(graph: Graph) -> tuple[Graph, tuple[str, ...]]:
    """The graph without such inputs, and a sentence on each; the same where it has no such or no other."""
    told = {i: shape for i in graph.inputs if (shape := _shape_told(graph, i)) is not None}
    if not told or len(told) == len(graph.inputs):
        return graph, ()
    tensors = list(graph.tensors)
    for index, shape in told.items():
        tensors[index] = replace(tensors[index], data=np.array(shape, tensors[index].dtype.numpy))
    inputs = tuple(i for i in graph.inputs if i not in told)
    notes = tuple(
        f"input {graph[i].label!r} only says a size that the file has already, {list(shape)}: it is left out "
        "and takes no data"
        for i, shape in told.items()
    )
    return graph.replace(tensors=tuple(tensors), inputs=inputs), notes


def _shape_told(graph: Graph, index: int) -> tuple[int, ...] | None:
    """The shape that all who read a tensor of integers take it for; None where it is anything else."""
    tensor = graph[index]
    readers = [op for op in graph.operators if index in op.inputs]
    as_size = all(
        op.opcode in _SIZES and op.inputs.count(index) == 1 and op.inputs.index(index) == _SIZES[op.opcode]
        for op in readers
    )
    if tensor.dtype not in (DType.INT32, DType.INT64) or index in graph.outputs or not as_size:
        return None
    shapes = {graph[op.outputs[0]].shape_signature for op in readers}
    shape = shapes.pop() if len(shapes) == 1 else ()
    return shape if shape and tensor.shape == (len(shape),) and min(shape) > 0 else None
