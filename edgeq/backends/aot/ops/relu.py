"""RELU, RELU6, RELU_N1_TO_1 and RELU_0_TO_1, with scales of their own."""

from __future__ import annotations

from functools import partial

import numpy as np

from edgeq.backends.aot.ops.fixed_point import Ints
from edgeq.backends.aot.ops.lookup import rescaled, table_operator
from edgeq.backends.aot.ops.tensors import affine, real_limits
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph


def _rectified(smallest: float, largest: float | None, graph: Graph, index: int, values: Ints) -> Ints:
    op = graph.operators[index]
    in_scale, out_scale = (np.float32(affine(graph, t, index)[0]) for t in (op.inputs[0], op.outputs[0]))
    bounds = real_limits(graph[op.outputs[0]], smallest, largest)
    return rescaled(graph, index, values, float(in_scale / out_scale), bounds)


OPERATORS = (
    table_operator("RELU", Support(3, ranks=(0, 8)), partial(_rectified, 0, None), unsigned=True),
    table_operator("RELU6", Support(3, ranks=(0, 8)), partial(_rectified, 0, 6), unsigned=True),
    table_operator("RELU_N1_TO_1", Support(1, ranks=(0, 8)), partial(_rectified, -1, 1), unsigned=True),
    table_operator("RELU_0_TO_1", Support(1, ranks=(0, 8)), partial(_rectified, 0, 1), unsigned=True),
)
