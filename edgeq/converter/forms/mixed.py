"""Integers where there are kernels for them, float elsewhere: int8 with float fallback, and int16x8."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edgeq.converter.auto import choose
from edgeq.converter.calibrate import Range, calibrate
from edgeq.converter.calibrators import calibrator
from edgeq.converter.numbers import INT8, Numbers
from edgeq.converter.prepare import refusals
from edgeq.converter.quantize import quantize
from edgeq.converter.rounded import Rounded
from edgeq.converter.trained import Trained, ranges_without_data
from edgeq.data import Dataset
from edgeq.graph import DType, Graph, write_model

_INTEGERS = (DType.INT8, DType.INT16)


def mixed(
    graph: Graph,
    calibration: Dataset | None,
    *,
    numbers: Numbers = INT8,
    trained: Trained | None = None,
    fixed: Mapping[int, Range] | None = None,
    tables: bool = False,
    advance: Callable[[int, int], None] | None = None,
) -> tuple[Graph, tuple[str, ...]]:
    """Quantize what can be; leave the other operators float, between a DEQUANTIZE and a QUANTIZE.

    Ranges, weights and biases are chosen as ``convert`` does in its automatic mode.

    Args:
        graph: a float graph as ``prepare`` gives it.
        calibration: samples as the model meets them in use; None where training gave all ranges.
        numbers: which integers activations become.
        trained: what training has fixed.
        fixed: ranges of inputs that the data shall not choose.
        tables: whether a table may stand for an operator without an integer kernel.
        advance: called with (samples done, samples in all).

    Returns:
        The graph, its inputs and outputs integers, and the operators that stayed float, by name.

    Raises:
        DataError, ModelError: as :func:`edgeq.converter.calibrate.calibrate`; without data, an activation
            that nothing is known of.
    """
    trained = trained or Trained()
    known = {**trained.ranges, **(fixed or {})}
    rounded = Rounded(trained.weights)
    if calibration is None:
        ranges, _ = ranges_without_data(graph, known, None)
    elif trained.ranges or trained.weights:
        measured, _ = calibrate(write_model(graph), graph, calibration, advance)
        ranges = {**measured, **known}
    else:
        choice = choose(graph, calibration, calibrator("crossed"), advance, known)
        graph, ranges, rounded = choice.graph, choice.ranges, choice.rounded
    floats = refusals(graph, numbers=numbers, tables=tables)
    made, _ = quantize(graph, ranges, rounded, numbers=numbers, floats=floats)
    return made, tuple(graph.describe(position) for position in floats)
