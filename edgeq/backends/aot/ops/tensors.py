"""What lowering asks of a tensor: its quantization, its limits, its place in words."""

from __future__ import annotations

import math

import numpy as np

from edgeq.backends.aot.ops.fixed_point import round_half_away
from edgeq.base.errors import ModelError
from edgeq.graph.model import DType, Graph, QuantParams, Tensor

QUANTIZED = frozenset({DType.INT8, DType.UINT8, DType.INT16})
"""The types that scales and zero points make real values of."""
_LIMITS = {DType.INT8: (-128, 127), DType.UINT8: (0, 255), DType.INT16: (-32768, 32767)}


def limits(tensor: Tensor) -> tuple[int, int]:
    """The smallest and largest value of its integer type."""
    return _LIMITS[tensor.dtype]


def around(shape: tuple[int, ...], axis: int) -> tuple[int, int]:
    """How many elements lie before an axis, and how many behind it: (outer, inner)."""
    return math.prod(shape[:axis]), math.prod(shape[axis + 1 :])


def affine(graph: Graph, index: int, operator: int) -> tuple[float, int]:
    """The scale and zero point of a per-tensor quantized tensor; ModelError where it has none."""
    tensor = graph[index]
    if tensor.quant is None or tensor.quant.is_per_channel or tensor.dtype not in _LIMITS:
        raise ModelError(
            f"{graph.describe(operator)}: tensor {index} is not quantized with one scale",
            "convert the model to full int8 (edgeq convert)",
        )
    return tensor.quant.scale, tensor.quant.zero_point


def zero_of(tensor: Tensor) -> int:
    """The integer that stands for 0: the zero point, or 0 where numbers mean themselves."""
    return tensor.quant.zero_point if tensor.quant is not None and tensor.dtype in QUANTIZED else 0


def quant_of(tensor: Tensor) -> QuantParams:
    """The quantization of a tensor that the checker has found to have one."""
    if tensor.quant is None:
        raise LookupError(f"{tensor.name} has no quantization")
    return tensor.quant


def scale_of(tensor: Tensor) -> float:
    """The scale of a tensor that the checker has found to have one."""
    return quant_of(tensor).scale


def activation_limits(tensor: Tensor, activation: str) -> tuple[int, int]:
    """The integers that a fused activation leaves of a quantized tensor's range: (low, high)."""
    bounds = {
        "NONE": (None, None),
        "RELU": (0.0, None),
        "RELU6": (0.0, 6.0),
        "RELU_N1_TO_1": (-1.0, 1.0),
    }
    return real_limits(tensor, *bounds[activation])


def real_limits(tensor: Tensor, smallest: float | None, largest: float | None) -> tuple[int, int]:
    """The integers that two real bounds leave of a quantized tensor's range: (low, high)."""
    low, high = limits(tensor)
    if tensor.quant is None:
        return low, high
    zero_point, scale = tensor.quant.zero_point, np.float32(tensor.quant.scale)

    def quantized(real: float) -> int:
        return zero_point + int(round_half_away(np.asarray(np.float32(real) / scale)))

    return (
        low if smallest is None else max(low, quantized(smallest)),
        high if largest is None else min(high, quantized(largest)),
    )


def activation(graph: Graph, operator: int) -> str:
    """The operator's fused activation; ModelError for one that has no integer form here."""
    name = str(graph.operators[operator].options.get("fused_activation_function", "NONE"))
    if name not in ("NONE", "RELU", "RELU6", "RELU_N1_TO_1"):
        raise ModelError(
            f"{graph.describe(operator)}: fused activation {name} is not supported",
            "use NONE, RELU, RELU6 or RELU_N1_TO_1",
        )
    return name


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as people write it: ``25x5x64``."""
    return "x".join(str(d) for d in shape) or "scalar"


def constant_values(graph: Graph, index: int, operator: int, what: str) -> tuple[int, ...]:
    """The values of a constant integer input; ModelError where it is not constant."""
    tensor = graph[index]
    if tensor.data is None:
        raise ModelError(
            f"{graph.describe(operator)}: its {what} (tensor {index}) is computed at run time",
            "fix it when exporting the model, so that every shape is static",
        )
    return tuple(int(v) for v in np.asarray(tensor.data).reshape(-1))


def int_option(graph: Graph, operator: int, name: str) -> int:
    """An integer builtin option; ModelError where the file does not give it as one."""
    value = graph.operators[operator].options.get(name)
    if not isinstance(value, int):
        raise ModelError(
            f"{graph.describe(operator)}: its option {name} is not an integer", "export the model anew"
        )
    return value
