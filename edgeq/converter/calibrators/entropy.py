"""Least loss of information: the Kullback-Leibler divergence between the values and their 256 steps."""

from __future__ import annotations

import numpy as np

from edgeq.converter.calibrate import Range
from edgeq.converter.histogram import Wide
from edgeq.converter.observer import SIDE
from edgeq.converter.statistics import Spread

_SHARES = np.arange(20, 101) / 100
_STEPS = 256


def entropy(spread: Spread) -> Range:
    """The range within that of all values that tells most of their distribution (S. Migacz, GTC 2017).

    The values outside a candidate range count at its ends, as clipping puts them there. The candidate's 256
    steps spread what they hold evenly over the bins that had anything. The ends are moved in together, each
    at most to 0. The bin at 0, which holds all that a RELU cut off, counts no more than the larger of its
    neighbours: a 0 has no error at any range.
    """
    low, high = min(spread.range[0], 0.0), max(spread.range[1], 0.0)
    centres, by_block = spread.bins
    counts = by_block.sum(axis=0)
    if low == high or not counts.sum():
        return low, high
    counts[SIDE] = min(counts[SIDE], max(counts[SIDE - 1], counts[SIDE + 1]))
    largest = max(-low, high)
    best, found = np.inf, (low, high)
    for share in _SHARES[::-1]:
        least, most = max(low, -largest * share), min(high, largest * share)
        if most <= least:
            continue
        loss = _divergence(counts, centres, least, most)
        if loss < best:
            best, found = loss, (least, most)
    return found


def _divergence(counts: Wide, centres: Wide, low: float, high: float) -> float:
    inside = (centres >= low) & (centres <= high)
    at = np.flatnonzero(inside)
    if len(at) < 2:
        return float(np.inf)
    kept = counts[at]
    true = kept.copy()
    true[0] += counts[: at[0]].sum()
    true[-1] += counts[at[-1] + 1 :].sum()
    step = np.clip(np.rint((centres[at] - low) / (high - low) * (_STEPS - 1)), 0, _STEPS - 1).astype(np.intp)
    alive = kept > 0
    held = np.bincount(step, kept, _STEPS)
    bins = np.bincount(step, alive, _STEPS)
    told = np.where(alive, held[step] / np.maximum(bins[step], 1), 0.0)
    p, q = true / true.sum(), told / max(told.sum(), 1.0)
    # a bin that only clipping fills has no share in what the steps tell: it counts as a smallest share of it
    floor = 1e-9
    where = p > 0
    return float((p[where] * np.log(p[where] / np.maximum(q[where], floor))).sum())
