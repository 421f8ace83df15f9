"""The code of a built ELF, function by function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgeq.boards.timing.thumb import Instruction, instruction, size_at


@dataclass(frozen=True)
class Code:
    """The functions of an ELF.

    Attributes:
        functions: by address, Thumb bit removed: the name, and the bytes.
        data: ranges of addresses that hold no instructions: pools of constants, tables of branches.
    """

    functions: Mapping[int, tuple[str, bytes]]
    data: tuple[range, ...]

    def function(self, name: str) -> Iterator[tuple[int, Instruction]]:
        """The instructions of a function with their addresses; none where it is not there."""
        for address, (known, _) in self.functions.items():
            if known == name:
                yield from self.at(address)
                return

    def at(self, start: int) -> Iterator[tuple[int, Instruction]]:
        """The instructions of the function that begins there."""
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
            yield start + at, instruction(word, size)
            at += size


def read_code(elf: Path) -> Code:
    """The code of an ELF that edgeq or CMake has built for a board."""
    from elftools.elf.elffile import ELFFile

    with elf.open("rb") as file:
        parsed: Any = ELFFile(file)
        table = parsed.get_section_by_name(".symtab")
        symbols = [] if table is None else list(table.iter_symbols())
        segments = [(one["p_vaddr"], one.data()) for one in parsed.iter_segments("PT_LOAD")]
    functions = {}
    for symbol in symbols:
        if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_size"]:
            start = symbol["st_value"] & ~1
            functions[start] = (symbol.name, _bytes(segments, start, symbol["st_size"]))
    return Code(dict(sorted(functions.items())), _holes(symbols, functions))


def _bytes(segments: list[tuple[int, bytes]], start: int, size: int) -> bytes:
    for address, data in segments:
        if address <= start and start + size <= address + len(data):
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
