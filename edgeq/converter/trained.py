"""Ranges that a model brings: fake-quantization nodes of training, and what a user fixes without data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from edgeq.base.errors import ModelError, UsageError
from edgeq.converter import params
from edgeq.converter.calibrate import Range
from edgeq.converter.ops import RULES
from edgeq.converter.params import Array, Floats
from edgeq.converter.ranges import bounds
from edgeq.converter.recurrent import RECURRENT
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor
from edgeq.graph.quantization import Quantization, from_range, from_stats

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
    """

    ranges: Mapping[int, Range] = field(default_factory=dict)
    weights: Mapping[tuple[int, int], tuple[Array, QuantParams]] = field(default_factory=dict)


def has_fakes(graph: Graph) -> bool:
    """Whether training left ranges in a float model."""
    return any(op.opcode == "FAKE_QUANT" for op in graph.operators) or bool(_pairs(graph))


def without_fakes(graph: Graph, notes: list[str]) -> Graph:
    """Take fake quantization out of a graph; the float tensors that it was on keep its parameters as theirs.

    Taken are FAKE_QUANT operators, and QUANTIZE with the DEQUANTIZE behind it. Constants take the values that
    they had in training.

    Raises:
        ModelError: a FAKE_QUANT whose range or bits say nothing.
    """
    pairs = _pairs(graph)
    tensors = list(graph.tensors)
    stands_for: dict[int, int] = {}
    kept: list[Operator] = []
    count = 0
    for position, op in enumerate(graph.operators):
        inputs = tuple(stands_for.get(i, i) for i in op.inputs)
        if position in pairs and op.opcode == "QUANTIZE":
            stands_for[op.outputs[0]] = inputs[0]
            continue
        if op.opcode != "FAKE_QUANT" and position not in pairs:
            kept.append(replace(op, inputs=inputs))
            continue
        fake = op.opcode == "FAKE_QUANT"
        quant = _of_operator(graph, position) if fake else _as_int8(graph[op.inputs[0]])
        count += 1
        source, result = inputs[0], op.outputs[0]
        before = tensors[source]
        if before.data is not None and quant is not None:
            faked = _faked(np.asarray(before.data, np.float32), quant)
            tensors[result] = replace(before, name=tensors[result].name, data=faked, quant=quant)
            continue
        if before.quant is None:
            tensors[source] = replace(before, quant=quant)
        if result in graph.outputs and source not in (*graph.inputs, *graph.outputs):
            tensors[source] = replace(tensors[source], name=tensors[result].name)
        stands_for[result] = source
    if not count:
        return graph
    notes.append(f"Training fixed ranges by {count} fake-quantization nodes; they are kept.")
    outputs = tuple(stands_for.get(i, i) for i in graph.outputs)
    return graph.replace(tensors=tuple(tensors), operators=tuple(kept), outputs=outputs)


def take_trained(graph: Graph) -> tuple[Graph, Trained]:
    """What :func:`without_fakes` left on float tensors, and the graph without it."""
    ranges: dict[int, Range] = {}
    weights: dict[tuple[int, int], tuple[Array, QuantParams]] = {}
    for index, tensor in enumerate(graph.tensors):
        if tensor.dtype is DType.FLOAT32 and tensor.quant is not None and tensor.data is None:
            found = Quantization(DType.INT8, tensor.quant.scale, float(tensor.quant.zero_point)).range
            ranges[index] = found or (0.0, 0.0)
    for op in graph.operators:
        rule = RULES.get(op.opcode)
        if rule is None or rule.weights is None:
            continue
        tensor = graph[op.inputs[rule.weights]]
        if tensor.dtype is DType.FLOAT32 and tensor.quant is not None and tensor.data is not None:
            whole = _symmetric(np.asarray(tensor.data, np.float32), tensor.quant)
            if whole is not None:
                weights[op.inputs[rule.weights], rule.axis] = whole, tensor.quant
    plain = (replace(t, quant=None) if t.dtype is DType.FLOAT32 else t for t in graph.tensors)
    return graph.replace(tensors=tuple(plain)), Trained(ranges, weights)


def input_ranges(graph: Graph, stats: InputStats | None) -> dict[int, Range]:
    """The range of the float inputs by (mean, std) of the older uint8 form: real = (q - mean) / std.

    Raises:
        UsageError: mean and std describe no uint8 quantization, or are for an input that is not there.
    """
    if stats is None:
        return {}
    by_name = {"": stats} if isinstance(stats, tuple) else stats
    inputs = {graph[i].name: i for i in graph.inputs if graph[i].dtype is DType.FLOAT32}
    for name in by_name:
        if name and name not in inputs:
            raise UsageError(
                f"input statistics for '{name}', and the model has no such float input",
                f"its float inputs are: {', '.join(inputs) or 'none'}",
            )
    found: dict[int, Range] = {}
    for name, index in inputs.items():
        pair = by_name.get(name, by_name.get(""))
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
            known = _implied(graph, op, found)
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


def _implied(graph: Graph, op: Operator, found: Mapping[int, Range]) -> Range | None:
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


def _pairs(graph: Graph) -> frozenset[int]:
    """Positions of QUANTIZE and DEQUANTIZE operators between float tensors, in the midst of a float graph."""
    readers: dict[int, list[int]] = {}
    for position, op in enumerate(graph.operators):
        for i in op.inputs:
            readers.setdefault(i, []).append(position)
    found: set[int] = set()
    for position, op in enumerate(graph.operators):
        if op.opcode != "QUANTIZE" or not graph[op.inputs[0]].dtype.is_float:
            continue
        middle = graph[op.outputs[0]]
        behind = readers.get(op.outputs[0], [])
        back = bool(behind) and all(graph.operators[i].opcode == "DEQUANTIZE" for i in behind)
        eight = middle.quant is not None and middle.dtype in (DType.INT8, DType.UINT8)
        if back and eight and op.outputs[0] not in graph.outputs:
            found.update((position, *behind))
    return frozenset(found)


def _as_int8(tensor: Tensor) -> QuantParams | None:
    """The parameters of a QUANTIZE's result, those of uint8 moved to int8."""
    if tensor.quant is None or tensor.dtype is DType.INT8:
        return tensor.quant
    return replace(tensor.quant, zero_points=tensor.quant.zero_points - 128)


def _of_operator(graph: Graph, position: int) -> QuantParams:
    """What a FAKE_QUANT's min and max come to as int8."""
    op = graph.operators[position]
    low, high = float(str(op.options["min"])), float(str(op.options["max"]))
    bits = int(str(op.options["num_bits"]))
    if bits != 8 or not (abs(low) < 1e20 and abs(high) < 1e20 and min(low, 0.0) < max(high, 0.0)):
        raise ModelError(
            f"{graph.describe(position)} on '{graph[op.outputs[0]].label}' has the range {low:g} to {high:g} "
            f"with {bits} bits",
            "fake quantization for int8 has 8 bits and a finite range around 0: train with those",
        )
    if op.options.get("narrow_range"):
        if abs(low + high) <= 1e-3 * max(-low, high):
            return QuantParams.per_tensor(max(-low, high) / 127, 0)
        low -= (high - low) / 254  # one integer more, at the end that training left out
    quant = from_range(low, high, DType.UINT8).params()  # training rounds the zero point as uint8
    return replace(quant, zero_points=quant.zero_points - 128)


def _faked(values: Floats, quant: QuantParams) -> Floats:
    return params.dequantize(_integers(values, quant), quant)


def _integers(values: Floats, quant: QuantParams) -> Array:
    shape = [-1 if quant.is_per_channel and i == quant.axis else 1 for i in range(values.ndim)]
    scales, zeros = quant.scales.reshape(shape), quant.zero_points.reshape(shape)
    least = -128 if quant.zero_points.any() else -127  # weights around 0 are trained with a narrow range
    return np.clip(params.round_half_away(values / scales) + zeros, least, 127).astype(np.int8)


def _symmetric(values: Floats, quant: QuantParams) -> Array | None:
    """The integers of weights whose zero point is 0, as kernels want them; None for others."""
    return None if quant.zero_points.any() else _integers(values, quant)
