"""Layers with a state, LSTM and SVDF: what they need beyond a row of the table.

The formats are those of the int8 specification: int8 input, weights and output, an int16 cell (of LSTM: its
scale is a power of two) or state (of SVDF), int32 biases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edgeq.base.errors import ModelError
from edgeq.converter import params
from edgeq.converter.lstm import LSTM_CELL, LSTM_STATE, See, lstm_ranges
from edgeq.converter.params import Array, Floats
from edgeq.converter.rounded import Rounded
from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor

Range = tuple[float, float]

LSTM = "UNIDIRECTIONAL_SEQUENCE_LSTM"
RECURRENT = frozenset({LSTM, "SVDF"})
_SVDF_INPUTS = 5
_LSTM_INPUTS = (20, 24)
_GATES = 4
_TIME_STEPS = 512
"""SVDF's weights in time have ten bits, so that the sum over time stays within 32."""
_BETWEEN = 5
"""Tensors that an int8 LSTM carries for the scales inside it: four gates, then the hidden state."""


def with_intermediates(graph: Graph) -> Graph:
    """Give every LSTM the tensors for the scales inside it, where the file has none."""
    tensors = list(graph.tensors)
    operators = []
    for op in graph.operators:
        between = op.intermediates
        if op.opcode == LSTM and len(between) != _BETWEEN and op.outputs:
            name = tensors[op.outputs[0]].name
            between = tuple(range(len(tensors), len(tensors) + _BETWEEN))
            tensors += [Tensor(f"{name}_between_{i}", (0,), DType.FLOAT32) for i in range(_BETWEEN)]
        operators.append(replace(op, intermediates=between))
    return graph.replace(tensors=tuple(tensors), operators=tuple(operators))


def check_recurrent(graph: Graph, op: Operator, where: str) -> None:
    """Refuse forms that have no int8 kernel.

    Raises:
        ModelError: with the operator and what is the matter.
    """
    wanted = "RELU" if op.opcode == "SVDF" else "TANH"
    if op.options.get("fused_activation_function") != wanted:
        raise ModelError(
            f"{where} has the activation {op.options.get('fused_activation_function')}",
            f"the int8 kernel has {wanted} only",
        )
    states = (4,) if op.opcode == "SVDF" else (LSTM_STATE, LSTM_CELL)
    if len(op.inputs) not in ((_SVDF_INPUTS,) if op.opcode == "SVDF" else _LSTM_INPUTS):
        raise ModelError(f"{where} has {len(op.inputs)} inputs", "the model file is damaged")
    for position, index in enumerate(op.inputs[1:], start=1):
        if index == ABSENT:
            if position in states or (op.opcode == LSTM and position in (2, 3, 4, 6, 7, 8)):
                raise ModelError(f"{where}: its input {position} is missing", "the model file is damaged")
            continue
        tensor = graph[index]
        good = tensor.is_variable if position in states else tensor.is_constant
        if not good or tensor.dtype is not DType.FLOAT32:
            what = "a variable" if position in states else "a constant"
            raise ModelError(
                f"{where}: its input {position}, tensor '{tensor.name}', is not {what} of float32",
                "export the model anew",
            )


def recurrent_ranges(graph: Graph, op: Operator, inputs: Floats, see: See | None = None) -> dict[int, Range]:
    """What the state, and what lies between, comes to for some inputs, each sample starting from nothing.

    Args:
        graph: the float graph.
        op: an LSTM or SVDF of it.
        inputs: its first input, float32 ``[n, *shape]``.
        see: is shown what its matrices multiply.

    Returns:
        (min, max) by tensor index.
    """
    if op.opcode == LSTM:
        return lstm_ranges(graph, op, inputs, see)
    if see is not None:
        see(op, 1, inputs.reshape(-1, inputs.shape[-1]))
    feature = inputs.reshape(len(inputs), -1, inputs.shape[-1]) @ np.asarray(graph[op.inputs[1]].data).T
    return {op.inputs[4]: (float(feature.min()), float(feature.max()))}


@dataclass(frozen=True)
class Parts:
    """The integer forms of an operator's tensors: by input position, and between."""

    inputs: Mapping[int, Tensor]
    between: Sequence[Tensor] = ()


def integer_parts(
    graph: Graph,
    op: Operator,
    ranges: Mapping[int, Range],
    source: QuantParams,
    output: QuantParams,
    *,
    rounded: Rounded,
) -> Parts:
    """Quantize everything of an LSTM or SVDF but its first input and its output.

    Args:
        graph: the float graph.
        op: the operator.
        ranges: (min, max) of states and of what lies between.
        source, output: of the operator's first input and of its output.
        rounded: matrices and biases that are chosen already.
    """
    if rounded.vectors:
        tensors = list(graph.tensors)
        for index, values in rounded.vectors.items():
            tensors[index] = replace(tensors[index], data=values)
        graph = graph.replace(tensors=tuple(tensors))
    parts = _lstm(graph, op, ranges, source, output) if op.opcode == LSTM else _svdf(graph, op, ranges)
    inputs = dict(parts.inputs)
    for position, tensor in parts.inputs.items():
        if op.inputs[position] in rounded.matrices:
            whole, quant = rounded.matrices[op.inputs[position]]
            inputs[position] = replace(tensor, data=whole, quant=quant)
    return replace(parts, inputs=inputs)


def _svdf(graph: Graph, op: Operator, ranges: Mapping[int, Range]) -> Parts:
    feature, time, bias, state = (graph[i] if i != ABSENT else None for i in op.inputs[1:5])
    assert feature is not None and time is not None and state is not None  # noqa: S101  # checked
    found = {
        1: _int8(feature),
        2: _int16(time, _TIME_STEPS),
        4: _state16(state, _symmetric16(ranges[op.inputs[4]])),
    }
    if bias is not None:
        found[3] = _int32(bias, _scale(found[2]) * _scale(found[4]))
    return Parts(found)


def _lstm(
    graph: Graph, op: Operator, ranges: Mapping[int, Range], source: QuantParams, output: QuantParams
) -> Parts:
    given = {i: graph[index] for i, index in enumerate(op.inputs) if index != ABSENT and i}
    found = {i: _int8(t) for i, t in given.items() if i <= 2 * _GATES or i == 16}
    found |= {i: _int16(t) for i, t in given.items() if 9 <= i <= 11 or i >= 20}
    hidden = params.activation(*ranges[op.intermediates[4]]) if 16 in given else output
    for gate in range(_GATES):
        if 12 + gate in given:
            scale = (
                _scale(found[20 + gate]) * np.float32(2**-10)
                if 20 + gate in found
                else _scale(found[1 + gate]) * source.scales[0]
            )
            found[12 + gate] = _int32(given[12 + gate], scale)
    if 17 in given:
        found[17] = _int32(given[17], _scale(found[16]) * hidden.scales[0])
    found[LSTM_STATE] = replace(given[LSTM_STATE], dtype=DType.INT8, quant=output)
    found[LSTM_CELL] = _state16(given[LSTM_CELL], _power_of_two(ranges[op.inputs[LSTM_CELL]]))
    between = [graph[i] for i in op.intermediates]
    for gate in range(_GATES):
        if 20 + gate in given:
            quant = _symmetric16(ranges[op.intermediates[gate]])
            between[gate] = replace(between[gate], dtype=DType.INT16, quant=quant)
    between[4] = replace(between[4], dtype=DType.INT8, quant=hidden)
    return Parts(found, between)


def _int8(tensor: Tensor) -> Tensor:
    values, quant = params.quantize_constant(np.asarray(tensor.data, np.float32))
    return replace(tensor, dtype=DType.INT8, data=values, quant=quant)


def _int16(tensor: Tensor, limit: int = 32767) -> Tensor:
    data = np.asarray(tensor.data, np.float32)
    quant = _symmetric16((float(data.min()), float(data.max())), limit)
    steps = params.round_half_away(data * np.float32(1 / quant.scale))
    return replace(
        tensor, dtype=DType.INT16, data=np.clip(steps, -32767, 32767).astype(np.int16), quant=quant
    )


def _int32(tensor: Tensor, scale: np.float32) -> Tensor:
    data = np.asarray(tensor.data, np.float32)
    steps = params.round_half_away(data * np.float32(1 / np.float64(scale)))
    values: Array = np.clip(steps, -(2**31 - 1), 2**31 - 1).astype(np.int32)
    return replace(tensor, dtype=DType.INT32, data=values, quant=QuantParams.per_tensor(float(scale), 0))


def _state16(tensor: Tensor, quant: QuantParams) -> Tensor:
    return replace(tensor, dtype=DType.INT16, quant=quant)


def _symmetric16(found: Range, limit: int = 32767) -> QuantParams:
    scale = np.float32(max(abs(found[0]), abs(found[1]))) / np.float32(limit)
    return QuantParams.per_tensor(float(scale) if scale > np.finfo(np.float32).tiny else 1.0, 0)


def _power_of_two(found: Range) -> QuantParams:
    """The cell's scale: its largest magnitude raised to a power of two, over 2^15; the kernel shifts."""
    largest = max(abs(found[0]), abs(found[1]))
    exponent = int(np.ceil(np.log2(largest))) if largest > 0 else 0
    return QuantParams.per_tensor(2.0 ** (min(exponent, 6) - 15), 0)


def _scale(tensor: Tensor) -> np.float32:
    assert tensor.quant is not None  # noqa: S101  # made here
    scale: np.float32 = tensor.quant.scales[0]
    return scale
