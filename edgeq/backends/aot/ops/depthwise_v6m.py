"""Depthwise 3x3 where a product of words is one word: a channel's plane as words, four columns at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from edgeq.backends.aot.families import V6M
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, costs_v6m, mac, requantize_v6m
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.ops.requantize_v6m import Rows
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

_BAND_BYTES = (1024, 4096, 16384)
"""Of scratch, from which to choose: the more, the fewer rows are filled in twice."""
_BEHIND = 8
"""Words behind a plane; EDGEQ_PLANE_BEHIND in C."""
_CODE = 1600
"""Bytes of the kernel, about."""


@dataclass(frozen=True, eq=False)
class PlaneDepthwise:
    """A depthwise convolution of 3x3 with equal strides of 1 or 2.

    Attributes:
        layer, geometry, title: as of every convolution.
        weights: int64 [channels, 9].
    """

    layer: Layer
    geometry: Geometry
    weights: Ints
    title: str

    def candidates(self, graph: Graph, index: int, target: Target, rounding: Rounding) -> Iterator[Candidate]:
        """The kernel for some bands, where there is a filter a channel and its numbers are for it."""
        if not V6M.fits(target) or len(self.weights) != self.geometry.input_channels:
            return
        demand = self.layer.demand(self.weights, rounding)
        rows = requantize_v6m.plan(demand, mac.folded_bias(self.weights, self.layer))
        if rows is None:
            return
        kernel = mac.kernel("depthwise_3x3", V6M, rows.form)
        transposed = self.geometry.output_height > self.geometry.output_width
        geometry = self.geometry.transposed if transposed else self.geometry
        for band in dict.fromkeys(_bands(geometry)):
            work = costs_v6m.depthwise_3x3(geometry, band.rows, band.columns)
            cost = costs.instructions(work, V6M, rows.form, target)
            make = partial(
                self._step, graph, index, kernel=kernel, rows=rows, band=band, transposed=transposed
            )
            yield Candidate(kernel, V6M, cost, band.scratch, make, _CODE)

    def _step(
        self, graph: Graph, index: int, *, kernel: str, rows: Rows, band: _Band, transposed: bool
    ) -> Step:
        g, channels = self.geometry, len(self.weights)
        input_steps = (g.input_width * channels, channels)
        output_steps = (g.output_width * channels, channels)
        windows = self.weights.reshape(-1, 3, 3)
        if transposed:
            g, windows = g.transposed, windows.transpose(0, 2, 1)
            input_steps, output_steps = input_steps[::-1], output_steps[::-1]
        op = graph.operators[index]
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type="edgeq_depthwise_3x3_v6m_params",
            params={
                "weights": "weights",
                "requant": "requant",
                "channels": channels,
                "input_height": g.input_height,
                "input_width": g.input_width,
                "output_height": g.output_height,
                "output_width": g.output_width,
                "stride": g.stride_width,
                "pad_top": g.pad_top,
                "pad_left": g.pad_left,
                "input_row": input_steps[0],
                "input_column": input_steps[1],
                "output_row": output_steps[0],
                "output_column": output_steps[1],
                "columns": band.columns,
                "band": band.rows,
                "input_zero_point": self.layer.input_zero_point,
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c",),
            constants=(
                Constant("weights", "int8_t", windows.astype(np.int8).reshape(-1), "[channel][row][column]"),
                rows.constant,
            ),
            scratch=band.scratch,
            macs=g.output_height * g.output_width * self.weights.size,
            code=_CODE,
        )


@dataclass(frozen=True)
class _Band:
    """Output rows from one filling of the scratch, columns of a row of a plane, bytes of scratch."""

    rows: int
    columns: int
    scratch: int


def _bands(geometry: Geometry) -> Iterator[_Band]:
    """The bands to choose from; their scratch as edgeq_depthwise_3x3_v6m_scratch says beside the kernel."""
    g = geometry
    shares = g.pad_left > 0 and g.output_width + 1 - g.pad_left >= g.input_width
    columns = g.output_width + (1 if g.stride_width > 1 or shares else 2)
    planes, more = (1, 2) if g.stride_width == 1 else (4, 1)
    for most in _BAND_BYTES:
        words = most // 4 // planes - _BEHIND
        rows = min(max(words // columns - more, 1), g.output_height)
        yield _Band(rows, columns, 4 * planes * ((rows + more) * columns + _BEHIND))
