"""TRANSPOSE: an alias where only dimensions of 1 change places."""

from __future__ import annotations

from edgeq.backends.aot.ops.moving import Loop, Move, moving_operator, places, strides
from edgeq.backends.aot.ops.tensors import constant_values
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import Graph


def _moves(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    shape, output = graph[op.inputs[0]].shape, graph[op.outputs[0]].shape
    order = [axis % len(shape) for axis in constant_values(graph, op.inputs[1], index, "permutation")]
    sources, targets = strides(shape), strides(output)
    loops = tuple(
        Loop(places(d, sources[axis]), places(d, target))
        for d, axis, target in zip(output, order, targets, strict=True)
    )
    return (Move(op.inputs[0], op.outputs[0], loops),)


OPERATORS = (
    moving_operator(
        "TRANSPOSE",
        Support(
            8,
            (Operand("input"), parameter("permutation")),
            shapes.transpose,
            ranks=(1, 6),
            spacing="moves-bytes",
            types=MOVABLE,
        ),
        _moves,
    ),
)
