"""How much work a model is, by its shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from edgeq.graph.model import ABSENT, Graph, Operator

_MATRICES = {"UNIDIRECTIONAL_SEQUENCE_LSTM": (*range(1, 9), 16), "SVDF": (1, 2)}
"""The inputs of an operator that each row of its first input, or what comes of it, is multiplied with."""


def operator_macs(graph: Graph, operator: Operator) -> int:
    """Multiply-accumulates of one operator by its shapes (padding counted as work); 0 where it has none.

    Counted are CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV, BATCH_MATMUL, and the matrices of
    UNIDIRECTIONAL_SEQUENCE_LSTM and SVDF.
    """
    shapes = [graph[index].shape if index != ABSENT else () for index in operator.inputs]
    out = graph[operator.outputs[0]].elements if operator.outputs else 0
    if operator.opcode == "CONV_2D" and len(shapes) > 1:
        return out * math.prod(shapes[1][1:])
    if operator.opcode == "DEPTHWISE_CONV_2D" and len(shapes) > 1:
        return out * math.prod(shapes[1][1:3])
    if operator.opcode == "FULLY_CONNECTED" and len(shapes) > 1 and shapes[1]:
        return out * shapes[1][-1]
    if operator.opcode == "TRANSPOSE_CONV" and len(shapes) > 2:
        return math.prod(shapes[2]) * math.prod(shapes[1][:3])
    if operator.opcode == "BATCH_MATMUL" and shapes and shapes[0]:
        return out * shapes[0][-2 if operator.options.get("adj_x") else -1]
    return _recurrent_macs(operator.opcode, shapes)


def _recurrent_macs(opcode: str, shapes: Sequence[tuple[int, ...]]) -> int:
    matrices = [shapes[i] for i in _MATRICES.get(opcode, ()) if i < len(shapes) and shapes[i]]
    rows: int = math.prod(shapes[0][:-1]) if shapes else 0  # batch by steps
    weights: int = sum(math.prod(shape) for shape in matrices)
    return rows * weights
