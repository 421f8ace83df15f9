"""Global average pooling untied from its input's scale: the mean of many values spans less than they do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.graph import DType, Graph, Operator, Tensor

WIDEST = 1.5
"""By which a pooled range is widened at least: it is the mean of few samples' values."""


def untied(graph: Graph) -> Graph:
    """The same graph with MEAN over height and width for each AVERAGE_POOL_2D over a whole image.

    AVERAGE_POOL_2D has to give what it takes at one scale; MEAN has a scale for each.
    """
    tensors = list(graph.tensors)
    operators: list[Operator] = []
    axes = -1
    for op in graph.operators:
        if not _is_global(graph, op):
            operators.append(op)
            continue
        if axes < 0:
            values = np.array([1, 2], np.int32)
            tensors.append(Tensor("height_and_width", values.shape, DType.INT32, data=values))
            axes = len(tensors) - 1
        options = {"keep_dims": True}
        operators.append(replace(op, opcode="MEAN", inputs=(op.inputs[0], axes), options=options, version=1))
    return graph.replace(tensors=tuple(tensors), operators=tuple(operators))


def _is_global(graph: Graph, op: Operator) -> bool:
    if op.opcode != "AVERAGE_POOL_2D" or op.options.get("fused_activation_function", "NONE") != "NONE":
        return False
    _, height, width, _ = graph[op.inputs[0]].shape
    whole = (op.options.get("filter_height"), op.options.get("filter_width")) == (height, width)
    return whole and graph[op.outputs[0]].shape[1:3] == (1, 1)


def is_mean_of_image(graph: Graph, op: Operator) -> bool:
    """Whether an operator averages each channel over height and width."""
    return op.opcode == "MEAN" and len(graph[op.inputs[0]].shape) == 4 and _axes(graph, op) == {1, 2}


def _axes(graph: Graph, op: Operator) -> set[int]:
    data = graph[op.inputs[1]].data
    return set() if data is None else {int(axis) % 4 for axis in np.ravel(data)}
