"""Channels that have one value whatever the input, or that nobody reads: not computed, and not stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from edgeq.backends.aot.lowerable import Lowerable
from edgeq.backends.aot.ops import form, operators
from edgeq.backends.aot.ops.channels import Channels, Flags, Ranges
from edgeq.graph.model import ABSENT, DType, Graph, Operator, Tensor

_BLOCK = 4
"""Channels stay in this multiple: a word of bytes, which the kernels read at once."""


def constant_channels(lowerable: Lowerable) -> Lowerable:
    """Takes such channels out of every tensor where each operator can do without them.

    What a channel that is gone adds to a sum is in that operator's bias. Inputs and outputs of the model
    stay as they are, and so do operators: they lose channels only.
    """
    graph = lowerable.graph
    layers = tuple(_layers(lowerable))
    if not layers:
        return lowerable
    known = _ranges(graph, layers)
    ends = {*graph.inputs, *graph.outputs, *lowerable.flips, *lowerable.flips.values()}
    kept = _kept(graph, layers, known, ends)
    if all(flags.all() for flags in kept.values()):
        return lowerable
    return replace(lowerable, graph=_narrowed(graph, layers, known, kept))


@dataclass(frozen=True, eq=False)
class _Layer:
    """An operator whose channels are known; the activations that it reads, and the one that it makes."""

    operator: int
    channels: Channels
    inputs: tuple[int, ...]
    output: int


def _layers(lowerable: Lowerable) -> Iterator[_Layer]:
    graph, known = lowerable.graph, operators()
    for index, op in enumerate(graph.operators):
        reads = _activations(graph, op)
        if op.opcode not in known or len(op.outputs) != 1 or graph[op.outputs[0]].is_constant:
            continue
        if all(graph[t].dtype is DType.INT8 and graph[t].shape for t in (*reads, *op.outputs)):
            channels = form(graph, index).channels(graph, index, lowerable.target)
            if channels is not None:
                yield _Layer(index, channels, reads, op.outputs[0])


def _activations(graph: Graph, op: Operator) -> tuple[int, ...]:
    return tuple(t for t in op.inputs if t != ABSENT and not graph[t].is_constant)


def _ranges(graph: Graph, layers: tuple[_Layer, ...]) -> Mapping[int, Ranges]:
    """What the channels of every activation around these operators can be."""
    found: dict[int, Ranges] = {}
    for layer in layers:
        for tensor in (*layer.inputs, layer.output):
            found.setdefault(tensor, Ranges.full(graph[tensor].shape[-1]))
        found[layer.output] = layer.channels.ranges(found)
    return found


def _kept(
    graph: Graph, layers: tuple[_Layer, ...], known: Mapping[int, Ranges], ends: set[int]
) -> dict[int, Flags]:
    """The channels of every activation that must stay: the fewest, then up to whole blocks; all of ends."""
    kept = {tensor: np.zeros(len(ranges.low), np.bool_) for tensor, ranges in known.items()}
    ours = {layer.operator for layer in layers}
    fixed = set(ends)
    for index, op in enumerate(graph.operators):
        if index not in ours:
            fixed |= {*op.inputs, *op.outputs}
    for tensor in fixed & kept.keys():
        kept[tensor][:] = True
    _spread(layers, known, kept)
    for flags in kept.values():
        lacking = -int(flags.sum()) % _BLOCK if flags.any() else _BLOCK
        gone = np.flatnonzero(~flags)[:lacking]
        if len(gone):
            flags[gone] = True
            _spread(layers, known, kept)
    return kept


def _spread(layers: tuple[_Layer, ...], known: Mapping[int, Ranges], kept: dict[int, Flags]) -> None:
    """Adds to ``kept`` what its channels need, and what comes with them, until nothing more does."""
    before = -1
    while before != (before := sum(int(flags.sum()) for flags in kept.values())):
        for layer in reversed(layers):
            kept[layer.output] |= layer.channels.made(kept)
            for tensor, needed in layer.channels.needed(kept[layer.output], known).items():
                kept[tensor] |= needed


def _narrowed(
    graph: Graph, layers: tuple[_Layer, ...], known: Mapping[int, Ranges], kept: Mapping[int, Flags]
) -> Graph:
    tensors: list[Tensor] = list(graph.tensors)
    changed = list(graph.operators)
    for layer in layers:
        if all(kept[tensor].all() for tensor in (*layer.inputs, layer.output)):
            continue
        op = graph.operators[layer.operator]
        operands = list(op.inputs)
        for position, tensor in layer.channels.narrowed(kept, kept[layer.output], known).items():
            operands += [ABSENT] * (position + 1 - len(operands))
            operands[position] = len(tensors)
            tensors.append(tensor)
        changed[layer.operator] = replace(op, inputs=tuple(operands))
    for index, flags in kept.items():
        if flags.all():
            continue
        shape = (*tensors[index].shape[:-1], int(flags.sum()))
        tensors[index] = replace(tensors[index], shape=shape, shape_signature=shape)
    return graph.replace(tensors=tuple(tensors), operators=tuple(changed))
