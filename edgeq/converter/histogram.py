"""A histogram that grows with what it sees: one pass, no range known beforehand, the same in any chunks."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from edgeq.converter.params import Floats

SIDE = 1024
"""Bins on either side of 0."""
_NOTHING = 1e-30
"""Magnitudes below are as good as 0."""

Counts = npt.NDArray[np.int64]


class Histogram:
    """Counts of values in bins [k·width, (k + 1)·width) for k = -1024 … 1023, one row for each block.

    The width is a power of two, and the least with which the bins hold every value. When a larger value
    comes, bins are merged in pairs; as they nest, the result is that of a histogram made at one go.

    Attributes:
        counts: int64 [blocks, 2048].
        width: 0 while every value was 0.
    """

    def __init__(self, blocks: int) -> None:
        self.counts: Counts = np.zeros((blocks, 2 * SIDE), np.int64)
        self.width = 0.0

    def add(self, block: int, values: Floats, magnitude: float) -> None:
        """Count finite values, none of which is larger in magnitude than ``magnitude``."""
        self._widen(magnitude)
        if self.width == 0:
            self.counts[block, SIDE] += values.size
            return
        bins = np.floor(values * np.float32(1 / self.width)).astype(np.intp)
        bins += SIDE
        self.counts[block] += np.bincount(bins.reshape(-1), minlength=2 * SIDE)

    def _widen(self, magnitude: float) -> None:
        if magnitude < _NOTHING:
            return
        needed = math.ldexp(1.0, math.frexp(magnitude)[1]) / SIDE
        if self.width == 0:  # what was counted was 0, whose bin stays
            self.width = needed
        while self.width < needed:
            pairs = self.counts.reshape(len(self.counts), SIDE, 2).sum(axis=2)
            self.counts[:] = 0
            self.counts[:, SIDE // 2 : SIDE // 2 + SIDE] = pairs
            self.width *= 2


def bin_centres(width: float) -> npt.NDArray[np.float64]:
    """The middle of each bin, float64 [2048]."""
    return ((np.arange(-SIDE, SIDE) + 0.5) * width).astype(np.float64)
