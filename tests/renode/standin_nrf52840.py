"""As much of an nRF52840 as its boards' firmware uses, on edgeq's simulated core: clock, TIMER0, UARTE, GPIO.

The UARTE does what Renode's ``NRF52840_UART`` does with ``easyDMA``: bytes wait while ENDRX is set, and a
transfer is over as soon as it is started. Its interrupt is taken where the firmware sleeps, which is where it
waits for bytes; until then they wait on this machine.
"""

from __future__ import annotations

import struct
import time
from typing import Any

import unicorn
from unicorn import arm_const as arm

from edgeq.targets.simulators.unicorn_machine import Machine

PLATFORMS = {
    "platforms/boards/nrf52840dk_nrf52840.repl",
    "platforms/boards/arduino_nano_33_ble.repl",
    "platforms/cpus/nrf52840.repl",
}
FLASH, RAM, CORE, UART = (0, 0x10_0000), (0x2000_0000, 0x4_0000), "cortex-m4", "uart0"

_PERIPHERALS, _UARTE, _GPIO, _INFORMATION = 0x4000_0000, 0x2000, 0x5000_0000, 0x1000_0000
_STARTRX, _STARTTX, _ENDRX, _ENDTX = 0x000, 0x008, 0x110, 0x120
_RXD_PTR, _TXD_PTR, _TXD_MAXCNT = 0x534, 0x544, 0x548
_HFCLKSTART, _HFCLKSTARTED = 0x000, 0x100
_TIMER, _CAPTURE0, _CC0, _TICKS = 0x8000, 0x040, 0x540, 16_000_000
_UART_IRQ, _INTENSET, _INTERRUPT_ENDRX = 2, 0x304, 1 << 4
_SLEEP, _NOP = b"\xbf\xf3\x4f\x8f\x30\xbf", b"\x00\xbf"
"""DSB, WFI."""
_WAKES = 0.002
"""Seconds after which the core goes on without a byte: TIMER0's interrupt, too, would wake it at times."""


class Nrf52840(Machine):
    """The chip."""

    def _make(self, cpu: int, segments: Any) -> Any:
        self._clock: dict[int, int] = {}
        self._uarte: dict[int, int] = {}
        self._timer: dict[int, int] = {}
        own = self.peripheral
        self.peripheral = Clock(own, self._clock)  # type: ignore[assignment]
        machine = super()._make(cpu, segments)
        self.peripheral = own
        machine.mmio_map(_PERIPHERALS + _UARTE, 0x1000, self._read, None, self._write, None)
        machine.mmio_map(
            _PERIPHERALS + _TIMER,
            0x1000,
            lambda _uc, offset, _size, _data: self._timer.get(offset, 0),
            None,
            self._time,
            None,
        )
        # Information blocks, memory controller, pins: not there, so that they read as 0, as in Renode.
        for start, size in ((_INFORMATION, 0x2000), (_PERIPHERALS + 0x1E000, 0x1000), (_GPIO, 0x1000)):
            machine.mmio_map(start, size, lambda *_: 0, None, lambda *_: None, None)
        for segment in segments:
            found = segment.data.find(_SLEEP)
            while found >= 0:
                sleep = segment.address + found + len(_SLEEP) - len(_NOP)
                machine.mem_write(sleep, _NOP)  # Unicorn has ways of its own with WFI
                machine.hook_add(unicorn.UC_HOOK_CODE, self._sleep, None, sleep, sleep)
                found = segment.data.find(_SLEEP, found + 1)
        return machine

    def _sleep(self, core: Any, address: int, _size: int, _data: Any) -> None:
        asks = self._uarte.get(_INTENSET, 0) & _INTERRUPT_ENDRX
        if not asks or not (self._uarte.get(_ENDRX) or self.peripheral.received.wait(_WAKES)):
            return
        entry = self.load(self._flash.address + 4 * (16 + _UART_IRQ), 4)
        assert entry is not None
        before = core.context_save()
        core.reg_write(arm.UC_ARM_REG_LR, address | 1)
        core.emu_start(struct.unpack("<I", entry)[0], address)
        core.context_restore(before)

    def _time(self, _uc: Any, offset: int, _size: int, value: int, _data: Any) -> None:
        self._timer[offset] = value
        if offset == _CAPTURE0:
            self._timer[_CC0] = int(time.monotonic() * _TICKS) & 0xFFFF_FFFF

    def _read(self, _uc: Any, offset: int, _size: int, _data: Any) -> int:
        waiting = self._uarte.get(_STARTRX) and not self._uarte.get(_ENDRX)
        if offset == _ENDRX and waiting and self.peripheral.received.wait(_WAKES):
            self.store(self._uarte[_RXD_PTR], self.peripheral.received.take(1))
            self._uarte |= {_ENDRX: 1, _STARTRX: 0}
        return self._uarte.get(offset, 0)

    def _write(self, _uc: Any, offset: int, _size: int, value: int, _data: Any) -> None:
        self._uarte[offset] = value
        if offset == _STARTTX:
            data = self.load(self._uarte[_TXD_PTR], self._uarte[_TXD_MAXCNT])
            assert data is not None, "DMA from where there is no RAM"
            self.peripheral.sent.put(data)
            self._uarte[_ENDTX] = 1


class Clock:
    """The page of CLOCK: the crystal has started as soon as it is asked to."""

    def __init__(self, device: Any, registers: dict[int, int]) -> None:
        self._device, self._registers = device, registers

    def read(self, offset: int) -> int:
        return self._registers.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        self._registers[offset] = value
        if offset == _HFCLKSTART:
            self._registers[_HFCLKSTARTED] = 1
