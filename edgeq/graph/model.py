"""The graph: what a .tflite file says, in a few frozen types.

One subgraph, tensors by index, operators in execution order. Everything after reading works on these types
and never on the flatbuffer.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import ModelError
from edgeq.features.preprocessing import Preprocessing, Steps

OptionValue = int | float | bool | str | tuple[int, ...]
"""The value of a builtin option; enumerations are their schema names (``"SAME"``, ``"RELU6"``)."""

ABSENT = -1
"""The tensor index of an optional operator input that is not given."""

ONCE = "CALL_ONCE"
"""The operator that runs another subgraph before the first inference, to set variables."""

VariableName = tuple[str, str]
"""What a resource variable is known by: its container and its shared name."""


class DType(str, Enum):
    """A tensor's element type, by its name in the TensorFlow Lite schema."""

    FLOAT16 = "FLOAT16"
    FLOAT32 = "FLOAT32"
    FLOAT64 = "FLOAT64"
    BFLOAT16 = "BFLOAT16"
    FLOAT8_E4M3FN = "FLOAT8_E4M3FN"
    FLOAT8_E5M2 = "FLOAT8_E5M2"
    INT2 = "INT2"
    INT4 = "INT4"
    UINT4 = "UINT4"
    INT8 = "INT8"
    INT16 = "INT16"
    INT32 = "INT32"
    INT64 = "INT64"
    UINT8 = "UINT8"
    UINT16 = "UINT16"
    UINT32 = "UINT32"
    UINT64 = "UINT64"
    BOOL = "BOOL"
    STRING = "STRING"
    COMPLEX64 = "COMPLEX64"
    COMPLEX128 = "COMPLEX128"
    RESOURCE = "RESOURCE"
    VARIANT = "VARIANT"

    @property
    def numpy(self) -> np.dtype[np.generic]:
        """The numpy dtype. Raises KeyError for types that numpy has no plain form of (INT4, STRING, …)."""
        return _NUMPY[self]

    @property
    def bits(self) -> int:
        """Bits of an element in the file; 0 for types without a fixed size (STRING, RESOURCE, …)."""
        return _PACKED_BITS.get(self, 0) or (_NUMPY[self].itemsize * 8 if self in _NUMPY else 0)

    @property
    def is_float(self) -> bool:
        """Whether it is a real floating-point type."""
        return "FLOAT" in self.value


_NUMPY: dict[DType, np.dtype[np.generic]] = {
    dtype: np.dtype(dtype.value.lower())
    for dtype in DType
    if re.fullmatch(r"U?INT(8|16|32|64)|FLOAT(16|32|64)|COMPLEX\d+", dtype.value)
}
_NUMPY[DType.BOOL] = np.dtype(np.bool_)

_LABEL = 100
"""How many characters of a tensor's name messages show."""

_PACKED_BITS = {
    DType.INT2: 2,
    DType.INT4: 4,
    DType.UINT4: 4,
    DType.BFLOAT16: 16,
    DType.FLOAT8_E4M3FN: 8,
    DType.FLOAT8_E5M2: 8,
}


@dataclass(frozen=True, eq=False)
class QuantParams:
    """Affine quantization: real = scale * (q - zero_point).

    Attributes:
        scales: float32, shape [1] per tensor or [channels] per channel; finite and positive.
        zero_points: int64, the same shape.
        axis: the channel's axis where there is more than one scale, else 0.
    """

    scales: npt.NDArray[np.float32]
    zero_points: npt.NDArray[np.int64]
    axis: int = 0

    @classmethod
    def per_tensor(cls, scale: float, zero_point: int) -> QuantParams:
        """One scale and zero point for the whole tensor."""
        return cls(np.array([scale], np.float32), np.array([zero_point], np.int64))

    @property
    def is_per_channel(self) -> bool:
        """Whether it has more than one scale."""
        return len(self.scales) > 1

    @property
    def scale(self) -> float:
        """The scale of a per-tensor quantization (the float32 value, as a Python float)."""
        return float(self.scales[0])

    @property
    def zero_point(self) -> int:
        """The zero point of a per-tensor quantization."""
        return int(self.zero_points[0])


@dataclass(frozen=True, eq=False)
class Tensor:
    """One tensor.

    Attributes:
        name: as in the file; not necessarily unique.
        shape: the static shape; a dynamic dimension is 1 here and -1 in ``shape_signature``.
        shape_signature: the shape with -1 where a dimension is dynamic; equal to ``shape`` if none is.
        quant: None where the file gives no scale.
        data: the constant's values, read-only, shape ``shape``; None for an activation. INT2 and INT4 are
            unpacked to int8, UINT4 to uint8; other types that numpy lacks (STRING, BFLOAT16, …) are their raw
            bytes, uint8 [n].
        is_variable: whether it keeps its value between inferences.
        alias: of a model's input or output, the name that the file's signature or the source has for it;
            empty where there is none.
        preprocessing: of a model's input, what raw values undergo first; None where that is not known.
    """

    name: str
    shape: tuple[int, ...]
    dtype: DType
    quant: QuantParams | None = None
    data: npt.NDArray[np.generic] | None = None
    shape_signature: tuple[int, ...] = ()
    is_variable: bool = False
    alias: str = ""
    preprocessing: Preprocessing | None = None

    def __post_init__(self) -> None:
        if not self.shape_signature:
            object.__setattr__(self, "shape_signature", self.shape)

    @property
    def is_constant(self) -> bool:
        """Whether the file holds its values."""
        return self.data is not None

    @property
    def is_dynamic(self) -> bool:
        """Whether a dimension is unknown until the model runs."""
        return any(d < 0 for d in self.shape_signature)

    @property
    def label(self) -> str:
        """The name as messages show it: long ones (converters join names) are cut in the middle."""
        return (
            self.name
            if len(self.name) <= _LABEL
            else f"{self.name[: _LABEL // 2]}…{self.name[-_LABEL // 2 :]}"
        )

    @property
    def elements(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Operator:
    """One operator.

    Attributes:
        opcode: the builtin operator's schema name (``"CONV_2D"``), or ``"CUSTOM"``.
        inputs, outputs: tensor indices; ``ABSENT`` for an optional input that is not given.
        options: the builtin options by their schema field names, defaults filled in; enumerations as names.
        version: the operator's version in the file.
        custom_code: the custom operator's name, with ``opcode == "CUSTOM"``.
        custom_options: its option bytes.
        intermediates: tensors that only carry the quantization of values inside the operator (LSTM).
        unread_options: what kind of options it carries that edgeq does not read; it is then not writable.
    """

    opcode: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    version: int = 1
    custom_code: str = ""
    custom_options: bytes = b""
    intermediates: tuple[int, ...] = ()
    unread_options: str = ""


@dataclass(frozen=True)
class Graph:
    """A model of one subgraph.

    Attributes:
        name: the model's name (its file's stem).
        inputs, outputs: tensor indices, in the model's order.
        operators: in execution order.
        description: the file's own description.
        initials: what CALL_ONCE sets resource variables to: constants by the variable's name. In the file
            they are a subgraph of their own.
        is_in_source_order: whether inputs and outputs are known to be in the order of the source that the
            model was made from; converters have orders of their own.
        keeps_real_ends: whether the operators that convert at its real inputs and outputs are meant to run on
            the device (``edgeq.graph.ends``).
    """

    name: str
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    description: str = ""
    is_in_source_order: bool = False
    keeps_real_ends: bool = False
    initials: Mapping[VariableName, Tensor] = field(default_factory=dict)

    def __getitem__(self, index: int) -> Tensor:
        return self.tensors[index]

    def replace(self, **changes: object) -> Graph:
        """A copy with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # dataclasses.replace is untyped by field

    @property
    def input_tensors(self) -> tuple[Tensor, ...]:
        """The model's inputs, in order."""
        return tuple(self.tensors[i] for i in self.inputs)

    @property
    def preprocessing(self) -> Steps:
        """What raw values of each input undergo before they are its real values."""
        return tuple(tensor.preprocessing for tensor in self.input_tensors)

    def preprocessed(self, steps: Steps) -> Graph:
        """A copy whose inputs' raw values undergo this, one for each input."""
        tensors = list(self.tensors)
        for index, step in zip(self.inputs, steps, strict=True):
            tensors[index] = replace(tensors[index], preprocessing=step)
        return self.replace(tensors=tuple(tensors))

    @property
    def output_tensors(self) -> tuple[Tensor, ...]:
        """The model's outputs, in order."""
        return tuple(self.tensors[i] for i in self.outputs)

    def describe(self, index: int) -> str:
        """How messages name an operator: ``operator 3 (CONV_2D)``."""
        op = self.operators[index]
        return f"operator {index} ({op.custom_code or op.opcode})"


def refuse_open_shape(tensor: Tensor) -> None:
    """Refuse an input of which more than the batch is unknown: nothing can be said of its data.

    Raises:
        ModelError: it is one.
    """
    if any(size < 0 for size in tensor.shape_signature[1:]):
        raise ModelError(
            f"input '{tensor.name}' has a dynamic shape {list(tensor.shape_signature)}",
            "export the model with a fixed input shape; only the batch may be dynamic",
        )


def model_hash(model: bytes) -> str:
    """The model's identity everywhere (manifest, firmware, report): the SHA-256 of the file, in hex."""
    return hashlib.sha256(model).hexdigest()
