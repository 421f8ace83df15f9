"""PAD and PADV2: fill, then copy row by row; wider elements than bytes are moved."""

from __future__ import annotations

from dataclasses import replace

from edgeq.backends.aot.ops.moving import Loop, Move, move_step, places, strides
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import constant_values, shape_text, zero_of
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import Graph

_LOOPS = 4
_HOW = f"fill, then copy rows; at most {_LOOPS} padded axes that are not neighbours"


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    if output.dtype.numpy.itemsize > 1:
        moves = _moves(graph, index)
        return tuple(
            move_step(
                graph,
                index,
                move,
                f"{op.opcode} {shape_text(source.shape)} -> {shape_text(output.shape)}",
                str(i),
            )
            for i, move in enumerate(moves)
        )
    value = zero_of(output)
    if len(op.inputs) > 2:
        value = constant_values(graph, op.inputs[2], index, "padding value")[0]
    flat = constant_values(graph, op.inputs[1], index, "paddings")
    loops, start = _pad_loops(source.shape, output.shape, [flat[2 * i] for i in range(len(source.shape))])
    if len(loops) > _LOOPS + 1:
        raise ModelError(
            f"{graph.describe(index)}: it pads more than {_LOOPS} axes", "pad fewer axes at once"
        )
    run = loops[-1][0]
    params = {
        "output_bytes": output.elements,
        "value": value if value < 128 else value - 256,
        "start": start,
        "run": run,
    }
    for level, (size, stride) in enumerate([(1, 0)] * (_LOOPS + 1 - len(loops)) + loops[:-1]):
        params[f"count{level}"] = size
        params[f"stride{level}"] = stride
    step = Step(
        operator=index,
        title=f"{op.opcode} {shape_text(source.shape)} -> {shape_text(output.shape)}",
        kernel="edgeq_pad_s8",
        params_type="edgeq_pad_params",
        params=params,
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_pad_s8.c",),
    )
    return (step,)


def _moves(graph: Graph, index: int) -> tuple[Move, ...]:
    """The input to its place; before that, where another value than 0 is given, that to every place."""
    op = graph.operators[index]
    shape, output = graph[op.inputs[0]].shape, graph[op.outputs[0]].shape
    before = constant_values(graph, op.inputs[1], index, "paddings")[::2]
    loops = tuple(
        Loop(places(size, stride), places(size, target, first * target))
        for size, stride, target, first in zip(shape, strides(shape), strides(output), before, strict=True)
    )
    inside = Move(op.inputs[0], op.outputs[0], loops)
    if len(op.inputs) == 2:
        return (replace(inside, fill=0),)
    count = graph[op.outputs[0]].elements
    everywhere = Move(op.inputs[2], op.outputs[0], (Loop((0,) * count, places(count, 1)),))
    return everywhere, inside


def _pad_loops(
    source: tuple[int, ...], output: tuple[int, ...], before: list[int]
) -> tuple[list[tuple[int, int]], int]:
    """Loops over the input, outer first: (count, stride in the output), the last of stride 1; its start."""
    loops: list[tuple[int, int]] = []
    stride, start = 1, 0
    for size, out_size, first in zip(reversed(source), reversed(output), reversed(before), strict=True):
        if loops and loops[0][0] * loops[0][1] == stride:
            loops[0] = (loops[0][0] * size, loops[0][1])
        else:
            loops.insert(0, (size, stride))
        start += first * stride
        stride *= out_size
    return loops or [(1, 1)], start


OPERATORS = (
    Op(
        "PAD",
        Support(
            6,
            (Operand("input"), parameter("paddings", wide=True)),
            shapes.pad,
            ranks=(1, 5),
            spacing="moves-bytes",
            types=MOVABLE,
        ),
        _lower,
        _HOW,
        unsigned=True,
    ),
    Op(
        "PADV2",
        Support(
            6,
            (Operand("input"), parameter("paddings", wide=True), Operand("padding value", constant=True)),
            shapes.pad,
            ranks=(1, 5),
            spacing="as-input",
            types=MOVABLE,
        ),
        _lower,
        _HOW,
        unsigned=True,
    ),
)
