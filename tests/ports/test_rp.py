"""RP2040 and RP2350 ports against their registers: the clock tree of the datasheets, resets, pads, UART."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import pytest

from edgeq.base.errors import BuildError
from edgeq.boards import Board, load_board

from .chip import Chip
from .project import echo

CRYSTAL_HZ = 12_000_000
IMAGE_DEF = (0xFFFFDED3, 0x10210142, 0x000001FF, 0x00000000, 0xAB123579)
"""The smallest one for Arm, word by word, as RP2350's datasheet prints it (5.9.5.1)."""


@dataclass(frozen=True)
class Map:
    """Where a chip has things; from its datasheet, and not from the port's header."""

    clocks: int
    resets: int
    io: int
    pads: int
    xosc: int
    pll: int
    uart: int
    irq: int
    bits: dict[str, int]
    whole: int
    """The bit where a divider's integer part begins."""
    ring_hz: int
    limit_hz: int
    isolation: int


MAPS = {
    "rpi_pico": Map(
        clocks=0x4000_8000,
        resets=0x4000_C000,
        io=0x4001_4000,
        pads=0x4001_C000,
        xosc=0x4002_4000,
        pll=0x4002_8000,
        uart=0x4003_4000,
        irq=20,
        bits={"io": 5, "pads": 8, "pll": 12, "uart": 22},
        whole=8,
        ring_hz=6_500_000,
        limit_hz=133_000_000,
        isolation=0,
    ),
    "rpi_pico2": Map(
        clocks=0x4001_0000,
        resets=0x4002_0000,
        io=0x4002_8000,
        pads=0x4003_8000,
        xosc=0x4004_8000,
        pll=0x4005_0000,
        uart=0x4007_0000,
        irq=33,
        bits={"io": 6, "pads": 9, "pll": 14, "uart": 26},
        whole=16,
        ring_hz=11_000_000,
        limit_hz=150_000_000,
        isolation=1 << 8,
    ),
}


class Rp(Chip):
    """Clock multiplexers that switch only to what runs; peripherals that answer out of reset only."""

    def __init__(self, board: str, *dead: str) -> None:
        super().__init__(echo(load_board(board)), frozenset(dead))
        self.map = MAPS[board]
        self.ref_source = self.sys_source = 0
        self.uart_word: int | None = None
        self.values[self.map.resets] = 0xFFFF_FFFF
        self.values[self.map.pll + 4] = 0x2D  # as reset has them
        self.values[self.map.pll + 12] = 0x7_7000
        for pin in (0, 1):
            self.values[self.map.pads + 4 + 4 * pin] = 0x56 | self.map.isolation

    fifo = 32

    @property
    def asking(self) -> set[int]:
        """At 4 bytes of the FIFO: UARTIFLS 0. The interrupt is that of UART0 in the datasheet's table."""
        wants = self.values[self.map.uart + 0x38] & 1 << 4
        return {self.map.irq} if wants and len(self.to_come) >= 4 else set()

    def released(self, name: str) -> bool:
        return not self.values[self.map.resets] >> self.map.bits[name] & 1 and name not in self.dead

    @property
    def crystal_runs(self) -> bool:
        on = self.values.get(self.map.xosc, 0) == 0xFAB << 12 | 0xAA0
        enough = self.values.get(self.map.xosc + 12, 0) * 256 >= CRYSTAL_HZ // 1000
        return on and enough and "crystal" not in self.dead

    @property
    def pll_locked(self) -> bool:
        powered = not self.values[self.map.pll + 4] & 0x21
        return self.released("pll") and powered and self.crystal_runs and "lock" not in self.dead

    @property
    def pll_hz(self) -> int:
        m = self.map
        assert self.pll_locked and not self.values[m.pll + 4] & 8, "the PLL gives no clock yet"
        reference = CRYSTAL_HZ // (self.values[m.pll] & 63)
        vco = reference * self.values[m.pll + 8]
        assert reference >= 5_000_000 and 750_000_000 <= vco <= 1_600_000_000
        first, second = self.values[m.pll + 12] >> 16 & 7, self.values[m.pll + 12] >> 12 & 7
        assert 1 <= second <= first <= 7
        return vco // first // second

    @property
    def ref_hz(self) -> int:
        assert self.values[self.map.clocks + 0x34] >> self.map.whole == 1
        return CRYSTAL_HZ if self.ref_source == 2 else self.map.ring_hz

    @property
    def sys_hz(self) -> int:
        assert self.values[self.map.clocks + 0x40] >> self.map.whole == 1
        return self.pll_hz if self.sys_source else self.ref_hz

    @property
    def baud(self) -> float:
        peripheral = self.values[self.map.clocks + 0x48]
        assert peripheral >> 11 & 1 and not peripheral >> 5 & 7, "the UART's clock is on, and is the core's"
        divider = self.values[self.map.uart + 0x24] + self.values[self.map.uart + 0x28] / 64
        return self.sys_hz / (16 * divider)

    def read(self, address: int) -> int:
        m = self.map
        if address == m.resets + 8:
            return sum(1 << bit for name, bit in m.bits.items() if self.released(name))
        if address == m.xosc + 4:
            return int(self.crystal_runs) << 31
        if address == m.pll:
            return int(self.pll_locked) << 31 | super().read(address)
        if address == m.clocks + 0x38:
            return 1 << self.ref_source
        if address == m.clocks + 0x44:
            return 1 << self.sys_source
        if address == m.uart + 0x18:
            waiting = bool(self.to_come) or self.uart_word is not None
            return int("sending" in self.dead) << 5 | int(not waiting) << 4
        if address == m.uart:
            word, self.uart_word = self.uart_word, None
            return self.to_come.popleft() if word is None else word
        return super().read(address)

    def write(self, address: int, value: int) -> None:
        m = self.map
        alias, address = address >> 12 & 3, address & ~0x3000
        if address not in range(m.uart, m.uart + 0x1000):
            old = self.values.get(address, 0)
            value = (value, old ^ value, old | value, old & ~value)[alias]
        if address in range(m.pll, m.pll + 0x10):
            assert self.released("pll") or "pll" in self.dead, "the PLL is in reset"
            assert not self.sys_source, "the core runs on it"
        super().write(address, value)
        if address == m.clocks + 0x30 and value & 3 in ((0, 2) if self.crystal_runs else (0,)):
            self.ref_source = value & 3 if "reference" not in self.dead else 0
        if address == m.clocks + 0x3C:
            assert not value >> 5 & 7
            self.sys_source = value & 1 if self.pll_locked and "switch" not in self.dead else 0
        if address == m.resets:
            assert not (value >> m.bits["pll"] & 1 and self.sys_source)
        if address == m.uart:
            assert self.released("uart") and self.values[m.uart + 0x30] & 0x101 == 0x101
            self.sent.append(value)


ANSWERS = [
    ((), "full"),
    (("crystal",), "ring"),
    (("reference",), "ring"),
    (("pll",), "crystal"),
    (("lock",), "crystal"),
    (("switch",), "crystal"),
]


@pytest.mark.sample(3)
@pytest.mark.parametrize("board", MAPS)
@pytest.mark.parametrize(("dead", "reached"), ANSWERS, ids=[" ".join(d) or "well" for d, _ in ANSWERS])
def test_starts_and_talks(board: str, dead: tuple[str, ...], reached: str) -> None:
    it = Rp(board, *dead)
    clock = load_board(board).clock
    assert clock is not None and clock.source_hz == CRYSTAL_HZ and clock.hz <= it.map.limit_hz
    assert it.run() == b"hello\n"
    assert it.sys_hz == {"full": clock.hz, "ring": it.map.ring_hz, "crystal": CRYSTAL_HZ}[reached]
    assert it.told_hz == it.sys_hz
    asked = it.values[it.map.clocks + 0x30] & 3, it.values[it.map.clocks + 0x3C] & 1
    assert asked == (it.ref_source, it.sys_source)  # nothing switches later on
    assert abs(it.baud / 115_200 - 1) < 0.02
    text = bytes(range(0x80, 0x100))
    assert it.run(text) == text


@pytest.mark.parametrize("board", MAPS)
def test_pins_belong_to_the_uart(board: str) -> None:
    it = Rp(board)
    it.run()
    assert it.released("io") and it.released("pads") and it.released("uart")
    for pin in (0, 1):
        assert it.values[it.map.io + 8 * pin + 4] == 2
        pad = it.values[it.map.pads + 4 + 4 * pin]
        assert pad & 0x40 and not pad & 0x80 and not pad & it.map.isolation  # in and out, connected
    assert it.values[it.map.pads + 8] & 0xC == 8  # an open receiver reads as idle
    assert it.values[it.map.uart + 0x2C] == 0x70  # 8N1 and its FIFO
    assert it.values[it.map.uart + 0x38] == 1 << 6 | 1 << 4 and it.values[it.map.uart + 0x34] == 0


@pytest.mark.parametrize("board", MAPS)
def test_a_debuggers_reset_finds_the_pll_running(board: str) -> None:
    it = Rp(board)
    it.run()
    assert it.sys_source == 1
    vectors = struct.unpack("<2I", it.core.mem_read(it.symbols["edgeq_vectors"], 8))
    it._pc = vectors[1]
    assert it.run() == b"hello\n"
    assert it.told_hz == it.sys_hz == load_board(board).clock.hz  # type: ignore[union-attr]


@pytest.mark.parametrize(("word", "answer"), [(0x800 | 0x41, b"A"), (0x100, b""), (0x400, b"")])
@pytest.mark.parametrize("board", MAPS)
def test_errors_of_the_receiver_are_cleared(board: str, word: int, answer: bytes) -> None:
    """After an overrun the byte itself is good; one without a stop bit, or of a break, is none."""
    it = Rp(board)
    it.run()
    it.uart_word = word
    it.written.clear()
    assert it.run(b"b") == answer + b"b"
    assert it.written[0] == (it.map.uart + 4, 0)


@pytest.mark.parametrize("board", MAPS)
def test_what_comes_while_it_is_busy_waits(board: str) -> None:
    it = Rp(board)
    it.run()
    text = bytes(range(0x80, 0x100)) * 5 + b"and"
    it.arrives(text)
    assert len(it.to_come) == 3  # too few to ask for attention: they are looked for
    assert it.run() == text


@pytest.mark.parametrize("board", MAPS)
def test_a_transmitter_that_never_ends_does_not_hold_the_firmware(board: str) -> None:
    it = Rp(board, "sending")
    assert it.run() == b"hello\n"


def test_the_image_definition_is_in_the_first_4_kb_of_flash() -> None:
    it = Rp("rpi_pico2")
    board = it.board
    assert board.flash is not None and it.symbols["edgeq_vectors"] == board.flash.address
    place = it.symbols["edgeq_rp2350_image"]
    assert place % 4 == 0 and 0 <= place - board.flash.address <= 4096 - 20
    assert struct.unpack("<5I", it.core.mem_read(place, 20)) == IMAGE_DEF


@pytest.mark.parametrize("board", MAPS)
def test_the_other_uart_and_pins_that_are_not_its(board: str) -> None:
    one = load_board(board)

    def wired(uart: str, tx: str, rx: str) -> Board:
        console = one.console.model_copy(update={"uart": uart, "tx": tx, "rx": rx})
        return one.model_copy(update={"console": console})

    assert echo(wired("UART1", "GP4", "GP5")).elf.is_file()
    assert echo(wired("UART0", "GP12", "GP1")).elf.is_file()
    for wrong in (wired("UART0", "GP4", "GP5"), wired("UART0", "GP1", "GP0"), wired("UART1", "GP4", "GP1")):
        with pytest.raises(BuildError, match="pins of that UART"):
            echo(wrong)
