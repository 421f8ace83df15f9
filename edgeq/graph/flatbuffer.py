"""Reading a flatbuffer that may be hostile: every offset and length is checked before it is used.

Alignment is noted, not asked for: not every writer keeps to it, and desktop runtimes read such files.

A flatbuffer is a web of relative offsets, and nothing in the format keeps two of them from meeting: a file
of a few kilobytes can unfold into gigabytes if shared pieces are visited again and again. So each visit is
charged against a budget in proportion to the file's size; an honest file, which holds each piece once, stays
far below it.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import ModelError

DAMAGED_HINT = "The file is damaged, cut short, or not a model: copy it again, or convert the model again."

_BUDGET_PER_BYTE = 8
_BUDGET_FLOOR = 1 << 16
_CHARGE_PER_OBJECT = 16
_MAX_INTEGERS = 1_000_000

_SCALARS = {
    "bool": struct.Struct("<?"),
    "int8": struct.Struct("<b"),
    "uint8": struct.Struct("<B"),
    "int16": struct.Struct("<h"),
    "int32": struct.Struct("<i"),
    "uint32": struct.Struct("<I"),
    "int64": struct.Struct("<q"),
    "uint64": struct.Struct("<Q"),
    "float32": struct.Struct("<f"),
}
_UOFFSET = struct.Struct("<I")
_SOFFSET = struct.Struct("<i")
_VOFFSET = struct.Struct("<H")


class Flatbuffer:
    """A file's bytes with checked access.

    Args:
        data: the whole file.
        name: how messages call it.
        identifier: the four bytes expected at offset 4; empty for a buffer without any.
    """

    kind = ".tflite file"
    """What messages call a file of this kind."""

    def __init__(self, data: bytes, name: str, identifier: bytes) -> None:
        self.data = data
        self.name = name
        self._budget = _BUDGET_FLOOR + _BUDGET_PER_BYTE * len(data)
        self._integers = _MAX_INTEGERS
        self._strings: dict[int, str] = {}
        self.is_aligned = True
        if len(data) < 8 or data[4 : 4 + len(identifier)] != identifier:
            found = "it is empty" if not data else f"it starts with {data[:8].hex(' ')}"
            raise ModelError(
                f"{name} is not a {self.kind}: {found}, without {identifier.decode()} at byte 4.",
                "Give a TensorFlow Lite flatbuffer (.tflite), as a converter or `edgeq convert` writes it.",
            )

    def damaged(self, what: str) -> ModelError:
        """The error for something that no writer would produce."""
        return ModelError(f"{self.name} is not a valid {self.kind}: {what}.", DAMAGED_HINT)

    def note_alignment(self, position: int, size: int) -> None:
        """Remember whether something of ``size`` bytes lies where processors want it."""
        self.is_aligned = self.is_aligned and position % size == 0

    def charge(self, size: int) -> None:
        """Take the visit of an object of ``size`` bytes from the budget; ModelError when it is spent."""
        self._budget -= size + _CHARGE_PER_OBJECT
        if self._budget < 0:
            raise self.damaged(
                "its parts refer to each other over and over, so that it unfolds beyond measure"
            )

    def charge_integers(self, count: int) -> None:
        """Take integers that become Python objects, far larger than in the file, from their own budget."""
        self._integers -= count
        if self._integers < 0:
            raise self.damaged(f"its shapes and operators list more than {_MAX_INTEGERS:,} numbers")

    def span(self, position: int, size: int, what: str) -> int:
        """``position``, if ``size`` bytes from there lie inside the file."""
        if position < 0 or size < 0 or position + size > len(self.data):
            raise self.damaged(f"{what} at byte {position} lies outside the file ({len(self.data)} bytes)")
        return position

    def follow(self, position: int, what: str) -> int:
        """Where the unsigned offset at ``position`` leads."""
        self.span(position, 4, f"the offset of {what}")
        target = position + int(_UOFFSET.unpack_from(self.data, position)[0])
        if target == position:
            raise self.damaged(f"the offset of {what} at byte {position} points at itself")
        self.note_alignment(target, 4)
        return self.span(target, 4, what)

    def root(self) -> Table:
        """The root table."""
        return Table(self, self.follow(0, "the root table"), "the model")

    def string_at(self, position: int, what: str) -> str:
        """The string whose length prefix is at ``position``; what is not printable comes out escaped."""
        if position not in self._strings:
            length = int(_UOFFSET.unpack_from(self.data, position)[0])
            self.span(position + 4, length, what)
            self.charge(length)
            raw = self.data[position + 4 : position + 4 + length]
            self._strings[position] = _printable(raw.decode("utf-8", errors="backslashreplace"))
        return self._strings[position]


def _printable(text: str) -> str:
    """Names end up on terminals and in generated sources: control characters have no business there."""
    if text.isprintable():
        return text
    odd = (one for one in set(text) if not one.isprintable())
    return text.translate({ord(one): one.encode("unicode_escape").decode("ascii") for one in odd})


class Table:
    """One table; its fields are read by slot.

    Args:
        file: the flatbuffer.
        position: where the table starts.
        what: how messages call it.
    """

    __slots__ = ("_end", "_slots", "_vtable", "file", "position", "what")

    def __init__(self, file: Flatbuffer, position: int, what: str) -> None:
        self.file = file
        self.position = position
        self.what = what
        data = file.data
        file.span(position, 4, what)
        vtable = position - int(_SOFFSET.unpack_from(data, position)[0])
        file.span(vtable, 4, f"the field list of {what}")
        file.note_alignment(vtable, 2)
        vtable_size = int(_VOFFSET.unpack_from(data, vtable)[0])
        table_size = int(_VOFFSET.unpack_from(data, vtable + 2)[0])
        if vtable_size < 4 or vtable_size % 2 or table_size < 4:
            raise file.damaged(f"{what} at byte {position} has a field list that makes no sense")
        file.span(vtable, vtable_size, f"the field list of {what}")
        file.span(position, table_size, what)
        file.charge(table_size)
        self._vtable = vtable
        self._slots = (vtable_size - 4) // 2
        self._end = position + table_size

    def has(self, slot: int) -> bool:
        """Whether the file holds a value for the field."""
        return self.place(slot, 1, "") != 0

    def scalar(self, slot: int, kind: str, default: int | float | bool = 0) -> int | float | bool:
        """A scalar of ``kind`` (``"int32"``, …), or ``default`` where the file leaves it out."""
        form = _SCALARS[kind]
        position = self.place(slot, form.size, kind)
        if not position:
            return default
        if kind == "bool":
            return self.file.data[position] != 0
        value: int | float = form.unpack_from(self.file.data, position)[0]
        return value

    def integer(self, slot: int, kind: str, default: int = 0) -> int:
        """A scalar of an integer ``kind``."""
        return int(self.scalar(slot, kind, default))

    def table(self, slot: int, what: str) -> Table | None:
        """A sub-table; None where the file leaves it out."""
        position = self.place(slot, 4, what)
        return Table(self.file, self.file.follow(position, what), what) if position else None

    def string(self, slot: int, what: str) -> str:
        """A string; empty where the file leaves it out."""
        position = self.place(slot, 4, what)
        return self.file.string_at(self.file.follow(position, what), what) if position else ""

    def tables(self, slot: int, what: str, limit: int) -> list[Table]:
        """A vector of at most ``limit`` tables; empty where the file leaves it out."""
        offsets = self.vector(slot, "uint32", f"the list of {what}s")
        if offsets is None:
            return []
        count = len(offsets)
        if count > limit:
            raise self.file.damaged(f"it lists {count} {what}s, more than any model has (limit {limit})")
        self.file.charge(4 * count)
        start = self.file.follow(self.place(slot, 4, what), what) + 4
        return [
            Table(self.file, self.file.follow(start + 4 * i, f"{what} {i}"), f"{what} {i}")
            for i in range(count)
        ]

    def blobs(self, slot: int, what: str, limit: int) -> list[bytes]:
        """A vector of at most ``limit`` strings as their raw bytes; empty where the file leaves it out."""
        offsets = self.vector(slot, "uint32", f"the list of {what}s")
        if offsets is None:
            return []
        if len(offsets) > limit:
            raise self.file.damaged(f"it lists {len(offsets)} {what}s, more than {limit}")
        start = self.file.follow(self.place(slot, 4, what), what) + 4
        found = []
        for i in range(len(offsets)):
            position = self.file.follow(start + 4 * i, f"{what} {i}")
            size = int(_UOFFSET.unpack_from(self.file.data, position)[0])
            self.file.span(position + 4, size, f"{what} {i}")
            self.file.charge(size)
            found.append(self.file.data[position + 4 : position + 4 + size])
        return found

    def vector(self, slot: int, kind: str, what: str, alignment: int = 1) -> npt.NDArray[Any] | None:
        """A vector of scalars as a read-only view of the file; None where the file leaves it out.

        Args:
            alignment: in bytes, where it is more than that of a scalar.
        """
        position = self.place(slot, 4, what)
        if not position:
            return None
        start = self.file.follow(position, what)
        count = int(_UOFFSET.unpack_from(self.file.data, start)[0])
        dtype = np.dtype("u1" if kind == "bool" else kind).newbyteorder("<")
        if not count:
            return np.empty(0, dtype)
        self.file.span(start + 4, count * dtype.itemsize, f"{what} ({count} elements)")
        self.file.note_alignment(start + 4, max(alignment, dtype.itemsize))
        return np.frombuffer(self.file.data, dtype, count, start + 4)

    def integers(self, slot: int, what: str, kind: str = "int32") -> tuple[int, ...]:
        """A vector of integers as a tuple; empty where the file leaves it out."""
        values = self.vector(slot, kind, what)
        if values is None:
            return ()
        self.file.charge(values.nbytes)
        self.file.charge_integers(values.size)
        return tuple(values.tolist())

    def place(self, slot: int, size: int, what: str) -> int:
        """Where the field's value lies in the file, or 0 where the file leaves it out."""
        if slot >= self._slots:
            return 0
        offset = int(_VOFFSET.unpack_from(self.file.data, self._vtable + 4 + 2 * slot)[0])
        if not offset:
            return 0
        position = self.position + offset
        if offset < 4 or position + size > self._end:
            raise self.file.damaged(f"{self.what} has a field ({what or slot}) outside its own table")
        self.file.note_alignment(position, size)
        return position
