"""Which elements an operator takes that only picks: for each axis of its input their indices, in their order.

The output has as many along each axis. Every function takes a graph and an operator, and raises
:class:`~edgeq.graph.shapes.Contradiction` where the operator's constants do not fit its input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from edgeq.graph.model import Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape, axes_of, option, values_of

Picks = tuple[Sequence[int], ...]
Picking = Callable[[Graph, Operator], Picks]

_LARGEST = 1 << 20
"""Elements along an axis: no microcontroller holds more."""


def picked(picking: Picking) -> Callable[[Graph, Operator], Shape]:
    """The rule of the shape that a picking makes."""
    return lambda graph, op: tuple(len(indices) for indices in picking(graph, op))


def sliced(graph: Graph, op: Operator) -> Picks:
    """SLICE: first elements and sizes, -1 for all that is left."""
    shape = graph[op.inputs[0]].shape
    begin, size = values_of(graph, op.inputs[1]), values_of(graph, op.inputs[2])
    if len(begin) != len(shape) or len(size) != len(shape):
        raise Contradiction(f"its begin {begin} and size {size} do not fit {len(shape)} dimensions")
    types = [graph[t].dtype for t in op.inputs[1:3]]
    if types[0] is not types[1]:
        raise Contradiction(f"its begin is {types[0].value} and its size {types[1].value}")
    ends = [d if n == -1 else b + n for d, b, n in zip(shape, begin, size, strict=True)]
    if any(not 0 <= b < e <= d for b, e, d in zip(begin, ends, shape, strict=True)):
        raise Contradiction(f"its begin {begin} and size {size} reach out of an input of {list(shape)}")
    return tuple(range(b, e) for b, e in zip(begin, ends, strict=True))


def strided(graph: Graph, op: Operator) -> Picks:
    """STRIDED_SLICE: begins, ends and strides, those of masked axes left open; further axes are whole."""
    shape = graph[op.inputs[0]].shape
    begin, end, step = (values_of(graph, t) for t in op.inputs[1:4])
    if not len(begin) == len(end) == len(step) <= len(shape) or 0 in step:
        raise Contradiction(f"its {begin}, {end}, {step} do not fit an input of {len(shape)} dimensions")
    open_begin, open_end, single = (option(op, f"{m}_mask") for m in ("begin", "end", "shrink_axis"))
    found: list[Sequence[int]] = []
    for axis, size in enumerate(shape):
        bit = 1 << axis
        if axis >= len(begin):
            found.append(range(size))
            continue
        first = None if open_begin & bit else begin[axis]
        if single & bit:
            at = 0 if first is None else first + size if first < 0 else first
            if not 0 <= at < size or step[axis] < 0:
                raise Contradiction(f"it takes element {first} of {size} along axis {axis}")
            found.append(range(at, at + 1))
        else:
            last = None if open_end & bit else end[axis]
            found.append(range(*slice(first, last, step[axis]).indices(size)))
    return tuple(found)


def strided_shape(graph: Graph, op: Operator) -> Shape:
    """STRIDED_SLICE's output: without the axes of which it takes a single element."""
    single = option(op, "shrink_axis_mask")
    return tuple(len(p) for axis, p in enumerate(strided(graph, op)) if not single >> axis & 1)


def reversed_(graph: Graph, op: Operator) -> Picks:
    """REVERSE_V2: the axes that the second input names run backwards."""
    shape = graph[op.inputs[0]].shape
    axes = axes_of(values_of(graph, op.inputs[1]), len(shape))
    return tuple(range(d - 1, -1, -1) if axis in axes else range(d) for axis, d in enumerate(shape))


def gathered(graph: Graph, op: Operator) -> Picks:
    """GATHER: along one axis, in the order of the indices."""
    shape, indices = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    at = axes_of([option(op, "axis")], len(shape)).pop()
    if any(not 0 <= i < shape[at] for i in indices):
        raise Contradiction(f"its indices are not all from 0 to {shape[at] - 1}")
    return tuple(indices if axis == at else range(d) for axis, d in enumerate(shape))


def gathered_shape(graph: Graph, op: Operator) -> Shape:
    """GATHER's output: the indices' shape in the place of the axis."""
    shape = graph[op.inputs[0]].shape
    gathered(graph, op)
    at = axes_of([option(op, "axis")], len(shape)).pop()
    return (*shape[:at], *graph[op.inputs[1]].shape, *shape[at + 1 :])


def mirrored(graph: Graph, op: Operator) -> Picks:
    """MIRROR_PAD: the second input says how much is repeated, from the border or from beside it."""
    shape, pads = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    beside = int(op.options.get("mode") == "REFLECT")
    found: list[Sequence[int]] = []
    if len(pads) != 2 * len(shape):
        raise Contradiction(f"its paddings {pads} do not fit an input of shape {list(shape)}")
    for axis, size in enumerate(shape):
        before, after = pads[2 * axis : 2 * axis + 2]
        if min(before, after) < 0 or max(before, after) > size - beside:
            raise Contradiction(f"it mirrors {before} and {after} of {size} along axis {axis}")
        left = range(before - 1 + beside, beside - 1, -1)
        right = range(size - 1 - beside, size - 1 - beside - after, -1)
        found.append((*left, *range(size), *right))
    return tuple(found)


def nearest(graph: Graph, op: Operator) -> Picks:
    """RESIZE_NEAREST_NEIGHBOR of NHWC, computed in float32 as TensorFlow Lite does."""
    batch, height, width, channels = graph[op.inputs[0]].shape
    sizes = values_of(graph, op.inputs[1])
    if len(sizes) != 2 or not all(0 < size <= _LARGEST for size in sizes):
        raise Contradiction(f"its new size {sizes} is none")
    rows, columns = (_nearest(op, d, size) for d, size in zip((height, width), sizes, strict=True))
    return range(batch), rows, columns, range(channels)


def _nearest(op: Operator, size: int, output: int) -> list[int]:
    aligned, centered = bool(op.options.get("align_corners")), bool(op.options.get("half_pixel_centers"))
    ends = aligned and output > 1
    scale = np.float32(size - 1) / np.float32(output - 1) if ends else np.float32(size) / np.float32(output)
    at = (np.arange(output).astype(np.float32) + np.float32(0.5 if centered else 0)) * scale
    whole = np.floor(at + np.float32(0.5)) if aligned else np.floor(at)
    return [int(v) for v in np.clip(whole, 0, size - 1)]
