"""The automatic mode: from a float graph and calibration data to what the quantizer is to take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edgeq.converter.biases import with_biases
from edgeq.converter.calibrate import Range, check_data, check_ranges, state_ranges
from edgeq.converter.calibrators import Calibrator
from edgeq.converter.equalize import equalized, links
from edgeq.converter.findings import of_channels
from edgeq.converter.pooling import untied
from edgeq.converter.products import as_dense
from edgeq.converter.ranges import choose_ranges
from edgeq.converter.recurrent_rounding import Seen, round_recurrent
from edgeq.converter.rounded import Rounded
from edgeq.converter.rounding import choose_weights
from edgeq.converter.statistics import collect
from edgeq.data import Dataset
from edgeq.graph import Graph


@dataclass(frozen=True, eq=False)
class Chosen:
    """What the quantizer is given.

    Attributes:
        graph: the float graph, some operators replaced.
        ranges: (min, max) of every activation, by tensor index.
        rounded: weights and biases.
        notes: in sentences.
        seen: (smallest, largest) value of every activation, by tensor index of the graph as it was given.
    """

    graph: Graph
    ranges: dict[int, Range]
    rounded: Rounded
    notes: tuple[str, ...]
    seen: dict[int, Range]


def choose(
    graph: Graph,
    data: Dataset,
    calibrator: Calibrator,
    advance: Callable[[int, int], None] | None = None,
    fixed: Mapping[int, Range] | None = None,
) -> Chosen:
    """Look at the calibration data once, and choose ranges, weights and biases by it.

    Args:
        graph: a float graph as ``prepare`` gives it.
        data: real values, float32.
        calibrator: how activations get their ranges.
        advance: called with (samples done, samples in all).
        fixed: ranges of inputs that the data shall not choose.

    Raises:
        DataError: as :func:`edgeq.converter.calibrate.calibrate`.
        ModelError: the interpreter cannot run the model.
    """
    notes = check_data(graph, data)
    graph = with_biases(as_dense(untied(graph)))
    by_channel = {link.tensors[0] for link in links(graph)}
    seen = collect(graph, data, advance, by_channel=by_channel)
    plain = {index: spread.range for index, spread in seen.spreads.items()}
    notes += check_ranges(graph, plain)
    graph, seen = equalized(graph, seen)
    multiplied = Seen()
    states = state_ranges(graph, data, multiplied)
    ranges = choose_ranges(graph, seen.spreads, calibrator) | states | dict(fixed or {})
    rounded = choose_weights(graph, seen.columns, ranges)
    rounded = round_recurrent(graph, multiplied, rounded)
    notes += of_channels(graph, seen, ranges, rounded)
    return Chosen(graph, ranges, rounded, notes, plain | states)
