"""A bias for every operator that could have one: the mean of what rounding did to its weights goes there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.converter.rows import WITH_ROWS
from edgeq.graph import ABSENT, DType, Graph, Tensor


def with_biases(graph: Graph) -> Graph:
    """The same graph with a bias of zeros where a convolution or fully connected operator has none."""
    tensors = list(graph.tensors)
    operators = []
    for op in graph.operators:
        if op.opcode in WITH_ROWS and (len(op.inputs) < 3 or op.inputs[2] == ABSENT):
            outputs = graph[op.outputs[0]].shape[-1]
            name = f"{graph[op.inputs[1]].name}_bias"
            tensors.append(Tensor(name, (outputs,), DType.FLOAT32, data=np.zeros(outputs, np.float32)))
            operators.append(replace(op, inputs=(*op.inputs[:2], len(tensors) - 1)))
        else:
            operators.append(op)
    return graph.replace(tensors=tuple(tensors), operators=tuple(operators))
