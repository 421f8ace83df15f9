"""Convolutions where a product of words is one word: two pixels in a word, eight pixels at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.families import V6M
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, requantize_v6m
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.ops.requantize_v6m import Rows
from edgeq.backends.aot.ops.segments import cuts
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

PIXELS = 8
_CHANNELS = 16
"""Whose weights for an input lie in a row, padded with zeros."""
_MORE = 7
"""Inputs that a step code 0 stands for; EDGEQ_EIGHTS_MORE in C."""
_LOWEST = -0x7FFF
"""Of the sums of a segment: one of -0x8000 in both halves of a word would leave the word."""


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
        codes = [code for channel in self.weights for code in _codes(channel)]
        sevens = codes.count(0)
        work = costs.conv_v6m(geometry, self.weights, self.groups, len(codes) - sevens, sevens)
        cost = costs.instructions(work, V6M, rows.form, target)
        scratch = self._scratch()
        make = partial(self._step, graph, index, kernel=kernel, rows=rows, codes=codes, scratch=scratch)
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

    def _scratch(self) -> int:
        """As edgeq_conv_v6m_scratch says beside the kernel."""
        depth = int(self.weights.shape[1])
        inside = self.geometry.is_pointwise and self.groups == 1
        return 2 * PIXELS * depth + (0 if inside else 2 * mac.round_up(depth, 4))

    def _step(
        self, graph: Graph, index: int, *, kernel: str, rows: Rows, codes: list[int], scratch: int
    ) -> Step:
        geometry, groups = self._windows, self.groups
        channels, inputs = self.weights.shape
        group_channels = geometry.input_channels // groups
        op = graph.operators[index]
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type="edgeq_conv_v6m_params",
            params={
                "weights": "weights",
                "steps": "steps",
                "requant": "requant",
                **geometry.params,
                "output_channels": channels,
                "groups": groups,
                "group_channels": group_channels,
                "row_bytes": geometry.kernel_width * group_channels,
                "contiguous": int(groups == geometry.dilation_height == geometry.dilation_width == 1),
                "depth": inputs,
                "input_zero_point": self.layer.input_zero_point,
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c",),
            constants=(
                Constant(
                    "weights",
                    "int8_t",
                    np.concatenate([_sixteens(one) for one in self.weights.reshape(groups, -1, inputs)]),
                    f"by {_CHANNELS} output channels: [{inputs}][{_CHANNELS}]",
                ),
                Constant(
                    "steps",
                    "uint8_t",
                    np.array(codes, np.uint8),
                    "inputs that are summed at a time, channel by channel",
                ),
                rows.constant,
            ),
            scratch=scratch,
            macs=geometry.output_height * geometry.output_width * channels * inputs,
        )


def _sixteens(weights: Ints) -> npt.NDArray[np.int8]:
    """[channels, inputs] weights as int8 [sixteens of channels][inputs][16]."""
    channels, inputs = weights.shape
    padded = np.zeros((mac.round_up(channels, _CHANNELS), inputs), np.int8)
    padded[:channels] = weights
    return np.ascontiguousarray(padded.reshape(-1, _CHANNELS, inputs).transpose(0, 2, 1)).reshape(-1)


def _codes(weights: Ints) -> list[int]:
    """The runs of a channel as edgeq_eights.h says."""
    codes = []
    starts = [*cuts(weights.tolist(), lowest=_LOWEST, longest=len(weights)), len(weights)]
    for start, end in pairwise(starts):
        length = end - start
        more = (length - 2) // _MORE if length > _MORE + 2 else 0
        left = length - more * _MORE
        codes += [0] * more + [2 + 20 * (_MORE + 2 - left)]
    return codes
