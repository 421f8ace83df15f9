"""From accumulators to output bytes: the reference's roundings, and few instructions that equal them.

A channel's output is ``clamp(zero_point + round(accumulator * real))``. How ``round`` is done differs:

- ``double``: multiply by a 31-bit multiplier and round, then shift and round again, ties away from zero
  (LiteRT's reference convolutions, and TensorFlow Lite Micro everywhere);
- ``single``: one rounding of the product with the 31-bit multiplier, ties upward;
- ``real``: the product in double precision, rounded half away from zero (LiteRT's reference fully connected).

:func:`affine` finds constants with which an affine step gives the same byte for every accumulator that can
occur, channel by channel, and proves it: both are monotone, so it is enough that they agree on both sides of
each of the 255 places where the output changes. docs/kernels.md has the argument. Where there are none,
requantize_exact.py has what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.affine import AffineStep
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
_ADDEND = 24
"""Bits of the fast form's addend: the shift is the other byte of its word."""
_BASES, _APART = 64, 3
"""How far bases are looked for, and how far apart."""
REMEMBERED = 512
"""Answers that are kept: each layer is asked for again in every plan that is tried."""
NO_FIT = "check the model's scales: those of input, weights and output differ by too much"


@dataclass(frozen=True, eq=False)
class Demand:
    """What a layer's requantization must do; two that are alike are equal, and the answer is found once.

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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Demand) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)

    @cached_property
    def _content(self) -> tuple[object, ...]:
        arrays = (self.low, self.high, self.reals)
        return (*(array.tobytes() for array in arrays), self.rounding, self.zero_point, self.limits)

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

    def entries(self, form: Form) -> npt.NDArray[np.int32]:
        """[channels, words]: the table as the kernels of a form read it, one that can do what this one does.

        In the fast form that is multiplier, and 256 * addend + shift.
        """
        if form != "fast":
            return self.table
        packed: npt.NDArray[np.int32] = self.table[:, 1] << 8 | self.table[:, 2]
        return np.stack([self.table[:, 0], packed], axis=1)


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


@lru_cache(REMEMBERED)
def affine(demand: Demand) -> Requantization | None:
    """The fast form, or where that is not exact the signed one; None where neither is."""
    return limited(demand, _plan_affine)


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
        raise ModelError(f"a scale ratio of {real!r} overflows the reference's arithmetic", NO_FIT)
    return first


def fixed_point(real: float, rounding: Rounding) -> tuple[int, int]:
    """The reference's multiplier and shift."""
    multiplier, shift = quantize_multiplier(real)
    if rounding == "single" and shift > 30:
        return 2**31 - 1, 30
    return multiplier, shift


def _plan_affine(demand: Demand) -> Requantization | None:
    """The fast form where all channels can have it, else the signed one."""
    affine_forms: tuple[Form, ...] = ("fast", "signed")
    for form in affine_forms:
        rows = []
        for channel in demand.channels():
            row = _affine_row(demand, channel, form)
            if row is None:
                break
            rows.append(row)
        else:
            table = np.array(rows, np.int64)
            return Requantization(demand.limits, form, table[:, 1:].astype(np.int32), table[:, 0])
    return None


def base_of(low: int, high: int) -> int:
    """What the bias must be less by, so that accumulators of that range stay small."""
    return 0 if max(-low, high) < _FAST_RANGE else (low + high) // 2


def _affine_row(
    demand: Demand, channel: tuple[int, int, float], form: Form
) -> tuple[int, int, int, int, int] | None:
    """(base, multiplier, addend, shift, correction), or None where there are none.

    For every accumulator in [low, high] and ``x = accumulator - base`` the output is
    ``saturate8((((x << 8) * multiplier >> 32) + addend + (x < 0) * correction) >> shift)``. In the fast
    form there is no correction, and the addend, about the zero point times 2^shift, fits its bits. That may
    leave fewer values below an output than there are accumulators: then some bases are exact, others not.
    """
    low, high, real = channel
    is_signed = form == "signed"
    most = _MAX_SHIFT if is_signed else min(_MAX_SHIFT, _ADDEND - abs(2 * demand.zero_point + 1).bit_length())
    multiplier, exponent = fixed_point(real, demand.rounding)
    shift = LEFT - 1 - exponent
    excess = max(shift - most, 0)
    if excess:
        multiplier, shift = (multiplier + (1 << (excess - 1))) >> excess, most
    for further in range(0, _BASES if excess and not is_signed else 1, _APART):
        base = base_of(low, high) + further
        scale = Scale(base, multiplier, LEFT, shift)
        row = affine_row(demand, low, high, real, scale, is_signed=is_signed)
        if row is not None and (is_signed or row[1].bit_length() < _ADDEND):
            return base, *row
    return None


@dataclass(frozen=True)
class Scale:
    """Of an affine step: what sums are less by, its multiplier, about, and the shifts before and behind."""

    base: int
    multiplier: int
    left: int
    shift: int


def affine_row(
    demand: Demand, low: int, high: int, real: float, scale: Scale, *, is_signed: bool = False
) -> tuple[int, int, int, int] | None:
    """As :func:`_affine_row` with that scale; the shift is 0 for a constant output, the multiplier, too.

    The correction is 0 but where it ``is_signed``.
    """
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
    low, high, goals = low - scale.base, high - scale.base, outputs << scale.shift
    for candidate in (scale.multiplier, scale.multiplier + 1, scale.multiplier - 1):
        if candidate < 1 or candidate >= 2**31:
            continue
        step = AffineStep(candidate, 32 - scale.left, goals, reached - scale.base)
        addend = _addend(step, low, high)
        if addend is not None:
            return candidate, addend, scale.shift, 0
        if is_signed and low < 0 <= high:
            below, above = _addend(step, low, -1), _addend(step, 0, high)
            if below is not None and above is not None:
                return candidate, above, scale.shift, below - above
    return None


def _addend(step: AffineStep, low: int, high: int) -> int | None:
    """An addend with which every threshold within [low, high] is met in 32 bits; None if there is none."""
    both = step.addends(low, high)
    if both is None:
        return None
    middle = (both[0] + both[1]) // 2
    reach = max(abs(step.scaled(end) + middle) for end in (low, high))
    return middle if max(reach, abs(middle)) < 2**31 else None
