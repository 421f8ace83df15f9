"""SPLIT, SPLIT_V and UNPACK: one tensor in parts; PACK: tensors as parts of one."""

from __future__ import annotations

import math
from functools import partial
from itertools import accumulate

from edgeq.backends.aot.ops.moving import Loop, Move, moving_operator, places
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph import rearranged
from edgeq.graph.model import DType, Graph
from edgeq.graph.shapes import Parts, option, values_of


def _moves(parts: Parts, source: int, axis: int | None, graph: Graph, index: int) -> tuple[Move, ...]:
    """Rows of the input to each output: those before have their sizes along the axis.

    Args:
        source: which input is cut.
        axis: which input names the axis; None where it is an option.
    """
    op = graph.operators[index]
    shape = graph[op.inputs[source]].shape
    named = option(op, "axis") if axis is None else values_of(graph, op.inputs[axis])[0]
    at = named % len(shape)
    outer, whole = math.prod(shape[:at]), math.prod(shape[at:])
    runs = [math.prod(part) // outer for part in parts(graph, op)]
    starts = accumulate(runs, initial=0)
    return tuple(
        Move(op.inputs[source], output, (Loop(places(outer, whole), places(outer, run)), _run(run, start, 0)))
        for output, run, start in zip(op.outputs, runs, starts, strict=False)
    )


def _pack_moves(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    shape = graph[op.inputs[0]].shape
    at = option(op, "axis") % (len(shape) + 1)
    outer, run = math.prod(shape[:at]), math.prod(shape[at:])
    whole = run * len(op.inputs)
    return tuple(
        Move(tensor, op.outputs[0], (Loop(places(outer, run), places(outer, whole)), _run(run, 0, i * run)))
        for i, tensor in enumerate(op.inputs)
    )


def _run(count: int, source: int, target: int) -> Loop:
    return Loop(places(count, 1, source), places(count, 1, target))


_INPUT, _AXIS = Operand("input"), parameter("axis", wide=True)
_PARTED = MOVABLE - {DType.BOOL}
_NOTE = "a copy for each part"

OPERATORS = (
    moving_operator(
        "SPLIT",
        Support(5, (_AXIS, _INPUT), parts=rearranged.split, spacing="moves-bytes", types=_PARTED),
        partial(_moves, rearranged.split, 1, 0),
        _NOTE,
    ),
    moving_operator(
        "SPLIT_V",
        Support(
            3,
            (_INPUT, parameter("sizes", wide=True), _AXIS),
            parts=rearranged.split_v,
            spacing="moves-bytes",
            types=_PARTED,
        ),
        partial(_moves, rearranged.split_v, 0, 2),
        _NOTE,
    ),
    moving_operator(
        "UNPACK",
        Support(6, parts=rearranged.unpack, spacing="as-input", types=MOVABLE - {DType.INT64}),
        partial(_moves, rearranged.unpack, 0, None),
        _NOTE,
    ),
    moving_operator(
        "PACK",
        Support(5, shape=rearranged.pack, repeats=True, ranks=(0, 5), spacing="as-input", types=_PARTED),
        _pack_moves,
        _NOTE,
    ),
)
