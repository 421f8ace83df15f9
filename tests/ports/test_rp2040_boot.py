"""RP2040's boot block: its words are its comments assembled, its CRC is right, and it has flash read quad.

SSI and flash are modelled from the RP2040 datasheet (4.10) and from the flash's (W25Q16JV).
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
import unicorn
from unicorn import arm_const as arm
from unicorn import unicorn_const as uc

from edgeq.base.resources import data_dir
from edgeq.boards import load_board

from .project import echo

SSI, VTOR = 0x1800_0000, 0xE000_ED08
BLOCK_AT = 0x2004_1F00
"""Where the boot ROM copies it."""
STOP = 0x1000_1000


def source() -> str:
    path = data_dir("firmware_templates") / "ports" / "rp2040" / "edgeq_rp2040_boot.c"
    return path.read_text().partition("clang-format off */")[2]


@pytest.fixture(scope="module")
def block() -> bytes:
    """The 256 bytes at the beginning of a firmware for the Pico."""
    from elftools.elf.elffile import ELFFile

    with echo(load_board("rpi_pico")).elf.open("rb") as file:
        elf = ELFFile(file)
        segment = min(
            (s for s in elf.iter_segments("PT_LOAD") if s["p_filesz"]), key=lambda segment: segment["p_paddr"]
        )
        (vectors,) = elf.get_section_by_name(".symtab").get_symbol_by_name("edgeq_vectors")
        assert segment["p_paddr"] == 0x1000_0000
        assert vectors["st_value"] == 0x1000_0100
        return bytes(segment.data()[:256])


def test_the_crc_is_the_boot_roms(block: bytes) -> None:
    """Polynomial 04C11DB7 from FFFFFFFF on, neither reflected nor inverted (RP2040 datasheet 2.8.1.3.1)."""
    crc = 0xFFFF_FFFF
    for byte in block[:252]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C1_1DB7 if crc >> 31 else crc << 1) & 0xFFFF_FFFF
    assert struct.pack("<I", crc) == block[252:]


def test_the_words_are_the_comments_assembled(block: bytes, tmp_path: Path) -> None:
    assembler = shutil.which("arm-none-eabi-as")
    if assembler is None:
        pytest.skip("no arm-none-eabi-as (Debian: binutils-arm-none-eabi)")
    lines = re.findall(r"/\* (.*?) \*/", source().partition("[126]")[0], re.DOTALL)
    assert len(lines) > 60
    (tmp_path / "boot.s").write_text(
        "\n".join([".syntax unified", ".cpu cortex-m0plus", ".thumb", *lines, ""])
    )
    run = lambda *words: subprocess.run(words, check=True, timeout=60, cwd=tmp_path)  # noqa: E731
    run(assembler, "boot.s", "-o", "boot.o")
    run(assembler.removesuffix("as") + "objcopy", "-O", "binary", "-j", ".text", "boot.o", "boot.bin")
    code = (tmp_path / "boot.bin").read_bytes()
    assert block[: len(code)] == code
    assert not any(block[len(code) : 252])


class Flash:
    """A W25Q16JV: what its status register 2 and its read mode are after the commands it got."""

    def __init__(self, quad_enabled: bool) -> None:
        self.status2 = 2 * quad_enabled
        self.volatile_write = self.continuous = False
        self.writes = 0

    def serial(self, sent: bytes) -> bytes:
        """A transfer of the chip select being low, a byte back for each."""
        assert not self.continuous, "it takes no commands in continuous read"
        volatile, self.volatile_write = self.volatile_write, sent == b"\x50"
        if sent[0] == 0x35:
            return b"\xff" + bytes([self.status2]) * (len(sent) - 1)
        if sent[0] == 0x31 and volatile:
            assert len(sent) == 2
            self.status2, self.writes = sent[1], self.writes + 1
        else:
            assert sent == b"\x50", f"unexpected command {sent.hex()}"
        return b"\xff" * len(sent)

    def quad_read(self, command: int | None, mode: int, idle: int) -> None:
        """A fast read of four lines, by command EBh or without."""
        assert self.status2 & 2, "the lines IO2 and IO3 are not data"
        assert command == 0xEB if not self.continuous else command is None
        assert idle == 4  # clocks between mode and data
        self.continuous = mode >> 4 & 3 == 2


class Ssi:
    """The controller, in what the block uses: bytes both ways, and quad reads."""

    def __init__(self, flash: Flash, stuck: bool) -> None:
        self.flash, self.stuck = flash, stuck
        self.registers: dict[int, int] = {0x10: 1}
        self.sending: list[int] = []
        self.received: list[int] = []

    def field(self, offset: int, low: int, bits: int) -> int:
        return self.registers.get(offset, 0) >> low & (1 << bits) - 1

    def write(self, offset: int, value: int) -> None:
        if offset == 0x60:
            assert self.field(0x08, 0, 1) and self.field(0x10, 0, 1), "off, or no flash selected"
            self.sending.append(value)
            return
        if offset not in (0x08, 0x10):
            assert not self.field(0x08, 0, 1), "set up while on"
        if offset == 0x08 and not value:
            assert not self.sending or self.stuck, "switched off while it sends"
            self.received.clear()
        self.registers[offset] = value

    def read(self, offset: int) -> int:
        if offset == 0x60:
            return self.received.pop(0) if self.received else 0
        assert offset == 0x28
        if self.stuck:
            return 1
        if self.sending:
            self._transfer()
        return 4

    def _transfer(self) -> None:
        sent, self.sending = self.sending, []
        quad, frame, kind = self.field(0x00, 21, 2) == 2, self.field(0x00, 16, 5) + 1, self.field(0x00, 8, 2)
        if not quad:
            assert (frame, kind) == (8, 0)
            self.received += self.flash.serial(bytes(sent))
            return
        assert (frame, kind, self.registers[0x04]) == (32, 3, 0)  # send, then receive a word
        assert self.field(0xF4, 8, 2) == 2 and self.field(0xF4, 0, 2) == 1  # command of 8 bits, serial
        command, address = sent
        self._check_address()
        self.flash.quad_read(command, address & 0xFF, self.field(0xF4, 11, 5))

    def _check_address(self) -> None:
        assert self.field(0xF4, 2, 4) * 4 == 24 + 8  # address and mode

    def read_in_place(self) -> None:
        """What an access to flash's window makes of the settings (4.10.2)."""
        assert self.field(0x08, 0, 1) and self.field(0x10, 0, 1)
        assert (self.field(0x00, 21, 2), self.field(0x00, 16, 5), self.field(0x00, 8, 2)) == (2, 31, 3)
        assert self.field(0xF4, 8, 2) == 0 and self.field(0xF4, 0, 2) == 2  # no command; all of it quad
        self._check_address()
        self.flash.quad_read(None, self.registers[0xF4] >> 24, self.field(0xF4, 11, 5))


def booted(block: bytes, quad_enabled: bool, stuck: bool = False) -> tuple[Ssi, dict[int, int], Any]:
    """SSI, what was written to the core's own registers, and the core, after the block has run."""
    core: Any = unicorn.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
    core.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M0)
    core.mem_map(0x1000_0000, 0x4000)
    core.mem_map(0x2004_0000, 0x2000)
    core.mem_write(0x1000_0000, block + struct.pack("<2I", 0x2000_1000, STOP | 1))
    core.mem_write(BLOCK_AT, block)
    ssi, system = Ssi(Flash(quad_enabled), stuck), dict[int, int]()
    core.mmio_map(
        SSI,
        0x1000,
        lambda _uc, offset, _size, _data: ssi.read(offset),
        None,
        lambda _uc, offset, _size, value, _data: ssi.write(offset, value),
        None,
    )
    core.mmio_map(
        0xE000_E000,
        0x1000,
        None,
        None,
        lambda _uc, offset, _size, value, _data: system.update({0xE000_E000 + offset: value}),
        None,
    )
    core.reg_write(arm.UC_ARM_REG_SP, 0x2004_2000)
    core.emu_start(BLOCK_AT | 1, STOP, timeout=10_000_000)
    return ssi, system, core


@pytest.mark.parametrize("quad_enabled", [True, False])
def test_flash_is_read_quad_and_the_firmware_starts(block: bytes, quad_enabled: bool) -> None:
    ssi, system, core = booted(block, quad_enabled)
    assert core.reg_read(arm.UC_ARM_REG_PC) == STOP
    assert core.reg_read(arm.UC_ARM_REG_MSP) == 0x2000_1000
    assert system == {VTOR: 0x1000_0100}
    for _ in range(3):
        ssi.read_in_place()
    assert ssi.flash.continuous
    assert ssi.flash.status2 == 2 and ssi.flash.writes == (not quad_enabled)
    divider = ssi.registers[0x14]
    clock = load_board("rpi_pico").clock
    assert clock is not None and divider % 2 == 0 and clock.hz / divider <= 50_000_000


def test_a_controller_that_stays_busy_does_not_hold_it(block: bytes) -> None:
    _, system, core = booted(block, True, stuck=True)
    assert core.reg_read(arm.UC_ARM_REG_PC) == STOP and VTOR in system
