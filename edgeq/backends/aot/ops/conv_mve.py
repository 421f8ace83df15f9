"""Convolutions on Helium: sixteen inputs a vector, two pixels and four channels at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from edgeq.backends.aot.families import MVE
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import conv_bands_mve, costs, costs_mve, mac, requantize_mve
from edgeq.backends.aot.ops.geometry import Geometry, has_rows
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.ops.requantize_mve import Lanes
from edgeq.backends.aot.ops.streams import VECTOR, pack, stream
from edgeq.backends.aot.step import Constant, Step, Value
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

_WINDOW_BYTES = 3072
"""Of scratch for the windows of a row's pixels, where two pixels do not take more."""
FOUR = 4
"""Channels whose sums, and whose requantization, go together."""


@dataclass(frozen=True, eq=False)
class VectorConvolution:
    """A convolution with double rounding.

    Attributes:
        layer: the operator's tensors.
        geometry: where its windows lie.
        weights: int64 [output channels, inputs of a group].
        groups: into which the input's and the output's channels are divided.
        title: of the step.
    """

    layer: Layer
    geometry: Geometry
    weights: Ints
    groups: int
    title: str

    def candidates(self, graph: Graph, index: int, target: Target, rounding: Rounding) -> Iterator[Candidate]:
        """The kernels for an operator, if there are any for its numbers."""
        demand = self.layer.demand(self.weights, rounding)
        lanes = requantize_mve.twice(demand, mac.folded_bias(self.weights, self.layer))
        if rounding != "double" or lanes is None:
            return
        yield self._candidate(graph, index, target, lanes=lanes, form=self._by_windows(lanes))
        if conv_bands_mve.fits(self.geometry, len(self.weights), self.groups):
            yield self._candidate(graph, index, target, lanes=lanes, form=self._by_bands(lanes))

    def _candidate(self, graph: Graph, index: int, target: Target, *, lanes: Lanes, form: _Form) -> Candidate:
        kernel = mac.kernel(form.stem, MVE, lanes.form)
        instructions = costs.instructions(form.work, MVE, lanes.form, target)
        make = partial(self._step, graph, index, kernel=kernel, lanes=lanes, form=form)
        rows = 0 if has_rows(graph, index) else None
        return Candidate(kernel, MVE, instructions, form.scratch, make, form.code, rows)

    def _by_windows(self, lanes: Lanes) -> _Form:
        geometry, groups, room = self.geometry, self.groups, self._room()
        channels, inputs = self.weights.shape
        group_channels = geometry.input_channels // groups
        params: dict[str, Value] = {
            **geometry.params,
            "output_channels": channels,
            "groups": groups,
            "group_channels": group_channels,
            "row_bytes": geometry.kernel_width * group_channels,
            "pixels": room.pixels,
            "line": room.line,
            "depth": mac.round_up(inputs, VECTOR),
        }
        work = costs_mve.conv(geometry, channels, inputs, groups, together=room.pixels, line=room.line)
        return _Form("conv", params, room.scratch, work, lambda: self._filters(lanes))

    def _by_bands(self, lanes: Lanes) -> _Form:
        geometry, channels = self.geometry, len(self.weights)
        return _Form(
            "conv_bands",
            conv_bands_mve.params(geometry, channels),
            conv_bands_mve.scratch(geometry),
            costs_mve.conv_bands(geometry, channels),
            lambda: conv_bands_mve.filters(geometry, self.weights, lanes),
            conv_bands_mve.CODE,
        )

    def _room(self) -> _Room:
        """Pixels of the input as they lie, the last of them copied; else the windows of a part of a row."""
        geometry, depth = self.geometry, mac.round_up(self.weights.shape[1], VECTOR)
        step = geometry.stride_width * geometry.input_channels
        if geometry.is_pointwise:
            return _Room(0, 0, 2 * (depth + step) + VECTOR)
        pitch = depth + VECTOR  # a copy may write a vector too much
        pixels = min(max(_WINDOW_BYTES // pitch & ~1, 2), mac.round_up(geometry.output_width, 2))
        line = (pixels - 1) * geometry.stride_width
        line += (geometry.kernel_width - 1) * geometry.dilation_width + 1
        return _Room(pixels, line, line * geometry.input_channels + VECTOR + pixels * pitch)

    def _step(self, graph: Graph, index: int, *, kernel: str, lanes: Lanes, form: _Form) -> Step:
        geometry, op = self.geometry, graph.operators[index]
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type=f"edgeq_{form.stem}_mve_params",
            params={
                "filters": "filters",
                **form.params,
                "input_zero_point": self.layer.input_zero_point,
                "output_min": lanes.limits[0],
                "output_max": lanes.limits[1],
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c",),
            constants=(form.filters(),),
            scratch=form.scratch,
            macs=geometry.output_height * geometry.output_width * self.weights.size,
            rows=geometry.rows if has_rows(graph, index) else None,
        )

    def _filters(self, lanes: Lanes) -> Constant:
        blocks = []
        of_group = np.array_split(np.arange(len(self.weights)), self.groups)
        for group in of_group:
            channels = _fours(group)
            table = Lanes(lanes.limits, lanes.form, lanes.rows[:, channels]).by(FOUR)
            blocks += [*zip(table[:, :1], pack(self.weights[channels], FOUR), table[:, 1:], strict=True)]
        return Constant(
            "filters",
            "int8_t",
            np.concatenate([stream(*block) for block in blocks]),
            f"by {FOUR} channels: int32 bias, weights by {VECTOR} inputs, int32 multiplier, addend, shift",
        )


@dataclass(frozen=True, eq=False)
class _Form:
    """One way to do it: the kernel's stem and parameters, bytes of scratch, cost, weights, bytes of code."""

    stem: str
    params: Mapping[str, Value]
    scratch: int
    work: tuple[costs.Work, ...]
    filters: Callable[[], Constant]
    code: int = 0


@dataclass(frozen=True)
class _Room:
    """Pixels whose windows are copied together; pixels of the input's row under them; bytes of scratch."""

    pixels: int
    line: int
    scratch: int


def _fours(channels: Ints) -> Ints:
    """Channels by fours; the last begins before the one before has ended, where they are not whole."""
    whole = len(channels) // FOUR * FOUR
    if whole in (0, len(channels)):
        return channels
    return np.concatenate([channels[:whole], channels[-FOUR:]])
