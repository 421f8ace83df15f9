"""A product with a constant matrix as a fully connected layer: a scale for each output, and a bias."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.graph import DType, Graph, Operator, OptionValue, Tensor


def as_dense(graph: Graph) -> Graph:
    """The same graph with FULLY_CONNECTED for each BATCH_MATMUL whose second operand is one constant matrix.

    BATCH_MATMUL has one scale for a constant operand and no bias; FULLY_CONNECTED has a scale for each output
    channel, rounding that looks at the data, and a bias for what is left of the mean error.
    """
    tensors = list(graph.tensors)
    operators: list[Operator] = []
    for op in graph.operators:
        if not _is_dense(graph, op):
            operators.append(op)
            continue
        matrix = graph[op.inputs[1]]
        rows = np.asarray(matrix.data, np.float32).reshape(matrix.shape[-2:])
        weights = np.ascontiguousarray(rows if op.options.get("adj_y") else rows.T)
        tensors.append(Tensor(f"{matrix.name}_rows", weights.shape, DType.FLOAT32, data=weights))
        options: dict[str, OptionValue] = {
            "fused_activation_function": "NONE",
            "weights_format": "DEFAULT",
            "keep_num_dims": True,
        }
        inputs = (op.inputs[0], len(tensors) - 1)
        operators.append(replace(op, opcode="FULLY_CONNECTED", inputs=inputs, options=options, version=2))
    return graph.replace(tensors=tuple(tensors), operators=tuple(operators))


def _is_dense(graph: Graph, op: Operator) -> bool:
    if op.opcode != "BATCH_MATMUL" or op.options.get("adj_x"):
        return False
    source, matrix = (graph[index] for index in op.inputs)
    if source.is_constant or not matrix.is_constant or matrix.dtype is not DType.FLOAT32:
        return False
    return set(matrix.shape[:-2]) <= {1} and len(matrix.shape) <= len(source.shape)
