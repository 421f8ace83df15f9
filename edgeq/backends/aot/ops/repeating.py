"""TILE, BROADCAST_TO and FILL: the input again and again."""

from __future__ import annotations

from edgeq.backends.aot.ops.moving import Loop, Move, moving_operator, places, strides
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph import indexed, rearranged
from edgeq.graph.model import Graph


def _moves(graph: Graph, index: int) -> tuple[Move, ...]:
    """Along each axis a loop over the copies, and in it one over the input's elements."""
    op = graph.operators[index]
    output = graph[op.outputs[0]].shape
    shape = graph[op.inputs[0]].shape
    shape = (1,) * (len(output) - len(shape)) + shape
    loops: list[Loop] = []
    for size, wanted, source, target in zip(shape, output, strides(shape), strides(output), strict=True):
        copies = wanted // size
        loops.append(Loop((0,) * copies, places(copies, size * target)))
        loops.append(Loop(places(size, source), places(size, target)))
    return (Move(op.inputs[0], op.outputs[0], tuple(loops)),)


def _fill(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    count = graph[op.outputs[0]].elements
    return (Move(op.inputs[1], op.outputs[0], (Loop((0,) * count, places(count, 1)),)),)


def _operands(name: str) -> tuple[Operand, ...]:
    return Operand("input"), parameter(name, wide=True)


OPERATORS = (
    moving_operator(
        "TILE",
        Support(
            3, _operands("multiples"), rearranged.tile, ranks=(1, 4), spacing="moves-bytes", types=MOVABLE
        ),
        _moves,
    ),
    moving_operator(
        "BROADCAST_TO",
        Support(
            4, _operands("shape"), rearranged.broadcast_to, ranks=(0, 6), spacing="moves-bytes", types=MOVABLE
        ),
        _moves,
    ),
    moving_operator(
        "FILL",
        Support(
            5,
            (parameter("shape", wide=True), Operand("value")),
            indexed.filled,
            ranks=(0, 0),
            spacing="as-input",
            types=MOVABLE,
        ),
        _fill,
    ),
)
