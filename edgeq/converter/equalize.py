"""Equalization: channels that span little are made larger before they are rounded with those that span much.

A channel of a convolution's output may be multiplied, and divided again in the weights of all that read it,
without changing what the network computes. The producer pays nothing, for each of its channels has a scale of
its own; a depthwise reader pays nothing either; another reader's weights spread further, and are rounded more
coarsely. So the share of the spread that is taken away depends on the reader. Never all of it: what held-out
data adds to a small channel's range would be clipped. (Meller et al., Same, Same But Different,
arXiv:1902.01917; Nagel et al., arXiv:1906.04721.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from edgeq.converter.params import Floats
from edgeq.converter.pooling import is_mean_of_image
from edgeq.converter.statistics import Columns, Statistics
from edgeq.graph import Graph, Operator, Tensor

SHARE: Mapping[str, float] = {"DEPTHWISE_CONV_2D": 0.8, "CONV_2D": 0.5, "FULLY_CONNECTED": 0.4}
"""By reader: a channel that spans r times as much as the largest is multiplied by 1 / r**share."""
LEAST = 0.02
"""No channel counts as spanning less than this share of the largest."""
MOST_CHANNELS = 2048
_HOMOGENEOUS = ("NONE", "RELU", "RELU6")
"""Fused activations that a positive factor passes through. RELU6 does where the range ends at 6 or below: the
largest channel keeps its size, and the others are cut off by the range before they would be by the 6."""


@dataclass(frozen=True)
class Link:
    """A tensor whose channels may be scaled.

    Attributes:
        producer: position of the operator that makes it.
        tensors: itself, and what pooling and reshaping make of it.
        readers: positions of the operators whose weights undo the scaling.
    """

    producer: int
    tensors: tuple[int, ...]
    readers: tuple[int, ...]


def links(graph: Graph) -> tuple[Link, ...]:
    """Every tensor that may be equalized."""
    readers: dict[int, list[int]] = {}
    for position, op in enumerate(graph.operators):
        for index in op.inputs:
            readers.setdefault(index, []).append(position)
    found = []
    for position, op in enumerate(graph.operators):
        if _has_own_weights(op, readers) and _fused(op) in _HOMOGENEOUS:
            link = _follow(graph, readers, position)
            if link is not None:
                found.append(link)
    return tuple(found)


def _has_own_weights(op: Operator, readers: Mapping[int, list[int]]) -> bool:
    return op.opcode in SHARE and all(len(readers[index]) == 1 for index in op.inputs[1:3])


def _fused(op: Operator) -> str:
    return str(op.options.get("fused_activation_function", "NONE"))


def _follow(graph: Graph, readers: Mapping[int, list[int]], producer: int) -> Link | None:
    first = graph.operators[producer].outputs[0]
    channels = graph[first].shape[-1]
    tensors, ends, waiting = [], [], [first]
    while waiting:
        index = waiting.pop()
        tensors.append(index)
        if index in graph.outputs or index not in readers:
            return None
        for position in readers[index]:
            op = graph.operators[position]
            if _passes(graph, op, index, channels):
                waiting.append(op.outputs[0])
            elif op.inputs[0] == index and _undoes(graph, op, readers, channels):
                ends.append(position)
            else:
                return None
    return Link(producer, tuple(tensors), tuple(ends)) if ends and channels <= MOST_CHANNELS else None


def _passes(graph: Graph, op: Operator, index: int, channels: int) -> bool:
    """Whether an operator treats each channel for itself, and gives a multiple for a multiple."""
    if op.opcode in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
        return _fused(op) == "NONE"
    if op.opcode == "RESHAPE":
        last = graph[op.outputs[0]].shape[-1:]
        return bool(last) and last[0] % channels == 0 and graph[index].shape[-1] % channels == 0
    return op.opcode == "RELU" or is_mean_of_image(graph, op)


def _undoes(graph: Graph, op: Operator, readers: Mapping[int, list[int]], channels: int) -> bool:
    if not _has_own_weights(op, readers):
        return False
    wide = graph[op.inputs[1]].shape[-1]
    return wide == channels if op.opcode == "CONV_2D" else wide % channels == 0


def equalized(graph: Graph, seen: Statistics) -> tuple[Graph, Statistics]:
    """Scale the channels of every tensor that allows it, and what is known of them.

    Args:
        graph: a float graph whose operators all have biases.
        seen: its statistics.

    Returns:
        The graph, which computes the same, and the statistics that a pass over the same data would give.
    """
    tensors = list(graph.tensors)
    spreads, columns = dict(seen.spreads), dict(seen.columns)
    for link in links(graph):
        if any(position not in columns for position in link.readers):
            continue
        factors = _factors(graph, seen, link)
        if factors is None:
            continue
        _rescale(tensors, graph, link, factors)
        for index in link.tensors:
            wide = graph[index].shape[-1]
            spreads[index] = spreads[index].scaled(np.tile(factors, wide // len(factors)))
        for position in link.readers:
            op = graph.operators[position]
            ahead = _of_inputs(graph[op.inputs[1]].shape, op.opcode, factors)
            columns[position] = _scaled(columns[position], ahead)
    return graph.replace(tensors=tuple(tensors)), Statistics(spreads, columns)


def rescaled(graph: Graph, link: Link, factors: Floats) -> Graph:
    """The graph with one tensor's channels multiplied, float32 [channels], and what reads it undoing that."""
    tensors = list(graph.tensors)
    _rescale(tensors, graph, link, factors)
    return graph.replace(tensors=tuple(tensors))


def _rescale(tensors: list[Tensor], graph: Graph, link: Link, factors: Floats) -> None:
    _multiply_outputs(tensors, graph.operators[link.producer], factors)
    for position in link.readers:
        op = graph.operators[position]
        back = _of_inputs(graph[op.inputs[1]].shape, op.opcode, np.float32(1) / factors)
        tensors[op.inputs[1]] = _times(tensors[op.inputs[1]], back)


def _factors(graph: Graph, seen: Statistics, link: Link) -> Floats | None:
    spread = seen.spreads[link.tensors[0]]
    reach = np.maximum(-spread.low.min(axis=0), spread.high.max(axis=0))
    largest = float(reach.max())
    if largest <= 0:
        return None
    share = min(SHARE[graph.operators[position].opcode] for position in link.readers)
    factors: Floats = (np.maximum(reach / largest, LEAST) ** -share).astype(np.float32)
    return factors


def _multiply_outputs(tensors: list[Tensor], op: Operator, factors: Floats) -> None:
    weights = tensors[op.inputs[1]]
    rank = len(weights.shape)
    shape = [1] * (rank - 1) + [-1] if op.opcode == "DEPTHWISE_CONV_2D" else [-1] + [1] * (rank - 1)
    tensors[op.inputs[1]] = _times(weights, factors.reshape(shape))
    bias = tensors[op.inputs[2]]
    tensors[op.inputs[2]] = _times(bias, factors.reshape(bias.shape))


def _of_inputs(shape: tuple[int, ...], opcode: str, factors: Floats) -> Floats:
    """A factor for each input channel, in the shape of one output's weights, or of all depthwise ones."""
    if opcode == "DEPTHWISE_CONV_2D":
        each = np.repeat(factors, shape[-1] // len(factors))
        return np.broadcast_to(each, shape).astype(np.float32)
    each = np.tile(factors, shape[-1] // len(factors))
    return np.broadcast_to(each, (1, *shape[1:])).astype(np.float32)


def _scaled(columns: Columns, factors: Floats) -> Columns:
    each = np.asarray(columns.layout.weights(factors), np.float32)[:, 0]
    covariance = columns.covariance * each[:, :, None] * each[:, None, :]
    return replace(columns, mean=columns.mean * each, covariance=covariance)


def _times(tensor: Tensor, factors: Floats) -> Tensor:
    return replace(tensor, data=(np.asarray(tensor.data, np.float32) * factors).astype(np.float32))
