"""Blocks of pixels to channels or to batches, and back."""

from __future__ import annotations

from edgeq.backends.aot.ops.moving import Loop, Move, moving_operator, places, strides
from edgeq.backends.aot.ops.tensors import zero_of
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph import rearranged
from edgeq.graph.model import DType, Graph
from edgeq.graph.shapes import Shape, option


def _fine_and_coarse(block: int, fine: Shape, coarse: Shape) -> tuple[tuple[Loop, ...], tuple[Loop, ...]]:
    """Loops over the same elements in an image, and in one whose channels are blocks of its pixels."""
    f, c = strides(fine), strides(coarse)
    batch, height, width, depth = coarse
    deep = depth // (block * block)
    counts = (batch, height, block, width, block, deep)
    in_fine = (f[0], block * f[1], f[1], block * f[2], f[2], 1)
    in_coarse = (c[0], c[1], block * deep, c[2], deep, 1)
    to = tuple(Loop(places(n, a), places(n, b)) for n, a, b in zip(counts, in_fine, in_coarse, strict=True))
    return to, tuple(Loop(loop.target, loop.source) for loop in to)


def _to_depth_moves(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]].shape, graph[op.outputs[0]].shape
    loops, _ = _fine_and_coarse(option(op, "block_size"), source, output)
    return (Move(op.inputs[0], op.outputs[0], loops),)


def _from_depth_moves(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]].shape, graph[op.outputs[0]].shape
    _, loops = _fine_and_coarse(option(op, "block_size"), output, source)
    return (Move(op.inputs[0], op.outputs[0], loops),)


def _batch_loops(
    fine: Shape, coarse: Shape, blocks: list[int], borders: list[tuple[int, int]]
) -> tuple[Loop, ...]:
    """Where the elements of an image lie in it, and in one whose batches are blocks of its padded pixels."""
    f, c = strides(fine), strides(coarse)
    loops = [Loop(places(fine[0], f[0]), places(fine[0], c[0]))]
    group = fine[0]
    batches = [1] * len(blocks)
    for axis in reversed(range(len(blocks))):
        batches[axis] = group
        group *= blocks[axis]
    for axis, (block, (before, _)) in enumerate(zip(blocks, borders, strict=True), start=1):
        at = range(before, before + fine[axis])
        coarse_at = (i // block * c[axis] + i % block * batches[axis - 1] * c[0] for i in at)
        loops.append(Loop(places(fine[axis], f[axis]), tuple(coarse_at)))
    loops.append(Loop(places(fine[-1], 1), places(fine[-1], 1)))
    return tuple(loops)


def _to_batch_moves(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]].shape, graph[op.outputs[0]].shape
    blocks, borders = rearranged.batch_blocks(graph, op)
    padded = any(max(border) for border in borders)
    fill = zero_of(graph[op.outputs[0]]) if padded else None
    return (Move(op.inputs[0], op.outputs[0], _batch_loops(source, output, blocks, borders), fill),)


def _from_batch_moves(graph: Graph, index: int) -> tuple[Move, ...]:
    op = graph.operators[index]
    source, output = graph[op.inputs[0]].shape, graph[op.outputs[0]].shape
    loops = _batch_loops(output, source, *rearranged.batch_blocks(graph, op))
    back = tuple(Loop(loop.target, loop.source) for loop in loops)
    return (Move(op.inputs[0], op.outputs[0], back),)


_INPUT, _BLOCK = Operand("input"), ("block_size",)
_PIXELS = MOVABLE - {DType.INT16, DType.BOOL}

OPERATORS = (
    moving_operator(
        "SPACE_TO_DEPTH",
        Support(
            2, shape=rearranged.to_depth, ranks=(4, 4), spacing="moves-bytes", positive=_BLOCK, types=_PIXELS
        ),
        _to_depth_moves,
    ),
    moving_operator(
        "DEPTH_TO_SPACE",
        Support(
            2,
            shape=rearranged.from_depth,
            ranks=(4, 4),
            spacing="moves-bytes",
            positive=_BLOCK,
            types=_PIXELS,
        ),
        _from_depth_moves,
    ),
    moving_operator(
        "SPACE_TO_BATCH_ND",
        Support(
            4,
            (_INPUT, parameter("blocks"), parameter("paddings")),
            rearranged.to_batch,
            ranks=(3, 4),
            spacing="as-input",
            types=MOVABLE,
        ),
        _to_batch_moves,
    ),
    moving_operator(
        "BATCH_TO_SPACE_ND",
        Support(
            4,
            (_INPUT, parameter("blocks"), parameter("crops")),
            rearranged.from_batch,
            ranks=(3, 4),
            spacing="as-input",
            types=MOVABLE,
        ),
        _from_batch_moves,
    ),
)
