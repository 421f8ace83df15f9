"""MEAN, SUM, REDUCE_MAX and REDUCE_MIN of int16 over any axes."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

from edgeq.backends.aot.ops.mean import loop_params, mean_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import affine, constant_values, shape_text
from edgeq.backends.aot.step import Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import Graph, Operator

_MOST = 1 << 16
"""Values whose sum fits 32 bits."""


def _lower(kernel: str, largest: int, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    shape = graph[op.inputs[0]].shape
    axes = (
        {axis % len(shape) for axis in constant_values(graph, op.inputs[1], index, "axes")}
        if shape
        else set()
    )
    in_scale, out_scale = (affine(graph, t, index)[0] for t in (op.inputs[0], op.outputs[0]))
    count = 1 if op.opcode == "SUM" else math.prod(shape[axis] for axis in axes)
    multiplier, shift = mean_multiplier(in_scale / out_scale, count)
    params: dict[str, Value] = {"multiplier": multiplier, "shift": shift, "largest": largest}
    params |= loop_params(graph, index, axes)
    step = Step(
        operator=index,
        title=f"{op.opcode} over axes {', '.join(map(str, sorted(axes)))} of {shape_text(shape)} int16",
        kernel=kernel,
        params_type="edgeq_reduce_s16_params",
        params=params,
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        typed=True,
    )
    return (step,)


def _refusal(graph: Graph, op: Operator) -> str | None:
    count = graph[op.inputs[0]].elements // max(graph[op.outputs[0]].elements, 1)
    return f"it sums {count} values, which leaves TensorFlow Lite's 32 bits" if count >= _MOST else None


_SUPPORT = Support(3, (Operand("input"), parameter("axes")), shapes.mean, spacing="as-input", types=INT16)
_HOW = "int16, any axes"

OPERATORS = (
    Op(
        "MEAN",
        replace(_SUPPORT, averages=True, spacing="free", refusal=_refusal),
        partial(_lower, "edgeq_mean_s16", 0),
        _HOW,
    ),
    Op(
        "SUM",
        replace(_SUPPORT, max_version=2, spacing="free", refusal=_refusal),
        partial(_lower, "edgeq_mean_s16", 0),
        f"{_HOW}; exact to TensorFlow Lite Micro's reference, for LiteRT's gives a constant",
    ),
    Op("REDUCE_MAX", _SUPPORT, partial(_lower, "edgeq_reduce_s16", 1), _HOW),
    Op("REDUCE_MIN", _SUPPORT, partial(_lower, "edgeq_reduce_s16", 0), _HOW),
)
