"""Whether each output has the shape that its operator gives it.

The file states both; memory is planned by what it states, so a contradiction must not pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from edgeq.checker.view import View
from edgeq.graph.model import ABSENT, Graph, Operator

Shape = tuple[int, ...]

_AGAIN = "The model file contradicts itself: convert it again, and if its input was resized, in the new size."


class _Contradiction(Exception):
    """Why no output shape follows from the inputs."""


def check_shapes(view: View) -> None:
    """The shape of every output follows from the operator's inputs and options."""
    for index, op in view.open_operators():
        output = op.outputs[0]
        try:
            expected = _RULES[op.opcode](view.graph, op)
        except _Contradiction as error:
            view.report("shape", str(error), _AGAIN, operator=index, tensor=op.inputs[0])
            continue
        if expected != view.graph[output].shape:
            view.report(
                "shape",
                f"its output {view.typed(output)} should have the shape {list(expected)}",
                _AGAIN,
                operator=index,
                tensor=output,
            )


def _option(op: Operator, name: str) -> int:
    value = op.options.get(name, 0)
    return int(value) if isinstance(value, int) else 0


def _values(graph: Graph, tensor: int) -> list[int]:
    data = graph[tensor].data
    return [] if data is None else [int(v) for v in np.asarray(data).reshape(-1)]


def _window(op: Operator, size: int, kernel: int, axis: str, dilation: int = 1) -> int:
    stride = _option(op, f"stride_{axis}")
    span = (kernel - 1) * dilation + 1
    result = -(-size // stride) if op.options.get("padding") == "SAME" else (size - span) // stride + 1
    if result < 1 or kernel < 1:
        raise _Contradiction(f"its window of {span} is larger than its input of {size} (dimension {axis})")
    return result


def _check_bias(graph: Graph, op: Operator, channels: int) -> None:
    if len(op.inputs) > 2 and op.inputs[2] != ABSENT and graph[op.inputs[2]].elements != channels:
        shape = list(graph[op.inputs[2]].shape)
        raise _Contradiction(f"its bias has the shape {shape} for {channels} output channels")


def _dilated_window(graph: Graph, op: Operator, kernel: Shape) -> tuple[int, int, int]:
    batch, height, width, _ = graph[op.inputs[0]].shape
    out_h = _window(op, height, kernel[0], "h", _option(op, "dilation_h_factor"))
    out_w = _window(op, width, kernel[1], "w", _option(op, "dilation_w_factor"))
    return batch, out_h, out_w


def _conv(graph: Graph, op: Operator) -> Shape:
    weights, channels = graph[op.inputs[1]].shape, graph[op.inputs[0]].shape[3]
    groups = channels // weights[3] if len(weights) == 4 and weights[3] else 0
    if not groups or weights[3] * groups != channels or weights[0] % groups:
        raise _Contradiction(f"its weights {list(weights)} do not fit an input of {channels} channels")
    _check_bias(graph, op, weights[0])
    return (*_dilated_window(graph, op, weights[1:3]), weights[0])


def _depthwise(graph: Graph, op: Operator) -> Shape:
    weights, channels = graph[op.inputs[1]].shape, graph[op.inputs[0]].shape[3]
    if len(weights) != 4 or weights[0] != 1 or weights[3] % channels:
        raise _Contradiction(f"its weights {list(weights)} do not fit an input of {channels} channels")
    multiplier = _option(op, "depth_multiplier")
    if multiplier and multiplier * channels != weights[3]:
        raise _Contradiction(
            f"its depth multiplier {multiplier} does not fit {channels} input and {weights[3]} output "
            "channels"
        )
    _check_bias(graph, op, weights[3])
    return (*_dilated_window(graph, op, weights[1:3]), weights[3])


def _fully_connected(graph: Graph, op: Operator) -> Shape:
    source, weights = graph[op.inputs[0]], graph[op.inputs[1]].shape
    if len(weights) != 2 or not weights[1] or source.elements % weights[1]:
        raise _Contradiction(f"its weights {list(weights)} do not fit an input of shape {list(source.shape)}")
    _check_bias(graph, op, weights[0])
    if op.options.get("keep_num_dims"):
        if source.shape[-1] != weights[1]:
            raise _Contradiction(
                f"its weights {list(weights)} do not fit an input of shape {list(source.shape)}"
            )
        return (*source.shape[:-1], weights[0])
    return (source.elements // weights[1], weights[0])


def _pool(graph: Graph, op: Operator) -> Shape:
    batch, height, width, channels = graph[op.inputs[0]].shape
    out_h = _window(op, height, _option(op, "filter_height"), "h")
    out_w = _window(op, width, _option(op, "filter_width"), "w")
    return batch, out_h, out_w, channels


def _broadcast(graph: Graph, op: Operator) -> Shape:
    first, second = (graph[t].shape for t in op.inputs)
    try:
        return tuple(int(d) for d in np.broadcast_shapes(first, second))
    except ValueError:
        raise _Contradiction(
            f"its inputs of shapes {list(first)} and {list(second)} do not broadcast"
        ) from None


def _axes(values: list[int], rank: int) -> set[int]:
    if any(not -rank <= axis < rank for axis in values):
        raise _Contradiction(f"its axes {values} are outside an input of {rank} dimensions")
    return {axis % rank for axis in values}


def _mean(graph: Graph, op: Operator) -> Shape:
    shape = graph[op.inputs[0]].shape
    axes = _axes(_values(graph, op.inputs[1]), len(shape))
    if op.options.get("keep_dims"):
        return tuple(1 if axis in axes else d for axis, d in enumerate(shape))
    return tuple(d for axis, d in enumerate(shape) if axis not in axes)


def _reshape(graph: Graph, op: Operator) -> Shape:
    elements, output = graph[op.inputs[0]].elements, graph[op.outputs[0]].shape
    if len(op.inputs) > 1 and op.inputs[1] != ABSENT:
        wanted = _values(graph, op.inputs[1])
    else:
        new_shape = op.options.get("new_shape", ())
        wanted = list(new_shape) if isinstance(new_shape, tuple) and new_shape else list(output)
    known = math.prod(d for d in wanted if d != -1)
    if (
        wanted.count(-1) > 1
        or any(d < -1 for d in wanted)
        or (-1 in wanted and (not known or elements % known))
    ):
        raise _Contradiction(f"its new shape {wanted} cannot hold {elements} elements")
    shape = tuple(elements // known if d == -1 else d for d in wanted)
    if math.prod(shape) != elements:
        raise _Contradiction(f"its new shape {wanted} cannot hold {elements} elements")
    return shape


def _squeeze(graph: Graph, op: Operator) -> Shape:
    shape = graph[op.inputs[0]].shape
    given = op.options.get("squeeze_dims", ())
    axes = _axes(list(given) if isinstance(given, tuple) else [], len(shape))
    if any(shape[axis] != 1 for axis in axes):
        raise _Contradiction(f"it squeezes dimensions {sorted(axes)} of {list(shape)}, which are not all 1")
    return tuple(d for axis, d in enumerate(shape) if (axis not in axes if axes else d != 1))


def _expand_dims(graph: Graph, op: Operator) -> Shape:
    shape, values = graph[op.inputs[0]].shape, _values(graph, op.inputs[1])
    if len(values) != 1:
        raise _Contradiction(f"it has {len(values)} axes instead of one")
    axis = _axes(values, len(shape) + 1).pop()
    return (*shape[:axis], 1, *shape[axis:])


def _pad(graph: Graph, op: Operator) -> Shape:
    shape, paddings = graph[op.inputs[0]].shape, graph[op.inputs[1]]
    values = _values(graph, op.inputs[1])
    if paddings.shape != (len(shape), 2) or min(values, default=0) < 0 or max(values, default=0) > 1 << 20:
        raise _Contradiction(f"its paddings {values} do not fit an input of shape {list(shape)}")
    if len(op.inputs) > 2 and graph[op.inputs[2]].elements != 1:
        raise _Contradiction("its padding value is not a single number")
    return tuple(d + values[2 * axis] + values[2 * axis + 1] for axis, d in enumerate(shape))


def _concatenation(graph: Graph, op: Operator) -> Shape:
    shapes = [graph[t].shape for t in op.inputs]
    rank = len(shapes[0])
    axis = _axes([_option(op, "axis")], rank).pop()
    for shape in shapes[1:]:
        if len(shape) != rank or any(
            a != b for i, (a, b) in enumerate(zip(shape, shapes[0], strict=True)) if i != axis
        ):
            raise _Contradiction(
                f"its inputs of shapes {list(shapes[0])} and {list(shape)} do not fit along axis {axis}"
            )
    return (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])


def _same(graph: Graph, op: Operator) -> Shape:
    return graph[op.inputs[0]].shape


def _transpose(graph: Graph, op: Operator) -> Shape:
    shape, order = graph[op.inputs[0]].shape, _values(graph, op.inputs[1])
    if sorted(_axes(order, len(shape))) != list(range(len(shape))) or len(order) != len(shape):
        raise _Contradiction(f"its permutation {order} does not fit an input of {len(shape)} dimensions")
    return tuple(shape[axis] for axis in order)


_RULES: dict[str, Callable[[Graph, Operator], Shape]] = {
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise,
    "FULLY_CONNECTED": _fully_connected,
    "ADD": _broadcast,
    "MUL": _broadcast,
    "AVERAGE_POOL_2D": _pool,
    "MAX_POOL_2D": _pool,
    "MEAN": _mean,
    "RESHAPE": _reshape,
    "SQUEEZE": _squeeze,
    "EXPAND_DIMS": _expand_dims,
    "PAD": _pad,
    "PADV2": _pad,
    "CONCATENATION": _concatenation,
    "SOFTMAX": _same,
    "LOGISTIC": _same,
    "TANH": _same,
    "RELU": _same,
    "RELU6": _same,
    "RELU_N1_TO_1": _same,
    "QUANTIZE": _same,
    "HARD_SWISH": _same,
    "LEAKY_RELU": _same,
    "TRANSPOSE": _transpose,
}
