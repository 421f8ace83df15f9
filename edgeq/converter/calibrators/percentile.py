"""Percentiles: the range that all but a share of the values lie in, at either end."""

from __future__ import annotations

import numpy as np

from edgeq.converter.calibrate import Range
from edgeq.converter.histogram import bin_centres
from edgeq.converter.statistics import Spread


def percentile(spread: Spread, percent: float) -> Range:
    """The values below which ``percent`` and 100 - ``percent`` of all values lie, to a bin's width."""
    low, high = spread.range
    counts = spread.counts.sum(axis=0)
    total = int(counts.sum())
    if spread.width == 0 or not total:
        return low, high
    edges = bin_centres(spread.width) + spread.width / 2
    share = np.cumsum(counts) / total
    upper = edges[int(np.searchsorted(share, percent / 100))] if percent < 100 else high
    lower = edges[int(np.searchsorted(share, 1 - percent / 100, side="right"))] - spread.width
    return max(low, float(min(lower, 0.0))), min(high, float(max(upper, 0.0)))
