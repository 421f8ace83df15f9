"""Convolutions where a product of words is one word: two pixels in a word, eight pixels at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

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

PIXELS = 8
_SIXTEEN = 16
"""Inputs that the kernel goes over in a row."""
_WORDS = 5
"""Of an input of eight pixels."""
_UNSIGNED = 128
"""What is added to a weight, so that LDRB takes it."""
_IN_SPANS = 1 << 24
"""In the first word of a row of the table: sums are taken apart span by span."""
_REACH = 7 << 16
"""Of a span's sums of products: digits of four bits tell what their halves of a word lack."""


@dataclass(frozen=True, eq=False)
class PackedConvolution:
    """A convolution of at least eight pixels; attributes as of every convolution."""

    layer: Layer
    geometry: Geometry
    weights: Ints
    groups: int
    title: str

    def candidates(self, graph: Graph, index: int, target: Target, rounding: Rounding) -> Iterator[Candidate]:
        """The kernel for an operator, if there is one for its numbers."""
        geometry = self._windows
        if not V6M.fits(target) or geometry.output_height * geometry.output_width < PIXELS:
            return
        demand = self.layer.demand(self.weights, rounding)
        rows = requantize_v6m.plan(demand, mac.folded_bias(self.weights, self.layer))
        if rows is None:
            return
        kernel = mac.kernel("conv", V6M, rows.form)
        span = _span(self.weights)
        apart = int(_reaches_far(self.weights).sum()) * -(-self.weights.shape[1] // span)
        work = costs_v6m.conv(geometry, self.weights, self.groups, apart)
        cost = costs.instructions(work, V6M, rows.form, target)
        scratch = self._scratch(span)
        make = partial(self._step, graph, index, kernel=kernel, rows=rows, span=span, scratch=scratch)
        yield Candidate(kernel, V6M, cost, scratch, make)

    @property
    def _windows(self) -> Geometry:
        """The geometry, without what makes no difference to a window of one."""
        g = self.geometry.joined
        return replace(
            g,
            dilation_height=g.dilation_height if g.kernel_height > 1 else 1,
            dilation_width=g.dilation_width if g.kernel_width > 1 else 1,
        )

    def _scratch(self, span: int) -> int:
        """As edgeq_conv_v6m_scratch says beside the kernel."""
        depth = int(self.weights.shape[1])
        row = depth // self._windows.kernel_height
        begins = 1 if span == depth else 1 - (-depth // span)
        inside = self.geometry.is_pointwise and self.groups == 1
        return 4 * _WORDS * (begins + depth) + (0 if inside else PIXELS * row)

    def _step(self, graph: Graph, index: int, *, kernel: str, rows: Rows, span: int, scratch: int) -> Step:
        geometry, groups = self._windows, self.groups
        channels, inputs = self.weights.shape
        group_channels = geometry.input_channels // groups
        op = graph.operators[index]
        table = rows.table.copy()
        table[:, 0] |= np.where(_reaches_far(self.weights), _IN_SPANS, 0)
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type="edgeq_conv_v6m_params",
            params={
                "weights": "weights",
                "requant": "requant",
                **geometry.params,
                "output_channels": channels,
                "groups": groups,
                "group_channels": group_channels,
                "row_bytes": geometry.kernel_width * group_channels,
                "contiguous": int(groups == geometry.dilation_height == geometry.dilation_width == 1),
                "depth": inputs,
                "span": span,
                "input_zero_point": self.layer.input_zero_point,
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c",),
            constants=(
                Constant(
                    "weights",
                    "uint8_t",
                    (self.weights + _UNSIGNED).astype(np.uint8).reshape(-1),
                    f"[{channels}][{inputs}], each 128 more than it is",
                ),
                replace(rows, table=table).constant,
            ),
            scratch=scratch,
            macs=geometry.output_height * geometry.output_width * channels * inputs,
        )


def _reaches_far(weights: Ints) -> npt.NDArray[np.bool_]:
    """[channels]: whose sums have to be taken apart more than once."""
    found: npt.NDArray[np.bool_] = 128 * np.abs(weights).sum(axis=1) > _REACH
    return found


def _span(weights: Ints) -> int:
    """Inputs, all or a multiple of sixteen, of which no channel's sum reaches too far."""
    inputs = span = int(weights.shape[1])
    while 128 * np.add.reduceat(np.abs(weights), np.arange(0, inputs, span), axis=1).max() > _REACH:
        span = mac.round_up(span // 2, _SIXTEEN)
    return span
