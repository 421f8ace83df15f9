"""Convolutions on Armv7-M without the DSP extension: two pixels in a word, so that one product does two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from edgeq.backends.aot.families import V7M
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, requantize
from edgeq.backends.aot.ops.geometry import Geometry, has_rows
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Requantization, Rounding
from edgeq.backends.aot.ops.segments import Segments
from edgeq.backends.aot.step import Constant, Rows, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

_BLOCK = 8
"""Pixels that are done at once."""


@dataclass(frozen=True, eq=False)
class WordConvolution:
    """Such a convolution.

    Attributes:
        layer, geometry, groups, rounding, title: as of every convolution.
        weights: int64 [output channels, inputs of a group].
    """

    layer: Layer
    geometry: Geometry
    weights: Ints
    groups: int
    rounding: Rounding
    title: str

    def candidates(self, graph: Graph, index: int, target: Target) -> Iterator[Candidate]:
        """The kernel, where rows of windows lie as they are in the input, and the fast forms are exact."""
        pixels = self.geometry.output_height * self.geometry.output_width
        if not V7M.fits(target) or self.groups > 1 or self.geometry.dilation_width > 1 or pixels < _BLOCK:
            return
        affine = requantize.affine(self.layer.demand(self.weights, self.rounding))
        if affine is None:
            return
        channels, inputs = self.weights.shape
        segments = Segments.of(self.weights)
        kernel = mac.kernel("conv", V7M, affine.form)
        work = costs.conv_v7m(self.geometry.joined, channels, inputs, segments.total)
        cost = costs.instructions(work, V7M, affine.form, target, bounded=affine.is_bounded)
        scratch = _scratch(inputs, segments.most)
        make = partial(self._step, graph, index, kernel=kernel, affine=affine, segments=segments)
        rows = 0 if has_rows(graph, index) and self._rows is not None else None
        yield Candidate(kernel, V7M, cost, scratch, make, rows=rows)

    def _step(
        self, graph: Graph, index: int, *, kernel: str, affine: Requantization, segments: Segments
    ) -> Step:
        layer, geometry = self.layer, self.geometry.joined
        channels, inputs = self.weights.shape
        params = {name: value for name, value in geometry.params.items() if name != "dilation_width"}
        op = graph.operators[index]
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type="edgeq_conv_v7m_params",
            params={
                "weights": "weights",
                "bias": "bias",
                "requant": "requant",
                **params,
                "output_channels": channels,
                "depth": inputs,
                "segments": segments.most,
                "input_zero_point": layer.input_zero_point,
                "output_min": affine.limits[0],
                "output_max": affine.limits[1],
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c",),
            constants=(
                Constant("weights", "int8_t", segments.stream, "segments: weights less one, the weights"),
                Constant(
                    "bias",
                    "int32_t",
                    segments.bias(mac.folded_bias(self.weights, layer) - affine.base),
                    "of a word's low and high pixel, times 256, the input's zero point folded in",
                ),
                mac.requant_constant(affine, affine.form),
            ),
            scratch=_scratch(inputs, segments.most),
            macs=geometry.output_height * geometry.output_width * self.weights.size,
            rows=self._rows if has_rows(graph, index) else None,
        )

    @property
    def _rows(self) -> Rows | None:
        """How it makes some rows, where each has pixels enough."""
        width = self.geometry.output_width
        if width < _BLOCK:
            return None
        if self.geometry.joined is self.geometry:
            return self.geometry.rows
        return Rows(heights=None, counts=(("input_width", width), ("output_width", width)))


def _scratch(inputs: int, segments: int) -> int:
    """As edgeq_conv_v7m_scratch says beside the kernel."""
    return 16 * (inputs + segments - 1) + 2 * mac.round_up(inputs, 4)
