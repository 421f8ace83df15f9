"""A histogram that grows with what it sees: one pass, no range known beforehand, the same in any chunks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edgeq.converter.params import Floats

_NOTHING = 1e-30
"""Magnitudes below are as good as 0."""

Counts = npt.NDArray[np.int32]
Wide = npt.NDArray[np.float64]


class Histogram:
    """Counts of each channel's values in bins [k·width, (k + 1)·width) for k = -side … side - 1.

    The width of a channel's bins is a power of two, and the least with which they hold every value. When a
    larger value comes, bins are merged in pairs; as they nest, the result is that of a histogram made at one
    go.

    Args:
        blocks: rows that are counted apart.
        channels: how many.
        side: bins on either side of 0, an even number.

    Attributes:
        counts: int32 [blocks, channels, 2·side].
        widths: float64 [channels]; 0 while every value was 0.
    """

    def __init__(self, blocks: int, channels: int, side: int) -> None:
        self.counts: Counts = np.zeros((blocks, channels, 2 * side), np.int32)
        self.widths: Wide = np.zeros(channels)
        self._side = side

    def add(self, block: int, values: Floats, magnitudes: Floats) -> None:
        """Count finite values [n, channels], in magnitude at most ``magnitudes`` [channels]."""
        self._widen(least_widths(magnitudes, self._side))
        channels, size = self.counts.shape[1:]
        with np.errstate(divide="ignore"):
            inverse = np.where(self.widths > 0, 1 / self.widths, 0).astype(np.float32)
        bins = np.floor(values * inverse).astype(np.intp)
        bins += np.arange(channels) * size + self._side
        found = np.bincount(bins.reshape(-1), minlength=channels * size)
        self.counts[block] += found.reshape(channels, size).astype(np.int32)

    def _widen(self, needed: Wide) -> None:
        # what was counted before a channel had a width was 0, whose bin stays
        self.widths = np.where(self.widths == 0, needed, self.widths)
        side = self._side
        while (narrow := np.flatnonzero(self.widths < needed)).size:
            counts = self.counts[:, narrow]
            merged = np.zeros_like(counts)
            merged[..., side // 2 : side // 2 + side] = counts.reshape(*counts.shape[:2], side, 2).sum(axis=3)
            self.counts[:, narrow] = merged
            self.widths[narrow] *= 2


def least_widths(magnitudes: Floats | Wide, side: int) -> Wide:
    """The smallest powers of two with which ``side`` bins hold magnitudes; 0 where these are 0."""
    _, exponents = np.frexp(np.asarray(magnitudes, np.float64))
    return np.where(magnitudes < _NOTHING, 0.0, np.ldexp(1.0, exponents) / side).astype(np.float64)


def bin_centres(widths: Wide, side: int) -> Wide:
    """The middle of each bin, float64 [channels, 2·side]."""
    return ((np.arange(-side, side) + 0.5) * widths[:, None]).astype(np.float64)
