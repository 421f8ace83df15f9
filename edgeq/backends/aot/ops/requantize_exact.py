"""Requantization by 64-bit arithmetic, for what no affine step of 32 bits equals."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.requantize import (
    INT32,
    NO_FIT,
    Demand,
    Requantization,
    Rounding,
    affine,
    fixed_point,
    thresholds,
)
from edgeq.base.errors import ModelError


def plan(demand: Demand, *, allow_fast: bool = True) -> Requantization:
    """The cheapest form that is exact for every accumulator of every channel.

    Args:
        demand: the layer's.
        allow_fast: False where the weights cannot be packed as the fast forms need them.

    Raises:
        ModelError: for a scale that no fixed point can hold.
    """
    found = affine(demand) if allow_fast else None
    return exact(demand) if found is None else found


def exact(demand: Demand) -> Requantization:
    """The exact form.

    Raises:
        ModelError: for a scale that no fixed point can hold.
    """
    rows = [
        _exact_row(max(lo, INT32[0]), min(hi, INT32[1]), r, demand.rounding)
        for lo, hi, r in demand.channels()
    ]
    words = [[*_words(m), *_words(a), *_words(c), left, right] for m, a, c, left, right in rows]
    table = np.array(words, np.int64).astype(np.uint32).view(np.int32)
    return Requantization(demand.limits, "exact", table, np.zeros(len(table), np.int64))


def _words(value: int) -> tuple[int, int]:
    """The low and high word of an int64, as unsigned."""
    return value & 0xFFFFFFFF, (value >> 32) & 0xFFFFFFFF


def _exact_row(low: int, high: int, real: float, rounding: Rounding) -> tuple[int, int, int, int, int]:
    """(multiplier, addend, correction, left, right) of the exact form.

    With ``x = accumulator << left``, wrapping as the reference does, the rounded value is
    ``(x * multiplier + addend + (x < 0) * correction) >> right``.
    """
    if rounding == "real":
        return _real_row(low, high, real)
    multiplier, shift = fixed_point(real, rounding)
    if rounding == "single":
        return multiplier, 1 << (30 - shift), 0, 0, 31 - shift
    if shift >= 0:
        return multiplier, 1 << 30, 0, shift, 31
    return multiplier, (1 << 30) + (1 << (30 - shift)), -(2**31), 0, 31 - shift


def _real_row(low: int, high: int, real: float) -> tuple[int, int, int, int, int]:
    """As :func:`_exact_row`: double precision's rounding as a 64-bit step, by its thresholds."""
    _, shift = quantize_multiplier(real)
    room = 30 - max(abs(low), abs(high)).bit_length()
    right = min(31 - shift + max(room, 0), 62)
    multiplier = round(Fraction(real) * 2**right) if right > 0 else 0
    if multiplier < 1 or multiplier >= 2**61:
        if real < 2.0**-32:
            return 0, 0, 0, 0, 31
        raise ModelError(f"a scale ratio of {real!r} is out of the range of fixed point", NO_FIT)
    wanted = np.arange(-256, 257, dtype=np.int64)
    first = thresholds(low, high, real, "real", wanted).tolist()
    for candidate in (multiplier, multiplier + 1, multiplier - 1):
        sides = []
        for lo, hi in ((max(low, 0), high), (low, min(high, -1))):
            at_least, at_most = -(2**62), 2**62
            for value, start in zip(wanted.tolist(), first, strict=True):
                inside = min(max(start, lo), hi + 1)
                if lo <= inside <= hi:
                    at_least = max(at_least, (value << right) - inside * candidate)
                if lo < inside <= hi + 1:
                    at_most = min(at_most, (value << right) - 1 - (inside - 1) * candidate)
            sides.append((at_least, at_most))
        if all(a <= b for a, b in sides):
            above, below = ((a + b) // 2 for a, b in sides)
            return candidate, above, below - above, 0, right
    raise ModelError(f"no fixed point equals double precision at a scale ratio of {real!r}", NO_FIT)
