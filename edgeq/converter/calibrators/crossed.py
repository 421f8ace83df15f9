"""Cross-validated ranges: as wide as the rest of the data would have needed to be for each part of it."""

from __future__ import annotations

import numpy as np

from edgeq.converter.calibrate import Range
from edgeq.converter.histogram import Wide
from edgeq.converter.statistics import Spread

FACTORS = np.sort(np.arange(60, 161, 5) / 100)
"""By which a range is narrowed or widened."""
INSIDE = 64.0
AT_OUTPUT = 16.0
"""What a clipped value's squared error weighs against that of a rounded one: rounding averages out in the
layers that follow, clipping does not."""


def crossed(spread: Spread, penalty: float = INSIDE, *, narrow: bool = True) -> Range:
    """The range of all samples, each end moved by the factor that would have suited best.

    Each block's values are judged by the range of the other blocks, times a factor: N·step²/12 for rounding
    and penalty·distance² for each value that is clipped. The factor with the least sum over the blocks is
    applied to the range of all.

    Args:
        spread: the values.
        penalty: what clipping weighs.
        narrow: whether factors below 1 are tried.
    """
    low, high = spread.range
    if len(spread.low) < 2 or low == high:
        return low, high
    lows, highs = spread.low.min(axis=1).astype(np.float64), spread.high.max(axis=1).astype(np.float64)
    centres, counts = spread.bins
    factors = FACTORS if narrow else FACTORS[FACTORS >= 1]
    above = _factor(highs, -lows, (centres, counts), penalty, factors)
    below = _factor(-lows, highs, (-centres, counts), penalty, factors)
    return (low * below if low < 0 else low, high * above if high > 0 else high)


def _factor(ends: Wide, opposite: Wide, bins: tuple[Wide, Wide], penalty: float, factors: Wide) -> float:
    """The factor for the upper end of values that reach ``ends``, and -``opposite`` below, in each block."""
    values, counts = bins
    reach, depth = _others(ends), _others(opposite)
    if not (reach > 0).all():
        return 1.0
    tried = reach[:, None] * factors
    rounding = counts.sum(axis=1)[:, None] * ((tried + depth[:, None]) / 255) ** 2 / 12
    reached = values > 0
    beyond = np.maximum(values[reached] - tried[..., None], 0)
    clipped = np.einsum("bfv,bv->bf", beyond**2, counts[:, reached])
    cost = (rounding + penalty * clipped).sum(axis=0)
    return float(factors[int(np.argmin(cost))])


def _others(ends: Wide) -> Wide:
    """For each block the largest of the other blocks' values, and of 0."""
    kept = np.where(np.eye(len(ends), dtype=bool), 0.0, ends)
    largest: Wide = np.maximum(kept.max(axis=1), 0.0)
    return largest
