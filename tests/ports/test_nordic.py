"""nRF51 and nRF52 ports against their registers: clocks, console, and what happens if nothing gets ready."""

from __future__ import annotations

import pytest

from edgeq.base.errors import BoardError
from edgeq.boards import load_board
from edgeq.boards.port import port_of
from edgeq.builder import Image

from .chip import Chip
from .project import echo

HFCLKSTART, HFCLKSTARTED = 0x4000_0000, 0x4000_0100
UART = 0x4000_2000
STARTRX, STARTTX, RXDRDY, ENDRX, TXDRDY, ENDTX, ERROR = (
    UART + offset for offset in (0x000, 0x008, 0x108, 0x110, 0x11C, 0x120, 0x124)
)
ERRORSRC, ENABLE, PSEL_TXD, PSEL_RXD, RXD, TXD, BAUDRATE = (
    UART + offset for offset in (0x480, 0x500, 0x50C, 0x514, 0x518, 0x51C, 0x524)
)
CAPTURE0, COMPARED1, COMPARE1 = 0x4000_8040, 0x4000_8144, 0x4000_8544
INTENSET, INTENCLR = UART + 0x304, UART + 0x308
RXD_PTR, RXD_MAXCNT, TXD_PTR, TXD_MAXCNT = (UART + offset for offset in (0x534, 0x538, 0x544, 0x548))
BAUD_UNIT_HZ = 16_000_000 / (1 << 32)
"""BAUDRATE counts these (Reference Manual, UART: 16 MHz in 32 bits of phase)."""


class Nordic(Chip):
    """What both families have: events that stay set until they are cleared."""

    def write(self, address: int, value: int) -> None:
        super().write(address, value)
        if address == HFCLKSTART and value and "crystal" not in self.dead:
            self.values[HFCLKSTARTED] = 1
        if address == ERRORSRC:
            self.values[ERRORSRC] = 0
        if address == CAPTURE0:
            self.values[CAPTURE0 + 0x500] = self.clock & 0xFFFF_FFFF

    def passes(self, ticks: int) -> None:
        """Time of TIMER0, with its interrupts."""
        end = self.clock + ticks
        while (left := self.values[COMPARE1] - self.clock & 0xFFFF_FFFF) and self.clock + left <= end:
            self.clock += left
            self.values[COMPARED1] = 1
            assert self._interrupt()
            assert not self.values[COMPARED1]
        self.clock = end

    @property
    def baud(self) -> float:
        return self.values[BAUDRATE] * BAUD_UNIT_HZ

    clock = 0
    """TIMER0's, beyond its 32 bits."""

    asks: int
    """INTENSET's bit of the event that a byte has come: the event's offset from 0x100, in words."""

    @property
    def asking(self) -> set[int]:
        has = self.read(UART + 0x100 + 4 * self.asks)
        timer = self.values.get(COMPARED1) and self.values.get(0x4000_8304, 0) & 1 << 17
        byte = has and self.values.get(INTENSET, 0) >> self.asks & 1
        return ({2} if byte else set()) | ({8} if timer else set())

    def pin(self, number: int) -> int:
        """PIN_CNF of a pin, ports counted on."""
        return self.values[0x5000_0700 + 0x300 * (number >> 5) + 4 * (number & 31)]


class Nrf51(Nordic):
    """UART with a byte at a time, and TIMER0."""

    asks = 2

    def read(self, address: int) -> int:
        if address == RXDRDY:
            return int(self._on and bool(self.to_come))
        if address == RXD:
            return self.to_come.popleft()
        return super().read(address)

    @property
    def _on(self) -> bool:
        return self.values.get(ENABLE) == 4 and self.values.get(STARTRX) == 1

    def write(self, address: int, value: int) -> None:
        super().write(address, value)
        if address == TXD and self.values.get(ENABLE) == 4 and self.values.get(STARTTX) == 1:
            self.sent.append(value)
            self.values[TXDRDY] = int("sending" not in self.dead)


class Nrf52(Nordic):
    """UARTE: RAM in, RAM out."""

    asks = 4

    def __init__(self, image: Image, dead: frozenset[str] = frozenset(), uicr: int = 0xFFFF_FFFF) -> None:
        super().__init__(image, dead)
        self.core.mem_map(0x1000_1000, 0x1000)
        self.core.mem_write(0x1000_1208, uicr.to_bytes(4, "little"))

    def read(self, address: int) -> int:
        if address == ENDRX and self.values.get(STARTRX) and self.to_come:
            assert self.values[ENABLE] == 8 and self.values[RXD_MAXCNT] == 1
            self.core.mem_write(self.values[RXD_PTR], bytes([self.to_come.popleft()]))
            self.values[STARTRX] = 0
            self.values[ENDRX] = 1
        return super().read(address)

    def write(self, address: int, value: int) -> None:
        super().write(address, value)
        if address == STARTTX and value:
            assert self.values[ENABLE] == 8
            begin, count = self.values[TXD_PTR], self.values[TXD_MAXCNT]
            assert self.board.ram is not None
            assert self.board.ram.address <= begin and begin + count <= self.board.ram.end, (
                "DMA reaches RAM only"
            )
            self.sent += self.core.mem_read(begin, count)
            self.values[ENDTX] = int("sending" not in self.dead)


BOARDS = {"microbit": Nrf51, "microbit_v2": Nrf52, "nrf52840dk": Nrf52, "arduino_nano33ble": Nrf52}
PINS = {  # as the boards' schematics have them
    "microbit": (24, 25),
    "microbit_v2": (6, 32 + 8),
    "nrf52840dk": (6, 8),
    "arduino_nano33ble": (32 + 3, 32 + 10),
}


def chip(board: str, *dead: str) -> Nordic:
    return BOARDS[board](echo(load_board(board)), frozenset(dead))


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("dead", [(), ("crystal",)], ids=["all is well", "no crystal"])
def test_starts_and_talks(board: str, dead: tuple[str, ...]) -> None:
    it = chip(board, *dead)
    assert it.run() == b"hello\n"
    assert (HFCLKSTART, 1) in it.written
    assert it.told_hz == (16_000_000 if board == "microbit" else 64_000_000)
    assert abs(it.baud / 115_200 - 1) < 0.02
    sent, received = PINS[board]
    assert (it.values[PSEL_TXD], it.values[PSEL_RXD]) == (sent, received)
    assert it.pin(sent) & 1 and not it.pin(received) & 3  # an output; an input with its buffer connected
    text = bytes(range(0x80, 0x100))
    assert it.run(text) == text


@pytest.mark.parametrize("board", ["microbit", "nrf52840dk"])
def test_an_error_of_the_receiver_is_cleared(board: str) -> None:
    it = chip(board)
    it.run()
    it.values |= {ERROR: 1, ERRORSRC: 1}
    assert it.run(b"again") == b"again"
    assert it.values[ERROR] == 0 and it.values[ERRORSRC] == 0


@pytest.mark.parametrize("board", ["microbit", "nrf52840dk"])
def test_a_transmitter_that_never_ends_does_not_hold_the_firmware(board: str) -> None:
    it = chip(board, "sending")
    assert it.run() == b"hello\n"
    assert it.run(b"xy") == b"xy"


def test_the_instruction_cache_is_on_and_what_a_bootloader_left_is_off() -> None:
    it = chip("arduino_nano33ble")
    it.run()
    assert it.values[0x4001_E540] & 1
    enabled = it.written.index((0xE000_E180, 0xFFFF_FFFF)), it.written.index((0xE000_E184, 0xFFFF_FFFF))
    assert max(enabled) < it.written.index((0xE000_E010, 7))  # before the first interrupt of its own


def test_a_chunk_of_any_length_goes_out_whole() -> None:
    it = chip("nrf52840dk")
    it.run()
    for address, count in it.written:
        assert address != TXD_MAXCNT or 1 <= count <= 32


def test_nrf51_time_goes_on_beyond_32_bits() -> None:
    it = chip("microbit")
    assert isinstance(it, Nrf51)
    it.run()
    assert int(it.run(b"c"), 16) == 0
    it.passes(0x1234)
    for turn in range(1, 4):
        it.passes(1 << 32)
        assert int(it.run(b"C"), 16) == turn
        assert int(it.run(b"c"), 16) == 0x1234
        assert int(it.run(b"u"), 16) == it.clock // 16 & 0xFFFF_FFFF


def test_nrf51_timer_runs_at_the_cores_clock_and_interrupts_twice_a_second() -> None:
    it = chip("microbit")
    it.run()
    assert it.values[0x4000_8504] == 0 and it.values[0x4000_8508] == 3  # timer, 32 bits
    assert 16_000_000 >> it.values[0x4000_8510] == it.told_hz
    assert it.values[0x4000_8304] == 1 << 17
    assert it.values[COMPARE1] == 1 << 23
    assert it.values[0xE000_E100] & 1 << 8 or (0xE000_E100, 1 << 8) in it.written
    handler = int.from_bytes(it.core.mem_read(it.symbols["edgeq_vectors"] + 4 * (16 + 8), 4), "little")
    assert handler == it.symbols["edgeq_timer_interrupt"] | 1


@pytest.mark.parametrize(("uicr", "opened"), [(0xFFFF_FF5A, True), (0x0000_005A, True), (0xFFFF_FFFF, False)])
def test_debug_access_stays_as_the_chip_is_set(uicr: int, opened: bool) -> None:
    it = Nrf52(echo(load_board("nrf52840dk")), uicr=uicr)
    it.run()
    assert ((0x4000_0558, 0x5A) in it.written) == opened


@pytest.mark.parametrize("name", ["microbit", "nrf52840dk"])
def test_a_baud_rate_that_the_uart_has_not_is_refused(name: str) -> None:
    board = load_board(name)
    other = board.model_copy(update={"console": board.console.model_copy(update={"baud": 100_000})})
    with pytest.raises(BoardError, match="has no baud rate 100000") as error:
        port_of(other)
    assert "115200" in error.value.hint


@pytest.mark.parametrize("board", BOARDS)
def test_it_sleeps_until_a_byte_comes(board: str) -> None:
    """The model lets it wake only by an interrupt that is enabled (``Chip``)."""
    it = chip(board)
    assert it.run() == b"hello\n" and it.slept == 1
    for byte in b"one by one":
        assert it.run(bytes([byte])) == bytes([byte])
    assert it.slept == 11
    own = 2
    it.to_come.extend(b"x")
    assert own in it.asking and it.interrupts & {own} == {own}


@pytest.mark.parametrize("board", BOARDS)
def test_what_comes_while_it_is_busy_waits_as_far_as_ram_has_room(board: str) -> None:
    it = chip(board)
    it.run()
    text = bytes(range(0x80, 0x100)) * 5
    it.arrives(text)
    assert it.run() == text
    room = it.symbols["edgeq_received_end"] - it.symbols["edgeq_received_start"]
    ram = it.board.ram
    assert ram is not None
    assert room == min(16384, ram.end - it.symbols["edgeq_received_start"])
    if board == "microbit":
        assert room < 16384
        it.arrives(bytes(range(0x80, 0x100)) * 128)
        assert it.run() == (bytes(range(0x80, 0x100)) * 128)[: room - 1]
        assert it.run(text) == text
