"""Ranges that a model brings: fake-quantization nodes of training, and what a user fixes without data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from edgeq.base.errors import ModelError, UsageError
from edgeq.converter.calibrate import Range
from edgeq.converter.fakes import integers
from edgeq.converter.ops import RULES
from edgeq.converter.params import Array
from edgeq.converter.ranges import TRANSPARENT, bounds
from edgeq.converter.recurrent import RECURRENT
from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams
from edgeq.graph.names import called, positions
from edgeq.graph.quantization import Quantization, from_stats

InputStats = tuple[float, float] | Mapping[str, tuple[float, float]]
"""(mean, std) for all float inputs; or by input name, ``""`` for all inputs that are not named."""

_ADD = (
    "train with a fake-quantization node behind it (tf.quantization.fake_quant_with_min_max_vars), give "
    "--calibration with real inputs, or, to try the speed only, --default-ranges MIN,MAX"
)


@dataclass(frozen=True, eq=False)
class Trained:
    """What training has fixed.

    Attributes:
        ranges: (min, max) of activations, by tensor index.
        weights: int8 values and parameters by (tensor index, output channel axis).
        notes: what could not be kept, in sentences.
    """

    ranges: Mapping[int, Range] = field(default_factory=dict)
    weights: Mapping[tuple[int, int], tuple[Array, QuantParams]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def take_trained(graph: Graph) -> tuple[Graph, Trained]:
    """What :func:`without_fakes` left on float tensors, and the graph without it."""
    ranges: dict[int, Range] = {}
    weights: dict[tuple[int, int], tuple[Array, QuantParams]] = {}
    anew: list[str] = []
    for index, tensor in enumerate(graph.tensors):
        if tensor.dtype is DType.FLOAT32 and tensor.quant is not None and tensor.data is None:
            ranges[index] = _widest(tensor.quant)
    for op in graph.operators:
        rule = RULES.get(op.opcode)
        if rule is None or rule.weights is None:
            continue
        tensor = graph[op.inputs[rule.weights]]
        if tensor.dtype is not DType.FLOAT32 or tensor.quant is None or tensor.data is None:
            continue
        if tensor.quant.zero_points.any() or (tensor.quant.is_per_channel and tensor.quant.axis != rule.axis):
            anew.append(tensor.label)
            continue
        values = integers(np.asarray(tensor.data, np.float32), tensor.quant)
        weights[op.inputs[rule.weights], rule.axis] = values, tensor.quant
    plain = (replace(t, quant=None) if t.dtype is DType.FLOAT32 else t for t in graph.tensors)
    graph = graph.replace(tensors=tuple(plain))
    return graph, Trained(_spread(graph, ranges), weights, _notes(anew))


def _widest(quant: QuantParams) -> Range:
    """The real values from the least to the greatest that int8 at these scales reaches."""
    low = (-128.0 - quant.zero_points) * quant.scales
    high = (127.0 - quant.zero_points) * quant.scales
    return float(low.min()), float(high.max())


def _notes(anew: Sequence[str]) -> tuple[str, ...]:
    if not anew:
        return ()
    shown = ", ".join(dict.fromkeys(anew))
    return (
        f"Training gave these weights scales that kernels do not take (along another axis than the output "
        f"channels', or around another value than 0), so they were rounded anew: {shown}.",
    )


def _spread(graph: Graph, ranges: Mapping[int, Range]) -> dict[int, Range]:
    """Ranges carried back over operators through which cutting values off passes unchanged.

    What is beyond the range that training fixed behind such operators is cut off there, so it may be before.
    """
    found = dict(ranges)
    readers: dict[int, list[Operator]] = {}
    for op in graph.operators:
        for index in op.inputs:
            readers.setdefault(index, []).append(op)
    sources = [index for op in reversed(graph.operators) for index in op.inputs[:2]]
    for index in sources:
        users = readers.get(index, [])
        if index == ABSENT or index in found or index in graph.outputs:
            continue
        if graph[index].dtype is not DType.FLOAT32 or graph[index].is_constant:
            continue
        before = [_before(graph, op, found) for op in users]
        known = [one for one in before if one is not None]
        if len(known) == len(before):
            found[index] = min(low for low, _ in known), max(high for _, high in known)
    return found


def _before(graph: Graph, op: Operator, found: Mapping[int, Range]) -> Range | None:
    """What of an operator's input can reach the range of its outputs; None where that is not known."""
    results = [found.get(index) for index in op.outputs]
    known = [one for one in results if one is not None]
    if len(known) < len(results):
        return None
    low, high = min(low for low, _ in known), max(high for _, high in known)
    if op.opcode in TRANSPARENT:
        return low, high
    added = [np.asarray(graph[i].data, np.float32) for i in op.inputs if graph[i].is_constant]
    if op.opcode == "ADD" and len(added) == 1 and added[0].size:
        return low - float(added[0].max()), high - float(added[0].min())
    return None


def input_ranges(graph: Graph, stats: InputStats | None) -> dict[int, Range]:
    """The range of the float inputs by (mean, std) of the older uint8 form: real = (q - mean) / std.

    Raises:
        UsageError: mean and std describe no uint8 quantization, or are for an input that is not there.
    """
    if stats is None:
        return {}
    by_name = {"": stats} if isinstance(stats, tuple) else stats
    names = called(graph.input_tensors, "input")
    meant = positions(graph.input_tensors, "input")
    floats = {place: i for place, i in enumerate(graph.inputs) if graph[i].dtype is DType.FLOAT32}
    for name in by_name:
        if name and meant.get(name) not in floats:
            raise UsageError(
                f"input statistics for '{name}', and the model has no such float input",
                f"its float inputs are: {', '.join(names[place] for place in floats) or 'none'}",
            )
    given = {meant[name]: pair for name, pair in by_name.items() if name}
    found: dict[int, Range] = {}
    for place, index in floats.items():
        pair = given.get(place, by_name.get(""))
        if pair is not None:
            found[index] = from_stats(*pair, DType.UINT8).nudged().range or (0.0, 0.0)
    return found


def ranges_without_data(
    graph: Graph, fixed: Mapping[int, Range], default: Range | None
) -> tuple[dict[int, Range], tuple[str, ...]]:
    """A range for every activation, from what is fixed, what operators imply, and a default for the rest.

    Args:
        graph: a float graph as ``prepare`` gives it.
        fixed: ranges by tensor index.
        default: for activations that nothing is known of.

    Raises:
        ModelError: without a default, an activation that nothing is known of, by operator and tensor; or an
            operator with a state, whose inside only data shows.
    """
    found = dict(fixed)
    guessed: list[str] = []
    for index in graph.inputs:
        if graph[index].dtype is DType.FLOAT32 and index not in found:
            if default is None:
                raise ModelError(
                    f"input '{graph[index].label}' has no min and max",
                    "give --input-stats MEAN,STD (NAME=MEAN,STD for one of several inputs), or "
                    "--calibration with real inputs",
                )
            found[index] = default
            guessed.append(f"input '{graph[index].label}'")
    for position, op in enumerate(graph.operators):
        where = graph.describe(position)
        if op.opcode in RECURRENT:
            raise ModelError(
                f"{where} keeps values to itself, whose ranges only data shows", "give --calibration"
            )
        for output in op.outputs:
            if graph[output].dtype is not DType.FLOAT32 or output in found:
                continue
            known = _implied(op, found)
            if known is not None:
                found[output] = known
            elif default is not None:
                low, high = bounds(op)
                found[output] = max(default[0], low), min(default[1], high)
                guessed.append(where)
            else:
                raise ModelError(f"{where} has no min and max for its output '{graph[output].label}'", _ADD)
    if not guessed:
        return found, ()
    shown = ", ".join(guessed[:5]) + (", …" if len(guessed) > 5 else "")
    return found, (
        f"{len(guessed)} ranges are invented (--default-ranges {default}): {shown}. The model is for trials "
        "of speed only; its answers mean nothing.",
    )


def _implied(op: Operator, found: Mapping[int, Range]) -> Range | None:
    """The range of an output that has the input's scale, or an own one that never changes."""
    rule = RULES.get(op.opcode)
    if rule is None:
        return None
    if rule.fixed is not None:
        scale, zero = rule.fixed
        return Quantization(DType.INT8, scale, float(zero)).range
    if rule.tie == "input":
        return found.get(op.inputs[rule.first])
    if op.opcode == "CONCATENATION":
        parts = [found[i] for i in op.inputs if i in found]
        if len(parts) == len(op.inputs):
            return min(low for low, _ in parts), max(high for _, high in parts)
    low, high = bounds(op)
    return (low, high) if max(-low, high) < float("inf") else None
