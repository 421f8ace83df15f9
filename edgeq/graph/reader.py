"""From a .tflite file to a :class:`~edgeq.graph.model.Graph`, trusting nothing that the file says."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from edgeq.base.errors import ModelError
from edgeq.features.preprocessing import METADATA, Steps, read_steps
from edgeq.graph import schema
from edgeq.graph.flatbuffer import Flatbuffer, Table
from edgeq.graph.model import ABSENT, ONCE, Graph, Operator, OptionValue, Tensor, VariableName
from edgeq.graph.options import OPTION_TYPE_NAMES, OPTIONS, OptionField
from edgeq.graph.tensors import TensorReader
from edgeq.graph.variables import constants_set

MAX_FILE_BYTES = 1 << 30
"""Larger files are refused before they are read; the flatbuffer format itself ends at 2 GB."""

_MAX_OPERATORS = 50_000
_CONTROL_FLOW = frozenset({"IF", "WHILE", "CALL", "STABLEHLO_WHILE", "STABLEHLO_CASE"})
_SUPPORTED_GRAPHS = "edgeq takes models of one subgraph."


def load_model(path: Path) -> tuple[bytes, Graph]:
    """Read a .tflite file.

    Args:
        path: the file; its stem becomes the graph's name.

    Returns:
        The file's bytes and its graph.

    Raises:
        ModelError: if it is missing, not readable, too large, or not a valid model.
    """
    try:
        if not path.is_file():
            what = (
                "is a folder" if path.is_dir() else "does not exist" if not path.exists() else "is not a file"
            )
            raise ModelError(f"{path} {what}.", "Give the path of a .tflite file.")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ModelError(
                f"{path} is {size:,} bytes long, more than edgeq reads ({MAX_FILE_BYTES:,}).",
                "No microcontroller or Edge TPU holds such a model: use a smaller network.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error
    return data, _Reader(data, str(path), path.stem).read()


def is_model_file(path: Path) -> bool:
    """Whether the file there says of itself that it is a .tflite file."""
    try:
        with path.open("rb") as file:
            return file.read(8)[4:] == schema.FILE_IDENTIFIER
    except OSError:
        return False


def is_aligned(data: bytes) -> bool:
    """Whether everything in a valid .tflite file lies where processors want it, as most writers see to.

    Raises:
        ModelError: as :func:`read_model`.
    """
    reader = _Reader(bytes(data), "model", "model")
    reader.read()
    return reader.file.is_aligned


def unused_subgraphs(data: bytes) -> int:
    """How many subgraphs of a valid .tflite file nothing in it runs.

    Raises:
        ModelError: as :func:`read_model`.
    """
    reader = _Reader(bytes(data), "model", "model")
    reader.read()
    return reader.unused


def read_model(data: bytes, name: str = "model") -> Graph:
    """Read a model from the bytes of a .tflite file.

    Constants in the graph are read-only views of ``data``.

    Args:
        data: the whole file.
        name: the graph's name, and how messages call the file.

    Raises:
        ModelError: if any offset, shape, type, index or length in it is wrong, or if it holds something that
            edgeq does not take (control flow, several signatures, sparse tensors, …).
    """
    return _Reader(bytes(data), name, name).read()


class _Reader:
    def __init__(self, data: bytes, label: str, name: str) -> None:
        self.file = Flatbuffer(data, label, schema.FILE_IDENTIFIER)
        self.label = label
        self.name = name
        self.unused = 0
        """Subgraphs beside those that are read."""

    def read(self) -> Graph:
        root = self.file.root()
        version = root.integer(schema.MODEL["version"], "uint32")
        if version != schema.SCHEMA_VERSION:
            raise ModelError(
                f"{self.label} has schema version {version}; edgeq reads version {schema.SCHEMA_VERSION}.",
                "Convert the model again with a current TensorFlow Lite converter.",
            )
        subgraphs = root.tables(schema.MODEL["subgraphs"], "subgraph", _MAX_OPERATORS)
        if not subgraphs:
            raise self.file.damaged("it holds no subgraph")
        if len(subgraphs) > 1:
            self._refuse_several(root, subgraphs)
        subgraph = subgraphs[0]
        reader = TensorReader(self.file, self.label)
        tensors = reader.read(root, subgraph)
        inputs = self._indices(subgraph, schema.SUBGRAPH["inputs"], "the model's inputs", len(tensors))
        outputs = self._indices(subgraph, schema.SUBGRAPH["outputs"], "the model's outputs", len(tensors))
        operators, initials = self._run_once(root, subgraphs, self._operators(root, subgraph, len(tensors)))
        self._check_order(tensors, operators, inputs, outputs)
        key, aliases = self._signature(root, {*inputs, *outputs})
        steps = self._preprocessing(root, reader, len(inputs))
        graph = Graph(
            name=self.name,
            tensors=tuple(replace(t, alias=aliases.get(i, "")) for i, t in enumerate(tensors)),
            operators=tuple(operators),
            inputs=inputs,
            outputs=outputs,
            description=root.string(schema.MODEL["description"], "the description"),
            is_in_source_order=key == schema.ORDERED_SIGNATURE,
            keeps_real_ends=self._keeps_real_ends(root),
            initials=initials,
        )
        return graph.preprocessed(steps) if any(steps) else graph

    def _keeps_real_ends(self, root: Table) -> bool:
        tables = root.tables(schema.MODEL["metadata"], "metadata", _MAX_OPERATORS)
        return any(t.string(schema.METADATA["name"], "a metadata's name") == schema.REAL_ENDS for t in tables)

    def _preprocessing(self, root: Table, reader: TensorReader, inputs: int) -> Steps:
        """What edgeq has written of it; nothing where others made the file."""
        for table in root.tables(schema.MODEL["metadata"], "metadata", _MAX_OPERATORS):
            if table.string(schema.METADATA["name"], "a metadata's name") == METADATA:
                number = table.integer(schema.METADATA["buffer"], "uint32")
                try:
                    return read_steps(reader.bytes_of(root, number), inputs)
                except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are such
                    raise self.file.damaged(f"its metadata {METADATA} is not edgeq's: {error}") from error
        return ()

    def _signature(self, root: Table, ends: Collection[int]) -> tuple[str, dict[int, str]]:
        """The key of the usual signature, or else of the first, and its names by tensor; none without one."""
        slots = schema.SIGNATURE
        found: dict[str, dict[int, str]] = {}
        for table in root.tables(schema.MODEL["signature_defs"], "signature", _MAX_OPERATORS):
            if table.integer(slots["subgraph_index"], "uint32"):
                continue
            names: dict[int, str] = {}
            for part in ("outputs", "inputs"):
                for entry in table.tables(slots[part], f"a signature's {part}", _MAX_OPERATORS):
                    index = entry.integer(schema.TENSOR_MAP["tensor_index"], "uint32")
                    if index in ends:  # compilers leave names of tensors that are gone
                        names[index] = entry.string(schema.TENSOR_MAP["name"], "a name in a signature")
            found.setdefault(table.string(slots["signature_key"], "a signature's key"), names)
        if schema.USUAL_SIGNATURE in found:
            return schema.USUAL_SIGNATURE, found[schema.USUAL_SIGNATURE]
        return next(iter(found.items()), ("", {}))

    def _refuse_several(self, root: Table, subgraphs: Sequence[Table]) -> None:
        """Let others pass only where nothing runs them, or CALL_ONCE before the model runs."""
        codes = self._operator_codes(root)
        used: set[str] = set()
        for table in subgraphs[0].tables(schema.SUBGRAPH["operators"], "operator", _MAX_OPERATORS):
            index = table.integer(schema.OPERATOR["opcode_index"], "uint32")
            if index < len(codes):
                used.add(codes[index][0])
        flow = sorted(used & _CONTROL_FLOW)
        signatures = root.tables(schema.MODEL["signature_defs"], "signature", _MAX_OPERATORS)
        others = [s for s in signatures if s.integer(schema.SIGNATURE["subgraph_index"], "uint32")]
        if not flow and not others:
            return
        because = f" with control flow ({', '.join(flow)})" if flow else ""
        if others:
            because += f" and {len(signatures)} signature{'s' * (len(signatures) > 1)}"
        raise ModelError(
            f"{self.label} holds {len(subgraphs)} subgraphs{because}. {_SUPPORTED_GRAPHS}",
            "Unroll loops and recurrent layers when exporting (Keras: unroll=True), resolve conditions, and "
            "export a single signature.",
        )

    def _run_once(
        self, root: Table, subgraphs: Sequence[Table], operators: Sequence[Operator]
    ) -> tuple[list[Operator], dict[VariableName, Tensor]]:
        """What CALL_ONCE sets variables to; where its subgraph does anything else, it stays unread."""
        initials: dict[VariableName, Tensor] = {}
        told: dict[int, str] = {}
        read: list[Operator] = []
        for i, op in enumerate(operators):
            if op.opcode != ONCE:
                read.append(op)
                continue
            index = int(str(op.options["init_subgraph_index"]))
            if not 0 < index < len(subgraphs):
                raise self.file.damaged(f"operator {i} ({ONCE}) runs subgraph {index} of {len(subgraphs)}")
            if index not in told:
                try:
                    initials |= self._setup(root, subgraphs[index])
                    told[index] = ""
                except ValueError as reason:
                    told[index] = f"the subgraph that it runs: {reason}"
            read.append(replace(op, options={"init_subgraph_index": 1}, unread_options=told[index]))
        self.unused = len(subgraphs) - 1 - len(told)
        return read, initials

    def _setup(self, root: Table, subgraph: Table) -> dict[VariableName, Tensor]:
        """What a subgraph sets variables to, which does nothing else; ValueError where it does."""
        tensors = TensorReader(self.file, self.label).read(root, subgraph)
        operators = self._operators(root, subgraph, len(tensors))
        self._check_order(tensors, operators, (), ())
        return constants_set(tensors, operators)

    def _operator_codes(self, root: Table) -> list[tuple[str, int, str]]:
        codes = []
        slots = schema.OPERATOR_CODE
        for i, table in enumerate(
            root.tables(schema.MODEL["operator_codes"], "operator code", _MAX_OPERATORS)
        ):
            code = max(
                table.integer(slots["deprecated_builtin_code"], "int8"),
                table.integer(slots["builtin_code"], "int32"),
            )
            version = table.integer(slots["version"], "int32", 1)
            custom = table.string(slots["custom_code"], f"the name of operator code {i}")
            if code not in schema.BUILTIN_OPERATORS:
                raise ModelError(
                    f"{self.label} uses builtin operator number {code}, which the schema that edgeq knows "
                    f"does not have (0 to {len(schema.BUILTIN_OPERATORS) - 1}).",
                    "The file is damaged, or made by a converter newer than this edgeq.",
                )
            if version < 1:
                raise self.file.damaged(f"operator code {i} has version {version}")
            codes.append((schema.BUILTIN_OPERATORS[code], version, custom))
        return codes

    def _indices(
        self, table: Table, slot: int, what: str, count: int, optional: bool = False
    ) -> tuple[int, ...]:
        indices = table.integers(slot, what)
        for index in indices:
            if not (0 <= index < count or (optional and index == ABSENT)):
                raise self.file.damaged(f"{what} name tensor {index} of {count}")
        return indices

    def _operators(self, root: Table, subgraph: Table, tensor_count: int) -> list[Operator]:
        codes = self._operator_codes(root)
        slots = schema.OPERATOR
        operators = []
        for i, table in enumerate(subgraph.tables(schema.SUBGRAPH["operators"], "operator", _MAX_OPERATORS)):
            code_index = table.integer(slots["opcode_index"], "uint32")
            if code_index >= len(codes):
                raise self.file.damaged(f"operator {i} has code {code_index} of {len(codes)}")
            opcode, version, custom_code = codes[code_index]
            called = f"operator {i} ({custom_code if opcode == 'CUSTOM' and custom_code else opcode})"
            options, unread = self._options(table, opcode, called)
            operators.append(
                Operator(
                    opcode=opcode,
                    inputs=self._indices(
                        table, slots["inputs"], f"the inputs of {called}", tensor_count, True
                    ),
                    outputs=self._indices(table, slots["outputs"], f"the outputs of {called}", tensor_count),
                    options=options,
                    version=version,
                    custom_code=custom_code if opcode == "CUSTOM" else "",
                    custom_options=self._custom_options(table, called),
                    intermediates=self._indices(
                        table, slots["intermediates"], f"the intermediates of {called}", tensor_count, True
                    ),
                    unread_options=unread,
                )
            )
        return operators

    def _custom_options(self, table: Table, called: str) -> bytes:
        slots = schema.OPERATOR
        outside = table.integer(slots["large_custom_options_offset"], "uint64")
        if outside > 1:
            raise ModelError(
                f"{called} of {self.label} keeps its options outside the flatbuffer, unread by edgeq.",
                "Export the model as a single plain flatbuffer below 2 GB.",
            )
        values = table.vector(slots["custom_options"], "uint8", f"the options of {called}")
        if values is None:
            return b""
        self.file.charge(values.nbytes)
        return values.tobytes()

    def _options(self, table: Table, opcode: str, called: str) -> tuple[dict[str, OptionValue], str]:
        slots = schema.OPERATOR
        second = table.integer(slots["builtin_options_2_type"], "uint8")
        if second:
            return {}, f"options of the second union, type {second}"
        code = table.integer(slots["builtin_options_type"], "uint8")
        if opcode not in OPTIONS:
            return {}, f"builtin options type {code}" if code else ""
        expected = OPTIONS[opcode]
        if not code:
            return expected.defaults(), ""
        if code != expected.code:
            carried = OPTION_TYPE_NAMES.get(code, f"type {code}")
            raise self.file.damaged(
                f"{called} carries options of another kind ({carried}, not {expected.name})"
            )
        options = table.table(slots["builtin_options"], f"the options of {called}")
        if options is None:
            return expected.defaults(), ""
        return {field.name: self._option(options, field, called) for field in expected.fields}, ""

    def _option(self, table: Table, field: OptionField, called: str) -> OptionValue:
        what = f"{field.name} of {called}"
        if field.kind == "string":
            return table.string(field.slot, what)
        if field.kind == "vector":
            return table.integers(field.slot, what, field.scalar)
        value = table.scalar(field.slot, field.scalar, field.stored_default)
        if field.kind == "enum":
            if value not in field.names:
                raise self.file.damaged(f"{what} is {value}, which is not a value of its enumeration")
            return field.names[int(value)]
        if field.kind == "float32" and not math.isfinite(value):
            raise self.file.damaged(f"{what} is {value}")
        return value

    def _check_order(
        self,
        tensors: Sequence[Tensor],
        operators: Sequence[Operator],
        inputs: Sequence[int],
        outputs: Sequence[int],
    ) -> None:
        """Every tensor has one source, and no operator reads a tensor before it is made."""
        made = [tensor.is_constant or tensor.is_variable for tensor in tensors]

        def named(index: int) -> str:
            return f"tensor {index} ({tensors[index].label})"

        source: dict[int, str] = {}
        for index in inputs:
            if tensors[index].is_constant:
                raise self.file.damaged(f"{named(index)} is a model input and a constant")
            if index in source:
                raise self.file.damaged(f"{named(index)} is listed twice as a model input")
            source[index] = "a model input"
            made[index] = True
        for i, operator in enumerate(operators):
            called = f"operator {i} ({operator.opcode})"
            for index in operator.inputs:
                scratch = operator.opcode == "CUSTOM"  # memory of its own, which a vendor's compiler lists
                if index != ABSENT and not made[index] and not scratch:
                    raise self.file.damaged(f"{called} reads {named(index)} before anything has written it")
            for index in operator.outputs:
                if tensors[index].is_constant:
                    raise self.file.damaged(f"{called} writes {named(index)}, a constant")
                if index in source:
                    raise self.file.damaged(
                        f"{named(index)} is written by {called} and is also {source[index]}"
                    )
                source[index] = f"an output of {called}"
                made[index] = True
        for index in outputs:
            if not made[index]:
                raise self.file.damaged(f"the model's output {named(index)} is written by no operator")
