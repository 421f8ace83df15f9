"""Convolutions on Helium: sixteen inputs a vector, two pixels and four channels at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.families import MVE
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import costs, mac, requantize_mve
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.ops.requantize_mve import Lanes
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.graph.model import Graph

VECTOR = 16
"""Bytes of a register."""
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
        kernel = mac.kernel("conv", MVE, lanes.form)
        depth = mac.round_up(self.weights.shape[1], VECTOR)
        scratch = 2 * depth + VECTOR  # two pixels' windows; a copy may write a vector too much
        work = costs.conv_mve(self.geometry, len(self.weights), self.weights.shape[1], self.groups)
        instructions = costs.instructions(work, MVE, lanes.form, target)
        make = partial(self._step, graph, index, kernel, scratch, lanes)
        yield Candidate(kernel, MVE, instructions, scratch, make)

    def _step(self, graph: Graph, index: int, kernel: str, scratch: int, lanes: Lanes) -> Step:
        geometry, groups = self.geometry, self.groups
        channels, inputs = self.weights.shape
        group_channels = geometry.input_channels // groups
        op = graph.operators[index]
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type="edgeq_conv_mve_params",
            params={
                "filters": "filters",
                **geometry.params,
                "output_channels": channels,
                "groups": groups,
                "group_channels": group_channels,
                "row_bytes": geometry.kernel_width * group_channels,
                "contiguous": int(groups == geometry.dilation_height == geometry.dilation_width == 1),
                "depth": mac.round_up(inputs, VECTOR),
                "input_zero_point": self.layer.input_zero_point,
                "output_min": lanes.limits[0],
                "output_max": lanes.limits[1],
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c",),
            constants=(self._filters(lanes),),
            scratch=scratch,
            macs=geometry.output_height * geometry.output_width * channels * inputs,
        )

    def _filters(self, lanes: Lanes) -> Constant:
        blocks = []
        of_group = np.array_split(np.arange(len(self.weights)), self.groups)
        for channels in of_group:
            table = Lanes(lanes.form, lanes.rows[:, channels], lanes.limits).by(FOUR)
            blocks += [*zip(pack(self.weights[channels], FOUR), table, strict=True)]
        return Constant(
            "filters",
            "int8_t",
            np.concatenate([stream(weights, table) for weights, table in blocks]),
            f"by {FOUR} channels: weights by {VECTOR} inputs, then int32 bias, multiplier, addend, shift",
        )


def pack(weights: Ints, together: int) -> npt.NDArray[np.int8]:
    """[channels, inputs] weights, padded by zeros, as [blocks, steps, channels of a block, VECTOR]."""
    channels, inputs = weights.shape
    padded = np.zeros((mac.round_up(channels, together), mac.round_up(inputs, VECTOR)), np.int8)
    padded[:channels, :inputs] = weights
    blocks = padded.reshape(-1, together, padded.shape[1] // VECTOR, VECTOR)
    return np.ascontiguousarray(blocks.transpose(0, 2, 1, 3))


def stream(weights: npt.NDArray[np.int8], table: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """The bytes of a block in the order in which a kernel reads them: its weights, then its table's words."""
    words = np.frombuffer(table.astype("<i4").tobytes(), np.int8)
    return np.concatenate([weights.reshape(-1), words])
