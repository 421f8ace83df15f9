"""SPLIT, SPLIT_V and UNPACK: one tensor in parts; PACK: tensors as parts of one."""

from __future__ import annotations

import math
from functools import partial
from itertools import accumulate

from edgeq.backends.aot.ops.moving import Loop, Move, moving_operator, places
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph.model import DType, Graph, Operator
from edgeq.graph.shapes import Contradiction, Parts, Shape, axes_of, option, values_of


def _split_axis(graph: Graph, op: Operator, source: int, axis: int) -> int:
    values = values_of(graph, op.inputs[axis])
    if len(values) != 1:
        raise Contradiction(f"it has {len(values)} axes instead of one")
    return axes_of(values, len(graph[op.inputs[source]].shape)).pop()


def _cut(shape: Shape, axis: int, sizes: list[int]) -> tuple[Shape, ...]:
    if sum(sizes) != shape[axis] or min(sizes, default=0) < 0:
        raise Contradiction(f"its parts {sizes} are not the {shape[axis]} elements along axis {axis}")
    return tuple((*shape[:axis], size, *shape[axis + 1 :]) for size in sizes)


def _split(graph: Graph, op: Operator) -> tuple[Shape, ...]:
    """As many equal parts as the option says."""
    shape, count = graph[op.inputs[1]].shape, option(op, "num_splits")
    axis = _split_axis(graph, op, 1, 0)
    if count != len(op.outputs) or shape[axis] % count:
        raise Contradiction(f"{shape[axis]} elements along axis {axis} are not {count} equal parts")
    return _cut(shape, axis, [shape[axis] // count] * count)


def _split_v(graph: Graph, op: Operator) -> tuple[Shape, ...]:
    """Parts of the sizes that the second input names; one -1 stands for what is left."""
    shape, sizes = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    axis = _split_axis(graph, op, 0, 2)
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = shape[axis] - sum(sizes) - 1
    return _cut(shape, axis, sizes)


def _unpack(graph: Graph, op: Operator) -> tuple[Shape, ...]:
    """The input without the option ``axis``, once for each of its elements."""
    shape = graph[op.inputs[0]].shape
    axis = axes_of([option(op, "axis")], len(shape)).pop()
    return ((*shape[:axis], *shape[axis + 1 :]),) * shape[axis]


def _pack(graph: Graph, op: Operator) -> Shape:
    """The inputs, which have one shape, along a new dimension before the option ``axis``."""
    shape = graph[op.inputs[0]].shape
    if any(graph[tensor].shape != shape for tensor in op.inputs):
        raise Contradiction("its inputs differ in shape")
    axis = axes_of([option(op, "axis")], len(shape) + 1).pop()
    return (*shape[:axis], len(op.inputs), *shape[axis:])


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


_INPUT, _AXIS = Operand("input"), parameter("axis")
_PARTED = MOVABLE - {DType.BOOL}
_NOTE = "a copy for each part"

OPERATORS = (
    moving_operator(
        "SPLIT",
        Support(5, (_AXIS, _INPUT), parts=_split, spacing="moves-bytes", types=_PARTED),
        partial(_moves, _split, 1, 0),
        _NOTE,
    ),
    moving_operator(
        "SPLIT_V",
        Support(3, (_INPUT, parameter("sizes"), _AXIS), parts=_split_v, spacing="moves-bytes", types=_PARTED),
        partial(_moves, _split_v, 0, 2),
        _NOTE,
    ),
    moving_operator(
        "UNPACK",
        Support(6, parts=_unpack, spacing="moves-bytes", types=MOVABLE - {DType.INT64}),
        partial(_moves, _unpack, 0, None),
        _NOTE,
    ),
    moving_operator(
        "PACK",
        Support(5, shape=_pack, repeats=True, ranks=(0, 5), spacing="as-input", types=_PARTED),
        _pack_moves,
        _NOTE,
    ),
)
