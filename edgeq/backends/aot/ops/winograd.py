"""A 3x3 convolution by Winograd's F(4x4, 3x3): a quarter of the products, for scratch; docs/kernels.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.families import DSP, V7M, Family
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, requantize
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Requantization, Rounding
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

POSITIONS = 36
_SUMS = 8
TILES = 4
"""Of a block."""
SHIFTED = 128
"""What the kernels add to every input, so that its bytes are numbers from 0 to 255."""
_BLOCKS = (1, 2)
"""Whose inputs are transformed before a filter is."""
_FILTER_SIDE = np.array([[1, 0, 0], [1, 1, 1], [1, -1, 1], [1, 2, 4], [1, -2, 4], [0, 0, 1]], np.int64)
"""Three weights to six positions along one side: docs/kernels.md."""
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
        form, kernels = affine.form, {f: mac.kernel("conv_winograd", f, affine.form) for f in (DSP, V7M)}
        for family, blocks, stored in self._forms(rows, across, target):
            carry = self.carry(TILES * blocks, across)
            scratch = _scratch(self.geometry.input_channels, blocks, stored=stored) + carry
            work = costs.winograd(self.geometry, len(self.weights), blocks, stored=stored)
            cost = costs.instructions(work, family, form, target, bounded=affine.is_bounded)
            make = partial(
                self.step,
                graph,
                index,
                kernel=kernels[family],
                blocks=blocks,
                carry=carry,
                scratch=scratch,
                requantization=affine,
                stored=stored,
            )
            yield Candidate(kernels[family], family, cost, scratch, make, _CODE)

    def _forms(self, rows: int, across: int, target: Target) -> Iterator[tuple[Family, int, bool]]:
        """Families, blocks, and whether filters are stored transformed, where flash is there.

        More blocks take fewer transformations of filters, or none of stored ones; but with whole rows of
        tiles outputs may lie over inputs.
        """
        blocks = [one for one in _BLOCKS if one == 1 or TILES * one // 2 < rows * across]
        yield from ((family, one, False) for family in (DSP, V7M) for one in blocks)
        if target.stored:
            most = next((one for one in blocks if self.carry(TILES * one, across)), 1)
            yield from ((family, most, True) for family in (DSP, V7M))

    def carry(self, tiles: int, across: int) -> int:
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

    def step(
        self,
        graph: Graph,
        index: int,
        *,
        kernel: str,
        blocks: int,
        carry: int,
        scratch: int,
        requantization: Requantization,
        stored: bool = False,
    ) -> Step:
        """The step with so many blocks; a row of ``carry`` bytes waits in its scratch."""
        layer, geometry, weights = self.layer, self.geometry, self.weights
        channels, inputs = weights.shape
        bias = mac.folded_bias(weights, layer) - requantization.base - SHIFTED * weights.sum(axis=1)
        packed = weights.reshape(channels, 9, -1, 4).transpose(0, 2, 1, 3).astype(np.int8).reshape(-1)
        order = "[output channel][input channels / 4][tap][4]"
        if stored:
            packed, order = (
                _transformed(weights),
                "int16 [output channels / 2][input channels / 2][position][2][2]",
            )
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
                "stored": int(stored),
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c", f"{kernel.partition('_s8')[0]}.c"),
            constants=(
                Constant("weights", "int8_t", packed, order),
                Constant(
                    "bias",
                    "int32_t",
                    (256 * bias & 0xFFFFFFFF).astype(np.uint32).view(np.int32),
                    "times 256, the input's zero point folded in, for inputs of 0 to 255",
                ),
                mac.requant_constant(requantization, requantization.form),
            ),
            scratch=scratch,
            inplace=(0,) if carry else (),
            macs=geometry.output_height * geometry.output_width * channels * inputs,
            code=_CODE,
        )


def _transformed(weights: Ints) -> npt.NDArray[np.int8]:
    """[output channels, 9 * input channels] filters at their positions, as kernels make them in scratch."""
    channels = len(weights)
    pairs = at_positions(weights).reshape(channels // 2, 2, POSITIONS, -1, 2, 2)  # inputs: fours, lane, half
    laid = pairs.transpose(0, 3, 5, 2, 1, 4).astype("<i2")
    return np.ascontiguousarray(laid).reshape(-1).view(np.int8)


def at_positions(weights: Ints) -> Ints:
    """[output channels, 9 * input channels] filters as [output channels, 6, 6, input channels]."""
    taps = weights.reshape(len(weights), 3, 3, -1)
    positions: Ints = np.einsum("ia,nabk,jb->nijk", _FILTER_SIDE, taps, _FILTER_SIDE)
    return positions


def _scratch(channels: int, blocks: int, *, stored: bool) -> int:
    """As edgeq_winograd_scratch says beside the kernels, without the carried row."""
    pairs = POSITIONS * channels // 2
    return 4 * ((0 if stored else 2 * pairs) + TILES * pairs * blocks + POSITIONS * _SUMS)
