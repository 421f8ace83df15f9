"""SOFTMAX of int16: exponentials and the reciprocal of their sum from tables, interpolated."""

from __future__ import annotations

import math

import numpy as np

from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.lookup_int16 import interpolation_table
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import affine, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import FixedScale, Support
from edgeq.graph.model import Graph

_DEEPEST = 32768
"""Classes whose exponentials, each at most 2^15, sum to 30 bits."""
_STEPS, _MOST = 65535, 32767
"""Steps of 16 bits; the largest int16."""
_EXPONENTS = 10.0
"""The exponential is tabulated from minus this to 0."""


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """One step over the last axis."""
    op = graph.operators[index]
    shape = graph[op.inputs[0]].shape
    scale, _ = affine(graph, op.inputs[0], index)
    beta = op.options.get("beta")
    real = float(np.float32(scale) * np.float32(beta if isinstance(beta, int | float) else 1.0))
    multiplier, shift = quantize_multiplier(real / (_EXPONENTS / _STEPS))
    unit = np.float64(1.0) / np.float64(_STEPS)
    span = 2.0 * unit * _MOST - 2.0 * unit * (_MOST - _STEPS)
    zero = np.float64(0.0)
    exponentials = interpolation_table(np.exp, np.float64(_EXPONENTS / _STEPS) * -_STEPS, zero, span)
    reciprocals = interpolation_table(lambda x: 1.0 / (1.0 + x), zero, unit * _STEPS, span)
    step = Step(
        operator=index,
        title=f"SOFTMAX {shape_text(shape)} of int16",
        kernel="edgeq_softmax_s16",
        params_type="edgeq_softmax_s16_params",
        params={
            "exponentials": "exponentials",
            "reciprocals": "reciprocals",
            "rows": math.prod(shape[:-1]),
            "depth": shape[-1],
            "multiplier": multiplier,
            "shift": shift,
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_softmax_s16.c",),
        constants=(
            Constant("exponentials", "int16_t", exponentials, "exp from -10 to 0", is_weights=False),
            Constant("reciprocals", "int16_t", reciprocals, "1 / (1 + x) from 0 to 1", is_weights=False),
        ),
        inplace=(0,),
        typed=True,
    )
    return (step,)


OPERATORS = (
    Op(
        "SOFTMAX",
        Support(3, output_scale=FixedScale(1 / 32768, 0, tolerance=0.001), longest=_DEEPEST, types=INT16),
        _lower,
        "int16 over the last axis: exponentials and the reciprocal of their sum by tables of 513",
    ),
)
