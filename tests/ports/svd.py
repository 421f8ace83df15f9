"""CMSIS-SVD, a chip's registers as its maker publishes them: what tests compare with."""

from __future__ import annotations

import functools
import io
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PYOCD = "pyocd==0.46.0"
"""Its wheel on PyPI brings Nordic's files."""
CRATES = {
    "rp2040-pac": "0.6.0",
    "rp235x-pac": "0.2.0",
    "stm32-metapac": "21.0.0",
    "nrf-pac": "0.4.0",
}
"""On crates.io: Raspberry Pi's; ST's, in a form of its own (metapac.py); newer ones of Nordic's, as Rust."""
_TIMEOUT = 300


@dataclass
class Svd:
    """Registers by PERIPHERAL_REGISTER, their fields by name, interrupts by name.

    Attributes:
        registers: addresses.
        fields: by register and field, the lowest bit.
        values: by register, the values that its fields have names for.
        interrupts: numbers.
    """

    registers: dict[str, int] = field(default_factory=dict)
    fields: dict[tuple[str, str], int] = field(default_factory=dict)
    values: dict[str, dict[str, int]] = field(default_factory=dict)
    interrupts: dict[str, int] = field(default_factory=dict)


def parse(text: str) -> Svd:
    """All of a file."""
    root = ET.fromstring(text)
    peripherals = {one.findtext("name", ""): one for one in root.iter("peripheral")}
    found = Svd()
    for name, one in peripherals.items():
        for interrupt in one.iter("interrupt"):
            found.interrupts[interrupt.findtext("name", "")] = _number(interrupt.findtext("value"))
        source = one
        while source.find("registers") is None and source.get("derivedFrom"):
            source = peripherals[source.get("derivedFrom", "")]
        registers = source.find("registers")
        if registers is not None:
            _collect(found, registers, name, _number(one.findtext("baseAddress")))
    return found


def _number(text: str | None) -> int:
    return int((text or "0").replace("#", "0b"), 0)


def _collect(found: Svd, parent: ET.Element, prefix: str, base: int) -> None:
    for node in parent:
        if node.tag not in ("register", "cluster"):
            continue
        for name, offset in _instances(node):
            full, address = f"{prefix}_{name}", base + offset
            if node.tag == "cluster":
                _collect(found, node, full, address)
                continue
            found.registers[full] = address
            for bits in node.iter("field"):
                place = bits.findtext("bitOffset") or bits.findtext("lsb")
                if place is None:
                    place = bits.findtext("bitRange", "[:0]").strip("[]").split(":")[1]
                found.fields[full, bits.findtext("name", "").upper()] = _number(place)
                for value in bits.iter("enumeratedValue"):
                    named = found.values.setdefault(full, {})
                    named[value.findtext("name", "")] = _number(value.findtext("value"))


def _instances(node: ET.Element) -> Iterator[tuple[str, int]]:
    """Name and offset; of an array, each element's, counted from 0."""
    name, offset = node.findtext("name", ""), _number(node.findtext("addressOffset"))
    if node.find("dim") is None:
        yield name, offset
        return
    step = _number(node.findtext("dimIncrement"))
    for index in range(_number(node.findtext("dim"))):
        yield name.replace("[%s]", str(index)).replace("%s", str(index)), offset + index * step


@functools.cache
def nordic(name: str) -> Svd:
    """``nrf51``, ``nrf52833`` or ``nrf52840``; the test is skipped where PyPI is out of reach."""
    with zipfile.ZipFile(io.BytesIO(_pyocd_archive())) as archive:
        return parse(archive.read(f"{name}.svd").decode())


@functools.cache
def _pyocd_archive() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _run([sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "-d", folder, PYOCD], folder)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read("pyocd/debug/svd/svd_data.zip")


@functools.cache
def raspberry_pi(crate: str, file: str) -> Svd:
    """The file of a crate."""
    return parse((crate_folder(crate) / "svd" / file).read_text())


@functools.cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="edgeq-crates-")


@functools.cache
def crate_folder(crate: str) -> Path:
    """A crate's files; the test is skipped where there is no cargo, or crates.io is out of reach."""
    cargo = shutil.which("cargo") or shutil.which("cargo", path=str(Path.home() / ".cargo" / "bin"))
    if cargo is None:
        pytest.skip("no cargo to get a crate with (rustup.rs)")
    place = Path(_kept().name) / crate
    (place / "src").mkdir(parents=True, exist_ok=True)
    (place / "src" / "lib.rs").write_text("")
    (place / "Cargo.toml").write_text(
        '[package]\nname = "registers"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n'
        f'{crate} = "={CRATES[crate]}"\n'
    )
    _run([cargo, "vendor", "--quiet"], str(place))
    return place / "vendor" / crate


def _run(command: list[str], folder: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, env=os.environ, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{command[0]} got no answer in {_TIMEOUT} s")
    if done.returncode:
        pytest.skip(f"the registry is out of reach: {done.stderr.strip()[-300:]}")
