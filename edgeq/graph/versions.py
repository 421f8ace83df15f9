"""Which operators a file has, and of which versions: a newer one may only be one that takes more types."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from edgeq.graph import schema
from edgeq.graph.flatbuffer import Flatbuffer, Table

MAX_OPERATORS = 50_000
_INT32 = struct.Struct("<i")


def builtin_code(table: Table) -> int:
    """The number of the builtin operator that an operator code stands for."""
    slots = schema.OPERATOR_CODE
    return max(
        table.integer(slots["deprecated_builtin_code"], "int8"),
        table.integer(slots["builtin_code"], "int32"),
    )


def with_versions(model: bytes, newest: Mapping[str, int]) -> bytes:
    """A file whose operators say to be no newer than that, and which is otherwise the same.

    Args:
        model: a .tflite file.
        newest: versions by operator; others stay.

    Raises:
        ModelError: it is no such file.
    """
    older = bytearray(model)
    slot = schema.OPERATOR_CODE["version"]
    root = Flatbuffer(model, "the model", schema.FILE_IDENTIFIER).root()
    for table in root.tables(schema.MODEL["operator_codes"], "operator code", MAX_OPERATORS):
        most = newest.get(schema.BUILTIN_OPERATORS.get(builtin_code(table), ""))
        if most is not None and table.integer(slot, "int32", 1) > most:
            _INT32.pack_into(older, table.place(slot, _INT32.size, "version"), most)
    return bytes(older)
