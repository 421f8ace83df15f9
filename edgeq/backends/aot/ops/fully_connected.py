"""FULLY_CONNECTED."""

from __future__ import annotations

from edgeq.backends.aot.ops import conv, mac, requantize
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Layer
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.requantize import Requantization, Rounding
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Oracle, Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import BIAS, RECTIFIERS, WEIGHTS, Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph

_ROWS_AS_PIXELS = 4
"""From so many rows on it runs as a 1x1 convolution, which computes four pixels at a time."""

_ROUNDINGS: dict[Oracle, Rounding] = {"litert": "real", "tflm": "double"}


def lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One call of a kernel: the fully connected one, or for many rows and odd cases a 1x1 convolution's.

    Args:
        graph: an int8 graph.
        index: the operator's.
        target: what it is for; its oracle decides the rounding.

    Raises:
        ModelError: where it is not int8 with constant weights, or its shapes disagree.
    """
    op, place = graph.operators[index], graph.describe(index)
    layer = mac.read_layer(graph, index, channel_axis=0)
    if str(op.options.get("weights_format", "DEFAULT")) != "DEFAULT":
        raise ModelError(f"{place}: shuffled weights", "export the model with plain weights")
    channels, depth = layer.weights.shape
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    if depth == 0 or source.elements % depth or output.elements != source.elements // depth * channels:
        raise ModelError(
            f"{place}: {source.elements} inputs and {output.elements} outputs do not fit weights of "
            f"{channels}x{depth}",
            "export the model again with static shapes",
        )
    rows = source.elements // depth
    times = f"{rows} x " if rows > 1 else ""
    title = f"FULLY_CONNECTED {times}{depth} -> {channels}{mac.activation_text(layer.activation)}"
    rounding = _ROUNDINGS[target.oracle]
    requantization = _plan(layer, rounding)
    if rows >= _ROWS_AS_PIXELS or requantization.form == "exact":
        pixels = Geometry(1, rows, depth, 1, rows, channels, 1, 1)
        convolution = conv.Convolution(layer, pixels, layer.weights, 1, rounding, title)
        return (convolution.step(graph, index),)
    return (_step(graph, index, layer, requantization, title),)


def _plan(layer: Layer, rounding: Rounding) -> Requantization:
    """One entry for all channels where they have one scale and that is enough."""
    demand, allowed = layer.demand(layer.weights, rounding), mac.can_combine(layer.weights)
    if not layer.per_channel:
        shared = requantize.plan(demand.joined(), allow_fast=allowed)
        if shared.form != "exact":
            return shared
    return requantize.plan(demand, allow_fast=allowed)


def _step(graph: Graph, index: int, layer: Layer, requantization: Requantization, title: str) -> Step:
    channels, inputs = layer.weights.shape
    depth = mac.round_up(inputs, 4)
    bias = mac.folded_bias(layer.weights, layer) - requantization.base
    kernel = f"edgeq_fully_connected_s8{mac.suffix(requantization)}"
    rows = graph[graph.operators[index].inputs[0]].elements // inputs
    op = graph.operators[index]
    return Step(
        operator=index,
        title=title,
        kernel=kernel,
        params_type="edgeq_fully_connected_params",
        params={
            "weights": "weights",
            "bias": "bias",
            "requant": "requant",
            "rows": rows,
            "input_depth": inputs,
            "depth": depth,
            "output_channels": channels,
            "requant_stride": 4 if len(requantization.table) > 1 else 0,
            "output_min": requantization.limits[0],
            "output_max": requantization.limits[1],
        },
        inputs=(op.inputs[0],),
        outputs=(op.outputs[0],),
        sources=(f"{kernel}.c",),
        constants=(
            *mac.pair_constants(layer.weights[None], bias[None], combined=True),
            mac.requant_constant(requantization),
        ),
        scratch=2 * depth,
        macs=rows * channels * inputs,
    )


OPERATORS = (
    Op(
        "FULLY_CONNECTED",
        Support(
            14,
            (Operand("input"), WEIGHTS, BIAS),
            shapes.fully_connected,
            activations=RECTIFIERS,
            channel_axis=0,
            multiplies=True,
            fixed=(("weights_format", "DEFAULT"),),
        ),
        lower,
        "[kernels.md](kernels.md)",
    ),
)
