"""What an operator with weights multiplies them by: rows of its input, and its weights in the same order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edgeq.converter.params import Array, Floats
from edgeq.graph import Graph, Operator, OptionValue
from edgeq.graph.shapes import padding_before

WITH_ROWS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
MOST_COLUMNS = 1024
"""Columns that are treated together; a wider operator is split into parts of equal width."""


@dataclass(frozen=True)
class Layout:
    """How one operator's inputs and weights become rows of columns, in independent groups.

    A convolution is one group, a depthwise convolution one for each input channel. A row of a group holds
    what one output position sees, a row of weights what one output channel has. Groups of a split operator
    are parts of the columns instead, and all outputs belong to each of them.

    Attributes:
        tensor: the input's index.
        kind: the operator's name in the schema.
        groups, columns: the shape of a row.
        split: whether the groups are parts of the columns.
        kernel, stride, dilation: (vertical, horizontal); of convolutions.
        pad: zeros above and on the left.
        positions: (vertical, horizontal) outputs.
    """

    tensor: int
    kind: str
    groups: int
    columns: int
    split: bool = False
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    pad: tuple[int, int] = (0, 0)
    positions: tuple[int, int] = (1, 1)

    def rows(self, values: Floats, rng: np.random.Generator, most: int) -> Floats:
        """At most ``most`` rows of one sample's input, float32 [n, groups, columns]; a copy."""
        if self.kind == "FULLY_CONNECTED":
            rows = values.reshape(-1, self.groups * self.columns)
            chosen = _choose(len(rows), rng, most)
            return np.array(rows[chosen].reshape(-1, self.groups, self.columns))
        seen = self._patches(values[0], _choose(self.positions[0] * self.positions[1], rng, most))
        if self.kind == "DEPTHWISE_CONV_2D":
            seen = np.moveaxis(seen, -1, 1)
        elif not self.split:
            seen = np.moveaxis(seen.reshape(*seen.shape[:3], self.groups, -1), 3, 1)
        return np.ascontiguousarray(seen.reshape(len(seen), self.groups, self.columns))

    def _patches(self, image: Floats, chosen: Array) -> Floats:
        """What some output positions see of [height, width, channels]: [n, kernel, kernel, channels]."""
        axes = []
        for axis, where in enumerate(np.divmod(chosen, self.positions[1])):
            taps = np.arange(self.kernel[axis]) * self.dilation[axis] - self.pad[axis]
            axes.append(where[:, None] * self.stride[axis] + taps)
        inside = [(at >= 0) & (at < size) for at, size in zip(axes, image.shape, strict=False)]
        down, across = (at.clip(0, size - 1) for at, size in zip(axes, image.shape, strict=False))
        seen: Floats = image[down[:, :, None], across[:, None, :]]
        seen *= (inside[0][:, :, None] & inside[1][:, None, :])[..., None]
        return seen

    def weights(self, values: Array) -> Array:
        """A model's weights, or anything of their shape, as [groups, outputs of a group, columns]."""
        if self.kind == "DEPTHWISE_CONV_2D":
            grouped = values.reshape(self.columns, self.groups, -1)
            return np.ascontiguousarray(grouped.transpose(1, 2, 0))
        if self.split:
            return np.ascontiguousarray(values.reshape(-1, self.groups, self.columns).swapaxes(0, 1))
        return values.reshape(self.groups, -1, self.columns)

    def back(self, grouped: Array, shape: tuple[int, ...]) -> Array:
        """The inverse of :meth:`weights`."""
        if self.kind == "DEPTHWISE_CONV_2D":
            grouped = grouped.transpose(2, 0, 1)
        elif self.split:
            grouped = grouped.swapaxes(0, 1)
        return np.ascontiguousarray(grouped.reshape(shape))

    def outputs(self, values: Array) -> Array:
        """What each output channel has, as [groups, outputs of a group]."""
        if self.split:
            return np.broadcast_to(values, (self.groups, len(values)))
        return values.reshape(self.groups, -1)

    def channels(self, grouped: Floats) -> Floats:
        """The sum for each output channel of [groups, outputs of a group]."""
        summed: Floats = grouped.sum(axis=0) if self.split else grouped.reshape(-1)
        return summed


def layout(graph: Graph, op: Operator) -> Layout | None:
    """The rows of a convolution or fully connected operator with constant weights; None for any other."""
    if op.opcode not in WITH_ROWS or graph[op.inputs[0]].is_constant or not graph[op.inputs[1]].is_constant:
        return None
    if op.opcode == "FULLY_CONNECTED":
        wide = graph[op.inputs[1]].shape[-1]
        groups = _parts(wide)
        return Layout(op.inputs[0], op.opcode, groups, wide // groups, split=groups > 1)
    source, weights, output = graph[op.inputs[0]].shape, graph[op.inputs[1]].shape, graph[op.outputs[0]].shape
    if source[0] != 1:
        return None
    kernel, deep = (weights[1], weights[2]), weights[3]
    if op.opcode == "DEPTHWISE_CONV_2D":
        groups, columns, split = source[3], kernel[0] * kernel[1], False
    else:
        groups, columns, split = source[3] // deep, kernel[0] * kernel[1] * deep, False
        if groups == 1 and columns > MOST_COLUMNS:
            groups, split = _parts(columns), True
            columns //= groups
    options = op.options
    stride = _number(options, "stride_h"), _number(options, "stride_w")
    dilation = _number(options, "dilation_h_factor"), _number(options, "dilation_w_factor")
    pad = [0, 0]
    if options.get("padding", "SAME") == "SAME":
        for axis in (0, 1):
            reach = (kernel[axis] - 1) * dilation[axis] + 1
            pad[axis] = padding_before(source[1 + axis], output[1 + axis], reach, stride[axis])
    positions = (output[1], output[2])
    return Layout(
        op.inputs[0], op.opcode, groups, columns, split, kernel, stride, dilation, (pad[0], pad[1]), positions
    )


def _number(options: Mapping[str, OptionValue], name: str) -> int:
    """An option that is 1 where the file leaves it out."""
    value = options.get(name)
    return value if isinstance(value, int) and value else 1


def _parts(wide: int) -> int:
    """The fewest parts of equal width, none wider than MOST_COLUMNS."""
    return next(parts for parts in range(-(-wide // MOST_COLUMNS), wide + 1) if wide % parts == 0)


def _choose(count: int, rng: np.random.Generator, most: int) -> Array:
    return np.arange(count) if count <= most else rng.choice(count, most, replace=False)
