"""The sizes that instructions of the kernels on Armv6-M are linear in; their rates are in costs.py."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.costs import Work
from edgeq.backends.aot.ops.fixed_point import Ints
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import round_up


def conv(geometry: Geometry, weights: Ints, groups: int, spans: int) -> tuple[Work, ...]:
    """One with two pixels in a word, eight at once; some channels' sums are taken apart in ``spans``."""
    g = geometry
    pixels = g.output_height * g.output_width
    eights = round_up(pixels, 8) // 8
    in_rows = groups == g.dilation_height == g.dilation_width == 1
    copied = groups * (pixels - (int(g.inside.sum()) if in_rows else 0))
    read = 8 * eights * groups * weights.shape[1]
    gathered = copied * weights.shape[1]
    inside = np.pad(g.inside.reshape(-1) & in_rows, (0, 8 * eights - pixels))
    first = 8 * np.arange(eights) % g.output_width
    whole = int((inside.reshape(-1, 8).all(axis=1) & (first + 8 <= g.output_width)).sum())
    return (
        Work("eights", 8 * eights * weights.size, read, gathered, 8 * eights * len(weights), 0),
        Work("spans", 0, 0, 0, 0, eights * spans),
        Work("blocks of a row", 0, 0, 0, 0, whole * groups),
        Work("blocks", 0, 0, 0, 0, (eights - whole) * groups * g.kernel_height),
        Work("rows", 0, 0, 0, 0, whole * groups * (g.kernel_height - 1)),
        Work("lines", 0, 0, 0, 0, copied * g.kernel_height * (1 if in_rows else g.kernel_width)),
    )


def fully_connected(rows: int, inputs: int, channels: int, span: int) -> tuple[Work, ...]:
    """Rows of ``inputs`` as words, one by one, channels by eights; sums are taken apart after each span."""
    padded, depth = round_up(channels, 8), round_up(inputs, 4)
    spans = padded // 8 * -(-depth // span)
    return (Work("row", rows * padded * depth, rows * depth, 0, rows * channels, rows * spans),)


def depthwise_3x3(geometry: Geometry, band: int, columns: int) -> tuple[Work, ...]:
    """One of 3x3 by planes of words, ``band`` output rows from one filling; strips are rows."""
    g = geometry
    bands = -(-g.output_height // band)
    lines = (g.output_height - bands) * g.stride_height + 3 * bands
    sums = g.input_channels * g.output_height * columns
    outputs = g.input_channels * g.output_height * g.output_width
    filled = g.input_channels * lines * columns * g.stride_width
    strips = g.input_channels * (lines * g.stride_width + g.output_height + 8 * bands)
    return (Work("planes", 9 * sums, filled, 0, outputs, strips),)
