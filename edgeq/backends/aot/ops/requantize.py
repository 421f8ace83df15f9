"""From accumulators to output bytes: the reference's roundings, and the few instructions that equal them.

A channel's output is ``clamp(zero_point + round(accumulator * real))``. How ``round`` is done differs:

- ``double``: multiply by a 31-bit multiplier and round, then shift and round again, ties away from zero
  (LiteRT's reference convolutions, and TensorFlow Lite Micro everywhere);
- ``single``: one rounding of the product with the 31-bit multiplier, ties upward;
- ``real``: the product in double precision, rounded half away from zero (LiteRT's reference fully connected).

:func:`plan` finds, for every channel, constants with which an affine step gives the same byte for every
accumulator that can occur, and proves it; docs/kernels.md has the argument.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.fixed_point import multiply, quantize_multiplier
from edgeq.errors import ModelError

Rounding = Literal["double", "single", "real"]
Ints = npt.NDArray[np.int64]

_INT32 = (-(2**31), 2**31 - 1)
_INT8 = (-128, 127)
_FAST_RANGE = 2**23
"""The fast forms hold the accumulator times 256 in 32 bits."""
_MAX_SHIFT = 22
"""Of the fast forms: an output times 2^shift must fit 32 bits."""


@dataclass(frozen=True, eq=False)
class Requantization:
    """How a layer's accumulators become bytes.

    Attributes:
        form: ``fast`` (one affine step), ``signed`` (its addend differs for negative accumulators) or ``exact``
            (64-bit arithmetic).
        base: int64 [channels], what the bias must be less by, so that the sums stay small.
        limits: what the kernel must still bound the outputs to; int8's own where it need not.
        table: int32 [channels, 4]: multiplier, addend, shift, correction of negative accumulators; in the exact
            form [channels, 6]: multiplier, left shift before, right shift after, low and high word of the addend,
            correction.
    """

    form: Literal["fast", "signed", "exact"]
    table: npt.NDArray[np.int32]
    base: Ints
    limits: tuple[int, int]


def requantize(accumulators: Ints, real: float, rounding: Rounding) -> Ints:
    """The reference's rounding of ``accumulators * real`` (without zero point and clamp).

    Args:
        accumulators: int64 of int32 values, any shape.
        real: the scale of an accumulator over the scale of the output; not negative.
    """
    if rounding == "real":
        product = accumulators.astype(np.float64) * real
        whole = np.trunc(product)
        away = np.where(np.abs(product - whole) >= 0.5, whole + np.sign(product), whole)
        return np.clip(away, *_INT32).astype(np.int64)
    multiplier, shift = quantize_multiplier(real)
    if rounding == "single":
        if shift > 30:
            multiplier, shift = 2**31 - 1, 30
        return (accumulators * multiplier + (1 << (30 - shift))) >> (31 - shift)
    return multiply(accumulators, multiplier, shift)


def plan(  # one layer's facts
    low: Ints,
    high: Ints,
    reals: npt.NDArray[np.float64],
    rounding: Rounding,
    zero_point: int,
    limits: tuple[int, int],
    *,
    allow_fast: bool = True,
) -> Requantization:
    """The cheapest form that is exact for every accumulator of every channel.

    Args:
        low, high: int64 [channels]: the smallest and largest accumulator that can occur.
        reals: float64 [channels]: the accumulator's scale over the output's.
        rounding: the reference's.
        zero_point: the output's.
        limits: the smallest and largest output, by the fused activation.
        allow_fast: False where the weights cannot be packed as the fast forms need them.

    Raises:
        ModelError: for a multiplier that no 31-bit fixed point can hold.
    """
    if allow_fast and int(low.min()) >= _INT32[0] and int(high.max()) <= _INT32[1]:
        for bounds in dict.fromkeys((limits, _INT8)):
            found = _plan_fast(low, high, reals, rounding, zero_point, bounds)
            if found is not None:
                return replace(found, limits=_INT8 if bounds == limits else limits)
    rows = [
        _exact_row(real, rounding, max(lo, _INT32[0]), min(hi, _INT32[1]))
        for real, lo, hi in zip(reals.tolist(), low.tolist(), high.tolist(), strict=True)
    ]
    table = np.array(rows, np.int64).astype(np.uint32).view(np.int32)
    return Requantization("exact", table, np.zeros(len(table), np.int64), limits)


def _plan_fast(
    low: Ints,
    high: Ints,
    reals: npt.NDArray[np.float64],
    rounding: Rounding,
    zero_point: int,
    limits: tuple[int, int],
) -> Requantization | None:
    rows, bases = [], []
    for lo, hi, real in zip(low.tolist(), high.tolist(), reals.tolist(), strict=True):
        base = 0 if -_FAST_RANGE < lo and hi < _FAST_RANGE else (lo + hi) // 2
        row = _fast_row(lo, hi, base, real, rounding, zero_point, limits)
        if row is None:
            return None
        rows.append(row)
        bases.append(base)
    table = np.array(rows, np.int64).astype(np.int32)
    return Requantization("signed" if np.any(table[:, 3]) else "fast", table, np.array(bases), limits)


def thresholds(low: int, high: int, real: float, rounding: Rounding, wanted: Ints) -> Ints:
    """For each wanted value, the smallest accumulator in [low, high] that rounds to it or more, else high + 1."""
    if real <= 0.0:
        return np.where(wanted <= 0, low, high + 1)
    guess = np.ceil((wanted - 0.5) / real)
    first = np.clip(guess - 4, low, high + 1).astype(np.int64)
    last = np.clip(guess + 4, low, high + 1).astype(np.int64)
    while np.any(first < last):
        middle = (first + last) >> 1
        reached = requantize(middle, real, rounding) >= wanted
        last = np.where(reached, middle, last)
        first = np.where(reached, first, np.minimum(middle + 1, last))
    inside = first <= high
    proven = np.all(requantize(first, real, rounding)[inside] >= wanted[inside])
    above = first > low
    proven &= np.all(requantize(first - 1, real, rounding)[above] < wanted[above])
    if not proven:
        raise ModelError(
            f"a scale ratio of {real!r} is out of the range that integer kernels can requantize",
            "check the model's scales: input, weights and output differ by too much",
        )
    return first


def _fast_row(
    low: int,
    high: int,
    base: int,
    real: float,
    rounding: Rounding,
    zero_point: int,
    limits: tuple[int, int],
) -> tuple[int, int, int, int] | None:
    """(multiplier, addend, shift, correction), or None where there are none.

    For every accumulator in [low, high] and ``x = accumulator - base`` the output is
    ``saturate8((((x << 8) * multiplier >> 32) + addend + (x < 0) * correction) >> shift)``.
    """
    ends = requantize(np.array([low, high]), real, rounding) + zero_point
    ends = np.clip(ends, *limits)
    if ends[0] == ends[1]:
        return 0, int(ends[0]), 0, 0  # constant; the accumulator may even wrap
    if low - base <= -_FAST_RANGE or high - base >= _FAST_RANGE:
        return None
    multiplier, exponent = quantize_multiplier(real)
    shift = 7 - exponent
    if shift < 1:
        return None
    if shift > _MAX_SHIFT:
        multiplier = (multiplier + (1 << (shift - _MAX_SHIFT - 1))) >> (shift - _MAX_SHIFT)
        shift = _MAX_SHIFT
    outputs = np.arange(-127, 128, dtype=np.int64)
    reached = thresholds(low, high, real, rounding, outputs - zero_point)
    reached = np.where(outputs <= limits[0], low, np.where(outputs > limits[1], high + 1, reached)) - base
    low, high = low - base, high - base
    for candidate in (multiplier, multiplier + 1, multiplier - 1):
        if not 0 < candidate < 2**31:
            continue
        step = _Step(candidate, shift, outputs, reached)
        whole = step.addends(low, high)
        if whole is not None:
            addend = _middle(whole)
            return (candidate, addend, shift, 0) if step.fits(low, high, addend) else None
        if low < 0 <= high:
            negative, positive = step.addends(low, -1), step.addends(0, high)
            if negative is not None and positive is not None:
                addend, below = _middle(positive), _middle(negative)
                if step.fits(low, -1, below) and step.fits(0, high, addend):
                    return candidate, addend, shift, below - addend
    return None


@dataclass(frozen=True, eq=False)
class _Step:
    """An affine step's multiplier and shift, and the thresholds that it must meet."""

    multiplier: int
    shift: int
    outputs: Ints
    reached: Ints

    def scaled(self, accumulators: Ints) -> Ints:
        return (accumulators * self.multiplier) >> 24

    def addends(self, low: int, high: int) -> tuple[int, int] | None:
        """The addends with which every threshold is met exactly within [low, high]; None if there are none."""
        first = np.clip(self.reached, low, high + 1)
        goal = self.outputs << self.shift
        at_least = (goal - self.scaled(first))[first <= high]
        at_most = (goal - 1 - self.scaled(first - 1))[first > low]
        smallest = int(at_least.max()) if len(at_least) else int(at_most.min())
        largest = int(at_most.min()) if len(at_most) else int(at_least.max())
        return (smallest, largest) if smallest <= largest else None

    def fits(self, low: int, high: int, addend: int) -> bool:
        """Whether no sum leaves 32 bits."""
        ends = self.scaled(np.array([low, high])) + addend
        return bool(np.all(np.abs(ends) < 2**31) and abs(addend) < 2**31)


def _middle(interval: tuple[int, int]) -> int:
    return (interval[0] + interval[1]) // 2


def _exact_row(real: float, rounding: Rounding, low: int, high: int) -> tuple[int, ...]:
    """(multiplier, left, right, addend low, addend high, correction) of the exact form, words as unsigned."""
    multiplier, shift = quantize_multiplier(real)
    if rounding == "single" and shift > 30:
        multiplier, shift = 2**31 - 1, 30
    left, right = (shift, 31) if rounding == "double" and shift > 0 else (0, 31 - shift)
    correction = 0
    if rounding == "double":
        addend = (1 << 30) + ((1 << (right - 1)) if shift < 0 else 0)
        correction = -(2**31) if shift < 0 else 0
    elif rounding == "single":
        addend = 1 << (right - 1)
    else:
        multiplier, right, addend, correction = _real_row(real, low, high)
    return (
        multiplier,
        left,
        right,
        addend & 0xFFFFFFFF,
        (addend >> 32) & 0xFFFFFFFF,
        correction & 0xFFFFFFFF,
    )


def _real_row(real: float, low: int, high: int) -> tuple[int, int, int, int]:
    """(multiplier, right shift, addend, correction): double-precision rounding as one 64-bit affine step."""
    nominal, shift = quantize_multiplier(real)
    right = 31 - shift
    if nominal == 0 or not 1 <= right <= 62:
        if nominal == 0:
            return 0, 31, 0, 0
        raise ModelError(
            f"a scale ratio of {real!r} is out of the range that integer kernels can requantize",
            "check the model's scales: input, weights and output differ by too much",
        )
    wanted = np.arange(-256, 257, dtype=np.int64)
    first = thresholds(low, high, real, "real", wanted).tolist()
    for multiplier in (nominal, nominal + 1, nominal - 1, nominal + 2, nominal - 2):
        sides = []
        for lo, hi in ((max(low, 0), high), (low, min(high, -1))):
            at_least, at_most = -(2**62), 2**62
            for value, start in zip(wanted.tolist(), first, strict=True):
                inside = min(max(start, lo), hi + 1)
                if lo <= inside <= hi:
                    at_least = max(at_least, (value << right) - inside * multiplier)
                if lo < inside <= hi + 1:
                    at_most = min(at_most, (value << right) - 1 - (inside - 1) * multiplier)
            sides.append((at_least, at_most))
        if all(a <= b for a, b in sides) and multiplier < 2**31:
            addend = _middle(sides[0])
            near = min(max(addend, sides[1][0]), sides[1][1])
            if abs(near - addend) < 2**31 and abs(addend) < 2**62:
                return multiplier, right, addend, near - addend
    raise ModelError(
        f"no fixed-point step equals double-precision rounding at a scale ratio of {real!r}",
        'use rounding="single" for this operator, and accept differences of one',
    )
