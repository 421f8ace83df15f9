"""Calibration: the range of every activation over the samples, from the float model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from edgeq.base.errors import DataError
from edgeq.converter.lstm import See
from edgeq.converter.params import Floats
from edgeq.converter.recurrent import RECURRENT, recurrent_ranges
from edgeq.data import Dataset
from edgeq.graph import DType, Graph, write_model
from edgeq.interpreter import overwritten, ranges, run

Range = tuple[float, float]

_FEW = 10
_CHUNK = 32
"""Samples that a layer with a state is shown at once."""
_HUGE = 1e20
"""No sensible activation is larger, and the products of scales stay within float32."""


def calibrate(
    model: bytes, graph: Graph, data: Dataset, advance: Callable[[int, int], None] | None = None
) -> tuple[Mapping[int, Range], tuple[str, ...]]:
    """Run the float model on the samples and keep the smallest and largest value of each activation.

    Args:
        model: the float model.
        graph: the same, read.
        data: real values, float32 for float inputs.
        advance: called with (samples done, samples in all).

    Returns:
        (min, max) by tensor index, and notes.

    Raises:
        DataError: the samples say nothing (an input is the same everywhere), or make the model compute values
            that are not finite.
        ModelError: the interpreter cannot run the model.
    """
    notes = check_data(graph, data)
    made = (index for op in graph.operators for index in op.outputs)
    watched = [i for i in dict.fromkeys((*graph.inputs, *made)) if graph[i].dtype is DType.FLOAT32]
    found = ranges(model, data.x, tensors=watched, advance=advance) | state_ranges(graph, data)
    return _as_litert_sees(model, graph, found), (*notes, *check_ranges(graph, found))


def state_ranges(graph: Graph, data: Dataset, see: See | None = None) -> dict[int, Range]:
    """The ranges of what layers with a state keep to themselves, every sample starting from nothing.

    Args:
        graph: a float graph.
        data: real values.
        see: is shown what the layers' matrices multiply.
    """
    found: dict[int, Range] = {}
    for op in graph.operators:
        if op.opcode not in RECURRENT:
            continue
        upto = write_model(graph.replace(outputs=(op.inputs[0],)))
        for start in range(0, len(data), _CHUNK):
            inputs = run(upto, [x[start : start + _CHUNK] for x in data.x], resolver="optimized")[0]
            batch = graph[op.inputs[0]].shape
            seen = recurrent_ranges(graph, op, cast(Floats, inputs.reshape(len(inputs), *batch)), see)
            for index, (low, high) in seen.items():
                before = found.get(index, (low, high))
                found[index] = (min(low, before[0]), max(high, before[1]))
    return found


def check_ranges(graph: Graph, found: Mapping[int, Range]) -> tuple[str, ...]:
    """Notes on activations that are always 0.

    Raises:
        DataError: an activation is not finite, or too large to mean anything.
    """
    notes = []
    made = {index: position for position, op in enumerate(graph.operators) for index in op.outputs}
    for index, (low, high) in found.items():
        where = f"tensor '{graph[index].name}'" + (
            f" of {graph.describe(made[index])}" if index in made else ""
        )
        if not (abs(low) < _HUGE and abs(high) < _HUGE):
            raise DataError(
                f"{where} is {low:g} to {high:g} with the calibration data",
                "look for samples of a wrong scale, or a fault in the model",
            )
        if low == 0 and high == 0:
            notes.append(f"{where} is 0 for all calibration samples, so nothing is known of its range.")
    return tuple(notes)


def _as_litert_sees(model: bytes, graph: Graph, found: Mapping[int, Range]) -> Mapping[int, Range]:
    """The ranges that LiteRT's calibrator records for the same samples.

    It looks at an operator's inputs once more after the operator has run. Where the interpreter lets an
    operator write its output over an input (an ADD, say), the input's range comes to hold the output's too.
    """
    pairs = [
        (source, output)
        for op in graph.operators
        for source in op.inputs
        for output in op.outputs
        if source in found and output in found
    ]
    seen = dict(found)
    for source, output in overwritten(model, pairs):
        low, high = seen[source]
        seen[source] = (min(low, found[output][0]), max(high, found[output][1]))
    return seen


def check_data(graph: Graph, data: Dataset) -> tuple[str, ...]:
    """Notes on calibration data of few samples.

    Raises:
        DataError: it does not fit the inputs, or says nothing about one.
    """
    if len(data.x) != len(graph.inputs):
        raise DataError(
            f"the model has {len(graph.inputs)} inputs, the calibration data {len(data.x)}",
            "load the data for the inputs of this model",
        )
    for index, array in zip(graph.inputs, data.x, strict=True):
        tensor = graph[index]
        if array.dtype != tensor.dtype.numpy:
            raise DataError(
                f"calibration data for '{tensor.name}' is {array.dtype}",
                f"give {tensor.dtype.numpy}{' real' if tensor.dtype.is_float else ''} values",
            )
        if tensor.dtype.is_float and array.size > 1 and array.min() == array.max():
            raise DataError(
                f"all calibration values for '{tensor.name}' are {float(array.flat[0]):g}",
                "give real samples, as the model meets them in use",
            )
    if len(data) < _FEW:
        return (
            f"Calibrated with {len(data)} samples only: ranges may be too narrow; 100 or more are usual.",
        )
    return ()
