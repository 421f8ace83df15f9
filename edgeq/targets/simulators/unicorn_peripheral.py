"""The device of the simulated boards at 0x40000000: console, instruction counter, clock, halt.

``docs/simulator.md`` documents the registers; ``firmware_templates/ports/sim`` is the other side.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from edgeq.targets.stream import ByteQueue

PERIPHERAL_ADDRESS = 0x4000_0000

UART_WAIT = 0x04
UART_RX_ADDRESS = 0x08
UART_RX_LENGTH = 0x0C
UART_TX_ADDRESS = 0x10
UART_TX_LENGTH = 0x14
COUNTER_CONTROL = 0x20
COUNTER_LOW = 0x24
COUNTER_HIGH = 0x28
MICROS_LOW = 0x30
MICROS_HIGH = 0x34
HALT = 0x40

_WAIT_STEP = 0.1
"""Seconds after which a waiting firmware is let go on, to wait again: the chance to stop it."""


class Memory(Protocol):
    """The RAM and flash that the device's block transfers reach."""

    def load(self, address: int, n: int) -> bytes | None:
        """``n`` bytes, or None where there is no memory."""

    def store(self, address: int, data: bytes) -> bool:
        """Write to RAM; False where there is none."""


@dataclass
class Peripheral:
    """Its registers' behaviour.

    The simulator may stop the core within a store and let it come again, so a store that comes twice does
    what one does: a transfer uses up its address.

    Attributes:
        received: bytes for the firmware.
        sent: bytes from the firmware.
        on_counter: called with True to start counting and with False to stop.
        on_halt: called when the firmware halts.
        on_error: called with a text when the firmware asks for a transfer to where there is no memory.
        count: gives the instructions counted last.
        stopping: whether the core is to stop, so that nothing may wait any longer.
        idle: whether the firmware waits for a byte.
        busy_since: when it went on last (``time.monotonic``).
    """

    memory: Memory
    received: ByteQueue
    sent: ByteQueue
    on_counter: Callable[[bool], None]
    on_halt: Callable[[], None]
    on_error: Callable[[str], None]
    count: Callable[[], int]
    stopping: Callable[[], bool]
    idle: bool = False
    busy_since: float = field(default_factory=time.monotonic)
    _registers: dict[int, int] = field(default_factory=dict)
    _start: float = field(default_factory=time.monotonic)

    def read(self, offset: int) -> int:
        """A register's value; unknown ones are 0."""
        if offset == MICROS_LOW:
            micros = int((time.monotonic() - self._start) * 1e6)
            self._registers[MICROS_HIGH] = micros >> 32
            return micros & 0xFFFF_FFFF
        if offset == COUNTER_LOW:
            return self.count() & 0xFFFF_FFFF
        if offset == COUNTER_HIGH:
            return self.count() >> 32
        return self._registers.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        """Write a register; unknown ones only keep their value."""
        if offset not in (UART_RX_LENGTH, UART_TX_LENGTH):
            self._registers[offset] = value
        if offset == UART_WAIT:
            self._wait()
        elif offset == UART_RX_LENGTH:
            self._receive(self._registers.pop(UART_RX_ADDRESS, None), value)
        elif offset == UART_TX_LENGTH:
            self._send(self._registers.pop(UART_TX_ADDRESS, None), value)
        elif offset == COUNTER_CONTROL:
            self.on_counter(bool(value & 1))
        elif offset == HALT:
            self.on_halt()

    def _wait(self) -> None:
        self.idle = True
        self.received.wait(_WAIT_STEP)
        self.idle = False
        self.busy_since = time.monotonic()

    def _receive(self, address: int | None, length: int) -> None:
        if address is None:
            return
        data = self.received.take(length)
        self._registers[UART_RX_LENGTH] = len(data)
        if data and not self.memory.store(address, data):
            self.on_error(f"UART_RX transfer of {length} bytes to 0x{address:08x}")

    def _send(self, address: int | None, length: int) -> None:
        if address is None or not length:
            return
        data = self.memory.load(address, length)
        if data is None:
            self.on_error(f"UART_TX transfer of {length} bytes from 0x{address:08x}")
            return
        while not self.sent.wait_for_room(_WAIT_STEP):
            if self.stopping():
                return
        self.sent.put(data)
