"""HARD_SWISH: x * relu6(x + 3) / 6 in 16-bit fixed point, as the reference computes it."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.fixed_point import Ints, clamp, quantize_multiplier
from edgeq.backends.aot.ops.lookup import table_operator
from edgeq.backends.aot.ops.tensors import affine, limits
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph, Operator

_LOW, _HIGH = -(2**15), 2**15 - 1
_EXTRA_BITS = 7
"""By which the input is shifted left, for the precision of what follows."""
_LARGEST_RATIO = 128
"""Of the scales, input by output, from which on TensorFlow Lite refuses it."""


def _hard_swish(graph: Graph, index: int, values: Ints) -> Ints:
    op = graph.operators[index]
    in_scale, in_zero = affine(graph, op.inputs[0], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    fine = np.float32(1 / 128) * np.float32(in_scale)
    out_multiplier, out_exponent = _half_word(fine / np.float32(out_scale))
    multiplier, exponent = _half_word(fine / (np.float32(3) / np.float32(2**15)))
    x = (values - in_zero) << _EXTRA_BITS
    product = _high_mul(x, out_multiplier)
    gate = _saturate(x << (exponent - 1)) if exponent > 0 else x
    gate = _high_mul(gate, multiplier)
    if exponent > 0:
        gate = _saturate(gate << 1)
    gate = _shift_right(gate, max(-exponent, 0))
    gate = (gate + 2**15) >> 1
    towards_zero = np.trunc(gate * product / 2**15).astype(np.int64)
    result = _shift_right(towards_zero, -out_exponent) + out_zero
    return clamp(_wrap(result), *limits(graph[op.outputs[0]]))


def _half_word(real: np.float32) -> tuple[int, int]:
    """A real as a multiplier of 16 bits and an exponent."""
    multiplier, exponent = quantize_multiplier(float(real))
    if multiplier >= 2**31 - 1 - 2**15:
        return _HIGH, exponent
    return (multiplier + 2**15) >> 16, exponent


def _high_mul(a: Ints, b: int) -> Ints:
    """The high half of ``2 * a * b`` of 16-bit numbers, rounded to nearest, ties away from zero."""
    product = a * b
    nudged = product + np.where(product >= 0, 2**14, 1 - 2**14)
    return np.minimum(np.trunc(nudged / 2**15).astype(np.int64), _HIGH)


def _shift_right(x: Ints, shift: int) -> Ints:
    """``x / 2**shift`` of 16-bit numbers, rounded; beyond 15 bits the reference's mask is cut to -1."""
    mask = min((1 << shift) - 1, _HIGH) if shift < 16 else -1
    return (x >> shift) + ((x & mask) > (mask >> 1) + (x < 0))


def _saturate(x: Ints) -> Ints:
    return clamp(x, _LOW, _HIGH)


def _wrap(x: Ints) -> Ints:
    return (x - _LOW) % 2**16 + _LOW


def _refusal(graph: Graph, op: Operator) -> str | None:
    source, output = graph[op.inputs[0]].quant, graph[op.outputs[0]].quant
    if source is None or output is None:
        return None
    fine = np.float32(1 / 128) * np.float32(source.scale)
    if quantize_multiplier(float(fine / np.float32(output.scale)))[1] <= 0:
        return None
    return (
        f"the scale of its input is {source.scale / output.scale:.4g} times its output's, and TensorFlow "
        f"Lite refuses to run it from {_LARGEST_RATIO} on"
    )


OPERATORS = (
    table_operator(
        "HARD_SWISH",
        Support(1, ranks=(0, 8), refusal=_refusal),
        _hard_swish,
        f"scales, input by output, below {_LARGEST_RATIO}",
        unsigned=True,
    ),
)
