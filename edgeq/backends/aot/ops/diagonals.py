"""MATRIX_DIAG and MATRIX_SET_DIAG: what lies on the diagonals of matrices."""

from __future__ import annotations

import math
from dataclasses import replace

from edgeq.backends.aot.ops.moving import Loop, Move, moving_operator, places
from edgeq.checker.operators import MOVABLE, TWO_INPUTS, Support
from edgeq.graph.model import DType, Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape


def _squares(graph: Graph, op: Operator) -> Shape:
    shape = graph[op.inputs[0]].shape
    return (*shape, shape[-1])


def _set(graph: Graph, op: Operator) -> Shape:
    shape, diagonal = (graph[tensor].shape for tensor in op.inputs)
    if diagonal != (*shape[:-2], min(shape[-2:])):
        raise Contradiction(f"{list(diagonal)} are not the diagonals of {list(shape)}")
    return shape


def _onto(graph: Graph, source: int, target: int, fill: int | None) -> Move:
    """A tensor onto the diagonals of the matrices of another."""
    *outer, rows, columns = graph[target].shape
    count, matrices = min(rows, columns), math.prod(outer)
    loops = (
        Loop(places(matrices, count), places(matrices, rows * columns)),
        Loop(places(count, 1), places(count, columns + 1)),
    )
    return Move(source, target, loops, fill)


def _made(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    return (_onto(graph, op.inputs[0], op.outputs[0], 0),)


def _put(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    whole = places(graph[op.inputs[0]].elements, 1)
    copy = Move(op.inputs[0], op.outputs[0], (Loop(whole, whole),))
    return copy, _onto(graph, op.inputs[1], op.outputs[0], None)


_TYPES = MOVABLE - {DType.BOOL}
"""Of truth values LiteRT writes beyond its output's end."""

OPERATORS = (
    replace(
        moving_operator(
            "MATRIX_DIAG",
            Support(1, shape=_squares, ranks=(1, 5), spacing="moves-bytes", types=_TYPES),
            _made,
            "zeros beside it, whatever they stand for",
        ),
        unsigned=False,
    ),
    moving_operator(
        "MATRIX_SET_DIAG",
        Support(1, TWO_INPUTS, _set, ranks=(2, 6), spacing="moves-bytes", types=_TYPES),
        _put,
    ),
)
