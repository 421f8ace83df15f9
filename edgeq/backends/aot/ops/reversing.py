"""REVERSE_SEQUENCE: the beginnings of sequences run backwards, each of its own length."""

from __future__ import annotations

import math

import numpy as np

from edgeq.backends.aot.ops.moving import Loop, Move, moving_operator, places, strides
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph.model import DType, Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape, axes_of, option, values_of


def _axes(graph: Graph, op: Operator) -> tuple[int, int]:
    """The axis along which sequences run, and that which tells them apart."""
    rank = len(graph[op.inputs[0]].shape)
    along, apart = (axes_of([option(op, name)], rank).pop() for name in ("seq_dim", "batch_dim"))
    if along == apart:
        raise Contradiction(f"its sequences run along the axis {along} that tells them apart")
    return along, apart


def _shape(graph: Graph, op: Operator) -> Shape:
    shape, lengths = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    along, apart = _axes(graph, op)
    if len(lengths) != shape[apart] or any(not 0 <= length <= shape[along] for length in lengths):
        raise Contradiction(f"its lengths {lengths} do not fit an input of shape {list(shape)}")
    return shape


def _moves(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    shape, lengths = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    along, apart = _axes(graph, op)
    outer = shape[: max(along, apart) + 1]
    run = math.prod(shape[len(outer) :])
    at = np.indices(outer).reshape(len(outer), -1)
    ends = np.array(lengths)[at[apart]]
    at[along] = np.where(at[along] < ends, ends - 1 - at[along], at[along])
    sources = np.array(strides(shape)[: len(outer)]) @ at
    rows = Loop(tuple(int(place) for place in sources), places(len(sources), run))
    return (Move(op.inputs[0], op.outputs[0], (rows, Loop(places(run, 1), places(run, 1)))),)


OPERATORS = (
    moving_operator(
        "REVERSE_SEQUENCE",
        Support(
            1,
            (Operand("input"), parameter("lengths")),
            _shape,
            ranks=(2, 6),
            spacing="moves-bytes",
            types=MOVABLE - {DType.INT8, DType.BOOL},
        ),
        _moves,
    ),
)
