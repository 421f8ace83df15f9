"""Shape rules of operators that move elements: blocks, parts, copies."""

from __future__ import annotations

from edgeq.graph.model import Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape, axes_of, option, values_of


def to_depth(graph: Graph, op: Operator) -> Shape:
    """NHWC; blocks of pixels become channels (option ``block_size``)."""
    batch, height, width, channels = graph[op.inputs[0]].shape
    block = option(op, "block_size")
    if block < 1 or height % block or width % block:
        raise Contradiction(f"an image of {height} x {width} has no whole blocks of {block}")
    return batch, height // block, width // block, channels * block * block


def from_depth(graph: Graph, op: Operator) -> Shape:
    """NHWC; channels become blocks of pixels (option ``block_size``)."""
    batch, height, width, channels = graph[op.inputs[0]].shape
    block = option(op, "block_size")
    if block < 1 or channels % (block * block):
        raise Contradiction(f"{channels} channels are not blocks of {block} x {block}")
    return batch, height * block, width * block, channels // (block * block)


def batch_blocks(graph: Graph, op: Operator) -> tuple[list[int], list[tuple[int, int]]]:
    """The blocks, and what is padded or cropped before and after, of as many axes after the batch."""
    shape = graph[op.inputs[0]].shape
    blocks, flat = values_of(graph, op.inputs[1]), values_of(graph, op.inputs[2])
    borders = list(zip(flat[::2], flat[1::2], strict=False))
    if not len(blocks) == len(borders) == len(shape) - 2 or min(blocks) < 1 or min(flat) < 0:
        raise Contradiction(f"its blocks {blocks} and {flat} do not fit an input of shape {list(shape)}")
    return blocks, borders


def to_batch(graph: Graph, op: Operator) -> Shape:
    """Blocks of pixels, padded as the third input says, become batches; the second input has their sizes."""
    shape = graph[op.inputs[0]].shape
    blocks, borders = batch_blocks(graph, op)
    batch, middle = shape[0], []
    for size, block, (before, after) in zip(shape[1:-1], blocks, borders, strict=True):
        if (size + before + after) % block:
            raise Contradiction(f"{before} + {size} + {after} elements are no whole blocks of {block}")
        middle.append((size + before + after) // block)
        batch *= block
    return batch, *middle, shape[-1]


def from_batch(graph: Graph, op: Operator) -> Shape:
    """Batches become blocks of pixels, of which the third input crops; the second has their sizes."""
    shape = graph[op.inputs[0]].shape
    blocks, borders = batch_blocks(graph, op)
    batch, middle = shape[0], []
    for size, block, (before, after) in zip(shape[1:-1], blocks, borders, strict=True):
        if batch % block or size * block <= before + after:
            raise Contradiction(f"its blocks {blocks} and crops do not fit an input of shape {list(shape)}")
        middle.append(size * block - before - after)
        batch //= block
    return batch, *middle, shape[-1]


def _split_axis(graph: Graph, op: Operator, source: int, axis: int) -> int:
    values = values_of(graph, op.inputs[axis])
    if len(values) != 1:
        raise Contradiction(f"it has {len(values)} axes instead of one")
    return axes_of(values, len(graph[op.inputs[source]].shape)).pop()


def _cut(shape: Shape, axis: int, sizes: list[int]) -> tuple[Shape, ...]:
    if sum(sizes) != shape[axis] or min(sizes, default=0) < 0:
        raise Contradiction(f"its parts {sizes} are not the {shape[axis]} elements along axis {axis}")
    return tuple((*shape[:axis], size, *shape[axis + 1 :]) for size in sizes)


def split(graph: Graph, op: Operator) -> tuple[Shape, ...]:
    """As many equal parts as the option says."""
    shape, count = graph[op.inputs[1]].shape, option(op, "num_splits")
    axis = _split_axis(graph, op, 1, 0)
    if count != len(op.outputs) or shape[axis] % count:
        raise Contradiction(f"{shape[axis]} elements along axis {axis} are not {count} equal parts")
    return _cut(shape, axis, [shape[axis] // count] * count)


def split_v(graph: Graph, op: Operator) -> tuple[Shape, ...]:
    """Parts of the sizes that the second input names; one -1 stands for what is left."""
    shape, sizes = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    axis = _split_axis(graph, op, 0, 2)
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = shape[axis] - sum(sizes) - 1
    return _cut(shape, axis, sizes)


def unpack(graph: Graph, op: Operator) -> tuple[Shape, ...]:
    """The input without the option ``axis``, once for each of its elements."""
    shape = graph[op.inputs[0]].shape
    axis = axes_of([option(op, "axis")], len(shape)).pop()
    return ((*shape[:axis], *shape[axis + 1 :]),) * shape[axis]


def pack(graph: Graph, op: Operator) -> Shape:
    """The inputs, which have one shape, along a new dimension before the option ``axis``."""
    shape = graph[op.inputs[0]].shape
    if any(graph[tensor].shape != shape for tensor in op.inputs):
        raise Contradiction("its inputs differ in shape")
    axis = axes_of([option(op, "axis")], len(shape) + 1).pop()
    return (*shape[:axis], len(op.inputs), *shape[axis:])


def tile(graph: Graph, op: Operator) -> Shape:
    """Each dimension as often as the second input says."""
    shape, times = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    if len(times) != len(shape) or min(times, default=1) < 1:
        raise Contradiction(f"its multiples {times} do not fit an input of shape {list(shape)}")
    return tuple(d * n for d, n in zip(shape, times, strict=True))


def broadcast_to(graph: Graph, op: Operator) -> Shape:
    """The second input, to which the first one broadcasts."""
    shape, wanted = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    fitting = zip(reversed(shape), reversed(wanted), strict=False)
    if len(wanted) < len(shape) or min(wanted, default=1) < 1 or any(d not in (1, w) for d, w in fitting):
        raise Contradiction(f"an input of shape {list(shape)} does not broadcast to {wanted}")
    return tuple(wanted)
