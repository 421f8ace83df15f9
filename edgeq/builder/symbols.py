"""Names for addresses, from the ELF's symbol table; and the map file made of it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Symbols:
    """The ELF's symbols by address: (address, size, name, kind), sorted; Thumb bits removed."""

    entries: tuple[tuple[int, int, str, str], ...]

    def function_at(self, address: int) -> str | None:
        """The function that holds an address; None where there is none."""
        address &= ~1
        functions = [entry for entry in self.entries if entry[3] == "STT_FUNC"]
        index = bisect.bisect_right([entry[0] for entry in functions], address) - 1
        if index < 0:
            return None
        start, size, name, _ = functions[index]
        return name if address < start + max(size, 2) else None

    def range_of(self, function: str) -> range:
        """The addresses of a function; empty where it is not there."""
        found = (entry for entry in self.entries if entry[2] == function and entry[3] == "STT_FUNC")
        return next((range(start, start + size) for start, size, *_ in found), range(0))

    def address_of(self, name: str) -> int | None:
        """Where a symbol is."""
        return next((entry[0] for entry in self.entries if entry[2] == name), None)


def read_symbols(elf: Path) -> Symbols:
    """The symbols of an ELF file that edgeq has built."""
    from elftools.elf.elffile import ELFFile

    entries = []
    with elf.open("rb") as file:
        table: Any = ELFFile(file).get_section_by_name(".symtab")
        for symbol in table.iter_symbols() if table is not None else ():
            kind = symbol["st_info"]["type"]
            # Names with a dollar mark where code and data begin (ARM's mapping symbols).
            if symbol.name and not symbol.name.startswith("$") and kind not in ("STT_FILE", "STT_SECTION"):
                value = symbol["st_value"] & ~1 if kind == "STT_FUNC" else symbol["st_value"]
                entries.append((value, symbol["st_size"], symbol.name, kind))
    return Symbols(tuple(sorted(entries)))


def map_text(symbols: Symbols) -> bytes:
    """``firmware.map``: address, size, kind and name of every symbol, by address."""
    lines = ["address        size  kind    name"]
    for address, size, name, kind in symbols.entries:
        lines.append(f"0x{address:08x} {size:8}  {kind[4:].lower():7} {name}")
    return ("\n".join(lines) + "\n").encode()
