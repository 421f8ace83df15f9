"""SQRT and RSQRT of int16, of numbers that are not below 0: there TensorFlow Lite stops."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16
from edgeq.backends.aot.ops.roots import ROOT_BITS
from edgeq.backends.aot.ops.tensors import affine, shape_text
from edgeq.backends.aot.step import Step, Value
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph, Operator
from edgeq.graph.signs import never_below_zero


def _step(graph: Graph, index: int, kernel: str, params: dict[str, Value]) -> tuple[Step, ...]:
    op = graph.operators[index]
    source = graph[op.inputs[0]]
    step = Step(
        operator=index,
        title=f"{op.opcode} {shape_text(source.shape)} of int16",
        kernel=f"edgeq_{kernel}_s16",
        params_type=f"edgeq_{kernel}_params",
        params={"count": source.elements, **params},
        inputs=op.inputs,
        outputs=op.outputs,
        sources=(f"edgeq_{kernel}_s16.c",),
        inplace=(0,),
        typed=True,
    )
    return (step,)


def _sqrt(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """In float32, cut towards zero."""
    op = graph.operators[index]
    scales = (affine(graph, t, index)[0] for t in (op.inputs[0], op.outputs[0]))
    return _step(graph, index, "sqrt", dict(zip(("input_scale", "output_scale"), scales, strict=True)))


def _rsqrt(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """By Newton's method; of 0 the largest output."""
    op = graph.operators[index]
    in_scale, out_scale = (affine(graph, t, index)[0] for t in (op.inputs[0], op.outputs[0]))
    multiplier, shift = quantize_multiplier(1.0 / (float(np.sqrt(np.float64(in_scale))) * out_scale))
    return _step(graph, index, "rsqrt", {"multiplier": multiplier, "shift": shift - ROOT_BITS})


def _refusal(graph: Graph, op: Operator) -> str | None:
    if never_below_zero(graph, op.inputs[0]):
        return None
    return (
        "its input may be below 0, at which TensorFlow Lite stops (a RELU, ABS or square before rules it out)"
    )


def _support(version: int) -> Support:
    return Support(version, ranks=(0, 8), refusal=_refusal, types=INT16)


_NOTE = "of what a RELU, ABS, square or the like keeps from being below 0"

OPERATORS = (
    Op("SQRT", _support(2), _sqrt, f"int16, in float32 {_NOTE}"),
    Op(
        "RSQRT",
        _support(3),
        _rsqrt,
        f"int16 by Newton's method, {_NOTE}; exact to TensorFlow Lite Micro's reference, for LiteRT's is far "
        "off near 0",
    ),
)
