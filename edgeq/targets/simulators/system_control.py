"""The part of a Cortex-M's System Control Space that start-up code and fault handlers use."""

from __future__ import annotations

from dataclasses import dataclass, field

SCS_ADDRESS = 0xE000_E000

CPUID = 0xD00
VTOR = 0xD08
AIRCR = 0xD0C
SHCSR = 0xD24
CFSR = 0xD28
HFSR = 0xD2C
BFAR = 0xD38
CPACR = 0xD88

_HFSR_FORCED = 1 << 30
_RESET_REQUEST = 0x05FA_0004

NMI, HARD_FAULT, MEM_MANAGE, BUS_FAULT, USAGE_FAULT, SVCALL = 2, 3, 4, 5, 6, 11
_ENABLE_BIT = {MEM_MANAGE: 16, BUS_FAULT: 17, USAGE_FAULT: 18}

NAMES = {
    NMI: "NMI",
    HARD_FAULT: "HardFault",
    MEM_MANAGE: "MemManage",
    BUS_FAULT: "BusFault",
    USAGE_FAULT: "UsageFault",
    SVCALL: "SVCall",
}

IACCVIOL = 1 << 0
IBUSERR = 1 << 8
PRECISERR_WITH_ADDRESS = 1 << 9 | 1 << 15
STKERR = 1 << 12
UNDEFINSTR = 1 << 16
INVSTATE = 1 << 17
UNALIGNED = 1 << 24


@dataclass
class SystemControl:
    """Registers by offset. What is not modelled reads as 0 and ignores writes.

    Attributes:
        cpuid: what CPUID reads.
        vectors: the address of the vector table at reset.
        mainline: whether the core has VTOR, CFSR and faults by name (v7-M and v8-M mainline).
        reset_requested: set when the firmware asks for a system reset (AIRCR).
    """

    cpuid: int
    vectors: int
    mainline: bool
    reset_requested: bool = False
    _registers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._registers = {CPUID: self.cpuid, VTOR: self.vectors}

    def read(self, offset: int) -> int:
        """A register's value."""
        return self._registers.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        """Write a register."""
        if offset == AIRCR:
            self.reset_requested = value & 0xFFFF_0004 == _RESET_REQUEST
        elif offset in (CFSR, HFSR):  # write one to clear
            self._registers[offset] = self.read(offset) & ~value
        elif offset in (VTOR, SHCSR, CPACR) and self.mainline:
            self._registers[offset] = value

    def take(self, exception: int, status: int, address: int | None) -> int:
        """Note a fault in the status registers; which exception is taken: its own, or HardFault."""
        if not self.mainline:
            return exception
        self._registers[CFSR] = self.read(CFSR) | status
        if address is not None:
            self._registers[BFAR] = address
        bit = _ENABLE_BIT.get(exception)
        if bit is not None and not self.read(SHCSR) >> bit & 1:
            self._registers[HFSR] = self.read(HFSR) | _HFSR_FORCED
            return HARD_FAULT
        return exception

    def vector(self, exception: int) -> int:
        """The address of an exception's entry in the vector table."""
        return self.read(VTOR) + 4 * exception
