"""Convolutions three columns wide on Helium: four pixels' windows at once, from a band of lines."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops import mac
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import Ints
from edgeq.backends.aot.ops.requantize_mve import Lanes
from edgeq.backends.aot.ops.streams import VECTOR, stream
from edgeq.backends.aot.step import Constant, Value

_COLUMNS = 3
_PIXELS = 4
_CHANNELS = 2
CODE = 1450
"""Bytes of the kernel's code."""


def fits(geometry: Geometry, channels: int, groups: int) -> bool:
    """Whether a convolution is such a one."""
    return (
        groups == geometry.dilation_width == 1
        and geometry.kernel_width == _COLUMNS
        and geometry.stride_width in (1, 2)
        and geometry.output_width >= _PIXELS
        and channels % _CHANNELS == 0
        and steps(geometry) > 1
    )


def line(geometry: Geometry) -> int:
    """Pixels of the input under a row of outputs."""
    return (geometry.output_width - 1) * geometry.stride_width + _COLUMNS


def steps(geometry: Geometry) -> int:
    """Rows of the kernel, by sixteens of input channels."""
    return geometry.kernel_height * mac.round_up(geometry.input_channels, VECTOR) // VECTOR


def scratch(geometry: Geometry) -> int:
    """Bytes of the band."""
    return steps(geometry) * line(geometry) * VECTOR


def params(geometry: Geometry, channels: int) -> dict[str, Value]:
    """The fields of the kernel's parameters that tell where the windows lie."""
    told: dict[str, Value] = dict(geometry.params)
    for name in ("kernel_width", "dilation_width"):
        del told[name]
    block = _CHANNELS * (steps(geometry) * _COLUMNS * VECTOR + 16)
    return {
        **told,
        "output_channels": channels,
        "line": line(geometry),
        "steps": steps(geometry),
        "block": block,
    }


def filters(geometry: Geometry, weights: Ints, lanes: Lanes) -> Constant:
    """The weights, int64 [channels, inputs], and the requantization as the kernel reads them."""
    g = geometry
    padded = np.zeros(
        (len(weights), g.kernel_height, _COLUMNS, mac.round_up(g.input_channels, VECTOR)), np.int8
    )
    padded[..., : g.input_channels] = weights.reshape(*padded.shape[:3], g.input_channels)
    blocks = padded.reshape(-1, _CHANNELS, g.kernel_height, _COLUMNS, padded.shape[3] // VECTOR, VECTOR)
    blocks = blocks.transpose(0, 2, 4, 3, 1, 5)
    tables = lanes.by(_CHANNELS).transpose(0, 2, 1)
    return Constant(
        "filters",
        "int8_t",
        np.concatenate([stream(*both) for both in zip(blocks, tables, strict=True)]),
        f"by {_CHANNELS} channels: weights [row][sixteen][column][channel][{VECTOR}], then "
        "int32 bias, multiplier, addend, shift of each",
    )
