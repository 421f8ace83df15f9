"""SQRT in float32 and RSQRT in fixed point, as the reference has them: neither takes a number below 0."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.fixed_point import Ints, clamp, inverse_square_root, multiply, quantize_multiplier
from edgeq.backends.aot.ops.lookup import table_operator
from edgeq.backends.aot.ops.tensors import affine, limits
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph, Operator

ROOT_BITS = 20
"""Bits behind the point of an inverse root."""


def _sqrt(graph: Graph, index: int, values: Ints) -> Ints:
    """Cut towards zero, not rounded."""
    op = graph.operators[index]
    in_scale, in_zero = affine(graph, op.inputs[0], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    real = np.float32(in_scale) * np.maximum(values - in_zero, 0).astype(np.float32)
    steps = np.trunc(np.sqrt(real) / np.float32(out_scale))
    return clamp(steps.astype(np.int64) + out_zero, *limits(graph[op.outputs[0]]))


def _rsqrt(graph: Graph, index: int, values: Ints) -> Ints:
    """Of 0 the largest output."""
    op = graph.operators[index]
    in_scale, in_zero = affine(graph, op.inputs[0], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    root = np.sqrt(np.float32(in_scale))
    multiplier, shift = quantize_multiplier(1.0 / float(root * np.float32(out_scale)))
    low, high = limits(graph[op.outputs[0]])
    results = []
    for value in (values - in_zero).tolist():
        if value <= 0:
            results.append(high)
            continue
        inverse, exponent = inverse_square_root(value)
        data = multiply(np.int64(1), inverse, exponent + ROOT_BITS)
        results.append(int(multiply(data, multiplier, shift - ROOT_BITS)) + out_zero)
    return clamp(np.array(results, np.int64), low, high)


def _refusal(graph: Graph, op: Operator) -> str | None:
    """Random inputs of a network may reach every integer, so none may stand for a number below 0."""
    quant = graph[op.inputs[0]].quant
    if quant is None or quant.zero_point == limits(graph[op.inputs[0]])[0]:
        return None
    return (
        f"integers below its input's zero point {quant.zero_point} stand for numbers below 0, at which "
        "TensorFlow Lite stops"
    )


_NOTE = "input zero point -128"

OPERATORS = (
    table_operator("SQRT", Support(2, ranks=(0, 8), refusal=_refusal), _sqrt, _NOTE),
    table_operator("RSQRT", Support(3, ranks=(0, 8), refusal=_refusal), _rsqrt, _NOTE),
)
