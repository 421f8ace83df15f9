"""Operators that take elements along each axis: slices, mirroring, the nearest neighbour."""

from __future__ import annotations

from functools import partial

from edgeq.backends.aot.ops.moving import Loop, Move, moving_operator, places, strides
from edgeq.checker.operators import MOVABLE, Operand, Spacing, Support, parameter
from edgeq.graph import picks, shapes
from edgeq.graph.model import DType, Graph


def _moves(picking: picks.Picking, graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    taken = picking(graph, op)
    sources, targets = strides(graph[op.inputs[0]].shape), strides([len(indices) for indices in taken])
    loops = tuple(
        Loop(tuple(i * source for i in indices), places(len(indices), target))
        for indices, source, target in zip(taken, sources, targets, strict=True)
    )
    return (Move(op.inputs[0], op.outputs[0], loops),)


def _support(
    version: int,
    *parameters: str,
    shape: shapes.Rule,
    ranks: tuple[int, int] = (1, 5),
    types: frozenset[DType] = MOVABLE,
    wide: bool = False,
    spacing: Spacing = "moves-bytes",
    **fixed: int | bool,
) -> Support:
    operands = (Operand("input"), *(parameter(name, wide=wide) for name in parameters))
    return Support(
        version,
        operands,
        shape,
        ranks=ranks,
        spacing=spacing,
        fixed=tuple(sorted(fixed.items())),
        types=types,
    )


OPERATORS = (
    moving_operator(
        "SLICE",
        _support(8, "begin", "size", shape=picks.picked(picks.sliced), wide=True),
        partial(_moves, picks.sliced),
    ),
    moving_operator(
        "STRIDED_SLICE",
        _support(
            4,
            "begin",
            "end",
            "strides",
            shape=picks.strided_shape,
            ellipsis_mask=0,
            new_axis_mask=0,
            offset=False,
        ),
        partial(_moves, picks.strided),
    ),
    moving_operator(
        "REVERSE_V2",
        _support(4, "axes", shape=picks.picked(picks.reversed_), ranks=(1, 6)),
        partial(_moves, picks.reversed_),
    ),
    moving_operator(
        "MIRROR_PAD",
        _support(3, "paddings", shape=picks.picked(picks.mirrored), wide=True, spacing="as-input"),
        partial(_moves, picks.mirrored),
    ),
    moving_operator(
        "RESIZE_NEAREST_NEIGHBOR",
        _support(4, "size", shape=picks.picked(picks.nearest), ranks=(4, 4), types=MOVABLE - {DType.INT64}),
        partial(_moves, picks.nearest),
    ),
)
