"""The catalogue's ``[renode]`` tables against Renode's own platform descriptions.

Renode is not in CI: this runs where RENODE_SOURCES names a checkout of github.com/renode/renode.
docs/simulator.md says for which commits that was done.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edgeq.boards import Board, Region, list_boards
from edgeq.boards.port import port_of

SOURCES = os.environ.get("RENODE_SOURCES", "")
BOARDS = [board for board in list_boards() if board.renode is not None and board.renode.platform is not None]


@dataclass
class Entry:
    kind: str = ""
    addresses: tuple[int, ...] = ()
    interrupts: dict[str, str] = field(default_factory=dict)
    """By the line's name or number, where it goes: ``nvic@37``."""
    attributes: dict[str, str] = field(default_factory=dict)


def platform(root: Path, name: str) -> dict[str, Entry]:
    """The entries of a description, those of what it uses included."""
    entries: dict[str, Entry] = {}
    current = Entry()
    text = re.sub(r"/\*.*?\*/", "", (root / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    # A registration in braces may take several lines.
    text = re.sub(r"\{[^{}]*\}", lambda braces: " ".join(braces[0].split()), text)
    for line in re.sub(r"//.*", "", text).splitlines():
        if found := re.match(r'using "(.+)"', line):
            target = (root / name).parent / found[1] if found[1].startswith(".") else root / found[1]
            entries |= platform(root, str(target.relative_to(root)))
        elif found := re.match(r"(\w+)\s*:(?:\s*([\w.]+)\s*(?:@\s*(.+))?)?\s*$", line):
            current = entries.setdefault(found[1], Entry())
            if found[2]:
                places = re.findall(r"sysbus(?: new [\w.]+ \{ address:)? <?(0x[0-9A-Fa-f]+)", found[3] or "")
                current.kind, current.addresses = found[2], tuple(int(one, 16) for one in places)
        elif found := re.match(r"\s+(\w+|\[[-\d, ]+\])? ?-> (\w+)@(\d+|\[[-\d, ]+\])\s*$", line):
            sources = numbers(found[1]) if (found[1] or "").startswith("[") else [found[1] or "IRQ"]
            current.interrupts |= {
                str(source): f"{found[2]}@{to}" for source, to in zip(sources, numbers(found[3]), strict=True)
            }
        elif found := re.match(r"\s+(\w+):\s*(.+?)\s*$", line):
            current.attributes[found[1]] = found[2].strip('"')
    return entries


def numbers(text: str) -> list[int]:
    """Those of ``37`` or ``[37-39, 71]``."""
    parts = (part.split("-") for part in text.strip("[]").split(","))
    return [number for part in parts for number in range(int(part[0]), int(part[-1]) + 1)]


def arrives(entries: dict[str, Entry], device: str, line: str) -> str:
    """Where a line ends: STM32H7's EXTI hands its own on."""
    to = entries[device].interrupts[line]
    name, _, number = to.partition("@")
    return arrives(entries, name, number) if number in entries[name].interrupts else to


def covers(entries: dict[str, Entry], region: Region) -> bool:
    """Whether memories of the description hold all of a region, one behind the other."""
    at = region.address
    memories = [
        (address, address + int(entry.attributes["size"].replace("_", ""), 0))
        for entry in entries.values()
        if entry.kind in ("Memory.MappedMemory", "Memory.ArrayMemory")
        for address in entry.addresses
    ]
    for start, end in sorted(memories):
        if start <= at < end:
            at = end
    return at >= region.end


@pytest.mark.skipif(not SOURCES, reason="needs a checkout of Renode, named by RENODE_SOURCES")
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.id)
def test_the_platform_is_the_boards(board: Board) -> None:
    table = board.renode
    assert table is not None and table.platform is not None and board.flash and board.ram
    entries = platform(Path(SOURCES), table.platform)
    assert entries[table.cpu].kind == "CPU.CortexM"
    assert entries[table.cpu].attributes["cpuType"].removesuffix("f") == board.cpu.core
    assert entries[table.nvic].kind == "IRQControllers.NVIC"
    assert entries[table.cpu].attributes["nvic"] == table.nvic
    assert entries[table.uart].kind.startswith("UART.")
    assert board.console.uart is not None
    registers = port_of(board).uarts[board.console.uart]
    assert registers["address"] in entries[table.uart].addresses
    # The firmware sleeps until this comes.
    assert arrives(entries, table.uart, "IRQ") == f"{table.nvic}@{registers['irq']}"
    assert covers(entries, board.flash), "its flash"
    assert covers(entries, board.ram), "its RAM"
