"""L2_NORMALIZATION over the last axis, by the reference's inverse root in fixed point."""

from __future__ import annotations

import math

from edgeq.backends.aot.ops.flipping import was_unsigned
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import FixedScale, Support
from edgeq.graph.model import Graph

_DEEPEST = 1 << 15
"""Squares of 255 whose sum int32 holds."""


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    shape = graph[op.inputs[0]].shape
    step = Step(
        operator=index,
        title=f"L2_NORMALIZATION {shape_text(shape)}",
        kernel="edgeq_l2_normalization_s8",
        params_type="edgeq_l2_normalization_params",
        params={
            "rows": math.prod(shape[:-1]),
            "depth": shape[-1],
            "zero_point": affine(graph, op.inputs[0], index)[1],
            "gain": 128 if was_unsigned(op) else 1,
        },
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_l2_normalization_s8.c",),
        inplace=(0,),
    )
    return (step,)


OPERATORS = (
    Op(
        "L2_NORMALIZATION",
        Support(2, ranks=(1, 4), output_scale=FixedScale(1 / 128, 0), longest=_DEEPEST),
        _lower,
        f"over the last axis, of at most {_DEEPEST:,} values; Newton's method on the device",
        unsigned=True,
    ),
)
