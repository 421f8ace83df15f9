"""Channels that a quantized model computes as multiples: read from its weights, done to the float model too.

``--mode auto`` multiplies channels where the weights that read them undo it (``converter/equalize.py``). To
who does not know, every such channel looks wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.converter.equalize import Link, links, rescaled
from edgeq.converter.params import dequantize
from edgeq.graph import ABSENT, Graph
from edgeq.judge.layers.pairs import Pairs

_NOTABLE = 0.03
"""A factor as near to 1 is none, but rounding of weights."""
_BETTER = 0.25
"""Of a reader's weights at most this share of what is left without factors (in energy) is left with them."""
_DEPTHWISE = "DEPTHWISE_CONV_2D"

_RESOLVED = 16
"""A row whose largest integer is smaller tells no factor; the bias does, for which its scale was widened."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Twin:
    """An operator's constants in the quantized model: weights as real values and as integers, its bias."""

    weights: Floats
    integers: npt.NDArray[np.generic]
    bias: Floats | None


@dataclass
class _Chain:
    """Tensors that stand or fall together: a depthwise convolution passes factors on, and proves nothing."""

    links: list[tuple[Link, Floats]] = field(default_factory=list)
    good: bool = True


def equalized_alike(real: Graph, other: Graph, pairs: Pairs) -> tuple[Graph, int]:
    """The float model with its channels multiplied as the quantized model's are; it computes the same.

    Factors of which the next weights show no trace are an error of the quantized model, and left to be one.

    Args:
        real: the float model, all of its convolutions with biases.
        other: the quantized model.
        pairs: what belongs together.

    Returns:
        The float model, and how many of its tensors were changed.
    """
    twins = _twins(real, other, pairs)
    found = {link.producer: link for link in links(real)}
    trial, chains = real, []
    passed: dict[int, _Chain] = {}
    for producer, link in sorted(found.items()):
        factors = _factors(trial, twins, link)
        if factors is None:
            continue
        chain = passed.get(producer)
        if chain is None:
            chain = _Chain()
            chains.append(chain)
        chain.links.append((link, factors))
        before, trial = trial, rescaled(trial, link, factors)
        for reader in link.readers:
            if trial.operators[reader].opcode == _DEPTHWISE and reader in found:
                passed[reader] = chain
            elif not _undone(before, trial, twins, reader):
                chain.good = False
    kept = [each for chain in chains if chain.good for each in chain.links]
    for link, factors in kept:
        real = rescaled(real, link, factors)
    return real, len(kept)


def _twins(real: Graph, other: Graph, pairs: Pairs) -> Mapping[int, _Twin]:
    """The quantized model's weights as real values, by the position of the float model's operator."""
    made = {index: op for op in other.operators for index in op.outputs}
    there = {index_real: made[index] for index, index_real in pairs.tensors.items() if index in made}
    found = {}
    for position, op in enumerate(real.operators):
        twin = there.get(op.outputs[0]) if op.outputs else None
        if twin is None or twin.opcode != op.opcode or len(op.inputs) < 2 or len(twin.inputs) < 2:
            continue
        weights, tensor = real[op.inputs[1]], other[twin.inputs[1]]
        if tensor.data is not None and tensor.quant is not None and tensor.shape == weights.shape:
            bias = _real(other, twin.inputs[2]) if len(twin.inputs) > 2 else None
            found[position] = _Twin(dequantize(tensor.data, tensor.quant), tensor.data, bias)
    return found


def _real(graph: Graph, index: int) -> Floats | None:
    """A quantized constant's real values; None where it is none."""
    if index == ABSENT:
        return None
    tensor = graph[index]
    return None if tensor.data is None or tensor.quant is None else dequantize(tensor.data, tensor.quant)


def _factors(real: Graph, twins: Mapping[int, _Twin], link: Link) -> Floats | None:
    """What a tensor's channels are multiplied by; None where that is nothing to speak of."""
    if any(position not in twins for position in (link.producer, *link.readers)):
        return None
    op, twin = real.operators[link.producer], twins[link.producer]
    factors = _ratio(_rows(real, link.producer), _rows(real, link.producer, twins))
    bias = real[op.inputs[2]].data
    if twin.bias is not None and bias is not None and bias.size == twin.bias.size == len(factors):
        coarse = np.abs(_as_rows(op.opcode, twin.integers).astype(np.int64)).max(axis=1) < _RESOLVED
        one, other = (np.asarray(values, np.float32).reshape(-1, 1) for values in (bias, twin.bias))
        factors[coarse] = _ratio(one, other)[coarse]
    factors[factors <= 0] = 1  # what was rounded to nothing tells nothing
    return None if (np.abs(factors - 1) < _NOTABLE).all() else factors


def _undone(before: Graph, after: Graph, twins: Mapping[int, _Twin], reader: int) -> bool:
    """Whether a reader's weights undo the factors.

    Each of its outputs may have a factor of its own, unless that would explain everything: a depthwise
    convolution has as many outputs as inputs, and one weight is any other times something.
    """
    wanted = _rows(after, reader, twins)
    free = after.operators[reader].opcode != _DEPTHWISE and wanted.shape[1] > 1
    left, without = (_left(_rows(graph, reader), wanted, free=free) for graph in (after, before))
    return left < _BETTER * without


def _left(real: Floats, wanted: Floats, *, free: bool) -> float:
    """The energy of what two operators' weights differ by."""
    rest = wanted - (real * _ratio(real, wanted)[:, None] if free else real)
    return float((rest * rest).sum())


def _rows(graph: Graph, position: int, twins: Mapping[int, _Twin] | None = None) -> Floats:
    """An operator's weights in rows by output channel: its own, or the quantized model's."""
    op = graph.operators[position]
    weights = np.asarray(graph[op.inputs[1]].data, np.float32) if twins is None else twins[position].weights
    rows: Floats = _as_rows(op.opcode, weights)
    return rows


def _as_rows(opcode: str, weights: npt.NDArray[np.generic]) -> npt.NDArray[Any]:
    rows = np.moveaxis(weights, -1, 0) if opcode == _DEPTHWISE else weights
    return rows.reshape(len(rows), -1)


def _ratio(real: Floats, other: Floats) -> Floats:
    """By row, the factor that makes the first most like the second; 1 where the first is 0."""
    power = (real * real).sum(axis=1)
    safe = np.where(power > 0, power, 1)
    return np.where(power > 0, (real * other).sum(axis=1) / safe, 1).astype(np.float32)
