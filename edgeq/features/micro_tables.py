"""The tables of TensorFlow Lite Micro's audio frontend, computed in float32 as it computes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgeq.features.form import Array

_f = np.float32
_ONE = 1 << 12
_INTERVALS = 32


@dataclass(frozen=True, eq=False)
class Corners:
    """Bands: which bins each begins with, and their weights, one after the other, int16.

    Attributes:
        starts, widths: bins, of one band more than there are channels.
        weights: of each bin for its band; ``unweights`` those for the band before... what is left of one.
        end: the bin behind the last.
    """

    starts: list[int]
    widths: list[int]
    weights: Array
    unweights: Array
    end: int


def window(size: int) -> Array:
    """Hann, 12 bits behind the point, int16."""
    turn = _f(np.pi) * _f(2) / _f(size)
    angles = (turn * (np.arange(size).astype(_f) + _f(0.5))).astype(_f)
    shape = _f(0.5) - _f(0.5) * np.cos(angles.astype(np.float64)).astype(_f)
    found: Array = np.floor(shape * _f(_ONE) + _f(0.5)).astype(np.int16)
    return found


def bands(channels: int, low: float, high: float, rate: float, points: int) -> Corners:
    """The triangles, even in mel, for a transform over so many points."""
    mel_low, mel_high = _mel(_f(low)), _mel(_f(high))
    spacing = (mel_high - mel_low) / _f(channels + 1)
    centers = mel_low + spacing * np.arange(1, channels + 2).astype(_f)
    hertz = _f(0.5) * _f(rate) / _f(points // 2)
    start = int(_f(1.5) + _f(low) / hertz)
    scaled = _mel(np.arange(points).astype(_f) * hertz)
    starts, widths, weights = [], [], []
    for channel, center in enumerate(centers):
        end = max(start, int(np.searchsorted(scaled, center, side="right")))
        before = mel_low if channel == 0 else centers[channel - 1]
        starts.append(start)
        widths.append(end - start)
        weights.append((center - scaled[start:end]) / (center - before))
        start = end
    flat = np.concatenate(weights).astype(_f)
    rising, falling = (np.floor(part * _f(_ONE) + _f(0.5)).astype(np.int16) for part in (flat, _f(1) - flat))
    return Corners(starts, widths, rising, falling, start)


def gains(strength: float, offset: float, gain_bits: int, input_bits: int) -> Array:
    """PCAN's gain by the noise's estimate: of each power of two a parabola, int16 ``[125]``."""

    def gain(x: int) -> int:
        value = _f(x) / _f(1 << input_bits) + _f(offset)
        found = _f(1 << gain_bits) * _f(float(value) ** -float(_f(strength)))
        return 32767 if found > 32767 else int(found + _f(0.5))

    table = np.zeros(4 * _INTERVALS - 3, np.int16)
    table[:2] = gain(0), gain(1)
    for interval in range(2, _INTERVALS + 1):
        x0 = 1 << interval - 1
        x2 = 2 * x0 - (interval == _INTERVALS)
        y0, y1, y2 = gain(x0), gain(x0 + (x0 >> 1)), gain(x2)
        first = 4 * (y1 - y0) - (y2 - y0)
        table[4 * interval - 6 : 4 * interval - 3] = np.array([y0, first, y2 - y0 - first]).astype(np.int16)
    return table


def logarithms() -> Array:
    """What log2(1 + x) is above x, at 128 places and one more, 16 bits behind the point, uint16."""
    x = np.arange(129) / 128
    return np.floor((np.log2(1 + x) - x) * 65536 + 0.5).astype(np.uint16)


def _mel(hertz: Array | np.float32) -> Array:
    made: Array = _f(1127) * _log1p(np.asarray(hertz, _f) / _f(700))
    return made


_SERIES = [
    _f(c)
    for c in (0.66666668653, 0.4, 0.28571429849, 0.22222198546, 0.1818357259, 0.15313838422, 0.1479819864)
]
_LN2_HIGH, _LN2_LOW = _f(0.69313812256), _f(9.0580006145e-06)


def _log1p(x: Array) -> Array:
    """log1p of float32 not below 0 as glibc's and newlib's log1pf round it, which are not always the nearest:
    1 + x = 2^k (1 + f), and log(1 + f) by a series in f / (2 + f)."""
    u = (_f(1) + x).astype(_f)
    k = np.frexp(u)[1] - 1
    lost = np.where(k > 0, _f(1) - (u - x), x - (u - _f(1))) / u
    mantissa = np.ldexp(u, -k).astype(_f)
    upper = mantissa.view(np.int32) & 0x7FFFFF >= 0x3504F7
    f = np.where(upper, mantissa * _f(0.5), mantissa) - _f(1)
    k = k + upper
    small = x.view(np.int32) < 0x3ED413D7  # x below sqrt(2) - 1
    f, k, lost = np.where(small, x, f), np.where(small, 0, k).astype(_f), np.where(small, _f(0), lost)
    half = _f(0.5) * f * f
    s = f / (_f(2) + f)
    z = s * s
    r = _f(0)
    for coefficient in reversed(_SERIES):
        r = z * (coefficient + r)
    tail = s * (half + r) + (k * _LN2_LOW + lost)
    made: Array = np.where(k == 0, f - (half - s * (half + r)), k * _LN2_HIGH - ((half - tail) - f))
    return made.astype(_f)
