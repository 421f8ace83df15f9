"""Models for the tests of the prediction: single operators, chains, packages as the compiler writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from flatbuffers import flexbuffers

from edgeq.graph import DType, Graph, Operator, OptionValue, QuantParams, Tensor

QUANT = QuantParams.per_tensor(0.05, -3)
CONVOLUTION: dict[str, OptionValue] = {"padding": "SAME", "stride_w": 1, "stride_h": 1}


def activation(name: str, *shape: int, dtype: DType = DType.INT8) -> Tensor:
    quant = QUANT if dtype in (DType.INT8, DType.UINT8) else None
    return Tensor(name, shape, dtype, quant)


def numbers(name: str, *values: int) -> Tensor:
    data = np.array(values, np.int32)
    return Tensor(name, data.shape, DType.INT32, None, data)


def weights(name: str, *shape: int, per_channel: bool = False) -> Tensor:
    quant = QuantParams.per_tensor(0.01, 0)
    if per_channel:
        quant = QuantParams(np.full(shape[0], 0.01, np.float32), np.zeros(shape[0], np.int64), 0)
    return Tensor(name, shape, DType.INT8, quant, np.ones(shape, np.int8))


def bias(name: str, size: int) -> Tensor:
    return Tensor(name, (size,), DType.INT32, QuantParams.per_tensor(0.0005, 0), np.zeros(size, np.int32))


def single(
    opcode: str,
    inputs: Sequence[Tensor],
    outputs: Sequence[Tensor],
    options: Mapping[str, OptionValue] | None = None,
    *,
    version: int = 1,
    custom: str = "",
) -> Graph:
    """A model of one operator; what is not constant is a model input."""
    tensors = (*inputs, *outputs)
    given = tuple(i for i, t in enumerate(inputs) if not t.is_constant and not t.is_variable)
    made = tuple(range(len(inputs), len(tensors)))
    operator = Operator(opcode, tuple(range(len(inputs))), made, options or {}, version, custom_code=custom)
    return Graph("single", tensors, (operator,), given, made)


def conv(
    *, height: int = 8, width: int = 8, depth: int = 8, outputs: int = 16, kernel: tuple[int, int] = (3, 3),
    per_channel: bool = False, version: int = 1, **options: OptionValue,
) -> Graph:  # fmt: skip
    return single(
        "CONV_2D",
        [
            activation("in", 1, height, width, depth),
            weights("w", outputs, *kernel, depth, per_channel=per_channel),
            bias("b", outputs),
        ],
        [activation("out", 1, height, width, outputs)],
        {**CONVOLUTION, **options},
        version=version,
    )


def wired(*operators: tuple[str, Sequence[int], int]) -> Graph:
    """Operators by (opcode, tensors read, tensor written) over small int8 tensors; tensor 0 is the input."""
    count = 1 + max(max((*reads, made)) for _, reads, made in operators)
    tensors = tuple(activation(f"t{i}", 1, 4, 4, 4) for i in range(count))
    ops = tuple(Operator(opcode, tuple(reads), (made,)) for opcode, reads, made in operators)
    return Graph("wired", tensors, ops, (0,), (operators[-1][2],))


@dataclass(frozen=True)
class Executable:
    """An executable to be written: kind as in the schema (0 alone, 1 caching, 2 execution)."""

    kind: int
    parameters: int = 0
    instructions: int = 64
    cycles: int = 0
    batch: int = 1
    token: int = 0


def executable(made: Executable) -> bytes:
    builder = flatbuffers.Builder(1024)
    stream = builder.CreateByteVector(bytes(made.instructions))
    builder.StartObject(2)
    builder.PrependUOffsetTRelativeSlot(0, stream, 0)
    table = builder.EndObject()
    builder.StartVector(4, 1, 4)
    builder.PrependUOffsetTRelative(table)
    streams = builder.EndVector()
    parameters = builder.CreateByteVector(bytes(made.parameters))
    layer_name = builder.CreateString("in")
    builder.StartObject(12)
    builder.PrependUOffsetTRelativeSlot(0, layer_name, 0)
    for slot, value in ((1, 192), (2, 8), (3, 8), (4, 3)):
        builder.PrependInt32Slot(slot, value, 0)
    layer = builder.EndObject()
    builder.StartVector(4, 1, 4)
    builder.PrependUOffsetTRelative(layer)
    layers = builder.EndVector()
    chip = builder.CreateString("beagle")
    builder.StartObject(17)
    builder.PrependInt32Slot(3, made.batch, 0)
    builder.PrependUOffsetTRelativeSlot(5, streams, 0)
    builder.PrependUOffsetTRelativeSlot(6, parameters, 0)
    builder.PrependUOffsetTRelativeSlot(8, layers, 0)
    builder.PrependUOffsetTRelativeSlot(10, chip, 0)
    builder.PrependInt32Slot(12, 832, 0)
    builder.PrependInt16Slot(13, made.kind, 0)
    builder.PrependUint64Slot(14, made.token, 0)
    builder.PrependInt64Slot(16, made.cycles, 0)
    builder.Finish(builder.EndObject())
    return bytes(builder.Output())


def package(executables: Sequence[bytes], *, runtime: int = 14, identifier: bytes = b"DWN1") -> bytes:
    builder = flatbuffers.Builder(1024)
    offsets = [builder.CreateString(one) for one in executables]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    vector = builder.EndVector()
    builder.StartObject(1)
    builder.PrependUOffsetTRelativeSlot(0, vector, 0)
    builder.Finish(builder.EndObject())
    multi = bytes(builder.Output())
    builder = flatbuffers.Builder(1024)
    nested = builder.CreateByteVector(multi)
    compiler = builder.CreateString("16.0")
    builder.StartObject(8)
    builder.PrependInt32Slot(0, runtime, 0)
    builder.PrependUOffsetTRelativeSlot(1, nested, 0)
    builder.PrependUOffsetTRelativeSlot(4, compiler, 0)
    builder.Finish(builder.EndObject(), file_identifier=identifier)
    return bytes(builder.Output())


def options(data: bytes, **more: Any) -> bytes:
    """The custom operator's option bytes around a package."""
    fields = {"1": 1, "4": data, "5": -1, **more}
    builder = flexbuffers.Builder()
    with builder.Map():
        for key in sorted(fields):
            builder.Key(key)
            value = fields[key]
            if key == "4":
                builder.Blob(data)
            elif isinstance(value, list):
                with builder.Vector():
                    for one in value:
                        builder.Blob(one)
            else:
                builder.Add(value)
    return bytes(builder.Finish())


def compiled(custom_options: bytes, *, left: str = "LOGISTIC") -> Graph:
    """A compiled model: the custom operator, and one operator that stayed on the CPU."""
    tensors = tuple(activation(name, 1, 8, 8, 3) for name in ("in", "middle", "out"))
    return Graph(
        "model_edgetpu",
        tensors,
        (
            Operator("CUSTOM", (0,), (1,), custom_code="edgetpu-custom-op", custom_options=custom_options),
            Operator(left, (1,), (2,), version=2),
        ),
        (0,),
        (2,),
    )


def usual() -> bytes:
    """Option bytes of a package of two executables: parameters cached and streamed, cycles stated."""
    return options(
        package(
            [
                executable(Executable(2, parameters=64, cycles=1234)),
                executable(Executable(1, parameters=4096, token=7)),
            ]
        )
    )
