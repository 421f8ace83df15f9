"""Inputs and outputs of a network as every backend's templates see them."""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.backends.project import text
from edgeq.base.errors import ModelError
from edgeq.features.preprocessing import Preprocessing
from edgeq.graph.model import DType, Graph
from edgeq.graph.quantization import LIMITS

C_TYPES = {
    DType.INT8: "int8_t",
    DType.UINT8: "uint8_t",
    DType.INT16: "int16_t",
    DType.INT32: "int32_t",
    DType.INT64: "int64_t",
    DType.BOOL: "uint8_t",
    DType.FLOAT32: "float",
}
"""The types of elements that firmware knows, as ``edgeq_runtime.h`` lists them, in C."""


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of the network.

    One that is not quantized, whose numbers mean themselves, has scale 1 and zero point 0.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    ctype: str
    type_name: str
    low: int
    high: int
    elements: int
    bytes: int
    offset: int
    scale: float
    scale_text: str
    zero_point: int
    is_quantized: bool
    preprocessing: Preprocessing | None = None
    mean_text: str = ""
    std_text: str = ""


def tensor_info(graph: Graph, index: int, position: int, role: str, offset: int = 0) -> TensorInfo:
    """An input or output as the templates see it.

    Args:
        index: the tensor's.
        position: among the network's inputs or outputs.
        role: ``"input"`` or ``"output"``.
        offset: in the arena, where that is planned.

    Raises:
        ModelError: it is of a type that firmware does not know, or has several scales.
    """
    tensor = graph[index]
    quant = tensor.quant if tensor.dtype in LIMITS else None
    if tensor.dtype not in C_TYPES or (quant is not None and quant.is_per_channel):
        raise ModelError(
            f"{role} {position} of the model is {tensor.dtype.value}, or has several scales",
            "convert the model to full int8 (edgeq convert)",
        )
    low, high = LIMITS.get(tensor.dtype, (0, 0))
    scale = 1.0 if quant is None else quant.scale
    step = tensor.preprocessing
    return TensorInfo(
        index=position,
        name=text.safe(tensor.name),
        shape=tensor.shape,
        dtype=tensor.dtype.value.lower(),
        ctype=C_TYPES[tensor.dtype],
        type_name=f"EDGEQ_TYPE_{tensor.dtype.value}",
        low=low,
        high=high,
        elements=tensor.elements,
        bytes=tensor.elements * tensor.dtype.numpy.itemsize,
        offset=offset,
        scale=scale,
        scale_text=text.real(scale),
        zero_point=0 if quant is None else quant.zero_point,
        is_quantized=quant is not None,
        preprocessing=step,
        mean_text="" if step is None else text.real(step.mean),
        std_text="" if step is None else text.real(step.std),
    )
