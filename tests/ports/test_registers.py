"""The addresses and bits in Nordic's and Raspberry Pi's ports, against the register files of the makers.

What is read: each constant of the C that stands for a register, by the name that the maker gives it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edgeq.base.resources import data_dir
from edgeq.boards.port import load_port

from . import svd
from .svd import Svd

pytestmark = pytest.mark.slow

TEMPLATES = data_dir("firmware_templates")
DEFINE = re.compile(r"^#define (\w+) (.+?)(?: /\*.*)?$", re.MULTILINE)
PLACED = re.compile(r"REGISTER|UARTE?\(|EDGEQ_RP_[A-Z]|EDGEQ_UART_ADDRESS")
COMPARED = ("edgeq_rp.c", "edgeq_nordic_timer.c")
"""The parts that the ports of these chips share, and which have registers of the chips'."""
PERIPHERALS = range(0x1000_0000, 0xE000_0000)

CHIPS = {
    "nrf51": ("nrf51", ["edgeq_nrf51_port.c"], lambda: svd.nordic("nrf51")),
    "nrf52833": ("nrf52", ["edgeq_nrf52_port.c"], lambda: svd.nordic("nrf52833")),
    "nrf52840": ("nrf52", ["edgeq_nrf52_port.c"], lambda: svd.nordic("nrf52840")),
    "rp2040": ("rp2040", ["edgeq_rp_chip.h"], lambda: svd.raspberry_pi("rp2040-pac", "rp2040.svd")),
    "rp2350": ("rp2350", ["edgeq_rp_chip.h"], lambda: svd.raspberry_pi("rp235x-pac", "RP2350.svd")),
}


each_chip = pytest.mark.parametrize("chip", CHIPS)


def makers_of(chip: str) -> Svd:
    """What the maker says."""
    return CHIPS[chip][2]()


def defines(chip: str) -> dict[str, str]:
    port, files, _ = CHIPS[chip]
    paths = [TEMPLATES / "ports" / port / name for name in files]
    paths += [TEMPLATES / "parts" / name for name in load_port(port).parts if name in COMPARED]
    return {name: body for path in paths for name, body in DEFINE.findall(Path(path).read_text())}


def value(body: str, known: dict[str, str], uart: int) -> int:
    """A constant's, by the C's own arithmetic, for a UART at that address."""
    body = re.sub(r"\bUARTE?\(", "EDGEQ_UART_ADDRESS + (", body).replace("EDGEQ_UART_ADDRESS", str(uart))
    body = re.sub(r"\bREGISTER\(", "(", body)
    while names := re.findall(r"\b[A-Z_]\w*", body):
        for name in names:
            body = re.sub(rf"\b{name}\b", f"({known[name]})", body)
    body = re.sub(r"\b(0x[0-9A-Fa-f]+|\d+)u\b", r"\1", body)
    assert re.fullmatch(r"[0-9a-fA-Fx()<|+* ]+", body), body
    return int(eval(body))


def registers(chip: str, name: str) -> dict[str, int]:
    """What the C says for the UART of that name."""
    known = defines(chip)
    address = load_port(CHIPS[chip][0]).uarts[name]["address"]
    found = {}
    for register, body in known.items():
        if PLACED.match(body.strip("(")) and not re.fullmatch(r"EDGEQ_\w+|REGISTER|UARTE?", register):
            place = value(body, known, address)
            if place in PERIPHERALS:
                found[re.sub(r"^UARTE?_", f"{name}_", register)] = place
    return found


@each_chip
def test_every_register_is_where_the_maker_has_it(chip: str) -> None:
    makers = makers_of(chip)
    for uart in load_port(CHIPS[chip][0]).uarts:
        ours = registers(chip, uart)
        ours.pop("APPROTECT_DISABLE", None)  # newer than these files: the next test
        assert len(ours) > 20
        assert sum(name.startswith(uart) for name in ours) >= 8
        assert ours == {name: makers.registers.get(name) for name in ours}


@pytest.mark.parametrize("name", ["nrf52833", "nrf52840"])
def test_access_port_protection(name: str) -> None:
    text = (svd.crate_folder("nrf-pac") / "src" / "chips" / name / "pac.rs").read_text()
    assert registers(name, "UARTE0")["APPROTECT_DISABLE"] == 0x4000_0558
    assert re.search(r"const APPROTECT: [^=]+=\s*unsafe {[^}]*0x4000_0000usize", text)
    assert re.search(r"fn disable\(self\)[^{]*{\s*unsafe {[^}]*0x0558usize", text)
    assert "SwDisable: Self = Self(0x5a)" in text and "HwDisabled: Self = Self(0x5a)" in text


@each_chip
def test_what_the_test_reads_is_all_there_is(chip: str) -> None:
    """No address of a peripheral stands in the C but in a constant that was compared."""
    port = CHIPS[chip][0]
    files = [TEMPLATES / "parts" / name for name in load_port(port).parts if name in COMPARED]
    if not port.startswith("rp"):
        files.append(TEMPLATES / "ports" / port / CHIPS[chip][1][0])
    allowed = {"GPIO_OUTSET", "GPIO_PIN_CNF"}  # with parameters: the next test
    for path in files:
        for line in path.read_text().splitlines():
            if re.search(r"0x[45][0-9A-Fa-f]{7}u?\b", line):
                match = re.match(r"#define (\w+)", line)
                assert match, line
                assert match[1] in allowed or match[1] in {*defines(chip)}, line


@pytest.mark.parametrize("name", ["nrf52833", "nrf52840"])
def test_gpio_of_nrf52(name: str) -> None:
    makers, text = svd.nordic(name).registers, (TEMPLATES / "ports/nrf52/edgeq_nrf52_port.c").read_text()
    assert "GPIO_OUTSET(port) REGISTER(0x50000508u + 0x300u * (port))" in text
    assert "GPIO_PIN_CNF(port, pin) REGISTER(0x50000700u + 0x300u * (port) + 4u * (pin))" in text
    for port in (0, 1):
        assert makers[f"P{port}_OUTSET"] == 0x5000_0508 + 0x300 * port
        for pin in (0, 3, 8, 10):
            if f"P{port}_PIN_CNF{pin}" in makers:  # the nRF52833 has P1.00 to P1.09
                assert makers[f"P{port}_PIN_CNF{pin}"] == 0x5000_0700 + 0x300 * port + 4 * pin
    assert f"P1_PIN_CNF{8 if name == 'nrf52833' else 10}" in makers


@each_chip
def test_baud_rates_are_the_makers(chip: str) -> None:
    makers = makers_of(chip)
    port = load_port(CHIPS[chip][0])
    for uart in port.uarts if port.bauds else ():
        named = makers.values.get(f"{uart}_BAUDRATE")
        assert named, uart
        theirs = {name.removeprefix("Baud").replace("1M", "1000000"): code for name, code in named.items()}
        assert dict(port.bauds) == theirs


@pytest.mark.parametrize("chip", ["rp2040", "rp2350"])
def test_bits_of_raspberry_pi(chip: str) -> None:
    makers = makers_of(chip)
    known = defines(chip)
    for name in ("IO_BANK0", "PADS_BANK0", "PLL_SYS"):
        ours = value(known[f"EDGEQ_RP_RESET_{name}"], known, 0)
        assert makers.fields["RESETS_RESET", name] == makers.fields["RESETS_RESET_DONE", name] == ours
    for uart, keys in load_port(chip).uarts.items():
        assert makers.fields["RESETS_RESET", uart] == keys["reset"]
    whole = value(known["EDGEQ_RP_DIV_INT"], known, 0)
    assert makers.fields["CLOCKS_CLK_SYS_DIV", "INT"] == makers.fields["CLOCKS_CLK_REF_DIV", "INT"] == whole
    pads = {"PAD_TX": ("IE", "SCHMITT", "PDE"), "PAD_RX": ("IE", "SCHMITT", "PUE")}
    for pad, names in pads.items():
        drive = 1 << makers.fields["PADS_BANK0_GPIO0", "DRIVE"]
        bits = sum(1 << makers.fields["PADS_BANK0_GPIO0", name] for name in names)
        assert value(known[pad], known, 0) == bits + drive
    source = makers.fields["CLOCKS_CLK_PERI_CTRL", "ENABLE"]
    assert value(known["CLK_PERI_FROM_SYS"], known, 0) == 1 << source
    enable, span = (makers.fields["XOSC_CTRL", name] for name in ("ENABLE", "FREQ_RANGE"))
    named = makers.values["XOSC_CTRL"]
    assert value(known["XOSC_ENABLE"], known, 0) == named["ENABLE"] << enable | named["1_15MHZ"] << span


@pytest.mark.parametrize("chip", [chip for chip in CHIPS if chip.startswith("nrf")])
def test_interrupts_of_nordic(chip: str) -> None:
    theirs = makers_of(chip).interrupts
    for uart, keys in load_port(CHIPS[chip][0]).uarts.items():
        assert keys["irq"] == next(number for name, number in theirs.items() if uart in name.split("_"))
    asks, event = ("RXDRDY", 0x108) if chip == "nrf51" else ("ENDRX", 0x110)
    uart = next(iter(load_port(CHIPS[chip][0]).uarts))
    bit = makers_of(chip).fields[f"{uart}_INTENSET", asks]
    assert bit == (event - 0x100) // 4
    known = defines(chip)
    assert value(known[f"INTERRUPT_{asks}"], known, 0) == 1 << bit


@pytest.mark.parametrize("chip", ["rp2040", "rp2350"])
def test_interrupts_of_raspberry_pi(chip: str) -> None:
    theirs = makers_of(chip).interrupts
    for uart, keys in load_port(chip).uarts.items():
        assert keys["irq"] == theirs[f"{uart}_IRQ"]
    fields, known = makers_of(chip).fields, defines(chip)
    asks = (1 << fields["UART0_UARTIMSC", name] for name in ("RXIM", "RTIM"))
    assert value(known["UARTIMSC_RX"], known, 0) == sum(asks)


@pytest.mark.parametrize("chip", [chip for chip in CHIPS if chip.startswith("nrf")])
def test_timer_of_nordic(chip: str) -> None:
    makers, text = makers_of(chip), (TEMPLATES / "parts" / "edgeq_nordic_timer.h").read_text()
    assert f"#define EDGEQ_TIMER_IRQ {makers.interrupts['TIMER0']}\n" in text
    known = defines(chip)
    assert value(known["COMPARE1"], known, 0) == 1 << makers.fields["TIMER0_INTENSET", "COMPARE1"]
