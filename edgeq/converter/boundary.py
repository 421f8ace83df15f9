"""The model's inputs and outputs: without float, and as int8 or uint8."""

from __future__ import annotations

from dataclasses import replace

from edgeq.base.errors import ModelError
from edgeq.converter.rewrite import compact
from edgeq.graph import DType, Graph, Operator, QuantParams

_SHIFT = {DType.INT8: -128, DType.UINT8: 128}
"""What a zero point moves by on the way to the type."""


def strip_float_io(graph: Graph) -> tuple[Graph, str]:
    """Remove the QUANTIZE after a float input and the DEQUANTIZE before a float output of an int8 model."""
    made = {index: op for op in graph.operators for index in op.outputs}
    readers = {i: [op for op in graph.operators if i in op.inputs] for i in graph.inputs}
    dropped: list[Operator] = []
    inputs, outputs = list(graph.inputs), list(graph.outputs)
    for position, index in enumerate(graph.inputs):
        if graph[index].dtype is DType.FLOAT32:
            if len(readers[index]) != 1:
                raise ModelError(
                    f"float input '{graph[index].name}' is used {len(readers[index])} times",
                    "convert the float model instead",
                )
            dropped.append(readers[index][0])
            inputs[position] = dropped[-1].outputs[0]
    for position, index in enumerate(graph.outputs):
        if graph[index].dtype is DType.FLOAT32:
            dropped.append(made[index])
            outputs[position] = dropped[-1].inputs[0]
    kept = tuple(op for op in graph.operators if not any(op is gone for gone in dropped))
    stripped = compact(graph.replace(operators=kept, inputs=tuple(inputs), outputs=tuple(outputs)))
    note = "The model was int8 inside already: only its inputs and outputs became int8, without calibration."
    return stripped, note


def integer_io(graph: Graph, io: str) -> Graph:
    """Put a QUANTIZE at every int8 or uint8 input and output that is to be the other type, 128 apart."""
    wanted = DType(io.upper())
    tensors = list(graph.tensors)
    first: list[Operator] = []
    last: list[Operator] = []
    inputs, outputs = list(graph.inputs), list(graph.outputs)
    for boundary in (inputs, outputs):
        for position, index in enumerate(boundary):
            inner = tensors[index]
            if inner.dtype not in _SHIFT or inner.dtype is wanted or inner.quant is None:
                continue
            zero_point = inner.quant.zero_point + _SHIFT[wanted]
            outer = replace(inner, dtype=wanted, quant=QuantParams.per_tensor(inner.quant.scale, zero_point))
            tensors[index] = replace(inner, name=f"{inner.name}_{inner.dtype.value.lower()}")
            tensors.append(outer)
            boundary[position] = len(tensors) - 1
            if boundary is inputs:
                first.append(Operator("QUANTIZE", (len(tensors) - 1,), (index,), version=2))
            else:
                last.append(Operator("QUANTIZE", (index,), (len(tensors) - 1,), version=2))
    return graph.replace(
        tensors=tuple(tensors),
        operators=(*first, *graph.operators, *last),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
    )
