"""ABS and NEG."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.fixed_point import Ints, clamp
from edgeq.backends.aot.ops.lookup import rescaled, table_operator
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.tensors import affine, limits, shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph, Operator


def _abs(graph: Graph, index: int, values: Ints) -> Ints:
    op = graph.operators[index]
    in_scale, in_zero = affine(graph, op.inputs[0], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    bounds = limits(graph[op.outputs[0]])
    magnitudes = np.abs(values - in_zero)
    if in_scale == out_scale:
        return clamp(magnitudes + out_zero, *bounds)
    ratio = float(np.float32(in_scale) / np.float32(out_scale))
    return rescaled(graph, index, magnitudes + in_zero, ratio, bounds)


def _neg(_graph: Graph, _index: int, values: Ints) -> Ints:
    """Bytes are negated, -128 stays."""
    return np.where(values == -128, values, -values)


def _neg_refusal(graph: Graph, op: Operator) -> str | None:
    for tensor in (op.inputs[0], op.outputs[0]):
        quant = graph[tensor].quant
        if quant is not None and quant.zero_point != 0:
            return (
                f"TensorFlow Lite negates integers whatever their zero point, and that of tensor {tensor} is "
                f"{quant.zero_point}: its results are wrong"
            )
    return None


def _negated(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    shape = graph[op.inputs[0]].shape
    step = Step(
        operator=index,
        title=f"NEG {shape_text(shape)} of int16",
        kernel="edgeq_negate_s16",
        params_type="edgeq_negate_s16_params",
        params={"count": graph[op.inputs[0]].elements},
        inputs=op.inputs,
        outputs=op.outputs,
        sources=("edgeq_negate_s16.c",),
        inplace=(0,),
        typed=True,
    )
    return (step,)


OPERATORS = (
    Op(
        "NEG",
        Support(1, ranks=(0, 8), spacing="moves-bytes", refusal=_neg_refusal, types=INT16),
        _negated,
        "int16, element by element; -32768 stays",
    ),
    table_operator("ABS", Support(3, ranks=(0, 8)), _abs),
    table_operator(
        "NEG", Support(1, ranks=(0, 8), spacing="moves-bytes", refusal=_neg_refusal), _neg, "zero points 0"
    ),
)
