"""What a tensor's values can be, by the operators that make it: a sigmoid's are 0 to 1 wherever they go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from edgeq.converter.ops import RULES, Rule
from edgeq.converter.ranges import bounds as clipped
from edgeq.data import dequantize
from edgeq.graph import ABSENT, DType, Graph, Operator, Tensor

Bounds = tuple[float, float]
"""The least and the largest real value; infinite where there is none."""

_INFINITE = float("inf")
UNKNOWN: Bounds = (-_INFINITE, _INFINITE)

_SQUASHED: Mapping[str, Bounds] = {
    "LOGISTIC": (0.0, 1.0),
    "SOFTMAX": (0.0, 1.0),
    "TANH": (-1.0, 1.0),
    "L2_NORMALIZATION": (-1.0, 1.0),
}
_SAME_VALUES = frozenset({"QUANTIZE", "DEQUANTIZE", "FAKE_QUANT", "MEAN"})
"""Beside those of which the scale is the inputs' by the int8 specification."""
_CLIPS = frozenset({"RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1"})
_WITH_ZEROS = frozenset({"PAD", "SPACE_TO_BATCH_ND"})
_PROBABILITY: Mapping[DType, tuple[float, int]] = {DType.INT8: (1 / 256, -128), DType.UINT8: (1 / 256, 0)}
"""The scale and zero point that the specification gives to probabilities, and to little else."""


def bounds_of(graph: Graph) -> dict[int, Bounds]:
    """The bounds of every tensor that operators make, by tensor index.

    Values are followed through operators that choose, move, average or clip them, and through sums and
    products; what another operator makes has no bounds, unless its scale is the one of probabilities.
    """
    found: dict[int, Bounds] = {}
    for op in graph.operators:
        made = _made(op, [_of_input(graph, index, found) for index in _carriers(op) if index != ABSENT])
        low, high = clipped(op)
        inside = min(max(made[0], low), high), max(min(made[1], high), low)
        for index in op.outputs:
            found[index] = _by_scale(graph[index]) if inside == UNKNOWN else inside
    return found


def _carriers(op: Operator) -> tuple[int, ...]:
    """The inputs whose values the operator passes on, as they are or changed."""
    rule = RULES.get(op.opcode)
    if rule is None or rule.weights is not None:
        return op.inputs[:1]
    slots = (*rule.slots(len(op.inputs)), *(() if rule.fill is None else (rule.fill,)))
    return tuple(op.inputs[slot] for slot in slots if slot < len(op.inputs))


def _of_input(graph: Graph, index: int, found: Mapping[int, Bounds]) -> Bounds:
    tensor = graph[index]
    if tensor.data is None:
        return found.get(index, UNKNOWN)
    whole = tensor.quant is not None and not tensor.quant.is_per_channel
    if not tensor.elements or not (tensor.dtype is DType.FLOAT32 or whole):
        return UNKNOWN
    real = dequantize(tensor.data, tensor)
    return float(real.min()), float(real.max())


def _made(op: Operator, real: Sequence[Bounds]) -> Bounds:
    if op.opcode in _SQUASHED:
        return _SQUASHED[op.opcode]
    if op.opcode in _ARITHMETIC and len(real) == 2:
        return _corners(op.opcode, *real)
    rule = RULES.get(op.opcode, Rule())
    keeps = op.opcode in _SAME_VALUES or op.opcode in _CLIPS or rule.tie != "free"
    if not keeps or not real:
        return UNKNOWN
    if op.opcode in _WITH_ZEROS:
        real = (*real, (0.0, 0.0))
    return min(low for low, _ in real), max(high for _, high in real)


_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "ADD": lambda a, b: a + b,
    "SUB": lambda a, b: a - b,
    "MUL": lambda a, b: a * b,
    "DIV": lambda a, b: a / b,
}


def _corners(opcode: str, first: Bounds, second: Bounds) -> Bounds:
    """The bounds of a sum or product, whose extremes are at the ends of its operands."""
    if opcode == "DIV" and second[0] <= 0 <= second[1]:
        return UNKNOWN
    ends = [_ARITHMETIC[opcode](a, b) for a in first for b in second]
    return UNKNOWN if any(np.isnan(end) for end in ends) else (min(ends), max(ends))


def _by_scale(tensor: Tensor) -> Bounds:
    quant, wanted = tensor.quant, _PROBABILITY.get(tensor.dtype)
    if quant is None or wanted is None or (quant.scale, quant.zero_point) != wanted:
        return UNKNOWN
    return 0.0, 1.0
