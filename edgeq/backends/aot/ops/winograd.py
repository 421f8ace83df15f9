"""A 3x3 convolution by Winograd's F(4x4, 3x3): a quarter of the products, for scratch; docs/kernels.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from edgeq.backends.aot.families import DSP, V7M
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, requantize
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Requantization, Rounding
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

_POSITIONS = 36
_SUMS = 8
_TILES = 4
"""Of a block."""
_SHIFTED = 128
"""What the kernels add to every input, so that its bytes are numbers from 0 to 255."""
_BLOCKS = (1, 2)
"""Whose inputs are transformed before a filter is."""
_CODE = 3000
"""Bytes of a kernel, about."""


@dataclass(frozen=True, eq=False)
class Winograd:
    """Such a convolution.

    Attributes:
        layer, geometry, rounding, title: as of every convolution.
        weights: int64 [output channels, 9 * input channels].
    """

    layer: Layer
    geometry: Geometry
    weights: Ints
    rounding: Rounding
    title: str

    @property
    def can_do(self) -> bool:
        """Whether the kernel takes its shape."""
        g = self.geometry
        steps = (g.stride_height, g.stride_width, g.dilation_height, g.dilation_width)
        return (
            (g.kernel_height, g.kernel_width) == (3, 3)
            and steps == (1, 1, 1, 1)
            and self.weights.shape[1] == 9 * g.input_channels
            and g.input_channels % 4 == 0
            and len(self.weights) % 2 == 0
        )

    def candidates(self, graph: Graph, index: int, target: Target) -> Iterator[Candidate]:
        """One for each number of blocks, where the fast forms are exact."""
        affine = requantize.affine(self.layer.demand(self.weights, self.rounding)) if self.can_do else None
        if affine is None:
            return
        rows, across = (
            costs.tiles(size) for size in (self.geometry.output_height, self.geometry.output_width)
        )
        for family, blocks in product((DSP, V7M), _BLOCKS):
            if blocks > 1 and _TILES * blocks // 2 >= rows * across:
                continue  # the one before holds all tiles
            carry = self._carry(_TILES * blocks, across)
            form = affine.form
            kernel = mac.kernel("conv_winograd", family, form)
            scratch = _scratch(self.geometry.input_channels, blocks) + carry
            work = costs.winograd(self.geometry, len(self.weights), blocks)
            cost = costs.instructions(work, family, form, target, bounded=affine.is_bounded)
            make = partial(
                self._step,
                graph,
                index,
                kernel=kernel,
                blocks=blocks,
                carry=carry,
                scratch=scratch,
                requantization=affine,
            )
            yield Candidate(kernel, family, cost, scratch, make, _CODE)

    def _carry(self, tiles: int, across: int) -> int:
        """Bytes of the input row that is saved where outputs lie over inputs; 0 where they cannot.

        They can where what is done at once are whole rows of tiles, and each has as many bytes as its inputs.
        """
        g = self.geometry
        alike = (g.input_height, g.input_width, g.input_channels) == (
            g.output_height,
            g.output_width,
            len(self.weights),
        )
        return g.input_width * g.input_channels if alike and tiles % across == 0 else 0

    def _step(
        self,
        graph: Graph,
        index: int,
        *,
        kernel: str,
        blocks: int,
        carry: int,
        scratch: int,
        requantization: Requantization,
    ) -> Step:
        layer, geometry, weights = self.layer, self.geometry, self.weights
        channels, inputs = weights.shape
        bias = mac.folded_bias(weights, layer) - requantization.base - _SHIFTED * weights.sum(axis=1)
        packed = weights.reshape(channels, 9, -1, 4).transpose(0, 2, 1, 3).astype(np.int8).reshape(-1)
        op = graph.operators[index]
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type="edgeq_winograd_params",
            params={
                "weights": "weights",
                "bias": "bias",
                "requant": "requant",
                "input_height": geometry.input_height,
                "input_width": geometry.input_width,
                "input_channels": geometry.input_channels,
                "output_height": geometry.output_height,
                "output_width": geometry.output_width,
                "output_channels": channels,
                "pad_top": geometry.pad_top,
                "pad_left": geometry.pad_left,
                "input_zero_point": layer.input_zero_point,
                "output_min": requantization.limits[0],
                "output_max": requantization.limits[1],
                "blocks": blocks,
                "carry": carry,
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c",),
            constants=(
                Constant("weights", "int8_t", packed, "[output channel][input channels / 4][tap][4]"),
                Constant(
                    "bias",
                    "int32_t",
                    (256 * bias & 0xFFFFFFFF).astype(np.uint32).view(np.int32),
                    "times 256, the input's zero point folded in, for inputs of 0 to 255",
                ),
                mac.requant_constant(requantization),
            ),
            scratch=scratch,
            inplace=(0,) if carry else (),
            macs=geometry.output_height * geometry.output_width * channels * inputs,
            code=_CODE,
        )


def _scratch(channels: int, blocks: int) -> int:
    """As edgeq_winograd_scratch says beside the kernels, without the carried row."""
    pairs = _POSITIONS * channels // 2
    return 4 * (2 * pairs + _TILES * pairs * blocks + _POSITIONS * _SUMS)
