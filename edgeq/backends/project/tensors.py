"""Inputs and outputs of a network as every backend's templates see them."""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.backends.project import text
from edgeq.base.errors import ModelError
from edgeq.graph.model import DType, Graph

_C_TYPES = {
    DType.INT8: ("int8_t", "EDGEQ_TYPE_INT8", -128, 127),
    DType.UINT8: ("uint8_t", "EDGEQ_TYPE_UINT8", 0, 255),
}


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of the network."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    ctype: str
    type_name: str
    low: int
    high: int
    bytes: int
    offset: int
    scale: float
    scale_text: str
    zero_point: int


def tensor_info(graph: Graph, index: int, position: int, role: str, offset: int = 0) -> TensorInfo:
    """An input or output as the templates see it.

    Args:
        index: the tensor's.
        position: among the network's inputs or outputs.
        role: ``"input"`` or ``"output"``.
        offset: in the arena, where that is planned.

    Raises:
        ModelError: it is not quantized to 8 bits with one scale.
    """
    tensor = graph[index]
    if tensor.dtype not in _C_TYPES or tensor.quant is None or tensor.quant.is_per_channel:
        raise ModelError(
            f"{role} {position} of the model is {tensor.dtype.value}, not quantized to 8 bits with one scale",
            "convert the model to full int8 (edgeq convert)",
        )
    ctype, type_name, low, high = _C_TYPES[tensor.dtype]
    return TensorInfo(
        index=position,
        name=text.safe(tensor.name),
        shape=tensor.shape,
        dtype=tensor.dtype.value.lower(),
        ctype=ctype,
        type_name=type_name,
        low=low,
        high=high,
        bytes=tensor.elements,
        offset=offset,
        scale=tensor.quant.scale,
        scale_text=text.real(tensor.quant.scale),
        zero_point=tensor.quant.zero_point,
    )
