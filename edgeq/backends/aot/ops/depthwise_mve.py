"""Depthwise convolutions on Helium: 3x3 by patches of 4x4, any shape by sixteen channels at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from edgeq.backends.aot.families import MVE
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, costs_mve, mac, requantize_mve
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize_mve import Lanes
from edgeq.backends.aot.ops.streams import VECTOR, stream
from edgeq.backends.aot.step import Constant, Rows, Step, Value
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

_POINTER = 4
"""Bytes of a pointer, where there is Helium."""
_PATCHES_CODE = 1230
"""Bytes of the code of the kernel by patches; the one for any shape is there beside."""
_LINES = 4
"""Of the input, which lie byte by byte."""
_MOST_OF_TWO = 255
"""Of two weights, taken positive: times 128 they fit a halfword."""
_LANES = (0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15)
"""The channels in the order of the sums' lanes, four vectors."""


@dataclass(frozen=True, eq=False)
class VectorDepthwise:
    """A depthwise convolution with double rounding: weights int64 [channels, taps]; the step's title."""

    layer: Layer
    geometry: Geometry
    weights: Ints
    title: str

    def candidates(self, graph: Graph, index: int, target: Target) -> Iterator[Candidate]:
        """The kernels for an operator, if there are any for its numbers."""
        bias = mac.folded_bias(self.weights, self.layer)
        lanes = requantize_mve.twice(self.layer.demand(self.weights, "double"), bias)
        geometry = self.geometry
        if lanes is None or len(self.weights) != geometry.input_channels:
            return
        taps = self.weights.shape[1]
        if _is_patched(geometry):
            kernel = mac.kernel("depthwise_3x3", MVE, lanes.form)
            scratch = VECTOR + VECTOR * _LINES * _positions(geometry)
            work = costs_mve.depthwise_3x3(geometry, len(self.weights))
            make = partial(self._patched, graph, index, kernel, scratch, lanes)
            instructions = costs.instructions(work, MVE, lanes.form, target)
            yield Candidate(kernel, MVE, instructions, scratch, make, _PATCHES_CODE)
        if _most_of_two(self.weights) <= _MOST_OF_TWO:
            kernel = mac.kernel("depthwise", MVE, lanes.form)
            scratch = _POINTER * mac.round_up(taps, 2) + mac.round_up(geometry.input_channels, 4)
            work = costs_mve.depthwise(geometry, len(self.weights))
            make = partial(self._by_sixteens, graph, index, kernel, scratch, lanes)
            instructions = costs.instructions(work, MVE, lanes.form, target)
            yield Candidate(kernel, MVE, instructions, scratch, make, rows=0)

    def _patched(self, graph: Graph, index: int, kernel: str, scratch: int, lanes: Lanes) -> Step:
        """By patches, along the longer side of the output."""
        g = self.geometry
        channels = g.input_channels
        upright = g.output_height > g.output_width
        sizes = (
            ("input", g.input_height, g.input_width),
            ("output", g.output_height, g.output_width),
            ("pad", g.pad_top, g.pad_left),
        )
        params: dict[str, Value] = {
            "filters": "filters",
            "channels": channels,
            "stride": g.stride_width,
            "positions": _positions(g),
        }
        for name, down, right in sizes:
            params[f"{name}_along"], params[f"{name}_across"] = (down, right) if upright else (right, down)
        for name, width in (("input", g.input_width), ("output", g.output_width)):
            pitch = width * channels
            params[f"{name}_step"], params[f"{name}_pitch"] = (
                (pitch, channels) if upright else (channels, pitch)
            )
        windows = self.weights.reshape(-1, 3, 3)
        by_position = windows if upright else windows.transpose(0, 2, 1)
        columns = np.zeros((channels, 3, _LINES), np.int8)
        columns[:, :, :3] = by_position
        filters = Constant(
            "filters",
            "int8_t",
            np.concatenate([stream(*both) for both in zip(columns, lanes.by(1), strict=True)]),
            "by channel: weights of 3 lines and a zero at 3 positions, int32 bias, multiplier, addend, shift",
        )
        return self._step(graph, index, kernel, scratch=scratch, lanes=lanes, params=params, filters=filters)

    def _by_sixteens(self, graph: Graph, index: int, kernel: str, scratch: int, lanes: Lanes) -> Step:
        """By sixteen channels, tap after tap."""
        channels, taps = self.weights.shape
        padded = np.zeros((mac.round_up(channels, VECTOR), mac.round_up(taps, 2)), np.int8)
        padded[:channels, :taps] = self.weights
        blocks = padded.reshape(-1, VECTOR, padded.shape[1]).transpose(0, 2, 1)
        tables = lanes.by(VECTOR)[:, :, _LANES].reshape(len(blocks), 4, 4, 4).transpose(0, 2, 1, 3)
        filters = Constant(
            "filters",
            "int8_t",
            np.concatenate([stream(*both) for both in zip(blocks, tables, strict=True)]),
            f"by {VECTOR} channels: weights by taps, then int32 bias, multiplier, addend, shift by lanes",
        )
        params: dict[str, Value] = {"filters": "filters", **self.geometry.params}
        rows = self.geometry.rows
        return self._step(
            graph, index, kernel, scratch=scratch, lanes=lanes, params=params, filters=filters, rows=rows
        )

    def _step(
        self,
        graph: Graph,
        index: int,
        kernel: str,
        *,
        scratch: int,
        lanes: Lanes,
        params: Mapping[str, Value],
        filters: Constant,
        rows: Rows | None = None,
    ) -> Step:
        op, geometry = graph.operators[index], self.geometry
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type=f"{kernel.partition('_s8')[0]}_params",
            params={
                **params,
                "input_zero_point": self.layer.input_zero_point,
                "output_min": lanes.limits[0],
                "output_max": lanes.limits[1],
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c",),
            constants=(filters,),
            scratch=scratch,
            macs=geometry.output_height * geometry.output_width * self.weights.size,
            rows=rows,
        )


def _is_patched(geometry: Geometry) -> bool:
    """Whether it is 3x3, of equal strides 1 or 2, with outputs enough each way."""
    across, along = sorted((geometry.output_height, geometry.output_width))
    return (
        (geometry.kernel_height, geometry.kernel_width) == (3, 3)
        and geometry.dilation_height == geometry.dilation_width == 1
        and geometry.stride_height == geometry.stride_width
        and ((geometry.stride_width == 1 and across >= 2) or (geometry.stride_width == 2 and along >= 4))
    )


def _positions(geometry: Geometry) -> int:
    """Of the input, under a line of outputs along the longer side; a patch has one more than a window."""
    return max(geometry.output_height, geometry.output_width) * geometry.stride_width + 2


def _most_of_two(weights: Ints) -> int:
    """The largest sum of two weights of a channel that are taken together, taken positive."""
    padded = np.zeros((len(weights), mac.round_up(weights.shape[1], 2)), np.int64)
    padded[:, : weights.shape[1]] = np.abs(weights)
    return int((padded[:, 0::2] + padded[:, 1::2]).max(initial=0))
