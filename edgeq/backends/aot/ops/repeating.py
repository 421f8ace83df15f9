"""TILE and BROADCAST_TO: the input again and again."""

from __future__ import annotations

from edgeq.backends.aot.ops.moving import Loop, Move, moving_operator, places, strides
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph.model import Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape, values_of


def _tile(graph: Graph, op: Operator) -> Shape:
    """Each dimension as often as the second input says."""
    shape, times = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    if len(times) != len(shape) or min(times, default=1) < 1:
        raise Contradiction(f"its multiples {times} do not fit an input of shape {list(shape)}")
    return tuple(d * n for d, n in zip(shape, times, strict=True))


def _broadcast(graph: Graph, op: Operator) -> Shape:
    """The second input, to which the first one broadcasts."""
    shape, wanted = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    fitting = zip(reversed(shape), reversed(wanted), strict=False)
    if len(wanted) < len(shape) or min(wanted, default=1) < 1 or any(d not in (1, w) for d, w in fitting):
        raise Contradiction(f"an input of shape {list(shape)} does not broadcast to {wanted}")
    return tuple(wanted)


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


def _operands(name: str) -> tuple[Operand, ...]:
    return Operand("input"), parameter(name)


OPERATORS = (
    moving_operator(
        "TILE",
        Support(2, _operands("multiples"), _tile, ranks=(1, 4), spacing="moves-bytes", types=MOVABLE),
        _moves,
    ),
    moving_operator(
        "BROADCAST_TO",
        Support(4, _operands("shape"), _broadcast, ranks=(0, 6), spacing="moves-bytes", types=MOVABLE),
        _moves,
    ),
)
