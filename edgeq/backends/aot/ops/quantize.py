"""QUANTIZE: from one scale to another, and between INT8 and UINT8."""

from __future__ import annotations

from edgeq.backends.aot.ops.fixed_point import Ints
from edgeq.backends.aot.ops.lookup import rescaled, table_operator
from edgeq.backends.aot.ops.tensors import affine, limits
from edgeq.checker.operators import EIGHT_BITS, Support
from edgeq.graph.model import Graph


def _requantized(graph: Graph, index: int, values: Ints) -> Ints:
    op = graph.operators[index]
    ratio = affine(graph, op.inputs[0], index)[0] / affine(graph, op.outputs[0], index)[0]
    return rescaled(graph, index, values, ratio, limits(graph[op.outputs[0]]))


OPERATORS = (
    table_operator(
        "QUANTIZE",
        Support(6, ranks=(0, 8), types=EIGHT_BITS, outputs=EIGHT_BITS),
        _requantized,
    ),
)
