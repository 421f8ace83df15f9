"""CONV_2D."""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.backends.aot.ops import mac, requantize
from edgeq.backends.aot.ops.geometry import Geometry, read_geometry
from edgeq.backends.aot.ops.mac import Ints, Layer
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import BIAS, DILATIONS, RECTIFIERS, STRIDES, WEIGHTS, Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph


def lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One call of a convolution kernel.

    Args:
        graph: an int8 graph.
        index: the operator's.
        target: what it is for; both oracles round a convolution doubly.

    Raises:
        ModelError: where it is not int8, not batch 1, or its channels do not divide into groups.
    """
    layer = mac.read_layer(graph, index, channel_axis=0)
    geometry = read_geometry(graph, index)
    groups = _groups(graph, index, geometry, layer)
    grouped = f", {groups} groups" if groups > 1 else ""
    convolution = Convolution(
        layer=layer,
        geometry=geometry,
        weights=layer.weights.reshape(len(layer.bias), -1),
        groups=groups,
        rounding="double",
        title=f"CONV_2D {geometry.text}{grouped}{mac.activation_text(layer.activation)}",
    )
    return (convolution.step(graph, index),)


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution, also where the model calls it otherwise.

    Attributes:
        layer: the operator's tensors.
        geometry: where its windows lie.
        weights: int64 [output channels, inputs of a group].
        groups: into which the input's and the output's channels are divided.
        rounding: of the requantization.
        title: of the step.
    """

    layer: Layer
    geometry: Geometry
    weights: Ints
    groups: int
    rounding: Rounding
    title: str

    def step(self, graph: Graph, index: int) -> Step:
        """The call of a convolution kernel for an operator."""
        layer, geometry, groups = self.layer, self.geometry, self.groups
        channels, inputs = self.weights.shape
        by_group = self.weights.reshape(groups, channels // groups, inputs)
        requantization = requantize.plan(
            layer.demand(self.weights, self.rounding),
            allow_fast=all(mac.can_combine(weights) for weights in by_group),
        )
        combined = requantization.form != "exact"
        bias = mac.folded_bias(self.weights, layer) - requantization.base
        depth = mac.round_up(inputs, 4)
        gathers = not geometry.is_pointwise or inputs % 4 != 0
        group_channels = geometry.input_channels // groups
        op = graph.operators[index]
        kernel = f"edgeq_conv_s8{mac.suffix(requantization)}"
        return Step(
            operator=index,
            title=self.title,
            kernel=kernel,
            params_type="edgeq_conv_params",
            params={
                "weights": "weights",
                "bias": "bias",
                "requant": "requant",
                **geometry.params,
                "output_channels": channels,
                "groups": groups,
                "group_channels": group_channels,
                "row_bytes": geometry.kernel_width * group_channels,
                "contiguous": int(groups == geometry.dilation_height == geometry.dilation_width == 1),
                "depth": depth,
                "input_zero_point": layer.input_zero_point,
                "output_zero_point": layer.output_zero_point,
                "output_min": requantization.limits[0],
                "output_max": requantization.limits[1],
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c", "edgeq_gather.c"),
            constants=(
                *mac.pair_constants(by_group, bias.reshape(groups, -1), combined=combined),
                mac.requant_constant(requantization),
            ),
            scratch=8 * depth + (depth + 4 if gathers else 0),
            macs=geometry.output_height * geometry.output_width * channels * inputs,
        )


def _groups(graph: Graph, index: int, geometry: Geometry, layer: Layer) -> int:
    per_group = int(layer.weights.shape[3])
    if per_group == 0 or geometry.input_channels % per_group:
        raise ModelError(
            f"{graph.describe(index)}: {geometry.input_channels} input channels do not divide into groups "
            f"of {per_group}",
            "the weights' last dimension must divide the input's channels",
        )
    groups = geometry.input_channels // per_group
    if len(layer.bias) % groups:
        raise ModelError(
            f"{graph.describe(index)}: {len(layer.bias)} output channels do not divide into {groups} groups",
            "the number of filters must be a multiple of the number of groups",
        )
    return groups


OPERATORS = (
    Op(
        "CONV_2D",
        Support(
            8,
            (Operand("input"), WEIGHTS, BIAS),
            shapes.conv,
            ranks=(4, 4),
            activations=RECTIFIERS,
            channel_axis=0,
            multiplies=True,
            batch_of_one=True,
            positive=STRIDES + DILATIONS,
        ),
        lower,
        "groups and dilation; [kernels.md](kernels.md)",
    ),
)
