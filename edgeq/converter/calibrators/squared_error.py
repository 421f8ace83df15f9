"""Least squared error: rounding against clipping, each value's error weighing the same."""

from __future__ import annotations

import numpy as np

from edgeq.converter.calibrate import Range
from edgeq.converter.statistics import Spread

_SHARES = np.arange(20, 101) / 100
_ROUNDS = 3


def squared_error(spread: Spread) -> Range:
    """The range with the least sum of step²/12 for each value and distance² for each that is clipped."""
    low, high = min(spread.range[0], 0.0), max(spread.range[1], 0.0)
    centres, by_block = spread.bins
    counts = by_block.sum(axis=0)

    def cost(least: float, most: float) -> float:
        clipped = counts @ (centres - np.clip(centres, least, most)) ** 2
        return float(clipped + counts.sum() * ((most - least) / 255) ** 2 / 12)

    best_low, best_high = low, high
    for _ in range(_ROUNDS if low < 0 < high else 1):
        best_high = min((high * share for share in _SHARES[::-1]), key=lambda most: cost(best_low, most))
        best_low = min((low * share for share in _SHARES[::-1]), key=lambda least: cost(least, best_high))
    return best_low, best_high
