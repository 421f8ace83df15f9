"""CONV_2D."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops import mac, requantize
from edgeq.backends.aot.ops.geometry import Geometry, read_geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.step import Constant, Step
from edgeq.errors import ModelError
from edgeq.graph.model import Graph


def lower(graph: Graph, index: int, *, rounding: Rounding = "double") -> tuple[Step, ...]:
    """One call of a convolution kernel.

    Args:
        graph: an int8 graph.
        index: the operator's.
        rounding: of the requantization; ``double`` equals LiteRT's reference and TensorFlow Lite Micro.

    Raises:
        ModelError: where it is not int8, not batch 1, or its channels do not divide into groups.
    """
    layer = mac.read_layer(graph, index, channel_axis=0)
    geometry = read_geometry(graph, index)
    groups = _groups(graph, index, geometry, layer)
    weights = layer.weights.reshape(len(layer.bias), -1)
    activation = mac.activation_text(layer.activation)
    grouped = f", {groups} groups" if groups > 1 else ""
    title = f"CONV_2D {geometry.text}{grouped}{activation}"
    return (step(graph, index, layer, geometry, weights, groups, rounding, title),)


def step(  # what a kernel call is made of
    graph: Graph,
    index: int,
    layer: Layer,
    geometry: Geometry,
    weights: Ints,
    groups: int,
    rounding: Rounding,
    title: str,
) -> Step:
    """The kernel call for [output channels, inputs a group] weights on a geometry (also of other operators)."""
    channels, inputs = weights.shape
    per_group = channels // groups
    low, high = mac.accumulator_range(weights, layer.bias, layer.input_zero_point)
    requantization = requantize.plan(
        low,
        high,
        layer.reals,
        rounding,
        layer.output_zero_point,
        layer.limits,
        allow_fast=all(mac.can_combine(g) for g in weights.reshape(groups, per_group, inputs)),
    )
    combined = requantization.form != "exact"
    bias = mac.folded_bias(weights, layer.bias, layer.input_zero_point) - requantization.base
    depth = mac.round_up(inputs, 4)
    gathers = not geometry.is_pointwise or inputs % 4 != 0
    op = graph.operators[index]
    pairs = [slice(g * per_group, (g + 1) * per_group) for g in range(groups)]
    return Step(
        operator=index,
        title=title,
        kernel=f"edgeq_conv_s8{mac.suffix(requantization)}",
        params_type="edgeq_conv_params",
        params={
            "weights": "weights",
            "bias": "bias",
            "requant": "requant",
            **geometry.params,
            "output_channels": channels,
            "groups": groups,
            "group_channels": geometry.input_channels // groups,
            "row_bytes": geometry.kernel_width * (geometry.input_channels // groups),
            "contiguous": int(groups == geometry.dilation_height == geometry.dilation_width == 1),
            "depth": depth,
            "input_zero_point": layer.input_zero_point,
            "output_zero_point": layer.output_zero_point,
            "output_min": requantization.limits[0],
            "output_max": requantization.limits[1],
        },
        inputs=(op.inputs[0],),
        outputs=(op.outputs[0],),
        sources=(f"edgeq_conv_s8{mac.suffix(requantization)}.c", "edgeq_gather.c"),
        constants=(
            Constant(
                "weights",
                "int16_t",
                np.concatenate([mac.pack_pairs(weights[s], combined=combined) for s in pairs]),
                f"int8, two output channels a halfword, [{-(-channels // 2)}][{depth}]",
            ),
            Constant(
                "bias",
                "int32_t",
                np.concatenate([mac.pack_bias(bias[s], combined=combined) for s in pairs]),
                "by pairs of channels, input zero point folded in",
            ),
            mac.requant_constant(requantization),
        ),
        scratch=8 * depth + (depth + 4 if gathers else 0),
        macs=geometry.output_height * geometry.output_width * channels * inputs,
    )


def _groups(graph: Graph, index: int, geometry: Geometry, layer: Layer) -> int:
    per_group = layer.weights.shape[3]
    if per_group == 0 or geometry.input_channels % per_group:
        raise ModelError(
            f"{graph.describe(index)}: {geometry.input_channels} input channels do not divide into groups of {per_group}",
            "the weights' last dimension must divide the input's channels",
        )
    groups = geometry.input_channels // per_group
    if len(layer.bias) % groups:
        raise ModelError(
            f"{graph.describe(index)}: {len(layer.bias)} output channels do not divide into {groups} groups",
            "the number of filters must be a multiple of the number of groups",
        )
    return groups
