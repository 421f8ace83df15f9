"""A chip for start-up code: Unicorn's core, flash and RAM, and registers that a subclass makes behave.

A family's class says what reading and writing its registers does, and works out its clocks from what was
written to them, as the manual says. What stays silent (``dead``) is for the test to say. The firmware is
an echo (``echo_main.c``); it runs until it waits for input and there is none. Where it waits by WFI, that is
where it stops, and it goes on from there only if what came then wakes a real core, too. Its interrupts are
taken there, or while it is busy (``arrives``).
"""

from __future__ import annotations

import struct
from collections import deque
from typing import Any

import unicorn
from unicorn import arm_const as arm
from unicorn import unicorn_const as uc

from edgeq.builder import Image

CPUS = {
    "cortex-m0": arm.UC_CPU_ARM_CORTEX_M0,
    "cortex-m0plus": arm.UC_CPU_ARM_CORTEX_M0,
    "cortex-m4": arm.UC_CPU_ARM_CORTEX_M4,
    "cortex-m7": arm.UC_CPU_ARM_CORTEX_M7,
    "cortex-m33": arm.UC_CPU_ARM_CORTEX_M33,
}
PAGE = 0x1000
PERIPHERALS = 0x4000_0000
PERIPHERALS_SIZE = 0x2000_0000
SYSTEM = 0xE000_E000
SYST_CVR = 0xE000_E018
NVIC_ISER, NVIC_ICER, NVIC_WORDS = 0xE000_E100, 0xE000_E180, 8
WFI, NOP = b"\x30\xbf", b"\x00\xbf"
PATIENCE = 60_000_000
"""Microseconds after which firmware counts as hanging."""


class Chip:
    """The core with memory; registers keep what is written unless a subclass knows better.

    Args:
        image: the echo firmware.
        dead: names of what never gets ready; which there are, the subclass says.
    """

    def __init__(self, image: Image, dead: frozenset[str] = frozenset()) -> None:
        board = image.board
        assert board.flash is not None and board.ram is not None
        self.board, self.image, self.dead = board, image, dead
        self.values: dict[int, int] = {}
        self.written: list[tuple[int, int]] = []
        self.sent = bytearray()
        self.to_come: deque[int] = deque()
        self.ticks = 0
        self.interrupts: set[int] = set()
        """The interrupts that are enabled in the NVIC."""
        self.slept = 0
        core: Any = unicorn.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
        core.ctl_set_cpu_model(CPUS[board.cpu.core])
        for region in (board.flash, board.ram):
            start, end = region.address // PAGE * PAGE, -(-region.end // PAGE) * PAGE
            core.mem_map(start, end - start)
        self.core = core
        self.symbols = self._load()
        core.mmio_map(
            PERIPHERALS,
            PERIPHERALS_SIZE,
            lambda _uc, offset, _size, _data: self._on_read(PERIPHERALS + offset),
            None,
            lambda _uc, offset, _size, value, _data: self._on_write(PERIPHERALS + offset, value),
            None,
        )
        core.mmio_map(
            SYSTEM,
            PAGE,
            lambda _uc, offset, _size, _data: self._on_read(SYSTEM + offset),
            None,
            lambda _uc, offset, _size, value, _data: self._on_write(SYSTEM + offset, value),
            None,
        )
        core.hook_add(uc.UC_HOOK_CODE, self._on_rest, None, self.rest, self.rest)
        vectors = struct.unpack("<2I", core.mem_read(self.symbols["edgeq_vectors"], 8))
        core.reg_write(arm.UC_ARM_REG_SP, vectors[0])
        self._pc = vectors[1]

    def _load(self) -> dict[str, int]:
        from elftools.elf.elffile import ELFFile

        with self.image.elf.open("rb") as file:
            elf = ELFFile(file)
            for segment in elf.iter_segments("PT_LOAD"):
                if segment["p_filesz"]:
                    self.core.mem_write(segment["p_paddr"], segment.data())
            symbols = {symbol.name: symbol for symbol in elf.get_section_by_name(".symtab").iter_symbols()}
        idle = symbols["edgeq_port_idle"]
        address, size = idle["st_value"] & ~1, idle["st_size"]
        code = bytes(self.core.mem_read(address, size))
        sleeps = [address + at for at in range(0, size, 2) if code[at : at + 2] == WFI]
        assert len(sleeps) <= 1
        self.sleeps = bool(sleeps)
        self.rest = sleeps[0] if sleeps else address
        if sleeps:  # Unicorn has ways of its own with WFI
            self.core.mem_write(self.rest, NOP)
        return {name: symbol["st_value"] for name, symbol in symbols.items()}

    def _on_rest(self, core: Any, _address: int, _size: int, _data: Any) -> None:
        if self.sleeps or not self.to_come:
            core.emu_stop()

    def arrives(self, received: bytes) -> None:
        """Bytes come while the firmware is busy: one is lost that finds the one before it still there."""
        for byte in received:
            if len(self.to_come) < self.fifo:
                self.to_come.append(byte)
            self._interrupt()

    fifo = 1
    """Bytes that its receiver keeps by itself."""

    def _interrupt(self) -> bool:
        """Takes the interrupts that ask and are enabled; whether there were any."""
        taken = self.asking & self.interrupts
        for irq in taken:
            where = self.symbols["edgeq_vectors"] + 4 * (16 + irq)
            (handler,) = struct.unpack("<I", self.core.mem_read(where, 4))
            assert handler & 1, f"interrupt {irq} has no vector"
            before = self.core.context_save()
            self.core.reg_write(arm.UC_ARM_REG_LR, self.rest | 1)
            self.core.emu_start(handler, self.rest, timeout=PATIENCE)
            assert self.core.reg_read(arm.UC_ARM_REG_PC) == self.rest, f"the handler of {irq} hangs"
            self.core.context_restore(before)
        return bool(taken)

    @property
    def asking(self) -> set[int]:
        """The interrupts whose lines are up: for a subclass whose firmware sleeps."""
        raise NotImplementedError

    def _on_read(self, address: int) -> int:
        self.ticks += 1
        if address == SYST_CVR:
            return -self.ticks & 0xFF_FFFF
        return self.read(address) & 0xFFFF_FFFF

    def _on_write(self, address: int, value: int) -> None:
        self.ticks += 1
        self.written.append((address, value))
        for start in (NVIC_ISER, NVIC_ICER):
            word = (address - start) // 4
            if 0 <= word < NVIC_WORDS:
                which = {32 * word + bit for bit in range(32) if value >> bit & 1}
                self.interrupts = self.interrupts | which if start == NVIC_ISER else self.interrupts - which
        self.write(address, value)

    def read(self, address: int) -> int:
        """What the firmware reads there."""
        return self.values.get(address, 0)

    def write(self, address: int, value: int) -> None:
        """What a write does."""
        self.values[address] = value

    def _wake(self) -> None:
        """From WFI, where that is where it is, to behind it."""
        if self.sleeps and self._pc == self.rest:
            if self.to_come:
                assert self._interrupt(), "what came wakes nobody"
            self._pc += len(WFI)

    def run(self, received: bytes = b"") -> bytes:
        """What the firmware answers until it waits for more."""
        self.to_come.extend(received)
        before = len(self.sent)
        while True:
            self._wake()
            self.core.emu_start(self._pc | 1, 0xFFFF_FFFE, timeout=PATIENCE)
            self._pc = self.core.reg_read(arm.UC_ARM_REG_PC)
            assert self._pc == self.rest, f"hangs at 0x{self._pc:08x}"
            if not self.to_come:
                break
        self.slept += self.sleeps
        return bytes(self.sent[before:])

    @property
    def told_hz(self) -> int:
        """The core's clock, as the firmware has it."""
        return int(self.run(b"?"), 16)
