"""The model's inputs and outputs as int8, uint8 or real numbers."""

from __future__ import annotations

from dataclasses import replace

from edgeq.graph import DType, Graph, Operator, QuantParams

_SHIFT = {DType.INT8: -128, DType.UINT8: 128}
"""What a zero point moves by on the way to the type."""
_INTEGERS = (DType.INT8, DType.UINT8, DType.INT16)


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


def float_io(graph: Graph) -> Graph:
    """The same graph with float inputs and outputs: a QUANTIZE after each, a DEQUANTIZE before each.

    It is one whose real ends are meant, and stay (``edgeq.graph.ends``).
    """
    tensors = list(graph.tensors)
    inputs, outputs = list(graph.inputs), list(graph.outputs)
    first: list[Operator] = []
    last: list[Operator] = []
    for boundary in (inputs, outputs):
        for position, index in enumerate(boundary):
            inner = tensors[index]
            if inner.dtype not in _INTEGERS or inner.quant is None:
                continue
            tensors.append(replace(inner, dtype=DType.FLOAT32, quant=None))
            tensors[index] = replace(inner, name=f"{inner.name}_{inner.dtype.value.lower()}")
            boundary[position] = len(tensors) - 1
            wide = inner.dtype is DType.INT16
            if boundary is inputs:
                first.append(Operator("QUANTIZE", (boundary[position],), (index,), version=2 if wide else 1))
            else:
                last.append(Operator("DEQUANTIZE", (index,), (boundary[position],), version=3 if wide else 2))
    return graph.replace(
        tensors=tuple(tensors),
        operators=(*first, *graph.operators, *last),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        keeps_real_ends=True,
    )
