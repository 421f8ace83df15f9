"""The code of a built ELF, function by function."""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from edgeq.boards.timing.thumb import PC, Instruction, Kind, instruction, size_at

_LONGEST = 4096
"""Bytes of a function whose symbol does not say how many it has."""


@dataclass(frozen=True, eq=False)
class Code:
    """What an ELF holds.

    Attributes:
        functions: by address, Thumb bit removed: the name, and the bytes.
        objects: constants and variables by name: address and size.
        data: ranges of addresses in code that hold no instructions: pools of constants, tables of branches.
        segments: what is loaded, by address.
    """

    functions: Mapping[int, tuple[str, bytes]]
    objects: Mapping[str, tuple[int, int]]
    data: tuple[range, ...]
    segments: tuple[tuple[int, bytes], ...]

    def function(self, name: str) -> Iterator[tuple[int, int, Instruction]]:
        """The instructions of a function: address, word, what it is; none where it is not there."""
        for address, (known, _) in self.functions.items():
            if known == name:
                yield from self.at(address)
                return

    def holding(self, address: int) -> int | None:
        """Where the function begins that has this address in it; None where there is none."""
        place = bisect.bisect_right(self._starts, address) - 1
        if place < 0:
            return None
        start = self._starts[place]
        return start if address < start + len(self.functions[start][1]) else None

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(self.functions)

    def at(self, start: int) -> Iterator[tuple[int, int, Instruction]]:
        """The instructions of the function that begins there: address, word, what it is."""
        _, code = self.functions[start]
        holes = [hole for hole in self.data if start < hole.stop and hole.start < start + len(code)]
        at = 0
        while at + 2 <= len(code):
            hole = next((hole for hole in holes if start + at in hole), None)
            if hole is not None:
                at = hole.stop - start
                continue
            size = size_at(code, at)
            word = int.from_bytes(code[at : at + 2], "little")
            if size == 4:
                word = word << 16 | int.from_bytes(code[at + 2 : at + 4], "little")
            yield start + at, word, instruction(word, size)
            at += size

    def constants(self, start: int) -> Iterator[int]:
        """The words that a function loads from its pool of constants, or makes of two halves."""
        low: dict[int, int] = {}
        for at, word, one in self.at(start):
            if one.kind is Kind.LOAD and one.address == 1 << PC:
                yield from self.words_at(_literal(at, word, one.size), 1)
            register = word >> 8 & 0xF
            if one.size == 4 and word >> 16 & 0xFBF0 == 0xF240 and not word >> 15 & 1:
                low[register] = _half(word)
            elif one.size == 4 and word >> 16 & 0xFBF0 == 0xF2C0 and not word >> 15 & 1:
                yield _half(word) << 16 | low.get(register, 0)

    def words(self, name: str) -> tuple[int, ...]:
        """The words of a constant or of a variable's initial value; none where it is not there."""
        address, size = self.objects.get(name, (0, 0))
        return self.words_at(address, size // 4)

    def tables_like(self, part: str) -> tuple[str, ...]:
        """The names of constants and variables that have this in them."""
        return tuple(name for name in self.objects if part in name)

    @cached_property
    def _places(self) -> dict[int, int]:
        return dict(self.objects.values())

    def words_at(self, address: int, n: int | None = None) -> tuple[int, ...]:
        """So many words there; without a number those of the constant that begins there."""
        count = self._places.get(address, 0) // 4 if n is None else n
        for start, data in self.segments:
            if start <= address and address + 4 * count <= start + len(data):
                return struct.unpack_from(f"<{count}I", data, address - start)
        return ()


def _literal(at: int, word: int, size: int) -> int:
    base = (at + 4) & ~3
    if size == 2:
        return base + (word & 0xFF) * 4
    return base + (word & 0xFFF) * (1 if word >> 23 & 1 else -1)


def _half(word: int) -> int:
    """The sixteen bits of MOVW and MOVT."""
    return (word >> 16 & 0xF) << 12 | (word >> 26 & 1) << 11 | (word >> 12 & 7) << 8 | word & 0xFF


def read_code(elf: Path) -> Code:
    """The code of an ELF that edgeq or CMake has built for a board."""
    from elftools.elf.elffile import ELFFile

    with elf.open("rb") as file:
        parsed: Any = ELFFile(file)
        table = parsed.get_section_by_name(".symtab")
        symbols = [] if table is None else list(table.iter_symbols())
        segments = tuple((one["p_vaddr"], one.data()) for one in parsed.iter_segments("PT_LOAD"))
    starts = {
        symbol["st_value"] & ~1: (symbol.name, symbol["st_size"])
        for symbol in sorted(symbols, key=lambda symbol: symbol["st_size"])
        if symbol["st_info"]["type"] == "STT_FUNC"
    }
    functions: dict[int, tuple[str, bytes]] = {}
    following = [*sorted(starts)[1:], None]
    for start, behind in zip(sorted(starts), following, strict=True):
        name, size = starts[start]
        if size == 0:
            size = min(_LONGEST, _LONGEST if behind is None else behind - start)
        functions[start] = (name, _bytes(segments, start, size))
    objects = {
        symbol.name: (symbol["st_value"], symbol["st_size"])
        for symbol in symbols
        if symbol["st_info"]["type"] == "STT_OBJECT"
    }
    return Code(functions, objects, _holes(symbols, functions), segments)


def _bytes(segments: tuple[tuple[int, bytes], ...], start: int, size: int) -> bytes:
    for address, data in segments:
        if address <= start < address + len(data):
            return data[start - address : start - address + size]
    return b""


def _holes(symbols: list[Any], functions: Mapping[int, tuple[str, bytes]]) -> tuple[range, ...]:
    """By Arm's mapping symbols: data begins at $d, and ends at the next $t."""
    marks = sorted(
        (symbol["st_value"], symbol.name[:2] == "$d")
        for symbol in symbols
        if symbol.name[:2] in ("$d", "$t") and symbol.name[2:3] in ("", ".")
    )
    holes: list[range] = []
    begun: int | None = None
    for address, is_data in marks:
        if begun is not None and address > begun and not is_data:
            holes.append(range(begun, address))
        begun = (address if begun is None else begun) if is_data else None
    if begun is not None:
        end = max((start + len(code) for start, (_, code) in functions.items()), default=begun)
        holes.append(range(begun, max(begun, end)))
    return tuple(holes)
