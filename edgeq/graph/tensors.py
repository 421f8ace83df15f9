"""Reading tensors: shapes, element types, quantization, and the buffers that hold constants."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import ModelError
from edgeq.graph import schema
from edgeq.graph.flatbuffer import Flatbuffer, Table
from edgeq.graph.model import DType, QuantParams, Tensor

MAX_RANK = 8
MAX_ELEMENTS = (1 << 31) - 1

_MAX_TENSORS = 50_000
_INT_RANGES = {
    dtype: np.iinfo(dtype.value.lower()) for dtype in (DType.INT8, DType.UINT8, DType.INT16, DType.INT32)
}
_WORD = 4
"""Bytes: of a constant's place, so that every processor can read it."""


class TensorReader:
    """Reads the tensors of a subgraph.

    Args:
        file: the flatbuffer.
        label: how messages call the file.
    """

    def __init__(self, file: Flatbuffer, label: str) -> None:
        self.file = file
        self.label = label
        self._unpacked: dict[tuple[int, DType], npt.NDArray[Any]] = {}

    def read(self, root: Table, subgraph: Table) -> list[Tensor]:
        """All tensors of ``subgraph``, in order; ModelError for anything wrong in them."""
        tables = root.tables(schema.MODEL["buffers"], "buffer", _MAX_TENSORS)
        buffers = [self._buffer(i, table) for i, table in enumerate(tables)]
        made = self._produced(subgraph)
        return [
            self._tensor(i, table, buffers, i in made)
            for i, table in enumerate(subgraph.tables(schema.SUBGRAPH["tensors"], "tensor", _MAX_TENSORS))
        ]

    def bytes_of(self, root: Table, number: int) -> bytes:
        """One buffer's bytes, whatever they are.

        Raises:
            ModelError: there is no such buffer, or it lies outside the file.
        """
        tables = root.tables(schema.MODEL["buffers"], "buffer", _MAX_TENSORS)
        if number >= len(tables):
            raise self.file.damaged(f"metadata has buffer {number} of {len(tables)}")
        data = self._buffer(number, tables[number])
        return b"" if data is None else data.tobytes()

    def _produced(self, subgraph: Table) -> set[int]:
        """The tensors that the model's inputs and the operators make: without data, the others are empty."""
        made = set(subgraph.integers(schema.SUBGRAPH["inputs"], "the model's inputs"))
        for table in subgraph.tables(schema.SUBGRAPH["operators"], "operator", _MAX_TENSORS):
            made.update(table.integers(schema.OPERATOR["outputs"], "an operator's outputs"))
        return made

    def _buffer(self, index: int, table: Table) -> npt.NDArray[Any] | None:
        """A buffer's bytes; None if it is empty. Files beyond 2 GB keep them behind the flatbuffer."""
        slots = schema.BUFFER
        what = f"buffer {index}"
        offset = table.integer(slots["offset"], "uint64")
        if offset > 1:
            size = table.integer(slots["size"], "uint64")
            self.file.span(offset, size, what)
            self.file.note_alignment(offset, _WORD)
            return np.frombuffer(self.file.data, np.uint8, size, offset) if size else None
        data = table.vector(slots["data"], "uint8", what, _WORD)
        return data if data is not None and data.size else None

    def _tensor(self, index: int, table: Table, buffers: list[npt.NDArray[Any] | None], made: bool) -> Tensor:
        slots = schema.TENSOR
        name = table.string(slots["name"], f"the name of tensor {index}")
        called = f"tensor {index} ({Tensor(name, (), DType.BOOL).label})" if name else f"tensor {index}"
        shape = self._shape(table, called)
        type_code = table.integer(slots["type"], "int8")
        if type_code not in schema.TENSOR_TYPES:
            raise self.file.damaged(f"{called} has element type {type_code}, which is not in the schema")
        dtype = DType(schema.TENSOR_TYPES[type_code])
        if table.has(slots["sparsity"]):
            raise ModelError(
                f"{called} of {self.label} is stored sparse, which edgeq does not read.",
                "Convert the model without sparsity (pruned weights may stay zero in dense form).",
            )
        if table.integer(slots["external_buffer"], "uint32"):
            raise ModelError(
                f"{called} of {self.label} keeps its values in another file, which edgeq does not read.",
                "Export the model as one self-contained .tflite file.",
            )
        number = table.integer(slots["buffer"], "uint32")
        if number >= len(buffers) and (number or buffers):
            raise self.file.damaged(f"{called} has buffer {number} of {len(buffers)}")
        is_variable = bool(table.scalar(slots["is_variable"], "bool", False))
        raw = buffers[number] if buffers else None
        data = None
        if raw is not None:
            data = self._constant(number, raw, dtype, shape, called)
        elif not made and not is_variable and 0 in shape and dtype.bits:
            data = _read_only(np.zeros(shape, dtype.numpy if dtype.bits >= 8 else np.int8))
        if data is not None and is_variable:
            raise self.file.damaged(f"{called} is a variable and has constant values")
        return Tensor(
            name=name,
            shape=shape,
            dtype=dtype,
            quant=self._quantization(table, dtype, shape, data, called),
            data=data,
            shape_signature=self._signature(table, shape, called),
            is_variable=is_variable,
        )

    def _shape(self, table: Table, called: str) -> tuple[int, ...]:
        shape = table.integers(schema.TENSOR["shape"], f"the shape of {called}")
        if len(shape) > MAX_RANK:
            raise self.file.damaged(f"{called} has {len(shape)} dimensions (at most {MAX_RANK} are known)")
        if any(d < 0 for d in shape):
            raise self.file.damaged(f"{called} has a negative dimension in its shape {list(shape)}")
        # A zero dimension must not hide an absurd one: later stages may replace it.
        if math.prod(max(d, 1) for d in shape) > MAX_ELEMENTS:
            raise self.file.damaged(
                f"{called} has the shape {list(shape)}, more elements than edgeq addresses"
            )
        return shape

    def _signature(self, table: Table, shape: tuple[int, ...], called: str) -> tuple[int, ...]:
        signature = table.integers(schema.TENSOR["shape_signature"], f"the shape signature of {called}")
        if not signature:
            return shape
        fits = len(signature) == len(shape) and all(
            s in (-1, d) for s, d in zip(signature, shape, strict=True)
        )
        if not fits:
            raise self.file.damaged(
                f"{called} has the shape {list(shape)} but the shape signature {list(signature)}"
            )
        return signature

    def _constant(
        self, number: int, raw: npt.NDArray[Any], dtype: DType, shape: tuple[int, ...], called: str
    ) -> npt.NDArray[Any]:
        if not dtype.bits:
            if dtype is DType.STRING:
                return raw
            raise self.file.damaged(
                f"{called} of type {dtype.value} has constant values, which the type cannot have"
            )
        elements = math.prod(shape)
        expected = (elements * dtype.bits + 7) // 8
        if len(raw) != expected:
            raise self.file.damaged(
                f"{called}, {dtype.value} {list(shape)}, takes {expected} bytes; its buffer has {len(raw)}"
            )
        if dtype.bits < 8:
            if (number, dtype) not in self._unpacked:
                self.file.charge(elements)
                self._unpacked[number, dtype] = _unpack(raw, dtype)
            return _read_only(self._unpacked[number, dtype][:elements].reshape(shape))
        try:
            values: npt.NDArray[Any] = raw.view(dtype.numpy.newbyteorder("<")).reshape(shape)
        except KeyError:
            return raw
        return values

    def _quantization(
        self,
        table: Table,
        dtype: DType,
        shape: tuple[int, ...],
        data: npt.NDArray[Any] | None,
        called: str,
    ) -> QuantParams | None:
        quantization = table.table(schema.TENSOR["quantization"], f"the quantization of {called}")
        if quantization is None:
            return None
        slots = schema.QUANTIZATION
        details = quantization.integer(slots["details_type"], "uint8")
        if details:
            kind = schema.QUANTIZATION_DETAILS.get(details, f"kind {details}")
            raise ModelError(
                f"{called} of {self.label} is quantized in a way that edgeq does not read ({kind}).",
                "Quantize the model with one scale per tensor or per channel.",
            )
        scales = quantization.vector(slots["scale"], "float32", f"the scales of {called}")
        if scales is None or not scales.size:
            return None
        points = quantization.vector(slots["zero_point"], "int64", f"the zero points of {called}")
        points = np.zeros(1, np.int64) if points is None or not points.size else points
        axis = quantization.integer(slots["quantized_dimension"], "int32")
        self.file.charge(scales.nbytes * 3)
        if scales.size == 1:
            axis = 0
        elif len(shape) == 1 and axis >= 1:
            # Some converters copy the weights' axis to their 1-D bias.
            axis = 0
        if scales.size > 1 and not (0 <= axis < len(shape) and shape[axis] == scales.size):
            raise self.file.damaged(
                f"{called} of shape {list(shape)} has {scales.size} scales along dimension {axis}"
            )
        if points.size not in (1, scales.size):
            raise self.file.damaged(f"{called} has {scales.size} scales but {points.size} zero points")
        if data is not None and (scales == 0).any() and not points.any():
            scales = _for_zeros(scales, data, axis)
        if not (np.isfinite(scales).all() and (scales > 0).all()):
            raise self.file.damaged(f"{called} has a scale that is not a positive number")
        if dtype in _INT_RANGES:
            low, high = _INT_RANGES[dtype].min, _INT_RANGES[dtype].max
            if (points < low).any() or (points > high).any():
                raise self.file.damaged(f"{called} has a zero point outside the range of {dtype.value}")
        if points.size != scales.size:
            points = _read_only(np.full(scales.size, points[0]))
        return QuantParams(scales.astype(np.float32, copy=False), points.astype(np.int64, copy=False), axis)


def _unpack(raw: npt.NDArray[Any], dtype: DType) -> npt.NDArray[Any]:
    """The elements of a packed buffer, first element in the low bits: int8 (INT2, INT4) or uint8 (UINT4)."""
    per_byte = 8 // dtype.bits
    parts = np.empty((len(raw), per_byte), np.uint8)
    for i in range(per_byte):
        parts[:, i] = raw << (8 - dtype.bits * (i + 1))
    if dtype is DType.UINT4:
        return parts.reshape(-1) >> (8 - dtype.bits)
    return parts.reshape(-1).view(np.int8) >> (8 - dtype.bits)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.flags.writeable = False
    return array


def _for_zeros(scales: npt.NDArray[Any], data: npt.NDArray[Any], axis: int) -> npt.NDArray[Any]:
    """Scales of a constant, with the smallest that there is for what is 0 throughout.

    TensorFlow gives zeros the scale 0, and under any small one they are as many.
    """
    channels = (np.moveaxis(data, axis, 0) if scales.size > 1 else data).reshape(scales.size, -1)
    nothing = (scales == 0) & ~channels.any(axis=1)
    return np.where(nothing, np.finfo(np.float32).smallest_subnormal, scales)
