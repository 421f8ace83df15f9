"""STM32 chips for their start-up code. Nothing here is from the C.

Clocks are worked out from the registers by the manuals' formulas, ready bits come or are withheld, and what
the manuals forbid is an assertion.
"""

from __future__ import annotations

from typing import ClassVar

from edgeq.boards import pin
from edgeq.boards.port import load_port
from edgeq.builder import Image

from .chip import Chip

MHZ = 1_000_000


def bits(value: int, low: int, count: int) -> int:
    return value >> low & (1 << count) - 1


class Stm32(Chip):
    """What all have in common: a clock that is ready a while after it is asked for, GPIO, and a UART.

    A subclass gives the addresses, and ``core_hz``.
    """

    rcc_cr: int
    cfgr: int
    sw_bits, sws_low = 2, 2
    flash_acr: int
    gpio: int
    enables: tuple[tuple[str, int, int, int], ...]
    """Oscillators and regulators: what it is, its register, the bit that asks, the bit that reports."""
    status_register: ClassVar[dict[int, int]] = {}
    """Where a register's ready bits are reported, if not in itself."""

    def __init__(self, image: Image, dead: frozenset[str]) -> None:
        super().__init__(image, dead)
        console = self.board.console
        self.uart = load_port(self.board.port).uarts[str(console.uart)]["address"]

    def read(self, address: int) -> int:
        value = self.values.get(address, 0)
        if address == self.cfgr:
            switch = 0 if "switch" in self.dead else bits(value, 0, self.sw_bits)
            return value & ~(((1 << self.sw_bits) - 1) << self.sws_low) | switch << self.sws_low
        if address == self.flash_acr and "flash" in self.dead:
            return 0
        for name, register, ask, reports in self.enables:
            if address == self.status_register.get(register, register) and name not in self.dead:
                value |= bits(self.values.get(register, 0), ask, 1) << reports
        return self.uart_read(address - self.uart, value) if 0 <= address - self.uart < 0x400 else value

    def write(self, address: int, value: int) -> None:
        if address == self.cfgr and bits(value, 0, self.sw_bits) == self.pll_switch:
            self.before_switch()
        super().write(address, value)
        self.uart_write(address - self.uart, value)

    pll_switch: int

    def before_switch(self) -> None:
        """What has to be so when the core goes over to the PLL."""
        raise NotImplementedError

    def word(self, address: int) -> int:
        return self.values.get(address, 0)

    # The newer UART; F4 has its own.
    control, divider, status, receive, send, enabled = 0x00, 0x0C, 0x1C, 0x24, 0x28, 1 << 0
    overrun = False
    deaf = False
    """Whether nothing more is received until the overrun has been cleared."""

    def uart_read(self, offset: int, value: int) -> int:
        if offset == self.status:
            has = bool(self.to_come) and not (self.overrun and self.deaf)
            return 0xC0 | has << 5 | self.overrun << 3
        if offset == self.receive:
            return self.to_come.popleft()
        return value

    irqs: ClassVar[dict[int, int]] = {0x4001_1000: 37, 0x4000_4400: 38, 0x4000_4800: 39}
    """Of its UARTs, by address: the vector tables of the manuals."""

    @property
    def asking(self) -> set[int]:
        """RXNEIE asks where a byte waits or one was lost."""
        wants = self.word(self.uart + self.control) & 1 << 5
        has = self.uart_read(self.status, 0) & (1 << 5 | 1 << 3)
        return {self.irqs[self.uart]} if wants and has else set()

    def uart_write(self, offset: int, value: int) -> None:
        if offset == 0x20 and value & 1 << 3:
            self.overrun = False
        if offset == self.send:
            assert self.word(self.uart + self.control) & (self.enabled | 0xC) == self.enabled | 0xC
            self.sent.append(value)

    @property
    def core_hz(self) -> int:
        raise NotImplementedError

    @property
    def uart_hz(self) -> int:
        raise NotImplementedError

    @property
    def baud(self) -> float:
        steps = 256 if str(self.board.console.uart).startswith("LP") else 1
        return steps * self.uart_hz / self.word(self.uart + self.divider)

    def pin_setting(self, name: str) -> tuple[int, int]:
        """MODER and alternate function of a pin."""
        where = pin(name)
        base = self.gpio + 0x400 * where.port
        alternate = self.word(base + 0x20 + 4 * (where.number // 8))
        return bits(self.word(base), 2 * where.number, 2), bits(alternate, 4 * (where.number % 8), 4)

    @property
    def source_hz(self) -> int:
        assert self.board.clock is not None and self.board.clock.source_hz is not None
        assert bool(self.word(self.rcc_cr) & 1 << 18) == (self.board.clock.source == "external")  # HSEBYP
        return self.board.clock.source_hz


def halves(code: int, bits_of: int) -> int:
    """What a prescaler divides by: below half of its codes by 1, then 2, 4, 8, 16."""
    return 1 if code < 1 << bits_of - 1 else 2 << code - (1 << bits_of - 1)


class F4(Stm32):
    """RM0090, and F7, whose RCC is the same (RM0385)."""

    rcc_cr, cfgr, flash_acr, gpio = 0x4002_3800, 0x4002_3808, 0x4002_3C00, 0x4002_0000
    pwr_cr = 0x4000_7000
    enables = (
        ("internal", rcc_cr, 0, 1),
        ("source", rcc_cr, 16, 17),
        ("pll", rcc_cr, 24, 25),
        ("overdrive", pwr_cr, 16, 16),
        ("overdrive switch", pwr_cr, 17, 17),
    )
    status_register: ClassVar[dict[int, int]] = {pwr_cr: pwr_cr + 4}
    pll_switch = 2
    control, divider, status, receive, send, enabled = 0x0C, 0x08, 0x00, 0x04, 0x04, 1 << 13
    wait_hz = 30 * MHZ

    def __init__(self, image: Image, dead: frozenset[str]) -> None:
        super().__init__(image, dead)
        self.values[self.pwr_cr] = 1 << 14 if self.board.chip == "STM32F405RGT6" else 3 << 14  # after reset
        self.values[self.rcc_cr] = 0x83

    def read(self, address: int) -> int:
        if address == self.pwr_cr + 4 and self.word(self.rcc_cr) & 1 << 24 and "scale" not in self.dead:
            return super().read(address) | 1 << 14
        return super().read(address)

    def uart_read(self, offset: int, value: int) -> int:
        if offset == self.receive and self.overrun:  # after the status was read
            self.overrun = False
            if self.deaf:
                return 0
        return super().uart_read(offset, value)

    @property
    def pll_hz(self) -> int:
        setting = self.word(self.rcc_cr + 4)
        source = self.source_hz if setting & 1 << 22 else 16 * MHZ
        into = source // bits(setting, 0, 6)
        oscillator = into * bits(setting, 6, 9)
        assert 1 * MHZ <= into <= 2 * MHZ and 192 * MHZ <= oscillator <= 432 * MHZ
        assert oscillator // bits(setting, 24, 4) <= 48 * MHZ and bits(setting, 24, 4) >= 2
        return oscillator // (2 * bits(setting, 16, 2) + 2)

    def before_switch(self) -> None:
        assert self.read(self.rcc_cr) & 1 << 25
        hz = self.pll_hz
        assert bits(self.word(self.flash_acr), 0, 4) >= -(-hz // self.wait_hz) - 1
        assert hz <= 168 * MHZ or self.read(self.pwr_cr + 4) >> 16 & 3 == 3  # overdrive
        scale = bits(self.word(self.pwr_cr), 14, 2)
        assert scale == (1 if self.board.chip == "STM32F405RGT6" else 2 if hz == 84 * MHZ else 3)
        most_1, most_2 = (54, 108) if self.board.port == "stm32f7" else (45, 90)
        cfgr = self.word(self.cfgr)
        assert hz // halves(bits(cfgr, 10, 3), 3) <= most_1 * MHZ
        assert hz // halves(bits(cfgr, 13, 3), 3) <= most_2 * MHZ

    @property
    def core_hz(self) -> int:
        on = bits(self.read(self.cfgr), 2, 2)
        return (self.pll_hz if on == 2 else {0: 16 * MHZ}[on]) // halves(bits(self.word(self.cfgr), 4, 4), 4)

    @property
    def uart_hz(self) -> int:
        low = 13 if self.uart in (0x4001_1000, 0x4001_1400) else 10  # USART1 and USART6 are on APB2
        return self.core_hz // halves(bits(self.word(self.cfgr), low, 3), 3)


class F7(F4):
    """With the newer UART, and the core's caches."""

    control, divider, status, receive, send, enabled = 0x00, 0x0C, 0x1C, 0x24, 0x28, 1 << 0

    def uart_read(self, offset: int, value: int) -> int:
        return Stm32.uart_read(self, offset, value)


class H7(Stm32):
    """RM0433."""

    rcc_cr, cfgr, flash_acr, gpio = 0x5802_4400, 0x5802_4410, 0x5200_2000, 0x5802_0000
    sw_bits, sws_low, pll_switch = 3, 3, 3
    cr3, d3cr = 0x5802_480C, 0x5802_4818
    enables = (("internal", rcc_cr, 0, 2), ("source", rcc_cr, 16, 17), ("pll", rcc_cr, 24, 25))

    def __init__(self, image: Image, dead: frozenset[str]) -> None:
        super().__init__(image, dead)
        self.values |= {self.rcc_cr: 0x83, self.cr3: 6, self.d3cr: 1 << 14, 0x5802_442C: 0x01FF_0000}

    def read(self, address: int) -> int:
        if address == 0x5802_4804:  # CSR1.ACTVOSRDY, once the supply has been said
            return int((self.cr3, 2) in self.written and "supply" not in self.dead) << 13
        if address == self.d3cr:
            said = (self.cr3, 2) in self.written and "scale" not in self.dead
            return self.word(address) | said << 13
        return super().read(address)

    @property
    def pll_hz(self) -> int:
        select, config, dividers = (self.word(0x5802_4400 + offset) for offset in (0x28, 0x2C, 0x30))
        source = {0: 64 * MHZ, 2: self.source_hz}[bits(select, 0, 2)]
        into = source // bits(select, 4, 6)
        low, high = ((1, 2), (2, 4), (4, 8), (8, 16))[bits(config, 2, 2)]
        assert low * MHZ <= into <= high * MHZ
        oscillator = into * (bits(dividers, 0, 9) + 1)
        assert not config & 2 and 192 * MHZ <= oscillator <= 836 * MHZ and into >= 2 * MHZ  # the wide one
        assert config & 1 << 16 and not config & 1  # P's output on, no fraction
        by = bits(dividers, 9, 7) + 1
        assert by % 2 == 0
        return oscillator // by

    def before_switch(self) -> None:
        assert self.read(self.rcc_cr) & 1 << 25
        hz = self.pll_hz
        d1, d2, d3 = (self.word(0x5802_4418 + offset) for offset in (0, 4, 8))
        axi = hz // halves(bits(d1, 8, 4), 4) // halves(bits(d1, 0, 4), 4)
        assert hz <= 400 * MHZ and axi <= 200 * MHZ and bits(self.word(self.d3cr), 14, 2) == 3
        assert (bits(self.word(self.flash_acr), 0, 4), bits(self.word(self.flash_acr), 4, 2)) == (2, 2)
        for code in (bits(d1, 4, 3), bits(d2, 4, 3), bits(d2, 8, 3), bits(d3, 4, 3)):
            assert axi // halves(code, 3) <= 100 * MHZ

    @property
    def core_hz(self) -> int:
        on_pll = bits(self.read(self.cfgr), 3, 3) == 3
        return (self.pll_hz if on_pll else 64 * MHZ) // halves(bits(self.word(0x5802_4418), 8, 4), 4)

    @property
    def uart_hz(self) -> int:
        bus = self.core_hz // halves(bits(self.word(0x5802_4418), 0, 4), 4)
        return bus // halves(bits(self.word(0x5802_441C), 4, 3), 3)


class L4(Stm32):
    """RM0432."""

    rcc_cr, cfgr, flash_acr, gpio = 0x4002_1000, 0x4002_1008, 0x4002_2000, 0x4800_0000
    enables = (("internal", rcc_cr, 8, 10), ("source", rcc_cr, 16, 17), ("pll", rcc_cr, 24, 25))
    pll_switch = 3
    irqs: ClassVar[dict[int, int]] = {0x4000_8000: 70}
    sr2, cr5 = 0x4000_7014, 0x4000_7080

    def __init__(self, image: Image, dead: frozenset[str]) -> None:
        super().__init__(image, dead)
        self.values |= {self.rcc_cr: 0x63, 0x4000_7000: 0x200, self.cr5: 0x100, self.flash_acr: 0x600}

    def read(self, address: int) -> int:
        if address == self.sr2:
            return int("scale" in self.dead) << 10
        return super().read(address)

    @property
    def pll_hz(self) -> int:
        setting = self.word(0x4002_100C)
        into = {2: 16 * MHZ}[bits(setting, 0, 2)] // (bits(setting, 4, 4) + 1)
        oscillator = into * bits(setting, 8, 7)
        assert 2_660_000 <= into <= 8 * MHZ and 96 * MHZ <= oscillator <= 344 * MHZ and setting & 1 << 24
        return oscillator // (2 * bits(setting, 25, 2) + 2)

    def before_switch(self) -> None:
        assert self.read(self.rcc_cr) & 1 << 25
        hz = self.pll_hz
        assert not self.word(self.cr5) & 1 << 8 and bits(self.word(0x4000_7000), 9, 2) == 1
        assert bits(self.word(self.flash_acr), 0, 4) >= -(-hz // (20 * MHZ)) - 1
        if bits(self.read(self.cfgr), 2, 2) != 3:  # beyond 80 MHz by way of a half
            assert self.written[-1] == (self.cfgr, 8 << 4 | 3)

    @property
    def core_hz(self) -> int:
        on = bits(self.read(self.cfgr), 2, 2)
        return (self.pll_hz if on == 3 else {0: 4 * MHZ, 1: 16 * MHZ}[on]) // halves(
            bits(self.word(self.cfgr), 4, 4), 4
        )

    @property
    def uart_hz(self) -> int:
        assert self.word(0x4002_1088) == 0  # CCIPR: every UART has its bus's clock
        return self.core_hz // halves(bits(self.word(self.cfgr), 8, 3), 3)


class U5(Stm32):
    """RM0456."""

    rcc_cr, cfgr, flash_acr, gpio = 0x4602_0C00, 0x4602_0C1C, 0x4002_2000, 0x4202_0000
    vosr = 0x4602_080C
    irqs: ClassVar[dict[int, int]] = {0x4001_3800: 61}
    enables = (
        ("internal", rcc_cr, 8, 10),
        ("source", rcc_cr, 16, 17),
        ("pll", rcc_cr, 24, 25),
        ("scale", vosr, 17, 15),
        ("booster", vosr, 18, 14),
    )
    pll_switch = 3

    def __init__(self, image: Image, dead: frozenset[str]) -> None:
        super().__init__(image, dead)
        self.values |= {self.rcc_cr: 0x35, 0x4602_0C34: 0x0101_0280}

    def write(self, address: int, value: int) -> None:
        if address == self.vosr and value & 1 << 18:  # the booster beats with the PLL's source
            assert bits(self.word(0x4602_0C28), 0, 2) == 2 and bits(self.word(0x4602_0C28), 12, 4) == 0
        super().write(address, value)

    @property
    def pll_hz(self) -> int:
        config, dividers = self.word(0x4602_0C28), self.word(0x4602_0C34)
        into = {2: 16 * MHZ}[bits(config, 0, 2)] // (bits(config, 8, 4) + 1)
        assert (8 * MHZ < into <= 16 * MHZ) if bits(config, 2, 2) == 3 else (4 * MHZ <= into <= 8 * MHZ)
        oscillator = into * (bits(dividers, 0, 9) + 1)
        assert 128 * MHZ <= oscillator <= 544 * MHZ and config & 1 << 18 and not config & 1 << 4
        return oscillator // (bits(dividers, 24, 7) + 1)

    def before_switch(self) -> None:
        assert self.read(self.rcc_cr) & 1 << 25
        assert self.read(self.vosr) & (3 << 16 | 3 << 14) == 3 << 16 | 3 << 14
        assert bits(self.word(self.flash_acr), 0, 4) >= -(-self.pll_hz // (32 * MHZ)) - 1

    @property
    def core_hz(self) -> int:
        on = bits(self.read(self.cfgr), 2, 2)
        return (self.pll_hz if on == 3 else {0: 4 * MHZ, 1: 16 * MHZ}[on]) // halves(
            bits(self.word(0x4602_0C20), 0, 4), 4
        )

    @property
    def uart_hz(self) -> int:
        assert self.word(0x4602_0CE0) == 0  # CCIPR1: every UART has its bus's clock
        return self.core_hz // halves(bits(self.word(0x4602_0C20), 8, 3), 3)
