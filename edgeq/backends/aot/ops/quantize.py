"""QUANTIZE of 8 bits: from one scale to another, between INT8 and UINT8, and to INT16."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.backends.aot.ops.fixed_point import Ints
from edgeq.backends.aot.ops.lookup import rescaled, table_of, table_operator
from edgeq.backends.aot.ops.tensors import affine, limits, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import EIGHT_BITS, Support
from edgeq.graph.model import DType, Graph


def _requantized(graph: Graph, index: int, values: Ints) -> Ints:
    op = graph.operators[index]
    ratio = affine(graph, op.inputs[0], index)[0] / affine(graph, op.outputs[0], index)[0]
    return rescaled(graph, index, values, ratio, limits(graph[op.outputs[0]]))


def _lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    if output.dtype is not DType.INT16:
        return _BYTES.lower(graph, index, target)
    table = table_of(_requantized, graph, index).astype(np.int16)
    step = Step(
        operator=index,
        title=f"QUANTIZE {shape_text(output.shape)} from 8 bits to int16",
        kernel="edgeq_widen_s16",
        params_type="edgeq_widen_params",
        params={"table": "table", "count": output.elements},
        inputs=op.inputs,
        outputs=op.outputs,
        sources=("edgeq_widen_s16.c",),
        constants=(
            Constant(
                "table", "int16_t", table, "output by input byte, 0..127 then -128..-1", is_weights=False
            ),
        ),
        typed=True,
    )
    return (step,)


def _is_alias(graph: Graph, index: int) -> bool:
    output = graph[graph.operators[index].outputs[0]]
    return output.dtype is not DType.INT16 and _BYTES.is_alias(graph, index)


_BYTES = table_operator(
    "QUANTIZE",
    Support(6, ranks=(0, 8), types=EIGHT_BITS, outputs=EIGHT_BITS | {DType.INT16}),
    _requantized,
    "to int16 a table of 256 of these",
    unsigned=True,
)

OPERATORS = (replace(_BYTES, lower=_lower, is_alias=_is_alias),)
