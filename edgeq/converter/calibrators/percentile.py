"""Percentiles: the range that all but a share of the values lie in, at either end."""

from __future__ import annotations

import numpy as np

from edgeq.converter.calibrate import Range
from edgeq.converter.statistics import Spread


def percentile(spread: Spread, percent: float) -> Range:
    """The values below which ``percent`` and 100 - ``percent`` of all values lie, to a bin's width."""
    low, high = spread.range
    centres, counts = spread.bins
    share = np.cumsum(counts.sum(axis=0))
    if not share[-1]:
        return low, high
    share /= share[-1]
    upper = centres[int(np.searchsorted(share, percent / 100))] if percent < 100 else high
    lower = centres[int(np.searchsorted(share, 1 - percent / 100, side="right"))] if percent < 100 else low
    return float(min(lower, 0.0)), float(max(upper, 0.0))
