"""The addresses, bits, pins and memories of the STM32 ports and boards, against the crate stm32-metapac."""

from __future__ import annotations

import re

import pytest

from edgeq.base.resources import data_dir
from edgeq.boards import load_board, pin
from edgeq.boards.port import load_port

from . import metapac

pytestmark = pytest.mark.slow

BOARDS = {
    "netduinoplus2": "stm32f405rg",
    "nucleo_f446re": "stm32f446re",
    "stm32f746g_disco": "stm32f746ng",
    "nucleo_h743zi": "stm32h743zi",
    "nucleo_l4r5zi": "stm32l4r5zi",
    "nucleo_u575zi_q": "stm32u575zi",
}
OTHERS = {
    "stm32f401re": "stm32f4",
    "stm32f411ce": "stm32f4",
    "stm32f407vg": "stm32f4",
    "stm32f429zi": "stm32f4",
}
"""Chips that a port is for without a board in the catalogue."""
CHIPS = {chip: load_board(board).port for board, chip in BOARDS.items()} | OTHERS

TEMPLATES = data_dir("firmware_templates")
REGISTER = re.compile(r"^#define (RCC|PWR|FLASH|ICACHE)_(\w+) REGISTER\((0x\w+)u\)", re.MULTILINE)
USART_REGISTER = re.compile(r"^#define USART_(\w+) REGISTER\(EDGEQ_UART_ADDRESS \+ (0x\w+)u\)", re.MULTILINE)
FIELD = re.compile(
    r"^#define (RCC|PWR|FLASH|ICACHE|USART)_([A-Z0-9]+)_(\w+?)(?:\(value\) \(\(value\)| \(1u) << (\d+)\)",
    re.MULTILINE,
)
SPELT = {  # as the crate spells what the manuals do not
    ("stm32h7", "PLL1DIVR"): "PLLDIVR",
    ("stm32f4", "PWR_CR"): "CR1",
    ("stm32f4", "PWR_CSR"): "CSR1",
    ("stm32f7", "PWR_CR"): "CR1",
    ("stm32f7", "PWR_CSR"): "CSR1",
}
FIELD_SPELT = {
    "PLL1ON": "PLLON",
    "PLL1RDY": "PLLRDY",
    "DIVM1": "DIVM",
    "PLL1RGE": "PLLRGE",
    "DIVP1EN": "DIVPEN",
    "DIVN1": "PLLN",
    "DIVP1": "PLLP",
    "PLL1SRC": "PLLSRC",
    "PLL1M": "PLLM",
    "PLL1MBOOST": "PLLMBOOST",
    "PLL1REN": "PLLREN",
    "PLL1N": "PLLN",
    "PLL1P": "PLLP",
    "PLL1Q": "PLLQ",
    "PLL1R": "PLLR",
    "ORECF": "ORE",  # ICR has ISR's fields
    "NECF": "NE",
    "FECF": "FE",
}
LACKS = {  # what the crate does not have: chip, register, field or ""
    "stm32f401re": {
        ("PLLCFGR", "PLLR"),
        ("CR", "ODEN"),
        ("CR", "ODSWEN"),
        ("CSR", "ODRDY"),
        ("CSR", "ODSWRDY"),
    },
}

each_chip = pytest.mark.parametrize("chip", CHIPS)


def sources(port: str) -> dict[str, str]:
    paths = [path for path in (TEMPLATES / "ports" / port).iterdir() if path.suffix in (".c", ".h")]
    paths += [
        TEMPLATES / "parts" / name for name in load_port(port).parts if not re.search("systick|cache", name)
    ]
    return {path.name: path.read_text() for path in paths}


def spelt(port: str, peripheral: str, register: str) -> str:
    return SPELT.get((port, register), SPELT.get((port, f"{peripheral}_{register}"), register))


@each_chip
def test_registers(chip: str) -> None:
    port, st = CHIPS[chip], metapac.Chip(chip)
    ours = [found for text in sources(port).values() for found in REGISTER.findall(text)]
    assert len(ours) >= 8
    gpio = st.peripherals["GPIOA"].enable
    assert gpio is not None
    for peripheral, named, address in ours:
        register = gpio[0] if named == "GPIOENR" else named
        if (peripheral, register) == ("PWR", "CR5"):
            continue  # the crate has it for G4 alone: below
        assert st.register(peripheral, spelt(port, peripheral, register))[0] == int(address, 16), register


@each_chip
def test_fields(chip: str) -> None:
    port, st = CHIPS[chip], metapac.Chip(chip)
    uart = str(next(iter(load_port(port).uarts)))
    ours = [found for text in sources(port).values() for found in FIELD.findall(text)]
    assert len(ours) >= 25
    missing = set()
    for peripheral, register, field, bit in ours:
        if register in ("CR5",):
            continue
        fields = st.register(
            uart if peripheral == "USART" else peripheral, spelt(port, peripheral, register)
        )[1]
        name = field if field in fields else FIELD_SPELT.get(field, field)
        if name not in fields:
            missing.add((register, field))
            continue
        assert fields[name] == int(bit), (register, field)
    assert missing <= LACKS.get(chip, set())


def test_cr5_of_l4plus_is_where_g4_has_it() -> None:
    """The crate leaves this register out for L4+. RM0432 5.4 and RM0440 6.4 have it at the same place.

    Its only bit, R1MODE, is compared with nothing: for G4 the crate says bit 0, manual and SVD bit 8.
    """
    g4 = metapac.Chip("stm32g474re")
    address, _ = g4.register("PWR", "CR5")
    assert f"#define PWR_CR5 REGISTER(0x{address:08X}u)" in sources("stm32l4")["edgeq_stm32l4_clock.c"]
    assert metapac.Chip("stm32l4r5zi").peripherals["PWR"].address == g4.peripherals["PWR"].address


@each_chip
def test_uarts(chip: str) -> None:
    port, st = CHIPS[chip], metapac.Chip(chip)
    found = 0
    for name, keys in load_port(port).uarts.items():
        if name not in st.peripherals:
            continue  # smaller chips have fewer
        found += 1
        peripheral = st.peripherals[name]
        assert peripheral.address == keys["address"]
        assert peripheral.interrupts == (keys["irq"],)
        assert peripheral.enable is not None
        address, fields = st.register("RCC", peripheral.enable[0])
        assert (address, fields[peripheral.enable[1]]) == (keys["enable"], keys["enable_bit"])
        for text in sources(port).values():
            for register, offset in USART_REGISTER.findall(text):
                assert st.register(name, register)[0] - peripheral.address == int(offset, 16)
    assert found >= 3


@each_chip
def test_gpio(chip: str) -> None:
    port, st = CHIPS[chip], metapac.Chip(chip)
    texts = sources(port)
    base = int(re.search(r"GPIO_ADDRESS (0x\w+)u", texts["edgeq_stm32_family.h"])[1], 16)  # type: ignore[index]
    assert "REGISTER(GPIO_ADDRESS + 0x400u * (port) + (offset))" in texts["edgeq_stm32.c"]
    ports = {name[4]: one for name, one in st.peripherals.items() if re.fullmatch("GPIO[A-K]", name)}
    assert len(ports) >= 5
    for letter, one in ports.items():
        number = ord(letter) - ord("A")
        assert one.address == base + 0x400 * number
        assert one.enable is not None
        assert st.register("RCC", one.enable[0])[1][one.enable[1]] == number
    for register, offset in re.findall(r"#define GPIO_(\w+) (0x\w\w)u", texts["edgeq_stm32.c"]):
        theirs = st.register("GPIOA", "AFR" if register == "AFRL" else register)
        assert theirs[0] - ports["A"].address == int(offset, 16), register


@pytest.mark.parametrize("port", sorted(set(CHIPS.values())))
def test_what_is_compared_is_all_there_is(port: str) -> None:
    for text in sources(port).values():
        for line in text.splitlines():
            if re.search(r"0x[45][0-9A-Fa-f]{7}u?\b", line):
                assert REGISTER.match(line) or line.startswith("#define GPIO_ADDRESS"), line
        for line in re.findall(
            r"^#define (?:RCC|PWR|FLASH|ICACHE|USART)_[A-Z0-9]+_\w+.*<<.*$", text, re.MULTILINE
        ):
            assert FIELD.match(line), line


@pytest.mark.parametrize("board", BOARDS)
def test_memory_and_pins(board: str) -> None:
    ours, st = load_board(board), metapac.Chip(BOARDS[board])
    for kind, region in (("Flash", ours.flash), ("Ram", ours.ram)):
        assert region is not None
        end = region.address
        for of, address, size in st.memory:
            if of == kind and address == end:
                end += size
        assert end == region.end, kind
    console = ours.console
    for name, signal in ((console.tx, "TX"), (console.rx, "RX")):
        assert name is not None
        assert st.peripherals[str(console.uart)].pins[name, signal] == console.alternate
        assert pin(name).port < 11
