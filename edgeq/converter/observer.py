"""The eyes of calibration, in the interpreter's child process: one pass, memory that no sample adds to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from edgeq.converter.histogram import Histogram
from edgeq.converter.moments import Moments
from edgeq.converter.params import Array, Floats
from edgeq.converter.rows import Layout

NAME = "edgeq.converter.observer:Watch"
"""As the interpreter's ``observe`` is told."""
ROWS = 10_000
"""Rows of an operator's input that go into its covariance, over all samples."""
SIDE, CHANNEL_SIDE = 1024, 64
"""Bins on either side of 0, of a whole tensor and of each channel."""
VALUES = 1 << 16
"""Values of one tensor and one sample that are counted; of a larger tensor every n-th is."""


class Watch:
    """Looks at each sample's activations.

    Args:
        plan: ``samples``, how many will come; ``blocks``, into how many they are divided; ``tensors``, of
            each its index, its channels, and whether its histogram is by channel; ``rows``, the fields of a
            Layout each.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self._samples, self._blocks = int(plan["samples"]), int(plan["blocks"])
        self._tensors = [_Tensor(self._blocks, *which) for which in plan["tensors"]]
        layouts = [Layout(**{**fields}) for fields in plan["rows"]]
        self._moments = [(layout, Moments(layout.groups, layout.columns)) for layout in layouts]
        self._rngs = [np.random.default_rng(position) for position in range(len(layouts))]
        self._seen = 0

    def see(self, view: Callable[[int], Array]) -> None:
        """Look at one sample."""
        block = self._seen * self._blocks // self._samples
        for tensor in self._tensors:
            tensor.see(block, np.asarray(view(tensor.index), np.float32))
        before = self._seen * ROWS // self._samples
        self._seen += 1
        most = max(self._seen * ROWS // self._samples - before, 0)
        if not most:
            return
        for (layout, moments), rng in zip(self._moments, self._rngs, strict=True):
            moments.add(layout.rows(np.asarray(view(layout.tensor), np.float32), rng, most))

    def result(self) -> list[Array]:
        """What was found, in the order of the plan.

        For each tensor lows and highs [blocks, channels], a histogram's counts and widths; for each operator
        mean [groups, columns] and covariance [groups, columns, columns].
        """
        found: list[Array] = []
        for tensor in self._tensors:
            found += [tensor.low, tensor.high, tensor.histogram.counts, tensor.histogram.widths]
        for _, moments in self._moments:
            found += moments.result()
        return found


class _Tensor:
    def __init__(self, blocks: int, index: int, channels: int, by_channel: bool) -> None:
        self.index = index
        self.low: Floats = np.full((blocks, channels), np.inf, np.float32)
        self.high: Floats = np.full((blocks, channels), -np.inf, np.float32)
        self.histogram = (
            Histogram(blocks, channels, CHANNEL_SIDE) if by_channel else Histogram(blocks, 1, SIDE)
        )
        self._channels = channels

    def see(self, block: int, values: Floats) -> None:
        if not values.size:
            return
        rows = values.reshape(-1, self._channels)
        low, high = rows.min(axis=0), rows.max(axis=0)
        # minimum and maximum keep a NaN, for the parent to refuse
        np.minimum(self.low[block], low, out=self.low[block])
        np.maximum(self.high[block], high, out=self.high[block])
        magnitudes = np.maximum(np.abs(low), np.abs(high))
        if not np.isfinite(magnitudes).all():
            return
        if len(self.histogram.widths) > 1:
            step = -(-values.size // VALUES)
            self.histogram.add(block, rows[::step], magnitudes)
        else:
            self.histogram.add(
                block, _thinned(values, self._channels)[:, None], magnitudes.max(keepdims=True)
            )


def _thinned(values: Floats, channels: int) -> Floats:
    """Every n-th value, n without a common factor with the channels, so that all of them are met."""
    step = -(-values.size // VALUES)
    while step > 1 and math.gcd(step, channels) > 1:
        step += 1
    return values.reshape(-1)[::step]
