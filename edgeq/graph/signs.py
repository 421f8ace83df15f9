"""Which tensors never stand for a number below 0, by the operators that make them."""

from __future__ import annotations

import numpy as np

from edgeq.graph.model import ABSENT, DType, Graph, Operator
from edgeq.graph.quantization import LIMITS

_NEVER = frozenset(
    {"ABS", "LOGISTIC", "RELU", "RELU6", "RELU_0_TO_1", "RSQRT", "SOFTMAX", "SQRT", "SQUARED_DIFFERENCE"}
)
"""Whatever their input is."""
_RECTIFIED = frozenset({"RELU", "RELU6"})
"""Fused activations."""
_AS_THEIR_INPUTS = frozenset(
    {
        "ADD",
        "AVERAGE_POOL_2D",
        "BATCH_TO_SPACE_ND",
        "BROADCAST_TO",
        "CONCATENATION",
        "EXPAND_DIMS",
        "GATHER",
        "MAX_POOL_2D",
        "MEAN",
        "MINIMUM",
        "MUL",
        "PACK",
        "QUANTIZE",
        "REDUCE_MAX",
        "REDUCE_MIN",
        "RESHAPE",
        "SLICE",
        "SPACE_TO_BATCH_ND",
        "SPLIT",
        "SPLIT_V",
        "SQUEEZE",
        "STRIDED_SLICE",
        "SUM",
        "TILE",
        "TRANSPOSE",
        "UNPACK",
    }
)
"""Where none of their inputs is below 0."""


def never_below_zero(graph: Graph, tensor: int) -> bool:
    """Whether nothing that a quantized tensor may hold stands for a number below 0."""
    makers = {made: op for op in graph.operators for made in op.outputs}
    seen: set[int] = set()
    waiting = [tensor]
    while waiting:
        index = waiting.pop()
        if index in seen:
            continue
        seen.add(index)
        found = _needed(graph, index, makers.get(index))
        if found is None:
            return False
        waiting += found
    return True


def _needed(graph: Graph, index: int, maker: Operator | None) -> list[int] | None:
    """The tensors that must not be below 0 for one not to be; None if it may be whatever they are."""
    tensor = graph[index]
    if tensor.dtype is DType.FLOAT32:
        return None
    if tensor.quant is None or tensor.dtype not in LIMITS:  # axes, sizes and the like
        return []
    zero = tensor.quant.zero_point
    if LIMITS[tensor.dtype][0] == zero or (
        tensor.data is not None and np.min(tensor.data, initial=zero) >= zero
    ):
        return []
    if maker is None or tensor.data is not None:
        return None
    squared = maker.opcode == "MUL" and maker.inputs[0] == maker.inputs[1]
    rectified = maker.options.get("fused_activation_function") in _RECTIFIED
    if maker.opcode in _NEVER or squared or rectified:
        return []
    return [t for t in maker.inputs if t != ABSENT] if maker.opcode in _AS_THEIR_INPUTS else None
