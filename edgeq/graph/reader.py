"""From a .tflite file to a :class:`~edgeq.graph.model.Graph`, trusting nothing that the file says."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edgeq.base.errors import ModelError
from edgeq.features.preprocessing import METADATA, Steps, read_steps
from edgeq.graph import schema
from edgeq.graph.flatbuffer import Flatbuffer, Table
from edgeq.graph.flow import COMPOSITE, folded
from edgeq.graph.model import ABSENT, ONCE, Graph, Operator, OptionValue, Tensor, VariableName
from edgeq.graph.options import OPTION_TYPE_NAMES, OPTIONS, OptionField
from edgeq.graph.signatures import choose, read_signatures
from edgeq.graph.tensors import TensorReader
from edgeq.graph.variables import constants_set
from edgeq.graph.versions import MAX_OPERATORS, builtin_code


@dataclass(frozen=True)
class Reading:
    """A file's graph, and what about the file is not in it.

    Attributes:
        graph: as :func:`read_model` gives it.
        is_aligned: whether everything in the file lies where processors want it, as most writers see to.
        unused_subgraphs: how many subgraphs nothing runs.
        folded: what was folded away of control flow, in sentences; none where the file has none.
    """

    graph: Graph
    is_aligned: bool
    unused_subgraphs: int
    folded: tuple[str, ...]


def read_model(data: bytes, name: str = "model", signature: str | None = None, label: str = "") -> Graph:
    """Read a model from the bytes of a .tflite file.

    Constants in the graph are read-only views of ``data``. Control flow that constants decide is folded away
    (``edgeq.graph.flow``); tensors have the numbers that they have in the file, what comes of folding stands
    behind them.

    Args:
        data: the whole file.
        name: the graph's name.
        signature: the key of the signature whose subgraph is read; None for the file's only one.
        label: how messages call the file, where not by ``name``.

    Raises:
        ModelError: if any offset, shape, type, index or length in it is wrong, or if it holds something that
            edgeq does not take (control flow that the model decides, sparse tensors, …), or if it has several
            signatures of several subgraphs and none is named, or none of that name.
    """
    return read_file(data, name, signature, label).graph


def read_file(data: bytes, name: str = "model", signature: str | None = None, label: str = "") -> Reading:
    """As :func:`read_model`, and what it says of the file itself."""
    return _Reader(bytes(data), label or name, name, signature).read()


class _Reader:
    def __init__(self, data: bytes, label: str, name: str, signature: str | None = None) -> None:
        self.file = Flatbuffer(data, label, schema.FILE_IDENTIFIER)
        self.label = label
        self.name = name
        self.signature = signature

    def read(self) -> Reading:
        root = self.file.root()
        version = root.integer(schema.MODEL["version"], "uint32")
        if version != schema.SCHEMA_VERSION:
            raise ModelError(
                f"{self.label} has schema version {version}; edgeq reads version {schema.SCHEMA_VERSION}.",
                "Convert the model again with a current TensorFlow Lite converter.",
            )
        subgraphs = root.tables(schema.MODEL["subgraphs"], "subgraph", MAX_OPERATORS)
        if not subgraphs:
            raise self.file.damaged("it holds no subgraph")
        taken = choose(read_signatures(self.file, root, len(subgraphs)), self.signature, self.label)
        tensors = TensorReader(self.file, self.label)

        @functools.cache
        def subgraph(number: int) -> Graph:
            if not 0 <= number < len(subgraphs):
                raise IndexError(number)
            return self._subgraph(root, subgraphs[number], tensors)

        main = subgraph(taken.subgraph)
        graph, run, told = folded(main, subgraph, self.label, self.file.damaged)
        operators, initials, once = self._run_once(root, subgraphs, graph.operators, taken.subgraph)
        names = taken.names_of(main, graph)
        steps = self._preprocessing(root, tensors, len(graph.inputs))
        graph = graph.replace(
            tensors=tuple(replace(t, alias=names.get(i, "")) for i, t in enumerate(graph.tensors)),
            operators=tuple(operators),
            description=root.string(schema.MODEL["description"], "the description"),
            is_in_source_order=taken.key == schema.ORDERED_SIGNATURE,
            keeps_real_ends=self._keeps_real_ends(root),
            initials=initials,
        )
        graph = graph.preprocessed(steps) if any(steps) else graph
        unused = len(subgraphs) - len({taken.subgraph} | run | once)
        return Reading(graph, self.file.is_aligned, unused, told)

    def _subgraph(self, root: Table, subgraph: Table, reader: TensorReader) -> Graph:
        """A subgraph by itself, control flow and all."""
        tensors = reader.read(root, subgraph)
        inputs = self._indices(subgraph, schema.SUBGRAPH["inputs"], "the model's inputs", len(tensors))
        outputs = self._indices(subgraph, schema.SUBGRAPH["outputs"], "the model's outputs", len(tensors))
        operators = self._operators(root, subgraph, len(tensors))
        self._check_order(tensors, operators, inputs, outputs)
        return Graph(self.name, tuple(tensors), tuple(operators), inputs, outputs)

    def _keeps_real_ends(self, root: Table) -> bool:
        tables = root.tables(schema.MODEL["metadata"], "metadata", MAX_OPERATORS)
        return any(t.string(schema.METADATA["name"], "a metadata's name") == schema.REAL_ENDS for t in tables)

    def _preprocessing(self, root: Table, reader: TensorReader, inputs: int) -> Steps:
        """What edgeq has written of it; nothing where others made the file."""
        for table in root.tables(schema.MODEL["metadata"], "metadata", MAX_OPERATORS):
            if table.string(schema.METADATA["name"], "a metadata's name") == METADATA:
                number = table.integer(schema.METADATA["buffer"], "uint32")
                try:
                    return read_steps(reader.bytes_of(root, number), inputs)
                except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are such
                    raise self.file.damaged(f"its metadata {METADATA} is not edgeq's: {error}") from error
        return ()

    def _run_once(
        self, root: Table, subgraphs: Sequence[Table], operators: Sequence[Operator], main: int
    ) -> tuple[list[Operator], dict[VariableName, Tensor], set[int]]:
        """What CALL_ONCE sets variables to, and the subgraphs that it runs; where one does anything else, it
        stays unread."""
        initials: dict[VariableName, Tensor] = {}
        told: dict[int, str] = {}
        read: list[Operator] = []
        for i, op in enumerate(operators):
            if op.opcode != ONCE:
                read.append(op)
                continue
            index = int(str(op.options["init_subgraph_index"]))
            if not 0 <= index < len(subgraphs) or index == main:
                raise self.file.damaged(f"operator {i} ({ONCE}) runs subgraph {index} of {len(subgraphs)}")
            if index not in told:
                try:
                    initials |= self._setup(root, subgraphs[index])
                    told[index] = ""
                except ValueError as reason:
                    told[index] = f"the subgraph that it runs: {reason}"
            read.append(replace(op, options={"init_subgraph_index": 1}, unread_options=told[index]))
        return read, initials, set(told)

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
            root.tables(schema.MODEL["operator_codes"], "operator code", MAX_OPERATORS)
        ):
            code = builtin_code(table)
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
        for i, table in enumerate(subgraph.tables(schema.SUBGRAPH["operators"], "operator", MAX_OPERATORS)):
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
        if second == schema.COMPOSITE_OPTIONS and opcode == COMPOSITE:
            options = table.table(slots["builtin_options_2"], f"the options of {called}")
            slot = schema.COMPOSITE["decomposition_subgraph_index"]
            number = 0 if options is None else options.integer(slot, "int32")
            return {"decomposition_subgraph_index": number}, "a composite's"
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
