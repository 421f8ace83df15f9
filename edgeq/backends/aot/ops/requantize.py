"""From accumulators to output bytes: the reference's roundings, and few instructions that equal them.

A channel's output is ``clamp(zero_point + round(accumulator * real))``. How ``round`` is done differs:

- ``double``: multiply by a 31-bit multiplier and round, then shift and round again, ties away from zero
  (LiteRT's reference convolutions, and TensorFlow Lite Micro everywhere);
- ``single``: one rounding of the product with the 31-bit multiplier, ties upward;
- ``real``: the product in double precision, rounded half away from zero (LiteRT's reference fully connected).

:func:`plan` finds constants with which an affine step gives the same byte for every accumulator that can
occur, channel by channel, and proves it: both are monotone, so it is enough that they agree on both sides of
each of the 255 places where the output changes. docs/kernels.md has the argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.fixed_point import multiply, quantize_multiplier
from edgeq.base.errors import ModelError

Rounding = Literal["double", "single", "real"]
Form = Literal["fast", "signed", "exact"]
"""Of the arithmetic, the cheapest first; each can do what those before it can."""
Ints = npt.NDArray[np.int64]

INT32 = (-(2**31), 2**31 - 1)
INT8 = (-128, 127)
LEFT = 8
"""How far the fast forms' accumulators are shifted left."""
_FAST_RANGE = 2**23
"""The fast forms hold the accumulator times 256 in 32 bits."""
_MAX_SHIFT = 22
"""Of the fast forms: an output times 2^shift must fit 32 bits."""
_NO_FIT = "check the model's scales: those of input, weights and output differ by too much"


@dataclass(frozen=True, eq=False)
class Demand:
    """What a layer's requantization must do.

    Attributes:
        low, high: int64 [channels]: the smallest and largest accumulator that can occur.
        reals: float64 [channels]: the accumulator's scale over the output's.
        rounding: the reference's.
        zero_point: the output's.
        limits: the smallest and largest output, by the fused activation.
    """

    low: Ints
    high: Ints
    reals: npt.NDArray[np.float64]
    rounding: Rounding
    zero_point: int
    limits: tuple[int, int]

    def channels(self) -> Iterator[tuple[int, int, float]]:
        """(low, high, real) of every channel."""
        return zip(self.low.tolist(), self.high.tolist(), self.reals.tolist(), strict=True)

    def joined(self) -> Demand:
        """One channel in place of all, where they have one scale."""
        return replace(
            self,
            low=self.low.min(keepdims=True),
            high=self.high.max(keepdims=True),
            reals=self.reals[:1],
        )


@dataclass(frozen=True, eq=False)
class Limited:
    """Arithmetic that may leave limits to the kernel.

    Attributes:
        limits: what the kernel must still bound the outputs to; int8's own where it need not.
    """

    limits: tuple[int, int]

    @property
    def is_bounded(self) -> bool:
        """Whether the kernel must still bound the outputs."""
        return self.limits != INT8


Found = TypeVar("Found", bound=Limited)


@dataclass(frozen=True, eq=False)
class Requantization(Limited):
    """How a layer's accumulators become bytes.

    Attributes:
        form: ``fast`` (one affine step), ``signed`` (its addend differs for negative accumulators) or
            ``exact`` (64-bit arithmetic).
        table: int32 [channels, 4]: multiplier, addend, shift, correction of negative accumulators; in the
            exact form [channels, 8]: multiplier, addend, correction (low and high words), left shift, right
            shift.
        base: int64 [channels], what the bias must be less by, so that the sums stay small.
    """

    form: Form
    table: npt.NDArray[np.int32]
    base: Ints


def forms(found: Requantization | None) -> tuple[Form, ...]:
    """The forms that are exact for a layer, the cheapest first, by what :func:`affine` found for it."""
    every: tuple[Form, ...] = ("fast", "signed", "exact")
    return every[every.index("exact" if found is None else found.form) :]


def requantize(accumulators: Ints, real: float, rounding: Rounding) -> Ints:
    """The reference's rounding of ``accumulators * real`` (without zero point and clamp).

    Args:
        accumulators: int64 of int32 values, any shape.
        real: the scale of an accumulator over the scale of the output; not negative.
        rounding: which reference's.
    """
    if rounding == "real":
        product = accumulators.astype(np.float64) * real
        whole = np.trunc(product)
        away = np.where(np.abs(product - whole) >= 0.5, whole + np.sign(product), whole)
        rounded: Ints = np.clip(away, *INT32).astype(np.int64)
        return rounded
    multiplier, shift = fixed_point(real, rounding)
    if rounding == "single":
        once: Ints = (accumulators * multiplier + (1 << (30 - shift))) >> (31 - shift)
        return once
    return multiply(accumulators, multiplier, shift)


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


def affine(demand: Demand) -> Requantization | None:
    """The fast form, or where that is not exact the signed one; None where neither is."""
    return limited(demand, _plan_fast)


def limited(demand: Demand, search: Callable[[Demand], Found | None]) -> Found | None:
    """What is found with the limits met by the arithmetic itself, else what leaves them to the kernel.

    None where accumulators leave 32 bits, too.

    Args:
        search: for arithmetic that meets the limits of what is demanded.
    """
    if int(demand.low.min()) < INT32[0] or int(demand.high.max()) > INT32[1]:
        return None
    for bounds in dict.fromkeys((demand.limits, INT8)):
        found = search(replace(demand, limits=bounds))
        if found is not None:
            return replace(found, limits=INT8 if bounds == demand.limits else demand.limits)
    return None


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


def outputs(demand: Demand) -> tuple[Ints, Ints]:
    """The smallest and largest output of every channel; the limits where the reference overflows."""
    found = [
        None if low < INT32[0] or high > INT32[1] else ends(demand, low, high, real)
        for low, high, real in demand.channels()
    ]
    lows, highs = zip(*(demand.limits if one is None else one for one in found), strict=True)
    return np.array(lows, np.int64), np.array(highs, np.int64)


def ends(demand: Demand, low: int, high: int, real: float) -> Ints | None:
    """The outputs of a channel's smallest and largest accumulator; None where the reference overflows."""
    _, exponent = fixed_point(real, demand.rounding)
    if demand.rounding == "double" and max(-low, high) << max(exponent, 0) > INT32[1]:
        return None
    both: Ints = requantize(np.array([low, high]), real, demand.rounding) + demand.zero_point
    return np.clip(both, *demand.limits)


def thresholds(low: int, high: int, real: float, rounding: Rounding, wanted: Ints) -> Ints:
    """For each wanted value, the smallest accumulator in [low, high] that rounds to it or more.

    It is high + 1 where there is none.

    Raises:
        ModelError: where the rounding is not monotone, as when its 32 bits overflow.
    """
    if real <= 0.0:
        return np.where(wanted <= 0, low, high + 1)
    guess = np.ceil((wanted - 0.5) / real)
    first: Ints = np.clip(guess - 4, low, high + 1).astype(np.int64)
    last = np.clip(guess + 4, low, high + 1).astype(np.int64)
    while np.any(first < last):
        middle = (first + last) >> 1
        reached = requantize(middle, real, rounding) >= wanted
        last = np.where(reached, middle, last)
        first = np.where(reached, first, np.minimum(middle + 1, last))
    inside, above = first <= high, first > low
    proven = bool(np.all(requantize(first, real, rounding)[inside] >= wanted[inside]))
    proven &= bool(np.all(requantize(first - 1, real, rounding)[above] < wanted[above]))
    if not proven:
        raise ModelError(f"a scale ratio of {real!r} overflows the reference's arithmetic", _NO_FIT)
    return first


def fixed_point(real: float, rounding: Rounding) -> tuple[int, int]:
    """The reference's multiplier and shift."""
    multiplier, shift = quantize_multiplier(real)
    if rounding == "single" and shift > 30:
        return 2**31 - 1, 30
    return multiplier, shift


def _words(value: int) -> tuple[int, int]:
    """The low and high word of an int64, as unsigned."""
    return value & 0xFFFFFFFF, (value >> 32) & 0xFFFFFFFF


def _plan_fast(demand: Demand) -> Requantization | None:
    rows, bases = [], []
    for low, high, real in demand.channels():
        base = base_of(low, high)
        row = _fast_row(demand, low, high, base, real)
        if row is None:
            return None
        rows.append(row)
        bases.append(base)
    table = np.array(rows, np.int64).astype(np.int32)
    return Requantization(demand.limits, "signed" if np.any(table[:, 3]) else "fast", table, np.array(bases))


def base_of(low: int, high: int) -> int:
    """What the bias must be less by, so that accumulators of that range stay small."""
    return 0 if max(-low, high) < _FAST_RANGE else (low + high) // 2


def _fast_row(
    demand: Demand, low: int, high: int, base: int, real: float
) -> tuple[int, int, int, int] | None:
    """(multiplier, addend, shift, correction), or None where there are none.

    For every accumulator in [low, high] and ``x = accumulator - base`` the output is
    ``saturate8((((x << 8) * multiplier >> 32) + addend + (x < 0) * correction) >> shift)``.
    """
    multiplier, exponent = fixed_point(real, demand.rounding)
    shift = LEFT - 1 - exponent
    if shift > _MAX_SHIFT:
        excess = shift - _MAX_SHIFT
        multiplier, shift = (multiplier + (1 << (excess - 1))) >> excess, _MAX_SHIFT
    return affine_row(demand, low, high, real, Scale(base, multiplier, LEFT, shift))


@dataclass(frozen=True)
class Scale:
    """Of an affine step: what sums are less by, its multiplier, about, and the shifts before and behind."""

    base: int
    multiplier: int
    left: int
    shift: int


def affine_row(
    demand: Demand, low: int, high: int, real: float, scale: Scale
) -> tuple[int, int, int, int] | None:
    """As :func:`_fast_row` with that scale; the shift is 0 for a constant output, the multiplier, too."""
    outer = ends(demand, low, high, real)
    if outer is None:
        return None  # the exact form overflows as the reference does
    if outer[0] == outer[1]:
        return 0, int(outer[0]), 0, 0  # constant, whatever the kernel's sum
    if low - scale.base <= -_FAST_RANGE or high - scale.base >= _FAST_RANGE or scale.shift < 1:
        return None
    outputs = np.arange(-127, 128, dtype=np.int64)
    reached = thresholds(low, high, real, demand.rounding, outputs - demand.zero_point)
    reached = np.where(outputs <= demand.limits[0], low, reached)
    reached = np.where(outputs > demand.limits[1], high + 1, reached)
    step = _Step(scale.left, scale.shift, outputs, reached - scale.base)
    return _search(low - scale.base, high - scale.base, scale.multiplier, step)


def _search(low: int, high: int, multiplier: int, step: _Step) -> tuple[int, int, int, int] | None:
    for candidate in (multiplier, multiplier + 1, multiplier - 1):
        if candidate < 1 or candidate >= 2**31:
            continue
        addend = step.addend(candidate, low, high)
        if addend is not None:
            return candidate, addend, step.shift, 0
        if low < 0 <= high:
            below, above = step.addend(candidate, low, -1), step.addend(candidate, 0, high)
            if below is not None and above is not None:
                return candidate, above, step.shift, below - above
    return None


@dataclass(frozen=True, eq=False)
class _Step:
    """An affine step's shifts, and the accumulators at which it must reach each output."""

    left: int
    shift: int
    outputs: Ints
    reached: Ints

    def addend(self, multiplier: int, low: int, high: int) -> int | None:
        """An addend with which every threshold is met exactly within [low, high]; None if there is none."""
        first = np.clip(self.reached, low, high + 1)
        goal, right = self.outputs << self.shift, 32 - self.left
        at_least = (goal - (first * multiplier >> right))[first <= high]
        at_most = (goal - 1 - ((first - 1) * multiplier >> right))[first > low]
        smallest = int(at_least.max()) if len(at_least) else int(at_most.min())
        largest = int(at_most.min()) if len(at_most) else int(at_least.max())
        middle = (smallest + largest) // 2
        reach = max(abs((end * multiplier >> right) + middle) for end in (low, high))
        return middle if smallest <= largest and max(reach, abs(middle)) < 2**31 else None


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
        raise ModelError(f"a scale ratio of {real!r} is out of the range of fixed point", _NO_FIT)
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
    raise ModelError(f"no fixed point equals double precision at a scale ratio of {real!r}", _NO_FIT)
