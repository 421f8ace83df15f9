"""LOG_SOFTMAX: the exponential of every possible difference is in a table, the logarithm is on the device."""

from __future__ import annotations

import math

import numpy as np

from edgeq.backends.aot.ops.fixed_point import (
    exp_on_negative_values,
    multiply,
    quantize_multiplier,
    rounding_shift_right,
)
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import FixedScale, Support
from edgeq.graph.model import Graph

_INTEGER_BITS = 5
_SUM_BITS = 12
_DEEPEST = 4095
"""Classes whose exponentials sum to less than 2^12, the range of the reference's accumulator."""


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    shape = graph[op.inputs[0]].shape
    scale, _ = affine(graph, op.inputs[0], index)
    real = min(scale * 2.0 ** (31 - _INTEGER_BITS), 2.0**31 - 1.0)
    multiplier, shift = quantize_multiplier(real)
    radius = math.floor((2**_INTEGER_BITS - 1) * 2.0 ** (31 - _INTEGER_BITS) / 2.0**shift)
    entries = min(radius, 255) + 1
    scaled = multiply(-np.arange(entries, dtype=np.int64), multiplier, shift)
    table = rounding_shift_right(exp_on_negative_values(scaled), _SUM_BITS)
    back_multiplier, back_shift = quantize_multiplier(2.0 ** (31 - shift) / multiplier)
    step = Step(
        operator=index,
        title=f"LOG_SOFTMAX {shape_text(shape)}",
        kernel="edgeq_log_softmax_s8",
        params_type="edgeq_log_softmax_params",
        params={
            "exponentials": "exponentials",
            "entries": entries,
            "multiplier": multiplier,
            "shift": shift,
            "back_multiplier": back_multiplier,
            "back_shift": back_shift,
            "rows": math.prod(shape[:-1]),
            "depth": shape[-1],
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_log_softmax_s8.c",),
        constants=(
            Constant(
                "exponentials",
                "int32_t",
                table.astype(np.int32),
                "exp(-difference) in Q12.19 by the difference from the row's maximum",
                is_weights=False,
            ),
        ),
        inplace=(0,),
    )
    return (step,)


OPERATORS = (
    Op(
        "LOG_SOFTMAX",
        Support(2, output_scale=FixedScale(1 / 16, 127), longest=_DEEPEST),
        _lower,
        f"over the last axis, of at most {_DEEPEST:,} classes: exponentials of all differences in a table; "
        "sum and logarithm on the device",
        unsigned=True,
    ),
)
