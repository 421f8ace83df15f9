"""picotool, for Raspberry Pi's chips in their bootloader."""

from __future__ import annotations

from typing import Literal

from edgeq.boards.flashing.complaints import ACCESS, NO_PROBE, TWO_PROBES
from edgeq.boards.flashing.runner import BOOTSEL, BUILT, ELF, Aim, Device, Program


class Picotool(Program):
    """picotool, for Raspberry Pi's chips in their bootloader."""

    order = 50
    program = "picotool"
    form = ELF
    install = (
        "install picotool: apt-get install picotool where the system has it, else "
        "https://github.com/raspberrypi/picotool"
    )
    version = ("version",)
    boots_itself = True
    words = (
        *ACCESS,
        (r"[Mm]ultiple .*devices? .*BOOTSEL", TWO_PROBES),
        (r"No accessible .*BOOTSEL", NO_PROBE),
    )

    runner: Literal["picotool"]

    @property
    def usb_ids(self) -> tuple[str, ...]:
        """Of the boot ROMs."""
        return BOOTSEL

    def is_for(self, device: Device) -> bool:
        """The boot ROMs."""
        return device.usb in BOOTSEL

    def write(self, aim: Aim) -> list[str]:
        """With verifying, and starting."""
        # by its place: the boot ROM of every RP2040 has the same serial number
        device = aim.device
        known = device is not None and bool(device.address)
        where = ["--bus", str(device.bus), "--address", str(device.address)] if device and known else []
        return ["load", "-v", "-x", ELF, *where]

    def by_hand(self, origin: int) -> str:
        """picotool takes the ELF."""
        return f"picotool load -x {BUILT}{ELF}"
