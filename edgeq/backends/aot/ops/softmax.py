"""SOFTMAX: the exponential of every possible difference is in a table, the rest is on the device."""

from __future__ import annotations

import math

import numpy as np

from edgeq.backends.aot.ops.fixed_point import (
    doubling_high_mul,
    exp_on_negative_values,
    quantize_multiplier,
    wrap,
)
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import FixedScale, Support
from edgeq.graph.model import DType, Graph

_INTEGER_BITS = 5
_COUNTS = 1 << 11
"""The smallest exponential, in Q0.31, that the sum sees."""
_DEEPEST = 4095
"""Classes whose exponentials sum to less than 2^12, the range of the reference's accumulator."""


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """One step over the last axis."""
    op = graph.operators[index]
    shape = graph[op.inputs[0]].shape
    scale, _ = affine(graph, op.inputs[0], index)
    beta = op.options.get("beta")
    table = exponentials(scale, float(beta) if isinstance(beta, (int, float)) else 1.0)
    depth = shape[-1]
    wide = graph[op.outputs[0]].dtype is DType.INT16
    kernel = "edgeq_softmax_s8_s16" if wide else "edgeq_softmax_s8"
    step = Step(
        operator=index,
        title=f"SOFTMAX {shape_text(shape)}{' to int16' * wide}",
        kernel=kernel,
        params_type="edgeq_softmax_params",
        params={
            "exponentials": "exponentials",
            "entries": len(table),
            "rows": math.prod(shape[:-1]),
            "depth": depth,
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        constants=(
            Constant(
                "exponentials",
                "int32_t",
                table,
                "exp(-difference) in Q0.31 by the difference from the row's maximum; 0 beyond the end",
                is_weights=False,
            ),
        ),
        inplace=() if wide else (0,),
        typed=wide,
    )
    return (step,)


def exponentials(scale: float, beta: float) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """``exp(-beta * scale * d)`` in Q0.31 for d = 0, 1, … as far as it can change an output.

    Past the end an exponential adds nothing to the reference's sum (Q12.19, rounded), and its output is 0.

    Args:
        scale: the input's scale.
        beta: the operator's option.
    """
    real = min(float(np.float32(beta)) * scale * 2.0 ** (31 - _INTEGER_BITS), 2.0**31 - 1.0)
    multiplier, shift = quantize_multiplier(real)
    radius = math.floor((2**_INTEGER_BITS - 1) * 2.0 ** (31 - _INTEGER_BITS) / 2.0**shift)
    differences = -np.arange(min(radius, 255) + 1, dtype=np.int64)
    rescaled = doubling_high_mul(wrap(differences << shift), multiplier)
    table = exp_on_negative_values(rescaled)
    counts = np.flatnonzero(table >= _COUNTS)
    return table[: counts[-1] + 1].astype(np.int32)


OPERATORS = (
    Op(
        "SOFTMAX",
        Support(3, output_scale=FixedScale(1 / 256, -128, tolerance=0.001), longest=_DEEPEST),
        _lower,
        f"over the last axis, of at most {_DEEPEST:,} classes: exponentials of all differences in a table; "
        "sum, reciprocal and product on the device",
        unsigned=True,
    ),
    Op(
        "SOFTMAX",
        Support(
            3,
            output_scale=FixedScale(1 / 65536, -32768, tolerance=0.001),
            longest=_DEEPEST,
            outputs=frozenset({DType.INT16}),
            askew=True,
        ),
        _lower,
        "from int8 to int16 likewise",
    ),
)
