"""RELU, RELU6, RELU_N1_TO_1 and RELU_0_TO_1, with scales of their own."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.fixed_point import Ints
from edgeq.backends.aot.ops.lookup import rescaled, table_operator
from edgeq.backends.aot.ops.tensors import activation_limits, affine
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph


def _rectified(graph: Graph, index: int, values: Ints) -> Ints:
    """The bounds are those of the fused activation of the same name."""
    op = graph.operators[index]
    in_scale, out_scale = (np.float32(affine(graph, t, index)[0]) for t in (op.inputs[0], op.outputs[0]))
    bounds = activation_limits(graph[op.outputs[0]], op.opcode)
    return rescaled(graph, index, values, float(in_scale / out_scale), bounds)


OPERATORS = (
    table_operator("RELU", Support(3, ranks=(0, 8)), _rectified),
    table_operator("RELU6", Support(3, ranks=(0, 8)), _rectified),
    table_operator("RELU_N1_TO_1", Support(1, ranks=(0, 8)), _rectified),
    table_operator("RELU_0_TO_1", Support(1, ranks=(0, 8)), _rectified),
)
