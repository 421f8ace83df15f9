"""Requantization on cores whose product of two words is one word.

From the plain sum of products, with the multiplier in two parts of which the lower has `split` bits:

    sum = what lies nearest to it in [first, last]
    y = sum * high + (sum * low >> split) + addend      two MULS
    output = y >> shift

The signed form has three parts, the lower ones of `split` bits, and a correction of what is negative:

    y = sum * high + (sum * middle + (sum * low >> split) >> split) + addend      three MULS
    y += correction if y < turn
    output = y >> shift

First is the last sum whose output is the lower limit, and last the first one whose is the upper: beyond them
nothing changes, so that neither products nor outputs leave their ranges, and the output needs no bounds. The
second line is ``(sum * multiplier >> split) + addend``, or with twice the split: sums wrap modulo 2^32, and
the whole fits. The bias is in the addend. That it is exact is shown as in requantize.py: both sides are
monotone, so it is enough that they meet each of the 255 thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.affine import AffineStep
from edgeq.backends.aot.ops.requantize import REMEMBERED, Demand, Form, Ints, ends, thresholds
from edgeq.backends.aot.step import Constant

_SHIFT = 22
"""An output times 2^22 fits 32 bits, with room for the addend's corrections."""
_SPLIT = 15
"""Bits of a part of the multiplier, at most."""
_FEW, _LEAST = 8, 4
"""Bits of a part that are enough for a large multiplier; of a part or a shift with which nothing is exact."""
_NEAR = (0, 1, -1, 2, -2)
"""Multipliers that are tried, about the real one."""
_NEVER = -(2**31)
"""A turn that nothing is below."""


@dataclass(frozen=True, eq=False)
class Rows:
    """How a layer's sums of products become bytes.

    Attributes:
        form: ``fast`` or ``signed``.
        table: int32 [channels, columns]: shift, 256 * split and 65536 * the output of first in a word,
            multiplier, addend, first, last; in the signed form turn and correction, too.
    """

    form: Form
    table: npt.NDArray[np.int32]

    @property
    def constant(self) -> Constant:
        """The table, in flash."""
        columns = "shift, 256 * split and 65536 * the output of first, multiplier, addend, first, last"
        signed = ", turn, correction" if self.form == "signed" else ""
        return Constant("requant", "int32_t", self.table.reshape(-1), f"a row a channel: {columns}{signed}")


def plan(demand: Demand, bias: Ints) -> Rows | None:
    """Rows that are exact for every sum of every channel; None where there are none.

    Args:
        demand: the layer's.
        bias: int64 [channels]: what the accumulator has beyond the sum of the products.
    """
    return _plan(demand, tuple(bias.tolist()))


@lru_cache(REMEMBERED)
def _plan(demand: Demand, bias: tuple[int, ...]) -> Rows | None:
    channels = [_channel(demand, *row) for row in zip(demand.channels(), bias, strict=True)]
    forms: tuple[Form, ...] = ("fast", "signed")
    for form in forms:
        rows = []
        for channel in channels:
            row = None if channel is None else channel.row(form)
            if row is None:
                break
            rows.append(row)
        else:
            table = (np.array(rows, np.int64) & 0xFFFFFFFF).astype(np.uint32).view(np.int32)
            return Rows(form, table)
    return None


def _channel(demand: Demand, accumulators: tuple[int, int, float], bias: int) -> _Channel | None:
    low, high, real = accumulators
    if max(-low, high, abs(low - bias), abs(high - bias)) >= 2**31:
        return None
    outer = ends(demand, low, high, real)
    if outer is None:
        return None
    if outer[0] == outer[1]:
        return _Channel(0.0, (int(outer[0]), int(outer[0])), 0, np.zeros(0, np.int64), 0, 0, 0)
    least, most = demand.limits
    outputs = np.arange(least + 1, most + 1, dtype=np.int64)
    reached = thresholds(low, high, real, demand.rounding, outputs - demand.zero_point)
    first, last = max(low, int(reached[0]) - 1) - bias, min(high, int(reached[-1])) - bias
    return _Channel(real, demand.limits, demand.zero_point, reached - bias, first, -bias, last)


@dataclass(frozen=True, eq=False)
class _Channel:
    """A channel: its scale, its outputs' limits and zero point, and some of its sums.

    Those at which each output behind the lower limit is reached; the first, the one for zero, and the last.
    """

    real: float
    limits: tuple[int, int]
    zero_point: int
    reached: Ints
    first: int
    zero: int
    last: int

    def row(self, form: Form) -> tuple[int, ...] | None:
        """Of the table; None where there is none in a form."""
        parts = 1 if form == "fast" else 2
        least, most = self.limits
        if least == most:
            return (1 + 65536 * (least & 0xFF), 0, least << 1, 0, 0, _NEVER, 0)[: 3 + 2 * parts]
        bits = max(abs(self.first), abs(self.last)).bit_length()
        shift, split = _SHIFT, min(32 - parts - bits, _SPLIT)
        while self.real * 2.0 ** (shift + parts * split) >= 2.0**31 - 1:
            shift, split = (shift, split - 1) if split > _FEW else (shift - 1, split)
        if min(shift, split) < _LEAST:
            return None
        outputs = np.arange(least + 1, most + 1, dtype=np.int64)
        multiplier = round(self.real * 2.0 ** (shift + parts * split))
        for near in _NEAR:
            if multiplier + near < 1:
                continue
            step = AffineStep(multiplier + near, parts * split, outputs << shift, self.reached)
            found = self._addend(step, (self.zero_point << shift) + (1 << (shift - 1)), form)
            if found is None:
                continue
            addend, turn, correction = found
            scaled = [step.scaled(end) + addend for end in (self.first, self.last)]
            low, high = (y + correction * (y < turn) for y in scaled)
            if least << shift <= low <= high < (most + 1) << shift:
                packed = shift + 256 * split + 65536 * (low >> shift & 0xFF)
                row = (packed, step.multiplier, addend, self.first, self.last, turn, correction)
                return row[: 3 + 2 * parts]
        return None

    def _addend(self, step: AffineStep, turn: int, form: Form) -> tuple[int, int, int] | None:
        """Addend, turn and correction, which the signed form has, and where one addend is not enough."""
        both = step.addends(self.first, self.last)
        if both is not None:
            return (both[0] + both[1]) // 2, _NEVER, 0
        if form == "fast" or not self.first < self.zero <= self.last:
            return None
        parted = step.parted(self.first, self.zero, self.last, turn)
        return None if parted is None else (parted[0], turn, parted[1])
