"""What a family of chips offers: ``firmware_templates/ports/<name>/port.toml``, the data beside its C.

A port that lists no UART (simulated boards, the host) has one console and no choice.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from edgeq.base.errors import BoardError
from edgeq.base.hints import document
from edgeq.base.resources import data_dir
from edgeq.boards.cores import CORES
from edgeq.boards.model import Board, pin
from edgeq.boards.simulators import SIMULATORS
from edgeq.boards.strict import OneOf, Strict

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - exercised on 3.10 only
    import tomli as tomllib

_FILE = "port.toml"
_HERE = f"{document('boards.md')} says what a port knows"

_ADDRESSES = 0x4000_0000
"""Values from here on are printed as addresses, clocks below."""

Word = Annotated[int, Field(ge=0, lt=1 << 32)]


class Port(Strict):
    """One family.

    Attributes:
        name: what a person calls the family.
        manual: the reference manual that its registers were taken from, with the revision.
        cores: the cores that it is written for.
        clocks_hz: the clocks that it can set; empty where it sets none.
        parts: files of ``firmware_templates/parts`` that it uses.
        uarts: by name; each key becomes a constant ``EDGEQ_UART_<KEY>`` of ``edgeq_board.h``.
        bauds: where a UART has a few baud rates only, each with its register's value, which becomes
            ``EDGEQ_CONSOLE_BAUD_CODE``; empty where the port computes it.
        buffer: bytes that the console takes in while the firmware is busy.
        ring: likewise at most, where an interrupt keeps them in the RAM that is left (``edgeq_received.c``);
            None for a port that has no such interrupt.
    """

    name: str = Field(min_length=1)
    manual: str | None = None
    cores: tuple[Annotated[str, OneOf(CORES)], ...] = Field(min_length=1, strict=False)
    clocks_hz: tuple[int, ...] = Field(default=(), strict=False)
    parts: tuple[Annotated[str, Field(pattern=r"^edgeq_[a-z0-9_]+\.[ch]$")], ...] = Field(
        default=(), strict=False
    )
    uarts: Mapping[str, Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Word]] = {}
    bauds: Mapping[Annotated[str, Field(pattern=r"^[1-9][0-9]*$")], Word] = {}
    buffer: Annotated[int, Field(ge=0, le=1 << 16)] = 0
    ring: Annotated[int, Field(ge=64, le=1 << 16)] | None = None


def load_port(name: str) -> Port:
    """The port of that name.

    Raises:
        BoardError: there is none, or its file is not valid.
    """
    folder = data_dir("firmware_templates") / "ports"
    path = folder / name / _FILE
    if not path.is_file():
        known = ", ".join(sorted(file.parent.name for file in folder.glob(f"*/{_FILE}")))
        raise BoardError(f"there is no port {name!r}", f"mend `port` in the board file; there are: {known}")
    return _read(path)


def _read(path: Path) -> Port:
    try:
        return Port.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise BoardError(f"{path} is not valid: {error}", _HERE) from error


def port_of(board: Board) -> Port:
    """The board's port, after checking that it can do what the board asks of it.

    Raises:
        BoardError: it cannot.
    """
    port = load_port(board.port)
    if board.cpu.core not in port.cores:
        raise BoardError(
            f"{board.id}: the port {board.port} is for {', '.join(port.cores)}, not for {board.cpu.core}",
            _HERE,
        )
    if port.clocks_hz and (board.clock is None or board.clock.hz not in port.clocks_hz):
        known = ", ".join(f"{hz:_}" for hz in port.clocks_hz)
        has = "says nothing" if board.clock is None else f"says {board.clock.hz:_}"
        raise BoardError(
            f"{board.id}: the port {board.port} sets a clock of {known} Hz, the board {has}", _HERE
        )
    if port.uarts and board.console.uart not in port.uarts:
        raise BoardError(
            f"{board.id}: the port {board.port} has no UART {board.console.uart!r}",
            f"set console.uart to one of {', '.join(sorted(port.uarts))}",
        )
    if port.bauds and str(board.console.baud) not in port.bauds:
        raise BoardError(
            f"{board.id}: the port {board.port} has no baud rate {board.console.baud}",
            f"set console.baud to one of {', '.join(port.bauds)}",
        )
    return port


def constants(board: Board, port: Port) -> dict[str, str]:
    """What ``edgeq_board.h`` defines: the board's clock, console and pins, and the registers of its UART.

    A board that is a simulator's also tells what the firmware has to know of that.

    Returns:
        C constants of type unsigned int by name, without the prefix.
    """
    console, clock = board.console, board.clock
    found = {"CONSOLE_BAUD": console.baud, "CONSOLE_BUFFER": port.buffer}
    if port.ring is not None:
        found["CONSOLE_RING"] = port.ring
    if clock is not None:
        found["CLOCK_HZ"] = clock.hz
        found["CLOCK_SOURCE_HZ"] = clock.source_hz or 0
        found["CLOCK_FROM_CRYSTAL"] = int(clock.source == "crystal")
    table = SIMULATORS[board.simulator].of(board) if board.simulator is not None else None
    if table is not None:
        found |= table.constants()
    for role, name in (("TX", console.tx), ("RX", console.rx)):
        if name is not None:
            found[f"CONSOLE_{role}_PORT"], found[f"CONSOLE_{role}_PIN"] = pin(name).port, pin(name).number
    if console.alternate is not None:
        found["CONSOLE_ALTERNATE"] = console.alternate
    if port.bauds:
        found["CONSOLE_BAUD_CODE"] = port.bauds[str(console.baud)]
    if port.uarts and console.uart is not None:
        found |= {f"UART_{key.upper()}": value for key, value in port.uarts[console.uart].items()}
    return {name: f"0x{value:08x}u" if value >= _ADDRESSES else f"{value}u" for name, value in found.items()}
