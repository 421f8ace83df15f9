"""bossac, for Arduino's bootloader."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgeq.boards.flashing.complaints import ACCESS, NO_PROBE
from edgeq.boards.flashing.runner import BIN, BUILT, Aim, Device, Program


class Bossac(Program):
    """bossac, for Arduino's bootloader; ``offset`` is where in flash the bootloader puts the firmware."""

    order = 80
    program = "bossac"
    form = BIN
    install = "sudo apt-get install bossa-cli"
    version = ("--help",)
    boots_itself = True
    words = (*ACCESS, (r"No device found", NO_PROBE))

    runner: Literal["bossac"]
    offset: int = Field(default=0, ge=0, lt=1 << 32)

    def is_for(self, device: Device) -> bool:
        """Whatever has a serial port."""
        return bool(device.ports)

    def write(self, aim: Aim) -> list[str]:
        """With starting."""
        port = aim.device.ports[0] if aim.device is not None and aim.device.ports else None
        where = [f"--port={port}"] if port else []
        offset = [f"--offset=0x{self.offset:x}"] if self.offset else []
        return [*where, *offset, "--erase", "--write", "--reset", BIN]

    def by_hand(self, origin: int) -> str:
        """It takes plain bytes."""
        return f"bossac -i -e -o 0x{self.offset:x} -w {BUILT}{BIN} -R"
