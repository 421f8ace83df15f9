"""The channels of convolutions and fully connected layers, whose every output sums over all inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from edgeq.backends.aot.ops.channels import Flags, Ranges, taken
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Rounding, outputs
from edgeq.graph.model import ABSENT, DType, Graph, Tensor

_WEIGHTS, _BIAS = 1, 2


@dataclass(frozen=True, eq=False)
class Mixing:
    """A layer of products whose channels are mixed.

    What a constant input channel adds to a sum is a constant, which the bias can hold, but where the window
    hangs over the edge: there is none of it there. A constant that equals the zero point adds nothing at all.

    Attributes:
        source: the activation.
        layer: its numbers.
        weights: the operand: output channels first, ``taps`` times input channels last.
        bias: the operand; None where there is none.
        taps: input pixels of an output.
        at_edges: whether windows hang over the edge.
        rounding: of the requantization.
    """

    source: int
    layer: Layer
    weights: Tensor
    bias: Tensor | None
    taps: int
    at_edges: bool
    rounding: Rounding

    @property
    def _by_tap(self) -> Ints:
        """[output channels, taps, input channels]."""
        weights: Ints = self.layer.weights
        return weights.reshape(len(weights), self.taps, -1)

    def ranges(self, inputs: Mapping[int, Ranges]) -> Ranges:
        """As :class:`Channels`."""
        source = inputs[self.source]
        each = Ranges(np.tile(source.low, self.taps), np.tile(source.high, self.taps))
        weights = self._by_tap.reshape(len(self.layer.bias), -1)
        demand = self.layer.demand(weights, self.rounding, each, at_edges=self.at_edges)
        return Ranges(*outputs(demand))

    def needed(self, output: Flags, inputs: Mapping[int, Ranges]) -> Mapping[int, Flags]:
        """As :class:`Channels`: those with a weight, unless the bias can hold what they add."""
        read = np.any(self._by_tap[output] != 0, axis=(0, 1))
        return {self.source: read & ~self._absorbed(inputs[self.source])}

    def made(self, inputs: Mapping[int, Flags]) -> Flags:
        """As :class:`Channels`: none but what is wanted."""
        return np.zeros(len(self.layer.bias), np.bool_)

    def narrowed(
        self, kept: Mapping[int, Flags], output: Flags, inputs: Mapping[int, Ranges]
    ) -> Mapping[int, Tensor]:
        """As :class:`Channels`."""
        source = kept[self.source]
        gone = ~source & self._absorbed(inputs[self.source])
        values = np.where(gone, inputs[self.source].low - self.layer.input_zero_point, 0)
        bias = self.layer.bias + (self._by_tap.sum(axis=1) * values).sum(axis=1)
        columns = np.tile(source, self.weights.shape[-1] // len(source))
        found = {_WEIGHTS: taken(taken(self.weights, 0, output), -1, columns)}
        if self.bias is not None or np.any(bias):
            blank = self.bias or Tensor(f"{self.weights.name} bias", (), DType.INT32)
            data = bias[output].astype(np.int32)
            found[_BIAS] = replace(blank, data=data, shape=data.shape, shape_signature=data.shape, quant=None)
        return found

    def _absorbed(self, source: Ranges) -> Flags:
        """The constant channels whose part of every sum is a constant, as long as biases stay int32."""
        largest = np.abs(self.layer.bias) + 255 * np.abs(self._by_tap).sum(axis=(1, 2))
        if int(largest.max(initial=0)) >= 2**31:
            return np.zeros(len(source.low), np.bool_)
        everywhere = not self.at_edges or source.low == self.layer.input_zero_point
        return source.constant & everywhere


def of(
    graph: Graph, index: int, layer: Layer, taps: int, *, at_edges: bool = False, rounding: Rounding
) -> Mixing:
    """Of an operator whose second operand are its weights, and whose third, if it is there, its bias."""
    inputs = graph.operators[index].inputs
    bias = graph[inputs[_BIAS]] if len(inputs) > _BIAS and inputs[_BIAS] != ABSENT else None
    return Mixing(inputs[0], layer, graph[inputs[_WEIGHTS]], bias, taps, at_edges, rounding)
