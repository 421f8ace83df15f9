"""Shape rules: the shape of an operator's output, from its inputs' shapes, its constants and its options.

A runtime's row of an operator names its rule. An operator whose output follows the input, or both inputs
broadcast, needs none of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from edgeq.graph.model import ABSENT, Graph, Operator

Shape = tuple[int, ...]
ADJOINTS = ("adj_x", "adj_y")
"""The options by which BATCH_MATMUL sees its inputs transposed."""
Rule = Callable[[Graph, Operator], Shape]
"""Raises :class:`Contradiction` where the inputs do not fit together."""
Parts = Callable[[Graph, Operator], tuple[Shape, ...]]
"""The same, of operators with several outputs."""


class Contradiction(ValueError):
    """Why no output shape follows from the inputs; the sentence goes on from "the operator: "."""


def option(op: Operator, name: str) -> int:
    """A whole number among the options; 0 where it is not given."""
    value = op.options.get(name, 0)
    return int(value) if isinstance(value, int) else 0


def values_of(graph: Graph, tensor: int) -> list[int]:
    """The values of a constant; none where it is computed."""
    data = graph[tensor].data
    return [] if data is None else [int(v) for v in np.asarray(data).reshape(-1)]


def _window(op: Operator, size: int, kernel: int, axis: str, dilation: int = 1) -> int:
    stride = option(op, f"stride_{axis}")
    span = (kernel - 1) * dilation + 1
    result = windows(size, span, stride, str(op.options.get("padding")))
    if result < 1 or kernel < 1:
        raise Contradiction(f"its window of {span} is larger than its input of {size} (dimension {axis})")
    return result


def windows(size: int, span: int, stride: int, padding: str) -> int:
    """How many windows lie along an axis; below 1 where none fits.

    Args:
        size: elements of the input.
        span: elements that a window reaches over, dilation included.
        stride: from one window to the next.
        padding: ``"SAME"``, else none.
    """
    return -(-size // stride) if padding == "SAME" else (size - span) // stride + 1


def padding_before(size: int, output: int, span: int, stride: int) -> int:
    """The padding before the first element of an axis with padding SAME.

    Args:
        size, output: elements of the input and of the output.
        span: elements that a window reaches over, dilation included.
        stride: from one window to the next.
    """
    return max((output - 1) * stride + span - size, 0) // 2


def _check_bias(graph: Graph, op: Operator, channels: int) -> None:
    if len(op.inputs) > 2 and op.inputs[2] != ABSENT and graph[op.inputs[2]].elements != channels:
        shape = list(graph[op.inputs[2]].shape)
        raise Contradiction(f"its bias has the shape {shape} for {channels} output channels")


def _dilated_window(graph: Graph, op: Operator, kernel: Shape) -> tuple[int, int, int]:
    batch, height, width, _ = graph[op.inputs[0]].shape
    out_h = _window(op, height, kernel[0], "h", option(op, "dilation_h_factor"))
    out_w = _window(op, width, kernel[1], "w", option(op, "dilation_w_factor"))
    return batch, out_h, out_w


def conv(graph: Graph, op: Operator) -> Shape:
    """NHWC input, weights [channels, height, width, inputs of a group], an optional bias."""
    weights, channels = graph[op.inputs[1]].shape, graph[op.inputs[0]].shape[3]
    groups = channels // weights[3] if len(weights) == 4 and weights[3] else 0
    if not groups or weights[3] * groups != channels or weights[0] % groups:
        raise Contradiction(f"its weights {list(weights)} do not fit an input of {channels} channels")
    _check_bias(graph, op, weights[0])
    return (*_dilated_window(graph, op, weights[1:3]), weights[0])


def depthwise(graph: Graph, op: Operator) -> Shape:
    """NHWC input, weights [1, height, width, channels], an optional bias."""
    weights, channels = graph[op.inputs[1]].shape, graph[op.inputs[0]].shape[3]
    if len(weights) != 4 or weights[0] != 1 or weights[3] % channels:
        raise Contradiction(f"its weights {list(weights)} do not fit an input of {channels} channels")
    multiplier = option(op, "depth_multiplier")
    if multiplier and multiplier * channels != weights[3]:
        raise Contradiction(
            f"its depth multiplier {multiplier} does not fit {channels} input and {weights[3]} output "
            "channels"
        )
    _check_bias(graph, op, weights[3])
    return (*_dilated_window(graph, op, weights[1:3]), weights[3])


def fully_connected(graph: Graph, op: Operator) -> Shape:
    """Rows of the weights' second dimension, weights [channels, inputs], an optional bias."""
    source, weights = graph[op.inputs[0]], graph[op.inputs[1]].shape
    if len(weights) != 2 or not weights[1] or source.elements % weights[1]:
        raise Contradiction(f"its weights {list(weights)} do not fit an input of shape {list(source.shape)}")
    _check_bias(graph, op, weights[0])
    if op.options.get("keep_num_dims"):
        if source.shape[-1] != weights[1]:
            raise Contradiction(
                f"its weights {list(weights)} do not fit an input of shape {list(source.shape)}"
            )
        return (*source.shape[:-1], weights[0])
    return (source.elements // weights[1], weights[0])


def pool(graph: Graph, op: Operator) -> Shape:
    """NHWC input, windows and strides by the options ``filter_*``, ``stride_*`` and ``padding``."""
    batch, height, width, channels = graph[op.inputs[0]].shape
    out_h = _window(op, height, option(op, "filter_height"), "h")
    out_w = _window(op, width, option(op, "filter_width"), "w")
    return batch, out_h, out_w, channels


def broadcast(graph: Graph, op: Operator) -> Shape:
    """Two inputs, broadcast."""
    first, second = (graph[t].shape for t in op.inputs)
    try:
        return tuple(int(d) for d in np.broadcast_shapes(first, second))
    except ValueError:
        raise Contradiction(
            f"its inputs of shapes {list(first)} and {list(second)} do not broadcast"
        ) from None


def axes_of(values: list[int], rank: int) -> set[int]:
    """Axes as numbers from 0, of so many dimensions."""
    if any(not -rank <= axis < rank for axis in values):
        raise Contradiction(f"its axes {values} are outside an input of {rank} dimensions")
    return {axis % rank for axis in values}


def mean(graph: Graph, op: Operator) -> Shape:
    """The input without the axes that the second input names, or with 1 in their place (``keep_dims``)."""
    shape = graph[op.inputs[0]].shape
    axes = axes_of(values_of(graph, op.inputs[1]), len(shape))
    if op.options.get("keep_dims"):
        return tuple(1 if axis in axes else d for axis, d in enumerate(shape))
    return tuple(d for axis, d in enumerate(shape) if axis not in axes)


def reshape(graph: Graph, op: Operator) -> Shape:
    """The second input, or the option ``new_shape``; one -1 stands for what is left."""
    elements, output = graph[op.inputs[0]].elements, graph[op.outputs[0]].shape
    if len(op.inputs) > 1 and op.inputs[1] != ABSENT:
        wanted = values_of(graph, op.inputs[1])
    else:
        new_shape = op.options.get("new_shape", ())
        wanted = list(new_shape) if isinstance(new_shape, tuple) and new_shape else list(output)
    known = math.prod(d for d in wanted if d != -1)
    if (
        wanted.count(-1) > 1
        or any(d < -1 for d in wanted)
        or (-1 in wanted and (not known or elements % known))
    ):
        raise Contradiction(f"its new shape {wanted} cannot hold {elements} elements")
    shape = tuple(elements // known if d == -1 else d for d in wanted)
    if math.prod(shape) != elements:
        raise Contradiction(f"its new shape {wanted} cannot hold {elements} elements")
    return shape


def squeeze(graph: Graph, op: Operator) -> Shape:
    """The input without dimensions of 1: those of ``squeeze_dims``, or all."""
    shape = graph[op.inputs[0]].shape
    given = op.options.get("squeeze_dims", ())
    axes = axes_of(list(given) if isinstance(given, tuple) else [], len(shape))
    if any(shape[axis] != 1 for axis in axes):
        raise Contradiction(f"it squeezes dimensions {sorted(axes)} of {list(shape)}, which are not all 1")
    return tuple(d for axis, d in enumerate(shape) if (axis not in axes if axes else d != 1))


def expand_dims(graph: Graph, op: Operator) -> Shape:
    """The input with a dimension of 1 before the axis that the second input names."""
    shape, values = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    if len(values) != 1:
        raise Contradiction(f"it has {len(values)} axes instead of one")
    axis = axes_of(values, len(shape) + 1).pop()
    return (*shape[:axis], 1, *shape[axis:])


def pad(graph: Graph, op: Operator) -> Shape:
    """The second input, [dimensions, 2], says how much comes before and after each dimension."""
    shape, paddings = graph[op.inputs[0]].shape, graph[op.inputs[1]]
    values = values_of(graph, op.inputs[1])
    if paddings.shape != (len(shape), 2) or min(values, default=0) < 0 or max(values, default=0) > 1 << 20:
        raise Contradiction(f"its paddings {values} do not fit an input of shape {list(shape)}")
    if len(op.inputs) > 2 and graph[op.inputs[2]].elements != 1:
        raise Contradiction("its padding value is not a single number")
    return tuple(d + values[2 * axis] + values[2 * axis + 1] for axis, d in enumerate(shape))


def concatenation(graph: Graph, op: Operator) -> Shape:
    """Inputs that differ along the option ``axis`` alone."""
    shapes = [graph[t].shape for t in op.inputs]
    rank = len(shapes[0])
    axis = axes_of([option(op, "axis")], rank).pop()
    for shape in shapes[1:]:
        if len(shape) != rank or any(
            a != b for i, (a, b) in enumerate(zip(shape, shapes[0], strict=True)) if i != axis
        ):
            raise Contradiction(
                f"its inputs of shapes {list(shapes[0])} and {list(shape)} do not fit along axis {axis}"
            )
    return (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])


def same(graph: Graph, op: Operator) -> Shape:
    """The first input's."""
    return graph[op.inputs[0]].shape


def transpose(graph: Graph, op: Operator) -> Shape:
    """The second input is the permutation."""
    shape, order = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    if sorted(axes_of(order, len(shape))) != list(range(len(shape))) or len(order) != len(shape):
        raise Contradiction(f"its permutation {order} does not fit an input of {len(shape)} dimensions")
    return tuple(shape[axis] for axis in order)


def matrices(graph: Graph, op: Operator) -> tuple[Shape, Shape]:
    """The shapes as they are multiplied."""
    found = []
    for tensor, name in zip(op.inputs, ADJOINTS, strict=True):
        shape = graph[tensor].shape
        found.append((*shape[:-2], shape[-1], shape[-2]) if op.options.get(name) else shape)
    return found[0], found[1]


def matmul(graph: Graph, op: Operator) -> Shape:
    """Matrices in the last two dimensions; those before broadcast."""
    shapes = [graph[tensor].shape for tensor in op.inputs]
    if min(len(shape) for shape in shapes) < 2:
        raise Contradiction(f"its inputs of shapes {list(shapes[0])} and {list(shapes[1])} are no matrices")
    first, second = matrices(graph, op)
    try:
        batch = np.broadcast_shapes(first[:-2], second[:-2])
    except ValueError:
        batch = None
    if batch is None or first[-1] != second[-2]:
        raise Contradiction(f"matrices of {list(first)} and {list(second)} do not fit")
    return (*(int(d) for d in batch), first[-2], second[-1])


def transpose_conv(graph: Graph, op: Operator) -> Shape:
    """The first input says it; weights are [outputs, height, width, inputs], of NHWC images."""
    output, weights, source = values_of(graph, op.inputs[0]), graph[op.inputs[1]].shape, graph[op.inputs[2]]
    shape = source.shape
    if len(output) != 4 or len(weights) != 4 or (output[0], output[3]) != (shape[0], weights[0]):
        raise Contradiction(f"its output {output} does not fit an input of {list(shape)}")
    if weights[3] != shape[3]:
        raise Contradiction(f"its weights {list(weights)} do not fit an input of {shape[3]} channels")
    if len(op.inputs) > 3 and op.inputs[3] != ABSENT and graph[op.inputs[3]].elements != weights[0]:
        raise Contradiction(f"its bias has not {weights[0]} values, as many as output channels")
    for axis, side in ((1, "h"), (2, "w")):
        stride, padding = option(op, f"stride_{side}"), str(op.options.get("padding"))
        if stride < 1 or windows(output[axis], weights[axis], stride, padding) != shape[axis]:
            raise Contradiction(
                f"an output of {output[axis]} does not come of {shape[axis]} (dimension {axis})"
            )
    return output[0], output[1], output[2], output[3]


def slopes(graph: Graph, op: Operator) -> Shape:
    """The first input's, to which the slopes broadcast."""
    shape = broadcast(graph, op)
    if shape != graph[op.inputs[0]].shape:
        raise Contradiction(f"its slopes do not broadcast to {list(graph[op.inputs[0]].shape)}")
    return shape


def resized(graph: Graph, op: Operator) -> Shape:
    """NHWC; the second input is the new height and width."""
    batch, _, _, channels = graph[op.inputs[0]].shape
    sizes = values_of(graph, op.inputs[1])
    if len(sizes) != 2 or min(sizes) < 1:
        raise Contradiction(f"its new size {sizes} is none")
    return batch, *sizes, channels
