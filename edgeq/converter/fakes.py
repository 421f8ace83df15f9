"""Fake quantization out of a float graph: its parameters stay with the tensors that it was on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.base.errors import ModelError
from edgeq.converter import params
from edgeq.converter.params import Array, Floats
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor
from edgeq.graph.quantization import from_range


def has_fakes(graph: Graph) -> bool:
    """Whether training left ranges in a float model."""
    return any(op.opcode == "FAKE_QUANT" for op in graph.operators) or bool(_pairs(graph))


def without_fakes(graph: Graph, notes: list[str]) -> Graph:
    """Take fake quantization out of a graph; the float tensors that it was on keep its parameters as theirs.

    Taken are FAKE_QUANT operators, and QUANTIZE with the DEQUANTIZE behind it. Constants take the values that
    they had in training. A scale that the file itself gives a float tensor says nothing, and goes.

    Raises:
        ModelError: fake quantization whose range, bits or scales say nothing.
    """
    pairs = _pairs(graph)
    tensors = [replace(t, quant=None) if t.dtype.is_float else t for t in graph.tensors]
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
            _check_channels(graph, position, before, quant)
            faked = _faked(np.asarray(before.data, np.float32), quant)
            tensors[result] = replace(before, name=tensors[result].name, data=faked, quant=quant)
            continue
        if before.quant is None:
            tensors[source] = replace(before, quant=quant)
        if result in graph.outputs and source not in (*graph.inputs, *graph.outputs):
            tensors[source] = replace(tensors[source], name=tensors[result].name)
        stands_for[result] = source
    if not count:
        return graph.replace(tensors=tuple(tensors))
    notes.append(f"Training fixed ranges by {count} fake-quantization nodes; they are kept.")
    outputs = tuple(stands_for.get(i, i) for i in graph.outputs)
    return graph.replace(tensors=tuple(tensors), operators=tuple(kept), outputs=outputs)


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


def _check_channels(graph: Graph, position: int, tensor: Tensor, quant: QuantParams) -> None:
    fits = quant.axis < len(tensor.shape) and tensor.shape[quant.axis] == len(quant.scales)
    if quant.is_per_channel and not fits:
        raise ModelError(
            f"{graph.describe(position)} gives '{tensor.label}' {list(tensor.shape)} "
            f"{len(quant.scales)} scales along axis {quant.axis}",
            "a tensor has one scale, or one for each index of the axis: export the model anew",
        )


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
    return params.dequantize(integers(values, quant), quant)


def integers(values: Floats, quant: QuantParams) -> Array:
    """Real values as the int8 that training simulated, at its scales."""
    shape = [-1 if quant.is_per_channel and i == quant.axis else 1 for i in range(values.ndim)]
    scales, zeros = quant.scales.reshape(shape), quant.zero_points.reshape(shape)
    least = -128 if quant.zero_points.any() else -127  # weights around 0 are trained with a narrow range
    return np.clip(params.round_half_away(values / scales) + zeros, least, 127).astype(np.int8)
