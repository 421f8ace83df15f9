"""ST's registers, clocks of peripherals, pins and memories, as the crate stm32-metapac has them.

It is made from ST's own data and corrected by hand, independently of edgeq.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from .svd import crate_folder

_FIELD = re.compile(r'\bField \{\s*name: "(\w+)".*?\boffset: (\d+)', re.DOTALL)


@dataclass(frozen=True)
class Peripheral:
    """One of a chip.

    Attributes:
        block: the name of its registers' layout; ``file`` is where that is.
        enable: register and field of RCC that give it a clock.
        pins: by pin and signal, the alternate function.
        interrupts: the numbers of those that it asks for.
    """

    address: int
    file: str
    block: str
    enable: tuple[str, str] | None
    pins: dict[tuple[str, str], int]
    interrupts: tuple[int, ...]


class Chip:
    """One chip, by its name in lower case."""

    def __init__(self, name: str) -> None:
        self._source = crate_folder("stm32-metapac") / "src"
        text = (self._source / "chips" / name / "metadata.rs").read_text()
        included = re.search(r'include!\("([^"]+)"\)', text)
        assert included
        shared = (self._source / "chips" / name / included[1]).resolve().read_text()
        numbers = {
            found[1]: int(found[2])
            for found in re.finditer(r'\bInterrupt \{\s*name: "(\w+)",\s*number: (\d+)', shared)
        }
        self.peripherals = {
            peripheral: _peripheral(part, numbers) for peripheral, part in _parts("Peripheral", shared)
        }
        regions = re.findall(r"kind: MemoryRegionKind::(\w+),\s*address: (\w+),\s*size: (\w+)", text)
        self.memory = sorted(
            {(kind, int(at, 0), int(size, 0)) for kind, at, size in regions}, key=lambda r: r[1]
        )

    def register(self, peripheral: str, name: str) -> tuple[int, dict[str, int]]:
        """Its address, and the lowest bit of each field."""
        one = self.peripherals[peripheral]
        offset, fields = layout(self._source / "registers" / one.file, one.block)[name]
        return one.address + offset, fields


def _peripheral(text: str, numbers: dict[str, int]) -> Peripheral:
    kind, version, block = re.findall(r'(?:kind|version|block): "(\w+)"', text)[:3] or ("", "", "")
    address = re.search(r"address: (0x[0-9a-f]+)", text)
    enable = re.search(r'enable: Some\(PeripheralRccRegister \{\s*register: "(\w+)",\s*field: "(\w+)"', text)
    pins = re.findall(r'pin: "(\w+)",\s*signal: "(\w+)",\s*af: Some\((\d+)\)', text)
    assert address
    return Peripheral(
        int(address[1], 16),
        f"{kind}_{version}.rs",
        block,
        (enable[1], enable[2]) if enable else None,
        {(pin, signal): int(number) for pin, signal, number in pins},
        tuple(numbers[name] for name in re.findall(r'\binterrupt: "(\w+)"', text) if name in numbers),
    )


@functools.cache
def layout(path: Path, block: str) -> dict[str, tuple[int, dict[str, int]]]:
    """Registers of a block by name: offset, and fields by name; of an array the first one stands for all."""
    text = path.read_text()
    head, _, tail = text.partition("fieldsets: &[")
    blocks = {name.upper(): part for name, part in _parts("Block", head)}
    sets = {
        name: {field.upper(): int(bit) for field, bit in _FIELD.findall(part)}
        for name, part in _parts("FieldSet", tail)
    }
    wanted = [block.upper()]
    while parent := re.search(r'extends: Some\(\s*"(\w+)"', blocks[wanted[-1]].split("items:")[0]):
        wanted.append(parent[1].upper())
    found = {}
    for of in wanted:
        for name, part in _parts("BlockItem", blocks[of]):
            offset = re.search(r"byte_offset: (\w+)", part)
            fieldset = re.search(r'fieldset: Some\(\s*"(\w+)"', part)
            assert offset
            found[name.upper()] = int(offset[1], 0), sets.get(fieldset[1], {}) if fieldset else {}
    return found


def _parts(kind: str, text: str) -> list[tuple[str, str]]:
    """The literals of that kind, by name."""
    pieces = re.split(rf'\b{kind} \{{\s*name: "(\w+)"', text)
    return list(zip(pieces[1::2], pieces[2::2], strict=True))
