"""The STM32 ports against models of their registers.

The clock that the PLL's settings make, in the manuals' order; the console's baud rate; and what happens where
an oscillator, a regulator or the PLL never gets ready.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.base.errors import BuildError
from edgeq.boards import load_board, read_board

from .project import echo
from .stm32_chip import F4, F7, H7, L4, MHZ, U5, Stm32

FAMILIES = {"stm32f4": F4, "stm32f7": F7, "stm32h7": H7, "stm32l4": L4, "stm32u5": U5}
EXAMPLE = Path(__file__).parent / "nucleo_f401re.toml"
"""The board that docs/boards.md adds to a family; in no catalogue."""
BOARDS = {  # the clock that its data sheet has, and the one where it falls back to
    "netduinoplus2": (168, 16),
    "nucleo_f446re": (180, 16),
    "stm32f746g_disco": (216, 16),
    "nucleo_h743zi": (400, 64),
    "nucleo_l4r5zi": (120, 16),
    "nucleo_u575zi_q": (160, 16),
    str(EXAMPLE): (84, 16),
}
DEAD = {
    "stm32f4": ("source", "pll", "scale", "flash", "switch"),
    "stm32f7": ("source", "pll", "scale", "overdrive", "overdrive switch", "flash", "switch"),
    "stm32h7": ("source", "pll", "scale", "supply", "flash", "switch"),
    "stm32l4": ("pll", "scale", "flash"),
    "stm32u5": ("pll", "scale", "booster", "flash"),
}


def chip(name: str, *dead: str) -> Stm32:
    board = read_board(Path(name)) if name.endswith(".toml") else load_board(name)
    return FAMILIES[board.port](echo(board), frozenset(dead))


def port(name: str) -> str:
    return (read_board(Path(name)) if name.endswith(".toml") else load_board(name)).port


@pytest.mark.sample(3)
@pytest.mark.parametrize("board", BOARDS)
def test_reaches_full_speed_and_talks(board: str) -> None:
    it = chip(board)
    assert it.run() == b"hello\n"
    assert it.told_hz == it.core_hz == BOARDS[board][0] * MHZ
    assert abs(it.baud / it.board.console.baud - 1) < 0.005
    console = it.board.console
    for name in (console.tx, console.rx):
        assert name is not None
        assert it.pin_setting(name) == (2, console.alternate)
    text = bytes(range(0x80, 0x100))
    assert it.run(text) == text


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("board", "dead"),
    [
        pytest.param(board, dead, marks=() if dead in DEAD[port(board)][:2] else pytest.mark.slow)
        for board in BOARDS
        for dead in DEAD[port(board)]
    ],
    ids=lambda value: Path(value).stem,
)
def test_falls_back_and_still_talks(board: str, dead: str) -> None:
    it = chip(board, dead)
    assert it.run() == b"hello\n"
    assert it.told_hz == it.core_hz == BOARDS[board][1] * MHZ
    assert abs(it.baud / it.board.console.baud - 1) < 0.01
    assert it.run(b"still here") == b"still here"


@pytest.mark.parametrize("board", ["nucleo_l4r5zi", "nucleo_u575zi_q"])
def test_without_hsi_it_stays_where_it_started(board: str) -> None:
    it = chip(board, "internal")
    assert it.run() == b"hello\n"
    assert it.told_hz == it.core_hz == 4 * MHZ
    assert abs(it.baud / it.board.console.baud - 1) < 0.01


@pytest.mark.parametrize("board", BOARDS)
def test_an_overrun_is_cleared(board: str) -> None:
    it = chip(board)
    it.run()
    it.overrun = True
    assert it.run(b"again") == b"again"
    assert not it.overrun
    it.overrun = it.deaf = True  # with nothing to read
    assert it.run(b"heard") == b"heard"
    assert not it.overrun


@pytest.mark.sample(3)
@pytest.mark.parametrize("board", BOARDS)
def test_what_a_boot_rom_left_on_is_off_before_it_is_set(board: str) -> None:
    it = chip(board)
    it.values[it.rcc_cr] |= 1 << 24 | 1 << 16
    it.values[it.cfgr] = it.pll_switch
    assert it.run() == b"hello\n"
    assert it.told_hz == it.core_hz == BOARDS[board][0] * MHZ
    off = next(i for i, (at, value) in enumerate(it.written) if at == it.rcc_cr and not value & 1 << 24)
    on = next(
        i for i, (at, value) in enumerate(it.written) if at == it.rcc_cr and i > off and value & 1 << 24
    )
    internal = next(
        i for i, (at, value) in enumerate(it.written) if at == it.cfgr and value & 3 != it.pll_switch
    )
    assert internal < off < on
    interrupts = [it.written.index((0xE000_E180 + 4 * word, 0xFFFF_FFFF)) for word in range(5)]
    assert max(interrupts) < it.written.index((0xE000_E010, 7))  # before the first of its own


@pytest.mark.parametrize("board", ["stm32f746g_disco", "nucleo_h743zi"])
def test_both_caches_are_on_and_were_emptied(board: str) -> None:
    it = chip(board)
    it.values[0xE000_ED80] = 0x7F << 13 | 3 << 3  # CCSIDR: 128 sets of 4 ways
    it.run()
    assert it.values[0xE000_ED14] >> 16 == 3
    lines = [value for at, value in it.written if at == 0xE000_EF60]
    assert sorted(lines) == sorted(way << 30 | set_ << 5 for way in range(4) for set_ in range(128))
    emptied = it.written.index((0xE000_EF50, 0))
    on = [i for i, (at, _) in enumerate(it.written) if at == 0xE000_ED14]
    last_line = max(i for i, (at, _) in enumerate(it.written) if at == 0xE000_EF60)
    assert emptied < on[0] < last_line < on[1]


@pytest.mark.parametrize(
    ("name", "baud"), [("nucleo_l4r5zi", 9_600), ("nucleo_f446re", 300), ("stm32f746g_disco", 12_000_000)]
)
def test_a_baud_rate_that_the_uart_cannot_have_is_no_firmware(name: str, baud: int) -> None:
    board = load_board(name)
    console = board.console.model_copy(update={"baud": baud})
    with pytest.raises(BuildError, match=r"edgeq_usart_v\d\.h"):
        echo(board.model_copy(update={"console": console}))


@pytest.mark.sample(2)
@pytest.mark.parametrize("baud", [9_600, 921_600])
@pytest.mark.parametrize("name", ["nucleo_f446re", "nucleo_h743zi", "nucleo_u575zi_q"])
def test_other_baud_rates(name: str, baud: int) -> None:
    board = load_board(name)
    board = board.model_copy(update={"console": board.console.model_copy(update={"baud": baud})})
    for dead in (), ("pll",):
        it = FAMILIES[board.port](echo(board), frozenset(dead))
        assert it.run() == b"hello\n"
        assert abs(it.baud / baud - 1) < (0.025 if dead else 0.01)


def test_the_instruction_cache_of_u5_is_on() -> None:
    it = chip("nucleo_u575zi_q")
    it.run()
    assert it.values[0x4003_0400] & 1


def test_port_g_of_l4_has_its_supply() -> None:
    it = chip("nucleo_l4r5zi")
    it.run()
    assert it.values[0x4000_7004] & 1 << 9  # PWR_CR2.IOSV


@pytest.mark.parametrize("board", BOARDS)
def test_it_sleeps_until_a_byte_comes(board: str) -> None:
    """The model lets it wake only by an interrupt that is enabled (``Chip``)."""
    it = chip(board)
    assert it.run() == b"hello\n" and it.slept == 1
    for byte in b"one by one":
        assert it.run(bytes([byte])) == bytes([byte])
    assert it.slept == 11
    own = it.irqs[it.uart]
    it.to_come.extend(b"x")
    assert own in it.asking and it.interrupts & {own} == {own}


@pytest.mark.parametrize("board", BOARDS)
def test_what_comes_while_it_is_busy_waits(board: str) -> None:
    it = chip(board)
    it.run()
    text = bytes(range(0x80, 0x100)) * 5
    it.arrives(text)
    assert it.run() == text
