"""What the device's machine has, as the worker found it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_RUNTIME = re.compile(r"RuntimeVersion\((\d+)\)")
_INTERPRETERS = ("ai-edge-litert", "tflite-runtime", "tensorflow")
_SUPER_SPEED = 5000


@dataclass(frozen=True)
class Usb:
    """A stick: its ids, its state, its link in Mbit/s (None where unknown), whether the user may open it."""

    id: str
    state: str
    mbps: float | None
    node: str
    allowed: bool

    @property
    def is_slow(self) -> bool:
        """Whether it hangs on USB 2, eight times slower than USB 3."""
        return self.mbps is not None and self.mbps < _SUPER_SPEED

    @property
    def link(self) -> str:
        """Its link in words."""
        if self.mbps is None:
            return "USB, speed unknown"
        return f"USB {2 if self.is_slow else 3}, {self.mbps:g} Mbit/s"


@dataclass(frozen=True)
class Pci:
    """A card: its device file, empty without the driver; its link; degrees Celsius where the sensor is on."""

    node: str
    link: str
    allowed: bool
    temperature: float | None


@dataclass(frozen=True)
class Host:
    """A machine.

    Attributes:
        python, machine, system, numpy: versions and names; ``numpy`` is empty where it is missing.
        packages: version by name of each interpreter that can be imported.
        library: whether libedgetpu loads.
        library_error: why it does not.
        library_version: what it says of itself.
        usb, pci: the devices.
        page_size: bytes of a page of its memory; 0 where it does not say.
    """

    python: str
    machine: str
    system: str
    numpy: str
    packages: Mapping[str, str]
    library: bool
    library_error: str
    library_version: str
    usb: tuple[Usb, ...]
    pci: tuple[Pci, ...]
    page_size: int = 0

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Host:
        """From the worker's answer."""
        library = told["library"]
        return cls(
            python=str(told["python"]),
            machine=str(told["machine"]),
            system=str(told["system"]),
            numpy=str(told["numpy"]),
            packages={str(k): str(v) for k, v in told["packages"].items()},
            library=bool(library["found"]),
            library_error=str(library["error"]),
            library_version=str(library["version"]),
            usb=tuple(Usb(**one) for one in told["usb"]),
            pci=tuple(Pci(**one) for one in told["pci"]),
            page_size=int(told.get("page_size", 0)),
        )

    @property
    def is_old_python(self) -> bool:
        """Whether its Python is older than 3.9, for which there is no ai-edge-litert."""
        major, minor, *_ = (int(part) for part in re.findall(r"\d+", f"{self.python}.0")[:2])
        return (major, minor) < (3, 9)

    @property
    def is_numpy_too_new(self) -> bool:
        """Whether its interpreter is tflite-runtime, which numpy 2 breaks."""
        return self.interpreter.startswith("tflite-runtime") and self.numpy.split(".")[0] not in (
            "",
            "0",
            "1",
        )

    @property
    def interpreter(self) -> str:
        """The package that runs models there; empty where none does."""
        name = next((name for name in _INTERPRETERS if name in self.packages), "")
        return f"{name} {self.packages[name]}".strip() if name else ""

    @property
    def runtime_version(self) -> int | None:
        """The newest package version that the library runs; None where it does not say."""
        found = _RUNTIME.search(self.library_version)
        return int(found.group(1)) if found else None

    @property
    def has_device(self) -> bool:
        """Whether a device is plugged in, whether or not it can be used."""
        return bool(self.usb or self.pci)

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices that can be used, as the delegate names them: cards first."""
        cards = [card for card in self.pci if card.node and card.allowed]
        sticks = [stick for stick in self.usb if stick.allowed]
        return (*(f"pci:{i}" for i in range(len(cards))), *(f"usb:{i}" for i in range(len(sticks))))

    @property
    def is_card(self) -> bool:
        """Whether the device that the delegate takes is a card on PCIe."""
        return any(card.node for card in self.pci) or bool(self.pci and not self.usb)

    @property
    def link(self) -> str:
        """The link of the device that the delegate takes first; empty without one."""
        for card in self.pci:
            if card.node:
                return f"PCIe, {card.link}" if card.link else "PCIe"
        return self.usb[0].link if self.usb else ""

    @property
    def temperature(self) -> float | None:
        """Degrees Celsius of the first device that tells."""
        return next((card.temperature for card in self.pci if card.temperature is not None), None)
