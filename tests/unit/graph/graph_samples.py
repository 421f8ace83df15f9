"""Models for the tests of reading and writing: graphs, and flatbuffers that say anything at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np

from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor
from edgeq.graph import schema as s

RNG = np.random.default_rng(7)


def tensor(
    name: str, shape: tuple[int, ...], dtype: DType = DType.INT8, quant: QuantParams | None = None
) -> Tensor:
    return Tensor(name, shape, dtype, quant or QuantParams.per_tensor(0.05, -3))


def constant(
    name: str, values: np.ndarray[Any, Any], dtype: DType, quant: QuantParams | None = None
) -> Tensor:
    return Tensor(name, values.shape, dtype, quant, values)


def channels(scales: Sequence[float], axis: int) -> QuantParams:
    return QuantParams(np.array(scales, np.float32), np.zeros(len(scales), np.int64), axis)


def small_model() -> Graph:
    """A convolution, a pool, a reshape, a dense layer and a softmax, int8; LiteRT runs it."""
    weights = RNG.integers(-127, 128, (4, 3, 3, 2)).astype(np.int8)
    dense = RNG.integers(-127, 128, (5, 16)).astype(np.int8)
    tensors = (
        Tensor(
            "in", (1, 6, 6, 2), DType.INT8, QuantParams.per_tensor(0.05, -3), shape_signature=(-1, 6, 6, 2)
        ),
        constant("w", weights, DType.INT8, channels([0.01, 0.02, 0.03, 0.04], 0)),
        constant("b", np.arange(4, dtype=np.int32), DType.INT32, channels([0.0005, 0.001, 0.0015, 0.002], 0)),
        tensor("conv", (1, 4, 4, 4), quant=QuantParams.per_tensor(0.1, 4)),
        tensor("pool", (1, 2, 2, 4), quant=QuantParams.per_tensor(0.1, 4)),
        constant("shape", np.array([1, 16], np.int32), DType.INT32),
        tensor("flat", (1, 16), quant=QuantParams.per_tensor(0.1, 4)),
        constant("dw", dense, DType.INT8, QuantParams.per_tensor(0.02, 0)),
        tensor("logits", (1, 5), quant=QuantParams.per_tensor(0.3, 9)),
        tensor("out", (1, 5), quant=QuantParams.per_tensor(1 / 256, -128)),
    )
    window = {"padding": "VALID", "stride_w": 2, "stride_h": 2, "filter_width": 2, "filter_height": 2}
    convolution = {"padding": "VALID", "stride_w": 1, "stride_h": 1, "fused_activation_function": "RELU"}
    operators = (
        Operator("CONV_2D", (0, 1, 2), (3,), convolution, 3),
        Operator("MAX_POOL_2D", (3,), (4,), window, 2),
        Operator("RESHAPE", (4, 5), (6,), {"new_shape": (1, 16)}),
        Operator("FULLY_CONNECTED", (6, 7, ABSENT), (8,), {}, 4),
        Operator("SOFTMAX", (8,), (9,), {"beta": 1.0}, 2),
    )
    return Graph("small", tensors, operators, (0,), (9,), "a small model")


@dataclass(frozen=True)
class Raw:
    """A flatbuffer table: by slot, a (scalar kind, value), a Raw, a list of Raw, a str, or a numpy array."""

    fields: Mapping[int, Any]


def encode(root: Raw, identifier: bytes = s.FILE_IDENTIFIER) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(_table(builder, root), file_identifier=identifier)
    return bytes(builder.Output())


def _child(builder: Any, value: Any) -> int:
    if isinstance(value, Raw):
        return _table(builder, value)
    if isinstance(value, str):
        return int(builder.CreateString(value))
    if isinstance(value, np.ndarray):
        return int(builder.CreateNumpyVector(value))
    offsets = [_table(builder, item) for item in value]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _table(builder: Any, raw: Raw) -> int:
    offsets = {slot: _child(builder, v) for slot, v in raw.fields.items() if not isinstance(v, tuple)}
    builder.StartObject(max(raw.fields, default=-1) + 1)
    for slot, value in raw.fields.items():
        if isinstance(value, tuple):
            # A default that no value equals makes the builder write the field whatever it is.
            getattr(builder, f"Prepend{value[0].capitalize()}Slot")(slot, value[1], None)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, offsets[slot], 0)
    return int(builder.EndObject())


def ints(*values: int, dtype: str = "int32") -> np.ndarray[Any, Any]:
    return np.array(values, dtype)


def raw_model(
    *,
    model: Mapping[int, Any] | None = None,
    tensors: Mapping[int, Mapping[int, Any]] | None = None,
    operator: Mapping[int, Any] | None = None,
    code: Mapping[int, Any] | None = None,
    subgraph: Mapping[int, Any] | None = None,
    quantization: Mapping[int, Any] | None = None,
    buffer: Mapping[int, Any] | None = None,
) -> Raw:
    """ADD of an input and a constant of four int8, with any field of any table overridden (None: left out).

    Tensors: 0 the input, 1 the constant (buffer 1), 2 the output. ``quantization`` is the constant's.
    """

    def made(fields: Mapping[int, Any], changes: Mapping[int, Any] | None) -> Raw:
        return Raw({k: v for k, v in {**fields, **(changes or {})}.items() if v is not None})

    q, t = s.QUANTIZATION, s.TENSOR
    params = made(
        {q["scale"]: np.array([0.5], np.float32), q["zero_point"]: np.array([3], np.int64)}, quantization
    )
    tables = []
    for index, name in enumerate(("in", "constant", "out")):
        fields = {
            t["shape"]: ints(1, 4),
            t["type"]: ("int8", 9),
            t["buffer"]: ("uint32", 1 if index == 1 else 0),
            t["name"]: name,
            t["quantization"]: params,
        }
        tables.append(made(fields, (tensors or {}).get(index)))
    o = s.OPERATOR
    add = made(
        {
            o["opcode_index"]: ("uint32", 0),
            o["inputs"]: ints(0, 1),
            o["outputs"]: ints(2),
            o["builtin_options_type"]: ("uint8", 11),
            o["builtin_options"]: Raw({0: ("int8", 1)}),
        },
        operator,
    )
    g = s.SUBGRAPH
    main = made(
        {g["tensors"]: tables, g["inputs"]: ints(0), g["outputs"]: ints(2), g["operators"]: [add]}, subgraph
    )
    data = made({s.BUFFER["data"]: np.array([1, 2, 3, 4], np.uint8)}, buffer)
    m = s.MODEL
    return made(
        {
            m["version"]: ("uint32", 3),
            m["operator_codes"]: [made({s.OPERATOR_CODE["builtin_code"]: ("int32", 0)}, code)],
            m["subgraphs"]: [main],
            m["buffers"]: [Raw({}), data],
            m["description"]: "raw",
        },
        model,
    )


def equal(a: Graph, b: Graph) -> bool:
    """Whether two graphs say the same."""
    return (
        a.operators == b.operators
        and (a.inputs, a.outputs, a.description) == (b.inputs, b.outputs, b.description)
        and len(a.tensors) == len(b.tensors)
        and all(_same_tensor(x, y) for x, y in zip(a.tensors, b.tensors, strict=True))
    )


def _same_tensor(a: Tensor, b: Tensor) -> bool:
    plain = ("name", "shape", "dtype", "shape_signature", "is_variable", "is_constant")
    if any(getattr(a, name) != getattr(b, name) for name in plain) or (a.quant is None) != (b.quant is None):
        return False
    if a.quant is not None and b.quant is not None:
        same = np.array_equal(a.quant.scales, b.quant.scales) and a.quant.axis == b.quant.axis
        if not same or not np.array_equal(a.quant.zero_points, b.quant.zero_points):
            return False
    return a.data is None or (b.data is not None and a.data.tobytes() == b.data.tobytes())
