"""As much of an nRF52840 as the firmware of its boards uses, on edgeq's simulated core: clock, UARTE, GPIO.

The UARTE does what Renode's ``NRF52840_UART`` does with ``easyDMA``: bytes wait while ENDRX is set, and a
transfer is over as soon as it is started.
"""

from __future__ import annotations

from typing import Any

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


class Nrf52840(Machine):
    """The chip."""

    def _make(self, cpu: int, segments: Any) -> Any:
        self._clock: dict[int, int] = {}
        self._uarte: dict[int, int] = {}
        own = self.peripheral
        self.peripheral = Clock(own, self._clock)  # type: ignore[assignment]
        machine = super()._make(cpu, segments)
        self.peripheral = own
        machine.mmio_map(_PERIPHERALS + _UARTE, 0x1000, self._read, None, self._write, None)
        # Information blocks, memory controller, pins: not there, so that they read as 0, as in Renode.
        for start, size in ((_INFORMATION, 0x2000), (_PERIPHERALS + 0x1E000, 0x1000), (_GPIO, 0x1000)):
            machine.mmio_map(start, size, lambda *_: 0, None, lambda *_: None, None)
        return machine

    def _read(self, _uc: Any, offset: int, _size: int, _data: Any) -> int:
        waiting = self._uarte.get(_STARTRX) and not self._uarte.get(_ENDRX)
        if offset == _ENDRX and waiting and self.peripheral.received.wait(0.002):
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
