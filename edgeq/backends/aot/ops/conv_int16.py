"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of int16 activations by int8 weights."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from edgeq.backends.aot.families import DSP, PLAIN, finest
from edgeq.backends.aot.ops.geometry import Geometry, by_batch, read_geometry
from edgeq.backends.aot.ops.mac import activation_text, in_fours
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16, WIDE_BIAS, Layer, Rounding, misread_bias, read_layer
from edgeq.backends.aot.ops.tensors import activation
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Oracle, Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import DILATIONS, RECTIFIERS, STRIDES, WEIGHTS, Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator

_BIAS = 2
"""The position of the bias."""
_MOST_TAPS = 256
"""Products of int16 and int8 whose sum is within 32 bits."""


def _refusal(channel_axis: int, graph: Graph, op: Operator) -> str | None:
    layer = read_layer(graph, op, 0, _BIAS, channel_axis)
    return misread_bias(graph, op, _BIAS) or layer.why_not()


def _layer(graph: Graph, index: int, channel_axis: int) -> Layer:
    op = graph.operators[index]
    refused = _refusal(channel_axis, graph, op)
    if refused:
        raise ModelError(f"{graph.describe(index)}: {refused}", "convert the float model again")
    return read_layer(graph, op, 0, _BIAS, channel_axis)


def _convolution(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    layer, geometry = _layer(graph, index, 0), read_geometry(graph, index)
    groups = geometry.input_channels // graph[graph.operators[index].inputs[1]].shape[3]
    grouped = f", {groups} groups" if groups > 1 else ""
    title = f"CONV_2D 16x8 {geometry.text}{grouped}"
    step = _step(
        graph, index, layer, geometry, target=target, groups=groups, rounding=layer.rounding, title=title
    )
    return (by_batch(graph, index, step),)


def _depthwise(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    layer, geometry = _layer(graph, index, 3), read_geometry(graph, index)
    groups = geometry.input_channels
    title = f"DEPTHWISE_CONV_2D 16x8 {geometry.text}"
    step = _step(
        graph, index, layer, geometry, target=target, groups=groups, rounding=layer.rounding, title=title
    )
    taps = layer.weights.shape[1]
    if groups == 1 or taps > _MOST_TAPS or layer.wraps:
        return (by_batch(graph, index, step),)
    channels = step.constants[1]
    by_tap = layer.weights.T.reshape(-1).astype(np.int8)
    constants = (Constant("weights", "int8_t", by_tap, "[tap][output channel]"), channels)
    kernel = "edgeq_depthwise_s16"
    step = replace(step, kernel=kernel, sources=(f"{kernel}.c",), constants=constants, scratch=None)
    return (by_batch(graph, index, step),)


def _fully_connected(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """Rows are the pixels of a 1x1 convolution."""
    layer = _layer(graph, index, 0)
    channels, depth = layer.weights.shape
    rows = graph[graph.operators[index].inputs[0]].elements // depth
    times = f"{rows} x " if rows > 1 else ""
    title = f"FULLY_CONNECTED 16x8 {times}{depth} -> {channels}"
    roundings: dict[Oracle, Rounding] = {"litert": "real", "tflm": layer.rounding}
    pixels = Geometry(1, rows, depth, 1, rows, channels, 1, 1)
    return (
        _step(
            graph,
            index,
            layer,
            pixels,
            target=target,
            groups=1,
            rounding=roundings[target.oracle],
            title=title,
        ),
    )


def _step(
    graph: Graph,
    index: int,
    layer: Layer,
    geometry: Geometry,
    *,
    target: Target,
    groups: int,
    rounding: Rounding,
    title: str,
) -> Step:
    op = graph.operators[index]
    channels, inputs = layer.weights.shape
    family = finest(target, PLAIN, DSP)
    packed = layer if family is PLAIN else replace(layer, weights=in_fours(layer.weights))
    depth = packed.weights.shape[1]
    kernel = f"edgeq_conv_{family.name}_{rounding}_s16"
    direct = geometry.is_pointwise and depth == geometry.input_channels
    return Step(
        operator=index,
        title=title + activation_text(activation(graph, index)),
        kernel=kernel,
        params_type="edgeq_conv_s16_params",
        params={
            "weights": "weights",
            "channels": "channels",
            **geometry.params,
            "output_channels": channels,
            "groups": groups,
            "group_channels": geometry.input_channels // groups,
            "depth": depth,
            "wraps": int(layer.wraps),
            "output_min": layer.limits[0],
            "output_max": layer.limits[1],
        },
        inputs=(op.inputs[0],),
        outputs=(op.outputs[0],),
        sources=(f"{kernel}.c",),
        constants=packed.constants(rounding),
        scratch=0 if direct else 2 * depth,
        macs=geometry.output_height * geometry.output_width * channels * inputs,
        typed=True,
    )


_CONV = Support(
    8,
    (Operand("input"), WEIGHTS, WIDE_BIAS),
    shapes.conv,
    ranks=(4, 4),
    activations=RECTIFIERS,
    channel_axis=0,
    multiplies=True,
    positive=STRIDES + DILATIONS,
    refusal=partial(_refusal, 0),
    types=INT16,
)
_LONG_BIAS = replace(WIDE_BIAS, dtypes=frozenset({DType.INT64}))
_HOW = "int16 by int8 weights: 32-bit sums joined to 64 bits, then the reference's rounding; DSP instructions"

OPERATORS = (
    Op("CONV_2D", _CONV, _convolution, _HOW),
    Op(
        "DEPTHWISE_CONV_2D",
        replace(
            _CONV,
            max_version=7,
            operands=(Operand("input"), WEIGHTS, _LONG_BIAS),
            shape=shapes.depthwise,
            channel_axis=3,
            refusal=partial(_refusal, 3),
        ),
        _depthwise,
        _HOW,
    ),
    Op(
        "FULLY_CONNECTED",
        replace(
            _CONV,
            max_version=14,
            shape=shapes.fully_connected,
            ranks=(1, 6),
            positive=(),
            fixed=(("weights_format", "DEFAULT"),),
        ),
        _fully_connected,
        _HOW,
    ),
)
