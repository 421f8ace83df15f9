"""Triangles over a spectrum: mel, or of equal width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from edgeq.features.form import Array, Form
from edgeq.features.stage import Kernel, Stage, choice, real, takes, whole

BITS = 12
"""Behind the point of a weight. Rising and falling weight of a bin make one, so a bin takes one product."""
_ONE = 1 << BITS


@dataclass(frozen=True)
class Bands(Stage):
    """uint64 ``[..., bins]`` to ``[..., channels]``: power, weighted by triangles.

    Triangles are even on the chosen scale, mel = 1127 ln(1 + f / 700), as those of
    ``tf.signal.linear_to_mel_weight_matrix``; they begin at bin 1.

    Attributes:
        channels: how many.
        low, high: where the first begins and the last ends, in Hz.
        scale: on which they are of equal width.
    """

    name: ClassVar[str] = "bands"
    channels: int
    low: float
    high: float
    scale: str = "mel"

    def __post_init__(self) -> None:
        whole("channels", self.channels, 1, 512)
        real("low", self.low, 0, 1e9)
        real("high", self.high, 0, 1e9)
        choice("scale", self.scale, ("mel", "linear"))
        if self.low >= self.high:
            raise ValueError("low is below high")

    def of(self, given: Form) -> Form:
        """One power a channel."""
        takes(self, given, "uint64")
        if not 0 < self.high <= given.rate / 2:
            raise ValueError(f"high is at most half the rate, {given.rate / 2:g} Hz")
        if not self._table(given)[2].size:
            raise ValueError(f"no bin lies between {self.low:g} and {self.high:g} Hz")
        return given.row(self.channels, dtype="uint64")

    def apply(self, values: Array, given: Form) -> Array:
        """Rising and falling sums between the triangles' corners."""
        first, ends, weights = self._table(given)
        power = values[..., first : first + len(weights)]
        rising, whole_sums = [], []
        for begin, end in zip([0, *ends[:-1]], ends, strict=True):
            part = power[..., begin:end]
            rising.append((part * weights[begin:end].astype(np.uint64)).sum(axis=-1, dtype=np.uint64))
            whole_sums.append(part.sum(axis=-1, dtype=np.uint64))
        falling = [(all_ << np.uint64(BITS)) - up for up, all_ in zip(rising, whole_sums, strict=True)]
        made = [rising[i] + falling[i + 1] >> np.uint64(BITS) for i in range(self.channels)]
        return np.stack(made, axis=-1)

    def _table(self, given: Form) -> tuple[int, list[int], Array]:
        """The first bin; where the bins before each corner end; all weights that rise to a corner."""
        bins = given.shape[-1]
        hertz = np.arange(bins) * given.rate / (2 * (bins - 1))
        ends = np.array([self.low, self.high])
        scaled, ends = (hertz, ends) if self.scale == "linear" else (_mel(hertz), _mel(ends))
        corners = np.linspace(ends[0], ends[1], self.channels + 2)
        after = np.searchsorted(corners, scaled, side="right")
        taken = np.flatnonzero((after > 0) & (after < len(corners)))
        taken = taken[taken > 0]
        after = after[taken]
        rising = (scaled[taken] - corners[after - 1]) / (corners[after] - corners[after - 1])
        weights = np.clip(np.floor(rising * _ONE + 0.5), 0, _ONE).astype(np.uint16)
        last = np.searchsorted(after, np.arange(1, len(corners)), side="right")
        return int(taken[0]) if taken.size else 0, [int(end) for end in last], weights

    def kernel(self, given: Form) -> Kernel:
        """``edgeq_bands``."""
        first, ends, weights = self._table(given)
        tables = {"ends": np.array(ends, np.uint16), "weights": weights}
        fields: dict[str, int | str | None] = {"channels": self.channels, "first": first}
        return Kernel("edgeq_bands", fields | {name: name for name in tables}, tables)


def _mel(hertz: Array) -> Array:
    made: Array = 1127.0 * np.log1p(np.asarray(hertz) / 700.0)
    return made
