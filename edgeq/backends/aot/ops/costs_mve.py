"""The sizes that the counts of Helium's multiply-accumulate kernels are linear in: see :mod:`costs`."""

from __future__ import annotations

from edgeq.backends.aot.ops.costs import Work
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.mac import round_up


def conv(
    geometry: Geometry, channels: int, inputs: int, groups: int, *, together: int, line: int
) -> tuple[Work, ...]:
    """One on Helium: pixels by twos, channels by fours, inputs by sixteens; its windows by lines.

    Args:
        together: pixels of a row whose windows are copied together.
        line: pixels of the input under them.
    """
    g = geometry.joined
    pixels = g.output_height * round_up(g.output_width, 2)
    padded, depth = groups * round_up(channels // groups, 4), round_up(inputs, 16)
    sums = Work("pixels", pixels * padded * depth, 0, 0, pixels * padded, pixels * groups)
    if g.is_pointwise:
        return (sums,)
    pieces, piece = g.kernel_width, g.input_channels // groups
    if groups == g.dilation_width == 1:  # a row of a window is copied at once
        pieces, piece = 1, pieces * piece
    rows = groups * g.output_height * g.kernel_height
    lines = rows * -(-g.output_width // together)
    copied = rows * g.output_width * pieces * round_up(piece, 16)
    return sums, Work("lines", 0, lines * line * g.input_channels, copied, 0, lines)


def depthwise_3x3(geometry: Geometry, channels: int) -> tuple[Work, ...]:
    """One of 3x3 on Helium: outputs by 2x2, along the longer side."""
    across, along = sorted((geometry.output_height, geometry.output_width))
    stride = geometry.stride_width
    bands = round_up(across, 2) // 2 if stride == 1 else across
    outputs = bands * channels * (2 * round_up(along, 2) if stride == 1 else round_up(along, 4))
    laid = bands * round_up(channels, 16) * 4 * (along * stride + 2)
    return (Work("3x3", 0, laid, 0, outputs, bands * channels),)


def depthwise(geometry: Geometry, channels: int) -> tuple[Work, ...]:
    """One of any shape on Helium: channels by sixteens, taps by twos.

    Each tap is looked for, but where the pixel before and this one lie inside of the input.
    """
    pixels, padded = geometry.output_height * geometry.output_width, round_up(channels, 16)
    taps = geometry.kernel_height * geometry.kernel_width
    moved = int((geometry.inside[:, 1:] & geometry.inside[:, :-1]).sum())
    products = pixels * padded * round_up(taps, 2)
    return (Work("taps", products, (pixels - moved) * taps, 0, pixels * padded, pixels),)


def conv_bands(geometry: Geometry, channels: int) -> tuple[Work, ...]:
    """One of three columns on Helium: pixels by fours, channels by twos, inputs by sixteens."""
    pixels, depth = (
        geometry.output_height * round_up(geometry.output_width, 4),
        round_up(geometry.input_channels, 16),
    )
    line = (geometry.output_width - 1) * geometry.stride_width + geometry.kernel_width
    products = pixels * channels * geometry.kernel_height * geometry.kernel_width * depth
    copied = geometry.output_height * geometry.kernel_height * line * depth
    return (Work("bands", products, copied, 0, pixels * channels, pixels),)


def fully_connected(rows: int, inputs: int, channels: int) -> tuple[Work, ...]:
    """Rows of ``inputs`` on Helium, one by one, channels by eights."""
    padded, depth = round_up(channels, 8), round_up(inputs, 16)
    gathered = 0 if inputs == depth else depth
    return (Work("rows", rows * padded * depth, 0, gathered, rows * padded, rows),)
