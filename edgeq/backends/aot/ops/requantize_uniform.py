"""Requantization with one shift for all channels of a layer: an immediate of SSAT, no instruction of its own.

The accumulators of a channel come times a power of two, by which its weights and its bias are larger. So its
multiplier stays the reference's own, and where outputs lie above the zero point its rounding, too: shifting
twice is shifting once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.requantize import (
    LEFT,
    REMEMBERED,
    Demand,
    Ints,
    Limited,
    Scale,
    affine_row,
    base_of,
    fixed_point,
    limited,
)


@dataclass(frozen=True, eq=False)
class Uniform(Limited):
    """How a layer's accumulators become bytes, with one shift.

    For ``x = accumulator - base`` an output is
    ``saturate8((((x << left) * multiplier >> 32) + addend) >> shift)``.

    Attributes:
        left: int64 [channels], 0 to 8: how far weights and bias are shifted left.
        table: int32 [channels, 2]: multiplier, addend.
        base: int64 [channels], what the bias must be less by, before it is shifted.
    """

    left: Ints
    table: npt.NDArray[np.int32]
    base: Ints


@lru_cache(REMEMBERED)
def uniform(demand: Demand, shift: int) -> Uniform | None:
    """One affine step with that shift for every channel; None where it is not exact."""
    return limited(demand, partial(_plan, shift))


def _plan(shift: int, demand: Demand) -> Uniform | None:
    lefts, rows, bases = [], [], []
    for low, high, real in demand.channels():
        base = base_of(low, high)
        multiplier, exponent = fixed_point(real, demand.rounding)
        left = shift + 1 + exponent
        if left < 0:
            multiplier, left = (multiplier + (1 << (-left - 1))) >> -left, 0
        row = affine_row(demand, low, high, real, Scale(base, multiplier, min(left, LEFT), shift))
        is_constant = row is not None and row[0] == 0
        if row is None or (left > LEFT and not is_constant):
            return None
        lefts.append(0 if is_constant else left)
        rows.append((row[0], row[1] << (shift - row[2])))
        bases.append(base)
    table = np.array(rows, np.int64).astype(np.int32)
    return Uniform(demand.limits, np.array(lefts), table, np.array(bases))
