"""ADD in one affine step, proved exact over all 65,536 pairs of inputs.

``clamp((a * A + b * B + C) >> S)`` needs a third of the instructions of the reference's three roundings. A, B
and C are searched near their real values; a candidate counts only if it gives the reference's output for
every pair.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from edgeq.backends.aot.ops.fixed_point import Ints

_SPREAD = 2
_SHIFTS = 4


@dataclass(frozen=True)
class Affine:
    """``(a * self.a + b * self.b + offset) >> shift``, in int32 without overflow."""

    a: int
    b: int
    offset: int
    shift: int


def search(outputs: Ints, slopes: tuple[float, float], low: int, high: int) -> Affine | None:
    """The affine form of an operator of two int8 operands.

    Args:
        outputs: the reference's outputs, [256, 256], by a and b from -128 to 127.
        slopes: the real factors of a and of b: input scale over output scale.
        low, high: what the outputs are limited to.

    Returns:
        None where no candidate is exact for every pair.
    """
    slope_a, slope_b = slopes
    top = min(24, 31 - math.ceil(math.log2((abs(slope_a) + abs(slope_b)) * 256 + 256)))
    for shift in range(top, max(top - _SHIFTS, 0), -1):
        base_a, base_b = round(slope_a * 2.0**shift), round(slope_b * 2.0**shift)
        steps = sorted(product(range(-_SPREAD, _SPREAD + 1), repeat=2), key=lambda d: abs(d[0]) + abs(d[1]))
        for delta_a, delta_b in steps:
            found = _exact(outputs, base_a + delta_a, base_b + delta_b, shift, (low, high))
            if found is not None:
                return found
    return None


def _exact(outputs: Ints, a: int, b: int, shift: int, limits: tuple[int, int]) -> Affine | None:
    """The offset that makes the form exact for every pair, if there is one."""
    low, high = limits
    values = np.arange(-128, 128, dtype=np.int64)
    linear = values[:, None] * a + values[None, :] * b
    lowest = np.where(outputs > low, (outputs << shift) - linear, -(1 << 62)).max()
    highest = np.where(outputs < high, ((outputs + 1) << shift) - 1 - linear, 1 << 62).min()
    if lowest > highest:
        return None
    offset = int(np.clip((int(lowest) + int(highest)) // 2, lowest, highest))
    if 128 * (abs(a) + abs(b)) + abs(offset) >= 2**31:
        return None
    return Affine(a, b, offset, shift)
