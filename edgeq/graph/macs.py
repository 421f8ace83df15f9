"""How much work a model is, by its shapes."""

from __future__ import annotations

import math

from edgeq.graph.model import ABSENT, Graph, Operator


def operator_macs(graph: Graph, operator: Operator) -> int:
    """Multiply-accumulates of one operator by its shapes (padding counted as work); 0 where it has none.

    Counted are CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV and BATCH_MATMUL.
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
    return 0
