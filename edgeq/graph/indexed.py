"""Shape rules of operators whose inputs say where elements go, come from, or how many there are."""

from __future__ import annotations

import numpy as np

from edgeq.graph.model import Graph, Operator
from edgeq.graph.shapes import Contradiction, Shape, axes_of, option, values_of

_LARGEST = 1 << 20
"""Elements of a tensor whose shape is a constant: no microcontroller holds more."""


def gather(graph: Graph, op: Operator) -> Shape:
    """The second input's shape in the place of the option ``axis``; behind ``batch_dims`` that both have."""
    shape, indices = graph[op.inputs[0]].shape, graph[op.inputs[1]].shape
    axis = axes_of([option(op, "axis")], len(shape)).pop()
    batch = option(op, "batch_dims")
    if not 0 <= batch <= min(axis, len(indices)) or shape[:batch] != indices[:batch]:
        raise Contradiction(f"its indices {list(indices)} do not fit an input of shape {list(shape)}")
    return (*shape[:axis], *indices[batch:], *shape[axis + 1 :])


def gather_nd(graph: Graph, op: Operator) -> Shape:
    """The last dimension of the second input are places along as many of the first's first axes."""
    shape, indices = graph[op.inputs[0]].shape, graph[op.inputs[1]].shape
    if not indices or not 0 < indices[-1] <= len(shape):
        raise Contradiction(f"its indices {list(indices)} do not fit an input of shape {list(shape)}")
    return (*indices[:-1], *shape[indices[-1] :])


def embedding(graph: Graph, op: Operator) -> Shape:
    """The rows of the second input that the first one names."""
    ids, table = graph[op.inputs[0]].shape, graph[op.inputs[1]].shape
    if len(ids) != 1 or len(table) < 2:
        raise Contradiction(f"its rows {list(ids)} do not fit a table of shape {list(table)}")
    return (*ids, *table[1:])


def scatter_nd(graph: Graph, op: Operator) -> Shape:
    """The third input; the second's rows go to the places that the first one names."""
    indices, updates = graph[op.inputs[0]].shape, graph[op.inputs[1]].shape
    wanted = _constant_shape(graph, op.inputs[2])
    depth = indices[-1] if indices else 0
    if not 0 < depth <= len(wanted) or updates != (*indices[:-1], *wanted[depth:]):
        raise Contradiction(f"its updates {list(updates)} do not go into a tensor of shape {list(wanted)}")
    return wanted


def filled(graph: Graph, op: Operator) -> Shape:
    """The first input."""
    if graph[op.inputs[1]].elements != 1:
        raise Contradiction("its value is not a single number")
    return _constant_shape(graph, op.inputs[0])


def _constant_shape(graph: Graph, tensor: int) -> Shape:
    values = values_of(graph, tensor)
    if min(values, default=1) < 1 or np.prod(values, dtype=np.float64) > _LARGEST:
        raise Contradiction(f"{values} is no shape of a tensor")
    return tuple(values)


def rank_of(graph: Graph, op: Operator) -> Shape:
    """One number for each dimension of the input."""
    return (len(graph[op.inputs[0]].shape),)


def scalar(_graph: Graph, _op: Operator) -> Shape:
    """A single number."""
    return ()


def without_axis(graph: Graph, op: Operator) -> Shape:
    """The input without the one axis that the second input names."""
    shape, values = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    if len(values) != 1:
        raise Contradiction(f"it has {len(values)} axes instead of one")
    axis = axes_of(values, len(shape)).pop()
    return (*shape[:axis], *shape[axis + 1 :])


def along_axis(graph: Graph, op: Operator) -> Shape:
    """The input, which has the one axis that the second input names."""
    without_axis(graph, op)
    return graph[op.inputs[0]].shape


def chosen(graph: Graph, op: Operator) -> Shape:
    """Three inputs, broadcast."""
    shapes = [graph[tensor].shape for tensor in op.inputs]
    try:
        return tuple(int(d) for d in np.broadcast_shapes(*shapes))
    except ValueError:
        listed = ", ".join(str(list(shape)) for shape in shapes)
        raise Contradiction(f"its inputs of shapes {listed} do not broadcast") from None


def alike(graph: Graph, op: Operator) -> Shape:
    """Inputs of one shape."""
    first = graph[op.inputs[0]].shape
    if any(graph[tensor].shape != first for tensor in op.inputs):
        raise Contradiction("its inputs differ in shape")
    return first


def updated(graph: Graph, op: Operator) -> Shape:
    """The first input, into which the second goes at the place that the third names."""
    shape, part = graph[op.inputs[0]].shape, graph[op.inputs[1]].shape
    fits = len(part) == len(shape) and all(p <= d for p, d in zip(part, shape, strict=True))
    if not fits or graph[op.inputs[2]].shape != (len(shape),):
        raise Contradiction(f"a part of shape {list(part)} does not go into one of {list(shape)}")
    return shape


def one_hot(graph: Graph, op: Operator) -> Shape:
    """The first input with a further axis (option ``axis``), as long as the second input says."""
    shape, depth = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    if len(depth) != 1 or not 0 < depth[0] <= _LARGEST:
        raise Contradiction(f"its depth {depth} is no size of an axis")
    if any(graph[tensor].elements != 1 for tensor in op.inputs[2:]):
        raise Contradiction("its values are not single numbers")
    axis = axes_of([option(op, "axis")], len(shape) + 1).pop()
    return (*shape[:axis], depth[0], *shape[axis:])


def joint_rank(graph: Graph, op: Operator) -> Shape:
    """As many numbers as the longer of two shapes has."""
    shapes = [graph[tensor].shape for tensor in op.inputs]
    if any(len(shape) != 1 for shape in shapes):
        raise Contradiction("its inputs are not shapes of tensors")
    return (max(shape[0] for shape in shapes),)


def largest(graph: Graph, op: Operator) -> tuple[Shape, ...]:
    """The second input is how many values of the last axis stay; then where they were."""
    shape, count = graph[op.inputs[0]].shape, values_of(graph, op.inputs[1])
    if not shape or len(count) != 1 or not 0 < count[0] <= shape[-1]:
        raise Contradiction(f"the largest {count} are not to be had of an input of shape {list(shape)}")
    return ((*shape[:-1], count[0]),) * 2


def svdf(graph: Graph, op: Operator) -> Shape:
    """Rows; weights [filters, inputs] and [filters, steps]; option ``rank``: filters to an output."""
    shape, feature, time = (graph[tensor].shape for tensor in op.inputs[:3])
    rank = option(op, "rank")
    fits = len(feature) == len(time) == 2 and len(shape) == 2 and feature[0] == time[0]
    if not fits or shape[1] != feature[1] or rank < 1 or feature[0] % rank:
        raise Contradiction(f"its weights do not fit an input of shape {list(shape)}")
    return shape[0], feature[0] // rank
