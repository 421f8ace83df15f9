"""What a model is made of, for people: tensors, operators, MACs, and the code around it in firmware."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgeq.graph import DType, Graph, Tensor
from edgeq.graph.macs import operator_macs
from edgeq.graph.quantization import of_tensor
from edgeq.verbs.manifests import model_facts
from edgeq.verbs.sources import load_tflite

_C_TYPES = {
    DType.INT8: ("int8_t", -128, 127),
    DType.UINT8: ("uint8_t", 0, 255),
    DType.INT16: ("int16_t", -32768, 32767),
}


def inspect(model: Path | bytes, signature: str | None = None) -> dict[str, Any]:
    """What is inside a .tflite model: everything that ``edgeq inspect --json`` prints, apart from the schema
    version. Of a model compiled for the Edge TPU also what is in its packages (``"edgetpu"``).

    Raises:
        ModelError: it is not a valid one.
    """
    from edgeq.edgetpu import is_compiled
    from edgeq.edgetpu.inspection import inspect_compiled

    data, graph = load_tflite(model, signature)
    found = _inspected(data, graph)
    return {**found, "edgetpu": inspect_compiled(graph)} if is_compiled(graph) else found


def _inspected(data: bytes, graph: Graph) -> dict[str, Any]:
    constants = [tensor for tensor in graph.tensors if tensor.data is not None]
    macs = [operator_macs(graph, operator) for operator in graph.operators]
    return {
        "model": {
            **model_facts(graph.name, data),
            "description": graph.description,
            "constants": sum(tensor_bytes(tensor) or 0 for tensor in constants),
            "macs": sum(macs),
        },
        "inputs": [_io(graph, index, "input") for index in graph.inputs],
        "outputs": [_io(graph, index, "output") for index in graph.outputs],
        "operators": [
            {
                "index": index,
                "opcode": operator.custom_code or operator.opcode,
                "version": operator.version,
                "inputs": list(operator.inputs),
                "outputs": list(operator.outputs),
                "options": dict(operator.options),
                "macs": macs[index],
            }
            for index, operator in enumerate(graph.operators)
        ],
        "tensors": [_tensor(graph, index) for index in range(len(graph.tensors))],
    }


def tensor_bytes(tensor: Tensor) -> int | None:
    """The tensor's size in bytes; None where its type has no fixed size."""
    if tensor.dtype is DType.INT4:
        return (tensor.elements + 1) // 2
    try:
        return tensor.elements * tensor.dtype.numpy.itemsize
    except KeyError:
        return None


def quantize_line(tensor: Tensor) -> str:
    """The C expression that makes an element of a quantized input from a real ``x``; empty for other tensors.

    It rounds to the nearest and clips, as :func:`edgeq.data.quantize_input` does.
    """
    if tensor.quant is None or tensor.quant.is_per_channel or tensor.dtype not in _C_TYPES:
        return ""
    ctype, low, high = _C_TYPES[tensor.dtype]
    scale, zero = tensor.quant.scale, tensor.quant.zero_point
    return f"({ctype})fminf(fmaxf(roundf(x / {_float(scale)}){_signed(zero)}, {low}), {high})"


def dequantize_line(tensor: Tensor) -> str:
    """The C expression that makes a real from an element ``q`` of a quantized output; empty otherwise."""
    if tensor.quant is None or tensor.quant.is_per_channel or tensor.dtype not in _C_TYPES:
        return ""
    return f"{_float(tensor.quant.scale)} * (float)(q{_signed(-tensor.quant.zero_point)})"


def _io(graph: Graph, index: int, role: str) -> dict[str, Any]:
    tensor = graph[index]
    line = quantize_line(tensor) if role == "input" else dequantize_line(tensor)
    return {**_tensor(graph, index), "quantize" if role == "input" else "dequantize": line or None}


def _tensor(graph: Graph, index: int) -> dict[str, Any]:
    tensor = graph[index]
    quant = tensor.quant
    return {
        "index": index,
        "name": tensor.name,
        "shape": list(tensor.shape),
        "shape_signature": list(tensor.shape_signature),
        "dtype": tensor.dtype.value,
        "constant": tensor.is_constant,
        "bytes": tensor_bytes(tensor),
        "scales": None if quant is None else [float(scale) for scale in quant.scales],
        "zero_points": None if quant is None else [int(zero) for zero in quant.zero_points],
        "axis": None if quant is None else quant.axis,
        **_other_forms(tensor),
    }


def _other_forms(tensor: Tensor) -> dict[str, Any]:
    """(mean, std) and (min, max) of a quantized tensor, lists as long as its scales; else null."""
    found = of_tensor(tensor)
    if found is None or found[0].is_float:
        return dict.fromkeys(("means", "stds", "mins", "maxs"))
    ranges = [quantization.range or (0.0, 0.0) for quantization in found]
    return {
        "means": [quantization.mean for quantization in found],
        "stds": [quantization.std for quantization in found],
        "mins": [low for low, _ in ranges],
        "maxs": [high for _, high in ranges],
    }


def _float(value: float) -> str:
    """A C float literal that reads back as the same float32."""
    text = f"{value:.9g}"
    return f"{text}f" if any(c in text for c in ".e") else f"{text}.0f"


def _signed(value: int) -> str:
    return "" if value == 0 else f" {'+' if value > 0 else '-'} {abs(value)}"
