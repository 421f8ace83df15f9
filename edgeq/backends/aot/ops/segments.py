"""Weights in segments whose sums fit a halfword: two pixels in a word are then multiplied as one number.

With ``x = low + 65536 * high`` a sum of ``w * x`` is the low pixel's sum and 65536 times the high one's, and
as long as the low one fits a halfword the two can be told apart. docs/kernels.md says how they are added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.ops.mac import Ints

LONGEST = 16
"""Weights of a segment, for each of which the kernel has its own code."""
_LAST = 16
"""Added to the head of a channel's last segment."""
ROUNDING = 0x8000
"""What a segment's sum begins with."""
LOWEST, HIGHEST = -0x8000, 0x7FFF
"""Of a segment's sums."""


@dataclass(frozen=True, eq=False)
class Segments:
    """The weights of a layer, cut.

    Attributes:
        stream: int8: the channels one behind the other, each by segments: a head, which is the number of
            weights less one (plus 16 in the channel's last segment), and the weights.
        counts: int64 [channels]: segments of each.
    """

    stream: npt.NDArray[np.int8]
    counts: Ints

    @classmethod
    def of(cls, weights: Ints) -> Segments:
        """Cuts [channels, inputs] int8 weights, as late as whatever inputs allow."""
        parts: list[int] = []
        counts = []
        for row in weights.tolist():
            starts = [*cuts(row), len(row)]
            for start, end in pairwise(starts):
                parts.append(end - start - 1 + (_LAST if end == len(row) else 0))
                parts += row[start:end]
            counts.append(len(starts) - 1)
        return cls(np.array(parts, np.int8), np.array(counts, np.int64))

    @property
    def total(self) -> int:
        """Segments of all channels."""
        return int(self.counts.sum())

    @property
    def most(self) -> int:
        """Segments of the channel that has most."""
        return int(self.counts.max())

    def bias(self, bias: Ints) -> npt.NDArray[np.int32]:
        """[channels] biases as the kernel adds them to a word's two sums; modulo 2^32, times 256."""
        pairs = 256 * np.stack([bias - ROUNDING * self.counts, bias], axis=1)
        return (pairs & 0xFFFFFFFF).astype(np.uint32).view(np.int32).reshape(-1)


def cuts(row: list[int]) -> Iterator[int]:
    """Where segments begin: their sums lie from :data:`LOWEST` to :data:`HIGHEST`, whatever the inputs."""
    yield 0
    above = below = length = 0
    for place, weight in enumerate(row):
        more = above + max(weight, 0), below + max(-weight, 0)
        fits = 128 * more[0] + 127 * more[1] <= -LOWEST and 127 * more[0] + 128 * more[1] <= HIGHEST
        if length and (not fits or length == LONGEST):
            yield place
            more, length = (max(weight, 0), max(-weight, 0)), 0
        above, below = more
        length += 1


def common_cuts(weights: Ints, longest: int) -> list[int]:
    """Where segments of several channels' [channels, inputs] weights begin, and the end of the last one.

    They are as long as all channels allow, and ``longest`` at most.
    """
    above, below = np.maximum(weights, 0), np.maximum(-weights, 0)
    bounds = ((128 * above + 127 * below, -LOWEST), (127 * above + 128 * below, HIGHEST))
    rows = [(np.concatenate([[0], np.cumsum(row)]), bound) for reach, bound in bounds for row in reach]
    cuts = [0]
    while cuts[-1] < weights.shape[1]:
        start = cuts[-1]
        reached = [np.searchsorted(row, row[start] + bound, side="right") - 1 for row, bound in rows]
        cuts.append(int(min(*reached, start + longest)))
    return cuts
