"""What an operator does with its channels, the last axis: which it needs, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Protocol

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.fixed_point import Ints
from edgeq.graph.model import Tensor

Flags = npt.NDArray[np.bool_]
"""One a channel: whether it is there."""


@dataclass(frozen=True, eq=False)
class Ranges:
    """The smallest and largest value that each channel can have, int64 [channels]."""

    low: Ints
    high: Ints

    @classmethod
    def full(cls, channels: int) -> Ranges:
        """Of which nothing is known: int8's."""
        return cls(np.full(channels, -128, np.int64), np.full(channels, 127, np.int64))

    @classmethod
    def of(cls, values: npt.NDArray[np.generic]) -> Ranges:
        """Of a constant."""
        flat = values.reshape(-1, values.shape[-1] if values.ndim else 1).astype(np.int64)
        return cls(flat.min(axis=0), flat.max(axis=0))

    @property
    def constant(self) -> Flags:
        """Which channels have one value only."""
        same: Flags = self.low == self.high
        return same

    def __getitem__(self, channels: Ints) -> Ranges:
        return Ranges(self.low[channels], self.high[channels])


class Channels(Protocol):
    """One operator of a graph. Activations are told by their tensors, operands by their positions."""

    def ranges(self, inputs: Mapping[int, Ranges]) -> Ranges:
        """What its output's channels can be, by what its inputs' can."""

    def needed(self, output: Flags, inputs: Mapping[int, Ranges]) -> Mapping[int, Flags]:
        """Of every activation that it reads, the channels that those of its output cannot do without."""

    def made(self, inputs: Mapping[int, Flags]) -> Flags:
        """The channels of its output that come with those of its inputs, wanted or not."""

    def narrowed(
        self, kept: Mapping[int, Flags], output: Flags, inputs: Mapping[int, Ranges]
    ) -> Mapping[int, Tensor]:
        """Its constant operands, once only some channels are there; what is gone is in them."""


@dataclass(frozen=True, eq=False)
class Channelwise:
    """An operator that makes each channel from one of each input's.

    Attributes:
        sources: by activation, for every channel of the output, the one that it is made of.
        function: the output's ranges by those of the activations, brought to the output's channels.
        constants: operands with the output's channels as their last axis.
    """

    sources: Mapping[int, Ints]
    function: Callable[[Mapping[int, Ranges]], Ranges]
    constants: Mapping[int, Tensor] = field(default_factory=dict)

    def ranges(self, inputs: Mapping[int, Ranges]) -> Ranges:
        """As :class:`Channels`."""
        return self.function({tensor: inputs[tensor][source] for tensor, source in self.sources.items()})

    def needed(self, output: Flags, inputs: Mapping[int, Ranges]) -> Mapping[int, Flags]:
        """As :class:`Channels`: the ones that the output's are made of."""
        return {
            tensor: np.isin(np.arange(len(inputs[tensor].low)), source[output])
            for tensor, source in self.sources.items()
        }

    def made(self, inputs: Mapping[int, Flags]) -> Flags:
        """As :class:`Channels`: every one that is made of one that is there."""
        here = [inputs[tensor][source] for tensor, source in self.sources.items()]
        made: Flags = np.logical_or.reduce(here)
        return made

    def narrowed(
        self, kept: Mapping[int, Flags], output: Flags, inputs: Mapping[int, Ranges]
    ) -> Mapping[int, Tensor]:
        """As :class:`Channels`."""
        return {position: taken(tensor, -1, output) for position, tensor in self.constants.items()}


def one_to_one(tensor: int, channels: int, function: Callable[[Ranges], Ranges]) -> Channelwise:
    """An operator of one activation whose channels stay in their places."""
    return Channelwise({tensor: np.arange(channels)}, lambda inputs: function(inputs[tensor]))


def corners(function: Callable[[Ints, Ints], Ints], first: Ranges, second: Ranges) -> Ranges:
    """The ranges of a function that is monotone in each of its two operands."""
    values = [function(a, b) for a, b in product((first.low, first.high), (second.low, second.high))]
    return Ranges(np.minimum.reduce(values), np.maximum.reduce(values))


def taken(tensor: Tensor, axis: int, kept: Flags) -> Tensor:
    """A constant with some of its places along an axis, and their scales."""
    axis %= len(tensor.shape)
    data = np.compress(kept, np.asarray(tensor.data), axis=axis)
    quant = tensor.quant
    if quant is not None and quant.is_per_channel and quant.axis == axis:
        quant = replace(quant, scales=quant.scales[kept], zero_points=quant.zero_points[kept])
    return replace(tensor, data=data, shape=data.shape, shape_signature=data.shape, quant=quant)
