"""DEPTHWISE_CONV_2D."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops import conv, mac, requantize
from edgeq.backends.aot.ops.geometry import Geometry, read_geometry
from edgeq.backends.aot.ops.mac import Ints
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.requantize import Rounding
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import BIAS, DILATIONS, RECTIFIERS, STRIDES, WEIGHTS, Operand, Support
from edgeq.graph import shapes
from edgeq.graph.model import Graph

_ROUNDING: Rounding = "double"
_BAND_BYTES = 2048
"""Of scratch for the padded rows of the 3x3 form; a small plane is taken whole."""
_LANES = 4
"""Channels that the 3x3 form widens together."""
_POINTER = 8
"""Bytes of a pointer, on the widest machine that runs the generated code."""


def lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One call of a depthwise kernel; with a single input channel, a convolution's, which it then is.

    Args:
        graph: an int8 graph.
        index: the operator's.
        target: what it is for; both oracles round a convolution doubly.

    Raises:
        ModelError: where it is not int8, not batch 1, or its channels disagree.
    """
    layer = mac.read_layer(graph, index, channel_axis=3)
    geometry = read_geometry(graph, index)
    channels = len(layer.bias)
    if channels % geometry.input_channels or geometry.output_channels != channels:
        raise ModelError(
            f"{graph.describe(index)}: {channels} filters for {geometry.input_channels} input channels",
            "a depthwise convolution has a whole number of filters a channel",
        )
    weights = layer.weights.reshape(-1, channels).T
    title = f"DEPTHWISE_CONV_2D {geometry.text}{mac.activation_text(layer.activation)}"
    if geometry.input_channels == 1:
        return (conv.Convolution(layer, geometry, weights, 1, _ROUNDING, title).step(graph, index),)
    requantization = requantize.plan(layer.demand(weights, _ROUNDING))
    small = _is_3x3(geometry) and requantization.form != "exact"
    if small:
        kernel = f"edgeq_depthwise_3x3_s8{mac.suffix(requantization)}"
        band, columns, scratch = _band(geometry)
        packed = Constant("weights", "int8_t", _pack_3x3(weights), "[channel][column]: rows 0, 1, 1, 2")
    else:
        exact = requantization.form == "exact"
        kernel = "edgeq_depthwise_s8_exact" if exact else "edgeq_depthwise_s8"
        taps = geometry.kernel_height * geometry.kernel_width
        band, columns, scratch = 0, 0, taps * _POINTER + mac.round_up(geometry.input_channels, 4)
        packed = Constant("weights", "int8_t", weights.T.astype(np.int8).reshape(-1), "[tap][channel]")
    op = graph.operators[index]
    bias = mac.folded_bias(weights, layer) - requantization.base
    return (
        Step(
            operator=index,
            title=title,
            kernel=kernel,
            params_type="edgeq_depthwise_params",
            params={
                "weights": "weights",
                "bias": "bias",
                "requant": "requant",
                **geometry.params,
                "multiplier": channels // geometry.input_channels,
                "band": band,
                "columns": columns,
                "input_zero_point": layer.input_zero_point,
                "output_zero_point": layer.output_zero_point,
                "output_min": requantization.limits[0],
                "output_max": requantization.limits[1],
            },
            inputs=(op.inputs[0],),
            outputs=(op.outputs[0],),
            sources=(f"{kernel}.c",),
            constants=(
                packed,
                Constant(
                    "bias",
                    "int32_t",
                    (bias & 0xFFFFFFFF).astype(np.uint32).view(np.int32),
                    "input zero point folded in",
                ),
                mac.requant_constant(requantization),
            ),
            scratch=scratch,
            macs=geometry.output_height * geometry.output_width * weights.size,
        ),
    )


def _is_3x3(geometry: Geometry) -> bool:
    strides = (geometry.stride_height, geometry.stride_width)
    return (
        (geometry.kernel_height, geometry.kernel_width) == (3, 3)
        and strides in ((1, 1), (2, 2))
        and (geometry.dilation_height, geometry.dilation_width) == (1, 1)
    )


def _band(geometry: Geometry) -> tuple[int, int, int]:
    """Output rows a band, columns of words, scratch bytes; a word is a column of two padded input rows."""
    stride = geometry.stride_width
    columns = (mac.round_up(geometry.output_width, 2) - 1) * stride + 3
    pair_bytes = columns * 4 * _LANES
    per_pair = 2 // stride
    pairs = min(_BAND_BYTES // pair_bytes, mac.round_up(geometry.output_height, 2) // per_pair + 1)
    rows = max(2, (pairs - 1) * per_pair // 2 * 2)
    return rows, columns, (rows // per_pair + 1) * pair_bytes


def _pack_3x3(weights: Ints) -> npt.NDArray[np.int8]:
    """[channels, 9] weights as [channels][column] of rows 0, 1, 1, 2.

    Of such a word the even bytes are rows (0, 1), the odd ones rows (1, 2), each a factor of a dual product.
    """
    columns: Ints = weights.reshape(-1, 3, 3).transpose(0, 2, 1)
    return columns[:, :, (0, 1, 1, 2)].astype(np.int8).reshape(-1)


OPERATORS = (
    Op(
        "DEPTHWISE_CONV_2D",
        Support(
            7,
            (Operand("input"), WEIGHTS, BIAS),
            shapes.depthwise,
            ranks=(4, 4),
            activations=RECTIFIERS,
            channel_axis=3,
            multiplies=True,
            batch_of_one=True,
            positive=STRIDES + DILATIONS,
        ),
        lower,
        "any multiplier and dilation; [kernels.md](kernels.md)",
    ),
)
