"""The little of the flexbuffer format that a compiled model's options need: a map, with every step checked.

A flexbuffer is read from its end: the last byte is the root's width, the byte before it the root's type, and
the root itself lies before those. A map is a vector of values beside a sorted vector of keys; offsets point
backwards.
"""

from __future__ import annotations

from collections.abc import Mapping

from edgeq.base.errors import ModelError

FlexValue = int | bytes | tuple[int | bytes, ...]
"""A value of the map: an integer, the bytes of a blob or a string, or a list of such values."""

_INTEGERS = {1: True, 2: False}
"""Type codes of integers stored in place, and whether they are signed."""
_INDIRECT_INTEGERS = {6: True, 7: False}
_BLOBS = (5, 25)
_MAP = 9
_LIST = 10
_MAX_ENTRIES = 256
_WIDTHS = (1, 2, 4, 8)


def read_map(data: bytes, name: str) -> Mapping[str, FlexValue]:
    """The root map's integers, strings, blobs and lists of these, by key; other types are left out.

    Args:
        data: the whole flexbuffer.
        name: how messages call what it belongs to.

    Raises:
        ModelError: if the root is not a map, or any offset or length leads outside the bytes.
    """
    return _Reader(data, name).root()


class _Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name

    def damaged(self, what: str) -> ModelError:
        return ModelError(
            f"The options of {self.name} are not a valid flexbuffer: {what}.",
            "The compiled model is damaged: copy it again, or compile the model again.",
        )

    def root(self) -> dict[str, FlexValue]:
        if len(self.data) < 3:
            raise self.damaged(f"{len(self.data)} bytes are too few")
        width, packed = self.data[-1], self.data[-2]
        if width not in _WIDTHS:
            raise self.damaged(f"the root is {width} bytes wide")
        if packed >> 2 != _MAP:
            raise self.damaged(f"the root is of type {packed >> 2}, not a map")
        position = self.follow(len(self.data) - 2 - width, width, "the root map")
        return self.map_at(position, 1 << (packed & 3))

    def map_at(self, position: int, width: int) -> dict[str, FlexValue]:
        count = self.count(position, width, "map")
        keys = self.follow(position - 3 * width, width, "the keys")
        keys_width = self.unsigned(position - 2 * width, width, "the width of the keys")
        if keys_width not in _WIDTHS:
            raise self.damaged(f"the keys are {keys_width} bytes wide")
        found: dict[str, FlexValue] = {}
        for i in range(count):
            key = self.key_at(self.follow(keys + i * keys_width, keys_width, f"key {i}"))
            packed = self.byte(position + count * width + i, f"the type of {key!r}")
            what = f"the value of {key!r}"
            value: FlexValue | None
            if packed >> 2 == _LIST:
                value = self.list_at(self.follow(position + i * width, width, what), 1 << (packed & 3), what)
            else:
                value = self.value(position + i * width, width, packed, what)
            if value is not None:
                found[key] = value
        return found

    def list_at(self, position: int, width: int, what: str) -> tuple[int | bytes, ...]:
        count = self.count(position, width, what)
        found = []
        for i in range(count):
            packed = self.byte(position + count * width + i, f"a type in {what}")
            found.append(self.value(position + i * width, width, packed, what))
        return tuple(value for value in found if value is not None)

    def count(self, position: int, width: int, what: str) -> int:
        count = self.unsigned(position - width, width, f"the size of {what}")
        if count > _MAX_ENTRIES:
            raise self.damaged(f"{what} has {count} entries, more than any compiled model")
        return count

    def value(self, position: int, width: int, packed: int, what: str) -> int | bytes | None:
        kind, child = packed >> 2, 1 << (packed & 3)
        if kind in _INTEGERS:
            return self.integer(position, width, what, signed=_INTEGERS[kind])
        if kind in _INDIRECT_INTEGERS:
            start = self.follow(position, width, what)
            return self.integer(start, child, what, signed=_INDIRECT_INTEGERS[kind])
        if kind in _BLOBS:
            start = self.follow(position, width, what)
            size = self.unsigned(start - child, child, f"the length of {what}")
            self.span(start, size, what)
            return self.data[start : start + size]
        return None

    def key_at(self, position: int) -> str:
        end = self.data.find(b"\0", position, position + 64)
        if end < 0:
            raise self.damaged("a key has no end")
        return self.data[position:end].decode("ascii", errors="backslashreplace")

    def follow(self, position: int, width: int, what: str) -> int:
        offset = self.unsigned(position, width, f"the offset of {what}")
        if not offset or offset > position:
            raise self.damaged(f"the offset of {what} leads outside it")
        return position - offset

    def byte(self, position: int, what: str) -> int:
        self.span(position, 1, what)
        return self.data[position]

    def unsigned(self, position: int, width: int, what: str) -> int:
        return self.integer(position, width, what, signed=False)

    def integer(self, position: int, width: int, what: str, *, signed: bool) -> int:
        self.span(position, width, what)
        return int.from_bytes(self.data[position : position + width], "little", signed=signed)

    def span(self, position: int, size: int, what: str) -> None:
        if position < 0 or position + size > len(self.data):
            raise self.damaged(f"{what} lies outside its {len(self.data)} bytes")
