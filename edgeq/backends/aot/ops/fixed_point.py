"""Numpy twins of the fixed-point functions that LiteRT's reference kernels are made of, exact bit for bit.

Everything takes and gives int64 arrays (or ints) that hold int32 values, so that no product overflows.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_INT32_MIN = -(1 << 31)
_INT32_MAX = 2**31 - 1


def quantize_multiplier(real: float) -> tuple[int, int]:
    """A non-negative real as ``mantissa * 2**(shift - 31)``, mantissa in [2^30, 2^31) or 0."""
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    mantissa = math.floor(fraction * 2.0**31 + 0.5)
    if mantissa == 2**31:
        mantissa //= 2
        shift += 1
    if shift < -31:
        return 0, 0
    return mantissa, shift


def half_multiplier(real: float) -> tuple[int, int]:
    """A non-negative real as ``mantissa * 2**-shift`` with 15 bits, as 64-bit sums are multiplied by."""
    mantissa, exponent = quantize_multiplier(real)
    return min((mantissa + (1 << 15)) >> 16, 0x7FFF), 15 - exponent


def near_power_of_two(real: float) -> int | None:
    """The exponent of a power of two that a positive real is, by the reference's tolerance; else None."""
    exponent = np.float32(math.log(real)) * (np.float32(1) / np.float32(math.log(2)))
    whole = round_half_away(np.asarray(exponent))
    return int(whole) if abs(float(exponent - whole)) < 1e-3 else None


def doubling_high_mul(a: Ints, b: Ints | int) -> Ints:
    """The high half of ``2 * a * b``, rounded to nearest with ties upward, saturating at int32's end."""
    product: Ints = (a * b + (1 << 30)) >> 31
    return np.minimum(product, _INT32_MAX)


def rounding_shift_right(x: Ints, shift: int) -> Ints:
    """``x / 2**shift``, rounded to nearest with ties away from zero."""
    if shift == 0:
        return x
    rounded: Ints = (x + (1 << (shift - 1)) - (x < 0)) >> shift
    return rounded


def wrap(x: Ints) -> Ints:
    """An int64 cut to int32, as two's complement."""
    return (x + 2**31) % 2**32 - 2**31


def multiply(x: Ints, multiplier: int, shift: int) -> Ints:
    """``x * multiplier * 2**(shift - 31)`` with double rounding, as the reference requantizes."""
    shifted = wrap(x << max(shift, 0))
    return rounding_shift_right(doubling_high_mul(shifted, multiplier), max(-shift, 0))


def inverse_square_root(x: int) -> tuple[int, int]:
    """``1 / sqrt(x)`` of a positive int32 as ``mantissa * 2**(shift - 31)``, by Newton's method."""
    if x <= 1:
        return _INT32_MAX, 0
    shift = 11
    while x >= 1 << 29:
        x //= 4
        shift += 1
    pairs = (31 - x.bit_length()) // 2 - 1
    shift -= pairs
    half_input = rounding_shift_right(np.int64(x << (2 * pairs) >> 1), 1)
    root = np.int64(1 << 28)
    for _ in range(5):
        cube = _saturated(doubling_high_mul(doubling_high_mul(root, root), root) << 6)
        step = doubling_high_mul(np.int64(3 << 27), root) - doubling_high_mul(half_input, cube)
        root = _saturated(wrap(step) << 3)
    mantissa = int(doubling_high_mul(root, 1518500250))
    return (mantissa << -shift, 0) if shift < 0 else (mantissa, -shift)


def _saturated(x: Ints) -> Ints:
    return clamp(x, _INT32_MIN, _INT32_MAX)


def reciprocal_of_one_plus(x: Ints) -> Ints:
    """``1 / (1 + x)``, Q0.31 in and out: Newton's division from 48/17 - 32/17 d, in Q2.29."""
    sum_ = x + _INT32_MAX
    half_denominator = np.where(sum_ < 0, -((1 - sum_) >> 1), (sum_ + 1) >> 1)
    result = 1515870810 + doubling_high_mul(half_denominator, -1010580540)
    for _ in range(3):
        rest = (1 << 29) - doubling_high_mul(half_denominator, result)
        result = wrap(result + _saturated(doubling_high_mul(result, rest) << 2))
    return _saturated(result << 1)


def exp_on_negative_values(a: Ints) -> Ints:
    """``exp(a)`` for a <= 0: ``a`` in Q5.26, the result in Q0.31."""
    quarter = 1 << 24
    folded = (a & (quarter - 1)) - quarter
    result = _exp_near_minus_one_eighth(folded << 5)
    remainder = folded - a
    factors = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
    for power, factor in enumerate(factors, start=24):
        result = np.where(remainder & (1 << power), doubling_high_mul(result, factor), result)
    return np.where(a == 0, _INT32_MAX, result)


def _exp_near_minus_one_eighth(a: Ints) -> Ints:
    """``exp(a)`` for a in [-1/4, 0), Q0.31 in and out: a Taylor series about -1/8."""
    constant, third = 1895147668, 715827883
    x = a + (1 << 28)
    x2 = doubling_high_mul(x, x)
    x3 = doubling_high_mul(x2, x)
    x4 = doubling_high_mul(x2, x2)
    inner = doubling_high_mul(rounding_shift_right(x4, 2) + x3, third) + x2
    return constant + doubling_high_mul(x + rounding_shift_right(inner, 1), constant)


def clamp(x: Ints, low: int, high: int) -> Ints:
    """``x`` limited to [low, high]."""
    return np.clip(x, low, high)


def round_half_away(x: npt.NDArray[np.floating[npt.NBitBase]]) -> npt.NDArray[np.floating[npt.NBitBase]]:
    """Rounded to the nearest integer, ties away from zero, in the type of ``x`` (C's ``round``)."""
    whole = np.trunc(x)
    return np.where(np.abs(x - whole) >= 0.5, whole + np.sign(x), whole).astype(x.dtype)
