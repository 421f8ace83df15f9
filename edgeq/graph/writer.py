"""From a :class:`~edgeq.graph.model.Graph` to a .tflite file, deterministically."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import flatbuffers
import numpy as np
import numpy.typing as npt

from edgeq.base.errors import ModelError
from edgeq.features.preprocessing import METADATA, steps_text
from edgeq.graph import schema
from edgeq.graph.model import DType, Graph, Operator, OptionValue, QuantParams, Tensor
from edgeq.graph.names import called
from edgeq.graph.options import OPTIONS, OptionField
from edgeq.graph.variables import setup_of

_ALIGNMENT = 16
"""Of every constant in the file, so that runtimes may use it in place."""

_Value = int | float | bool
_Scalar = tuple[int, _Value, _Value, Callable[[int, _Value, _Value], None]]
"""A scalar field to write: slot, value, default, the builder's method."""


def write_model(graph: Graph) -> bytes:
    """Write a graph as a .tflite file.

    The same graph always gives the same bytes. Constants with equal bytes are stored once. Metadata of the
    file that the graph was read from is not part of a graph, and so not written; the names of its signature
    are, what edgeq knows of the inputs' preprocessing, and whether real ends are meant.

    Raises:
        ModelError: if an operator's options are not known to edgeq, or the graph contradicts itself (a
            constant of another shape or type than its tensor, an unknown option, an index out of range).
    """
    constants = sum(t.data.nbytes for t in (*graph.tensors, *graph.initials.values()) if t.data is not None)
    builder = flatbuffers.Builder(constants + 512 * (len(graph.tensors) + len(graph.operators)) + 1024)
    return _Writer(graph, builder).write()


class _Writer:
    """Writes one subgraph, and the file around it.

    Args:
        graph: the subgraph.
        builder: of the file.
    """

    def __init__(self, graph: Graph, builder: Any) -> None:
        self.graph = graph
        self.builder = builder

    def write(self) -> bytes:
        """The file whose first subgraph this is."""
        graph, builder = self.graph, self.builder
        parts = [self, *([_Writer(setup_of(graph), builder)] if graph.initials else [])]
        buffer_numbers: dict[bytes, int] = {}
        buffers_of = [part._number_buffers(buffer_numbers) for part in parts]
        buffers = self._buffers(buffer_numbers)
        steps = steps_text(graph.preprocessing)
        if steps:
            buffers.append(self._table(len(schema.BUFFER), {schema.BUFFER["data"]: self._bytes(steps)}))
        code_numbers: dict[tuple[str, int, str], int] = {}
        codes_of = [part._number_codes(code_numbers) for part in parts]
        codes = self._operator_codes(code_numbers)
        subgraphs = [
            part._subgraph("main" if part is self else part.graph.name, *numbers)
            for part, *numbers in zip(parts, buffers_of, codes_of, strict=True)
        ]
        fields = {
            schema.MODEL["operator_codes"]: self._offsets(codes),
            schema.MODEL["subgraphs"]: self._offsets(subgraphs),
            schema.MODEL["description"]: builder.CreateString(graph.description),
            schema.MODEL["buffers"]: self._offsets(buffers),
        }
        if any(tensor.alias for tensor in (*graph.input_tensors, *graph.output_tensors)):
            fields[schema.MODEL["signature_defs"]] = self._offsets([self._signature()])
        told = {METADATA: len(buffers) - 1} if steps else {}
        if graph.keeps_real_ends:
            told[schema.REAL_ENDS] = 0  # the empty buffer
        if told:
            fields[schema.MODEL["metadata"]] = self._offsets([self._metadata(*one) for one in told.items()])
        version = (schema.MODEL["version"], schema.SCHEMA_VERSION, 0, builder.PrependUint32Slot)
        model = self._table(len(schema.MODEL), fields, [version])
        builder.Finish(model, file_identifier=schema.FILE_IDENTIFIER)
        return bytes(builder.Output())

    def _subgraph(self, name: str, buffers: Sequence[int], codes: Sequence[int]) -> int:
        graph = self.graph
        tensors = [self._tensor(i, t, buffers[i]) for i, t in enumerate(graph.tensors)]
        operators = [self._operator(i, op, codes[i]) for i, op in enumerate(graph.operators)]
        return self._table(
            len(schema.SUBGRAPH),
            {
                schema.SUBGRAPH["tensors"]: self._offsets(tensors),
                schema.SUBGRAPH["inputs"]: self._indices(graph.inputs, "the model's inputs"),
                schema.SUBGRAPH["outputs"]: self._indices(graph.outputs, "the model's outputs"),
                schema.SUBGRAPH["operators"]: self._offsets(operators),
                schema.SUBGRAPH["name"]: self.builder.CreateString(name),
            },
        )

    def _metadata(self, name: str, buffer: int) -> int:
        """Metadata of edgeq's own."""
        slots = schema.METADATA
        number = (slots["buffer"], buffer, 0, self.builder.PrependUint32Slot)
        return self._table(len(slots), {slots["name"]: self.builder.CreateString(name)}, [number])

    def _signature(self) -> int:
        """What the user calls inputs and outputs; those without a name of the user's by the file's."""
        graph, slots = self.graph, schema.SIGNATURE
        key = schema.ORDERED_SIGNATURE if graph.is_in_source_order else schema.USUAL_SIGNATURE
        offsets = {
            slots["inputs"]: self._named(graph.inputs, "input"),
            slots["outputs"]: self._named(graph.outputs, "output"),
            slots["signature_key"]: self.builder.CreateString(key),
        }
        return self._table(len(slots), offsets)

    def _named(self, indices: Sequence[int], kind: str) -> int:
        slots = schema.TENSOR_MAP
        names = called(tuple(self.graph[index] for index in indices), kind)
        entries = []
        for name, index in zip(names, indices, strict=True):
            offsets = {slots["name"]: self.builder.CreateString(name)}
            number = (slots["tensor_index"], index, 0, self.builder.PrependUint32Slot)
            entries.append(self._table(len(slots), offsets, [number]))
        return self._offsets(entries)

    def _table(self, slots: int, offsets: Mapping[int, int], scalars: Sequence[_Scalar] = ()) -> int:
        """A table of offset fields (0: left out) and scalars (slot, value, default, the builder's method)."""
        self.builder.StartObject(slots)
        for slot, offset in offsets.items():
            self.builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
        for slot, value, default, prepend in scalars:
            prepend(slot, value, default)
        return int(self.builder.EndObject())

    def _offsets(self, offsets: Sequence[int]) -> int:
        self.builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self.builder.PrependUOffsetTRelative(offset)
        return int(self.builder.EndVector())

    def _bytes(self, data: bytes, element: int = 1, alignment: int = 4) -> int:
        """A vector of scalars of ``element`` bytes from their little-endian bytes."""
        builder = self.builder
        builder.StartVector(element, len(data) // element, alignment)
        # The builder grows downwards; StartVector has made room for the whole vector.
        builder.head -= len(data)
        builder.Bytes[builder.head : builder.head + len(data)] = data
        return int(builder.EndVector())

    def _array(self, values: npt.NDArray[Any], dtype: str) -> int:
        array = np.ascontiguousarray(values, dtype)
        return self._bytes(array.tobytes(), array.itemsize, array.itemsize)

    def _integers(self, values: Sequence[int]) -> int:
        return self._array(np.array(values, np.int64), "<i4")

    def _indices(self, values: Sequence[int], what: str, lowest: int = 0) -> int:
        for index in values:
            if not lowest <= index < len(self.graph.tensors):
                raise ModelError(
                    f"The graph {self.graph.name} names tensor {index} in {what}, but has no such tensor."
                )
        return self._integers(values)

    def _number_buffers(self, known: dict[bytes, int]) -> list[int]:
        """Each tensor's buffer number; what is new is added to the known ones."""
        constants = (self._constant_bytes(i, tensor) for i, tensor in enumerate(self.graph.tensors))
        return [known.setdefault(data, len(known) + 1) if data else 0 for data in constants]

    def _buffers(self, numbered: Iterable[bytes]) -> list[int]:
        """The buffer tables. Buffer 0 is empty, as the schema asks."""
        slots = schema.BUFFER
        tables = [self._table(len(slots), {})]
        for data in numbered:
            tables.append(self._table(len(slots), {slots["data"]: self._bytes(data, 1, _ALIGNMENT)}))
        return tables

    def _constant_bytes(self, index: int, tensor: Tensor) -> bytes:
        if tensor.data is None:
            return b""
        called = f"tensor {index} ({tensor.name})"
        data = np.asarray(tensor.data)
        if 0 < tensor.dtype.bits < 8:
            return self._packed(data, tensor, called)
        try:
            expected = tensor.dtype.numpy
        except KeyError:
            return data.astype(np.uint8, copy=False).tobytes()
        if data.dtype.newbyteorder("=") != expected or data.shape != tensor.shape:
            raise ModelError(
                f"{called} of the graph {self.graph.name} is {tensor.dtype.value} {list(tensor.shape)}, but "
                f"its values are {data.dtype} {list(data.shape)}."
            )
        return np.ascontiguousarray(data, expected.newbyteorder("<")).tobytes()

    def _packed(self, data: npt.NDArray[Any], tensor: Tensor, called: str) -> bytes:
        bits = tensor.dtype.bits
        low, high = (
            (0, (1 << bits) - 1) if tensor.dtype is DType.UINT4 else (-(1 << bits - 1), (1 << bits - 1) - 1)
        )
        if data.shape != tensor.shape or (data.size and not low <= data.min() <= data.max() <= high):
            raise ModelError(
                f"{called} of the graph {self.graph.name} has values of another shape, or outside "
                f"{tensor.dtype.value}."
            )
        flat = data.astype(np.uint8).reshape(-1) & ((1 << bits) - 1)
        per_byte = 8 // bits
        padded = np.zeros(-(-flat.size // per_byte) * per_byte, np.uint8)
        padded[: flat.size] = flat
        shifts = np.arange(per_byte, dtype=np.uint8) * bits
        packed: npt.NDArray[np.uint8] = np.bitwise_or.reduce(padded.reshape(-1, per_byte) << shifts, axis=1)
        return packed.astype(np.uint8, copy=False).tobytes()

    def _tensor(self, index: int, tensor: Tensor, buffer: int) -> int:
        builder, slots = self.builder, schema.TENSOR
        if tensor.dtype is DType.VARIANT:
            raise ModelError(
                f"tensor {index} ({tensor.name}) of the graph {self.graph.name} is a list of tensors "
                f"({tensor.dtype.value}), which edgeq does not write.",
                "A loop of TensorFlow makes such lists: have it unrolled (Keras: unroll=True of LSTM and "
                "GRU), fix the batch at 1, and convert the model again.",
            )
        offsets = {
            slots["shape"]: self._integers(tensor.shape),
            slots["name"]: builder.CreateString(tensor.name),
            slots["quantization"]: self._quantization(tensor.quant) if tensor.quant is not None else 0,
        }
        if tensor.is_dynamic:
            offsets[slots["shape_signature"]] = self._integers(tensor.shape_signature)
        return self._table(
            len(slots),
            offsets,
            [
                (slots["buffer"], buffer, 0, builder.PrependUint32Slot),
                (slots["type"], schema.TENSOR_TYPE_CODES[tensor.dtype], 0, builder.PrependInt8Slot),
                (slots["is_variable"], tensor.is_variable, False, builder.PrependBoolSlot),
                (slots["has_rank"], True, False, builder.PrependBoolSlot),
            ],
        )

    def _quantization(self, quant: QuantParams) -> int:
        slots = schema.QUANTIZATION
        offsets = {
            slots["scale"]: self._array(quant.scales, "<f4"),
            slots["zero_point"]: self._array(quant.zero_points, "<i8"),
        }
        axis = (slots["quantized_dimension"], quant.axis, 0, self.builder.PrependInt32Slot)
        return self._table(len(slots), offsets, [axis])

    def _number_codes(self, known: dict[tuple[str, int, str], int]) -> list[int]:
        """Each operator's number among the operator codes; what is new is added to the known ones."""
        codes = ((op.opcode, op.version, op.custom_code) for op in self.graph.operators)
        return [known.setdefault(code, len(known)) for code in codes]

    def _operator_codes(self, numbered: Iterable[tuple[str, int, str]]) -> list[int]:
        """The operator code tables."""
        slots, builder = schema.OPERATOR_CODE, self.builder
        tables = []
        for opcode, version, custom_code in numbered:
            if opcode not in schema.BUILTIN_CODES:
                raise ModelError(f"{opcode} is not a builtin operator of the TensorFlow Lite schema.")
            code = schema.BUILTIN_CODES[opcode]
            old_code = min(code, schema.PLACEHOLDER_CODE)
            tables.append(
                self._table(
                    len(slots),
                    {slots["custom_code"]: builder.CreateString(custom_code) if custom_code else 0},
                    [
                        (slots["version"], version, 1, builder.PrependInt32Slot),
                        (slots["builtin_code"], code, 0, builder.PrependInt32Slot),
                        (slots["deprecated_builtin_code"], old_code, 0, builder.PrependInt8Slot),
                    ],
                )
            )
        return tables

    def _operator(self, index: int, operator: Operator, code: int) -> int:
        builder, slots = self.builder, schema.OPERATOR
        called = self.graph.describe(index)
        if operator.unread_options or (operator.opcode not in OPTIONS and operator.options):
            raise ModelError(
                f"{called} of {self.graph.name} carries options that edgeq does not know "
                f"({operator.unread_options or ', '.join(operator.options)}), and so cannot write.",
                "Replace the operator, or use the model file as it is.",
            )
        options = OPTIONS.get(operator.opcode)
        offsets = {
            slots["inputs"]: self._indices(operator.inputs, f"the inputs of {called}", lowest=-1),
            slots["outputs"]: self._indices(operator.outputs, f"the outputs of {called}"),
        }
        if operator.intermediates:
            offsets[slots["intermediates"]] = self._indices(operator.intermediates, called, lowest=-1)
        if operator.custom_options:
            offsets[slots["custom_options"]] = self._bytes(operator.custom_options)
        variables = [i >= 0 and self.graph[i].is_variable for i in operator.inputs]
        if any(variables):
            offsets[slots["mutating_variable_inputs"]] = self._array(np.array(variables), "u1")
        if options is not None and not options.code and operator.options:
            raise ModelError(
                f"{called} has options ({', '.join(operator.options)}), but its kind takes none."
            )
        if options is not None and options.code:
            offsets[slots["builtin_options"]] = self._options(operator, options.fields, called)
        return self._table(
            len(slots),
            offsets,
            [
                (slots["opcode_index"], code, 0, builder.PrependUint32Slot),
                (slots["builtin_options_type"], options.code if options else 0, 0, builder.PrependUint8Slot),
            ],
        )

    def _options(self, operator: Operator, fields: Sequence[OptionField], called: str) -> int:
        unknown = set(operator.options) - {field.name for field in fields}
        if unknown:
            raise ModelError(
                f"{called} has no option {', '.join(sorted(unknown))} in the TensorFlow Lite schema."
            )
        offsets: dict[int, int] = {}
        scalars: list[_Scalar] = []
        for field in fields:
            value = operator.options.get(field.name, field.default)
            if field.kind == "string":
                offsets[field.slot] = self.builder.CreateString(str(value)) if value else 0
            elif field.kind == "vector":
                if not isinstance(value, Sequence):
                    raise self._wrong_value(field, value, called)
                form = np.dtype(field.scalar).newbyteorder("<").str
                offsets[field.slot] = self._array(np.array(value, np.int64), form) if value else 0
            else:
                stored = self._stored(field, value, called)
                prepend = getattr(self.builder, f"Prepend{field.scalar.capitalize()}Slot")
                scalars.append((field.slot, stored, field.stored_default, prepend))
        return self._table(max((field.slot + 1 for field in fields), default=0), offsets, scalars)

    def _stored(self, field: OptionField, value: OptionValue, called: str) -> int | float | bool:
        if field.kind == "enum":
            for number, name in field.names.items():
                if name == value:
                    return number
        elif field.kind == "bool":
            return bool(value)
        elif field.kind == "float32" and isinstance(value, int | float) and math.isfinite(value):
            return float(value)
        elif isinstance(value, int) and _fits(value, field.scalar):
            return int(value)
        raise self._wrong_value(field, value, called)

    def _wrong_value(self, field: OptionField, value: OptionValue, called: str) -> ModelError:
        return ModelError(f"{called} has {value!r} for its option {field.name}, which is not a value of it.")


def _fits(value: int, scalar: str) -> bool:
    limits = np.iinfo(scalar)
    return int(limits.min) <= value <= int(limits.max)
