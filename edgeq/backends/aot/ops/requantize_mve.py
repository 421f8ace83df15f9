"""Requantization on Helium's lanes.

Rounded twice, as the reference's convolutions are, it is the reference's own arithmetic and needs no search:

    r = ((sum + bias) * multiplier * 2 + 2^31) >> 32      VADD, VQRDMULH
    r += r >> 31                                          the signed form only: ties away from zero
    output = saturate8((r + addend) >> shift)             VQADD, VSHL, VQMOVN

where the addend is half a unit and the output's zero point. A negative r matters only where outputs lie
below the zero point; else the sign's correction is left out.

Rounded from the real product, as the reference's fully connected layers are, it is

    y = (((sum << left) * multiplier * 2) >> 32) + addend      VSHL, VQDMULH, VQADD
    y += correction if y < middle                              the signed form only
    output = saturate8(y >> right)                             VSHL, VQMOVN

with the bias in the addend; left, right and middle are the layer's. That it is exact is shown as in
requantize.py: both sides are monotone, so it is enough that they meet each of the 255 thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.affine import AffineStep
from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.requantize import (
    INT32,
    REMEMBERED,
    Demand,
    Limited,
    limited,
    requantize,
    thresholds,
)

Ints = npt.NDArray[np.int64]
Form = Literal["fast", "signed"]

_MOST = 22
"""Bits below an output's units: an output times 2^22 fits 32 bits, and what saturates there, int8 would."""
_NEAR = (0, 1, -1, 2, -2)
"""Multipliers that are tried, about the real one."""


@dataclass(frozen=True, eq=False)
class Lanes(Limited):
    """How a layer's sums of products become bytes, channel by channel.

    Attributes:
        form: whether what is negative needs a correction.
        rows: int64 [columns, channels]: bias, multiplier, addend and shift (negative: to the right) where it
            is rounded twice; else multiplier, addend and, in the signed form, correction.
        left, right, middle: the layer's; 0 where it is rounded twice.
    """

    form: Form
    rows: Ints
    left: int = 0
    right: int = 0
    middle: int = 0

    def by(self, channels: int) -> npt.NDArray[np.int32]:
        """[blocks, columns, channels of a block], zeros behind the last channel."""
        columns, count = self.rows.shape
        padded = np.zeros((columns, -(-count // channels) * channels), np.int64)
        padded[:, :count] = (self.rows + 2**31) % 2**32 - 2**31
        blocks = padded.reshape(columns, -1, channels).transpose(1, 0, 2)
        return np.ascontiguousarray(blocks, np.int32)


def twice(demand: Demand, bias: Ints) -> Lanes | None:
    """The reference's double rounding; None where a scale is out of its range.

    Args:
        demand: the layer's.
        bias: int64 [channels]: what the accumulator has beyond the sum of the products.
    """
    below = demand.limits[0] < demand.zero_point
    rows = []
    for (low, high, real), base in zip(demand.channels(), bias.tolist(), strict=True):
        multiplier, exponent = quantize_multiplier(real)
        within = low >= INT32[0] and high <= INT32[1]
        ends = requantize(np.clip([low, high], *INT32), real, "double") if within else np.array([0, 1])
        ends = np.clip(ends + demand.zero_point, *demand.limits)
        if ends[0] == ends[1] and exponent <= 0:
            rows.append((base, 0, int(ends[0]), 0))
        elif -_MOST <= exponent <= (-1 if below else 0):
            half = 1 << -exponent >> 1
            rows.append((base, multiplier, (demand.zero_point << -exponent) + half, exponent))
        else:
            return None
    return Lanes(demand.limits, "signed" if below else "fast", np.array(rows, np.int64).T)


def once(demand: Demand, bias: Ints) -> Lanes | None:
    """An affine step from plain sums, exact for every accumulator of every channel; None where there is none.

    Args:
        demand: the layer's.
        bias: int64 [channels]: what the accumulator has beyond the sum of the products.
    """
    return _once(demand, tuple(bias.tolist()))


@lru_cache(REMEMBERED)
def _once(demand: Demand, bias: tuple[int, ...]) -> Lanes | None:
    return limited(demand, partial(_affine, np.array(bias, np.int64)))


def _affine(bias: Ints, demand: Demand) -> Lanes | None:
    sums = max(int(np.abs(demand.low - bias).max()), int(np.abs(demand.high - bias).max()), 1)
    left = 31 - sums.bit_length()
    largest = float(demand.reals.max())
    if left < 0 or largest <= 0.0:
        return None
    right = min(_MOST, left - 1 - quantize_multiplier(largest)[1])  # the multiplier stays below 2^31
    if right < 1:
        return None
    middle = (demand.zero_point << right) + (1 << (right - 1))
    layer = _Layer(demand, left, right, middle)
    rows = []
    for (low, high, real), base in zip(demand.channels(), bias.tolist(), strict=True):
        row = layer.row(low, high, real, base)
        if row is None:
            return None
        rows.append(row)
    table = np.array(rows, np.int64).reshape(-1, 3).T
    form: Form = "signed" if np.any(table[2]) else "fast"
    return Lanes(demand.limits, form, table[: 2 + (form == "signed")], left, right, middle)


@dataclass(frozen=True, eq=False)
class _Layer:
    demand: Demand
    left: int
    right: int
    middle: int

    def row(self, low: int, high: int, real: float, bias: int) -> tuple[int, int, int] | None:
        """(multiplier, addend, correction) of a channel whose accumulators lie in [low, high]."""
        demand = self.demand
        ends = requantize(np.array([low, high]), real, demand.rounding) + demand.zero_point
        ends = np.clip(ends, *demand.limits)
        if ends[0] == ends[1]:
            return 0, int(ends[0]) << self.right, 0
        outputs = np.arange(-127, 128, dtype=np.int64)
        reached = thresholds(low, high, real, demand.rounding, outputs - demand.zero_point)
        reached = np.where(outputs <= demand.limits[0], low, reached)
        reached = np.where(outputs > demand.limits[1], high + 1, reached) - bias
        low, high, zero = low - bias, high - bias, -bias
        multiplier = round(real * 2.0 ** (self.right + 31 - self.left))
        for near in _NEAR:
            if not 1 <= multiplier + near < 2**31:
                continue
            step = AffineStep(multiplier + near, 31 - self.left, outputs << self.right, reached)
            both = step.addends(low, high)
            found = None if both is None else ((both[0] + both[1]) // 2, 0)
            if found is None and low < zero <= high:
                found = step.parted(low, zero, high, self.middle)
            if found is not None and max(map(abs, found)) < 2**31:
                return step.multiplier, *found
        return None
