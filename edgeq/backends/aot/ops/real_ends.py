"""QUANTIZE of real numbers and DEQUANTIZE to them, where a model keeps its real ends (``--io float``).

Both are those of LiteRT's reference to the bit: a division in float32 with halves rounded away from zero, and
for what 32 bits do not hold the lowest number, to which the zero point is added going round.
"""

from __future__ import annotations

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import QUANTIZED, affine, limits, shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Support
from edgeq.graph.model import DType, Graph

_REAL = frozenset({DType.FLOAT32})


def _quantize(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    scale, zero_point = affine(graph, op.outputs[0], index)
    low, high = limits(output)
    step = Step(
        operator=index,
        title=f"QUANTIZE {shape_text(output.shape)} from real numbers to {output.dtype.value.lower()}",
        kernel="edgeq_quantize_f32",
        params_type="edgeq_quantize_f32_params",
        params={
            "count": output.elements,
            "scale": scale,
            "zero_point": zero_point,
            "low": low,
            "high": high,
            "to": output.dtype.numpy.itemsize,
        },
        inputs=op.inputs,
        outputs=op.outputs,
        sources=("edgeq_quantize_f32.c",),
        inplace=(0,),
    )
    return (step,)


def _dequantize(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    source = graph[op.inputs[0]]
    scale, zero_point = affine(graph, op.inputs[0], index)
    step = Step(
        operator=index,
        title=f"DEQUANTIZE {shape_text(source.shape)} from {source.dtype.value.lower()} to real numbers",
        kernel="edgeq_dequantize_f32",
        params_type="edgeq_dequantize_f32_params",
        params={
            "count": source.elements,
            "scale": scale,
            "zero_point": zero_point,
            "from": source.dtype.numpy.itemsize,
            "is_signed": int(source.dtype is not DType.UINT8),
        },
        inputs=op.inputs,
        outputs=op.outputs,
        sources=("edgeq_dequantize_f32.c",),
    )
    return (step,)


OPERATORS = (
    Op(
        "QUANTIZE",
        Support(6, ranks=(0, 8), types=_REAL, outputs=QUANTIZED),
        _quantize,
        "a division in float32, halves away from zero",
    ),
    Op(
        "DEQUANTIZE",
        Support(6, ranks=(0, 8), types=QUANTIZED, outputs=_REAL),
        _dequantize,
        "a product in float32",
    ),
)
