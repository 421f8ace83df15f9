"""dfu-util, for chips in their USB bootloader."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgeq.boards.flashing.complaints import ACCESS, NO_PROBE, TWO_PROBES
from edgeq.boards.flashing.runner import BIN, BUILT, Aim, Device, Program, serial_option
from edgeq.boards.strict import UsbId


class DfuUtil(Program):
    """dfu-util, for chips in their USB bootloader; ``usb`` is the bootloader's id."""

    order = 90
    program = "dfu-util"
    form = BIN
    install = "sudo apt-get install dfu-util"
    boots_itself = True
    words = (
        *ACCESS,
        (r"More than one DFU capable", TWO_PROBES),
        (r"No DFU capable USB device", NO_PROBE),
    )

    runner: Literal["dfu-util"]
    usb: UsbId
    alt: int = Field(default=0, ge=0, le=255)

    @property
    def usb_ids(self) -> tuple[str, ...]:
        """Of the bootloader."""
        return (self.usb,)

    def is_for(self, device: Device) -> bool:
        """The bootloader."""
        return device.usb == self.usb

    def write(self, aim: Aim) -> list[str]:
        """With starting."""
        place = f"0x{aim.start:08x}:leave"
        serial = serial_option(aim, "--serial")
        return ["--device", self.usb, *serial, "--alt", str(self.alt), "--dfuse-address", place, "-D", BIN]

    def by_hand(self, origin: int) -> str:
        """It takes plain bytes, and wants to be told where they go."""
        return f"dfu-util -d {self.usb} -a {self.alt} -s 0x{origin:08x}:leave -D {BUILT}{BIN}"
