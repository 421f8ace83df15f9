"""Convolutions whose weights do not fit int8 without their zero point: of the older unsigned form."""

from __future__ import annotations

from functools import partial

import numpy as np

from edgeq.backends.aot.families import PLAIN
from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Ints, Layer, requant_constant
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.ops.requantize_exact import exact
from edgeq.backends.aot.step import Constant, Step
from edgeq.graph.model import Graph

_MIDDLE = 128
"""The largest magnitude that int8 holds of what is centred on 0."""
_INSTRUCTIONS = 8
"""A product, with its two offsets, in plain C."""


def candidate(
    graph: Graph,
    index: int,
    layer: Layer,
    geometry: Geometry,
    weights: Ints,
    *,
    rounding: Rounding,
    groups: int,
    title: str,
) -> Candidate:
    """The kernel that takes the weights as bytes and their zero point beside them.

    Args:
        layer: the operator's numbers.
        geometry: where its windows lie.
        weights: int64 [output channels, taps x channels of a group], without their zero point.
        rounding: of the requantization.
        groups: into which the channels are divided.
    """
    make = partial(
        _step, graph, index, layer, geometry, weights, rounding=rounding, groups=groups, title=title
    )
    macs = geometry.output_height * geometry.output_width * weights.size
    return Candidate("edgeq_wide_conv_s8", PLAIN, _INSTRUCTIONS * macs, 0, make)


def _step(
    graph: Graph,
    index: int,
    layer: Layer,
    geometry: Geometry,
    weights: Ints,
    *,
    rounding: Rounding,
    groups: int,
    title: str,
) -> Step:
    op = graph.operators[index]
    offset = int(weights.min()) + _MIDDLE
    requantization = exact(layer.demand(weights, rounding))
    return Step(
        operator=index,
        title=f"{title}, weights with a zero point",
        kernel="edgeq_wide_conv_s8",
        params_type="edgeq_wide_conv_params",
        params={
            "weights": "weights",
            "bias": "bias",
            "requant": "requant",
            **geometry.params,
            "output_channels": len(weights),
            "group_channels": geometry.input_channels // groups,
            "group_outputs": len(weights) // groups,
            "weights_offset": offset,
            "input_offset": -layer.input_zero_point,
            "output_zero_point": layer.output_zero_point,
            "output_min": layer.limits[0],
            "output_max": layer.limits[1],
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_wide_conv_s8.c",),
        constants=(
            Constant("weights", "int8_t", (weights - offset).astype(np.int8).reshape(-1)),
            Constant("bias", "int32_t", layer.bias.astype(np.int32)),
            requant_constant(requantization, "exact"),
        ),
        macs=geometry.output_height * geometry.output_width * weights.size,
    )
