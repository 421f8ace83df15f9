"""What one pass over the calibration data tells of every activation and of what the weights multiply."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from edgeq.converter.calibrate import Range
from edgeq.converter.histogram import Counts, Wide, bin_centres, least_widths
from edgeq.converter.observer import NAME, SIDE
from edgeq.converter.params import Floats
from edgeq.converter.rows import Layout, layout
from edgeq.data import Dataset
from edgeq.graph import DType, Graph, write_model
from edgeq.interpreter import observe

BLOCKS = 5
"""Contiguous parts of the calibration data: ranges are tried on each with what the others show."""


@dataclass(frozen=True, eq=False)
class Spread:
    """The values of one activation.

    Attributes:
        low, high: float32 [blocks, channels], smallest and largest value; the channels are the last axis.
        counts: int32 [blocks, channels or 1, bins], how many values lie in each bin.
        widths: float64 [channels or 1], of the bins; 0 where all values are 0.
    """

    low: Floats
    high: Floats
    counts: Counts
    widths: Wide

    @property
    def range(self) -> Range:
        """Smallest and largest value of all."""
        return float(self.low.min()), float(self.high.max())

    @cached_property
    def bins(self) -> tuple[Wide, Wide]:
        """All channels in one histogram: the bins' middles, float64 [2048], and counts [blocks, 2048].

        Where all values are 0, so is every middle.
        """
        low, high = self.range
        width = least_widths(np.array([max(-low, high)]), SIDE)
        whole = bin_centres(width, SIDE)[0]
        if not width[0]:
            return np.zeros(self.counts.shape[2]), self.counts.sum(axis=1).astype(np.float64)
        if self.counts.shape[1:] == (1, 2 * SIDE):
            return np.clip(whole, low, high), self.counts.sum(axis=1).astype(np.float64)
        each = bin_centres(self.widths, self.counts.shape[2] // 2)
        each = np.clip(each, self.low.min(axis=0)[:, None], self.high.max(axis=0)[:, None])
        where = np.clip(np.floor(each / width[0]) + SIDE, 0, 2 * SIDE - 1).astype(np.intp).reshape(-1)
        counts = [np.bincount(where, block.reshape(-1), 2 * SIDE) for block in self.counts]
        return np.clip(whole, low, high), np.stack(counts)

    def scaled(self, factors: Floats) -> Spread:
        """The spread of the same values with each channel multiplied, by float32 [channels]."""
        widths = self.widths * factors if len(self.widths) > 1 else self.widths
        return replace(self, low=self.low * factors, high=self.high * factors, widths=widths)


@dataclass(frozen=True, eq=False)
class Columns:
    """What an operator multiplies its weights by.

    Attributes:
        layout: how rows are made of the input.
        mean: float32 [groups, columns].
        covariance: float32 [groups, columns, columns].
    """

    layout: Layout
    mean: Floats
    covariance: Floats


@dataclass(frozen=True, eq=False)
class Statistics:
    """Everything that is kept of a calibration.

    Attributes:
        spreads: by tensor index, of inputs and of what operators make.
        columns: by operator position, of convolutions and fully connected operators.
    """

    spreads: Mapping[int, Spread]
    columns: Mapping[int, Columns]


def collect(
    graph: Graph,
    data: Dataset,
    advance: Callable[[int, int], None] | None = None,
    *,
    by_channel: Collection[int] = (),
) -> Statistics:
    """Run a float model on the samples once, in a child process.

    Args:
        graph: a float graph as ``prepare`` gives it.
        data: real values, float32; the order of the samples decides on the blocks.
        advance: called with (samples done, samples in all).
        by_channel: tensors of which each channel is to have a histogram of its own.

    Raises:
        ModelError, DataError: as :func:`edgeq.interpreter.run`.
    """
    made = (*graph.inputs, *(index for op in graph.operators for index in op.outputs))
    watched = [index for index in dict.fromkeys(made) if graph[index].dtype is DType.FLOAT32]
    layouts = {position: layout(graph, op) for position, op in enumerate(graph.operators)}
    known = {position: found for position, found in layouts.items() if found is not None}
    plan = {
        "samples": len(data),
        "blocks": min(BLOCKS, len(data)),
        "tensors": [(index, (graph[index].shape or (1,))[-1], index in by_channel) for index in watched],
        "rows": [asdict(found) for found in known.values()],
    }
    arrays = iter(observe(write_model(graph), data.x, NAME, plan, advance=advance))
    spreads = {}
    for index in watched:
        low, high, counts, widths = (cast(Any, next(arrays)) for _ in range(4))
        spreads[index] = Spread(low, high, counts, widths)
    columns = {
        position: Columns(found, np.asarray(next(arrays)), np.asarray(next(arrays)))
        for position, found in known.items()
    }
    return Statistics(spreads, columns)
