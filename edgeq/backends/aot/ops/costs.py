"""Executed instructions of the multiply-accumulate kernels, estimated.

A kernel's count is taken as linear in a few sizes of its layer. The rates were fitted to counts of random
layers and of the MLPerf Tiny models' layers on simulated cores; tests/compiled/mac holds how far an estimate
may be from a count. They rank kernels against each other; they are not cycles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgeq.backends.aot.families import PLAIN, V7M, Family
from edgeq.backends.aot.ops.geometry import Geometry
from edgeq.backends.aot.ops.requantize import Form
from edgeq.backends.aot.target import Target


@dataclass(frozen=True)
class Work:
    """The sizes of a layer, or of a part of it, that a loop's count is linear in.

    Attributes:
        loop: which: a convolution's ``"pixels"`` in blocks or a ``"pixel"`` alone, ``"rows"`` of a fully
            connected layer, depthwise ``"3x3"``, by ``"sixes"`` of columns or ``"alone"``, or of any
            shape by ``"taps"``, of four channels or of one; with the DSP extension the rows of a
            convolution's ``"windows"``, and those that hang over ``"edges"``;
            on Helium a convolution's ``"bands"``, or the ``"lines"`` that its windows are copied from; on
            Armv7-M a convolution's pixels by ``"eights"`` or ``"twos"``, their ``"windows"``, and the
            ``"lines"`` of those that hang over an edge; on Armv6-M the ``"spans"`` of channels whose
            sums are taken apart more than once, ``"blocks"`` of eight pixels, those that are inside and ``"of
            a row"``, their windows' further ``"rows"``, and ``"lines"`` as above; a depthwise channel's
            ``"planes"``, and a ``"row"`` of a fully connected layer.
        products: multiply-accumulates, padding to the loop's blocks included.
        inputs: what the innermost loop reads, brought into its order.
        gathered: those of them that are copied together first.
        outputs: values requantized, padding included.
        strips: runs of the innermost loop: pixels of a convolution, rows of a depthwise channel, segments of
            weights.
    """

    loop: str
    products: int
    inputs: int
    gathered: int
    outputs: int
    strips: int


def instructions(
    work: tuple[Work, ...], family: Family, form: Form, target: Target, *, bounded: bool = False
) -> float:
    """Executed instructions of one call, with the rates of a family's kernels on the target's core.

    Args:
        bounded: whether outputs are bounded in a loop of their own.
    """
    short = family is PLAIN and not target.core.long_multiply
    table = _RATES["plain, short products" if short else family.name]
    total = table.call
    for part in work:
        rates = (table.exact if form == "exact" else table.affine)[part.loop]
        output = rates.output + table.signed * (form == "signed") + table.bounded * bounded
        total += rates.product * part.products + rates.input * part.inputs + rates.gathered * part.gathered
        total += output * part.outputs + rates.strip * part.strips
    return total


@dataclass(frozen=True)
class _Rates:
    """A loop's instructions for one of each of :class:`Work`'s."""

    product: float
    input: float
    gathered: float
    output: float
    strip: float


@dataclass(frozen=True)
class _Table:
    """The rates of a family's kernels.

    Attributes:
        affine, exact: by loop, with the fast form's outputs and with the exact form's.
        signed, bounded: what an output takes more in the signed form, and where a bound comes behind.
        call: what a call takes.
    """

    affine: Mapping[str, _Rates]
    exact: Mapping[str, _Rates]
    signed: float
    bounded: float
    call: float


_WINDOWS = {"windows": _Rates(0, 0, 0, 0, 12.5), "edges": _Rates(0, 0, 4, 0, 300)}
"""What every kernel with the DSP extension takes to gather."""
_RATES = {
    "mve": _Table(
        affine={
            "pixels": _Rates(0.113, 0, 0, 3.15, 7),
            "lines": _Rates(0, 0.4, 0.25, 0, 100),
            "bands": _Rates(0.102, 0.3, 0, 2.9, 10),
            "3x3": _Rates(0, 0.25, 0, 4.25, 25),
            "taps": _Rates(0.75, 6, 0, 3.125, 98),
            "rows": _Rates(0.1406, 0, 0.1, 3.873, 2),
        },
        exact={},
        signed=0.5,
        bounded=0.5,
        call=60,
    ),
    "dsp": _Table(
        affine={
            "pixels": _Rates(0.777, 1.42, 0, 7, 55),
            "pixel": _Rates(0.938, 4.7, 0, 18, 212),
            "pixels by rows": _Rates(0, 0, 0, 10, 140),
            "pixels of halfwords": _Rates(0.702, 1.4, 0, 4.07, 49),
            "pixel of halfwords": _Rates(0.72, 4.7, 0, 10, 150),
            **_WINDOWS,
            "winograd": _Rates(0.673, 8.7, 2.45, 21.4, 25),
            "rows": _Rates(0.868, 1.5, 0.4, 9.9, 85),
            "rows of bytes": _Rates(1.03, 0, 0, 9.9, 85),
            "3x3": _Rates(1.54, 2.3, 0, 0.2, 54),
            "taps of four": _Rates(4.972, 0, 0, 17, 0),
            "taps": _Rates(7.258, 22, 0, 27, 86),
        },
        exact={
            "pixels": _Rates(2.08, 1.49, 0, 64, 62),
            "pixel": _Rates(2.075, 5.6, 0, 73, 91),
            **_WINDOWS,
            "taps of four": _Rates(4.619, 0, 0, 51, 0),
            "taps": _Rates(7.434, 16, 0, 60, 181),
        },
        signed=2,
        bounded=11,
        call=50,
    ),
    "v7m": _Table(
        affine={
            "eights": _Rates(0.667, 1.92, 0, 7.6, 18),
            "twos": _Rates(2.99, 3.46, 0, 19, 24),
            "windows": _Rates(0, 2.46, 4.14, 0, 193),
            "lines": _Rates(0, 0, 0, 0, 65),
            "rows": _Rates(0.99, 8, 9.9, 15.9, 31),
            "winograd": _Rates(1.72, 7.5, 3.6, 23, 36),
            "sixes": _Rates(2.18, 4.4, 0, 0.24, 45),
            "alone": _Rates(5.39, 0, 0, 0.6, 75),
        },
        exact={},
        signed=1.7,
        bounded=9,
        call=50,
    ),
    "v6m": _Table(
        affine={
            "eights": _Rates(1.49, 5.2, 6, 28.8, 0),
            "spans": _Rates(0, 0, 0, 0, 115),
            "blocks": _Rates(0, 0, 0, 0, 620),
            "blocks of a row": _Rates(0, 0, 0, 0, 180),
            "rows": _Rates(0, 0, 0, 0, 130),
            "lines": _Rates(0, 0, 0, 0, 57),
            "planes": _Rates(3.2, 3, 0, 15.5, 21),
            "winograd": _Rates(2.66, 18.5, 6.3, 43, 53),
            "row": _Rates(2.5, 7, 0, 26, 160),
        },
        exact={},
        signed=6,
        bounded=0,
        call=60,
    ),
    "plain": _Table(
        affine={
            "pixels": _Rates(2.623, 0, 7.7, 25, 61),
            "rows": _Rates(2.623, 0, 12.2, 25, 0),
            "3x3": _Rates(4.438, 5.3, 0, 0, 101),
            "taps": _Rates(7.174, 21, 0, 28, 82),
        },
        exact={"pixels": _Rates(3.241, 0, 7.4, 58, 41), "taps": _Rates(7.564, 13, 0, 61, 202)},
        signed=4,
        bounded=11,
        call=58,
    ),
    "plain, short products": _Table(
        affine={
            "pixels": _Rates(7.211, 0.2, 9.5, 50, 98),
            "rows": _Rates(7.211, 0, 9.2, 53.1, -110),
            "3x3": _Rates(11.193, 6.1, 0, 0, 148),
            "taps": _Rates(10.298, 28, 0, 63, 107),
        },
        exact={"pixels": _Rates(7.444, 0, 9.8, 105, 15), "taps": _Rates(11.594, 20, 0, 109, 246)},
        signed=5,
        bounded=12,
        call=64,
    ),
}
"""By family; the plain kernels also as they run on cores without a long multiplication."""


def conv(geometry: Geometry, channels: int, inputs: int, groups: int, family: Family) -> tuple[Work, ...]:
    """A convolution with windows of ``inputs`` inputs, of one group's channels."""
    pixels = geometry.output_height * geometry.output_width
    padded = groups * _up(channels // groups, 2)
    depth = _up(inputs, 4)
    direct = geometry.is_pointwise and inputs == depth

    def part(loop: str, count: int) -> Work:
        read = count * groups * depth
        gathered = 0 if direct else read
        return Work(loop, count * padded * depth, read, gathered, count * padded, count * groups)

    if family is PLAIN:
        return (part("pixels", pixels),)
    parts = part("pixels", pixels // 4 * 4), part("pixel", pixels % 4)
    if direct:
        return parts
    contiguous = groups == geometry.dilation_height == geometry.dilation_width == 1
    edges = pixels - int(geometry.inside.sum()) if contiguous else pixels * groups
    rows = pixels * groups * geometry.kernel_height
    copied = 0 if contiguous else edges * depth
    return *parts, Work("windows", 0, 0, 0, 0, rows), Work("edges", 0, 0, copied, 0, edges)


def conv_v7m(geometry: Geometry, channels: int, inputs: int, segments: int) -> tuple[Work, ...]:
    """One on Armv7-M: pixels by eights, some done twice, or by two; ``segments`` are all channels'."""
    inside = geometry.inside.reshape(-1)
    pixels = len(inside)
    rest = pixels % 8 if pixels % 8 <= 2 else 0
    starts = [min(start, pixels - 8) for start in range(0, pixels - rest, 8)]
    eights, twos = len(starts), -(-rest // 2)
    whole = sum(bool(inside[start : start + 8].all()) for start in starts)
    copied = sum(int(8 - inside[start : start + 8].sum()) for start in starts)
    copied += int((~inside[pixels - rest :]).sum())

    def part(loop: str, times: int, count: int) -> Work:
        outputs = times * count * channels
        return Work(loop, outputs * inputs, times * count * inputs, 0, outputs, times * segments)

    return (
        part("eights", eights, 8),
        part("twos", twos, 2),
        Work("windows", 0, (eights - whole) * 8 * inputs, copied * inputs, 0, eights + twos),
        Work("lines", 0, 0, 0, 0, copied * geometry.kernel_height),
    )


def winograd(geometry: Geometry, channels: int, blocks: int, *, stored: bool = False) -> tuple[Work, ...]:
    """A 3x3 convolution by tiles of 4x4 outputs, four a block; a filter is transformed for some at once."""
    inputs = geometry.input_channels
    count = tiles(geometry.output_height) * tiles(geometry.output_width)
    fours = -(-count // 4)
    strips = -(-count // (4 * blocks))
    products = 36 * 4 * fours * inputs * channels
    pairs = fours * 36 * channels // 2
    return (
        Work(
            "winograd",
            products,
            36 * count * inputs,
            0 if stored else 36 * strips * inputs * channels,
            16 * count * channels,
            pairs,
        ),
    )


def tiles(size: int) -> int:
    """Of four outputs."""
    return -(-size // 4)


def fully_connected(
    rows: int, inputs: int, channels: int, family: Family, loop: str = "rows"
) -> tuple[Work, ...]:
    """Rows of ``inputs``, one by one."""
    padded, depth = _up(channels, 2 if family is PLAIN else 4), _up(inputs, 4)
    gathered = 0 if inputs == depth else rows * depth
    return (Work(loop, rows * padded * depth, rows * depth, gathered, rows * padded, rows),)


def fully_connected_v7m(rows: int, inputs: int, channels: int, segments: int) -> tuple[Work, ...]:
    """Rows of ``inputs`` on Armv7-M, channels by eights; ``segments`` are all eights'."""
    padded = _up(channels, 8)
    copied = 0 if padded == channels else rows * channels
    return (Work("rows", rows * padded * inputs, rows * inputs, copied, rows * padded, rows * segments),)


def depthwise_3x3(
    geometry: Geometry, channels: int, family: Family, form: Form, band: int
) -> tuple[Work, ...]:
    """A depthwise convolution of 3x3, channel by channel, ``band`` output rows from one filling."""
    if family is V7M:
        return _depthwise_3x3_v7m(geometry, channels, band)
    rows, columns = geometry.output_height, _up(geometry.output_width, 2)
    alone = family is PLAIN or (geometry.stride_height == 1 and form == "fast")  # a last odd row; else doubly
    outputs = channels * columns * (rows if alone else _up(rows, 2))
    stride, lines = geometry.stride_height, rows if family is PLAIN else _up(rows, 2)
    fillings = -(-rows // band)
    filled = (lines * stride + 2 * fillings) * (columns * stride + 2)
    lanes = geometry.input_channels if family is PLAIN else _up(geometry.input_channels, 4)
    runs = channels * rows if family is PLAIN else channels * (lines // 2 + fillings)
    return (Work("3x3", 9 * outputs, filled * lanes, 0, outputs, runs),)


def _depthwise_3x3_v7m(geometry: Geometry, channels: int, band: int) -> tuple[Work, ...]:
    """One on Armv7-M: columns by sixes, or one or two alone."""
    g = geometry
    alone = g.output_width % 6 if g.output_width < 6 or g.output_width % 6 <= 2 else 0
    outputs = g.output_height * _up(g.output_width - alone, 6) * channels
    ones = g.output_height * alone * channels
    fillings = -(-g.output_height // band)
    filled = ((g.output_height - fillings) * g.stride_height + 3 * fillings) * g.input_width
    return (
        Work("sixes", 9 * outputs, filled * g.input_channels, 0, outputs, channels * g.output_height),
        Work("alone", 9 * ones, 0, 0, ones, channels * fillings),
    )


def depthwise(geometry: Geometry, channels: int, family: Family) -> tuple[Work, ...]:
    """A depthwise convolution of any shape, pixel by pixel."""
    pixels = geometry.output_height * geometry.output_width
    taps = geometry.kernel_height * geometry.kernel_width
    fours = channels // 4 * 4 if family is not PLAIN and channels == geometry.input_channels else 0
    ones = channels - fours
    alone = Work("taps", pixels * ones * taps, pixels * taps, 0, pixels * ones, pixels)
    if not fours:
        return (alone,)
    return alone, Work("taps of four", pixels * fours * taps, 0, 0, pixels * fours, 0)


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
