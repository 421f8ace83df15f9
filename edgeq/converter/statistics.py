"""What one pass over the calibration data tells of every activation and of what the weights multiply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np

from edgeq.converter.calibrate import Range
from edgeq.converter.histogram import Counts
from edgeq.converter.observer import NAME
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
        counts: int64 [blocks, 2048], how many values lie in each bin.
        width: of a bin, a power of two; 0 where all values are 0.
    """

    low: Floats
    high: Floats
    counts: Counts
    width: float

    @property
    def range(self) -> Range:
        """Smallest and largest value of all."""
        return float(self.low.min()), float(self.high.max())


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

    def with_spread(self, index: int, spread: Spread) -> Statistics:
        """The same with another spread of one tensor."""
        return replace(self, spreads={**self.spreads, index: spread})


def collect(graph: Graph, data: Dataset, advance: Callable[[int, int], None] | None = None) -> Statistics:
    """Run a float model on the samples once, in a child process.

    Args:
        graph: a float graph as ``prepare`` gives it.
        data: real values, float32; the order of the samples decides on the blocks.
        advance: called with (samples done, samples in all).

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
        "tensors": [(index, (graph[index].shape or (1,))[-1]) for index in watched],
        "rows": [asdict(found) for found in known.values()],
    }
    arrays = iter(observe(write_model(graph), data.x, NAME, plan, advance=advance))
    spreads = {}
    for index in watched:
        low, high, counts, width = (next(arrays) for _ in range(4))
        spreads[index] = Spread(np.asarray(low), np.asarray(high), np.asarray(counts), float(width[0]))
    columns = {
        position: Columns(found, np.asarray(next(arrays)), np.asarray(next(arrays)))
        for position, found in known.items()
    }
    return Statistics(spreads, columns)
